import type { Result } from '#sql/engine.ts'
import type { Type, Value } from '#sql/value.ts'
import { can, mariadbCan } from './handshake.ts'
import { textOf } from './numbers.ts'
import type { Session } from './state.ts'
import { isBytes, isNumber } from './typing.ts'
import { Out } from './wire.ts'

/** Column types on the wire (enum_field_types). */
const codes = new Map([
  ['decimal', 246],
  ['tinyint', 1],
  ['smallint', 2],
  ['int', 3],
  ['float', 4],
  ['double', 5],
  ['null', 6],
  ['timestamp', 7],
  ['bigint', 8],
  ['mediumint', 9],
  ['date', 10],
  ['time', 11],
  ['datetime', 12],
  ['year', 13],
  ['bit', 16],
  ['varchar', 253],
  ['varbinary', 253],
  ['char', 254],
  ['binary', 254],
  ['enum', 254],
  ['set', 254],
  ['tinytext', 252],
  ['text', 252],
  ['mediumtext', 252],
  ['longtext', 252],
  ['tinyblob', 252],
  ['blob', 252],
  ['mediumblob', 252],
  ['longblob', 252],
])
/** What a blob that no table has is sent as. */
const computedBlob = new Map([
  ['longblob', 251],
  ['longtext', 251],
  ['mediumblob', 250],
  ['mediumtext', 250],
])
const flag = {
  notNull: 1,
  blob: 16,
  unsigned: 32,
  binary: 128,
  enum: 256,
  timestamp: 1024,
  set: 2048,
  noDefault: 4096,
} as const

/** Bytes of a character at most, by the number of the client's collation. */
const widthOf = (charset: number): number => {
  if (charset === 33 || charset === 83 || (charset >= 192 && charset < 224)) return 3
  if (charset === 45 || charset === 46 || charset >= 224) return 4
  return charset === 63 ? 1 : charset === 8 ? 1 : 1
}

/** A column is of a table of the attacker's own, of a system table, or computed. */
export type Column = Result['fields'][number] & {
  /** Flags beyond what the type says: keys, AUTO_INCREMENT. */
  flags?: number
  /** Does a table have it? */
  stored?: boolean
}

export function definition(column: Column, session: Session): Buffer {
  const { type, origin } = column
  const textual = !isNumber(type) && !/^(?:date|time|datetime|timestamp|null)$/.test(type.name) && !isBytes(type)
  const out = new Out()
    .string('def')
    .string(origin?.schema ?? '')
    .string(column.table)
    .string(origin?.table ?? '')
    .string(column.name)
    .string(origin?.column ?? '')
  if (session.extended & mariadbCan.extendedMetadata) out.length(0)
  return out
    .length(12)
    .u16(textual ? session.charset : 63)
    .u32(wireLength(type, textual, session.charset))
    .u8(typeCode(type, origin !== undefined))
    .u16(flagsOf(column, textual))
    .u8(decimalsOf(type, origin !== undefined))
    .u16(0).done
}
const typeCode = ({ name }: Type, stored: boolean): number =>
  (stored ? undefined : computedBlob.get(name)) ?? codes.get(name) ?? 253

function wireLength(type: Type, textual: boolean, charset: number): number {
  const length = type.length ?? { date: 10, time: 10, datetime: 19, timestamp: 19, double: 23 }[type.name] ?? 0
  if (textual) return Math.min(length * widthOf(charset), 0xffffffff)
  if (type.name === 'decimal') return length + (type.scale ? 1 : 0) + (type.unsigned ? 0 : 1)
  return length
}
function decimalsOf(type: Type, stored: boolean): number {
  if (type.name === 'double' || type.name === 'float') return type.scale ?? 31
  if (type.name === 'decimal') return type.scale ?? 0
  if (isNumber(type) || /^(?:date|time|datetime|timestamp|null)$/.test(type.name)) return 0
  return stored ? 0 : (type.scale ?? 39)
}
function flagsOf({ type, origin, flags = 0 }: Column, textual: boolean): number {
  let found = flags
  if (type.notNull) found |= flag.notNull
  if (type.unsigned) found |= flag.unsigned
  const stored = origin !== undefined
  if (!textual && (!stored || !isNumber(type))) found |= flag.binary
  if (stored && /blob|text/.test(type.name)) found |= flag.blob
  if (type.name === 'enum') found |= flag.enum
  if (type.name === 'set') found |= flag.set
  if (type.name === 'timestamp') found |= flag.unsigned
  return found
}

/** Status bits of OK and EOF packets. */
const AUTOCOMMIT = 2
const IN_TRANSACTION = 1
export const MORE = 8
export const NO_INDEX = 32
export const statusOf = (session: Session, extra = 0): number =>
  (session.variables.get('autocommit') === 0n ? 0 : AUTOCOMMIT) | (session.work.open ? IN_TRANSACTION : 0) | extra

