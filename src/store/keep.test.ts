import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, afterEach, test } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import { SqlError, StoreMismatch, StoreTooNew } from './errors.ts'
import * as model from './model.ts'
import { openStore } from './open.ts'
import type { Store } from './store.ts'
import { take, traffic } from './testing.ts'

const hour = 3_600_000
const made: string[] = []
const opened: Store[] = []
const directory = async () => {
  made.push(await mkdtemp(join(tmpdir(), 'skep-keep-')))
  return made.at(-1)!
}
const open = async (options: Parameters<typeof openStore>[0]) => {
  opened.push(await openStore(options))
  return opened.at(-1)!
}
afterEach(async () => {
  for (const store of opened.splice(0)) await store.close()
})
after(async () => {
  for (const path of made) await rm(path, { recursive: true })
})

test('retention by age removes whole hours, and every answer is about what is left', async () => {
  const store = await open({ directory: await directory(), rollSize: 150 })
  const now = Date.now()
  const all = take(traffic({ seed: 2, start: now - 60 * hour, perHour: 50, underWay: 5 }), 3000)
  for (let at = 0; at < all.length; at += 150) await store.ingest({ events: all.slice(at, at + 150), positions: [] })
  const floor = Math.floor((now - 24 * hour) / hour) * hour
  const left = all.filter(entry => Date.parse(entry.event['@timestamp']) >= floor)
  assert.ok(left.length > 500 && left.length < all.length - 500)
  assert.deepEqual(await store.retain({ days: 1, bytes: 1e12 }), { removed: all.length - left.length })
  assert.deepEqual(await store.retain({ days: 1, bytes: 1e12 }), { removed: 0 })
  assert.equal(await store.count({}), left.length)
  assert.deepEqual(await store.top(['service', 'country'], {}, 9), model.top(left, ['service', 'country'], 9))
  assert.deepEqual(await store.histogram(hour, {}), model.histogram(left, hour))
  // The floor cuts through a half day.
  assert.deepEqual(await store.histogram(12 * hour, {}), model.histogram(left, 12 * hour))
  // A session that was under way keeps its start, and is listed.
  const alive = new Set(left.map(entry => entry.event.skep.session!))
  const { items } = await store.sessions({}, 10_000)
  assert.deepEqual(new Set(items.map(item => item.session)), alive)
  assert.equal(items.length, alive.size)
})

test('retention by bytes keeps what the file holds within its bound, oldest out first', async () => {
  const path = await directory()
  const store = await open({ directory: path, rollSize: 5000 })
  const stream = traffic({ seed: 4, start: Date.now() - 300 * hour, perHour: 100, underWay: 5 })
  for (let i = 0; i < 12; i++) await store.ingest({ events: take(stream, 2500), positions: [] })
  const before = await store.size()
  const bytes = Math.round(before.bytes / 2)
  const { removed } = await store.retain({ days: 365, bytes })
  assert.ok(removed > 0)
  const after = await store.size()
  assert.equal(after.events, before.events - removed)
  assert.ok(after.events > 1000)
  assert.ok(after.oldest! > before.oldest!)
  const { rows } = await store.sql('SELECT block_size * used_blocks FROM pragma_database_size()', 1)
  assert.ok(Number(rows[0]?.[0]) <= bytes)
  // The space is used again: as many events once more do not make the file grow.
  for (let i = 0; i < 4; i++) await store.ingest({ events: take(stream, 1000), positions: [] })
  await store.retain({ days: 365, bytes })
  assert.ok((await store.size()).bytes < before.bytes * 1.5)
})

test('the export holds exactly the events of the filter, readable by anything that reads Parquet', async () => {
  const path = await directory()
  const store = await open({ directory: path })
  const all = take(traffic({ seed: 9 }), 800)
  await store.ingest({ events: all, positions: [] })
  const filter = { where: [{ field: 'service' as const, values: ["ssh'; --", 'ssh'] }] }
  const file = join(path, "it's an export.parquet")
  await writeFile(file, 'older')
  await store.export(filter, file)
  assert.equal(readFileSync(file).toString('latin1', 0, 4), 'PAR1')
  const reader = await (await DuckDBInstance.create()).connect()
  const { rows } = {
    rows: (
      await reader.runAndReadAll('SELECT id::VARCHAR, json, source_ip, "user" FROM read_parquet(?) ORDER BY ts, id', [
        file,
      ])
    ).getRows(),
  }
  const expected = model.newest(all.filter(entry => model.matches(entry, filter))).reverse()
  assert.deepEqual(
    rows,
    expected.map(({ event, json }) => [
      event.event.id,
      json,
      event.source!.ip,
      (event as { user?: { name: string } }).user?.name ?? null,
    ]),
  )
  await assert.rejects(store.export({}, join(path, 'no', 'such', 'directory.parquet')), { code: 'ENOENT' })
  assert.deepEqual(await readdir(join(path, 'export')), [])
})

