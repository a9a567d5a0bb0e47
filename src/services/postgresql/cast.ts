import type { TypeName } from '#sql/ast.ts'
import { decimalOf, rescale } from '#sql/decimal.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { relationOf } from './catalog.ts'
import { pgError } from './errors.ts'
import { exact } from './figures.ts'
import { oidOf, type Session } from './state.ts'
import { namedType, textOf, typeOfOid, typeText } from './types.ts'

/** Characters of a value that an error quotes: injections read whole columns that way. */
const SHOWN = 64 << 10

/** CAST: a value as another type has it. */
export function castTo(value: Exclude<Value, null>, type: Type, from: Type, session: Session): Value {
  const { name } = type
  if (name.endsWith('[]')) return Array.isArray(value) ? value : elements(textOf(value))
  const text = textOf(value, from.name)
  switch (name) {
    case 'int2':
    case 'int4':
    case 'int8':
    case 'oid':
      return integer(value, text, name)
    case 'float4':
    case 'float8': {
      const number = Number(text)
      if (Number.isNaN(number) && text !== 'NaN')
        throw new SqlError('bad value', ['double precision', text.slice(0, SHOWN)])
      return number
    }
    case 'numeric': {
      const decimal = decimalOf(text.trim()) ?? decimalOf(String(Number(text)))
      if (!decimal) throw new SqlError('bad value', ['numeric', text.slice(0, SHOWN)])
      return type.length === undefined ? decimal : rescale(decimal, type.scale ?? 0)
    }
    case 'bool':
      if (typeof value === 'boolean') return value
      if (typeof value === 'bigint') return value !== 0n
      if (/^\s*(?:t|true|y|yes|on|1)\s*$/i.test(text)) return true
      if (/^\s*(?:f|false|n|no|off|0)\s*$/i.test(text)) return false
      throw new SqlError('bad value', ['boolean', text.slice(0, SHOWN)])
    case 'regclass':
      return regclass(text, session)
    case 'regtype':
      return /^\d+$/.test(text) ? typeText({ name: typeOfOid(Number(text)) }) : text
    case 'regnamespace':
      return /^\d+$/.test(text) ? (text === '11' ? 'pg_catalog' : 'public') : text
    case 'bytea':
      return from.name === 'bytea'
        ? value
        : /^\\x[0-9a-fA-F\s]*$/.test(text)
          ? Buffer.from(text.slice(2).replace(/\s/g, ''), 'hex').toString('latin1')
          : text.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8) & 255))
    case 'varchar':
    case 'bpchar':
      return type.length === undefined ? text : text.slice(0, type.length)
    case 'name':
      return text.slice(0, 63)
    case 'char':
      return text.slice(0, 1)
    case 'date':
      return text.slice(0, 10)
    default:
      return text
  }
}
function integer(value: Exclude<Value, null>, text: string, name: string): bigint {
  const long = typeText({ name })
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'string' && !/^\s*[+-]?\d+\s*$/.test(text))
    throw new SqlError('bad value', [long, text.slice(0, SHOWN)])
  const found = typeof value === 'string' ? BigInt(text.trim().replace('+', '')) : rescale(exact(value), 0).digits
  const bits = name === 'int2' ? 15n : name === 'int8' ? 63n : name === 'oid' ? 32n : 31n
  if (found >= 1n << bits || found < -(1n << bits))
    throw pgError(
      '22003',
      typeof value === 'string'
        ? `value "${text.slice(0, 100)}" is out of range for type ${long}`
        : `${long} out of range`,
      typeof value === 'string'
        ? {}
        : { where: name === 'int4' ? ['int8.c', '1270', 'int84'] : ['int.c', '1012', 'int4pl'] },
    )
  return found
}
/** `'t'::regclass` is a number that shows as a name. */
function regclass(text: string, session: Session): Value {
  if (/^\d+$/.test(text)) return BigInt(text)
  const path = text.replaceAll('"', '').split('.')
  const { schema, name } = relationOf(session, path, 0)
  return BigInt(oidOf(session, `${session.database}.${schema}.${name}`))
}
/** `{a,"b c",NULL}`. */
function elements(text: string): Value[] {
  const inner = /^\s*\{([\s\S]*)\}\s*$/.exec(text)?.[1]
  if (inner === undefined)
    throw pgError('22P02', `malformed array literal: "${text.slice(0, 100)}"`, {
      detail: text.trim().startsWith('{')
        ? 'Unexpected end of input.'
        : 'Array value must start with "{" or dimension information.',
      where: ['arrayfuncs.c', '492', 'ArrayCount'],
    })
  return [...inner.matchAll(/"((?:[^"\\]|\\.)*)"|([^,]+)/g)].map(([, quoted, plain]) =>
    quoted !== undefined ? quoted.replace(/\\(.)/g, '$1') : plain === 'NULL' ? null : plain!,
  )
}

export function typeNamed(type: TypeName): Type {
  const found = namedType(type)
  if (!found)
    throw pgError('42704', `type "${type.name}" does not exist`, {
      position: type.at + 1,
      where: ['parse_type.c', '270', 'typenameType'],
    })
  return found
}
