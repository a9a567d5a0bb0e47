import { hash } from 'node:crypto'
import { type Address, hasScheme, parseAddress, parseUri, sentBy, splitValues, viaParam } from './address.ts'
import { answerTo, begin, idOf } from './calls.ts'
import type { Credentials } from './digest.ts'
import { fieldOf, type Request } from './message.ts'
import { credentialsOf, logIn } from './note.ts'
import { register } from './registrar.ts'
import { FULL, linesOf, type Out, type Reply } from './reply.ts'
import { type Call, type Cx, type Exchange, extensionsOf, keepBindings, ownHost, secretsOf } from './state.ts'

/**
 * Asterisk with chan_pjsip, as its users' traces show it: who is unknown and who has the wrong password get the same
 * answer (RFC 3261 §22.4; there is no switching that off). Wordings and order of fields are those of pjproject.
 */

const REALM = 'asterisk'
const expiry = { usual: 3600, least: 60, most: 7200 }
/** Seconds that a nonce is good for (nonce_lifetime). */
const NONCE_LIFE = 32
/** Methods that its modules take; for others there is a 501. */
const understood = new Set('OPTIONS REGISTER SUBSCRIBE NOTIFY PUBLISH INVITE MESSAGE REFER'.split(' '))

/** Its answers to one request. */
export function asterisk(x: Exchange): Reply[] {
  const { request, cx, attacker } = x
  const { method } = request
  if (!isWhole(request)) return []
  const say = (status: number, reason: string, fields: readonly Out[] = []): Reply[] => [
    { request, status, reason, fields },
  ]
  const call = attacker.calls.get(idOf(x))
  if (method === 'ACK') return []
  if (method === 'CANCEL') return cancel(x, call) ?? say(481, GONE)
  if (parseAddress(fieldOf(request, 'to')!)!.tag !== undefined) {
    if (call) return inCall(x, call)
    return x.again && method === 'BYE' ? say(200, 'OK') : say(481, GONE)
  }
  if (method === 'BYE') return say(481, GONE)
  const given = credentialsOf(x, 'authorization')
  const guest = cx.options.guests && method !== 'REGISTER' && !given
  if (!guest) {
    const issued = given ? issuedAt(given, cx) : undefined
    const fresh = issued !== undefined && cx.now() / 1000 - issued <= NONCE_LIFE
    if (!given || !logIn(x, given, fresh)) return challenge(x, issued !== undefined && !fresh)
  }
  if (!understood.has(method)) return say(501, 'Not Implemented')
  const dialled = parseUri(request.uri)?.user ?? ''
  const extensions = extensionsOf(cx.persona)
  switch (method) {
    case 'REGISTER':
      return registrar(x)
    case 'OPTIONS':
      return dialled === '' || extensions.has(dialled) ? options(x, 200, 'OK') : options(x, 404, 'Not Found')
    case 'INVITE':
      return invite(x, dialled)
    case 'MESSAGE':
      return extensions.has(dialled) ? say(202, 'Accepted') : say(404, 'Not Found')
    case 'SUBSCRIBE':
      return packages.has(fieldOf(request, 'event') ?? '') ? say(404, 'Not Found') : say(489, 'Bad Event', allowEvents)
    case 'PUBLISH':
      return say(489, 'Bad Event', allowEvents)
    case 'NOTIFY':
      return say(481, 'Subscription Does Not Exist')
    default:
      return say(404, 'Not Found')
  }
}

const GONE = 'Call/Transaction Does Not Exist'
const packages = new Set(['presence', 'dialog', 'message-summary'])
const allowEvents: readonly Out[] = [['Allow-Events', 'presence, dialog, message-summary, refer', 2]]

/** What lacks these, or has them in no form that can be read, is dropped without a word. */
function isWhole(request: Request): boolean {
  const [, number = '', verb] = /^(\d+)\s+(\S+)$/.exec(fieldOf(request, 'cseq') ?? '') ?? []
  const via = fieldOf(request, 'via')
  return (
    verb === request.method &&
    Number(number) <= 0xffff_ffff &&
    via !== undefined &&
    /^SIP\s*\/\s*2\.0\s*\/\s*\w+\s+\S/i.test(via) &&
    (fieldOf(request, 'call-id') ?? '') !== '' &&
    ['from', 'to'].every(name => hasScheme(parseAddress(fieldOf(request, name) ?? '')?.uri ?? '')) &&
    hasScheme(request.uri) &&
    (request.length ?? 0) <= request.body.length
  )
}

/** Seconds, a slash, and a digest that only this server can have made for this address. */
function nonceFor({ source, persona }: Cx, seconds: number): string {
  return `${seconds}/${hash('md5', `${seconds}:${source.ip}:${secretsOf(persona).nonce}:${REALM}`)}`
}
/** Where room is scarce, the nonce is as short as can be told from a guess. */
const SHORT = 8
/** When the nonce was issued, if it is ours. */
function issuedAt({ nonce, realm }: Credentials, cx: Cx): number | undefined {
  const [, seconds = '', digest = ''] = /^(\d{1,10})\/([0-9a-f]{8,32})$/.exec(nonce) ?? []
  const ours = digest !== '' && realm === REALM && nonceFor(cx, Number(seconds)).startsWith(nonce)
  return ours ? Number(seconds) : undefined
}

