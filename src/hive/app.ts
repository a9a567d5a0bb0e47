import * as v from 'valibot'
import { BadQuery } from '#store/errors.ts'
import type { User } from './accounts.ts'
import { parseQuery } from './filters.ts'
import { type Answer, header, type Request } from './message.ts'
import { Problem, problemAnswer } from './problem.ts'
import { findRoute, type Route } from './route.ts'

const API = '/api/v1'
const MAX_BODY = 64 << 10

/**
 * Said with every answer. The page's own files are all it may load, nothing inline runs, nobody may frame or embed it;
 * `cache-control` and `content-type` come from each answer.
 */
export const guardHeaders = {
  'content-security-policy': [
    "default-src 'self'",
    // The player of terminal sessions interprets them in WebAssembly of its own.
    "script-src 'self' 'wasm-unsafe-eval'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "object-src 'none'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
  ].join('; '),
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), geolocation=(), microphone=(), payment=(), usb=()',
} as const

export type AppParts = {
  routes: readonly Route[]
  page: (method: string, path: string) => Answer | Promise<Answer>
  /** The user on whose behalf a request comes, if any. */
  who: (request: Request) => User | undefined
  /** Only under a certificate that browsers trust: HSTS makes a self-signed one impossible to accept. */
  hsts: boolean
  /** A fault of ours, for the log. */
  fault: (error: unknown, request: Request) => void
}

/** The whole API and page as one function, without a socket. */
export function createApp({ routes, page, who, hsts, fault }: AppParts) {
  const guards = { ...guardHeaders, ...(hsts ? { 'strict-transport-security': 'max-age=31536000' } : {}) }

  async function respond(request: Request): Promise<Answer> {
    if (request.target.length > 8192) throw new Problem(414, 'The address is too long')
    const [path = '', query = ''] = split(request.target)
    if (path !== '/api' && !path.startsWith('/api/')) return page(request.method, path)
    if (!path.startsWith(`${API}/`)) throw new Problem(404, `The API is at ${API}`)
    const { route, params } = findRoute(routes, request.method, path.slice(API.length))
    if (route.method !== 'GET') requireOwnPage(request)
    const user = route.access === 'open' ? undefined : allowed(route, request)
    const { values, filter } = parseQuery(query, route.query, route.filtered)
    const body = route.body ? await readJson(request, route.body) : undefined
    const stillAllowed = () => who(request) !== undefined
    return route.handle({ request, params, query: values, filter, body, stillAllowed, ...(user ? { user } : {}) })
  }

  function allowed(route: Route, request: Request): User {
    const user = who(request)
    if (!user) throw new Problem(401, 'Log in first')
    if (route.access === 'admin' && user.role !== 'admin') throw new Problem(403, 'Only an admin may do this')
    return user
  }

  function asProblem(error: unknown, request: Request): Problem {
    if (error instanceof Problem) return error
    if (error instanceof BadQuery) return new Problem(400, error.message)
    fault(error, request)
    return new Problem(500, 'A fault of ours; see the log')
  }

  return async (request: Request): Promise<Answer> => {
    let answer: Answer
    try {
      answer = await respond(request)
    } catch (error) {
      answer = problemAnswer(asProblem(error, request))
    }
    return { ...answer, headers: { ...guards, ...answer.headers } }
  }
}
export type App = ReturnType<typeof createApp>

const split = (target: string): [string, string] => {
  const at = target.indexOf('?')
  return at < 0 ? [target, ''] : [target.slice(0, at), target.slice(at + 1)]
}

/**
 * Whatever changes something must come from our own page: browsers say so in `Origin` (and `Sec-Fetch-Site`) and no
 * page can forge it; other programs say so with a header that no form can send.
 */
function requireOwnPage(request: Request): void {
  const origin = header(request, 'origin')
  const site = header(request, 'sec-fetch-site')
  const host = header(request, 'host')
  const own =
    origin === undefined
      ? header(request, 'x-skep-request') !== undefined
      : host !== undefined && origin.toLowerCase() === `https://${host.toLowerCase()}`
  if (!own || (site !== undefined && site !== 'same-origin'))
    throw new Problem(403, 'Not from this page: send Origin, or X-Skep-Request from a program')
}

async function readJson<B>(request: Request, schema: v.GenericSchema<unknown, B>): Promise<B> {
  const type = header(request, 'content-type') ?? ''
  if (!/^application\/json\s*(?:;|$)/i.test(type)) throw new Problem(415, 'Expected application/json')
  const bytes = await request.body(MAX_BODY)
  let value: unknown
  try {
    value = JSON.parse(bytes.toString('utf8'))
  } catch {
    throw new Problem(400, 'The body is not JSON')
  }
  const result = v.safeParse(schema, value)
  if (result.success) return result.output
  const issue = result.issues[0]
  const path = v.getDotPath(issue)
  throw new Problem(400, issue.message, path === null ? {} : { parameter: path })
}
