import zlib from 'node:zlib'
import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#sensor/endings.ts'
import { int16, int32, int64, readZigzag, zigzag } from './wire.ts'

/** Record batches (magic 2, KIP-98) and the message sets before them, as they lie in a partition's log. */

/** Bytes that a compressed batch may come to, and records of one that are looked at. */
const UNPACKED = 1 << 20
const RECORDS = 5000
/** Bytes in front of a batch's records. */
const HEAD = 61

export type Batch = { base: bigint; last: bigint; newest: bigint; bytes: Buffer }
export type KafkaRecord = { key: Buffer | null; value: Buffer | null; timestamp: number }

const crcTable = Array.from({ length: 256 }, (_, n) => {
  let c = n
  for (let k = 0; k < 8; k++) c = c & 1 ? (c >>> 1) ^ 0x82f63b78 : c >>> 1
  return c >>> 0
})
/** CRC-32C (RFC 3720 §B.4). */
export function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff
  for (const byte of bytes) crc = crcTable[(crc ^ byte) & 0xff]! ^ (crc >>> 8)
  return (crc ^ 0xffffffff) >>> 0
}

/** A batch of records that follow each other, uncompressed. */
export function batchOf(base: bigint, records: readonly KafkaRecord[]): Batch {
  const first = BigInt(records[0]!.timestamp)
  const newest = records.reduce((most, { timestamp }) => (BigInt(timestamp) > most ? BigInt(timestamp) : most), first)
  const body = Buffer.concat(
    records.flatMap(({ key, value, timestamp }, i) => {
      const part = (bytes: Buffer | null) => (bytes ? [zigzag(bytes.length), bytes] : [zigzag(-1)])
      const fields = [
        Buffer.of(0),
        zigzag(timestamp - Number(first)),
        zigzag(i),
        ...part(key),
        ...part(value),
        zigzag(0),
      ]
      const record = Buffer.concat(fields)
      return [zigzag(record.length), record]
    }),
  )
  const checked = Buffer.concat([
    int16(0),
    int32(records.length - 1),
    int64(first),
    int64(newest),
    int64(-1),
    int16(-1),
    int32(-1),
    int32(records.length),
    body,
  ])
  const crc = Buffer.alloc(4)
  crc.writeUInt32BE(crc32c(checked))
  const bytes = Buffer.concat([int64(base), int32(9 + checked.length), int32(0), Buffer.of(2), crc, checked])
  return { base, last: base + BigInt(records.length - 1), newest, bytes }
}

/** A batch moved to another place of the log. */
export function placed(bytes: Buffer, base: bigint): Batch {
  const moved = Buffer.from(bytes)
  moved.writeBigInt64BE(base)
  return { base, last: base + BigInt(moved.readInt32BE(23)), newest: moved.readBigInt64BE(35), bytes: moved }
}

export class Corrupt extends Malformed {}

/** What a client wants appended, as batches of magic 2; throws `Corrupt` what a broker answers with CORRUPT_MESSAGE. */
export function readBatches(bytes: Buffer): Buffer[] {
  const found: Buffer[] = []
  const old: KafkaRecord[] = []
  for (let at = 0; at < bytes.length; ) {
    if (bytes.length - at < 17) throw new Corrupt('A record set that is cut off')
    const length = bytes.readInt32BE(at + 8)
    const end = at + 12 + length
    if (length < 14 || end > bytes.length) throw new Corrupt('A record set that is cut off')
    const piece = bytes.subarray(at, end)
    const magic = piece.readInt8(16)
    if (magic === 2) found.push(checked(piece))
    else if (magic === 0 || magic === 1) old.push(...readOld(piece, magic, 0))
    else throw new Corrupt(`Magic ${magic}`)
    at = end
  }
  if (old.length > 0) found.push(batchOf(0n, old.slice(0, RECORDS)).bytes)
  return found
}

