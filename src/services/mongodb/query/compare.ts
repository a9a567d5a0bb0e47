import { sizeOf } from '../bson.ts'
import { type Doc, isA, isArray, isDoc, isNumber, numberOf, type Value } from '../value.ts'
import type { Work } from '../work.ts'

/** Where a value stands among those of other types (canonicalizeBSONType). */
export function rank(value: Value | undefined): number {
  if (value === undefined) return 0
  if (value === null) return 5
  if (isNumber(value)) return 10
  if (typeof value === 'string') return 15
  if (isDoc(value)) return 20
  if (isArray(value)) return 25
  if (typeof value === 'boolean') return 40
  switch ((value as Exclude<Value, number | bigint | string | boolean | Doc | Value[] | null>).is) {
    case 'min':
      return -1
    case 'undefined':
      return 0
    case 'binary':
      return 30
    case 'oid':
      return 35
    case 'date':
      return 45
    case 'timestamp':
      return 47
    case 'regex':
      return 50
    case 'code':
      return (value as { type: number }).type === 0x0e ? 15 : 60
    case 'max':
      return 127
    default:
      return 10
  }
}

const sign = (a: number | bigint | string, b: number | bigint | string): number => (a < b ? -1 : a > b ? 1 : 0)

/** The server's order of all values (woCompare): negative, zero or positive. */
export function compare(a: Value | undefined, b: Value | undefined, work: Work): number {
  work.step()
  const [rankA, rankB] = [rank(a), rank(b)]
  if (rankA !== rankB) return rankA - rankB
  if (isNumber(a) && isNumber(b)) return compareNumbers(a, b)
  if (typeof a === 'string' && typeof b === 'string') {
    work.step(Math.min(a.length, b.length) >> 6)
    return sign(a, b)
  }
  if ((isDoc(a) && isDoc(b)) || (isArray(a) && isArray(b))) return compareEach(a, b, work)
  if (typeof a === 'boolean') return Number(a) - Number(b)
  if (isA(a, 'oid') && isA(b, 'oid')) return sign(a.hex, b.hex)
  if (isA(a, 'date') && isA(b, 'date')) return sign(a.at, b.at)
  if (isA(a, 'timestamp') && isA(b, 'timestamp')) return a.seconds - b.seconds || a.increment - b.increment
  if (isA(a, 'binary') && isA(b, 'binary'))
    return a.bytes.length - b.bytes.length || a.kind - b.kind || Buffer.compare(a.bytes, b.bytes)
  if (isA(a, 'regex') && isA(b, 'regex')) return sign(a.source, b.source) || sign(a.flags, b.flags)
  if (isA(a, 'code') && isA(b, 'code')) return sign(a.text, b.text)
  return 0
}

function compareNumbers(a: Value, b: Value): number {
  const exact = (value: Value): number | bigint => (typeof value === 'bigint' ? value : numberOf(value)!)
  const [x, y] = [exact(a), exact(b)]
  // NaN is the smallest of numbers.
  if (Number.isNaN(x)) return Number.isNaN(y) ? 0 : -1
  return Number.isNaN(y) ? 1 : sign(x, y)
}

function compareEach(a: Doc | Value[], b: Doc | Value[], work: Work): number {
  const others = b.entries()
  for (const [name, value] of a.entries()) {
    const other = others.next()
    if (other.done) return 1
    const [otherName, otherValue] = other.value
    const order =
      rank(value) - rank(otherValue) ||
      (typeof name === 'string' ? sign(name, otherName as string) : 0) ||
      compare(value, otherValue, work)
    if (order !== 0) return order
  }
  return others.next().done ? 0 : -1
}

export const same = (a: Value | undefined, b: Value | undefined, work: Work): boolean => compare(a, b, work) === 0

/** A text that equal values share and others do not: the key of `_id`, of groups, of distinct values. */
export function keyOf(value: Value | undefined, work: Work): string {
  work.step(1 + (value === undefined ? 0 : sizeOf(value) >> 4))
  if (value === undefined) return '!'
  if (isNumber(value)) {
    const n = typeof value === 'bigint' ? value : numberOf(value)!
    return `n${typeof n === 'number' && Object.is(n, -0) ? 0 : n}`
  }
  if (typeof value === 'string') return `s${value.length}:${value}`
  if (value === null || typeof value === 'boolean') return String(value)
  if (isDoc(value))
    return `{${[...value].map(([name, item]) => `${name.length}:${name}${keyOf(item, work)}`).join(',')}}`
  if (isArray(value)) return `[${value.map(item => keyOf(item, work)).join(',')}]`
  switch (value.is) {
    case 'oid':
      return `o${value.hex}`
    case 'date':
      return `d${value.at}`
    case 'binary':
      return `b${value.kind}:${value.bytes.toString('latin1')}`
    case 'timestamp':
      return `t${value.seconds}:${value.increment}`
    case 'regex':
      return `r${value.source.length}:${value.source}${value.flags}`
    case 'code':
      return `c${value.text}`
    default:
      return value.is
  }
}
