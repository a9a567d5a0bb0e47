import type { Relation } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Row, Table } from '#sql/store.ts'
import type { Value } from '#sql/value.ts'
import postgresql from '../../../data/postgresql.json' with { type: 'json' }
import { pages } from './large-objects.ts'
import { settings } from './settings.ts'
import { catalogOf, now, oidOf, type Session } from './state.ts'
import { modifierOf, oidOfType, typeText } from './types.ts'

/** The tables in which PostgreSQL keeps what it knows of itself: columns as recorded, rows from the state of things. */
const columns = postgresql.columns as unknown as Record<string, [string, string][]>
type Filled = Record<string, Value>

export function relationOf(session: Session, path: readonly string[], at: number): Relation {
  const name = path.at(-1)!
  const schema = path.at(-2)
  const catalog = catalogOf(session)
  for (const one of schema === undefined ? ['pg_temp', 'public'] : [schema]) {
    const table = catalog.table(one, name)
    if (table) return { schema: one, name, columns: table.columns, rows: () => table.rows }
  }
  for (const one of schema === undefined ? ['pg_catalog'] : [schema]) {
    const known = columns[`${one}.${name}`]
    if (!known) continue
    const made = known.map(([column, type]) => ({
      name: column,
      type: { name: type.startsWith('_') ? `${type.slice(1)}[]` : type },
    }))
    return { schema: one, name, columns: made, rows: () => filled(session, `${one}.${name}`, known) }
  }
  throw new SqlError('no table', [schema ?? 'public', name], at)
}

function filled(session: Session, name: string, known: readonly (readonly [string, string])[]): Row[] {
  const make = contents.get(name)
  if (!make) return []
  return make(session).map(row =>
    known.map(
      ([column, type]) => row[column] ?? (type === 'bool' ? false : /^(?:int|oid$|float)/.test(type) ? 0n : null),
    ),
  )
}

const systemOids = new Map(
  (postgresql.relations as string[][]).map(([oid, name, space]) => [
    `${space === '11' ? 'pg_catalog' : 'information_schema'}.${name}`,
    Number(oid),
  ]),
)
/** The number of a table of the server's own, and of a column in it. */
export const systemOid = (schema: string, table: string): number => systemOids.get(`${schema}.${table}`) ?? 0
export const systemColumn = ({ schema, table, column }: { schema: string; table: string; column: string }): number =>
  systemOids.has(`${schema}.${table}`)
    ? (columns[`${schema}.${table}`] ?? []).findIndex(([name]) => name === column) + 1
    : 0

const cell = (text: string | undefined, type: string): Value => {
  if (text === undefined || text === '\\N') return null
  if (type === 'bool') return text === 't'
  return /^(?:int\d|oid)$/.test(type) ? BigInt(text) : text
}
/** Rows that were recorded whole. */
const recorded = (table: string, rows: readonly (readonly string[])[]) => (): Filled[] =>
  rows.map(cells =>
    Object.fromEntries(columns[`pg_catalog.${table}`]!.map(([column, type], i) => [column, cell(cells[i], type)])),
  )

export type Own = { schema: string; table: Table; oid: number }
export const ownTables = (session: Session): Own[] =>
  [...catalogOf(session).schemas].flatMap(([schema, tables]) =>
    [...tables.values()].map(table => ({
      schema,
      table,
      oid: oidOf(session, `${session.database}.${schema}.${table.name}`),
    })),
  )
export const namespaceOid = (session: Session, schema: string): number =>
  ({ pg_catalog: 11, pg_toast: 99, public: 2200, information_schema: 13_000 })[schema] ??
  oidOf(session, `schema ${session.database}.${schema}`)

function namespaces(session: Session): Filled[] {
  const own = [...catalogOf(session).schemas.keys()].filter(name => name !== 'public')
  return [
    ...recorded('pg_namespace', postgresql.namespaces)(),
    ...own.map(name => ({ oid: BigInt(namespaceOid(session, name)), nspname: name, nspowner: 10n, nspacl: null })),
  ]
}

