import type { DuckDBValue } from '@duckdb/node-api'
import { spans } from './cubes.ts'
import { type Engine, rows } from './engine.ts'
import { and, during, type Sql, timestamp, where } from './filter.ts'
import { place, top } from './queries.ts'
import { type Progress, relation } from './rollup.ts'
import type { Filter, SourceSummary } from './store.ts'

/** How long each list of a source's summary may be. */
const longest = 50

/** Everything one address did; its place as it was last. */
export async function source(engine: Engine, progress: Progress, ip: string): Promise<SourceSummary | undefined> {
  const filter: Filter = { where: [{ field: 'source_ip', values: [ip] }] }
  const here = relation(progress, filter, {
    fields: ['country', 'city', 'asn', 'network'],
    extra: ['lat', 'lon'],
    grain: spans.hour,
  })
  const [span] = await rows(engine, {
    sql: `SELECT epoch_ms(min(moment)), epoch_ms(max(moment)), sum(n) FROM (${here.sql})`,
    values: here.values,
  })
  if (span === undefined || span[0] === null) return undefined
  // The roll-ups tell the hours; only those are read event by event.
  const mine = and(where(filter), during('ts', Number(span[0]), Number(span[1]) + spans.hour))

  const [latest, lives, services, ports, credentials, commands, files, scanners] = await Promise.all([
    rows(engine, {
      sql: `SELECT country, city, lat, lon, asn, network FROM (${here.sql}) ORDER BY moment DESC LIMIT 1`,
      values: here.values,
    }),
    rows(engine, lifeOf(filter, progress.floor)),
    top(engine, progress, ['service'], filter, longest),
    top(engine, progress, ['destination_port'], filter, longest),
    rows(engine, mostFrequent('"user", password', mine)),
    rows(engine, mostFrequent('command', mine)),
    rows(engine, mostFrequent('sha256', mine, 'max(path)')),
    rows(engine, { sql: `SELECT max(scanner) FROM events WHERE ${mine.sql}`, values: mine.values }),
  ])
  const [first, last, sessions] = lives[0]!
  return {
    source_ip: ip,
    ...place([...(latest[0] ?? Array(6).fill(null)), scanners[0]?.[0] ?? null]),
    first: Number(first ?? span[0]),
    last: Number(last ?? span[1]),
    events: Number(span[2]),
    sessions: Number(sessions),
    services: services.map(single),
    ports: ports.map(single),
    credentials: credentials.map(([user, password, n]) => ({
      user: String(user),
      password: String(password),
      count: Number(n),
    })),
    commands: commands.map(([command, n]) => ({ value: String(command), count: Number(n) })),
    files: files.map(file),
  }
}

const single = ({ values, count }: { values: string[]; count: number }) => ({ value: values[0]!, count })
const file = ([sha256, path, n]: DuckDBValue[]) => ({
  sha256: String(sha256),
  ...(typeof path === 'string' ? { path } : {}),
  count: Number(n),
})

/** When it first and last was here, and how many sessions it had. */
function lifeOf(filter: Filter, floor: number): Sql {
  const { sql, values } = where(filter)
  // The opening part stands for a session; of one that deleting old events cut through, it may be gone.
  const cut = `SELECT count(DISTINCT session) FROM session_parts WHERE started < ? AND ${sql}`
  return {
    sql: `SELECT epoch_ms(min(first)), epoch_ms(max(last)), count(*) FILTER (opening AND started >= ?) + (${cut})
          FROM session_parts WHERE ${sql}`,
    values: [timestamp(floor), timestamp(floor), ...values, ...values],
  }
}

/** The most frequent values of some columns that all have one, with what else is told of them, and their number. */
function mostFrequent(names: string, { sql, values }: Sql, ...more: string[]): Sql {
  const given = names
    .split(', ')
    .map(name => `${name} IS NOT NULL`)
    .join(' AND ')
  return {
    sql: `SELECT ${[names, ...more].join(', ')}, count(*) AS n FROM events WHERE ${sql} AND ${given}
          GROUP BY ${names} ORDER BY n DESC, ${names} LIMIT ${longest}`,
    values,
  }
}
