import { createHash, pbkdf2Sync } from 'node:crypto'
import { type ScramKeys, scramKeys } from '#codec/scram.ts'

/** SCRAM-SHA-256 as PostgreSQL keeps it, and the way before it. */
export const ITERATIONS = 4096

export type Verifier = ScramKeys & { password: string }
export const verifierOf = (password: string, salt: Buffer): Verifier => ({
  password,
  ...scramKeys('sha256', pbkdf2Sync(Buffer.from(password, 'latin1'), salt, ITERATIONS, 32, 'sha256')),
})

/** Hashcat's mode 28600: as pg_authid keeps it. */
export const verifierText = ({ stored, server }: Verifier, salt: Buffer): string =>
  `SCRAM-SHA-256$${ITERATIONS}:${salt.toString('base64')}$${stored.toString('base64')}:${server.toString('base64')}`

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
