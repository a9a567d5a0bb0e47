import type { Access } from '#access/access.ts'
import { readBase64, readCramMd5, readPlain, readScramFinal, readScramFirst } from '#codec/sasl.ts'
import type { Details } from '#events/actions.ts'
import { text } from '#events/text.ts'
import type { Persona } from '#persona/persona.ts'

export const mechanisms = ['PLAIN', 'LOGIN', 'CRAM-MD5', 'SCRAM-SHA-256'] as const
export type Mechanism = (typeof mechanisms)[number]

/** What a log-in needs of the conversation that it takes place in. */
export type Desk = {
  persona: Persona
  access: Access
  record: { login(details: Details<'login'>): void }
  random(bytes: number): Buffer
  now(): number
  /** Sends a challenge (base64) and gets the answer line, without its end. */
  ask(challenge: string): Promise<string>
}

/** Bytes of a line of an exchange (Dovecot's LOGIN_MAX_AUTH_BUF_SIZE). */
const MAX_LINE = 8192

/** A connection that is not logged in yet, and what of its context a log-in needs. */
type Door = {
  conn: { write(line: string): Promise<void>; readLine(max: number): Promise<Buffer> }
  cx: Pick<Desk, 'persona' | 'record' | 'random' | 'now'>
  access: Access
}

/** Where IMAP and POP3 log in: both lead exchanges by a plus and lines of base64. */
export const deskOf = ({ conn, cx, access }: Door): Desk => ({
  persona: cx.persona,
  access,
  record: cx.record,
  random: bytes => cx.random(bytes),
  now: () => cx.now() + cx.persona.clockSkew,
  async ask(challenge) {
    await conn.write(`+ ${challenge}\r\n`)
    return (await conn.readLine(MAX_LINE)).toString('latin1')
  },
})

/** Who is logged in, or how it failed: wrong, given up by the client, or not in base64. */
export type Result = { user: string } | 'failed' | 'aborted' | 'not base64'

const latin = (said: string) => text(Buffer.from(said, 'latin1'), 512)
const base64 = (said: string) => Buffer.from(said, 'latin1').toString('base64')

/** One SASL exchange (RFC 4422) as Dovecot leads it; `initial` is the client's first answer where it came at once. */
export async function authenticate(desk: Desk, mechanism: Mechanism, initial: string | undefined): Promise<Result> {
  try {
    const first = async (challenge: string) =>
      initial === undefined ? await answer(desk, challenge) : decoded(initial)
    if (mechanism === 'PLAIN') return plain(desk, await first(''))
    if (mechanism === 'LOGIN') {
      const user = (await first(base64('Username:'))).toString('latin1')
      return tryPassword(desk, 'LOGIN', user, (await answer(desk, base64('Password:'))).toString('latin1'))
    }
    if (mechanism === 'CRAM-MD5') return await cramMd5(desk)
    return await scram(desk, await first(''))
  } catch (error) {
    if (error instanceof Refusal) return error.result
    throw error
  }
}

class Refusal extends Error {
  readonly result: 'aborted' | 'not base64'
  constructor(result: 'aborted' | 'not base64') {
    super(result)
    this.result = result
  }
}

function decoded(said: string): Buffer {
  if (said === '*') throw new Refusal('aborted')
  // `=` stands for an answer of no length (RFC 4959).
  const bytes = said === '=' ? Buffer.alloc(0) : readBase64(said)
  if (!bytes) throw new Refusal('not base64')
  return bytes
}
const answer = async (desk: Desk, challenge: string) => decoded(await desk.ask(challenge))

function plain(desk: Desk, message: Buffer): Result {
  const said = readPlain(message)
  return said ? tryPassword(desk, 'PLAIN', said.user, said.password) : 'failed'
}

/** One try; many clients give the mail address for a user's name. */
export function tryPassword(
  desk: Pick<Desk, 'persona' | 'access' | 'record'>,
  method: string,
  user: string,
  password: string,
): Result {
  const { persona, access, record } = desk
  const at = user.lastIndexOf('@')
  const domain = user.slice(at + 1).toLowerCase()
  const name = at > 0 && (domain === persona.domain || domain === persona.fqdn) ? user.slice(0, at) : user
  const right = access.password(name, password)
  record.login({ method, user: latin(user), password: latin(password), outcome: right ? 'success' : 'failure' })
  return right ? { user: name } : 'failed'
}

/** A challenge and its answer can be cracked, not compared: nobody gets in by one. */
async function cramMd5(desk: Desk): Promise<Result> {
  const number = BigInt(`0x${desk.random(8).toString('hex')}`) >> 1n
  const challenge = `<${number}.${Math.floor(desk.now() / 1000)}@${desk.persona.hostname}>`
  const said = readCramMd5(await answer(desk, base64(challenge)), challenge)
  if (!said) return 'failed'
  desk.record.login({ method: 'CRAM-MD5', user: latin(said.user), hash: said.hash, outcome: 'failure' })
  return 'failed'
}

/** Dovecot's rounds of PBKDF2 for passwords that are stored in plain. */
const ITERATIONS = 4096

/** SCRAM-SHA-256 (RFC 7677): the proof is kept with all that is needed to try passwords against it. */
async function scram(desk: Desk, message: Buffer): Promise<Result> {
  const { user, nonce, bare } = readScramFirst(message)
  const salt = desk.persona.derive(`scram ${user}`, 16).toString('base64')
  const whole = nonce + desk.random(18).toString('base64')
  const challenge = `r=${whole},s=${salt},i=${ITERATIONS}`
  const final = readScramFinal(await answer(desk, base64(challenge)))
  const about = `${bare},${challenge},${final.withoutProof}`
  const hash = `$scram-sha-256$${ITERATIONS}$${salt}$${base64(about)}$${final.proof.toString('base64')}`
  desk.record.login({ method: 'SCRAM-SHA-256', user: latin(user), hash, outcome: 'failure' })
  return 'failed'
}

/** Seconds that a failed log-in takes (auth_failure_delay). */
export const failureDelay = 2
