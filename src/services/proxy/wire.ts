import { Body as Message } from '#codec/http-message.ts'
import type { Sample } from '#events/action.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup, Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'

/** A request's head as it came, line by line. Text is Latin-1. */
export type Head = {
  /** The request line without its end. */
  line: string
  headers: [name: string, value: string][]
  /** Lines that are no field. */
  broken: string[]
}

/** Bytes of a head that are waited for: Squid's request_header_max_size is 64 kB, Tinyproxy's lines are 8 kB. */
const MOST = 64 << 10
const FIELDS = 500

/**
 * The next head; `early` sees the request line and says whether that is all that is read of it. `undefined`: the peer had no more to
 * say. Empty lines before it are passed over (RFC 9112 §2.2).
 */
export async function readHead(conn: Conn, early: (line: string) => boolean): Promise<Head | undefined> {
  let line = ''
  try {
    while (line === '') line = (await conn.readLine(MOST)).toString('latin1')
  } catch (error) {
    if (error instanceof Hangup && error.reason === 'eof' && conn.held === 0) return undefined
    throw error
  }
  const head: Head = { line, headers: [], broken: [] }
  if (early(line)) return head
  for (let bytes = line.length; ; ) {
    const field = (await conn.readLine(MOST)).toString('latin1')
    bytes += field.length
    if (field === '') return head
    if (bytes > MOST || head.headers.length > FIELDS) throw new Malformed(`A head of more than ${MOST} bytes`)
    const colon = field.indexOf(':')
    if (colon > 0 && !/\s/.test(field.slice(0, colon)))
      head.headers.push([field.slice(0, colon), field.slice(colon + 1).trim()])
    else head.broken.push(field)
  }
}

/** First value of a field, whatever its case. */
export const fieldOf = ({ headers }: Pick<Head, 'headers'>, name: string): string | undefined =>
  headers.find(([each]) => each.toLowerCase() === name)?.[1]

/** Bytes of a body that stand in its event; of a longer one there is a sample. */
const INLINE = 4096

export type Body = { start: Buffer; bytes: number; sample?: Sample }

/** A request's body (RFC 9112 §6). A length that is none counts as no body. */
export async function readBody<O>(conn: Conn, head: Head, cx: TcpContext<O>): Promise<Body> {
  const length = fieldOf(head, 'content-length') ?? ''
  const chunked = /\bchunked\b/i.test(fieldOf(head, 'transfer-encoding') ?? '')
  const framing: [name: string, value: string] = chunked
    ? ['transfer-encoding', 'chunked']
    : ['content-length', /^\d{1,10}$/.test(length) ? length : '0']
  const coming = new Message(conn, new Map([framing]))
  const body = keeping(cx)
  for (let piece = await coming.some(); piece; piece = await coming.some()) await body.take(piece)
  return body.close()
}

function keeping<O>(cx: TcpContext<O>) {
  const pieces: Buffer[] = []
  let bytes = 0
  let writer: ReturnType<TcpContext<O>['sample']> | undefined
  return {
    async take(piece: Buffer) {
      const room = INLINE - Math.min(bytes, INLINE)
      bytes += piece.length
      if (room > 0) pieces.push(Buffer.from(piece.subarray(0, room)))
      if (bytes <= INLINE) return
      if (!writer) {
        writer = cx.sample()
        await writer.write(Buffer.concat(pieces))
        if (piece.length > room) await writer.write(Buffer.from(piece.subarray(room)))
      } else await writer.write(Buffer.from(piece))
    },
    async close(): Promise<Body> {
      return { start: Buffer.concat(pieces), bytes, ...(writer ? { sample: await writer.close() } : {}) }
    },
  }
}

/** What arrived as Latin-1, as text for an event. */
export const latin = (said: string, max = 1024): string => text(Buffer.from(said, 'latin1'), max)

/** One request with its answer, as an event. */
export function note<O>(
  { record }: TcpContext<O>,
  request: { method: string; url: string; host?: string; path: string; version: string },
  head: Head,
  body: Body | undefined,
  answer: { status: number; bytes: number },
): void {
  const [path = '', query] = request.path.split(/\?(.*)/s)
  const agent = fieldOf(head, 'user-agent')
  const referrer = fieldOf(head, 'referer')
  record.request({
    method: latin(request.method, 64),
    url: {
      original: latin(request.url, 8192),
      path: latin(path, 8192),
      ...(query === undefined ? {} : { query: latin(query, 8192) }),
      ...(request.host === undefined ? {} : { domain: latin(request.host, 256) }),
    },
    version: request.version,
    headers: head.headers.map(([name, value]) => [latin(name, 256), latin(value, 8192)]),
    ...(agent === undefined ? {} : { userAgent: latin(agent) }),
    ...(referrer === undefined ? {} : { referrer: latin(referrer) }),
    ...(body && body.bytes > 0 ? { body: text(body.start, INLINE) } : {}),
    bodyBytes: body?.bytes ?? 0,
    ...(body?.sample ? { sample: body.sample } : {}),
    status: answer.status,
    responseBytes: answer.bytes,
  })
}
