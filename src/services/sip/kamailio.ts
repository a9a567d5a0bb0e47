import { hash } from 'node:crypto'
import { isIP } from 'node:net'
import { parseAddress, parseUri, sentBy, splitValues, type Uri } from './address.ts'
import { answerTo, begin, idOf } from './calls.ts'
import type { Credentials } from './digest.ts'
import { type Field, fieldOf } from './message.ts'
import { credentialsOf, logIn } from './note.ts'
import { register } from './registrar.ts'
import type { Out, Reply } from './reply.ts'
import { FULL, linesOf } from './reply.ts'
import { type Cx, type Exchange, keepBindings, ownAddress, ownHost, secretsOf } from './state.ts'

/**
 * Kamailio with the configuration that Debian's package brings and its WITH_AUTH switched on; a gateway to the telephone
 * network where calls are to be answered. Recorded from Kamailio 5.6.3 (test/oracle/sip).
 */

const expiry = { usual: 3600, least: 0, most: 3600 }
/** Seconds that a nonce is good for (auth's nonce_expire). */
const NONCE_LIFE = 300

const md5 = (text: string): string => hash('md5', text)

/** Its answers to one request, in the order of the configuration's routes. */
export function kamailio(x: Exchange): Reply[] {
  const { request } = x
  const { method } = request
  if (method === 'ACK') return []
  const say = (status: number, reason: string, fields: readonly Out[] = [], tag = statelessTag(x)): Reply[] => [
    { request, status, reason, tag, fields },
  ]
  // REQINIT
  if (['via', 'from', 'to', 'call-id', 'cseq'].some(name => fieldOf(request, name) === undefined)) return []
  const to = parseAddress(fieldOf(request, 'to')!)
  const [, number = '', verb] = /^(\d+)\s+(\S+)$/.exec(fieldOf(request, 'cseq')!) ?? []
  // Its parser wants the sequence number and the method in one line.
  const folded = request.fields.some(({ name, line }) => name === 'cseq' && line.includes('\n'))
  if (!to || number === '' || folded) return []
  const agent = fieldOf(request, 'user-agent') ?? ''
  if (/friendly|scanner|sipcli|sipvicious|VaxSIPUserAgent|pplsip/i.test(agent)) return []
  const hops = fieldOf(request, 'max-forwards')
  if (hops !== undefined && !(Number.parseInt(hops, 10) > 0)) return say(483, 'Too Many Hops')
  const uri = parseUri(request.uri)
  // What is no URI of SIP at all passes for its own there.
  const mine = uri ? isMine(uri, x.cx) : !/^tel:/i.test(request.uri)
  if (method === 'OPTIONS' && mine && uri?.user === undefined) return say(200, 'Keepalive')
  const wrong = insane(x, number, verb)
  if (wrong !== undefined) return say(400, wrong)
  if (method === 'CANCEL') return cancel(x)
  // WITHINDLG
  if (to.tag !== undefined) {
    if (method === 'SUBSCRIBE') return []
    const call = x.attacker.calls.get(idOf(x))
    if (call?.tag === to.tag || (x.again && method === 'BYE')) {
      if (method === 'BYE') x.attacker.calls.delete(idOf(x))
      return [{ request, status: 200, reason: 'OK', fields: [], foreign: true }]
    }
    return say(404, 'Not here')
  }
  const from = parseAddress(fieldOf(request, 'from')!)
  const caller = parseUri(from?.uri ?? '')
  const known = caller !== undefined && isMine(caller, x.cx)
  // AUTH
  if (method === 'REGISTER' || known) {
    const field = method === 'REGISTER' ? 'authorization' : 'proxy-authorization'
    const given = credentialsOf(x, field)
    if (!given || !letIn(x, given, caller, parseUri(to.uri))) return challenge(x, caller)
  }
  if (!known && !mine) return say(403, 'Not relaying')
  if (!mine) return say(478, 'Unresolvable destination (478/SL)')
  // PRESENCE, REGISTRAR
  if (method === 'SUBSCRIBE' && fieldOf(request, 'event') === 'message-summary') return say(404, 'No voicemail service')
  if (method === 'PUBLISH' || (method === 'SUBSCRIBE' && uri?.user === undefined)) return say(404, 'Not here')
  if (method === 'REGISTER') return registrar(x, parseUri(to.uri)?.user ?? '', say)
  if (uri?.user === undefined) return say(484, 'Address Incomplete')
  return locate(x, uri.user)
}

