import { createHash } from 'node:crypto'
import type { Digest } from './checksum.ts'

const iv = [
  0x6a09e667f3bcc908n,
  0xbb67ae8584caa73bn,
  0x3c6ef372fe94f82bn,
  0xa54ff53a5f1d36f1n,
  0x510e527fade682d1n,
  0x9b05688c2b3e6c1fn,
  0x1f83d9abfb41bd6bn,
  0x5be0cd19137e2179n,
]
/** The order of words in each round; rounds 10 and 11 are as 0 and 1. */
const sigma = [
  '0123456789abcdef',
  'ea489fd61c02b753',
  'b8c052fdae367194',
  '7931dcbe265a40f8',
  '905724afe1bc683d',
  '2c6a0b834d75fe19',
  'c51fed4a0763928b',
  'db7ec13950f4862a',
  '6fe9b308c2d714a5',
  'a2847615fb9e3cd0',
].map(row => [...row].map(digit => Number.parseInt(digit, 16)))
const lanes = [
  [0, 4, 8, 12],
  [1, 5, 9, 13],
  [2, 6, 10, 14],
  [3, 7, 11, 15],
  [0, 5, 10, 15],
  [1, 6, 11, 12],
  [2, 7, 8, 13],
  [3, 4, 9, 14],
] as const
const mask = 0xffffffffffffffffn
const rotated = (word: bigint, by: bigint): bigint => ((word >> by) | (word << (64n - by))) & mask

const compress = (h: bigint[], block: Buffer, counted: number, last: boolean): void => {
  const v = [...h, ...iv]
  v[12]! ^= BigInt(counted)
  if (last) v[14]! ^= mask
  for (let round = 0; round < 12; round++) {
    const order = sigma[round % 10]!
    for (const [i, [a, b, c, d]] of lanes.entries()) {
      const word = (at: number): bigint => block.readBigUInt64LE(8 * order[2 * i + at]!)
      v[a] = (v[a]! + v[b]! + word(0)) & mask
      v[d] = rotated(v[d]! ^ v[a]!, 32n)
      v[c] = (v[c]! + v[d]!) & mask
      v[b] = rotated(v[b]! ^ v[c]!, 24n)
      v[a] = (v[a]! + v[b]! + word(1)) & mask
      v[d] = rotated(v[d]! ^ v[a]!, 16n)
      v[c] = (v[c]! + v[d]!) & mask
      v[b] = rotated(v[b]! ^ v[c]!, 63n)
    }
  }
  for (let i = 0; i < 8; i++) h[i]! ^= v[i]! ^ v[i + 8]!
}

/** BLAKE2b (RFC 7693) of any length in bits; the full one is OpenSSL's. */
export const blake2b = (bits: number): Digest => {
  if (bits === 512) {
    const hash = createHash('blake2b512')
    return { update: data => void hash.update(data), result: () => hash.digest('hex') }
  }
  const h = [...iv]
  h[0]! ^= 0x01010000n ^ BigInt(bits / 8)
  let kept = Buffer.alloc(0)
  let counted = 0
  return {
    update(data) {
      kept = Buffer.concat([kept, data])
      // The last block is told apart, so it waits.
      while (kept.length > 128) {
        counted += 128
        compress(h, kept, counted, false)
        kept = kept.subarray(128)
      }
    },
    result() {
      const block = Buffer.alloc(128)
      kept.copy(block)
      compress(h, block, counted + kept.length, true)
      const out = Buffer.alloc(64)
      for (const [i, word] of h.entries()) out.writeBigUInt64LE(word, 8 * i)
      return out.toString('hex', 0, bits / 8)
    },
  }
}
