import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'

/** Messages of protocol 3.0 (PostgreSQL manual, chapter "Frontend/Backend Protocol"): a letter and a length. */

/** Bytes of a start-up packet (MAX_STARTUP_PACKET_LENGTH), of a password, and of anything after the log-in. */
export const STARTUP = 10_000
export const PASSWORD = 65_536
export const MOST = 16 << 20

export type Message = { kind: string; body: Buffer }

/** The next message; `Malformed` for a length that cannot be. */
export async function readMessage(conn: Conn, most: number): Promise<Message> {
  const head = await conn.read(5)
  const length = head.readInt32BE(1) - 4
  if (length < 0 || length > most) throw new Malformed(`A message of ${length} bytes`)
  return { kind: String.fromCharCode(head[0]!), body: await readBytes(conn, length) }
}
export async function readBytes(conn: Conn, length: number): Promise<Buffer> {
  const parts: Buffer[] = []
  for (let left = length; left > 0; ) {
    const piece = await conn.readSome(left)
    left -= piece.length
    parts.push(piece)
  }
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
}

export const i16 = (n: number): Buffer => {
  const out = Buffer.alloc(2)
  out.writeUInt16BE(n & 0xffff)
  return out
}
export const i32 = (n: number): Buffer => {
  const out = Buffer.alloc(4)
  out.writeInt32BE(n | 0)
  return out
}
export const text = (latin1: string): Buffer => Buffer.from(latin1, 'latin1')
export const cstring = (latin1: string): Buffer => text(`${latin1}\0`)

export const message = (kind: string, ...parts: Buffer[]): Buffer => {
  const body = Buffer.concat(parts)
  return Buffer.concat([text(kind), i32(body.length + 4), body])
}
export const complete = (tag: string): Buffer => message('C', cstring(tag))
export const ready = (state: 'I' | 'T' | 'E'): Buffer => message('Z', text(state))
export const parameter = (name: string, value: string): Buffer => message('S', cstring(name), cstring(value))

/** Strings that end in NUL, up to an empty one. */
export function cstrings(body: Buffer, most = 64): string[] {
  const found: string[] = []
  for (let at = 0; at < body.length && found.length < most; ) {
    const end = body.indexOf(0, at)
    if (end < 0) throw new Malformed('A string without an end')
    if (end === at) break
    found.push(body.toString('latin1', at, end))
    at = end + 1
  }
  return found
}
