import { Cursor } from '#codec/cursor.ts'
import { Malformed } from '#sensor/endings.ts'
import { Decimal } from '#sql/decimal.ts'
import type { Type, Value } from '#sql/value.ts'
import { fromDateNumber, fromDatetime, shownMoment } from './moments.ts'
import { widened } from './texts.ts'
import { TDS } from './tokens.ts'

/** A parameter of an RPC: MS-TDS 2.2.6.6. */
export type Parameter = { name: string; output: boolean; type: Type; value: Value }

const little = (bytes: Buffer): bigint => {
  let n = 0n
  for (let i = bytes.length - 1; i >= 0; i--) n = (n << 8n) | BigInt(bytes[i]!)
  return n
}
const signed = (bytes: Buffer): bigint =>
  bytes.length === 1 ? BigInt(bytes[0]!) : BigInt.asIntN(bytes.length * 8, little(bytes))
const decimalFrom = (bytes: Buffer, scale: number): Decimal => {
  const digits = little(bytes.subarray(1))
  return new Decimal(bytes[0] === 0 ? -digits : digits, scale)
}
const moneyFrom = (bytes: Buffer): Decimal =>
  new Decimal(
    bytes.length === 4 ? signed(bytes) : (BigInt(bytes.readInt32LE(0)) << 32n) | BigInt(bytes.readUInt32LE(4)),
    4,
  )
const floatFrom = (bytes: Buffer): number => (bytes.length === 4 ? bytes.readFloatLE() : bytes.readDoubleLE())
const datetimeFrom = (bytes: Buffer): string =>
  bytes.length === 4
    ? shownMoment(fromDatetime(bytes.readUInt16LE(0), bytes.readUInt16LE(2) * 18_000), 3)
    : shownMoment(fromDatetime(bytes.readInt32LE(0) % 3_000_000, bytes.readUInt32LE(4) % 25_920_000), 3)

/** Types of fixed size: what they are called, their bytes, and how they are read. */
const fixedTypes = new Map<number, readonly [string, number, (bytes: Buffer) => Value]>([
  [0x1f, ['int', 0, () => null]],
  [0x30, ['tinyint', 1, signed]],
  [0x32, ['bit', 1, signed]],
  [0x34, ['smallint', 2, signed]],
  [0x38, ['int', 4, signed]],
  [0x7f, ['bigint', 8, signed]],
  [0x3b, ['real', 4, floatFrom]],
  [0x3e, ['float', 8, floatFrom]],
  [0x3c, ['money', 8, moneyFrom]],
  [0x7a, ['smallmoney', 4, moneyFrom]],
  [0x3d, ['datetime', 8, datetimeFrom]],
  [0x3a, ['smalldatetime', 4, datetimeFrom]],
])
const integers = new Map([
  [1, 'tinyint'],
  [2, 'smallint'],
  [4, 'int'],
  [8, 'bigint'],
])
const exactly = (bytes: Buffer, ...sizes: number[]): Buffer => {
  if (!sizes.includes(bytes.length)) throw new Malformed(`A value of ${bytes.length} bytes`)
  return bytes
}

/** TYPE_INFO, then the value. */
export function typedValue(c: Cursor, version: number): { type: Type; value: Value } {
  const id = c.u8()
  const fixed = fixedTypes.get(id)
  if (fixed) return { type: { name: fixed[0] }, value: fixed[2](c.bytes(fixed[1])) }
  const behindByte = (name: string, read: (bytes: Buffer) => Value, ...sizes: number[]) => {
    const size = c.u8()
    const bytes = c.bytes(c.u8())
    const kind = integers.get(size)
    return {
      type: { name: name === 'int' ? (kind ?? 'int') : name === 'float' && size === 4 ? 'real' : name },
      value: bytes.length === 0 ? null : read(exactly(bytes, ...sizes)),
    }
  }
  switch (id) {
    case 0x26:
      return behindByte('int', signed, 1, 2, 4, 8)
    case 0x68:
      return behindByte('bit', signed, 1)
    case 0x6d:
      return behindByte('float', floatFrom, 4, 8)
    case 0x6e:
      return behindByte('money', moneyFrom, 4, 8)
    case 0x6f:
      return behindByte('datetime', datetimeFrom, 4, 8)
    case 0x24:
      return behindByte('uniqueidentifier', guidText, 16)
    case 0x6a:
    case 0x6c:
    case 0x37:
    case 0x3f: {
      c.u8()
      const [length, scale] = [c.u8(), c.u8()]
      const bytes = c.bytes(c.u8())
      const value = bytes.length === 0 ? null : decimalFrom(exactly(bytes, 5, 9, 13, 17), Math.min(38, scale))
      return {
        type: {
          name: id === 0x6a ? 'decimal' : 'numeric',
          length: Math.min(38, length || 18),
          scale: Math.min(38, scale),
        },
        value,
      }
    }
    case 0x28:
    case 0x29:
    case 0x2a:
    case 0x2b:
      return newer(c, id)
    case 0x62: {
      c.u32le()
      const bytes = c.bytes(Math.min(c.u32le(), c.left))
      return { type: { name: 'sql_variant' }, value: bytes.length === 0 ? null : variantValue(bytes, version) }
    }
    case 0xf1:
      if (c.u8() === 1) {
        for (const count of [c.u8(), c.u8()]) c.bytes(count * 2)
        c.bytes(c.u16le() * 2)
      }
      return { type: { name: 'xml' }, value: pieces(c)?.toString('utf16le') ?? null }
    default:
      return texts(c, id, version)
  }
}

