import type { Request } from '../commands/command.ts'
import { MongoError } from '../errors.ts'
import { now, uuid } from '../state.ts'
import { documents } from '../store.ts'
import { type Doc, doc, int, isArray, isDoc, numberOf, typeName, type Value } from '../value.ts'
import { keyOf } from './compare.ts'
import { evaluate, type Scope } from './expression.ts'
import { average, extreme, sum } from './functions.ts'
import { matcher } from './match.ts'
import { copied, partsOf, placeOf, put, remove, valueAt, valuesAt } from './path.ts'
import { projector, sorter } from './shape.ts'

/** Stages of one pipeline, and documents that may be on their way through it. */
const STAGES = 200
const DOCUMENTS = 100_000

type Base = Omit<Scope, 'doc'>
type Stage = (docs: Doc[], value: Value, at: { request: Request; base: Base }) => Doc[]

/** What an aggregation of a collection, or of none, comes to. */
export function pipeline(request: Request, name: string | undefined, stages: readonly Doc[], from?: Doc[]): Doc[] {
  const { session, work, db } = request
  if (stages.length > STAGES)
    throw new MongoError(7_749_501, `Pipeline length must be no longer than ${STAGES} stages.`)
  const base: Base = { work, vars: new Map(), depth: 0, now: BigInt(now(session)) }
  let docs =
    from ??
    (name === undefined ? [] : Array.from(documents(session.server.store.collection(db, name), work), one => one.doc))
  for (const stage of stages) {
    const [[kind, value] = ['', null] as [string, Value]] = [...stage]
    if (stage.size !== 1)
      throw new MongoError(40_323, 'A pipeline stage specification object must contain exactly one field.')
    const run = byName.get(kind)
    if (!run) throw new MongoError(40_324, `Unrecognized pipeline stage name: '${kind}'`)
    docs = run(docs, value, { request, base })
    if (docs.length > DOCUMENTS) work.step(Number.MAX_SAFE_INTEGER)
  }
  return docs
}

const objectOf = (value: Value, name: string, code: number): Doc => {
  if (!isDoc(value)) throw new MongoError(code, `${name} specification stage must be an object, got ${typeName(value)}`)
  return value
}

const addFields: Stage = (docs, value, { base }) => {
  const fields = objectOf(value, '$addFields', 40_272)
  return docs.map(before => {
    const after = copied(before, base.work)
    for (const [path, expression] of fields) {
      const made = evaluate(expression, { ...base, doc: before })
      const place = placeOf(after, partsOf(path), true, base.work)
      if (!place) continue
      if (made === undefined) remove(place.container, place.name)
      else put(place.container, place.name, copied(made, base.work))
    }
    return after
  })
}
const unset: Stage = (docs, value, { base }) => {
  const gone = (isArray(value) ? value : [value]).filter(one => typeof one === 'string')
  return docs.map(projectorOf(new Map(gone.map(path => [path, int(0)])), base))
}
const projectorOf = (fields: Doc, base: Base): ((one: Doc) => Doc) => {
  const shape = projector(fields)
  return one => shape(one, base)
}

const unwind: Stage = (docs, value, { base }) => {
  const path = typeof value === 'string' ? value : isDoc(value) ? value.get('path') : undefined
  if (typeof path !== 'string' || !path.startsWith('$'))
    throw new MongoError(
      28_818,
      `path option to $unwind stage should be prefixed with a '$': ${typeof path === 'string' ? path : typeName(path)}`,
    )
  const keep = isDoc(value) && value.get('preserveNullAndEmptyArrays') === true
  const parts = partsOf(path.slice(1))
  return docs.flatMap(one => {
    const list = valueAt(one, parts, base.work)
    if (list === undefined || list === null || (isArray(list) && list.length === 0)) return keep ? [one] : []
    if (!isArray(list)) return [one]
    return list.map(item => {
      base.work.step(one.size)
      const after = copied(one, base.work)
      const place = placeOf(after, parts, false, base.work)
      if (place) put(place.container, place.name, item)
      return after
    })
  })
}

type Accumulate = (values: Value[], work: Base['work']) => Value
const accumulators: ReadonlyMap<string, Accumulate> = new Map<string, Accumulate>([
  ['$sum', sum],
  ['$avg', average],
  ['$min', extreme(-1)],
  ['$max', extreme(1)],
  ['$first', values => values[0] ?? null],
  ['$last', values => values.at(-1) ?? null],
  ['$push', values => values],
  ['$addToSet', (values, work) => [...new Map(values.map(value => [keyOf(value, work), value])).values()]],
  ['$count', values => int(values.length)],
  ['$mergeObjects', values => new Map(values.flatMap(value => (isDoc(value) ? [...value] : [])))],
])
const group: Stage = (docs, value, { base }) => {
  const fields = objectOf(value, "a group's fields", 15_947)
  if (!fields.has('_id')) throw new MongoError(15_955, 'a group specification must include an _id')
  const columns = [...fields]
    .filter(([name]) => name !== '_id')
    .map(([name, one]) => {
      const [[kind, expression] = ['', null] as [string, Value]] = isDoc(one) ? [...one] : []
      if (!isDoc(one)) throw new MongoError(40_234, `The field '${name}' must be an accumulator object`)
      const run = accumulators.get(kind)
      if (!run) throw new MongoError(15_952, `unknown group operator '${kind}'`)
      return { name, run, expression }
    })
  const groups = new Map<string, { id: Value; values: Value[][] }>()
  for (const one of docs) {
    const id = evaluate(fields.get('_id')!, { ...base, doc: one }) ?? null
    const key = keyOf(id, base.work)
    const into = groups.get(key) ?? { id, values: columns.map(() => []) }
    groups.set(key, into)
    columns.forEach(({ expression }, i) => {
      const found = evaluate(expression, { ...base, doc: one })
      if (found !== undefined) into.values[i]!.push(found)
    })
  }
  return [...groups.values()].map(
    ({ id, values }) =>
      new Map<string, Value>([
        ['_id', id],
        ...columns.map(({ name, run }, i): [string, Value] => [name, run(values[i]!, base.work)]),
      ]),
  )
}

