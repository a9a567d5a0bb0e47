import { isIP } from 'node:net'
import * as v from 'valibot'
import { type Field, type Filter, fields } from '#store/store.ts'
import { Problem } from './problem.ts'

/** Caps on hostile queries: parameters in all, values of one field, characters of one value. */
const MAX_PARAMETERS = 200
const MAX_VALUES = 50
const MAX_LENGTH = 1024

const names: ReadonlySet<string> = new Set(fields)
const isField = (name: string): name is Field => names.has(name)

/** A moment: milliseconds since the epoch, or an ISO 8601 date with time zone. Becomes milliseconds. */
export const moment = v.pipe(
  v.string(),
  v.regex(
    /^(?:\d{1,15}|\d{4}-\d\d-\d\d(?:T\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:\d\d))?)$/,
    'Expected milliseconds since 1970 or an ISO 8601 time with its zone',
  ),
  v.transform(text => (/^\d+$/.test(text) ? Number(text) : Date.parse(text))),
  v.check(ms => Number.isFinite(ms), 'There is no such time'),
)
export const whole = (min: number, max: number) =>
  v.pipe(
    v.string(),
    v.regex(/^\d{1,15}$/, 'Expected a whole number'),
    v.transform(Number),
    v.minValue(min, `Expected at least ${min}`),
    v.maxValue(max, `Expected at most ${max}`),
  )
export const fieldName = v.picklist(fields, `Expected one of ${fields.join(', ')}`)
export const ipAddress = v.pipe(
  v.string(),
  v.check(text => isIP(text) !== 0, 'Expected an IP address'),
)

/** The parameters that every filtered question takes beside the fields themselves. */
export const filterEntries = { from: v.optional(moment), to: v.optional(moment), text: v.optional(v.string()) }

export type Values<E extends v.ObjectEntries> = v.InferOutput<v.ObjectSchema<E, undefined>>

/**
 * Query parameters → values by `entries`, and if `filtered` a filter of `from`, `to`, `text` and any field by name:
 * several values of one field are alternatives, a name ending in `!` excludes. Whatever else stands there is an error
 * that names it: a filter that is silently ignored shows a person the wrong events.
 */
export function parseQuery<E extends v.ObjectEntries>(
  query: string,
  entries: E,
  filtered: boolean,
): { values: Values<E>; filter: Filter } {
  const known = new Map(Object.entries(filtered ? { ...filterEntries, ...entries } : entries))
  const single = new Map<string, string>()
  const where = new Map<string, { field: Field; not?: true; values: string[] }>()
  let count = 0
  for (const [name, value] of new URLSearchParams(query)) {
    if (++count > MAX_PARAMETERS) throw new Problem(400, `More than ${MAX_PARAMETERS} parameters`)
    if (value.length > MAX_LENGTH)
      throw new Problem(400, `Longer than ${MAX_LENGTH} characters`, { parameter: name.slice(0, 64) })
    if (known.has(name)) {
      if (single.has(name)) throw new Problem(400, 'Given more than once', { parameter: name })
      single.set(name, value)
      continue
    }
    const not = name.endsWith('!')
    const field = not ? name.slice(0, -1) : name
    if (!filtered || !isField(field)) throw new Problem(400, 'Unknown parameter', { parameter: name.slice(0, 64) })
    const entry = where.get(name) ?? { field, ...(not ? { not } : {}), values: [] }
    entry.values.push(value)
    if (entry.values.length > MAX_VALUES) throw new Problem(400, `More than ${MAX_VALUES} values`, { parameter: name })
    where.set(name, entry)
  }

  const values: Record<string, unknown> = {}
  for (const [name, schema] of known) {
    const result = v.safeParse(schema, single.get(name))
    if (!result.success) {
      const why = single.has(name) ? result.issues[0].message : 'Missing'
      throw new Problem(400, why, { parameter: name })
    }
    if (result.output !== undefined) values[name] = result.output
  }
  const { from, to, text } = values as { from?: number; to?: number; text?: string }
  if (!filtered) return { values: values as Values<E>, filter: {} }
  if (from !== undefined && to !== undefined && from >= to)
    throw new Problem(400, 'Not before `to`', { parameter: 'from' })
  const filter: Filter = {
    ...(from === undefined ? {} : { from }),
    ...(to === undefined ? {} : { to }),
    ...(text ? { text } : {}),
    ...(where.size ? { where: [...where.values()] } : {}),
  }
  return { values: values as Values<E>, filter }
}
