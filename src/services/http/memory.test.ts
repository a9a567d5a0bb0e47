import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Budget } from '#sensor/budget.ts'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import http from './index.ts'

const turns = async (n: number) => {
  while (n--) await new Promise(setImmediate)
}

test('what a request holds while its body dribbles in counts with its connection, and no longer', async () => {
  const [client, wire] = duplexPair()
  for (const side of [client, wire]) side.on('error', () => {})
  client.resume()
  const budget = new Budget(1 << 30)
  const conn = new Conn(wire, { ...defaultLimits, ...http.limits }, undefined, undefined, budget)
  const over = http.session!(conn, testContext(http, listeningRecorder().record)).catch(error => error)
  const head = `POST / HTTP/1.1\r\nHost: a\r\nX: ${'y'.repeat(5000)}\r\nContent-Length: 20000\r\n\r\n`
  client.write(head)
  client.write('x'.repeat(12_000))
  await turns(20)
  assert.equal(budget.held, head.length + 12_000)
  client.write('x'.repeat(8000))
  await turns(50)
  assert.equal(budget.held, 0)
  client.end()
  await over
})
