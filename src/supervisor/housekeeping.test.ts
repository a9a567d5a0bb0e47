import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { keepHouse } from './housekeeping.ts'

/** A data directory with three closed segments of 1000 bytes and three samples of 1000, and its keeper. */
function house(t: TestContext) {
  const data = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-house-'))
  t.after(() => fs.rmSync(data, { recursive: true, force: true }))
  fs.mkdirSync(path.join(data, 'journal'))
  for (const hour of [1, 2, 3, 4])
    fs.writeFileSync(path.join(data, 'journal', `tcp-20261121T0${hour}0000Z-0001.jsonl`), Buffer.alloc(1000))
  fs.mkdirSync(path.join(data, 'artifacts/aa'), { recursive: true })
  for (const [age, digit] of ['b', 'c', 'd'].entries()) {
    const file = path.join(data, 'artifacts/aa', digit.repeat(64))
    fs.writeFileSync(file, Buffer.alloc(1000))
    fs.utimesSync(file, age, age)
  }
  const said: string[] = []
  const bounds = (quota: number) => ({ quota }) as never
  const keep = keepHouse({
    data,
    settings: { journal: bounds(3000), samples: bounds(2500), recordings: bounds(1000), machine: bounds(1000) },
    ingested: () => 'all',
    log: { info: text => said.push(text), warn: text => said.push(`! ${text}`) },
  })
  return { data, said, keep }
}

test('the oldest go until the rest is within its quota', async t => {
  const { data, said, keep } = house(t)
  await keep()
  assert.deepEqual(fs.readdirSync(path.join(data, 'journal')), [
    'tcp-20261121T030000Z-0001.jsonl',
    'tcp-20261121T040000Z-0001.jsonl',
  ])
  assert.deepEqual(fs.readdirSync(path.join(data, 'artifacts/aa')), ['c'.repeat(64), 'd'.repeat(64)])
  assert.deepEqual(said, [
    'journal: tcp-20261121T010000Z-0001 removed (quota)',
    'journal: tcp-20261121T020000Z-0001 removed (quota)',
  ])
})

test('a directory that is gone is told once, ends nothing, and is kept again when it is back', async t => {
  const { data, said, keep } = house(t)
  const directory = path.join(data, 'journal')
  fs.renameSync(directory, `${directory}-away`)
  await keep()
  await keep()
  assert.equal(said.length, 1)
  assert.match(said[0]!, /^! journal: what is too much stays: .*ENOENT/)
  assert.equal(fs.readdirSync(path.join(data, 'artifacts/aa')).length, 2)
  fs.renameSync(`${directory}-away`, directory)
  await keep()
  assert.equal(fs.readdirSync(directory).length, 2)
})
