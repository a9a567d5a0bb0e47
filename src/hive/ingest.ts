import { setTimeout as sleep } from 'node:timers/promises'
import type { EventLine, JournalBatch } from '#events/journal/reader.ts'
import { StoreBroken } from '#store/errors.ts'
import type { Batch, Place, Position, Store } from '#store/store.ts'

type Entry = Batch['events'][number]
type Refused = { entry: Entry; error: unknown }

export type IngestOptions = {
  /** What to take, from where the store stands (`readJournal({ from: await store.positions() })`). */
  journal: AsyncIterable<JournalBatch>
  store: Pick<Store, 'ingest' | 'positions'>
  locate: (ip: string) => Place
  /** Ends the loop between two batches. */
  signal?: AbortSignal
  /** Hears of what was just stored; must not throw. */
  onBatch?: (events: Entry[]) => void
  /** Hears why the store does not take a batch; it is tried again in `waitMs`. */
  onRetry?: (error: unknown, waitMs: number) => void
  /**
   * Hears of an event that the store takes neither in a batch nor alone, once it has taken a later one. It stays in the journal
   * only. When this throws, the event counts as not handled and is told again.
   */
  onPoison?: (line: { json: string }, error: unknown) => void
  /** The first wait after a failure; doubled up to thirty seconds. */
  retryMs?: number
}
export type IngestProgress = {
  /** Events stored since the start, without those that were there already. */
  stored: number
  poisoned: number
  /** Lines of the journal that were no events. */
  skipped: number
  /** Since when (ms) the store refuses, and why. */
  failing?: { since: number; why: string }
}
export type Ingest = {
  /**
   * Resolves when the journal or the signal ended the loop; rejects with `StoreBroken` when only a new process helps, or a
   * person: a store that takes none of several events in a row is at fault, not the events.
   */
  done: Promise<void>
  /** How old the oldest event is that was read and is not stored, and how many bytes wait with it; zero when all is in. */
  lag(): { lagMs: number; pendingBytes: number }
  progress(): IngestProgress
}

const longestWait = 30_000
const longer = (wait: number) => Math.min(wait * 2, longestWait)
/** So many events refused in a row, none stored between them, and it is the store that is at fault. */
const mostSuspects = 3

/** Takes the journal into the store, batch by batch, each with its read positions: nothing is lost, nothing is in twice. */
export function ingestLoop(options: IngestOptions): Ingest {
  const { journal, store, locate, signal, onBatch, onRetry, onPoison, retryMs = 100 } = options
  const progress: IngestProgress = { stored: 0, poisoned: 0, skipped: 0 }
  let inHand: readonly EventLine[] = []
  /** By writer: read positions that are not committed yet. */
  const due = new Map<string, Position>()
  /** Refused since the last event that was stored: a store that takes a later one proves that they are at fault. */
  const suspects: Refused[] = []
  /** At fault, and not reported yet. */
  const poison: Refused[] = []

  async function run() {
    for await (const { lines, positions, skipped } of journal) {
      inHand = [...suspects.map(({ entry }) => entry), ...lines]
      progress.skipped += skipped
      for (const position of positions) due.set(position.writer, position)
      const entries = lines.map(line => enriched(line, locate))
      await settle(entries, true)
      await tell()
      if (suspects.length === 0 && due.size > 0) await settle([], true)
      inHand = suspects.map(({ entry }) => entry)
      if (signal?.aborted) return
    }
  }

  /**
   * Stores these events and, with the last of a batch, the positions. When the store refuses, each half is tried alone, until
   * one event stands alone: either the store is out of order, then it is waited for, or the event is suspect.
   */
  async function settle(events: Entry[], last: boolean): Promise<void> {
    for (let wait = retryMs; !signal?.aborted; wait = longer(wait)) {
      // No position moves past an event that is neither stored nor reported.
      const positions = last && suspects.length === 0 && poison.length === 0 ? [...due.values()] : []
      const error = await attempt(events, positions)
      if (error === undefined) {
        for (const { writer } of positions) due.delete(writer)
        return
      }
      if (events.length > 1) {
        const middle = events.length >> 1
        await settle(events.slice(0, middle), false)
        return settle(events.slice(middle), last)
      }
      const [entry] = events
      if (entry !== undefined && (await isRefused(entry))) return suspect(entry, error)
      await pause(error, wait)
    }
  }

  async function attempt(events: Entry[], positions: Position[]): Promise<unknown> {
    let added: number
    try {
      added = (await store.ingest({ events, positions })).added
    } catch (error) {
      if (error instanceof StoreBroken) throw error
      progress.failing ??= { since: Date.now(), why: String(error) }
      return error ?? new Error('The store refused without a reason')
    }
    delete progress.failing
    progress.stored += added
    if (added > 0) poison.push(...suspects.splice(0))
    if (events.length > 0) onBatch?.(events)
    return undefined
  }

  /**
   * Whether the store commits without the event and refuses with it, several times in turn: a store that was out of order
   * for a while does not look like that.
   */
  async function isRefused(event: Entry): Promise<boolean> {
    for (let round = 0; round < 3; round++) {
      const standing = await store.positions().catch(() => [])
      if ((await attempt([], standing)) !== undefined) return false
      if ((await attempt([event], [])) === undefined) return false
    }
    return true
  }

  function suspect(entry: Entry, error: unknown) {
    suspects.push({ entry, error })
    if (suspects.length === mostSuspects)
      throw new StoreBroken(`The store took none of ${mostSuspects} events in a row: ${error}`)
  }

  async function tell() {
    for (let wait = retryMs; poison.length > 0 && !signal?.aborted; wait = longer(wait)) {
      try {
        for (const { entry, error } of [...poison]) {
          onPoison?.(entry, error)
          poison.shift()
          progress.poisoned++
        }
      } catch (error) {
        await pause(error, wait)
      }
    }
  }

  async function pause(error: unknown, wait: number) {
    onRetry?.(error, wait)
    await sleep(wait, undefined, signal && { signal }).catch(() => {})
  }

  return {
    done: run(),
    lag: () => ({
      lagMs: inHand.length === 0 ? 0 : Math.max(0, Date.now() - Date.parse(inHand[0]!.event['@timestamp'])) || 0,
      pendingBytes: inHand.reduce((sum, { json }) => sum + json.length, 0),
    }),
    progress: () => ({ ...progress }),
  }
}

function enriched({ event, json }: EventLine, locate: (ip: string) => Place): Entry {
  const ip: unknown = event.source?.ip
  return { event, json, place: typeof ip === 'string' ? locate(ip) : {} }
}
