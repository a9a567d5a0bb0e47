import { Decimal, divide, multiply, rescale } from '#sql/decimal.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { failed } from './errors.ts'
import { numberOf, textOf } from './texts.ts'
import { common, isBytes, isText, strengthOf } from './types.ts'

/** Is `+` of these an addition? With a number on one side, it is. */
export const numeric = (a: Type, b: Type): boolean => {
  const [left, right] = [strengthOf(a) >= 0, strengthOf(b) >= 0]
  return (left || right) && !(isBytes(a) && isText(b)) && !/date/.test(a.name) && !/date/.test(b.name)
}

const words = new Map([
  ['+', 'add'],
  ['-', 'subtract'],
  ['*', 'multiply'],
  ['/', 'divide'],
  ['%', 'modulo'],
  ['&', "'&'"],
  ['|', "'|'"],
  ['^', "'^'"],
])

/** What arithmetic gives: "Data type precedence", and for exact numbers "Precision, scale, and length". */
export function resultType(operator: string, left: Type, right: Type): Type {
  for (const one of [left, right])
    if (isText(one) && isText(left) && isText(right) && one.name !== 'sql_variant')
      throw failed(8117, `Operand data type ${one.name} is invalid for ${words.get(operator) ?? operator} operator.`, {
        ends: true,
      })
  const { notNull: _, ...found } = common(
    [left, right].map(type => (isText(type) || isBytes(type) ? { name: 'null' } : type)),
  )
  if (found.name !== 'numeric' && found.name !== 'decimal') return found.name === 'bit' ? { name: 'int' } : found
  const scales = [left, right].map(({ scale = 0 }) => scale) as [number, number]
  const scale =
    operator === '*' ? scales[0] + scales[1] : operator === '/' ? Math.max(6, scales[0] + 10) : Math.max(...scales)
  return { name: found.name, length: 38, scale: Math.min(scale, 20) }
}

export function calculated(
  operator: string,
  left: Exclude<Value, null>,
  right: Exclude<Value, null>,
  a: Type,
  b: Type,
): Value {
  const type = resultType(operator, a, b)
  const [x, y] = [operand(left, type, a), operand(right, type, b)]
  if (typeof x === 'number' || typeof y === 'number') return floating(operator, Number(String(x)), Number(String(y)))
  if (x instanceof Decimal || y instanceof Decimal) {
    const [p, q] = [x, y].map(n => (n instanceof Decimal ? n : new Decimal(n as bigint, 0))) as [Decimal, Decimal]
    return exact(operator, p, q, type)
  }
  return whole(operator, x, y, type)
}
function operand(value: Exclude<Value, null>, type: Type, from: Type): bigint | number | Decimal {
  if (isBytes(from)) return BigInt(`0x${Buffer.from(textOf(value), 'latin1').subarray(-8).toString('hex') || '0'}`)
  const n = numberOf(value)
  if (n === undefined || (typeof value === 'string' && typeof n !== 'bigint' && strengthOf(type) <= 4))
    throw new SqlError('bad value', [type.name, textOf(value).slice(0, 4000), from.name])
  return n
}

function whole(operator: string, x: bigint, y: bigint, type: Type): bigint {
  let n: bigint
  switch (operator) {
    case '+':
      n = x + y
      break
    case '-':
      n = x - y
      break
    case '*':
      n = x * y
      break
    case '&':
      return x & y
    case '|':
      return x | y
    case '^':
      return x ^ y
    default:
      if (y === 0n) throw new SqlError('division by zero')
      n = operator === '/' ? x / y : x % y
  }
  const bits = type.name === 'bigint' ? 63n : 31n
  if (n >= 1n << bits || n < -(1n << bits)) throw new SqlError('out of range', [bits === 63n ? 'bigint' : 'int'])
  return n
}
function floating(operator: string, x: number, y: number): number {
  if ((operator === '/' || operator === '%') && y === 0) throw new SqlError('division by zero')
  const n =
    operator === '+' ? x + y : operator === '-' ? x - y : operator === '*' ? x * y : operator === '/' ? x / y : x % y
  if (!Number.isFinite(n)) throw new SqlError('out of range', ['float'])
  return n
}
function exact(operator: string, p: Decimal, q: Decimal, { scale = 0 }: Type): Decimal {
  const width = Math.max(p.scale, q.scale)
  const [a, b] = [rescale(p, width).digits, rescale(q, width).digits]
  switch (operator) {
    case '+':
      return new Decimal(a + b, width)
    case '-':
      return new Decimal(a - b, width)
    case '*':
      return rescale(multiply(p, q), Math.min(scale, p.scale + q.scale))
    case '/': {
      const found = divide(p, q, scale)
      if (!found) throw new SqlError('division by zero')
      return found
    }
    default:
      if (b === 0n) throw new SqlError('division by zero')
      return new Decimal(a % b, width)
  }
}
