import assert from 'node:assert/strict'
import { test } from 'node:test'
import zlib from 'node:zlib'
import { asMessages, batchOf, Corrupt, crc32c, readBatches, recordsIn } from './log.ts'

const records = ['one', 'two', 'three'].map((word, i) => ({
  key: i === 1 ? null : Buffer.from('k'),
  value: Buffer.from(word),
  timestamp: 1_767_225_600_000 + i,
}))
const words = (batch: Buffer) => recordsIn(batch)?.map(({ value }) => String(value))

test('the checksum is that of RFC 3720 §B.4', () => {
  assert.equal(crc32c(Buffer.alloc(32)), 0x8a9136aa)
  assert.equal(crc32c(Buffer.from('123456789')), 0xe3069283)
})

test('a batch reads back as what it was made of', () => {
  const { bytes, last } = batchOf(7n, records)
  assert.equal(last, 9n)
  assert.deepEqual(recordsIn(readBatches(bytes)[0]!), records)
})

test('message sets of before 0.11 are taken and given, compressed ones too', () => {
  for (const magic of [0, 1] as const) {
    const set = asMessages(batchOf(0n, records), magic)
    assert.deepEqual(words(readBatches(set)[0]!), ['one', 'two', 'three'])
    const inner = zlib.gzipSync(set)
    const wrapper = asMessages(batchOf(0n, [{ key: null, value: inner, timestamp: 0 }]), magic)
    wrapper[17] = 1
    assert.deepEqual(words(readBatches(wrapper)[0]!), ['one', 'two', 'three'])
  }
})

test('what is damaged is refused', () => {
  const { bytes } = batchOf(0n, records)
  for (const at of [8, 16, 17, 23, 57, 70]) {
    const damaged = Buffer.from(bytes)
    damaged[at]! ^= 0x41
    assert.throws(() => readBatches(damaged), Corrupt, `byte ${at}`)
  }
  assert.throws(() => readBatches(bytes.subarray(0, 40)), Corrupt)
})

test('a bomb is not unpacked', () => {
  const bomb = zlib.gzipSync(Buffer.alloc(50 << 20))
  const { bytes } = batchOf(0n, [{ key: null, value: Buffer.from('x'), timestamp: 0 }])
  const packed = Buffer.concat([bytes.subarray(0, 61), bomb])
  packed.writeInt32BE(packed.length - 12, 8)
  packed.writeInt16BE(1, 21)
  packed.writeUInt32BE(crc32c(packed.subarray(21)), 17)
  assert.equal(recordsIn(readBatches(packed)[0]!), undefined)
})
