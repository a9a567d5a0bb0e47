import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Entry } from './columns.ts'
import * as model from './model.ts'
import { openStore } from './open.ts'
import { type Field, type Filter, fields, type Store } from './store.ts'
import { take, traffic } from './testing.ts'

const start = Date.UTC(2026, 0, 1)
const hour = 3_600_000
const all = take(traffic({ seed: 7, sources: 60, perHour: 60, underWay: 8, start }), 5000)
const end = Date.parse(all.at(-1)!.event['@timestamp'])

const lateSessions = new Set(
  [...new Set(all.map(entry => entry.event.skep.session!))].filter((_, index) => index % 20 === 0),
)

let directory: string
let store: Store

/** Batches of many sizes, and a twentieth of the sessions a day late, as from a sensor that was out of reach. */
function batches(): Entry[][] {
  const isLate = (entry: Entry) => lateSessions.has(entry.event.skep.session!)
  const [inTime = [], late = []] = [all.filter(entry => !isLate(entry)), all.filter(isLate)]
  const found: Entry[][] = []
  for (let at = 0, size = 1; at < inTime.length; at += size, size = (size * 7) % 613)
    found.push(inTime.slice(at, at + size))
  return [...found, late.slice(0, 100), late.slice(100)]
}

before(async () => {
  directory = await mkdtemp(join(tmpdir(), 'skep-store-'))
  store = await openStore({ directory, rollSize: 200 })
  for (const [index, events] of batches().entries())
    await store.ingest({ events, positions: [{ writer: 'tcp', segment: 's', offset: index }] })
  // What follows is answered by all three: half days, hours and single events.
  const { rows } = await store.sql("SELECT value FROM facts WHERE name IN ('merged', 'rolled') ORDER BY value", 2)
  const [merged, rolled] = rows.map(([value]) => Number(value))
  assert.ok(1000 < merged! && merged! < rolled! && rolled! < all.length - 200)
})
after(async () => {
  await store.close()
  await rm(directory, { recursive: true })
})

const ranges: Filter[] = [
  {},
  { from: start + 5 * hour + 1234, to: start + 40 * hour + 777 },
  { from: start + 10 * hour, to: start + 11 * hour },
  { from: start + 10 * hour + 1, to: start + 11 * hour - 1 },
  { to: start + 30 * hour + 1 },
  { from: end - hour, to: end + 100 * hour },
  { from: end + hour },
]
const conditions: Filter[] = [
  {},
  { where: [{ field: 'service', values: ['ssh', 'telnet'] }] },
  { where: [{ field: 'country', not: true, values: ['CN', 'US'] }] },
  {
    where: [
      { field: 'country', values: ['JP'] },
      { field: 'action', values: ['login'] },
    ],
  },
  { where: [{ field: 'password', values: ['pass0', 'pass1', 'pass2'] }] },
  {
    where: [
      { field: 'user', not: true, values: ['root'] },
      { field: 'source_ip', values: ['198.18.0.0', '198.18.0.1'] },
    ],
  },
  { where: [{ field: 'destination_port', values: ['22', '80', '022', 'x', '99999999999'] }] },
  { where: [{ field: 'asn', not: true, values: ['64496'] }] },
  { where: [{ field: 'service', values: [] }] },
  { where: [{ field: 'action', not: true, values: ['events-lost', 'health'] }] },
  { where: [{ field: 'action', values: ['health', 'events-lost'] }] },
  { where: [{ field: 'action', not: true, values: ['health', 'login'] }] },
  { text: 'WGET http' },
  { text: 'paulo' },
  { text: 'x-probe: a', where: [{ field: 'outcome', not: true, values: ['failure'] }] },
]
const filters = ranges
  .flatMap(range => conditions.map((condition): Filter => ({ ...range, ...condition })))
  .map(filter => ({ filter, matching: all.filter(entry => model.matches(entry, filter)) }))

