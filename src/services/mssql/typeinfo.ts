import { Decimal, rescale } from '#sql/decimal.ts'
import type { Type, Value } from '#sql/value.ts'
import { dateNumber, datetimeParts, momentOf } from './moments.ts'
import { Out } from './out.ts'
import { narrow, numberOf, plainNumber, textOf } from './texts.ts'
import { TDS } from './tokens.ts'

/** SQL_Latin1_General_CP1_CI_AS: LCID 1033, case and width are ignored, sort order 52. MS-TDS 2.2.5.1.2 */
export const collation = Buffer.from('0904d00034', 'hex')

/** How a column is told of and how its values are sent. */
export type Encoding = { info: Buffer; put(value: Exclude<Value, null>): Buffer; none: Buffer }

const NULL_BYTE = Buffer.of(0)
const NULL_SHORT = Buffer.of(0xff, 0xff)
const NULL_LONG = Buffer.alloc(8, 0xff)
/** The largest of what is not `max`. */
const LONGEST = 8000

const behind = (bytes: Buffer) => new Out().u8(bytes.length).bytes(bytes).done
const sized = (id: number, size: number, write: (value: Exclude<Value, null>, out: Buffer) => void): Encoding => ({
  info: Buffer.of(id, size),
  none: NULL_BYTE,
  put: value => {
    const out = Buffer.alloc(size)
    write(value, out)
    return behind(out)
  },
})
/** A type of fixed size for columns that are never null. */
const fixed = (id: number, { put }: Encoding): Encoding => ({
  info: Buffer.of(id),
  none: Buffer.alloc(0),
  put: value => put(value).subarray(1),
})
const whole = (value: Exclude<Value, null>): bigint => {
  const n = numberOf(value)
  if (typeof n === 'bigint') return n
  if (n instanceof Decimal) return rescale(n, 0).digits
  return n === undefined || !Number.isFinite(n) ? 0n : BigInt(Math.trunc(n))
}
const integer = (size: number) =>
  sized(0x26, size, (value, out) => {
    const n = BigInt.asUintN(size * 8, whole(value))
    for (let i = 0; i < size; i++) out[i] = Number((n >> BigInt(8 * i)) & 255n)
  })
const bit = sized(0x68, 1, (value, out) => {
  out[0] = whole(value) === 0n ? 0 : 1
})
const real = sized(0x6d, 4, (value, out) => void out.writeFloatLE(plainNumber(value) || 0))
const float = sized(0x6d, 8, (value, out) => void out.writeDoubleLE(plainNumber(value) || 0))
const money = (size: number) =>
  sized(0x6e, size, (value, out) => {
    const n = numberOf(value)
    const tenThousandths =
      n instanceof Decimal ? rescale(n, 4).digits : BigInt(Math.round(Number(String(n ?? 0)) * 10_000))
    if (size === 4) out.writeInt32LE(Number(BigInt.asIntN(32, tenThousandths)))
    else {
      out.writeInt32LE(Number(BigInt.asIntN(32, tenThousandths >> 32n)), 0)
      out.writeUInt32LE(Number(tenThousandths & 0xffff_ffffn), 4)
    }
  })
const moment = (value: Exclude<Value, null>) => momentOf(textOf(value)) ?? { days: 0, ticks: 0n }
const datetime = sized(0x6f, 8, (value, out) => {
  const [days, parts] = datetimeParts(moment(value))
  out.writeInt32LE(days, 0)
  out.writeUInt32LE(parts, 4)
})
const smalldatetime = sized(0x6f, 4, (value, out) => {
  const [days, parts] = datetimeParts(moment(value))
  out.writeUInt16LE(Math.max(0, Math.min(0xffff, days)), 0)
  out.writeUInt16LE(Math.floor(parts / 18_000), 2)
})
const uuid: Encoding = {
  info: Buffer.of(0x24, 16),
  none: NULL_BYTE,
  put: value => behind(guidBytes(textOf(value))),
}
/** The first three parts of a GUID are little-endian. */
export function guidBytes(text: string): Buffer {
  const raw = Buffer.from(
    text
      .replace(/[^0-9a-fA-F]/g, '')
      .padEnd(32, '0')
      .slice(0, 32),
    'hex',
  )
  return Buffer.concat([
    raw.subarray(0, 4).reverse(),
    raw.subarray(4, 6).reverse(),
    raw.subarray(6, 8).reverse(),
    raw.subarray(8),
  ])
}

