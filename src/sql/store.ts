import type { Expression, Key } from './ast.ts'
import type { Changes } from './changes.ts'
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

/**
 * Bytes in use, shared by all catalogs of one attacker; `held`: what open transactions may put back; `epoch`: how often everything
 * was thrown away.
 */
export type Use = { bytes: number; held: number; epoch: number }
export const newUse = (): Use => ({ bytes: 0, held: 0, epoch: 0 })
/** All catalogs were thrown away; transactions have nothing to go back to. */
export function emptied(use: Use): void {
  use.bytes = 0
  use.held = 0
  use.epoch++
}

/** Schemas (MySQL's databases) of tables. Names are compared as written: this is Linux. */
export class Catalog {
  readonly schemas: Map<string, Map<string, Table>>
  readonly use: Use
  private readonly changes: Changes | undefined

  constructor(use: Use = newUse(), schemas = new Map<string, Map<string, Table>>(), changes?: Changes) {
    this.use = use
    this.schemas = schemas
    this.changes = changes
  }
  /** The same tables; what is done to them is noted in `changes`. */
  noting(changes: Changes | undefined): Catalog {
    return changes ? new Catalog(this.use, this.schemas, changes) : this
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
    this.defined(() => {
      this.schemas.delete(name)
      this.use.bytes -= TABLE
    })
  }
  dropSchema(name: string): number {
    const tables = this.schemas.get(name)
    if (!tables) throw new SqlError('no database', [name])
    let bytes = TABLE
    for (const table of tables.values()) bytes += tableWeight(table)
    this.defined(() => {
      this.schemas.set(name, tables)
      this.use.bytes += bytes
    }, bytes)
    this.schemas.delete(name)
    this.weigh(-bytes)
    return tables.size
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
    this.weigh(tableWeight(table))
    tables.set(table.name, table)
    this.defined(() => {
      tables.delete(table.name)
      this.use.bytes -= tableWeight(table)
    })
  }
  drop(schema: string, name: string): void {
    const table = this.table(schema, name)
    if (!table) throw new SqlError('no table', [schema, name])
    const bytes = tableWeight(table)
    const tables = this.schemas.get(schema)!
    this.defined(() => {
      tables.set(name, table)
      this.use.bytes += bytes
    }, bytes)
    tables.delete(name)
    this.weigh(-bytes)
  }
  /** Call before columns, keys or the name of a table change. */
  altering(schema: string, table: Table): void {
    const { name } = table
    const keys = [...table.keys]
    const columns = table.columns.map(column => ({ ...column }))
    const tables = this.schemas.get(schema)
    this.defined(() => {
      for (const other of this.schemas.values()) if (other.get(table.name) === table) other.delete(table.name)
      Object.assign(table, { name, columns, keys })
      tables?.set(name, table)
    }, 64 * columns.length)
  }
  insert(table: Table, row: Row): void {
    this.weigh(rowWeight(row))
    table.rows.push(row)
    this.noted(table)?.came(table, row)
  }
  replace(table: Table, at: number, row: Row): void {
    const before = table.rows[at]!
    const noted = this.noted(table)
    this.weigh(rowWeight(row) - rowWeight(before))
    noted?.went(table, before)
    table.rows[at] = row
    noted?.came(table, row)
  }
  /** Keeps the rows that `stays` says; how many went. */
  remove(table: Table, stays: (row: Row, i: number) => boolean): number {
    const noted = this.noted(table)
    const kept: Row[] = []
    let gone = 0
    let bytes = 0
    for (const [i, row] of table.rows.entries()) {
      if (stays(row, i)) kept.push(row)
      else {
        noted?.went(table, row)
        gone++
        bytes += rowWeight(row)
      }
    }
    this.weigh(-bytes)
    table.rows = kept
    return gone
  }
  /** MySQL's older engines know no transactions. */
  private noted({ options }: Table): Changes | undefined {
    return /^(?:myisam|aria|memory|heap|csv|archive)$/i.test(options.get('engine') ?? '') ? undefined : this.changes
  }
  private defined(undo: () => void, weight = 0) {
    this.changes?.defined(undo, weight)
  }
}

const fail = (name: string): never => {
  throw new SqlError('no database', [name])
}
const tableWeight = ({ columns, rows, view }: Table): number =>
  rows.reduce((sum, row) => sum + rowWeight(row), TABLE + 64 * columns.length + (view?.text.length ?? 0))
export const rowWeight = (row: Row): number => row.reduce<number>((sum, value) => sum + weightOf(value), ROW)
