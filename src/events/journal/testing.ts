import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { TestContext } from 'node:test'
import { type Event, recorder } from '../event.ts'
import { type JournalBatch, type ReadOptions, readJournal } from './reader.ts'
import { type JournalOptions, openJournal } from './writer.ts'

/** A directory that goes when the test ends. */
export function temporaryDirectory(t: TestContext): string {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-journal-'))
  t.after(() => fs.rmSync(directory, { recursive: true, force: true }))
  return directory
}

/** A file system of its own, of so many kilobytes, for as long as the test runs; `undefined` where one may not be mounted. */
export function smallFileSystem(t: TestContext, kilobytes: number): string | undefined {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-disk-'))
  const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', directory])
  t.after(() => {
    if (mounted.status === 0) spawnSync('umount', [directory])
    fs.rmSync(directory, { recursive: true, force: true })
  })
  return mounted.status === 0 ? directory : undefined
}

/** A journal without bounds to speak of. */
export const openTestJournal = (options: Partial<JournalOptions> & { directory: string }) =>
  openJournal({ writer: 'tcp', sensor: 'test', quotaBytes: 1 << 30, floorBytes: 0, settleMs: 0, ...options })

/** An event that is told from others by its number; `padding` bytes make it longer. */
export function numbered(n: number, padding = 0): Event {
  let made: Event | undefined
  const sink = (event: Event) => {
    made = event
  }
  const line = `${n}${' '.repeat(padding)}`
  recorder({ service: 'test' }, { sensor: 'test', sink, now: Date.now }).command({ line, verb: String(n) })
  return made!
}
export const numberOf = (event: Event) => Number((event as { process?: { name?: string } }).process?.name)

/** All that the journal holds now, in order of reading. */
export async function readAll(directory: string, options: Partial<ReadOptions> = {}): Promise<JournalBatch> {
  const all: JournalBatch = { lines: [], positions: [], skipped: 0 }
  for await (const batch of readJournal({ directory, follow: false, ...options })) {
    all.lines.push(...batch.lines)
    all.positions = batch.positions
    all.skipped += batch.skipped
  }
  return all
}
export const numbersIn = async (directory: string) =>
  (await readAll(directory)).lines.map(({ event }) => numberOf(event)).filter(n => !Number.isNaN(n))

export const range = (from: number, to: number) => Array.from({ length: to - from }, (_, i) => from + i)

/** Waits for what another part does in its own time. */
export async function until(holds: () => boolean | Promise<boolean>) {
  while (!(await holds())) await new Promise(resolve => setTimeout(resolve, 5))
}
