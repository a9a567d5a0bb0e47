import { hasMailbox, isOurs, readPath, splitAddress, withoutRoute } from './address.ts'
import { noteAddress } from './exploits.ts'
import { addToLetter, dropLetter, openLetter } from './letter.ts'
import { type Result, exchange as saslExchange } from './login.ts'
import { mechanisms } from './options.ts'
import { hadEnough, mayRelay } from './policy.ts'
import { conclude, receive } from './receive.ts'
import { type Command, clock, type Dialect, forgetMail, type Smtp, startTls } from './session.ts'
import { readChunk } from './wire.ts'

/**
 * The default receive connector of Exchange Server 2019, from Microsoft's documentation and from what scans of such servers
 * show; no recording stands behind it.
 */

const SIZE_LIMIT = 37_748_736
/** MaxProtocolErrors of a receive connector. */
const MISTAKES = 5

const host = ({ cx }: Smtp) => cx.persona.fqdn

export const exchange: Dialect = {
  greeting: smtp => `220 ${host(smtp)} Microsoft ESMTP MAIL Service ready at ${date(smtp)}\r\n`,
  timeout: () => '421 4.4.1 Connection timed out\r\n',
  lineLimit: 4000,
  mechanisms: ['NTLM', 'LOGIN'],

  async answer(smtp, command) {
    const reply = await answerOf(smtp, command)
    if (reply !== undefined) await smtp.conn.write(`${reply}\r\n`)
    if (command.verb === 'QUIT') return false
    if (reply === undefined || !/^50\d /.test(reply) || ++smtp.errors < MISTAKES) return true
    await smtp.conn.write('421 4.7.0 Too many errors on this connection, closing transmission channel\r\n')
    return false
  },
}

/** `Sun, 22 Nov 2026 05:50:20 +0000` in the machine's zone. */
function date(smtp: Smtp): string {
  const { offset } = smtp.cx.persona.timezone
  const minutes = Math.abs(offset)
  const zone = `${String(Math.floor(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}`
  const shown = new Date(clock(smtp) + offset * 60_000).toUTCString().replace(' GMT', '')
  return `${shown} ${offset < 0 ? '-' : '+'}${zone}`
}

type Verb = (smtp: Smtp, arg: string) => string | undefined | Promise<string | undefined>

function answerOf(smtp: Smtp, { verb, arg, line }: Command): ReturnType<Verb> {
  const found = verbs.get(verb)
  return found
    ? found(smtp, arg)
    : `500 5.3.3 Unrecognized command '${line.trim().split(' ')[0]!.slice(0, 64).toLowerCase()}'`
}

const hello =
  (verb: 'HELO' | 'EHLO'): Verb =>
  (smtp, arg) => {
    if (!/^[A-Za-z0-9._:[\]-]*$/.test(arg)) return '501 5.5.4 Invalid domain name'
    forgetMail(smtp)
    smtp.hello = { verb, name: arg }
    const first = `${host(smtp)} Hello [${smtp.cx.source.ip}]`
    if (verb === 'HELO') return `250 ${first}`
    const { encrypted } = smtp.cx
    // A password in plain text is asked for in TLS alone, unless the operator wants it.
    const offered = smtp.cx.options.mechanisms ?? smtp.mechanisms.filter(name => encrypted || name === 'NTLM')
    const lines = [
      first,
      `SIZE ${SIZE_LIMIT}`,
      'PIPELINING',
      'DSN',
      'ENHANCEDSTATUSCODES',
      ...(encrypted ? [] : ['STARTTLS']),
      'X-ANONYMOUSTLS',
      ...(offered.length > 0 ? [`AUTH ${offered.join(' ')}`] : []),
      'X-EXPS GSSAPI NTLM',
      '8BITMIME',
      'BINARYMIME',
      'CHUNKING',
      'SMTPUTF8',
      'XRDST',
    ]
    return lines.map((word, i) => `250${i === lines.length - 1 ? ' ' : '-'}${word}`).join('\r\n')
  }

