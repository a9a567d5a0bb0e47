import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import type { Context, TcpContext, Withheld } from '#sensor/service.ts'
import { description, serverOf } from './device.ts'
import type { Options } from './options.ts'
import { answers, shortened } from './search.ts'
import { control } from './soap.ts'

type Cx = Context<Options>

/** A header's value by its name in lower case: the first of each. */
type Fields = { first: string; headers: [name: string, value: string][]; value(name: string): string | undefined }

function parseHead(head: string): Fields {
  const [first = '', ...lines] = head.split(/\r?\n/)
  const headers: [string, string][] = []
  for (const line of lines.slice(0, 64)) {
    const colon = line.indexOf(':')
    if (colon > 0) headers.push([line.slice(0, colon).trim(), line.slice(colon + 1).trim()])
  }
  return { first, headers, value: name => headers.find(([found]) => found.toLowerCase() === name)?.[1] }
}

const shown = (latin1: string, max = 1024) => text(Buffer.from(latin1, 'latin1'), max)

/** A search, or an announcement of another device. */
export function datagram(packet: Buffer, cx: Cx, room: number): Buffer | Withheld | undefined {
  const { first, value } = parseHead(packet.toString('latin1', 0, 4096))
  const verb = first.split(' ', 1)[0]!
  if (verb !== 'M-SEARCH' && verb !== 'NOTIFY') throw new Malformed('Neither a search nor an announcement')
  const target = value('st') ?? value('nt') ?? ''
  cx.record.command({ line: shown(`${verb} ${target}`, 300), verb })
  if (verb === 'NOTIFY' || !/^M-SEARCH \S+ HTTP\/1\.\d$/.test(first) || target === '') return undefined
  const all = answers(target.slice(0, 200), cx)
  const [one] = all
  if (one === undefined) return undefined
  if (all.length === 1 && one.length <= room) return Buffer.from(one, 'latin1')
  const short = shortened(one)
  const answer = one.length <= room ? one : short.length <= room ? short : undefined
  return {
    withheld: all.reduce((sum, { length }) => sum + length, 0),
    answer: answer === undefined ? undefined : Buffer.from(answer, 'latin1'),
  }
}

const HEAD_MAX = 8192
const BODY_MAX = 64 << 10

/** One request and its answer (upnphttp.c): every connection is closed behind it. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  const head = (await conn.readUntil('\r\n\r\n', HEAD_MAX)).toString('latin1').slice(0, -4)
  const fields = parseHead(head)
  const [method = '', target = '', protocol = ''] = fields.first.split(' ')
  const length = Number(/^\d{1,8}$/.exec(fields.value('content-length') ?? '')?.[0] ?? 0)
  if (length > BODY_MAX) throw new Malformed(`A body of ${length} bytes`)
  const body = length > 0 ? (await conn.read(length)).toString('latin1') : ''
  const said = reply(method, target, fields, body, cx)
  const answer = written(said, protocol, cx)
  note(method, target, protocol, fields, body, { status: said.status, bytes: said.content.length }, cx)
  await conn.write(answer)
}

type Said = { status: number; phrase: string; type: string; content: string }
const page = (status: number, phrase: string, title: string, what: string): Said => ({
  status,
  phrase,
  type: 'text/html',
  content: `<HTML><HEAD><TITLE>${status} ${title}</TITLE></HEAD><BODY><H1>${title}</H1>${what}</BODY></HTML>\r\n`,
})
const notFound = () => page(404, 'Not Found', 'Not Found', 'The requested URL was not found on this server.')
const xml = (content: string, status = 200): Said => ({
  status,
  phrase: status === 200 ? 'OK' : 'Internal Server Error',
  type: 'text/xml; charset="utf-8"',
  content,
})

/** A name where an address belongs: somebody's browser was led here (upnphttp.c suspects DNS rebinding). */
const rebound = (host: string | undefined) => host !== undefined && !/^(?:[\d.]+|\[[\da-f:]+\])(?::\d+)?$/i.test(host)

function reply(method: string, target: string, fields: Fields, body: string, cx: Cx): Said {
  if (rebound(fields.value('host'))) return notFound()
  if (method === 'GET') return target === '/rootDesc.xml' ? xml(description(cx)) : notFound()
  if (method === 'POST') {
    const action = fields.value('soapaction')
    if (action === undefined)
      return page(400, 'Bad Request', 'Bad Request', 'The request cannot be fulfilled due to bad syntax.')
    const { status, body: content } = control(action, body, cx)
    return xml(content, status)
  }
  return page(501, 'Not Implemented', 'Not Implemented', 'The HTTP Method is not implemented by this server.')
}

function written({ status, phrase, type, content }: Said, protocol: string, cx: Cx): string {
  const lines = [
    // As it stood in the request, and nothing where that had none.
    `${protocol.slice(0, 15)} ${status} ${phrase}`,
    `Content-Type: ${type}`,
    'Connection: close',
    `Content-Length: ${content.length}`,
    `Server: ${serverOf(cx)}`,
    'Ext:',
  ]
  return `${lines.join('\r\n')}\r\n\r\n${content}`
}

function note(
  method: string,
  target: string,
  protocol: string,
  fields: Fields,
  body: string,
  said: { status: number; bytes: number },
  { record }: Cx,
) {
  const [path = '', ...query] = target.split('?')
  const domain = fields.value('host')
  const agent = fields.value('user-agent')
  record.request({
    method: shown(method, 32),
    url: {
      original: shown(target),
      path: shown(path),
      ...(query.length > 0 ? { query: shown(query.join('?')) } : {}),
      ...(domain === undefined ? {} : { domain: shown(domain, 256) }),
    },
    version: shown(protocol.replace(/^HTTP\//, ''), 16),
    headers: fields.headers.map(([name, value]) => [shown(name, 128), shown(value)]),
    ...(agent === undefined ? {} : { userAgent: shown(agent) }),
    ...(body === '' ? {} : { body: shown(body, 8192) }),
    bodyBytes: body.length,
    status: said.status,
    responseBytes: said.bytes,
  })
  for (const download of downloadsIn(body)) record.fileDownload(download)
}
