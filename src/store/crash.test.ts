import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { StoreLocked } from './errors.ts'
import { openStore } from './open.ts'
import { take, traffic } from './testing.ts'

const total = 3000
const perBatch = 40
const all = take(traffic({ seed: 11 }), total)
const child = join(import.meta.dirname, 'testing-ingest.ts')

/** Ingests in a process of its own from where the store stands, a line of output a batch. */
function ingestElsewhere(directory: string) {
  return spawn(process.execPath, [child, directory, String(total), String(perBatch)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    execArgv: ['--disable-warning=ExperimentalWarning'],
  } as object)
}

test('kill -9 at any moment of an ingest: every event is in exactly once, and so is every session', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'skep-crash-'))
  let kills = 0
  for (const batches of [1, 2, 7, 19, 33]) {
    const process = ingestElsewhere(directory)
    let seen = 0
    for await (const chunk of process.stdout!) {
      seen += String(chunk).split('\n').length - 1
      if (seen >= batches) break
    }
    process.kill('SIGKILL')
    if (process.signalCode === null && process.exitCode === null) await once(process, 'exit')
    assert.equal(process.signalCode, 'SIGKILL')
    kills++
  }
  assert.equal(kills, 5)
  const last = ingestElsewhere(directory)
  last.stdout!.resume()
  const [code] = await once(last, 'exit')
  assert.equal(code, 0)

  const store = await openStore({ directory })
  const found = await store.sql('SELECT id::VARCHAR, count(*) FROM events GROUP BY ALL ORDER BY 1', total * 2)
  assert.deepEqual(found.rows, all.map(entry => [entry.event.event.id, '1']).sort())
  const sessions = Map.groupBy(all, entry => entry.event.skep.session!)
  const parts = await store.sql(
    'SELECT session, sum(events), count(*) FILTER (opening) FROM session_parts GROUP BY ALL',
    total,
  )
  assert.deepEqual(
    new Map(parts.rows.map(([session, events, openings]) => [session, [Number(events), Number(openings)]])),
    new Map([...sessions].map(([session, entries]) => [session, [entries.length, 1]])),
  )
  assert.equal(await store.count({}), total)
  await store.close()
  await rm(directory, { recursive: true })
})

test('the same lines once more add nothing, with old positions or none', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'skep-twice-'))
  const store = await openStore({ directory, rollSize: 100 })
  const events = all.slice(0, 500)
  const positions = [{ writer: 'tcp', segment: 'a', offset: 1 }]
  assert.deepEqual(await store.ingest({ events: [...events, ...events.slice(0, 50)], positions }), { added: 500 })
  assert.deepEqual(await store.ingest({ events, positions }), { added: 0 })
  assert.deepEqual(await store.ingest({ events: all.slice(450, 550), positions: [] }), { added: 50 })
  assert.deepEqual(await store.ingest({ events: [], positions: [{ writer: 'udp', segment: 'b', offset: 2 }] }), {
    added: 0,
  })
  assert.equal(await store.count({}), 550)
  assert.deepEqual(await store.positions(), [...positions, { writer: 'udp', segment: 'b', offset: 2 }])
  await store.close()
  await rm(directory, { recursive: true })
})

test('a file in use is refused, in this process and in another, with the holder told', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'skep-lock-'))
  const store = await openStore({ directory })
  await assert.rejects(openStore({ directory }), StoreLocked)
  const other = spawn(process.execPath, [child, directory, '1', '1'], { stdio: ['ignore', 'ignore', 'pipe'] })
  let said = ''
  for await (const chunk of other.stderr) said += chunk
  assert.match(said, new RegExp(`StoreLocked.*skep.duckdb is in use by process ${process.pid}`))
  await store.close()
  const again = await openStore({ directory })
  await again.close()
  await rm(directory, { recursive: true })
})