function challenge({ request, cx }: Exchange, stale: boolean): Reply[] {
  const nonce = nonceFor(cx, Math.floor(cx.now() / 1000))
  const opaque = cx.random(8).toString('hex')
  const { modern } = flavour(cx)
  const algorithm = modern ? 'MD5' : 'md5'
  const value = (level: number) =>
    level > 0
      ? `Digest ${[
          `realm="${REALM}"`,
          `nonce="${nonce}"`,
          `opaque="${opaque}"`,
          ...(stale ? ['stale=true'] : []),
          `algorithm=${algorithm}`,
          'qop="auth"',
        ].join(',')}`
      : `Digest realm="${REALM}",nonce="${nonce.slice(0, nonce.indexOf('/') + 1 + SHORT)}"`
  return [{ request, status: 401, reason: 'Unauthorized', fields: [['WWW-Authenticate', value]] }]
}

/** `modern`: from pjproject 2.12 on, which these versions bring. */
function flavour({ persona }: Cx) {
  const [major = 0, minor = 0] = persona.software.sip.asterisk.version.split('.').map(Number)
  const modern = major >= 20
  return {
    modern,
    maxptime: major > 20 || (major === 20 && minor >= 5) ? 140 : 150,
    allow: `OPTIONS, REGISTER, SUBSCRIBE, NOTIFY, PUBLISH, INVITE, ACK, BYE, CANCEL, UPDATE, PRACK, ${modern ? 'INFO, ' : ''}MESSAGE, REFER`,
    supported: `100rel, timer, replaces, norefersub${major === 16 && minor < 10 ? '' : ', histinfo'}`,
  }
}

function options({ request, cx }: Exchange, status: number, reason: string): Reply[] {
  const { allow, supported } = flavour(cx)
  const fields: Out[] = [
    [
      'Accept',
      'application/xpidf+xml, application/cpim-pidf+xml, application/dialog-info+xml, application/simple-message-summary, application/pidf+xml, application/pidf+xml, application/dialog-info+xml, application/simple-message-summary, application/sdp, message/sipfrag;version=2.0',
      3,
    ],
    ['Allow', allow, 2],
    ['Supported', supported, 3],
    ['Accept-Encoding', 'identity', 3],
    ['Accept-Language', 'en', 3],
  ]
  return [{ request, status, reason, fields }]
}

/** A telephone's log-in (RFC 3261 §10). */
function registrar(x: Exchange): Reply[] {
  const { request, cx, attacker } = x
  const user = parseUri(parseAddress(fieldOf(request, 'to')!)!.uri)?.user ?? ''
  const say = (status: number, reason: string, fields: readonly Out[] = []): Reply[] => [
    { request, status, reason, fields },
  ]
  const now = cx.now()
  const result = register(request, attacker.bindings.get(user) ?? [], now, expiry)
  if (result === 'brief') return say(423, 'Interval Too Brief', [['Min-Expires', String(expiry.least)]])
  if (typeof result === 'string') return say(400, 'Bad Request')
  keepBindings(attacker, user, result)
  const date = new Date(now + cx.persona.clockSkew).toUTCString()
  const contacts = result.map(({ uri, until }): Out => {
    // The second in which it was stored is over when it is told.
    return ['Contact', `<${uri}>;expires=${Math.max(0, Math.round((until - now) / 1000) - 1)}`]
  })
  const longest = Math.max(0, ...result.map(({ until }) => Math.round((until - now) / 1000)))
  return say(200, 'OK', [
    ['Date', date, 2],
    ...contacts,
    ...(longest > 0 ? [['Expires', String(longest), 1] as const] : []),
  ])
}

/** A number for the dialplan. */
function invite(x: Exchange, dialled: string): Reply[] {
  const { request, cx } = x
  const { calls } = cx.options
  const tag = uuid(cx)
  const trying: Reply = { request, status: 100, reason: 'Trying', fields: [] }
  const final = (status: number, reason: string): Reply[] => [trying, { request, status, reason, tag, fields: [] }]
  if (dialled === '' || calls === 'unknown') return final(404, 'Not Found')
  if (calls === 'busy') return final(486, 'Busy Here')
  if (calls === 'decline') return final(603, 'Decline')
  const call = begin(x, tag, dialled, calls === 'answer')
  if (calls === 'ring') {
    const { allow } = flavour(cx)
    const fields: Out[] = [['Allow', allow, 2], contact(x)]
    return [trying, { request, status: 180, reason: 'Ringing', tag: call.tag, fields }]
  }
  return [trying, ...accepted(x, call)]
}

