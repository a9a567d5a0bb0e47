import { text } from '#events/text.ts'
import type { Expression } from '#sql/ast.ts'
import type { Result } from '#sql/engine.ts'
import { SqlError } from '#sql/error.ts'
import type { Type, Value } from '#sql/value.ts'
import { enabled } from './configure.ts'
import { sysname, t, wide } from './define.ts'
import { failed } from './errors.ts'
import { fileAt, listed, remote } from './shell.ts'
import type { Session } from './state.ts'
import { widened } from './texts.ts'

type CallOf = Extract<Expression, { is: 'call' }>
const result = (columns: readonly (readonly [string, Type])[], rows: Value[][]): Result => ({
  fields: columns.map(([name, type]) => ({ table: '', name, type })),
  rows,
})
const int: Type = { name: 'int' }

/** Functions behind FROM; without `args`, their columns alone. */
export function rowsOf(session: Session, call: CallOf, args: readonly Value[] | undefined): Result {
  const given = args?.map(one => (one === null ? '' : t(one)))
  switch (call.name) {
    case 'openrowset':
    case 'opendatasource':
      return openRowset(session, call, given)
    case 'openquery':
      throw failed(
        7202,
        `Could not find server '${given?.[0] ?? ''}' in sys.servers. Verify that the correct server name was specified. If necessary, execute the stored procedure sp_addlinkedserver to add the server to sys.servers.`,
        { class: 11, state: 2, ends: true },
      )
    case 'string_split': {
      const parts = given ? (given[1] === '' ? [given[0]!] : given[0]!.split(given[1] ?? ',')) : []
      if (parts.length > 10_000) throw new SqlError('too much', ['rows'])
      return result(
        [['value', wide(4000)]],
        parts.map(one => [one]),
      )
    }
    case 'generate_series': {
      const [from = 0, to = 0, by = 1] = (given ?? []).map(Number)
      const count = Math.floor((to - from) / (by || 1)) + 1
      if (count > 100_000) throw new SqlError('too much', ['rows'])
      return result(
        [['value', int]],
        given ? Array.from({ length: Math.max(0, count) || 0 }, (_, i) => [BigInt(Math.trunc(from + i * by))]) : [],
      )
    }
    case 'dm_os_enumerate_filesystem': {
      const rows = given && !remote(session, given[0] ?? '', call.name) ? listed(session, given[0] ?? '') : []
      return result(
        [
          ['full_filesystem_path', wide(255)],
          ['parent_directory', wide(255)],
          ['file_or_directory_name', wide(255)],
          ['level', int],
          ['is_directory', { name: 'bit' }],
          ['size_in_bytes', { name: 'bigint' }],
        ],
        rows.map(({ name, file }) => [`${given![0]}/${name}`, given![0]!, name, 0n, file ? 0n : 1n, file ? 4096n : 0n]),
      )
    }
    case 'dm_os_file_exists': {
      const found =
        given && !remote(session, given[0] ?? '', call.name) ? fileAt(session, given[0] ?? '') !== undefined : false
      return result(
        [
          ['file_exists', { name: 'bit' }],
          ['file_is_a_directory', { name: 'bit' }],
          ['parent_directory_exists', { name: 'bit' }],
        ],
        given ? [[found ? 1n : 0n, 0n, 1n]] : [],
      )
    }
    case 'fn_my_permissions':
      return result(
        [
          ['entity_name', sysname],
          ['subentity_name', sysname],
          ['permission_name', wide(60)],
        ],
        given
          ? ['CONTROL SERVER', 'CONNECT SQL', 'ALTER ANY LOGIN', 'VIEW SERVER STATE', 'ADMINISTER BULK OPERATIONS'].map(
              one => ['server', '', one],
            )
          : [],
      )
    case 'dm_exec_sql_text':
    case 'fn_get_sql':
      return result(
        [
          ['dbid', { name: 'smallint' }],
          ['objectid', int],
          ['number', { name: 'smallint' }],
          ['encrypted', { name: 'bit' }],
          ['text', wide(-1)],
        ],
        [],
      )
    case 'fn_listextendedproperty':
      return result(
        [
          ['objtype', sysname],
          ['objname', sysname],
          ['name', sysname],
          ['value', { name: 'sql_variant' }],
        ],
        [],
      )
    case 'fn_xe_file_target_read_file':
    case 'fn_get_audit_file':
    case 'fn_trace_gettable':
      if (given) remote(session, given[0] ?? '', call.name)
      return result(
        [
          ['module_guid', { name: 'uniqueidentifier' }],
          ['object_name', sysname],
          ['event_data', wide(-1)],
          ['file_name', wide(260)],
        ],
        [],
      )
    case 'openjson':
      return result(
        [
          ['key', wide(4000)],
          ['value', wide(-1)],
          ['type', { name: 'tinyint' }],
        ],
        [],
      )
    case 'fn_helpcollations':
      return result(
        [
          ['name', sysname],
          ['description', wide(1000)],
        ],
        given
          ? [
              [
                'SQL_Latin1_General_CP1_CI_AS',
                'Latin1-General, case-insensitive, accent-sensitive, kanatype-insensitive, width-insensitive for Unicode Data, SQL Server Sort Order 52 on Code Page 1252 for non-Unicode Data',
              ],
            ]
          : [],
      )
    default:
      throw new SqlError('no table', [call.schema === undefined ? call.name : `${call.schema}.${call.name}`])
  }
}

