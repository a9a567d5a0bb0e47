import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'

/** Types of packets. MS-TDS 2.2.3.1.1. */
export const packetType = {
  batch: 0x01,
  oldLogin: 0x02,
  rpc: 0x03,
  answer: 0x04,
  attention: 0x06,
  bulk: 0x07,
  transaction: 0x0e,
  login: 0x10,
  sspi: 0x11,
  prelogin: 0x12,
} as const
const known: ReadonlySet<number> = new Set(Object.values(packetType).filter(type => type !== packetType.answer))
/** Bits of a packet's status (2.2.3.1.2). */
const LAST = 0x01
const HEADER = 8

/** What a client may send in one message: little until it is let in. */
export const STRANGER = 128 << 10
export const MOST = 16 << 20

export type Message = { type: number; data: Buffer; reset: boolean }

/** TDS over a connection: messages cut into packets of the negotiated size. */
export class Wire {
  readonly conn: Conn
  most = STRANGER
  /** Bytes of a packet, header included, as LOGIN7 settled it. */
  packet = 4096
  spid = 0
  /** Called between the packets of a message: where TLS is for the first of them alone, it ends there. */
  between: (() => Promise<void>) | undefined

  constructor(conn: Conn) {
    this.conn = conn
  }

  /** The next message, put together from its packets. */
  async read(): Promise<Message> {
    const parts: Buffer[] = []
    let size = 0
    for (let type = -1, reset = false; ; ) {
      const head = await this.conn.read(HEADER)
      if (!known.has(head[0]!)) throw new Malformed(`A packet of type ${head[0]}`)
      const length = head.readUInt16BE(2)
      if (length < HEADER) throw new Malformed(`A packet of ${length} bytes`)
      if (type >= 0 && head[0] !== type) {
        // An attention breaks into what was being sent.
        if (head[0] !== packetType.attention) throw new Malformed(`A packet of type ${head[0]} within one of ${type}`)
        parts.length = 0
      }
      type = head[0]!
      reset ||= (head[1]! & 0x18) !== 0
      size += length - HEADER
      if (size > this.most) throw new Malformed(`A message of more than ${this.most} bytes`)
      for (let left = length - HEADER; left > 0; ) {
        const piece = await this.conn.readSome(left)
        left -= piece.length
        parts.push(piece)
      }
      if (head[1]! & LAST) return { type, reset, data: parts.length === 1 ? parts[0]! : Buffer.concat(parts) }
      await this.between?.()
    }
  }

  /** Sends a message as the server does: type 4, numbered packets. */
  async send(...tokens: readonly Buffer[]): Promise<void> {
    await this.conn.write(framed(Buffer.concat(tokens), this.packet, this.spid))
  }
}

function framed(payload: Buffer, packet: number, spid: number): Buffer {
  const room = packet - HEADER
  const count = Math.max(1, Math.ceil(payload.length / room))
  const out = Buffer.alloc(payload.length + count * HEADER)
  for (let n = 0, at = 0; n < count; n++) {
    const part = payload.subarray(n * room, (n + 1) * room)
    out[at] = packetType.answer
    out[at + 1] = n === count - 1 ? LAST : 0
    out.writeUInt16BE(part.length + HEADER, at + 2)
    out.writeUInt16BE(spid, at + 4)
    out[at + 6] = (n + 1) & 255
    part.copy(out, at + HEADER)
    at += HEADER + part.length
  }
  return out
}

/** One TDS packet around a part of a TLS handshake. */
export const wrapped = (part: Buffer): Buffer => framed(part, HEADER + Math.max(1, part.length), 0)
