import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Malformed } from './endings.ts'
import { tls as tlsPort } from './service.ts'
import { listening, pretend, until } from './testing.ts'

const say = pretend(async conn => {
  await conn.write('hello\r\n')
  for (;;) await conn.write(await conn.readLine())
})
const actions = (events: { event: { action: string } }[]) => events.map(e => e.event.action)

test('a conversation is opened, recorded and closed once, whatever its end', async () => {
  const ways: [string, (line: string) => Promise<void>][] = [
    ['done', async () => {}],
    ['malformed', () => Promise.reject(new Malformed('No'))],
    ['error', () => Promise.reject(new TypeError('a bug'))],
    ['error', () => Promise.reject('not even an error')],
  ]
  for (const [reason, way] of ways) {
    using sensor = await listening(pretend(async conn => way(String(await conn.readLine()))))
    const socket = await sensor.connect()
    socket.resume()
    socket.write('go\r\n')
    await until(() => sensor.endings().length > 0)
    await until(() => sensor.house.stats().held === 0)
    assert.deepEqual(sensor.endings(), [reason])
    assert.deepEqual(actions(sensor.events).at(-1), 'connection-closed')
    assert.deepEqual(sensor.house.stats().connections, { pretend: 0 })
  }
})

test('a peer that breaks off at any moment breaks nothing else', async () => {
  using sensor = await listening(say)
  for (let i = 0; i < 60; i++) {
    const socket = await sensor.connect()
    if (i % 3) socket.write(Buffer.alloc(i * 1000, 'x'))
    if (i % 2) socket.resetAndDestroy()
    else socket.destroy()
  }
  await until(() => sensor.endings().length === 60)
  await until(() => sensor.house.stats().held === 0)
  assert.equal(sensor.house.stats().memory, 0)
  assert.deepEqual(sensor.house.stats().connections, { pretend: 0 })
})

test('a peer that takes nothing is let go, and so is one that goes on for ever', async () => {
  const pour = pretend(async conn => {
    for (;;) await conn.write(Buffer.alloc(64 << 10))
  })
  using sensor = await listening(pour)
  const deaf = await sensor.connect()
  deaf.pause()
  await until(() => sensor.house.stats().memory > 0)
  sensor.pass(31)
  await until(() => sensor.endings().length === 1)
  assert.deepEqual(sensor.endings(), ['stalled'])

  using patient = await listening(say, { limits: { lifetime: 600 } })
  const dribbler = await patient.connect()
  for (let i = 0; i < 11; i++) {
    dribbler.write('x')
    await new Promise(resolve => setTimeout(resolve, 5))
    patient.pass(59)
  }
  await until(() => patient.endings().length > 0)
  assert.deepEqual(patient.endings(), ['lifetime'])
})

test('what all hold together is bounded: the largest go', async () => {
  const deaf = pretend(conn => conn.pause(3600), { limits: { inbox: 256 << 10 } })
  using sensor = await listening(deaf, { memory: 1 << 20 })
  const sockets = await Promise.all(Array.from({ length: 12 }, () => sensor.connect()))
  for (const socket of sockets) socket.write(Buffer.alloc(256 << 10))
  await until(() => sensor.endings().filter(reason => reason === 'flooded').length >= 3)
  assert.ok(sensor.house.stats().memory <= 1 << 20)
  for (const socket of sockets) socket.destroy()
})

test('behind a front end, the caps are those of each visitor, not of the front end', async () => {
  using sensor = await listening(say, { proxies: ['127.0.0.1'], admission: { connections: 100, perSource: 2 } })
  const heard: number[] = []
  const visit = async (ip: string) => {
    const socket = await sensor.connect()
    const index = heard.push(0) - 1
    socket.on('data', chunk => (heard[index]! += chunk.length))
    socket.write(`PROXY TCP4 ${ip} 198.51.100.1 5000 21\r\nhey\r\n`)
    await until(() => heard[index]! > 0 || socket.closed)
  }
  for (let i = 1; i <= 6; i++) await visit(`192.0.2.${i}`)
  assert.ok(
    heard.every(bytes => bytes > 0),
    heard.join(),
  )
  assert.equal(sensor.house.stats().held, 6)
  const opened = sensor.events.filter(e => e.event.action === 'connection-opened')
  assert.deepEqual(opened.map(e => e.source?.ip).at(-1), '192.0.2.6')
})

test('a front end without a header, or that only asks for our health, is no visitor', async () => {
  using sensor = await listening(say, { proxies: ['127.0.0.1'] })
  for (const said of ['PROXY UNKNOWN\r\n', 'GET / HTTP/1.0\r\n\r\n', 'PROXY TCP4 nobody\r\n']) {
    const socket = await sensor.connect()
    socket.resume()
    socket.write(said)
    await new Promise(resolve => socket.once('close', resolve))
  }
  assert.deepEqual(sensor.events, [])
  const silent = await sensor.connect()
  await until(() => sensor.house.stats().held === 1)
  sensor.pass(61)
  await new Promise(resolve => silent.resume().once('close', resolve))
})

test('a TLS port takes its service’s word for those who do not speak TLS', async () => {
  const service = pretend(async () => {}, { plainOnTls: conn => conn.write('400 wrong\r\n') })
  using sensor = await listening(service, { endpoint: tlsPort(1) })
  const socket = await sensor.connect()
  let heard = ''
  socket.on('data', chunk => (heard += chunk))
  socket.write('GET / HTTP/1.0\r\n\r\n')
  await until(() => heard !== '')
  assert.equal(heard, '400 wrong\r\n')
})
