import type { SqlFunction } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { numberOf, textOf } from './texts.ts'

/** How functions are written down: by their arguments, the type they give, and what they do. */
export type Given = Exclude<Value, null>
export type Named = readonly [string, SqlFunction]

export const int: Type = { name: 'int' }
export const bigint: Type = { name: 'bigint' }
export const float: Type = { name: 'float' }
export const datetime: Type = { name: 'datetime' }
export const wide = (length: number): Type => ({ name: 'nvarchar', length })
export const sysname = wide(128)
export const first = ([type = int]: readonly Type[]): Type => ({ ...type, notNull: false })
/** The first argument's kind of text, as long as it may be. */
export const textLike = ([type = sysname]: readonly Type[]): Type =>
  /^n|sql_variant|xml/.test(type.name)
    ? { name: 'nvarchar', length: type.length === -1 ? -1 : 4000 }
    : { name: 'varchar', length: type.length === -1 ? -1 : 8000 }

export const t = (value: Given): string => textOf(value)
export const n = (value: Given): number => {
  const found = numberOf(value)
  if (found === undefined) throw new SqlError('bad value', ['int', textOf(value).slice(0, 4000), 'varchar'])
  return Number(String(found))
}
/** Characters that one text may have. */
export const LONGEST = 1 << 20
export const bounded = (text: string): string => {
  if (text.length > LONGEST) throw new SqlError('too much', ['bytes'])
  return text
}

/** Any argument that is NULL makes the whole NULL. */
export const strict = (
  count: readonly [number, number],
  type: SqlFunction['type'],
  value: (...args: Given[]) => Value,
): SqlFunction => ({
  count,
  type,
  value: args => (args.some(one => one === null) ? null : value(...(args as Given[]))),
})
export const loose = (
  count: readonly [number, number],
  type: SqlFunction['type'],
  value: (args: readonly Value[]) => Value,
): SqlFunction => ({ count, type, value: args => value(args) })
export const fixed = (type: Type, value: () => Value): SqlFunction => loose([0, 1], type, value)
export const each = (names: string, made: SqlFunction): Named[] => names.split(' ').map(name => [name, made])