function classes(session: Session): Filled[] {
  const system = (postgresql.relations as string[][]).map(
    ([oid, relname, space, kind, count]): Filled => ({
      oid: BigInt(oid!),
      relname: relname!,
      relnamespace: BigInt(space!),
      relowner: 10n,
      relkind: kind!,
      relnatts: BigInt(count!),
      relpersistence: 'p',
      relam: kind === 'r' ? 2n : 0n,
      relispopulated: true,
      relreplident: 'n',
    }),
  )
  const own = ownTables(session).flatMap(({ schema, table, oid }): Filled[] => {
    const base = {
      relnamespace: BigInt(namespaceOid(session, schema)),
      relowner: 10n,
      relpersistence: table.temporary ? 't' : 'p',
      relispopulated: true,
      relreplident: 'd',
      relacl: null,
    }
    const made: Filled[] = [
      {
        ...base,
        oid: BigInt(oid),
        relname: table.name,
        relkind: table.view ? 'v' : 'r',
        relnatts: BigInt(table.columns.length),
        relam: table.view ? 0n : 2n,
        reltuples: table.rows.length,
        relpages: 1n,
        relhasindex: table.keys.length > 0,
      },
    ]
    if (table.columns.some(({ increment }) => increment))
      made.push({
        ...base,
        oid: BigInt(oidOf(session, `seq ${oid}`)),
        relname: `${table.name}_${table.columns.find(({ increment }) => increment)!.name}_seq`,
        relkind: 'S',
        relnatts: 3n,
      })
    for (const key of table.keys.filter(({ kind }) => kind !== 'index'))
      made.push({
        ...base,
        oid: BigInt(oidOf(session, `index ${oid} ${key.columns.join()}`)),
        relname: indexName(table, key),
        relkind: 'i',
        relam: 403n,
        relnatts: BigInt(key.columns.length),
      })
    return made
  })
  return [...system, ...own]
}
const indexName = (table: Table, { kind, name, columns: list }: Table['keys'][number]): string =>
  name ?? (kind === 'primary' ? `${table.name}_pkey` : `${table.name}_${list.join('_')}_key`)

const attributes = (session: Session): Filled[] =>
  ownTables(session).flatMap(({ table, oid }) =>
    table.columns.map(({ name, type, standard, increment }, i) => ({
      attrelid: BigInt(oid),
      attname: name,
      atttypid: BigInt(oidOfType(type.name)),
      attnum: BigInt(i + 1),
      atttypmod: BigInt(modifierOf(type)),
      attnotnull: Boolean(type.notNull),
      atthasdef: standard !== undefined || increment,
      attisdropped: false,
      attidentity: '',
      attgenerated: '',
      attstorage: /text|char|bytea|numeric/.test(type.name) ? 'x' : 'p',
      attcompression: '',
      attcollation: /text|char/.test(type.name) ? 100n : 0n,
      attislocal: true,
      attstattarget: -1n,
    })),
  )

const indexes = (session: Session): Filled[] =>
  ownTables(session).flatMap(({ table, oid }) =>
    table.keys
      .filter(({ kind }) => kind !== 'index')
      .map(key => ({
        indexrelid: BigInt(oidOf(session, `index ${oid} ${key.columns.join()}`)),
        indrelid: BigInt(oid),
        indnatts: BigInt(key.columns.length),
        indisunique: true,
        indisprimary: key.kind === 'primary',
        indisvalid: true,
        indisready: true,
        indislive: true,
        indimmediate: true,
        indkey: key.columns.map(column => String(table.columns.findIndex(({ name }) => name === column) + 1)).join(' '),
      })),
  )

const databases = ({ server }: Session): Filled[] =>
  [...server.databases].map(([datname, { oid }]) => ({
    oid: BigInt(oid),
    datname,
    datdba: 10n,
    encoding: 6n,
    datlocprovider: 'c',
    datcollate: 'C.UTF-8',
    datctype: 'C.UTF-8',
    datistemplate: datname.startsWith('template'),
    datallowconn: datname !== 'template0',
    datconnlimit: -1n,
    dattablespace: 1663n,
    daticulocale: null,
    datcollversion: null,
    datacl: datname.startsWith('template') ? ['=c/postgres', 'postgres=CTc/postgres'] : null,
  }))

const roles = ({ server }: Session): Filled[] => [
  ...[...server.roles].map(([rolname, { oid, superuser, password }]) => ({
    oid: BigInt(oid),
    rolname,
    rolsuper: superuser,
    rolinherit: true,
    rolcreaterole: superuser,
    rolcreatedb: superuser,
    rolcanlogin: true,
    rolreplication: superuser,
    rolbypassrls: superuser,
    rolconnlimit: -1n,
    rolpassword: password || '********',
    usename: rolname,
    usesysid: BigInt(oid),
    usecreatedb: superuser,
    usesuper: superuser,
    userepl: superuser,
    usebypassrls: superuser,
    passwd: password || '********',
  })),
  ...systemRoles.map((rolname, i) => ({
    oid: BigInt(4544 + i),
    rolname,
    rolsuper: false,
    rolinherit: true,
    rolcanlogin: false,
    rolconnlimit: -1n,
  })),
]
const systemRoles =
  'pg_checkpoint pg_database_owner pg_execute_server_program pg_monitor pg_read_all_data pg_read_all_settings pg_read_all_stats pg_read_server_files pg_signal_backend pg_stat_scan_tables pg_write_all_data pg_write_server_files'.split(
    ' ',
  )
/** Roles that may log in. */
const logins = (session: Session): Filled[] => roles(session).filter(({ rolcanlogin }) => rolcanlogin)

const activity = (session: Session): Filled[] => [
  {
    datid: BigInt(session.server.databases.get(session.database)!.oid),
    datname: session.database,
    pid: BigInt(session.process),
    usesysid: 10n,
    usename: session.user,
    application_name: session.settings.get('application_name') ?? '',
    client_addr: session.cx.source.ip,
    client_port: BigInt(session.cx.source.port),
    state: 'active',
    backend_start: new Date(session.began).toISOString(),
    query: '',
    backend_type: 'client backend',
  },
]

