import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Admission } from './admission.ts'
import { Conn } from './conn.ts'

const guest = () => new Conn(duplexPair()[1])
const talker = () => Object.assign(guest(), { received: 10 })

test('over its cap, a source loses its longest silent connection to its newest', () => {
  const admission = new Admission({ connections: 100, perSource: 3 })
  const [first, second, third, fourth] = [guest(), guest(), guest(), guest()]
  for (const conn of [first, second, third, fourth]) assert.ok(admission.admit('192.0.2.1', conn))
  assert.equal(first.over, 'evicted')
  assert.equal(second.over, undefined)
  assert.equal(admission.size, 3)
  assert.equal(admission.evicted, 1)
})

test('where everybody talks, the newcomer is refused, and others are not', () => {
  const admission = new Admission({ connections: 100, perSource: 2 })
  assert.ok(admission.admit('192.0.2.1', talker()) && admission.admit('192.0.2.1', talker()))
  assert.equal(admission.admit('192.0.2.1', talker()), false)
  assert.ok(admission.admit('192.0.2.2', guest()))
  assert.equal(admission.refused, 1)
})

test('the cap on all counts everybody, and whoever leaves makes room', () => {
  const admission = new Admission({ connections: 2, perSource: 2 })
  const [one, two] = [talker(), talker()]
  assert.ok(admission.admit('192.0.2.1', one) && admission.admit('192.0.2.2', two))
  assert.equal(admission.admit('192.0.2.3', guest()), false)
  admission.leave(one)
  admission.leave(one)
  assert.ok(admission.admit('192.0.2.3', guest()))
  assert.equal(admission.size, 2)
})

test('a million addresses leave nothing behind', () => {
  const admission = new Admission({ connections: 10, perSource: 10 })
  for (let i = 0; i < 50_000; i++) {
    const conn = { received: 0, over: undefined, hangup() {} } as unknown as Conn
    admission.admit(`192.0.${i >> 8}.${i & 255}`, conn)
  }
  assert.equal(admission.size, 10)
})

/** A peer that spoke and then let us wait for so many milliseconds. */
const spoken = (silence: number) => {
  const conn = {
    received: 1,
    silence,
    over: undefined as string | undefined,
    hangup: (why: string) => (conn.over = why),
  }
  return conn as unknown as Conn
}

test('one byte buys no place for ever: the longest silent goes', () => {
  const admission = new Admission({ connections: 100, perSource: 3 })
  const [busy, slow, slowest] = [spoken(0), spoken(20_000), spoken(40_000)]
  for (const conn of [busy, slow, slowest, spoken(0)]) assert.ok(admission.admit('192.0.2.1', conn))
  assert.deepEqual([busy.over, slow.over, slowest.over], [undefined, undefined, 'evicted'])
})

test('any number of talkers in front do not shield the silent behind them', () => {
  const admission = new Admission({ connections: 300, perSource: 300 })
  for (let i = 0; i < 200; i++) admission.admit('192.0.2.1', spoken(0))
  for (let i = 0; i < 100; i++) admission.admit('192.0.2.1', spoken(30_000))
  let admitted = 0
  for (let i = 0; i < 8; i++) if (admission.admit(`198.51.100.${i}`, guest())) admitted++
  assert.ok(admitted >= 4, `${admitted} of 8`)
})

test('a network of IPv6 is one source', () => {
  const admission = new Admission({ connections: 100, perSource: 2 })
  const admitted = [1, 2, 3].map(n => admission.admit(`2001:db8:1:2::${n}`, talker()))
  assert.deepEqual(admitted, [true, true, false])
})
