import assert from 'node:assert/strict'
import { test } from 'node:test'
import { decode } from './decode.ts'
import { fingerprint, initialTtl, ja4t, type Probe, pairTool } from './fingerprint.ts'
import { Packet } from './packet.ts'
import { linkTypes } from './pcap.ts'
import { ipPacket, type Recipe } from './testing.ts'

function of(recipe: Recipe): Packet {
  const packet = new Packet()
  const bytes = ipPacket(recipe)
  assert.equal(decode(packet, bytes, 0, bytes.length, 0, linkTypes.raw), 'packet')
  return packet
}
const linux = { options: '020405b40402080a5c412eeb0000000001030307', window: 64_240, ttl: 57 }

test('JA4T: examples of its description', () => {
  for (const [recipe, expected] of [
    [{ window: 64_240, options: '020405b40103030801010402' }, '64240_2-1-3-1-1-4_1460_8'],
    [{ ...linux }, '64240_2-4-8-1-3_1460_7'],
    [{ window: 62_727, options: '020423010402080a000000010000000001030307' }, '62727_2-4-8-1-3_8961_7'],
    [{ window: 65_535, options: '020405b4010303060101080a000000010000000004020000' }, '65535_2-1-3-1-1-8-4-0-0_1460_6'],
    [{ window: 1024, options: '020405b4' }, '1024_2_1460_00'],
    [{ window: 65_535 }, '65535_00_00_00'],
    [{ window: 1024 }, '1024_00_00_00'],
    // A length that lies ends the list, and breaks nothing.
    [{ window: 1, options: '02040578030009ff' }, '1_2-3_1400_00'],
  ] as const)
    assert.equal(ja4t(of(recipe)), expected)
})

test('who sent it, by the hop limit and the options', () => {
  assert.deepEqual(fingerprint(of(linux)), {
    ttl: 57,
    initialTtl: 64,
    hops: 7,
    ja4t: '64240_2-4-8-1-3_1460_7',
    os: 'Linux 3.10 or later',
  })
  assert.equal(fingerprint(of({ ...linux, window: 5840 })).os, 'Linux 2.4–2.6')
  assert.equal(fingerprint(of({ options: '020405b40103030801010402', ttl: 113 })).os, 'Windows 10 or later')
  assert.equal(
    fingerprint(of({ options: '020405b40103030801010402', ttl: 113, window: 8192 })).os,
    'Windows 7, 8 or Server 2008',
  )
  assert.equal(fingerprint(of({ ...linux, ttl: 250 })).os, undefined)
  assert.equal(fingerprint(of({ flags: 16 })).ja4t, undefined)
  assert.deepEqual([1, 32, 33, 64, 65, 128, 129, 255].map(initialTtl), [32, 32, 64, 64, 128, 128, 255, 255])
})

test('tools by what they put into their packets', () => {
  const destination4 = 0xc6336402
  const sequence = 0x12345678
  const masscan = {
    window: 1024,
    ttl: 250,
    sequence,
    id: (destination4 ^ 8080 ^ sequence) & 0xffff,
    destinationPort: 8080,
  }
  for (const [recipe, tool] of [
    [masscan, 'masscan'],
    [{ ...masscan, id: masscan.id ^ 1 }, undefined],
    [{ id: 54_321, window: 65_535 }, 'zmap'],
    [{ id: 54_321, protocol: 17, destinationPort: 53 }, 'zmap'],
    [{ sequence: destination4, destinationPort: 23 }, 'mirai'],
    [{ window: 1024, options: '020405b4', ttl: 44 }, 'nmap'],
    [{ window: 31_337, options: '03030a0102040109080affffffff000000000402', ttl: 54 }, 'nmap -O'],
    [{ window: 512, ttl: 60 }, 'hping'],
    [linux, undefined],
  ] as const)
    assert.equal(fingerprint(of({ destination: '198.51.100.2', ...recipe })).tool, tool, JSON.stringify(recipe))
})

test('tools by what two packets have in common', () => {
  const probe = (more: Partial<Probe>): Probe => ({
    sequence: 0,
    sourcePort: 1,
    destinationPort: 1,
    destination4: 1,
    ...more,
  })
  assert.equal(pairTool(probe({ sequence: 0xabcd1234 }), probe({ sequence: 0xabcd1234 ^ 0x55aa55aa })), 'nmap')
  const secret = 0x5eed5eed
  const hashed = (sourcePort: number, destinationPort: number) =>
    probe({ sourcePort, destinationPort, sequence: (secret ^ 1 ^ ((destinationPort << 16) + sourcePort)) >>> 0 })
  assert.equal(pairTool(hashed(4000, 22), hashed(61_000, 8080)), 'unicornscan')
  assert.equal(pairTool(probe({ sequence: 7 }), probe({ sequence: 99_999 })), undefined)
  assert.equal(pairTool(probe({ sequence: 7 }), probe({ sequence: 7 })), undefined)
})