const tableViews = (session: Session): Filled[] => {
  const system = (postgresql.relations as string[][])
    .filter(([, , , kind]) => kind === 'r')
    .map(([, name]) => ({ schemaname: 'pg_catalog', tablename: name!, tableowner: 'postgres', hasindexes: true }))
  return [
    ...ownTables(session)
      .filter(({ table }) => !table.view)
      .map(({ schema, table }) => ({
        schemaname: schema,
        tablename: table.name,
        tableowner: 'postgres',
        tablespace: null,
        hasindexes: table.keys.length > 0,
      })),
    ...system,
  ]
}
const informationTables = (session: Session): Filled[] => {
  const system = (postgresql.relations as string[][]).map(([, name, space, kind]) => ({
    table_catalog: session.database,
    table_schema: space === '11' ? 'pg_catalog' : 'information_schema',
    table_name: name!,
    table_type: kind === 'r' ? 'BASE TABLE' : 'VIEW',
    is_insertable_into: kind === 'r' ? 'YES' : 'NO',
  }))
  return [
    ...ownTables(session).map(({ schema, table }) => ({
      table_catalog: session.database,
      table_schema: schema,
      table_name: table.name,
      table_type: table.view ? 'VIEW' : 'BASE TABLE',
      is_insertable_into: 'YES',
    })),
    ...system,
  ]
}
const informationColumns = (session: Session): Filled[] =>
  ownTables(session).flatMap(({ schema, table }) =>
    table.columns.map(({ name, type }, i) => ({
      table_catalog: session.database,
      table_schema: schema,
      table_name: table.name,
      column_name: name,
      ordinal_position: BigInt(i + 1),
      is_nullable: type.notNull ? 'NO' : 'YES',
      data_type: typeText({ name: type.name }),
      udt_name: type.name,
      character_maximum_length: type.length === undefined ? null : BigInt(type.length),
    })),
  )

const contents: ReadonlyMap<string, (session: Session) => Filled[]> = new Map<string, (session: Session) => Filled[]>([
  ['pg_catalog.pg_type', recorded('pg_type', postgresql.types)],
  ['pg_catalog.pg_am', recorded('pg_am', postgresql.access)],
  ['pg_catalog.pg_language', recorded('pg_language', postgresql.languages)],
  ['pg_catalog.pg_collation', recorded('pg_collation', postgresql.collations)],
  ['pg_catalog.pg_namespace', namespaces],
  ['pg_catalog.pg_class', classes],
  ['pg_catalog.pg_attribute', attributes],
  ['pg_catalog.pg_index', indexes],
  ['pg_catalog.pg_database', databases],
  ['pg_catalog.pg_roles', roles],
  ['pg_catalog.pg_authid', roles],
  ['pg_catalog.pg_user', logins],
  ['pg_catalog.pg_shadow', logins],
  ['pg_catalog.pg_settings', settings],
  ['pg_catalog.pg_stat_activity', activity],
  ['pg_catalog.pg_tables', tableViews],
  [
    'pg_catalog.pg_tablespace',
    () => [
      { oid: 1663n, spcname: 'pg_default', spcowner: 10n },
      { oid: 1664n, spcname: 'pg_global', spcowner: 10n },
    ],
  ],
  [
    'pg_catalog.pg_extension',
    session => [
      {
        oid: BigInt(oidOf(session, 'extension plpgsql')),
        extname: 'plpgsql',
        extowner: 10n,
        extnamespace: 11n,
        extrelocatable: false,
        extversion: '1.0',
      },
    ],
  ],
  [
    'pg_catalog.pg_available_extensions',
    () =>
      (postgresql.extensions as string[][]).map(([name, version, comment]) => ({
        name: name!,
        default_version: version!,
        installed_version: name === 'plpgsql' ? version! : null,
        comment: comment!,
      })),
  ],
  [
    'pg_catalog.pg_largeobject_metadata',
    ({ server }) => [...server.objects.keys()].map(oid => ({ oid: BigInt(oid), lomowner: 10n, lomacl: null })),
  ],
  [
    'pg_catalog.pg_largeobject',
    session => pages(session).map(([loid = null, pageno = null, data = null]) => ({ loid, pageno, data })),
  ],
  [
    'pg_catalog.pg_proc',
    ({ server }) =>
      [...server.functions].map(([name, { library, symbol }], i) => ({
        oid: BigInt(20_000 + i),
        proname: name,
        pronamespace: 2200n,
        proowner: 10n,
        prolang: 13n,
        prosrc: symbol,
        probin: library,
      })),
  ],
  [
    'information_schema.schemata',
    session =>
      namespaces(session).map(({ nspname }) => ({
        catalog_name: session.database,
        schema_name: nspname!,
        schema_owner: 'postgres',
      })),
  ],
  ['information_schema.tables', informationTables],
  ['information_schema.columns', informationColumns],
])
export const uptime = (session: Session): number => Math.floor((now(session) - session.server.startedAt) / 1000)
