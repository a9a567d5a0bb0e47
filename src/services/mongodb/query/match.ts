import { badValue, MongoError } from '../errors.ts'
import { type Doc, isA, isArray, isDoc, isNumber, numberOf, truthy, typeName, type Value } from '../value.ts'
import type { Work } from '../work.ts'
import { compare, rank, same } from './compare.ts'
import { evaluate } from './expression.ts'
import { partsOf, valuesAt } from './path.ts'
import { patternOf } from './pattern.ts'

/** Whether a document is one that a filter asks for. */
type Matches = (doc: Doc, work: Work) => boolean
/** Whether a value is; `undefined` is a field that is not there. */
type Test = (value: Value | undefined, work: Work) => boolean
const DEPTH = 60

/** A filter of find and its like (MatchExpressionParser), compiled. */
export function matcher(filter: Doc, depth = 0): Matches {
  if (depth > DEPTH) throw badValue('exceeded maximum query tree depth')
  const tests = [...filter].map(([name, value]) =>
    name.startsWith('$') ? topLevel(name, value, depth) : field(name, value, depth),
  )
  return (doc, work) => tests.every(test => test(doc, work))
}

function topLevel(name: string, value: Value, depth: number): Matches {
  switch (name) {
    case '$and':
    case '$or':
    case '$nor': {
      const all = branches(name, value).map(branch => matcher(branch, depth + 1))
      if (name === '$and') return (doc, work) => all.every(one => one(doc, work))
      return (doc, work) => all.some(one => one(doc, work)) === (name === '$or')
    }
    case '$comment':
      return () => true
    case '$expr':
      return (doc, work) => truthy(evaluate(value, { doc, work, vars: new Map(), depth: 0 }))
    case '$where':
      throw badValue('no globalScriptEngine in $where parsing')
    case '$text':
      throw new MongoError('IndexNotFound', 'text index required for $text query')
    case '$jsonSchema':
      return () => true
    default:
      throw badValue(
        `unknown top level operator: ${name}. If you have a field name that starts with a '$' symbol, consider using $getField or $setField.`,
      )
  }
}
function branches(name: string, value: Value): Doc[] {
  if (!isArray(value)) throw badValue(`${name} argument must be an array`)
  if (value.length === 0) throw badValue(`${name} argument must be a non-empty array`)
  return value.map(one => {
    if (!isDoc(one)) throw badValue(`${name} argument's entries must be objects`)
    return one
  })
}

const isOperators = (value: Value): value is Doc =>
  isDoc(value) && [...value.keys()][0]?.startsWith('$') === true && !value.has('$ref')

function field(path: string, condition: Value, depth: number): Matches {
  const parts = partsOf(path)
  if (!isOperators(condition)) {
    const test = equals(condition)
    return (doc, work) => someAt(doc, parts, test, work)
  }
  const all = [...condition].map(([name, value]) => operator(parts, name, value, condition, depth))
  return (doc, work) => all.every(one => one(doc, work))
}

/** Does a value there pass, or, where it is an array, one of its items? */
function someAt(doc: Doc, parts: readonly string[], test: Test, work: Work): boolean {
  for (const value of valuesAt(doc, parts, work)) {
    if (test(value, work)) return true
    if (isArray(value)) for (const item of value) if (test(item, work)) return true
  }
  return false
}

function equals(wanted: Value): Test {
  if (isA(wanted, 'regex')) {
    const test = patternOf(wanted)
    return (value, work) =>
      (typeof value === 'string' && test(value, work)) || (isA(value, 'regex') && same(value, wanted, work))
  }
  if (wanted === null) return value => value === null || value === undefined || isA(value, 'undefined')
  return (value, work) => value !== undefined && same(value, wanted, work)
}

const orders: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ['$gt', (order: number) => order > 0],
  ['$gte', (order: number) => order >= 0],
  ['$lt', (order: number) => order < 0],
  ['$lte', (order: number) => order <= 0],
])

function operator(parts: readonly string[], name: string, value: Value, all: Doc, depth: number): Matches {
  const some =
    (test: Test): Matches =>
    (doc, work) =>
      someAt(doc, parts, test, work)
  const none =
    (test: Test): Matches =>
    (doc, work) =>
      !someAt(doc, parts, test, work)
  const ordered = orders.get(name)
  if (ordered)
    return some(
      (given, work) =>
        (given !== undefined || value === null) &&
        (rank(given) === rank(value) ||
          isA(value, 'min') ||
          isA(value, 'max') ||
          (given === undefined && value === null)) &&
        (given === undefined ? name.endsWith('e') : ordered(compare(given, value, work))),
    )
  switch (name) {
    case '$eq':
      return some(
        isA(value, 'regex') ? (given, work) => given !== undefined && same(given, value, work) : equals(value),
      )
    case '$ne':
      if (isA(value, 'regex')) throw badValue("Can't have regex as arg to $ne.")
      return none(equals(value))
    case '$in':
      return some(oneOf(name, value))
    case '$nin':
      return none(oneOf(name, value))
    case '$exists':
      return (doc, work) => {
        for (const found of valuesAt(doc, parts, work)) if (found !== undefined) return truthy(value)
        return !truthy(value)
      }
    case '$not':
      return negated(parts, value, depth)
    case '$regex':
      return some(regexOf(value, all.get('$options')))
    case '$options':
      if (!all.has('$regex')) throw badValue('$options needs a $regex')
      return () => true
    case '$type':
      return some(typed(value))
    case '$size':
      return sized(parts, value)
    case '$all':
      return everyOne(parts, value, depth)
    case '$elemMatch':
      return element(parts, value, depth)
    case '$mod':
      return some(divides(value))
    case '$bitsAllSet':
    case '$bitsAllClear':
    case '$bitsAnySet':
    case '$bitsAnyClear':
      return some(bits(name, value))
    default:
      throw badValue(`unknown operator: ${name}`)
  }
}

