import { badValue, failedToParse, MongoError, typeMismatch } from '../errors.ts'
import { type Doc, date, isA, isArray, isDoc, isNumber, numberOf, typeName, type Value } from '../value.ts'
import type { Work } from '../work.ts'
import { compare, same } from './compare.ts'
import { number } from './functions.ts'
import { matcher } from './match.ts'
import { copied, get, type Place, partsOf, placeOf, put, remove } from './path.ts'
import { sorter } from './shape.ts'

type Circumstances = { work: Work; now: number; inserting: boolean }
/** Items that an array may have after $push and its like. */
const ITEMS = 100_000

/** Carries out an update with operators on a copy of `before` (UpdateDriver). */
export function updated(before: Doc, operators: Doc, how: Circumstances): Doc {
  const after = copied(before, how.work)
  for (const [name, fields] of operators) {
    const run = operatorsByName.get(name)
    if (!run)
      throw failedToParse(
        name.startsWith('$')
          ? `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`
          : `Unknown modifier: ${name}. Expected a valid update modifier or pipeline-style update specified as an array`,
      )
    if (!isDoc(fields))
      throw failedToParse(
        `Modifiers operate on fields but we found type ${typeName(fields)} instead. For example: {$mod: {<field>: ...}} not {${name}: ${typeName(fields)}}`,
      )
    if (name === '$setOnInsert' && !how.inserting) continue
    for (const [path, value] of fields) {
      check(path, name)
      run(after, path, value, how)
    }
  }
  const [was, is] = [before.get('_id'), after.get('_id')]
  if (was !== undefined && (is === undefined || !same(was, is, how.work)))
    throw new MongoError(
      'ImmutableField',
      "Performing an update on the path '_id' would modify the immutable field '_id'",
    )
  return after
}

