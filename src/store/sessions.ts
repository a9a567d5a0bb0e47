import type { DuckDBValue } from '@duckdb/node-api'
import { decode, encode } from './cursor.ts'
import { type Engine, rows } from './engine.ts'
import { always, and, during, matching, type Sql, timestamp, where } from './filter.ts'
import { enriched, eventColumns, latestFirst } from './queries.ts'
import type { Progress } from './rollup.ts'
import { sessionFields } from './schema.ts'
import type { EnrichedEvent, Filter, Page, SessionSummary } from './store.ts'

const constant: ReadonlySet<string> = new Set(sessionFields)

/**
 * Sessions whose life overlaps the range, the latest to start first. What is the same for all events of a session is asked
 * of the session; of the other fields and the text, one event in the range must fulfil all.
 */
export async function sessions(
  engine: Engine,
  progress: Progress,
  filter: Filter,
  limit: number,
  cursor?: string,
): Promise<Page<SessionSummary>> {
  const ofSession = (filter.where ?? []).filter(entry => constant.has(entry.field))
  const ofEvents = (filter.where ?? []).length > ofSession.length || filter.text
  const start = cursor === undefined ? undefined : decode(cursor)
  // Deleting old events cuts through sessions as a range does.
  const from = Math.max(filter.from ?? 0, progress.floor)

  const search = (since: number | undefined) => {
    const range = since === undefined ? filter : { ...filter, from: since }
    const condition = and(
      during('started', undefined, filter.to),
      where({ where: ofSession }),
      start ? after(start) : always,
      ofEvents ? holding(range) : always,
    )
    const begun = and({ sql: 'opening AND started >= ?', values: [timestamp(since ?? from)] }, condition)
    const parts = [{ ...begun, sql: `SELECT started, session FROM session_parts WHERE ${begun.sql}` }]
    if (since === undefined && from > 0) {
      const underWay = and({ sql: 'started < ? AND last >= ?', values: [timestamp(from), timestamp(from)] }, condition)
      parts.push({ ...underWay, sql: `SELECT DISTINCT started, session FROM session_parts WHERE ${underWay.sql}` })
    }
    return rows(engine, {
      sql: `SELECT epoch_ms(started), session FROM (${parts.map(part => part.sql).join(' UNION ALL ')})
            ORDER BY started DESC, session DESC LIMIT ?`,
      values: [...parts.flatMap(part => part.values), limit + 1],
    })
  }
  const found = await latestFirst(engine, { ...filter, from }, limit, start?.at, search)
  const listed = found.slice(0, limit)
  const last = listed.at(-1)
  if (last === undefined) return { items: [] }
  const summaries = await summarize(
    engine,
    listed.map(row => String(row[1])),
    Number(last[0]),
  )
  return {
    // One that retention took in between is no more.
    items: listed.flatMap(row => summaries.get(String(row[1])) ?? []),
    ...(found.length > limit ? { next: encode(Number(last[0]), String(last[1])) } : {}),
  }
}

const holding = (filter: Filter): Sql => {
  const { sql, values } = matching(filter)
  return { sql: `session IN (SELECT session FROM events WHERE ${sql})`, values }
}

const after = ({ at, key }: { at: number; key: string }): Sql => ({
  sql: 'started <= ? AND (started < ? OR session < ?)',
  values: [timestamp(at), timestamp(at), key],
})

/** The whole of each session, none of which started before `since`. */
async function summarize(engine: Engine, sessions: string[], since: number): Promise<Map<string, SessionSummary>> {
  const found = await engine.query(
    `SELECT session, arg_min(service, first), any_value(source_ip), any_value(destination_port),
       epoch_ms(min(first)), epoch_ms(max(last)), sum(events), sum(logins), sum(commands), sum(files),
       max(reason), any_value(country), any_value(city), any_value(network)
     FROM session_parts WHERE last >= ? AND session IN (${sessions.map(() => '?').join(', ')}) GROUP BY session`,
    [timestamp(since), ...sessions],
  )
  return new Map(found.map(row => [String(row[0]), summary(row)]))
}

function summary(row: DuckDBValue[]): SessionSummary {
  const [session, service, source_ip, destination_port, first, last, events, logins, commands, files] = row
  const [reason, country, city, network] = row.slice(10)
  return {
    session: String(session),
    service: String(service),
    source_ip: String(source_ip),
    destination_port: Number(destination_port),
    first: Number(first),
    last: Number(last),
    events: Number(events),
    logins: Number(logins),
    commands: Number(commands),
    files: Number(files),
    ...(typeof reason === 'string' ? { reason } : {}),
    ...(typeof country === 'string' ? { country } : {}),
    ...(typeof city === 'string' ? { city } : {}),
    ...(typeof network === 'string' ? { network } : {}),
  }
}

/** The most events of one session that are given; the recorder's own cap is the same. */
const sessionEvents = 20_001

export async function session(
  engine: Engine,
  id: string,
): Promise<{ summary: SessionSummary; events: EnrichedEvent[] } | undefined> {
  const summary = (await summarize(engine, [id], 0)).get(id)
  if (summary === undefined) return undefined
  const range = during('ts', summary.first, summary.last + 1)
  const found = await rows(engine, {
    sql: `SELECT ${eventColumns} FROM events WHERE session = ? AND ${range.sql}
          ORDER BY ts, sequence, id LIMIT ?`,
    values: [id, ...range.values, sessionEvents],
  })
  return { summary, events: found.map(enriched) }
}
