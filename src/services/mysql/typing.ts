import type { ColumnDefinition, Expression, TypeName } from '#sql/ast.ts'
import type { Type } from '#sql/value.ts'
import { MysqlError } from './errors.ts'
import { digitsOf } from './numbers.ts'

/** Types by MySQL's names; `length` is characters, or the width that numbers are shown in. */
export const int = (length: number, more: Partial<Type> = {}): Type => ({ name: 'int', length, notNull: true, ...more })
export const bigint = (length: number, more: Partial<Type> = {}): Type => ({ name: 'bigint', length, ...more })
export const text = (length: number, more: Partial<Type> = {}): Type => ({ name: 'varchar', length, ...more })
export const bytes = (length: number, more: Partial<Type> = {}): Type => ({ name: 'varbinary', length, ...more })
export const double: Type = { name: 'double', length: 23, scale: 31 }
export const boolean: Type = int(1)
export const longblob: Type = { name: 'longblob', length: 16_777_216 }

const numeric = new Set('tinyint smallint mediumint int bigint decimal float double year bit'.split(' '))
export const isNumber = ({ name }: Type): boolean => numeric.has(name)
export const isBytes = ({ name }: Type): boolean => /blob|binary/.test(name)
const isText = ({ name }: Type): boolean => /char|text|enum|set/.test(name)
export const isReal = ({ name }: Type): boolean => name === 'double' || name === 'float'
const whole = (type: Type) => isNumber(type) && !isReal(type) && type.name !== 'decimal'

export function literalType(e: Extract<Expression, { is: 'literal' }>): Type {
  const { length } = e.text
  switch (e.of) {
    case 'integer': {
      const digits = e.text.replace(/^0+(?=\d)/, '').length
      if (digits > 20) return { name: 'decimal', length: digits, scale: 0, notNull: true }
      return digits < 10 ? int(digits) : bigint(digits, { notNull: true, ...(digits === 20 ? { unsigned: true } : {}) })
    }
    case 'decimal': {
      const scale = length - e.text.indexOf('.') - 1
      return { name: 'decimal', length: Math.max(length - 1, scale + 1), scale, notNull: true }
    }
    case 'float':
      return { name: 'double', length, scale: 31, notNull: true }
    case 'boolean':
      return int(e.text.length === 4 ? 5 : 5, { length: e.text === 'true' ? 5 : 5 })
    case 'hex':
      return bytes(length, { notNull: true, unsigned: true, scale: 0 })
    case 'bits':
      return bytes(Math.ceil(length / 8), { notNull: true, unsigned: true, scale: 0 })
    case 'null':
      return { name: 'null' }
    default:
      return text(length, { notNull: true })
  }
}

export function binaryType(operator: string, left: Type, right: Type): Type {
  const notNull = Boolean(left.notNull && right.notNull)
  const unsigned = left.unsigned || right.unsigned ? { unsigned: true } : {}
  switch (operator) {
    case '+':
    case '-':
    case '*':
    case '%':
    case 'mod':
      return sumType(operator, left, right, operator === '%' || operator === 'mod' ? false : notNull, unsigned)
    case '/': {
      if (isReal(left) || isReal(right) || isText(left) || isText(right)) return double
      const [a, b] = [digitsOf(left), digitsOf(right)]
      const scale = Math.min(30, a.scale + 4)
      return { name: 'decimal', length: Math.min(65, a.before + a.scale + b.scale + 4), scale }
    }
    case 'div':
      return (left.length ?? 10) < 10
        ? int(left.length ?? 10, { notNull: false, ...unsigned })
        : bigint(left.length ?? 10, unsigned)
    case '|':
    case '&':
    case '^':
    case '<<':
    case '>>':
      return bigint(21, { notNull, unsigned: true })
    default:
      return boolean
  }
}
function sumType(operator: string, left: Type, right: Type, notNull: boolean, unsigned: object): Type {
  const nulls = notNull ? { notNull: true } : {}
  if (left.name === 'null' && right.name === 'null') return double
  if (![left, right].every(one => isNumber(one) && !isReal(one))) return { ...double, ...nulls }
  const [a, b] = [digitsOf(left), digitsOf(right)]
  if (left.name === 'decimal' || right.name === 'decimal') {
    if (operator === '*')
      return {
        name: 'decimal',
        length: Math.min(65, a.before + b.before + a.scale + b.scale),
        scale: Math.min(30, a.scale + b.scale),
        ...nulls,
      }
    const scale = Math.max(a.scale, b.scale)
    const before = Math.max(a.before, b.before)
    return { name: 'decimal', length: before + scale + (/%|mod/.test(operator) ? 0 : 1), scale, ...nulls, ...unsigned }
  }
  const [x, y] = [left.length ?? 10, right.length ?? 10]
  const length = operator === '*' ? x + y + 1 : /%|mod/.test(operator) ? Math.max(x, y) + 1 : Math.max(x, y) + 2
  return length < 10 ? int(length, { notNull, ...unsigned }) : bigint(length, { ...nulls, ...unsigned })
}

