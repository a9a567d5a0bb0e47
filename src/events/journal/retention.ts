import fs from 'node:fs'
import type { Position } from '../journal.ts'
import { directoryBytes } from './disk.ts'
import { compressedPath, listSegments, plainPath, type Segment } from './segments.ts'

export type TrimOptions = {
  directory: string
  /** Bytes to come down to; below the writers' own quota, or they stop first. */
  quotaBytes: number
  /** A closed segment whose last event is older goes, whatever the quota. */
  maxAgeMs?: number
  /** What the store has taken: its positions, or everything (there is no store). */
  ingested: readonly Position[] | 'all'
  /** Lets age remove what was never ingested, too. */
  force?: boolean
  now?: number
}
export type Trimmed = { segment: string; bytes: number; why: 'age' | 'quota'; ingested: boolean }

/**
 * Removes the oldest closed segments beyond the bounds, and tells which. What was not ingested stays, unless it is over
 * age and `force` is given. Each writer's newest segment always stays: names given later must sort after it.
 */
export function trimJournal(options: TrimOptions): { removed: Trimmed[]; bytes: number } {
  const { directory, quotaBytes, maxAgeMs = Number.POSITIVE_INFINITY, force = false, now = Date.now() } = options
  const removed: Trimmed[] = []
  let bytes = directoryBytes(directory)
  for (const { segment, endedAt } of closed(listSegments(directory))) {
    const ingested = isIngested(segment, options.ingested)
    const aged = now - endedAt > maxAgeMs
    const why = aged ? 'age' : bytes > quotaBytes ? 'quota' : undefined
    if (!why || !(ingested || (aged && force))) continue
    const freed = remove(directory, segment.name)
    bytes -= freed
    removed.push({ segment: segment.name, bytes: freed, why, ingested })
  }
  return { removed, bytes }
}

/** Oldest first. A segment ended when its writer began the next. */
function closed(segments: Segment[]): { segment: Segment; endedAt: number }[] {
  return segments
    .flatMap((segment, i) => {
      const next = segments[i + 1]
      return next?.writer === segment.writer ? [{ segment, endedAt: next.startedAt }] : []
    })
    .sort((a, b) => a.endedAt - b.endedAt)
}

function isIngested({ writer, name }: Segment, ingested: TrimOptions['ingested']): boolean {
  return ingested === 'all' || ingested.some(position => position.writer === writer && position.segment > name)
}

function remove(directory: string, name: string): number {
  let bytes = 0
  for (const path of [plainPath(directory, name), compressedPath(directory, name)]) {
    bytes += fs.statSync(path, { throwIfNoEntry: false })?.size ?? 0
    fs.rmSync(path, { force: true })
  }
  return bytes
}
