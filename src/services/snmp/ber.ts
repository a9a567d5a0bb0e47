import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#codec/malformed.ts'

/** ASN.1 in the Basic Encoding Rules as SNMP uses them (RFC 3417 §8): definite lengths, tags of one byte. */

/** `1.3.6.1.2.1.1.1.0` as its numbers. */
export type Oid = readonly number[]
export const oid = (text: string): Oid => text.split('.').map(Number)
export const dotted = (of: Oid): string => of.join('.')

/** -1, 0 or 1, in the order of a walk. */
export function compare(a: Oid, b: Oid): number {
  for (let i = 0; i < a.length && i < b.length; i++) if (a[i] !== b[i]) return a[i]! < b[i]! ? -1 : 1
  return Math.sign(a.length - b.length)
}

export type Element = { tag: number; content: Buffer }

export function element(cursor: Cursor): Element {
  const tag = cursor.u8()
  let length = cursor.u8()
  if (length & 0x80) {
    const octets = length & 0x7f
    if (octets === 0 || octets > 4) throw new Malformed(`Length in ${octets} bytes`)
    length = cursor.bytes(octets).readUIntBE(0, octets)
  }
  return { tag, content: cursor.bytes(length) }
}

/** The next element's content, if it has this tag. */
export function expect(cursor: Cursor, tag: number): Buffer {
  const found = element(cursor)
  if (found.tag !== tag) throw new Malformed(`Tag ${found.tag} where ${tag} belongs`)
  return found.content
}

export function integerOf(content: Buffer): number {
  if (content.length === 0 || content.length > 6) throw new Malformed(`An integer of ${content.length} bytes`)
  return content.readIntBE(0, content.length)
}

export function oidOf(content: Buffer): Oid {
  const numbers: number[] = []
  let arc = 0
  let digits = 0
  for (const byte of content) {
    if (++digits > 5) throw new Malformed('A number over 32 bits in an object identifier')
    arc = arc * 128 + (byte & 0x7f)
    if (byte & 0x80) continue
    if (numbers.length === 0) numbers.push(arc < 80 ? Math.floor(arc / 40) : 2, arc < 80 ? arc % 40 : arc - 80)
    else numbers.push(arc)
    if (numbers.length > 128) throw new Malformed('An object identifier of more than 128 numbers')
    arc = digits = 0
  }
  if (digits > 0) throw new Malformed('An object identifier that does not end')
  return numbers
}

export function tlv(tag: number, ...parts: Buffer[]): Buffer {
  const content = Buffer.concat(parts)
  const { length } = content
  const head =
    length < 0x80
      ? Buffer.of(tag, length)
      : length < 0x100
        ? Buffer.of(tag, 0x81, length)
        : Buffer.of(tag, 0x82, length >> 8, length & 255)
  return Buffer.concat([head, content])
}

/** A signed integer of any size in as few bytes as possible. */
export function integer(value: number | bigint, tag = 0x02): Buffer {
  const bytes: number[] = []
  let rest = BigInt(value)
  do {
    bytes.unshift(Number(rest & 0xffn))
    rest >>= 8n
  } while (!((rest === 0n && bytes[0]! < 0x80) || (rest === -1n && bytes[0]! >= 0x80)))
  return tlv(tag, Buffer.from(bytes))
}

export function objectId(value: Oid): Buffer {
  const [first = 0, second = 0, ...rest] = value
  const octets: number[] = []
  for (const arc of [first * 40 + second, ...rest]) {
    const base128 = [arc & 0x7f]
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128))
      base128.unshift(0x80 | (left & 0x7f))
    octets.push(...base128)
  }
  return tlv(0x06, Buffer.from(octets))
}
export const octets = (content: Buffer | string): Buffer =>
  tlv(0x04, typeof content === 'string' ? Buffer.from(content, 'latin1') : content)
export const sequence = (...parts: Buffer[]): Buffer => tlv(0x30, ...parts)

export { Cursor }
