import { createCipheriv } from 'node:crypto'

// UMAC (RFC 4418) with tags of 8 or 16 bytes and nonces of 8. Messages stay below 2^24 bytes, as every SSH packet does,
// so of the second layer only POLY-64 is needed.

const blockBytes = 1024
const two16 = 0x10000
const two32 = 0x100000000
const prime36 = 2 ** 36 - 5
const prime64 = 2n ** 64n - 59n
const maxWord64 = 2n ** 64n - 2n ** 32n

/** Computes the tag of `message` under an 8-byte nonce. */
export type Umac = (nonce: Buffer, message: Buffer) => Buffer

/** A UMAC with its key (16 bytes) set up. */
export function umac(key: Buffer, tagBytes: 8 | 16): Umac {
  const streams = tagBytes / 4
  const kdf = keyDerivation(key)
  const pad = createCipheriv('aes-128-ecb', kdf(0, 16), null)
  const l1 = words(kdf(1, blockBytes + 16 * (streams - 1)))
  const l2 = kdf(2, 24 * streams)
  const l3 = kdf(3, 64 * streams)
  const l3Xor = kdf(4, 4 * streams)
  const multipliers = Array.from({ length: streams }, (_, i) => l2.readBigUInt64BE(24 * i) & 0x01ffffff01ffffffn)
  // Eight factors below 2^36 a stream, for the 16-bit words of the third layer's input; the first four words are zero.
  const factors = Float64Array.from({ length: 8 * streams }, (_, i) =>
    Number(l3.readBigUInt64BE(8 * i) % BigInt(prime36)),
  )
  const nonceBlock = Buffer.alloc(16)
  /** The 64-bit value that goes from layer to layer: high and low half. */
  const sum = new Uint32Array(2)

  return (nonce, message) => {
    nonceBlock.set(nonce)
    // With 8-byte tags two nonces share an AES block, a half each.
    const half = tagBytes === 8 ? nonceBlock[7]! & 1 : 0
    if (half) nonceBlock[7]! &= 0xfe
    const block = pad.update(nonceBlock)
    const tag = Buffer.from(block.subarray(8 * half, 8 * half + tagBytes))
    for (let stream = 0; stream < streams; stream++) {
      nh(message, 0, l1, 4 * stream, sum)
      // Up to one block, the first layer's 64 bits are the second layer's (§5.1).
      if (message.length > blockBytes) poly64(message, l1, 4 * stream, multipliers[stream]!, sum)
      const at = 8 * stream + 4
      const high = sum[0]!
      const low = sum[1]!
      const total =
        (((high >>> 16) * factors[at]!) % prime36) +
        (((high & 0xffff) * factors[at + 1]!) % prime36) +
        (((low >>> 16) * factors[at + 2]!) % prime36) +
        (((low & 0xffff) * factors[at + 3]!) % prime36)
      const hashed = ((total % prime36) % two32) ^ l3Xor.readInt32BE(4 * stream)
      tag.writeInt32BE(tag.readInt32BE(4 * stream) ^ hashed, 4 * stream)
    }
    return tag
  }
}

/** AES in counter mode over (index, counter): RFC 4418 §3.2.1. */
function keyDerivation(key: Buffer) {
  const aes = createCipheriv('aes-128-ecb', key, null)
  return (index: number, bytes: number): Buffer => {
    const input = Buffer.alloc(Math.ceil(bytes / 16) * 16)
    for (let block = 0; block * 16 < bytes; block++) {
      input[16 * block + 7] = index
      input[16 * block + 15] = block + 1
    }
    return aes.update(input).subarray(0, bytes)
  }
}

function words(bytes: Buffer): Uint32Array {
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readUInt32BE(4 * i))
}

/**
 * The first layer (§5.2): the NH hash of one block of at most 1024 bytes from `at`, padded with zeros to a multiple of
 * 32, plus its length in bits. The 64-bit sum of 32×32-bit products is kept in three partial sums that a double holds
 * exactly.
 */
function nh(message: Buffer, at: number, key: Uint32Array, shift: number, sum: Uint32Array): void {
  const length = Math.min(message.length - at, blockBytes)
  let low = 0
  let middle = 0
  let high = 0
  for (let offset = 0, k = shift; offset === 0 || offset < length; offset += 32, k += 8) {
    const whole = offset + 32 <= length
    for (let i = 0; i < 4; i++) {
      const here = at + offset + 4 * i
      const a = ((whole ? load(message, here) : loadPart(message, here, at + length)) + key[k + i]!) >>> 0
      const b = ((whole ? load(message, here + 16) : loadPart(message, here + 16, at + length)) + key[k + i + 4]!) >>> 0
      const aLow = a & 0xffff
      const aHigh = a >>> 16
      const bLow = b & 0xffff
      const bHigh = b >>> 16
      low += aLow * bLow
      middle += aHigh * bLow + aLow * bHigh
      high += aHigh * bHigh
    }
  }
  const bottom = low + (middle % two16) * two16 + 8 * length
  sum[1] = bottom % two32
  sum[0] = (high + Math.floor(middle / two16) + Math.floor(bottom / two32)) % two32
}
const load = (bytes: Buffer, at: number): number =>
  bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
function loadPart(bytes: Buffer, at: number, end: number): number {
  let word = 0
  for (let i = 0; i < 4 && at + i < end; i++) word |= bytes[at + i]! << (8 * i)
  return word
}

/** The second layer (§5.3.2): the blocks' 64-bit hashes as coefficients of a polynomial modulo 2^64 - 59. */
function poly64(message: Buffer, key: Uint32Array, shift: number, multiplier: bigint, sum: Uint32Array): void {
  let y = 1n
  for (let at = 0; at < message.length; at += blockBytes) {
    nh(message, at, key, shift, sum)
    const word = (BigInt(sum[0]!) << 32n) | BigInt(sum[1]!)
    if (word >= maxWord64) {
      y = (multiplier * y + prime64 - 1n) % prime64
      y = (multiplier * y + word - 59n) % prime64
    } else y = (multiplier * y + word) % prime64
  }
  sum[0] = Number(y >> 32n)
  sum[1] = Number(y & 0xffffffffn)
}
