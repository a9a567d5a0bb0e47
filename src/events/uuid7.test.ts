import assert from 'node:assert/strict'
import { test } from 'node:test'
import { uuid7 } from './uuid7.ts'

test('is a version 7 UUID of its time', () => {
  const id = uuid7(0x0123456789ab)
  assert.match(id, /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})

test('rises, within a millisecond and when the clock steps back', () => {
  const ids = Array.from({ length: 20_000 }, (_, i) => uuid7(Date.now() - (i % 3)))
  assert.deepEqual(ids, [...ids].sort())
  assert.equal(new Set(ids).size, ids.length)
})
