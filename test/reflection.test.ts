import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import * as v from 'valibot'
import { numbers } from '#codec/testing.ts'
import { Attackers } from '#sensor/attackers.ts'
import { run } from '#sensor/converse.ts'
import { udpSide } from '#sensor/udp.ts'
import { services } from '#services/index.ts'
import { testPersona } from '#services/testing/persona.ts'
import { TALK_TIME } from '#services/testing/play.ts'
import { parseTalk } from '#services/testing/talk.ts'

/**
 * Whoever forges an address sends its owner nothing worth forging for: of every service that answers datagrams, no
 * address gets more bytes than came in its name. All services are asked, those of tomorrow too.
 */

const talksOf = (name: string) => {
  const folder = path.join(import.meta.dirname, '../src/services', name, 'talks')
  return fs
    .readdirSync(folder)
    .filter(file => file.endsWith('.talk'))
    .map(file => parseTalk(fs.readFileSync(path.join(folder, file), 'utf8')))
    .filter(({ transport }) => transport === 'udp')
}

/** What scanners and amplifiers' owners send at any port, and nothing at all. */
const anybody = [
  Buffer.alloc(0),
  Buffer.from('\n'),
  Buffer.alloc(1),
  Buffer.alloc(512),
  Buffer.from('\x17\x00\x03\x2a\x00\x00\x00\x00', 'latin1'),
  Buffer.from('M-SEARCH * HTTP/1.1\r\nHOST:239.255.255.250:1900\r\nST:ssdp:all\r\nMan:"ssdp:discover"\r\nMX:3\r\n\r\n'),
  Buffer.from('0000010000000000000000ff0001', 'hex'),
  Buffer.from(
    '302602010104067075626c6963a5190204000000010201000201643 00b300906052b060102010500'.replace(' ', ''),
    'hex',
  ),
  Buffer.from('\0\0\0\0\0\x01\0\0stats\r\n', 'latin1'),
  Buffer.from(
    'OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.1;branch=z9hG4bK1\r\nCSeq: 1 OPTIONS\r\nCall-ID: 1\r\n\r\n',
  ),
]

/** Products that take datagrams and say nothing: CUPS hears printers, and CLDAP's answers are all larger than its questions. */
const silent = new Set(['ipp', 'ldap'])

const MUTATED = 300

for (const [name, load] of services) {
  const { default: service } = await load()
  if (!service.datagram) continue
  describe(`${name}, over UDP`, async () => {
    await service.load?.(false)
    const draw = numbers(53)
    const talks = talksOf(name)
    const conversations = talks.map(({ steps, options }) => ({ packets: steps.map(({ client }) => client), options }))
    for (let n = 0; n < MUTATED && talks.length > 0; n++) {
      const { packets, options } = conversations[draw(talks.length)]!
      const changed = packets.map(packet => {
        const copy = Buffer.from(packet.subarray(0, draw(3) > 0 ? packet.length : draw(packet.length + 1)))
        for (let flips = draw(4); flips > 0 && copy.length > 0; flips--) copy[draw(copy.length)] = draw(256)
        return copy
      })
      conversations.push({ packets: changed, options })
    }
    for (const packet of anybody) conversations.push({ packets: [packet, packet, packet], options: undefined })

    test('has datagrams to be asked with', () => assert.ok(talks.length > 0))

    for (const [how, addressOf] of [
      ['an address in one datagram', (talk: number, step: number) => `2001:db8:${talk.toString(16)}:${step}::1`],
      ['an address in a conversation', (talk: number) => `198.51.${talk >> 8}.${talk & 255}`],
    ] as const)
      test(`sends nobody more than came from them: ${how}`, async () => {
        const [received, sent] = [new Map<string, number>(), new Map<string, number>()]
        const add = (to: Map<string, number>, address: string, bytes: number) =>
          to.set(address, (to.get(address) ?? 0) + bytes)
        let seeds = 0
        const world = {
          persona: testPersona,
          recording: { sensor: 'test', sink: () => {}, now: () => TALK_TIME },
          attackers: new Attackers(),
          sample: () => ({
            write: async () => {},
            close: async () => ({ sha256: '', sha1: '', md5: '', size: 0, kept: 0 }),
            abort: async () => {},
          }),
          terminal: () => assert.fail('No terminals over UDP'),
          random: (bytes: number) => Buffer.alloc(bytes, seeds++),
        }
        const house = udpSide(world, { gate: () => undefined, budget: { perSource: 1e9, overall: 1e9 } })
        for (const endpoint of service.listen.filter(({ transport }) => transport === 'udp'))
          for (const [talk, { packets, options }] of conversations.entries()) {
            const running = run(service, v.parse(service.options, options ?? {}), testPersona)
            for (const [step, packet] of packets.entries()) {
              const address = addressOf(talk, step)
              add(received, address, packet.length)
              const outlet = {
                address: '203.0.113.80',
                port: endpoint.port,
                send: (reply: Buffer, port: number, to: string) => {
                  assert.deepEqual([to, port], [address, 40_000], 'sent to somebody else')
                  add(sent, to, reply.length)
                },
              }
              await house.hear(running, outlet, packet, { address, port: 40_000 })
              const [got, asked] = [sent.get(address) ?? 0, received.get(address)!]
              assert.ok(got <= asked, `${got} bytes for ${asked}: ${packet.toString('latin1')}`)
            }
          }
        house.close()
        assert.equal(sent.size > 0, !silent.has(name), `${sent.size} addresses were answered`)
      })
  })
}
