import { sizeOf } from '../bson.ts'
import { MongoError } from '../errors.ts'
import { type Doc, int, isA, isArray, isDoc, isNumber, numberOf, truthy, typeName, type Value } from '../value.ts'
import type { Work } from '../work.ts'
import { compare, keyOf, same } from './compare.ts'

/** Functions of aggregation expressions, their arguments worked out already. */
type Given = readonly (Value | undefined)[]
type Run = (given: Given, work: Work) => Value | undefined
const missing = (value: Value | undefined): boolean => value === undefined || value === null || isA(value, 'undefined')

/** Characters of a text that an expression may make. */
const TEXT = 1 << 20
const text = (made: string): string => {
  if (made.length > TEXT) throw new MongoError(10_334, 'BSONObj size is invalid')
  return made
}

/** The result with the widest type of its operands: int, long, double (decimals become doubles). */
export function number(result: number, given: Given): Value {
  if (!Number.isInteger(result) || given.some(value => typeof value === 'number' || isA(value, 'decimal')))
    return result
  if (given.some(value => typeof value === 'bigint') || Math.abs(result) > 0x7fffffff) return BigInt(result)
  return int(result)
}
function arithmetic(name: string, fold: (a: number, b: number) => number): Run {
  return given => {
    if (given.some(missing)) return null
    const numbers = given.map(value => numberOf(value))
    if (numbers.some(n => n === undefined))
      throw new MongoError(
        'TypeMismatch',
        `${name} only supports numeric types, not ${given.map(typeName).join(' and ')}`,
      )
    return number((numbers as number[]).reduce(fold), given)
  }
}
function unary(name: string, carry: (n: number) => number): Run {
  return ([value]) => {
    if (missing(value)) return null
    const n = numberOf(value)
    if (n === undefined) throw new MongoError(28_765, `${name} only supports numeric types, not ${typeName(value)}`)
    return number(carry(n), [value])
  }
}
const compared =
  (test: (order: number) => boolean): Run =>
  ([a, b], work) =>
    test(compare(a, b, work))

function stringOf(value: Value | undefined): string {
  if (missing(value)) return ''
  if (typeof value === 'string') return value
  if (isNumber(value)) return String(typeof value === 'bigint' ? value : numberOf(value))
  if (isA(value, 'date')) return isoOf(value.at)
  if (isA(value, 'oid')) return value.hex
  if (typeof value === 'boolean') return String(value)
  throw new MongoError(16_007, `can't convert from BSON type ${typeName(value)} to String`)
}
const isoOf = (at: bigint): string => {
  const moment = new Date(Number(at))
  return Number.isNaN(moment.getTime()) ? '' : moment.toISOString()
}
const items = (value: Value | undefined): Value[] => (isArray(value) ? value : [])

/** A sum of what is a number. */
export const sum = (values: Given): Value =>
  number(
    values.reduce((total: number, value) => total + (numberOf(value) ?? 0), 0),
    values.filter(isNumber),
  )
export const average = (values: Given): Value => {
  const numbers = values.filter(isNumber).map(value => numberOf(value)!)
  return numbers.length === 0 ? null : numbers.reduce((a, b) => a + b) / numbers.length
}
export const extreme =
  (direction: 1 | -1) =>
  (values: Given, work: Work): Value => {
    let best: Value | undefined
    for (const value of values)
      if (!missing(value) && (best === undefined || compare(value, best, work) * direction > 0)) best = value
    return best ?? null
  }
/** What accumulators take as expressions: the items of one array, or the arguments. */
const many = (given: Given): Given => (given.length === 1 && isArray(given[0]) ? given[0] : given)

const datePart =
  (part: (moment: Date) => number): Run =>
  ([value]) => {
    const given = isDoc(value) ? value.get('date') : value
    if (missing(given)) return null
    if (isA(given, 'oid')) return int(part(new Date(Number.parseInt(given.hex.slice(0, 8), 16) * 1000)))
    if (!isA(given, 'date')) throw new MongoError(16_006, `can't convert from BSON type ${typeName(given)} to Date`)
    return int(part(new Date(Number(given.at))))
  }

