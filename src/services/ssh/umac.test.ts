import assert from 'node:assert/strict'
import test from 'node:test'
import { umac } from './umac.ts'

// RFC 4418 appendix: key `abcdefghijklmnop`, nonce `bcdefghi`. The 128-bit tags are those of OpenSSH's own test.
const key = Buffer.from('abcdefghijklmnop')
const nonce = Buffer.from('bcdefghi')
const vectors: [text: string, times: number, tag64: string, tag128: string][] = [
  ['a', 0, '6e155fad26900be1', '32fedb100c79ad58f07ff7643cc60465'],
  ['a', 3, '44b5cb542f220104', '185e4fe905cba7bd85e4c2dc3d117d8d'],
  ['a', 2 ** 10, '26bf2f5d60118bd9', '7a54abe04af82d60fb298c3cbd195bcb'],
  ['a', 2 ** 15, '27f8ef643b0d118d', '7b136bd911e4b734286ef2be501f2c3c'],
  ['a', 2 ** 20, 'a4477e87e9f55853', 'f8acfa3ac31cfeea047f7b115b03bef5'],
  ['abc', 1, 'd4d7b9f6bd4fbfcf', '883c3d4b97a61976ffcf232308cba5a5'],
  ['abc', 500, 'd4cf26ddefd5c01a', '8824a260c53c66a36c9260a62cb83aa1'],
]

test('tags are those of RFC 4418', () => {
  for (const [text, times, tag64, tag128] of vectors) {
    const message = Buffer.from(text.repeat(times))
    assert.equal(umac(key, 8)(nonce, message).toString('hex'), tag64, `${text} × ${times}`)
    assert.equal(umac(key, 16)(nonce, message).toString('hex'), tag128, `${text} × ${times}`)
  }
})

test('one keyed instance serves any order of nonces and lengths', () => {
  const one = umac(key, 8)
  for (const last of [0, 1, 7, 6, 0]) {
    const n = Buffer.from([0, 0, 0, 0, 0, 0, 0, last])
    const message = Buffer.alloc(31 + last * 977, last)
    assert.deepEqual(one(n, message), umac(key, 8)(n, message))
  }
})
