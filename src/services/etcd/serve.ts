import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Call } from './api.ts'
import { note } from './capture.ts'
import { grpcHandler } from './grpc.ts'
import { BadRequest, type Request, readBody, readRequest, written } from './http.ts'
import { type Head, serveHttp2 } from './http2.ts'
import type { Options } from './options.ts'
import { tooLarge } from './refusal.ts'
import { seededEtcd } from './state.ts'
import { answered, asked } from './web.ts'

/** Bytes of a body that an event shows. */
const INLINE = 16 << 10

/** One port for gRPC and HTTP/1, told apart by the first line as cmux does; what is neither is closed without a word. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const call: Call = { state: cx.attacker(() => seededEtcd(cx)), cx }
  const first = await conn.peek(1)
  if (first[0] === 0x50 && (await conn.peek(4)).toString('latin1') === 'PRI ')
    return serveHttp2(
      conn,
      grpcHandler(call, (head, bytes) => noteCall(head, bytes, cx)),
    )
  if (!(await spoken(conn))) throw new Malformed('Neither HTTP nor gRPC')
  try {
    while (await answerOne(conn, call));
  } catch (error) {
    if (!(error instanceof BadRequest)) throw error
    await conn.write(error.answer)
    throw new Malformed(error.message)
  }
}

/** A first line that is one of HTTP/1 (matchers.go of cmux). */
async function spoken(conn: Conn): Promise<boolean> {
  let seen = await conn.peek(1)
  while (!seen.includes(10) && seen.length < 4096) {
    const before = seen.length
    await conn.peek(before + 1)
    seen = await conn.peek(Math.max(conn.held, 1))
    if (seen.length === before) return false
  }
  const line = seen.toString('latin1', 0, Math.max(0, seen.indexOf(10)))
  return /^[^ ]* [^ ]* HTTP\/1\.\d\r?$/.test(line)
}

async function answerOne(conn: Conn, call: Call): Promise<boolean> {
  const { cx } = call
  const request = await readRequest(conn)
  if (request.header.get('expect')?.toLowerCase() === '100-continue') await conn.write('HTTP/1.1 100 Continue\r\n\r\n')
  const body = await readBody(conn, request)
  if (!body.whole) throw new BadRequest(`: ${tooLarge().message}`)
  const what = asked(request, body.bytes, call)
  if ('path' in what) await note(what.path, what.request, cx)
  const answer = 'answer' in what ? what.answer : answered(what.path, what.request, call)
  noteRequest(request, body, { status: answer.status, bytes: answer.body.length }, cx)
  const { bytes, goesOn } = written(answer, request, cx.now() + cx.persona.clockSkew)
  await conn.write(bytes)
  if (answer.open) for (;;) await conn.readSome()
  return goesOn
}

const clean = (value: string, max = 1024): string => text(Buffer.from(value, 'latin1'), max)

function noteRequest(
  { method, target, minor, headers, header }: Request,
  body: { bytes: Buffer; size: number },
  answer: { status: number; bytes: number },
  cx: TcpContext<Options>,
): void {
  const [path = '', query] = target.split(/\?(.*)/s)
  const host = header.get('host')
  const agent = header.get('user-agent')
  cx.record.request({
    method: clean(method, 64),
    url: {
      original: clean(target),
      path: clean(path),
      ...(query === undefined ? {} : { query: clean(query) }),
      ...(host === undefined ? {} : { domain: clean(host, 256) }),
    },
    version: `1.${minor}`,
    headers: headers.map(([name, value]) => [clean(name, 128), clean(value)]),
    ...(agent === undefined ? {} : { userAgent: clean(agent) }),
    ...(body.size === 0 ? {} : { body: text(body.bytes.subarray(0, INLINE), INLINE) }),
    bodyBytes: body.size,
    status: answer.status,
    responseBytes: answer.bytes,
  })
}

/** A call over gRPC, as the request of HTTP/2 that it is. */
function noteCall(head: Head, bytes: number, cx: TcpContext<Options>): void {
  const [path, host, agent] = [head.get(':path') ?? '', head.get(':authority'), head.get('user-agent')]
  cx.record.request({
    method: clean(head.get(':method') ?? '', 64),
    url: { original: clean(path), path: clean(path), ...(host === undefined ? {} : { domain: clean(host, 256) }) },
    version: '2',
    headers: [...head].map(([name, value]) => [clean(name, 128), clean(value)]),
    ...(agent === undefined ? {} : { userAgent: clean(agent) }),
    bodyBytes: bytes,
    status: 200,
    responseBytes: 0,
  })
}
