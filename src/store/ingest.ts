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
import { columns, type Entry, laterFields, remainder, sourceKey } from './columns.ts'
import type { Engine } from './engine.ts'
import { StoreMismatch } from './errors.ts'
import { type SessionBook, type SessionPart, sessionParts } from './parts.ts'
import { type Progress, roll } from './rollup.ts'
import { sessionFields } from './schema.ts'
import { type Batch, type Field, fields } from './store.ts'

const types = { VARCHAR, USMALLINT, UINTEGER } as const
type Cell<T> = [column: string, type: DuckDBType, value: (of: T, seq: number) => DuckDBValue | undefined]

const time = (ms: number) => new DuckDBTimestampValue(BigInt(ms) * 1000n)
const uuid = (id: string) => DuckDBUUIDValue.fromUint128(BigInt(`0x${id.replaceAll('-', '')}`))

const fieldCell = (field: Field): Cell<Entry> => [field, types[columns[field].type], columns[field].value]

/** The columns of `events`, in order. */
const eventCells: Cell<Entry>[] = [
  ['seq', BIGINT, (_, seq) => BigInt(seq)],
  ['ts', TIMESTAMP, ({ event }) => time(Date.parse(event['@timestamp']))],
  ['id', UUID, ({ event }) => uuid(event.event.id)],
  ['sequence', UINTEGER, ({ event }) => event.event.sequence],
  ...fields.filter(field => !laterFields.includes(field)).map(fieldCell),
  ['source_key', BIGINT, ({ event }) => sourceKey(event.source?.ip)],
  ['source_port', USMALLINT, ({ event }) => event.source?.port],
  ['lat', DOUBLE, ({ place }) => place.lat],
  ['lon', DOUBLE, ({ place }) => place.lon],
  ['path', VARCHAR, ({ event }) => (event.file as { path?: string } | undefined)?.path],
  ['remainder', VARCHAR, ({ event }) => remainder(event)],
  ['json', VARCHAR, ({ json }) => json],
  ...laterFields.map(fieldCell),
]

/** The columns of `session_parts`, in order. */
const partCells: Cell<SessionPart>[] = [
  ['started', TIMESTAMP, part => time(part.started)],
  ['opening', BOOLEAN, part => part.opening],
  ['first', TIMESTAMP, part => time(part.first)],
  ['last', TIMESTAMP, part => time(part.last)],
  ...sessionFields.map(
    (field): Cell<SessionPart> => [field, types[columns[field].type], part => columns[field].value(part.entry)],
  ),
  ['source_key', BIGINT, ({ entry }) => sourceKey(entry.event.source?.ip)],
  ['events', UINTEGER, part => part.events],
  ['logins', UINTEGER, part => part.logins],
  ['commands', UINTEGER, part => part.commands],
  ['files', UINTEGER, part => part.files],
  ['reason', VARCHAR, part => part.reason],
]

/** Throws `StoreMismatch` when a table that ingestion fills has other columns than ingestion fills. */
export async function checkColumns(engine: Engine): Promise<void> {
  for (const [table, cells] of Object.entries({ events: eventCells, session_parts: partCells })) {
    const found = await engine.query(
      'SELECT column_name, data_type FROM duckdb_columns() WHERE table_name = ? ORDER BY column_index',
      [table],
    )
    const has = new Set(found.map(([name, type]) => `${name} ${type}`))
    const needed = cells.map(([name, type]) => `${name} ${type}`)
    if ([...has].join() === needed.join()) continue
    const missing = needed.filter(column => !has.delete(column))
    throw new StoreMismatch(
      `${engine.file} is not as this program makes it: in its table ${table}, missing ${missing.join(', ') || 'nothing'}; ` +
        `not expected ${[...has].join(', ') || 'nothing'}. Move it away, and a new one fills from the journal`,
    )
  }
}

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
      await append(connection, 'events', eventCells, fresh, progress.next)
      await append(connection, 'session_parts', partCells, parts, 0)
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

async function append<T>(connection: DuckDBConnection, table: string, cells: Cell<T>[], rows: T[], seq: number) {
  if (rows.length === 0) return
  const appender = await connection.createAppender(table)
  try {
    const chunk = DuckDBDataChunk.create(cells.map(([, type]) => type))
    for (let start = 0; start < rows.length; start += 2048) {
      const part = rows.slice(start, start + 2048)
      chunk.reset()
      chunk.setColumns(cells.map(([, , value]) => part.map((row, index) => value(row, seq + start + index) ?? null)))
      appender.appendDataChunk(chunk)
    }
    appender.flushSync()
  } finally {
    appender.closeSync()
  }
}