function checked(piece: Buffer): Buffer {
  if (piece.length < HEAD) throw new Corrupt('A batch that is cut off')
  if (crc32c(piece.subarray(21)) !== piece.readUInt32BE(17)) throw new Corrupt('A batch with a wrong checksum')
  const [count, last] = [piece.readInt32BE(57), piece.readInt32BE(23)]
  if (count <= 0 || last !== count - 1) throw new Corrupt('A batch that counts wrong')
  return piece
}

/** Message sets of before 0.11; a compressed message has others in it. */
function readOld(piece: Buffer, magic: number, depth: number): KafkaRecord[] {
  if (depth > 1) throw new Corrupt('Messages within messages within messages')
  const cursor = new Cursor(piece)
  cursor.bytes(17)
  const attributes = cursor.u8()
  const timestamp = magic === 1 ? Number(cursor.bytes(8).readBigInt64BE()) : 0
  const [key, value] = [block(cursor), block(cursor)]
  if ((attributes & 7) === 0) return [{ key, value, timestamp }]
  const inner = value && unpacked(attributes & 7, value)
  if (!inner) return [{ key, value, timestamp }]
  const found: KafkaRecord[] = []
  for (let at = 0; at + 26 <= inner.length && found.length < RECORDS; ) {
    const end = at + 12 + inner.readInt32BE(at + 8)
    if (end <= at + 12 || end > inner.length) throw new Corrupt('A message set that is cut off')
    found.push(...readOld(inner.subarray(at, end), magic, depth + 1))
    at = end
  }
  return found
}
const block = (cursor: Cursor): Buffer | null => {
  const length = cursor.bytes(4).readInt32BE()
  return length < 0 ? null : cursor.bytes(length)
}

/** What was compressed by gzip or zstd; nothing of what this program cannot read (Snappy, LZ4). */
function unpacked(codec: number, bytes: Buffer): Buffer | undefined {
  const options = { maxOutputLength: UNPACKED }
  try {
    if (codec === 1) return zlib.gunzipSync(bytes, options)
    return codec === 4 ? zlib.zstdDecompressSync(bytes, options) : undefined
  } catch {
    return undefined
  }
}

/** A batch's records, as far as they can be read. */
export function recordsIn(batch: Buffer): KafkaRecord[] | undefined {
  const codec = batch.readInt16BE(21) & 7
  const body = codec === 0 ? batch.subarray(HEAD) : unpacked(codec, batch.subarray(HEAD))
  if (!body) return undefined
  const first = Number(batch.readBigInt64BE(27))
  const cursor = new Cursor(body)
  const found: KafkaRecord[] = []
  try {
    for (let left = Math.min(batch.readInt32BE(57), RECORDS); left > 0 && cursor.left > 0; left--) {
      const record = new Cursor(cursor.bytes(Number(readZigzag(cursor))))
      record.u8()
      const timestamp = first + Number(readZigzag(record))
      readZigzag(record)
      const part = () => {
        const length = Number(readZigzag(record))
        return length < 0 ? null : record.bytes(length)
      }
      found.push({ key: part(), value: part(), timestamp })
    }
  } catch (problem) {
    if (!(problem instanceof Malformed)) throw problem
  }
  return found
}

/** A batch as clients of before 0.11 read it (magic 0 or 1). */
export function asMessages(batch: Batch, magic: 0 | 1): Buffer {
  const records = recordsIn(batch.bytes) ?? []
  return Buffer.concat(
    records.flatMap(({ key, value, timestamp }, i) => {
      const part = (bytes: Buffer | null) => (bytes ? [int32(bytes.length), bytes] : [int32(-1)])
      const time = magic === 1 ? [int64(timestamp)] : []
      const body = Buffer.concat([Buffer.of(magic, 0), ...time, ...part(key), ...part(value)])
      const crc = Buffer.alloc(4)
      crc.writeUInt32BE(zlib.crc32(body))
      return [int64(batch.base + BigInt(i)), int32(4 + body.length), crc, body]
    }),
  )
}
