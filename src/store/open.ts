import { type Engine, type EngineOptions, openEngine } from './engine.ts'
import { checkColumns, ingest } from './ingest.ts'
import { exportParquet, retain, size } from './keep.ts'
import { sessionBook } from './parts.ts'
import { count, distinct, events, histogram, places, top } from './queries.ts'
import { openRollups, type Progress } from './rollup.ts'
import { session, sessions } from './sessions.ts'
import { source } from './source.ts'
import { sql } from './sql.ts'
import type { Position, Store } from './store.ts'

/**
 * The store in a DuckDB file under `directory`. Throws `StoreLocked` while another process has it open, `StoreTooNew` or
 * `StoreMismatch` when it is not as this program makes it.
 * Answers are exact at the moment they are given, except `distinct` over more than a million single events.
 */
export async function openStore(options: EngineOptions & { rollSize?: number; sqlSeconds?: number }): Promise<Store> {
  const engine = await openEngine(options)
  try {
    await checkColumns(engine)
    return storeOn(engine, await openRollups(engine, options.rollSize), options.sqlSeconds)
  } catch (error) {
    await engine.close()
    throw error
  }
}

function storeOn(engine: Engine, progress: Progress, sqlSeconds: number | undefined): Store {
  const book = sessionBook()
  return {
    ingest: batch => ingest(engine, progress, book, batch),
    async positions(): Promise<Position[]> {
      const found = await engine.query('SELECT writer, segment, "offset" FROM positions ORDER BY writer')
      return found.map(([writer, segment, offset]) => ({
        writer: String(writer),
        segment: String(segment),
        offset: Number(offset),
      }))
    },
    count: filter => count(engine, progress, filter),
    distinct: (field, filter) => distinct(engine, progress, field, filter),
    top: (by, filter, limit) => top(engine, progress, by, filter, limit),
    histogram: (interval, filter, split) => histogram(engine, progress, interval, filter, split),
    places: (filter, limit) => places(engine, progress, filter, limit),
    events: (filter, limit, cursor) => events(engine, filter, limit, cursor),
    sessions: (filter, limit, cursor) => sessions(engine, progress, filter, limit, cursor),
    session: id => session(engine, id),
    source: ip => source(engine, progress, ip),
    sql: (query, limit) => sql(engine, query, limit, sqlSeconds),
    export: (filter, path) => exportParquet(engine, filter, path),
    retain: bounds => retain(engine, progress, bounds),
    size: () => size(engine),
    close: () => engine.close(),
  }
}
