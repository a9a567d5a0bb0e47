import assert from 'node:assert/strict'
import fs from 'node:fs'
import { type TestContext, test } from 'node:test'
import type { Event } from '../event.ts'
import {
  numbered,
  numberOf,
  openTestJournal,
  range,
  readAll,
  smallFileSystem,
  temporaryDirectory,
  until,
} from './testing.ts'
import type { JournalHealth } from './writer.ts'

type Told = { skep: { lost: { count: number; from: string; to: string; why: string } } }
const losses = (events: Event[]) =>
  events.filter(({ event }) => event.action === 'events-lost').map(event => (event as unknown as Told).skep.lost)

/** What is in the journal: numbered events and the losses it tells of. */
async function contents(directory: string) {
  const { lines, skipped } = await readAll(directory)
  const events = lines.map(({ event }) => event)
  assert.equal(skipped, 0)
  return { numbers: events.map(numberOf).filter(n => !Number.isNaN(n)), told: losses(events) }
}

const failure = (code: string) => Object.assign(new Error(code), { code })

/** Lets the disk take `space` bytes more, then refuse with `code`, until `space` is set again. */
function smallDisk(t: TestContext, code: string) {
  const disk = { space: Number.POSITIVE_INFINITY }
  const write = fs.write
  const fake = (
    fd: number,
    bytes: Buffer,
    from: number,
    length: number,
    _at: null,
    done: (error: Error | null, written: number) => void,
  ) => {
    if (disk.space === 0) return process.nextTick(done, failure(code), 0)
    const taken = Math.min(length, disk.space)
    disk.space -= taken
    write(fd, bytes, from, taken, null, done as never)
  }
  t.mock.method(fs, 'write', fake as never)
  return disk
}

for (const code of ['ENOSPC', 'EDQUOT', 'EIO'])
  test(`${code}: nobody waits, the loss is counted, and told once there is room, at whatever byte it struck`, async t => {
    t.mock.timers.enable({ apis: ['setInterval'] })
    const disk = smallDisk(t, code)
    const size = JSON.stringify(numbered(10)).length + 1
    for (const space of [0, 1, size - 1, size, size + 1, 2.5 * size]) {
      const directory = temporaryDirectory(t)
      const health: JournalHealth[] = []
      const journal = openTestJournal({ directory, onHealth: state => health.push(state) })
      disk.space = Number.POSITIVE_INFINITY
      journal.append(numbered(10))
      await journal.durable()
      disk.space = Math.floor(space)
      for (const n of range(11, 15)) journal.append(numbered(n))
      await journal.durable()
      for (const n of range(15, 20)) journal.append(numbered(n))
      await journal.durable()
      const kept = Math.floor(space / size)
      assert.equal(journal.stats().lost, 9 - kept)
      assert.deepEqual(health, [{ state: 'full', why: code }])
      // Still no room: nothing is told yet, and the try itself is not counted.
      t.mock.timers.tick(1000)
      await until(() => journal.stats().pending === 0)
      assert.equal(journal.stats().lost, 9 - kept)

      disk.space = Number.POSITIVE_INFINITY
      t.mock.timers.tick(1000)
      await until(() => health.length === 2)
      assert.deepEqual(health[1], { state: 'writing' })
      journal.append(numbered(20))
      await journal.close()
      const { numbers, told } = await contents(directory)
      assert.deepEqual(numbers, [...range(10, 11 + kept), 20])
      assert.deepEqual(
        told.map(({ count, why }) => ({ count, why })),
        [{ count: 9 - kept, why: code }],
      )
    }
  })

test('the quota of the whole directory stops the writer, room made by retention lets it go on', async t => {
  t.mock.timers.enable({ apis: ['setInterval'] })
  const directory = temporaryDirectory(t)
  const other = `${directory}/udp-20261121T220000Z-0001.jsonl`
  fs.writeFileSync(other, Buffer.alloc(100_000))
  let now = Date.now()
  const journal = openTestJournal({ directory, quotaBytes: 160_000, now: () => now })
  let sent = 0
  while (journal.stats().lost < 50) {
    journal.append(numbered(sent++))
    await journal.durable()
  }
  const used = fs.readdirSync(directory).reduce((sum, file) => sum + fs.statSync(`${directory}/${file}`).size, 0)
  assert.ok(used <= 160_000)
  fs.rmSync(other)
  now += 1000
  t.mock.timers.tick(1000)
  await until(() => journal.stats().pending === 0 && journal.durable() === undefined)
  journal.append(numbered(sent))
  await journal.durable()
  assert.equal(journal.stats().lost, 50)
  await journal.close()
  const { numbers, told } = await contents(directory)
  assert.deepEqual(numbers, [...range(0, sent - 50), sent])
  assert.deepEqual(
    told.map(({ count, why }) => ({ count, why })),
    [{ count: 50, why: 'quota of 160000 bytes reached' }],
  )
})

