import { parseAddress, parseUri } from './address.ts'
import { type Credentials, hashOf, parseCredentials, passwordBehind } from './digest.ts'
import { fieldOf } from './message.ts'
import { readDialled } from './numbers.ts'
import { codecsOf, parseSdp } from './sdp.ts'
import { accessFor, accountOf, type Cx, type Exchange, shown } from './state.ts'

/** Fields that say what a request is about, beyond its first line. */
const telling = ['event', 'refer-to', 'subject', 'replaces', 'referred-by'] as const

/** Names that scanners and dialling bots have in User-Agent, Server or From, and never changed. */
const scanners =
  /friendly-?(?:scanner|request)|sipvicious|sundayddr|sipcli|sipptk|pplsip|vax(?:sip|ip)useragent|sip-?scan|sivus|iwar|smap|siparmyknife|mr\.?sip|nmap|masscan|zgrab|gulp\b/i

/** What each conversation was heard to call itself. */
const told = new WeakMap<Cx, Set<string>>()

/** Every request is an event; whose software it is, once a conversation. */
export function noteRequest({ request, cx, again }: Exchange): void {
  if (again) return
  const about = telling.flatMap(name => {
    const value = fieldOf(request, name)
    return value === undefined ? [] : [`${name}: ${value}`]
  })
  // Keys that are pressed in a call stand there (application/dtmf-relay).
  if (request.method === 'INFO' && request.body.length > 0)
    about.push(request.body.toString('latin1', 0, 200).trim().replaceAll('\r\n', ' '))
  // Whose telephone it is stands there alone.
  if (request.method === 'REGISTER') about.push(`To: ${fieldOf(request, 'to') ?? ''}`)
  cx.record.command({ line: shown([request.method, request.uri, ...about].join(' ')), verb: shown(request.method, 32) })
  const agent = shown(fieldOf(request, 'user-agent') ?? '', 256)
  const from = shown(fieldOf(request, 'from') ?? '', 256)
  const before = told.get(cx) ?? new Set()
  told.set(cx, before)
  if (agent !== '' && !before.has(agent) && before.size < 16) {
    before.add(agent)
    cx.record.environment({ name: 'User-Agent', value: agent })
  }
  const sign = [agent, from].find(text => scanners.test(text))
  if (sign !== undefined && !before.has('scanner')) {
    before.add('scanner')
    cx.record.exploit({ id: 'sip-scanner', name: 'Scanner of telephone systems', evidence: sign })
  }
}

/** A call somebody asked for, whatever became of it. */
export function noteCall({ request, cx, again }: Exchange, status: number): void {
  if (again) return
  const user = parseUri(request.uri)?.user ?? ''
  const from = parseAddress(fieldOf(request, 'from') ?? '')
  const agent = fieldOf(request, 'user-agent')
  const sdp = parseSdp(request.body)
  cx.record.call({
    dialled: shown(user === '' ? request.uri : user, 128),
    ...readDialled(user),
    from: shown(from?.uri ?? '', 256),
    ...(from?.display ? { display: shown(from.display.replace(/^"|"$/g, ''), 128) } : {}),
    callId: shown(fieldOf(request, 'call-id') ?? '', 256),
    ...(agent === undefined ? {} : { userAgent: shown(agent, 256) }),
    status,
    ...(sdp
      ? { media: { address: shown(sdp.address, 64), port: sdp.port, codecs: codecsOf(sdp).map(name => shown(name)) } }
      : {}),
  })
}

/** Log-ins in which a password is looked for, of one address in a minute: two thousand digests cost a millisecond each. */
const GUESSES = 600

/** The credentials of a request in that field. */
export const credentialsOf = ({ request }: Exchange, field: 'authorization' | 'proxy-authorization') => {
  const value = fieldOf(request, field)
  return value === undefined ? undefined : parseCredentials(value)
}

/** Is somebody let in? `fresh`: the nonce was ours, and in time; otherwise it is written down and refused. */
export function logIn({ request, cx, attacker, again }: Exchange, given: Credentials, fresh: boolean): boolean {
  const { guessed } = attacker
  if (cx.now() - guessed.since > 60_000) Object.assign(guessed, { since: cx.now(), count: 0 })
  const password = ++guessed.count <= GUESSES ? passwordBehind(given, request.method, cx.options.access) : undefined
  const right = fresh && password !== undefined && accessFor(cx).password(accountOf(given.user, cx.persona), password)
  if (again) return right
  const hash = hashOf(given, request.method, cx.destination.ip, cx.source.ip)
  cx.record.login({
    method: 'sip-digest',
    user: shown(given.user, 128),
    ...(password === undefined ? {} : { password: shown(password, 128) }),
    ...(hash === undefined ? {} : { hash: shown(hash, 2048) }),
    outcome: right ? 'success' : 'failure',
  })
  return right
}

/** Messages of one address that are kept. */
const MOST_MESSAGES = 200

/** What somebody wrote to somebody is kept as a file. */
export async function keepMessage({ request, cx, attacker, again }: Exchange): Promise<void> {
  if (again || request.body.length === 0 || ++attacker.messages > MOST_MESSAGES) return
  const sample = cx.sample()
  await sample.write(request.body)
  const to = parseUri(request.uri)?.user ?? 'nobody'
  cx.record.fileUpload({ path: shown(`/MESSAGE/${to}`, 256), sample: await sample.close() })
}
