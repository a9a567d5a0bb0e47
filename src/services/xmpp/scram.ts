import { pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { commonNames } from '#access/names.ts'
import { literalPasswords } from '#access/rule.ts'
import { readScramFinal, type ScramFirst } from '#codec/sasl.ts'
import { type ScramKeys, scramExchange, scramFits, scramKeys, scramSignature } from '#codec/scram.ts'
import { nodeOf, uuidOf } from './names.ts'
import type { Cx } from './stream.ts'

/** SCRAM (RFC 5802, 7677), the server's side: what a proof needs to be tried against passwords, and a few tried at once. */
const derive = promisify(pbkdf2)
export type Scram = ScramFirst & {
  hash: 'sha1' | 'sha256'
  bytes: 20 | 32
  salt: string
  iterations: number
  whole: string
  challenge: string
}

/** Has the server such a user? Prosody tells before it sees a proof. */
export const isUser = ({ persona, options }: Cx, user: string): boolean =>
  commonNames.has(user) ||
  persona.users.some(({ name }) => name === user) ||
  options.access.rules.some(rule => rule.startsWith(`${user}:`) || rule.startsWith('*:'))

/** The challenge to a first message; `undefined` for a user that is not there. */
export function challenged(cx: Cx, mechanism: string, first: ScramFirst): Scram | undefined {
  const user = nodeOf(first.user)
  if (user === undefined || !isUser(cx, user)) return undefined
  const salt = Buffer.from(uuidOf(cx.persona.derive(`xmpp salt ${user}`, 16)), 'latin1').toString('base64')
  const whole = first.nonce + uuidOf(cx.random(16))
  // default_iteration_count of util.sasl.scram, ten thousand since 0.12.
  const iterations = cx.persona.software.prosody.version.startsWith('0.11.') ? 4096 : 10_000
  const large = mechanism.startsWith('SCRAM-SHA-256')
  return {
    ...first,
    user,
    hash: large ? 'sha256' : 'sha1',
    bytes: large ? 32 : 20,
    salt,
    iterations,
    whole,
    challenge: `r=${whole},s=${salt},i=${iterations}`,
  }
}

export type Proved = { hash: string; password?: string; signature?: string }

/** What the last message proves; `undefined` where it has another nonce. Throws `Malformed` where it is none. */
export async function proved(cx: Cx, scram: Scram, message: Buffer): Promise<Proved | undefined> {
  const { nonce, proof, withoutProof } = readScramFinal(message)
  if (nonce !== scram.whole) return undefined
  const exchange = Buffer.from(`${scram.bare},${scram.challenge},${withoutProof}`, 'latin1')
  const hash = scramExchange(scram.hash, scram.iterations, Buffer.from(scram.salt, 'base64'), exchange, proof)
  if (proof.length !== scram.bytes) return { hash }
  const found = (await verifiers(cx, scram)).find(one => scramFits(scram.hash, one, proof, exchange))
  return found ? { hash, password: found.password, signature: scramSignature(scram.hash, found, exchange) } : { hash }
}

/** Users whose likely passwords' keys are kept, and how many users' may be derived in a minute: it is dear. */
const USERS = 32
const NEW = 10
type Verifier = ScramKeys & { password: string }
type Known = { all: Map<string, Promise<Verifier[]>>; since: number; made: number }
const known = new WeakMap<Cx['persona'], Known>()

function verifiers(cx: Cx, scram: Scram): Promise<Verifier[]> {
  const mine = known.get(cx.persona) ?? { all: new Map(), since: cx.now(), made: 0 }
  known.set(cx.persona, mine)
  const words = [
    ...new Set([
      ...literalPasswords(cx.options.access.rules).slice(0, 16),
      scram.user,
      `${scram.user}123`,
      '123456',
      'password',
      'admin',
    ]),
  ]
  const key = [scram.hash, scram.user, ...words].join('\0')
  const found = mine.all.get(key)
  if (found) return found
  if (cx.now() - mine.since > 60_000) [mine.since, mine.made] = [cx.now(), 0]
  if (++mine.made > NEW) return Promise.resolve([])
  const salt = Buffer.from(scram.salt, 'base64')
  const made = Promise.all(
    words.map(async password => ({
      password,
      ...scramKeys(
        scram.hash,
        await derive(Buffer.from(password, 'latin1'), salt, scram.iterations, scram.bytes, scram.hash),
      ),
    })),
  )
  mine.all.set(key, made)
  if (mine.all.size > USERS) mine.all.delete(mine.all.keys().next().value!)
  return made
}
