import { badValue, MongoError } from '../errors.ts'
import { type Doc, isArray, isDoc, numberOf, truthy, type Value } from '../value.ts'
import type { Work } from '../work.ts'
import { compare } from './compare.ts'
import { evaluate, type Scope } from './expression.ts'
import { matcher } from './match.ts'
import { copied, partsOf, placeOf, put, remove, valuesAt } from './path.ts'

/** An order of documents by `{ field: 1 | -1, … }`. */
export function sorter(order: Doc): (a: Doc, b: Doc, work: Work) => number {
  const keys = [...order].map(([path, value]) => {
    const direction = isDoc(value) ? 1 : numberOf(value)
    if (direction === undefined || (direction !== 1 && direction !== -1))
      throw new MongoError(15_975, '$sort key ordering must be 1 (for ascending) or -1 (for descending)')
    return { parts: partsOf(path), direction }
  })
  return (a, b, work) => {
    for (const { parts, direction } of keys) {
      const by = compare(edge(a, parts, direction, work), edge(b, parts, direction, work), work) * direction
      if (by !== 0) return by
    }
    return 0
  }
}
/** Of an array the least item counts, or the greatest where that comes first. */
function edge(doc: Doc, parts: readonly string[], direction: number, work: Work): Value | undefined {
  let best: Value | undefined
  let any = false
  for (const found of valuesAt(doc, parts, work))
    for (const value of isArray(found) && found.length > 0 ? found : [found])
      if (!any || compare(value, best, work) * direction < 0) [best, any] = [value, true]
  return best
}

/** `{ field: 1 }`, `{ field: 0 }` and computed fields, as find and $project take them. */
export function projector(wanted: Doc): (doc: Doc, scope: Omit<Scope, 'doc'>) => Doc {
  const flags = [...wanted].filter(([name]) => name !== '_id')
  const isFlag = (value: Value): boolean => typeof value === 'boolean' || numberOf(value) !== undefined
  const including =
    flags.some(([, value]) => !isFlag(value) || truthy(value)) &&
    !flags.every(([, value]) => isDoc(value) && value.has('$slice'))
  for (const [name, value] of flags)
    if (isFlag(value) && truthy(value) !== including)
      throw new MongoError(
        including ? 31_254 : 31_253,
        `Cannot do ${including ? 'exclusion' : 'inclusion'} on field ${name} in ${including ? 'inclusion' : 'exclusion'} projection`,
      )
  const idWanted = wanted.get('_id')
  if (flags.length === 0 ? idWanted !== undefined && truthy(idWanted) : including) return included(flags, idWanted)
  const gone = [...wanted].filter(([, value]) => isFlag(value) && !truthy(value)).map(([name]) => partsOf(name))
  const sliced = flags.filter(([, value]) => isDoc(value))
  return (doc, scope) => {
    const left = copied(doc, scope.work)
    for (const parts of gone) without(left, parts, scope.work)
    for (const [name, value] of sliced) special(left, name, value as Doc, scope)
    return left
  }
}

function included(flags: readonly [string, Value][], idWanted: Value | undefined) {
  return (doc: Doc, scope: Omit<Scope, 'doc'>): Doc => {
    const made: Doc = new Map()
    const id = doc.get('_id')
    if (idWanted !== undefined && !isPlain(idWanted)) put(made, '_id', evaluate(idWanted, { ...scope, doc }) ?? null)
    else if (id !== undefined && (idWanted === undefined || truthy(idWanted))) made.set('_id', id)
    const kept = flags.filter(([, value]) => isPlain(value)).map(([name]) => partsOf(name))
    const picked = pick(doc, kept, scope.work)
    for (const [name, value] of isDoc(picked) ? picked : []) if (name !== '_id') made.set(name, value)
    for (const [name, value] of flags) if (!isPlain(value)) computedField(made, doc, name, value, scope)
    return made
  }
}
const isPlain = (value: Value): boolean => typeof value === 'boolean' || numberOf(value) !== undefined

function computedField(made: Doc, doc: Doc, name: string, value: Value, scope: Omit<Scope, 'doc'>): void {
  if (isDoc(value) && (value.has('$slice') || value.has('$elemMatch'))) {
    const whole = doc.get(name)
    if (whole === undefined) return
    made.set(name, copied(whole, scope.work))
    special(made, name, value, scope)
    return
  }
  const found = evaluate(value, { ...scope, doc })
  const place = found === undefined ? undefined : placeOf(made, partsOf(name), true, scope.work)
  if (place) put(place.container, place.name, found!)
}

/** $slice and $elemMatch of find's projections. */
function special(doc: Doc, name: string, value: Doc, { work }: Omit<Scope, 'doc'>): void {
  const list = doc.get(name)
  if (!isArray(list)) return
  const condition = value.get('$elemMatch')
  if (isDoc(condition)) {
    const test = matcher(condition)
    const first = list.find(item => isDoc(item) && test(item, work))
    if (first === undefined) doc.delete(name)
    else doc.set(name, [first])
    return
  }
  const slice = value.get('$slice')
  if (slice === undefined) throw badValue(`Unsupported projection option: ${name}`)
  const [from, count] = isArray(slice) ? slice.map(one => numberOf(one) ?? 0) : [undefined, numberOf(slice) ?? 0]
  const start = from === undefined ? (count! < 0 ? count! : 0) : from
  const begin = start < 0 ? Math.max(0, list.length + start) : start
  doc.set(name, list.slice(begin, from === undefined && count! < 0 ? undefined : begin + count!))
}

/** What of a value these paths lead to, arrays on the way kept. */
function pick(value: Value, paths: readonly (readonly string[])[], work: Work): Value | undefined {
  work.step()
  if (isArray(value)) return value.map(item => pick(item, paths, work)).filter(item => item !== undefined)
  if (!isDoc(value)) return undefined
  const made: Doc = new Map()
  for (const [name, item] of value) {
    const below = paths.filter(path => path[0] === name)
    if (below.length === 0) continue
    const found = below.some(path => path.length === 1)
      ? item
      : pick(
          item,
          below.map(path => path.slice(1)),
          work,
        )
    if (found !== undefined) made.set(name, found)
  }
  return made
}

function without(value: Value, parts: readonly string[], work: Work): void {
  work.step()
  if (isArray(value)) for (const item of value) without(item, parts, work)
  else if (isDoc(value)) {
    if (parts.length === 1) remove(value, parts[0]!)
    else without(value.get(parts[0]!) ?? null, parts.slice(1), work)
  }
}
