import { SqlError } from '#sql/error.ts'
import type { Parser } from '#sql/parser.ts'
import type { Type, Value } from '#sql/value.ts'
import mariadb from '../../../data/mariadb.json' with { type: 'json' }
import { accountsOf } from './accounts.ts'
import { createText } from './create-text.ts'
import { describeTable, ownTable } from './describe.ts'
import { MysqlError } from './errors.ts'
import { systemTables } from './relations.ts'
import type { Column } from './resultset.ts'
import { contents, schemas, tableRow } from './schema.ts'
import { computed, filterOf, fixed, from, type Shown } from './shown.ts'
import type { Session } from './state.ts'
import { bigint, int, text } from './typing.ts'
import { allStatus, allVariables } from './variables.ts'

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
const columns: Maker = (p, session, { full }) => {
  const { schema, name } = tableOf(p, session)
  const { filter } = filterOf(p, session)
  return () => filter(describeTable(session, schema, name, full))
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
