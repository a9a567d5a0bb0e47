import type { Call, SqlFunction } from '#sql/engine.ts'
import type { Type, Value } from '#sql/value.ts'

export type Table = ReadonlyMap<string, SqlFunction>
type Typing = SqlFunction['type']

/** A function that is NULL when any of its arguments is. */
export const strict = (
  count: readonly [number, number],
  type: Typing,
  value: (args: readonly Exclude<Value, null>[], call: Call) => Value,
): SqlFunction => ({
  count,
  type,
  value: (args, call) => (args.includes(null) ? null : value(args as readonly Exclude<Value, null>[], call)),
})
export const loose = (count: readonly [number, number], type: Typing, value: SqlFunction['value']): SqlFunction => ({
  count,
  type,
  value,
})

export const MANY = 1000
/** Characters that one result may have (max_allowed_packet); more is NULL. */
export const LONGEST = 1 << 20
export const bounded = (text: string): Value => (text.length > LONGEST ? null : text)
export const lengthOf = (type: Type | undefined): number => type?.length ?? 0
