import { SqlError } from '#sql/error.ts'
import type { Table } from '#sql/store.ts'
import type { Value } from '#sql/value.ts'
import { systemTables } from './relations.ts'
import { columnRows, contents } from './schema.ts'
import { from, type Shown } from './shown.ts'
import type { Session } from './state.ts'

/** A table of the attacker's, `undefined` for one of the server's own; throws when there is neither. */
export function ownTable(session: Session, schema: string, name: string): Table | undefined {
  if (schema === '') throw new SqlError('no database selected')
  const found = session.server.catalog.table(schema, name)
  if (!found && !systemTables(schema.toLowerCase()).some(one => one.name === name || one.name === name.toUpperCase()))
    throw new SqlError('no table', [schema, name])
  return found
}

const columnFields: readonly (readonly [string, string])[] = [
  ['Field', 'COLUMN_NAME'],
  ['Type', 'COLUMN_TYPE'],
  ['Null', 'IS_NULLABLE'],
  ['Key', 'COLUMN_KEY'],
  ['Default', 'COLUMN_DEFAULT'],
  ['Extra', 'EXTRA'],
]
const fullFields: readonly (readonly [string, string])[] = [
  ...columnFields.slice(0, 2),
  ['Collation', 'COLLATION_NAME'],
  ...columnFields.slice(2),
  ['Privileges', 'PRIVILEGES'],
  ['Comment', 'COLUMN_COMMENT'],
]
/** DESCRIBE and SHOW COLUMNS. */
export function describeTable(session: Session, schema: string, name: string, full = false): Shown {
  const table = ownTable(session, schema, name)
  const names = full ? fullFields : columnFields
  const fields = names.map(([label, column]) => from('COLUMNS', label, column))
  const rows = table
    ? columnRows(schema, table)
    : contents(session, 'information_schema.COLUMNS').filter(
        row =>
          row.get('TABLE_SCHEMA') === schema.toLowerCase() &&
          String(row.get('TABLE_NAME')).toLowerCase() === name.toLowerCase(),
      )
  // SHOW has no quotes around a default, and NULL as itself.
  const cell = (value: Value, column: string): Value =>
    column === 'COLUMN_DEFAULT' && typeof value === 'string'
      ? value === 'NULL'
        ? null
        : value.replace(/^'(.*)'$/s, '$1')
      : value
  return { fields, rows: rows.map(row => names.map(([, column]) => cell(row.get(column) ?? null, column))) }
}
