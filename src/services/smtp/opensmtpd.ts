import { hasMailbox, isOurs, readPath, splitAddress, withoutRoute } from './address.ts'
import { noteAddress } from './exploits.ts'
import { dropLetter } from './letter.ts'
import { exchange, type Result } from './login.ts'
import { mechanisms } from './options.ts'
import { hadEnough, mayRelay } from './policy.ts'
import { conclude, receive } from './receive.ts'
import { type Command, type Dialect, forgetMail, type Smtp, startTls } from './session.ts'

/**
 * OpenSMTPD with TLS offered and log-ins allowed in it (`listen on … tls auth-optional`). Wordings recorded from Debian 12's
 * opensmtpd 6.8.0p2 (test/oracle/smtp-opensmtpd).
 */

const SIZE_LIMIT = 36_700_160
/** smtp limit max-rcpt. */
const RECIPIENTS = 1000

const NOT_NOW = '503 5.5.1 Invalid command: Command not allowed at this point.'
const UNKNOWN = '500 5.5.1 Invalid command: Command unrecognized'
const NO_ARGUMENTS = '500 5.5.4 Invalid command arguments: command does not accept arguments.'

const host = ({ cx }: Smtp) => cx.persona.fqdn

export const opensmtpd: Dialect = {
  greeting: smtp => `220 ${host(smtp)} ESMTP OpenSMTPD\r\n`,
  timeout: () => '421 4.4.1 Bad connection: Session timeout\r\n',
  lineLimit: 2048,
  mechanisms: ['PLAIN', 'LOGIN'],

  async answer(smtp, command) {
    if (command.cut) {
      await smtp.conn.write('500 5.0.0 Command line too long\r\n')
      return false
    }
    // Whoever does not wait for an answer is closed on.
    if (smtp.conn.held > 0) {
      await smtp.conn.write(`${PIPELINING}\r\n`)
      return false
    }
    const reply = await answerOf(smtp, command)
    if (reply !== undefined) await smtp.conn.write(`${reply}\r\n`)
    return reply !== BYE && reply !== PIPELINING
  },
}
const BYE = '221 2.0.0 Bye'
const PIPELINING = '500 5.5.1 Invalid command: Pipelining not supported'

type Verb = (smtp: Smtp, arg: string, line: string) => string | undefined | Promise<string | undefined>

function answerOf(smtp: Smtp, { verb, arg, line }: Command): ReturnType<Verb> {
  const found = /^[ \t]/.test(line) ? undefined : verbs.get(verb)
  if (!found || (verb === 'MAIL' && !/^FROM:/i.test(arg)) || (verb === 'RCPT' && !/^TO:/i.test(arg))) return UNKNOWN
  return found(smtp, arg, line)
}

/** A command that takes no argument, not even a blank. */
const bare =
  (verb: Verb): Verb =>
  (smtp, arg, line) =>
    /[ \t]/.test(line) ? NO_ARGUMENTS : verb(smtp, arg, line)

const hello =
  (verb: 'HELO' | 'EHLO'): Verb =>
  (smtp, arg) => {
    if (smtp.hello) return '503 5.5.1 Invalid command: Already identified'
    if (!/^(?:[A-Za-z0-9._-]+|\[[A-Za-z0-9:.]+\])$/.test(arg))
      return `501 5.5.1 Invalid command: ${verb} requires domain name`
    smtp.hello = { verb, name: arg }
    const first = `${host(smtp)} Hello ${arg} [${smtp.cx.source.ip}], pleased to meet you`
    if (verb === 'HELO') return `250 ${first}`
    const offered = ['8BITMIME', 'ENHANCEDSTATUSCODES', `SIZE ${SIZE_LIMIT}`, 'DSN']
    if (!smtp.cx.encrypted) offered.push('STARTTLS')
    else if (smtp.mechanisms.length > 0) offered.push(`AUTH ${smtp.mechanisms.join(' ')}`)
    return `${[first, ...offered].map(word => `250-${word}\r\n`).join('')}250 HELP`
  }

