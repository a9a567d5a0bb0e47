/**
 * Writes ASN.1 in the Distinguished Encoding Rules (X.690 §10): each function gives one complete tag-length-value.
 */

/** Any tag of one octet around its content. */
export const tlv = (tag: number, content: Buffer): Buffer => {
  const n = content.length
  // X.690 §8.1.3.5: above 127 the first octet counts the length octets, as few as possible.
  const octets = n < 0x100 ? 1 : n < 0x10000 ? 2 : 3
  const length = n < 0x80 ? Buffer.of(n) : Buffer.concat([Buffer.of(0x80 | octets), bigEndian(n, octets)])
  return Buffer.concat([Buffer.of(tag), length, content])
}
const bigEndian = (n: number, octets: number): Buffer => {
  const bytes = Buffer.alloc(octets)
  bytes.writeUIntBE(n, 0, octets)
  return bytes
}

export const sequence = (...members: readonly Buffer[]): Buffer => tlv(0x30, Buffer.concat(members))
/** A SET OF with one member, all that a distinguished name needs. */
export const setOfOne = (member: Buffer): Buffer => tlv(0x31, member)

/** A non-negative INTEGER from big-endian bytes of any length. */
export const integer = (magnitude: Buffer): Buffer => {
  let start = 0
  while (start < magnitude.length - 1 && magnitude[start] === 0) start++
  const bytes = magnitude.length === 0 ? Buffer.of(0) : magnitude.subarray(start)
  return tlv(0x02, bytes[0]! & 0x80 ? Buffer.concat([Buffer.of(0), bytes]) : bytes)
}
export const boolean = (value: boolean): Buffer => tlv(0x01, Buffer.of(value ? 0xff : 0))
export const nothing = (): Buffer => Buffer.of(0x05, 0)
export const octetString = (content: Buffer): Buffer => tlv(0x04, content)
/** A BIT STRING of whole octets. */
export const bitString = (content: Buffer): Buffer => tlv(0x03, Buffer.concat([Buffer.of(0), content]))
export const utf8String = (text: string): Buffer => tlv(0x0c, Buffer.from(text, 'utf8'))
export const printableString = (text: string): Buffer => tlv(0x13, Buffer.from(text, 'latin1'))
export const ia5String = (text: string): Buffer => tlv(0x16, Buffer.from(text, 'latin1'))

/** `1.2.840.113549.1.1.11`; arcs below 2^31. */
export const objectIdentifier = (dotted: string): Buffer => {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  const octets = [first * 40 + second, ...rest].flatMap(arc => {
    const base128 = [arc & 0x7f]
    for (let left = arc >>> 7; left > 0; left >>>= 7) base128.unshift(0x80 | (left & 0x7f))
    return base128
  })
  return tlv(0x06, Buffer.from(octets))
}

/** RFC 5280 §4.1.2.5: UTCTime to the end of 2049, GeneralizedTime after; whole seconds. */
export const time = (milliseconds: number): Buffer => {
  const digits = new Date(milliseconds).toISOString().replace(/[-:T]|\..*/g, '')
  const year = Number(digits.slice(0, 4))
  return year >= 1950 && year < 2050
    ? tlv(0x17, Buffer.from(`${digits.slice(2)}Z`, 'latin1'))
    : tlv(0x18, Buffer.from(`${digits}Z`, 'latin1'))
}

/** `[n]` around whole elements. */
export const explicit = (n: number, content: Buffer): Buffer => tlv(0xa0 | n, content)
/** `[n]` in place of a primitive's own tag. */
export const implicit = (n: number, content: Buffer): Buffer => tlv(0x80 | n, content)
