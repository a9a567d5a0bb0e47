import path from 'node:path'
import { recordingName, sampleName, trimOldest } from '#artifacts/retention.ts'
import type { Settings } from '#config/schema.ts'
import { trimJournal } from '#events/journal/retention.ts'
import type { Position } from '#events/journal.ts'
import type { Log } from './log.ts'

export type Housekeeping = {
  data: string
  settings: Pick<Settings, 'journal' | 'samples' | 'recordings' | 'machine'>
  /** What the store has taken by now: its positions, or everything (there is no store). */
  ingested: () => readonly Position[] | 'all'
  log: Pick<Log, 'info' | 'warn'>
}

/**
 * Keeps the data directory within its quotas, oldest first; call it every few seconds. A disk that fails, or a directory
 * that somebody took away, is told once for as long as it lasts, and ends nothing: decoys need none of this.
 */
export function keepHouse({ data, settings, ingested, log }: Housekeeping): () => Promise<void> {
  const told = new Map<string, string>()
  let busy = false

  async function attempt(what: string, work: () => unknown): Promise<void> {
    try {
      await work()
      told.delete(what)
    } catch (error) {
      const why = String(error)
      if (told.get(what) !== why) log.warn(`${what}: what is too much stays: ${why}`)
      told.set(what, why)
    }
  }

  function journal(): void {
    // Below the writers' own quota, or they would stop first.
    const quotaBytes = 0.8 * settings.journal.quota
    const { removed } = trimJournal({ directory: path.join(data, 'journal'), quotaBytes, ingested: ingested() })
    for (const { segment, why } of removed) log.info(`journal: ${segment} removed (${why})`)
  }

  const trim = (name: string, quota: number, files: RegExp) =>
    attempt(name, () => trimOldest({ directory: path.join(data, name), quotaBytes: 0.9 * quota, name: files }))

  return async () => {
    // A hundred thousand samples on a slow disk may take longer than until the next call.
    if (busy) return
    busy = true
    await attempt('journal', journal)
    await trim('artifacts', settings.samples.quota, sampleName)
    await trim('recordings', settings.recordings.quota, recordingName)
    await trim('machines', settings.machine.quota, sampleName)
    busy = false
  }
}
