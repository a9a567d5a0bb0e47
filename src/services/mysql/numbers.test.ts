import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compare, folded } from './numbers.ts'

test('texts compare as utf8mb4_general_ci has them: without case, blanks at the end, and with _ behind the letters', () => {
  assert.equal(compare('Abc', 'aBC  '), 0)
  assert.ok(compare('columns_priv', 'column_stats') < 0)
  assert.ok(compare('a b', 'a') > 0)
})

test('a million blanks before a letter are folded in one pass', () => {
  // The square of their number would keep this from ending.
  assert.equal(folded(`${' '.repeat(1_000_000)}x `).length, 1_000_001)
})