/** Its `myself`: an address, name and port that it listens at. Behind a provider's translation it was told of the outer one. */
function isMine({ host, port = 5060 }: Uri, cx: Cx): boolean {
  const { destination, options, persona } = cx
  const inside = /^(?:10|192\.168|172\.(?:1[6-9]|2\d|3[01])|100\.(?:6[4-9]|[7-9]\d|1[01]\d|12[0-7])|0\.0)\./
  const here =
    [destination.ip, options.address, persona.fqdn].includes(host) || (isIP(host) > 0 && inside.test(destination.ip))
  return here && (port === 5060 || port === cx.port || port === destination.port)
}

/** What its sanity checks (sanity_check("17895", "7")) say. */
function insane({ request }: Exchange, number: string, verb: string | undefined): string | undefined {
  if (verb !== request.method) return 'CSeq method does not match request method'
  if (Number(number) > 0xffff_ffff) return 'CSeq number is illegal'
  if (request.length !== undefined && request.length !== request.body.length) return 'Content-Length mis-match'
  const expires = fieldOf(request, 'expires')
  if (expires !== undefined && !/^\d{1,10}$/.test(expires)) return 'Expires value is illegal'
  if (!parseAddress(fieldOf(request, 'from')!)) return 'Invalid From Header'
  return undefined
}

/** auth_check with its flag: who registers or publishes may do so for themselves alone, who calls as themselves. */
function letIn(x: Exchange, given: Credentials, caller: Uri | undefined, to: Uri | undefined): boolean {
  const { cx, request } = x
  const fresh = given.nonce.length === 32 && nonceOf(cx, issuedAt(given.nonce)) === given.nonce
  const inTime = fresh && cx.now() / 1000 - issuedAt(given.nonce) <= NONCE_LIFE
  const right = logIn(x, given, inTime)
  const whose = ['REGISTER', 'PUBLISH'].includes(request.method) ? to?.user : caller?.user
  return right && whose === given.user
}

/** Expiry, time of issue, and what only this server can have added to them: 24 bytes in base64. */
function nonceOf({ persona }: Cx, issued: number): string {
  const head = Buffer.alloc(8)
  head.writeUInt32BE((issued + NONCE_LIFE) >>> 0)
  head.writeUInt32BE(issued >>> 0, 4)
  const proof = hash('md5', `${head.toString('hex')}${secretsOf(persona).nonce}`, 'buffer')
  return Buffer.concat([head, proof]).toString('base64')
}
const issuedAt = (nonce: string): number => {
  const bytes = Buffer.from(nonce, 'base64')
  return bytes.length === 24 ? bytes.readUInt32BE(4) : 0
}

function challenge({ request, cx }: Exchange, caller: Uri | undefined): Reply[] {
  const own = request.method === 'REGISTER'
  const realm = caller && /^[\w.:-]{1,128}$/.test(caller.host) ? caller.host : ownAddress(cx)
  const nonce = nonceOf(cx, Math.floor(cx.now() / 1000))
  const fields: Out[] = [[own ? 'WWW-Authenticate' : 'Proxy-Authenticate', `Digest realm="${realm}", nonce="${nonce}"`]]
  const tag = statelessTag({ request, cx })
  if (own) return [{ request, status: 401, reason: 'Unauthorized', tag, fields }]
  return [{ request, status: 407, reason: 'Proxy Authentication Required', tag, fields }]
}

type Say = (status: number, reason: string, fields?: readonly Out[]) => Reply[]
function registrar(x: Exchange, user: string, say: Say): Reply[] {
  const { attacker, request, cx } = x
  const now = cx.now()
  const result = register(request, attacker.bindings.get(user) ?? [], now, expiry)
  if (result === 'star')
    return say(400, 'Bad Request', [['P-Registrar-Error', '* used in contact and expires is not zero']])
  if (typeof result === 'string') return say(400, 'Bad Request', [['P-Registrar-Error', 'Invalid contact uri']])
  keepBindings(attacker, user, result)
  if (result.length === 0) return say(200, 'OK')
  const contacts = [...result].reverse().map(({ uri, q, until }) => {
    const left = Math.round((until - now) / 1000)
    return `<${uri}>${q === undefined ? '' : `;q=${q}`};expires=${left}`
  })
  return say(200, 'OK', [['Contact', contacts.join(', ')]])
}

/** A registered phone is never called: it is as one that has gone. */
function locate(x: Exchange, user: string): Reply[] {
  const { request, cx, attacker } = x
  const tag = transactionTag(x)
  const final = (status: number, reason: string): Reply[] => [{ request, status, reason, tag, fields: [] }]
  const trying: Reply = { request, status: 100, reason: 'trying -- your call is important to us', fields: [] }
  if (attacker.bindings.has(user)) {
    const gone = final(408, 'Request Timeout')
    return request.method === 'INVITE' ? [trying, ...gone] : gone
  }
  const outside = request.method === 'INVITE' && /^(?:\+|00)[1-9]\d{3,20}$/.test(user)
  return outside && cx.options.calls !== 'unknown' ? [trying, ...gateway(x, user)] : final(404, 'Not Found')
}

