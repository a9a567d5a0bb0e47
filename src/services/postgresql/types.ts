import type { TypeName } from '#sql/ast.ts'
import { Decimal } from '#sql/decimal.ts'
import type { Type, Value } from '#sql/value.ts'
import { floatText, shown } from '#sql/value.ts'
import postgresql from '../../../data/postgresql.json' with { type: 'json' }

/** Types by PostgreSQL's own names; an array's ends in `[]`. Numbers as pg_type of 15 has them. */
const rows = postgresql.types as string[][]
const oids = new Map(rows.map(([oid, name]) => [name!, Number(oid)]))
const byOid = new Map(rows.map(([oid, name]) => [Number(oid), name!]))
const sizes = new Map(rows.map(([, name, , , length]) => [name!, Number(length)]))

export const oidOfType = (name: string): number =>
  oids.get(name.endsWith('[]') ? `_${name.slice(0, -2)}` : name) ?? oids.get(domains.get(name) ?? '') ?? 25
export const typeOfOid = (oid: number): string => {
  const name = byOid.get(oid) ?? 'text'
  return name.startsWith('_') ? `${name.slice(1)}[]` : name
}
export const sizeOfType = (name: string): number =>
  name.endsWith('[]') ? -1 : (sizes.get(domains.get(name) ?? name) ?? -1)
/** Domains of INFORMATION_SCHEMA. */
const domains = new Map([
  ['sql_identifier', 'name'],
  ['character_data', 'varchar'],
  ['yes_or_no', 'varchar'],
  ['cardinal_number', 'int4'],
  ['time_stamp', 'timestamptz'],
  ['record', 'record'],
])
/** The modifier that a client is told: varchar(20) is 24, numeric(10,2) is 655366. */
export const modifierOf = ({ name, length, scale }: Type): number => {
  if (length === undefined) return -1
  if (name === 'varchar' || name === 'bpchar') return length + 4
  return name === 'numeric' ? ((length << 16) | (scale ?? 0)) + 4 : -1
}

const words = new Map([
  ['int', 'int4'],
  ['integer', 'int4'],
  ['bigint', 'int8'],
  ['smallint', 'int2'],
  ['serial', 'int4'],
  ['bigserial', 'int8'],
  ['smallserial', 'int2'],
  ['real', 'float4'],
  ['double precision', 'float8'],
  ['float', 'float8'],
  ['decimal', 'numeric'],
  ['dec', 'numeric'],
  ['boolean', 'bool'],
  ['character varying', 'varchar'],
  ['char varying', 'varchar'],
  ['character', 'bpchar'],
  ['char', 'bpchar'],
])
const written = new Map([
  ['int4', 'integer'],
  ['int8', 'bigint'],
  ['int2', 'smallint'],
  ['float4', 'real'],
  ['float8', 'double precision'],
  ['bool', 'boolean'],
  ['varchar', 'character varying'],
  ['bpchar', 'character'],
  ['timestamp', 'timestamp without time zone'],
  ['timestamptz', 'timestamp with time zone'],
  ['time', 'time without time zone'],
  ['timetz', 'time with time zone'],
  ['char', '"char"'],
])
/** A type as it was written in a statement; `undefined` when there is none of that name. */
export function namedType({ name, sizes: [length, scale], array }: TypeName): Type | undefined {
  const own = words.get(name) ?? name
  if (!oids.has(own) && !/^(?:int4|text)$/.test(own)) return undefined
  const found: Type = { name: array ? `${own}[]` : own }
  if (length !== undefined) found.length = length
  if (scale !== undefined) found.scale = scale
  return found
}
/** `character varying(20)`, as format_type() says. */
export function typeText(type: Type): string {
  const array = type.name.endsWith('[]')
  const name = array ? type.name.slice(0, -2) : type.name
  const long = written.get(name) ?? name
  const size =
    type.length === undefined
      ? ''
      : name === 'numeric'
        ? `(${type.length},${type.scale ?? 0})`
        : /char$/.test(name)
          ? `(${type.length})`
          : ''
  return `${long}${size}${array ? '[]' : ''}`
}

/** A value in the text format. */
export function textOf(value: Exclude<Value, null>, type?: string): string {
  if (typeof value === 'boolean') return value ? 't' : 'f'
  if (typeof value === 'number') return floatText(value).replace(/e(-?)(\d)$/, 'e$10$2')
  if (Array.isArray(value)) {
    const items = (value as readonly Value[]).map(one => (one === null ? 'NULL' : quoted(textOf(one))))
    return type === 'record' ? `(${items.join(',')})` : `{${items.join(',')}}`
  }
  if (type === 'bytea' && typeof value === 'string') return `\\x${Buffer.from(value, 'latin1').toString('hex')}`
  return shown(value)
}
const quoted = (text: string): string =>
  text === '' || /[{}",\\\s]/.test(text) || /^null$/i.test(text) ? `"${text.replace(/["\\]/g, '\\$&')}"` : text

/** A value in the binary format, where this server knows it; the rest are text there too. */
export function binaryOf(value: Exclude<Value, null>, type: string): Buffer {
  const number = () => Number(textOf(value))
  const out = (size: number, write: (into: Buffer) => void) => {
    const made = Buffer.alloc(size)
    write(made)
    return made
  }
  switch (type) {
    case 'bool':
      return Buffer.of(value === true ? 1 : 0)
    case 'int2':
      return out(2, b => b.writeInt16BE(number() & 0x7fff))
    case 'int4':
    case 'oid':
      return out(4, b => b.writeInt32BE(number() | 0))
    case 'int8':
      return out(8, b => b.writeBigInt64BE(BigInt.asIntN(64, BigInt(Math.trunc(number())))))
    case 'float4':
      return out(4, b => b.writeFloatBE(number()))
    case 'float8':
      return out(8, b => b.writeDoubleBE(number()))
    case 'bytea':
      return Buffer.from(String(value), 'latin1')
    default:
      return Buffer.from(textOf(value, type), 'latin1')
  }
}
/** A parameter that came in binary, as text. */
export function fromBinary(bytes: Buffer, oid: number): string {
  const type = typeOfOid(oid)
  if (type === 'int2' && bytes.length === 2) return String(bytes.readInt16BE())
  if ((type === 'int4' || type === 'oid') && bytes.length === 4) return String(bytes.readInt32BE())
  if (type === 'int8' && bytes.length === 8) return String(bytes.readBigInt64BE())
  if (type === 'float8' && bytes.length === 8) return String(bytes.readDoubleBE())
  if (type === 'bool' && bytes.length === 1) return bytes[0] ? 't' : 'f'
  return type === 'bytea' ? `\\x${bytes.toString('hex')}` : bytes.toString('latin1')
}
export const isDecimal = (value: Value): value is Decimal => value instanceof Decimal
