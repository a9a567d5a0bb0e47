import type { SampleWriter } from '#artifacts/samples.ts'
import { Malformed } from '#codec/malformed.ts'
import { text } from '#events/text.ts'
import type { Context } from '#sensor/service.ts'
import type { Options } from './options.ts'
import * as wire from './wire.ts'
import { type File, filesOf } from './world.ts'

type Cx = Context<Options>

type Download = { kind: 'read'; content: Buffer; blksize: number; block: number }
type Upload = {
  kind: 'write'
  name: string
  blksize: number
  /** The last block that was taken. */
  block: number
  size: number
  /** What the server shows of it afterwards. */
  start: Buffer
  writer: SampleWriter
  /** Pieces on their way to the disk, and how many. */
  written: Promise<unknown>
  waiting: number
}
/** What an attacker left here: names in order of age, with the beginning of each file. */
type Left = { files: Map<string, { start: Buffer; size: number }> }

const MOST_FILES = 64
const START = 512
/** Bytes of one upload, and pieces of it in memory. */
const UPLOAD_MAX = 64 << 20
const WAITING = 32

/** One transfer for each address and port, as long as the runtime keeps that pair's context. */
const transfers = new WeakMap<Cx, Download | Upload>()

/** A datagram and its answer. Nothing is ever sent again: who misses something asks again. */
export function datagram(packet: Buffer, cx: Cx, files = filesOf(cx.persona)): Buffer | undefined {
  // What is shorter than an opcode finds the one of the packet before; nobody has been heard to depend on it.
  const opcode = packet.length < 2 ? wire.opcodes.read : packet.readUInt16BE()
  if (opcode === wire.opcodes.read || opcode === wire.opcodes.write) {
    silent(cx)
    return request(opcode, packet.subarray(2), cx, files)
  }
  const transfer = transfers.get(cx)
  if (opcode === wire.opcodes.error) {
    note('ERROR', text(packet.subarray(4).subarray(0, 200)), cx)
    silent(cx)
    return undefined
  }
  if (opcode !== wire.opcodes.data && opcode !== wire.opcodes.ack) throw new Malformed(`TFTP opcode ${opcode}`)
  if (!transfer || packet.length < 4) return undefined
  const { block, bytes } = wire.parseBlock(packet)
  if (transfer.kind === 'read') return opcode === wire.opcodes.ack ? next(transfer, block, cx) : undefined
  return opcode === wire.opcodes.data ? take(transfer, block, bytes, cx) : undefined
}

/** The client has gone: what came of a file until then is kept. */
export function silent(cx: Cx): void {
  const transfer = transfers.get(cx)
  transfers.delete(cx)
  if (transfer?.kind === 'write') keep(transfer, cx)
}

const note = (verb: string, rest: string, { record }: Cx) => record.command({ line: `${verb} ${rest}`, verb })
const shown = (latin1: string) => text(Buffer.from(latin1, 'latin1'), 512)

type Files = ReadonlyMap<string, File>

