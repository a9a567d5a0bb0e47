import type { Table } from '#sql/store.ts'
import type { Value } from '#sql/value.ts'
import mariadb from '../../../data/mariadb.json' with { type: 'json' }
import { accountsOf } from './accounts.ts'
import { systemSchemas, systemTables } from './relations.ts'
import { stamp } from './seed.ts'
import { now, type Session } from './state.ts'
import { isNumber, typeText } from './typing.ts'
import { allStatus, allVariables } from './variables.ts'

type Filled = Map<string, Value>
const row = (values: Record<string, Value>): Filled => new Map(Object.entries(values))

/** Rows of INFORMATION_SCHEMA and of the server's own tables, by column; empty where there is nothing to tell. */
export function contents(session: Session, name: string): Filled[] {
  switch (name) {
    case 'information_schema.SCHEMATA':
      return schemas(session).map(schema =>
        row({
          CATALOG_NAME: 'def',
          SCHEMA_NAME: schema,
          DEFAULT_CHARACTER_SET_NAME: /^(?:information|performance)_schema$|^sys$/.test(schema) ? 'utf8mb3' : 'utf8mb4',
          DEFAULT_COLLATION_NAME: /^(?:information|performance)_schema$|^sys$/.test(schema)
            ? 'utf8mb3_general_ci'
            : 'utf8mb4_general_ci',
        }),
      )
    case 'information_schema.TABLES':
      return tables(session)
    case 'information_schema.COLUMNS':
      return columns(session)
    case 'information_schema.STATISTICS':
      return ownTables(session).flatMap(({ schema, table }) => statistics(schema, table))
    case 'information_schema.PROCESSLIST':
      return [processRow(session)]
    case 'information_schema.ENGINES':
      return listed(mariadb.engines, ['ENGINE', 'SUPPORT', 'COMMENT', 'TRANSACTIONS', 'XA', 'SAVEPOINTS'])
    case 'information_schema.PLUGINS':
      return listed(mariadb.plugins, [
        'PLUGIN_NAME',
        'PLUGIN_STATUS',
        'PLUGIN_TYPE',
        'PLUGIN_LIBRARY',
        'PLUGIN_LICENSE',
      ])
    case 'information_schema.CHARACTER_SETS':
      return listed(mariadb.charsets, ['CHARACTER_SET_NAME', 'DESCRIPTION', 'DEFAULT_COLLATE_NAME', 'MAXLEN'])
    case 'information_schema.COLLATIONS':
      return listed(mariadb.collations, [
        'COLLATION_NAME',
        'CHARACTER_SET_NAME',
        'ID',
        'IS_DEFAULT',
        'IS_COMPILED',
        'SORTLEN',
      ])
    case 'information_schema.GLOBAL_VARIABLES':
      return listed(allVariables(session, 'global'), ['VARIABLE_NAME', 'VARIABLE_VALUE'])
    case 'information_schema.SESSION_VARIABLES':
      return listed(allVariables(session, 'session'), ['VARIABLE_NAME', 'VARIABLE_VALUE'])
    case 'information_schema.GLOBAL_STATUS':
    case 'information_schema.SESSION_STATUS':
      return listed(allStatus(session), ['VARIABLE_NAME', 'VARIABLE_VALUE'])
    case 'information_schema.USER_PRIVILEGES':
      return accountsOf(session).flatMap(({ user, host }) =>
        (user === session.user || user === 'root' ? granted : ['USAGE']).map(right =>
          row({
            GRANTEE: `'${user}'@'${host}'`,
            TABLE_CATALOG: 'def',
            PRIVILEGE_TYPE: right,
            IS_GRANTABLE: right === 'USAGE' ? 'NO' : 'YES',
          }),
        ),
      )
    case 'mysql.func':
      return [...session.server.libraries].map(([function_, { soname, returns }]) =>
        row({ NAME: function_, RET: returns === 'STRING' ? 0n : 2n, DL: soname, TYPE: 'function' }),
      )
    default:
      return []
  }
}
const granted = (mariadb.privileges as string[][])
  .map(([name]) => name!.toUpperCase())
  .filter(name => !/^(?:PROXY|USAGE|GRANT OPTION)$/.test(name))

