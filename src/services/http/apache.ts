import type { Persona } from '#persona/persona.ts'
import {
  type Answer,
  chunked,
  gzip,
  gzipNow,
  joined,
  matches,
  type Plan,
  type Product,
  type Scene,
  wantsGzip,
} from './answer.ts'
import { apacheError, apacheTitles, type Details } from './apache-pages.ts'
import { apacheRanges } from './apache-ranges.ts'
import { ApacheDialect, apacheMethods, apachePath } from './apache-wire.ts'
import type { Page } from './bait.ts'
import { HttpClock, parseDate } from './date.ts'
import { visit } from './forms.ts'
import type { Resource, Site, StaticFile } from './site.ts'
import { type Request, tokens } from './wire.ts'

/** MaxKeepAliveRequests 100, KeepAliveTimeout 5. */
const KEPT_REQUESTS = 100
const KEEP_SECONDS = 5
/** LimitRequestBody's default since 2.4.53. */
const MAX_BODY = 2 ** 30
const NAME_MAX = 255
/** Statuses after which Apache closes (ap_status_drops_connection). */
const CLOSING = new Set([400, 408, 411, 413, 414, 500, 501, 503])

/** Apache httpd 2.4 as Debian and Ubuntu ship and configure it, with their default site. */
export function apache(persona: Persona, site: Site): Product {
  const { server, version } = persona.software.web
  const patch = Number(version.split('.')[2] ?? 0)
  const clock = new HttpClock(persona.clockSkew)
  const compressed = new Map<StaticFile, Buffer>()
  // One for the life of a server process.
  const mark = persona.derive('apache boundary', 8).toString('hex').replace(/^0+/, '')
  // Walked in the order of a hash table that every start seeds anew.
  const verbs = ['GET', 'POST', 'OPTIONS', 'HEAD']
  const turnBy = persona.derive('apache methods', 1)[0]! % 4
  const allow = `Allow: ${[...verbs.slice(turnBy), ...verbs.slice(0, turnBy)].join(',')}\r\n`

  function keeps(request: Request, scene: Scene): boolean {
    if (scene.turn >= KEPT_REQUESTS) return false
    const connection = tokens(request.fields.get('connection'))
    if (connection.includes('close')) return false
    // RFC 9112 §6.1: a message with both is an attempt at smuggling.
    if (request.fields.has('transfer-encoding') && (request.fields.has('content-length') || request.version < 11))
      return false
    // A client that waits for 100 and has nothing to send has lost count of itself.
    if (request.fields.get('expect')?.toLowerCase() === '100-continue' && !hasBody(request)) return false
    if (/Mozilla\/2|MSIE 4\.0b2;/.test(request.fields.get('user-agent') ?? '')) return false
    return request.version > 10 || connection.includes('keep-alive')
  }
  function connection(request: Request | undefined, scene: Scene, keep: boolean): string {
    if (!keep) return 'Connection: close\r\n'
    if (!request || !tokens(request.fields.get('connection')).includes('keep-alive')) return ''
    return `Keep-Alive: timeout=${KEEP_SECONDS}, max=${KEPT_REQUESTS - scene.turn}\r\nConnection: Keep-Alive\r\n`
  }

  type Reply = {
    request: Request | undefined
    scene: Scene
    status: number
    fields: string
    type?: string
    body?: Buffer
    keep: boolean
    silent?: boolean
  }
  function reply({ request, scene, status, fields, type, body, keep, silent }: Reply): Answer {
    const sent = request?.method === 'HEAD' ? undefined : body
    const line = `HTTP/1.1 ${status} ${apacheTitles[status]}\r\nDate: ${clock.text(scene.now)}\r\nServer: ${server}\r\n`
    const end = `${silent ? '' : connection(request, scene, keep)}${type === undefined ? '' : `Content-Type: ${type}\r\n`}\r\n`
    const bytes = request?.version === 9 ? (sent ?? Buffer.alloc(0)) : joined(line + fields + end, sent)
    return { status, bytes, bodyBytes: sent?.length ?? 0, close: !keep || request?.version === 9 }
  }

  /** A page of Apache's own (ap_send_error_response). */
  function error(request: Request | undefined, scene: Scene, status: number, options: ErrorOptions = {}): Answer {
    const host = request?.host ?? persona.fqdn
    const port = request?.port ?? scene.local.port
    const body = apacheError(status, { patch, server, host, port, ...options.details })
    const keep = request !== undefined && !CLOSING.has(status) && status !== 417 && keeps(request, scene)
    const length = request?.method === 'HEAD' && !options.always ? '' : `Content-Length: ${body.length}\r\n`
    const type = 'text/html; charset=iso-8859-1'
    if (status === 416 && request && request.version > 10) {
      const coding = request.method === 'HEAD' ? '' : 'Transfer-Encoding: chunked\r\n'
      return reply({ request, scene, status, fields: coding, type, body: chunked(body), keep })
    }
    const fields = `${options.fields ?? ''}${options.unmeasured ? '' : length}`
    return reply({
      request: options.always ? undefined : request,
      scene,
      status,
      fields,
      type,
      body,
      keep,
      silent: status === 417,
    })
  }

  function serve(request: Request, scene: Scene, file: StaticFile): Answer {
    const { fields } = request
    const seconds = Math.floor(file.modified / 1e6)
    const tag = `${file.body.length.toString(16)}-${Math.floor(file.modified).toString(16)}`
    const top = (etag: string) =>
      `Last-Modified: ${new Date(seconds * 1000).toUTCString()}\r\nETag: "${etag}"\r\nAccept-Ranges: bytes\r\n`
    const keep = keeps(request, scene)
    const state = conditions(fields, seconds, `"${tag}"`, clock.seconds(scene.now))
    if (state === 304) return reply({ request, scene, status: 304, fields: top(tag), keep })
    if (state === 412) {
      const empty = `${top(tag)}Content-Length: 0\r\n`
      return reply({ request, scene, status: 412, fields: empty, type: file.type, body: Buffer.alloc(0), keep })
    }
    const zips = wantsGzip(fields.get('accept-encoding'))
    if (zips && !compressed.has(file))
      compressed.set(file, file.deflate ? gzip(file.body, file.deflate, 0) : gzipNow(file.body, 6, 0))
    const body = zips ? compressed.get(file)! : file.body
    const vary = 'Vary: Accept-Encoding\r\n'
    const ranges = rangesOf(request, body.length, seconds, `"${tag}"`)
    if (ranges === 'unsatisfiable') return error(request, scene, 416)
    const part = ranges && slices(ranges, body, file.type, mark)
    const status = part ? 206 : 200
    const chosen = part?.body ?? body
    const type = part?.type ?? file.type
    const length = `Content-Length: ${chosen.length}\r\n`
    const span = part?.line ?? ''
    const rest = zips ? `${vary}Content-Encoding: gzip\r\n${span}${length}` : `${length}${vary}${span}`
    return reply({ request, scene, status, fields: top(zips ? `${tag}-gzip` : tag) + rest, type, body: chosen, keep })
  }

  /** What mod_php made. */
  function fromApp(request: Request, scene: Scene, page: Page): Answer {
    const plain = Buffer.from(page.body)
    const zips = plain.length > 0 && wantsGzip(request.fields.get('accept-encoding'))
    const body = zips ? gzipNow(plain, 6, 0) : plain
    const own = page.headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')
    const coding = `${plain.length > 0 ? 'Vary: Accept-Encoding\r\n' : ''}${zips ? 'Content-Encoding: gzip\r\n' : ''}`
    const fields = `${own}${coding}Content-Length: ${body.length}\r\n`
    const keep = keeps(request, scene)
    return reply({ request, scene, status: page.status, fields, ...(page.type ? { type: page.type } : {}), body, keep })
  }

  function options(request: Request, scene: Scene, resource: Resource | undefined): Answer {
    const keep = keeps(request, scene)
    const type = resource?.kind === 'file' ? { type: resource.file.type } : {}
    const fields = request.target === '*' ? 'Content-Length: 0\r\n' : `${allow}Content-Length: 0\r\n`
    return reply({ request, scene, status: 200, fields, ...type, body: Buffer.alloc(0), keep })
  }

  function redirect(request: Request, scene: Scene, path: string): Answer {
    const port = request.port ?? scene.local.port
    const authority = (request.host ?? persona.fqdn) + (port === (scene.secure ? 443 : 80) ? '' : `:${port}`)
    const query = request.query === undefined ? '' : `?${request.query}`
    const location = `${scene.secure ? 'https' : 'http'}://${authority}${encodeURI(path)}/${query}`
    return error(request, scene, 301, { fields: `Location: ${location}\r\n`, details: { location } })
  }

  return {
    clock,
    // The kernel holds a silent connection back for 30 s (TCP_DEFER_ACCEPT), then mod_reqtimeout gives it 20.
    firstWait: 50,
    keepAlive: KEEP_SECONDS,
    linger: 0,
    dialect: () => new ApacheDialect(),

    plan(request) {
      // mod_reqtimeout: body=10,minrate=500.
      const plan: Plan = { interim: false, patience: 10 }
      const interim = request.version > 10 && request.fields.get('expect')?.toLowerCase() === '100-continue'
      if (request.fields.has('transfer-encoding')) return { ...plan, interim, framing: 'chunked' }
      const length = Number(request.fields.get('content-length') ?? 0)
      if (length > MAX_BODY && patch >= 53) return { ...plan, refusal: { status: 413, why: 'Over LimitRequestBody' } }
      return length > 0 ? { ...plan, interim, framing: { length } } : plan
    },

    answer(request, body, end, scene) {
      const { method } = request
      if (end === 'malformed' || end === 'eof') return error(request, scene, 400, { unmeasured: true })
      if (end === 'huge') return error(request, scene, 413, { unmeasured: true, details: { method } })
      if (end === 'late') return error(request, scene, 408)
      if (method === 'OPTIONS' && request.target === '*') return options(request, scene, undefined)
      if (method === 'CONNECT') return error(request, scene, 405, { fields: allow, details: { method } })
      if (request.scheme !== undefined && !/^https?$/.test(request.scheme)) return error(request, scene, 400)
      const found = apachePath(request.path)
      if (found === 'bad') return error(request, scene, 400)
      if (method === 'TRACE') return error(request, scene, 405, { fields: 'Allow: \r\n', details: { method } })
      const path = found === 'missing' ? undefined : found.path
      if (path?.split('/').some(name => name.length > NAME_MAX)) return error(request, scene, 403)
      const resource = path === undefined ? undefined : site.find(path)
      if (resource?.kind === 'forbidden') return error(request, scene, 403)
      if (resource?.kind === 'guarded')
        return error(request, scene, 401, { fields: `WWW-Authenticate: Basic realm="${resource.realm}"\r\n` })
      if (resource?.kind === 'app')
        return fromApp(request, scene, resource.app(visit(request, body, persona, clock, scene)))
      if (resource?.kind === 'directory') return redirect(request, scene, path!)
      if (!apacheMethods.has(method)) return error(request, scene, 501, { fields: allow, details: { method } })
      if (method === 'OPTIONS') return options(request, scene, resource)
      if (!/^(?:GET|HEAD|POST)$/.test(method)) return error(request, scene, 405, { fields: allow, details: { method } })
      return resource ? serve(request, scene, resource.file) : error(request, scene, 404)
    },

    refuse({ status, variant }, request, scene) {
      const details: Partial<Details> = { variant, method: request?.method, expect: request?.fields.get('expect') }
      return error(request, scene, status, { details, always: variant === 'plain', unmeasured: status === 413 })
    },

    timeout: (request, scene) => (request ? error(undefined, scene, 408) : undefined),
  }
}

