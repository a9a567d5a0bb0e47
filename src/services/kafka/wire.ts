import type { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#sensor/endings.ts'

/**
 * Messages of Kafka (kafka.apache.org/protocol) read and written by their schemas, as the project's own JSON definitions
 * have them: fields with the versions that have them, in the compact forms of KIP-482 from a message's first flexible
 * version on. Strings are Latin-1, a byte a character; 64-bit numbers are bigint.
 */

type Primitive = 'bool' | 'int8' | 'int16' | 'int32' | 'int64' | 'string' | 'bytes' | 'records' | 'uuid'
/** A field: its name, type (a list stands for an array of such), and the versions that have it, both included. */
export type Field = {
  name: string
  type: Primitive | readonly [Primitive] | readonly Field[]
  from: number
  to: number
  /** What stands there where the value says nothing of it. */
  otherwise: Item
}
export type Item = boolean | number | bigint | string | Buffer | null | Item[] | { [name: string]: Item }
export type Body = { [name: string]: Item }
/** `flexible`: the first version in compact form, or one that never comes. */
export type Schema = { fields: readonly Field[]; flexible: number }

/** Elements of all arrays of one message. */
const ELEMENTS = 20_000

const nothing = new Map<Primitive, Item>([
  ['bool', false],
  ['int8', 0],
  ['int16', 0],
  ['int32', 0],
  ['int64', 0n],
  ['string', ''],
  ['bytes', Buffer.alloc(0)],
  ['records', null],
  ['uuid', Buffer.alloc(16)],
])

/** `f('name', 'string', 3)`: since version 3; `f('name', 'int32', 0, 4)`: from 0 to 4. */
export function f(
  name: string,
  type: Field['type'],
  from = 0,
  to = Number.POSITIVE_INFINITY,
  otherwise: Item = typeof type === 'string' ? nothing.get(type)! : [],
): Field {
  return { name, type, from, to, otherwise }
}

export function readVarint(cursor: Cursor): number {
  let value = 0
  for (let i = 0; i < 5; i++) {
    const byte = cursor.u8()
    value += (byte & 127) * 128 ** i
    if (byte < 128) return value
  }
  throw new Malformed('A number of more than five bytes')
}
/** Zigzag, as records have it; 64 bits. */
export function readZigzag(cursor: Cursor): bigint {
  let value = 0n
  for (let shift = 0n; shift < 70n; shift += 7n) {
    const byte = cursor.u8()
    value |= BigInt(byte & 127) << shift
    if (byte < 128) return (value >> 1n) ^ -(value & 1n)
  }
  throw new Malformed('A number of more than ten bytes')
}
export function varint(value: number): Buffer {
  const bytes: number[] = []
  do {
    const rest = Math.floor(value / 128)
    bytes.push((value % 128) | (rest > 0 ? 128 : 0))
    value = rest
  } while (value > 0)
  return Buffer.from(bytes)
}
export const zigzag = (value: number): Buffer => varint(value < 0 ? -2 * value - 1 : 2 * value)

/** A message's body, or `Malformed`. */
export function read(schema: Schema, version: number, cursor: Cursor): Body {
  return readFields(schema.fields, version, version >= schema.flexible, cursor, { left: ELEMENTS })
}

function readFields(
  fields: readonly Field[],
  version: number,
  compact: boolean,
  cursor: Cursor,
  budget: { left: number },
): Body {
  const body: Body = {}
  for (const { name, type, from, to, otherwise } of fields)
    body[name] = version >= from && version <= to ? readItem(type, version, compact, cursor, budget) : otherwise
  if (compact) skipTags(cursor)
  return body
}

/** Tagged fields: none of those that clients send matters here. */
export function skipTags(cursor: Cursor): void {
  for (let left = readVarint(cursor); left > 0; left--) {
    readVarint(cursor)
    cursor.bytes(readVarint(cursor))
  }
}

function readItem(
  type: Field['type'],
  version: number,
  compact: boolean,
  cursor: Cursor,
  budget: { left: number },
): Item {
  if (typeof type === 'string') return readPrimitive(type, compact, cursor)
  const count = compact ? readVarint(cursor) - 1 : cursor.bytes(4).readInt32BE()
  if (count < 0) return null
  budget.left -= count
  if (budget.left < 0 || count > cursor.left) throw new Malformed(`An array of ${count} elements`)
  return Array.from({ length: count }, () => {
    const [first] = type
    if (typeof first === 'string') return readElement(first, compact, cursor)
    return readFields(type as readonly Field[], version, compact, cursor, budget)
  })
}

/** In a list nothing stands for nothing. */
function readElement(type: Primitive, compact: boolean, cursor: Cursor): Item {
  const item = readPrimitive(type, compact, cursor)
  if (item === null) throw new Malformed('A list with an element that is not there')
  return item
}

function readPrimitive(type: Primitive, compact: boolean, cursor: Cursor): Item {
  switch (type) {
    case 'bool':
      return cursor.u8() !== 0
    case 'int8':
      return cursor.bytes(1).readInt8()
    case 'int16':
      return cursor.bytes(2).readInt16BE()
    case 'int32':
      return cursor.bytes(4).readInt32BE()
    case 'int64':
      return cursor.bytes(8).readBigInt64BE()
    case 'uuid':
      return cursor.bytes(16)
    case 'string': {
      const length = compact ? readVarint(cursor) - 1 : cursor.bytes(2).readInt16BE()
      return length < 0 ? null : cursor.bytes(length).toString('latin1')
    }
    default: {
      const length = compact ? readVarint(cursor) - 1 : cursor.bytes(4).readInt32BE()
      return length < 0 ? null : cursor.bytes(length)
    }
  }
}

/** A message's body as bytes; fields that `body` lacks are what the schema has for them. */
export function write(schema: Schema, version: number, body: Body): Buffer {
  const parts: Buffer[] = []
  writeFields(schema.fields, version, version >= schema.flexible, body, parts)
  return Buffer.concat(parts)
}

function writeFields(fields: readonly Field[], version: number, compact: boolean, body: Body, parts: Buffer[]): void {
  for (const { name, type, from, to, otherwise } of fields)
    if (version >= from && version <= to)
      writeItem(type, version, compact, body[name] ?? (name in body ? null : otherwise), parts)
  if (compact) parts.push(Buffer.of(0))
}

function writeItem(type: Field['type'], version: number, compact: boolean, item: Item, parts: Buffer[]): void {
  if (typeof type === 'string') {
    parts.push(writePrimitive(type, compact, item))
    return
  }
  const list = item as Item[] | null
  parts.push(compact ? varint((list?.length ?? -1) + 1) : int32(list?.length ?? -1))
  const [first] = type
  for (const one of list ?? [])
    if (typeof first === 'string') parts.push(writePrimitive(first, compact, one))
    else writeFields(type as readonly Field[], version, compact, one as Body, parts)
}

export const int16 = (value: number): Buffer => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(value)
  return bytes
}
export const int32 = (value: number): Buffer => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value)
  return bytes
}
export const int64 = (value: bigint | number): Buffer => {
  const bytes = Buffer.alloc(8)
  bytes.writeBigInt64BE(BigInt.asIntN(64, BigInt(value)))
  return bytes
}

function writePrimitive(type: Primitive, compact: boolean, item: Item): Buffer {
  switch (type) {
    case 'bool':
      return Buffer.of(item ? 1 : 0)
    case 'int8':
      return Buffer.of((item as number) & 0xff)
    case 'int16':
      return int16(item as number)
    case 'int32':
      return int32(item as number)
    case 'int64':
      return int64(item as bigint)
    case 'uuid':
      return item as Buffer
    default: {
      const bytes = typeof item === 'string' ? Buffer.from(item, 'latin1') : (item as Buffer | null)
      const length = bytes?.length ?? -1
      const head = compact ? varint(length + 1) : type === 'string' ? int16(length) : int32(length)
      return bytes ? Buffer.concat([head, bytes]) : head
    }
  }
}