export type Okay = { affected?: bigint; inserted?: bigint; info?: string; status?: number; warnings?: number }
export const okay = (
  session: Session,
  { affected = 0n, inserted = 0n, info = '', status = 0, warnings = session.warnings.length }: Okay = {},
): Buffer => {
  const out = new Out().u8(0).length(affected).length(inserted).u16(statusOf(session, status)).u16(warnings)
  return info === '' ? out.done : out.string(info).done
}
/** EOF, or the OK that took its place. */
export function end(session: Session, status = 0): Buffer {
  const warnings = Math.min(session.warnings.length, 65_535)
  if (session.flags & can.deprecateEof)
    return new Out().u8(0xfe).length(0).length(0).u16(statusOf(session, status)).u16(warnings).done
  return new Out().u8(0xfe).u16(warnings).u16(statusOf(session, status)).done
}

/** A result as packets: count, columns, rows, end. */
export function resultPackets(
  result: { fields: readonly Column[]; rows: readonly (readonly Value[])[] },
  session: Session,
  how: { binary?: boolean; status?: number } = {},
): Buffer[] {
  const { fields, rows } = result
  const head = new Out()
  // MySQL 8: the columns follow, in full.
  if (session.flags & can.optionalMetadata) head.u8(1)
  head.length(fields.length)
  if (session.extended & mariadbCan.cacheMetadata) head.u8(1)
  const out = [head.done, ...fields.map(field => definition(field, session))]
  if (!(session.flags & can.deprecateEof)) out.push(end(session, how.status))
  for (const row of rows) out.push(how.binary ? binaryRow(row, fields) : textRow(row, fields))
  out.push(end(session, how.status))
  return out
}

function textRow(row: readonly Value[], fields: readonly Column[]): Buffer {
  const out = new Out()
  for (const [i, field] of fields.entries()) {
    const value = row[i] ?? null
    if (value === null) out.u8(0xfb)
    else out.string(cellText(value, field.type))
  }
  return out.done
}
/** A double column shows whole numbers without a point; a decimal one its digits. */
const cellText = (value: Exclude<Value, null>, type: Type): string =>
  typeof value === 'number' && type.name === 'double' && type.scale !== undefined && type.scale < 31
    ? value.toFixed(type.scale)
    : textOf(value)

/** The binary protocol of prepared statements. */
function binaryRow(row: readonly Value[], fields: readonly Column[]): Buffer {
  const nulls = Buffer.alloc((fields.length + 9) >> 3)
  const out = new Out()
  for (const [i, { type, origin }] of fields.entries()) {
    const value = row[i] ?? null
    if (value === null) nulls[(i + 2) >> 3]! |= 1 << ((i + 2) & 7)
    else binaryCell(out, value, typeCode(type, origin !== undefined))
  }
  return Buffer.concat([Buffer.of(0), nulls, out.done])
}
function binaryCell(out: Out, value: Exclude<Value, null>, code: number) {
  const text = textOf(value)
  const number = () => BigInt.asUintN(64, BigInt(/^-?\d+$/.test(text) ? text : Math.trunc(Number(text) || 0)))
  switch (code) {
    case 1:
      return out.u8(Number(number() & 255n))
    case 2:
    case 13:
      return out.u16(Number(number() & 65_535n))
    case 3:
    case 9:
      return out.u32(Number(number() & 0xffffffffn))
    case 8:
      return out.u64(number())
    case 4: {
      const part = Buffer.alloc(4)
      part.writeFloatLE(Number(text) || 0)
      return out.bytes(part)
    }
    case 5: {
      const part = Buffer.alloc(8)
      part.writeDoubleLE(Number(text) || 0)
      return out.bytes(part)
    }
    case 7:
    case 10:
    case 12:
      return binaryDate(out, text)
    case 11:
      return binaryTime(out, text)
    default:
      return out.string(text)
  }
}
function binaryDate(out: Out, text: string) {
  const [, year, month, day, hour, minute, second] = /^(\d{4})-(\d\d)-(\d\d)(?: (\d\d):(\d\d):(\d\d))?/.exec(text) ?? []
  if (year === undefined) return out.u8(0)
  const date = new Out().u16(Number(year)).u8(Number(month)).u8(Number(day))
  if (hour === undefined) return out.u8(4).bytes(date.done)
  return out.u8(7).bytes(date.u8(Number(hour)).u8(Number(minute)).u8(Number(second)).done)
}
function binaryTime(out: Out, text: string) {
  const [, sign, hour, minute, second] = /^(-?)(\d+):(\d\d):(\d\d)/.exec(text) ?? []
  if (hour === undefined) return out.u8(0)
  return out
    .u8(8)
    .u8(sign ? 1 : 0)
    .u32(Math.floor(Number(hour) / 24))
    .u8(Number(hour) % 24)
    .u8(Number(minute))
    .u8(Number(second))
}
