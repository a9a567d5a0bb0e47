import type { Expression } from '#sql/ast.ts'
import { SqlError } from '#sql/error.ts'
import { evaluate } from '#sql/evaluate.ts'
import { typeOf } from '#sql/infer.ts'
import type { Parser } from '#sql/parser.ts'
import { Scope } from '#sql/scope.ts'
import type { Row, Table } from '#sql/store.ts'
import type { Type, Value } from '#sql/value.ts'
import mariadb from '../../../data/mariadb.json' with { type: 'json' }
import { accountsOf } from './accounts.ts'
import { engineOf, matchesLike } from './dialect.ts'
import { MysqlError } from './errors.ts'
import { recordedType, systemTables } from './relations.ts'
import type { Column } from './resultset.ts'
import { columnRows, contents, keyOf, schemas, standardText, tableRow } from './schema.ts'
import type { Session } from './state.ts'
import { bigint, int, text, typeText } from './typing.ts'
import { allStatus, allVariables } from './variables.ts'

export type Shown = { fields: Column[]; rows: Row[] }

const NO_DEFAULT = 4096
/** A column of a table of INFORMATION_SCHEMA, under the name that SHOW gives it. */
function from(table: string, name: string, column: string): Column {
  const definition = systemTables('information_schema')
    .find(one => one.name === sources.get(table) || one.name === table)
    ?.columns.find(([one]) => one === column)
  const recorded = definition ? recordedType(definition[1]!, definition[2]!) : text(64)
  // These two are as wide as a definition can be, whatever their type says.
  const width = column === 'COLUMN_TYPE' ? 196_605 : column === 'COLUMN_DEFAULT' ? 196_596 : undefined
  const type = width === undefined ? recorded : { ...recorded, length: width }
  return { table, name, type, origin: { schema: 'information_schema', table, column }, flags: NO_DEFAULT }
}
const sources = new Map([['TABLE_NAMES', 'TABLES']])
const computed = (name: string, type: Type): Column => ({ table: '', name, type })
const fixed = (name: string, length: number, notNull = true): Column =>
  computed(name, text(length, notNull ? { notNull: true } : {}))

/** LIKE or WHERE behind a SHOW. */
type Filter = (shown: Shown) => Shown
function filterOf(p: Parser, session: Session): { filter: Filter; pattern: string | undefined } {
  if (p.takeWord('like')) {
    const pattern = p.string()
    const wanted = pattern.toLowerCase()
    return {
      filter: ({ fields, rows }) => ({
        fields,
        rows: rows.filter(([first]) => matchesLike(String(first).toLowerCase(), wanted, '\\')),
      }),
      pattern,
    }
  }
  if (!p.takeWord('where')) return { filter: shown => shown, pattern: undefined }
  const where: Expression = p.expression()
  return {
    filter: ({ fields, rows }) => {
      const engine = engineOf(session, p.sql)
      const scope = new Scope(engine, fields)
      scope.clause = 'where clause'
      typeOf(where, scope)
      const passes = (row: Row) => {
        scope.row = row
        return engine.truth(evaluate(where, scope)) === true
      }
      return { fields, rows: rows.filter(passes) }
    },
    pattern: undefined,
  }
}

/** SHOW …: what it gives, or `undefined` when there is no such thing to show. The word itself has been taken. */
export function show(p: Parser, session: Session): (() => Shown) | undefined {
  const full = p.takeWord('full')
  const scope = p.takeWord('global') ? 'global' : 'session'
  if (scope === 'session' && !p.takeWord('session')) p.takeWord('local')
  const what = p.word
  const maker = kinds.get(what)
  if (!maker) return undefined
  p.next()
  return maker(p, session, { full, scope })
}
type Maker = (p: Parser, session: Session, how: { full: boolean; scope: 'global' | 'session' }) => () => Shown

const filteredBy =
  (make: (session: Session, scope: 'global' | 'session') => Shown): Maker =>
  (p, session, { scope }) => {
    const { filter } = filterOf(p, session)
    return () => filter(make(session, scope))
  }
const list = (
  table: string,
  columns: readonly (readonly [string, string])[],
  rows: (session: Session, scope: 'global' | 'session') => readonly (readonly string[])[],
): Maker =>
  filteredBy((session, scope) => {
    const fields = columns.map(([name, column]) => from(table, name, column))
    return { fields, rows: rows(session, scope).map(cells => fields.map(({ type }, i) => cellOf(cells[i], type))) }
  })
const cellOf = (cell: string | undefined, { name }: Type): Value =>
  cell === undefined || cell === 'NULL' ? null : /int/.test(name) ? BigInt(cell) : cell

