import { add, Decimal, decimalOf, divide, multiply, negate, remainder } from '#sql/decimal.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { textOf } from './types.ts'

const whole = new Set(['int2', 'int4', 'int8', 'oid'])

type Figure = bigint | Decimal | number
export function figure(value: Exclude<Value, null>): Figure {
  if (typeof value === 'bigint' || typeof value === 'number' || value instanceof Decimal) return value
  const text = textOf(value).trim()
  if (/^[+-]?\d{1,30}$/.test(text)) return BigInt(text.replace('+', ''))
  const decimal = decimalOf(text)
  if (decimal) return decimal
  const number = Number(text)
  if (text === '' || Number.isNaN(number)) throw new SqlError('bad value', ['integer', text.slice(0, 100)])
  return number
}
export const exact = (value: Value): Decimal => {
  const n = figure(value as Exclude<Value, null>)
  return n instanceof Decimal
    ? n
    : typeof n === 'bigint'
      ? new Decimal(n, 0)
      : (decimalOf(String(n)) ?? new Decimal(0n, 0))
}
export function summed(values: readonly Value[], type: Type): Value {
  const total = values.reduce<Decimal>((sum, value) => add(sum, exact(value)), new Decimal(0n, 0))
  return whole.has(type.name) ? total.digits : total
}

export function arithmetic(operator: string, left: Exclude<Value, null>, right: Exclude<Value, null>): Value {
  const [x, y] = [figure(left), figure(right)]
  if (operator === '^') return Number(textOf(left)) ** Number(textOf(right))
  if (typeof x === 'number' || typeof y === 'number') {
    const [p, q] = [Number(String(x)), Number(String(y))]
    if (operator === '/' && q === 0) throw new SqlError('division by zero')
    return operator === '+'
      ? p + q
      : operator === '-'
        ? p - q
        : operator === '*'
          ? p * q
          : operator === '/'
            ? p / q
            : p % q
  }
  if (typeof x === 'bigint' && typeof y === 'bigint') {
    if ((operator === '/' || operator === '%') && y === 0n) throw new SqlError('division by zero')
    const value =
      operator === '+' ? x + y : operator === '-' ? x - y : operator === '*' ? x * y : operator === '/' ? x / y : x % y
    if (value > 9_223_372_036_854_775_807n || value < -9_223_372_036_854_775_808n)
      throw new SqlError('out of range', ['bigint'])
    return value
  }
  const [p, q] = [exact(x), exact(y)]
  if (operator === '+') return add(p, q)
  if (operator === '-') return add(p, negate(q))
  if (operator === '*') return multiply(p, q)
  const found = operator === '/' ? divide(p, q, quotientScale(p, q)) : remainder(p, q)
  if (!found) throw new SqlError('division by zero')
  return found
}

/** numeric.c, select_div_scale: sixteen significant digits at least, in groups of four. */
export function quotientScale(a: Decimal, b: Decimal): number {
  const [x, y] = [group(a), group(b)]
  const weight = x.weight - y.weight - (x.first <= y.first ? 1 : 0)
  return Math.min(40, Math.max(16 - weight * 4, a.scale, b.scale, 0))
}
/** The first group of four digits that is not zero, and where it stands. */
function group(value: Decimal): { weight: number; first: number } {
  const [, whole = '0', fraction = ''] = /^-?(\d+)(?:\.(\d*))?$/.exec(value.toString()) ?? []
  const left = whole.padStart(Math.ceil(whole.length / 4) * 4, '0')
  const digits = left + fraction.padEnd(Math.ceil(fraction.length / 4) * 4, '0')
  for (let at = 0; at < digits.length; at += 4) {
    const first = Number(digits.slice(at, at + 4))
    if (first !== 0) return { weight: left.length / 4 - 1 - at / 4, first }
  }
  return { weight: 0, first: 0 }
}
