import { Body, byName, readFields } from '#codec/http-message.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'

/** Bytes of a line, fields of a head, bytes of a body (`--max-request-bytes` in base64, with its JSON). */
const LINE = 16 << 10
const FIELDS = 200
const BODY = 2 << 20

export type Request = {
  method: string
  target: string
  path: string
  query: string | undefined
  /** Minor version of HTTP/1. */
  minor: number
  headers: [name: string, value: string][]
  header: ReadonlyMap<string, string>
}

/** What net/http says before it closes a connection over what it cannot read. */
export class BadRequest extends Error {
  answer: Buffer
  constructor(why = '', status = '400 Bad Request') {
    super(`${status}${why}`)
    // server.go: the reason stands in the status line too, but for those that have none.
    const said = `${status}${why}`
    this.answer = Buffer.from(
      `HTTP/1.1 ${said}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n\r\n${said}`,
      'latin1',
    )
  }
}
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,64}$/

/** A request's head as net/http of Go 1.19 reads it (readRequest in request.go, server.go). */
export async function readRequest(conn: Conn): Promise<Request> {
  const line = (await conn.readLine(LINE)).toString('latin1')
  const [first, last] = [line.indexOf(' '), line.lastIndexOf(' ')]
  const [method, target, protocol] = [line.slice(0, first), line.slice(first + 1, last), line.slice(last + 1)]
  if (first < 0 || first === last || !token.test(method)) throw new BadRequest()
  const minor = /^HTTP\/1\.(\d)$/.exec(protocol)?.[1]
  if (minor === undefined) {
    if (/^HTTP\/\d\.\d$/.test(protocol))
      throw new BadRequest(': unsupported protocol version', '505 HTTP Version Not Supported')
    throw new BadRequest()
  }
  if (
    !/^(?:\/|[a-z][a-z0-9+.-]*:\/\/)|^\*$/i.test(target) ||
    /%(?![0-9a-fA-F]{2})|[\x00-\x20\x7f]/.test(target.replace(/\?.*$/s, ''))
  )
    throw new BadRequest()
  const headers = await fieldsOf(conn)
  const header = byName(headers)
  const hosts = headers.filter(([name]) => name.toLowerCase() === 'host')
  if (hosts.length > 1) throw new BadRequest()
  if (minor !== '0' && hosts.length === 0) throw new BadRequest(': missing required Host header')
  if (/[^\x21-\x7e]/.test(hosts[0]?.[1] ?? '')) throw new BadRequest(': malformed Host header')
  const coding = header.get('transfer-encoding')
  if (coding !== undefined && coding.toLowerCase() !== 'chunked')
    throw new BadRequest(`: unsupported transfer encoding`, '501 Not Implemented')
  const local = /^[a-z][a-z0-9+.-]*:\/\/[^/?]*/i.exec(target)?.[0] ?? ''
  const [path = '', query] = target.slice(local.length).split(/\?(.*)/s)
  return { method, target, path: unescaped(path), query, minor: Number(minor), headers, header }
}

