import { createHash } from 'node:crypto'
import { decimalOf, rescale, truncated } from '#sql/decimal.ts'
import type { Result, SqlFunction } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { ownTables, settingOf, uptime, versionSuffix } from './catalog.ts'
import { pgError } from './errors.ts'
import { exportObject, importObject, listDirectory, newObject, readServerFile } from './files.ts'
import { callBrought } from './libraries.ts'
import { type Call, catalogOf, now, oidOf, type Session } from './state.ts'
import { textOf, typeOfOid, typeText } from './types.ts'

/** Seconds that pg_sleep may cost one statement; characters of one result. */
const SLEEP = 60
const LONGEST = 4 << 20

type Given = Exclude<Value, null>
const text: Type = { name: 'text' }
const name: Type = { name: 'name' }
const int: Type = { name: 'int4' }
const bool: Type = { name: 'bool' }
const t = textOf
const n = (value: Given): number => Number(t(value))

/** NULL where an argument is. */
const strict = (
  count: readonly [number, number],
  type: SqlFunction['type'],
  value: (...args: Given[]) => Value,
): SqlFunction => ({ count, type, value: args => (args.includes(null) ? null : value(...(args as Given[]))) })
const loose = (
  count: readonly [number, number],
  type: SqlFunction['type'],
  value: (args: readonly Value[]) => Value,
): SqlFunction => ({ count, type, value })
const fixed = (type: Type, value: () => Value): SqlFunction => loose([0, 0], type, value)
const first = ([one = text]: readonly Type[]): Type => one
const hashed = (kind: string) =>
  strict([1, 1], kind === 'md5' ? text : { name: 'bytea' }, value =>
    createHash(kind)
      .update(t(value), 'latin1')
      .digest(kind === 'md5' ? 'hex' : 'latin1'),
  )
const bounded = (made: string): string => {
  if (made.length > LONGEST) throw new SqlError('too much', ['bytes'])
  return made
}
const each = (names: string, one: SqlFunction): [string, SqlFunction][] => names.split(' ').map(word => [word, one])
const real = (compute: (...args: number[]) => number, count: readonly [number, number] = [1, 1]): SqlFunction =>
  strict(count, { name: 'float8' }, (...args) => compute(...args.map(n)))

function substring(value: string, from: Given, length?: Given): string {
  if (typeof from === 'string' && !/^\s*-?\d+\s*$/.test(from)) return ''
  const start = n(from)
  const end = length === undefined ? value.length : start + n(length) - 1
  if (length !== undefined && n(length) < 0) throw pgError('22011', 'negative substring length not allowed')
  return value.slice(Math.max(0, start - 1), Math.max(0, end))
}
function rounded(value: Given, places: number, cut: boolean): Value {
  const decimal = decimalOf(t(value))
  if (!decimal) return n(value)
  return cut ? truncated(decimal, Math.max(0, places)) : rescale(decimal, Math.max(0, places))
}
const encodings = { hex: 'hex', base64: 'base64', escape: 'latin1' } as const
type Encoding = keyof typeof encodings
const encodingOf = (given: Given): 'hex' | 'base64' | 'latin1' => {
  const found = encodings[t(given).toLowerCase() as Encoding]
  if (!Object.hasOwn(encodings, t(given).toLowerCase()) || !found)
    throw pgError('22023', `unrecognized encoding: "${t(given)}"`, { where: ['encode.c', '60', 'binary_encode'] })
  return found
}

