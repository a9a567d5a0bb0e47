import { Malformed } from '#codec/malformed.ts'
import type { Conn } from '#sensor/conn.ts'
import { readDocument, writeDocument } from './bson.ts'
import { compress, decompress } from './compress.ts'
import { crc32c } from './crc32c.ts'
import { type Doc, isArray } from './value.ts'

/** MongoDB's wire protocol (mongodb.com/docs/manual/reference/mongodb-wire-protocol), all little-endian. */

/** Bytes of a message: MaxMessageSizeBytes is 48 MB, of which nobody here needs more than a third. */
export const MESSAGE = 17 << 20
export const OP = {
  reply: 1,
  update: 2001,
  insert: 2002,
  query: 2004,
  getMore: 2005,
  delete: 2006,
  killCursors: 2007,
  compressed: 2012,
  msg: 2013,
} as const
const HEADER = 16
/** Documents of one message. */
const DOCUMENTS = 100_000

export type Frame = {
  /** The header as it came, which a checksum covers. */
  head: Buffer
  id: number
  op: number
  body: Buffer
  /** The number of the compressor that it came with, and its answer goes with. */
  compressor: number | undefined
}
/** The bytes of an HTTP request's first word, which are no length. */
export const isHttp = (head: Buffer): boolean => head.toString('latin1', 0, 4) === 'GET '

/** The next message; `conn.keep(-body.length)` when done with it. */
export async function readFrame(conn: Conn, most: number): Promise<Frame> {
  const head = await conn.read(HEADER)
  const length = head.readInt32LE(0)
  if (length < HEADER || length > most) throw new Malformed(`A message of ${length} bytes`)
  const [id, op] = [head.readInt32LE(4), head.readInt32LE(12)]
  const body = await readBytes(conn, length - HEADER)
  if (op !== OP.compressed) return { head, id, op, body, compressor: undefined }
  // int32 originalOpcode, int32 uncompressedSize, uint8 compressorId, data
  if (body.length < 9) throw new Malformed('A compressed message without its fields')
  const size = body.readInt32LE(4)
  if (size < 0 || size > most) throw new Malformed(`A message of ${size} bytes, compressed`)
  const plain = decompress(body[8]!, body.subarray(9), size)
  conn.keep(plain.length - body.length)
  return { head, id, op: body.readInt32LE(0), body: plain, compressor: body[8]! }
}

async function readBytes(conn: Conn, length: number): Promise<Buffer> {
  const all = Buffer.allocUnsafe(Math.min(length, 64 << 10))
  let room = all
  let at = 0
  while (at < length) {
    const piece = await conn.readSome(Math.min(length - at, 64 << 10))
    conn.keep(piece.length)
    if (at + piece.length > room.length) {
      // Grows with what has come, not with what was announced.
      const grown = Buffer.allocUnsafe(Math.min(length, 2 * (at + piece.length)))
      room.copy(grown, 0, 0, at)
      room = grown
    }
    piece.copy(room, at)
    at += piece.length
  }
  return room.subarray(0, length)
}

const CHECKSUM = 1
const MORE = 2
const EXHAUST = 1 << 16
type Msg = {
  body: Doc
  checksum: boolean
  /** The client waits for no answer (an unacknowledged write). */
  moreToCome: boolean
  /** It takes several answers to this one. */
  exhaust: boolean
}

/** OP_MSG: `uint32 flags, section*, [uint32 CRC-32C]`; a section is 0 and a document, or 1, a length, a name and documents. */
export function readMsg({ head, body }: Frame): Msg {
  if (body.length < 5) throw new Malformed('An OP_MSG without flags or sections')
  const flags = body.readUInt32LE(0)
  if ((flags & 0xfffc) !== 0) throw new Malformed(`OP_MSG flags ${flags.toString(16)}`)
  const checksum = (flags & CHECKSUM) !== 0
  const end = body.length - (checksum ? 4 : 0)
  if (checksum) verify(head, body, end)
  let found: Doc | undefined
  const sequences: [string, Doc[]][] = []
  for (let at = 4; at < end; ) {
    const kind = body[at++]!
    if (kind === 0) {
      const { doc, end: next } = readDocument(body.subarray(0, end), at)
      if (found) throw new Malformed('An OP_MSG of two bodies')
      found = doc
      at = next
    } else if (kind === 1) {
      const { name, docs, next } = readSequence(body.subarray(0, end), at)
      sequences.push([name, docs])
      at = next
    } else throw new Malformed(`An OP_MSG section of kind ${kind}`)
  }
  if (!found) throw new Malformed('An OP_MSG without a body')
  for (const [name, docs] of sequences) {
    const before = found.get(name)
    found.set(name, isArray(before) ? [...before, ...docs] : docs)
  }
  return { body: found, checksum, moreToCome: (flags & MORE) !== 0, exhaust: (flags & EXHAUST) !== 0 }
}

function verify(head: Buffer, body: Buffer, end: number): void {
  if (end < 4 || crc32c(Buffer.concat([head, body.subarray(0, end)])) !== body.readUInt32LE(end))
    throw new Malformed('An OP_MSG whose checksum does not match')
}

