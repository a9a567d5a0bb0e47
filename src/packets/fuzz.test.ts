import assert from 'node:assert/strict'
import { test } from 'node:test'
import { numbers } from '#codec/testing.ts'
import { decode } from './decode.ts'
import { fingerprint } from './fingerprint.ts'
import { Packet } from './packet.ts'
import { linkTypes, NotPcap, pcapReader } from './pcap.ts'
import { cooked2, ipPacket, pcapOf } from './testing.ts'

const times = Number(process.env.SKEP_FUZZ ?? 1)
const links = Object.values(linkTypes)
const seeds = [
  ipPacket({ options: '020405b40402080a0000000100000000010303070000', payload: Buffer.from('x'.repeat(90)) }),
  ipPacket({ protocol: 17, payload: Buffer.alloc(60, 9) }),
  ipPacket({ protocol: 1 }),
  ipPacket({
    source: '2001:db8::1',
    destination: '2001:db8::2',
    extensions: [
      [0, Buffer.alloc(8)],
      [43, Buffer.alloc(24)],
      [44, Buffer.alloc(8)],
      [51, Buffer.from([0, 4, ...Array(22).fill(0)])],
    ],
  }),
  ipPacket({ source: '2001:db8::1', destination: '2001:db8::2', protocol: 58 }),
]

test('mutated frames of every link type are taken apart or refused, within their bounds', () => {
  const draw = numbers(20_261_122)
  const packet = new Packet()
  let whole = 0
  for (let n = 0; n < 200_000 * times; n++) {
    const ip = seeds[draw(seeds.length)]!
    const link = links[draw(links.length)]!
    const frame = Buffer.from(
      link === linkTypes.cooked2
        ? cooked2(ip)
        : link === linkTypes.ethernet
          ? Buffer.concat([Buffer.alloc(12), Buffer.from(ip[0]! >> 4 === 4 ? '0800' : '86dd', 'hex'), ip])
          : ip,
    )
    for (let changes = draw(6); changes > 0; changes--) frame[draw(frame.length)] = draw(256)
    const start = draw(8) === 0 ? draw(frame.length) : 0
    const end = draw(3) === 0 ? start + draw(frame.length - start + 1) : frame.length
    if (decode(packet, frame, start, end, n, link) !== 'packet') continue
    whole++
    assert.ok(packet.payloadAt >= start && packet.payloadAt <= packet.payloadEnd && packet.payloadEnd <= end)
    assert.ok(packet.payloadLength >= 0 && packet.payloadLength <= 65_575 && packet.length <= 65_575)
    if (packet.wholeTcp) assert.ok(packet.optionsAt <= packet.optionsEnd && packet.optionsEnd - packet.optionsAt <= 40)
    assert.match(packet.source, /^[0-9a-f.:]+$/)
    const { ja4t } = fingerprint(packet)
    if (ja4t !== undefined) assert.match(ja4t, /^\d+_(00|\d+(-\d+)*)_(00|\d+)_(00|\d+)$/)
  }
  assert.ok(whole > 50_000 * times, `${whole} of them whole`)
})

test('mutated streams are read, or end in one way', () => {
  const draw = numbers(7)
  const stream = pcapOf(seeds.map((ip, n) => [1000 + n, cooked2(ip)] as const))
  let frames = 0
  let refused = 0
  for (let n = 0; n < 20_000 * times; n++) {
    const bytes = Buffer.from(stream)
    for (let changes = draw(5); changes > 0; changes--) bytes[draw(bytes.length)] = draw(256)
    try {
      const reader = pcapReader((buffer, start, end) => {
        frames++
        assert.ok(start <= end && end <= buffer.length)
      })
      for (let at = 0; at < bytes.length; ) {
        const piece = 1 + draw(200)
        reader.push(bytes.subarray(at, at + piece))
        at += piece
      }
    } catch (error) {
      if (!(error instanceof NotPcap)) throw error
      refused++
    }
  }
  assert.ok(frames > 20_000 * times && refused > 100 * times, `${frames} frames, ${refused} refused`)
})
