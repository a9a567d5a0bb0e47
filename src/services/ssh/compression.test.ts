import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import test from 'node:test'
import { Malformed } from '#sensor/endings.ts'
import { deflating, inflating } from './compression.ts'

test('what is compressed comes out again, packet by packet, and each helps the next', () => {
  const deflate = deflating()
  const inflate = inflating()
  const text = Buffer.from('a line that comes again\n')
  const sizes = [1, 2, 3].map(() => {
    const packed = deflate(text)
    assert.deepEqual(inflate(packed), text)
    return packed.length
  })
  assert.ok(sizes[1]! < sizes[0]! / 2)
  for (const size of [1, 1000, 16_384, 100_000]) {
    const noise = randomBytes(size)
    assert.deepEqual(inflate(deflate(noise)), noise)
    if (size > 1) assert.throws(() => inflating()(deflating()(noise).subarray(3)), Malformed)
    const zeros = Buffer.alloc(size)
    assert.deepEqual(inflate(deflate(zeros)), zeros)
  }
})

test('what is no zlib, and a bomb, are the peer’s mistake', () => {
  const inflate = inflating()
  for (let i = 0; i < 3; i++) assert.throws(() => inflate(Buffer.from('no zlib at all')), Malformed)
  const bomb = deflating()(Buffer.alloc(10 << 20))
  assert.ok(bomb.length < 20_000)
  assert.throws(() => inflating()(bomb), /More than 262144 bytes/)
})
