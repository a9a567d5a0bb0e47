import { createCipheriv } from 'node:crypto'

/** A byte's bits in reverse: VNC's key schedule counts them from the other end. */
const mirrored = (byte: number): number => {
  let out = 0
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) out |= 128 >> bit
  return out
}

type Cipher = ReturnType<typeof createCipheriv>
/** Single DES is triple DES with one key thrice. Without chaining and padding, a cipher is as new after every block. */
function cipherOf(password: string): Cipher {
  const key = Buffer.alloc(8)
  key.write(password, 'latin1')
  const turned = key.map(mirrored)
  return createCipheriv('des-ede3-ecb', Buffer.concat([turned, turned, turned]), null).setAutoPadding(false)
}
/** Of words that are tried at every log-in; a key's schedule takes ten times as long as a block. */
const kept = new Map<string, Cipher>()
const MOST_KEPT = 1500

/**
 * What a client answers to a challenge of 16 bytes (RFC 6143 §7.2.2): both halves under DES, its key the first eight bytes
 * of the password (Latin-1), filled with zeros. `keep`: this password will be asked for again.
 */
export function responseTo(challenge: Buffer, password: string, keep = false): Buffer {
  const word = password.slice(0, 8)
  const cipher = kept.get(word) ?? cipherOf(word)
  if (keep && kept.size < MOST_KEPT) kept.set(word, cipher)
  return cipher.update(challenge)
}

/** In the form of John the Ripper's `vnc`, since hashcat has no mode for it. */
export const johnHash = (challenge: Buffer, response: Buffer): string =>
  `$vnc$*${challenge.toString('hex').toUpperCase()}*${response.toString('hex').toUpperCase()}`