/** `<address> parameters`, or nothing where the address is none by smtp_mailaddr(). */
function read(said: string): { address: string; params: string[] } | undefined {
  const text = said.trim()
  if (!text.startsWith('<')) return undefined
  const { address: inner, rest, broken } = readPath(text)
  const address = withoutRoute(inner)
  const { local, domain } = splitAddress(address)
  const fits =
    address === '' ||
    (/^[A-Za-z0-9!#$%&'*+/=?^_`{|}~.-]{1,255}$/.test(local) && /^[A-Za-z0-9.:[\]_-]*$/.test(domain ?? ''))
  return broken || !fits ? undefined : { address, params: rest.split(/ +/).filter(Boolean) }
}

const mail: Verb = (smtp, arg) => {
  const said = arg.slice(5)
  noteAddress(smtp, said.trim())
  if (!smtp.hello || smtp.sender !== undefined) return NOT_NOW
  const found = read(said)
  if (!found) return '553 5.1.0 Sender address syntax error'
  const odd = found.params.find(param => !/^(?:SIZE=|AUTH=|ENVID=|RET=|BODY=(?:7BIT|8BITMIME)$)/i.test(param))
  if (odd !== undefined) return `503 5.5.4 Invalid command arguments: Unsupported option ${odd}`
  if (hadEnough(smtp)) return '421 4.3.0 Temporary failure'
  smtp.sender = found.address
  return '250 2.0.0 Ok'
}

const rcpt: Verb = (smtp, arg) => {
  const said = arg.slice(3)
  noteAddress(smtp, said.trim())
  if (smtp.sender === undefined) return NOT_NOW
  const found = read(said)
  if (!found || found.address === '') return '501 5.1.3 Recipient address syntax error'
  const odd = found.params.find(param => !/^(?:NOTIFY|ORCPT)=/i.test(param))
  if (odd !== undefined) return `503 Unsupported option ${odd}`
  if (smtp.recipients.length >= RECIPIENTS) return '451 4.5.3 Too many recipients: Too many recipients'
  const { local, domain } = splitAddress(found.address)
  const { persona } = smtp.cx
  const ours = domain === undefined || isOurs(persona, domain)
  const taken = ours ? hasMailbox(persona, local.split('+')[0]!) : mayRelay(smtp)
  if (!taken) return `550 Invalid recipient: <${found.address}>`
  smtp.recipients.push(found.address)
  smtp.foreign ||= !ours
  return '250 2.1.5 Destination address valid: Recipient ok'
}

const data: Verb = async smtp => {
  if (smtp.sender === undefined) return NOT_NOW
  if (smtp.recipients.length === 0) return '503 5.5.4 Invalid command arguments: No recipient specified'
  await smtp.conn.write('354 Enter mail, end with "." on a line by itself\r\n')
  const letter = await receive(smtp)
  const start = Buffer.concat(letter.kept).toString('latin1', 0, 1024)
  const fits = letter.size <= SIZE_LIMIT
  // The first line has to be a field, or the end of all fields.
  const compliant = start === '' || /^(?:[!-9;-~]+[ \t]*:|\r?\n)/.test(start)
  const waits = smtp.conn.held === 0
  await conclude(smtp, fits && compliant && waits)
  if (!waits) return PIPELINING
  if (!compliant) return '550 5.7.1 Delivery not authorized, message refused: Message is not RFC 2822 compliant'
  if (!fits) return '554 5.3.4 Message too big'
  return `250 2.0.0 ${smtp.cx.random(4).toString('hex')} Message accepted for delivery`
}

const auth: Verb = async (smtp, arg) => {
  if (smtp.sender !== undefined || !smtp.hello) return NOT_NOW
  if (!smtp.cx.encrypted || smtp.mechanisms.length === 0) return '503 5.5.1 Invalid command: Command not supported'
  if (smtp.user !== undefined) return '503 5.5.1 Invalid command: Already authenticated'
  const [name = '', initial] = arg.split(/ +/)
  const mechanism = mechanisms.find(known => known === name.toUpperCase() && smtp.mechanisms.includes(known))
  if (!mechanism) return `504 5.5.4 Command parameter not implemented: method "${name.slice(0, 64)}"`
  return results[
    await exchange(smtp, mechanism, initial, {
      cramChallenge: () => `<${smtp.cx.random(8).toString('hex')}@${host(smtp)}>`,
      ntlmStart: '',
    })
  ]
}
const results: Readonly<Record<Result, string>> = {
  success: '235 2.0.0 Authentication succeeded',
  failure: '535 Authentication failed',
  broken: '501 5.5.4 Invalid command arguments: Syntax error',
  cancelled: '501 5.5.4 Invalid command arguments: Syntax error',
  'not base64': '501 5.5.4 Invalid command arguments: Syntax error',
  nobody: '535 Authentication failed',
  'not expected': '501 5.5.4 Invalid command arguments: Syntax error',
}

const tls: Verb = async (smtp, arg) => {
  if (arg !== '') return '501 5.5.4 Invalid command arguments: No parameters allowed'
  if (!smtp.hello || smtp.cx.encrypted) return '503 5.5.1 Invalid command: Channel already secured'
  await smtp.conn.write('220 2.0.0 Ready to start TLS\r\n')
  await startTls(smtp)
  return undefined
}

const HELP = [
  '214-2.0.0 This is OpenSMTPD',
  '214-2.0.0 To report bugs in the implementation, please contact bugs@openbsd.org',
  '214-2.0.0 with full details',
  '214 2.0.0 End of HELP info',
].join('\r\n')

const verbs = new Map<string, Verb>([
  ['HELO', hello('HELO')],
  ['EHLO', hello('EHLO')],
  ['MAIL', mail],
  ['RCPT', rcpt],
  ['DATA', bare(data)],
  ['AUTH', auth],
  ['STARTTLS', tls],
  ['HELP', bare(() => HELP)],
  ['NOOP', bare(() => '250 2.0.0 Ok')],
  [
    'RSET',
    bare(async smtp => {
      if (!smtp.hello) return NOT_NOW
      await dropLetter(smtp)
      forgetMail(smtp)
      return '250 2.0.0 Reset state'
    }),
  ],
  ['QUIT', bare(() => BYE)],
])
