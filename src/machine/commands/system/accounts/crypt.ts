import { createHmac } from 'node:crypto'
import { overlaidOf } from '../../../release.ts'
import type { Process } from '../../../system.ts'

/**
 * A password's hash in the form that pam_unix of the release makes: yescrypt's ($y$j9T$salt$hash), on Ubuntu 20.04 that of
 * SHA-512 ($6$salt$hash). What stands in it is an HMAC under the persona's key: as good to look at, and thousands of
 * times cheaper.
 */
export const hashPassword = (process: Process, password: string): string => {
  const letters = toText(process.random(17))
  if (overlaidOf(process.host.persona)?.passwords === 'sha512crypt') {
    const salt = letters.slice(0, 16)
    return `$6$${salt}$${digest(process, salt, password, 86)}`
  }
  const salt = letters.slice(0, 22)
  return `$y$j9T$${salt}$${digest(process, salt, password, 43)}`
}

/** Is it this hash's password? Hashes made elsewhere have none. */
export const isPassword = (process: Process, hash: string, password: string): boolean => {
  const [, salt, rest] = /^\$(?:y\$j9T|6)\$([^$]+)\$([^$]+)$/.exec(hash) ?? []
  return salt !== undefined && rest !== undefined && digest(process, salt, password, rest.length) === rest
}

/** At most 86 letters of an HMAC. */
const digest = ({ host }: Process, salt: string, password: string, length: number): string =>
  toText(
    createHmac('sha512', host.persona.derive('crypt', 32)).update(`${salt}\0${password}`, 'latin1').digest(),
  ).slice(0, Math.min(length, 86))

const toText = (bytes: Buffer): string => bytes.toString('base64').replaceAll('+', '.').replaceAll('=', '')
