import type { DuckDBConnection } from '@duckdb/node-api'
import { columns, quoted } from './columns.ts'
import { StoreTooNew } from './errors.ts'
import { type Field, fields } from './store.ts'

const define = (names: readonly Field[]) => names.map(name => `${quoted(name)} ${columns[name].type}`).join(', ')

/** Facts with few values: a few hundred rows an hour, whatever happens. */
export const commonFields = [
  'action',
  'service',
  'sensor',
  'transport',
  'outcome',
  'country',
] as const satisfies readonly Field[]

/** Facts about who came, from where, to what. A source that hammers one port for an hour is one row. */
export const sourceFields = [
  'service',
  'sensor',
  'transport',
  'source_ip',
  'destination_port',
  'country',
  'city',
  'asn',
  'network',
] as const satisfies readonly Field[]

/** Who came, and what they did. */
export const deedFields = ['action', 'outcome', ...sourceFields] as const satisfies readonly Field[]

/** Facts about what was said, whoever said it. */
export const valueFields = [
  'action',
  'service',
  'user',
  'password',
  'command',
  'url',
  'sha256',
  'outcome',
  'ja4',
  'hassh',
  'user_agent',
  'exploit',
] as const satisfies readonly Field[]

/** Facts that are the same for every event of a session. */
export const sessionFields = ['session', ...sourceFields] as const satisfies readonly Field[]

/**
 * Each entry brings the database one version further and never changes once released.
 *
 * - `events`: one row an event, in the order of ingestion. `seq` counts them, so that "rolled up so far" is one number.
 * - `by_common`, `by_source`, `by_deed`, `by_value`: counts per hour (rollup.ts). `seq` is the first event of the roll that a
 *   row came from.
 * - `session_parts`: what one batch added to one session (sessions.ts).
 * - `positions`: how far each writer's journal is in; written with the rows it speaks of.
 * - `facts`: `rolled` is the first `seq` not yet in the roll-ups, `floor` the time (ms) before which events were deleted.
 *
 * No table but the two tiny ones has an index: DuckDB keeps an index in memory, and rows in order of time need none.
 */
const migrations: string[][] = [
  [
    `CREATE TABLE events (
       seq BIGINT NOT NULL, ts TIMESTAMP NOT NULL, id UUID NOT NULL, sequence UINTEGER,
       ${define(fields)}, source_key BIGINT, source_port USMALLINT, lat DOUBLE, lon DOUBLE, path VARCHAR,
       remainder VARCHAR USING COMPRESSION zstd, json VARCHAR NOT NULL USING COMPRESSION zstd)`,
    `CREATE TABLE by_common (seq BIGINT NOT NULL, hour TIMESTAMP NOT NULL, ${define(commonFields)}, n BIGINT NOT NULL)`,
    `CREATE TABLE by_source (seq BIGINT NOT NULL, hour TIMESTAMP NOT NULL, ${define(sourceFields)},
       source_key BIGINT, lat DOUBLE, lon DOUBLE, n BIGINT NOT NULL)`,
    `CREATE TABLE by_deed (seq BIGINT NOT NULL, hour TIMESTAMP NOT NULL, ${define(deedFields)},
       source_key BIGINT, lat DOUBLE, lon DOUBLE, n BIGINT NOT NULL)`,
    `CREATE TABLE by_value (seq BIGINT NOT NULL, hour TIMESTAMP NOT NULL, ${define(valueFields)}, n BIGINT NOT NULL)`,
    `CREATE TABLE session_parts (started TIMESTAMP NOT NULL, opening BOOLEAN NOT NULL,
       first TIMESTAMP NOT NULL, last TIMESTAMP NOT NULL, ${define(sessionFields)},
       source_key BIGINT, events UINTEGER NOT NULL, logins UINTEGER NOT NULL, commands UINTEGER NOT NULL, files UINTEGER NOT NULL,
       reason VARCHAR)`,
    'CREATE TABLE positions (writer VARCHAR PRIMARY KEY, segment VARCHAR NOT NULL, "offset" UBIGINT NOT NULL)',
    'CREATE TABLE facts (name VARCHAR PRIMARY KEY, value BIGINT NOT NULL)',
    "INSERT INTO facts VALUES ('rolled', 0), ('floor', 0)",
  ],
]

/** Brings an empty or older database to the present shape, one transaction a version. */
export async function migrate(connection: DuckDBConnection) {
  await connection.run('CREATE TABLE IF NOT EXISTS schema_version (version INTEGER NOT NULL)')
  const found = await connection.runAndReadAll('SELECT max(version) FROM schema_version')
  const version = Number(found.getRows()[0]?.[0] ?? 0)
  if (version > migrations.length)
    throw new StoreTooNew(`The database has version ${version}, this program knows ${migrations.length}: update skep`)
  for (const [index, statements] of migrations.entries()) {
    if (index < version) continue
    await connection.run('BEGIN')
    for (const statement of statements) await connection.run(statement)
    await connection.run('INSERT INTO schema_version VALUES (?)', [index + 1])
    await connection.run('COMMIT')
  }
}