function request(opcode: number, body: Buffer, cx: Cx, files: Files): Buffer {
  const verb = opcode === wire.opcodes.read ? 'RRQ' : 'WRQ'
  const asked = wire.parseRequest(body)
  if (typeof asked === 'string') {
    note(verb, shown(body.toString('latin1', 0, 200)), cx)
    return wire.failure(asked)
  }
  const { name, mode, options } = asked
  note(verb, shown([name, mode, ...options.map(([key, value]) => `${key}=${value}`)].join(' ')), cx)
  if (/(?:^|\/)\.\.\//.test(name))
    cx.record.exploit({ id: 'tftp-traversal', name: 'TFTP request for a file outside', evidence: shown(name) })
  return verb === 'RRQ' ? read(asked, body.length + 2, cx, files) : write(asked, cx, files)
}

/** A name below the root that the server is shut into. */
const inside = (name: string): string => {
  const parts: string[] = []
  for (const part of name.split('/'))
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  return parts.join('/')
}

const leftBy = (cx: Cx) => cx.attacker((): Left => ({ files: new Map() }))

function find(name: string, cx: Cx, files: Files): File | { content: Buffer; size: number } | undefined {
  const path = inside(name)
  if (path === '') return { folder: true }
  const left = leftBy(cx).files.get(path)
  return left ? { content: left.start, size: left.size } : files.get(path)
}

/** `room`: bytes of the question, which no answer may exceed. */
function read({ name, mode, options }: wire.Request, room: number, cx: Cx, files: Files): Buffer {
  const file = find(name, cx, files)
  if (!file) return wire.failure('notFound')
  if ('folder' in file) return wire.failure('folder')
  if ('denied' in file) return wire.failure('denied')
  const size = 'size' in file ? file.size : file.content.length
  cx.record.fileRead({ path: shown(`/${inside(name)}`), size })
  const agreed = wire.negotiate(options, size)
  if (typeof agreed === 'string') return wire.failure(agreed)
  // RFC 2347 §1 lets a server ignore options: a small file leaves in answer to the request or, over an acknowledgement
  // of four bytes, never.
  const small = size < 512 && 4 + size <= room
  const transfer: Download = {
    kind: 'read',
    content: mode === 'netascii' ? netascii(file.content) : file.content,
    blksize: agreed.blksize,
    block: 0,
  }
  transfers.set(cx, transfer)
  if (agreed.answered.length > 0 && !small) return wire.oack(agreed.answered)
  transfer.blksize = small ? 512 : agreed.blksize
  return next(transfer, 0, cx)!
}

/** RFC 764: a line ends in CR LF, a CR alone is CR NUL. */
const netascii = (content: Buffer): Buffer =>
  Buffer.from(
    content.toString('latin1').replace(/[\r\n]/g, c => (c === '\n' ? '\r\n' : '\r\0')),
    'latin1',
  )

function next(transfer: Download, acknowledged: number, cx: Cx): Buffer | undefined {
  const { content, blksize } = transfer
  const last = Math.floor(content.length / blksize) + 1
  if (acknowledged !== transfer.block) return undefined
  if (acknowledged === last) {
    transfers.delete(cx)
    return undefined
  }
  transfer.block++
  return wire.data(transfer.block & 0xffff, content.subarray((transfer.block - 1) * blksize, transfer.block * blksize))
}

function write({ name, options }: wire.Request, cx: Cx, files: Files): Buffer {
  const path = inside(name)
  const there = find(name, cx, files)
  if (there && 'folder' in there) return wire.failure('folder')
  const folder = path.includes('/') ? files.get(path.slice(0, path.lastIndexOf('/'))) : undefined
  if (path.includes('/')) return wire.failure(folder ? 'denied' : 'notFound')
  // What the owner put there is his; what was created through the server may be written again.
  if (there && !leftBy(cx).files.has(path)) return wire.failure('denied')
  const agreed = wire.negotiate(options, undefined)
  if (typeof agreed === 'string') return wire.failure(agreed)
  transfers.set(cx, {
    kind: 'write',
    name: path,
    blksize: agreed.blksize,
    block: 0,
    size: 0,
    start: Buffer.alloc(0),
    writer: cx.sample(),
    written: Promise.resolve(),
    waiting: 0,
  })
  return agreed.answered.length > 0 ? wire.oack(agreed.answered) : wire.ack(0)
}

function take(upload: Upload, block: number, bytes: Buffer, cx: Cx): Buffer | undefined {
  if (block === (upload.block & 0xffff) && upload.block > 0) return wire.ack(block)
  if (block !== ((upload.block + 1) & 0xffff) || bytes.length > upload.blksize) return undefined
  if (upload.waiting > WAITING || upload.size + bytes.length > UPLOAD_MAX) return undefined
  upload.block++
  upload.size += bytes.length
  if (upload.start.length < START)
    upload.start = Buffer.concat([upload.start, bytes.subarray(0, START - upload.start.length)])
  upload.waiting++
  // The socket's buffer is its own: nothing else is going to be written into it.
  upload.written = upload.written
    .then(() => upload.writer.write(bytes))
    .finally(() => upload.waiting--)
    .catch(() => {})
  if (bytes.length < upload.blksize) {
    transfers.delete(cx)
    keep(upload, cx)
  }
  return wire.ack(block)
}

function keep({ name, size, start, writer, written }: Upload, cx: Cx): void {
  if (size === 0) {
    void written.then(() => writer.abort())
    return
  }
  const { files } = leftBy(cx)
  files.delete(name)
  files.set(name, { start, size })
  if (files.size > MOST_FILES) files.delete(files.keys().next().value!)
  void written
    .then(() => writer.close())
    .then(sample => cx.record.fileUpload({ path: shown(`/${name}`), sample }))
    .catch(() => {})
}
