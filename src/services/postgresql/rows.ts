import type { Field } from '#sql/engine.ts'
import type { Row } from '#sql/store.ts'
import { systemColumn, systemOid } from './catalog.ts'
import { catalogOf, oidOf, type Session } from './state.ts'
import { binaryOf, modifierOf, oidOfType, sizeOfType, textOf } from './types.ts'
import { cstring, i16, i32, message } from './wire.ts'

/** RowDescription: for columns of tables their table's and own number too. `formats`: 1 is binary. */
export function rowDescription(fields: readonly Field[], session: Session, formats: readonly number[] = []): Buffer {
  const parts = fields.flatMap(({ name, type, origin }, i) => {
    const table = origin && catalogOf(session).table(origin.schema, origin.table)
    const at = table
      ? table.columns.findIndex(column => column.name === origin!.column) + 1
      : origin
        ? systemColumn(origin)
        : 0
    const oid = table
      ? oidOf(session, `${session.database}.${origin!.schema}.${origin!.table}`)
      : origin
        ? systemOid(origin.schema, origin.table)
        : 0
    const shown = type.name === 'unknown' ? 'text' : type.name
    return [
      cstring(name),
      i32(oid),
      i16(at),
      i32(oidOfType(shown)),
      i16(sizeOfType(shown)),
      i32(modifierOf(type)),
      i16(formatAt(formats, i)),
    ]
  })
  return message('T', i16(fields.length), ...parts)
}
export const formatAt = (formats: readonly number[], i: number): number =>
  formats.length === 1 ? formats[0]! : (formats[i] ?? 0)

export function dataRow(row: Row, fields: readonly Field[], formats: readonly number[] = []): Buffer {
  const parts = fields.flatMap(({ type }, i) => {
    const value = row[i] ?? null
    if (value === null) return [i32(-1)]
    const bytes =
      formatAt(formats, i) === 1 ? binaryOf(value, type.name) : Buffer.from(textOf(value, type.name), 'latin1')
    return [i32(bytes.length), bytes]
  })
  return message('D', i16(fields.length), ...parts)
}
