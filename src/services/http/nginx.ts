import { readFileSync } from 'node:fs'
import type { Persona } from '#persona/persona.ts'
import {
  type Answer,
  chunked,
  gzip,
  gzipNow,
  joined,
  type Plan,
  type Product,
  type Scene,
  wantsGzip,
} from './answer.ts'
import type { Page } from './bait.ts'
import type { Body } from './body.ts'
import { HttpClock } from './date.ts'
import { visit } from './forms.ts'
import { fails, rangesOf, unchanged } from './nginx-conditions.ts'
import { NginxDialect, normalPath } from './nginx-wire.ts'
import type { Resource, Site, StaticFile } from './site.ts'
import type { Request } from './wire.ts'

/** client_max_body_size 1m. */
const MAX_BODY = 1 << 20
/** Statuses after which nginx closes (ngx_http_special_response_handler). */
const CLOSING = new Set([400, 413, 414, 497, 500, 501, 505])

const titles: Readonly<Record<number, string>> = {
  301: '301 Moved Permanently',
  400: '400 Bad Request',
  401: '401 Authorization Required',
  403: '403 Forbidden',
  404: '404 Not Found',
  405: '405 Not Allowed',
  412: '412 Precondition Failed',
  413: '413 Request Entity Too Large',
  414: '414 Request-URI Too Large',
  416: '416 Requested Range Not Satisfiable',
  501: '501 Not Implemented',
  505: '505 HTTP Version Not Supported',
}
/** Status lines that differ from the page's title. */
const reasons: Readonly<Record<number, string>> = {
  200: '200 OK',
  206: '206 Partial Content',
  304: '304 Not Modified',
  302: '302 Moved Temporarily',
  401: '401 Unauthorized',
}
const padding = '<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n'.repeat(6)

