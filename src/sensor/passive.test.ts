import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Hangup } from './endings.ts'
import type { DataConn, PassivePort } from './service.ts'
import { connected, listening, pretend, until } from './testing.ts'

/** A session that reserves a port and hands it to the test. */
async function reserved(ports = 1) {
  let port!: PassivePort
  const service = pretend(async (conn, cx) => {
    port = cx.passive()!
    await conn.readLine()
    port.release()
  })
  const sensor = await listening(service, { ports })
  const control = await sensor.connect()
  await until(() => port !== undefined)
  return { sensor, control, port }
}

test('the peer gets through, once', async () => {
  const { sensor, control, port } = await reserved()
  using _ = sensor
  const first = await connected(port.port)
  const data: DataConn = await port.accept(5)
  first.end('file')
  assert.equal(String(await data.read(4)), 'file')
  const second = await connected(port.port)
  await new Promise(resolve => second.once('close', resolve))
  control.destroy()
})

test('a data connection broken off before anybody looked leaves nothing behind, and the next one counts', async () => {
  const { sensor, control, port } = await reserved()
  using _ = sensor
  for (let i = 0; i < 3; i++) {
    const broken = await connected(port.port)
    broken.resetAndDestroy()
  }
  await new Promise(resolve => setTimeout(resolve, 50))
  const accepting = port.accept(60)
  const good = await connected(port.port)
  good.end('x')
  const data = await accepting
  assert.equal(String(await data.read(1)), 'x')
  control.destroy()
})

test('who never comes is waited for no longer than said, or than the port is held', async () => {
  const { sensor, control, port } = await reserved()
  using _ = sensor
  await assert.rejects(port.accept(0.01), (e: Hangup) => e.reason === 'idle')
  const waiting = assert.rejects(port.accept(3600), Hangup)
  port.release()
  await waiting
  port.release()
  control.destroy()
})

test('ports run out and come back; a stranger at a free one is closed on', async () => {
  const seen: (PassivePort | undefined)[] = []
  const service = pretend(async (conn, cx) => {
    for (let i = 0; i < 3; i++) seen.push(cx.passive())
    for (const port of seen) port?.release()
    seen.push(cx.passive())
    await conn.readLine()
  })
  using sensor = await listening(service, { ports: 2 })
  const control = await sensor.connect()
  await until(() => seen.length === 4)
  const [first, second, none, again] = seen
  assert.equal(none, undefined)
  // The port that has rested for longest.
  assert.equal(again!.port, first!.port)
  const stranger = await connected(second!.port)
  await new Promise(resolve => stranger.once('close', resolve))
  control.destroy()
})

test('a silent data connection ends by its own deadline', async () => {
  const { sensor, control, port } = await reserved()
  using _ = sensor
  const peer = await connected(port.port)
  const data = await port.accept(5)
  const reading = assert.rejects(data.read(1), (e: Hangup) => e.reason === 'idle')
  sensor.pass(61)
  await reading
  peer.destroy()
  control.destroy()
})