function check(path: string, name: string): void {
  if (path === '') throw new MongoError('EmptyFieldName', 'An empty update path is not valid.')
  for (const part of path.split('.', 200)) {
    if (part === '')
      throw new MongoError(
        'EmptyFieldName',
        `The update path '${path}' contains an empty field name, which is not allowed.`,
      )
    if (part === '$') throw badValue('The positional operator did not find the match needed from the query.')
    if (part.startsWith('$') && name !== '$rename' && !/^\$\[/.test(part))
      throw new MongoError(
        'DollarPrefixedFieldName',
        `The dollar ($) prefixed field '${part}' in '${path}' is not allowed in the context of an update's replacement document. Consider using an aggregation pipeline with $replaceWith.`,
      )
    if (/^\$\[.+\]$/.test(part))
      throw badValue(`No array filter found for identifier '${part.slice(2, -1)}' in path '${path}'`)
  }
}

type Run = (doc: Doc, path: string, value: Value, how: Circumstances) => void

/** The places that a path leads to, `$[]` being every item. */
function places(doc: Doc, path: string, make: boolean, { work }: Circumstances): Place[] {
  const parts = partsOf(path)
  const each = parts.indexOf('$[]')
  if (each < 0) {
    const place = placeOf(doc, parts, make, work)
    if (!place)
      throw new MongoError(
        'PathNotViable',
        `Cannot create field '${parts.at(-1)}' in element {${parts.slice(0, -1).join('.')}}`,
      )
    return [place]
  }
  const holder = placeOf(doc, [...parts.slice(0, each)], false, work)
  const list = holder && get(holder.container, holder.name)
  if (!isArray(list))
    throw badValue(
      `The path '${parts.slice(0, each).join('.')}' must exist in the document in order to apply array updates.`,
    )
  return list.flatMap((item, i) => {
    work.step()
    if (each === parts.length - 1) return [{ container: list, name: String(i) }]
    return isDoc(item) ? places(item, parts.slice(each + 1).join('.'), make, { work, now: 0, inserting: false }) : []
  })
}
const at =
  (make: boolean, carry: (place: Place, value: Value, how: Circumstances, path: string) => void): Run =>
  (doc, path, value, how) => {
    for (const place of places(doc, path, make, how)) carry(place, value, how, path)
  }

const set = at(true, (place, value, { work }, path) => {
  if (!put(place.container, place.name, copied(value, work)))
    throw new MongoError('PathNotViable', `Cannot create field in '${path}'`)
})
const computed = (name: string, carry: (a: number, b: number) => number, initial: number): Run =>
  at(true, (place, value, how, path) => {
    const before = get(place.container, place.name)
    if (!isNumber(value))
      throw typeMismatch(
        `Cannot ${name === '$inc' ? 'increment' : 'multiply'} with non-numeric argument: {${path}: ${typeName(value)}}`,
      )
    if (before !== undefined && !isNumber(before))
      throw typeMismatch(
        `Cannot apply ${name} to a value of non-numeric type. {_id: …} has the field '${place.name}' of non-numeric type ${typeName(before)}`,
      )
    const [a, b] = [numberOf(before) ?? initial, numberOf(value)!]
    put(place.container, place.name, number(carry(a, b), before === undefined ? [value] : [before, value]))
    how.work.step()
  })
const bound = (direction: 1 | -1): Run =>
  at(true, (place, value, { work }) => {
    const before = get(place.container, place.name)
    if (before === undefined || compare(value, before, work) * direction > 0)
      put(place.container, place.name, copied(value, work))
  })

function listAt(place: Place, path: string, name: string): Value[] {
  const found = get(place.container, place.name)
  if (found !== undefined && !isArray(found))
    throw badValue(`The field '${path}' must be an array but is of type ${typeName(found)} in document {no id}`)
  const list = found ?? []
  if (list.length > ITEMS) throw badValue(`Too many items for ${name}`)
  put(place.container, place.name, list)
  return list
}
const eachOf = (value: Value): Value[] => {
  const each = isDoc(value) ? value.get('$each') : undefined
  if (each !== undefined && !isArray(each))
    throw badValue(`The argument to $each in $push must be an array but it was of type: ${typeName(each)}`)
  return each ?? [value]
}

const push = at(true, (place, value, { work }, path) => {
  const list = listAt(place, path, '$push')
  const more = isDoc(value) && value.has('$each') ? value : undefined
  const position = numberOf(more?.get('$position'))
  list.splice(
    position ?? list.length,
    0,
    ...eachOf(value)
      .slice(0, ITEMS)
      .map(item => copied(item, work)),
  )
  const order = more?.get('$sort')
  if (isDoc(order)) list.sort(byDocuments(sorter(order), work))
  else if (order !== undefined) list.sort((a, b) => compare(a, b, work) * Math.sign(numberOf(order) ?? 1))
  const slice = numberOf(more?.get('$slice'))
  if (slice !== undefined) put(place.container, place.name, slice < 0 ? list.slice(slice) : list.slice(0, slice))
})
const byDocuments =
  (order: (a: Doc, b: Doc, work: Work) => number, work: Work) =>
  (a: Value, b: Value): number =>
    order(isDoc(a) ? a : new Map(), isDoc(b) ? b : new Map(), work)

const addToSet = at(true, (place, value, { work }, path) => {
  const list = listAt(place, path, '$addToSet')
  for (const item of eachOf(value)) if (!list.some(one => same(one, item, work))) list.push(copied(item, work))
})
const pull = at(false, (place, value, { work }) => {
  const list = get(place.container, place.name)
  if (!isArray(list)) return
  const operators = isDoc(value) && [...value.keys()][0]?.startsWith('$')
  const test = isDoc(value) ? matcher(operators ? new Map([['v', value]]) : value) : undefined
  const goes = (item: Value): boolean => {
    if (!test)
      return isA(value, 'regex')
        ? matcher(new Map([['v', value]]))(new Map([['v', item]]), work)
        : same(item, value, work)
    return operators ? test(new Map([['v', item]]), work) : isDoc(item) && test(item, work)
  }
  put(
    place.container,
    place.name,
    list.filter(item => !goes(item)),
  )
})

const operatorsByName: ReadonlyMap<string, Run> = new Map<string, Run>([
  ['$set', set],
  ['$setOnInsert', set],
  ['$unset', at(false, place => remove(place.container, place.name))],
  ['$inc', computed('$inc', (a, b) => a + b, 0)],
  ['$mul', computed('$mul', (a, b) => a * b, 0)],
  ['$min', bound(-1)],
  ['$max', bound(1)],
  [
    '$rename',
    (doc, path, value, how) => {
      if (typeof value !== 'string')
        throw badValue(`The 'to' field for $rename must be a string: ${path}: ${typeName(value)}`)
      const from = placeOf(doc, partsOf(path), false, how.work)
      const found = from && get(from.container, from.name)
      if (found === undefined) return
      remove(from!.container, from!.name)
      set(doc, value, found, how)
    },
  ],
  [
    '$currentDate',
    at(true, (place, value, { now }) => {
      const stamp = isDoc(value) && value.get('$type') === 'timestamp'
      put(
        place.container,
        place.name,
        stamp ? { is: 'timestamp', seconds: Math.floor(now / 1000), increment: 1 } : date(now),
      )
    }),
  ],
  ['$push', push],
  ['$addToSet', addToSet],
  ['$pull', pull],
  [
    '$pullAll',
    at(false, (place, value, { work }) => {
      const list = get(place.container, place.name)
      if (!isArray(value)) throw badValue(`$pullAll requires an array argument but was given a ${typeName(value)}`)
      if (isArray(list))
        put(
          place.container,
          place.name,
          list.filter(item => !value.some(one => same(one, item, work))),
        )
    }),
  ],
  [
    '$pop',
    at(false, (place, value) => {
      const list = get(place.container, place.name)
      if (isArray(list)) put(place.container, place.name, numberOf(value) === -1 ? list.slice(1) : list.slice(0, -1))
    }),
  ],
  [
    '$bit',
    at(true, (place, value) => {
      const before = get(place.container, place.name)
      let n = BigInt(Math.trunc(numberOf(before) ?? 0) || 0)
      for (const [name, operand] of isDoc(value) ? value : []) {
        const by = BigInt(Math.trunc(numberOf(operand) ?? 0) || 0)
        n = name === 'and' ? n & by : name === 'or' ? n | by : n ^ by
      }
      put(place.container, place.name, number(Number(n), before === undefined ? [] : [before]))
    }),
  ],
])
