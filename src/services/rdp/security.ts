import { checkPrimeSync, constants, createHash, createPrivateKey, type KeyObject, privateDecrypt } from 'node:crypto'
import type { Persona } from '#persona/persona.ts'
import { rc4 } from './rc4.ts'

/**
 * The "standard security" of RDP before TLS (MS-RDPBCGR §5.3), which guessers still speak: RSA with a key of the server's
 * own, RC4 with 128 bits, signed by a key that Microsoft published.
 */

/** Raw RSA as a number: little-endian on the wire. */
const fromLittle = (bytes: Buffer): bigint => BigInt(`0x${Buffer.from(bytes).reverse().toString('hex') || '0'}`)
function toLittle(value: bigint, length: number): Buffer {
  return Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex').reverse()
}
function power(base: bigint, exponent: bigint, modulus: bigint): bigint {
  let result = 1n
  for (let b = base % modulus, e = exponent; e > 0n; e >>= 1n, b = (b * b) % modulus)
    if (e & 1n) result = (result * b) % modulus
  return result
}

/** §5.3.3.1.1: modulus and private exponent of the key with which everybody signs. */
const signer = {
  modulus: fromLittle(
    Buffer.from(
      '3d3a5ebd72433ec94dbbc11e4aba5fcb3e882087eff5c1e2d7b76b9af2524595ce63656b583afeef7ce7bffe3df65c7d6c5e06091af561bb2093095f056dea87',
      'hex',
    ),
  ),
  exponent: fromLittle(
    Buffer.from(
      '87a71932da11875558001616256568f8243ee6fae9674994cf92cc3399e80860179a129f24ddb12499c73ab80a7b0ddd350779170b519bb3c7100113e73ff35f',
      'hex',
    ),
  ),
}

export type ServerKey = { certificate: Buffer; private: KeyObject }
const BITS = 2048
const PUBLIC = 65_537n

/** The key that xrdp-keygen would have made when the package was installed: the same at every start. */
export function serverKey(persona: Persona): ServerKey {
  const [p, q] = [prime(persona, 'p'), prime(persona, 'q')] as const
  const n = p * q
  const d = inverse(PUBLIC, (p - 1n) * (q - 1n))
  const base64 = (value: bigint) => {
    const hex = value.toString(16)
    return Buffer.from(hex.padStart(hex.length + (hex.length % 2), '0'), 'hex').toString('base64url')
  }
  const key = { kty: 'RSA', n: n, e: PUBLIC, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) }
  const jwk = Object.fromEntries(
    Object.entries(key).map(([name, value]) => [name, typeof value === 'bigint' ? base64(value) : value]),
  )
  return { certificate: certificate(n), private: createPrivateKey({ format: 'jwk', key: jwk as never }) }
}

/** Of half the bits, with the two highest set, so that the product has them all. */
function prime(persona: Persona, label: string): bigint {
  const bytes = persona.derive(`rdp key ${label}`, BITS / 16)
  bytes[0]! |= 0xc0
  let candidate = BigInt(`0x${bytes.toString('hex')}`) | 1n
  while ((candidate - 1n) % PUBLIC === 0n || !checkPrimeSync(candidate)) candidate += 2n
  return candidate
}

function inverse(a: bigint, modulus: bigint): bigint {
  let [r, next, s, t] = [modulus, a % modulus, 0n, 1n]
  while (next > 0n) {
    const quotient = r / next
    ;[r, next] = [next, r - quotient * next]
    ;[s, t] = [t, s - quotient * t]
  }
  return s < 0n ? s + modulus : s
}

