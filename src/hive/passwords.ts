import { randomBytes, randomInt, scrypt, timingSafeEqual } from 'node:crypto'
import { gate } from './bounded.ts'
import { later } from './problem.ts'

/** scrypt at N=2^14, r=8, p=5: as costly as OWASP's other choices (Password Storage Cheat Sheet) in 16 MiB a time. */
export type Cost = { ln: number; r: number; p: number }
export const defaultCost: Cost = { ln: 14, r: 8, p: 5 }

// One at a time: a flood of log-ins takes 16 MiB and one thread, never four.
const oneAtATime = gate(1, 16, () => later(503, 'Too many log-ins at once', 5))

const derive = (password: string, salt: Buffer, { ln, r, p }: Cost) =>
  oneAtATime(
    () =>
      new Promise<Buffer>((resolve, reject) =>
        // NFC, so that a password typed on another keyboard is the same bytes (RFC 8265 §4.2.2).
        scrypt(password.normalize('NFC'), salt, 32, { N: 2 ** ln, r, p, maxmem: 256 * 2 ** ln * r }, (error, key) =>
          error ? reject(error) : resolve(key),
        ),
      ),
  )

/** `$scrypt$ln=14,r=8,p=5$salt$hash`, base64 without padding: the PHC string format. */
export async function hashPassword(password: string, cost = defaultCost): Promise<string> {
  const salt = randomBytes(16)
  const key = await derive(password, salt, cost)
  return `$scrypt$ln=${cost.ln},r=${cost.r},p=${cost.p}$${plain64(salt)}$${plain64(key)}`
}

/** False for a wrong password and for a hash of another form alike. */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parts = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{8,64})\$([A-Za-z0-9+/]{43})$/.exec(
    hash,
  )
  if (!parts) return false
  const [ln, r, p] = [Number(parts[1]), Number(parts[2]), Number(parts[3])]
  if (ln < 1 || ln > 18 || r < 1 || r > 16 || p < 1 || p > 16) return false
  const key = await derive(password, Buffer.from(parts[4]!, 'base64'), { ln, r, p })
  return timingSafeEqual(key, Buffer.from(parts[5]!, 'base64'))
}

/** What an unknown user's password is checked against, so that the answer takes as long. No password fits it. */
export const nobodysHash = ({ ln, r, p }: Cost): string =>
  `$scrypt$ln=${ln},r=${r},p=${p}$${plain64(randomBytes(16))}$${plain64(randomBytes(32))}`

// Without 0 O 1 l I, which a person would misread from a terminal.
const letters = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'
/** 20 characters in groups of five: 116 bits. */
export const generatePassword = (): string =>
  Array.from({ length: 4 }, () => Array.from({ length: 5 }, () => letters[randomInt(letters.length)]).join('')).join(
    '-',
  )

function plain64(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}
