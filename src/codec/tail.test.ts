import assert from 'node:assert/strict'
import { test } from 'node:test'
import { withoutTail } from './tail.ts'

test('the end goes, and nothing before it', () => {
  assert.equal(withoutTail('  a b  ', ' '), '  a b')
  assert.equal(withoutTail('///', '/'), '')
  assert.equal(withoutTail('', '\0'), '')
})

test('a million of them before another character take one look', () => {
  assert.equal(withoutTail(`${'\0'.repeat(1_000_000)}x\0`, '\0').length, 1_000_001)
})
