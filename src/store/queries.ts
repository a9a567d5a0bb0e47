import { DuckDBListValue, type DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api'
import { columns, quoted } from './columns.ts'
import { decode, encode } from './cursor.ts'
import { type Engine, rows } from './engine.ts'
import { BadQuery } from './errors.ts'
import { always, and, matching, type Sql, timestamp } from './filter.ts'
import { type Progress, relation } from './rollup.ts'
import type { EnrichedEvent, Field, Filter, Page, Place } from './store.ts'

/** Beyond so many single events, `distinct` estimates (HyperLogLog, within some 2 %). */
const exactDistinct = 1_000_000

export async function count(engine: Engine, progress: Progress, filter: Filter): Promise<number> {
  const from = relation(progress, filter, { fields: [] })
  const [row] = await rows(engine, { sql: `SELECT sum(n) FROM (${from.sql})`, values: from.values })
  return Number(row?.[0] ?? 0)
}

export async function distinct(engine: Engine, progress: Progress, field: Field, filter: Filter): Promise<number> {
  const name = columnOf(field)
  const bySource = field === 'source_ip'
  const column = bySource ? 'source_key' : name
  const from = relation(progress, filter, { fields: bySource ? [] : [field], extra: bySource ? ['source_key'] : [] })
  const many = from.exact && (await count(engine, progress, filter)) > exactDistinct
  const counted = many ? `approx_count_distinct(${column})` : `count(DISTINCT ${column})`
  const [row] = await rows(engine, { sql: `SELECT ${counted} FROM (${from.sql})`, values: from.values })
  return Number(row?.[0] ?? 0)
}

export async function top(engine: Engine, progress: Progress, by: readonly Field[], filter: Filter, limit: number) {
  if (by.length < 1 || by.length > 3) throw new BadQuery('A top list is over one to three fields')
  const names = by.map(columnOf)
  const bySource = by.includes('source_ip')
  const from = relation(progress, filter, { fields: by, extra: bySource ? ['source_key'] : [] })
  const keys = by.map(field => (field === 'source_ip' ? 'source_key' : quoted(field)))
  const shown = by.map(field => (field === 'source_ip' ? 'any_value(source_ip) AS source_ip' : quoted(field)))
  const found = await rows(engine, {
    sql: `SELECT ${shown.join(', ')}, sum(n) AS total FROM (${from.sql})
          WHERE ${names.map(name => `${name} IS NOT NULL`).join(' AND ')}
          GROUP BY ${keys.join(', ')} ORDER BY total DESC, ${names.join(', ')} LIMIT ?`,
    values: [...from.values, limit],
  })
  return found.map(row => ({ values: row.slice(0, -1).map(String), count: Number(row.at(-1)) }))
}

/** The values a histogram may be split into. */
const mostParts = 1000

export async function histogram(
  engine: Engine,
  progress: Progress,
  interval: number,
  filter: Filter,
  split?: { by: Field; limit: number },
) {
  if (!Number.isSafeInteger(interval) || interval < 1000)
    throw new BadQuery('A bucket is a whole number of ms, 1000 or more')
  if (split !== undefined && !(split.limit <= mostParts)) throw new BadQuery(`At most ${mostParts} parts`)
  const parts = split && (await top(engine, progress, [split.by], filter, split.limit)).map(entry => entry.values[0]!)
  if (parts?.length === 0) return []
  const kept = split && parts ? narrow(filter, split.by, parts) : filter
  const from = relation(progress, kept, {
    fields: split === undefined ? [] : [split.by],
    extra: ['source_key'],
    grain: interval,
  })
  // Bucket and part make one number: grouping by that takes half the time of grouping by text.
  const part = split === undefined ? '0' : `list_position(?, ${quoted(split.by)}::VARCHAR)`
  const found = await rows(engine, {
    sql: `SELECT key // 1024 AS bucket, key % 1024 AS part, total, sources FROM (
            SELECT epoch_ms(moment) // ? * 1024 + ${part} AS key, sum(n) AS total, count(DISTINCT source_key) AS sources
            FROM (${from.sql}) GROUP BY key)
          ORDER BY bucket, total DESC, part`,
    values: [interval, ...(parts ? [new DuckDBListValue(parts)] : []), ...from.values],
  })
  return found.map(([bucket, part, n, sources]) => ({
    at: Number(bucket) * interval,
    ...(parts ? { value: parts[Number(part) - 1]! } : {}),
    count: Number(n),
    sources: Number(sources),
  }))
}

const narrow = (filter: Filter, field: Field, values: string[]): Filter => ({
  ...filter,
  where: [...(filter.where ?? []), { field, values }],
})

export async function places(engine: Engine, progress: Progress, filter: Filter, limit: number) {
  const from = relation(progress, filter, { fields: ['country', 'city'], extra: ['source_key', 'lat', 'lon'] })
  const found = await rows(engine, {
    sql: `SELECT lat, lon, min(country), min(city), sum(n) AS total, count(source_key) FROM (
            SELECT lat, lon, source_key, min(country) AS country, min(city) AS city, sum(n) AS n
            FROM (${from.sql}) WHERE lat IS NOT NULL AND lon IS NOT NULL GROUP BY lat, lon, source_key)
          GROUP BY lat, lon ORDER BY total DESC, lat, lon LIMIT ?`,
    values: [...from.values, limit],
  })
  return found.map(([lat, lon, country, city, n, sources]) => ({
    lat: Number(lat),
    lon: Number(lon),
    ...(country === null ? {} : { country: String(country) }),
    ...(city === null ? {} : { city: String(city) }),
    count: Number(n),
    sources: Number(sources),
  }))
}

/** What makes an `EnrichedEvent` of a row. */
export const eventColumns = 'json, country, city, lat, lon, asn, network, scanner'

export function enriched(row: DuckDBValue[]): EnrichedEvent {
  const event = JSON.parse(String(row[0])) as EnrichedEvent
  const geo = place(row.slice(1))
  if (event.source !== undefined && Object.keys(geo).length > 0) event.source.geo = geo
  return event
}

/** A place from the columns country, city, lat, lon, asn, network and scanner. */
export function place([country, city, lat, lon, asn, network, scanner]: DuckDBValue[]): Place {
  return {
    ...(typeof country === 'string' ? { country } : {}),
    ...(typeof city === 'string' ? { city } : {}),
    ...(typeof lat === 'number' ? { lat } : {}),
    ...(typeof lon === 'number' ? { lon } : {}),
    ...(typeof asn === 'number' ? { asn } : {}),
    ...(typeof network === 'string' ? { network } : {}),
    ...(typeof scanner === 'string' ? { scanner } : {}),
  }
}

/**
 * A cursor is the time and id of the last event given; what arrives later sorts before it or is new, never shifts it. What
 * cannot be found by range alone is looked for in the latest days first.
 */
export async function events(
  engine: Engine,
  filter: Filter,
  limit: number,
  cursor?: string,
): Promise<Page<EnrichedEvent>> {
  const from = cursor === undefined ? undefined : decode(cursor)
  if (from !== undefined && !uuid.test(from.key)) throw new BadQuery('A cursor of another list')
  const search = (since: number | undefined, sparse: boolean) => {
    const condition = and(
      matching({ ...filter, ...(since === undefined ? {} : { from: since }) }),
      from ? after(from) : always,
    )
    const matched = `SELECT ts, id, seq FROM events WHERE ${condition.sql}`
    // Keeping only the best while it reads pays where much matches; where little does, it costs the engine four times the reading.
    return rows(engine, {
      sql: `${sparse ? `WITH matched AS MATERIALIZED (${matched}) FROM matched` : matched} ORDER BY ts DESC, id DESC LIMIT ?`,
      values: [...condition.values, limit + 1],
    })
  }
  const wide = filter.text || filter.where?.length
  const found = wide ? await latestFirst(engine, filter, limit, from?.at, search) : await search(undefined, false)
  const listed = found.slice(0, limit)
  const last = listed.at(-1)
  const whole = await wholeEvents(
    engine,
    listed.map(row => Number(row[2])),
  )
  return {
    // One that retention took in between is no more.
    items: listed.flatMap(row => whole.get(Number(row[2])) ?? []),
    ...(found.length > limit && last !== undefined ? { next: encode(millis(last[0]), String(last[1])) } : {}),
  }
}

const millis = (value: DuckDBValue | undefined) => Number((value as DuckDBTimestampValue).micros / 1000n)

/** Events that stand closer than this are read as one stretch, some row vectors long; each stretch costs about a millisecond. */
const stretch = 20_000

/** Events by `seq`. Asked for with the list itself, scattered ones take the engine a second. */
async function wholeEvents(engine: Engine, seqs: number[]): Promise<Map<number, EnrichedEvent>> {
  const stretches: number[][] = []
  for (const seq of seqs.toSorted((a, b) => a - b)) {
    const last = stretches.at(-1)
    if (last !== undefined && seq - last.at(-1)! < stretch) last.push(seq)
    else stretches.push([seq])
  }
  if (stretches.length === 0) return new Map()
  const found = await engine.query(
    stretches
      .map(
        some => `SELECT seq, ${eventColumns} FROM events
                 WHERE seq BETWEEN ${some[0]} AND ${some.at(-1)} AND seq IN (${some.join(', ')})`,
      )
      .join(' UNION ALL '),
  )
  return new Map(found.map(row => [Number(row[0]), enriched(row.slice(1))]))
}

const day = 24 * 3_600_000
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

/** Searches the last day before `until`, then ever further back, until more than `limit` are found or all was searched. */
export async function latestFirst<T>(
  engine: Engine,
  filter: Filter,
  limit: number,
  until: number | undefined,
  /** `undefined`: all that the filter allows. `sparse`: the last day did not hold enough. */
  search: (since: number | undefined, sparse: boolean) => Promise<T[]>,
): Promise<T[]> {
  const [bounds] = await engine.query('SELECT epoch_ms(min(ts)), epoch_ms(max(ts)) FROM events')
  const oldest = Math.max(Number(bounds?.[0]), filter.from ?? 0)
  const newest = Math.min(Number(bounds?.[1]), filter.to ?? Number.POSITIVE_INFINITY, until ?? Number.POSITIVE_INFINITY)
  for (let span = day; newest - span > oldest; span *= 8) {
    const found = await search(newest - span, span > day)
    if (found.length > limit) return found
  }
  return search(undefined, newest - day > oldest)
}

const after = ({ at, key }: { at: number; key: string }): Sql => ({
  sql: 'ts <= ? AND (ts < ? OR id < ?::UUID)',
  values: [timestamp(at), timestamp(at), key],
})

function columnOf(field: Field): string {
  if (!Object.hasOwn(columns, field)) throw new BadQuery(`There is no field ${JSON.stringify(field)}`)
  return quoted(field)
}
