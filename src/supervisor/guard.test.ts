import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { LockFacts } from '#firewall/rules.ts'
import { opened } from './guard.ts'

test('where the operator’s SSH moves, the new way in is opened and the old one stays', () => {
  const facts: LockFacts = { user: 64291, datagramPorts: [], passive: { ports: [22], from: ['192.0.2.0/24'] } }
  assert.deepEqual(opened(facts, [2200]).passive, { ports: [22, 2200], from: ['192.0.2.0/24'] })
  assert.equal(opened(facts, [22]), facts)
  assert.equal(opened(facts, []), facts)
})
