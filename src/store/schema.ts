import type { DuckDBConnection } from '@duckdb/node-api'
import { sourceFields } from './cubes.ts'
import { StoreTooNew } from './errors.ts'
import type { Field } from './store.ts'

/** Facts that are the same for every event of a session. */
export const sessionFields = ['session', ...sourceFields] as const satisfies readonly Field[]

/**
 * Each entry brings the database one version further and never changes once released; a field that is added to `fields` is a
 * column more in a further entry. The roll-ups are no part of it (cubes.ts): they are made again when they change.
 *
 * - `events`: one row an event, in the order of ingestion. `seq` counts them, so that "rolled up so far" is one number.
 * - `session_parts`: what one batch added to one session (sessions.ts).
 * - `positions`: how far each writer's journal is in; written with the rows it speaks of.
 * - `facts`: how far the roll-ups are (rollup.ts); `floor` is the time (ms) before which events were deleted.
 *
 * No table but the two tiny ones has an index: DuckDB keeps an index in memory, and rows in order of time need none.
 */
const migrations: string[][] = [
  [
    `CREATE TABLE events (
       seq BIGINT NOT NULL, ts TIMESTAMP NOT NULL, id UUID NOT NULL, sequence UINTEGER,
       action VARCHAR, service VARCHAR, sensor VARCHAR, transport VARCHAR, source_ip VARCHAR, destination_port USMALLINT,
       country VARCHAR, city VARCHAR, asn UINTEGER, network VARCHAR, "user" VARCHAR, password VARCHAR, command VARCHAR,
       url VARCHAR, sha256 VARCHAR, outcome VARCHAR, ja4 VARCHAR, hassh VARCHAR, user_agent VARCHAR, exploit VARCHAR,
       session VARCHAR, source_key BIGINT, source_port USMALLINT, lat DOUBLE, lon DOUBLE, path VARCHAR,
       remainder VARCHAR USING COMPRESSION zstd, json VARCHAR NOT NULL USING COMPRESSION zstd)`,
    `CREATE TABLE session_parts (started TIMESTAMP NOT NULL, opening BOOLEAN NOT NULL,
       first TIMESTAMP NOT NULL, last TIMESTAMP NOT NULL,
       session VARCHAR, service VARCHAR, sensor VARCHAR, transport VARCHAR, source_ip VARCHAR, destination_port USMALLINT,
       country VARCHAR, city VARCHAR, asn UINTEGER, network VARCHAR, source_key BIGINT,
       events UINTEGER NOT NULL, logins UINTEGER NOT NULL, commands UINTEGER NOT NULL, files UINTEGER NOT NULL, reason VARCHAR)`,
    'CREATE TABLE positions (writer VARCHAR PRIMARY KEY, segment VARCHAR NOT NULL, "offset" UBIGINT NOT NULL)',
    'CREATE TABLE facts (name VARCHAR PRIMARY KEY, value BIGINT NOT NULL)',
  ],
  ['ALTER TABLE events ADD COLUMN scanner VARCHAR'],
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
