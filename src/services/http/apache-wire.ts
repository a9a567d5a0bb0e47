import { addHeader, type Dialect, type Refusal, type Request, splitHost, splitTarget } from './wire.ts'

/** LimitRequestLine and LimitRequestFieldSize 8190, with the byte that ap_rgetline grants beside; LimitRequestFields. */
const LINE = 8191
const FIELDS = 100
/** DEFAULT_LIMIT_BLANK_LINES */
const BLANK_LINES = 10

const bad = (why: string): Refusal => ({ status: 400, why })

/** Methods that Apache knows without a module's help (http_protocol.c): others are 501. */
export const apacheMethods: ReadonlySet<string> = new Set(
  (
    'GET HEAD PUT POST DELETE CONNECT OPTIONS TRACE PATCH PROPFIND PROPPATCH MKCOL COPY MOVE LOCK UNLOCK ' +
    'VERSION-CONTROL CHECKOUT UNCHECKOUT CHECKIN UPDATE LABEL REPORT MKWORKSPACE MKACTIVITY BASELINE-CONTROL MERGE'
  ).split(' '),
)

/** How Apache httpd 2.4 reads a head (server/protocol.c) under `HttpProtocolOptions Strict`. */
export class ApacheDialect implements Dialect {
  request: Request | undefined
  #blank = 0
  #fields = 0
  #pending: { name: string; value: string; size: number } | undefined

  /** mod_reqtimeout: header=20-40,minrate=500. */
  seconds = (bytes: number) => Math.min(40, 20 + bytes / 500)
  // Apache looks at a line when it is there.
  partial = () => undefined

  line(bytes: Buffer): Refusal | true | undefined {
    const line = bytes.toString('latin1')
    if (!this.request) return this.#start(line)
    if (!line.endsWith('\r\n')) return bad('Bare LF in a header line')
    return this.#header(line.slice(0, -2))
  }

