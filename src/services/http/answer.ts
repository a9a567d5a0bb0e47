import { crc32, deflateRawSync } from 'node:zlib'
import type { Body, BodyEnd, Framing } from './body.ts'
import type { HttpClock } from './date.ts'
import type { Dialect, Refusal, Request } from './wire.ts'

/** What goes back, whole. */
export type Answer = { status: number; bytes: Buffer; bodyBytes: number; close: boolean }

/** What a request's head asks of the body behind it. */
export type Plan = {
  framing?: Framing
  /** `100 Continue` goes out first. */
  interim: boolean
  /** Seconds to wait for more of the body before the answer goes out all the same. */
  patience: number
  refusal?: Refusal
}

/** The moment and place of a request: what an answer depends on beside it. */
export type Scene = {
  now: number
  /** Requests answered on this connection before. */
  turn: number
  secure: boolean
  local: { ip: string; port: number }
  random(bytes: number): Buffer
}

/** One web server product. */
export type Product = {
  clock: HttpClock
  dialect(): Dialect
  /** Seconds that a connection may be silent before its first request. */
  firstWait: number
  /** Seconds that a connection is kept after an answer. */
  keepAlive: number
  /** How long, in seconds, the rest of a body is waited for after an answer that did not wait for it. */
  linger: number
  plan(request: Request): Plan
  answer(request: Request, body: Body | undefined, end: BodyEnd, scene: Scene): Answer
  refuse(refusal: Refusal, request: Request | undefined, scene: Scene): Answer
  /** What is said to one who did not finish a head in time, as far as it was understood; `undefined` says nothing. */
  timeout(request: Request | undefined, scene: Scene): Answer | undefined
}

const GZIP_TAIL = 8
/** A gzip member (RFC 1952) around a raw deflate stream; `xfl` as the product's zlib sets it. */
export function gzip(plain: Buffer, deflate: Buffer, xfl: number): Buffer {
  const member = Buffer.allocUnsafe(10 + deflate.length + GZIP_TAIL)
  member.set([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, xfl, 3])
  member.set(deflate, 10)
  member.writeUInt32LE(crc32(plain), 10 + deflate.length)
  member.writeUInt32LE(plain.length, 14 + deflate.length)
  return member
}
export const gzipNow = (plain: Buffer, level: number, xfl: number) => gzip(plain, deflateRawSync(plain, { level }), xfl)

/** One buffer for one write. */
export function joined(head: string, body: Buffer | undefined): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + (body?.length ?? 0))
  bytes.write(head, 'latin1')
  if (body) bytes.set(body, head.length)
  return bytes
}

/** A body as one chunk (RFC 9112 §7.1). */
export const chunked = (body: Buffer): Buffer =>
  body.length === 0
    ? Buffer.from('0\r\n\r\n')
    : Buffer.concat([Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from('\r\n0\r\n\r\n')])

/** Does a list of entity tags hold this one, by weak comparison (RFC 9110 §8.8.3.2)? */
export function matches(list: string, etag: string): boolean {
  if (list.trim() === '*') return true
  return list.split(',').some(member => member.trim().replace(/^W\//, '') === etag)
}

/** Is gzip asked for, and not with q=0? */
export const wantsGzip = (accept: string | undefined): boolean =>
  accept !== undefined && /(?:^|[, ])gzip *(?:$|,|;(?! *q=0(?:\.0*)? *(?:,|$)))/i.test(accept)
