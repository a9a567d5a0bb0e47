import {
  createDiffieHellmanGroup,
  createPrivateKey,
  createPublicKey,
  diffieHellman,
  getDiffieHellman,
  randomBytes,
} from 'node:crypto'
import { readFileSync } from 'node:fs'
import { promisify } from 'node:util'
import { Malformed } from '#codec/malformed.ts'

/** A group of integers modulo a safe prime. */
export type Group = { bits: number; generator: Buffer; prime: Buffer }

/** One side of an exchange: our public value, and the secret once the peer's is known. Big-endian, unsigned. */
export type Exchange = { publicValue: Buffer; secret(peer: Buffer): Promise<Buffer> }

/** MODP groups of RFC 3526, by OpenSSL's names. */
export function fixedGroup(name: 'modp14' | 'modp16' | 'modp18'): Exchange {
  const dh = createDiffieHellmanGroup(name)
  const publicValue = dh.generateKeys()
  return {
    publicValue,
    async secret(peer) {
      checkPublic(peer, dh.getPrime())
      return dh.computeSecret(peer)
    },
  }
}

/**
 * An exchange in any other group. OpenSSL's own constructor would spend seconds on proving the prime, so the keys are
 * made from their encodings; the long part runs on a thread.
 */
export function groupExchange({ prime, generator }: Group): Exchange {
  // sshd: twice the bits of the largest key that is derived, 64 bytes.
  const secretExponent = randomBytes(128)
  secretExponent[0]! |= 0x80
  const algorithm = sequence(Buffer.from('06092a864886f70d010301', 'hex'), sequence(integer(prime), integer(generator)))
  const privateKey = createPrivateKey({
    key: sequence(integer(Buffer.of(0)), algorithm, der(0x04, integer(secretExponent))),
    format: 'der',
    type: 'pkcs8',
  })
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return {
    publicValue: spki.subarray(spki.length - prime.length),
    secret(peer) {
      checkPublic(peer, prime)
      const publicKey = createPublicKey({
        key: sequence(algorithm, der(0x03, Buffer.of(0), integer(peer))),
        format: 'der',
        type: 'spki',
      })
      return derive({ privateKey, publicKey })
    },
  }
}
const derive = promisify(diffieHellman) as unknown as (keys: object) => Promise<Buffer>

/** OpenSSH's dh_pub_is_valid: 1 < value < p - 1, with at least four bits set. */
function checkPublic(value: Buffer, prime: Buffer): void {
  const number = toBigInt(value)
  if (number <= 1n || number >= toBigInt(prime) - 1n) throw new Malformed('A Diffie-Hellman value out of range')
  let bits = 0
  for (let rest = number; rest > 0n && bits < 4; rest &= rest - 1n) bits++
  if (bits < 4) throw new Malformed('A Diffie-Hellman value with fewer than four bits set')
}
const toBigInt = (bytes: Buffer): bigint => BigInt(`0x0${bytes.toString('hex')}`)

// DER, as far as these keys need it.
function der(tag: number, ...content: Buffer[]): Buffer {
  const length = content.reduce((sum, part) => sum + part.length, 0)
  const header =
    length < 128 ? [tag, length] : length < 256 ? [tag, 0x81, length] : [tag, 0x82, length >> 8, length & 255]
  return Buffer.concat([Buffer.from(header), ...content])
}
const sequence = (...content: Buffer[]): Buffer => der(0x30, ...content)
const integer = (digits: Buffer): Buffer => der(0x02, ...(digits[0]! & 0x80 ? [Buffer.of(0)] : []), digits)

// Read at once: later the process may have given up the right to.
const moduli: readonly Group[] = readFileSync(new URL('moduli.txt', import.meta.url), 'latin1')
  .split('\n')
  .filter(line => line !== '' && !line.startsWith('#'))
  .map(line => {
    const [bits, generator, prime] = line.split(' ') as [string, string, string]
    return {
      bits: Number(bits),
      generator: Buffer.from(generator.padStart(2, '0'), 'hex'),
      prime: Buffer.from(prime, 'hex'),
    }
  })

/**
 * The group that sshd picks for a GEX_REQUEST (dh.c, choose_dh): of those within min…max the smallest size that is at
 * least `wanted`, else the largest; one of them at random. `undefined`: out of range, sshd breaks off.
 */
export function chooseGroup(min: number, wanted: number, max: number, random: (bytes: number) => Buffer) {
  if (max < min || wanted < min || max < wanted || max < 2048) return undefined

  const fitting = moduli.filter(({ bits }) => bits >= Math.max(min, 2048) && bits <= Math.min(max, 8192))
  const sizes = [...new Set(fitting.map(({ bits }) => bits))].sort((a, b) => a - b)
  const best = sizes.find(size => size >= wanted) ?? sizes.at(-1)
  if (best === undefined) return fallback(max)
  const group = fitting.filter(({ bits }) => bits === best)
  return group[random(1)[0]! % group.length]
}

/** What sshd takes when moduli(5) has nothing fitting (dh.c, dh_new_group_fallback). */
function fallback(max: number): Group {
  const dh = getDiffieHellman(max < 3072 ? 'modp14' : max < 6144 ? 'modp16' : 'modp18')
  const prime = dh.getPrime()
  return { bits: 8 * prime.length, generator: dh.getGenerator(), prime }
}
