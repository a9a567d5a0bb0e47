import { accessOf } from '#access/access.ts'
import { literalPasswords } from '#access/rule.ts'
import { scramExchange, scramFits, scramSignature } from '#codec/scram.ts'
import { text as readable } from '#events/text.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import { type Failure, failure } from './errors.ts'
import { candidates, ITERATIONS, md5Answer, md5Hash, type Verifier, verifierOf, verifierText } from './scram.ts'
import type { Cx } from './state.ts'
import { cstring, i32, message, PASSWORD, readMessage, text } from './wire.ts'

const said = (latin1: string) => readable(Buffer.from(latin1, 'latin1'), 256)
const request = (kind: number, ...more: Buffer[]) => message('R', i32(kind), ...more)

/** The password, one way or another; true when they were let in. */
export async function authenticate(conn: Conn, cx: Cx, user: string): Promise<boolean> {
  const method = cx.options.authentication
  const access = accessOf(cx, cx.options.access)
  let proved: Proved | undefined
  try {
    proved = method === 'scram-sha-256' ? await scram(conn, cx, user) : await plain(conn, cx, user, method)
  } catch (error) {
    // Guessers that do not speak SCRAM leave when they are asked for it.
    cx.record.login({ method, user: said(user), outcome: 'failure' })
    throw error
  }
  if (!proved) return false
  // What is not in the list of likely passwords cannot be answered with a signature of our own either.
  const good =
    proved.password === undefined
      ? access.password(user, `\0${proved.hash}`) && method !== 'scram-sha-256'
      : access.password(user, proved.password)
  cx.record.login({
    method,
    user: said(user),
    ...(proved.password === undefined ? {} : { password: said(proved.password) }),
    ...(proved.hash === undefined ? {} : { hash: proved.hash }),
    outcome: good ? 'success' : 'failure',
  })
  if (!good) {
    await conn.write(failure(denied(user)))
    return false
  }
  if (proved.final) await conn.write(request(12, text(`v=${proved.final}`)))
  return true
}
const denied = (user: string): Failure => ({
  severity: 'FATAL',
  code: '28P01',
  words: `password authentication failed for user "${user}"`,
  where: ['auth.c', '334', 'auth_failed'],
})

type Proved = { password: string | undefined; hash?: string; final?: string }

async function password(conn: Conn): Promise<Buffer> {
  const { kind, body } = await readMessage(conn, PASSWORD)
  if (kind !== 'p') throw new Malformed(`A message ${kind} where a password was due`)
  return body
}

async function plain(conn: Conn, cx: Cx, user: string, method: 'md5' | 'password'): Promise<Proved> {
  const salt = cx.random(4)
  await conn.write(method === 'md5' ? request(5, salt) : request(3))
  const given = (await password(conn)).toString('latin1').replace(/\0$/, '')
  if (method === 'password') return { password: given }
  const answer = given.replace(/^md5/, '').slice(0, 32)
  const found = candidates(user, literalPasswords(cx.options.access.rules)).find(
    word => md5Answer(word, user, salt) === answer,
  )
  return { password: found, hash: md5Hash(user, salt, answer) }
}

/** Users whose likely passwords' keys are kept: deriving them is dear, and the salt of a user is always the same. */
const USERS = 64
const derived = new WeakMap<Cx['persona'], Map<string, Verifier[]>>()
function verifiersOf(cx: Cx, user: string, salt: Buffer): Verifier[] {
  const all = derived.get(cx.persona) ?? new Map<string, Verifier[]>()
  derived.set(cx.persona, all)
  const words = literalPasswords(cx.options.access.rules)
  const key = `${user}\0${words.join('\0')}`
  const known = all.get(key)
  if (known) return known
  const made = candidates(user, words).map(word => verifierOf(word, salt))
  all.set(key, made)
  if (all.size > USERS) all.delete(all.keys().next().value!)
  return made
}

async function scram(conn: Conn, cx: Cx, user: string): Promise<Proved | undefined> {
  const mechanisms = cx.encrypted ? [cstring('SCRAM-SHA-256-PLUS')] : []
  await conn.write(request(10, ...mechanisms, cstring('SCRAM-SHA-256'), Buffer.of(0)))
  const first = await password(conn)
  const nul = first.indexOf(0)
  if (nul < 0 || first.length < nul + 5) throw new Malformed('A SASL response is cut off')
  const mechanism = first.toString('latin1', 0, nul)
  // With channel binding the client's last message says which certificate it saw: part of what is signed either way.
  if (mechanism !== 'SCRAM-SHA-256' && !(cx.encrypted && mechanism === 'SCRAM-SHA-256-PLUS')) {
    await conn.write(
      failure({
        severity: 'FATAL',
        code: '08P01',
        words: 'client selected an invalid SASL authentication mechanism',
        where: ['auth-scram.c', '249', 'scram_init'],
      }),
    )
    return undefined
  }
  const initial = first.toString('latin1', nul + 5)
  const [, , bare = '', nonce = ''] =
    /^([ny]|p=[\w-]+),([^,]*,n=[^,]*,r=([!-+\--~]+).*)$/
      .exec(initial)
      ?.map((part, i) => (i === 2 ? part.slice(part.indexOf(',') + 1) : part)) ?? []
  if (nonce === '') {
    await conn.write(
      failure({
        severity: 'FATAL',
        code: '08P01',
        words: 'malformed SCRAM message',
        detail: 'The message is not a SCRAM message.',
        where: ['auth-scram.c', '928', 'read_client_first_message'],
      }),
    )
    return undefined
  }
  const salt = cx.persona.derive(`postgresql salt ${user}`, 16)
  const ours = nonce + cx.random(18).toString('base64')
  const challenge = `r=${ours},s=${salt.toString('base64')},i=${ITERATIONS}`
  await conn.write(request(11, text(challenge)))
  const final = (await password(conn)).toString('latin1')
  const [, without = '', encoded = ''] =
    /^(c=[^,]*,r=[^,]*(?:,[^,]*)*),p=([A-Za-z0-9+/=]+)$/.exec(final.slice(0, 4096)) ?? []
  const proof = Buffer.from(encoded, 'base64')
  if (proof.length !== 32) {
    await conn.write(
      failure({
        severity: 'FATAL',
        code: '08P01',
        words: 'malformed SCRAM message',
        detail: 'Malformed proof in client-final-message.',
        where: ['auth-scram.c', '1342', 'read_client_final_message'],
      }),
    )
    return undefined
  }
  const exchange = Buffer.from(`${bare},${challenge},${without}`, 'latin1')
  const found = verifiersOf(cx, user, salt).find(one => scramFits('sha256', one, proof, exchange))
  if (!found) return { password: undefined, hash: scramExchange('sha256', ITERATIONS, salt, exchange, proof) }
  return {
    password: found.password,
    hash: verifierText(found, salt),
    final: scramSignature('sha256', found, exchange),
  }
}
