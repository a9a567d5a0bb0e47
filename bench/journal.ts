/**
 * The journal alone: events a second made durable by group commit, and what each costs in CPU time.
 */
import { type Event, recorder } from '#events/event.ts'
import { readJournal } from '#events/journal/reader.ts'
import { openJournal } from '#events/journal/writer.ts'
import { ROUNDS } from './load.ts'
import { inEmpty } from './surroundings.ts'
import { atLeast, figure, type Table } from './table.ts'

type Figures = {
  eventsPerSecond: number
  /** User and system time of the whole process, all its threads, per event. */
  cpuMicroseconds: number
  /** Milliseconds that an event waited until it was durable, at the 99th percentile; absent where nobody waits. */
  waitedMs?: number
}

const EVENTS = 200_000
/** Events a second, sustained. */
const FLOOR = 20_000

/** `directory` is on the disk to be measured; the temporary directory if not given. */
export default async function journal(directory?: string): Promise<Table> {
  const rows: string[][] = []
  for (const [what, run] of [
    ['append as fast as the disk takes it', data => sustained(data, EVENTS)],
    ['20,000 events a second, a reader behind', data => paced(data, FLOOR, 4)],
    ['1,000 sessions, each waits for its event', data => gated(data, EVENTS, 1000)],
    ['one session waits for its event', data => gated(data, EVENTS / 20, 1)],
    ['read all, compressed segments included', data => read(data, EVENTS)],
  ] as [string, (data: string) => Promise<Figures>][]) {
    const { eventsPerSecond, cpuMicroseconds, waitedMs } = await median(() => inEmpty(run, directory))
    const floor = rows.length === 0 ? atLeast(eventsPerSecond, FLOOR) : ''
    rows.push([what, figure(eventsPerSecond), floor, cpuMicroseconds.toFixed(1), waitedMs?.toFixed(1) ?? ''])
  }
  return {
    title: 'Journal, events of about 600 bytes',
    columns: ['', 'events/s', 'floor', 'CPU µs/event', 'waited p99, ms'],
    rows,
    notes: [`${figure(EVENTS)} events a round; segments of 32 MB, compressed when closed, their CPU time included.`],
  }
}

async function median(run: () => Promise<Figures>): Promise<Figures> {
  const figures: Figures[] = []
  for (let i = 0; i < ROUNDS; i++) figures.push(await run())
  figures.sort((a, b) => a.eventsPerSecond - b.eventsPerSecond)
  return figures[ROUNDS >> 1]!
}

const open = (directory: string) =>
  openJournal({ directory, writer: 'tcp', sensor: 'bench', quotaBytes: 1e12, floorBytes: 0, segmentBytes: 32 << 20 })

/** A session's log-ins, made as a service makes them. */
const session = (sink: (event: Event) => void) =>
  recorder(
    {
      session: '01936f3e-0000-7000-8000-000000000000',
      service: 'ssh',
      source: { ip: '192.0.2.17', port: 50_123 },
      destination: { ip: '198.51.100.4', port: 22 },
      transport: 'tcp',
    },
    { sensor: 'bench', sink, now: Date.now, cap: Number.POSITIVE_INFINITY },
  )
const attempt = { method: 'password', user: 'root', password: 'correct horse battery', outcome: 'failure' } as const

async function measured(events: number, work: () => Promise<void>): Promise<Figures> {
  const began = performance.now()
  const cpu = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return {
    eventsPerSecond: Math.round((events / (performance.now() - began)) * 1000),
    cpuMicroseconds: (user + system) / events,
  }
}

async function sustained(directory: string, events: number): Promise<Figures> {
  const journal = open(directory)
  const record = session(journal.append)
  const figures = await measured(events, async () => {
    for (let sent = 0; sent < events; sent++) {
      record.login(attempt)
      if (journal.stats().pending >= 5000) await journal.durable()
    }
    await journal.durable()
  })
  const { written } = journal.stats()
  if (written !== events) throw new Error(`${written} of ${events} events written`)
  await journal.close()
  return figures
}

/** `rate` events a second for some seconds, whatever comes of it, while somebody reads along. */
async function paced(directory: string, rate: number, seconds: number): Promise<Figures> {
  const journal = open(directory)
  const record = session(journal.append)
  const waited: number[] = []
  const total = rate * seconds
  let found = 0
  const reading = (async () => {
    for await (const { lines } of readJournal({ directory })) {
      found += lines.length
      if (found === total) return
    }
  })()
  const figures = await measured(total, async () => {
    const began = performance.now()
    const answered: (Promise<void> | undefined)[] = []
    for (let sent = 0; sent < total; ) {
      const since = performance.now()
      for (const due = Math.min(total, ((since - began) * rate) / 1000); sent < due; sent++) record.login(attempt)
      answered.push(journal.durable()?.then(() => void waited.push(performance.now() - since)))
      await new Promise(resolve => setTimeout(resolve, 1))
    }
    await Promise.all(answered)
  })
  await reading
  await journal.close()
  return { ...figures, waitedMs: percentile(waited) }
}

async function gated(directory: string, events: number, sessions: number): Promise<Figures> {
  const journal = open(directory)
  const waited: number[] = []
  const figures = await measured(events, async () => {
    await Promise.all(
      Array.from({ length: sessions }, async () => {
        const record = session(journal.append)
        for (let sent = 0; sent < events / sessions; sent++) {
          const since = performance.now()
          record.login(attempt)
          await journal.durable()
          waited.push(performance.now() - since)
          // The next event comes from the network: another turn of the event loop.
          await new Promise(resolve => setImmediate(resolve))
        }
      }),
    )
  })
  await journal.close()
  return { ...figures, waitedMs: percentile(waited) }
}

const percentile = (values: number[]) => values.sort((a, b) => a - b)[Math.floor(0.99 * values.length)]!

async function read(directory: string, events: number): Promise<Figures> {
  const journal = open(directory)
  const record = session(journal.append)
  for (let sent = 0; sent < events; sent++) {
    record.login(attempt)
    if (sent % 5000 === 0) await journal.durable()
  }
  await journal.durable()
  await journal.close()
  return measured(events, async () => {
    let found = 0
    for await (const { lines } of readJournal({ directory, follow: false })) found += lines.length
    if (found !== events) throw new Error(`${found} of ${events} events read`)
  })
}
