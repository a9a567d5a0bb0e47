import { splitAddress } from './address.ts'
import { judge, readAddress } from './exim-address.ts'
import { noteAddress } from './exploits.ts'
import { addToLetter, dropLetter, openLetter } from './letter.ts'
import { exchange, type Result } from './login.ts'
import { mechanisms } from './options.ts'
import { hadEnough } from './policy.ts'
import { conclude, receive } from './receive.ts'
import { type Command, clock, type Dialect, forgetMail, type Smtp, startTls } from './session.ts'
import { readChunk } from './wire.ts'

/**
 * Exim 4 as Debian's exim4-config sets it up for an Internet site, with TLS and with the log-ins that its template
 * proposes. Wordings recorded from exim4-daemon-heavy 4.96 (test/oracle/smtp-exim).
 */

/** message_size_limit, smtp_max_synprot_errors and smtp_max_unknown_commands. */
const SIZE_LIMIT = 52_428_800
const MISTAKES = 3

/** Of the persona's package, or of Debian 12's where another product is the persona's; Ubuntu adds its name. */
const version = ({ cx: { persona } }: Smtp) =>
  (persona.software.mail.product === 'Exim' ? persona.software.mail.version : '4.96') +
  (persona.os.id === 'ubuntu' ? ' Ubuntu' : '')
const host = ({ cx }: Smtp) => cx.persona.fqdn

export const exim: Dialect = {
  greeting: smtp => `220 ${host(smtp)} ESMTP Exim ${version(smtp)} ${date(smtp)}\r\n`,
  timeout: smtp => `421 ${host(smtp)}: SMTP command timeout - closing connection\r\n`,
  lineLimit: 16_384,
  mechanisms: ['PLAIN', 'LOGIN'],

  async answer(smtp, command) {
    const reply = await answerOf(smtp, command)
    if (reply === undefined) return true
    const { lines, over } = typeof reply === 'string' ? { lines: [reply], over: false } : reply
    const text = lines.map((line, i) => (i < lines.length - 1 ? line.replace(/^(\d{3}) /, '$1-') : line))
    await smtp.conn.write(`${text.join('\r\n')}\r\n`)
    return !over
  },
}

/** `Sun, 22 Nov 2026 05:50:20 +0000` in the machine's zone. */
function date(smtp: Smtp): string {
  const { offset } = smtp.cx.persona.timezone
  const shown = new Date(clock(smtp) + offset * 60_000).toUTCString().replace(' GMT', '')
  const minutes = Math.abs(offset)
  const zone = `${String(Math.floor(minutes / 60)).padStart(2, '0')}${String(minutes % 60).padStart(2, '0')}`
  return `${shown} ${offset < 0 ? '-' : '+'}${zone}`
}

type Said = { lines: string[]; over: boolean }
type Reply = string | undefined | Said
type Verb = (smtp: Smtp, arg: string, command: Command) => Reply | Promise<Reply>

const bye = (...lines: string[]): Said => ({ lines, over: true })

/** A mistake: the fourth of a connection is its end. */
function mistake(smtp: Smtp, ...lines: string[]): Reply {
  smtp.errors++
  if (smtp.errors <= MISTAKES) return { lines, over: false }
  return bye(...lines, `${lines[0]!.slice(0, 3)} Too many syntax or protocol errors`)
}

async function answerOf(smtp: Smtp, command: Command): Promise<Reply> {
  const { line, verb, arg } = command
  // Whatever follows a command that has to wait for its answer breaks the order, once anything was understood.
  const answer = /^[ \t]/.test(line) ? undefined : find(verb, arg)
  if (smtp.spoken && smtp.conn.held > 0 && !pipelined.has(answer ? verb : ''))
    return bye('554 SMTP synchronization error')
  if (!answer) {
    if (smtp.idle++ >= MISTAKES) return bye('500 Too many unrecognized commands')
    return mistake(smtp, '500 unrecognized command')
  }
  smtp.spoken = true
  return await answer(smtp, arg, command)
}

/** MAIL and RCPT are known by the word behind them too. */
function find(verb: string, arg: string): Verb | undefined {
  if (verb === 'MAIL' && !/^FROM:/i.test(arg)) return undefined
  if (verb === 'RCPT' && !/^TO:/i.test(arg)) return undefined
  return verbs.get(verb)
}
/** What may be sent without waiting (RFC 2920), and what never has to. */
const pipelined = new Set(['MAIL', 'RCPT', 'RSET', 'BDAT', 'QUIT', 'HELP'])

