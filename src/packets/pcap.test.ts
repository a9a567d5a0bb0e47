import assert from 'node:assert/strict'
import { test } from 'node:test'
import { NotPcap, pcapReader } from './pcap.ts'
import { pcapOf } from './testing.ts'

const frames = [
  [1_767_225_600_123.5, Buffer.from('first frame')],
  [1_767_225_601_000, Buffer.alloc(0)],
  [1_767_225_602_999.25, Buffer.alloc(3000, 7)],
] as const

function read(stream: Buffer, pieceBytes: number) {
  const found: [number, Buffer][] = []
  const reader = pcapReader((bytes, start, end, at, link) => {
    assert.equal(link, 276)
    found.push([at, Buffer.from(bytes.subarray(start, end))])
  })
  for (let at = 0; at < stream.length; at += pieceBytes) reader.push(stream.subarray(at, at + pieceBytes))
  return { found, pending: reader.pending() }
}

test('both byte orders, micro- and nanoseconds, however the stream is cut', () => {
  for (const bigEndian of [false, true])
    for (const nanoseconds of [false, true])
      for (const piece of [1, 7, 100, 100_000]) {
        const { found, pending } = read(pcapOf(frames, { bigEndian, nanoseconds }), piece)
        assert.deepEqual(found, [...frames])
        assert.equal(pending, 0)
      }
})

test('a record that is cut off waits for its rest', () => {
  const stream = pcapOf(frames)
  assert.equal(read(stream.subarray(0, -1), 1000).found.length, 2)
  assert.ok(read(stream.subarray(0, -1), 1000).pending > 2999)
})

test('what is no pcap, or a frame over the cap, ends it', () => {
  assert.throws(() => read(Buffer.alloc(24, 1), 24), NotPcap)
  const huge = pcapOf(frames)
  huge.writeUInt32LE(300_000, 24 + 8)
  assert.throws(() => read(huge, 1000), /300000 bytes is over the cap/)
})
