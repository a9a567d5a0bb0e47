/** MQTT packets as Latin-1 strings, right and wrong ones: what the recorded client and the tests send. */

const byte = (...values: number[]): string => String.fromCharCode(...values)
export const u16 = (value: number): string => byte(value >> 8, value & 0xff)
export const u32 = (value: number): string => u16(value >>> 16) + u16(value & 0xffff)
export const str = (text: string): string => u16(text.length) + text
const varint = (value: number): string =>
  value < 128 ? byte(value) : byte((value % 128) | 128) + varint(Math.floor(value / 128))
export const packet = (first: number, body: string): string => byte(first) + varint(body.length) + body
/** A property list of MQTT 5 from its encoded members. */
export const props = (...members: string[]): string => varint(members.join('').length) + members.join('')

export type Connect = {
  first?: number
  name?: string
  version?: number
  flags?: number
  keepalive?: number
  props?: string
  id?: string
  /** Whatever follows the client's name: will, user, password. */
  rest?: string
}
export const connect = (c: Connect = {}): string => {
  const version = c.version ?? 4
  return packet(
    c.first ?? 0x10,
    str(c.name ?? (version === 3 ? 'MQIsdp' : 'MQTT')) +
      byte(version, c.flags ?? 2) +
      u16(c.keepalive ?? 60) +
      ((version & 0x7f) === 5 ? (c.props ?? props()) : '') +
      str(c.id ?? 'probe') +
      (c.rest ?? ''),
  )
}
export const publish = (topic: string, payload: string, first = 0x30, more = ''): string =>
  packet(first, str(topic) + more + payload)
export const subscribe = (mid: number, ...filters: readonly (readonly [string, number])[]): string =>
  packet(0x82, u16(mid) + filters.map(([filter, options]) => str(filter) + byte(options)).join(''))
export const subscribe5 = (mid: number, list: string, ...filters: readonly (readonly [string, number])[]): string =>
  packet(0x82, u16(mid) + list + filters.map(([filter, options]) => str(filter) + byte(options)).join(''))
export const unsubscribe = (mid: number, ...filters: string[]): string =>
  packet(0xa2, u16(mid) + filters.map(str).join(''))
export const unsubscribe5 = (mid: number, list: string, ...filters: string[]): string =>
  packet(0xa2, u16(mid) + list + filters.map(str).join(''))
export const ack = (first: number, mid: number, more = ''): string => packet(first, u16(mid) + more)
export const ping = packet(0xc0, '')
export const bye = packet(0xe0, '')

/** MQTT 5's properties, by their numbers (OASIS MQTT 5.0 §2.2.2.2). */
export const expiry = (seconds: number) => `\x02${u32(seconds)}`
export const sessionExpiry = (seconds: number) => `\x11${u32(seconds)}`
export const receiveMaximum = (count: number) => `\x21${u16(count)}`
export const maximumPacket = (bytes: number) => `\x27${u32(bytes)}`
export const alias = (number: number) => `\x23${u16(number)}`
export const aliasMaximum = (number: number) => `\x22${u16(number)}`
export const identifier = (number: number) => `\x0b${String.fromCharCode(number)}`
export const user = (name: string, value: string) => `\x26${str(name)}${str(value)}`
export const willDelay = (seconds: number) => `\x18${u32(seconds)}`

/** Topic and message of a will, as CONNECT has them. */
export const will = (topic: string, message: string): string => str(topic) + str(message)

/** Steps of one connection, for `hub`. */
export const alone = (...steps: string[]): string[] => steps.map(step => `1:${step}`)

/** Bytes of a connection as packets; what is left over comes last. */
export function apart(bytes: Buffer): string[] {
  const found: string[] = []
  for (let at = 0; at < bytes.length; ) {
    let length = 0
    let head = 1
    for (; head < 5; head++) {
      const part = bytes[at + head] ?? 0
      length += (part & 127) * 128 ** (head - 1)
      if (part < 128) break
    }
    const end = at + head + 1 + length
    found.push(bytes.toString('latin1', at, end))
    at = end
  }
  return found
}
