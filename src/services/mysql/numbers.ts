import { withoutTail } from '#codec/tail.ts'
import {
  add,
  compareDecimals,
  Decimal,
  decimalOf,
  divide,
  multiply,
  negate,
  remainder,
  rescale,
  truncated,
} from '#sql/decimal.ts'
import { floatText, shown, type Type, type Value } from '#sql/value.ts'
import { MysqlError } from './errors.ts'

/** Arithmetic as MySQL does it: whole numbers stay whole, `/` makes decimals, text becomes a double. */
export type Exact = bigint | Decimal
type Figure = Exact | number

const leading = /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?/

/** What text is worth as a number: as much of it as looks like one. */
export const textNumber = (text: string): number => Number(leading.exec(text.slice(0, 400))?.[0] ?? 0)

export function figure(value: Exclude<Value, null>): Figure {
  if (typeof value === 'bigint' || typeof value === 'number' || value instanceof Decimal) return value
  if (typeof value === 'boolean') return value ? 1n : 0n
  if (typeof value === 'string') return textNumber(value)
  throw new MysqlError(1241, '21000', 'Operand should contain 1 column(s)')
}
export const toNumber = (value: Value): number => {
  if (value === null) return 0
  const n = figure(value)
  return n instanceof Decimal ? n.toNumber() : Number(n)
}
export const toBig = (value: Value): bigint => {
  if (value === null) return 0n
  const n = figure(value)
  if (typeof n === 'bigint') return n
  if (n instanceof Decimal) return rescale(n, 0).digits
  if (!Number.isFinite(n)) return n > 0 ? MAX : MIN
  const whole = BigInt(Math.round(n))
  return whole > UMAX ? UMAX : whole < MIN ? MIN : whole
}
export const MAX = (1n << 63n) - 1n
export const MIN = -(1n << 63n)
export const UMAX = (1n << 64n) - 1n
const exact = (n: Exact): Decimal => (n instanceof Decimal ? n : new Decimal(n, 0))

/** `figureText(1e20)` = `1e20`, as my_gcvt shows doubles. */
export function doubleText(value: number): string {
  if (value !== 0 && (Math.abs(value) >= 1e15 || Math.abs(value) < 1e-15)) {
    const [digits = '0', power = '0'] = value.toExponential().split('e')
    return `${digits}e${power.replace('+', '')}`
  }
  const text = floatText(value)
  return text.includes('e') ? value.toFixed(20).replace(/0+$/, '') : text
}

export function arithmetic(operator: string, left: Value, right: Value): Value {
  if (left === null || right === null) return null
  const [a, b] = [figure(left), figure(right)]
  if (operator === '/') return quotient(a, b)
  if (operator === 'div') {
    const [x, y] = [whole(a), whole(b)]
    return y === 0n ? null : x / y
  }
  if (typeof a === 'number' || typeof b === 'number') return doubles(operator, real(a), real(b))
  if (typeof a === 'bigint' && typeof b === 'bigint') return wholes(operator, a, b)
  const [x, y] = [exact(a), exact(b)]
  if (operator === '+') return add(x, y)
  if (operator === '-') return add(x, negate(y))
  if (operator === '*') return multiply(x, y)
  return remainder(x, y) ?? null
}
const real = (n: Figure): number => (n instanceof Decimal ? n.toNumber() : Number(n))
const whole = (n: Figure): bigint =>
  typeof n === 'bigint'
    ? n
    : n instanceof Decimal
      ? truncated(n, 0).digits
      : BigInt(Math.trunc(Number.isFinite(n) ? n : 0))

function quotient(a: Figure, b: Figure): Value {
  if (typeof a === 'number' || typeof b === 'number') {
    const by = real(b)
    return by === 0 ? null : real(a) / by
  }
  const [x, y] = [exact(a), exact(b)]
  return divide(x, y, Math.min(30, x.scale + 4)) ?? null
}
function doubles(operator: string, a: number, b: number): Value {
  const value = operator === '+' ? a + b : operator === '-' ? a - b : operator === '*' ? a * b : b === 0 ? null : a % b
  if (value !== null && !Number.isFinite(value))
    throw new MysqlError(
      1690,
      '22003',
      `DOUBLE value is out of range in '${doubleText(a)} ${operator} ${doubleText(b)}'`,
    )
  return value
}
function wholes(operator: string, a: bigint, b: bigint): Value {
  if (operator === '%' || operator === 'mod') return b === 0n ? null : a % b
  const value = operator === '+' ? a + b : operator === '-' ? a - b : a * b
  if (value > UMAX || value < MIN || (value > MAX && a <= MAX && b <= MAX))
    throw new MysqlError(1690, '22003', `BIGINT value is out of range in '${a} ${operator} ${b}'`)
  return value
}

export function bitwise(operator: string, left: Value, right: Value): Value {
  if (left === null || right === null) return null
  const [a, b] = [BigInt.asUintN(64, toBig(left)), BigInt.asUintN(64, toBig(right))]
  switch (operator) {
    case '|':
      return a | b
    case '&':
      return a & b
    case '^':
      return a ^ b
    case '<<':
      return b > 63n ? 0n : BigInt.asUintN(64, a << b)
    default:
      return b > 63n ? 0n : a >> b
  }
}

/** utf8mb4_general_ci pads with blanks, and knows upper case alone: `_` comes behind all letters. */
export function folded(text: string): string {
  return withoutTail(text, ' ').replace(/[a-z]+/g, letters => letters.toUpperCase())
}

export function compare(left: Value, right: Value): number {
  if (typeof left === 'string' && typeof right === 'string') {
    const [a, b] = [folded(left), folded(right)]
    return a < b ? -1 : a > b ? 1 : 0
  }
  const [a, b] = [figure(left as Exclude<Value, null>), figure(right as Exclude<Value, null>)]
  if (typeof a === 'bigint' && typeof b === 'bigint') return a < b ? -1 : a > b ? 1 : 0
  if (typeof a !== 'number' && typeof b !== 'number') return compareDecimals(exact(a), exact(b))
  const [x, y] = [real(a), real(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

export function sum(values: readonly Value[]): Value {
  const figures = values.map(value => figure(value as Exclude<Value, null>))
  if (figures.some(n => typeof n === 'number')) return figures.reduce<number>((total, n) => total + real(n), 0)
  return figures.reduce<Decimal>((total, n) => add(total, exact(n as Exact)), new Decimal(0n, 0))
}
export function average(values: readonly Value[]): Value {
  const total = sum(values)
  if (total instanceof Decimal) return divide(total, new Decimal(BigInt(values.length), 0), total.scale + 4) ?? null
  return (total as number) / values.length
}

/** A value as the text protocol and string functions have it. */
export function textOf(value: Exclude<Value, null>): string {
  if (typeof value === 'number') return doubleText(value)
  if (typeof value === 'boolean') return value ? '1' : '0'
  return shown(value)
}
export const parseDecimal = (text: string): Decimal =>
  decimalOf(text.replace(/^\s+/, '')) ?? decimalOf(String(textNumber(text))) ?? new Decimal(0n, 0)

/** Digits before and behind the point, and the width that a number of this type takes. */
export const digitsOf = (type: Type): { before: number; scale: number } => {
  if (type.name === 'decimal') return { before: (type.length ?? 10) - (type.scale ?? 0), scale: type.scale ?? 0 }
  return { before: Math.max(1, (type.length ?? 10) - (type.unsigned ? 0 : 1)), scale: 0 }
}
