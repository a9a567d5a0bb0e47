import { LittleEndian } from '#codec/little-endian.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import { type Failure, failure } from './errors.ts'

/** Packets of the client/server protocol (dev.mysql.com, "MySQL Packets"): 3 bytes of length, a sequence number. */

/** max_allowed_packet as both products come. */
export const MOST = 16 << 20
/** Bytes that somebody may send before being let in (a client's attributes are 64 kB at most). */
const STRANGER = 128 << 10
const FULL = 0xffffff

export class Wire {
  readonly conn: Conn
  /** The number that the next packet has, whoever sends it. */
  sequence = 0
  /** Bytes that one packet may have: few until the log-in. */
  most = STRANGER

  constructor(conn: Conn) {
    this.conn = conn
  }

  /** The next packet's payload, put together if it came in several. */
  async read(): Promise<Buffer> {
    const parts: Buffer[] = []
    let size = 0
    for (;;) {
      const head = await this.conn.read(4)
      const length = head.readUIntLE(0, 3)
      if (head[3] !== this.sequence) throw new OutOfOrder(`Packet ${head[3]} where ${this.sequence} was due`)
      this.sequence = (this.sequence + 1) & 255
      size += length
      if (size > this.most) throw new TooLarge(`A packet of ${size} bytes`)
      for (let left = length; left > 0; ) {
        const piece = await this.conn.readSome(left)
        left -= piece.length
        parts.push(piece)
      }
      if (length < FULL) return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    }
  }

  /** Frames payloads, cut where they are longer than a packet may be. */
  frame(payloads: readonly Buffer[]): Buffer {
    const out: Buffer[] = []
    for (const payload of payloads)
      for (let at = 0; ; at += FULL) {
        const part = payload.subarray(at, at + FULL)
        const head = Buffer.alloc(4)
        head.writeUIntLE(part.length, 0, 3)
        head[3] = this.sequence
        this.sequence = (this.sequence + 1) & 255
        out.push(head, part)
        if (part.length < FULL) break
      }
    return Buffer.concat(out)
  }
  async send(...payloads: Buffer[]): Promise<void> {
    await this.conn.write(this.frame(payloads))
  }
  async fail(problem: Failure): Promise<void> {
    await this.send(failure(problem))
  }
}

export class OutOfOrder extends Malformed {}
export class TooLarge extends Malformed {}

/** Builds a payload. */
export class Out extends LittleEndian {
  latin(text: string): this {
    return this.bytes(Buffer.from(text, 'latin1'))
  }
  cstring(text: string): this {
    return this.latin(text).u8(0)
  }
  /** A length-encoded integer. */
  length(n: number | bigint): this {
    if (n < 251) return this.u8(Number(n))
    if (n < 65_536) return this.u8(0xfc).u16(Number(n))
    if (n < 16_777_216) {
      const part = Buffer.alloc(4)
      part[0] = 0xfd
      part.writeUIntLE(Number(n), 1, 3)
      return this.bytes(part)
    }
    return this.u8(0xfe).u64(BigInt(n))
  }
  /** A length-encoded string of bytes. */
  string(text: string): this {
    return this.length(text.length).latin(text)
  }
}

/** Reads a length-encoded integer out of `bytes` at `at`. */
export function lengthAt(bytes: Buffer, at: number): { value: number; next: number } {
  const first = bytes[at]
  if (first === undefined) throw new Malformed('A length is missing')
  if (first < 251) return { value: first, next: at + 1 }
  const width = first === 0xfc ? 2 : first === 0xfd ? 3 : first === 0xfe ? 8 : 0
  if (width === 0 || at + 1 + width > bytes.length) throw new Malformed('A length is cut off')
  const value = width === 8 ? Number(bytes.readBigUInt64LE(at + 1)) : bytes.readUIntLE(at + 1, width)
  return { value, next: at + 1 + width }
}

export function stringAt(bytes: Buffer, at: number): { value: Buffer; next: number } {
  const { value: length, next } = lengthAt(bytes, at)
  if (next + length > bytes.length) throw new Malformed('A string is cut off')
  return { value: bytes.subarray(next, next + length), next: next + length }
}