let turn = 0
/** Asks the store and the model with a third of the filters, another third each time. */
const agrees = (
  name: string,
  ask: (filter: Filter) => Promise<unknown>,
  expect: (entries: Entry[], filter: Filter) => unknown,
) =>
  test(name, async () => {
    const part = turn++ % 3
    for (const { filter, matching } of filters.filter((_, index) => index % 3 === part))
      assert.deepEqual(await ask(filter), expect(matching, filter), JSON.stringify(filter))
  })

describe('the store answers what a plain loop over all events answers', () => {
  agrees(
    'count',
    filter => store.count(filter),
    entries => entries.length,
  )

  for (const field of fields)
    agrees(
      `distinct ${field}`,
      filter => store.distinct(field, filter),
      entries => model.distinct(entries, field),
    )

  const lists: Field[][] = [
    ['service'],
    ['destination_port'],
    ['country'],
    ['user', 'password'],
    ['service', 'country', 'action'],
    ['command'],
    ['source_ip', 'password'],
    ['asn', 'network'],
    ['session'],
  ]
  for (const by of lists)
    agrees(
      `top ${by.join(', ')}`,
      filter => store.top(by, filter, 7),
      entries => model.top(entries, by, 7),
    )

  for (const interval of [600_000, 6 * hour, 24 * hour]) {
    agrees(
      `histogram of ${interval} ms`,
      filter => store.histogram(interval, filter),
      entries => model.histogram(entries, interval),
    )
    for (const by of ['destination_port', 'password', 'source_ip'] as const)
      agrees(
        `histogram of ${interval} ms by ${by}`,
        filter => store.histogram(interval, filter, { by, limit: 3 }),
        entries => model.histogram(entries, interval, { by, limit: 3 }),
      )
  }

  agrees(
    'places',
    filter => store.places(filter, 5),
    entries => model.places(entries, 5),
  )

  agrees(
    'events, page by page',
    async filter => {
      const found: string[] = []
      let next: string | undefined
      do {
        const page = await store.events(filter, 700, next)
        found.push(...page.items.map(event => event.event.id))
        next = page.next
      } while (next !== undefined)
      return found
    },
    entries => model.newest(entries).map(entry => entry.event.event.id),
  )

  agrees(
    'sessions, page by page',
    async filter => {
      const found: unknown[] = []
      let next: string | undefined
      do {
        const page = await store.sessions(filter, 200, next)
        found.push(...page.items)
        next = page.next
      } while (next !== undefined)
      return found
    },
    (_, filter) => model.sessions(all, filter),
  )

  test('an event comes back whole, with its place', async () => {
    const { items } = await store.events({}, 1)
    const newest = model.newest(all)[0]!
    assert.deepEqual(items[0], { ...newest.event, source: { ...newest.event.source, geo: newest.place } })
  })

  test('one session, oldest event first', async () => {
    for (const [id, entries] of [...Map.groupBy(all, entry => entry.event.skep.session!)].slice(0, 40)) {
      const found = await store.session(id)
      assert.deepEqual(found?.summary, model.summary(entries))
      assert.deepEqual(
        found.events.map(event => event.event.id),
        entries.map(entry => entry.event.event.id),
      )
    }
    assert.equal(await store.session('nothing'), undefined)
  })

  test('one source', async () => {
    for (const ip of new Set(all.map(entry => entry.event.source!.ip)))
      assert.deepEqual(await store.source(ip), model.sourceSummary(all, ip))
    assert.equal(await store.source('192.0.2.77'), undefined)
  })

  test('size', async () => {
    const { bytes, events, oldest } = await store.size()
    assert.equal(events, all.length)
    assert.equal(oldest, Date.parse(all[0]!.event['@timestamp']))
    assert.ok(bytes > 100_000)
  })

  test('positions', async () => {
    assert.deepEqual(await store.positions(), [{ writer: 'tcp', segment: 's', offset: batches().length - 1 }])
  })
})
