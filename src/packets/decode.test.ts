import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from './decode.ts'
import { addressText, Packet } from './packet.ts'
import { linkTypes } from './pcap.ts'
import { addressOf, cooked2, ipPacket } from './testing.ts'

const packet = new Packet()
const take = (bytes: Buffer, link: number = linkTypes.raw) => decode(packet, bytes, 0, bytes.length, 1000, link)

test('a TCP segment over IPv4, field by field', () => {
  const payload = Buffer.from('GET /')
  const bytes = ipPacket({
    source: '192.0.2.77',
    destination: '198.51.100.2',
    sourcePort: 50_000,
    destinationPort: 8080,
    flags: 0x18,
    sequence: 0xfffffffe,
    acknowledgement: 5,
    window: 501,
    ttl: 51,
    id: 54_321,
    options: '0101080a0000000100000002',
    payload,
  })
  assert.equal(take(bytes), 'packet')
  assert.deepEqual(
    [packet.source, packet.sourcePort, packet.destination, packet.destinationPort],
    ['192.0.2.77', 50_000, '198.51.100.2', 8080],
  )
  assert.deepEqual(
    [packet.flags, packet.sequence, packet.acknowledgement, packet.window, packet.ttl, packet.id],
    [0x18, 0xfffffffe, 5, 501, 51, 54_321],
  )
  assert.deepEqual([packet.payload, packet.payloadLength, packet.length], [payload, 5, 57])
  assert.deepEqual([packet.source4, packet.destination4], [0xc000024d, 0xc6336402])
})

test('padding of short frames is no payload, and what the capture cut off is still counted', () => {
  const bytes = ipPacket({ protocol: 17, payload: Buffer.from('hello') })
  take(Buffer.concat([bytes, Buffer.alloc(13)]))
  assert.equal(packet.payload.toString(), 'hello')
  take(bytes.subarray(0, -3))
  assert.deepEqual([packet.payload.toString(), packet.payloadLength], ['he', 5])
})

test('link layers: Ethernet with VLAN tags, cooked of both versions, raw', () => {
  const ip = ipPacket({ destinationPort: 23 })
  const mac = Buffer.from('020000000001020000000002', 'hex')
  const tagged = Buffer.concat([mac, Buffer.from('88a80064810000c80800', 'hex'), ip])
  for (const [bytes, link] of [
    [Buffer.concat([mac, Buffer.from('0800', 'hex'), ip]), linkTypes.ethernet],
    [tagged, linkTypes.ethernet],
    [Buffer.concat([Buffer.from('00000001000602000000000100000800', 'hex'), ip]), linkTypes.cooked],
    [cooked2(ip), linkTypes.cooked2],
    [ip, linkTypes.raw],
    [ip, linkTypes.ipv4],
  ] as const) {
    assert.equal(take(bytes, link), 'packet', `link type ${link}`)
    assert.equal(packet.destinationPort, 23)
    assert.equal(packet.direction, 0)
  }
  take(cooked2(ip, 4, 772), linkTypes.cooked2)
  assert.deepEqual([packet.direction, packet.loopback], [4, true])
  const arp = Buffer.concat([mac, Buffer.from('0806', 'hex'), Buffer.alloc(28)])
  assert.equal(take(arp, linkTypes.ethernet), 'other')
  assert.equal(take(Buffer.concat([mac, Buffer.from('8100000181000001'.repeat(4), 'hex')]), linkTypes.ethernet), 'odd')
})

test('IPv6 through its extension headers', () => {
  const hop = Buffer.alloc(8)
  const options = Buffer.concat([Buffer.from([0, 1]), Buffer.alloc(14)])
  const bytes = ipPacket({
    source: '2001:db8::1',
    destination: '2001:db8:0:1::22',
    destinationPort: 22,
    extensions: [
      [0, hop],
      [60, options],
      [44, Buffer.from('0000000100000007', 'hex')],
    ],
  })
  assert.equal(take(bytes), 'packet')
  assert.deepEqual([packet.protocol, packet.destinationPort, packet.moreFragments], [6, 22, true])
  assert.deepEqual([packet.source, packet.destination], ['2001:db8::1', '2001:db8:0:1::22'])
  const chain = Array.from({ length: 11 }, () => [60, Buffer.alloc(8)] as [number, Buffer])
  assert.equal(take(ipPacket({ source: '2001:db8::1', destination: '::1', extensions: chain })), 'odd')
})

test('fragments: a tiny first one tells the ports, a later one nothing', () => {
  const whole = ipPacket({ destinationPort: 445, fragment: 0x2000 })
  const tiny = Buffer.from(whole.subarray(0, 28))
  tiny.writeUInt16BE(28, 2)
  assert.equal(take(tiny), 'packet')
  assert.deepEqual([packet.hasPorts, packet.wholeTcp, packet.destinationPort], [true, false, 445])
  assert.equal(take(ipPacket({ fragment: 1 })), 'packet')
  assert.deepEqual([packet.hasPorts, packet.fragmentOffset], [false, 8])
})

test('what lies about its length, or is cut off, is told as that', () => {
  assert.equal(take(Buffer.alloc(0)), 'short')
  assert.equal(take(Buffer.from([0x45])), 'short')
  assert.equal(take(Buffer.from([0x15, ...Array(30).fill(0)])), 'odd')
  const noOptions = ipPacket()
  noOptions[0] = 0x42
  assert.equal(take(noOptions), 'odd')
  const offset = ipPacket()
  offset[32] = 0x20
  assert.equal(take(offset), 'odd')
  assert.equal(take(ipPacket().subarray(0, 30)), 'short')
})

test('IPv6 addresses are written as RFC 5952 has them', () => {
  for (const text of [
    '::',
    '::1',
    '2001:db8::1',
    '2001:db8:0:1:1:1:1:1',
    'fe80::1:0:0:1',
    '1::',
    '1:0:2::',
    'ff02::1:ff00:1',
  ])
    assert.equal(addressText(addressOf(text), 0, 6), text)
  assert.equal(addressText(addressOf('2001:0:0:1:0:0:0:1'.replace(':0:0:0:', '::')), 0, 6), '2001:0:0:1::1')
})
