import type { DuckDBConnection } from '@duckdb/node-api'

export type Use = <T>(job: (connection: DuckDBConnection) => Promise<T>) => Promise<T>

/** Lends each connection to one job at a time, in the order asked; `drain` lets those that asked end, then closes. */
export function pool(connections: DuckDBConnection[]): { use: Use; drain(): Promise<void> } {
  const free = [...connections]
  const waiting: ((connection: DuckDBConnection) => void)[] = []
  let closed = false
  const take = () => {
    const connection = free.pop()
    return connection === undefined ? new Promise<DuckDBConnection>(resolve => waiting.push(resolve)) : connection
  }
  const give = (connection: DuckDBConnection) => {
    const next = waiting.shift()
    if (next === undefined) free.push(connection)
    else next(connection)
  }
  return {
    async use(job) {
      if (closed) throw new Error('The store is closed')
      const connection = await take()
      try {
        return await job(connection)
      } finally {
        give(connection)
      }
    },
    async drain() {
      closed = true
      for (const _ of connections) (await take()).closeSync()
    },
  }
}

/**
 * DuckDB keeps the blocks it has read, up to its memory limit, for ever. Some seconds after something was asked the limit is
 * lowered for a moment, which makes it let go of them; reading them again comes from the system's cache.
 */
export function idleMemory(writing: { use: Use }, limit: string, seconds: number) {
  let timer: NodeJS.Timeout | undefined
  let running = 0
  let trimming: Promise<unknown> | undefined
  const schedule = (ms: number) => {
    timer ??= setTimeout(trim, ms).unref()
  }
  const trim = () => {
    timer = undefined
    if (running > 0) return schedule(1000)
    trimming = writing
      .use(async connection => {
        await connection.run("SET memory_limit = '8MB'").catch(() => {}) // Refused while something is pinned: no matter.
        await connection.run(`SET memory_limit = '${limit}'`)
      })
      .catch(() => {})
      .finally(() => {
        trimming = undefined
      })
  }
  return {
    async during<T>(job: () => Promise<T>): Promise<T> {
      while (trimming !== undefined) await trimming
      running++
      try {
        return await job()
      } finally {
        running--
        schedule(seconds * 1000)
      }
    },
    async stop() {
      clearTimeout(timer)
      await trimming
    },
  }
}
