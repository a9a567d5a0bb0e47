import assert from 'node:assert/strict'
import { constants, createPublicKey, publicEncrypt } from 'node:crypto'
import { test } from 'node:test'
import { testPersona } from '#services/testing/persona.ts'
import { fastInput, slowInput, typist } from './keys.ts'
import { rc4 } from './rc4.ts'
import { cipher, clientRandom, serverKey } from './security.ts'

test('RC4, as RFC 6229 has it', () => {
  const stream = rc4(Buffer.from('0102030405060708090a0b0c0d0e0f10', 'hex'))(Buffer.alloc(16))
  assert.equal(stream.toString('hex'), '9ac7cc9a609d1ef7b2932899cde41b97')
})

test('the server’s key is the persona’s, the same every time, and opens what it sealed', () => {
  const key = serverKey(testPersona)
  assert.deepEqual(serverKey(testPersona).certificate, key.certificate)
  const random = Buffer.alloc(256)
  for (let i = 0; i < 32; i++) random[i] = i + 1
  const sealed = publicEncrypt(
    { key: createPublicKey(key.private as never), padding: constants.RSA_NO_PADDING },
    Buffer.from(random).reverse(),
  ).reverse()
  assert.deepEqual(clientRandom(sealed, key), random.subarray(0, 32))
  assert.equal(clientRandom(Buffer.alloc(10), key), undefined)
})

test('a direction gets another key after 4096 packets, at both ends alike', () => {
  const [one, other] = [Buffer.alloc(32, 1), Buffer.alloc(32, 2)]
  const [a, b] = [cipher(one, other), cipher(one, other)]
  const sent = Array.from({ length: 4100 }, () => a.seal(Buffer.from('x')).bytes[0])
  const again = Array.from({ length: 4100 }, () => b.seal(Buffer.from('x')).bytes[0])
  assert.deepEqual(sent, again)
  // Going on with the first key would say something else.
  const first = rc4(Buffer.alloc(16))
  assert.notEqual(sent[4096], first(Buffer.from('x'))[0])
})

test('what is typed: keys, Shift, Backspace, characters; a line at Enter', () => {
  const lines: string[] = []
  const keys = typist(line => lines.push(line))
  // Root!<backspace>é Enter, by the fast path.
  const down = (code: number) => [0x00, code, 0x01, code]
  fastInput(
    11 << 2,
    Buffer.from([0, 0x2a, ...down(0x13), 1, 0x2a, ...down(0x18), ...down(0x18), ...down(0x14), 0, 0x02]),
    keys,
  )
  fastInput(5 << 2, Buffer.from([0, 0x0e, 0x80, 0xe9, 0x00, ...down(0x1c)]), keys)
  assert.deepEqual(lines, ['Rooté'])
  const slow = Buffer.alloc(4 + 12)
  slow.writeUInt16LE(1)
  slow.writeUInt16LE(4, 8)
  slow.writeUInt16LE(0x1e, 12)
  slowInput(slow, keys)
  keys.end()
  assert.deepEqual(lines, ['Rooté', 'a'])
  fastInput(0, Buffer.from([255, 7, 7, 7]), keys)
})
