import { decimalOf } from '#sql/decimal.ts'
import type { Result, SqlFunction } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { ownTables, relationOf, uptime } from './catalog.ts'
import { bool, each, fixed, type Given, int, LONGEST, loose, n, name, SLEEP, strict, t, text } from './define.ts'
import { pgError } from './errors.ts'
import { exportObject, importObject, listDirectory, newObject, readServerFile } from './files.ts'
import { callBrought } from './libraries.ts'
import { plain } from './plain.ts'
import { settingOf, versionSuffix } from './settings.ts'
import { type Call, catalogOf, now, oidOf, type Session } from './state.ts'

export const many: ReadonlySet<string> = new Set(['unnest', 'generate_series', 'regexp_split_to_table', 'pg_ls_dir'])

const made = new WeakMap<Session, ReadonlyMap<string, SqlFunction>>()
/** All functions there are, for this session. */
export function functionsOf(session: Session): { all: ReadonlyMap<string, SqlFunction> } {
  const known = made.get(session)
  if (known) return { all: known }
  const all = new Map([...plain, ...about(session)])
  made.set(session, all)
  return { all }
}

/** `2026-01-15 03:04:05.678+09`, in the machine's zone. */
export function stamp(session: Session, milliseconds: number): string {
  const { offset } = session.cx.persona.timezone
  const local = new Date(milliseconds + offset * 60_000).toISOString().replace('T', ' ').replace('Z', '')
  const [hours, minutes] = [Math.floor(Math.abs(offset) / 60), Math.abs(offset) % 60]
  return `${local}${offset < 0 ? '-' : '+'}${String(hours).padStart(2, '0')}${minutes ? `:${String(minutes).padStart(2, '0')}` : ''}`
}

