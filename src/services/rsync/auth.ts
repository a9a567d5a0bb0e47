import { createHash } from 'node:crypto'
import { md4 } from './md4.ts'

/** What a challenge is answered with (authenticate.c), best first as the greeting names them. */
export const digests = ['sha512', 'sha256', 'sha1', 'md5', 'md4'] as const
/** `md4-old`: with four zeros before, as clients of protocol 29 and before send it. */
export type Digest = (typeof digests)[number] | 'md4-old'

const digestOf = (kind: Digest, bytes: Buffer): Buffer => {
  if (kind === 'md4') return md4(bytes)
  if (kind === 'md4-old') return md4(Buffer.concat([Buffer.alloc(4), bytes]))
  return createHash(kind).update(bytes).digest()
}

/** rsync's base64 has no padding. */
const base64 = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '')

/** The challenge, which is the digest of what is of the moment, as text. */
export const challengeFrom = (kind: Digest, chance: Buffer): string => base64(digestOf(kind, chance))

/** What a client with this password answers. Strings are Latin-1. */
export const answerTo = (kind: Digest, challenge: string, password: string): string =>
  base64(digestOf(kind, Buffer.from(password + challenge, 'latin1')))

/**
 * The answer as hashcat takes it, `digest($pass.$salt)`: modes 1710, 1410, 110, 10. For MD4 neither hashcat nor John has a
 * mode; it is named then. `undefined` for what is no digest of this kind.
 */
export function hashOf(kind: Digest, challenge: string, answer: string): string | undefined {
  const hex = Buffer.from(answer, 'base64').toString('hex')
  const bits = kind === 'sha512' ? 512 : kind === 'sha256' ? 256 : kind === 'sha1' ? 160 : 128
  if (hex.length * 4 !== bits) return undefined
  return kind.startsWith('md4') ? `$rsync-${kind}$${challenge}$${hex}` : `${hex}:${challenge}`
}

/** The digest of a client's greeting: the first of its list that is known; older ones take what their protocol has. */
export function digestFor(protocol: number, offered: readonly string[]): Digest | undefined {
  if (offered.length === 0) return protocol >= 30 ? 'md5' : 'md4-old'
  return offered.find((name): name is Digest => (digests as readonly string[]).includes(name))
}
