import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { EventLine, JournalBatch } from '#events/journal/reader.ts'
import { readJournal } from '#events/journal/reader.ts'
import { openTestJournal } from '#events/journal/testing.ts'
import { StoreBroken } from '#store/errors.ts'
import { openStore } from '#store/open.ts'
import type { Batch, Position } from '#store/store.ts'
import { take, traffic } from '#store/testing.ts'
import { ingestLoop } from './ingest.ts'

const lines: EventLine[] = take(traffic({ seed: 3 }), 40).map(({ event, json }) => ({ event, json }))
const place = { country: 'JP' }

async function* journal(sizes: number[]): AsyncGenerator<JournalBatch> {
  let at = 0
  for (const size of sizes) {
    const batch = lines.slice(at, at + size)
    at += size
    yield { lines: batch, positions: [{ writer: 'tcp', segment: 's', offset: at }], skipped: 1 }
  }
}

/** A store in memory that refuses what `refuse` says, whole transactions at a time. */
function memory(refuse: (batch: Batch, call: number) => unknown) {
  const ids: string[] = []
  let positions: Position[] = []
  let calls = 0
  return {
    ids,
    positions: async () => positions,
    async ingest(batch: Batch) {
      const error = refuse(batch, calls++)
      if (error) throw error
      const fresh = batch.events.map(entry => entry.event.event.id).filter(id => !ids.includes(id))
      ids.push(...fresh)
      if (batch.positions.length > 0) positions = batch.positions
      return { added: fresh.length }
    },
  }
}
const id = (line: EventLine) => line.event.event.id
const locate = () => place

test('every event is stored with its place, in order, and told', async () => {
  const store = memory(() => undefined)
  const told: string[] = []
  const loop = ingestLoop({
    journal: journal([1, 30, 9]),
    store,
    locate,
    onBatch: events => told.push(...events.map(entry => `${entry.event.event.id} ${entry.place.country}`)),
  })
  await loop.done
  assert.deepEqual(store.ids, lines.map(id))
  assert.deepEqual(
    told,
    lines.map(line => `${id(line)} JP`),
  )
  assert.deepEqual(loop.progress(), { stored: 40, poisoned: 0, skipped: 3 })
  assert.deepEqual(loop.lag(), { lagMs: 0, pendingBytes: 0 })
})

test('a store that fails for a while loses nothing and gets nothing twice', async () => {
  const store = memory((_, call) => call < 16 && new Error('disk full'))
  let retries = 0
  const loop = ingestLoop({ journal: journal([20, 20]), store, locate, retryMs: 1, onRetry: () => retries++ })
  await loop.done
  assert.deepEqual(store.ids, lines.map(id))
  assert.ok(retries > 0)
  assert.deepEqual(loop.progress(), { stored: 40, poisoned: 0, skipped: 2 })
  assert.equal((await store.positions())[0]?.offset, 40)
})

test('one event that cannot be stored is left out and reported, whatever stands around it', async () => {
  for (const bad of [0, 7, 19, 20, 38]) {
    const poison = id(lines[bad]!)
    const store = memory(({ events }) => events.some(entry => entry.event.event.id === poison) && new Error('poison'))
    const reported: string[] = []
    const loop = ingestLoop({
      journal: journal([20, 20]),
      store,
      locate,
      retryMs: 1,
      onPoison: ({ json }) => reported.push(json),
    })
    await loop.done
    assert.deepEqual(
      store.ids,
      lines.map(id).filter(other => other !== poison),
    )
    assert.deepEqual(reported, [lines[bad]!.json])
    assert.equal(loop.progress().poisoned, 1)
    assert.equal((await store.positions())[0]?.offset, 40)
  }
})

test('an event that cannot be stored is passed only when a later one could be', async () => {
  const poison = id(lines[19]!)
  const store = memory(({ events }) => events.some(entry => entry.event.event.id === poison) && new Error('poison'))
  const reported: string[] = []
  const told = { onPoison: ({ json }: { json: string }) => reported.push(json) }
  const first = ingestLoop({ journal: journal([10, 10]), store, locate, retryMs: 1, ...told })
  await first.done
  assert.deepEqual(reported, [])
  assert.ok(first.lag().pendingBytes > 0)
  assert.match(first.progress().failing?.why ?? '', /poison/)
  assert.equal((await store.positions())[0]?.offset, 10)

  // Positions of another writer do not move it either; its own are kept for later.
  async function* twoWriters(): AsyncGenerator<JournalBatch> {
    yield { lines: lines.slice(10, 20), positions: [{ writer: 'tcp', segment: 's', offset: 20 }], skipped: 0 }
    yield { lines: [], positions: [{ writer: 'udp', segment: 's', offset: 1 }], skipped: 1 }
    assert.equal((await store.positions())[0]?.offset, 10)
    yield { lines: lines.slice(20, 21), positions: [{ writer: 'udp', segment: 's', offset: 2 }], skipped: 0 }
  }
  const second = ingestLoop({ journal: twoWriters(), store, locate, retryMs: 1, ...told })
  await second.done
  assert.deepEqual(reported, [lines[19]!.json])
  assert.deepEqual(second.lag(), { lagMs: 0, pendingBytes: 0 })
  assert.deepEqual(
    (await store.positions()).map(({ writer, offset }) => [writer, offset]),
    [
      ['tcp', 20],
      ['udp', 2],
    ],
  )
})

