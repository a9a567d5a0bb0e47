import { httpDate } from '#machine/internet/answer.ts'
import { originOf } from '#machine/internet/origin.ts'
import { internetOf, type Line, lineTo } from '#machine/internet/outside.ts'
import type { TcpContext } from '#sensor/service.ts'
import { type Answer, headOf, type Request } from './answer.ts'
import type { Verdict } from './auth.ts'
import type { Options } from './options.ts'
import template from './squid-pages.json' with { type: 'json' }
import { type Body, fieldOf, type Head } from './wire.ts'

type Cx = TcpContext<Options>
type Id = keyof typeof template.pages
const versionOf = ({ persona }: Cx) => `squid/${persona.software.squid.version}`
/** MAX_URL of Squid. */
const URL_MAX = 8192
/** connect_timeout of squid.conf(5), in seconds. */
const CONNECT = 60

const reasons: ReadonlyMap<number, string> = new Map([
  [400, 'Bad Request'],
  [403, 'Forbidden'],
  [407, 'Proxy Authentication Required'],
  [411, 'Length Required'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [502, 'Bad Gateway'],
  [503, 'Service Unavailable'],
  [505, 'HTTP Version not supported'],
])
/** errno(3) of Linux, and strerror(3)'s words. */
const failures = new Map<NonNullable<Line['failure']>, readonly [number, string]>([
  ['ECONNREFUSED', [111, 'Connection refused']],
  ['ETIMEDOUT', [110, 'Connection timed out']],
  ['EHOSTUNREACH', [113, 'No route to host']],
  ['ENETUNREACH', [101, 'Network is unreachable']],
])
/** The ports of Debian's squid.conf: `Safe_ports`, and of them `SSL_ports` for tunnels. */
const usual = (port: number) => port > 1024 || [80, 21, 443, 70, 210, 280, 488, 591, 777].includes(port)

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
}
const escapeHtml = (said: string) => said.replace(/[&<>"']/g, c => escapes[c]!)

/** A line that is answered before any field is read. */
export const early = (line: string): boolean => {
  const [, , version] = partsOf(line)
  return version === undefined
}

/** Method, target and version; without the last it is HTTP/0.9, which is for GET. */
function partsOf(line: string): [method: string, target: string, version: string | undefined] {
  const [, method = '', rest = ''] = /^(\S*)[ \t]*(.*?)[ \t]*$/s.exec(line) ?? []
  const [, target, version] = /^(.*?)[ \t]+HTTP\/(\d{1,3}\.\d{1,3})$/s.exec(rest) ?? []
  return version === undefined ? [method, rest, undefined] : [method, target ?? '', version]
}

/** What Squid makes of a head: a request, or why there is none. */
export function understand(cx: Cx, head: Head): Request | Answer {
  const [method, target, said] = partsOf(head.line)
  const fail = (status: number, id: Id, url: string) => page(cx, { status, id, url, close: true, lookup: 'NONE' })
  if (said === undefined && (method !== 'GET' || target === ''))
    return fail(400, 'ERR_PROTOCOL_UNKNOWN', 'error:invalid-request')
  const version = said ?? '1.0'
  if (version === '0.9') return fail(400, 'ERR_INVALID_URL', `${target} `)
  if (target.length > URL_MAX) return fail(400, 'ERR_INVALID_URL', target)
  const wanted = method === 'CONNECT' ? authority(target) : absolute(target)
  if (target === '*') return fail(501, 'ERR_UNSUP_REQ', 'http://:80*')
  if (!wanted) return fail(400, 'ERR_INVALID_URL', target)
  if (!/^[01]\./.test(version)) return fail(505, 'ERR_UNSUP_HTTPVERSION', target)
  if (head.broken.length > 0) return fail(400, 'ERR_INVALID_REQ', target)
  const lengths = new Set(head.headers.filter(([name]) => /^content-length$/i.test(name)).map(([, value]) => value))
  if (lengths.size > 1) return fail(411, 'ERR_INVALID_REQ', target)
  const wish = fieldOf(head, 'proxy-connection') ?? fieldOf(head, 'connection') ?? ''
  const keepAlive = said !== undefined && (version === '1.0' ? /keep-alive/i.test(wish) : !/close/i.test(wish))
  return { method, target, ...wanted, version, keepAlive }
}

const inRange = (port: number) => port > 0 && port < 65_536

function authority(target: string): Pick<Request, 'host' | 'port' | 'path'> | undefined {
  const [, host = '', port] = /^(\[[0-9a-fA-F:.]+\]|[^:]*)(?::(\d{1,6}).*)?/s.exec(target) ?? []
  const number = Number(port ?? 443)
  return host === '' || /[\s/]/.test(host) || !inRange(number)
    ? undefined
    : { host: host.replace(/^\[|\]$/g, ''), port: number, path: '' }
}

function absolute(target: string): Pick<Request, 'host' | 'port' | 'path'> | undefined {
  const [, scheme = '', where = '', rest = ''] = /^([a-z_]{1,16}):\/\/([^/?#]*)(.*)$/is.exec(target) ?? []
  const standard = schemes.get(scheme.toLowerCase())
  if (standard === undefined) return undefined
  const [, host = '', port] = /^(\[[0-9a-fA-F:.]+\]|[^:]*)(?::(\d*))?$/.exec(where.replace(/^.*@/s, '')) ?? []
  const number = Number(port || standard)
  if (host === '' || /\s/.test(host) || !inRange(number)) return undefined
  const path = rest.startsWith('/') ? rest : `/${rest}`
  return { host: host.replace(/^\[|\]$/g, '').toLowerCase(), port: number, path: path.replace(/\s/g, '') }
}
const schemes = new Map([
  ['http', 80],
  ['https', 443],
  ['ftp', 21],
  ['gopher', 70],
  ['cache_object', 3128],
])

/** Does a rule forbid it, whoever asks? */
export function forbidden(cx: Cx, request: Request, line: Line): Answer | undefined {
  const { method, port } = request
  const denied =
    (cx.options.ports === 'usual' && (!usual(port) || (method === 'CONNECT' && port !== 443))) ||
    /^cache_object:/i.test(request.target) ||
    request.path.startsWith('/squid-internal-mgr/') ||
    method === 'PURGE' ||
    line.failure === 'own'
  return denied
    ? page(cx, { status: 403, id: 'ERR_ACCESS_DENIED', url: shown(request), lookup: 'NONE', request })
    : undefined
}

/** 407, with a challenge; `nonce` where digests are asked for. */
export function challenge(cx: Cx, request: Request, { stale }: Verdict, nonce: string): Answer {
  const value =
    cx.options.authentication === 'digest'
      ? `Digest realm="proxy", nonce="${nonce}", qop="auth", stale=${stale ? 'true' : 'false'}`
      : 'Basic realm="proxy"'
  const more: [string, string][] = [['Proxy-Authenticate', value]]
  return page(cx, { status: 407, id: 'ERR_CACHE_ACCESS_DENIED', url: shown(request), lookup: 'NONE', request, more })
}

/** What there is at the other end, once it was reached, or not. */
export async function fetched(
  cx: Cx,
  request: Request,
  head: Head,
  body: Body | undefined,
  line: Line,
): Promise<Answer> {
  const { method, host, port, path } = request
  await cx.pause(Math.min(line.seconds, CONNECT))
  const url = shown(request)
  if (line.failure === 'ENOTFOUND')
    return method === 'CONNECT'
      ? page(cx, { status: 500, id: 'ERR_CANNOT_FORWARD', url, close: true })
      : page(cx, { status: 502, id: 'ERR_READ_ERROR', url, lookup: 'MISS', request, error: '[No Error]' })
  if (line.failure) {
    const [code, why] = failures.get(line.failure) ?? failures.get('EHOSTUNREACH')!
    const told = {
      status: 503,
      id: 'ERR_CONNECT_FAIL' as const,
      code,
      url,
      ip: line.address ?? '',
      error: `(${code}) ${why}`,
    }
    return page(cx, method === 'CONNECT' ? { ...told, close: true } : { ...told, lookup: 'MISS', request })
  }
  if (method === 'CONNECT') {
    const bytes = headOf('HTTP/1.1 200 Connection established', [])
    return { bytes, status: 200, length: 0, close: false, tunnel: { host, port } }
  }
  if (method === 'TRACE' && fieldOf(head, 'max-forwards') === '0') return traced(cx, request, head)
  const {
    status,
    reason,
    headers,
    body: said,
    seconds,
  } = originOf(
    internetOf(cx.persona),
    {
      method,
      host,
      port,
      path,
      headers: forwarded(cx, request, head),
      from: cx.destination.ip,
      ...(body ? { body: body.start.toString('latin1') } : {}),
    },
    cx.now() + cx.persona.clockSkew,
  )
  await cx.pause(Math.min(seconds, CONNECT))
  const whole = Buffer.concat([
    headOf(`HTTP/1.1 ${status} ${reason}`, [...headers, ...trail(cx, 'MISS'), connection(request)]),
    method === 'HEAD' ? Buffer.alloc(0) : said,
  ])
  return { bytes: whole, status, length: said.length, close: !request.keepAlive }
}

/** The fields that an origin server gets: hop-by-hop ones go, and Squid says for whom it asks (forwarded_for on, via on). */
function forwarded(cx: Cx, request: Request, { headers }: Head): [string, string][] {
  const own =
    /^(?:host|connection|keep-alive|proxy-.*|te|trailer|transfer-encoding|upgrade|via|x-forwarded-for|cache-control)$/i
  const kept = headers.filter(([name]) => !own.test(name))
  const before = headers.filter(([name]) => /^x-forwarded-for$/i.test(name)).map(([, value]) => value)
  const via = headers.filter(([name]) => /^via$/i.test(name)).map(([, value]) => value)
  const { host, port } = request
  return [
    ...kept,
    ['Host', port === 80 ? host : `${host}:${port}`],
    ['Via', [...via, `${request.version} ${cx.persona.fqdn} (${versionOf(cx)})`].join(', ')],
    ['X-Forwarded-For', [...before, cx.source.ip].join(', ')],
    ['Cache-Control', 'max-age=259200'],
    ['Connection', 'keep-alive'],
  ]
}

/** RFC 9110 §9.3.8, to a request that may go no further. */
function traced(cx: Cx, request: Request, head: Head): Answer {
  const fields = head.headers.filter(([name]) => !/^host$/i.test(name)).map(([name, value]) => `${name}: ${value}`)
  const said = [`TRACE ${request.path} HTTP/1.1`, ...fields, `Host: ${request.host}`].join('\r\n')
  const body = Buffer.from(`${said}\r\n\r\n`, 'latin1')
  const date = httpDate(cx.now() + cx.persona.clockSkew)
  const headers: [string, string][] = [
    ['Server', versionOf(cx)],
    ['Mime-Version', '1.0'],
    ['Date', date],
    ['Content-Type', 'message/http'],
    ['Content-Length', String(body.length)],
    ['Expires', date],
    ...trail(cx, 'NONE'),
    connection(request),
  ]
  const bytes = Buffer.concat([headOf('HTTP/1.1 200 OK', headers), body])
  return { bytes, status: 200, length: body.length, close: !request.keepAlive }
}

const connection = ({ keepAlive }: Pick<Request, 'keepAlive'>): [string, string] => [
  'Connection',
  keepAlive ? 'keep-alive' : 'close',
]

const trail = (cx: Cx, lookup: 'MISS' | 'NONE'): [string, string][] => [
  ['X-Cache', `MISS from ${cx.persona.fqdn}`],
  ['X-Cache-Lookup', `${lookup} from ${cx.persona.fqdn}:3128`],
  ['Via', `1.1 ${cx.persona.fqdn} (${versionOf(cx)})`],
]

/** The URL as pages show it: without its query (strip_query_terms on); tunnels by their authority. */
function shown({ method, host, port, target }: Request): string {
  if (method !== 'CONNECT') return target.replace(/\?.*$/s, '?')
  return port === 443 ? `https://${host}/*` : `${host}:${port}`
}

type Said = {
  status: number
  id: Id
  code?: number
  url: string
  ip?: string
  error?: string
  close?: boolean
  /** Without it the page ends a tunnel, and says nothing of the cache. */
  lookup?: 'MISS' | 'NONE'
  request?: Request
  more?: [string, string][]
}

function page(
  cx: Cx,
  { status, id, code = 0, url, ip = '', error = '', close, lookup, request, more = [] }: Said,
): Answer {
  const date = httpDate(cx.now() + cx.persona.clockSkew)
  const link = escapeHtml(url)
  const letters: Readonly<Record<string, string>> = {
    '%l': template.style,
    '%U': link,
    '%R': link,
    '%T': date,
    '%h': cx.persona.fqdn,
    '%s': versionOf(cx),
    '%I': escapeHtml(ip),
    '%E': error,
  }
  const body = Buffer.from(
    template.pages[id].replace(/%[lURThsIE](?![a-z0-9])/g, letter => letters[letter]!),
    'latin1',
  )
  const keepAlive = !close && request?.keepAlive === true
  const headers: [string, string][] = [
    ['Server', versionOf(cx)],
    ['Mime-Version', '1.0'],
    ['Date', date],
    ['Content-Type', 'text/html;charset=utf-8'],
    ['Content-Length', String(body.length)],
    ['X-Squid-Error', `${id} ${code}`],
    ['Vary', 'Accept-Language'],
    ['Content-Language', 'en'],
    ...more,
    ...(lookup ? [...trail(cx, lookup), connection({ keepAlive })] : []),
  ]
  const bytes = Buffer.concat([
    headOf(`HTTP/1.1 ${status} ${reasons.get(status)}`, headers),
    request?.method === 'HEAD' ? Buffer.alloc(0) : body,
  ])
  return { bytes, status, length: body.length, close: !keepAlive }
}

export const lineOf = (cx: Cx, { host, port }: Request): Line => lineTo(cx.persona, host, port, cx.destination.ip)
