import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Conn } from './conn.ts'
import { Hangup, Malformed } from './endings.ts'
import { plainAddress, readProxyHeader } from './proxy-protocol.ts'

const read = (bytes: Buffer | string) => {
  const [client, server] = duplexPair()
  client.end(bytes)
  return readProxyHeader(new Conn(server))
}
const v2 = (hex: string) => Buffer.from(`0d0a0d0a000d0a515549540a${hex}`.replace(/\s/g, ''), 'hex')

test('version 1: who really came', async () => {
  assert.deepEqual(await read('PROXY TCP4 192.0.2.7 198.51.100.1 56324 443\r\n'), {
    source: { ip: '192.0.2.7', port: 56324 },
    destination: { ip: '198.51.100.1', port: 443 },
  })
  assert.deepEqual(await read('PROXY TCP6 2001:DB8:0::7 2001:db8::1 1 2\r\n'), {
    source: { ip: '2001:db8::7', port: 1 },
    destination: { ip: '2001:db8::1', port: 2 },
  })
  assert.equal(await read('PROXY UNKNOWN\r\n'), undefined)
})

test('version 2: both families, health checks, unknown TLVs', async () => {
  assert.deepEqual(await read(v2('21 11 000c c0000207 c6336401 dc04 01bb')), {
    source: { ip: '192.0.2.7', port: 56324 },
    destination: { ip: '198.51.100.1', port: 443 },
  })
  const six = v2('21 21 0027 20010db8000000000000000000000007 20010db8000000000000000000000001 0001 0002 000000')
  assert.equal((await read(six))?.source.ip, '2001:db8::7')
  assert.equal(await read(v2('20 00 0000')), undefined)
})

test('anything else is malformed, whatever its length', async () => {
  for (const bad of [
    'GET / HTTP/1.0\r\n\r\n',
    'PROXY TCP4 1 2 3\r\n',
    'PROXY TCP4 a b 99999 1\r\n',
    'PROXY TCP4 1.1.1.1 2.2.2.2 1 2 3\r\n',
    'x'.repeat(300),
  ])
    await assert.rejects(read(bad), Malformed, bad)
  const good = v2('21 11 000c c0000207 c6336401 dc04 01bb')
  for (let i = 0; i < good.length; i++) {
    await assert.rejects(read(good.subarray(0, i)), e => e instanceof Malformed || e instanceof Hangup)
    const flipped = Buffer.from(good)
    flipped[i]! ^= 0x11
    await read(flipped).catch(e => assert.ok(e instanceof Malformed || e instanceof Hangup, String(e)))
  }
})

test('one spelling an address', () => {
  assert.equal(plainAddress('::ffff:192.0.2.1'), '192.0.2.1')
  assert.equal(plainAddress('::FFFF:c000:0201'), '192.0.2.1')
  assert.equal(plainAddress('2001:0DB8::0:1'), '2001:db8::1')
})