const listed = (rows: readonly (readonly string[])[], names: readonly string[]): Filled[] =>
  rows.map(cells => new Map(names.map((name, i) => [name, cells[i] === 'NULL' ? null : (cells[i] ?? '')])))

export const schemas = ({ server }: Session): string[] =>
  [...systemSchemas, ...server.catalog.schemas.keys()].toSorted()

const ownTables = ({ server }: Session): { schema: string; table: Table }[] =>
  [...server.catalog.schemas].flatMap(([schema, inner]) =>
    [...inner.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)).map(table => ({ schema, table })),
  )

function tables(session: Session): Filled[] {
  const system = systemSchemas.flatMap(schema =>
    systemTables(schema).map(({ name }) =>
      row({
        TABLE_CATALOG: 'def',
        TABLE_SCHEMA: schema,
        TABLE_NAME: name,
        TABLE_TYPE: schema === 'information_schema' ? 'SYSTEM VIEW' : name === 'user' ? 'VIEW' : 'BASE TABLE',
        ENGINE: schema === 'information_schema' ? 'MEMORY' : 'Aria',
        VERSION: 11n,
        TABLE_ROWS: schema === 'information_schema' ? null : 0n,
        TABLE_COLLATION: 'utf8mb3_general_ci',
      }),
    ),
  )
  return [...system, ...ownTables(session).map(({ schema, table }) => tableRow(schema, table))]
}
export function tableRow(schema: string, table: Table): Filled {
  const size = 16_384 * Math.max(1, Math.ceil(table.rows.length / 120))
  const engine = table.options.get('engine') ?? 'InnoDB'
  if (table.view)
    return row({
      TABLE_CATALOG: 'def',
      TABLE_SCHEMA: schema,
      TABLE_NAME: table.name,
      TABLE_TYPE: 'VIEW',
      TABLE_COMMENT: 'VIEW',
    })
  return row({
    TABLE_CATALOG: 'def',
    TABLE_SCHEMA: schema,
    TABLE_NAME: table.name,
    TABLE_TYPE: 'BASE TABLE',
    ENGINE: engine,
    VERSION: 10n,
    ROW_FORMAT: engine === 'InnoDB' ? 'Dynamic' : 'Page',
    TABLE_ROWS: BigInt(table.rows.length),
    AVG_ROW_LENGTH: BigInt(table.rows.length ? Math.floor(size / table.rows.length) : 0),
    DATA_LENGTH: BigInt(size),
    MAX_DATA_LENGTH: 0n,
    INDEX_LENGTH: 0n,
    DATA_FREE: 0n,
    AUTO_INCREMENT: table.columns.some(column => column.increment) ? table.next : null,
    CREATE_TIME: stamp(table.createdAt),
    TABLE_COLLATION: 'utf8mb4_general_ci',
    CREATE_OPTIONS: '',
    TABLE_COMMENT: table.options.get('comment') ?? '',
    MAX_INDEX_LENGTH: 0n,
    TEMPORARY: table.temporary ? 'Y' : 'N',
  })
}

function columns(session: Session): Filled[] {
  const system = systemSchemas.flatMap(schema =>
    systemTables(schema).flatMap(({ name, columns: list }) =>
      list.map(([column, type, nullable, standard, key, extra], i) =>
        row({
          TABLE_CATALOG: 'def',
          TABLE_SCHEMA: schema,
          TABLE_NAME: name,
          COLUMN_NAME: column!,
          ORDINAL_POSITION: BigInt(i + 1),
          COLUMN_DEFAULT: standard === 'NULL' ? null : standard!,
          IS_NULLABLE: nullable!,
          DATA_TYPE: /^\w+/.exec(type!)![0],
          COLUMN_TYPE: type!,
          COLUMN_KEY: key!,
          EXTRA: extra!,
          PRIVILEGES: 'select',
        }),
      ),
    ),
  )
  return [...system, ...ownTables(session).flatMap(({ schema, table }) => columnRows(schema, table))]
}

/** PRI, UNI, MUL or nothing, as SHOW COLUMNS has it. */
export function keyOf(table: Table, column: string): string {
  const same = (name: string | undefined) => name !== undefined && name.toLowerCase() === column.toLowerCase()
  const of = (kind: string) => table.keys.filter(key => key.kind === kind)
  if (of('primary').some(key => key.columns.some(same))) return 'PRI'
  if (of('unique').some(key => same(key.columns[0])))
    return table.keys.some(key => key.kind === 'unique' && same(key.columns[0]) && key.columns.length === 1)
      ? 'UNI'
      : 'MUL'
  return of('index').some(key => same(key.columns[0])) ? 'MUL' : ''
}