test('SQL of a person: reads, and nothing else', async () => {
  const path = await directory()
  const store = await open({ directory: path })
  await store.ingest({ events: take(traffic({ seed: 9 }), 100), positions: [] })
  const reads = [
    'SELECT count(*) FROM events',
    'WITH x AS (SELECT 1 AS a) SELECT a FROM x;',
    'FROM events LIMIT 1',
    'VALUES (1)',
    'DESCRIBE events',
    'SHOW TABLES',
    'SUMMARIZE events',
    '-- a remark\nSELECT 1 /* and one */',
  ]
  for (const query of reads) assert.ok((await store.sql(query, 5)).rows.length > 0, query)
  const refused = [
    '',
    ';',
    'SELECT 1; SELECT 2',
    'SELECT 1; DROP TABLE events',
    'DROP TABLE events',
    'DELETE FROM events',
    'INSERT INTO facts VALUES (1, 2)',
    "UPDATE facts SET value = 0 WHERE name = 'rolled'",
    'CREATE TABLE x (a INT)',
    'CREATE TEMP TABLE x AS SELECT 1',
    'ALTER TABLE events DROP COLUMN json',
    "ATTACH '/tmp/x.db'",
    'DETACH skep',
    "COPY events TO '/tmp/x.csv'",
    "COPY (SELECT 1) TO '/tmp/x.csv'",
    `COPY (SELECT 1) TO '${join(path, 'export', 'x.csv')}'`,
    "EXPORT DATABASE '/tmp/x'",
    'INSTALL httpfs',
    'LOAD httpfs',
    "SET memory_limit = '8GB'",
    'SET enable_external_access = true',
    'RESET memory_limit',
    'PRAGMA enable_profiling',
    'CHECKPOINT',
    'FORCE CHECKPOINT',
    'VACUUM',
    'BEGIN',
    'COMMIT',
    'PREPARE x AS SELECT 1',
    'EXPLAIN ANALYZE DELETE FROM events',
    'WITH gone AS (DELETE FROM events RETURNING *) SELECT * FROM gone',
    'CALL force_checkpoint()',
    'SELECT * FROM force_checkpoint()',
    "SELECT * FROM read_text('/etc/hostname')",
    "SELECT * FROM '/etc/passwd'",
    "SELECT * FROM read_csv('/etc/passwd')",
    "SELECT * FROM glob('/etc/*')",
    "SELECT * FROM read_text('http://192.0.2.1/')",
    `SELECT * FROM read_text('${join(path, 'export', '..', '..', '..', 'etc', 'hostname')}')`,
    'SELECT ?',
    'SELECT $name',
    'SELECT',
    'SELECT * FROM nothing',
    "SELECT * FROM query('DELETE FROM events')",
    '\0',
    'x'.repeat(100_000),
  ]
  for (const query of refused) await assert.rejects(store.sql(query, 5), SqlError, query.slice(0, 80))
  assert.equal(await store.count({}), 100)
  assert.equal(existsSync('/tmp/x.csv'), false)
  // The connection is as good as before.
  assert.deepEqual(await store.sql('SELECT 1 AS one', 5), { columns: ['one'], rows: [[1]] })
})

test('SQL answers are JSON, at most as many rows as asked', async () => {
  const store = await open({ directory: await directory() })
  const { columns, rows } = await store.sql(
    `SELECT 9007199254740993 AS big, 2::HUGEINT ** 100 AS huge, TIMESTAMP '2026-01-02 03:04:05.678' AS at, 'a'::BLOB AS blob,
       [1, NULL] AS list, {'a': 1.5::DECIMAL(4, 2)} AS struct, 'nan'::DOUBLE AS nan, NULL AS nothing, uuid() IS NOT NULL AS yes`,
    5,
  )
  assert.deepEqual(columns, ['big', 'huge', 'at', 'blob', 'list', 'struct', 'nan', 'nothing', 'yes'])
  assert.deepEqual(JSON.parse(JSON.stringify(rows)), rows)
  assert.equal(rows[0]?.[0], '9007199254740993')
  assert.equal(rows[0]?.[2], '2026-01-02 03:04:05.678')
  assert.equal((await store.sql('SELECT * FROM range(100000)', 3)).rows.length, 3)
  assert.equal((await store.sql('SELECT * FROM range(100000)', 5000)).rows.length, 5000)
})

