import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { ciphertextBytes, encapsulate, publicKeyBytes } from './sntrup761.ts'

// Three rounds of the reference implementation, fed by the generator below: public key, ciphertext, session key.
const vectors = readFileSync(new URL('fixtures/sntrup761.kat', import.meta.url), 'latin1')
  .trim()
  .split('\n')
  .map(line => Buffer.from(line.split(' ')[1]!, 'hex'))

/** The linear congruential generator that the vectors were made with, seeded 101, 102, 103. */
function generator(seed: number) {
  let state = seed
  return (bytes: number) =>
    Buffer.from(
      Array.from({ length: bytes }, () => {
        state = (Math.imul(state, 1103515245) + 12345) & 0x7fffffff
        return (state >>> 16) & 255
      }),
    )
}

test('encapsulation agrees with the reference implementation', () => {
  for (let round = 0; round < 3; round++) {
    const [publicKey, ciphertext, key] = vectors.slice(3 * round, 3 * round + 3)
    const made = encapsulate(publicKey!, generator(101 + round))
    assert.deepEqual(made.ciphertext, ciphertext)
    assert.deepEqual(made.key, key)
  }
})

test('any bytes of the right length are a public key', () => {
  for (const fill of [0x00, 0x5a, 0xff]) {
    const made = encapsulate(Buffer.alloc(publicKeyBytes, fill))
    assert.equal(made.ciphertext.length, ciphertextBytes)
    assert.equal(made.key.length, 32)
  }
})
