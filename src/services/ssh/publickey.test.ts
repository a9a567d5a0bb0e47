import assert from 'node:assert/strict'
import { generateKeyPairSync, sign } from 'node:crypto'
import test from 'node:test'
import { fingerprint, isSignature, keyType, matches } from './publickey.ts'
import { mpint, string } from './wire.ts'

const field = (jwk: object, name: string) => Buffer.from((jwk as Record<string, string>)[name]!, 'base64url')
const data = Buffer.from('what is signed')

/** A key of each kind, with a signature over `data`. */
const samples = [
  ...['ed25519'].map(() => {
    const { publicKey, privateKey } = generateKeyPairSync('ed25519')
    const blob = Buffer.concat([string('ssh-ed25519'), string(field(publicKey.export({ format: 'jwk' }), 'x'))])
    return { algorithm: 'ssh-ed25519', blob, signature: sign(null, data, privateKey) }
  }),
  ...(['sha256', 'sha512', 'sha1'] as const).map(hash => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
    const jwk = publicKey.export({ format: 'jwk' })
    const blob = Buffer.concat([string('ssh-rsa'), mpint(field(jwk, 'e')), mpint(field(jwk, 'n'))])
    const algorithm = hash === 'sha1' ? 'ssh-rsa' : `rsa-sha2-${hash.slice(3)}`
    return { algorithm, blob, signature: sign(hash, data, privateKey) }
  }),
  ...([256, 384, 521] as const).map(bits => {
    const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: `P-${bits}` })
    const jwk = publicKey.export({ format: 'jwk' })
    const name = `ecdsa-sha2-nistp${bits}`
    const point = Buffer.concat([Buffer.of(4), field(jwk, 'x'), field(jwk, 'y')])
    const blob = Buffer.concat([string(name), string(`nistp${bits}`), string(point)])
    const hash = { 256: 'sha256', 384: 'sha384', 521: 'sha512' }[bits]
    const rs = sign(hash, data, { key: privateKey, dsaEncoding: 'ieee-p1363' })
    const half = rs.length / 2
    return {
      algorithm: name,
      blob,
      signature: Buffer.concat([mpint(rs.subarray(0, half)), mpint(rs.subarray(half))]),
    }
  }),
]

for (const { algorithm, blob, signature } of samples)
  test(`${algorithm}: a genuine signature is one, another is not`, () => {
    const wrapped = Buffer.concat([string(algorithm), string(signature)])
    assert.ok(matches(algorithm, blob))
    assert.ok(isSignature(algorithm, blob, wrapped, data))
    assert.ok(!isSignature(algorithm, blob, wrapped, Buffer.from('something else')))
    assert.ok(!isSignature('ssh-unknown', blob, wrapped, data))
    for (let cut = 0; cut < wrapped.length; cut += 5)
      assert.ok(!isSignature(algorithm, blob, wrapped.subarray(0, cut), data))
    for (let cut = 0; cut < blob.length; cut += 5) {
      assert.ok(!matches(algorithm, blob.subarray(0, cut)))
      isSignature(algorithm, blob.subarray(0, cut), wrapped, data)
    }
  })

test('fingerprints are those of ssh-keygen -l', () => {
  const blob = Buffer.from('AAAAC3NzaC1lZDI1NTE5AAAAIEaHcnWQKTdlt1aTBYMWoNbqrCTaYOvtx1xSWWk9vKNs', 'base64')
  assert.equal(fingerprint(blob), 'SHA256:xUlI/eXa3HEfYO1/CU9WLeCi2iUX8BjQJ/LE0p4d38w')
  assert.equal(keyType(blob), 'ssh-ed25519')
  assert.equal(keyType(Buffer.alloc(3)), 'unknown')
})
