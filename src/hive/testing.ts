import { writeFile } from 'node:fs/promises'
import { columns } from '#store/columns.ts'
import { BadQuery, SqlError } from '#store/errors.ts'
import type { EnrichedEvent, Field, Filter, Place, SessionSummary, Store } from '#store/store.ts'
import type { Row } from './testing-attackers.ts'

export * from './testing-attackers.ts'

const column = ({ event, place }: Row, field: Field): string | undefined => {
  const value = columns[field].value({ event, json: '', place })
  return value === undefined ? undefined : String(value)
}

const enriched = ({ event, place }: Row): EnrichedEvent =>
  (event.source ? { ...event, source: { ...event.source, geo: place } } : event) as EnrichedEvent

/** Counts values, most frequent first. */
function tally<T>(items: readonly T[], key: (item: T) => string | undefined): { value: string; count: number }[] {
  const counts = new Map<string, number>()
  for (const item of items) {
    const value = key(item)
    if (value !== undefined) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => b.count - a.count)
}

/** A `Store` over an array; `rows` holds at most `max`, oldest leave. Correct, not fast. */
export function createFakeStore(rows: Row[] = [], max = 50_000) {
  const timeOf = (row: Row) => Date.parse(row.event['@timestamp'])
  const select = ({ from = -Infinity, to = Infinity, where = [], text }: Filter): Row[] =>
    rows.filter(row => {
      const time = timeOf(row)
      return (
        time >= from &&
        time < to &&
        where.every(({ field, not, values }) => values.includes(column(row, field) ?? '') !== (not ?? false)) &&
        (!text || JSON.stringify(row.event).toLowerCase().includes(text.toLowerCase()))
      )
    })
  const bySession = (chosen: Row[]): Map<string, Row[]> => {
    const sessions = new Map<string, Row[]>()
    for (const row of chosen) {
      const id = row.event.skep.session
      if (id === undefined) continue
      const held = sessions.get(id)
      if (held) held.push(row)
      else sessions.set(id, [row])
    }
    return sessions
  }
  const page = <T>(items: T[], limit: number, cursor = '0') => {
    if (!/^\d{1,9}$/.test(cursor)) throw new BadQuery(`Not a cursor: ${JSON.stringify(cursor)}`)
    const start = Number(cursor)
    const next = start + limit
    return { items: items.slice(start, next), ...(next < items.length ? { next: String(next) } : {}) }
  }

  const store: Store = {
    async ingest({ events }) {
      rows.push(...events)
      rows.splice(0, Math.max(0, rows.length - max))
      return { added: events.length }
    },
    positions: async () => [],
    count: async filter => select(filter).length,
    distinct: async (field, filter) => tally(select(filter), row => column(row, field)).length,
    async top(by, filter, limit) {
      const key = (row: Row) => {
        const values = by.map(field => column(row, field))
        return values.includes(undefined) ? undefined : JSON.stringify(values)
      }
      return tally(select(filter), key)
        .slice(0, limit)
        .map(({ value, count }) => ({ values: JSON.parse(value) as string[], count }))
    },
    async histogram(interval, filter, split) {
      const chosen = select(filter)
      const shown = split
        ? new Set(
            tally(chosen, row => column(row, split.by))
              .slice(0, split.limit)
              .map(({ value }) => value),
          )
        : undefined
      const buckets = new Map<string, { at: number; value?: string; count: number; sources: Set<string> }>()
      for (const row of chosen) {
        const value = split && column(row, split.by)
        if (shown && (value === undefined || !shown.has(value))) continue
        const start = Math.floor(timeOf(row) / interval) * interval
        const key = `${start} ${value}`
        const bucket = buckets.get(key) ?? {
          at: start,
          ...(value === undefined ? {} : { value }),
          count: 0,
          sources: new Set(),
        }
        bucket.count++
        if (row.event.source) bucket.sources.add(row.event.source.ip)
        buckets.set(key, bucket)
      }
      return [...buckets.values()].map(b => ({ ...b, sources: b.sources.size })).sort((a, b) => a.at - b.at)
    },
    async places(filter, limit) {
      const chosen = select(filter).filter(row => row.place.lat !== undefined)
      return tally(chosen, row => JSON.stringify(row.place))
        .slice(0, limit)
        .map(({ value, count }) => {
          const { lat, lon, country, city } = JSON.parse(value) as Place
          const sources = new Set(
            chosen.filter(row => JSON.stringify(row.place) === value).map(row => row.event.source?.ip),
          )
          return {
            lat: lat!,
            lon: lon!,
            ...(country ? { country } : {}),
            ...(city ? { city } : {}),
            count,
            sources: sources.size,
          }
        })
    },
    async events(filter, limit, cursor) {
      const { items, ...next } = page(select(filter).reverse(), limit, cursor)
      return { items: items.map(enriched), ...next }
    },
    async sessions(filter, limit, cursor) {
      const ids = [...bySession(select(filter)).keys()]
      const all = bySession(rows)
      return page(
        ids.map(id => summarise(all.get(id)!)).sort((a, b) => b.last - a.last),
        limit,
        cursor,
      )
    },
    async session(id) {
      const found = bySession(rows).get(id)
      return found && { summary: summarise(found), events: found.map(enriched) }
    },
    async source(ip) {
      const found = rows.filter(row => row.event.source?.ip === ip)
      if (!found.length) return undefined
      const credentials = tally(found, row => {
        const [user, password] = [column(row, 'user'), column(row, 'password')]
        return user === undefined || password === undefined ? undefined : JSON.stringify({ user, password })
      })
      return {
        ...found[0]!.place,
        source_ip: ip,
        first: Math.min(...found.map(timeOf)),
        last: Math.max(...found.map(timeOf)),
        events: found.length,
        sessions: bySession(found).size,
        services: tally(found, row => column(row, 'service')),
        ports: tally(found, row => column(row, 'destination_port')),
        credentials: credentials.map(({ value, count }) => ({
          ...(JSON.parse(value) as { user: string; password: string }),
          count,
        })),
        commands: tally(found, row => column(row, 'command')),
        files: tally(found, row => column(row, 'sha256')).map(({ value, count }) => ({
          sha256: value,
          path: '/upload/x.sh',
          count,
        })),
      }
    },
    async sql(query, limit) {
      if (!/^\s*select\b/i.test(query)) throw new SqlError('Parser Error: syntax error at or near the start')
      return {
        columns: ['service', 'events'],
        rows: tally(rows, row => column(row, 'service'))
          .slice(0, limit)
          .map(({ value, count }) => [value, count]),
      }
    },
    export: (filter, path) => writeFile(path, JSON.stringify(select(filter).map(enriched))),
    retain: async () => ({ removed: 0 }),
    size: async () => ({
      bytes: rows.length * 400,
      events: rows.length,
      ...(rows[0] ? { oldest: timeOf(rows[0]) } : {}),
    }),
    close: async () => {},
  }
  return store

  function summarise(session: Row[]): SessionSummary {
    const first = session[0]!
    const times = session.map(timeOf)
    const having = (...actions: string[]) => session.filter(row => actions.includes(row.event.event.action)).length
    const reason = session.map(row => row.event.event.reason as string | undefined).find(Boolean)
    const { country, city, network } = first.place
    return {
      session: first.event.skep.session!,
      service: first.event.skep.service,
      source_ip: first.event.source!.ip,
      destination_port: first.event.destination!.port!,
      first: Math.min(...times),
      last: Math.max(...times),
      events: session.length,
      logins: having('login'),
      commands: having('command'),
      files: having('file-upload', 'file-download'),
      ...(reason ? { reason } : {}),
      ...(country ? { country } : {}),
      ...(city ? { city } : {}),
      ...(network ? { network } : {}),
    }
  }
}
