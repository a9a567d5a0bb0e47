import type { DuckDBValue } from '@duckdb/node-api'
import { spans } from './cubes.ts'
import { type Engine, rows } from './engine.ts'
import { and, during, type Sql, where } from './filter.ts'
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

  const [latest, lives, services, ports, deeds] = await Promise.all([
    rows(engine, {
      sql: `SELECT country, city, lat, lon, asn, network FROM (${here.sql}) ORDER BY moment DESC LIMIT 1`,
      values: here.values,
    }),
    rows(engine, lifeOf(filter)),
    top(engine, progress, ['service'], filter, longest),
    top(engine, progress, ['destination_port'], filter, longest),
    rows(engine, deedsOf(mine)),
  ])
  const of = (kind: string) => deeds.filter(row => row[0] === kind).map(row => row.slice(1))
  const [first, last, sessions] = lives[0]!
  return {
    source_ip: ip,
    ...place(latest[0] ?? []),
    first: Number(first ?? span[0]),
    last: Number(last ?? span[1]),
    events: Number(span[2]),
    sessions: Number(sessions),
    services: services.map(single),
    ports: ports.map(single),
    credentials: of('credential').map(([user, password, n]) => ({
      user: String(user),
      password: String(password),
      count: Number(n),
    })),
    commands: of('command').map(([command, , n]) => ({ value: String(command), count: Number(n) })),
    files: of('file').map(file),
  }
}

const single = ({ values, count }: { values: string[]; count: number }) => ({ value: values[0]!, count })
const file = ([sha256, path, n]: DuckDBValue[]) => ({
  sha256: String(sha256),
  ...(typeof path === 'string' ? { path } : {}),
  count: Number(n),
})

function lifeOf(filter: Filter): Sql {
  const { sql, values } = where(filter)
  return {
    sql: `SELECT epoch_ms(min(first)), epoch_ms(max(last)), count(DISTINCT session) FROM session_parts WHERE ${sql}`,
    values,
  }
}

/** What it tried, typed and left, most frequent first: kind, two columns that depend on it, count. One reading of the events. */
const deedsOf = ({ sql, values }: Sql): Sql => ({
  sql: `WITH mine AS MATERIALIZED (
          SELECT "user", password, command, sha256, max(path) AS path, count(*) AS n FROM events
          WHERE ${sql} AND (password IS NOT NULL OR command IS NOT NULL OR sha256 IS NOT NULL)
          GROUP BY "user", password, command, sha256)
        (SELECT 'credential', "user" AS a, password AS b, sum(n) AS total FROM mine
         WHERE "user" IS NOT NULL AND password IS NOT NULL GROUP BY ALL ORDER BY total DESC, a, b LIMIT ${longest})
        UNION ALL
        (SELECT 'command', command AS a, NULL AS b, sum(n) AS total FROM mine
         WHERE command IS NOT NULL GROUP BY ALL ORDER BY total DESC, a LIMIT ${longest})
        UNION ALL
        (SELECT 'file', sha256 AS a, max(path) AS b, sum(n) AS total FROM mine
         WHERE sha256 IS NOT NULL GROUP BY sha256 ORDER BY total DESC, a LIMIT ${longest})`,
  values,
})
