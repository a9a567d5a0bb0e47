import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'
import { test } from 'node:test'
import tls, { type SecureVersion } from 'node:tls'
import { tls as tlsPort } from './service.ts'
import { listening, pretend, until } from './testing.ts'

const echo = pretend(async conn => {
  for (;;) await conn.write(await conn.readSome())
})
const endpoint = tlsPort(1)
/** The first flight of a real client. */
const hello = await new Promise<Buffer>(resolve => {
  const wire = new Duplex({ read() {}, write: (chunk, _, done) => done(void resolve(chunk)) })
  tls.connect({ socket: wire as unknown as Socket }).on('error', () => {})
})

/** The client's socket, with what it sends on the way to the wire changed by `change`. */
function tampered(socket: Socket, change: (chunk: Buffer) => Buffer) {
  const wire = new Duplex({
    read() {},
    write(chunk, _, done) {
      socket.write(change(chunk), done)
    },
    final(done) {
      socket.end(done)
    },
  })
  socket.on('data', chunk => wire.push(chunk))
  socket.on('end', () => wire.push(null))
  return wire as unknown as Socket
}

function handshake(socket: Socket, version: SecureVersion): Promise<tls.TLSSocket> {
  return new Promise((resolve, reject) => {
    const client = tls.connect({ socket, rejectUnauthorized: false, minVersion: version, maxVersion: version }, () =>
      resolve(client),
    )
    client.on('error', reject)
  })
}

for (const version of ['TLSv1.2', 'TLSv1.3'] as const) {
  test(`a broken record right behind the handshake ends that conversation (${version})`, async () => {
    using sensor = await listening(echo, { endpoint })
    let flights = 0
    const bad = Buffer.concat([Buffer.of(0x17, 3, 3, 0, 32), Buffer.alloc(32, 7)])
    const wire = tampered(await sensor.connect(), chunk => (++flights === 2 ? Buffer.concat([chunk, bad]) : chunk))
    void handshake(wire, version).catch(() => {})
    await until(() => sensor.endings().length > 0)
    await until(() => sensor.house.stats().held === 0)
  })

  test(`a broken record later on ends it too (${version})`, async () => {
    using sensor = await listening(echo, { endpoint })
    let breaking = false
    const wire = tampered(await sensor.connect(), chunk => {
      if (breaking) chunk.writeUInt8(chunk.at(-1)! ^ 1, chunk.length - 1)
      return chunk
    })
    const client = await handshake(wire, version)
    client.on('error', () => {})
    client.write('hello')
    await new Promise(resolve => client.once('data', resolve))
    breaking = true
    client.write('again')
    await until(() => sensor.endings().length > 0)
  })
}

test('nobody makes us negotiate keys again and again', async () => {
  using sensor = await listening(echo, { endpoint })
  const client = await handshake(await sensor.connect(), 'TLSv1.2')
  const refused = new Promise<Error>(resolve => client.once('error', resolve))
  client.renegotiate({}, () => {})
  assert.match((await refused).message, /no renegotiation/)
})

test('a handshake that stays unfinished is cut, however its bytes dribble', async () => {
  using sensor = await listening(echo, { endpoint, limits: { idle: 60 } })
  const socket = await sensor.connect()
  socket.write(hello)
  await new Promise(resolve => socket.once('data', resolve))
  for (const byte of [0x16, 3, 3]) {
    socket.write(Buffer.of(byte))
    sensor.pass(19)
  }
  assert.deepEqual(sensor.endings(), [])
  sensor.pass(10)
  await until(() => sensor.endings().length > 0)
  assert.deepEqual(sensor.endings(), ['idle'])
})

for (const how of ['destroy', 'resetAndDestroy', 'end'] as const)
  test(`a peer that leaves in the middle of a handshake leaves nothing behind (${how})`, async () => {
    using sensor = await listening(echo, { endpoint })
    const socket = await sensor.connect()
    socket.write(hello)
    await new Promise(resolve => socket.once('data', resolve))
    socket[how]()
    await until(() => sensor.endings().length > 0)
    await until(() => sensor.house.stats().held === 0)
    assert.equal(sensor.house.stats().memory, 0)
  })

test('what cannot be agreed on is named, and answered with an alert', async () => {
  using sensor = await listening(echo, { endpoint })
  const socket = await sensor.connect()
  const heard: Buffer[] = []
  socket.on('data', (chunk: Buffer) => heard.push(chunk))
  // SSL 3.0, without extensions.
  const old = `1603000031 0100002d 0300${'5a'.repeat(32)}00 0006c02f009c002f 0100`
  socket.write(Buffer.from(old.replaceAll(' ', ''), 'hex'))
  await until(() => sensor.endings().length > 0)
  assert.deepEqual(sensor.endings(), ['malformed'])
  const why = sensor.events.find(e => e.event.action === 'malformed') as { error?: { message?: string } } | undefined
  assert.match(JSON.stringify(why), /ERR_SSL_VERSION_TOO_LOW/)
  await until(() => heard.length > 0)
  assert.equal(Buffer.concat(heard)[0], 0x15)
})

test('the ClientHello is durable before the ServerHello leaves', async () => {
  let durable: () => void = () => {}
  const gate = new Promise<void>(resolve => (durable = resolve))
  using sensor = await listening(echo, { endpoint, gate: () => gate })
  const socket = await sensor.connect()
  let heard = 0
  socket.on('data', (chunk: Buffer) => (heard += chunk.length))
  socket.write(hello)
  await until(() => sensor.events.some(e => e.event.action === 'tls-hello'))
  await new Promise(resolve => setTimeout(resolve, 50))
  assert.equal(heard, 0)
  durable()
  await until(() => heard > 0)
})