const hello = (smtp: Smtp, verb: 'HELO' | 'EHLO', arg: string): Reply => {
  const literal = /^\[(?:(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})|IPv6:[0-9a-fA-F:.]+)\]$/.exec(arg)
  const octets = literal?.[1] === undefined ? [] : literal.slice(1).map(Number)
  if (!/^[A-Za-z0-9._-]+$/.test(arg) && !(literal && octets.every(octet => octet < 256))) {
    smtp.errors++
    const refusal = `501 Syntactically invalid ${verb} argument(s)`
    return smtp.errors > MISTAKES ? bye(refusal) : refusal
  }
  forgetMail(smtp)
  smtp.hello = { verb, name: arg }
  const first = `250 ${host(smtp)} Hello ${arg} [${smtp.cx.source.ip}]`
  if (verb === 'HELO') return first
  const offered = [
    `SIZE ${SIZE_LIMIT}`,
    '8BITMIME',
    'PIPELINING',
    'PIPECONNECT',
    ...(smtp.mechanisms.length > 0 && smtp.user === undefined ? [`AUTH ${smtp.mechanisms.join(' ')}`] : []),
    'CHUNKING',
    ...(smtp.cx.encrypted ? [] : ['STARTTLS']),
    'PRDR',
    'HELP',
  ]
  return { lines: [first, ...offered.map(word => `250 ${word}`)], over: false }
}

const mail: Verb = (smtp, arg) => {
  const said = arg.slice(5).trim()
  noteAddress(smtp, said)
  if (!smtp.hello) return mistake(smtp, '503 HELO or EHLO required')
  if (smtp.sender !== undefined) return mistake(smtp, '503 sender already given')
  if (said === '') return mistake(smtp, '501 MAIL must have an address operand')
  const read = readAddress(said, param => /^(SIZE|BODY|AUTH|RET|ENVID)=|^(SMTPUTF8|PRDR)$/i.test(param))
  if ('error' in read) return read.counts ? mistake(smtp, read.error) : read.error
  const wrong = wrongParameter(read.params)
  if (wrong !== undefined) return wrong
  if (read.address !== '' && splitAddress(read.address).domain === undefined)
    return `501 <${read.address}>: sender address must contain a domain`
  if (hadEnough(smtp)) return '451 Temporary local problem - please try later'
  smtp.sender = read.address
  smtp.refusal = undefined
  return '250 OK'
}

function wrongParameter(params: readonly string[]): string | undefined {
  for (const param of params) {
    const [name = '', value = ''] = param.split(/=(.*)/s)
    const upper = name.toUpperCase()
    if (upper === 'SIZE' && Number(/^\d{1,18}/.exec(value)?.[0] ?? 0) > SIZE_LIMIT)
      return '552 Message size exceeds maximum permitted'
    if (upper === 'BODY' && !/^(7BIT|8BITMIME)$/i.test(value)) return '501 invalid data for BODY'
    if (upper === 'SMTPUTF8') return '501 SMTPUTF8 used when not advertised'
  }
  return undefined
}

const rcpt: Verb = (smtp, arg) => {
  const said = arg.slice(3).trim()
  noteAddress(smtp, said)
  if (smtp.sender === undefined) return refused(smtp, '503 sender not yet given', true)
  if (said === '') return mistake(smtp, '501 RCPT must have an address operand')
  const read = readAddress(said, () => false)
  if ('error' in read) return read.counts ? mistake(smtp, read.error) : read.error
  if (read.address === '') return mistake(smtp, '501 <>: missing or malformed local part')
  if (splitAddress(read.address).domain === undefined)
    return `501 <${read.address}>: recipient address must contain a domain`
  const { refusal, foreign } = judge(smtp, read.address)
  if (refusal !== undefined) return refused(smtp, `550 ${refusal}`, false)
  smtp.recipients.push(read.address)
  smtp.foreign ||= foreign
  return '250 Accepted'
}
/** DATA tells again why the last recipient was refused. */
function refused(smtp: Smtp, reply: string, counts: boolean): Reply {
  smtp.refusal = counts ? reply : reply.slice(4)
  return counts ? mistake(smtp, reply) : reply
}

const data: Verb = async (smtp, arg) => {
  if (arg !== '') return mistake(smtp, '501 unexpected argument data')
  if (smtp.recipients.length === 0) {
    const { refusal } = smtp
    const early = smtp.sender === undefined
    if (refusal === undefined) return mistake(smtp, '503 valid RCPT command must precede DATA')
    const lines = ['503 All RCPT commands were rejected with this error:', `503 ${refusal}`]
    const last = `503 ${early ? 'valid' : 'Valid'} RCPT command must precede DATA`
    return early ? mistake(smtp, ...lines, last) : { lines: [...lines, last], over: false }
  }
  await smtp.conn.write('354 Enter message, ending with "." on a line by itself\r\n')
  await receive(smtp)
  return await finish(smtp)
}

async function finish(smtp: Smtp): Promise<string> {
  const fits = smtp.letter!.size <= SIZE_LIMIT
  await conclude(smtp, fits)
  return fits ? `250 OK id=${messageId(smtp)}` : '552 Message size exceeds maximum permitted'
}

