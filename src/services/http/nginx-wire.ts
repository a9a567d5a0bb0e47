import { addHeader, type Dialect, type Refusal, type Request, splitHost, splitTarget } from './wire.ts'

/** client_header_buffer_size, then large_client_header_buffers 4 8k. */
const SMALL = 1024
const LARGE = 8192
const BUFFERS = 4
/** client_header_timeout. */
const SECONDS = 60

const bad = (why: string): Refusal => ({ status: 400, why: `client sent ${why}` })

/** What a line may begin with and still become a request. */
const hopeful = /^[A-Z_-]+(?: +(?:(?:\/|[A-Za-z])[^\0]*)?)?$/
const authority = /^(?:[A-Za-z0-9.-]*|\[[A-Za-z0-9:._~!$&'()*+,;=-]*\])(?::\d*)?$/

/** How nginx reads a head (ngx_http_parse.c, ngx_http_request.c), strict since 1.21.1. */
export class NginxDialect implements Dialect {
  request: Request | undefined
  #strict: boolean
  #room = SMALL
  #busy = 0

  constructor(isStrict: boolean) {
    this.#strict = isStrict
  }
  seconds = () => SECONDS

  partial(line: Buffer): Refusal | undefined {
    if (line.length >= LARGE) return this.#tooLarge()
    if (this.request || line.length > 256) return undefined
    const begun = line.toString('latin1').replace(/^[\r\n]+/, '')
    if (begun !== '' && !hopeful.test(begun)) return bad('invalid method while reading client request line')
    return undefined
  }

  line(line: Buffer): Refusal | true | undefined {
    if (!this.#fits(line.length)) return this.#tooLarge()
    return this.request ? this.#header(line.toString('latin1')) : this.#start(line.toString('latin1'))
  }

  // Lines are never split between buffers: one that does not fit moves to a fresh large one.
  #fits(length: number): boolean {
    if (length > this.#room) {
      if (length > LARGE || ++this.#busy > BUFFERS) return false
      this.#room = LARGE
    }
    this.#room -= length
    return true
  }
  #tooLarge(): Refusal {
    return this.request
      ? { status: 400, variant: 'headers', why: 'client sent too long header line' }
      : { status: 414, why: 'client sent too long URI' }
  }

  #start(raw: string): Refusal | true | undefined {
    const line = raw.replace(/^[\r\n]+/, '')
    if (line === '') return undefined
    const parts = requestLine(line)
    if (!parts || (this.#strict && /[\0-\x20\x7f]/.test(parts.target))) return bad('invalid request line')
    if (parts.major > 1) return { status: 505, why: 'client sent invalid version' }
    const { authority: host, ...target } = splitTarget(parts.target)
    if (host !== undefined && !authority.test(host)) return bad('invalid host in request line')
    if (normalPath(target.path) === undefined) return bad('invalid request')
    const version = parts.protocol === '' ? 9 : parts.minor === 0 ? 10 : 11
    this.request = {
      method: parts.method,
      target: parts.target,
      ...target,
      version,
      protocol: parts.protocol,
      headers: [],
      fields: new Map(),
      ...(host ? { host: splitHost(host).name.toLowerCase() } : {}),
    }
    if (version > 9) return undefined
    return parts.method === 'GET' ? true : bad('invalid method in HTTP/0.9 request')
  }

  #header(line: string): Refusal | true | undefined {
    const request = this.request!
    if (line === '\r\n' || line === '\n') return this.#complete() ?? true
    const field = headerLine(line)
    if (!field) return bad('invalid header line')
    const { name, value } = field
    if (/[\0-\x20\x7f]/.test(name)) {
      if (this.#strict) return bad('invalid header line')
      return void request.headers.push([name, value])
    }
    const key = name.toLowerCase()
    if (key === 'host') {
      if (request.fields.has('host')) return bad('duplicate host header')
      if (!this.#validHost(value)) return bad('invalid host header')
      const { name: host, port } = splitHost(value)
      request.host ??= host.toLowerCase().replace(/\.$/, '')
      if (port !== undefined) request.port = port
    } else if ((key === 'content-length' || key === 'transfer-encoding') && request.fields.has(key)) {
      return bad('duplicate header line')
    }
    if (/[^A-Za-z0-9-]/.test(name)) request.headers.push([name, value])
    else addHeader(request, name, value)
    return undefined
  }
  #validHost(host: string): boolean {
    return host !== '' && !/[/\0]/.test(host) && !(this.#strict && /[\0-\x20\x7f]/.test(host))
  }

  // ngx_http_process_request_header
  #complete(): Refusal | undefined {
    const { version, fields } = this.request!
    if (version > 10 && !fields.has('host')) return bad('HTTP/1.1 request without "Host" header')
    const length = fields.get('content-length')
    if (length !== undefined && !/^\d{1,18}$/.test(length)) return bad('invalid "Content-Length" header')
    const coding = fields.get('transfer-encoding')?.toLowerCase()
    if (coding === undefined) return undefined
    if (version < 11 && this.#strict) return bad('HTTP/1.0 request with "Transfer-Encoding" header')
    if (coding !== 'chunked') return { status: 501, why: 'client sent unknown "Transfer-Encoding"' }
    if (length !== undefined && this.#strict) return bad('"Content-Length" and "Transfer-Encoding" headers')
    return undefined
  }
}

type RequestLine = { method: string; target: string; protocol: string; major: number; minor: number }

/** `METHOD target [HTTP/x.y]` with any number of spaces between; a target may have spaces in old versions. */
function requestLine(line: string): RequestLine | undefined {
  const space = line.indexOf(' ')
  const method = line.slice(0, space)
  const rest = trimSpaces(line.endsWith('\r\n') ? line.slice(space, -2) : line.slice(space, -1))
  if (space < 0 || !/^[A-Z_-]+$/.test(method) || /[\0\r]/.test(rest)) return undefined
  const at = rest.lastIndexOf(' HTTP/')
  const target = at < 0 ? rest : trimSpaces(rest.slice(0, at))
  if (target[0] !== '/' && !/^[A-Za-z]+:\/\//.test(target)) return undefined
  if (at < 0) return { method, target, protocol: '', major: 0, minor: 9 }
  const protocol = rest.slice(at + 1)
  // The first digit too many is refused before the rest is read.
  if (/^HTTP\/(?:[2-9]|1\d)/.test(protocol)) return { method, target, protocol, major: 2, minor: 0 }
  const digits = /^HTTP\/1\.(\d{1,3})$/.exec(protocol)
  return digits ? { method, target, protocol, major: 1, minor: Number(digits[1]) } : undefined
}

/** A field line; one without a colon is a name without a value. */
function headerLine(line: string): { name: string; value: string } | undefined {
  let end = line.length - 1
  while (end > 0 && line.charCodeAt(end - 1) === 13) end--
  const colon = line.indexOf(':')
  const name = line.slice(0, colon < 0 ? end : colon)
  const value = colon < 0 ? '' : trimSpaces(line.slice(colon + 1, end))
  return name === '' || name.charCodeAt(0) <= 32 || /[\0\r]/.test(line.slice(0, end)) ? undefined : { name, value }
}

function trimSpaces(text: string): string {
  let [start, end] = [0, text.length]
  while (start < end && text.charCodeAt(start) === 32) start++
  while (end > start && text.charCodeAt(end - 1) === 32) end--
  return text.slice(start, end)
}

/**
 * The path with escapes decoded, slashes merged and dot segments resolved (ngx_http_parse_complex_uri); `undefined` where
 * nginx answers 400: beyond the root, a bad escape, an encoded NUL.
 */
export function normalPath(raw: string): string | undefined {
  if (/^[A-Za-z0-9/_-]*$/.test(raw) && !raw.includes('//')) return raw
  const hash = raw.indexOf('#')
  const path = hash < 0 ? raw : raw.slice(0, hash)
  if (/%(?![0-9A-Fa-f]{2})|%00/.test(path)) return undefined
  const decoded = path.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
  const kept: string[] = []
  const segments = decoded.split('/').slice(1)
  for (const [i, segment] of segments.entries()) {
    const last = i === segments.length - 1
    if (segment === '..') {
      if (kept.pop() === undefined) return undefined
      if (last) kept.push('')
    } else if (segment === '.' || segment === '') {
      if (last) kept.push('')
    } else kept.push(segment)
  }
  return `/${kept.join('/')}`
}
