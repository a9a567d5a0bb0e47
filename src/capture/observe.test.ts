import assert from 'node:assert/strict'
import { test } from 'node:test'
import * as v from 'valibot'
import { envelope } from '#events/event.ts'
import { kindOf } from './observe.ts'
import { captured, scanOf } from './testing.ts'

const us = '198.51.100.2'
const handshake = { source: '192.0.2.1', sourcePort: 40_000, destinationPort: 22, sequence: 1000 }

test('flags are named as nmap names the scans that send them', () => {
  for (const [flags, kind] of [
    [0, 'null'],
    [1, 'fin'],
    [2, 'syn'],
    [0x29, 'xmas'],
    [0x11, 'maimon'],
    [0x10, 'ack'],
    [0x12, 'syn-ack'],
    [4, 'rst'],
    [0x14, 'rst'],
    [0xc2, 'syn'],
    [0x2b, 'odd-flags'],
  ] as const)
    assert.equal(kindOf(flags), kind)
})

test('a SYN that nothing follows is a probe; one with its handshake is a connection, and tells who makes it', async () => {
  const c = captured()
  c.come(handshake)
  c.come({ ...handshake, flags: 16, sequence: 1001 })
  c.come({ ...handshake, sourcePort: 40_001, destinationPort: 23 })
  c.pass(6)
  const [scan, ...more] = await c.of('scan')
  assert.deepEqual([scanOf(scan!).ports, scanOf(scan!).count, more.length], [['23'], 1, 0])
  const [hello] = await c.of('tcp-hello')
  assert.deepEqual(hello!.destination, { ip: us, port: 22 })
  assert.equal((hello!.skep as unknown as { sender: { ja4t: string } }).sender.ja4t, '64240_2_1460_00')
  // What goes on in it, and its end, are no news.
  for (const flags of [16, 0x18, 0x11, 4]) c.come({ ...handshake, flags, sequence: 1050 })
  c.pass(5)
  assert.equal((await c.of('scan')).length, 1)
  for (const event of c.events) v.parse(envelope, event)
})

test('a handshake broken off after the answer (nmap -sS) is a probe, and its RST none of its own', async () => {
  const c = captured()
  c.come(handshake)
  c.come({ ...handshake, flags: 4, sequence: 1001 })
  c.come({ ...handshake, flags: 4, sequence: 1001 })
  c.pass(2)
  assert.deepEqual(
    (await c.of('scan')).map(event => scanOf(event).kind),
    ['syn'],
  )
})

test('repeated SYNs are one port and as many packets', async () => {
  const c = captured()
  for (let n = 0; n < 3; n++) c.come(handshake)
  c.pass(6)
  const [scan] = await c.of('scan')
  assert.deepEqual([scanOf(scan!).count, scanOf(scan!).packets], [1, 3])
})

test('what comes with a SYN is told', async () => {
  const c = captured()
  c.come({ ...handshake, payload: Buffer.from('early data') })
  const [packet] = await c.of('packet')
  assert.equal((packet!.skep as { payload?: string }).payload, 'early data')
  assert.deepEqual([packet!.skep.session, packet!.destination!.port], [undefined, 22])
})

test('answers to what we began are nobody’s probes', async () => {
  const c = captured()
  const dns = { protocol: 17, source: us, destination: '203.0.113.53', sourcePort: 4000, destinationPort: 53 }
  c.come(dns, 4)
  c.come({
    protocol: 17,
    source: '203.0.113.53',
    destination: us,
    sourcePort: 53,
    destinationPort: 4000,
    payload: Buffer.from('x'),
  })
  c.come({ source: us, destination: '203.0.113.80', sourcePort: 4001, destinationPort: 443, flags: 2 }, 4)
  for (const flags of [0x12, 0x10, 0x11])
    c.come({ source: '203.0.113.80', destination: us, sourcePort: 443, destinationPort: 4001, flags })
  c.come({ protocol: 1, source: us, destination: '203.0.113.1', type: 8 }, 4)
  c.come({ protocol: 1, source: '203.0.113.1', destination: us, type: 0 })
  c.pass(5)
  assert.deepEqual(c.events, [])
  // The same from strangers is: somebody sent packets in our name.
  c.come({ source: '203.0.113.81', destination: us, sourcePort: 443, destinationPort: 4001, flags: 0x12 })
  c.pass(5)
  assert.deepEqual(
    (await c.of('scan')).map(event => scanOf(event).kind),
    ['syn-ack'],
  )
})

test('datagrams: to a decoy none of ours, elsewhere with what they bear, the same bytes once', async () => {
  const c = captured()
  c.seen.serve([123])
  const payload = Buffer.from('M-SEARCH * HTTP/1.1\r\n')
  c.come({ protocol: 17, destinationPort: 123, payload })
  for (let n = 0; n < 3; n++) c.come({ protocol: 17, destinationPort: 1900, payload })
  const [packet, ...more] = await c.of('packet')
  c.pass(2)
  assert.equal(more.length, 0)
  assert.deepEqual(packet!.destination, { ip: us, port: 1900 })
  assert.equal(packet!.network!.transport, 'udp')
  assert.equal((packet!.skep as { payload?: string }).payload, payload.toString())
  const [scan] = await c.of('scan')
  assert.deepEqual([scanOf(scan!).ports, scanOf(scan!).packets], [['1900'], 3])
  assert.equal(scan!.skep.session, packet!.skep.session)
  assert.deepEqual([packet!.event.sequence, scan!.event.sequence], [0, 1])
})

test('payloads of one source have a budget, and what is over it is counted', async () => {
  const c = captured()
  for (let n = 0; n < 100; n++)
    c.come({ protocol: 17, destinationPort: 1000 + n, payload: Buffer.from(`payload ${n}`) })
  assert.equal((await c.of('packet')).length, 64)
  assert.deepEqual(
    c.lost.take().map(({ where, count }) => [where, count]),
    [['capture', 36]],
  )
  c.pass(2)
  assert.equal(scanOf((await c.of('scan'))[0]!).count, 100)
})

test('pings, other protocols and fragments are stories too; talk of the link is not', async () => {
  const c = captured()
  c.come({ protocol: 1, type: 8 })
  c.come({ protocol: 1, type: 13 })
  c.come({ protocol: 58, source: '2001:db8::1', destination: '2001:db8::2', type: 128 })
  c.come({ protocol: 58, source: 'fe80::1', destination: '2001:db8::2', type: 135 })
  c.come({ protocol: 47, payload: Buffer.alloc(8) })
  c.come({ protocol: 6, fragment: 1, payload: Buffer.alloc(8) })
  c.pass(2)
  const scans = (await c.of('scan')).map(event => scanOf(event))
  assert.deepEqual(
    scans.map(({ kind, types, protocols }) => [kind, types ?? protocols]),
    [
      ['icmp', ['8', '13']],
      ['icmpv6', ['128']],
      ['protocol', ['47']],
    ],
  )
  assert.equal((await c.of('scan'))[0]!.source!.port, undefined)
  for (const event of c.events) v.parse(envelope, event)
})

test('nothing of loopback, of others, or from us is a probe', () => {
  const c = captured()
  c.come({ flags: 1 }, 3)
  c.come({ flags: 1 }, 4)
  c.come({ flags: 1 }, 1)
  c.pass(3)
  assert.deepEqual(c.events, [])
})