function about(session: Session): [string, SqlFunction][] {
  const { server, cx } = session
  const clock = fixed({ name: 'timestamptz' }, () => stamp(session, now(session)))
  const yes = loose([1, 3], bool, () => true)
  const user = fixed(name, () => session.user)
  const tableName = (oid: Given) => ownTables(session).find(one => one.oid === n(oid))?.table
  const sized = loose([1, 1], { name: 'int8' }, () => BigInt(7_600_000 + server.use.bytes))
  return [
    [
      'version',
      fixed(
        text,
        () =>
          `PostgreSQL ${server.version} (${versionSuffix(session)}) on x86_64-pc-linux-gnu, compiled by ${compilerOf(cx.persona.os, server.version)}, 64-bit`,
      ),
    ],
    ...each('current_user session_user user current_role', user),
    ...each(
      'current_database current_catalog',
      fixed(name, () => session.database),
    ),
    ['current_schema', fixed(name, () => 'public')],
    [
      'current_schemas',
      strict([1, 1], { name: 'name[]' }, all => (all === true ? ['pg_catalog', 'public'] : ['public'])),
    ],
    ...each('now current_timestamp transaction_timestamp statement_timestamp clock_timestamp', clock),
    ['localtimestamp', fixed({ name: 'timestamp' }, () => stamp(session, now(session)).slice(0, 23))],
    ['current_date', fixed({ name: 'date' }, () => stamp(session, now(session)).slice(0, 10))],
    ['current_time', fixed({ name: 'timetz' }, () => stamp(session, now(session)).slice(11))],
    ['pg_postmaster_start_time', fixed({ name: 'timestamptz' }, () => stamp(session, server.startedAt))],
    ['age', loose([1, 2], { name: 'interval' }, () => '00:00:00')],
    ['date_part', strict([2, 2], { name: 'float8' }, (unit, value) => part(t(unit!), t(value!)))],
    ['extract', strict([2, 2], { name: 'numeric' }, (unit, value) => part(t(unit!), t(value!)))],
    ['date_trunc', strict([2, 3], { name: 'timestamptz' }, (_, value) => t(value!))],
    ['pg_backend_pid', fixed(int, () => BigInt(session.process))],
    ['inet_server_addr', fixed({ name: 'inet' }, () => cx.destination.ip)],
    ['inet_server_port', fixed(int, () => BigInt(cx.destination.port))],
    ['inet_client_addr', fixed({ name: 'inet' }, () => cx.source.ip)],
    ['inet_client_port', fixed(int, () => BigInt(cx.source.port))],
    ['pg_is_in_recovery', fixed(bool, () => false)],
    ['txid_current', fixed({ name: 'int8' }, () => BigInt(740 + (uptime(session) % 90_000)))],
    [
      'pg_sleep',
      strict([1, 1], { name: 'void' }, seconds => {
        session.slept = Math.min(SLEEP, session.slept + Math.max(0, n(seconds)))
        return ''
      }),
    ],
    [
      'pg_get_userbyid',
      strict(
        [1, 1],
        name,
        oid =>
          [...server.roles].find(([, role]) => role.oid === n(oid))?.[0] ??
          (n(oid) === 10 ? 'postgres' : `unknown (OID=${t(oid)})`),
      ),
    ],
    ...each(
      'pg_table_is_visible pg_type_is_visible pg_function_is_visible has_database_privilege has_schema_privilege has_table_privilege has_function_privilege pg_has_role has_column_privilege has_any_column_privilege pg_statistics_obj_is_visible pg_reload_conf pg_terminate_backend pg_cancel_backend pg_rotate_logfile',
      yes,
    ),
    ...each(
      'obj_description shobj_description col_description pg_get_expr pg_get_viewdef pg_get_partkeydef pg_get_statisticsobjdef_columns pg_relation_is_publishable',
      loose([1, 3], text, () => null),
    ),
    ['pg_get_indexdef', loose([1, 3], text, ([oid]) => indexText(session, Number(t((oid ?? 0n) as Given))))],
    ['pg_get_constraintdef', loose([1, 2], text, () => null)],
    ['pg_get_serial_sequence', strict([2, 2], text, (table, column) => `public.${t(table!)}_${t(column!)}_seq`)],
    ...each('pg_database_size pg_relation_size pg_total_relation_size pg_table_size pg_tablespace_size', sized),
    ['pg_get_keywords', fixed(text, () => null)],
    [
      'to_regclass',
      strict([1, 1], { name: 'regclass' }, given => (catalogOf(session).table('public', t(given)) ? t(given) : null)),
    ],
    [
      'current_setting',
      loose([1, 2], text, ([given, quiet]) => {
        const found = settingOf(session, t((given ?? '') as Given))
        if (found === undefined && quiet !== true) throw unknownSetting(t((given ?? '') as Given))
        return found ?? null
      }),
    ],
    [
      'set_config',
      loose([3, 3], text, ([given, value]) => {
        if (session.settings.size < 200)
          session.settings.set(t((given ?? '') as Given).toLowerCase(), t((value ?? '') as Given).slice(0, 1024))
        return value ?? null
      }),
    ],
    ['lastval', fixed({ name: 'int8' }, () => 1n)],
    ['nextval', strict([1, 1], { name: 'int8' }, sequence => BigInt(oidOf(session, `value ${t(sequence)}`) % 1000))],
    ['pg_read_file', strict([1, 4], text, (path, from, length) => readServerFile(session, t(path!), from, length))],
    [
      'pg_read_binary_file',
      strict([1, 4], { name: 'bytea' }, (path, from, length) => readServerFile(session, t(path!), from, length)),
    ],
    ['pg_ls_dir', strict([1, 3], text, path => listDirectory(session, t(path!)))],
    ['lo_creat', strict([1, 1], { name: 'oid' }, () => newObject(session, 0, ''))],
    ['lo_create', strict([1, 1], { name: 'oid' }, oid => newObject(session, n(oid), ''))],
    ['lo_from_bytea', strict([2, 2], { name: 'oid' }, (oid, data) => newObject(session, n(oid!), bytes(data!)))],
    [
      'lo_import',
      strict([1, 2], { name: 'oid' }, (path, oid) => importObject(session, t(path!), oid === undefined ? 0 : n(oid))),
    ],
    ['lo_export', strict([2, 2], int, (oid, path) => exportObject(session, n(oid!), t(path!)))],
    ['lo_get', strict([1, 3], { name: 'bytea' }, oid => server.objects.get(n(oid)) ?? null)],
    [
      'lo_put',
      strict([3, 3], { name: 'void' }, (oid, at, data) => {
        const before = server.objects.get(n(oid!))
        if (before === undefined) throw pgError('42704', `large object ${t(oid!)} does not exist`)
        newObject(
          session,
          n(oid!),
          before.slice(0, n(at!)).padEnd(Math.min(LONGEST, n(at!)), '\0') +
            bytes(data!) +
            before.slice(n(at!) + bytes(data!).length),
          true,
        )
        return ''
      }),
    ],
    [
      'lo_unlink',
      strict([1, 1], int, oid => {
        if (!server.objects.delete(n(oid)))
          throw pgError('42704', `large object ${t(oid)} does not exist`, {
            where: ['pg_largeobject.c', '114', 'LargeObjectDrop'],
          })
        return 1n
      }),
    ],
    ['pg_relation_filepath', strict([1, 1], text, oid => `base/5/${tableName(oid) ? t(oid) : '16384'}`)],
  ]
}
/** What built the package: Debian 12's compiler was updated in May 2025. */
function compilerOf({ version }: { version: string }, build: string): string {
  if (version === '12') return `gcc (Debian 12.2.0-14${Number(build.split('.')[1]) >= 14 ? '+deb12u1' : ''}) 12.2.0`
  return compilers.get(version) ?? 'gcc'
}
const compilers = new Map([
  ['11', 'gcc (Debian 10.2.1-6) 10.2.1 20210110'],
  ['22.04', 'gcc (Ubuntu 11.4.0-1ubuntu1~22.04) 11.4.0'],
  ['20.04', 'gcc (Ubuntu 9.4.0-1ubuntu1~20.04.2) 9.4.0'],
])
/** A bytea argument: what decode() made, or a literal in the hex format. */
const bytes = (value: Given): string => {
  const given = t(value)
  return /^\\x(?:[0-9a-fA-F]{2})*$/.test(given) ? Buffer.from(given.slice(2), 'hex').toString('latin1') : given
}

