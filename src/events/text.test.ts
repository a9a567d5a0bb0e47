import assert from 'node:assert/strict'
import { test } from 'node:test'
import { text } from './text.ts'

test('keeps what is UTF-8, shows what is not, cuts what is long', () => {
  assert.equal(text(Buffer.from('パスワード')), 'パスワード')
  assert.equal(text(Buffer.from([0x41, 0xff, 0x00, 0x42])), 'A\\xff\x00B')
  assert.equal(text(Buffer.alloc(5000, 0x61)).length, 4097)
})

test('a character that the cut splits does not spoil the rest', () => {
  assert.equal(text(Buffer.from('aあ'), 2), 'a…')
})

test('a byte order mark is a part of what was sent', () => {
  assert.equal(text(Buffer.from('\ufeffroot')), '\ufeffroot')
})
