import { isIPv4 } from 'node:net'
import { DuckDBTimestampValue, type DuckDBValue } from '@duckdb/node-api'
import { isNumeric, quoted, sourceKey } from './columns.ts'
import { BadQuery } from './errors.ts'
import { type Field, type Filter, fields } from './store.ts'

/** A piece of SQL and the values of its question marks, in order. */
export type Sql = { sql: string; values: DuckDBValue[] }

/** Milliseconds since the epoch as a DuckDB timestamp; what lies beyond the year 9999 is clamped to it. */
export const timestamp = (ms: number) => {
  const clamped = Math.min(Math.max(Math.trunc(ms) || 0, 0), 253_402_300_799_999)
  return new DuckDBTimestampValue(BigInt(clamped) * 1000n)
}

export const always: Sql = { sql: 'true', values: [] }

/** All of them must hold. */
export const and = (...parts: Sql[]): Sql => {
  const kept = parts.filter(part => part !== always)
  if (kept.length === 0) return always
  return { sql: kept.map(part => `(${part.sql})`).join(' AND '), values: kept.flatMap(part => part.values) }
}

/** `from` inclusive, `to` exclusive, on a timestamp column. */
export function during(column: string, from: number | undefined, to: number | undefined): Sql {
  return and(
    from === undefined ? always : { sql: `${column} >= ?`, values: [timestamp(from)] },
    to === undefined ? always : { sql: `${column} < ?`, values: [timestamp(to)] },
  )
}

/** The entries of `where`; `not` also takes events that have no value at all. */
export function where(filter: Filter): Sql {
  return and(...(filter.where ?? []).map(oneOf))
}

/** One entry of `where`. */
export function oneOf({ field, not = false, values: wanted }: { field: Field; not?: boolean; values: string[] }): Sql {
  if (!fields.includes(field)) throw new BadQuery(`There is no field ${JSON.stringify(field)}`)
  const values = isNumeric(field) ? wanted.filter(canonical).map(Number) : wanted
  if (values.length === 0) return { sql: String(not), values: [] }
  const marks = values.map(() => '?').join(', ')
  const sql = `${quoted(field)} IN (${marks})`
  if (not) return { sql: `(${sql}) IS NOT TRUE`, values }
  if (field === 'source_ip') {
    const byKey: Sql = { sql: `source_key IN (${marks})`, values: wanted.map(sourceKey) }
    // The number of an IPv4 address is the address; behind a hash the text has the last word.
    return wanted.every(isIPv4) ? byKey : and(byKey, { sql, values })
  }
  return { sql, values }
}

const canonical = (value: string) => String(Number(value)) === value && /^\d{1,10}$/.test(value)

const textColumns = [...fields.filter(field => !isNumeric(field)).map(quoted), 'remainder']

/** Case-insensitive part of any string of the event, keys and the envelope's fixed words excepted. */
export function containing(text: string | undefined): Sql {
  if (text === undefined || text === '') return always
  return {
    sql: textColumns.map(column => `contains(lower(${column}), lower(?))`).join(' OR '),
    values: textColumns.map(() => text),
  }
}

/** The whole filter on the table of events. */
export const matching = (filter: Filter) =>
  and(during('ts', filter.from, filter.to), where(filter), containing(filter.text))
