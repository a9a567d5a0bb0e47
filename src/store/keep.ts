import { copyFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { uuid7 } from '#events/uuid7.ts'
import { quoted } from './columns.ts'
import { cubeTables } from './cubes.ts'
import type { Engine } from './engine.ts'
import { matching, type Sql, timestamp } from './filter.ts'
import type { Progress } from './rollup.ts'
import { type Filter, fields } from './store.ts'

const hour = 3_600_000
const day = 24 * hour

/**
 * Bytes of the database file and its log, and what the table holds. The file does not shrink when events are deleted:
 * their space is used again.
 */
export async function size(engine: Engine) {
  const [file, log, found] = await Promise.all([
    bytesOf(engine.file),
    bytesOf(`${engine.file}.wal`),
    engine.query('SELECT count(*), epoch_ms(min(ts)) FROM events'),
  ])
  const [events, oldest] = found[0]!
  return { bytes: file + log, events: Number(events), ...(oldest === null ? {} : { oldest: Number(oldest) }) }
}

/**
 * Deletes whole hours of the oldest events: those older than `days`, then as many as it takes for what the file holds to fall
 * below `bytes` (to nine tenths of it, so that the next call has nothing to do).
 */
export async function retain(engine: Engine, progress: Progress, { days, bytes }: { days: number; bytes: number }) {
  let removed = await deleteBefore(engine, progress, Date.now() - days * day)
  // Compression differs from hour to hour: an estimate, a check, and again.
  let before = Number.POSITIVE_INFINITY
  for (let round = 0; round < 5; round++) {
    const used = await usedBytes(engine)
    // Space that a reader still holds is not free yet: deleting more would not help.
    if (used <= bytes || used >= before) break
    before = used
    const [row] = await engine.query('SELECT count(*) FROM events')
    const excess = Math.ceil(Number(row?.[0]) * (1 - (bytes * 0.9) / used))
    const cutoff = await timeOfNth(engine, excess)
    if (cutoff === undefined) break
    removed += await deleteBefore(engine, progress, cutoff + hour)
  }
  return { removed }
}

/** The start of the hour in which the `n`th oldest event lies. */
async function timeOfNth(engine: Engine, n: number): Promise<number | undefined> {
  const [row] = await engine.query(
    `SELECT epoch_ms(min(hour)) FROM (
       SELECT hour, sum(n) OVER (ORDER BY hour) AS upto FROM (
         SELECT date_trunc('hour', ts) AS hour, count(*) AS n FROM events GROUP BY ALL)) WHERE upto >= ?`,
    [n],
  )
  return row?.[0] === null || row === undefined ? undefined : Number(row[0])
}

const bytesOf = async (file: string) => (await stat(file).catch(() => undefined))?.size ?? 0

/** What the file and its log hold, without the blocks that are free to be used again. */
async function usedBytes(engine: Engine): Promise<number> {
  const [row] = await engine.query('SELECT block_size * used_blocks FROM pragma_database_size()')
  return Number(row?.[0]) + (await bytesOf(`${engine.file}.wal`))
}

async function deleteBefore(engine: Engine, progress: Progress, ms: number): Promise<number> {
  const floor = Math.floor(ms / hour) * hour
  const at = timestamp(floor)
  const [old] = await engine.query('SELECT count(*) FROM events WHERE ts < ?', [at])
  if (Number(old?.[0]) === 0) return 0
  return engine.write(async connection => {
    await connection.run('BEGIN')
    try {
      const { rowsChanged } = await connection.run('DELETE FROM events WHERE ts < ?', [at])
      for (const table of cubeTables) await connection.run(`DELETE FROM ${table} WHERE moment < ?`, [at])
      await connection.run('DELETE FROM session_parts WHERE last < ?', [at])
      await connection.run("UPDATE facts SET value = greatest(value, ?) WHERE name = 'floor'", [floor])
      // Before the commit: the half day that the floor cuts through is asked of its hours, which are right on either side of it.
      progress.floor = Math.max(progress.floor, floor)
      await connection.run('COMMIT')
      // Gives the blocks of the deleted rows back; refused at a bad moment, a later one will do it.
      await connection.run('CHECKPOINT').catch(() => {})
      return rowsChanged
    } catch (error) {
      await connection.run('ROLLBACK').catch(() => {})
      throw error
    }
  })
}

/** Writes the events of a filter as a Parquet file, whole or not at all; an existing file is replaced. */
export async function exportParquet(engine: Engine, filter: Filter, path: string): Promise<void> {
  const { sql, values }: Sql = matching(filter)
  const columns = ['ts', 'id', 'sequence', ...fields.map(quoted), 'source_port', 'lat', 'lon', 'json'].join(', ')
  // SQL may write into this directory only; the file moves to its place from there.
  const draft = join(engine.exports, `${uuid7()}.parquet`)
  try {
    await engine.readSlowly(connection =>
      connection.run(
        `COPY (SELECT ${columns} FROM events WHERE ${sql})
         TO '${draft.replaceAll("'", "''")}' (FORMAT parquet, COMPRESSION zstd)`,
        values,
      ),
    )
    await rename(draft, path).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EXDEV') throw error
      await copyFile(draft, path)
    })
  } finally {
    await rm(draft, { force: true })
  }
}