test('a query without end is stopped, and the store goes on', async () => {
  const store = await open({ directory: await directory(), sqlSeconds: 0.3 })
  await assert.rejects(
    store.sql('SELECT count(*) FROM range(1000000000000) a, range(1000000) b', 1),
    /Stopped after 0.3 s/,
  )
  assert.equal(await store.count({}), 0)
})

test('a database of a later program is left alone', async () => {
  const path = await directory()
  await (await openStore({ directory: path })).close()
  await tamper(path, 'INSERT INTO schema_version VALUES (999)')
  await assert.rejects(openStore({ directory: path }), StoreTooNew)
  await assert.rejects(openStore({ directory: path }), StoreTooNew)
})

/** Changes a closed store's file behind its back. */
async function tamper(path: string, ...statements: string[]) {
  const other = await DuckDBInstance.create(join(path, 'skep.duckdb'))
  const connection = await other.connect()
  for (const statement of statements) await connection.run(statement)
  connection.closeSync()
  other.closeSync()
}

test('a database with other columns than this program fills is refused, with what differs, and left alone', async () => {
  for (const [change, said] of [
    ['ALTER TABLE events DROP COLUMN hassh', /table events, missing hassh VARCHAR; not expected nothing/],
    ['ALTER TABLE session_parts ADD COLUMN extra INTEGER', /table session_parts, missing nothing; not expected extra/],
    ['ALTER TABLE events ALTER sequence TYPE VARCHAR', /missing sequence UINTEGER; not expected sequence VARCHAR/],
    ['DROP TABLE events', /missing seq BIGINT/],
  ] as const) {
    const path = await directory()
    await (await openStore({ directory: path })).close()
    await tamper(path, change)
    const refused = (error: Error) => error instanceof StoreMismatch && said.test(error.message)
    await assert.rejects(openStore({ directory: path }), refused)
    await assert.rejects(openStore({ directory: path }), refused)
  }
})

test('roll-ups that an earlier program made differently, or lost, are made again', async () => {
  const path = await directory()
  const all = take(traffic({ seed: 8, sources: 60, perHour: 60, underWay: 8 }), 3000)
  const agrees = async (store: Store, entries: typeof all) => {
    assert.equal(await store.count({}), entries.length)
    assert.deepEqual(await store.top(['user', 'password'], {}, 9), model.top(entries, ['user', 'password'], 9))
    assert.deepEqual(await store.histogram(24 * hour, {}), model.histogram(entries, 24 * hour))
  }
  const early = await openStore({ directory: path, rollSize: 100 })
  for (let at = 0; at < 2000; at += 100) await early.ingest({ events: all.slice(at, at + 100), positions: [] })
  await early.close()
  await tamper(
    path,
    'DROP TABLE by_value',
    'ALTER TABLE by_source DROP COLUMN own',
    "DELETE FROM facts WHERE name = 'cubes'",
  )
  const store = await open({ directory: path, rollSize: 100 })
  await agrees(store, all.slice(0, 2000))
  for (let at = 2000; at < all.length; at += 40) {
    await store.ingest({ events: all.slice(at, at + 40), positions: [] })
    if (at % 200 === 0) await agrees(store, all.slice(0, at + 40))
  }
  const { rows } = await store.sql("SELECT value FROM facts WHERE name = 'rolled'", 1)
  assert.ok(Number(rows[0]?.[0]) >= 2000)
})

test('a closed store refuses, and lets what was asked before end', async () => {
  const store = await openStore({ directory: await directory() })
  const asked = Array.from({ length: 20 }, () => store.count({}))
  const closing = store.close()
  await assert.rejects(store.count({}), /closed/)
  assert.deepEqual(new Set(await Promise.all(asked)), new Set([0]))
  await closing
})

test('an empty store answers too', async () => {
  const store = await open({ directory: await directory() })
  assert.equal(await store.count({}), 0)
  assert.deepEqual(await store.top(['service'], {}, 5), [])
  assert.deepEqual(await store.histogram(hour, {}, { by: 'service', limit: 3 }), [])
  assert.deepEqual(await store.places({}, 5), [])
  assert.deepEqual(await store.events({ text: 'x' }, 5), { items: [] })
  assert.deepEqual(await store.sessions({ where: [{ field: 'user', values: ['root'] }] }, 5), { items: [] })
  assert.equal((await store.size()).oldest, undefined)
  assert.deepEqual(await store.retain({ days: 1, bytes: 1 }), { removed: 0 })
})
