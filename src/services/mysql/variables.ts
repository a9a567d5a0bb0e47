import type { Type, Value } from '#sql/value.ts'
import mariadb from '../../../data/mariadb.json' with { type: 'json' }
import { MysqlError } from './errors.ts'
import { checkLogFile } from './general-log.ts'
import { doubleText } from './numbers.ts'
import { now, type Server, type Session } from './state.ts'
import { bigint, double, text } from './typing.ts'

/** System variables: as Debian's MariaDB has them, with what the persona says instead of what was recorded. */
type Named = ReadonlyMap<string, string>
const recorded: Named = new Map(mariadb.variables as [string, string][])
const sessionOnly: Named = new Map(
  (mariadb.sessionOnly as [string, string][]).map(([name, value]) => [name.toLowerCase(), value]),
)

/** What MariaDB has and MySQL 8 has not, by its beginning; and what only MySQL has. */
const marias =
  /^(?:aria_|wsrep|columnstore|gtid_(?!mode|next|purged|executed)|join_cache|histogram|rowid|optimizer_(?:use|selectivity|adjust|max_sel)|progress|plugin_maturity|key_cache_(?:file|seg)|extra_|feedback|debug_no|deadlock|encrypt|innodb_(?:encrypt|default_enc|scrub|instant|defrag|prefix|background_scrub|immediate|force_load|compression_(?!level|fail|pad))|in_predicate|idle_|slave_|replicate_|strict_password|tcp_|thread_pool|tmp_disk|use_stat|version_(?!comment|compile)|system_versioning|s3_|secure_timestamp|skip_parallel|skip_replication|sql_if|standard_comp|stored_program_cache|tls|tx_|alter_alg|analyze|aborted|check_const|core_|character_set_coll|default_regex|default_tmp|default_master|log_(?:bin_compress|disabled|slow_|tc|warn)|max_(?:recursive|relay|session|statement|tmp|rowid|password)|mrr|myisam_block|note|userstat|query_cache|lock_wait|expensive|eq_range|datetime_format|date_format|time_format|have_(?:crypt|csv|innodb|part))/
const mysqls: readonly [string, string][] = [
  ['admin_address', ''],
  ['admin_port', '33062'],
  ['authentication_policy', '*,,'],
  ['caching_sha2_password_auto_generate_rsa_keys', 'ON'],
  ['caching_sha2_password_private_key_path', 'private_key.pem'],
  ['caching_sha2_password_public_key_path', 'public_key.pem'],
  ['default_authentication_plugin', 'caching_sha2_password'],
  ['mysqlx_port', '33060'],
  ['performance_schema', 'ON'],
  ['query_cache_size', '0'],
  ['tls_version', 'TLSv1.2,TLSv1.3'],
  ['transaction_isolation', 'REPEATABLE-READ'],
  ['tx_isolation', 'REPEATABLE-READ'],
  ['version_compile_zlib', '1.2.13'],
]

const tables = new WeakMap<Server, Map<string, string>>()
function tableOf(session: Session): Map<string, string> {
  const known = tables.get(session.server)
  if (known) return known
  const { cx, server } = session
  const { persona } = cx
  const mysql = server.product === 'MySQL'
  const found = new Map([...recorded].filter(([name]) => !mysql || !marias.test(name)))
  const [number] = server.version.split('-')
  const facts: [string, string][] = [
    ['hostname', persona.hostname],
    ['version', server.version],
    ['version_comment', mysql ? '(Ubuntu)' : `Debian ${persona.os.version}`],
    ['innodb_version', number!],
    ['report_host', ''],
    ['wsrep_node_name', persona.hostname],
    ['server_uid', persona.derive('mysql server uid', 20).toString('base64')],
    ['secure_file_priv', mysql ? '/var/lib/mysql-files/' : ''],
    ['bind_address', '0.0.0.0'],
    ['have_ssl', mysql ? 'YES' : 'DISABLED'],
    ['have_openssl', 'YES'],
    [
      'system_time_zone',
      persona.timezone.offset === 0 ? 'UTC' : persona.timezone.name === 'Asia/Tokyo' ? 'JST' : 'UTC',
    ],
    ...(mysql
      ? ([
          ['version_compile_os', 'Linux'],
          ['collation_server', 'utf8mb4_0900_ai_ci'],
          ['collation_connection', 'utf8mb4_0900_ai_ci'],
          ['collation_database', 'utf8mb4_0900_ai_ci'],
          ...mysqls,
        ] as [string, string][])
      : []),
  ]
  for (const [name, value] of facts) if (mysql || found.has(name)) found.set(name, value)
  tables.set(server, found)
  return found
}

/** Every variable by name, as SHOW VARIABLES has them. */
export function allVariables(session: Session, scope: 'global' | 'session'): [string, string][] {
  const merged = new Map(tableOf(session))
  if (scope === 'session')
    for (const name of sessionOnly.keys()) merged.set(name, valueText(session, name, undefined) ?? '')
  return [...merged.keys()].toSorted().map(name => [name, valueText(session, name, scope) ?? ''])
}