function readSequence(body: Buffer, start: number): { name: string; docs: Doc[]; next: number } {
  if (start + 4 > body.length) throw new Malformed('A document sequence without a length')
  const next = start + body.readInt32LE(start)
  const nul = body.indexOf(0, start + 4)
  if (next > body.length || nul < 0 || nul >= next) throw new Malformed('A document sequence beyond its message')
  const docs: Doc[] = []
  for (let at = nul + 1; at < next; ) {
    const { doc, end } = readDocument(body.subarray(0, next), at)
    docs.push(doc)
    at = end
    if (docs.length > DOCUMENTS) throw new Malformed('Too many documents')
  }
  return { name: body.toString('latin1', start + 4, nul), docs, next }
}

type Query = {
  collection: string
  skip: number
  count: number
  query: Doc
  fields: Doc | undefined
  flags: number
}
/** OP_QUERY: `int32 flags, cstring collection, int32 skip, int32 count, document query, [document fields]`. */
export function readQuery(body: Buffer): Query {
  const nul = body.indexOf(0, 4)
  if (nul < 0 || body.length < nul + 14) throw new Malformed('An OP_QUERY without its fields')
  const { doc, end } = readDocument(body, nul + 9)
  return {
    flags: body.readInt32LE(0),
    collection: body.toString('latin1', 4, nul),
    skip: body.readInt32LE(nul + 1),
    count: body.readInt32LE(nul + 5),
    query: doc,
    fields: end < body.length ? readDocument(body, end).doc : undefined,
  }
}

/** What OP_INSERT, OP_UPDATE, OP_DELETE and OP_GET_MORE have: a number, a collection, another number, documents. */
export function readLegacy(
  op: number,
  body: Buffer,
): { collection: string; flags: number; cursor: bigint; docs: Doc[] } {
  const nul = body.indexOf(0, 4)
  if (nul < 0) throw new Malformed(`An opcode ${op} without a collection`)
  let at = nul + 1
  let flags = body.readInt32LE(0)
  let cursor = 0n
  if (op === OP.getMore) {
    if (body.length < at + 12) throw new Malformed('An OP_GET_MORE without a cursor')
    flags = body.readInt32LE(at)
    cursor = body.readBigInt64LE(at + 4)
    at = body.length
  } else if (op !== OP.insert) {
    if (body.length < at + 4) throw new Malformed(`An opcode ${op} without flags`)
    flags = body.readInt32LE(at)
    at += 4
  }
  const docs: Doc[] = []
  while (at < body.length && docs.length < DOCUMENTS) {
    const { doc, end } = readDocument(body, at)
    docs.push(doc)
    at = end
  }
  return { collection: body.toString('latin1', 4, nul), flags, cursor, docs }
}

type Answering = { id: number; to: number; compressor: number | undefined; checksum?: boolean; more?: boolean }

/** An OP_MSG of one document. */
export function msg(doc: Doc, how: Answering): Buffer {
  const flags = Buffer.alloc(5)
  flags.writeUInt32LE((how.checksum ? CHECKSUM : 0) | (how.more ? MORE : 0))
  const body = Buffer.concat([flags, writeDocument(doc)])
  if (!how.checksum || how.compressor !== undefined) {
    body[0]! &= ~CHECKSUM
    return framed(OP.msg, body, how)
  }
  const whole = framed(OP.msg, Buffer.concat([body, Buffer.alloc(4)]), how)
  whole.writeUInt32LE(crc32c(whole.subarray(0, -4)), whole.length - 4)
  return whole
}

/** OP_REPLY: `int32 flags, int64 cursor, int32 from, int32 count, document*`; flag 8 says that awaiting is known, 2 failure. */
export function reply(
  docs: readonly Doc[],
  how: Answering & { flags?: number; cursor?: bigint; from?: number },
): Buffer {
  const head = Buffer.alloc(20)
  head.writeInt32LE(how.flags ?? 8, 0)
  head.writeBigInt64LE(how.cursor ?? 0n, 4)
  head.writeInt32LE(how.from ?? 0, 12)
  head.writeInt32LE(docs.length, 16)
  return framed(OP.reply, Buffer.concat([head, ...docs.map(writeDocument)]), how)
}

function framed(op: number, body: Buffer, { id, to, compressor }: Answering): Buffer {
  if (compressor === undefined) return Buffer.concat([header(HEADER + body.length, id, to, op), body])
  const packed = compress(compressor, body)
  const fields = Buffer.alloc(9)
  fields.writeInt32LE(op, 0)
  fields.writeInt32LE(body.length, 4)
  fields[8] = compressor
  return Buffer.concat([header(HEADER + 9 + packed.length, id, to, OP.compressed), fields, packed])
}
function header(length: number, id: number, to: number, op: number): Buffer {
  const head = Buffer.alloc(HEADER)
  head.writeInt32LE(length, 0)
  head.writeInt32LE(id | 0, 4)
  head.writeInt32LE(to, 8)
  head.writeInt32LE(op, 12)
  return head
}
