import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { test } from 'node:test'
import { playDatagrams } from '#services/testing/play.ts'
import { datagrams } from '../../../test/oracle/ntp/datagrams.ts'
import ntp from './index.ts'
import { encodeTime, parseTime, timestamp } from './wire.ts'

test('a header read and written again is the same', () => {
  const packet = Buffer.from(datagrams['every field filled']!)
  assert.deepEqual(encodeTime(parseTime(packet)), packet)
})

test('timestamps count from 1900 in 2⁻³² s', () => {
  // RFC 5905 figure 4: the first day of UNIX is 2,208,988,800 s into era 0.
  assert.equal(timestamp(0), 2_208_988_800n << 32n)
  assert.equal(timestamp(500) & 0xffff_ffffn, 0x8000_0000n)
  // Era 1 begins on 7 February 2036, and the count with it.
  assert.equal(timestamp(Date.UTC(2036, 1, 7, 6, 28, 16)), 0n)
})

test('whatever comes is answered with no more, or is malformed, never a fault', () => {
  const block = (n: number, size: number) => {
    const blocks = Array.from({ length: Math.ceil(size / 64) }, (_, i) =>
      createHash('sha512').update(`${n} ${i}`).digest(),
    )
    return Buffer.concat(blocks).subarray(0, size)
  }
  const known = Object.values(datagrams)
  for (let n = 0; n < 4000; n++) {
    const noise = block(n, n % 50 === 0 ? 1472 : n % 200)
    const packet = n % 2 ? noise : Buffer.from(known[n % known.length]!)
    if (n % 2 === 0 && packet.length) packet[(n * 31) % packet.length]! ^= 1 << (n % 8)
    const { ending, events, heard } = playDatagrams(ntp, [packet])
    assert.match(ending, /^(done|malformed)$/, packet.toString('hex'))
    assert.ok(events.length > 0 && heard.length <= packet.length)
  }
})
