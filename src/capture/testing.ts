import type { SampleWriter } from '#artifacts/samples.ts'
import type { Event } from '#events/event.ts'
import { decode } from '#packets/decode.ts'
import { Packet } from '#packets/packet.ts'
import { linkTypes } from '#packets/pcap.ts'
import { cooked2, ipPacket, type Recipe } from '#packets/testing.ts'
import { losses } from './losses.ts'
import { observer } from './observe.ts'
import { records } from './records.ts'
import { type StoryOptions, stories } from './stories.ts'
import { streams } from './streams.ts'

/** What a `scan` event says, as far as tests look. */
export type Told = {
  kind: string
  ports?: string[]
  types?: string[]
  protocols?: string[]
  count: number
  packets: number
  rate?: number
  tools: string[]
  sources?: number
  destinations: string[]
}
export const scanOf = (event: Event): Told => (event.skep as unknown as { scan: Told }).scan

/** All of the capture but process and pipe: packets in, events out, on a clock of the test's own. */
export function captured({ passive = false, ...bounds }: { passive?: boolean } & Partial<StoryOptions> = {}) {
  const events: Event[] = []
  const lost = losses()
  let now = Date.UTC(2026, 0, 1)
  const recording = { sensor: 'test', sink: (event: Event) => events.push(event), now: () => now }
  const sample = (): SampleWriter => {
    let bytes = Buffer.alloc(0)
    return {
      write: async more => {
        bytes = Buffer.concat([bytes, more])
      },
      close: async () => ({
        sha256: 'a'.repeat(64),
        sha1: 'b'.repeat(40),
        md5: 'c'.repeat(32),
        size: bytes.length,
        kept: bytes.length,
      }),
      abort: async () => {},
    }
  }
  const told = records({ recording, sample, losses: lost, everything: passive })
  const seen = observer({
    stories: stories({ tell: told.chapter, ...bounds }),
    records: told,
    ...(passive ? { streams: streams({ recording, keep: told.keep }) } : {}),
  })
  const packet = new Packet()
  return {
    events,
    lost,
    seen,
    /** Events of one action; waits until samples are kept. */
    async of(action: string): Promise<Event[]> {
      for (let turns = 0; turns < 50; turns++) await new Promise(resolve => setImmediate(resolve))
      return events.filter(event => event.event.action === action)
    },
    /** A packet comes; `from`: 0 to us, 4 from us. */
    come(recipe: Recipe, from = 0): void {
      const frame = cooked2(ipPacket({ options: '020405b4', ...recipe }), from)
      if (decode(packet, frame, 0, frame.length, now, linkTypes.cooked2) === 'packet') seen.see(packet)
    },
    /** Time goes by, a second at a time. */
    pass(seconds: number): void {
      for (let n = 0; n < seconds; n++) {
        now += 1000
        seen.sweep(now)
      }
    },
    tick(ms: number): void {
      now += ms
    },
  }
}
