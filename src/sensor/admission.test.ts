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
