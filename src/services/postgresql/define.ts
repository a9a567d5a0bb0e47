import { createHash } from 'node:crypto'
import type { SqlFunction } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { textOf } from './types.ts'

/** Seconds that pg_sleep may cost one statement; characters of one result. */
export const SLEEP = 60
export const LONGEST = 4 << 20

export type Given = Exclude<Value, null>
export const text: Type = { name: 'text' }
export const name: Type = { name: 'name' }
export const int: Type = { name: 'int4' }
export const bool: Type = { name: 'bool' }
export const t = textOf
export const n = (value: Given): number => Number(t(value))

/** NULL where an argument is. */
export const strict = (
  count: readonly [number, number],
  type: SqlFunction['type'],
  value: (...args: Given[]) => Value,
): SqlFunction => ({ count, type, value: args => (args.includes(null) ? null : value(...(args as Given[]))) })
export const loose = (
  count: readonly [number, number],
  type: SqlFunction['type'],
  value: (args: readonly Value[]) => Value,
): SqlFunction => ({ count, type, value })
export const fixed = (type: Type, value: () => Value): SqlFunction => loose([0, 0], type, value)
export const first = ([one = text]: readonly Type[]): Type => one
export const hashed = (kind: string) =>
  strict([1, 1], kind === 'md5' ? text : { name: 'bytea' }, value =>
    createHash(kind)
      .update(t(value), 'latin1')
      .digest(kind === 'md5' ? 'hex' : 'latin1'),
  )
export const bounded = (made: string): string => {
  if (made.length > LONGEST) throw new SqlError('too much', ['bytes'])
  return made
}
export const each = (names: string, one: SqlFunction): [string, SqlFunction][] =>
  names.split(' ').map(word => [word, one])
export const real = (compute: (...args: number[]) => number, count: readonly [number, number] = [1, 1]): SqlFunction =>
  strict(count, { name: 'float8' }, (...args) => compute(...args.map(n)))
