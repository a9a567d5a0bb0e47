import {
  BIGINT,
  BOOLEAN,
  DOUBLE,
  type DuckDBConnection,
  DuckDBDataChunk,
  DuckDBListValue,
  DuckDBTimestampValue,
  type DuckDBType,
  DuckDBUUIDValue,
  type DuckDBValue,
  LIST,
  TIMESTAMP,
  UINTEGER,
  USMALLINT,
  UUID,
  VARCHAR,
} from '@duckdb/node-api'
import { columns, type Entry, remainder } from './columns.ts'
import type { Engine } from './engine.ts'
import { type SessionBook, type SessionPart, sessionParts } from './parts.ts'
import { type Progress, roll } from './rollup.ts'
import { sessionFields } from './schema.ts'
import { type Batch, fields } from './store.ts'

const types = { VARCHAR, USMALLINT, UINTEGER } as const
const eventTypes: DuckDBType[] = [
  BIGINT,
  TIMESTAMP,
  UUID,
  UINTEGER,
  ...fields.map(field => types[columns[field].type]),
  USMALLINT,
  DOUBLE,
  DOUBLE,
  VARCHAR,
  VARCHAR,
  VARCHAR,
]
const partTypes: DuckDBType[] = [
  TIMESTAMP,
  BOOLEAN,
  TIMESTAMP,
  TIMESTAMP,
  ...sessionFields.map(field => types[columns[field].type]),
  ...Array<DuckDBType>(4).fill(UINTEGER),
  VARCHAR,
]

/**
 * Takes a batch in one transaction: its events, what they add to their sessions, and the read positions. An event that is
 * already there, or twice in the batch, is left out. Throws and changes nothing when one event cannot be stored.
 */
export async function ingest(engine: Engine, progress: Progress, book: SessionBook, batch: Batch) {
  const added = await engine.write(async connection => {
    await connection.run('BEGIN')
    try {
      const fresh = await unseen(connection, batch.events)
      const parts = await sessionParts(connection, book, fresh)
      await append(
        connection,
        'events',
        eventTypes,
        fresh.map((entry, index) => eventRow(entry, progress.next + index)),
      )
      await append(connection, 'session_parts', partTypes, parts.map(partRow))
      for (const { writer, segment, offset } of batch.positions)
        await connection.run('INSERT OR REPLACE INTO positions VALUES (?, ?, ?)', [writer, segment, offset])
      await connection.run('COMMIT')
      book.remember(parts)
      progress.next += fresh.length
      return fresh.length
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => {})
      throw error
    }
  })
  await roll(engine, progress)
  return { added }
}

/**
 * The entries whose id is not in the table. Ids are in order of time, so the table's zone maps leave only the rows
 * around the batch's own time to look at.
 */
async function unseen(connection: DuckDBConnection, entries: Entry[]): Promise<Entry[]> {
  const byId = new Map(entries.map(entry => [entry.event.event.id, entry]))
  if (byId.size === 0) return []
  const ids = [...byId.keys()].sort()
  const found = await connection.runAndReadAll(
    'SELECT id FROM events WHERE id BETWEEN ?::UUID AND ?::UUID AND id IN (SELECT unnest(?)::UUID)',
    [ids[0]!, ids.at(-1)!, new DuckDBListValue(ids)],
    [VARCHAR, VARCHAR, LIST(VARCHAR)],
  )
  for (const [id] of found.getRows()) byId.delete(String(id))
  return [...byId.values()]
}

async function append(connection: DuckDBConnection, table: string, types: DuckDBType[], rows: DuckDBValue[][]) {
  if (rows.length === 0) return
  const appender = await connection.createAppender(table)
  try {
    const chunk = DuckDBDataChunk.create(types)
    for (let start = 0; start < rows.length; start += 2048) {
      chunk.reset()
      chunk.setRows(rows.slice(start, start + 2048))
      appender.appendDataChunk(chunk)
    }
    appender.flushSync()
  } finally {
    appender.closeSync()
  }
}

const time = (ms: number) => new DuckDBTimestampValue(BigInt(ms) * 1000n)
const uuid = (id: string) => DuckDBUUIDValue.fromUint128(BigInt(`0x${id.replaceAll('-', '')}`))

function eventRow(entry: Entry, seq: number): DuckDBValue[] {
  const { event, json, place } = entry
  return [
    BigInt(seq),
    time(Date.parse(event['@timestamp'])),
    uuid(event.event.id),
    event.event.sequence ?? null,
    ...fields.map(field => columns[field].value(entry) ?? null),
    event.source?.port ?? null,
    place.lat ?? null,
    place.lon ?? null,
    (event.file as { path?: string } | undefined)?.path ?? null,
    remainder(event) ?? null,
    json,
  ]
}

function partRow(part: SessionPart): DuckDBValue[] {
  return [
    time(part.started),
    part.opening,
    time(part.first),
    time(part.last),
    ...sessionFields.map(field => columns[field].value(part.entry) ?? null),
    part.events,
    part.logins,
    part.commands,
    part.files,
    part.reason ?? null,
  ]
}
