import type { Alteration, ColumnDefinition, Key, Statement } from './ast.ts'
import type { Engine, Field } from './engine.ts'
import { SqlError } from './error.ts'
import { standard, type Writing } from './modify.ts'
import { runQuery } from './select.ts'
import { type Column, MOST_COLUMNS, type Table } from './store.ts'
import type { Type } from './value.ts'

/** What a statement that makes or changes tables needs beside what writing does. */
export type Defining = Writing & {
  /** The product's type for the words of a definition; throws where there is none. */
  columnType(column: ColumnDefinition): Type
  place(path: readonly string[]): { schema: string; name: string }
  /** The type that a computed column is kept in (CREATE TABLE … AS SELECT). */
  kept(field: Field): Type
  now: number
}

/** Made; `false` when it was there and that is no error. `copied`: rows that a query brought. */
export function createTable(
  s: Extract<Statement, { is: 'create table' }>,
  d: Defining,
): { made: boolean; copied: number } {
  const { schema, name } = d.place(s.table)
  const tables = d.catalog.schema(schema)
  if (tables.has(name)) {
    if (s.quietly) return { made: false, copied: 0 }
    if (!s.replace) throw new SqlError('table exists', [name])
    d.catalog.drop(schema, name)
  }
  const table = blank(name, s.temporary, d.now)
  for (const [option, value] of s.options) table.options.set(option, value)
  if (s.like) {
    const { table: other } = d.table(s.like, 0)
    table.columns.push(...other.columns.map(column => ({ ...column })))
    table.keys.push(...other.keys)
  }
  for (const definition of s.columns) {
    if (table.columns.some(one => d.engine.sameName(one.name, definition.name)))
      throw new SqlError('column twice', [definition.name, name])
    table.columns.push(columnOf(definition, d))
    if (definition.key) table.keys.push({ kind: definition.key, name: undefined, columns: [definition.name] })
  }
  table.keys.push(...s.keys)
  settleKeys(table, d.engine)
  const result = s.query ? runQuery(s.query, d.engine) : undefined
  if (result)
    for (const field of result.fields)
      if (!table.columns.some(one => one.name === field.name))
        table.columns.push({
          name: field.name,
          type: d.kept(field),
          standard: undefined,
          increment: false,
          comment: '',
        })
  if (table.columns.length > MOST_COLUMNS) throw new SqlError('too much', ['columns'])
  d.catalog.add(schema, table)
  for (const row of result?.rows ?? []) {
    const offset = table.columns.length - row.length
    d.catalog.insert(
      table,
      table.columns.map((column, i) => (i < offset ? null : d.store(row[i - offset]!, column, 1))),
    )
  }
  return { made: true, copied: result?.rows.length ?? 0 }
}

const blank = (name: string, temporary: boolean, createdAt: number): Table => ({
  name,
  columns: [],
  rows: [],
  keys: [],
  next: 1n,
  options: new Map(),
  createdAt,
  temporary,
})

function columnOf(definition: ColumnDefinition, d: Defining): Column {
  const type = { ...d.columnType(definition), ...(definition.notNull ? { notNull: true } : {}) }
  const { name, standard: given, increment, comment = '' } = definition
  return { name, type, standard: given, increment, comment }
}

/** A primary key's columns are never null; keys may name only columns that are there. */
function settleKeys(table: Table, engine: Engine) {
  for (const { kind, columns } of table.keys)
    for (const name of columns) {
      const column = table.columns.find(one => engine.sameName(one.name, name))
      if (!column) throw new SqlError('no column', [name, 'key'])
      if (kind === 'primary') column.type = { ...column.type, notNull: true }
    }
}

export function alterTable(s: Extract<Statement, { is: 'alter table' }>, d: Defining): number {
  const { schema, table } = d.table(s.table, 0)
  d.catalog.altering(schema, table)
  for (const action of s.actions) alter(action, schema, table, d)
  return table.rows.length
}

function alter(action: Alteration, schema: string, table: Table, d: Defining) {
  const find = (name: string) => table.columns.findIndex(one => d.engine.sameName(one.name, name))
  const need = (name: string): number => {
    const at = find(name)
    if (at < 0) throw new SqlError('no column', [name, 'alter', table.name])
    return at
  }
  switch (action.is) {
    case 'add': {
      if (find(action.column.name) >= 0) {
        if (action.quietly) return
        throw new SqlError('column twice', [action.column.name, table.name])
      }
      if (table.columns.length >= MOST_COLUMNS) throw new SqlError('too much', ['columns'])
      const column = columnOf(action.column, d)
      const at =
        action.place === undefined ? table.columns.length : action.place === 'first' ? 0 : need(action.place.after) + 1
      table.columns.splice(at, 0, column)
      if (action.column.key) table.keys.push({ kind: action.column.key, name: undefined, columns: [column.name] })
      rewrite(table, d, row => row.toSpliced(at, 0, column.increment ? table.next++ : standard(column, d)))
      return
    }
    case 'drop': {
      const at = find(action.name)
      if (at < 0 && action.quietly) return
      if (at < 0) throw new SqlError('no column', [action.name, 'drop', table.name])
      table.columns.splice(at, 1)
      table.keys = table.keys.filter(({ columns }) => !columns.includes(action.name))
      rewrite(table, d, row => row.toSpliced(at, 1))
      return
    }
    case 'change': {
      const at = need(action.name)
      const column = columnOf(action.column, d)
      table.columns[at] = column
      table.keys = table.keys.map(key => renamed(key, action.name, column.name))
      if (action.column.key) table.keys.push({ kind: action.column.key, name: undefined, columns: [column.name] })
      rewrite(table, d, row => row.with(at, row[at] === null ? null : d.store(row[at]!, column, 1)))
      return
    }
    case 'rename column':
      table.columns[need(action.name)]!.name = action.to
      table.keys = table.keys.map(key => renamed(key, action.name, action.to))
      return
    case 'rename': {
      const to = d.place(action.to)
      rename(d, schema, table, to.schema, to.name)
      return
    }
    case 'key':
      table.keys.push(action.key)
      settleKeys(table, d.engine)
      return
    case 'other':
      return
  }
}

export function rename(
  d: Pick<Defining, 'catalog'>,
  schema: string,
  table: Table,
  toSchema: string,
  name: string,
): void {
  if (d.catalog.table(toSchema, name)) throw new SqlError('table exists', [name])
  const to = d.catalog.schema(toSchema)
  d.catalog.altering(schema, table)
  d.catalog.schema(schema).delete(table.name)
  table.name = name
  to.set(name, table)
}

const renamed = (key: Key, from: string, to: string): Key => ({
  ...key,
  columns: key.columns.map(name => (name === from ? to : name)),
})

function rewrite(table: Table, d: Defining, change: (row: Table['rows'][number]) => Table['rows'][number]) {
  for (let i = 0; i < table.rows.length; i++) d.catalog.replace(table, i, change(table.rows[i]!))
}

/** Drops what is there; the names that were not. */
export function dropTables(s: Extract<Statement, { is: 'drop table' }>, d: Defining): string[] {
  const missing: string[] = []
  for (const path of s.tables) {
    const { schema, name } = d.place(path)
    if (d.catalog.table(schema, name)) d.catalog.drop(schema, name)
    else missing.push(`${schema}.${name}`)
  }
  return missing
}
