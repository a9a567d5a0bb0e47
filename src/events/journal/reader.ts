import { isUtf8 } from 'node:buffer'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Event } from '../event.ts'
import { lineCap, type Position } from '../journal.ts'
import { listSegments, type Segment } from './segments.ts'
import { Damaged, openSource, type Source } from './source.ts'
import { watchDirectory } from './watch.ts'

export type ReadOptions = {
  directory: string
  /** Where to go on; a writer not among them is read from its first segment. */
  from?: readonly Position[]
  /** Reads this writer alone. */
  only?: string
  /** Waits for more at the end (the default), or ends there. */
  follow?: boolean
  signal?: AbortSignal
  maxLines?: number
  maxBytes?: number
  /** Hears of every stretch that is not an event. */
  onSkip?: (skip: Skip) => void
}
export type Skip = { segment: string; offset: number; bytes: number; why: string }

export type EventLine = { event: Event; json: string }
/** Whole lines, oldest first within each writer, and where the reader stands once they are taken. */
export type JournalBatch = { lines: EventLine[]; positions: Position[]; skipped: number }

const newline = 0x0a
/** A batch far from full is given this much time to grow, lest a busy sensor make one batch an event. */
const gatherMs = 25
const pollMs = 200
/** Each holds a file and a buffer open. One sensor has three; whoever broke into one shall not have the reader open a million. */
const maxWriters = 64

/**
 * Reads every event once, in batches, of all writers, through rotation and compression. What is not an event (a torn
 * line, damage on disk) is skipped and counted. Whoever stores a batch together with its positions, and starts from
 * them again, stores every event exactly once. Ends when `signal` aborts.
 */
export async function* readJournal(options: ReadOptions): AsyncGenerator<JournalBatch, void, undefined> {
  const { directory, from = [], only, follow = true, signal, maxLines = 2000, maxBytes = 4 << 20, onSkip } = options
  const watch = follow ? watchDirectory(directory, signal) : undefined
  const tracks = new Map<string, Track>()
  for (const { writer, segment, offset } of from) tracks.set(writer, openTrack(writer, segment, offset))
  let segments: Segment[] = []
  let listedAt = 0
  let first = 0
  try {
    while (!signal?.aborted) {
      const stale = (await watch?.change(pollMs)) ?? true
      // The kernel drops news when there is too much of it.
      if (stale || Date.now() - listedAt > 2000) {
        segments = listSegments(directory).filter(({ writer }) => only === undefined || writer === only)
        listedAt = Date.now()
        for (const { writer } of segments)
          if (!tracks.has(writer) && tracks.size < maxWriters) tracks.set(writer, openTrack(writer, '', 0))
      }

      let batch: Filling
      do {
        batch = { lines: [], bytes: 0, skipped: 0, maxLines, maxBytes, onSkip }
        const before = [...tracks.values()].map(({ segment, offset }) => `${segment} ${offset}`)
        const order = [...tracks.values()]
        // Another writer goes first each time: a flood from one does not silence the others.
        first++
        for (let i = 0; i < order.length; i++)
          await fill(order[(first + i) % order.length]!, directory, segments, batch)
        const positions = order
          .filter(({ segment, offset }, i) => `${segment} ${offset}` !== before[i])
          .map(({ writer, segment, offset }) => ({ writer, segment, offset }))
        if (positions.length > 0) yield { lines: batch.lines, positions, skipped: batch.skipped }
      } while (isFull(batch) && !signal?.aborted)
      if (!follow) return
      await sleep(gatherMs)
    }
  } finally {
    watch?.close()
    for (const track of tracks.values()) await track.source?.close()
  }
}

type Track = {
  writer: string
  /** The segment being read, or the last one read to its end. */
  segment: string
  offset: number
  finished: boolean
  source: Source | undefined
  /** A line and no more: what fills it without ending is not a line. */
  buffer: Buffer
  /** In the middle of a line too long to be one. */
  overlong: boolean
  complained: boolean
}
const openTrack = (writer: string, segment: string, offset: number): Track => ({
  writer,
  segment,
  offset,
  finished: false,
  source: undefined,
  buffer: Buffer.allocUnsafeSlow(lineCap),
  overlong: false,
  complained: false,
})

type Filling = {
  lines: EventLine[]
  bytes: number
  skipped: number
  maxLines: number
  maxBytes: number
  onSkip: ReadOptions['onSkip']
}
const isFull = (batch: Filling) => batch.lines.length >= batch.maxLines || batch.bytes >= batch.maxBytes

/** Takes what one writer has, up to the batch's bounds. */
async function fill(track: Track, directory: string, segments: Segment[], batch: Filling) {
  const own = segments.filter(({ writer }) => writer === track.writer)
  while (!isFull(batch)) {
    const segment = own.find(({ name }) => (track.finished ? name > track.segment : name >= track.segment))
    if (!segment) return
    if (segment.name !== track.segment) {
      track.segment = segment.name
      track.offset = 0
      track.complained = false
    }
    track.finished = false
    // A writer finishes a segment before it begins the next: known before the read, so that the read finds the end.
    const closed = segment.compressed || segment !== own.at(-1)
    let chunk: Buffer
    try {
      track.source ??= await openSource(directory, segment, track.buffer)
      chunk = await track.source.read(track.offset)
    } catch (error) {
      if (!track.complained) skip(track, 0, String(error), batch)
      track.complained = true
      await leave(track)
      // Removed while we looked, or damaged for good: on to the next. Anything else is tried again later.
      const gone = (error as NodeJS.ErrnoException).code === 'ENOENT'
      if (!gone && !(error instanceof Damaged)) return
      track.finished = true
      continue
    }
    const taken = takeLines(chunk, track, batch)
    if (taken > 0) continue
    if (chunk.length === lineCap) {
      skip(track, chunk.length, `Line over ${lineCap} bytes`, batch)
      track.overlong = true
      track.offset += chunk.length
    } else if (closed) {
      if (chunk.length > 0) skip(track, chunk.length, 'Torn line at the end', batch)
      await leave(track)
      track.finished = true
    } else return
  }
}

async function leave(track: Track) {
  await track.source?.close()
  track.source = undefined
  track.overlong = false
}

/** Takes whole lines from the start of `chunk`; returns the bytes they span. */
function takeLines(chunk: Buffer, track: Track, batch: Filling): number {
  let start = 0
  while (!isFull(batch)) {
    const end = chunk.indexOf(newline, start)
    if (end < 0) break
    const size = end + 1 - start
    const line = track.overlong ? undefined : parseLine(chunk.subarray(start, end))
    if (line) batch.lines.push(line)
    else if (!track.overlong) skip(track, size, 'Not an event', batch)
    track.overlong = false
    track.offset += size
    batch.bytes += size
    start = end + 1
  }
  return start
}

function skip({ segment, offset }: Track, bytes: number, why: string, batch: Filling) {
  batch.skipped++
  batch.onSkip?.({ segment, offset, bytes, why })
}

function parseLine(bytes: Buffer): EventLine | undefined {
  if (!isUtf8(bytes)) return
  const json = bytes.toString()
  try {
    const event: Event | null = JSON.parse(json)
    return typeof event?.event?.id === 'string' && typeof event['@timestamp'] === 'string' ? { event, json } : undefined
  } catch {
    return
  }
}