function accepted(x: Exchange, call: Call): Reply[] {
  const { request, cx, attacker } = x
  const { allow, supported, maxptime } = flavour(cx)
  const body = answerTo(call, cx, 'Asterisk', maxptime)
  if (body === undefined) {
    attacker.calls.delete(idOf(x))
    return [{ request, status: 488, reason: 'Not Acceptable Here', tag: call.tag, fields: [] }]
  }
  const fields: Out[] = [
    ['Allow', allow, 2],
    contact(x),
    ['Supported', supported, 2],
    ['Content-Type', 'application/sdp'],
  ]
  return [{ request, status: 200, reason: 'OK', tag: call.tag, fields, body }]
}

const contact = ({ cx, transport }: Exchange): Out => [
  'Contact',
  `<sip:${ownHost(cx)}:${cx.destination.port}${transport === 'UDP' ? '' : `;transport=${transport}`}>`,
]

/** What rings stops ringing: an answer to the CANCEL, and one to what it cancels (RFC 3261 §9.2). */
function cancel(x: Exchange, call: Call | undefined): Reply[] | undefined {
  const { request, attacker } = x
  if (!call || call.answered) return undefined
  attacker.calls.delete(idOf(x))
  return [
    { request, status: 200, reason: 'OK', tag: call.tag, fields: [] },
    { request: call.invite, status: 487, reason: 'Request Terminated', tag: call.tag, fields: [] },
  ]
}

function inCall(x: Exchange, call: Call): Reply[] {
  const { request, attacker } = x
  const say = (status: number, reason: string): Reply[] => [{ request, status, reason, tag: call.tag, fields: [] }]
  switch (request.method) {
    case 'BYE':
      attacker.calls.delete(idOf(x))
      return say(200, 'OK')
    case 'INVITE':
      return accepted(x, call)
    case 'REFER':
    case 'MESSAGE':
      return say(202, 'Accepted')
    case 'INFO':
    case 'PRACK':
    case 'UPDATE':
    case 'OPTIONS':
      return say(200, 'OK')
    default:
      return say(489, 'Bad Event')
  }
}

function uuid({ random }: Cx): string {
  const bytes = random(16)
  bytes[6] = (bytes[6]! & 0x0f) | 0x40
  bytes[8] = (bytes[8]! & 0x3f) | 0x80
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-')
}

/** It takes a message apart and writes an answer anew, with parameters in an order of its own. */
export function encodeAsterisk({ source, persona }: Cx) {
  return (reply: Reply, level = FULL): Buffer => {
    const { request, status, reason, body } = reply
    const vias = request.fields
      .filter(({ name }) => name === 'via')
      .flatMap(({ value }) => splitValues(value))
      .map((via, i) => (i === 0 ? `Via: ${topVia(via, source, level)}` : `Via: ${via}`))
    const to = parseAddress(fieldOf(request, 'to')!)!
    const branch = viaParam(fieldOf(request, 'via') ?? '', 'branch')
    const tag =
      to.tag ??
      (status === 100 ? undefined : (reply.tag ?? (branch === undefined || branch === '' ? md5(vias[0]!) : branch)))
    const short =
      level === 0 && reply.tag === undefined && to.tag === undefined && tag !== undefined ? tag.slice(-8) : tag
    const contentType = linesOf(reply, level).filter(line => line.startsWith('Content-Type:'))
    const own = linesOf(reply, level).filter(line => !line.startsWith('Content-Type:'))
    const server = level > 0 ? [`Server: ${persona.software.sip.asterisk.server}`] : []
    const length = body === undefined ? 'Content-Length:  0' : `Content-Length: ${String(body.length).padStart(5)}`
    return Buffer.from(
      [
        `SIP/2.0 ${status} ${reason}`,
        ...vias,
        ...request.fields.flatMap(({ name, value }) => (name === 'record-route' ? [`Record-Route: ${value}`] : [])),
        `Call-ID: ${fieldOf(request, 'call-id')}`,
        `From: ${written(parseAddress(fieldOf(request, 'from')!)!)}`,
        `To: ${written(to, short)}`,
        `CSeq: ${fieldOf(request, 'cseq')!.replace(/\s+/, ' ')}`,
        // In a dialogue it names itself first.
        ...(reply.tag === undefined ? [...own, ...server] : [...server, ...own]),
        ...contentType,
        length,
        '',
        body ?? '',
      ].join('\r\n'),
      'latin1',
    )
  }
}
const md5 = (text: string): string => hash('md5', text)

function written({ display, uri, params, tag: before }: Address, tag = before): string {
  const rest = params.filter(param => !/^tag=/i.test(param))
  return `${display === '' ? '' : `${display} `}<${uri}>${[...(tag === undefined ? [] : [`tag=${tag}`]), ...rest]
    .map(param => `;${param}`)
    .join('')}`
}

function topVia(via: string, { ip, port }: Cx['source'], level: number): string {
  const [place = '', ...params] = via.split(';').map(part => part.trim())
  const rest = params.filter(param => !/^(?:rport|received)(?:=|$)/i.test(param))
  const received = level === 0 && sentBy(via) === ip ? '' : `;received=${ip}`
  return `${place.replace(/\s+/g, ' ')};rport=${port}${received}${rest.map(param => `;${param}`).join('')}`
}
