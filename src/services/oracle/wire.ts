import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'

/** Types of TNS packets. */
export const packetType = {
  connect: 1,
  accept: 2,
  refuse: 4,
  data: 6,
  resend: 11,
  marker: 12,
} as const

export type Packet = { type: number; body: Buffer }

/** Bytes of a packet, its header included: the largest session data unit that a packet of 16 bits can have. */
const MOST = 32_767
const HEADER = 8
/** The last type that there is. */
const LAST = 19
/** What may follow a CONNECT that does not hold its description itself. */
const MOST_DESCRIPTION = 8192

/**
 * TNS packets: length, checksum, type, flags, header checksum. The length has 16 bits, and 32 once version 315 (12.1) or a
 * newer one has been agreed on.
 */
export class Wire {
  wide = false
  #conn: Conn
  constructor(conn: Conn) {
    this.#conn = conn
  }

  async read(): Promise<Packet> {
    const header = await this.#conn.read(HEADER)
    const length = this.wide ? header.readUInt32BE(0) : header.readUInt16BE(0)
    if (length < HEADER || length > MOST) throw new Malformed(`A TNS packet of ${length} bytes`)
    // Other protocols are hung up on at once.
    if (header[4]! === 0 || header[4]! > LAST) throw new Malformed(`A TNS packet of type ${header[4]}`)
    return { type: header[4]!, body: await this.#conn.read(length - HEADER) }
  }

  async send(type: number, body: Buffer): Promise<void> {
    const header = Buffer.alloc(HEADER)
    if (this.wide) header.writeUInt32BE(HEADER + body.length, 0)
    else header.writeUInt16BE(HEADER + body.length, 0)
    header[4] = type
    await this.#conn.write(Buffer.concat([header, body]))
  }

  /** A DATA packet: two bytes of flags, none of which we set. */
  async sendData(...parts: readonly Buffer[]): Promise<void> {
    await this.send(packetType.data, Buffer.concat([Buffer.alloc(2), ...parts]))
  }
}

/** A CONNECT packet: versions from the newest to the oldest that the client speaks, and whom it asks for. */
export type Connect = {
  version: number
  oldest: number
  options: number
  sdu: number
  tdu: number
  /** The first of two bytes about the advanced networking option: 0x04 is "not for this connection". */
  networking: number
  description: Buffer
}

/** Reads a CONNECT and, where its description is too long for it, the packets that bring that. */
export async function readConnect(wire: Wire): Promise<Connect> {
  const { type, body } = await wire.read()
  if (type !== packetType.connect) throw new Malformed(`A TNS packet of type ${type} before any CONNECT`)
  if (body.length < 26) throw new Malformed('A CONNECT that is cut off')
  const length = body.readUInt16BE(16)
  const offset = body.readUInt16BE(18) - HEADER
  if (length > MOST_DESCRIPTION) throw new Malformed(`A connect description of ${length} bytes`)
  let description = Buffer.from(offset >= 18 ? body.subarray(offset, offset + length) : body.subarray(26))
  while (description.length < length) {
    const more = await wire.read()
    if (more.type !== packetType.data || more.body.length < 3) throw new Malformed('A connect description cut off')
    description = Buffer.concat([description, more.body.subarray(2)])
  }
  // Versions since 315 tell units of more than 16 bits after the connect flags.
  const large = offset >= 58 && body.length >= 58
  return {
    version: body.readUInt16BE(0),
    oldest: body.readUInt16BE(2),
    options: body.readUInt16BE(4),
    sdu: large ? body.readUInt32BE(50) : body.readUInt16BE(6),
    tdu: large ? body.readUInt32BE(54) : body.readUInt16BE(8),
    networking: body[24]!,
    description: description.subarray(0, length),
  }
}

/** The newest version that ours speaks (18c to 21c), the oldest that it takes, and the first whose lengths have 32 bits. */
export const NEWEST = 318
export const OLDEST = 300
const WIDE = 315
const LARGEST_UNIT = 8192

/** ACCEPT in the version that both speak; lengths have 32 bits from then on where that version has them. */
export async function accept(wire: Wire, asked: Connect): Promise<void> {
  const version = Math.min(asked.version, NEWEST)
  const wide = version >= WIDE
  const size = wide ? 45 : 32
  const body = Buffer.alloc(size - HEADER)
  const unit = Math.max(512, Math.min(asked.sdu || LARGEST_UNIT, LARGEST_UNIT))
  body.writeUInt16BE(version, 0)
  // Neither urgent data nor anything else that was not asked for.
  body.writeUInt16BE(asked.options & 0x0041, 2)
  body.writeUInt16BE(unit, 4)
  body.writeUInt16BE(MOST, 6)
  body.writeUInt16BE(0x0100, 8)
  body.writeUInt16BE(size, 12)
  body[14] = body[15] = asked.networking & 0x04 ? 0x45 : 0x41
  if (wide) {
    body.writeUInt32BE(unit, 24)
    body.writeUInt32BE(Math.max(unit, Math.min(asked.tdu || unit, 0x1fffff)), 28)
  }
  await wire.send(packetType.accept, body)
  wire.wide = wide
}

/** REFUSE with a description of why, after which the listener hangs up. */
export async function refuse(wire: Wire, why: string): Promise<void> {
  const text = Buffer.from(why, 'latin1')
  const head = Buffer.from([0x22, 0, text.length >> 8, text.length & 255])
  await wire.send(packetType.refuse, Buffer.concat([head, text]))
}
