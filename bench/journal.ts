/**
 * The journal alone: events a second made durable by group commit, and what each costs in CPU time. Run directly it
 * prints a table.
 */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { type Event, recorder } from '#events/event.ts'
import { readJournal } from '#events/journal/reader.ts'
import { openJournal } from '#events/journal/writer.ts'

export type JournalFigures = {
  /** What was done; events on one line of about 600 bytes. */
  what: string
  eventsPerSecond: number
  /** User and system time of the whole process, all its threads, per event. */
  cpuMicroseconds: number
  /** Milliseconds that an event waited until it was durable, at the 99th percentile; absent where nobody waits. */
  waitedMs?: number
}

const runs = 3

/** Medians of three runs. `directory` is on the disk to be measured; the temporary directory if not given. */
export async function benchJournal(directory = os.tmpdir(), events = 200_000): Promise<JournalFigures[]> {
  return [
    await median('append as fast as the disk takes it', () => inDirectory(directory, data => sustained(data, events))),
    await median('20,000 events a second, a reader behind', () =>
      inDirectory(directory, data => paced(data, 20_000, 4)),
    ),
    await median('1,000 sessions, each waits for its event', () =>
      inDirectory(directory, data => gated(data, events, 1000)),
    ),
    await median('one session waits for its event', () => inDirectory(directory, data => gated(data, events / 20, 1))),
    await median('read all, compressed segments included', () => inDirectory(directory, data => read(data, events))),
  ]
}

type Run = Omit<JournalFigures, 'what'>

async function median(what: string, run: () => Promise<Run>): Promise<JournalFigures> {
  const figures: Run[] = []
  for (let i = 0; i < runs; i++) figures.push(await run())
  figures.sort((a, b) => a.eventsPerSecond - b.eventsPerSecond)
  return { what, ...figures[runs >> 1]! }
}

async function inDirectory(parent: string, run: (directory: string) => Promise<Run>): Promise<Run> {
  const directory = fs.mkdtempSync(path.join(parent, 'skep-bench-'))
  try {
    return await run(directory)
  } finally {
    fs.rmSync(directory, { recursive: true, force: true })
  }
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

async function measured(events: number, work: () => Promise<void>): Promise<Run> {
  const began = performance.now()
  const cpu = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(cpu)
  return {
    eventsPerSecond: Math.round((events / (performance.now() - began)) * 1000),
    cpuMicroseconds: (user + system) / events,
  }
}

async function sustained(directory: string, events: number): Promise<Run> {
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
async function paced(directory: string, rate: number, seconds: number): Promise<Run> {
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

async function gated(directory: string, events: number, sessions: number): Promise<Run> {
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

async function read(directory: string, events: number): Promise<Run> {
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

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const figures = await benchJournal(process.argv[2])
  console.log('                                            events/s   CPU µs/event   waited p99 ms')
  for (const { what, eventsPerSecond, cpuMicroseconds, waitedMs } of figures)
    console.log(
      `${what.padEnd(42)} ${String(eventsPerSecond).padStart(9)} ${cpuMicroseconds.toFixed(1).padStart(14)} ${(waitedMs?.toFixed(1) ?? '').padStart(15)}`,
    )
}
