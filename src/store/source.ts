import { type Engine, rows } from './engine.ts'
import { and, during, type Sql, where } from './filter.ts'
import { place } from './queries.ts'
import { type Progress, relation } from './rollup.ts'
import type { Field, Filter, SourceSummary } from './store.ts'

const hour = 3_600_000
/** How long each list of a source's summary may be. */
const longest = 50

/** Everything one address did. The roll-ups say in which hours it was here; only those are read event by event. */
export async function source(engine: Engine, progress: Progress, ip: string): Promise<SourceSummary | undefined> {
  const filter: Filter = { where: [{ field: 'source_ip', values: [ip] }] }
  const seen = relation(progress, filter, { fields: [] })
  const [span] = await rows(engine, {
    sql: `SELECT epoch_ms(min(moment)), epoch_ms(max(moment)), sum(n) FROM (${seen.sql})`,
    values: seen.values,
  })
  if (span === undefined || span[0] === null) return undefined
  const range = during('ts', Number(span[0]), Number(span[1]) + hour)
  const here: Sql = and(where(filter), range)
  const ask = (sql: string, extra: number[] = []) => rows(engine, { sql, values: [...here.values, ...extra] })

  const top = async (field: Field) => {
    const from = relation(progress, filter, { fields: [field] })
    const found = await rows(engine, {
      sql: `SELECT "${field}", sum(n) AS total FROM (${from.sql}) WHERE "${field}" IS NOT NULL
            GROUP BY ALL ORDER BY total DESC, "${field}" LIMIT ?`,
      values: [...from.values, longest],
    })
    return found.map(([value, n]) => ({ value: String(value), count: Number(n) }))
  }
  const [bounds, sessions, latest, services, ports, credentials, commands, files] = await Promise.all([
    ask(`SELECT epoch_ms(min(ts)), epoch_ms(max(ts)) FROM events WHERE ${here.sql}`),
    ask(`SELECT count(DISTINCT session) FROM events WHERE ${here.sql}`),
    ask(`SELECT country, city, lat, lon, asn, network FROM events WHERE ${here.sql} ORDER BY ts DESC, id DESC LIMIT 1`),
    top('service'),
    top('destination_port'),
    ask(
      `SELECT "user", password, count(*) AS n FROM events
       WHERE ${here.sql} AND "user" IS NOT NULL AND password IS NOT NULL
       GROUP BY ALL ORDER BY n DESC, "user", password LIMIT ?`,
      [longest],
    ),
    ask(
      `SELECT command, count(*) AS n FROM events WHERE ${here.sql} AND command IS NOT NULL
       GROUP BY ALL ORDER BY n DESC, command LIMIT ?`,
      [longest],
    ),
    ask(
      `SELECT sha256, max(path), count(*) AS n FROM events WHERE ${here.sql} AND sha256 IS NOT NULL
       GROUP BY sha256 ORDER BY n DESC, sha256 LIMIT ?`,
      [longest],
    ),
  ])
  return {
    source_ip: ip,
    ...place(latest[0] ?? []),
    first: Number(bounds[0]?.[0]),
    last: Number(bounds[0]?.[1]),
    events: Number(span[2]),
    sessions: Number(sessions[0]?.[0]),
    services,
    ports,
    credentials: credentials.map(([user, password, n]) => ({
      user: String(user),
      password: String(password),
      count: Number(n),
    })),
    commands: commands.map(([value, n]) => ({ value: String(value), count: Number(n) })),
    files: files.map(([sha256, path, n]) => ({
      sha256: String(sha256),
      ...(typeof path === 'string' ? { path } : {}),
      count: Number(n),
    })),
  }
}