  #start(raw: string): Refusal | true | undefined {
    if (raw.length > LINE + 2) return { status: 414, why: 'Request line over LimitRequestLine' }
    if (!raw.endsWith('\r\n')) return bad('Request line ends in a bare LF')
    const line = raw.slice(0, -2)
    if (line === '') return ++this.#blank > BLANK_LINES ? bad('Too many blank lines') : undefined
    const parts = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) ([^\0-\x20\x7f]+)(?: (HTTP\/[1-9]\.[0-9]))?$/.exec(line)
    // A path with nothing behind it is HTTP/0.9; with a space behind it, too.
    const short = /^GET (\/[^\0-\x20\x7f]*) ?$/.exec(line)
    const method = parts?.[1] ?? 'GET'
    const target = parts?.[2] ?? short?.[1]
    const protocol = parts?.[3] ?? ''
    if (target === undefined) return bad('Request line is malformed')
    if (protocol === '' && !short) return bad('Request without a protocol must be a GET')
    const proxied = method === 'CONNECT' && /^[^/?#]+:\d+$/.test(target)
    const star = method === 'OPTIONS' && target === '*'
    if (!proxied && !star && !/^(?:\/|[A-Za-z][A-Za-z0-9+.-]*:\/\/)/.test(target)) return bad('URI is not a path')
    if (target.includes('#') || (method === 'CONNECT' && !proxied)) return bad('URI is invalid')
    const { authority, ...rest }: ReturnType<typeof splitTarget> =
      proxied || star ? { path: target } : splitTarget(target)
    this.request = {
      method,
      target,
      ...rest,
      version: protocol === '' ? 9 : protocol === 'HTTP/1.0' ? 10 : 11,
      protocol,
      headers: [],
      fields: new Map(),
    }
    if (authority && rest.scheme === 'http') this.#setHost(authority)
    return protocol === '' ? true : undefined
  }

  #header(line: string): Refusal | true | undefined {
    if (line.length > LINE) return { status: 400, variant: 'size', why: 'Header field over LimitRequestFieldSize' }
    // RFC 9112 §5.2: obs-fold is replaced by a space.
    if (line[0] === ' ' || line[0] === '\t') {
      if (!this.#pending) return bad('Folded line before any header field')
      this.#pending.size += line.length
      if (this.#pending.size > LINE)
        return { status: 400, variant: 'size', why: 'Folded field over LimitRequestFieldSize' }
      this.#pending.value += ` ${line.trimStart()}`
      return undefined
    }
    const wrong = this.#flush()
    if (wrong) return wrong
    if (line === '') return this.#complete() ?? true
    if (++this.#fields > FIELDS) return { status: 400, variant: 'count', why: 'Over LimitRequestFields' }
    const colon = line.indexOf(':')
    if (colon < 0) return bad('Header line without a colon')
    this.#pending = { name: line.slice(0, colon), value: line.slice(colon + 1), size: line.length }
    return undefined
  }

  #flush(): Refusal | undefined {
    const pending = this.#pending
    if (!pending) return undefined
    this.#pending = undefined
    if (!/^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/.test(pending.name)) return bad('Header name is not a token')
    if (/[\0-\x08\x0a-\x1f\x7f]/.test(pending.value)) return bad('Control character in a header value')
    addHeader(this.request!, pending.name, pending.value.trim())
    return undefined
  }

  // ap_read_request, ap_check_request_header, fix_hostname
  #complete(): Refusal | undefined {
    const request = this.request!
    const hosts = request.headers.filter(([name]) => name.toLowerCase() === 'host')
    if (hosts.length > 1) return bad('Several Host fields')
    const host = hosts[0]?.[1]
    if (host === undefined || host === '') {
      if (request.version > 10 || host === '') return bad('HTTP/1.1 request without a Host')
    } else {
      if (!/^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::\d{0,5})?$/.test(host)) return bad(`Invalid Host ${host}`)
    }
    const lengths = request.headers.filter(([name]) => name.toLowerCase() === 'content-length')
    const coding = request.headers.filter(([name]) => name.toLowerCase() === 'transfer-encoding')
    if (coding.length > 0) {
      const last = coding.at(-1)![1].toLowerCase().split(',').at(-1)!.trim()
      if (last !== 'chunked') return bad('Transfer-Encoding does not end in chunked')
    } else if (lengths.length > 1 || (lengths[0] && !/^\d{1,18}$/.test(lengths[0][1])))
      return bad('Invalid Content-Length')
    // Only now is the virtual host chosen: what is refused before is refused in the main server's name.
    if (host && request.host === undefined) this.#setHost(host)
    const expect = request.fields.get('expect')
    if (expect !== undefined && request.version > 10 && expect !== '' && expect.toLowerCase() !== '100-continue')
      return { status: 417, variant: 'expect', why: 'Unknown expectation' }
    return undefined
  }

  #setHost(authority: string) {
    const { name, port } = splitHost(authority)
    this.request!.host = name
      .toLowerCase()
      .replace(/^\[|\]$/g, '')
      .replace(/\.$/, '')
    if (port !== undefined) this.request!.port = port
  }
}

/**
 * The path decoded and resolved (ap_normalize_path): `bad` for what Apache answers with 400, `missing` for encoded
 * slashes and NULs, which it does not find.
 */
export function apachePath(raw: string): { path: string } | 'bad' | 'missing' {
  if (/^[A-Za-z0-9/_-]*$/.test(raw) && !raw.includes('//')) return { path: raw }
  if (/%(?![0-9A-Fa-f]{2})/.test(raw)) return 'bad'
  const hidden = /%(?:00|2f)/i.test(raw)
  const decoded = raw.replace(/%(?!00|2f)([0-9A-Fa-f]{2})/gi, (_, hex: string) =>
    String.fromCharCode(Number.parseInt(hex, 16)),
  )
  const kept: string[] = []
  const segments = decoded.split('/').slice(1)
  for (const [i, segment] of segments.entries()) {
    const last = i === segments.length - 1
    if (segment === '..') {
      if (kept.pop() === undefined) return 'bad'
      if (last) kept.push('')
    } else if (segment === '.' || segment === '') {
      if (last) kept.push('')
    } else kept.push(segment)
  }
  return hidden ? 'missing' : { path: `/${kept.join('/')}` }
}