const plain: readonly (readonly [string, SqlFunction])[] = [
  ...each(
    'length char_length character_length',
    strict([1, 1], int, value => BigInt([...Buffer.from(t(value), 'latin1').toString('utf8')].length)),
  ),
  ['octet_length', strict([1, 1], int, value => BigInt(t(value).length))],
  ['lower', strict([1, 1], text, value => t(value).replace(/[A-Z]+/g, part => part.toLowerCase()))],
  ['upper', strict([1, 1], text, value => t(value).replace(/[a-z]+/g, part => part.toUpperCase()))],
  [
    'initcap',
    strict([1, 1], text, value =>
      t(value)
        .toLowerCase()
        .replace(/\b[a-z]/g, c => c.toUpperCase()),
    ),
  ],
  ...each(
    'substring substr',
    strict([2, 3], text, (value, from, length) => substring(t(value), from!, length)),
  ),
  [
    'left',
    strict([2, 2], text, (value, count) =>
      n(count!) >= 0 ? t(value!).slice(0, n(count!)) : t(value!).slice(0, n(count!)),
    ),
  ],
  ['right', strict([2, 2], text, (value, count) => (n(count!) > 0 ? t(value!).slice(-n(count!)) : ''))],
  ['concat', loose([1, 1000], text, args => bounded(args.map(value => (value === null ? '' : t(value))).join('')))],
  [
    'concat_ws',
    loose([1, 1000], text, ([by, ...args]) =>
      by === null
        ? null
        : bounded(
            args
              .filter(value => value !== null)
              .map(value => t(value as Given))
              .join(t(by!)),
          ),
    ),
  ],
  [
    'replace',
    strict([3, 3], text, (value, from, to) =>
      bounded(t(from!) === '' ? t(value!) : t(value!).split(t(from!)).join(t(to!))),
    ),
  ],
  [
    'repeat',
    strict([2, 2], text, (value, times) =>
      t(value!).length * Math.max(0, n(times!)) > LONGEST
        ? bounded(' '.repeat(LONGEST + 1))
        : t(value!).repeat(Math.max(0, n(times!))),
    ),
  ],
  ['reverse', strict([1, 1], text, value => [...t(value)].reverse().join(''))],
  [
    'chr',
    strict([1, 1], text, value =>
      Buffer.from(String.fromCodePoint(Math.max(1, Math.min(0x10ffff, n(value)))), 'utf8').toString('latin1'),
    ),
  ],
  ['ascii', strict([1, 1], int, value => BigInt(t(value).charCodeAt(0) || 0))],
  ['position', strict([2, 2], int, (needle, value) => BigInt(t(value!).indexOf(t(needle!)) + 1))],
  ['strpos', strict([2, 2], int, (value, needle) => BigInt(t(value!).indexOf(t(needle!)) + 1))],
  ['split_part', strict([3, 3], text, (value, by, at) => t(value!).split(t(by!))[n(at!) - 1] ?? '')],
  [
    'trim',
    strict([1, 3], text, (value, set, side) =>
      trimmed(t(value!), set === undefined ? ' ' : t(set), side === undefined ? 'both' : t(side)),
    ),
  ],
  ['btrim', strict([1, 2], text, (value, set) => trimmed(t(value!), set === undefined ? ' ' : t(set), 'both'))],
  ['ltrim', strict([1, 2], text, (value, set) => trimmed(t(value!), set === undefined ? ' ' : t(set), 'leading'))],
  ['rtrim', strict([1, 2], text, (value, set) => trimmed(t(value!), set === undefined ? ' ' : t(set), 'trailing'))],
  [
    'lpad',
    strict([2, 3], text, (value, length, fill) =>
      t(value!)
        .padStart(Math.min(LONGEST, n(length!)), fill === undefined ? ' ' : t(fill))
        .slice(0, Math.max(0, n(length!))),
    ),
  ],
  [
    'rpad',
    strict([2, 3], text, (value, length, fill) =>
      t(value!)
        .padEnd(Math.min(LONGEST, n(length!)), fill === undefined ? ' ' : t(fill))
        .slice(0, Math.max(0, n(length!))),
    ),
  ],
  [
    'quote_ident',
    strict([1, 1], text, value =>
      /^[a-z_][a-z0-9_$]*$/.test(t(value)) ? t(value) : `"${t(value).replaceAll('"', '""')}"`,
    ),
  ],
  ['quote_literal', strict([1, 1], text, value => `'${t(value).replaceAll("'", "''")}'`)],
  ['md5', hashed('md5')],
  ['sha256', hashed('sha256')],
  ['encode', strict([2, 2], text, (value, how) => Buffer.from(t(value!), 'latin1').toString(encodingOf(how!)))],
  [
    'decode',
    strict([2, 2], { name: 'bytea' }, (value, how) => Buffer.from(t(value!), encodingOf(how!)).toString('latin1')),
  ],
  ['to_hex', strict([1, 1], text, value => BigInt.asUintN(64, BigInt(Math.trunc(n(value)))).toString(16))],
  ['to_char', strict([2, 2], text, value => t(value!))],
  ['to_number', strict([2, 2], { name: 'numeric' }, value => decimalOf(t(value!).replace(/[^\d.-]/g, '')) ?? null)],
  ['convert_from', strict([2, 2], text, value => t(value!))],
  ['convert_to', strict([2, 2], { name: 'bytea' }, value => t(value!))],
  [
    'format',
    loose([1, 1000], text, ([pattern, ...args]) => (pattern === null ? null : bounded(formatted(t(pattern!), args)))),
  ],
  ['regexp_replace', strict([3, 4], text, value => t(value!))],
  [
    'abs',
    strict([1, 1], first, value =>
      n(value) < 0 ? (decimalOf(t(value).replace('-', '')) ?? Math.abs(n(value))) : value,
    ),
  ],
  [
    'round',
    strict([1, 2], { name: 'numeric' }, (value, places) =>
      rounded(value!, places === undefined ? 0 : n(places), false),
    ),
  ],
  [
    'trunc',
    strict([1, 2], { name: 'numeric' }, (value, places) => rounded(value!, places === undefined ? 0 : n(places), true)),
  ],
  ...each('ceil ceiling', real(Math.ceil)),
  ['floor', real(Math.floor)],
  ['sqrt', real(Math.sqrt)],
  ...each(
    'power pow',
    real((a, b) => a! ** b!, [2, 2]),
  ),
  ['exp', real(Math.exp)],
  ['ln', real(Math.log)],
  [
    'mod',
    strict([2, 2], first, (a, b) => {
      if (n(b!) === 0) throw new SqlError('division by zero')
      return BigInt(Math.trunc(n(a!) % n(b!)))
    }),
  ],
  ['pi', fixed({ name: 'float8' }, () => Math.PI)],
  ['random', fixed({ name: 'float8' }, () => Math.random())],
  [
    'coalesce',
    loose(
      [1, 1000],
      types => types.find(({ name: one }) => one !== 'unknown') ?? text,
      () => null,
    ),
  ],
  ['nullif', loose([2, 2], first, ([a, b]) => (a !== null && b !== null && t(a!) === t(b!) ? null : a!))],
  ...['greatest', 'least'].map((word): [string, SqlFunction] => [
    word,
    loose([1, 1000], first, args =>
      args
        .filter(value => value !== null)
        .reduce<Value>(
          (best, value) => (best === null || n(value as Given) > n(best) === (word === 'greatest') ? value : best),
          null,
        ),
    ),
  ]),
  [
    'array_to_string',
    loose([2, 3], text, ([list, by, none]) =>
      Array.isArray(list)
        ? (list as Value[])
            .flatMap(value => (value === null ? (none ? [t(none)] : []) : [t(value)]))
            .join(t((by ?? '') as Given))
        : null,
    ),
  ],
  ['string_to_array', strict([2, 3], { name: 'text[]' }, (value, by) => t(value!).split(t(by!)))],
  ['array_length', strict([2, 2], int, list => (Array.isArray(list) && list.length ? BigInt(list.length) : null))],
  ...each(
    'array_upper cardinality',
    strict([1, 2], int, list => (Array.isArray(list) ? BigInt(list.length) : null)),
  ),
  [
    'unnest',
    strict(
      [1, 1],
      ([list = text]) => ({ name: list.name.replace('[]', '') }),
      list => list,
    ),
  ],
  ['generate_series', strict([2, 3], first, (from, to, by) => series(n(from!), n(to!), by === undefined ? 1 : n(by)))],
  ['regexp_split_to_table', strict([2, 2], text, (value, by) => t(value!).split(t(by!)))],
  ['pg_typeof', loose([1, 1], { name: 'regtype' }, () => 'text')],
  ['pg_size_pretty', strict([1, 1], text, value => pretty(n(value)))],
  ['pg_encoding_to_char', strict([1, 1], name, value => (n(value) === 6 ? 'UTF8' : n(value) === 0 ? 'SQL_ASCII' : ''))],
  [
    'format_type',
    loose([2, 2], text, ([oid, modifier]) =>
      oid === null
        ? null
        : typeText(modified(typeOfOid(Number(t(oid!))), modifier === null ? -1 : Number(t(modifier!)))),
    ),
  ],
  ['row_to_json', strict([1, 1], { name: 'json' }, value => t(value))],
  ['exists', loose([1, 1], bool, () => true)],
]
function formatted(pattern: string, args: readonly Value[]): string {
  let at = 0
  return pattern.replace(/%[sIL%]/g, mark => {
    if (mark === '%%') return '%'
    const value = args[at++] ?? null
    return value === null ? '' : t(value)
  })
}
function modified(type: string, modifier: number): Type {
  if (modifier < 4) return { name: type }
  if (type === 'numeric') return { name: type, length: (modifier - 4) >> 16, scale: (modifier - 4) & 0xffff }
  return { name: type, length: modifier - 4 }
}
function trimmed(value: string, set: string, side: string): string {
  let [from, to] = [0, value.length]
  if (side !== 'trailing') while (from < to && set.includes(value[from]!)) from++
  if (side !== 'leading') while (to > from && set.includes(value[to - 1]!)) to--
  return value.slice(from, to)
}
function series(from: number, to: number, by: number): Value {
  if (by === 0) throw pgError('22023', 'step size cannot equal zero')
  const count = Math.floor((to - from) / by) + 1
  if (count > 100_000) throw new SqlError('too much', ['steps'])
  return Array.from({ length: Math.max(0, count) }, (_, i) => BigInt(from + i * by))
}
const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
function pretty(bytes: number): string {
  let [size, unit] = [bytes, 0]
  while (Math.abs(size) >= 10_240 && unit < 4) {
    size = Math.round(size / 1024)
    unit++
  }
  return `${size} ${units[unit]}`
}

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
    ['lo_from_bytea', strict([2, 2], { name: 'oid' }, (oid, data) => newObject(session, n(oid!), t(data!)))],
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
            t(data!) +
            before.slice(n(at!) + t(data!).length),
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
