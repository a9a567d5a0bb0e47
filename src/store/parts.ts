import { type DuckDBConnection, DuckDBListValue, LIST, VARCHAR } from '@duckdb/node-api'
import type { Entry } from './columns.ts'

/*
 * A session is kept as the parts that successive batches brought. Parts are only ever added, so nothing is updated in
 * place and no index is needed: each part carries when its session `started`, which is the order of the session list,
 * and one part of each session is the `opening` one, which stands for it there.
 */

/** What one batch adds to one session. Times in ms. */
export type SessionPart = {
  session: string
  started: number
  opening: boolean
  first: number
  last: number
  events: number
  logins: number
  commands: number
  /** Samples left, and files the attacker asked for. */
  files: number
  /** Why it ended, in the part that saw the end. */
  reason: string | undefined
  /** An event of the session, for the facts that all its events share. */
  entry: Entry
}

/** When the sessions under way started; bounded, the database knows the rest. */
export type SessionBook = {
  started(session: string): number | undefined
  remember(parts: SessionPart[]): void
}

export function sessionBook(capacity = 8192): SessionBook {
  const book = new Map<string, number>()
  return {
    started: session => book.get(session),
    remember(parts) {
      for (const part of parts) {
        book.delete(part.session)
        if (part.reason === undefined) book.set(part.session, part.started)
      }
      for (const session of book.keys()) {
        if (book.size <= capacity) break
        book.delete(session)
      }
    },
  }
}

/** Groups a batch by session and finds out when each began. */
export async function sessionParts(connection: DuckDBConnection, book: SessionBook, entries: Entry[]) {
  const parts = new Map<string, SessionPart>()
  const sequences = new Map<string, number>()
  for (const entry of entries) {
    const session = entry.event.skep.session
    if (session === undefined) continue
    const at = Date.parse(entry.event['@timestamp'])
    const part = parts.get(session) ?? { ...nothing, session, entry, started: at, first: at, last: at }
    count(part, entry, at)
    parts.set(session, part)
    const sequence = entry.event.event.sequence ?? 0
    sequences.set(session, Math.min(sequences.get(session) ?? sequence, sequence))
  }
  const unknown: string[] = []
  for (const part of parts.values()) {
    const started = book.started(part.session)
    if (started !== undefined) resume(part, started)
    // The first event of a session has the sequence 0: only a session met in its middle has to be looked up.
    else if (sequences.get(part.session) !== 0) unknown.push(part.session)
  }
  for (const [session, started] of await startsOf(connection, unknown)) resume(parts.get(session)!, started)
  return [...parts.values()]
}

const nothing = { opening: true, events: 0, logins: 0, commands: 0, files: 0, reason: undefined }

function resume(part: SessionPart, started: number) {
  part.started = started
  part.opening = false
}

function count(part: SessionPart, { event }: Entry, at: number) {
  const { action, reason } = event.event as { action: string; reason?: string }
  part.first = Math.min(part.first, at)
  part.last = Math.max(part.last, at)
  part.started = part.first
  part.events++
  if (action === 'login') part.logins++
  if (action === 'command') part.commands++
  if (action === 'file-download' || typeof (event.file as { hash?: object } | undefined)?.hash === 'object')
    part.files++
  if (action === 'connection-closed') part.reason = reason ?? ''
  // The story of a scan is over with the event that says why.
  if (action === 'scan' && reason !== undefined) part.reason = reason
}

async function startsOf(connection: DuckDBConnection, sessions: string[]): Promise<[string, number][]> {
  if (sessions.length === 0) return []
  const found = await connection.runAndReadAll(
    `SELECT session, epoch_ms(min(started)) FROM session_parts
     WHERE session IN (SELECT unnest(?)) GROUP BY session`,
    [new DuckDBListValue(sessions)],
    [LIST(VARCHAR)],
  )
  return found.getRows().map(([session, started]) => [String(session), Number(started)])
}
