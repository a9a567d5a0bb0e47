import type { Value } from '#sql/value.ts'
import { systemTables } from './relations.ts'
import type { Column } from './resultset.ts'
import type { Session } from './state.ts'

/** Flags of the columns of the server's own tables: names in them are compared byte by byte. */
function systemFlags(table: string, name: string): number {
  const [, type = '', nullable, standard, key] =
    systemTables('mysql')
      .find(one => one.name === table)
      ?.columns.find(([one]) => one === name) ?? []
  return (
    (key === 'PRI' ? KEY.primary : 0) |
    (/^(?:var)?char/.test(type) ? 128 : 0) |
    (nullable === 'NO' && standard === 'NULL' ? 4096 : 0)
  )
}

/** Flags of keys and AUTO_INCREMENT, which clients are told of columns of tables. */
const KEY = { primary: 2 | 16_384, unique: 4 | 16_384, index: 8 | 16_384 } as const
/** The columns of a result with the flags of the keys that they are part of. */
export function withKeys(
  session: Session,
  { fields, rows }: { fields: readonly Column[]; rows: readonly (readonly Value[])[] },
) {
  return {
    rows,
    fields: fields.map(field => {
      const { origin } = field
      const table = origin && session.server.catalog.table(origin.schema, origin.table)
      const column = table?.columns.find(({ name }) => name === origin!.column)
      if (origin?.schema === 'mysql') return { ...field, flags: systemFlags(origin.table, origin.column) }
      if (!table || !column)
        return origin && /^information_schema$/i.test(origin.schema) ? { ...field, flags: 4096 } : field
      const keys = table.keys.filter(({ columns }) => columns.includes(column.name))
      let flags = keys.reduce(
        (all, { kind, columns }) => all | (kind === 'unique' && columns.length > 1 ? 8 | 16_384 : KEY[kind]),
        0,
      )
      if (column.increment) flags |= 512
      if (column.type.notNull && !column.standard && !column.increment) flags |= 4096
      return { ...field, flags }
    }),
  }
}