/** nginx as Debian and Ubuntu ship and configure it, with their default site. */
export function nginx(persona: Persona, site: Site): Product {
  const { server, version } = persona.software.web
  const strict = atLeast(version, 1, 21, 1)
  const keptRequests = atLeast(version, 1, 19, 10) ? 1000 : 100
  const clock = new HttpClock(persona.clockSkew)
  const compressed = new Map<StaticFile, Buffer>()
  const missing = { plain: asDebian(server), padded: asDebian(`${server} padded`) }
  let boundary = persona.derive('nginx boundary', 1)[0]!

  /** The status line and the headers that nginx itself orders (ngx_http_header_filter). */
  function head(scene: Scene, status: number, fields: string, keep: boolean, rest = ''): string {
    const line = reasons[status] ?? titles[status] ?? String(status)
    const connection = keep ? 'keep-alive' : 'close'
    return `HTTP/1.1 ${line}\r\nServer: ${server}\r\nDate: ${clock.text(scene.now)}\r\n${fields}Connection: ${connection}\r\n${rest}\r\n`
  }

  function keeps(request: Request, scene: Scene): boolean {
    if (scene.turn + 1 >= keptRequests) return false
    const connection = request.fields.get('connection')?.toLowerCase() ?? ''
    if (connection.includes('close')) return false
    return request.version > 10 || connection.includes('keep-alive')
  }

  function finish(request: Request | undefined, status: number, top: string, body: Buffer, close: boolean): Answer {
    const sent = request?.method === 'HEAD' ? undefined : body
    const bytes = request?.version === 9 ? body : joined(top, sent)
    return { status, bytes, bodyBytes: sent?.length ?? 0, close: close || request?.version === 9 }
  }

  /** A page of nginx's own (ngx_http_special_response.c). */
  function special(request: Request | undefined, scene: Scene, status: number, options: Special = {}): Answer {
    const title = options.title ?? titles[status]!
    const browser = friendly(request?.fields.get('user-agent'))
    const tail = status >= 400 && request?.version !== 9 && browser ? padding : ''
    const note = options.note ? `<center>${options.note}</center>\r\n` : ''
    const page = Buffer.from(
      `<html>\r\n<head><title>${title}</title></head>\r\n<body>\r\n<center><h1>${titles[status]}</h1></center>\r\n` +
        `${note}<hr><center>${server}</center>\r\n</body>\r\n</html>\r\n${tail}`,
    )
    const keep = !options.close && !CLOSING.has(status) && request !== undefined && keeps(request, scene)
    if (status === 404 && request !== undefined && gzips(request)) {
      const body = tail === '' ? missing.plain(page) : missing.padded(page)
      return compressedAnswer(request, scene, status, body, 'Content-Type: text/html\r\n', keep, '')
    }
    const fields = `Content-Type: text/html\r\nContent-Length: ${page.length}\r\n${options.location ?? ''}`
    return finish(request, status, head(scene, status, fields, keep, options.rest), page, !keep)
  }

  function compressedAnswer(
    r: Request,
    scene: Scene,
    status: number,
    body: Buffer,
    fields: string,
    keep: boolean,
    rest: string,
  ) {
    const coding = r.method === 'HEAD' ? '' : 'Transfer-Encoding: chunked\r\n'
    const top = head(scene, status, fields + coding, keep, `${rest}Content-Encoding: gzip\r\n`)
    return finish(r, status, top, chunked(body), !keep)
  }

  function serve(request: Request, scene: Scene, file: StaticFile): Answer {
    const { fields } = request
    const seconds = Math.floor(file.modified / 1e6)
    const etag = `"${seconds.toString(16)}-${file.body.length.toString(16)}"`
    const modified = `Last-Modified: ${new Date(seconds * 1000).toUTCString()}\r\n`
    const keep = keeps(request, scene)
    if (fails(fields, seconds, etag)) {
      const answer = special(request, scene, 412)
      return { ...answer, close: true }
    }
    if (unchanged(fields, seconds, etag))
      return finish(request, 304, head(scene, 304, modified, keep, `ETag: ${etag}\r\n`), Buffer.alloc(0), !keep)
    const type = `Content-Type: ${file.type}\r\n`
    if (file.type === 'text/html' && gzips(request) && file.body.length >= 20) {
      const deflated = file.deflate
      const zipped = compressed.get(file) ?? (deflated ? gzip(file.body, deflated, 4) : gzipNow(file.body, 1, 4))
      compressed.set(file, zipped)
      return compressedAnswer(request, scene, 200, zipped, type + modified, keep, `ETag: W/${etag}\r\n`)
    }
    const ranges = rangesOf(fields, file, seconds, etag)
    if (ranges === 'unsatisfiable')
      return special(request, scene, 416, { rest: `Content-Range: bytes */${file.body.length}\r\n` })
    if (ranges) return partial(request, scene, file, ranges, modified, etag, keep)
    const top = `${type}Content-Length: ${file.body.length}\r\n${modified}`
    return finish(
      request,
      200,
      head(scene, 200, top, keep, `ETag: ${etag}\r\nAccept-Ranges: bytes\r\n`),
      file.body,
      !keep,
    )
  }

  function partial(
    r: Request,
    scene: Scene,
    file: StaticFile,
    ranges: [number, number][],
    modified: string,
    etag: string,
    keep: boolean,
  ) {
    const total = file.body.length
    const line = ([from, to]: [number, number]) => `Content-Range: bytes ${from}-${to - 1}/${total}\r\n`
    if (ranges.length === 1) {
      const [from, to] = ranges[0]!
      const fields = `Content-Type: ${file.type}\r\nContent-Length: ${to - from}\r\n${modified}`
      const top = head(scene, 206, fields, keep, `ETag: ${etag}\r\n${line(ranges[0]!)}`)
      return finish(r, 206, top, file.body.subarray(from, to), !keep)
    }
    const mark = String(++boundary).padStart(20, '0')
    const parts = ranges.flatMap(range => [
      Buffer.from(`\r\n--${mark}\r\nContent-Type: ${file.type}\r\n${line(range)}\r\n`),
      file.body.subarray(...range),
    ])
    const body = Buffer.concat([...parts, Buffer.from(`\r\n--${mark}--\r\n`)])
    const type = `Content-Type: multipart/byteranges; boundary=${mark}\r\n`
    const top = head(scene, 206, `${type}Content-Length: ${body.length}\r\n${modified}`, keep, `ETag: ${etag}\r\n`)
    return finish(r, 206, top, body, !keep)
  }

  /** What came from PHP over FastCGI. */
  function fromApp(request: Request, scene: Scene, page: Page): Answer {
    const keep = keeps(request, scene)
    const of = (name: string) =>
      page.headers
        .filter(([n]) => n === name)
        .map(([n, v]) => `${n}: ${v}\r\n`)
        .join('')
    const own = `${page.type ? `Content-Type: ${page.type}\r\n` : ''}${of('Last-Modified')}${of('Location')}`
    const rest = page.headers.filter(([n]) => n !== 'Last-Modified' && n !== 'Location')
    const lines = rest.map(([n, v]) => `${n}: ${v}\r\n`).join('')
    const body = Buffer.from(page.body)
    if (page.type?.startsWith('text/html') && body.length >= 20 && gzips(request))
      return compressedAnswer(request, scene, page.status, gzipNow(body, 1, 4), own, keep, lines)
    if (request.version < 11)
      return finish(request, page.status, head(scene, page.status, own, false, lines), body, true)
    const coding = request.method === 'HEAD' ? '' : 'Transfer-Encoding: chunked\r\n'
    return finish(request, page.status, head(scene, page.status, own + coding, keep, lines), chunked(body), !keep)
  }

  const find = (request: Request): Resource | undefined => site.find(normalPath(request.path)!)

  return {
    clock,
    // client_header_timeout, keepalive_timeout; lingering_timeout less the second waited before the answer.
    firstWait: 60,
    keepAlive: 75,
    linger: 4,
    dialect: () => new NginxDialect(strict),

    plan(request) {
      const resource = find(request)
      const length = Number(request.fields.get('content-length') ?? 0)
      const app = resource?.kind === 'app'
      const reads = app || (resource?.kind === 'file' && (request.method === 'GET' || request.method === 'HEAD'))
      const interim = reads && request.version > 10 && request.fields.get('expect')?.toLowerCase() === '100-continue'
      const plan: Plan = { interim, patience: app ? 60 : 1 }
      if (request.method === 'CONNECT' || request.method === 'TRACE')
        return { ...plan, interim: false, refusal: { status: 405, why: `client sent ${request.method} method` } }
      if (length > MAX_BODY) plan.refusal = { status: 413, why: 'client intended to send too large body' }
      if (request.fields.has('transfer-encoding')) return { ...plan, framing: 'chunked' }
      return length > 0 ? { ...plan, framing: { length } } : plan
    },

    answer(request, body, end, scene) {
      const resource = find(request)
      if (end === 'malformed' || end === 'huge') {
        if (resource?.kind === 'app') return special(request, scene, 400)
        return respond(request, body, resource, { ...scene, turn: keptRequests })
      }
      return respond(request, body, resource, scene)
    },

    refuse(refusal, request, scene) {
      const { status, variant } = refusal
      if (variant === 'plain') return special(request, scene, status, plain)
      if (variant === 'headers') return special(request, scene, status, tooLarge)
      return special(request, scene, status, { close: true })
    },

    timeout: () => undefined,
  }

  function respond(request: Request, body: Body | undefined, resource: Resource | undefined, scene: Scene): Answer {
    if (resource?.kind === 'guarded')
      return special(request, scene, 401, { rest: `WWW-Authenticate: Basic realm="${resource.realm}"\r\n` })
    if (resource === undefined) return special(request, scene, 404)
    if (resource.kind === 'forbidden') return special(request, scene, 403)
    if (resource.kind === 'app') {
      const page = resource.app(visit(request, body, persona, clock, scene))
      return fromApp(request, scene, page)
    }
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      if (resource.kind === 'directory' && request.method === 'POST') return redirect(request, scene)
      return special(request, scene, 405)
    }
    return resource.kind === 'directory' ? redirect(request, scene) : serve(request, scene, resource.file)
  }

  function redirect(request: Request, scene: Scene): Answer {
    const usual = scene.secure ? 443 : 80
    const port = scene.local.port === usual ? '' : `:${scene.local.port}`
    const query = request.query === undefined ? '' : `?${request.query}`
    const host = request.host ?? scene.local.ip
    const url = `${scene.secure ? 'https' : 'http'}://${host}${port}${encodeURI(normalPath(request.path)!)}/${query}`
    return special(request, scene, 301, { location: `Location: ${url}\r\n` })
  }
}