/** What stands behind the colon: an address, with its parameters; nothing where it is none. */
function read(arg: string, word: 'FROM' | 'TO'): { address: string; params: string[] } | undefined {
  const said = new Map([
    ['FROM', /^FROM:(.*)$/is],
    ['TO', /^TO:(.*)$/is],
  ])
    .get(word)!
    .exec(arg)?.[1]
  if (said === undefined) return undefined
  const { address: inner, rest, broken } = readPath(said)
  const address = withoutRoute(inner)
  const { local } = splitAddress(address)
  const fits = /^".*"$/s.test(local) || !/[\s;,()<>"]/.test(address)
  return broken || !fits ? undefined : { address, params: rest.split(/ +/).filter(Boolean) }
}

const mail: Verb = (smtp, arg) => {
  noteAddress(smtp, arg.replace(/^FROM:\s*/i, ''))
  if (!smtp.hello) return '503 5.5.2 Send hello first'
  if (smtp.sender !== undefined) return '503 5.5.2 Sender already specified'
  const found = read(arg, 'FROM')
  if (!/^FROM:/i.test(arg)) return '501 5.5.4 Unrecognized parameter'
  if (!found) return '501 5.1.7 Invalid address'
  const size = /^SIZE=(\d{1,18})$/i.exec(found.params.find(param => /^SIZE=/i.test(param)) ?? '')?.[1]
  if (Number(size ?? 0) > SIZE_LIMIT) return '552 5.3.4 Message size exceeds fixed maximum message size'
  const odd = found.params.find(param => !/^(?:SIZE|BODY|AUTH|RET|ENVID)=|^(?:SMTPUTF8|XSHADOW)/i.test(param))
  if (odd !== undefined) return '501 5.5.4 Unrecognized parameter'
  if (mustLogIn(smtp)) return '530 5.7.57 Client not authenticated to send mail'
  if (hadEnough(smtp)) return '421 4.4.2 Message submission rate for this client has exceeded the configured limit'
  smtp.sender = found.address
  return '250 2.1.0 Sender OK'
}
/** The client front end, on 587. */
const mustLogIn = ({ submission, user }: Smtp) => submission && user === undefined

const rcpt: Verb = (smtp, arg) => {
  noteAddress(smtp, arg.replace(/^TO:\s*/i, ''))
  if (smtp.sender === undefined) return '503 5.5.2 Need mail command'
  const found = read(arg, 'TO')
  if (!found || found.address === '') return '501 5.1.3 Invalid address'
  if (smtp.recipients.length >= 200) return '452 4.5.3 Too many recipients'
  const { local, domain } = splitAddress(found.address)
  const { persona } = smtp.cx
  const ours = domain === undefined || isOurs(persona, domain)
  if (!ours && !mayRelay(smtp)) return '550 5.7.54 SMTP; Unable to relay recipient in non-accepted domain'
  if (ours && !hasMailbox(persona, local))
    return '550 5.1.10 RESOLVER.ADR.RecipientNotFound; Recipient not found by SMTP address lookup'
  smtp.recipients.push(found.address)
  smtp.foreign ||= !ours
  return '250 2.1.5 Recipient OK'
}

const ready = (smtp: Smtp) =>
  smtp.sender === undefined
    ? '503 5.5.2 Need mail command'
    : smtp.recipients.length === 0
      ? '503 5.5.2 Need Rcpt command'
      : undefined

const data: Verb = async smtp => {
  const refusal = ready(smtp)
  if (refusal !== undefined) return refusal
  await smtp.conn.write('354 Start mail input; end with <CRLF>.<CRLF>\r\n')
  await receive(smtp)
  return await finish(smtp)
}

const bdat: Verb = async (smtp, arg) => {
  const [, digits, last] = /^(\d{1,15})( +LAST)?$/i.exec(arg) ?? []
  if (digits === undefined) return '501 5.5.4 Invalid arguments'
  const count = Number(digits)
  const refusal = ready(smtp)
  if (refusal !== undefined) {
    await readChunk(smtp.conn, count, async () => {})
    return refusal
  }
  smtp.letter ??= openLetter(smtp)
  const { letter } = smtp
  await readChunk(smtp.conn, count, bytes => addToLetter(smtp, letter, bytes))
  return last === undefined ? `250 2.0.0 ${count} octets received` : await finish(smtp)
}

async function finish(smtp: Smtp): Promise<string> {
  const fits = smtp.letter!.size <= SIZE_LIMIT
  await conclude(smtp, fits)
  if (!fits) return '552 5.3.4 Message size exceeds fixed maximum message size'
  const id = smtp.cx.random(16).toString('hex')
  const internal = 10_000_000_000_000 + smtp.cx.random(5).readUIntBE(0, 5)
  return `250 2.6.0 <${id}@${host(smtp)}> [InternalId=${internal}, Hostname=${host(smtp)}] Queued mail for delivery`
}

const auth: Verb = async (smtp, arg) => {
  if (!smtp.hello) return '503 5.5.2 Send hello first'
  if (smtp.user !== undefined) return '503 5.5.2 Already authenticated'
  const [name = '', initial] = arg.split(/ +/)
  const mechanism = mechanisms.find(known => known === name.toUpperCase() && smtp.mechanisms.includes(known))
  if (!mechanism) return '504 5.7.4 Unrecognized authentication type'
  return results[
    await saslExchange(smtp, mechanism, initial, {
      cramChallenge: () => `<${smtp.cx.random(8).toString('hex')}@${host(smtp)}>`,
      ntlmStart: 'NTLM supported',
    })
  ]
}
const results: Readonly<Record<Result, string>> = {
  success: '235 2.7.0 Authentication successful',
  failure: '535 5.7.3 Authentication unsuccessful',
  broken: '535 5.7.3 Authentication unsuccessful',
  cancelled: '501 5.7.0 Authentication aborted',
  'not base64': '501 5.5.2 Invalid base64 data',
  nobody: '535 5.7.3 Authentication unsuccessful',
  'not expected': '501 5.5.4 Invalid arguments',
}

const tls: Verb = async smtp => {
  if (smtp.cx.encrypted) return '503 5.5.2 TLS already started'
  await smtp.conn.write('220 2.0.0 SMTP server ready\r\n')
  await startTls(smtp)
  return undefined
}

const verbs = new Map<string, Verb>([
  ['HELO', hello('HELO')],
  ['EHLO', hello('EHLO')],
  ['MAIL', mail],
  ['RCPT', rcpt],
  ['DATA', data],
  ['BDAT', bdat],
  ['AUTH', auth],
  ['STARTTLS', tls],
  ['VRFY', () => '252 2.1.5 Cannot VRFY user'],
  ['EXPN', () => '502 5.3.3 Command not implemented'],
  [
    'HELP',
    () =>
      '214-This server supports the following commands:\r\n214 HELO EHLO STARTTLS RCPT DATA RSET MAIL QUIT HELP AUTH BDAT',
  ],
  ['NOOP', () => '250 2.0.0 OK'],
  [
    'RSET',
    async smtp => {
      await dropLetter(smtp)
      forgetMail(smtp)
      return '250 2.0.0 Resetting'
    },
  ],
  ['QUIT', () => '221 2.0.0 Service closing transmission channel'],
])