/** The proprietary certificate, §2.2.1.4.3.1.1. */
function certificate(modulus: bigint): Buffer {
  const blob = Buffer.concat([
    Buffer.from('RSA1', 'latin1'),
    words(BITS / 8 + 8, BITS, BITS / 8 - 1, Number(PUBLIC)),
    toLittle(modulus, BITS / 8),
    Buffer.alloc(8),
  ])
  const head = Buffer.concat([words(1, 1, 1), shorts(6, blob.length), blob])
  // §5.3.3.1.2: MD5, padded to 63 bytes.
  const digest = createHash('md5').update(head).digest()
  const padded = Buffer.concat([digest, Buffer.from([0]), Buffer.alloc(45, 0xff), Buffer.from([1])])
  const signature = toLittle(power(fromLittle(padded), signer.exponent, signer.modulus), 64)
  return Buffer.concat([head, shorts(8, 72), signature, Buffer.alloc(8)])
}

function words(...values: number[]): Buffer {
  const out = Buffer.alloc(4 * values.length)
  for (const [i, value] of values.entries()) out.writeUInt32LE(value, 4 * i)
  return out
}
function shorts(...values: number[]): Buffer {
  const out = Buffer.alloc(2 * values.length)
  for (const [i, value] of values.entries()) out.writeUInt16LE(value, 2 * i)
  return out
}

/** Server's security data: method 128 bit at level "high", random, certificate (§2.2.1.4.3). */
export const securityData = (random: Buffer, key: ServerKey): Buffer =>
  Buffer.concat([words(2, 3, random.length, key.certificate.length), random, key.certificate])
/** Where TLS does it: no method, no level. */
export const noSecurity = Buffer.alloc(8)

/** The client's random out of its Security Exchange; `undefined` where it is not of this key. */
export function clientRandom(encrypted: Buffer, key: ServerKey): Buffer | undefined {
  if (encrypted.length < BITS / 8) return undefined
  const big = Buffer.from(encrypted.subarray(0, BITS / 8)).reverse()
  try {
    const plain = privateDecrypt({ key: key.private, padding: constants.RSA_NO_PADDING }, big)
    return Buffer.from(plain).reverse().subarray(0, 32)
  } catch {
    return undefined
  }
}

const hash = (name: 'md5' | 'sha1', ...parts: (Buffer | string)[]): Buffer => {
  const hashing = createHash(name)
  for (const part of parts) hashing.update(part)
  return hashing.digest()
}

export type Cipher = { open(bytes: Buffer): Buffer; seal(bytes: Buffer): { mac: Buffer; bytes: Buffer } }
/** Packets each way under one key (§5.3.7). */
const RENEW = 4096

/** Both directions' RC4, with keys made of both randoms (§5.3.5.1). */
export function cipher(client: Buffer, server: Buffer): Cipher {
  const salted = (secret: Buffer, label: string) => hash('md5', secret, hash('sha1', label, secret, client, server))
  const three = (secret: Buffer, ...labels: string[]) => Buffer.concat(labels.map(label => salted(secret, label)))
  const master = three(Buffer.concat([client.subarray(0, 24), server.subarray(0, 24)]), 'A', 'BB', 'CCC')
  const blob = three(master, 'X', 'YY', 'ZZZ')
  const macKey = blob.subarray(0, 16)
  const final = (part: Buffer) => hash('md5', part, client, server)
  const outward = stream(final(blob.subarray(16, 32)))
  const inward = stream(final(blob.subarray(32, 48)))
  return {
    open: inward,
    seal(bytes) {
      const mac = hash('md5', macKey, PAD2, hash('sha1', macKey, PAD1, words(bytes.length), bytes)).subarray(0, 8)
      return { mac, bytes: outward(bytes) }
    },
  }
}
const PAD1 = Buffer.alloc(40, 0x36)
const PAD2 = Buffer.alloc(48, 0x5c)

/** One direction; after 4096 packets another key, made of the first and the last. */
function stream(first: Buffer): (bytes: Buffer) => Buffer {
  let key = first
  let next = rc4(key)
  let used = 0
  return bytes => {
    if (used++ === RENEW) {
      const mixed = hash('md5', first, PAD2, hash('sha1', first, PAD1, key))
      key = rc4(mixed)(mixed)
      next = rc4(key)
      used = 1
    }
    return next(bytes)
  }
}
