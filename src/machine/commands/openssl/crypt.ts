import { createHash } from 'node:crypto'

const itoa = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'

const digits = (value: number, count: number): string => {
  let out = ''
  for (let i = 0, rest = value; i < count; i++, rest >>>= 6) out += itoa[rest & 63]
  return out
}
const triple = (hash: Buffer, a: number, b: number, c: number): string =>
  digits((hash[a]! << 16) | (hash[b]! << 8) | hash[c]!, 4)
const hashOf = (name: string, ...parts: (Buffer | string)[]): Buffer => {
  const hash = createHash(name)
  for (const part of parts) hash.update(typeof part === 'string' ? Buffer.from(part, 'latin1') : part)
  return hash.digest()
}
const repeated = (data: Buffer, length: number): Buffer =>
  Buffer.concat(new Array(Math.ceil(length / data.length) || 0).fill(data)).subarray(0, length)

/** Poul-Henning Kamp's MD5 crypt, `$1$`; Apache's with `$apr1$`. */
export const md5Crypt = (password: string, salt: string, magic: '1' | 'apr1'): string => {
  const key = Buffer.from(password, 'latin1')
  const bare = salt.slice(0, 8)
  const inner = hashOf('md5', key, bare, key)
  const parts: Buffer[] = [key, Buffer.from(`$${magic}$${bare}`, 'latin1'), repeated(inner, key.length)]
  for (let i = key.length; i > 0; i >>= 1) parts.push(i & 1 ? Buffer.alloc(1) : key.subarray(0, 1))
  let hash = hashOf('md5', ...parts)
  for (let i = 0; i < 1000; i++) {
    const round: (Buffer | string)[] = [i & 1 ? key : hash]
    if (i % 3) round.push(bare)
    if (i % 7) round.push(key)
    round.push(i & 1 ? hash : key)
    hash = hashOf('md5', ...round)
  }
  const out = [
    [0, 6, 12],
    [1, 7, 13],
    [2, 8, 14],
    [3, 9, 15],
    [4, 10, 5],
  ].map(([a, b, c]) => triple(hash, a!, b!, c!))
  return `$${magic}$${bare}$${out.join('')}${digits(hash[11]!, 2)}`
}

const orders = {
  sha256: { groups: 10, tail: (hash: Buffer) => digits((hash[31]! << 8) | hash[30]!, 3) },
  sha512: { groups: 21, tail: (hash: Buffer) => digits(hash[63]!, 2) },
}
const mostRounds = 50_000

/** Ulrich Drepper's SHA crypt, `$5$` and `$6$`, with 5000 rounds or as the salt says. */
export const shaCrypt = (password: string, setting: string, name: 'sha256' | 'sha512'): string => {
  const size = name === 'sha256' ? 32 : 64
  const found = /^rounds=([0-9]+)\$(.*)$/s.exec(setting)
  const rounds = found ? Math.min(Math.max(Number(found[1]), 1000), mostRounds) : 5000
  const salt = (found ? found[2]! : setting).slice(0, 16).replace(/\$.*$/s, '')
  const key = Buffer.from(password, 'latin1')
  const inner = hashOf(name, key, salt, key)
  const parts: (Buffer | string)[] = [key, salt, repeated(inner, key.length)]
  for (let i = key.length; i > 0; i >>= 1) parts.push(i & 1 ? inner : key)
  let hash = hashOf(name, ...parts)
  const p = repeated(hashOf(name, ...new Array<Buffer>(key.length).fill(key)), key.length)
  const s = repeated(hashOf(name, ...new Array<string>(16 + hash[0]!).fill(salt)), salt.length)
  for (let i = 0; i < rounds; i++) {
    const round: Buffer[] = [i & 1 ? p : hash]
    if (i % 3) round.push(s)
    if (i % 7) round.push(p)
    round.push(i & 1 ? hash : p)
    hash = hashOf(name, ...round)
  }
  const { groups, tail } = orders[name]
  const third = groups === 10 ? 10 : 21
  let [a, b, c] = [0, third, 2 * third]
  let out = ''
  for (let i = 0; i < groups; i++) {
    out += triple(hash, a, b, c)
    ;[a, b, c] = size === 32 ? [c + 1, a + 1, b + 1] : [b + 1, c + 1, a + 1]
  }
  return `$${name === 'sha256' ? 5 : 6}$${found ? `rounds=${rounds}$` : ''}${salt}$${out}${tail(hash)}`
}
