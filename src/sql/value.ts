import { Decimal } from './decimal.ts'

/** What a cell holds. Text and bytes are Latin-1, a character a byte; times are text as the product shows them. */
export type Value = null | bigint | number | boolean | string | Decimal | readonly Value[]

/**
 * What a column is of: the product's own name for the type (`bigint`, `varchar`, `int4`), and what else a client is
 * told of it.
 */
export type Type = {
  name: string
  /** Characters at most, or digits. */
  length?: number
  /** Digits behind the point. */
  scale?: number
  notNull?: boolean
  unsigned?: boolean
}

/** Bytes that a value costs, roughly, while it is kept. */
export function weightOf(value: Value): number {
  if (typeof value === 'string') return 24 + value.length
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + weightOf(one as Value), 24)
  return 16
}

/** As text without quotes: what a client is shown where the product has no form of its own for it. */
export function shown(value: Exclude<Value, null>): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return floatText(value)
  return String(value)
}

/** The shortest digits that read back as the same double, as C's "%.17g" family shows them: `1e20`, `1.5`. */
export function floatText(value: number): string {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  if (Object.is(value, -0)) return '-0'
  return String(value).replace('e+', 'e')
}

export const isDecimal = (value: Value): value is Decimal => value instanceof Decimal