function newer(c: Cursor, id: number): { type: Type; value: Value } {
  const scale = id === 0x28 ? 0 : Math.min(7, c.u8())
  const name = id === 0x28 ? 'date' : id === 0x29 ? 'time' : id === 0x2a ? 'datetime2' : 'datetimeoffset'
  const bytes = c.bytes(c.u8())
  const type: Type = { name, ...(id === 0x28 ? {} : { scale }) }
  if (bytes.length === 0) return { type, value: null }
  const width = id === 0x28 ? 0 : scale <= 2 ? 3 : scale <= 4 ? 4 : 5
  exactly(bytes, width + (id === 0x29 ? 0 : 3) + (id === 0x2b ? 2 : 0))
  const ticks = width ? (little(bytes.subarray(0, width)) * 10n ** BigInt(7 - scale)) % 864_000_000_000n : 0n
  const days = id === 0x29 ? 0 : fromDateNumber(bytes.readUIntLE(width, 3) % 3_652_059)
  return {
    type,
    value: shownMoment({ days, ticks }, scale, name === 'date' ? 'date' : name === 'time' ? 'time' : 'both'),
  }
}

const textTypes = new Map<number, readonly [name: string, wide: boolean, collated: boolean]>([
  [0xa7, ['varchar', false, true]],
  [0xaf, ['char', false, true]],
  [0xe7, ['nvarchar', true, true]],
  [0xef, ['nchar', true, true]],
  [0xa5, ['varbinary', false, false]],
  [0xad, ['binary', false, false]],
  [0x23, ['text', false, true]],
  [0x63, ['ntext', true, true]],
  [0x22, ['image', false, false]],
])
function texts(c: Cursor, id: number, version: number): { type: Type; value: Value } {
  const found = textTypes.get(id)
  if (!found) throw new Malformed(`A parameter of the type 0x${id.toString(16)}`)
  const [name, wide, collated] = found
  const old = id < 0x80
  const size = old ? c.u32le() : c.u16le()
  if (collated && version >= TDS.v71) c.bytes(5)
  const bytes = old ? longBytes(c) : size === 0xffff ? pieces(c) : shortBytes(c)
  const length = old || size === 0xffff ? -1 : wide ? size >> 1 : size
  const type: Type = { name, length: Math.max(-1, length) }
  if (bytes === undefined) return { type, value: null }
  return { type, value: wide ? bytes.toString('utf16le') : collated ? widened(bytes) : bytes.toString('latin1') }
}
function shortBytes(c: Cursor): Buffer | undefined {
  const length = c.u16le()
  return length === 0xffff ? undefined : c.bytes(length)
}
function longBytes(c: Cursor): Buffer | undefined {
  const length = c.u32le()
  return length === 0xffff_ffff ? undefined : c.bytes(length)
}
/** PLP: a length, or that it is not known, then pieces up to one of no bytes. */
function pieces(c: Cursor): Buffer | undefined {
  const announced = c.bytes(8).readBigUInt64LE()
  if (announced === 0xffff_ffff_ffff_ffffn) return undefined
  const parts: Buffer[] = []
  for (;;) {
    const length = c.u32le()
    if (length === 0) return Buffer.concat(parts)
    parts.push(c.bytes(length))
  }
}

function variantValue(bytes: Buffer, version: number): Value {
  const c = new Cursor(bytes)
  const id = c.u8()
  c.bytes(c.u8())
  const fixed = fixedTypes.get(id)
  if (fixed) return fixed[2](c.bytes(fixed[1]))
  const left = c.rest()
  if (id === 0xe7 || id === 0xef) return left.toString('utf16le')
  return version > 0 && (id === 0xa7 || id === 0xaf) ? widened(left) : left.toString('latin1')
}

export function guidText(bytes: Buffer): string {
  const hex = Buffer.concat([
    Buffer.from(bytes.subarray(0, 4)).reverse(),
    Buffer.from(bytes.subarray(4, 6)).reverse(),
    Buffer.from(bytes.subarray(6, 8)).reverse(),
    bytes.subarray(8),
  ])
    .toString('hex')
    .toUpperCase()
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`
}
