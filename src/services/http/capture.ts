import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import { encodedIn } from '#payload/layers.ts'
import { attacksOf, httpTexts, requestText, sightings, tagsOf } from '#payload/sightings.ts'
import type { TcpContext } from '#sensor/service.ts'
import type { Answer } from './answer.ts'
import { type Body, INLINE } from './body.ts'
import { multipart } from './forms.ts'
import { logins } from './logins.ts'
import { addHeader, type Head, type Request, splitTarget } from './wire.ts'

const FIELD = 8192
const printable = (value: string, max = FIELD) =>
  value.length <= max && !/[^\x20-\x7e]/.test(value) ? value : text(Buffer.from(value, 'latin1'), max)

/** Writes down one exchange, before its answer leaves. */
export async function capture<O>(cx: TcpContext<O>, head: Head, body: Body | undefined, answer: Answer): Promise<void> {
  const request = understood(head)
  const start = body?.start ?? EMPTY
  if (!request) {
    cx.record.malformed({ why: head.refusal?.why ?? 'Not HTTP', bytes: text(head.raw, 1024) })
    return
  }
  const type = request.fields.get('content-type') ?? ''
  const files = await uploads(cx, request, start, body, type)
  const agent = request.fields.get('user-agent')
  const referrer = request.fields.get('referer')
  const plain = plainText(request, start)
  const seen = sightings(httpTexts(plain), { protocol: 'http' })
  cx.record.request({
    method: printable(request.method, 64),
    url: {
      original: printable(request.target),
      path: printable(request.path),
      ...(request.query === undefined ? {} : { query: printable(request.query) }),
      ...(request.host === undefined ? {} : { domain: printable(request.host, 256) }),
    },
    version: request.protocol.replace(/^HTTP\//, '') || '0.9',
    headers: request.headers.map(([name, value]) => [printable(name), printable(value)]),
    ...(agent === undefined ? {} : { userAgent: printable(agent, 1024) }),
    ...(referrer === undefined ? {} : { referrer: printable(referrer, 1024) }),
    ...(start.length === 0 ? {} : { body: text(start, INLINE) }),
    bodyBytes: body?.size ?? 0,
    ...(body?.sample ? { sample: body.sample } : {}),
    status: answer.status,
    responseBytes: answer.bodyBytes,
    ...(seen.length === 0 ? {} : { tags: tagsOf(seen) }),
  })
  if (head.refusal && !head.request) cx.record.malformed({ why: head.refusal.why, bytes: text(head.raw, 1024) })
  for (const login of logins(request, start)) cx.record.login({ ...login, outcome: 'failure' })
  for (const file of files) cx.record.fileUpload(file)
  for (const attack of attacksOf(seen)) cx.record.exploit({ ...attack, evidence: printable(attack.evidence, 256) })
  const hidden = encodedIn(`${plain.url}\n${plain.headers}\n${plain.body}\n${start.toString('latin1')}`)
  const orders = downloadsIn([plain.url.replaceAll('+', ' '), plain.headers, plain.body, ...hidden].join('\n'))
  // A URL that no tool is told to fetch is a link.
  for (const { url, tool } of orders.filter(order => order.tool !== 'url').slice(0, DOWNLOADS))
    cx.record.fileDownload({ url: printable(url, 512), tool })
}

const EMPTY = Buffer.alloc(0)

const DOWNLOADS = 10

const plainText = (request: Request, start: Buffer) =>
  requestText(
    request.target,
    request.headers.map(([name, value]) => `${name}: ${value}`).join('\n'),
    start.length === 0 ? '' : start.toString('latin1'),
  )

/** Files of a multipart form, or the body of a PUT, kept as samples. */
async function uploads<O>(cx: TcpContext<O>, request: Request, start: Buffer, body: Body | undefined, type: string) {
  if (start.length === 0) return []
  const keep = async (data: Buffer) => {
    const sample = cx.sample()
    await sample.write(data)
    return sample.close()
  }
  if (request.method === 'PUT') {
    const sample = body?.sample ?? (await keep(start))
    return [{ path: printable(request.path, 1024), sample }]
  }
  if (!/^multipart\//i.test(type)) return []
  // A form too long to hold is a sample itself; the names in its beginning are told all the same.
  const kept = []
  for (const part of multipart(start, type).slice(0, 20)) {
    if (!part.filename || (part.data.length === 0 && !body?.sample)) continue
    kept.push({ path: part.filename.slice(0, 1024), sample: body?.sample ?? (await keep(part.data)) })
  }
  return kept
}

/** The request of a head; of a refused one as far as a lenient eye can see. */
function understood(head: Head): Request | undefined {
  if (head.request && !head.refusal) return head.request
  const lines = head.raw
    .toString('latin1', 0, 16 << 10)
    .replace(/^[\r\n]+/, '')
    .split(/\r?\n/)
  const start = /^([^\s\0-\x1f\x7f-\xff]{1,64})[ \t]+(\S+)(?:[ \t]+(\S+))?/.exec(lines[0] ?? '')
  if (!start || (!start[3] && !head.request)) return head.request
  const request: Request = {
    method: start[1]!,
    target: start[2]!,
    ...splitTarget(start[2]!),
    version: 11,
    protocol: start[3] ?? '',
    headers: [],
    fields: new Map(),
    ...(head.request?.host === undefined ? {} : { host: head.request.host }),
  }
  for (const line of lines.slice(1, 101)) {
    if (line === '') break
    const colon = line.indexOf(':')
    if (colon < 0) addHeader(request, line, '')
    else addHeader(request, line.slice(0, colon), line.slice(colon + 1).trim())
  }
  return request
}