function decimal(id: number, { length = 18, scale = 0 }: Type): Encoding {
  const width = length <= 9 ? 4 : length <= 19 ? 8 : length <= 28 ? 12 : 16
  return {
    info: Buffer.of(id, width + 1, length, scale),
    none: NULL_BYTE,
    put: value => {
      const n = numberOf(value)
      const exact = n instanceof Decimal ? n : new Decimal(typeof n === 'bigint' ? n : BigInt(Math.trunc(n ?? 0)), 0)
      const { digits } = rescale(
        typeof n === 'number' ? new Decimal(BigInt(Math.round(n * 10 ** scale)), scale) : exact,
        scale,
      )
      const out = Buffer.alloc(width + 1)
      out[0] = digits < 0n ? 0 : 1
      let left = digits < 0n ? -digits : digits
      for (let i = 1; i <= width; i++, left >>= 8n) out[i] = Number(left & 255n)
      return behind(out)
    },
  }
}

type Bytes = (value: Exclude<Value, null>) => Buffer
/** Up to 8000 bytes behind two bytes of length, or as long as it likes, in pieces (PLP). */
function string(id: number, size: number, bytes: Bytes, collated: boolean, version: number, old: number): Encoding {
  const tail = collated && version >= TDS.v71 ? collation : Buffer.alloc(0)
  if (size > 0)
    return {
      info: new Out().u8(id).u16(size).bytes(tail).done,
      none: NULL_SHORT,
      put: value => {
        const raw = bytes(value).subarray(0, size)
        return new Out().u16(raw.length).bytes(raw).done
      },
    }
  if (version < TDS.v72) return large(old, bytes, collated, version)
  return {
    info: new Out().u8(id).u16(0xffff).bytes(tail).done,
    none: NULL_LONG,
    put: value => {
      const raw = bytes(value)
      const out = new Out().u64(BigInt(raw.length))
      if (raw.length > 0) out.u32(raw.length).bytes(raw)
      return out.u32(0).done
    },
  }
}
/** TEXT, NTEXT and IMAGE: behind a pointer and a time, as the old ones are. */
function large(id: number, bytes: Bytes, collated: boolean, version: number): Encoding {
  const info = new Out().u8(id).u32(0x7fff_ffff)
  if (collated && version >= TDS.v71) info.bytes(collation)
  if (version >= TDS.v72) info.u8(1)
  info.long('')
  const pointer = new Out()
    .u8(16)
    .bytes(Buffer.from('dummy textptr\0\0\0', 'latin1'))
    .bytes(Buffer.from('dummyTS\0', 'latin1')).done
  return {
    info: info.done,
    none: NULL_BYTE,
    put: value => {
      const raw = bytes(value)
      return new Out().bytes(pointer).u32(raw.length).bytes(raw).done
    },
  }
}
const wide: Bytes = value => Buffer.from(textOf(value), 'utf16le')
const thin: Bytes = value => narrow(textOf(value))
const raw: Bytes = value => Buffer.from(textOf(value), 'latin1')
const padded =
  (bytes: Bytes, size: number, fill: Buffer): Bytes =>
  value => {
    const given = bytes(value)
    return given.length >= size ? given : Buffer.concat([given, Buffer.alloc(size - given.length, fill)])
  }

