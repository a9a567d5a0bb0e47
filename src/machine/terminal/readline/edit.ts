import type { Terminal } from '../../system.ts'
import type { Display } from './display.ts'
import type { CommandName } from './keys.ts'
import type { KillRing, Line } from './line.ts'
import type { Screen } from './screen.ts'

/** What completes a word, in the order in which it is listed. */
export type Candidate = {
  /** As it stands in the line, quoted where it has to be. */
  text: string
  /** As it is listed. */
  shown: string
  /** What follows it when it is the only one: `/`, a blank, nothing. */
  end: string
}
/** `start` counts characters from the start of the line. */
export type Completion = { start: number; candidates: Candidate[] }

export type LineOptions = {
  terminal: Terminal
  /** One byte at a time is asked for. */
  read(max: number): Promise<Buffer | undefined>
  write(bytes: string): Promise<void>
  /** With bytes 1 and 2 around what takes no room; lines before the last are printed once. */
  prompt: string
  /** Oldest first. */
  history: readonly string[]
  /** Settles when nobody is waited for any longer: TMOUT. */
  patience?: Promise<void> | undefined
  /** Where to begin in the history: after operate-and-get-next. */
  start?: number | undefined
  /** The locale's characters are UTF-8. */
  multibyte: boolean
  ring: KillRing
  complete?: ((line: string, point: number) => Promise<Completion>) | undefined
  /** shell-expand-line */
  expand?: ((line: string) => Promise<string>) | undefined
  /** Counts work: one step a key. */
  step(cost?: number): void
}

/** A line as entered; `next` is where operate-and-get-next goes on. */
export type Entered = { text: string; next?: number | undefined }

/** A line being edited, with all that its commands need. */
export type Edit = {
  line: Line
  ring: KillRing
  options: LineOptions
  display: Display
  screen(): Screen
  /** The prompt's last line, or what stands in for it meanwhile. */
  prompt: string
  /** Entry of the history that is shown; its length is the new line. */
  at: number
  /** Entries as they were edited in passing. */
  drafts: Map<number, string>
  /** The numeric argument. */
  count: number
  counted: boolean
  last: CommandName | 'insert' | undefined
  wasKilling: boolean
  /** How often M-. was pressed in a row. */
  argumentAt: number
  /** What was looked for last. */
  lastSearch: string
  /** The next byte; throws when there is none any more. */
  byte(): string | Promise<string>
  /** The next character: its bytes. */
  character(): string | Promise<string>
  /** Puts a key back. */
  push(keys: string): void
  /** Sends at once, before what is drawn. */
  send(bytes: string): void
  bell(): void
  /** Below the line, for what is listed there; afterwards all of it is drawn anew. */
  below(): void
  /** The screen is cleared and the line drawn at its top. */
  clear(all?: boolean): void
  /** Printable ASCII that was read already, up to so much of it. */
  plain(most: number): string
  /** A key can be had without waiting. */
  waiting(): boolean
  /** The last completion changed the line: pressed again, it completes rather than lists. */
  fresh: boolean
  show(mark?: readonly [from: number, to: number]): void
}

/** What a command leads to: nothing, or the end of editing. */
export type Result = undefined | { done: Entered } | 'eof'
export type Command = (edit: Edit, keys: string) => Result | Promise<Result>