export const functions: ReadonlyMap<string, Run> = new Map<string, Run>([
  [
    '$add',
    (given, work) =>
      isA(given[0], 'date')
        ? { is: 'date', at: given[0].at + BigInt(Math.trunc(Number(numberOf(given[1]) ?? 0)) || 0) }
        : arithmetic('$add', (a, b) => a + b)(given, work),
  ],
  [
    '$subtract',
    (given, work) =>
      isA(given[0], 'date') && isA(given[1], 'date')
        ? given[0].at - given[1].at
        : arithmetic('$subtract', (a, b) => a - b)(given, work),
  ],
  ['$multiply', arithmetic('$multiply', (a, b) => a * b)],
  [
    '$divide',
    (given, work) => {
      if (numberOf(given[1]) === 0) throw new MongoError('BadValue', "can't $divide by zero")
      return numberOf(arithmetic('$divide', (a, b) => a / b)(given, work)) ?? null
    },
  ],
  ['$mod', arithmetic('$mod', (a, b) => a % b)],
  ['$pow', arithmetic('$pow', (a, b) => a ** b)],
  ['$abs', unary('$abs', Math.abs)],
  ['$ceil', unary('$ceil', Math.ceil)],
  ['$floor', unary('$floor', Math.floor)],
  ['$round', unary('$round', Math.round)],
  ['$trunc', unary('$trunc', Math.trunc)],
  ['$sqrt', unary('$sqrt', Math.sqrt)],
  ['$eq', compared(order => order === 0)],
  ['$ne', compared(order => order !== 0)],
  ['$gt', compared(order => order > 0)],
  ['$gte', compared(order => order >= 0)],
  ['$lt', compared(order => order < 0)],
  ['$lte', compared(order => order <= 0)],
  ['$cmp', ([a, b], work) => int(Math.sign(compare(a, b, work)))],
  ['$not', ([value]) => !truthy(value)],
  ['$toBool', ([value]) => (missing(value) ? null : truthy(value))],
  ['$concat', given => (given.some(missing) ? null : text(given.map(stringOf).join('')))],
  ['$toLower', ([value]) => stringOf(value).replace(/[A-Z]/g, letter => letter.toLowerCase())],
  ['$toUpper', ([value]) => stringOf(value).replace(/[a-z]/g, letter => letter.toUpperCase())],
  ['$strLenBytes', ([value]) => int(stringOf(value).length)],
  ['$strLenCP', ([value]) => int(stringOf(value).replace(/[\x80-\xbf]/g, '').length)],
  ['$substr', ([value, from, count]) => cut(value, from, count)],
  ['$substrBytes', ([value, from, count]) => cut(value, from, count)],
  ['$substrCP', ([value, from, count]) => cut(value, from, count)],
  ['$trim', ([value]) => stringOf(isDoc(value) ? value.get('input') : value).trim()],
  [
    '$split',
    ([value, mark], work) => {
      if (missing(value)) return null
      const parts = stringOf(value).split(stringOf(mark) || '\0', 10_000)
      work.step(parts.length)
      return parts
    },
  ],
  ['$indexOfBytes', ([value, wanted]) => (missing(value) ? null : int(stringOf(value).indexOf(stringOf(wanted))))],
  ['$toString', ([value]) => (missing(value) ? null : stringOf(value))],
  ['$toInt', ([value]) => converted(value, '$toInt', n => int(Math.trunc(n)))],
  ['$toLong', ([value]) => converted(value, '$toLong', n => BigInt(Math.trunc(n)))],
  ['$toDouble', ([value]) => converted(value, '$toDouble', n => n)],
  [
    '$toDate',
    ([value]) =>
      isA(value, 'date') ? value : converted(value, '$toDate', n => ({ is: 'date', at: BigInt(Math.trunc(n)) })),
  ],
  ['$type', ([value]) => typeName(value)],
  ['$isNumber', ([value]) => isNumber(value)],
  ['$isArray', ([value]) => isArray(value)],
  [
    '$size',
    ([value]) => {
      if (!isArray(value))
        throw new MongoError(17_124, `The argument to $size must be an array, but was of type: ${typeName(value)}`)
      return int(value.length)
    },
  ],
  ['$arrayElemAt', ([list, at]) => (isArray(list) ? list.at(numberOf(at) ?? 0) : null)],
  ['$first', ([list]) => (isArray(list) ? list[0] : null)],
  ['$last', ([list]) => (isArray(list) ? list.at(-1) : null)],
  [
    '$slice',
    ([list, from, count]) => {
      if (!isArray(list)) return null
      const start = numberOf(from) ?? 0
      if (count === undefined) return start < 0 ? list.slice(start) : list.slice(0, start)
      const begin = start < 0 ? Math.max(0, list.length + start) : start
      return list.slice(begin, begin + (numberOf(count) ?? 0))
    },
  ],
  ['$concatArrays', given => (given.some(missing) ? null : given.flatMap(items))],
  ['$reverseArray', ([list]) => (isArray(list) ? [...list].reverse() : null)],
  ['$in', ([value, list], work) => items(list).some(item => same(item, value, work))],
  ['$setUnion', (given, work) => [...new Map(given.flatMap(items).map(item => [keyOf(item, work), item])).values()]],
  [
    '$range',
    ([from, to, by], work) => {
      const [start, end, step] = [numberOf(from) ?? 0, numberOf(to) ?? 0, numberOf(by) ?? 1]
      const found: Value[] = []
      for (let n = start; step !== 0 && (step > 0 ? n < end : n > end) && found.length < 10_000; n += step) {
        work.step()
        found.push(int(n))
      }
      return found
    },
  ],
  [
    '$objectToArray',
    ([value]) =>
      isDoc(value)
        ? [...value].map(
            ([k, v]): Doc =>
              new Map<string, Value>([
                ['k', k],
                ['v', v],
              ]),
          )
        : null,
  ],
  [
    '$arrayToObject',
    ([list]) =>
      isArray(list)
        ? new Map(
            list.map((pair): [string, Value] =>
              isDoc(pair)
                ? [stringOf(pair.get('k')), pair.get('v') ?? null]
                : [stringOf(items(pair)[0]), items(pair)[1] ?? null],
            ),
          )
        : null,
  ],
  ['$mergeObjects', given => new Map(many(given).flatMap(value => (isDoc(value) ? [...value] : [])))],
  ['$sum', given => sum(many(given))],
  ['$avg', given => average(many(given))],
  ['$min', (given, work) => extreme(-1)(many(given), work)],
  ['$max', (given, work) => extreme(1)(many(given), work)],
  ['$bsonSize', ([value]) => (isDoc(value) ? int(sizeOf(value)) : null)],
  ['$year', datePart(moment => moment.getUTCFullYear())],
  ['$month', datePart(moment => moment.getUTCMonth() + 1)],
  ['$dayOfMonth', datePart(moment => moment.getUTCDate())],
  ['$dayOfWeek', datePart(moment => moment.getUTCDay() + 1)],
  ['$hour', datePart(moment => moment.getUTCHours())],
  ['$minute', datePart(moment => moment.getUTCMinutes())],
  ['$second', datePart(moment => moment.getUTCSeconds())],
  [
    '$dateToString',
    ([value]) => {
      const [given, format] = isDoc(value) ? [value.get('date'), value.get('format')] : [undefined, undefined]
      if (!isA(given, 'date')) return null
      const iso = isoOf(given.at)
      const parts = new Map([
        ['Y', iso.slice(0, 4)],
        ['m', iso.slice(5, 7)],
        ['d', iso.slice(8, 10)],
        ['H', iso.slice(11, 13)],
        ['M', iso.slice(14, 16)],
        ['S', iso.slice(17, 19)],
        ['L', iso.slice(20, 23)],
        ['%', '%'],
      ])
      return typeof format === 'string'
        ? format.slice(0, 1024).replace(/%(.)/g, (whole, letter: string) => parts.get(letter) ?? whole)
        : iso
    },
  ],
])

function cut(value: Value | undefined, from: Value | undefined, count: Value | undefined): string {
  const [start, length] = [Math.max(0, numberOf(from) ?? 0), numberOf(count) ?? -1]
  const whole = stringOf(value)
  return length < 0 ? whole.slice(start) : whole.slice(start, start + length)
}

function converted(value: Value | undefined, name: string, make: (n: number) => Value): Value {
  if (missing(value)) return null
  const n = isA(value, 'date')
    ? Number(value.at)
    : typeof value === 'boolean'
      ? Number(value)
      : typeof value === 'string' && value.length < 64 && value.trim() !== ''
        ? Number(value)
        : numberOf(value)
  if (n === undefined || Number.isNaN(n) || !Number.isFinite(n))
    throw new MongoError(241, `Failed to parse number in $convert with no onError value: ${name}`)
  return make(n)
}
