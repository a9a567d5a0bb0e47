import { asksForProxy, PROXY_TELLS } from '#payload/identify/proxy.ts'
import type { Conn } from '#sensor/conn.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Answer } from './answer.ts'
import { judge } from './auth.ts'
import type { Options } from './options.ts'
import { atOrigin } from './origin.ts'
import * as squid from './squid.ts'
import * as tinyproxy from './tinyproxy.ts'
import { type Body, type Head, latin, note, readBody, readHead } from './wire.ts'

type Cx = TcpContext<Options>

/** Nonces that one connection was given. */
const NONCES = 100

/** A client of the proxy; inside a tunnel, where the web is meant, a client of whoever was asked for. */
export async function session(conn: Conn, cx: Cx): Promise<void> {
  // A proxy behind a proxy is asked as one.
  if (cx.tunnel && !asksForProxy(await conn.glance(PROXY_TELLS, 0.3))) return atOrigin(conn, cx, cx.tunnel)
  const product = cx.options.product === 'Squid' ? squid : tinyproxy
  const visit = { known: new Set<string>(), nonces: new Set<string>() }
  for (;;) {
    const head = await readHead(conn, product.early)
    if (!head) return
    const body: { whole?: Body } = {}
    const answer = await answerTo(cx, head, visit, async () => (body.whole = await readBody(conn, head, cx)))
    told(cx, head, body.whole, answer)
    await conn.write(answer.bytes)
    if (answer.tunnel) return cx.handOver(answer.tunnel)
    if (answer.close) return
  }
}

async function answerTo(
  cx: Cx,
  head: Head,
  { known, nonces }: { known: Set<string>; nonces: Set<string> },
  body: () => Promise<Body>,
): Promise<Answer> {
  const product = cx.options.product === 'Squid' ? squid : tinyproxy
  const request = product.understand(cx, head)
  if ('bytes' in request) return request
  const line = product.lineOf(cx, request)
  if (request.method === 'CONNECT')
    cx.record.tunnelRequest({ kind: 'http-connect', host: latin(request.host, 256), port: request.port })
  // What was said to a proxy that asks for no name is recorded all the same.
  const credentials = head.headers.find(([name]) => /^proxy-authorization$/i.test(name))?.[1]
  const verdict = judge(cx, request.method, credentials, known, nonces)
  const denied = product.forbidden(cx, request, line)
  if (denied) return denied
  if (cx.options.authentication !== 'none' && !verdict.good) {
    const nonce = cx.random(16).toString('hex')
    if (nonces.size < NONCES) nonces.add(nonce)
    return product.challenge(cx, request, verdict, nonce, credentials)
  }
  const whole = request.method === 'CONNECT' ? undefined : await body()
  return product.fetched(cx, request, head, whole, line)
}

function told(cx: Cx, head: Head, body: Body | undefined, { status, length, tunnel }: Answer): void {
  if (tunnel) return
  const [method = '', url = '', version = ''] = head.line.split(/[ \t]+/)
  if (url === '') return void cx.record.malformed({ why: 'Not HTTP', bytes: latin(head.line) })
  const [, host, path = url] = /^[a-z]+:\/\/([^/?#:]*)[^/?#]*(.*)$/is.exec(url) ?? []
  const request = { method, url, path: path || '/', version: version.replace(/^HTTP\//, '') || '0.9' }
  note(cx, host === undefined ? request : { ...request, host }, head, body, { status, bytes: length })
}