const whole = (name: string, code: number, value: Value): number => {
  const n = numberOf(value)
  if (n === undefined || n < 0)
    throw new MongoError(code, `invalid argument to ${name} stage: Expected a non-negative number in: ${name}`)
  return Math.trunc(n)
}

const lookup: Stage = (docs, value, { request, base }) => {
  const fields = objectOf(value, '$lookup', 9)
  const [from, as, local, foreign] = ['from', 'as', 'localField', 'foreignField'].map(name => fields.get(name))
  if (typeof from !== 'string' || typeof as !== 'string')
    throw new MongoError('FailedToParse', "must specify 'as' field for a $lookup")
  const others = Array.from(
    documents(request.session.server.store.collection(request.db, from), base.work),
    one => one.doc,
  )
  const inner = fields.get('pipeline')
  return docs.map(one => {
    const wanted = typeof local === 'string' ? valueAt(one, partsOf(local), base.work) : undefined
    const keys = new Set((isArray(wanted) ? wanted : [wanted]).map(item => keyOf(item ?? null, base.work)))
    const matching =
      typeof foreign !== 'string'
        ? others
        : others.filter(other => {
            for (const found of valuesAt(other, partsOf(foreign), base.work))
              if (keys.has(keyOf(found ?? null, base.work))) return true
            return false
          })
    const made = isArray(inner) ? pipeline(request, from, inner.filter(isDoc), matching) : matching
    return new Map(one).set(as, made)
  })
}

const replaceRoot: Stage = (docs, value, { base }) =>
  docs.map(one => {
    const root = evaluate(isDoc(value) && value.has('newRoot') ? value.get('newRoot')! : value, { ...base, doc: one })
    if (!isDoc(root))
      throw new MongoError(
        40_228,
        `'newRoot' expression must evaluate to an object, but resulting value was of type: ${typeName(root)}`,
      )
    return root
  })

const out: Stage = (docs, value, { request, base }) => {
  const [db, name] = isDoc(value) ? [value.get('db'), value.get('coll')] : [request.db, value]
  if (typeof db !== 'string' || typeof name !== 'string')
    throw new MongoError(16_990, '$out only supports a string or object argument')
  const { store } = request.session.server
  store.drop(db, name)
  const collection = store.open(db, name, () => uuid(request.session.cx.random(16)))
  for (const one of docs) store.insert(collection, db, one, base.work)
  return []
}

const byName: ReadonlyMap<string, Stage> = new Map<string, Stage>([
  [
    '$match',
    (docs, value, { base }) => {
      const test = matcher(objectOf(value, 'the match filter must be an expression in an object: $match', 15_959))
      return docs.filter(one => test(one, base.work))
    },
  ],
  ['$project', (docs, value, { base }) => docs.map(projectorOf(objectOf(value, '$project', 15_969), base))],
  ['$addFields', addFields],
  ['$set', addFields],
  ['$unset', unset],
  ['$group', group],
  [
    '$sort',
    (docs, value, { base }) => {
      const order = sorter(objectOf(value, 'the $sort key', 15_973))
      return [...docs].sort((a, b) => order(a, b, base.work))
    },
  ],
  ['$limit', (docs, value) => docs.slice(0, whole('$limit', 2_107_201, value))],
  ['$skip', (docs, value) => docs.slice(whole('$skip', 5_107_200, value))],
  ['$unwind', unwind],
  [
    '$count',
    (docs, value) =>
      docs.length === 0 ? [] : [new Map([[typeof value === 'string' ? value : 'count', int(docs.length)]])],
  ],
  [
    '$sortByCount',
    (docs, value, at) =>
      group(docs, doc({ _id: value, count: doc({ $sum: int(1) }) }), at).sort(
        (a, b) => (numberOf(b.get('count')) ?? 0) - (numberOf(a.get('count')) ?? 0),
      ),
  ],
  [
    '$sample',
    (docs, value, { request }) => {
      const left = [...docs]
      const size = Math.min(left.length, numberOf(isDoc(value) ? value.get('size') : value) ?? 0)
      return Array.from(
        { length: Math.max(0, Math.trunc(size)) },
        () => left.splice(request.session.cx.random(4).readUInt32LE() % left.length, 1)[0]!,
      )
    },
  ],
  ['$lookup', lookup],
  ['$replaceRoot', replaceRoot],
  ['$replaceWith', replaceRoot],
  ['$out', out],
  [
    '$facet',
    (docs, value, { request }) => [
      new Map(
        [...objectOf(value, '$facet', 40_169)].map(([name, inner]): [string, Value] => [
          name,
          isArray(inner) ? pipeline(request, '', inner.filter(isDoc), docs) : [],
        ]),
      ),
    ],
  ],
  [
    '$collStats',
    (_, __, { request }) => [doc({ ns: `${request.db}.`, host: `${request.session.cx.persona.hostname}:27017` })],
  ],
  ['$indexStats', () => []],
  ['$currentOp', () => []],
  ['$listLocalSessions', () => []],
  ['$documents', (_, value) => (isArray(value) ? value.filter(isDoc) : [])],
])
