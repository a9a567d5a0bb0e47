import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Pace } from './pace.ts'

test('who has had much waits, and has it back after a while', () => {
  const pace = new Pace()
  let now = 1_000_000
  assert.equal(pace.spend(6_000_000, now), 0)
  assert.equal(pace.spend(300_000, now), 1)
  assert.equal(pace.spend(60_000_000, now), 20)
  now += 1_000_000
  assert.equal(pace.spend(1, now), 0)
})