/** OPENROWSET(BULK 'file', SINGLE_…): a file as one cell; with a provider, another server's rows, which there are none of. */
function openRowset(session: Session, call: CallOf, given: readonly string[] | undefined): Result {
  const words = call.args.map(one => (one.is === 'literal' ? one.text : ''))
  const bulk = /^bulk$/i.test(words[0] ?? '')
  const path = words[1] ?? ''
  if (bulk) {
    const kind = words.find(word => /^single_/i.test(word))?.toUpperCase() ?? 'SINGLE_CLOB'
    const type: Type =
      kind === 'SINGLE_BLOB'
        ? { name: 'varbinary', length: -1 }
        : { name: kind === 'SINGLE_NCLOB' ? 'nvarchar' : 'varchar', length: -1 }
    if (!given) return result([['BulkColumn', type]], [])
    return result([['BulkColumn', type]], [[bulkRead(session, path, kind)]])
  }
  const { record } = session.cx
  const shown = text(Buffer.from(words.join(', '), 'utf8'), 512)
  const server = /(?:server|data source)\s{0,9}=\s{0,9}([^;,\s]{1,255})/i.exec(words.join(';'))?.[1] ?? words[1] ?? ''
  if (!given) {
    record.exploit({ id: 'mssql-openrowset', name: 'Another server asked through OPENROWSET', evidence: shown })
    record.outboundAttempt({ host: server.split(/[,\\]/)[0] || 'localhost', port: 1433, tool: call.name, sent: shown })
  }
  if (!enabled(session, 'Ad Hoc Distributed Queries'))
    throw failed(
      15_281,
      `SQL Server blocked access to STATEMENT 'OpenRowset/OpenDatasource' of component 'Ad Hoc Distributed Queries' because this component is turned off as part of the security configuration for this server. A system administrator can enable the use of 'Ad Hoc Distributed Queries' by using sp_configure. For more information about enabling 'Ad Hoc Distributed Queries', search for 'Ad Hoc Distributed Queries' in SQL Server Books Online.`,
      { ends: true },
    )
  throw failed(
    7303,
    `Cannot initialize the data source object of OLE DB provider "${words[0] ?? 'MSOLEDBSQL'}" for linked server "(null)".`,
    { ends: true },
  )
}
export function bulkRead(session: Session, path: string, kind: string): string {
  const missing = () =>
    failed(4860, `Cannot bulk load. The file "${path}" does not exist or you don't have file access rights.`, {
      ends: true,
    })
  if (remote(session, path, 'bulk')) throw missing()
  const found = fileAt(session, path)
  session.cx.record.fileRead({ path: text(Buffer.from(path, 'utf8'), 512), size: found?.length ?? 0 })
  if (found === undefined) throw missing()
  return kind === 'SINGLE_BLOB' ? found : widened(Buffer.from(found, 'latin1'))
}
