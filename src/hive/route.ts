import type * as v from 'valibot'
import type { Filter } from '#store/store.ts'
import type { Role, User } from './accounts.ts'
import type { Values } from './filters.ts'
import { type Answer, json, type Request } from './message.ts'
import { Problem } from './problem.ts'

/** `open` needs no session; an `admin` may do all that a `viewer` may. */
export type Access = 'open' | Role

/** A request that came through every check: session, role, origin, query, body. */
export type Input<E extends v.ObjectEntries, B> = {
  request: Request
  /** Absent only where `access` is `open`. */
  user?: User
  /** Whether that is still so: for an answer that goes on for hours. */
  stillAllowed: () => boolean
  /** Values of `:name` parts of the path, decoded. */
  params: Record<string, string>
  query: Values<E>
  filter: Filter
  body: B
}
type Definition<E extends v.ObjectEntries, B> = {
  method: 'GET' | 'POST'
  /** Below `/api/v1`; `:name` stands for one segment. */
  path: string
  access: Access
  summary: string
  query: E
  /** Takes the filter parameters as well. */
  filtered: boolean
  body?: v.GenericSchema<unknown, B>
  /** Media type and, for JSON, the shape of a good answer; `undefined` for 204. */
  answer?: { type: string; schema?: v.GenericSchema }
  handle(input: Input<E, B>): Answer | Promise<Answer>
}
export type Route = Definition<v.ObjectEntries, unknown>

/** Identity up to type inference: what the query and body schemas say is what `handle` gets. */
export const route = <E extends v.ObjectEntries, B = undefined>(definition: Definition<E, B>): Route =>
  definition as unknown as Route

/** A GET that answers JSON: the compiler holds `ask` to the documented shape. */
export const question = <E extends v.ObjectEntries, S extends v.GenericSchema>(definition: {
  path: string
  access?: Role
  summary: string
  query: E
  filtered?: boolean
  answer: S
  ask(input: Input<E, undefined>): Promise<v.InferOutput<S>> | v.InferOutput<S>
}): Route => {
  const { path, access = 'viewer', summary, query, filtered = false, answer, ask } = definition
  return route<E>({
    method: 'GET',
    path,
    access,
    summary,
    query,
    filtered,
    answer: { type: 'application/json', schema: answer },
    handle: async input => json(await ask(input)),
  })
}

/** Finds the route of a path below `/api/v1`. Throws 404, 405 (with Allow) and 400 (broken percent-encoding). */
export function findRoute(routes: readonly Route[], method: string, path: string) {
  const parts = path.split('/')
  const here = routes.filter(route => matches(route.path.split('/'), parts))
  const found = here.find(route => route.method === method)
  if (!here.length) throw new Problem(404, 'There is nothing at this path')
  if (!found) {
    const allow = [...new Set(here.map(route => route.method))].join(', ')
    throw new Problem(405, `Allowed: ${allow}`, { headers: { allow } })
  }
  const params: Record<string, string> = {}
  for (const [i, name] of found.path.split('/').entries())
    if (name.startsWith(':')) params[name.slice(1)] = decode(parts[i]!)
  return { route: found, params }
}

const matches = (pattern: string[], parts: string[]) =>
  pattern.length === parts.length &&
  pattern.every((part, i) => (part.startsWith(':') ? parts[i] !== '' : part === parts[i]))

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new Problem(400, 'Broken percent-encoding in the path')
  }
}
