import { createHash } from 'node:crypto'

const alphabet = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

const hash = (name: string, ...parts: Buffer[]): Buffer => {
  const made = createHash(name)
  for (const part of parts) made.update(part)
  return made.digest()
}

/** Up to three bytes, the last of them lowest, as so many characters of crypt(5). */
const encoded = (bytes: readonly number[], characters: number): string => {
  let value = bytes.reduce((sum, byte) => (sum << 8) | byte, 0)
  let text = ''
  for (let index = 0; index < characters; index++, value >>>= 6) text += alphabet[value & 63]
  return text
}

/** A salt of crypt(5) from random bytes. */
export const saltOf = (random: Buffer): string => [...random].map(byte => alphabet[byte & 63]).join('')

/** Passwords longer than this are cut: each byte costs thousands of rounds. */
const longest = 256

/** MD5 by Poul-Henning Kamp: `$1$`, and Apache's `$apr1$`. */
export const md5Crypt = (given: Buffer, salt: string, magic: '1' | 'apr1'): string => {
  const password = given.subarray(0, longest)
  const spice = Buffer.from(salt.slice(0, 8), 'latin1')
  const parts = [password, Buffer.from(`$${magic}$`), spice]
  const other = hash('md5', password, spice, password)
  for (let left = password.length; left > 0; left -= 16) parts.push(other.subarray(0, Math.min(16, left)))
  for (let bits = password.length; bits > 0; bits >>= 1)
    parts.push(bits & 1 ? Buffer.alloc(1) : password.subarray(0, 1))
  let final = hash('md5', ...parts)
  for (let round = 0; round < 1000; round++)
    final = hash(
      'md5',
      round & 1 ? password : final,
      ...(round % 3 ? [spice] : []),
      ...(round % 7 ? [password] : []),
      round & 1 ? final : password,
    )
  const triple = (a: number, b: number, c: number): string => encoded([final[a]!, final[b]!, final[c]!], 4)
  const text = [0, 1, 2, 3].map(at => triple(at, at + 6, at + 12)).join('') + triple(4, 10, 5)
  return `$${magic}$${spice.toString('latin1')}$${text}${encoded([final[11]!], 2)}`
}

/** SHA-256 and SHA-512 by Ulrich Drepper: `$5$` and `$6$`, with 5,000 rounds. */
export const shaCrypt = (given: Buffer, salt: string, kind: '5' | '6'): string => {
  const name = kind === '5' ? 'sha256' : 'sha512'
  const size = kind === '5' ? 32 : 64
  const password = given.subarray(0, longest)
  const spice = Buffer.from(salt.slice(0, 16), 'latin1')
  const repeated = (digest: Buffer, length: number): Buffer =>
    Buffer.concat(Array.from({ length: Math.ceil(length / size) }, () => digest)).subarray(0, length)
  const other = hash(name, password, spice, password)
  const parts = [password, spice, repeated(other, password.length)]
  for (let bits = password.length; bits > 0; bits >>= 1) parts.push(bits & 1 ? other : password)
  let final = hash(name, ...parts)
  const p = repeated(hash(name, ...Array.from({ length: password.length }, () => password)), password.length)
  const s = repeated(hash(name, ...Array.from({ length: 16 + final[0]! }, () => spice)), spice.length)
  for (let round = 0; round < 5000; round++)
    final = hash(
      name,
      round & 1 ? p : final,
      ...(round % 3 ? [s] : []),
      ...(round % 7 ? [p] : []),
      round & 1 ? final : p,
    )
  const third = Math.floor(size / 3)
  let text = ''
  for (let at = 0, [a, b, c] = [0, third, 2 * third]; at < third; at++) {
    text += encoded([final[a]!, final[b]!, final[c]!], 4)
    ;[a, b, c] = kind === '5' ? [c + 1, a + 1, b + 1] : [b + 1, c + 1, a + 1]
  }
  text += kind === '5' ? encoded([0, final[31]!, final[30]!], 3) : encoded([0, 0, final[63]!], 2)
  return `$${kind}$${spice.toString('latin1')}$${text}`
}
