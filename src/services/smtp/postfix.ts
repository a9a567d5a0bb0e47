import { noteAddress } from './exploits.ts'
import { addToLetter, dropLetter, openLetter } from './letter.ts'
import { exchange, type Result } from './login.ts'
import { mechanisms } from './options.ts'
import { hadEnough } from './policy.ts'
import { judge, judgeMail, judgeRcpt, readArgument } from './postfix-address.ts'
import { conclude, receive } from './receive.ts'
import { type Command, clock, type Dialect, forgetMail, type Smtp, startTls } from './session.ts'
import { readChunk } from './wire.ts'

/**
 * Postfix's smtpd(8) with Debian's main.cf for an Internet site and SASL switched on. Wordings recorded from postfix
 * 3.7.11 (test/oracle/smtp-postfix).
 */

/** message_size_limit, and smtpd's budgets for mistakes. */
const SIZE_LIMIT = 10_240_000
const SOFT_ERRORS = 10
const HARD_ERRORS = 20
const JUNK = 100
/** All carriage returns before a line feed are its: so many are looked for. */
const MOST_RETURNS = 64
/** smtpd_recipient_limit. */
const RECIPIENTS = 1000

const OK = '250 2.0.0 Ok'
const NEED_RCPT = '503 5.5.1 Error: need RCPT command'
const NO_RCPT = '554 5.5.1 Error: no valid recipients'
const UNKNOWN = '500 5.5.2 Error: command not recognized'
const GOODBYE = '221 2.7.0 Error: I can break rules, too. Goodbye.'

const host = ({ cx }: Smtp) => cx.persona.fqdn

export const postfix: Dialect = {
  greeting: smtp =>
    `220 ${host(smtp)} ESMTP Postfix (${smtp.cx.persona.os.id === 'debian' ? 'Debian/GNU' : 'Ubuntu'})\r\n`,
  timeout: smtp => `421 4.4.2 ${host(smtp)} Error: timeout exceeded\r\n`,
  lineLimit: 2048,
  mechanisms: ['PLAIN', 'LOGIN'],

  async answer(smtp, command) {
    const { verb, line } = command
    // smtpd_forbidden_commands, and fields of a message where a command should be.
    if (forbidden.has(verb) || /^[!-9;-~]+:/.test(line)) {
      await smtp.conn.write(`${GOODBYE}\r\n`)
      return false
    }
    if (verb === 'QUIT') {
      await smtp.conn.write('221 2.0.0 Bye\r\n')
      return false
    }
    const reply = await answerOf(smtp, command)
    if (reply === 'close') return false
    if (reply !== undefined) await say(smtp, reply)
    if (junk.has(verb) && ++smtp.idle > JUNK) smtp.errors++
    return await within(smtp)
  },
}

const forbidden = new Set(['CONNECT', 'GET', 'POST', '.'])
const junk = new Set(['NOOP', 'VRFY', 'ETRN', 'RSET', 'HELO', 'EHLO'])

/** Sends a reply; refusals beyond smtpd_soft_error_limit take a second longer (smtpd_error_sleep_time). */
async function say(smtp: Smtp, reply: string): Promise<void> {
  if (/^[45]/.test(reply)) {
    smtp.errors++
    if (smtp.errors > SOFT_ERRORS) await smtp.cx.pause(1)
  }
  await smtp.conn.write(`${reply}\r\n`)
}

async function within(smtp: Smtp): Promise<boolean> {
  if (smtp.errors < HARD_ERRORS) return true
  await smtp.cx.pause(1)
  await smtp.conn.write(`421 4.7.0 ${host(smtp)} Error: too many errors\r\n`)
  return false
}

type Reply = string | undefined | 'close'
type Verb = (smtp: Smtp, arg: string, command: Command) => Reply | Promise<Reply>

function answerOf(smtp: Smtp, command: Command): Reply | Promise<Reply> {
  const { verb, arg, line } = command
  if (line.trim() === '') return '500 5.5.2 Error: bad syntax'
  if (/[\x80-\xff]/.test(line) && !isUtf8(line)) return '500 5.5.2 Error: bad UTF-8 syntax'
  const answer = verbs.get(verb)
  return answer ? answer(smtp, arg, command) : UNKNOWN
}

const isUtf8 = (latin1: string) => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(latin1, 'latin1'))
    return true
  } catch {
    return false
  }
}