const variablesOf =
  (table: string, rows: (session: Session, scope: 'global' | 'session') => [string, string][]): Maker =>
  (p, session, { scope }) => {
    const name = `SESSION_${table}`
    const { filter } = filterOf(p, session)
    const fields = [from(name, 'Variable_name', 'VARIABLE_NAME'), from(name, 'Value', 'VARIABLE_VALUE')]
    return () => filter({ fields, rows: rows(session, scope) })
  }

const databases: Maker = (p, session) => {
  const { filter, pattern } = filterOf(p, session)
  const name = pattern === undefined ? 'Database' : `Database (${pattern})`
  return () =>
    filter({ fields: [from('SCHEMATA', name, 'SCHEMA_NAME')], rows: schemas(session).map(schema => [schema]) })
}

function databaseOf(p: Parser, session: Session): string {
  const given = p.takeWord('from') || p.takeWord('in') ? p.name() : session.database
  return given
}
function tablesIn(session: Session, schema: string): { name: string; type: string }[] {
  if (schema === '') throw new SqlError('no database selected')
  const own = session.server.catalog.schemas.get(schema)
  if (own)
    return [...own.values()]
      .toSorted((a, b) => (a.name < b.name ? -1 : 1))
      .map(({ name, view }) => ({ name, type: view ? 'VIEW' : 'BASE TABLE' }))
  if (!schemas(session).includes(schema)) throw new SqlError('no database', [schema])
  return systemTables(schema).map(({ name }) => ({
    name,
    type: schema === 'information_schema' ? 'SYSTEM VIEW' : 'BASE TABLE',
  }))
}

const tables: Maker = (p, session, { full }) => {
  const schema = databaseOf(p, session)
  const { filter, pattern } = filterOf(p, session)
  return () => {
    const name = `Tables_in_${schema}${pattern === undefined ? '' : ` (${pattern})`}`
    const found = tablesIn(session, schema)
    const first: Column = {
      ...from('TABLE_NAMES', name, 'TABLE_NAME'),
      type: text(name.length > 0 ? 73 : 64, { notNull: true }),
    }
    if (!full) return filter({ fields: [first], rows: found.map(one => [one.name]) })
    return filter({
      fields: [first, from('TABLE_NAMES', 'Table_type', 'TABLE_TYPE')],
      rows: found.map(one => [one.name, one.type]),
    })
  }
}

function tableOf(p: Parser, session: Session): { schema: string; name: string } {
  if (!p.takeWord('from')) p.needWord('in')
  const path = p.path()
  const schema = p.takeWord('from') || p.takeWord('in') ? p.name() : (path.at(-2) ?? session.database)
  return { schema, name: path.at(-1)! }
}
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
const columns: Maker = (p, session, { full }) => {
  const { schema, name } = tableOf(p, session)
  const { filter } = filterOf(p, session)
  return () => filter(describeTable(session, schema, name, full))
}
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

const create: Maker = (p, session) => {
  const what = p.word
  p.next()
  if (what === 'database' || what === 'schema') {
    const name = p.name()
    return () => {
      if (!schemas(session).includes(name)) throw new SqlError('no database', [name])
      return {
        fields: [fixed('Database', 64), fixed('Create Database', 1024)],
        rows: [
          [name, `CREATE DATABASE \`${name}\` /*!40100 DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci */`],
        ],
      }
    }
  }
  if (what === 'user') {
    for (; p.token.kind !== 'end' && !p.isOperator(';'); ) p.next()
    return () => ({
      fields: [fixed(`CREATE USER for ${session.user}@%`, 1024)],
      rows: [[`CREATE USER \`${session.user}\`@\`%\``]],
    })
  }
  if (what !== 'table' && what !== 'view') p.fail(p.ahead(-1))
  const path = p.path()
  return () => {
    const schema = path.at(-2) ?? session.database
    const table = ownTable(session, schema, path.at(-1)!)
    return {
      fields: [fixed('Table', 64), fixed('Create Table', 1024)],
      rows: [[path.at(-1)!, table ? createText(table) : '']],
    }
  }
}
export function createText(table: Table): string {
  const lines = table.columns.map(({ name, type, standard, increment, comment }) => {
    const parts = [`\`${name}\` ${typeText(type)}`]
    if (type.notNull) parts.push('NOT NULL')
    else if (type.name === 'timestamp') parts.push('NULL')
    if (increment) parts.push('AUTO_INCREMENT')
    else if (standard) parts.push(`DEFAULT ${standardText(standard)}`)
    else if (!type.notNull) parts.push('DEFAULT NULL')
    if (comment) parts.push(`COMMENT '${comment}'`)
    return `  ${parts.join(' ')}`
  })
  for (const { kind, name, columns: list } of table.keys) {
    const inner = list.map(column => `\`${column}\``).join(',')
    lines.push(
      kind === 'primary'
        ? `  PRIMARY KEY (${inner})`
        : `  ${kind === 'unique' ? 'UNIQUE ' : ''}KEY \`${name ?? list[0]}\` (${inner})`,
    )
  }
  const next = table.columns.some(column => column.increment) && table.next > 1n ? ` AUTO_INCREMENT=${table.next}` : ''
  return `CREATE TABLE \`${table.name}\` (\n${lines.join(',\n')}\n) ENGINE=${table.options.get('engine') ?? 'InnoDB'}${next} DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_general_ci`
}

