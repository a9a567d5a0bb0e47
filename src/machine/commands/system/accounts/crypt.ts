import { createHmac } from 'node:crypto'
import type { Process } from '../../../system.ts'

/**
 * A password's hash in yescrypt's form ($y$j9T$salt$hash), as pam_unix of Debian 12 makes them. What stands in it is an
 * HMAC under the persona's key: as good to look at, and thousands of times cheaper.
 */
export const hashPassword = (process: Process, password: string): string => {
  const salt = toText(process.random(17)).slice(0, 22)
  return `$y$j9T$${salt}$${digest(process, salt, password)}`
}

/** Is it this hash's password? Hashes made elsewhere have none. */
export const isPassword = (process: Process, hash: string, password: string): boolean => {
  const [, salt, rest] = /^\$y\$j9T\$([^$]+)\$([^$]+)$/.exec(hash) ?? []
  return salt !== undefined && digest(process, salt, password) === rest
}

const digest = ({ host }: Process, salt: string, password: string): string =>
  toText(
    createHmac('sha256', host.persona.derive('crypt', 32)).update(`${salt}\0${password}`, 'latin1').digest(),
  ).slice(0, 43)

const toText = (bytes: Buffer): string => bytes.toString('base64').replaceAll('+', '.').replaceAll('=', '')
