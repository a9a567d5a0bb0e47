import type { Event } from './event.ts'

/**
 * The contract between the two sides of the wall: a directory of append-only segments, JSON lines, one writer a file.
 */
export type Journal = {
  /** Takes an event at once; never throws, never waits. */
  append(event: Event): void
  /** When everything appended so far is on disk; `undefined` when it is already. */
  durable(): Promise<void> | undefined
  stats(): JournalStats
  close(): Promise<void>
}
export type JournalStats = {
  /** Events appended and not yet durable. */
  pending: number
  /** Milliseconds that the oldest of them has waited. */
  lagMs: number
  written: number
  lost: number
  segment: string
}