const status: Maker = (p, session, { scope }) => variablesOf('STATUS', allStatus)(p, session, { full: false, scope })

const tableFields: readonly (readonly [string, string])[] =
  `Name TABLE_NAME,Engine ENGINE,Version VERSION,Row_format ROW_FORMAT,Rows TABLE_ROWS,Avg_row_length AVG_ROW_LENGTH,Data_length DATA_LENGTH,Max_data_length MAX_DATA_LENGTH,Index_length INDEX_LENGTH,Data_free DATA_FREE,Auto_increment AUTO_INCREMENT,Create_time CREATE_TIME,Update_time UPDATE_TIME,Check_time CHECK_TIME,Collation TABLE_COLLATION,Checksum CHECKSUM,Create_options CREATE_OPTIONS,Comment TABLE_COMMENT,Max_index_length MAX_INDEX_LENGTH,Temporary TEMPORARY`
    .split(',')
    .map(pair => pair.split(' ') as [string, string])
const tableStatus: Maker = (p, session) => {
  p.needWord('status')
  const schema = databaseOf(p, session)
  const { filter } = filterOf(p, session)
  return () => {
    const names = tablesIn(session, schema)
    const own = session.server.catalog.schemas.get(schema)
    const fields = tableFields.map(([name, column]) => from('TABLES', name, column))
    return filter({
      fields,
      rows: names.map(({ name }) => {
        const table = own?.get(name)
        const row = table ? tableRow(schema, table) : new Map<string, Value>([['TABLE_NAME', name]])
        return tableFields.map(([, column]) => row.get(column) ?? null)
      }),
    })
  }
}

const indexFields: readonly (readonly [string, string])[] =
  `Table TABLE_NAME,Non_unique NON_UNIQUE,Key_name INDEX_NAME,Seq_in_index SEQ_IN_INDEX,Column_name COLUMN_NAME,Collation COLLATION,Cardinality CARDINALITY,Sub_part SUB_PART,Packed PACKED,Null NULLABLE,Index_type INDEX_TYPE,Comment COMMENT,Index_comment INDEX_COMMENT,Ignored IGNORED`
    .split(',')
    .map(pair => pair.split(' ') as [string, string])
const indexes: Maker = (p, session) => {
  const { schema, name } = tableOf(p, session)
  const { filter } = filterOf(p, session)
  return () => {
    ownTable(session, schema, name)
    const rows = contents(session, 'information_schema.STATISTICS').filter(
      row => row.get('TABLE_SCHEMA') === schema && row.get('TABLE_NAME') === name,
    )
    return filter({
      fields: indexFields.map(([label, column]) => from('STATISTICS', label, column)),
      rows: rows.map(row => indexFields.map(([, column]) => row.get(column) ?? null)),
    })
  }
}

const grants: Maker = (p, session) => {
  if (p.takeWord('for')) while (p.token.kind !== 'end' && !p.isOperator(';')) p.next()
  return () => ({
    fields: [fixed(`Grants for ${session.user}@%`, 1024)],
    rows: [
      [
        `GRANT ALL PRIVILEGES ON *.* TO \`${session.user}\`@\`%\` IDENTIFIED BY PASSWORD '${accountsOf(session).find(one => one.user === session.user && one.host === '%')?.hash ?? ''}' WITH GRANT OPTION`,
      ],
    ],
  })
}

const processes: Maker =
  (p, session, { full }) =>
  () => ({
    fields: [
      computed('Id', bigint(11, { notNull: true })),
      fixed('User', 128),
      fixed('Host', 64),
      fixed('db', 64, false),
      fixed('Command', 16),
      computed('Time', int(7)),
      fixed('State', 30, false),
      fixed('Info', full ? 65_536 : 100, false),
      computed('Progress', { name: 'double', length: 7, scale: 3, notNull: true }),
    ],
    rows: [
      [
        BigInt(session.thread),
        session.user,
        `${session.cx.source.ip}:${session.cx.source.port}`,
        session.database || null,
        'Query',
        0n,
        'starting',
        p.sql.slice(0, full ? 65_536 : 100),
        0,
      ],
    ],
  })