const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const base62 = (value: number, length: number) => {
  let out = ''
  for (let left = value; out.length < length; left = Math.floor(left / 62)) out = DIGITS[left % 62]! + out
  return out
}
/** Seconds, process id, and half milliseconds, each in base 62 (Exim's specification §3.4). */
function messageId(smtp: Smtp): string {
  const now = clock(smtp)
  const pid = 800 + (smtp.cx.random(3).readUIntBE(0, 3) % 31_000)
  return `${base62(Math.floor(now / 1000), 6)}-${base62(pid, 6)}-${base62(Math.floor((now % 1000) * 2), 2)}`
}

const bdat: Verb = async (smtp, arg) => {
  const [, digits, last] = /^(\d{1,15})(?: +(LAST)\b)?/i.exec(arg) ?? []
  if (digits === undefined) return mistake(smtp, '501 missing size for BDAT command')
  const count = Number(digits)
  if (smtp.recipients.length === 0) {
    await readChunk(smtp.conn, count, async () => {})
    return mistake(smtp, '503 valid RCPT command must precede BDAT')
  }
  smtp.letter ??= openLetter(smtp)
  const { letter } = smtp
  await readChunk(smtp.conn, count, bytes => addToLetter(smtp, letter, bytes))
  if (last === undefined) return `250 ${count} byte chunk received`
  const { size } = letter
  // A line of its own before the answer, as Exim sends it.
  await smtp.conn.write(`250- ${count} byte chunk, total ${totalOf(size, letter.kept.at(-1))}\r\n`)
  return await finish(smtp)
}
/** Exim ends a message that does not end in a line feed, and counts what it added. */
const totalOf = (size: number, tail: Buffer | undefined) => size + (tail?.at(-1) === 10 ? 1 : 3)

const auth: Verb = async (smtp, arg) => {
  if (smtp.hello?.verb !== 'EHLO' || smtp.mechanisms.length === 0)
    return mistake(smtp, '503 AUTH command used when not advertised')
  if (smtp.user !== undefined) return mistake(smtp, '503 already authenticated')
  if (smtp.sender !== undefined) return mistake(smtp, '503 not permitted in mail transaction')
  const [name = '', initial] = arg.split(/ +/)
  const mechanism = mechanisms.find(known => known === name.toUpperCase() && smtp.mechanisms.includes(known))
  if (!mechanism) return mistake(smtp, `504 ${name} authentication mechanism not supported`)
  return results[
    await exchange(smtp, mechanism, initial === '=' ? '' : initial, { cramChallenge, ntlmStart: 'NTLM supported' })
  ]
}
const results: Readonly<Record<Result, string>> = {
  success: '235 Authentication succeeded',
  failure: '535 Incorrect authentication data',
  broken: '535 Incorrect authentication data',
  cancelled: '501 Authentication cancelled',
  'not base64': '501 Invalid base64 data',
  nobody: '535 Incorrect authentication data',
  'not expected': '553 Initial data not expected',
}
const cramChallenge = (smtp: Smtp) =>
  `<${800 + (smtp.cx.random(2).readUInt16BE() % 31_000)}.${Math.floor(clock(smtp) / 1000)}@${host(smtp)}>`

const tls: Verb = async (smtp, arg) => {
  if (arg !== '') return mistake(smtp, '501 unexpected argument data')
  if (smtp.cx.encrypted) return mistake(smtp, '503 STARTTLS command used when not advertised')
  await smtp.conn.write('220 TLS go ahead\r\n')
  await startTls(smtp)
  return undefined
}

const vrfy: Verb = (_, arg) => {
  if (arg === '') return '501 empty address'
  return splitAddress(arg).domain === undefined
    ? `501 ${arg}: recipient address must contain a domain`
    : '252 Administrative prohibition'
}

const help: Verb = ({ mechanisms: { length }, cx }) => {
  const words = `${length > 0 ? 'AUTH ' : ''}${cx.encrypted ? '' : 'STARTTLS '}HELO EHLO MAIL RCPT DATA BDAT NOOP QUIT RSET HELP`
  return { lines: ['214 Commands supported:', `214 ${words}`], over: false }
}

const verbs = new Map<string, Verb>([
  ['HELO', (smtp, arg) => hello(smtp, 'HELO', arg)],
  ['EHLO', (smtp, arg) => hello(smtp, 'EHLO', arg)],
  ['MAIL', mail],
  ['RCPT', rcpt],
  ['DATA', data],
  ['BDAT', bdat],
  ['AUTH', auth],
  ['STARTTLS', tls],
  ['VRFY', vrfy],
  ['EXPN', () => '550 Administrative prohibition'],
  ['ETRN', () => '458 Administrative prohibition'],
  ['HELP', help],
  ['NOOP', () => '250 OK'],
  [
    'RSET',
    async smtp => {
      await dropLetter(smtp)
      forgetMail(smtp)
      return '250 Reset OK'
    },
  ],
  ['QUIT', smtp => bye(`221 ${host(smtp)} closing connection`)],
])
