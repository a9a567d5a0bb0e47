import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { test } from 'node:test'
import { type Event, recorder } from '../event.ts'
import { readEvents } from './follow.ts'

/** A segment of one writer with an event at each of these seconds. */
function write(directory: string, name: string, seconds: number[]) {
  const lines: string[] = []
  let now = 0
  const record = recorder(
    { service: name },
    { sensor: 'test', sink: (e: Event) => lines.push(JSON.stringify(e)), now: () => now },
  )
  for (const second of seconds) {
    now = Date.UTC(2026, 0, 1, 0, 0, second)
    record.health({ part: name, state: String(second) })
  }
  fs.writeFileSync(path.join(directory, `${name}-20260101T000000Z-0001.jsonl`), lines.map(line => `${line}\n`).join(''))
}

test('tells all writers in the order of time, from when it is asked', async t => {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-follow-'))
  t.after(() => fs.rmSync(directory, { recursive: true }))
  write(directory, 'supervisor', [1, 4, 5, 9])
  write(directory, 'tcp', [2, 3, 6, 8])
  write(directory, 'udp', [7])
  const heard: string[] = []
  for await (const { event } of readEvents({ directory, follow: false, since: Date.UTC(2026, 0, 1, 0, 0, 3) }))
    heard.push(String((event.skep as { health?: { state?: string } }).health?.state))
  assert.deepEqual(heard, ['3', '4', '5', '6', '7', '8', '9'])
})