const warnings: Maker = (p, session) => {
  if (p.takeWord('limit')) p.expression()
  return () => ({
    fields: [fixed('Level', 7), computed('Code', int(4, { unsigned: true })), fixed('Message', 512)],
    rows: session.warnings.map(({ level, code, text: message }) => [level, BigInt(code), message]),
  })
}

const nothing =
  (...fields: Column[]): Maker =>
  p => {
    while (p.token.kind !== 'end' && !p.isOperator(';')) p.next()
    return () => ({ fields, rows: [] })
  }
const binlog = nothing(
  fixed('File', 512),
  computed('Position', bigint(20, { notNull: true, unsigned: true })),
  fixed('Binlog_Do_DB', 255),
  fixed('Binlog_Ignore_DB', 255),
)

const logs: Maker = (p, _, __) => {
  p.needWord('logs')
  return () => {
    throw new MysqlError(1381, 'HY000', 'You are not using binary logging')
  }
}
const character: Maker = (p, session, how) => {
  p.needWord('set')
  return list(
    'CHARACTER_SETS',
    [
      ['Charset', 'CHARACTER_SET_NAME'],
      ['Description', 'DESCRIPTION'],
      ['Default collation', 'DEFAULT_COLLATE_NAME'],
      ['Maxlen', 'MAXLEN'],
    ],
    () => mariadb.charsets,
  )(p, session, how)
}
const engineList = list(
  'ENGINES',
  [
    ['Engine', 'ENGINE'],
    ['Support', 'SUPPORT'],
    ['Comment', 'COMMENT'],
    ['Transactions', 'TRANSACTIONS'],
    ['XA', 'XA'],
    ['Savepoints', 'SAVEPOINTS'],
  ],
  () => mariadb.engines,
)

const kinds: ReadonlyMap<string, Maker> = new Map<string, Maker>([
  ['databases', databases],
  ['schemas', databases],
  ['tables', tables],
  ['table', tableStatus],
  ['columns', columns],
  ['fields', columns],
  ['index', indexes],
  ['indexes', indexes],
  ['keys', indexes],
  ['create', create],
  ['variables', variablesOf('VARIABLES', allVariables)],
  ['status', status],
  ['grants', grants],
  ['processlist', processes],
  ['warnings', warnings],
  ['errors', warnings],
  ['engines', engineList],
  [
    'plugins',
    list(
      'PLUGINS',
      [
        ['Name', 'PLUGIN_NAME'],
        ['Status', 'PLUGIN_STATUS'],
        ['Type', 'PLUGIN_TYPE'],
        ['Library', 'PLUGIN_LIBRARY'],
        ['License', 'PLUGIN_LICENSE'],
      ],
      () => mariadb.plugins,
    ),
  ],
  [
    'collation',
    list(
      'COLLATIONS',
      [
        ['Collation', 'COLLATION_NAME'],
        ['Charset', 'CHARACTER_SET_NAME'],
        ['Id', 'ID'],
        ['Default', 'IS_DEFAULT'],
        ['Compiled', 'IS_COMPILED'],
        ['Sortlen', 'SORTLEN'],
      ],
      () => mariadb.collations,
    ),
  ],
  ['character', character],
  [
    'charset',
    list(
      'CHARACTER_SETS',
      [
        ['Charset', 'CHARACTER_SET_NAME'],
        ['Description', 'DESCRIPTION'],
        ['Default collation', 'DEFAULT_COLLATE_NAME'],
        ['Maxlen', 'MAXLEN'],
      ],
      () => mariadb.charsets,
    ),
  ],
  [
    'privileges',
    filteredBy(() => ({
      fields: [fixed('Privilege', 25), fixed('Context', 38), fixed('Comment', 79)],
      rows: (mariadb.privileges as string[][]).map(cells => [...cells]),
    })),
  ],
  ['master', binlog],
  ['binary', logs],
  ['slave', nothing(fixed('Slave_IO_State', 14))],
  ['replica', nothing(fixed('Slave_IO_State', 14))],
  [
    'triggers',
    nothing(
      fixed('Trigger', 64),
      fixed('Event', 6),
      fixed('Table', 64),
      fixed('Statement', 65_535),
      fixed('Timing', 6),
    ),
  ],
  ['events', nothing(fixed('Db', 64), fixed('Name', 64), fixed('Definer', 384))],
  ['procedure', nothing(fixed('Db', 64), fixed('Name', 64), fixed('Type', 9))],
  ['function', nothing(fixed('Db', 64), fixed('Name', 64), fixed('Type', 9))],
  [
    'open',
    nothing(fixed('Database', 64), fixed('Table', 64), computed('In_use', int(1)), computed('Name_locked', int(4))),
  ],
])

export { keyOf }