export function columnRows(schema: string, table: Table): Filled[] {
  return table.columns.map(({ name, type, standard, increment, comment }, i) => {
    const textual = !isNumber(type) && !/date|time|blob|binary/.test(type.name)
    return row({
      TABLE_CATALOG: 'def',
      TABLE_SCHEMA: schema,
      TABLE_NAME: table.name,
      COLUMN_NAME: name,
      ORDINAL_POSITION: BigInt(i + 1),
      COLUMN_DEFAULT: standard ? standardText(standard) : type.notNull || increment ? null : 'NULL',
      IS_NULLABLE: type.notNull ? 'NO' : 'YES',
      DATA_TYPE: type.name,
      CHARACTER_MAXIMUM_LENGTH: textual ? BigInt(type.length ?? 0) : null,
      CHARACTER_OCTET_LENGTH: textual ? BigInt((type.length ?? 0) * (/text/.test(type.name) ? 1 : 4)) : null,
      NUMERIC_PRECISION: isNumber(type)
        ? BigInt(type.name === 'decimal' ? (type.length ?? 10) : (precisions.get(type.name) ?? 22))
        : null,
      NUMERIC_SCALE: isNumber(type) ? BigInt(type.name === 'decimal' ? (type.scale ?? 0) : 0) : null,
      CHARACTER_SET_NAME: textual ? 'utf8mb4' : null,
      COLLATION_NAME: textual ? 'utf8mb4_general_ci' : null,
      COLUMN_TYPE: typeText(type),
      COLUMN_KEY: keyOf(table, name),
      EXTRA: increment ? 'auto_increment' : '',
      PRIVILEGES: 'select,insert,update,references',
      COLUMN_COMMENT: comment,
      IS_GENERATED: 'NEVER',
    })
  })
}
const precisions = new Map([
  ['tinyint', 3],
  ['smallint', 5],
  ['mediumint', 7],
  ['int', 10],
  ['bigint', 19],
])
type Standard = NonNullable<Table['columns'][number]['standard']>
export function standardText(standard: Standard): string {
  if (standard.is === 'literal') return standard.of === 'string' ? `'${standard.text}'` : standard.text
  if (standard.is === 'unary' && standard.operand.is === 'literal') return `-${standard.operand.text}`
  return standard.is === 'call' ? `${standard.name.replace(/^now$/, 'current_timestamp')}()` : 'NULL'
}

function statistics(schema: string, table: Table): Filled[] {
  return table.keys.flatMap(({ kind, name, columns: list }) =>
    list.map((column, i) =>
      row({
        TABLE_CATALOG: 'def',
        TABLE_SCHEMA: schema,
        TABLE_NAME: table.name,
        NON_UNIQUE: kind === 'index' ? 1n : 0n,
        INDEX_SCHEMA: schema,
        INDEX_NAME: kind === 'primary' ? 'PRIMARY' : (name ?? list[0]!),
        SEQ_IN_INDEX: BigInt(i + 1),
        COLUMN_NAME: column,
        COLLATION: 'A',
        CARDINALITY: BigInt(table.rows.length),
        NULLABLE: '',
        INDEX_TYPE: 'BTREE',
        COMMENT: '',
        INDEX_COMMENT: '',
        IGNORED: 'NO',
      }),
    ),
  )
}

function processRow(session: Session): Filled {
  return row({
    ID: BigInt(session.thread),
    USER: session.user,
    HOST: session.host,
    DB: session.database || null,
    COMMAND: 'Query',
    TIME: 0n,
    STATE: 'Filling schema table',
    INFO: null,
    TIME_MS: 0n,
    STAGE: 0n,
    MAX_STAGE: 0n,
    PROGRESS: 0n,
    MEMORY_USED: 80_000n,
    MAX_MEMORY_USED: 200_000n,
    EXAMINED_ROWS: 0n,
    QUERY_ID: BigInt(session.questions),
    TID: BigInt(1000 + (now(session) % 9000)),
  })
}