/** TIME, DATETIME2 and DATETIMEOFFSET by their digits; older clients are told texts. */
function newer(name: string, { scale = 7 }: Type, version: number): Encoding {
  if (version < TDS.v73) return string(0xe7, 54, wide, true, version, 0x63)
  const width = scale <= 2 ? 3 : scale <= 4 ? 4 : 5
  const id = name === 'date' ? 0x28 : name === 'time' ? 0x29 : name === 'datetime2' ? 0x2a : 0x2b
  return {
    info: name === 'date' ? Buffer.of(id) : Buffer.of(id, scale),
    none: NULL_BYTE,
    put: value => {
      const when = moment(value)
      const out = Buffer.alloc(
        (name === 'date' ? 0 : width) + (name === 'time' ? 0 : 3) + (name === 'datetimeoffset' ? 2 : 0),
      )
      let at = 0
      if (name !== 'date') {
        out.writeUIntLE(Number(when.ticks / 10n ** BigInt(7 - scale)), 0, width)
        at = width
      }
      if (name !== 'time') out.writeUIntLE(Math.max(0, dateNumber(when)), at, 3)
      return behind(out)
    },
  }
}

/** SQL_VARIANT: the value's own type before it. MS-TDS 2.2.5.5.4 */
const variant: Encoding = {
  info: new Out().u8(0x62).u32(8009).done,
  none: Buffer.alloc(4),
  put: value => {
    if (typeof value === 'bigint') {
      const small = value >= -2_147_483_648n && value <= 2_147_483_647n
      const number = integer(small ? 4 : 8)
        .put(value)
        .subarray(1)
      return new Out()
        .u32(number.length + 2)
        .u8(small ? 0x38 : 0x7f)
        .u8(0)
        .bytes(number).done
    }
    const bytes = wide(value).subarray(0, LONGEST)
    return new Out()
      .u32(bytes.length + 9)
      .u8(0xe7)
      .u8(7)
      .bytes(collation)
      .u16(LONGEST)
      .bytes(bytes).done
  },
}

const fixedIds = new Map([
  ['bit', 0x32],
  ['tinyint', 0x30],
  ['smallint', 0x34],
  ['int', 0x38],
  ['bigint', 0x7f],
  ['real', 0x3b],
  ['float', 0x3e],
  ['money', 0x3c],
  ['smallmoney', 0x7a],
  ['datetime', 0x3d],
  ['smalldatetime', 0x3a],
])

/** How a type goes over the wire for a client of that version. */
export function encodingOf(type: Type, version: number): Encoding {
  const found = nullable(type, version)
  const id = type.notNull ? fixedIds.get(type.name) : undefined
  return id === undefined ? found : fixed(id, found)
}
function nullable(type: Type, version: number): Encoding {
  const { name, length = -1 } = type
  const size = length < 0 || length > LONGEST ? -1 : Math.max(1, length)
  switch (name) {
    case 'bit':
      return bit
    case 'tinyint':
      return integer(1)
    case 'smallint':
      return integer(2)
    case 'int':
    case 'null':
      return integer(4)
    case 'bigint':
      return integer(8)
    case 'real':
      return real
    case 'float':
      return float
    case 'money':
      return money(8)
    case 'smallmoney':
      return money(4)
    case 'decimal':
      return decimal(0x6a, type)
    case 'numeric':
      return decimal(0x6c, type)
    case 'datetime':
      return datetime
    case 'smalldatetime':
      return smalldatetime
    case 'date':
    case 'time':
    case 'datetime2':
    case 'datetimeoffset':
      return newer(name, type, version)
    case 'uniqueidentifier':
      return uuid
    case 'sql_variant':
      return variant
    case 'varchar':
      return string(0xa7, size, thin, true, version, 0x23)
    case 'char':
      return string(0xaf, size, padded(thin, size, Buffer.from(' ')), true, version, 0x23)
    case 'nchar':
      return string(0xef, size * 2, padded(wide, size * 2, Buffer.from(' ', 'utf16le')), true, version, 0x63)
    case 'varbinary':
      return string(0xa5, size, raw, false, version, 0x22)
    case 'binary':
    case 'timestamp':
      return string(0xad, name === 'binary' ? size : 8, padded(raw, Math.max(size, 8), NULL_BYTE), false, version, 0x22)
    case 'text':
      return large(0x23, thin, true, version)
    case 'ntext':
      return large(0x63, wide, true, version)
    case 'image':
      return large(0x22, raw, false, version)
    default:
      return string(0xe7, size < 0 || size > LONGEST / 2 ? -1 : size * 2, wide, true, version, 0x63)
  }
}
