import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import type { Context, TcpContext } from '#sensor/service.ts'
import type { Reply } from './call.ts'
import { home } from './home.ts'
import { type Answer, Body, type Head, page, readHead, written } from './http.ts'
import { type Attribute, encoded, Group, readRequest } from './message.ts'
import { carryOut, printerFor } from './operations.ts'
import type { Options } from './options.ts'

/** Seconds that PAM takes over a wrong password. */
const REFUSAL = 2
const HTML = 'text/html; charset=utf-8'

/** Requests, one after the other (client.c: cupsdReadClient). */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  while (await answerOne(conn, cx));
}

async function answerOne(conn: Conn, cx: TcpContext<Options>): Promise<boolean> {
  const head = await readHead(conn)
  if (!head) throw new Malformed('No request of HTTP')
  const body = new Body(conn, head.header)
  const ipp = head.method === 'POST' && head.header.get('content-type') === 'application/ipp'
  if (head.header.get('expect')?.toLowerCase() === '100-continue') await conn.write('HTTP/1.1 100 Continue\r\n\r\n')
  const answer = await (ipp ? answerIpp(head, body, cx) : answerPage(head, cx))
  const { version } = cx.persona.software.cups
  const about = {
    now: cx.now() + cx.persona.clockSkew,
    server: `CUPS/${version.replace(/^(\d+\.\d+).*/, '$1')} IPP/2.1`,
  }
  const { bytes, goesOn } = written(answer, head, about)
  note(head, body, answer, cx)
  await conn.write(bytes)
  if (head.method === 'HEAD' && answer.status === 200) {
    // 2.4 looks for the page once more when it has no body to send, and finds none.
    await conn.write(written({ status: 404, type: HTML, close: true }, head, about).bytes)
    return false
  }
  // Whatever its head says, the connection stays for a client that comes back with a password.
  if (!goesOn && !(ipp && answer.status === 401)) return false
  while (await body.some());
  return true
}

const failure = (status: 400 | 401 | 404, cx: TcpContext<Options>): Answer => {
  const title = ({ 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found' } as const)[status]
  return { status, type: HTML, body: page(title, cx.persona.software.cups.version), close: true }
}

async function answerPage({ method, target, version, header }: Head, cx: TcpContext<Options>): Promise<Answer> {
  if (version === '1.1' && !header.has('host')) return failure(400, cx)
  if (method === 'OPTIONS') return { status: 200, body: Buffer.alloc(0) }
  const path = target.replace(/[?#].*$/, '')
  const product = cx.persona.software.cups.version
  const off: Answer = { status: 200, type: HTML, body: page('Web Interface is Disabled', product), close: true }
  if (method === 'POST') return off
  if (method === 'PUT' || method === 'DELETE' || /^\/admin\/(?:conf|log)\//.test(path)) return refuse(header, cx)
  if (/^\/(?:admin|classes|help|jobs|printers)(?:\/|$)/.test(path)) return off
  if (path !== '/' && path !== '/index.html') return failure(404, cx)
  const modified = cx.persona.upgradedAt - 86_400_000
  return { status: 200, type: HTML, body: Buffer.from(home(product)), modified }
}

/** Somebody logs in, or is asked to; nobody gets in. */
async function refuse(header: ReadonlyMap<string, string>, cx: TcpContext<Options>): Promise<Answer> {
  const [, basic] = /^Basic +([A-Za-z0-9+/=]+)$/i.exec(header.get('authorization') ?? '') ?? []
  if (basic !== undefined) {
    const [user = '', ...rest] = Buffer.from(basic, 'base64').toString('latin1').split(':')
    const shown = (what: string) => text(Buffer.from(what, 'latin1'), 256)
    cx.record.login({ method: 'basic', user: shown(user), password: shown(rest.join(':')), outcome: 'failure' })
    await cx.pause(REFUSAL)
  }
  return failure(401, cx)
}

async function answerIpp(head: Head, body: Body, cx: TcpContext<Options>): Promise<Answer> {
  if (head.version === '1.1' && !head.header.has('host')) return failure(400, cx)
  const request = await readRequest(body)
  const host = (head.header.get('host') ?? cx.persona.fqdn).replace(/:\d*$/, '')
  const reply: Reply = await carryOut({
    cx,
    request,
    body,
    ...printerFor(cx),
    server: `${host}:${cx.port}`,
    now: cx.now() + cx.persona.clockSkew,
  })
  if (reply === 'log in') return refuse(head.header, cx)
  const asked = request.groups[0]?.attributes ?? []
  const said = (name: string, otherwise: string) =>
    asked.find(one => one.name === name)?.values[0]?.toString('latin1') ?? otherwise
  const { program = false } = reply
  const operation: Attribute[] = [
    ['attributes-charset', 'charset', program ? 'utf-8' : said('attributes-charset', 'utf-8')],
    ['attributes-natural-language', 'language', program ? 'en-US' : said('attributes-natural-language', 'en')],
    ...(reply.says === undefined ? [] : ([['status-message', 'text', reply.says]] as Attribute[])),
  ]
  const groups = [[Group.Operation, operation] as const, ...(reply.groups ?? [])]
  const version = program ? ([1, 1] as const) : ([request.major, request.minor] as const)
  const bytes = encoded(version, reply.status, request.id, groups)
  return { status: 200, type: 'application/ipp', body: bytes, ...(program ? { chunked: true } : {}) }
}

function note({ method, target, version, headers, header }: Head, body: Body, answer: Answer, cx: TcpContext<Options>) {
  const clean = (value: string, max = 1024) => text(Buffer.from(value, 'latin1'), max)
  const [path = '', query] = target.split(/\?(.*)/s)
  const host = header.get('host')
  const agent = header.get('user-agent')
  cx.record.request({
    method,
    url: {
      original: clean(target),
      path: clean(path),
      ...(query === undefined ? {} : { query: clean(query) }),
      ...(host === undefined ? {} : { domain: clean(host, 256) }),
    },
    version,
    headers: headers.map(([name, value]) => [clean(name, 128), clean(value)]),
    ...(agent === undefined ? {} : { userAgent: clean(agent) }),
    bodyBytes: body.bytes,
    status: answer.status,
    responseBytes: answer.body?.length ?? 0,
  })
}

/**
 * Browsing packets (`type state uri "location" "info"`), for which cups-browsed up to 2.0.1 would have gone and fetched
 * the attributes of whatever printer they name. It is written down; nothing is ever fetched, and nothing is answered.
 */
export function datagram(packet: Buffer, cx: Context<Options>): undefined {
  const line = packet.toString('latin1', 0, 2048)
  const [, uri = ''] = /^[0-9a-fA-F]{1,8}[ \t]+[0-9a-fA-F]{1,8}[ \t]+(\S{1,1024})/.exec(line) ?? []
  const shown = text(Buffer.from(line, 'latin1'), 2048)
  const [, host, port] = /^(?:ipps?|https?):\/\/(\[[0-9a-fA-F:.]+\]|[^/:\s]+)(?::(\d{1,5}))?(?:\/|$)/.exec(uri) ?? []
  if (host === undefined) {
    cx.record.command({ line: shown, verb: 'browse' })
    return undefined
  }
  const tool = 'cups-browsed'
  cx.record.exploit({ id: 'CVE-2024-47176', name: 'Printer announced to cups-browsed over UDP', evidence: shown })
  cx.record.outboundAttempt({ host: text(Buffer.from(host, 'latin1'), 256), port: Number(port ?? 631), tool })
  cx.record.fileDownload({ url: text(Buffer.from(uri, 'latin1')), tool })
  return undefined
}
