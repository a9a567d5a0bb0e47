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

/**
 * How far a reader got in one writer's segments: `segment` is a name without its endings, `offset` counts uncompressed
 * bytes up to the end of the last line taken.
 */
export type Position = { writer: string; segment: string; offset: number }

/** Bytes of one line with its newline. A longer event is lost on the way in, a longer line is skipped on the way out. */
export const lineCap = 1 << 20
