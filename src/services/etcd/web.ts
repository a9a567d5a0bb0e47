import { posix } from 'node:path'
import type { Call } from './api.ts'
import { gateway, methods } from './api.ts'
import { type Answer, failure, type Request } from './http.ts'
import { fromJson, goString, JsonError, toJson } from './json.ts'
import { metrics } from './metrics.ts'
import { Refusal, statuses } from './refusal.ts'
import type { Message } from './schema.ts'

const JSON_TYPE = ['Content-Type', 'application/json'] as const

/** A call of the API that a request's path and body make; or an answer without one. */
export type Asked = { answer: Answer } | { path: string; request: Message }

/** Which handler a request comes to (etcdhttp/base.go, metrics.go; embed/serve.go). */
export function asked(request: Request, body: Buffer, call: Call): Asked {
  const { method, path } = request
  const { version } = call.cx.persona.software.etcd
  const series = /^\d+\.\d+/.exec(version)?.[0] ?? ''
  if (method === 'OPTIONS') return { answer: { status: 200, body: Buffer.alloc(0) } }
  const place = moved(path)
  if (place !== undefined) return { answer: redirect(place, request) }
  if (path === '/version') {
    const said = `{"etcdserver":"${version}","etcdcluster":"${series}.0"}`
    return {
      answer: method === 'GET' ? { status: 200, fields: [JSON_TYPE], body: Buffer.from(said) } : notAllowed('GET'),
    }
  }
  if (path === '/health')
    return {
      answer:
        method === 'GET' ? { status: 200, body: Buffer.from('{"health":"true"}'), sniffed: true } : notAllowed('GET'),
    }
  if (path === '/metrics') return { answer: metrics(call) }
  if (path === '/config/local/log') return { answer: notAllowed('PUT') }
  const [, prefix = '', rest = ''] = /^\/(v3(?:alpha|beta)?)\/(.*)$/s.exec(path) ?? []
  if (!(prefixes.get(series) ?? newest).includes(prefix)) return { answer: failure(404, '404 page not found') }
  const name = gateway.get(rest)
  if (name === undefined) return { answer: failure(404, 'Not Found') }
  if (method !== 'POST') return { answer: failure(405, 'Method Not Allowed') }
  try {
    return { path: name, request: fromJson(methods.get(name)!.request, body.toString('utf8')) }
  } catch (error) {
    if (!(error instanceof JsonError)) throw error
    return { answer: { status: 400, fields: [JSON_TYPE], body: wrong(error.message, 3) } }
  }
}
/** Under what the gateway stands, by release; it had other names while it was new. */
const newest = ['v3', 'v3beta']
const prefixes: ReadonlyMap<string, readonly string[]> = new Map([
  ['3.2', ['v3alpha']],
  ['3.3', ['v3beta', 'v3alpha']],
])

/** Where net/http's ServeMux sends who asks for a path that is not clean, or for the gateway without its slash. */
function moved(path: string): string | undefined {
  if (path === '/v3' || path === '/v3beta') return `${path}/`
  const clean = posix.normalize(`/${path}`)
  return clean === path || path === '' || path === '*' ? undefined : clean
}

function redirect(place: string, { method, query }: Request): Answer {
  const escaped = place.replace(
    /[^\w\-.~/!$&'()*+,;=:@]/g,
    sign => `%${sign.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
  )
  const location = query === undefined ? escaped : `${escaped}?${query}`
  const html = location.replace(
    /[&<>"']/g,
    sign => `&${{ '&': 'amp', '<': 'lt', '>': 'gt', '"': '#34', "'": '#39' }[sign]};`,
  )
  const page = method === 'GET' || method === 'HEAD'
  return {
    status: 301,
    fields: [...(page ? [['Content-Type', 'text/html; charset=utf-8'] as const] : []), ['Location', location]],
    body: Buffer.from(method === 'GET' ? `<a href="${html}">Moved Permanently</a>.\n\n` : ''),
  }
}

const notAllowed = (allowed: string): Answer => failure(405, 'Method Not Allowed', [['Allow', allowed]])
const wrong = (why: string, code: number): Buffer =>
  Buffer.from(`{"error":${goString(why)},"message":${goString(why)},"code":${code}}`)

const METADATA = ['Grpc-Metadata-Content-Type', 'application/grpc'] as const

/** What grpc-gateway makes of a call's answer. */
export function answered(path: string, request: Message, call: Call): Answer {
  const method = methods.get(path)!
  try {
    const json = toJson(method.response, method.run(request, call))
    if (!method.stream) return { status: 200, fields: [JSON_TYPE, METADATA], body: Buffer.from(json) }
    const body = Buffer.from(`{"result":${json}}\n`)
    const open = path === 'Watch/Watch' ? { open: true as const } : {}
    return { status: 200, fields: [JSON_TYPE, METADATA], body, chunked: true, ...open }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    const trailer = ['Grpc-Trailer-Content-Type', 'application/grpc'] as const
    const status = statuses.get(error.code) ?? 500
    return { status, fields: [JSON_TYPE], body: wrong(error.message, error.code), chunked: true, trailer }
  }
}
