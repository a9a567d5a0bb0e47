import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { DuckDBInstance } from '@duckdb/node-api'
import { openStore } from './open.ts'
import { traffic } from './testing.ts'

test('a database of the first version is brought further, with what is in it', async t => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-store-'))
  t.after(() => fs.rmSync(directory, { recursive: true }))
  const entries = traffic().take(200).toArray()
  const first = await openStore({ directory })
  await first.ingest({ events: entries.slice(0, 100), positions: [] })
  await first.close()
  const instance = await DuckDBInstance.create(path.join(directory, 'skep.duckdb'))
  const connection = await instance.connect()
  await connection.run('ALTER TABLE events DROP COLUMN scanner')
  await connection.run('DELETE FROM schema_version WHERE version > 1')
  connection.closeSync()
  instance.closeSync()

  const store = await openStore({ directory })
  t.after(() => store.close())
  await store.ingest({ events: entries.slice(100), positions: [] })
  assert.equal(await store.count({}), 200)
  const scanned = entries.slice(100).filter(({ place }) => place.scanner !== undefined)
  assert.ok(scanned.length > 0)
  const where = [{ field: 'scanner' as const, values: ['Example Census'] }]
  assert.equal(await store.count({ where }), scanned.length)
  const { items } = await store.events({ where }, 1)
  assert.equal(items[0]!.source!.geo!.scanner, 'Example Census')
})
