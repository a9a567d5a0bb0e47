import assert from 'node:assert/strict'
import fs from 'node:fs'
import { test } from 'node:test'
import { lineCap } from '../journal.ts'
import { numbered, numbersIn, openTestJournal, range, temporaryDirectory, until } from './testing.ts'

test('durable waits for what was appended, and for nothing when all is on disk', async t => {
  const directory = temporaryDirectory(t)
  const journal = openTestJournal({ directory })
  assert.equal(journal.durable(), undefined)
  for (const n of range(0, 1000)) {
    journal.append(numbered(n))
    if (n % 7 === 0) {
      await journal.durable()
      const lines = fs.readFileSync(`${directory}/${journal.stats().segment}.jsonl`, 'utf8').trimEnd().split('\n')
      assert.equal(lines.length, n + 1)
      assert.equal(JSON.parse(lines[n]!).process.name, String(n))
    }
  }
  assert.ok(journal.stats().pending > 0)
  await journal.durable()
  const { pending, lagMs, written, lost } = journal.stats()
  assert.deepEqual({ pending, lagMs, written, lost }, { pending: 0, lagMs: 0, written: 1000, lost: 0 })
  await journal.close()
  assert.deepEqual(await numbersIn(directory), range(0, 1000))
})

test('an event appended while a write is under way is written without another push', async t => {
  const directory = temporaryDirectory(t)
  const journal = openTestJournal({ directory })
  // Each continuation runs at another point of the commit's end.
  for (const n of range(0, 200)) {
    journal.append(numbered(n))
    await journal.durable()
    for (let turns = n % 5; turns > 0; turns--) await undefined
  }
  assert.equal(journal.stats().written, 200)
  await journal.close()
})

test('close writes what was appended; later events are counted as lost and leave no trace', async t => {
  const directory = temporaryDirectory(t)
  const journal = openTestJournal({ directory })
  for (const n of range(0, 10)) journal.append(numbered(n))
  await journal.close()
  journal.append(numbered(10))
  assert.equal(journal.durable(), undefined)
  await new Promise(resolve => setTimeout(resolve, 10))
  assert.equal(journal.stats().lost, 1)
  assert.deepEqual(await numbersIn(directory), range(0, 10))
})

test('files are for the owner and the group, whatever the umask', async t => {
  const directory = `${temporaryDirectory(t)}/journal`
  const umask = process.umask(0o077)
  t.after(() => process.umask(umask))
  const journal = openTestJournal({ directory, segmentBytes: 1 })
  for (const n of range(0, 3)) {
    journal.append(numbered(n))
    await journal.durable()
  }
  await until(() => fs.readdirSync(directory).filter(file => file.endsWith('.zst')).length === 2)
  await journal.close()
  assert.equal(fs.statSync(directory).mode & 0o7777, 0o2770)
  for (const file of fs.readdirSync(directory))
    assert.equal(fs.statSync(`${directory}/${file}`).mode & 0o777, 0o640, file)
})

test('segments end by size and by the hour', async t => {
  const directory = temporaryDirectory(t)
  let now = Date.UTC(2026, 10, 21, 22, 59, 59)
  const journal = openTestJournal({ directory, segmentBytes: 2000, now: () => now })
  const segments = new Set<string>()
  for (const n of range(0, 20)) {
    if (n === 10) now += 1000
    journal.append(numbered(n))
    await journal.durable()
    segments.add(journal.stats().segment)
  }
  const names = [...segments]
  assert.deepEqual(names, names.toSorted())
  assert.ok(names.filter(name => name.startsWith('tcp-20261121T225959Z-')).length >= 2)
  assert.ok(names.filter(name => name.startsWith('tcp-20261121T230000Z-')).length >= 2)
  await journal.close()
  assert.deepEqual(await numbersIn(directory), range(0, 20))
})

test('an event over the cap, or one that is not JSON, costs itself only', async t => {
  const directory = temporaryDirectory(t)
  const journal = openTestJournal({ directory })
  journal.append(numbered(0))
  journal.append(numbered(1, lineCap))
  journal.append({ ...numbered(2), skep: { service: 'test', big: 1n } })
  journal.append(numbered(3))
  await journal.durable()
  assert.equal(journal.stats().lost, 2)
  await journal.close()
  assert.deepEqual(await numbersIn(directory), [0, 3])
})

test('a name that segments could not be told apart by is refused', () => {
  for (const writer of ['', 'TCP', 'tcp-1', '../x', '1'])
    assert.throws(() => openTestJournal({ directory: '/nonexistent', writer }), TypeError)
})
