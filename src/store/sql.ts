import { JsonDuckDBValueConverter, StatementType } from '@duckdb/node-api'
import type { Engine } from './engine.ts'
import { SqlError } from './errors.ts'

/**
 * One read-only statement for a person: SELECT in any of its forms (WITH, FROM, VALUES, DESCRIBE, SHOW, SUMMARIZE). The type is
 * what DuckDB's own parser says, the transaction is read-only, and the query is interrupted after `seconds`.
 * 64-bit integers, decimals and times come as text, so that JSON carries them whole.
 */
export function sql(engine: Engine, query: string, limit: number, seconds = 30) {
  return engine.readSlowly(async connection => {
    const timer = setTimeout(() => connection.interrupt(), seconds * 1000)
    const began = performance.now()
    await connection.run('BEGIN TRANSACTION READ ONLY')
    try {
      const statements = await connection.extractStatements(query)
      if (statements.count !== 1) throw new SqlError(`One statement at a time, not ${statements.count}`)
      const statement = await statements.prepare(0)
      if (statement.statementType !== StatementType.SELECT)
        throw new SqlError('Only queries that read: SELECT, WITH, DESCRIBE …')
      if (statement.parameterCount > 0) throw new SqlError('The query has parameters, and nothing was given for them')
      const result = await statement.stream()
      const rows: unknown[][] = []
      while (rows.length < limit) {
        const chunk = await result.fetchChunk()
        if (chunk === null || chunk.rowCount === 0) break
        rows.push(...chunk.convertRows(JsonDuckDBValueConverter))
      }
      return { columns: result.columnNames(), rows: rows.slice(0, limit) }
    } catch (error) {
      if (performance.now() - began >= seconds * 1000) throw new SqlError(`Stopped after ${seconds} s`)
      throw new SqlError(error instanceof Error ? error.message : String(error))
    } finally {
      clearTimeout(timer)
      await connection.run('ROLLBACK')
    }
  })
}
