import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { duplexPair } from 'node:stream'
import test from 'node:test'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { testPersona } from '../testing/persona.ts'
import { deriveKey } from './kex.ts'
import { Message } from './messages.ts'
import { Traffic } from './rekeying.ts'
import { serverOf } from './server.ts'
import { both, offer, TestClient } from './testing.ts'
import { Transport } from './transport.ts'
import { message, string, uint32 } from './wire.ts'

const ours = testPersona.software.ssh.identification
const theirs = 'SSH-2.0-Test_1.0'

/** A transport past its first exchange, and the client at its other end. */
async function connected(own = offer(), traffic = new Traffic()) {
  const [near, far] = duplexPair()
  const limits = { ...defaultLimits, inbox: 1 << 19 }
  const transport = new Transport({
    conn: new Conn(far, limits),
    server: serverOf(testPersona),
    theirs,
    random: bytes => Buffer.alloc(bytes, 0x11),
    traffic,
  })
  const client = new TestClient(new Conn(near, limits), theirs)
  client.greeting = ours
  const started = transport.start(() => undefined)
  await client.sendKexInit(own)
  await client.receive()
  await client.exchange(own)
  await started
  return { transport, client }
}
const data = (n: number) => message(94, uint32(0), string(Buffer.alloc(n, n)))

test('a client may exchange keys again once it may', async () => {
  for (const strict of [[], ['kex-strict-c-v00@openssh.com']]) {
    const own = offer({ kex: ['curve25519-sha256', ...strict] })
    const { transport, client } = await connected(own)
    const sessionId = Buffer.from(transport.sessionId)
    transport.welcome()
    await transport.flush()
    assert.equal((await client.receive())[0], Message.userauthSuccess)
    for (let round = 0; round < 3; round++) {
      const received = transport.receive()
      await client.sendKexInit(own)
      // What was sent before our side knew of it may still arrive; what it sends now must wait.
      assert.equal((await client.receive())[0], Message.kexInit)
      transport.send(data(5))
      await client.exchange(own)
      assert.deepEqual(await client.receive(), data(5))
      await client.send(data(round))
      assert.deepEqual((await received).payload, data(round))
    }
    assert.deepEqual(transport.sessionId, sessionId)
  }
})

test('the server may begin, and passes on what still comes', async () => {
  const own = offer(both('chacha20-poly1305@openssh.com'))
  const { transport, client } = await connected(own)
  transport.welcome()
  await transport.flush()
  assert.equal((await client.receive())[0], Message.userauthSuccess)
  transport.rekey()
  transport.send(data(1))
  await transport.flush()
  assert.equal((await client.receive())[0], Message.kexInit)
  await client.send(data(2))
  assert.deepEqual((await transport.receive()).payload, data(2))
  const received = transport.receive()
  await client.sendKexInit(own)
  await client.exchange(own)
  assert.deepEqual(await client.receive(), data(1))
  await client.send(data(3))
  assert.deepEqual((await received).payload, data(3))
})

test('keys that have seen a gigabyte in blocks of eight, or 2^32 blocks of sixteen, are changed', async () => {
  for (const [cipher, limit] of [
    ['chacha20-poly1305@openssh.com', 2 ** 30],
    ['aes128-ctr', 2 ** 36],
  ] as const) {
    const own = offer(both(cipher))
    const traffic = new Traffic()
    const { transport, client } = await connected(own, traffic)
    transport.welcome()
    traffic.bytesOut = limit - 100
    transport.send(data(10))
    traffic.bytesOut = limit + 8
    transport.send(data(11))
    await transport.flush()
    assert.equal((await client.receive())[0], Message.userauthSuccess)
    assert.deepEqual(await client.receive(), data(10))
    assert.equal((await client.receive())[0], Message.kexInit)
    const received = transport.receive()
    await client.sendKexInit(own)
    await client.exchange(own)
    assert.deepEqual(await client.receive(), data(11))
    assert.ok(traffic.bytesOut < 200)
    await client.send(data(3))
    assert.deepEqual((await received).payload, data(3))
  }
})

test('who sends unasked waits for the end of an exchange', async () => {
  const own = offer()
  const { transport, client } = await connected(own)
  transport.welcome()
  transport.rekey()
  let free = false
  const room = transport.room().then(() => {
    free = true
  })
  for (let turn = 0; turn < 10; turn++) await new Promise(setImmediate)
  assert.ok(!free)
  assert.equal((await client.receive())[0], Message.userauthSuccess)
  assert.equal((await client.receive())[0], Message.kexInit)
  const received = transport.receive()
  await client.sendKexInit(own)
  await client.exchange(own)
  await client.send(data(3))
  await received
  await room
  transport.close()
  await assert.rejects(transport.room())
})

test('after the log-in what was agreed to be compressed is, and anew with every set of keys', async () => {
  const own = offer({
    compression_client_to_server: ['zlib@openssh.com'],
    compression_server_to_client: ['zlib@openssh.com'],
  })
  const { transport, client } = await connected(own)
  transport.welcome()
  await transport.flush()
  assert.equal((await client.receive())[0], Message.userauthSuccess)
  client.compress()
  const zeros = message(94, uint32(0), string(Buffer.alloc(20_000)))
  for (let keys = 0; keys < 3; keys++) {
    for (let round = 0; round < 3; round++) {
      transport.send(zeros)
      await transport.flush()
      assert.deepEqual(await client.receive(), zeros)
      assert.ok(client.packetRead.length < 200)
      await client.send(zeros)
      assert.deepEqual((await transport.receive()).payload, zeros)
    }
    const received = transport.receive()
    await client.sendKexInit(own)
    await client.receive()
    await client.exchange(own)
    await client.send(data(keys))
    assert.deepEqual((await received).payload, data(keys))
  }
})

test('any number of senders keep their order', async () => {
  const { transport, client } = await connected()
  const sizes = Array.from({ length: 50 }, (_, i) => i * 7)
  const flushes = sizes.map(size => {
    transport.send(data(size))
    return transport.flush()
  })
  for (const size of sizes) assert.deepEqual(await client.receive(), data(size))
  await Promise.all(flushes)
})

test('a packet of 256 KiB arrives, a longer one ends the connection', async () => {
  const { transport, client } = await connected()
  const largest = message(94, Buffer.alloc((256 << 10) - 32))
  const received = transport.receive()
  await client.send(largest)
  assert.equal((await received).payload.length, largest.length)
  const refused = assert.rejects(transport.receive(), /Packet length/)
  await client.send(message(94, Buffer.alloc(256 << 10)))
  await refused
})

test('keys are derived as RFC 4253 §7.2 says', () => {
  const shared = { secret: Buffer.from('K'), exchangeHash: Buffer.from('H'), sessionId: Buffer.from('S') }
  const first = hash('sha256', 'KHAS', 'buffer')
  const second = hash('sha256', Buffer.concat([Buffer.from('KH'), first]), 'buffer')
  assert.deepEqual(deriveKey('sha256', shared, 'A', 16), first.subarray(0, 16))
  assert.deepEqual(deriveKey('sha256', shared, 'A', 64), Buffer.concat([first, second]))
})