const helo: Verb = (smtp, arg) => {
  if (arg === '') return '501 Syntax: HELO hostname'
  forget(smtp)
  smtp.hello = { verb: 'HELO', name: arg }
  return `250 ${host(smtp)}`
}
const ehlo: Verb = (smtp, arg) => {
  if (arg === '') return '501 Syntax: EHLO hostname'
  forget(smtp)
  smtp.hello = { verb: 'EHLO', name: arg }
  const offered = [
    host(smtp),
    'PIPELINING',
    `SIZE ${SIZE_LIMIT}`,
    'VRFY',
    'ETRN',
    ...(smtp.cx.encrypted ? [] : ['STARTTLS']),
    ...(smtp.mechanisms.length > 0 ? [`AUTH ${smtp.mechanisms.join(' ')}`] : []),
    'ENHANCEDSTATUSCODES',
    '8BITMIME',
    'DSN',
    'SMTPUTF8',
    'CHUNKING',
  ]
  return offered.map((word, i) => `250${i === offered.length - 1 ? ' ' : '-'}${word}`).join('\r\n')
}

const mail: Verb = (smtp, arg) => {
  if (smtp.sender !== undefined) return '503 5.5.1 Error: nested MAIL command'
  noteAddress(smtp, arg.replace(/^FROM:\s*/i, ''))
  const read = readArgument(arg, 'FROM', '501 5.1.7 Bad sender address syntax')
  if ('error' in read) return read.error
  const refusal = judgeMail(read.params, SIZE_LIMIT)
  if (refusal !== undefined) return refusal
  if (hadEnough(smtp)) return `450 4.7.1 Error: too much mail from ${smtp.cx.source.ip}`
  smtp.sender = read.address
  return '250 2.1.0 Ok'
}

const rcpt: Verb = (smtp, arg) => {
  noteAddress(smtp, arg.replace(/^TO:\s*/i, ''))
  if (smtp.sender === undefined) return '503 5.5.1 Error: need MAIL command'
  if (smtp.letter) return '503 5.5.1 Error: RCPT after BDAT'
  const read = readArgument(arg, 'TO', '501 5.1.3 Bad recipient address syntax')
  if ('error' in read) return read.error
  if (read.address === '') return '501 5.1.3 Bad recipient address syntax'
  const wrong = judgeRcpt(read.params)
  if (wrong !== undefined) return wrong
  if (mustLogIn(smtp)) return clientRejected(smtp)
  if (smtp.recipients.length >= RECIPIENTS) return '452 4.5.3 Error: too many recipients'
  const { refusal, foreign } = judge(smtp, read.address)
  if (refusal !== undefined) return refusal
  smtp.recipients.push(read.address)
  smtp.foreign ||= foreign
  return '250 2.1.5 Ok'
}

/** smtpd_client_restrictions of submission in master.cf; a client's name is never known. */
const mustLogIn = ({ submission, user }: Smtp) => submission && user === undefined
const clientRejected = ({ cx }: Smtp) => `554 5.7.1 <unknown[${cx.source.ip}]>: Client host rejected: Access denied`

const data: Verb = async (smtp, arg) => {
  if (smtp.letter) return '503 5.5.1 Error: DATA after BDAT'
  if (smtp.recipients.length === 0) return smtp.sender === undefined ? NEED_RCPT : NO_RCPT
  if (arg !== '') return '501 5.5.4 Syntax: DATA'
  await smtp.conn.write('354 End data with <CR><LF>.<CR><LF>\r\n')
  await receive(smtp, MOST_RETURNS)
  return await finish(smtp, id => `${OK}: queued as ${id}`)
}

/** The message is whole: it is kept, unless it is too large. */
async function finish(smtp: Smtp, ok: (id: string) => string): Promise<string> {
  const fits = smtp.letter!.size <= SIZE_LIMIT
  await conclude(smtp, fits)
  if (!fits) return '552 5.3.4 Error: message file too big'
  smtp.errors = 0
  smtp.idle = 0
  return ok(queueId(smtp))
}

/** Microseconds and inode, as queue ids without `enable_long_queue_ids` are. */
function queueId(smtp: Smtp): string {
  const micros = (smtp.cx.random(3).readUIntBE(0, 3) % 1_000_000).toString(16).padStart(5, '0')
  const inode = 0x20000 + (smtp.cx.persona.derive('postfix inodes', 3).readUIntBE(0, 3) % 0x60000)
  return `${micros}${(inode + (Math.floor(clock(smtp) / 977) % 0x1000)).toString(16)}`.toUpperCase()
}