export const unknownSetting = (given: string) =>
  pgError('42704', `unrecognized configuration parameter "${given}"`, { where: ['guc.c', '5734', 'find_option'] })

function part(unit: string, value: string): Value {
  const at = Date.parse(`${value.slice(0, 10)}T${value.slice(11, 19) || '00:00:00'}Z`)
  if (Number.isNaN(at)) return null
  const when = new Date(at)
  const found: Record<string, number> = {
    year: when.getUTCFullYear(),
    month: when.getUTCMonth() + 1,
    day: when.getUTCDate(),
    hour: when.getUTCHours(),
    minute: when.getUTCMinutes(),
    second: when.getUTCSeconds(),
    epoch: at / 1000,
    dow: when.getUTCDay(),
  }
  return Object.hasOwn(found, unit) ? (decimalOf(String(found[unit])) ?? null) : null
}

function indexText(session: Session, oid: number): Value {
  for (const { schema, table, oid: relation } of ownTables(session))
    for (const { columns, kind } of table.keys)
      if (oidOf(session, `index ${relation} ${columns.join()}`) === oid)
        return `CREATE UNIQUE INDEX ${table.name}_${kind === 'primary' ? 'pkey' : `${columns.join('_')}_key`} ON ${schema}.${table.name} USING btree (${columns.join(', ')})`
  return null
}

/** A function behind FROM. */
export function rowsOf(session: Session, call: Call, args: readonly Value[] | undefined): Result {
  if (call.name === 'pg_show_all_settings') {
    const { name: table, columns, rows } = relationOf(session, ['pg_catalog', 'pg_settings'], call.at)
    return { fields: columns.map(column => ({ table, ...column })), rows: args ? [...rows()] : [] }
  }
  const { all } = functionsOf(session)
  const found = all.get(call.name)
  if (!found) {
    const { value, type } = unknownFunction(session, call, args)
    return {
      fields: [{ table: '', name: call.name, type }],
      rows: args
        ? t((value ?? '') as Given)
            .split('\n')
            .filter(Boolean)
            .map(line => [line])
        : [],
    }
  }
  const types = call.args.map(() => text)
  const context = { engine: undefined as never, expression: call }
  const type =
    typeof found.type === 'function'
      ? found.type(call.name === 'generate_series' ? [{ name: 'int4' }] : types, context)
      : found.type
  if (!args) return { fields: [{ table: '', name: call.name, type }], rows: [] }
  const value = found.value(args, context)
  const list = many.has(call.name) && Array.isArray(value) ? (value as readonly Value[]) : [value]
  return { fields: [{ table: '', name: call.name, type }], rows: list.map(one => [one]) }
}

/** A function that is not PostgreSQL's: one that was brought, or none. */
export function unknownFunction(
  session: Session,
  call: Call,
  args: readonly Value[] | undefined,
): { value: Value; type: Type } {
  const brought = session.server.functions.get(call.name)
  if (brought) return callBrought(session, call.name, brought, args)
  const kinds = call.args.map(one =>
    one.is === 'literal'
      ? one.of === 'string'
        ? 'unknown'
        : one.of === 'integer'
          ? 'integer'
          : 'numeric'
      : one.is === 'call'
        ? 'text'
        : 'text',
  )
  throw new SqlError(
    'no function',
    [call.schema ? `${call.schema}.${call.name}` : call.name, kinds.join(', ')],
    call.at,
  )
}
