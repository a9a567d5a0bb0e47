import type { Expression, Key } from './ast.ts'
import { SqlError } from './error.ts'
import { type Type, type Value, weightOf } from './value.ts'

export type Column = {
  name: string
  type: Type
  /** What a row gets that says nothing of it. */
  standard: Expression | undefined
  increment: boolean
  comment: string
}
export type Row = Value[]
export type Table = {
  name: string
  columns: Column[]
  rows: Row[]
  keys: Key[]
  /** The next AUTO_INCREMENT or serial value. */
  next: bigint
  /** ENGINE, CHARSET, COMMENT …, as written. */
  options: Map<string, string>
  /** Milliseconds since the epoch. */
  createdAt: number
  temporary: boolean
  /** A view's query as it was written. */
  view?: { text: string }
}

/** Bytes that the tables of one attacker may hold in all, and how many things there may be. */
export const CAPACITY = 4 << 20
const MOST_TABLES = 400
const MOST_SCHEMAS = 200
export const MOST_COLUMNS = 300
const ROW = 32
const TABLE = 512

/** Bytes in use, shared by all catalogs of one attacker. */
export type Use = { bytes: number }

/** Schemas (MySQL's databases) of tables. Names are compared as written: this is Linux. */
export class Catalog {
  readonly schemas = new Map<string, Map<string, Table>>()
  readonly use: Use

  constructor(use: Use = { bytes: 0 }) {
    this.use = use
  }

  weigh(bytes: number): void {
    if (bytes > 0 && this.use.bytes + bytes > CAPACITY) throw new SqlError('too much', ['bytes'])
    this.use.bytes += bytes
  }
  createSchema(name: string): void {
    if (this.schemas.has(name)) throw new SqlError('database exists', [name])
    if (this.schemas.size >= MOST_SCHEMAS) throw new SqlError('too much', ['schemas'])
    this.weigh(TABLE)
    this.schemas.set(name, new Map())
  }
  dropSchema(name: string): number {
    const tables = this.schemas.get(name)
    if (!tables) throw new SqlError('no database', [name])
    const count = tables.size
    for (const table of tables.values()) this.forget(table)
    this.schemas.delete(name)
    this.weigh(-TABLE)
    return count
  }
  schema(name: string): Map<string, Table> {
    return this.schemas.get(name) ?? fail(name)
  }
  table(schema: string, name: string): Table | undefined {
    return this.schemas.get(schema)?.get(name)
  }
  add(schema: string, table: Table): void {
    const tables = this.schema(schema)
    if (tables.size >= MOST_TABLES) throw new SqlError('too much', ['tables'])
    this.weigh(TABLE + 64 * table.columns.length + (table.view?.text.length ?? 0))
    tables.set(table.name, table)
  }
  drop(schema: string, name: string): void {
    const table = this.table(schema, name)
    if (!table) throw new SqlError('no table', [schema, name])
    this.forget(table)
    this.schemas.get(schema)!.delete(name)
  }
  insert(table: Table, row: Row): void {
    this.weigh(rowWeight(row))
    table.rows.push(row)
  }
  replace(table: Table, at: number, row: Row): void {
    this.weigh(rowWeight(row) - rowWeight(table.rows[at]!))
    table.rows[at] = row
  }
  /** Keeps the rows that `stays` says; how many went. */
  remove(table: Table, stays: (row: Row, i: number) => boolean): number {
    const kept: Row[] = []
    let gone = 0
    for (const [i, row] of table.rows.entries()) {
      if (stays(row, i)) kept.push(row)
      else {
        gone++
        this.weigh(-rowWeight(row))
      }
    }
    table.rows = kept
    return gone
  }
  private forget(table: Table) {
    for (const row of table.rows) this.weigh(-rowWeight(row))
    table.rows = []
    this.weigh(-(TABLE + 64 * table.columns.length + (table.view?.text.length ?? 0)))
  }
}

const fail = (name: string): never => {
  throw new SqlError('no database', [name])
}
export const rowWeight = (row: Row): number => row.reduce<number>((sum, value) => sum + weightOf(value), ROW)