const bdat: Verb = async (smtp, arg) => {
  const [, digits, last] = /^(\d{1,15})( +LAST)?$/i.exec(arg) ?? []
  if (digits === undefined) {
    await smtp.conn.write('521 5.5.4 Syntax: BDAT count [LAST]\r\n')
    return 'close'
  }
  const count = Number(digits)
  if (smtp.recipients.length === 0) {
    await readChunk(smtp.conn, count, async () => {})
    if (smtp.bdatFailed) {
      smtp.bdatFailed = last === undefined
      return `551 5.0.0 Discarded ${count} bytes after earlier error`
    }
    smtp.bdatFailed = last === undefined
    return smtp.sender === undefined ? NEED_RCPT : NO_RCPT
  }
  if (count === 0 && last === undefined) {
    await dropLetter(smtp)
    forget(smtp)
    smtp.bdatFailed = true
    return '551 5.7.1 Null BDAT request'
  }
  smtp.letter ??= openLetter(smtp)
  const { letter } = smtp
  await readChunk(smtp.conn, count, bytes => addToLetter(smtp, letter, bytes))
  if (last === undefined) return `${OK}: ${count} bytes`
  // The last line gets an end if it has none.
  if (letter.last !== '\r\n') await addToLetter(smtp, letter, Buffer.from('\r\n'))
  const { size } = letter
  return await finish(smtp, id => `${OK}: ${size} bytes queued as ${id}`)
}

const auth: Verb = async (smtp, arg) => {
  if (smtp.mechanisms.length === 0) return '503 5.5.1 Error: authentication not enabled'
  if (smtp.sender !== undefined) return '503 5.5.1 Error: MAIL transaction in progress'
  if (smtp.user !== undefined) return '503 5.5.1 Error: already authenticated'
  const [name = '', initial, more] = arg.split(/ +/)
  if (name === '' || more !== undefined) return '501 5.5.4 Syntax: AUTH mechanism'
  const mechanism = mechanisms.find(known => known === name.toUpperCase() && smtp.mechanisms.includes(known))
  if (!mechanism) return `${FAILED}: no mechanism available`
  const result = await exchange(smtp, mechanism, initial === '=' ? '' : initial, {
    cramChallenge,
    ntlmStart: '',
  })
  return results[result === 'broken' && initial === '=' ? 'not expected' : result]
}
const FAILED = '535 5.7.8 Error: authentication failed'
/** Cyrus SASL has no answer to a log-in by LOGIN without a name. */
const NO_NAME = '454 4.7.0 Temporary authentication failure: generic failure'
const results: Readonly<Record<Result, string>> = {
  success: '235 2.7.0 Authentication successful',
  failure: `${FAILED}: authentication failure`,
  cancelled: '501 5.7.0 Authentication aborted',
  'not base64': `${FAILED}: bad protocol / cancel`,
  broken: `${FAILED}: bad protocol / cancel`,
  nobody: NO_NAME,
  'not expected': `${FAILED}: another step is needed in authentication`,
}
/** Cyrus SASL's: random number and seconds. */
function cramChallenge(smtp: Smtp): string {
  return `<${smtp.cx.random(4).readUInt32BE()}.${Math.floor(clock(smtp) / 1000) % 1e8}@${host(smtp)}>`
}

const tls: Verb = async (smtp, arg) => {
  if (arg !== '') return '501 5.5.4 Syntax: STARTTLS'
  if (smtp.cx.encrypted) return '554 5.5.1 Error: TLS already active'
  await smtp.conn.write('220 2.0.0 Ready to start TLS\r\n')
  await startTls(smtp)
  return undefined
}

const vrfy: Verb = (smtp, arg) => {
  if (arg === '') return '501 5.5.4 Syntax: VRFY address [SMTPUTF8]'
  const read = readArgument(`TO:${arg}`, 'TO', '501 5.1.3 Bad recipient address syntax')
  if ('error' in read || read.address === '') return '501 5.1.3 Bad recipient address syntax'
  if (mustLogIn(smtp)) return clientRejected(smtp)
  const { refusal } = judge(smtp, read.address)
  return refusal ?? `252 2.0.0 ${read.address}`
}

const etrn: Verb = (smtp, arg) => {
  if (smtp.sender !== undefined) return '503 Error: MAIL transaction in progress'
  if (arg === '' || arg.includes(' ')) return '500 Syntax: ETRN domain'
  return `459 <${arg}>: service unavailable`
}

function forget(smtp: Smtp): void {
  forgetMail(smtp)
  smtp.bdatFailed = false
}
const rset: Verb = async (smtp, arg) => {
  if (arg !== '') return '501 5.5.4 Syntax: RSET'
  await dropLetter(smtp)
  forget(smtp)
  return OK
}

const verbs = new Map<string, Verb>([
  ['HELO', helo],
  ['EHLO', ehlo],
  ['MAIL', mail],
  ['RCPT', rcpt],
  ['DATA', data],
  ['BDAT', bdat],
  ['AUTH', auth],
  ['STARTTLS', tls],
  ['VRFY', vrfy],
  ['ETRN', etrn],
  ['RSET', rset],
  ['NOOP', () => OK],
  ['XCLIENT', () => '550 5.7.0 Error: insufficient authorization'],
  ['XFORWARD', () => '550 5.7.0 Error: insufficient authorization'],
])
