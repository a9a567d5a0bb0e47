import type { Defining } from '#sql/define.ts'
import { SqlError } from '#sql/error.ts'
import type { Column } from '#sql/store.ts'
import type { Value } from '#sql/value.ts'
import { castTo } from './cast.ts'
import { placeOf, schemaKey, tableNamed } from './catalog.ts'
import { engineOf, typeFor } from './dialect.ts'
import { failed } from './errors.ts'
import { type Frame, now, type Session } from './state.ts'
import { textOf } from './texts.ts'
import { typeNamed } from './types.ts'

/** Where statements that write put what they write. */
export function definingOf(session: Session, frame: Frame, sql: string): Defining {
  const { server } = session
  const catalog = server.catalog.noting(session.work.changes)
  const placed = (path: readonly string[]) => {
    const place = placeOf(session, path)
    const key = schemaKey(place)
    if (!catalog.schemas.has(key)) {
      if (place.schema !== session.temporary)
        throw failed(
          2760,
          `The specified schema name "${place.schema}" either does not exist or you do not have permission to use it.`,
          { ends: true },
        )
      catalog.createSchema(key)
    }
    return { schema: key, name: tableNamed(server, place)?.name ?? place.name }
  }
  return {
    engine: engineOf(session, frame, sql),
    catalog,
    now: now(session),
    place: placed,
    table(path) {
      const place = placeOf(session, path)
      const table = tableNamed(server, place)
      if (!table) throw new SqlError('no table', [path.join('.')])
      return { schema: schemaKey(place), table }
    },
    columnType: ({ type }) => typeNamed(type),
    kept: ({ type }) => {
      const { notNull: _, ...kept } = type
      return kept.name === 'null' ? { name: 'int' } : kept
    },
    store: (value, column) => stored(value, column),
    missing: ({ name, type }) => {
      if (type.name === 'timestamp') return '\0\0\0\0\0\0\x07\xd1'
      throw new SqlError('not null', [name, 'dbo'])
    },
  }
}

function stored(value: Value, { name, type, increment }: Column): Value {
  if (value === null) {
    if (type.notNull && !increment) throw new SqlError('not null', [name, 'dbo'])
    return null
  }
  const { length: _, ...open } = type
  const kept = castTo(value, /char$|binary$/.test(type.name) ? open : type, typeFor(value, type))
  if (
    type.length !== undefined &&
    type.length > 0 &&
    /char$|binary$/.test(type.name) &&
    kept !== null &&
    textOf(kept).trimEnd().length > type.length
  )
    throw failed(
      2628,
      `String or binary data would be truncated in table 'dbo', column '${name}'. Truncated value: '${textOf(kept).slice(0, Math.min(type.length, 40))}'.`,
    )
  return kept
}
