import { type Event, recorder } from '../event.ts'
import { type Journal, lineCap } from '../journal.ts'
import { type Bounds, openRoom } from './disk.ts'
import { countLoss } from './loss.ts'
import { createSegmentFile, type SegmentFile } from './segment-file.ts'
import { isWriter, nextSegment } from './segments.ts'
import { openUpkeep } from './upkeep.ts'

export type JournalOptions = Bounds & {
  /** Shared by all writers; `quotaBytes` is for all of them together. Often relative to the data directory. */
  directory: string
  /** Who writes: `tcp`, `udp`, `supervisor`; lower-case letters and digits. One process at a time uses a name. */
  writer: string
  /** The sensor's name, for the one event that the journal writes about itself. */
  sensor: string
  /** A segment is closed at this size, and when `segmentMs` (aligned to the clock: hours) have gone round. */
  segmentBytes?: number
  segmentMs?: number
  /** Bytes gathered in memory while a write is under way; what comes on top is lost. */
  bufferBytes?: number
  /** How long segments left by the last run wait to be compressed: until the start is over and privileges are dropped. */
  settleMs?: number
  now?: () => number
  onHealth?: (health: JournalHealth) => void
}
/** `full`: events are being lost, and why. `maintenance`: a segment could not be recovered or compressed; nothing is lost. */
export type JournalHealth = { state: 'writing' } | { state: 'full' | 'maintenance'; why: string }

const retryMs = 1000

/**
 * Opens the journal for one writer. Events gather in memory while one write is under way and go to disk together with the
 * next, so that none waits longer than two writes and an idle disk is used at once. When the disk is full nobody waits:
 * events are lost, counted, and the count is written once there is room again. Never throws for the disk's sake.
 */
