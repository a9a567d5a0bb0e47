import type { Relation } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Row, Table } from '#sql/store.ts'
import type { Type } from '#sql/value.ts'
import { failed, named } from './errors.ts'
import type { Server, Session } from './state.ts'
import { databaseViews } from './views-database.ts'
import { jobViews } from './views-jobs.ts'
import { serverViews } from './views-server.ts'

/** A view of the server's own: its columns, and its rows for a session that looks at a database. */
export type View = {
  columns: readonly { name: string; type: Type }[]
  rows(session: Session, database: string): Row[]
}
const views: ReadonlyMap<string, View> = new Map([...serverViews, ...databaseViews, ...jobViews])
/** Names of views that there are in the schema `sys`, for sys.all_objects. */
export const viewNames: readonly string[] = [...views.keys()]

/** Where a name leads: `[database].[schema].name`, any of them left out. */
export function placeOf(session: Session, path: readonly string[]): { database: string; schema: string; name: string } {
  const name = named(path.at(-1)!)
  if (path.length > 3)
    throw failed(
      7202,
      `Could not find server '${path.at(-4)}' in sys.servers. Verify that the correct server name was specified. If necessary, execute the stored procedure sp_addlinkedserver to add the server to sys.servers.`,
      { class: 11, state: 2, ends: true },
    )
  if (name.startsWith('#') || name.startsWith('@')) return { database: 'tempdb', schema: session.temporary, name }
  const database = (path.at(-3) || session.database).toLowerCase()
  if (!session.server.databases.has(database)) throw new SqlError('no database', [path.at(-3) ?? database])
  return { database, schema: (path.at(-2) || 'dbo').toLowerCase(), name }
}
export const schemaKey = ({ database, schema }: { database: string; schema: string }): string =>
  database === 'tempdb' && schema.startsWith('#') ? schema : `${database}.${schema}`

/** An attacker's or the persona's table, in whatever case it is asked for. */
export function tableNamed(
  server: Server,
  place: { database: string; schema: string; name: string },
): Table | undefined {
  const tables = server.catalog.schemas.get(schemaKey(place))
  const exact = tables?.get(place.name)
  if (exact || !tables) return exact
  const wanted = place.name.toLowerCase()
  for (const [name, table] of tables) if (name.toLowerCase() === wanted) return table
  return undefined
}

export function relationOf(session: Session, path: readonly string[]): Relation {
  const place = placeOf(session, path)
  const table = tableNamed(session.server, place)
  if (table) return { schema: place.schema, name: table.name, columns: table.columns, rows: () => table.rows }
  const { database, schema } = place
  const name = place.name.toLowerCase()
  const view =
    schema === 'information_schema'
      ? views.get(`information_schema.${name}`)
      : schema === 'sys' || schema === 'dbo'
        ? (views.get(schema === 'sys' ? `sys.${name}` : `dbo.${name}`) ??
          (schema === 'dbo' && name.startsWith('sys') ? views.get(`sys.${name}`) : undefined))
        : undefined
  const here = view && (!/^(?:sysjob|sysmail|backupset)/.test(name) || database === 'msdb') ? view : undefined
  if (!here) throw new SqlError('no table', [path.join('.')])
  return {
    schema: schema === 'dbo' ? 'sys' : schema,
    name,
    columns: here.columns,
    rows: () => here.rows(session, database),
  }
}

/** Tables that a database has, with their schemas. */
export function tablesOf(server: Server, database: string): { schema: string; table: Table }[] {
  const found: { schema: string; table: Table }[] = []
  for (const [key, tables] of server.catalog.schemas) {
    const [of, schema] = [key.slice(0, key.indexOf('.')), key.slice(key.indexOf('.') + 1)]
    if (of === database) for (const table of tables.values()) found.push({ schema, table })
  }
  return found
}
