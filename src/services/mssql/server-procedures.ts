import { placeOf, tableNamed } from './catalog.ts'
import { objectsOf } from './described.ts'
import { failed, named } from './errors.ts'
import { parts } from './functions.ts'
import { answer, type Procedure, textArgument } from './procedure.ts'
import { runWithin } from './run.ts'
import { MOST_THINGS } from './state.ts'
import { stamp } from './views-define.ts'

const property: Procedure = call =>
  answer(call, 'attribute_id:i attribute_name:s attribute_value:d', [
    [1n, 'DBMS_NAME', 'Microsoft SQL Server'],
    [
      2n,
      'DBMS_VER',
      `Microsoft ${call.run.session.cx.persona.software.mssql.product} - ${call.run.session.server.version}`,
    ],
    [10n, 'OWNER_TERM', 'owner'],
    [11n, 'TABLE_TERM', 'table'],
    [12n, 'MAX_OWNER_NAME_LENGTH', '128'],
    [18n, 'COLLATION_SEQ', 'charset=iso_1 sort_order=nocase_iso charset_num=1 sort_order_num=52'],
  ])
const space: Procedure = call => {
  const { session } = call.run
  const name = textArgument(call, 0)
  if (name === undefined) {
    answer(call, 'database_name:s database_size:s unallocated~space:s', [[session.database, '16.00 MB', '5.47 MB']])
    return answer(call, 'reserved:s data:s index_size:s unused:s', [['2640 KB', '1024 KB', '1072 KB', '544 KB']])
  }
  const table = tableNamed(session.server, placeOf(session, parts(name)))
  if (!table)
    throw failed(
      15_009,
      `The object '${name}' does not exist in database '${session.database}' or is invalid for this operation.`,
    )
  answer(call, 'name:s rows:s reserved:s data:s index_size:s unused:s', [
    [table.name, String(table.rows.length).padEnd(20), '72 KB', '8 KB', '8 KB', '56 KB'],
  ])
}
/** sp_MSforeachdb and sp_MSforeachtable: a text for each, `?` its name. */
const forEach: Procedure = async call => {
  const { session } = call.run
  const text = textArgument(call, 0, 'command1') ?? ''
  const names =
    call.name === 'sp_msforeachdb'
      ? [...session.server.databases.values()].map(({ name }) => name)
      : objectsOf(session, session.database.toLowerCase())
          .filter(({ type }) => type === 'U')
          .map(({ schema, name }) => `[${schema}].[${name}]`)
  if (text.length > 4000) return 1
  for (const name of names) await runWithin(text.replaceAll('?', name), call.run)
  return 0
}
const rename: Procedure = call => {
  const { session } = call.run
  const path = parts(textArgument(call, 0, 'objname') ?? '')
  const to = named(textArgument(call, 1, 'newname') ?? '')
  const table = tableNamed(session.server, placeOf(session, path))
  const column = table
    ? undefined
    : tableNamed(session.server, placeOf(session, path.slice(0, -1).length ? path.slice(0, -1) : ['']))?.columns.find(
        ({ name }) => name.toLowerCase() === path.at(-1)!.toLowerCase(),
      )
  if (table)
    for (const tables of session.server.catalog.schemas.values())
      if (tables.get(table.name) === table) {
        tables.delete(table.name)
        table.name = to
        tables.set(to, table)
      }
  if (column) column.name = to
  if (!table && !column)
    throw failed(
      15_225,
      `No item by the name of '${path.join('.')}' could be found in the current database '${session.database}', given that @itemtype was input as '(null)'.`,
    )
  call.run.sink.notice({
    number: 15_477,
    state: 1,
    class: 0,
    text: 'Caution: Changing any part of an object name could break scripts and stored procedures.',
    procedure: 'sp_rename',
  })
}
const link: Procedure = call => {
  const { server, cx } = call.run.session
  const name = textArgument(call, 0, 'server') ?? ''
  const source = textArgument(call, -1, 'datasrc') ?? name
  cx.record.outboundAttempt({
    host: (source.split(/[,\\]/)[0] || name).slice(0, 255),
    port: Number(source.split(',')[1]) || 1433,
    tool: 'sp_addlinkedserver',
  })
  if (server.linked.size < MOST_THINGS)
    server.linked.set(named(name), {
      provider: (textArgument(call, 2, 'provider') ?? 'SQLNCLI').slice(0, 128),
      source: source.slice(0, 512),
    })
}
const extended: Procedure = call => {
  const library = textArgument(call, 1, 'dllname') ?? ''
  call.run.session.cx.record.exploit({
    id: 'mssql-extended-procedure',
    name: 'A library bound as an extended procedure',
    evidence: `${textArgument(call, 0) ?? ''} ${library}`.slice(0, 256),
  })
}
const version: Procedure = call => {
  const { cx, server } = call.run.session
  answer(call, 'Index:h Name:s Internal_Value:i Character_Value:d', [
    [1n, 'ProductName', null, 'Microsoft SQL Server'],
    [2n, 'ProductVersion', BigInt(Number(server.version.split('.')[0]) << 16), server.version],
    [3n, 'Language', 1033n, 'English (United States)'],
    [4n, 'Platform', null, 'NT x64'],
    [15n, 'WindowsVersion', 602n, '6.3'],
    [16n, 'ProcessorCount', BigInt(cx.persona.cpu.cores), String(cx.persona.cpu.cores)],
    [
      19n,
      'PhysicalMemory',
      BigInt(Math.floor(cx.persona.memory / 2 ** 20)),
      `${Math.floor(cx.persona.memory / 2 ** 20)} (${cx.persona.memory})`,
    ],
  ])
}
const errorLog: Procedure = call => {
  const { server } = call.run.session
  const at = (seconds: number) => stamp(server.startedAt + seconds * 1000)
  answer(call, 'LogDate:t ProcessInfo:s Text:m', [
    [at(0), 'Server', `Microsoft SQL Server - ${server.version} (X64)`],
    [at(1), 'Server', 'Authentication mode is MIXED.'],
    [at(2), 'spid9s', "Starting up database 'master'."],
    [at(4), 'Server', "Server is listening on [ 'any' <ipv4> 1433]."],
    [
      at(4),
      'spid9s',
      'SQL Server is now ready for client connections. This is an informational message; no user action is required.',
    ],
  ])
}
/** What is asked of the server as a whole, and what is done to things by name. */
export const serverProcedures: readonly (readonly [string, Procedure])[] = [
  ['sp_server_info', property],
  ['sp_spaceused', space],
  ['sp_msforeachdb', forEach],
  ['sp_msforeachtable', forEach],
  ['sp_rename', rename],
  ['sp_addlinkedserver', link],
  ['sp_addextendedproc', extended],
  ['xp_msver', version],
  ['xp_readerrorlog', errorLog],
  ['sp_readerrorlog', errorLog],
]
