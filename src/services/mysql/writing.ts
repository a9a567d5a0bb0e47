import type { Defining } from '#sql/define.ts'
import { SqlError } from '#sql/error.ts'
import type { Column as TableColumn } from '#sql/store.ts'
import type { Type, Value } from '#sql/value.ts'
import { cast, engineOf } from './dialect.ts'
import { MysqlError } from './errors.ts'
import { MAX, MIN, parseDecimal, textNumber, textOf, toBig, toNumber, UMAX } from './numbers.ts'
import { systemSchemas } from './relations.ts'
import { now, type Session } from './state.ts'
import { columnType, isNumber } from './typing.ts'

/** Where a statement of this session writes, and how values are taken for columns, in strict mode. */
export function definingOf(session: Session, sql: string, parameters: readonly Value[] = []): Defining {
  const catalog = session.server.catalog.noting(session.work.changes)
  const engine = engineOf(session, sql, parameters)
  const place = (path: readonly string[]) => {
    const schema = path.at(-2) ?? session.database
    if (schema === '') throw new SqlError('no database selected')
    if (!catalog.schemas.has(schema)) {
      if ((systemSchemas as readonly string[]).includes(schema.toLowerCase()))
        throw new MysqlError(1044, '42000', `Access denied for user '${session.user}'@'%' to database '${schema}'`)
      throw new SqlError('no database', [schema])
    }
    return { schema, name: path.at(-1)! }
  }
  return {
    engine,
    catalog,
    place,
    now: now(session),
    table(path) {
      const schema = path.at(-2) ?? session.database
      if (schema === '') throw new SqlError('no database selected')
      const name = path.at(-1)!
      if (/^mysql$/i.test(schema) && /^(?:user|func|db|global_priv|plugin)$/i.test(name))
        throw new MysqlError(
          1356,
          'HY000',
          `View 'mysql.${name}' references invalid table(s) or column(s) or function(s) or definer/invoker of view lack rights to use them`,
        )
      const table = catalog.table(schema, name)
      if (!table) throw new SqlError('no table', [schema, name])
      return { schema, table }
    },
    columnType: definition =>
      columnType(definition, at => {
        throw new SqlError('syntax', [], at)
      }),
    kept: ({ type }) => keptType(type),
    store: (value, column, row) => stored(value, column, row, session),
    missing: column => {
      if (column.increment) return 0n
      throw new SqlError('no default', [column.name])
    },
  }
}
const keptType = (type: Type): Type =>
  type.name === 'null'
    ? { name: 'binary', length: 0 }
    : type.name === 'varchar' && (type.length ?? 0) > 16_000
      ? { name: 'longtext', length: 4_294_967_295 }
      : type

const ranges = new Map<string, number>([
  ['tinyint', 8],
  ['smallint', 16],
  ['mediumint', 24],
  ['int', 32],
])

/** A value as a column takes it, in strict mode. */
function stored(value: Value, { name, type }: TableColumn, row: number, session: Session): Value {
  if (value === null) {
    if (type.notNull) throw new SqlError('not null', [name])
    return null
  }
  if (/int$/.test(type.name)) return whole(value, name, type, row, session)
  if (type.name === 'decimal' || type.name === 'double' || type.name === 'float') {
    if (typeof value === 'string' && !/^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?\s*$/.test(value))
      throw wrong(type.name, value, name, session)
    return type.name === 'decimal'
      ? cast(parseDecimal(textOf(value)), 'decimal', [type.length ?? 10, type.scale ?? 0])
      : toNumber(value)
  }
  const text = textOf(value)
  if (/^(?:date|datetime|timestamp)$/.test(type.name)) {
    if (!/^\d{4}-\d\d?-\d\d?/.test(text) && !/^\d{8,14}$/.test(text))
      throw new MysqlError(
        1292,
        '22007',
        `Incorrect ${type.name === 'timestamp' ? 'datetime' : type.name} value: '${text.slice(0, 128)}' for column ${qualified(name, session)} at row ${row}`,
      )
    return cast(text, type.name === 'date' ? 'date' : 'datetime', [])
  }
  if (!isNumber(type) && text.length > (type.length ?? 4_294_967_295))
    throw new MysqlError(1406, '22001', `Data too long for column '${name}' at row ${row}`)
  return text
}
const qualified = (column: string, { database }: Session) => `\`${database}\`.\`t\`.\`${column}\``
const wrong = (kind: string, value: string, column: string, session: Session) =>
  new MysqlError(
    1366,
    '22007',
    `Incorrect ${kind} value: '${value.slice(0, 128)}' for column ${qualified(column, session)} at row 1`,
  )

function whole(value: Exclude<Value, null>, name: string, type: Type, row: number, session: Session): bigint {
  if (typeof value === 'string' && !/^\s*[+-]?\d+(?:\.\d*)?\s*$/.test(value))
    throw wrong('integer', value, name, session)
  const n = typeof value === 'string' ? BigInt(Math.trunc(textNumber(value))) : toBig(value)
  const bits = BigInt(ranges.get(type.name) ?? 64)
  const [low, high] = type.unsigned
    ? [0n, bits === 64n ? UMAX : (1n << bits) - 1n]
    : bits === 64n
      ? [MIN, MAX]
      : [-(1n << (bits - 1n)), (1n << (bits - 1n)) - 1n]
  if (n < low || n > high) throw new SqlError('out of range', ['column', name, String(row)])
  return n
}