/** One type for values of several. */
export function common(types: readonly Type[]): Type {
  const known = types.filter(({ name }) => name !== 'null')
  const notNull = types.every(type => type.notNull) ? { notNull: true } : {}
  const [first] = known
  if (!first) return { name: 'null' }
  const length = Math.max(...known.map(type => type.length ?? 10))
  if (!whole(first) && known.every(type => type.name === first.name && type.scale === first.scale)) {
    const { notNull: _, ...rest } = first
    return { ...rest, length, ...notNull }
  }
  if (known.every(whole)) {
    // Literals have no room for a sign yet.
    const wide = Math.max(
      ...known.map(type => (type.length ?? 10) + ((type.length ?? 10) < 10 && type.notNull ? 1 : 0)),
    )
    return length < 10 && known.every(({ name }) => name !== 'bigint')
      ? int(wide, { notNull: Boolean(notNull.notNull) })
      : bigint(wide, notNull)
  }
  if (known.some(isReal) && known.every(isNumber)) return { ...double, ...notNull }
  if (known.every(isNumber)) {
    const scale = Math.max(...known.map(type => type.scale ?? 0))
    const before = Math.max(...known.map(type => digitsOf(type).before))
    return { name: 'decimal', length: before + scale, scale, ...notNull }
  }
  if (known.some(({ name }) => /^long(?:text|blob)$/.test(name)))
    return { name: known.some(isBytes) ? 'longblob' : 'longtext', length }
  return known.some(isBytes) ? bytes(length, notNull) : text(length, notNull)
}

const widths = new Map([
  ['tinyint', 4],
  ['smallint', 6],
  ['mediumint', 9],
  ['int', 11],
  ['bigint', 20],
])
const same = new Map([
  ['integer', 'int'],
  ['bool', 'tinyint'],
  ['boolean', 'tinyint'],
  ['int1', 'tinyint'],
  ['int2', 'smallint'],
  ['int3', 'mediumint'],
  ['int4', 'int'],
  ['int8', 'bigint'],
  ['serial', 'bigint'],
  ['numeric', 'decimal'],
  ['dec', 'decimal'],
  ['fixed', 'decimal'],
  ['real', 'double'],
  ['double precision', 'double'],
  ['character', 'char'],
  ['character varying', 'varchar'],
  ['char varying', 'varchar'],
  ['nchar', 'char'],
  ['nvarchar', 'varchar'],
  ['long', 'mediumtext'],
  ['long varchar', 'mediumtext'],
  ['json', 'longtext'],
])
const sizes = new Map([
  ['tinytext', 255],
  ['text', 65_535],
  ['mediumtext', 16_777_215],
  ['longtext', 4_294_967_295],
  ['tinyblob', 255],
  ['blob', 65_535],
  ['mediumblob', 16_777_215],
  ['longblob', 4_294_967_295],
])
const others = new Set(
  'char varchar binary varbinary decimal float double date datetime timestamp time year enum set bit inet6 inet4 uuid geometry point'.split(
    ' ',
  ),
)

