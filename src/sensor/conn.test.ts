import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Conn, defaultLimits, type Gate } from './conn.ts'
import { Hangup, Malformed } from './endings.ts'
import { turns } from './testing.ts'

function pair(limits = {}, gate?: Gate) {
  const [client, server] = duplexPair()
  let clock = 1_000_000
  client.on('error', () => {})
  server.on('error', () => {})
  const conn = new Conn(server, { ...defaultLimits, ...limits }, gate, () => clock)
  const pass = (seconds: number) => {
    clock += seconds * 1000
    conn.expire(clock)
  }
  return { client, conn, pass }
}
test('reads exact counts, lines and marks across any segmentation', async () => {
  const { client, conn } = pair()
  for (const byte of 'abcHELLO\r\nbare\nx--mark--tail') client.write(byte)
  assert.equal(String(await conn.read(3)), 'abc')
  assert.equal(String(await conn.readLine()), 'HELLO')
  assert.equal(String(await conn.readLine()), 'bare')
  assert.equal(String(await conn.readUntil('--mark--')), 'x--mark--')
  assert.equal(String(await conn.read(4)), 'tail')
  assert.equal(conn.received, 28)
})

test('never moves bytes it has handed out', async () => {
  const { client, conn } = pair()
  client.write('first')
  const first = await conn.read(3)
  for (let i = 0; i < 200; i++) client.write('x'.repeat(50))
  await turns(50)
  await conn.readSome(10_000)
  assert.equal(String(first), 'fir')
})

test('peeks without taking, and gets less when the peer stops', async () => {
  const { client, conn } = pair()
  client.write('ab')
  assert.equal(String(await conn.peek(2)), 'ab')
  client.end()
  assert.equal(String(await conn.peek(10)), 'ab')
  assert.equal(String(await conn.read(2)), 'ab')
  await assert.rejects(conn.read(1), (e: Hangup) => e.reason === 'eof')
})

test('a half-closed peer still gets its answer', async () => {
  const { client, conn } = pair()
  const heard: Buffer[] = []
  client.on('data', (chunk: Buffer) => heard.push(chunk))
  client.end('QUIT\r\n')
  await conn.readLine()
  await turns()
  await conn.write('221 bye\r\n')
  await conn.end()
  await turns()
  assert.equal(String(Buffer.concat(heard)), '221 bye\r\n')
})

test('refuses frames and lines over their cap', async () => {
  const { client, conn } = pair()
  await assert.rejects(conn.read(1 << 20), Malformed)
  client.write('a'.repeat(5000))
  await assert.rejects(conn.readLine(4096), Malformed)
})

test('holds no more than its inbox: the rest stays with the peer', async () => {
  const { client, conn } = pair({ inbox: 8192 })
  let accepted = 0
  for (let i = 0; i < 100; i++) client.write(Buffer.alloc(4096), () => (accepted += 4096))
  await turns(50)
  assert.ok(conn.held <= 8192 + 4096 + 65536, `holds ${conn.held}`)
  assert.ok(accepted < 400_000)
})

test('ends a flood, a silence, a stall and a life that is too long', async () => {
  const flood = pair({ total: 1000 })
  flood.client.write(Buffer.alloc(2000))
  await turns()
  assert.equal(flood.conn.over, 'flooded')

  const silent = pair({ idle: 60 })
  const reading = assert.rejects(silent.conn.read(1), (e: Hangup) => e.reason === 'idle')
  silent.pass(59)
  assert.equal(silent.conn.over, undefined)
  silent.pass(2)
  await reading

  const stalled = pair({ stalled: 30 })
  const writing = assert.rejects(stalled.conn.write(Buffer.alloc(1 << 20)), (e: Hangup) => e.reason === 'stalled')
  await turns()
  stalled.pass(31)
  await writing

  const old = pair({ lifetime: 100, idle: 1e6 })
  old.pass(101)
  assert.equal(old.conn.over, 'lifetime')

  const welcome = pair({ lifetime: 100, idle: 1e6 })
  welcome.conn.lifetime = 1000
  welcome.pass(101)
  assert.equal(welcome.conn.over, undefined)
  welcome.pass(1000)
  assert.equal(welcome.conn.over, 'lifetime')
})

test('an answer waits for the gate', async () => {
  let open: () => void = () => {}
  const closed = new Promise<void>(resolve => (open = resolve))
  const { client, conn } = pair({}, () => closed)
  const heard: string[] = []
  client.on('data', (chunk: Buffer) => heard.push(String(chunk)))
  const writing = conn.write('331 ok\r\n')
  await turns()
  assert.deepEqual(heard, [])
  open()
  await writing
  await turns()
  assert.deepEqual(heard, ['331 ok\r\n'])
})

test('one reader and several writers wait at once', async () => {
  const { client, conn } = pair()
  const reading = conn.readLine()
  const writes = [1, 2, 3].map(n => conn.write(Buffer.alloc(100_000, n)))
  client.resume()
  await Promise.all(writes)
  client.write('hello\n')
  assert.equal(String(await reading), 'hello')
})

test('a pause ends early when the peer is gone', async () => {
  const { conn } = pair()
  const pausing = assert.rejects(conn.pause(3600), Hangup)
  conn.hangup('shutdown')
  await pausing
})

test('what comes after our end is drained and not kept; a peer that lingers is cut off', async () => {
  const { client, conn, pass } = pair()
  await conn.end()
  client.write(Buffer.alloc(100_000))
  await turns()
  assert.equal(conn.held, 0)
  pass(6)
  assert.equal(conn.over, 'done')
})

test('several pauses at once all end when the peer is gone', async () => {
  const { conn } = pair()
  const pausing = [3600, 0.001, 3600].map(seconds => conn.pause(seconds))
  await pausing[1]
  conn.hangup('reset')
  for (const pause of [pausing[0]!, pausing[2]!]) await assert.rejects(pause, Hangup)
})

test('a wire that broke before anybody looked is a conversation that is over', async () => {
  const [, server] = duplexPair()
  server.destroy()
  await turns()
  const conn = new Conn(server)
  assert.equal(conn.over, 'reset')
  await assert.rejects(conn.read(1), Hangup)
  await assert.rejects(conn.write('x'), Hangup)
})

test('another layer comes over the wire only when what was recorded is durable', async () => {
  let open: () => void = () => {}
  const closed = new Promise<void>(resolve => (open = resolve))
  const { conn } = pair({}, () => closed)
  let upgraded = false
  const replacing = conn.replaceWire(async wire => {
    upgraded = true
    return wire
  })
  await turns()
  assert.equal(upgraded, false)
  open()
  await replacing
  assert.ok(upgraded)
})

test('silence is what the peer lets us wait for', async () => {
  const { client, conn, pass } = pair()
  assert.equal(conn.silence, 0)
  const reading = conn.read(2)
  pass(7)
  assert.equal(conn.silence, 7000)
  client.write('ab')
  await reading
  assert.equal(conn.silence, 0)
})