test('a store that takes no event, only positions, is broken: nothing is passed, however the events come', async () => {
  for (const sizes of [[40], [1, 1, 1, 1], [2, 38]]) {
    const store = memory(({ events }) => events.length > 0 && new Error('table events has 30 columns but 31 values'))
    const loop = ingestLoop({
      journal: journal(sizes),
      store,
      locate,
      retryMs: 1,
      onPoison: () => assert.fail('no event is at fault'),
    })
    await assert.rejects(loop.done, (error: Error) => error instanceof StoreBroken && /31 values/.test(error.message))
    assert.equal(loop.progress().poisoned, 0)
    assert.deepEqual(await store.positions(), [])
  }
})

test('an event is not given up while its report fails', async () => {
  const poison = id(lines[3]!)
  const store = memory(({ events }) => events.some(entry => entry.event.event.id === poison) && new Error('poison'))
  let reports = 0
  const onPoison = () => {
    if (++reports < 3) throw new Error('disk full')
  }
  const loop = ingestLoop({ journal: journal([10]), store, locate, retryMs: 1, onPoison })
  await loop.done
  assert.equal(reports, 3)
  assert.equal(loop.progress().poisoned, 1)
})

test('while the store refuses, lag and reason can be seen; the signal ends the wait', async () => {
  const store = memory(() => new Error('disk full'))
  const stop = new AbortController()
  const loop = ingestLoop({
    journal: journal([5]),
    store,
    locate,
    signal: stop.signal,
    retryMs: 60_000,
    onRetry() {
      assert.ok(loop.lag().lagMs > 0)
      assert.ok(loop.lag().pendingBytes > 500)
      assert.match(loop.progress().failing?.why ?? '', /disk full/)
      stop.abort()
    },
  })
  await loop.done
  assert.deepEqual(store.ids, [])
  assert.deepEqual(await store.positions(), [])
})

test('a broken store ends the loop', async () => {
  const store = memory(() => new StoreBroken('invalidated'))
  await assert.rejects(ingestLoop({ journal: journal([5]), store, locate, retryMs: 1 }).done, StoreBroken)
})

test('hostile events: the real store takes what can be stored, the rest is reported', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'skep-ingest-'))
  const store = await openStore({ directory })
  const strange: unknown[] = [
    { '@timestamp': 'yesterday', event: { id: '019b77a8-0000-7000-8000-000000000000' }, skep: {} },
    { '@timestamp': '2026-01-01T00:00:00.000Z', event: { id: 'no uuid' }, skep: {} },
    { '@timestamp': '2026-01-01T00:00:00.000Z', event: { id: '019b77a8-0000-7000-8000-000000000001' } },
    {
      '@timestamp': '2026-01-01T00:00:00.000Z',
      event: { id: '019b77a8-0000-7000-8000-000000000002', action: 7, sequence: -1 },
      skep: { session: {}, service: [] },
      source: { ip: 4, port: 70_000 },
    },
    {
      '@timestamp': '2026-01-01T00:00:00.000Z',
      event: { id: '019b77a8-0000-7000-8000-000000000003', sequence: 1.5 },
      skep: {},
      destination: { port: 'x' },
    },
    { '@timestamp': '+275760-09-13T00:00:00.000Z', event: { id: '019b77a8-0000-7000-8000-000000000004' }, skep: {} },
  ]
  const mixed = lines.flatMap((line, index) => {
    const event = strange[index] as EventLine['event'] | undefined
    return event ? [{ event, json: JSON.stringify(event) }, line] : [line]
  })
  async function* once(): AsyncGenerator<JournalBatch> {
    yield { lines: mixed, positions: [{ writer: 'tcp', segment: 's', offset: 1 }], skipped: 0 }
  }
  const reported: string[] = []
  const loop = ingestLoop({ journal: once(), store, locate, retryMs: 1, onPoison: ({ json }) => reported.push(json) })
  await loop.done
  const { stored, poisoned } = loop.progress()
  assert.equal(stored + poisoned, mixed.length)
  assert.equal(reported.length, poisoned)
  assert.equal(await store.count({ where: [{ field: 'session', not: true, values: [] }] }), stored)
  for (const line of lines)
    assert.ok((await store.session(line.event.skep.session!))?.events.some(event => event.event.id === id(line)))
  await store.close()
  await rm(directory, { recursive: true })
})

test('from the real journal into the real store, through a restart of both sides', async () => {
  const root = await mkdtemp(join(tmpdir(), 'skep-through-'))
  const [journalDirectory, directory] = [join(root, 'journal'), join(root, 'store')]
  const all = take(traffic({ seed: 21 }), 600).map(({ event }) => event)
  for (const part of [all.slice(0, 250), all.slice(250, 251), all.slice(251)]) {
    const writer = openTestJournal({ directory: journalDirectory, segmentBytes: 40_000 })
    for (const event of part) writer.append(event)
    await writer.durable()
    await writer.close()
    const store = await openStore({ directory, rollSize: 200 })
    const from = await store.positions()
    const loop = ingestLoop({
      journal: readJournal({ directory: journalDirectory, from, follow: false }),
      store,
      locate,
    })
    await loop.done
    assert.equal(loop.progress().stored, part.length)
    await store.close()
  }
  const store = await openStore({ directory })
  const { items } = await store.events({}, 1000)
  assert.deepEqual(items.map(event => event.event.id).sort(), all.map(event => event.event.id).sort())
  await store.close()
  await rm(root, { recursive: true })
})
