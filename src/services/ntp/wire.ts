import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#codec/malformed.ts'

/** RFC 5905 §7.3, figure 8: seconds since 1900 above, fractions of 2⁻³² s below. */
export type Timestamp = bigint

/** RFC 5905 figure 10; 6 and 7 are RFC 1305's control messages and ntpd's own. */
export const modes = [
  'reserved',
  'symmetric active',
  'symmetric passive',
  'client',
  'server',
  'broadcast',
  'control',
  'private',
] as const
export type Mode = (typeof modes)[number]

const HEADER = 48
/** ntpsec's buffer: a datagram that does not fit is cut there. */
const BUFFER = 1092

/** A datagram that asks for, or brings, the time. */
export type TimePacket = {
  leap: number
  version: number
  mode: Mode
  stratum: number
  poll: number
  precision: number
  rootDelay: number
  rootDispersion: number
  refid: number
  reference: Timestamp
  originate: Timestamp
  receive: Timestamp
  transmit: Timestamp
}
/** What stands behind the header. `digest` is empty for a crypto-NAK. */
export type Trailer = {
  extensions: { type: number; length: number }[]
  mac?: { keyId: number; digest: Buffer; covered: Buffer }
  msSntp?: { account: number }
}

export const modeOf = (packet: Buffer): Mode => modes[packet.readUInt8() & 7]!
export const versionOf = (packet: Buffer): number => (packet.readUInt8() >> 3) & 7

/** Throws `Malformed` where ntpsec's `parse_packet` gives up. */
export function parseTime(packet: Buffer): TimePacket & Trailer {
  const cursor = new Cursor(packet.subarray(0, BUFFER))
  if (cursor.left < HEADER) throw new Malformed(`${cursor.left} bytes in place of an NTP header`)
  const first = cursor.u8()
  const header = {
    leap: first >> 6,
    version: versionOf(packet),
    mode: modeOf(packet),
    stratum: cursor.u8(),
    poll: cursor.u8(),
    precision: cursor.u8(),
    rootDelay: cursor.u32be(),
    rootDispersion: cursor.u32be(),
    refid: cursor.u32be(),
    reference: cursor.u64be(),
    originate: cursor.u64be(),
    receive: cursor.u64be(),
    transmit: cursor.u64be(),
  }
  const extensions = header.version === 4 ? extensionsOf(cursor) : []
  return { ...header, extensions, ...authenticatorOf(header.version, packet, cursor) }
}

/** RFC 7822 §7.5: a field of at least 16 bytes, and 28 left mean that another one begins. */
function extensionsOf(cursor: Cursor): Trailer['extensions'] {
  const extensions: Trailer['extensions'] = []
  while (cursor.left >= 28) {
    const type = cursor.u16be()
    const length = cursor.u16be()
    if (length % 4 !== 0 || length < 16) throw new Malformed(`Extension field of ${length} bytes`)
    cursor.bytes(length - 4)
    extensions.push({ type, length })
  }
  return extensions
}

/** RFC 5905 §7.3, and for 6 bytes RFC 1119 appendix B; 72 are Microsoft's (MS-SNTP §2.2.2). */
function authenticatorOf(version: number, packet: Buffer, cursor: Cursor): Pick<Trailer, 'mac' | 'msSntp'> {
  const length = cursor.left
  if (length === 0 || (length === 6 && version === 2)) return {}
  if (length === 72 && version === 3) return { msSntp: { account: cursor.u32le() & 0x7fff_ffff } }
  if (version < 3 || ![4, 20, 24].includes(length)) throw new Malformed(`${length} bytes in place of a MAC`)
  const covered = packet.subarray(0, cursor.offset)
  return { mac: { keyId: cursor.u32be(), digest: cursor.rest(), covered } }
}

export function encodeTime(answer: TimePacket): Buffer {
  const packet = Buffer.alloc(HEADER)
  packet[0] = (answer.leap << 6) | (answer.version << 3) | modes.indexOf(answer.mode)
  packet[1] = answer.stratum
  packet[2] = answer.poll
  packet[3] = answer.precision
  packet.writeUInt32BE(answer.rootDelay, 4)
  packet.writeUInt32BE(answer.rootDispersion, 8)
  packet.writeUInt32BE(answer.refid, 12)
  packet.writeBigUInt64BE(answer.reference, 16)
  packet.writeBigUInt64BE(answer.originate, 24)
  packet.writeBigUInt64BE(answer.receive, 32)
  packet.writeBigUInt64BE(answer.transmit, 40)
  return packet
}

/** Seconds from 1900 to 1970: RFC 5905 §6. */
const EPOCH = 2_208_988_800_000
/** Of `ms` since 1970, to which fractions of a millisecond may be given as 2⁻³² s. */
export const timestamp = (ms: number, fraction = 0): Timestamp =>
  BigInt.asUintN(64, (BigInt(Math.floor(ms + EPOCH)) << 32n) / 1000n + BigInt(fraction))
/** RFC 5905 figure 7: seconds in 16.16 bits. */
export const short = (seconds: number): number => Math.round(seconds * 65_536) >>> 0
