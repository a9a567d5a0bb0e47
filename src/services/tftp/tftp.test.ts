import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import tftp from './index.ts'
import { datagram, silent } from './serve.ts'

const setup = () => {
  const { record, events } = listeningRecorder()
  return { cx: testContext(tftp, record), events }
}
const turns = () => new Promise(resolve => setTimeout(resolve, 5))
const write = (name: string) => Buffer.from(`\0\x02${name}\0octet\0`)
const block = (n: number, bytes: string) => Buffer.concat([Buffer.of(0, 3, n >> 8, n & 255), Buffer.from(bytes)])
const uploads = (events: { name: string; details: unknown }[]) =>
  events
    .filter(event => event.name === 'fileUpload')
    .map(event => event.details as { path: string; sample: { size: number } })

test('an upload of a thousand blocks is one sample', async () => {
  const { cx, events } = setup()
  datagram(write('x'), cx)
  for (let n = 1; n <= 1000; n++) {
    assert.deepEqual(datagram(block(n, 'b'.repeat(512)), cx), Buffer.of(0, 4, n >> 8, n & 255))
    if (n % 20 === 0) await turns()
  }
  datagram(block(1001, 'end'), cx)
  await turns()
  assert.deepEqual(
    uploads(events).map(({ path, sample }) => [path, sample.size]),
    [['/x', 512_003]],
  )
})

test('an upload that breaks off is kept as far as it came', async () => {
  const { cx, events } = setup()
  datagram(write('part'), cx)
  datagram(block(1, 'b'.repeat(512)), cx)
  silent(cx)
  silent(cx)
  await turns()
  assert.deepEqual(
    uploads(events).map(({ path, sample }) => [path, sample.size]),
    [['/part', 512]],
  )
})

test('blocks that come faster than the disk takes them are not acknowledged', () => {
  const { cx } = setup()
  datagram(write('fast'), cx)
  let taken = 0
  while (taken < 1000 && datagram(block(taken + 1, 'b'.repeat(512)), cx)) taken++
  assert.ok(taken > 16 && taken < 64, `${taken}`)
})