type ErrorOptions = {
  /** Header lines before Content-Length. */
  fields?: string
  details?: Partial<Details>
  /** Sent in pieces whose sum is not known. */
  unmeasured?: boolean
  /** With a body whatever the method. */
  always?: boolean
}

const hasBody = ({ fields }: Request) =>
  fields.has('transfer-encoding') || Number(fields.get('content-length') ?? 0) > 0

/** ap_meets_conditions */
function conditions(fields: Request['fields'], modified: number, etag: string, now: number): 304 | 412 | undefined {
  const match = fields.get('if-match')
  if (match !== undefined) {
    if (match !== '*' && !match.split(',').some(tag => tag.trim() === etag)) return 412
  } else {
    const since = parseDate(fields.get('if-unmodified-since') ?? '')
    if (since !== undefined && modified > since) return 412
  }
  const none = fields.get('if-none-match')
  if (none !== undefined) return matches(none, etag) ? 304 : undefined
  const since = parseDate(fields.get('if-modified-since') ?? '')
  return since !== undefined && since >= modified && since <= now ? 304 : undefined
}

function rangesOf({ method, fields }: Request, length: number, modified: number, etag: string) {
  const range = fields.get('range')
  if (range === undefined || !/^bytes=/i.test(range) || (method !== 'GET' && method !== 'HEAD')) return undefined
  const condition = fields.get('if-range')
  if (condition !== undefined) {
    const same = condition.startsWith('"') ? condition === etag : parseDate(condition) === modified
    if (!same) return undefined
  }
  return apacheRanges(range.slice(6), length)
}

/** One range as it is, several as multipart/byteranges (ap_byterange_filter). */
function slices(ranges: [number, number][], body: Buffer, type: string, mark: string) {
  if (ranges.length === 1) {
    const [from, to] = ranges[0]!
    return { body: body.subarray(from, to), type, line: `Content-Range: bytes ${from}-${to - 1}/${body.length}\r\n` }
  }
  const parts = ranges.flatMap(([from, to]) => [
    Buffer.from(
      `\r\n--${mark}\r\nContent-type: ${type}\r\nContent-range: bytes ${from}-${to - 1}/${body.length}\r\n\r\n`,
    ),
    body.subarray(from, to),
  ])
  const whole = Buffer.concat([...parts, Buffer.from(`\r\n--${mark}--\r\n`)])
  return { body: whole, type: `multipart/byteranges; boundary=${mark}`, line: '' }
}
