import { mkdir, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { type DuckDBConnection, DuckDBInstance, type DuckDBValue } from '@duckdb/node-api'
import { StoreBroken, StoreLocked } from './errors.ts'
import type { Sql } from './filter.ts'
import { idleMemory, pool, type Use } from './pool.ts'
import { migrate } from './schema.ts'

export type EngineOptions = { directory: string; memoryMb?: number; threads?: number; idleSeconds?: number }

/** An open DuckDB file: one connection that writes, jobs in a row; a few that read. */
export type Engine = {
  file: string
  /** The one directory that SQL may touch besides the database itself. */
  exports: string
  write<T>(job: (connection: DuckDBConnection) => Promise<T>): Promise<T>
  read<T>(job: (connection: DuckDBConnection) => Promise<T>): Promise<T>
  /** For what may take long: a person's SQL, an export. The page does not wait for it. */
  readSlowly<T>(job: (connection: DuckDBConnection) => Promise<T>): Promise<T>
  query(sql: string, values?: DuckDBValue[]): Promise<DuckDBValue[][]>
  close(): Promise<void>
}

// The lock on a database file belongs to the process: a second open in the same process would not be refused.
const open = new Set<string>()

/**
 * Opens or creates `directory/skep.duckdb`. Throws `StoreLocked` when it is in use and `StoreTooNew` when a later program wrote it.
 * SQL can reach no file but the database and `directory/export`, loads no extension, and cannot change that.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { memoryMb = 128, threads = 2, idleSeconds = 20 } = options
  const directory = resolve(options.directory)
  const file = join(directory, 'skep.duckdb')
  const exports = join(directory, 'export')
  if (open.has(file)) throw new StoreLocked(file, process.pid)
  open.add(file)
  let instance: DuckDBInstance | undefined
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 })
    const limit = `${memoryMb}MB`
    const database = await DuckDBInstance.create(file, {
      threads: String(threads),
      memory_limit: limit,
      temp_directory: join(directory, 'spill'),
      max_temp_directory_size: '4GB',
      storage_compatibility_version: 'latest',
      late_materialization_max_rows: '2000',
      // What is freed goes back to the system soon: the house shares a small machine.
      allocator_flush_threshold: '8MB',
      allocator_bulk_deallocation_flush_threshold: '8MB',
      allow_persistent_secrets: 'false',
      autoinstall_known_extensions: 'false',
      autoload_known_extensions: 'false',
    }).catch(error => Promise.reject(lockOf(file, error) ?? error))
    instance = database
    // What an interrupted export left is of no use; the directory is made here because SQL could not.
    await rm(exports, { recursive: true, force: true })
    await mkdir(exports, { mode: 0o700 })

    const writer = await database.connect()
    await writer.run(`SET allowed_directories = ['${exports.replaceAll("'", "''")}']`)
    await writer.run("SET allowed_configs = ['memory_limit']")
    await writer.run('SET enable_external_access = false')
    await writer.run('SET lock_configuration = true')
    await migrate(writer)

    const writing = pool([writer])
    const reading = pool(await Promise.all([database.connect(), database.connect()]))
    const slow = pool([await database.connect()])
    const idle = idleMemory(writing, limit, idleSeconds)
    const busy =
      (use: Use) =>
      <T>(job: (connection: DuckDBConnection) => Promise<T>) =>
        idle.during(() => use(job)).catch(error => Promise.reject(brokenBy(error) ?? error))
    const read = busy(reading.use)
    return {
      file,
      exports,
      write: busy(writing.use),
      read,
      readSlowly: busy(slow.use),
      query: (sql, values = []) => read(async connection => (await connection.runAndReadAll(sql, values)).getRows()),
      async close() {
        const drained = Promise.all([reading.drain(), slow.drain(), writing.drain()])
        await idle.stop()
        await drained
        database.closeSync()
        open.delete(file)
      },
    }
  } catch (error) {
    instance?.closeSync()
    open.delete(file)
    throw error
  }
}

function lockOf(file: string, error: unknown): StoreLocked | undefined {
  const message = error instanceof Error ? error.message : ''
  if (!message.includes('Could not set lock on file')) return undefined
  const pid = /\(PID (\d+)\)/.exec(message)?.[1]
  return new StoreLocked(file, pid === undefined ? undefined : Number(pid))
}

/** After a fatal error DuckDB refuses everything until the file is opened anew. */
function brokenBy(error: unknown): StoreBroken | undefined {
  const message = error instanceof Error ? error.message : ''
  return /^FATAL Error|database has been invalidated/.test(message) ? new StoreBroken(message) : undefined
}

/** Runs a composed query and returns its rows. */
export const rows = (engine: Engine, { sql, values }: Sql) => engine.query(sql, values)
