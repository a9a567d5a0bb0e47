import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Budget } from '#sensor/budget.ts'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { globMatcher } from './glob.ts'
import redis from './index.ts'
import { quote, splitInline } from './inline.ts'
import { CAPACITY } from './keyspace.ts'
import { dump } from './rdb.ts'
import { newServer } from './state.ts'
import { connected } from './testing.ts'
import { TooMuch } from './wire.ts'

test('a key lives as long as it was given', async () => {
  let now = 1_000_000
  const { say } = connected(() => now)
  await say('SET', 'k', 'v', 'PX', '500')
  now += 499
  assert.equal(await say('GET', 'k'), '$1\r\nv\r\n')
  now += 1
  assert.equal(await say('GET', 'k'), '$-1\r\n')
  assert.equal(await say('DEL', 'k'), ':0\r\n')
})

test('another connection’s write breaks a watched transaction', async () => {
  const { say } = connected()
  await say('SADD', 's', 'a')
  await say('WATCH', 's')
  await say('SADD', 's', 'b')
  await say('MULTI')
  await say('SCARD', 's')
  assert.equal(await say('EXEC'), '*-1\r\n')
})

test('an attacker’s data set is bounded, and room comes back when something goes', async () => {
  const { say, server } = connected()
  const large = 'x'.repeat(200_000)
  let i = 0
  while ((await say('SET', `k${i}`, large)) === '+OK\r\n') i++
  assert.ok(i >= 15 && i <= CAPACITY / large.length, String(i))
  assert.match(await say('RPUSH', 'l', large), /^-OOM /)
  assert.equal(await say('EXISTS', 'l'), ':0\r\n')
  // Overwriting, taking out and flushing all give back what they freed, again and again.
  for (let n = 0; n < 50; n++) {
    assert.equal(await say('DEL', 'k0'), ':1\r\n')
    assert.equal(await say('RPUSH', 'l', large), ':1\r\n')
    assert.match(await say('LPOP', 'l'), /^\$200000/)
    assert.equal(await say('SET', 'k0', large), '+OK\r\n')
  }
  server.drop()
  assert.equal(await say('DBSIZE'), ':0\r\n')
  assert.equal(await say('SET', 'k', large), '+OK\r\n')
})

test('no answer is out of proportion to what was kept', async () => {
  const { say } = connected()
  await say('SET', 'k', 'x'.repeat(1 << 20))
  await assert.rejects(say('MGET', ...Array(100).fill('k')), TooMuch)
  await say('MULTI')
  for (let i = 0; i < 100; i++) await say('GET', 'k')
  await assert.rejects(say('EXEC'), TooMuch)
  await say('SADD', 's', 'member')
  assert.equal(await say('SRANDMEMBER', 's', '-1000000000'), '*1\r\n$6\r\nmember\r\n')
})

test('patterns and combinations made to take for ever end soon', async () => {
  const nasty = globMatcher(`${'*a'.repeat(2000)}b`)
  assert.equal(nasty('a'.repeat(100_000)), false)
  const { say } = connected()
  for (let k = 0; k < 200; k++) await say('SADD', `s${k}`, ...Array.from({ length: 50 }, (_, i) => `${i}`))
  const keys = Array.from({ length: 20_000 }, (_, i) => `s${i % 200}`)
  assert.match(await say('SINTER', ...keys), /^\*50\r\n/)
  assert.match(await say('SDIFF', ...keys), /^\*0\r\n/)
  await say('LPUSH', 'l', ...Array.from({ length: 40_000 }, (_, i) => `${i}`))
  assert.equal(await say('LRANGE', 'l', '0', '1'), '*2\r\n$5\r\n39999\r\n$5\r\n39998\r\n')
})

test('words of an inline request, and how they are shown', () => {
  const table: [string, string[] | undefined][] = [
    ['', []],
    ['a  b', ['a', 'b']],
    ['"a b"', ['a b']],
    ["'a b'", ['a b']],
    ['a"b"', ['ab']],
    ['"\\x41\\n\\q"', ['A\nq']],
    ["'\\'\\n'", ["'\\n"]],
    ['""', ['']],
    ['"a', undefined],
    ['"a"b', undefined],
    ["'a'b", undefined],
    ['"a\\', undefined],
  ]
  for (const [line, words] of table) assert.deepEqual(splitInline(line), words, line)
  const bytes = String.fromCharCode(...Array.from({ length: 256 }, (_, i) => i))
  assert.deepEqual(splitInline(quote(bytes)), [bytes])
})

const hasChecker = spawnSync('redis-check-rdb', ['--help']).error === undefined
test('what SAVE leaves is a dump that Redis reads', { skip: !hasChecker && 'redis-tools not installed' }, async () => {
  const { say, server, cx } = connected()
  for (const command of ['SET a 1', 'RPUSH l 1 2 3', 'SADD s a b', 'HSET h f v', 'ZADD z 1.5 m', 'SET e x EX 100'])
    await say(...command.split(' '))
  await say('SET', 'big', 'x'.repeat(70_000))
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'rdb-')), 'dump.rdb')
  fs.writeFileSync(file, dump(server.keyspace, '7.0.15', cx.now()))
  const { stdout, status } = spawnSync('redis-check-rdb', [file], { encoding: 'utf8' })
  fs.rmSync(path.dirname(file), { recursive: true })
  assert.equal(status, 0, stdout)
  assert.match(stdout, /7 keys read/)
})

/** A session over a wire, its memory counted. */
function session() {
  const [client, wire] = duplexPair()
  for (const side of [client, wire]) side.on('error', () => {})
  client.resume()
  const budget = new Budget(1 << 30)
  const { record, events } = listeningRecorder()
  const conn = new Conn(wire, { ...defaultLimits, ...redis.limits }, undefined, undefined, budget)
  const cx = testContext(redis, record)
  const over = redis.session!(conn, { ...cx, attacker: () => newServer(cx) as never }).catch(error => error)
  return { client, conn, budget, events, over }
}
const turns = async (n: number) => {
  while (n--) await new Promise(setImmediate)
}

test('a request of any number of large arguments ends before it fills the memory', async () => {
  const { client, conn, budget, over } = session()
  client.write('*1000\r\n')
  const argument = `$200000\r\n${'x'.repeat(200_000)}\r\n`
  for (let i = 0; i < 100 && !conn.over; i++) {
    client.write(argument)
    await turns(4)
  }
  await over
  assert.equal(conn.over, 'flooded')
  assert.equal(budget.held, 0)
})

test('what a transaction holds back counts, until it is over', async () => {
  const { client, conn, budget, over } = session()
  client.write('MULTI\r\n')
  for (let i = 0; i < 5; i++) client.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\n${'x'.repeat(100_000)}\r\n`)
  await turns(50)
  assert.ok(budget.held > 500_000 && budget.held < 700_000, String(budget.held))
  client.write('DISCARD\r\nPING\r\n')
  await turns(50)
  assert.equal(budget.held, 0)
  client.write('MULTI\r\n')
  for (let i = 0; i < 60 && !conn.over; i++) {
    client.write(`*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$100000\r\n${'x'.repeat(100_000)}\r\n`)
    await turns(4)
  }
  client.end()
  await over
  assert.ok(budget.held < 5 << 20)
})
