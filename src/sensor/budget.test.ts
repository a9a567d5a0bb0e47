import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Budget } from './budget.ts'
import { Conn, defaultLimits } from './conn.ts'
import { turns } from './testing.ts'

function guest(budget: Budget) {
  const [client, server] = duplexPair()
  client.on('error', () => {})
  server.on('error', () => {})
  return { client, conn: new Conn(server, defaultLimits, undefined, undefined, budget) }
}

test('counts what is unread, and no more once it is read', async () => {
  const budget = new Budget(1 << 20)
  const { client, conn } = guest(budget)
  client.write(Buffer.alloc(3000))
  await turns()
  assert.deepEqual([budget.held, conn.weight], [3000, 3000])
  await conn.read(1000)
  assert.equal(budget.held, 2000)
  await conn.end()
  assert.equal(budget.held, 0)
})

test('counts what a peer does not take, until it does', async () => {
  const budget = new Budget(1 << 20)
  const { client, conn } = guest(budget)
  const writing = conn.write(Buffer.alloc(200_000))
  await turns()
  assert.ok(budget.held > 100_000, String(budget.held))
  client.resume()
  await writing
  assert.equal(budget.held, 0)
})

test('counts what a service keeps', () => {
  const budget = new Budget(1 << 20)
  const { conn } = guest(budget)
  conn.keep(500)
  conn.keep(-200)
  assert.equal(budget.held, 300)
  conn.hangup('reset')
  conn.keep(-300)
  assert.equal(budget.held, 0)
})

test('over its cap, those that hold most go, and the small stay', async () => {
  const budget = new Budget(100_000)
  const small = Array.from({ length: 20 }, () => guest(budget))
  for (const { client } of small) client.write(Buffer.alloc(1000))
  await turns()
  const large = Array.from({ length: 10 }, () => guest(budget))
  for (const { client } of large) client.write(Buffer.alloc(30_000))
  await turns(20)
  assert.ok(budget.held <= 100_000, String(budget.held))
  assert.ok(small.every(({ conn }) => conn.over === undefined))
  assert.ok(large.some(({ conn }) => conn.over === 'flooded'))
  for (const { conn } of [...small, ...large]) conn.hangup('shutdown')
  assert.equal(budget.held, 0)
})

test('a write that breaks the cap ends its own conversation, not the process', async () => {
  const budget = new Budget(10_000)
  const { conn } = guest(budget)
  await assert.rejects(conn.write(Buffer.alloc(200_000)), (e: { reason?: string }) => e.reason === 'flooded')
  assert.equal(budget.held, 0)
})
