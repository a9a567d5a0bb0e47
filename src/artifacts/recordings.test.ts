import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { zstdDecompressSync } from 'node:zlib'
import { openRecordings, type RecordingOptions } from './recordings.ts'

const session = '0192f0c1-0000-7000-8000-0000000000ab'
const about = { session, columns: 80, rows: 24, terminal: 'xterm', title: 'root' }

function setUp(t: TestContext, options: Partial<RecordingOptions> = {}) {
  const directory = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'skep-recordings-')), 'recordings')
  t.after(() => fs.rmSync(path.dirname(directory), { recursive: true, force: true }))
  const losses: string[] = []
  const clock = { now: 1_000_000 }
  const open = openRecordings({
    directory,
    capBytes: 1 << 20,
    quotaBytes: 1 << 30,
    floorBytes: 0,
    now: () => clock.now,
    onLoss: why => losses.push(why),
    ...options,
  })
  const linesOf = (): unknown[] =>
    zstdDecompressSync(fs.readFileSync(`${directory}/ab/${session}.cast.zst`))
      .toString('utf8')
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
  return { directory, open, losses, clock, linesOf }
}

test('a session becomes an asciicast file with its timing, characters whole', t => {
  const { open, clock, linesOf, directory } = setUp(t)
  const recording = open(about)
  recording.output(Buffer.from('root@relay3:~# '))
  clock.now += 1500
  recording.input(Buffer.from('ls\r'))
  const japanese = Buffer.from('日')
  recording.output(japanese.subarray(0, 1))
  recording.output(japanese.subarray(1))
  recording.resize(120, 40)
  clock.now += 500
  const kept = recording.close()
  assert.deepEqual(kept, {
    path: `${directory}/ab/${session}.cast.zst`,
    bytes: fs.statSync(`${directory}/ab/${session}.cast.zst`).size,
    milliseconds: 2000,
  })
  assert.deepEqual(linesOf(), [
    { version: 2, width: 80, height: 24, timestamp: 1000, title: 'root', env: { SHELL: '/bin/bash', TERM: 'xterm' } },
    [0, 'o', 'root@relay3:~# '],
    [1.5, 'i', 'ls\r'],
    [1.5, 'o', '日'],
    [1.5, 'r', '120x40'],
  ])
})

test('what was shown is on disk before the session ends, and several frames read as one', t => {
  const { open, clock, linesOf } = setUp(t)
  const recording = open(about)
  recording.output(Buffer.from('one'))
  clock.now += 11_000
  recording.output(Buffer.from('two'))
  assert.deepEqual(linesOf().slice(1), [
    [0, 'o', 'one'],
    [11, 'o', 'two'],
  ])
  recording.output(Buffer.from('three'))
  recording.close()
  assert.equal(linesOf().length, 4)
})

test('a session over its cap says where it stops', t => {
  const { open, linesOf } = setUp(t, { capBytes: 5000 })
  const recording = open(about)
  for (let i = 0; i < 1000; i++) recording.output(Buffer.from('x'.repeat(100)))
  assert.ok((recording.close()?.bytes ?? 0) > 0)
  assert.ok(linesOf().length < 60)
  assert.deepEqual(linesOf().at(-1), [0, 'm', 'Not recorded from here on'])
})

test('no room costs the recording, never the session', t => {
  const { open, losses } = setUp(t, { quotaBytes: 10 })
  const recording = open(about)
  recording.output(Buffer.from('x'))
  assert.equal(recording.close(), undefined)
  assert.match(losses.join(), /quota/)
})
