import { ntlmAnswer, ntlmChallenge, ntlmType } from '#codec/ntlm.ts'
import { readBase64, readCramMd5, readPlain } from '#codec/sasl.ts'
import { tryPassword as tryMailbox } from '#mailbox/auth.ts'
import type { Mechanism } from './options.ts'
import { clock, latin, type Smtp } from './session.ts'
import { readLine } from './wire.ts'

/** How an exchange ended, for the product to put into words. */
export type Result = 'success' | 'failure' | 'cancelled' | 'not base64' | 'broken' | 'not expected' | 'nobody'

/** Bytes of a line of an exchange (RFC 4954 §4). */
const MAX_LINE = 12_288

/** What differs between products in the exchange itself. */
export type Prompts = {
  cramChallenge(smtp: Smtp): string
  /** NTLM asks for its first message with these words. */
  ntlmStart: string
}

/** Leads one AUTH exchange to its end; `initial` is what stood behind the mechanism, if anything did. */
export async function exchange(
  smtp: Smtp,
  mechanism: Mechanism,
  initial: string | undefined,
  prompts: Prompts,
): Promise<Result> {
  if (mechanism === 'PLAIN') return await plain(smtp, initial)
  if (mechanism === 'LOGIN') return await login(smtp, initial)
  if (mechanism === 'NTLM') return await ntlm(smtp, initial, prompts.ntlmStart)
  return initial === undefined ? await cramMd5(smtp, prompts.cramChallenge(smtp)) : 'not expected'
}

async function ask(smtp: Smtp, prompt: string): Promise<Buffer | Result> {
  await smtp.conn.write(`334 ${prompt}\r\n`)
  const { text } = await readLine(smtp.conn, MAX_LINE)
  return decoded(text)
}
const decoded = (text: string): Buffer | Result =>
  text === '*' ? 'cancelled' : (readBase64(text.replaceAll(' ', '')) ?? 'not base64')
const base64 = (text: string) => Buffer.from(text, 'latin1').toString('base64')

async function plain(smtp: Smtp, initial: string | undefined): Promise<Result> {
  const message = initial === undefined ? await ask(smtp, '') : decoded(initial)
  if (typeof message === 'string') return message
  const said = readPlain(message)
  if (!said) return 'broken'
  return tryPassword(smtp, 'PLAIN', said.user, said.password)
}

async function login(smtp: Smtp, initial: string | undefined): Promise<Result> {
  const user = initial === undefined ? await ask(smtp, base64('Username:')) : decoded(initial)
  if (typeof user === 'string') return user
  const password = await ask(smtp, base64('Password:'))
  if (typeof password === 'string') {
    smtp.cx.record.login({ method: 'LOGIN', user: latin(user.toString('latin1'), 512), outcome: 'failure' })
    return password
  }
  const result = tryPassword(smtp, 'LOGIN', user.toString('latin1'), password.toString('latin1'))
  return user.length === 0 && result === 'failure' ? 'nobody' : result
}

/** A challenge and its answer can be cracked, not compared: nobody gets in by one. */
async function cramMd5(smtp: Smtp, challenge: string): Promise<Result> {
  const answer = await ask(smtp, base64(challenge))
  if (typeof answer === 'string') return answer
  const said = readCramMd5(answer, challenge)
  if (!said) return 'broken'
  const { user, hash } = said
  smtp.cx.record.login({ method: 'CRAM-MD5', user: latin(user, 512), hash, outcome: 'failure' })
  return 'failure'
}

async function ntlm(smtp: Smtp, initial: string | undefined, start: string): Promise<Result> {
  const first = initial === undefined ? await ask(smtp, start) : decoded(initial)
  if (first === 'not base64' && initial !== undefined) return 'not expected'
  if (typeof first === 'string') return first
  if (ntlmType(first) !== 1) return 'broken'
  const { persona } = smtp.cx
  const challenge = smtp.cx.random(8)
  const target = ntlmTarget(smtp)
  const answer = await ask(smtp, ntlmChallenge({ ...target, now: clock(smtp) }, challenge).toString('base64'))
  if (typeof answer === 'string') return answer
  if (ntlmType(answer) !== 3) return 'broken'
  const { user, domain, workstation, hash } = ntlmAnswer(answer, challenge)
  const name = domain === '' || domain === persona.hostname.toUpperCase() ? user : `${domain}\\${user}`
  smtp.cx.record.login({
    method: workstation === '' ? 'NTLM' : `NTLM from ${workstation.slice(0, 64)}`,
    user: name.slice(0, 512),
    ...(hash === undefined ? {} : { hash: hash.slice(0, 4096) }),
    outcome: 'failure',
  })
  return 'failure'
}

function ntlmTarget({ cx: { persona }, product }: Smtp) {
  const computer = persona.hostname.toUpperCase().slice(0, 15)
  const names = { dnsDomain: persona.domain, dnsComputer: persona.fqdn }
  if (product !== 'Exchange') return { domain: computer, computer, ...names }
  const domain = persona.domain.split('.')[0]!.toUpperCase().slice(0, 15)
  return { domain, computer, ...names, version: [10, 0, 17763] as const }
}

/** One try, as at any mailbox of the machine. */
function tryPassword(smtp: Smtp, method: string, user: string, password: string): Result {
  const { cx, access } = smtp
  const result = tryMailbox({ persona: cx.persona, record: cx.record, access }, method, user, password)
  if (typeof result !== 'object') return 'failure'
  smtp.user = result.user
  return 'success'
}
