/** Frames of AMQP 0-9-1 as Latin-1 strings, right and wrong ones: what the recorded client and the tests send. */

const byte = (...values: number[]): string => String.fromCharCode(...values)
export const u8 = byte
export const u16 = (value: number): string => byte((value >> 8) & 0xff, value & 0xff)
export const u32 = (value: number): string => u16(value >>> 16) + u16(value & 0xffff)
export const u64 = (value: number): string => u32(Math.floor(value / 2 ** 32)) + u32(value >>> 0)
export const short = (text: string): string => byte(text.length) + text
export const long = (text: string): string => u32(text.length) + text

type Value = string | number | boolean | null | Fields | readonly Value[]
export type Fields = { readonly [name: string]: Value }
const value = (one: Value): string => {
  if (typeof one === 'string') return `S${long(one)}`
  if (typeof one === 'number') return `I${u32(one)}`
  if (typeof one === 'boolean') return `t${byte(one ? 1 : 0)}`
  if (one === null) return 'V'
  if (Array.isArray(one)) return `A${long(one.map(value).join(''))}`
  return `F${table(one as Fields)}`
}
export const table = (fields: Fields = {}): string =>
  long(
    Object.entries(fields)
      .map(([name, one]) => short(name) + value(one))
      .join(''),
  )

export const frame = (type: number, channel: number, payload: string): string =>
  byte(type) + u16(channel) + u32(payload.length) + payload + byte(0xce)
export const method = (channel: number, classId: number, methodId: number, args = ''): string =>
  frame(1, channel, u16(classId) + u16(methodId) + args)
/** Header and body of a message; `properties`: flags and values. */
export const content = (channel: number, body: string, properties = u16(0)): string =>
  frame(2, channel, u16(60) + u16(0) + u64(body.length) + properties) + (body === '' ? '' : frame(3, channel, body))

export const HEADER = 'AMQP\0\0\x09\x01'
const client: Fields = { product: 'probe', version: '1.0' }
export const startOk = (mechanism: string, response: string, properties: Fields = client): string =>
  method(0, 10, 11, table(properties) + short(mechanism) + long(response) + short('en_US'))
export const plain = (user: string, password: string): string => startOk('PLAIN', `\0${user}\0${password}`)
export const tuneOk = (channels = 2047, frameMax = 131_072, heartbeat = 0): string =>
  method(0, 10, 31, u16(channels) + u32(frameMax) + u16(heartbeat))
export const open = (vhost = '/'): string => method(0, 10, 40, short(vhost) + short('') + byte(0))
export const channelOpen = (channel = 1): string => method(channel, 20, 10, short(''))
export const exchange = (name: string, type: string, flags = 0, args: Fields = {}): string =>
  method(1, 40, 10, u16(0) + short(name) + short(type) + byte(flags) + table(args))
/** Flags: passive 1, durable 2, exclusive 4, auto-delete 8, no-wait 16. */
export const queue = (name: string, flags = 0, args: Fields = {}): string =>
  method(1, 50, 10, u16(0) + short(name) + byte(flags) + table(args))
export const bind = (name: string, from: string, key: string, args: Fields = {}): string =>
  method(1, 50, 20, u16(0) + short(name) + short(from) + short(key) + byte(0) + table(args))
/** Flags: mandatory 1, immediate 2. */
export const publish = (to: string, key: string, body: string, flags = 0, properties = u16(0)): string =>
  method(1, 60, 40, u16(0) + short(to) + short(key) + byte(flags)) + content(1, body, properties)
/** Flags: no-local 1, no-ack 2, exclusive 4, no-wait 8. */
export const consume = (name: string, tag: string, flags = 0, args: Fields = {}): string =>
  method(1, 60, 20, u16(0) + short(name) + short(tag) + byte(flags) + table(args))
export const get = (name: string, noAck = 0): string => method(1, 60, 70, u16(0) + short(name) + byte(noAck))
export const ack = (tag: number, multiple = 0): string => method(1, 60, 80, u64(tag) + byte(multiple))