function valueText(session: Session, name: string, scope: 'global' | 'session' | undefined): string | undefined {
  const { cx, server } = session
  const set = (scope === 'global' ? undefined : session.variables.get(name)) ?? server.globals.get(name)
  if (set !== undefined && set !== null) return shownSetting(name, set, session)
  switch (name) {
    case 'timestamp':
      return (now(session) / 1000).toFixed(6)
    case 'last_insert_id':
    case 'identity':
      return String(session.inserted)
    case 'in_transaction':
      return session.work.open ? '1' : '0'
    case 'pseudo_thread_id':
      return String(session.thread)
    case 'warning_count':
    case 'error_count':
      return String(session.warnings.length)
    case 'rand_seed1':
    case 'rand_seed2':
      return String(cx.random(4).readUInt32LE() >>> 2)
    default:
      return tableOf(session).get(name) ?? sessionOnly.get(name)
  }
}
const shownSetting = (name: string, value: Exclude<Value, null>, session: Session): string =>
  typeof value === 'bigint' && /^(?:ON|OFF)$/.test(tableOf(session).get(name) ?? sessionOnly.get(name) ?? '')
    ? value
      ? 'ON'
      : 'OFF'
    : typeof value === 'number'
      ? doubleText(value)
      : String(value)

/** `@@name`. */
export function systemVariable(
  session: Session,
  given: string,
  scope: 'global' | 'session' | undefined,
): { value: Value; type: Type } {
  const name = given.toLowerCase()
  const shown = valueText(session, name, scope)
  if (shown === undefined) throw new MysqlError(1193, 'HY000', `Unknown system variable '${given}'`)
  if (scope === 'global' && sessionOnly.has(name) && !tableOf(session).has(name))
    throw new MysqlError(1238, 'HY000', `Variable '${given}' is a SESSION variable`)
  if (
    /^(?:ON|OFF|YES|NO)$/.test(shown) &&
    !/^have_|character|^plugin|^default|policy|format$/.test(name) &&
    /^(?:ON|OFF)$/.test(shown)
  )
    return { value: shown === 'ON' ? 1n : 0n, type: bigint(1) }
  if (/^-?\d+$/.test(shown) && !/version|charset|tls|path|port_file/.test(name)) {
    const value = BigInt(shown)
    return { value, type: bigint(21, value < 0n ? {} : { unsigned: true }) }
  }
  if (/^\d+\.\d+$/.test(shown) && !/version/.test(name))
    return { value: Number(shown), type: { ...double, length: 23 } }
  // One that is a file's name and not set is NULL.
  return { value: shown === '' && name === 'secure_file_priv' ? null : shown, type: text(shown.length) }
}

/** Variables that one session, and one server, may have set: no more than there are. */
const readOnly =
  /^(?:version|hostname|port|basedir|datadir|socket|pid_file|plugin_dir|secure_file_priv|lower_case_table_names|license|have_|innodb_version|performance_schema$|bind_address|log_error|skip_|server_uid|tmpdir|protocol_version|system_time_zone|character_sets_dir|version_)/
const globalOnly =
  /^(?:general_log|slow_query_log_file|log_bin_trust|max_connections$|read_only|event_scheduler|innodb_|key_buffer|local_infile|log_output|connect_timeout|max_connect_errors|init_connect|thread_cache|table_open)/

/** SET; the value as the variable takes it. */
export function setVariable(
  session: Session,
  given: string,
  scope: 'global' | 'session' | undefined,
  value: Value,
): void {
  const name = given.toLowerCase()
  if (valueText(session, name, undefined) === undefined)
    throw new MysqlError(1193, 'HY000', `Unknown system variable '${given}'`)
  if (readOnly.test(name)) throw new MysqlError(1238, 'HY000', `Variable '${given}' is a read only variable`)
  if (globalOnly.test(name) && scope !== 'global')
    throw new MysqlError(1229, 'HY000', `Variable '${given}' is a GLOBAL variable and should be set with SET GLOBAL`)
  const before = valueText(session, name, undefined) ?? ''
  let taken = value
  if (/^(?:ON|OFF)$/.test(before)) taken = switched(given, value)
  else if (/^-?\d+$/.test(before) && typeof value === 'string' && !/^-?\d+$/.test(value))
    throw new MysqlError(1232, '42000', `Incorrect argument type to variable '${given}'`)
  const kept = typeof taken === 'string' ? taken.slice(0, 1024) : taken
  if (name === 'general_log_file') checkLogFile(String(kept))
  if (scope === 'global') session.server.globals.set(name, kept)
  else {
    session.variables.set(name, kept)
    if (name === 'autocommit' && kept === 1n) session.work.commit()
  }
}
function switched(name: string, value: Value): Value {
  const shown = String(value).toUpperCase()
  if (/^(?:ON|1|TRUE)$/.test(shown)) return 1n
  if (/^(?:OFF|0|FALSE)$/.test(shown)) return 0n
  throw new MysqlError(
    1231,
    '42000',
    `Variable '${name}' can't be set to the value of '${value === null ? 'NULL' : value}'`,
  )
}

/** SHOW STATUS: as recorded from a server that had just begun, with what has come since. */
export function allStatus(session: Session): [string, string][] {
  const { cx, server } = session
  const up = Math.max(1, Math.floor((now(session) - server.startedAt) / 1000))
  const facts = new Map<string, string>([
    ['Uptime', String(up)],
    ['Uptime_since_flush_status', String(up)],
    ['Connections', String(server.thread)],
    ['Questions', String(Math.floor(up / 3) + session.questions)],
    ['Queries', String(Math.floor(up / 3) + session.questions)],
    ['Threads_connected', '1'],
    ['Threads_running', '1'],
    ['Aborted_clients', String(cx.persona.derive('mysql aborted', 1)[0])],
    ['Max_used_connections', String(3 + (cx.persona.derive('mysql used', 1)[0]! % 9))],
  ])
  return (mariadb.status as [string, string][]).map(([name, value]) => [name, facts.get(name) ?? value])
}
export const uptime = (session: Session): number => Math.floor((now(session) - session.server.startedAt) / 1000)
