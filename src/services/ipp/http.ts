import { byName, Body as Message, readFields } from '#codec/http-message.ts'
import type { Conn } from '#sensor/conn.ts'
import type { Reader } from './message.ts'

/** Bytes of a line, and lines of a head (http.c: HTTP_MAX_VALUE and cupsd's own patience). */
const LINE = 2048
const LINES = 100

export type Head = {
  method: string
  target: string
  version: '1.0' | '1.1'
  /** In their order; names as they came. */
  headers: [name: string, value: string][]
  /** By lower-case name. */
  header: ReadonlyMap<string, string>
}

const methods = new Set(['GET', 'HEAD', 'OPTIONS', 'POST', 'PUT', 'DELETE', 'TRACE'])

/** A request's head; `undefined` for what cupsd closes the connection over, without a word. */
export async function readHead(conn: Conn): Promise<Head | undefined> {
  let line = ''
  for (let empty = 0; line === ''; empty++) {
    if (empty > 20) return undefined
    line = (await conn.readLine(LINE)).toString('latin1')
  }
  const [method = '', target = '', protocol = ''] = line.split(/[ \t]+/)
  const version = /^HTTP\/(1\.[01])$/.exec(protocol)?.[1]
  if (!methods.has(method) || version === undefined) return undefined
  const headers = await readFields(conn, { line: LINE, count: LINES })
  const header = byName(headers)
  return { method, target, version: version as '1.0' | '1.1', headers, header }
}

/** A body whose missing rest cupsd waits for. */
export class Body extends Message implements Reader {
  #conn: Conn
  constructor(conn: Conn, header: ReadonlyMap<string, string>) {
    super(conn, header)
    this.#conn = conn
  }
  async read(n: number): Promise<Buffer> {
    const pieces: Buffer[] = []
    for (let left = n; left > 0; ) {
      const piece = await this.some(left)
      // cupsd waits for the rest of a message that was to be longer.
      if (piece === undefined) for (;;) await this.#conn.readSome()
      pieces.push(piece)
      left -= piece.length
    }
    return Buffer.concat(pieces)
  }
}

export type Answer = {
  status: 200 | 400 | 401 | 404
  type?: string
  body?: Buffer
  /** Milliseconds since the epoch. */
  modified?: number
  /** A program's output, passed on as it is read (RFC 9112 §7.1). */
  chunked?: boolean
  /** Ends the connection, whatever the client wants. */
  close?: boolean
}
const reasons = { 200: 'OK', 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found' } as const

/** An answer in cupsd's own order of fields, and whether the connection goes on. */
export function written(
  { status, type, body, modified, chunked = false, close = false }: Answer,
  { version, header, method }: Pick<Head, 'version' | 'header' | 'method'>,
  { now, server }: { now: number; server: string },
): { bytes: Buffer; goesOn: boolean } {
  const wish = header.get('connection')?.toLowerCase()
  const keeps = !close && (version === '1.1' ? wish !== 'close' : wish === 'keep-alive')
  const rows = [
    `HTTP/${version} ${status} ${reasons[status]}`,
    ...(keeps ? ['Connection: Keep-Alive'] : version === '1.1' ? ['Connection: close'] : []),
    'Content-Language: en',
    ...(body === undefined || chunked ? [] : [`Content-Length: ${body.length}`]),
    ...(type === undefined ? [] : [`Content-Type: ${type}`]),
    `Date: ${new Date(now).toUTCString()}`,
    ...(keeps ? ['Keep-Alive: timeout=10'] : []),
    ...(modified === undefined ? [] : [`Last-Modified: ${new Date(modified).toUTCString()}`]),
    ...(chunked ? ['Transfer-Encoding: chunked'] : []),
    ...(status === 401 ? ['WWW-Authenticate: Basic realm="CUPS", Local trc="y"'] : []),
    'Accept-Encoding: gzip, deflate, identity',
    `Server: ${server}`,
    'X-Frame-Options: DENY',
    "Content-Security-Policy: frame-ancestors 'none'",
  ]
  const head = Buffer.from(`${rows.join('\r\n')}\r\n\r\n`, 'latin1')
  const sent = body && chunked ? inChunks(body) : body
  return { bytes: sent && method !== 'HEAD' ? Buffer.concat([head, sent]) : head, goesOn: keeps }
}

/** cupsd reads its programs by 2048 bytes, the first of which are the program's own head. */
const PIECE = 2048
const CGI_HEAD = 'Content-Type: application/ipp\n\n'.length
function inChunks(body: Buffer): Buffer {
  const parts: Buffer[] = []
  for (let at = 0, size = PIECE - CGI_HEAD; at < body.length; at += size, size = PIECE) {
    const piece = body.subarray(at, at + size)
    parts.push(Buffer.from(`${piece.length.toString(16)}\r\n`), piece, Buffer.from('\r\n'))
  }
  return Buffer.concat([...parts, Buffer.from('0\r\n\r\n')])
}

const texts = {
  'Bad Request': '',
  'Not Found': '',
  Unauthorized:
    'Enter your username and password or the root username and password to access this page. If you are using Kerberos authentication, make sure you have a valid Kerberos ticket.',
  'Web Interface is Disabled': 'The web interface is currently disabled. Run "cupsctl WebInterface=yes" to enable it.',
} as const

/** client.c: cupsdSendError's page. */
export const page = (title: keyof typeof texts, version: string): Buffer =>
  Buffer.from(
    `<!DOCTYPE HTML PUBLIC "-//W3C//DTD HTML 4.01 Transitional//EN" "http://www.w3.org/TR/html4/loose.dtd">
<HTML>
<HEAD>
\t<META HTTP-EQUIV="Content-Type" CONTENT="text/html; charset=utf-8">
\t<TITLE>${title} - CUPS v${version}</TITLE>
\t<LINK REL="STYLESHEET" TYPE="text/css" HREF="/cups.css">
</HEAD>
<BODY>
<H1>${title}</H1>
<P>${texts[title]}</P>
</BODY>
</HTML>
`,
  )
