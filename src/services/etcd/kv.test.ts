import assert from 'node:assert/strict'
import { test } from 'node:test'
import { put, range, txn } from './kv.ts'
import type { Message } from './schema.ts'
import { emptyEtcd } from './state.ts'

const key = (text: string) => Buffer.from(text)
const all = { key: key('\0'), range_end: key('\0') }

test('transactions within transactions are counted together', () => {
  const inner: Message = { success: Array.from({ length: 100 }, () => ({ request_range: all })) }
  const twice = { success: [{ request_txn: inner }, { request_txn: inner }] }
  assert.equal((txn(emptyEtcd(), { success: [{ request_txn: inner }] }, 2).responses as Message[]).length, 1)
  assert.throws(() => txn(emptyEtcd(), twice, 2), /too many operations/)
})

test('a transaction that asks for everything many times is refused', () => {
  const state = emptyEtcd()
  put(state, { key: key('a'), value: Buffer.alloc(500_000) }, 2)
  const ops = (n: number) => ({ success: Array.from({ length: n }, () => ({ request_range: all })) })
  assert.ok(txn(state, ops(3), 3).succeeded)
  assert.throws(() => txn(state, ops(100), 3), /too large/)
})

test('the space of one attacker ends', () => {
  const state = emptyEtcd()
  const value = Buffer.alloc(100_000)
  assert.throws(() => {
    for (let i = 0; i < 20; i++) put(state, { key: key(`k${i}`), value }, i)
  }, /database space exceeded/)
  assert.equal(range(state, { ...all, count_only: true }).count, 10)
})