/** A column's type from its definition; an unknown name is a syntax problem where it stands. */
export function columnType({ type }: Pick<ColumnDefinition, 'type'>, syntax: (at: number) => never): Type {
  const name = same.get(type.name) ?? type.name
  const unsigned = type.words.includes('unsigned') || type.name === 'serial' ? { unsigned: true } : {}
  const [size, scale] = type.sizes
  const width = widths.get(name)
  if (width !== undefined) {
    const standard = /^bool/.test(type.name) ? 1 : unsigned.unsigned && name !== 'bigint' ? width - 1 : width
    return { name, length: size ?? standard, ...unsigned }
  }
  const big = sizes.get(name)
  if (big !== undefined) return { name, length: big }
  if (!others.has(name)) return syntax(type.at)
  if (name === 'decimal') return { name, length: size ?? 10, scale: scale ?? 0, ...unsigned }
  if (name === 'float' || name === 'double')
    return { name, length: name === 'float' ? 12 : 22, scale: scale ?? 31, ...unsigned }
  if (name === 'enum' || name === 'set')
    return { name, length: Math.max(1, ...(type.values ?? []).map(({ length }) => length)) }
  if (/char|binary/.test(name)) {
    if (size === undefined && name.startsWith('var')) return syntax(type.at + type.name.length)
    return { name, length: size ?? 1 }
  }
  return { name, length: { date: 10, datetime: 19, timestamp: 19, time: 10, year: 4 }[name] ?? 10 }
}

/** CAST(… AS type). */
export function castType(type: TypeName, from: Type): Type {
  const nulls = from.notNull ? { notNull: true } : {}
  const [size, scale] = type.sizes
  if (type.name === 'signed' || type.name === 'int' || type.name === 'integer') {
    const length = Math.max(2, (from.length ?? 10) + (from.name === 'decimal' ? 2 : 0))
    return length < 10 ? int(length, { notNull: Boolean(from.notNull) }) : bigint(Math.min(length, 21), nulls)
  }
  if (type.name === 'unsigned') {
    const length = from.length ?? 10
    return length < 10
      ? int(length, { notNull: Boolean(from.notNull), unsigned: true })
      : bigint(length, { ...nulls, unsigned: true })
  }
  if (/^n?char|^varchar|^character/.test(type.name)) return text(size ?? from.length ?? 10, { scale: 0 })
  if (type.name === 'binary' || type.name === 'varbinary') return bytes(size ?? from.length ?? 10)
  if (type.name === 'decimal' || type.name === 'numeric')
    return { name: 'decimal', length: size ?? 10, scale: scale ?? 0, ...nulls }
  if (type.name === 'double' || type.name === 'float') return { ...double, ...nulls }
  if (/^(?:date|datetime|time)$/.test(type.name))
    return { name: type.name, length: { date: 10, datetime: 19, time: 10 }[type.name] ?? 10 }
  if (type.name === 'json') throw new MysqlError(1064, '42000', 'json')
  return text(from.length ?? 10)
}

/** `varchar(20)`, `int(11) unsigned`, as SHOW COLUMNS says. */
export function typeText({ name, length, scale, unsigned }: Type): string {
  const sign = unsigned ? ' unsigned' : ''
  if (/int$/.test(name) || name === 'bit') return `${name}(${length})${sign}`
  if (name === 'decimal') return `decimal(${length},${scale ?? 0})${sign}`
  if (name === 'float' || name === 'double') return name + sign
  if (/^(?:var)?(?:char|binary)$/.test(name)) return `${name}(${length})`
  return name === 'year' ? 'year(4)' : name
}
