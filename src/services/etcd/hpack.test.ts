import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decoder, encoder } from './hpack.ts'

const hex = (text: string) => Buffer.from(text.replaceAll(' ', ''), 'hex')

test('reads the requests of RFC 7541, C.4', () => {
  const decode = decoder()
  const common = [
    [':method', 'GET'],
    [':scheme', 'http'],
    [':path', '/'],
    [':authority', 'www.example.com'],
  ]
  assert.deepEqual(decode(hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff')), common)
  assert.deepEqual(decode(hex('8286 84be 5886 a8eb 1064 9cbf')), [...common, ['cache-control', 'no-cache']])
})

test('what it writes is read again, the second time from the table', () => {
  const [encode, decode] = [encoder(), decoder()]
  const rows = [
    ['grpc-status', '5'],
    ['grpc-message', `not found: \x00\xff ${'x'.repeat(200)}`],
  ] as const
  const first = encode(rows)
  assert.deepEqual(decode(first), rows)
  const second = encode(rows)
  assert.equal(second.length, 2)
  assert.deepEqual(decode(second), rows)
})

test('refuses what is no head', () => {
  for (const wrong of ['80', 'ff', 'fe', '3fff ffff ff7f', '0085 aabb', '4181 ff', '0084 ffff ffff 00'])
    assert.throws(() => decoder()(hex(wrong)), wrong)
})
