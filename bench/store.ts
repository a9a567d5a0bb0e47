/**
 * The store under load: takes invented traffic while the page's questions run, then answers each of the page's questions
 * over the whole.
 */
import { execFile } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import { openStore } from '#store/open.ts'
import { take, traffic } from '#store/testing.ts'
import type { Answers } from './store-questions.ts'
import { atLeast, atMost, figure, type Table } from './table.ts'

/** Events a second that go in while the page is in use, and milliseconds within which a question is answered. */
const FLOOR = 10_000
const CEILING = 100
const MB = 2 ** 20

/** `argument`: millions of events (1), and after a colon a directory to keep them in, or to find them in from another time. */
export default async function store(argument = '1'): Promise<Table> {
  const [millions, kept] = argument.split(':')
  const events = Number(millions) * 1e6
  if (!(events > 0)) throw new Error(`Expected millions of events, got ${JSON.stringify(argument)}`)
  const directory = kept || fs.mkdtempSync(path.join(os.tmpdir(), 'skep-bench-'))
  try {
    const rate = fs.existsSync(path.join(directory, 'skep.duckdb')) ? undefined : await load(directory, events)
    const { bytes, held } = await sizeOf(directory)
    const child = [...process.execArgv, path.join(import.meta.dirname, 'store-questions.ts'), directory]
    const { questions, memory } = JSON.parse((await promisify(execFile)(process.execPath, child)).stdout) as Answers
    return {
      title: `Store, ${figure(held)} events, 128 MB for the engine`,
      columns: ['', 'median', 'worst', 'bound'],
      rows: [
        ...(rate ? [['taken in while the page asks, events/s', figure(rate), '', atLeast(rate, FLOOR)]] : []),
        ['bytes an event', figure(bytes / held), '', ''],
        ...questions.map(({ name, median, worst }) => [
          `${name}, ms`,
          figure(median),
          figure(worst),
          atMost(median, CEILING),
        ]),
        ...Object.entries(memory).map(([when, bytes]) => [`memory, ${when}, MB`, figure(bytes / MB), '', '']),
      ],
      notes: [
        'Memory: of a process with the engine and nothing else; before, with the store open, at most, and idle again.',
      ],
    }
  } finally {
    if (!kept) fs.rmSync(directory, { recursive: true })
  }
}

/** Fills a new store; events a second. */
async function load(directory: string, events: number): Promise<number> {
  const store = await openStore({ directory })
  const stream = traffic({ sources: 50_000, perHour: 14_000, underWay: 200, start: Date.UTC(2026, 0, 1) })
  let over = false
  const page = (async () => {
    while (!over) {
      await store.count({})
      await store.top(['service'], {}, 10)
      await store.events({}, 50)
      await sleep(200)
    }
  })()
  let busy = 0
  for (let done = 0; done < events; done += 2000) {
    const batch = take(stream, 2000)
    const began = performance.now()
    await store.ingest({ events: batch, positions: [{ writer: 'tcp', segment: 'bench', offset: done }] })
    busy += performance.now() - began
    if (process.stderr.isTTY)
      process.stderr.write(`\r${figure(done + 2000)} events, ${figure((done / busy) * 1000)}/s `)
  }
  if (process.stderr.isTTY) process.stderr.write('\n')
  over = true
  await page
  await store.close()
  return (events / busy) * 1000
}

async function sizeOf(directory: string): Promise<{ bytes: number; held: number }> {
  const store = await openStore({ directory })
  const { bytes, events } = await store.size()
  await store.close()
  return { bytes, held: events }
}