export function openJournal(options: JournalOptions): Journal {
  const { directory, writer, sensor, now = Date.now, onHealth } = options
  const { segmentBytes = 64 << 20, segmentMs = 3_600_000, bufferBytes = 16 << 20, settleMs = 10_000 } = options
  if (!isWriter(writer)) throw new TypeError(`Not a name for a journal writer: ${JSON.stringify(writer)}`)
  const room = openRoom(directory, options, now)
  const loss = countLoss(now)
  const upkeep = openUpkeep(directory, writer, settleMs, why => onHealth?.({ state: 'maintenance', why }))

  let gathering = emptyBatch()
  let flying: Batch | undefined
  let file: SegmentFile | undefined
  let lastName = upkeep.lastName
  let written = 0
  /** Why events are being lost; `undefined` while a try is made, and `told` until it succeeded. */
  let full: string | undefined
  let told: string | undefined
  let committing = false
  let loop: Promise<void> | undefined
  let scheduled = false
  let closed = false

  const retry = setInterval(() => {
    if (!full) return
    room.forget()
    // Some room to spare, lest every other event be lost at the brink.
    if (tryObstacle(Math.min(1 << 20, options.quotaBytes / 16))) return
    full = undefined
    schedule()
  }, retryMs).unref()

  function append(event: Event) {
    if (full ?? closed) return loss.add(1, full ?? 'journal closed')
    const line = serialize(event)
    if (line === undefined) loss.add(1, `event over ${lineCap} bytes or not JSON`)
    else if (gathering.size + line.length > bufferBytes) loss.add(1, 'disk too slow')
    else {
      if (gathering.lines.length === 0) gathering.since = now()
      gathering.size += line.length
      gathering.lines.push(line)
    }
    schedule()
  }

  // The end of this turn of the event loop: what many connections did in it shares one write.
  function schedule() {
    if (scheduled || committing) return
    scheduled = true
    setImmediate(() => {
      scheduled = false
      if (!closed && !committing) loop = commitAll()
    })
  }
  async function commitAll() {
    committing = true
    try {
      while (gathering.lines.length > 0 || (loss.untold() && !full)) {
        flying = gathering
        gathering = emptyBatch()
        try {
          await commit(flying.lines)
        } finally {
          const { resolve } = flying
          flying = undefined
          resolve?.()
        }
      }
    } finally {
      // In the same turn as the last look: an append after it schedules anew.
      committing = false
    }
  }

  async function commit(lines: string[]) {
    const report = full ? undefined : loss.take()
    const all = report ? [lossLine(report), ...lines] : lines
    const { kept, why } = full ? { kept: 0, why: full } : await write(all)
    written += kept
    if (report && kept === 0) loss.untell(report)
    if (why === undefined) return recovered()
    loss.add(lines.length - Math.max(0, kept - (all.length - lines.length)), why)
    full = why
    if (told === why) return
    told = why
    onHealth?.({ state: 'full', why })
  }
  function recovered() {
    if (told === undefined) return
    told = undefined
    onHealth?.({ state: 'writing' })
  }

  /** How many lines are on disk, and why not the others. */
  async function write(lines: string[]): Promise<{ kept: number; why?: string }> {
    const data = Buffer.from(lines.join(''))
    const obstacle = tryObstacle(data.length)
    if (obstacle) return { kept: 0, why: obstacle }
    if (file && (file.bytes() >= segmentBytes || hour(file.startedAt) !== hour(now()))) retire(file)
    try {
      file ??= create()
    } catch (error) {
      return { kept: 0, why: reason(error) }
    }
    const { kept, error } = await file.append(data)
    room.took(kept)
    if (!error) return { kept: lines.length }
    retire(file)
    return { kept: countLines(data.subarray(0, kept)), why: reason(error) }
  }
  function tryObstacle(bytes: number) {
    try {
      return room.obstacle(bytes)
    } catch (error) {
      return reason(error)
    }
  }
  const hour = (ms: number) => Math.floor(ms / segmentMs)
  function create() {
    lastName = nextSegment(writer, now(), lastName)
    return createSegmentFile(directory, lastName, now())
  }
  function retire(old: SegmentFile) {
    file = undefined
    old.close()
    upkeep.compress(old.name, room.forget)
  }

  let lost: Event | undefined
  const record = recorder(
    { service: 'journal' },
    { sensor, now, cap: Number.POSITIVE_INFINITY, sink: event => (lost = event) },
  )
  function lossLine(report: Parameters<typeof record.eventsLost>[0]) {
    record.eventsLost(report)
    return `${JSON.stringify(lost)}\n`
  }

  return {
    append,
    durable() {
      const batch = gathering.lines.length > 0 ? gathering : flying
      if (!batch) return
      batch.durable ??= new Promise(resolve => {
        batch.resolve = resolve
      })
      return batch.durable
    },
    stats: () => ({
      pending: gathering.lines.length + (flying?.lines.length ?? 0),
      lagMs: Math.max(0, now() - (flying?.since ?? (gathering.lines.length > 0 ? gathering.since : now()))),
      written,
      lost: loss.total(),
      segment: file?.name ?? '',
    }),
    async close() {
      closed = true
      clearInterval(retry)
      await loop
      await commitAll()
      file?.close()
      file = undefined
      await upkeep.close()
    },
  }
}

type Batch = { lines: string[]; size: number; since: number; durable?: Promise<void>; resolve?: () => void }
const emptyBatch = (): Batch => ({ lines: [], size: 0, since: 0 })

function serialize(event: Event): string | undefined {
  let line: string
  try {
    line = `${JSON.stringify(event)}\n`
  } catch {
    return
  }
  // A UTF-16 unit is at most three bytes of UTF-8: only a long line need be measured.
  return line.length * 3 > lineCap && Buffer.byteLength(line) > lineCap ? undefined : line
}

function countLines(data: Buffer): number {
  let lines = 0
  for (let at = data.indexOf(0x0a); at >= 0; at = data.indexOf(0x0a, at + 1)) lines++
  return lines
}

const reason = (error: unknown) => (error as NodeJS.ErrnoException).code ?? String(error)