test('free space under the floor stops the writer', async t => {
  const directory = temporaryDirectory(t)
  const journal = openTestJournal({ directory, floorBytes: Number.MAX_SAFE_INTEGER })
  journal.append(numbered(0))
  await journal.durable()
  assert.equal(journal.stats().lost, 1)
  await journal.close()
  assert.deepEqual(fs.readdirSync(directory), [])
})

test('a stalled disk fills a bounded buffer; what comes on top is lost and told', async t => {
  const directory = temporaryDirectory(t)
  const write = fs.write
  let release: (() => void) | undefined
  t.mock.method(fs, 'write', ((...all: Parameters<typeof write>) => {
    release = () => write(...all)
  }) as never)
  const journal = openTestJournal({ directory, bufferBytes: 10_000 })
  journal.append(numbered(0))
  await until(() => release !== undefined)
  for (const n of range(1, 101)) journal.append(numbered(n))
  const { pending, lost } = journal.stats()
  assert.ok(lost > 50 && pending + lost === 101, `${pending} pending, ${lost} lost`)
  t.mock.restoreAll()
  release!()
  await journal.durable()
  await journal.close()
  const { numbers, told } = await contents(directory)
  assert.deepEqual(numbers, range(0, 101 - lost))
  assert.deepEqual(
    told.map(({ count, why }) => ({ count, why })),
    [{ count: lost, why: 'disk too slow' }],
  )
})

test('a directory that is not there costs events, not the process', async t => {
  const file = `${temporaryDirectory(t)}/file`
  fs.writeFileSync(file, '')
  const health: JournalHealth[] = []
  const journal = openTestJournal({ directory: `${file}/journal`, onHealth: state => health.push(state) })
  journal.append(numbered(0))
  await journal.durable()
  assert.equal(journal.stats().lost, 1)
  assert.deepEqual(health.at(-1), { state: 'full', why: 'ENOTDIR' })
  await journal.close()
})

test('a real full disk', async t => {
  const directory = smallFileSystem(t, 4096)
  if (!directory) return t.skip('may not mount a small tmpfs here')
  t.mock.timers.enable({ apis: ['setInterval'] })
  const ballast = `${directory}/ballast`
  fs.writeFileSync(ballast, Buffer.alloc(3 << 20))
  const health: JournalHealth[] = []
  const journal = openTestJournal({
    directory,
    floorBytes: Number.NEGATIVE_INFINITY,
    onHealth: state => health.push(state),
  })
  let sent = 0
  while (journal.stats().lost < 100) {
    for (let i = 0; i < 10; i++) journal.append(numbered(sent++, 1000))
    await journal.durable()
  }
  const { lost } = journal.stats()
  fs.rmSync(ballast)
  t.mock.timers.tick(1000)
  await until(() => health.at(-1)?.state === 'writing')
  journal.append(numbered(sent))
  await journal.durable()
  assert.equal(journal.stats().lost, lost)
  await journal.close()
  const { numbers, told } = await contents(directory)
  assert.deepEqual(numbers, [...range(0, sent - lost), sent])
  assert.deepEqual(
    told.map(({ count, why }) => ({ count, why })),
    [{ count: lost, why: 'ENOSPC' }],
  )
})

test('a segment that could not be compressed for want of room is compressed with the next', async t => {
  const directory = smallFileSystem(t, 1024)
  if (!directory) return t.skip('may not mount a small tmpfs here')
  const complaints: string[] = []
  const journal = openTestJournal({
    directory,
    segmentBytes: 1,
    floorBytes: Number.NEGATIVE_INFINITY,
    onHealth: health => health.state === 'maintenance' && complaints.push(health.why),
  })
  const write = async (n: number) => {
    journal.append(numbered(n))
    await journal.durable()
  }
  await write(0)
  await write(1)
  const compressed = () => fs.readdirSync(directory).filter(file => file.endsWith('.zst')).length
  await until(() => compressed() === 1)
  // Room for the next segment, and none for the compressed form of the last.
  const { bfree, bsize } = fs.statfsSync(directory)
  fs.writeFileSync(`${directory}/ballast`, Buffer.alloc((bfree - 1) * bsize))
  await write(2)
  await until(() => complaints.length > 0)
  assert.match(complaints[0]!, /ENOSPC/)
  fs.rmSync(`${directory}/ballast`)
  await write(3)
  await until(() => compressed() === 3)
  await journal.close()
  assert.deepEqual((await contents(directory)).numbers, range(0, 4))
})
