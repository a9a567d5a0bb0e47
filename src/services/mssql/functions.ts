import type { SqlFunction } from '#sql/engine.ts'
import type { Value } from '#sql/value.ts'
import { placeOf, tableNamed, tablesOf } from './catalog.ts'
import { clock } from './clock.ts'
import {
  bigint,
  each,
  fixed,
  float,
  type Given,
  int,
  loose,
  type Named,
  n,
  strict,
  sysname,
  t,
  wide,
} from './define.ts'
import { objectKey, objectsOf, schemaIds } from './described.ts'
import { guidText } from './parameters.ts'
import { isMember, principals } from './people.ts'
import { plain } from './plain.ts'
import { serverProperty } from './properties.ts'
import { idOf, type Session } from './state.ts'
import { systemTypes } from './types.ts'

const made = new WeakMap<Session, ReadonlyMap<string, SqlFunction>>()
/** All functions there are, for this session. */
export function functionsOf(session: Session): ReadonlyMap<string, SqlFunction> {
  const known = made.get(session)
  if (known) return known
  const all = new Map<string, SqlFunction>([...plain, ...clock(session), ...about(session)])
  made.set(session, all)
  return all
}

function about(session: Session): Named[] {
  const { server, cx } = session
  const database = (given: Value | undefined) =>
    given === undefined
      ? server.databases.get(session.database.toLowerCase())
      : given === null
        ? undefined
        : typeof given === 'bigint'
          ? [...server.databases.values()].find(({ id }) => BigInt(id) === given)
          : server.databases.get(t(given!).toLowerCase())
  const object = (id: Given, inside = session.database) =>
    objectsOf(session, inside.toLowerCase()).find(one => one.id === n(id))
  const user = loose([0, 1], sysname, () => 'dbo')
  const login = loose([0, 1], sysname, ([sid]) =>
    sid === undefined
      ? session.user
      : sid === null
        ? null
        : (principals(session).find(one => one.sid === t(sid!) || String(one.id) === t(sid!))?.name ?? null),
  )
  const yes = (least: number, most: number) => loose([least, most], int, () => 1n)
  const caught = (pick: (error: NonNullable<Session['caught']>) => Value, type = int) =>
    fixed(type, () => (session.caught ? pick(session.caught) : null))
  return [
    ['serverproperty', strict([1, 1], { name: 'sql_variant' }, name => serverProperty(session, t(name)))],
    ['connectionproperty', strict([1, 1], { name: 'sql_variant' }, name => connectionProperty(session, t(name)))],
    ['sessionproperty', strict([1, 1], { name: 'sql_variant' }, () => 1n)],
    [
      'databasepropertyex',
      strict([2, 2], { name: 'sql_variant' }, (name, property) =>
        database(name) ? databaseProperty(t(property!), database(name)!) : null,
      ),
    ],
    ['databaseproperty', strict([2, 2], int, () => 0n)],
    ['fulltextserviceproperty', strict([1, 1], int, () => 0n)],
    ['db_name', loose([0, 1], sysname, ([id]) => database(id)?.name ?? null)],
    ['db_id', loose([0, 1], { name: 'smallint' }, ([name]) => (database(name) ? BigInt(database(name)!.id) : null))],
    ...each('user_name current_user session_user user', user),
    ['user_id', loose([0, 1], int, () => 1n)],
    ['database_principal_id', loose([0, 1], int, () => 1n)],
    ...each('suser_name suser_sname system_user original_login', login),
    [
      'suser_id',
      loose([0, 1], int, () => BigInt(principals(session).find(({ name }) => name === session.user)?.id ?? 1)),
    ],
    [
      'suser_sid',
      loose(
        [0, 2],
        { name: 'varbinary', length: 85 },
        ([name]) =>
          principals(session).find(one => one.name.toLowerCase() === (name ? t(name) : session.user).toLowerCase())
            ?.sid ?? null,
      ),
    ],
    [
      'is_srvrolemember',
      loose([1, 2], int, ([role, who]) =>
        role === null
          ? null
          : /^(?:sysadmin|public)$/i.test(t(role!))
            ? isMember(session, who ? t(who) : undefined)
              ? 1n
              : 0n
            : isMember(session, who ? t(who) : undefined)
              ? 1n
              : 0n,
      ),
    ],
    ...each('is_member is_rolemember', yes(1, 2)),
    ...each('has_dbaccess has_perms_by_name permissions objectproperty objectpropertyex indexproperty', yes(0, 5)),
    ['columnproperty', loose([3, 3], int, ([id, column, property]) => columnProperty(session, id, column, property))],
    ['host_name', fixed(sysname, () => session.host)],
    ['host_id', fixed({ name: 'char', length: 10 }, () => String(1000 + session.id * 7).padStart(10))],
    ['app_name', fixed(sysname, () => session.app)],
    ['newid', fixed({ name: 'uniqueidentifier' }, () => guidText(cx.random(16)))],
    ['newsequentialid', fixed({ name: 'uniqueidentifier' }, () => guidText(cx.random(16)))],
    [
      'rand',
      loose([0, 1], float, ([seed]) =>
        seed ? Math.abs(Math.sin(n(seed))) % 1 : cx.random(4).readUInt32BE() / 4_294_967_296,
      ),
    ],
    ['scope_identity', fixed({ name: 'numeric', length: 38, scale: 0 }, () => session.identity ?? null)],
    [
      'ident_current',
      strict([1, 1], { name: 'numeric', length: 38, scale: 0 }, name => {
        const table = tableNamed(server, placeOf(session, parts(t(name))))
        return table ? (table.next > 1n ? table.next - 1n : 1n) : null
      }),
    ],
    ['rowcount_big', fixed(bigint, () => session.count)],
    ['xact_state', fixed({ name: 'smallint' }, () => (session.transactions > 0 ? 1n : 0n))],
    ['cursor_status', loose([2, 2], { name: 'smallint' }, () => -3n)],
    [
      'object_id',
      loose([1, 2], int, ([name, kind]) =>
        name === null ? null : objectId(session, t(name!), kind ? t(kind) : undefined),
      ),
    ],
    [
      'object_name',
      strict(
        [1, 2],
        sysname,
        (id, inside) =>
          object(id!, inside === undefined ? session.database : (database(inside)?.name ?? ''))?.name ?? null,
      ),
    ],
    ['object_schema_name', strict([1, 2], sysname, id => object(id!)?.schema ?? null)],
    ['object_definition', strict([1, 1], wide(-1), id => object(id)?.text ?? null)],
    [
      'schema_name',
      loose([0, 1], sysname, ([id]) =>
        id === undefined || id === null
          ? 'dbo'
          : ([...schemaIds].find(([, one]) => one === BigInt(Math.trunc(n(id!))))?.[0] ?? null),
      ),
    ],
    [
      'schema_id',
      loose([0, 1], int, ([name]) =>
        name === undefined || name === null ? 1n : (schemaIds.get(t(name!).toLowerCase()) ?? null),
      ),
    ],
    ['col_name', strict([2, 2], sysname, (id, at) => object(id!)?.table?.columns[n(at!) - 1]?.name ?? null)],
    [
      'col_length',
      strict([2, 2], { name: 'smallint' }, (table, column) => {
        const found = tableNamed(server, placeOf(session, parts(t(table!))))?.columns.find(
          ({ name }) => name.toLowerCase() === t(column!).toLowerCase(),
        )
        return found ? BigInt(found.type.length ?? systemTypes.get(found.type.name)?.[1] ?? 0) : null
      }),
    ],
    ['type_name', strict([1, 1], sysname, id => [...systemTypes].find(([, [one]]) => one === n(id))?.[0] ?? null)],
    [
      'type_id',
      strict([1, 1], int, name => {
        const found = systemTypes.get(t(name).toLowerCase())
        return found ? BigInt(found[0]) : null
      }),
    ],
    ['index_col', loose([3, 3], sysname, () => null)],
    ['filegroup_name', loose([1, 1], sysname, () => 'PRIMARY')],
    ['stats_date', loose([2, 2], { name: 'datetime' }, () => null)],
    ['error_message', caught(({ text }) => text, wide(4000))],
    ['error_number', caught(({ number }) => BigInt(number))],
    ['error_severity', caught(({ class: level }) => BigInt(level))],
    ['error_state', caught(({ state }) => BigInt(state))],
    ['error_line', caught(({ line = 1 }) => BigInt(line))],
    ['error_procedure', caught(({ procedure }) => procedure ?? null, sysname)],
    ['formatmessage', loose([1, 21], wide(4000), ([text]) => text ?? null)],
    [
      'loginproperty',
      loose([2, 2], { name: 'sql_variant' }, ([, property]) =>
        property !== null && /^Is/i.test(t(property!)) ? 0n : null,
      ),
    ],
    ['sql_variant_property', loose([2, 2], { name: 'sql_variant' }, () => null)],
    ['context_info', fixed({ name: 'varbinary', length: 128 }, () => null)],
    ['session_context', loose([1, 1], { name: 'sql_variant' }, () => null)],
    ['get_filestream_transaction_context', fixed({ name: 'varbinary', length: -1 }, () => null)],
    ['current_transaction_id', fixed(bigint, () => 51_234n)],
  ]
}
/** `a.b.c` with or without brackets. */
export const parts = (name: string): string[] =>
  name
    .slice(0, 600)
    .split('.')
    .map(part => part.trim().replace(/^[["](.*)[\]"]$/, '$1'))

function objectId(session: Session, name: string, kind: string | undefined): Value {
  const path = parts(name)
  let place: ReturnType<typeof placeOf>
  try {
    place = placeOf(session, path)
  } catch {
    return null
  }
  if (place.name.startsWith('#'))
    return tableNamed(session.server, place) ? BigInt(-idOf(session.server, name.toLowerCase())) : null
  const found = objectsOf(session, place.database).find(
    one => one.name.toLowerCase() === place.name.toLowerCase() && one.schema === place.schema,
  )
  if (found) return kind !== undefined && kind.trim().toUpperCase() !== found.type ? null : BigInt(found.id)
  // The server's own procedures have numbers too.
  return /^(?:x?sp_|xp_)\w+$/i.test(place.name)
    ? BigInt(-(idOf(session.server, objectKey('sys', 'sys', place.name)) % 1_000_000_000))
    : null
}
function columnProperty(
  session: Session,
  id: Value | undefined,
  column: Value | undefined,
  property: Value | undefined,
): Value {
  if (!id || !column || !property) return null
  const table = tablesOf(session.server, session.database.toLowerCase()).find(
    one => BigInt(idOf(session.server, objectKey(session.database, one.schema, one.table.name))) === id,
  )
  const found = table?.table.columns.find(({ name }) => name.toLowerCase() === t(column).toLowerCase())
  if (!found) return null
  const name = t(property).toLowerCase()
  return name === 'isidentity'
    ? found.increment
      ? 1n
      : 0n
    : name === 'allowsnull'
      ? found.type.notNull
        ? 0n
        : 1n
      : 0n
}
function connectionProperty({ cx }: Session, name: string): Value {
  const all = new Map<string, Value>([
    ['net_transport', 'TCP'],
    ['protocol_type', 'TSQL'],
    ['auth_scheme', 'SQL'],
    ['local_net_address', cx.destination.ip],
    ['local_tcp_port', BigInt(cx.destination.port)],
    ['client_net_address', cx.source.ip],
    ['physical_net_transport', 'TCP'],
  ])
  return all.get(name.toLowerCase()) ?? null
}
function databaseProperty(name: string, { recovery }: { recovery: string }): Value {
  const all = new Map<string, Value>([
    ['status', 'ONLINE'],
    ['collation', 'SQL_Latin1_General_CP1_CI_AS'],
    ['recovery', recovery],
    ['updateability', 'READ_WRITE'],
    ['useraccess', 'MULTI_USER'],
    ['version', 957n],
    ['edition', null],
    ['isautoclose', 0n],
    ['isinstandby', 0n],
  ])
  return all.get(name.toLowerCase()) ?? null
}
