/**
 * The store under load: `sh bin/skep-node bench/store.ts [events, default 1000000] [directory to keep]`.
 * Ingests invented traffic while the page's questions run, then times each question over the whole, then measures the
 * memory of a process that only has this store open.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openStore } from '#store/open.ts'
import type { Filter, Store } from '#store/store.ts'
import { attacker, take, traffic } from '#store/testing.ts'

const hour = 3_600_000
const start = Date.UTC(2026, 0, 1)

/** Proportional set size of this process, MB. */
const pss = () => Number(/^Pss:\s+(\d+)/m.exec(readFileSync('/proc/self/smaps_rollup', 'utf8'))?.[1]) / 1024
const mb = (n: number) => `${n.toFixed(0)} MB`

function questions(store: Store, end: number): [name: string, ask: () => Promise<unknown>][] {
  const day: Filter = { from: end - 24 * hour - 1234, to: end }
  const all: Filter = {}
  const some: Filter = {
    where: [
      { field: 'country', values: ['CN'] },
      { field: 'service', values: ['ssh'] },
    ],
  }
  const each = (label: string, filter: Filter, interval: number): [string, () => Promise<unknown>][] => [
    [`count, ${label}`, () => store.count(filter)],
    [`distinct source_ip, ${label}`, () => store.distinct('source_ip', filter)],
    [`top service, ${label}`, () => store.top(['service'], filter, 10)],
    [`top port, ${label}`, () => store.top(['destination_port'], filter, 10)],
    [`top country, ${label}`, () => store.top(['country'], filter, 10)],
    [`top network, ${label}`, () => store.top(['asn', 'network'], filter, 10)],
    [`top source_ip, ${label}`, () => store.top(['source_ip', 'country'], filter, 10)],
    [`top user, ${label}`, () => store.top(['user'], filter, 10)],
    [`top password, ${label}`, () => store.top(['password'], filter, 10)],
    [`top user + password, ${label}`, () => store.top(['user', 'password'], filter, 10)],
    [`top command, ${label}`, () => store.top(['command'], filter, 10)],
    [`histogram, ${label}`, () => store.histogram(interval, filter)],
    [`histogram by service, ${label}`, () => store.histogram(interval, filter, { by: 'service', limit: 6 })],
    [`places, ${label}`, () => store.places(filter, 500)],
    [`events, ${label}`, () => store.events(filter, 50)],
    [`sessions, ${label}`, () => store.sessions(filter, 50)],
  ]
  return [
    ...each('24 h', day, hour / 6),
    ...each('all', all, 6 * hour),
    ...each('all, CN and ssh', some, 6 * hour),
    ['sessions with user root, all', () => store.sessions({ where: [{ field: 'user', values: ['root'] }] }, 50)],
    [
      'events with password pass777, all',
      () => store.events({ where: [{ field: 'password', values: ['pass777'] }] }, 50),
    ],
    ['events with text wget, 24 h', () => store.events({ ...day, text: 'wget' }, 50)],
    ['events with text wget, all', () => store.events({ text: 'wget' }, 50)],
    ['the busiest source', () => store.source(attacker(0).ip)],
    ['a quiet source', () => store.source(attacker(30_001).ip)],
    ['one session', async () => store.session((await store.sessions(day, 1)).items[0]!.session)],
    ['size', () => store.size()],
  ]
}

async function load(directory: string, events: number) {
  const store = await openStore({ directory })
  const perHour = 14_000
  const stream = traffic({ sources: 50_000, perHour, underWay: 200, start })
  let busy = 0
  let asked = 0
  let over = false
  const page = (async () => {
    while (!over) {
      await store.count({})
      await store.top(['service'], {}, 10)
      await store.events({}, 50)
      asked += 3
      await sleep(200)
    }
  })()
  for (let done = 0; done < events; done += 2000) {
    const batch = take(stream, 2000)
    const began = performance.now()
    await store.ingest({ events: batch, positions: [{ writer: 'tcp', segment: 'bench', offset: done }] })
    busy += performance.now() - began
    if (done % 500_000 === 0 && done > 0)
      process.stderr.write(`${done} events, ${Math.round((done / busy) * 1000)}/s\n`)
  }
  over = true
  await page
  console.log(`ingest: ${Math.round((events / busy) * 1000)} events/s in batches of 2000, ${asked} questions meanwhile`)
  const { bytes } = await store.size()
  console.log(`file: ${mb(bytes / 2 ** 20)}, ${Math.round(bytes / events)} bytes an event`)
  await store.close()
}

async function ask(directory: string) {
  const before = pss()
  const store = await openStore({ directory, idleSeconds: 2 })
  console.log(`memory of a process: ${mb(before)}; with the store open: ${mb(pss())}`)
  const end = Number((await store.sql('SELECT epoch_ms(max(ts)) FROM events', 1)).rows[0]?.[0])
  let most = 0
  for (const [name, question] of questions(store, end)) {
    const times: number[] = []
    for (let i = 0; i < 15; i++) {
      const began = performance.now()
      await question()
      times.push(performance.now() - began)
    }
    times.sort((a, b) => a - b)
    most = Math.max(most, pss())
    console.log(
      `${name.padEnd(40)} median ${times[7]!.toFixed(1).padStart(7)} ms   p95 ${times[14]!.toFixed(1).padStart(7)} ms`,
    )
  }
  console.log(`memory: at most ${mb(most)} while asked`)
  await sleep(4000)
  console.log(`memory: ${mb(pss())} when idle again`)
  await store.close()
}

const [argument = '1000000', kept] = process.argv.slice(2)
if (argument === '--ask') {
  await ask(kept!)
} else {
  const directory = kept ?? mkdtempSync(join(tmpdir(), 'skep-bench-'))
  if (!existsSync(join(directory, 'skep.duckdb'))) await load(directory, Number(argument))
  const child = spawn(process.execPath, [import.meta.filename, '--ask', directory], { stdio: 'inherit' })
  await new Promise(resolve => child.on('exit', resolve))
  if (kept === undefined) rmSync(directory, { recursive: true })
}