/** nginx's 404 pages as Debian's zlib compresses them; Node's finds other matches. */
const deflated = new Map<string, string>(
  Object.entries(JSON.parse(readFileSync(new URL('./pages/nginx-404.json', import.meta.url), 'utf8'))),
)
/** Compresses the one page of that name, once. */
function asDebian(name: string): (page: Buffer) => Buffer {
  let zipped: Buffer | undefined
  return page => {
    const known = deflated.get(name)
    zipped ??= known === undefined ? gzipNow(page, 1, 4) : gzip(page, Buffer.from(known, 'base64'), 4)
    return zipped
  }
}

type Special = { title?: string; note?: string; rest?: string; location?: string; close?: boolean }
/** nginx's own statuses 497 and 494, both told as 400. */
const plain: Special = {
  title: '400 The plain HTTP request was sent to HTTPS port',
  note: 'The plain HTTP request was sent to HTTPS port',
}
const tooLarge: Special = {
  title: '400 Request Header Or Cookie Too Large',
  note: 'Request Header Or Cookie Too Large',
}

/** MSIE and Chrome get their error pages padded (msie_padding on). */
function friendly(agent: string | undefined): boolean {
  if (agent === undefined || agent.includes('Opera')) return false
  return agent.includes('MSIE ') || (agent.includes('Chrome/') && !agent.includes('Gecko/'))
}

/** gzip_http_version 1.1, gzip_proxied off. */
const gzips = ({ version, fields }: Request) =>
  version > 10 && !fields.has('via') && wantsGzip(fields.get('accept-encoding'))

function atLeast(version: string, ...wanted: number[]): boolean {
  const have = version.split('.').map(Number)
  for (const [i, part] of wanted.entries()) if ((have[i] ?? 0) !== part) return (have[i] ?? 0) > part
  return true
}
