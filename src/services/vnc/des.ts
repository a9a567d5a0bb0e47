import { createCipheriv } from 'node:crypto'

/** A byte's bits in reverse: VNC's key schedule counts them from the other end. */
const mirrored = (byte: number): number => {
  let out = 0
  for (let bit = 0; bit < 8; bit++) if (byte & (1 << bit)) out |= 128 >> bit
  return out
}

/**
 * What a client answers to a challenge of 16 bytes (RFC 6143 §7.2.2): both halves under DES, its key the first eight bytes
 * of the password (Latin-1), filled with zeros. Single DES is triple DES with one key thrice.
 */
export function responseTo(challenge: Buffer, password: string): Buffer {
  const key = Buffer.alloc(8)
  key.write(password.slice(0, 8), 'latin1')
  const turned = key.map(mirrored)
  const cipher = createCipheriv('des-ede3-ecb', Buffer.concat([turned, turned, turned]), null).setAutoPadding(false)
  return Buffer.concat([cipher.update(challenge), cipher.final()])
}

/** In the form of John the Ripper's `vnc`, since hashcat has no mode for it. */
export const johnHash = (challenge: Buffer, response: Buffer): string =>
  `$vnc$*${challenge.toString('hex').toUpperCase()}*${response.toString('hex').toUpperCase()}`
