import { hash } from 'node:crypto'
import type { Persona } from '#persona/persona.ts'

/** Values of userPassword (RFC 2307 §5.3, RFC 4519 §2.41). Strings are Latin-1, a character a byte. */

/** What slapd stores of a new password: SHA-1 of it and of a salt of four bytes. */
export function storedPassword(password: string, salt: Buffer): string {
  const digest = hash('sha1', Buffer.concat([Buffer.from(password, 'latin1'), salt]), 'buffer')
  return `{SSHA}${Buffer.concat([digest, salt]).toString('base64')}`
}

/** The password of an account of the office, which nobody knows. */
export function plantedPassword(persona: Persona, name: string): string {
  const secret = persona.derive(`ldap password ${name}`, 9)
  return storedPassword(secret.toString('base64'), persona.derive(`ldap salt ${name}`, 4))
}

const schemes = new Map([
  ['SSHA', ['sha1', 20]],
  ['SHA', ['sha1', 20]],
  ['SMD5', ['md5', 16]],
  ['MD5', ['md5', 16]],
] as const)
type Scheme = 'SSHA' | 'SHA' | 'SMD5' | 'MD5'

/** Is this the password that a value was made of? Schemes that are not known fit nothing. */
export function verify(stored: string, password: string): boolean {
  const [, scheme, rest = ''] = /^\{([A-Za-z0-9-]{1,20})\}(.*)$/s.exec(stored) ?? []
  if (scheme === undefined) return stored === password
  if (scheme.toUpperCase() === 'CLEARTEXT') return rest === password
  const found = schemes.get(scheme.toUpperCase() as Scheme)
  if (!found) return false
  const [algorithm, size] = found
  const bytes = Buffer.from(rest, 'base64')
  const digest = hash(algorithm, Buffer.concat([Buffer.from(password, 'latin1'), bytes.subarray(size)]), 'buffer')
  return bytes.length >= size && digest.equals(bytes.subarray(0, size))
}

/** Was this value there from the beginning, under whatever name? */
export const isPlanted = (persona: Persona, stored: string): boolean => {
  const salt = Buffer.from(stored.replace('{SSHA}', ''), 'base64').subarray(20)
  const names = ['admin', 'ldapbind', 'gitlab', 'nextcloud', 'backup', ...persona.users.map(({ name }) => name)]
  return names.some(
    name => salt.equals(persona.derive(`ldap salt ${name}`, 4)) && stored === plantedPassword(persona, name),
  )
}