async function fieldsOf(conn: Conn): Promise<[string, string][]> {
  try {
    const headers = await readFields(conn, { line: LINE, count: FIELDS })
    if (headers.some(([name]) => !token.test(name))) throw new BadRequest()
    return headers
  } catch (error) {
    if (error instanceof Malformed) throw new BadRequest()
    throw error
  }
}
const unescaped = (path: string): string =>
  path.replace(/%([0-9a-fA-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

/** The whole body, or what of it may be kept. */
export async function readBody(
  conn: Conn,
  { header }: Request,
): Promise<{ bytes: Buffer; size: number; whole: boolean }> {
  let body: Body
  try {
    body = new Body(conn, header)
  } catch {
    throw new BadRequest()
  }
  const pieces: Buffer[] = []
  let kept = 0
  try {
    for (let piece = await body.some(); piece; piece = await body.some()) {
      if (kept + piece.length > BODY) return { bytes: Buffer.concat(pieces), size: body.bytes, whole: false }
      kept += piece.length
      conn.keep(piece.length)
      pieces.push(Buffer.from(piece))
    }
    return { bytes: Buffer.concat(pieces), size: body.bytes, whole: true }
  } finally {
    conn.keep(-kept)
  }
}

export type Answer = {
  status: number
  /** Fields that the handler set, without the access controller's. */
  fields?: readonly (readonly [name: string, value: string])[]
  body: Buffer
  /** Was flushed, or is longer than net/http's buffer. */
  chunked?: true
  trailer?: readonly [name: string, value: string]
  /** Text whose kind net/http told by looking at it. */
  sniffed?: true
  /** Goes on with nothing more until the client leaves. */
  open?: true
}
const reasons: ReadonlyMap<number, string> = new Map([
  [200, 'OK'],
  [301, 'Moved Permanently'],
  [400, 'Bad Request'],
  [404, 'Not Found'],
  [405, 'Method Not Allowed'],
  [412, 'Precondition Failed'],
  [500, 'Internal Server Error'],
  [501, 'Not Implemented'],
  [503, 'Service Unavailable'],
])
/** net/http's buffer before it decides between a length and chunks. */
const BUFFER = 2048

/** http.Error: text, and no guessing. */
export const failure = (status: number, why: string, fields: Answer['fields'] = []): Answer => ({
  status,
  fields: [...fields, ['Content-Type', 'text/plain; charset=utf-8'], ['X-Content-Type-Options', 'nosniff']],
  body: Buffer.from(`${why}\n`),
})

/** An answer as net/http writes it: the handler's fields by name, then its own. And whether the connection goes on. */
export function written(answer: Answer, { method, minor, header }: Request, now: number) {
  const { status, fields = [], body, chunked, trailer, sniffed, open } = answer
  const wish = (header.get('connection') ?? '').toLowerCase().split(/[ ,]+/)
  const inChunks = minor > 0 && (chunked || body.length > BUFFER) && method !== 'HEAD'
  const length = chunked || body.length > BUFFER ? [] : [`Content-Length: ${body.length}`]
  const asks10 = minor === 0 && wish.includes('keep-alive') && length.length > 0
  const goesOn = minor > 0 ? !wish.includes('close') : asks10
  const own: (readonly [string, string])[] = [
    ['Access-Control-Allow-Headers', 'accept, content-type, authorization'],
    ['Access-Control-Allow-Methods', 'POST, GET, OPTIONS, PUT, DELETE'],
    ['Access-Control-Allow-Origin', '*'],
    ...(trailer ? ([['Trailer', trailer[0]]] as const) : []),
  ]
  const sorted = [...own, ...fields].sort(([a], [b]) => (a < b ? -1 : 1))
  const rows = [
    `HTTP/1.${minor > 0 ? 1 : 0} ${status} ${reasons.get(status) ?? ''}`,
    ...sorted.map(([name, value]) => `${name}: ${value}`),
    `Date: ${new Date(now).toUTCString()}`,
    ...length,
    ...(sniffed && body.length > 0 ? ['Content-Type: text/plain; charset=utf-8'] : []),
    ...(asks10 ? ['Connection: keep-alive'] : minor > 0 && !goesOn ? ['Connection: close'] : []),
    ...(inChunks ? ['Transfer-Encoding: chunked'] : []),
  ]
  const head = Buffer.from(`${rows.join('\r\n')}\r\n\r\n`, 'latin1')
  if (method === 'HEAD') return { bytes: head, goesOn }
  if (!inChunks) return { bytes: Buffer.concat([head, body]), goesOn: goesOn && length.length > 0 }
  const last = trailer ? `0\r\n${trailer[0]}: ${trailer[1]}\r\n\r\n` : '0\r\n\r\n'
  const tail = open ? '\r\n' : `\r\n${last}`
  return {
    bytes: Buffer.concat([head, Buffer.from(`${body.length.toString(16)}\r\n`), body, Buffer.from(tail)]),
    goesOn,
  }
}
