import { createHash, pbkdf2 } from 'node:crypto'
import { promisify } from 'node:util'
import { commonNames } from '#access/names.ts'
import { literalPasswords } from '#access/rule.ts'
import { type ScramKeys, scramExchange, scramFits, scramKeys, scramSignature } from '#codec/scram.ts'
import type { Cx, Scram } from './state.ts'

/** SCRAM (RFC 5802, 7677) as MongoDB has it: the server's side, and what it leaves for a cracker. */
const derive = promisify(pbkdf2)
/** Iterations (`scramIterationCount`, `scramSHA256IterationCount`) and bytes of salt, which leaves room in the first block. */
export const kinds = {
  'SCRAM-SHA-1': { hash: 'sha1', iterations: 10_000, salt: 16, bytes: 20, mode: 0 },
  'SCRAM-SHA-256': { hash: 'sha256', iterations: 15_000, salt: 28, bytes: 32, mode: 1 },
} as const

type Verifier = ScramKeys & { password: string }
type Kind = (typeof kinds)[keyof typeof kinds]

async function verifierOf(kind: Kind, user: string, password: string, salt: Buffer): Promise<Verifier> {
  // With SHA-1 the password is the digest that MONGODB-CR had for it.
  const secret =
    kind.mode === 0 ? createHash('md5').update(`${user}:mongo:${password}`, 'latin1').digest('hex') : password
  const salted = await derive(Buffer.from(secret, 'latin1'), salt, kind.iterations, kind.bytes, kind.hash)
  return { password, ...scramKeys(kind.hash, salted) }
}

/** The salt of a user, the same at every visit. */
export const saltOf = (cx: Cx, mechanism: Scram['mechanism'], db: string, user: string): Buffer =>
  cx.persona.derive(`mongodb ${mechanism} salt ${db}.${user}`, kinds[mechanism].salt)

/** Users whose likely passwords' keys are kept, and new ones of all sources in a minute: deriving keys is dear. */
const USERS = 48
const NEW = 20
type Known = { verifiers: Map<string, Promise<Verifier[]>>; since: number; made: number }
const known = new WeakMap<Cx['persona'], Known>()

function verifiersOf(cx: Cx, scram: Scram, own: string | undefined): Promise<Verifier[]> {
  const all: Known = known.get(cx.persona) ?? { verifiers: new Map(), since: cx.now(), made: 0 }
  known.set(cx.persona, all)
  const words = own === undefined ? literalPasswords(cx.options.access.rules) : [own]
  const key = [scram.mechanism, scram.db, scram.user, ...words].join('\0')
  const found = all.verifiers.get(key)
  if (found) return found
  if (cx.now() - all.since > 60_000) [all.since, all.made] = [cx.now(), 0]
  if (++all.made > NEW) return Promise.resolve([])
  const made = Promise.all(
    candidates(scram.user, words).map(word => verifierOf(kinds[scram.mechanism], scram.user, word, scram.salt)),
  )
  all.verifiers.set(key, made)
  if (all.verifiers.size > USERS) all.verifiers.delete(all.verifiers.keys().next().value!)
  return made
}

/** Passwords that guessers try first at MongoDB. */
const words =
  'admin password 123456 mongo root mongodb 12345678 test 1234 admin123 123456789 password123 qwerty 12345 P@ssw0rd example secret pass changeme mongoadmin toor 123'.split(
    ' ',
  )
function candidates(user: string, more: readonly string[]): string[] {
  const likely = /^(?:admin|root|mongo|mongodb|mongoadmin|test|user)$/.test(user)
    ? words
    : words.slice(0, commonNames.has(user) ? 8 : 4)
  return [...new Set([...more.slice(0, 64), user, `${user}123`, ...likely])]
}

/** What a client's last message proves: the password if it is a likely one, or the user's `own`, and what a cracker needs. */
export async function proved(
  cx: Cx,
  scram: Scram,
  without: string,
  proof: Buffer,
  own: string | undefined,
): Promise<{ password?: string; hash: string; signature?: string }> {
  const kind = kinds[scram.mechanism]
  const exchange = Buffer.from(`${scram.bare},${scram.challenge},${without}`, 'latin1')
  const found = (await verifiersOf(cx, scram, own)).find(one => scramFits(kind.hash, one, proof, exchange))
  if (!found) return { hash: scramExchange(kind.hash, kind.iterations, scram.salt, exchange, proof) }
  const salt = scram.salt.toString('base64')
  return {
    password: found.password,
    // Hashcat's modes 24100 and 24200.
    hash: `$mongodb-scram$*${kind.mode}*${Buffer.from(scram.user, 'latin1').toString('base64')}*${kind.iterations}*${salt}*${found.server.toString('base64')}`,
    signature: scramSignature(kind.hash, found, exchange),
  }
}
