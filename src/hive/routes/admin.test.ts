import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, test } from 'node:test'
import * as v from 'valibot'
import * as shapes from '../shapes.ts'
import { inertSample, sampleHashes } from '../testing.ts'
import { ADMIN, assertProblem, parsed, sharedRows, testHive, written } from '../testing-hive.ts'

const hive = await testHive()
after(hive.clean)
const admin = await hive.session(ADMIN)
const get = (target: string, cookie = admin) => hive.call('GET', `/api/v1${target}`, { cookie })

test('SQL: rows for an admin, the engine’s own words for a mistake', async () => {
  const good = await hive.call('POST', '/api/v1/sql', { cookie: admin, body: { query: 'select 1', limit: 2 } })
  const { columns, rows } = v.parse(shapes.table, parsed(good))
  assert.deepEqual(columns, ['service', 'events'])
  assert.equal(rows.length, 2)
  const bad = await hive.call('POST', '/api/v1/sql', { cookie: admin, body: { query: 'selec 1' } })
  assertProblem(bad, 400, 'query')
  assert.match(parsed(bad).detail, /syntax error/)
})

test('a sample comes as it was left, to be saved and never shown, and that is logged', async () => {
  const answer = await get(`/artifacts/${sampleHashes.sha256}`)
  assert.equal(answer.status, 200)
  assert.deepEqual(await written(answer), inertSample)
  assert.equal(answer.headers['content-type'], 'application/octet-stream')
  assert.equal(answer.headers['content-disposition'], `attachment; filename="${sampleHashes.sha256}.sample"`)
  assert.match(answer.headers['content-security-policy']!, /sandbox/)
  assert.equal(answer.headers['x-content-type-options'], 'nosniff')
  assert.ok(
    hive.logged.some(
      ([what, { user, sha256 }]) => what === 'sample-taken' && user === 'admin' && sha256 === sampleHashes.sha256,
    ),
  )
})

test('export: every event of the filter, and no draft stays behind', async () => {
  const lines = String(await written(await get('/export?format=jsonl&service=ssh')))
    .trimEnd()
    .split('\n')
  const ssh = sharedRows.filter(row => row.event.skep.service === 'ssh').length
  assert.equal(lines.length, ssh)
  for (const line of lines) v.parse(shapes.event, JSON.parse(line))
  const parquet = await get('/export?format=parquet&service=ssh')
  assert.equal(parquet.headers['content-disposition'], 'attachment; filename="skep-events.parquet"')
  assert.equal(JSON.parse(String(await written(parquet))).length, ssh)
  assert.deepEqual(readdirSync(join(hive.data, 'state', 'hive', 'exports')), [])
})
