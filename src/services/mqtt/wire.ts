import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#sensor/endings.ts'

/** Packets of MQTT (OASIS MQTT 3.1.1 §2, 5.0 §2), as mosquitto 2.0.11 reads and writes them. Strings are Latin-1, a byte a character. */

export const Type = {
  connect: 1,
  connack: 2,
  publish: 3,
  puback: 4,
  pubrec: 5,
  pubrel: 6,
  pubcomp: 7,
  subscribe: 8,
  suback: 9,
  unsubscribe: 10,
  unsuback: 11,
  pingreq: 12,
  pingresp: 13,
  disconnect: 14,
  auth: 15,
} as const

/** Reason codes (5.0 §2.4), those that are said here. */
export const Reason = {
  noSubscribers: 0x10,
  noSubscription: 0x11,
  malformed: 0x81,
  protocol: 0x82,
  notAuthorised: 0x87,
  badMethod: 0x8c,
  aliasInvalid: 0x94,
  quotaExceeded: 0x97,
} as const

/** 3.1, 3.1.1 and 5.0 as CONNECT numbers them. */
export type Version = 3 | 4 | 5

/** A break of the protocol. `reason`: what a client of MQTT 5 is told before the end; nothing where mosquitto closes in silence. */
export class Broken extends Malformed {
  readonly reason: number | undefined
  constructor(why: string, reason?: number) {
    super(why)
    this.reason = reason
  }
}

/** One packet without its fixed header: the four low bits of its first byte, and the body. */
export type Packet = { type: number; flags: number; body: Buffer }

export const u16 = (value: number): Buffer => Buffer.of(value >> 8, value & 0xff)
export const u32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32BE(value)
  return bytes
}
export const string = (text: string): Buffer => Buffer.concat([u16(text.length), Buffer.from(text, 'latin1')])

/** A variable byte integer (§1.5.5). */
export function varint(value: number): Buffer {
  const bytes: number[] = []
  do {
    const rest = Math.floor(value / 128)
    bytes.push((value % 128) | (rest > 0 ? 128 : 0))
    value = rest
  } while (value > 0)
  return Buffer.from(bytes)
}

export function readVarint(cursor: Cursor): number {
  let value = 0
  for (let i = 0; i < 4; i++) {
    const byte = cursor.u8()
    value += (byte & 127) * 128 ** i
    if (byte < 128) return value
  }
  throw new Broken('A number of more than four bytes', Reason.malformed)
}

export const packet = (type: number, flags: number, ...parts: readonly Buffer[]): Buffer => {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return Buffer.concat([Buffer.of((type << 4) | flags), varint(length), ...parts])
}

/** A string behind its length, which has to be UTF-8 without control characters (utf8_mosq.c). */
export function readString(cursor: Cursor): string {
  const bytes = cursor.lp16()
  if (!isText(bytes)) throw new Broken('A string that is no UTF-8', Reason.malformed)
  return bytes.toString('latin1')
}

const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
function isText(bytes: Buffer): boolean {
  let decoded: string
  try {
    decoded = strict.decode(bytes)
  } catch {
    return false
  }
  for (const character of decoded) {
    const code = character.codePointAt(0)!
    if (code < 0x20 || (code >= 0x7f && code <= 0x9f)) return false
    if ((code >= 0xfdd0 && code <= 0xfdef) || (code & 0xfffe) === 0xfffe) return false
  }
  return true
}

export const cursorOf = (body: Buffer): Cursor => new Cursor(body)
