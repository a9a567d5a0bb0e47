import { createHash, createHmac, timingSafeEqual } from 'node:crypto'

/** SCRAM (RFC 5802 §3, RFC 7677), the server's side: what is kept of a password, and what a proof shows. */

export type ScramHash = 'sha1' | 'sha256' | 'sha512'
/** StoredKey and ServerKey. */
export type ScramKeys = { stored: Buffer; server: Buffer }

const hmac = (hash: ScramHash, key: Buffer, said: string | Buffer): Buffer =>
  createHmac(hash, key).update(said).digest()
const digest = (hash: ScramHash, bytes: Buffer): Buffer => createHash(hash).update(bytes).digest()

/** Of SaltedPassword, which PBKDF2 makes: as many bytes as the hash has. */
export const scramKeys = (hash: ScramHash, salted: Buffer): ScramKeys => ({
  stored: digest(hash, hmac(hash, salted, 'Client Key')),
  server: hmac(hash, salted, 'Server Key'),
})

/** Does a client's proof fit these keys? `exchange`: AuthMessage. */
export function scramFits(hash: ScramHash, { stored }: ScramKeys, proof: Buffer, exchange: Buffer): boolean {
  const signature = hmac(hash, stored, exchange)
  if (proof.length !== signature.length) return false
  return timingSafeEqual(digest(hash, Buffer.from(proof.map((byte, i) => byte ^ signature[i]!))), stored)
}

/** ServerSignature, in base64. */
export const scramSignature = (hash: ScramHash, { server }: ScramKeys, exchange: Buffer): string =>
  hmac(hash, server, exchange).toString('base64')

/** What was exchanged, from which passwords can be tried: `$scram-sha-256$ITERATIONS$SALT$MESSAGES$PROOF`; no cracker has a mode for it. */
export const scramExchange = (
  hash: ScramHash,
  iterations: number,
  salt: Buffer,
  exchange: Buffer,
  proof: Buffer,
): string =>
  `$scram-${hash.replace('sha', 'sha-')}$${iterations}$${[salt, exchange, proof].map(bytes => bytes.toString('base64')).join('$')}`
