import { Malformed } from '#codec/malformed.ts'

/** RFC 8010 §3.5: what introduces a group of attributes, and what a value is. */
export const Group = { Operation: 1, Job: 2, End: 3, Printer: 4, Unsupported: 5, Subscription: 6 } as const
export const tags = {
  unknown: 0x12,
  none: 0x13,
  admin: 0x17,
  integer: 0x21,
  boolean: 0x22,
  enum: 0x23,
  octets: 0x30,
  date: 0x31,
  resolution: 0x32,
  range: 0x33,
  text: 0x41,
  name: 0x42,
  keyword: 0x44,
  uri: 0x45,
  charset: 0x47,
  language: 0x48,
  mime: 0x49,
} as const
export type Tag = keyof typeof tags
/** As in the world: dates in milliseconds since the epoch, ranges as `1-9999`, texts in Latin-1. */
export type Value = string | number | boolean
/** Name, kind, values. */
export type Attribute = readonly [name: string, tag: Tag, ...values: Value[]]
export type Groups = readonly (readonly [group: number, attributes: readonly Attribute[]])[]

export type Received = { name: string; tag: number; values: Buffer[] }
export type Request = {
  major: number
  minor: number
  operation: number
  id: number
  /** In the order they came in; a group without attributes counts. */
  groups: { group: number; attributes: Received[] }[]
}

/** Bytes read one after the other, however they are framed. */
export type Reader = { read(n: number): Promise<Buffer> }

const ATTRIBUTES = 1000
const BYTES = 256 << 10

/** A request up to the end of its attributes (RFC 8010 §3.1); what follows is its document. */
export async function readRequest(reader: Reader): Promise<Request> {
  const head = await reader.read(8)
  const request: Request = {
    major: head[0]!,
    minor: head[1]!,
    operation: head.readUInt16BE(2),
    id: head.readInt32BE(4),
    groups: [],
  }
  for (let [count, bytes] = [0, 0]; ; count++) {
    const tag = (await reader.read(1))[0]!
    if (tag === Group.End) return request
    if (count > ATTRIBUTES || bytes > BYTES) throw new Malformed('Attributes without end')
    if (tag < 0x10) {
      request.groups.push({ group: tag, attributes: [] })
      continue
    }
    const name = (await block(reader)).toString('latin1')
    const value = await block(reader)
    bytes += name.length + value.length
    const attributes = request.groups.at(-1)?.attributes
    if (!attributes) throw new Malformed('An attribute of no group')
    if (name !== '') attributes.push({ name, tag, values: [value] })
    else if (attributes.length > 0) attributes.at(-1)!.values.push(value)
    else throw new Malformed('A further value of no attribute')
  }
}
async function block(reader: Reader): Promise<Buffer> {
  const length = (await reader.read(2)).readUInt16BE()
  if (length > 0x7fff) throw new Malformed(`A value of ${length} bytes`)
  return reader.read(length)
}

/** An answer, or a request, as bytes. */
export function encoded(version: readonly [number, number], code: number, id: number, groups: Groups): Buffer {
  const head = Buffer.alloc(8)
  head.writeUInt8(version[0], 0)
  head.writeUInt8(version[1], 1)
  head.writeUInt16BE(code, 2)
  head.writeInt32BE(id, 4)
  const parts: Buffer[] = [head]
  for (const [group, attributes] of groups) {
    parts.push(Buffer.of(group))
    for (const [name, tag, ...values] of attributes)
      for (const [i, value] of (values.length === 0 ? [''] : values).entries())
        parts.push(Buffer.of(tags[tag]), prefixed(Buffer.from(i === 0 ? name : '')), prefixed(bytesOf(tag, value)))
  }
  return Buffer.concat([...parts, Buffer.of(Group.End)])
}
const prefixed = (bytes: Buffer): Buffer => Buffer.concat([Buffer.of(bytes.length >> 8, bytes.length & 0xff), bytes])

function bytesOf(tag: Tag, value: Value): Buffer {
  if (tag === 'boolean') return Buffer.of(value ? 1 : 0)
  if (tag === 'date') return dateOf(Number(value))
  if (tag === 'range') return ints(...String(value).split('-').map(Number))
  if (tag === 'integer' || tag === 'enum') return ints(Number(value))
  return Buffer.from(String(value), 'latin1')
}
const ints = (...values: number[]): Buffer => {
  const bytes = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) bytes.writeInt32BE(value, 4 * i)
  return bytes
}

/** RFC 2579's DateAndTime, as CUPS writes it: in UTC. */
function dateOf(milliseconds: number): Buffer {
  const at = new Date(milliseconds)
  const year = at.getUTCFullYear()
  const parts = [at.getUTCMonth() + 1, at.getUTCDate(), at.getUTCHours(), at.getUTCMinutes(), at.getUTCSeconds(), 0]
  return Buffer.from([year >> 8, year & 0xff, ...parts, 0x2b, 0, 0])
}