function oneOf(name: string, value: Value): Test {
  if (!isArray(value)) throw badValue(`${name} needs an array`)
  const tests = value.map(one => {
    if (isOperators(one)) throw badValue(`cannot nest $ under ${name}`)
    return equals(one)
  })
  return (given, work) => tests.some(test => test(given, work))
}

function negated(parts: readonly string[], value: Value, depth: number): Matches {
  const path = parts.join('.')
  if (isA(value, 'regex')) {
    const test = field(path, value, depth + 1)
    return (doc, work) => !test(doc, work)
  }
  if (!isDoc(value)) throw badValue('$not needs a regex or a document')
  if (value.size === 0) throw badValue('$not cannot be empty')
  if (depth > DEPTH) throw badValue('exceeded maximum query tree depth')
  const test = [...value].map(([name, one]) => operator(parts, name, one, value, depth + 1))
  return (doc, work) => !test.every(one => one(doc, work))
}

function regexOf(value: Value, options: Value | undefined): Test {
  const flags = typeof options === 'string' ? options : ''
  if (isA(value, 'regex')) return equals({ ...value, flags: flags || value.flags })
  if (typeof value !== 'string') throw badValue('$regex has to be a string')
  return equals({ is: 'regex', source: value, flags })
}

const numbers: ReadonlyMap<number, string> = new Map([
  [1, 'double'],
  [2, 'string'],
  [3, 'object'],
  [4, 'array'],
  [5, 'binData'],
  [6, 'undefined'],
  [7, 'objectId'],
  [8, 'bool'],
  [9, 'date'],
  [10, 'null'],
  [11, 'regex'],
  [13, 'javascript'],
  [16, 'int'],
  [17, 'timestamp'],
  [18, 'long'],
  [19, 'decimal'],
  [-1, 'minKey'],
  [127, 'maxKey'],
])
function typed(value: Value): Test {
  const names = (isArray(value) ? value : [value]).map(one => {
    const name = typeof one === 'string' ? one : numbers.get(numberOf(one) ?? Number.NaN)
    if (name === undefined) throw badValue('type must be represented as a number or a string')
    if (name !== 'number' && ![...numbers.values()].includes(name)) throw badValue(`Unknown type name alias: ${name}`)
    return name
  })
  return given =>
    given !== undefined && (names.includes(typeName(given)) || (names.includes('number') && isNumber(given)))
}

function sized(parts: readonly string[], value: Value): Matches {
  const size = numberOf(value)
  if (size === undefined || !Number.isInteger(size))
    throw new MongoError('FailedToParse', 'Failed to parse $size. Expected a number in: $size')
  if (size < 0)
    throw new MongoError('FailedToParse', `Failed to parse $size. Expected a non-negative number in: $size: ${size}`)
  return (doc, work) => {
    for (const found of valuesAt(doc, parts, work)) if (isArray(found) && found.length === size) return true
    return false
  }
}

function everyOne(parts: readonly string[], value: Value, depth: number): Matches {
  if (!isArray(value)) throw badValue('$all needs an array')
  if (value.length === 0) return () => false
  const path = parts.join('.')
  const all = value.map(one => field(path, one, depth + 1))
  return (doc, work) => all.every(one => one(doc, work))
}

function element(parts: readonly string[], value: Value, depth: number): Matches {
  if (!isDoc(value)) throw badValue('$elemMatch needs an Object')
  const plain = isOperators(value) && !['$and', '$or', '$nor', '$where', '$expr'].includes([...value.keys()][0]!)
  // Operators alone are held against each item, anything else against each that is a document.
  const ofItem = plain ? field('v', value, depth + 1) : undefined
  const ofDocument = plain ? undefined : matcher(value, depth + 1)
  return (doc, work) => {
    for (const found of valuesAt(doc, parts, work))
      if (isArray(found))
        for (const item of found) {
          if (ofItem?.(new Map([['v', item]]), work)) return true
          if (isDoc(item) && ofDocument?.(item, work)) return true
        }
    return false
  }
}

function divides(value: Value): Test {
  if (!isArray(value)) throw badValue('malformed mod, needs to be an array')
  if (value.length < 2) throw badValue('malformed mod, not enough elements')
  if (value.length > 2) throw badValue('malformed mod, too many elements')
  const [divisor, rest] = value.map(one => Math.trunc(numberOf(one) ?? Number.NaN)) as [number, number]
  if (Number.isNaN(divisor)) throw badValue('malformed mod, divisor not a number')
  if (divisor === 0) throw badValue('divisor cannot be 0')
  return given => {
    const n = numberOf(given)
    return n !== undefined && Math.trunc(n) % divisor === (rest || 0)
  }
}

function bits(name: string, value: Value): Test {
  const n = numberOf(value)
  const mask = isArray(value)
    ? value.reduce<bigint>(
        (sum, one) => sum | (1n << BigInt(Math.min(63, Math.max(0, Math.trunc(numberOf(one) ?? 0) || 0)))),
        0n,
      )
    : n !== undefined && Number.isInteger(n) && n >= 0
      ? BigInt(n)
      : undefined
  if (mask === undefined) throw badValue(`${name} takes an Array, a number, or a BinData but received: ${name}`)
  return given => {
    const found = numberOf(given)
    if (found === undefined || !Number.isInteger(found)) return false
    const set = BigInt.asUintN(64, BigInt(found)) & mask
    if (name === '$bitsAllSet') return set === mask
    if (name === '$bitsAllClear') return set === 0n
    return name === '$bitsAnySet' ? set !== 0n : set !== mask
  }
}
