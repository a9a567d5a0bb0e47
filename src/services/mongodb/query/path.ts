import { type Doc, isArray, isDoc, type Value } from '../value.ts'
import type { Work } from '../work.ts'

/** A dotted path in its parts. */
export const partsOf = (path: string): string[] => path.split('.', 200)
const isIndex = (part: string): boolean => /^(?:0|[1-9]\d{0,5})$/.test(part)

/**
 * Everything a path leads to, through arrays on the way, as queries see it. `undefined` stands for a place where there is
 * nothing.
 */
export function* valuesAt(
  from: Value | undefined,
  parts: readonly string[],
  work: Work,
  at = 0,
): Generator<Value | undefined> {
  work.step()
  if (at === parts.length) {
    yield from
    return
  }
  const part = parts[at]!
  if (isDoc(from)) {
    const next = from.get(part)
    if (next === undefined) yield undefined
    else yield* valuesAt(next, parts, work, at + 1)
  } else if (isArray(from)) {
    let found = false
    if (isIndex(part) && Number(part) < from.length) {
      found = true
      yield* valuesAt(from[Number(part)], parts, work, at + 1)
    }
    for (const item of from)
      if (isDoc(item)) {
        found = true
        yield* valuesAt(item, parts, work, at)
      }
    if (!found) yield undefined
  } else yield undefined
}

/** What a path leads to as expressions see it: arrays on the way give arrays. */
export function valueAt(from: Value | undefined, parts: readonly string[], work: Work, at = 0): Value | undefined {
  work.step()
  if (at === parts.length || from === undefined) return from
  if (isDoc(from)) return valueAt(from.get(parts[at]!), parts, work, at + 1)
  if (!isArray(from)) return undefined
  return from.map(item => valueAt(item, parts, work, at)).filter(item => item !== undefined)
}

/** Where an update writes: the container and the last part. `undefined` when something that is no container is in the way. */
export function placeOf(doc: Doc, parts: readonly string[], make: boolean, work: Work): Place | undefined {
  let container: Doc | Value[] = doc
  for (const part of parts.slice(0, -1)) {
    work.step()
    let next = get(container, part)
    if (next === undefined) {
      if (!make) return { container: new Map(), name: parts.at(-1)! }
      next = new Map<string, Value>()
      if (!put(container, part, next)) return undefined
    }
    if (!isDoc(next) && !isArray(next)) return undefined
    container = next
  }
  return isArray(container) && !isIndex(parts.at(-1)!) ? undefined : { container, name: parts.at(-1)! }
}
export type Place = { container: Doc | Value[]; name: string }

/** Places that an index beyond the end may fill up with null. */
const GAP = 10_000
export const get = (container: Doc | Value[], name: string): Value | undefined =>
  isArray(container) ? (isIndex(name) ? container[Number(name)] : undefined) : container.get(name)
export function put(container: Doc | Value[], name: string, value: Value): boolean {
  if (!isArray(container)) {
    container.set(name, value)
    return true
  }
  if (!isIndex(name) || Number(name) > container.length + GAP) return false
  while (container.length < Number(name)) container.push(null)
  container[Number(name)] = value
  return true
}
export function remove(container: Doc | Value[], name: string): void {
  if (!isArray(container)) container.delete(name)
  else if (isIndex(name) && Number(name) < container.length) container[Number(name)] = null
}

/** A copy that shares nothing that an update could change; what it takes of memory counts as work. */
export function copied(value: Doc, work: Work): Doc
export function copied(value: Value, work: Work): Value
export function copied(value: Value, work: Work): Value {
  work.step(4)
  if (isDoc(value)) return new Map([...value].map(([name, item]) => [name, copied(item, work)]))
  return isArray(value) ? value.map(item => copied(item, work)) : value
}
