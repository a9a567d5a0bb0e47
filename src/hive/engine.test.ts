import assert from 'node:assert/strict'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as v from 'valibot'
import { openStore } from '#store/open.ts'
import { ADMIN, parsed, questions, sharedRows, testHive, written } from './testing-hive.ts'

// The fake store of the other tests is only as good as its likeness to the real one.
const directory = mkdtempSync(join(tmpdir(), 'skep-engine-'))
const store = await openStore({ directory, memoryMb: 64 })
await store.ingest({ events: sharedRows.map(row => ({ ...row, json: JSON.stringify(row.event) })), positions: [] })
const [real, fake] = [await testHive({ store }), await testHive()]
after(async () => {
  real.clean()
  fake.clean()
  await store.close()
  rmSync(directory, { recursive: true })
})
let cookies: string[] = []
before(async () => {
  cookies = [await real.session(ADMIN), await fake.session(ADMIN)]
})
const ask = (target: string) => real.call('GET', `/api/v1${target}`, { cookie: cookies[0]! })

for (const [target, shape] of questions)
  test(`DuckDB answers ${target.replace(/[0-9a-f-]{36}/, ':id')} in its shape`, async () => {
    const answer = await ask(target)
    assert.equal(answer.status, 200, String(answer.body))
    v.parse(shape, parsed(answer))
  })

test('DuckDB and the fake count alike', async () => {
  for (const target of [
    '/count',
    '/count?service=ssh&country!=CN',
    '/count?action=login&user=root&user=admin',
    '/distinct?field=source_ip',
    '/distinct?field=password&service=ftp',
    '/histogram?interval=3600000',
  ]) {
    const other = await fake.call('GET', `/api/v1${target}`, { cookie: cookies[1]! })
    assert.deepEqual(parsed(await ask(target)), parsed(other), target)
  }
})

test('what DuckDB refuses is the asker’s fault, and said so', async () => {
  const cursor = await ask('/events?cursor=rubbish')
  assert.equal(cursor.status, 400)
  for (const query of [
    'selec 1',
    'drop table events',
    "select * from read_text('/etc/passwd')",
    'select 1; select 2',
  ]) {
    const answer = await real.call('POST', '/api/v1/sql', { cookie: cookies[0]!, body: { query } })
    assert.equal(answer.status, 400, query)
    assert.equal(parsed(answer).parameter, 'query')
  }
  assert.equal((await ask('/count')).status, 200)
})

test('Parquet and JSON lines leave DuckDB whole', async () => {
  const parquet = await written(await ask('/export?format=parquet'))
  assert.equal(parquet.subarray(0, 4).toString(), 'PAR1')
  assert.equal(parquet.subarray(-4).toString(), 'PAR1')
  const lines = String(await written(await ask('/export?format=jsonl')))
  assert.equal(lines.trimEnd().split('\n').length, sharedRows.length)
})
