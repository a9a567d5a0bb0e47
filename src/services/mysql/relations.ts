import type { Relation } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Row, Table } from '#sql/store.ts'
import type { Type, Value } from '#sql/value.ts'
import mariadb from '../../../data/mariadb.json' with { type: 'json' }
import { accountRows } from './accounts.ts'
import { contents } from './schema.ts'
import type { Session } from './state.ts'
import { columnType } from './typing.ts'

type Recorded = readonly string[][]
const tables = mariadb.tables as unknown as Record<string, Recorded>
const names = new Map(Object.keys(tables).map(name => [name.toLowerCase(), name]))
/** Schemas that every server has. */
export const systemSchemas = ['information_schema', 'mysql', 'performance_schema', 'sys'] as const
const isSystem = (name: string): boolean => (systemSchemas as readonly string[]).includes(name.toLowerCase())

/** The tables of a system schema, by name. */
export const systemTables = (schema: string): { name: string; columns: Recorded }[] =>
  Object.entries(tables).flatMap(([name, columns]) =>
    name.startsWith(`${schema}.`) ? [{ name: name.slice(schema.length + 1), columns }] : [],
  )

const typed = new Map<string, Type>()
/** `varchar(64)`, `bigint(21) unsigned` as recorded. */
export function recordedType(text: string, nullable: string): Type {
  const key = `${text} ${nullable}`
  const known = typed.get(key)
  if (known) return known
  const [, name = 'text', size, words = ''] = /^(\w+)(?:\(([^)]*)\))?(.*)$/.exec(text) ?? []
  const values = /'/.test(size ?? '') ? size!.split(',').map(one => one.replace(/'/g, '')) : undefined
  const sizes = values || size === undefined ? [] : size.split(',').map(Number)
  const type = {
    ...columnType(
      { type: { name, sizes, array: false, words: words.trim().split(' '), at: 0, ...(values ? { values } : {}) } },
      () => ({}) as never,
    ),
    ...(nullable === 'NO' ? { notNull: true } : {}),
  }
  typed.set(key, type)
  return type
}

/** What a name in a statement stands for: a table of the attacker's, a view, or one of the server's own. */
export function relationOf(session: Session, path: readonly string[], at: number): Relation {
  const name = path.at(-1)!
  const schema = path.at(-2) ?? session.database
  if (schema === '') throw new SqlError('no database selected', [], at)
  const own = session.server.catalog.table(schema, name)
  if (own) return relation(schema, own)
  const system = schema.toLowerCase()
  // Names of INFORMATION_SCHEMA are taken in any case, those of tables on disk as they are written.
  const recordedName =
    system === 'information_schema'
      ? names.get(`${system}.${name.toLowerCase()}`)
      : `${system}.${name}` in tables
        ? `${system}.${name}`
        : undefined
  if (recordedName === undefined) throw missing(session, schema, name, system, at)
  const columns = tables[recordedName]!
  const made = columns.map(([column, type, nullable]) => ({ name: column!, type: recordedType(type!, nullable!) }))
  return { schema: system, name, columns: made, rows: () => filled(session, recordedName, columns) }
}
function missing(session: Session, schema: string, name: string, system: string, at: number): SqlError {
  if (system === 'information_schema') return new SqlError('no information table', [name], at)
  return new SqlError(
    isSystem(schema) || session.server.catalog.schemas.has(schema) ? 'no table' : 'no table',
    [schema, name],
    at,
  )
}
export const relation = (schema: string, table: Table): Relation => ({
  schema,
  name: table.name,
  columns: table.columns,
  rows: () => table.rows,
})

/** Rows as objects by column, in the columns' order; what nobody filled in is NULL or empty. */
function filled(session: Session, name: string, columns: Recorded): Row[] {
  const rows =
    name === 'mysql.user' || name === 'mysql.global_priv' || name === 'mysql.db'
      ? accountRows(session, name)
      : contents(session, name)
  return rows.map(row =>
    columns.map(([column, type, nullable]) => row.get(column!.toUpperCase()) ?? blank(type!, nullable!)),
  )
}
const blank = (type: string, nullable: string): Value =>
  nullable === 'YES' ? null : /int|double|decimal/.test(type) ? 0n : type.startsWith("enum('N','Y')") ? 'Y' : ''
