import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Conn } from './conn.ts'
import type { Running } from './converse.ts'
import { leadStranger, leadToProxy } from './strangers.ts'

const named = (name: string, tls = false) =>
  ({ service: { name, session: async () => {}, ...(tls ? { tls: () => ({}) } : {}) } }) as unknown as Running
const nobody = named('catchall')
const house = new Map(['http', 'ssh', 'redis', 'ftp'].map(name => [name, named(name, name === 'http')]))

/** Where somebody is led who sends these pieces and then waits, or closes. */
async function led(port: number, pieces: (string | Buffer)[], close = false) {
  const [client, server] = duplexPair()
  const conn = new Conn(server)
  for (const piece of pieces) {
    client.write(piece)
    await new Promise(setImmediate)
  }
  if (close) client.end()
  const { running, tls } = await leadStranger(conn, port, house, nobody)
  const { held } = conn
  client.destroy()
  server.destroy()
  return [running.service.name, tls, held]
}

test('by the first words, none of which is taken', async () => {
  assert.deepEqual(await led(31_337, ['GET /x HTTP/1.1\r\nHost: a\r\n\r\n']), ['http', false, 28])
  assert.deepEqual(await led(31_337, ['SSH-2.0-Go\r\n']), ['ssh', false, 12])
  assert.deepEqual(await led(80, ['*1\r\n$4\r\nPING\r\n']), ['redis', false, 14])
  const hello = Buffer.from('16030100c8010000c40303', 'hex')
  assert.deepEqual((await led(5000, [hello])).slice(0, 2), ['http', true])
})

test('byte by byte as well', async () => {
  const [name] = await led(1234, [...'SSH-2.0-Go\r\n'])
  assert.equal(name, 'ssh')
})

test('what nobody speaks, or nobody here speaks, stays with nobody', async () => {
  for (const words of ['\x99\x98\x97', 'CNXN\0\0\0\x01', '\x03\0\0\x13\x0e\xe0\0\0\0\0\0\x01\0\x08\0\x03\0\0\0'])
    assert.equal((await led(1234, [Buffer.from(words, 'latin1')]))[0], 'catchall')
  assert.equal((await led(1234, [], true))[0], 'catchall')
})

test('the silent are led to whoever speaks first on a port that ends like this', async () => {
  const names = await Promise.all([2222, 60_022, 2121, 10_023, 60_000].map(async port => (await led(port, []))[0]))
  // There is no telnet in this house.
  assert.deepEqual(names, ['ssh', 'ssh', 'ftp', 'catchall', 'catchall'])
})

test('who asks for a proxy is led to one, at nobody’s port and at the web’s', async () => {
  const proxied = new Map([...house, ['proxy', named('proxy')]])
  const asked = async (words: string, lead: (conn: Conn) => Promise<{ running: Running }>) => {
    const [client, server] = duplexPair()
    const conn = new Conn(server)
    client.write(words)
    await new Promise(setImmediate)
    const { running } = await lead(conn)
    client.destroy()
    server.destroy()
    return running.service.name
  }
  const web = proxied.get('http')!
  for (const [words, expected] of [
    ['CONNECT mx.example.org:25 HTTP/1.0\r\n\r\n', 'proxy'],
    ['GET http://www.example.com/ HTTP/1.1\r\nHost: a\r\n\r\n', 'proxy'],
    ['GET / HTTP/1.1\r\nHost: a\r\n\r\n', 'http'],
  ] as const) {
    assert.equal(await asked(words, conn => leadStranger(conn, 8118, proxied, nobody)), expected)
    assert.equal(await asked(words, conn => leadToProxy(conn, proxied, web)), expected)
  }
})
