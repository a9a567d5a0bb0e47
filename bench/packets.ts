/**
 * Packets: how many are read, taken apart and put into stories in a second of processor time. Four mixes, each in memory in
 * the form that tcpdump writes, in chunks as a pipe brings them; no disk, no process around.
 */
import type { SampleWriter } from '#artifacts/samples.ts'
import { losses } from '#capture/losses.ts'
import { observer } from '#capture/observe.ts'
import { records } from '#capture/records.ts'
import { stories } from '#capture/stories.ts'
import { decode } from '#packets/decode.ts'
import { Packet } from '#packets/packet.ts'
import { pcapReader } from '#packets/pcap.ts'
import { cooked2, ipPacket, pcapOf, type Recipe } from '#packets/testing.ts'
import { atLeast, figure, type Table } from './table.ts'

/** Packets a second that one processor has to take. */
const FLOOR = 50_000

const count = 300_000
const chunkBytes = 65_536
const began = Date.UTC(2026, 0, 1)
const address = (n: number) => `10.${(n >> 16) & 255}.${(n >> 8) & 255}.${n & 255}`
const linux = '020405b40402080a0000000100000000010303070'.slice(0, 40)

/** Reproducible, so that two runs see the same packets. */
function numbers(seed: number): (below: number) => number {
  let state = seed
  return below => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}
const random = numbers(7)

const mixes: [name: string, recipe: (n: number) => Recipe][] = [
  [
    'one source scans all ports (SYN)',
    n => ({ source: '10.0.0.1', destinationPort: 1 + (n % 65_535), options: '020405b4', window: 1024 }),
  ],
  [
    '5,000 sources scan at random (SYN)',
    () => ({
      source: address(random(5000)),
      destinationPort: random(65_536),
      options: linux,
      sequence: random(2 ** 32),
    }),
  ],
  [
    'forged sources (SYN flood)',
    () => ({ source: address(random(2 ** 24)), destinationPort: 80, sequence: random(2 ** 32) }),
  ],
  [
    'UDP with payload from 500 sources',
    () => ({
      protocol: 17,
      source: address(random(500)),
      destinationPort: random(65_536),
      payload: Buffer.alloc(64, random(256)),
    }),
  ],
]

const noSample = (): SampleWriter => ({
  write: async () => {},
  close: async () => ({ sha256: '', sha1: '', md5: '', size: 0, kept: 0 }),
  abort: async () => {},
})

function measure(stream: Buffer, whole: boolean): { rate: number; events: number } {
  let events = 0
  const told = records({
    recording: { sensor: 'bench', sink: () => events++, now: Date.now },
    sample: noSample,
    losses: losses(),
    everything: false,
  })
  const seen = observer({ stories: stories({ tell: told.chapter }), records: told })
  const packet = new Packet()
  let swept = 0
  const reader = pcapReader((bytes, start, end, at, link) => {
    decode(packet, bytes, start, end, at, link)
    if (!whole) return
    seen.see(packet)
    if (at - swept >= 1000) {
      swept = at
      seen.sweep(at)
    }
  })
  const from = process.cpuUsage()
  for (let at = 0; at < stream.length; at += chunkBytes) reader.push(stream.subarray(at, at + chunkBytes))
  // Time of the processor, the collector's threads included: what else runs on this machine does not count.
  const { user, system } = process.cpuUsage(from)
  const seconds = (user + system) / 1e6
  seen.close()
  return { rate: Math.round(count / seconds), events }
}

export default async function packets(): Promise<Table> {
  const rows = mixes.map(([name, recipe]) => {
    // 50,000 packets a second by their own clock.
    const stream = pcapOf(
      Array.from({ length: count }, (_, n) => [began + n / 50, cooked2(ipPacket(recipe(n)))] as const),
    )
    measure(stream, true)
    const read = measure(stream, false)
    const whole = measure(stream, true)
    return [name, figure(read.rate), figure(whole.rate), atLeast(whole.rate, FLOOR), figure(whole.events)]
  })
  return {
    title: `Packets, ${figure(count)} of each mix`,
    columns: ['', 'taken apart/s', 'with stories/s', 'floor', 'events'],
    rows,
    notes: ['A second is one of processor time, the collector’s threads included.'],
  }
}