/** What the gateway to the telephone network says (route PSTN), which passes through here with a route back. */
function gateway(x: Exchange, number: string): Reply[] {
  const { request, cx, transport } = x
  const { calls } = cx.options
  const host = ownHost(cx)
  const say = (status: number, reason: string, tag: string, fields: readonly Out[] = [], body?: string): Reply[] => [
    { request, status, reason, tag, fields, foreign: true, ...(body === undefined ? {} : { body }) },
  ]
  const drawn = `gw${cx.random(6).toString('hex')}`
  if (calls === 'busy') return say(486, 'Busy Here', drawn)
  if (calls === 'decline') return say(603, 'Decline', drawn)
  const way: Out[] = [
    ['Record-Route', `<sip:${host}${transport === 'UDP' ? '' : ';transport=tcp'};lr>`],
    ['Contact', `<sip:${number}@${host}:5080>`],
  ]
  const call = begin(x, drawn, number, calls === 'answer')
  if (calls === 'ring') return say(180, 'Ringing', call.tag, way)
  const body = answerTo(call, cx, 'call', 150)
  if (body !== undefined) return say(200, 'OK', call.tag, [...way, ['Content-Type', 'application/sdp']], body)
  x.attacker.calls.delete(idOf(x))
  return say(488, 'Not Acceptable Here', call.tag)
}

/** The proxy's own word to what it carries on, then the gateway's to what was carried. */
function cancel(x: Exchange): Reply[] {
  const { request, attacker } = x
  const call = attacker.calls.get(idOf(x))
  if (!call || call.answered) return []
  attacker.calls.delete(idOf(x))
  return [
    { request, status: 200, reason: 'canceling', tag: transactionTag(x), fields: [] },
    { request: call.invite, status: 487, reason: 'Request Terminated', tag: call.tag, fields: [], foreign: true },
  ]
}

/** The To tag of answers without a transaction (sl), and of those with one (tm): a constant of the start, then a checksum of the request. */
const statelessTag = ({ request, cx }: Pick<Exchange, 'request' | 'cx'>): string =>
  `${secretsOf(cx.persona).stateless}.${checksum(request.fields)}`
const transactionTag = ({ request, cx }: Pick<Exchange, 'request' | 'cx'>): string =>
  `${secretsOf(cx.persona).transaction}-${checksum(request.fields)}`
const checksum = (fields: readonly Field[]): string =>
  md5(fields.flatMap(({ name, value }) => (['via', 'call-id', 'cseq'].includes(name) ? [value] : [])).join('\n')).slice(
    0,
    8,
  )

/** It copies lines as they came, in the order in which they came. */
export function encodeKamailio({ source, persona }: Cx) {
  return (reply: Reply, level = FULL): Buffer => {
    const { request, status, reason, tag, body = '' } = reply
    const lines: string[] = [`SIP/2.0 ${status} ${reason}`]
    let first = true
    for (const { name, line } of request.fields) {
      if (name === 'via') {
        lines.push(first ? received(line, source) : line)
        first = false
      } else if (name === 'to') {
        const tagged = parseAddress(fieldOf(request, 'to')!)?.tag !== undefined
        lines.push(tagged || tag === undefined ? line : `${line};tag=${tag}`)
      } else if (name === 'from' || name === 'call-id' || name === 'cseq') lines.push(line)
      else if (name === 'record-route' && status >= 180 && status < 300) lines.push(line)
    }
    lines.push(...linesOf(reply, level))
    if (level > 0 && !reply.foreign) lines.push(`Server: ${persona.software.sip.kamailio.server}`)
    lines.push(`Content-Length: ${body.length}`, '', body)
    return Buffer.from(lines.join('\r\n'), 'latin1')
  }
}

/** RFC 3581 §4, as it does it: the port into `rport`, the address behind all, where either is asked for or another. */
function received(line: string, { ip, port }: Cx['source']): string {
  const [top = ''] = splitValues(line.slice(line.indexOf(':') + 1), 2)
  const asked = /;\s*rport(?=;|$)/i.test(top)
  const address = asked || sentBy(top) !== ip ? `;received=${ip.includes(':') ? `[${ip}]` : ip}` : ''
  if (!asked) return `${line};rport=${port}${address}`
  const whole = line.replace(/;\s*rport(?=;|,|$)/i, `;rport=${port}`)
  // Behind the first value, where others follow it in the same line.
  const comma = whole.indexOf(',')
  return comma < 0 ? whole + address : whole.slice(0, comma) + address + whole.slice(comma)
}
