import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from 'node:crypto'

/** SCRAM-SHA-256 (RFC 5802, 7677) from the server's side, and what it leaves for a cracker. */
export const ITERATIONS = 4096
const hmac = (key: Buffer, words: string | Buffer) => createHmac('sha256', key).update(words).digest()
const sha256 = (bytes: Buffer) => createHash('sha256').update(bytes).digest()

export type Verifier = { password: string; stored: Buffer; server: Buffer }
export function verifierOf(password: string, salt: Buffer): Verifier {
  const salted = pbkdf2Sync(Buffer.from(password, 'latin1'), salt, ITERATIONS, 32, 'sha256')
  return { password, stored: sha256(hmac(salted, 'Client Key')), server: hmac(salted, 'Server Key') }
}

/** Does what the client proved fit this password? */
export function fits({ stored }: Verifier, proof: Buffer, exchange: string): boolean {
  const signature = hmac(stored, exchange)
  const key = Buffer.from(proof.map((byte, i) => byte ^ signature[i]!))
  return timingSafeEqual(sha256(key), stored)
}
export const serverSignature = ({ server }: Verifier, exchange: string): string =>
  hmac(server, exchange).toString('base64')

/** Hashcat's mode 28600: as pg_authid keeps it. */
export const verifierText = ({ stored, server }: Verifier, salt: Buffer): string =>
  `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored.toString('base64')}:${server.toString('base64')}`
/** What was exchanged, from which a password can be tried (RFC 5802 §3): no cracker has a mode for it yet. */
export const exchangeText = (salt: Buffer, exchange: string, proof: Buffer): string =>
  `$scram-sha-256$${ITERATIONS}$${salt.toString('base64')}$${Buffer.from(exchange, 'latin1').toString('base64')}$${proof.toString('base64')}`

/** The old way: md5(md5(password · user) · salt), in hashcat's form 11100. */
export const md5Answer = (password: string, user: string, salt: Buffer): string => {
  const inner = createHash('md5').update(`${password}${user}`, 'latin1').digest('hex')
  return createHash('md5').update(inner, 'latin1').update(salt).digest('hex')
}
export const md5Hash = (user: string, salt: Buffer, answer: string): string =>
  `$postgres$${user}*${salt.toString('hex')}*${answer}`

/** Passwords that guessers try first at PostgreSQL. Each costs the derivation of a key, once a user name. */
const words =
  `postgres password postgres123 123456 admin root 1234 12345 12345678 123456789 P@ssw0rd passw0rd password123 Password1 qwerty
  123 abc123 111111 000000 changeme secret test pgsql postgresql postgres1 admin123 Postgres postgres@123 Aa123456 1qaz2wsx q1w2e3r4
  master default docker pass 123123 654321 database backup oracle`.split(/\s+/)
export function candidates(user: string, more: readonly string[]): string[] {
  // Other names than the usual one get a few: each word costs a millisecond or two.
  const usual = user === 'postgres' ? words : words.slice(0, 10)
  return [...new Set([...more, user, `${user}123`, `${user}@123`, ...usual])]
}
