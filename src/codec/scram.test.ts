import assert from 'node:assert/strict'
import { pbkdf2Sync } from 'node:crypto'
import { test } from 'node:test'
import { scramExchange, scramFits, scramKeys, scramSignature } from './scram.ts'

/** The examples of RFC 5802 §5 and RFC 7677 §3: the user `user` with the password `pencil`. */
const examples = [
  {
    hash: 'sha1',
    salt: 'QSXCR+Q6sek8bf92',
    exchange:
      'n=user,r=fyko+d2lbbFgONRv9qkxdawL,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096,c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j',
    proof: 'v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=',
    signature: 'rmF9pqV8S7suAoZWja4dJRkFsKQ=',
  },
  {
    hash: 'sha256',
    salt: 'W22ZaJ0SNY7soEsUEjb6gQ==',
    exchange:
      'n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096,c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0',
    proof: 'dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=',
    signature: '6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=',
  },
] as const

for (const example of examples)
  test(`the RFC's example of ${example.hash}: the proof fits its password and no other`, () => {
    const salt = Buffer.from(example.salt, 'base64')
    const exchange = Buffer.from(example.exchange)
    const proof = Buffer.from(example.proof, 'base64')
    const keysOf = (password: string) =>
      scramKeys(example.hash, pbkdf2Sync(password, salt, 4096, proof.length, example.hash))
    const keys = keysOf('pencil')
    assert.ok(scramFits(example.hash, keys, proof, exchange))
    assert.equal(scramSignature(example.hash, keys, exchange), example.signature)
    assert.ok(!scramFits(example.hash, keysOf('pencils'), proof, exchange))
    for (const wrong of [Buffer.alloc(0), proof.subarray(1), Buffer.concat([proof, proof])])
      assert.ok(!scramFits(example.hash, keys, wrong, exchange))
    const [, mechanism, iterations, ...parts] = scramExchange(example.hash, 4096, salt, exchange, proof).split('$')
    assert.deepEqual([mechanism, iterations], [`scram-${example.hash.replace('sha', 'sha-')}`, '4096'])
    assert.deepEqual(
      parts.map(part => Buffer.from(part, 'base64')),
      [salt, exchange, proof],
    )
  })
