import type { Row } from '#sql/store.ts'
import type { Type, Value } from '#sql/value.ts'
import type { View } from './catalog.ts'
import type { Session } from './state.ts'

const short = new Map<string, Type>([
  ['s', { name: 'nvarchar', length: 128 }],
  ['S', { name: 'nvarchar', length: 128, notNull: true }],
  ['d', { name: 'nvarchar', length: 60 }],
  ['n', { name: 'nvarchar', length: 4000 }],
  ['m', { name: 'nvarchar', length: -1 }],
  ['i', { name: 'int' }],
  ['I', { name: 'int', notNull: true }],
  ['h', { name: 'smallint' }],
  ['y', { name: 'tinyint' }],
  ['b', { name: 'bit' }],
  ['g', { name: 'bigint' }],
  ['t', { name: 'datetime' }],
  ['c', { name: 'char', length: 2 }],
  ['x', { name: 'varbinary', length: 256 }],
  ['u', { name: 'uniqueidentifier' }],
  ['v', { name: 'sql_variant' }],
])

/** `name:s id:I`: columns by name and a letter for their type. Rows give values by column name; what is not given is NULL. */
export function view(
  columns: string,
  rows: (session: Session, database: string) => readonly Record<string, Value>[],
): View {
  const shape = columns
    .trim()
    .split(/\s+/)
    .map(one => {
      const at = one.lastIndexOf(':')
      return { name: one.slice(0, at), type: short.get(one.slice(at + 1))! }
    })
  return {
    columns: shape,
    rows: (session, database) =>
      rows(session, database).map((given): Row => {
        const values = new Map(Object.entries(given))
        return shape.map(({ name }) => values.get(name) ?? null)
      }),
  }
}
/** A view in which there is nothing. */
export const empty = (columns: string): View => view(columns, () => [])

export const stamp = (milliseconds: number): string =>
  new Date(milliseconds).toISOString().replace('T', ' ').slice(0, 23)
