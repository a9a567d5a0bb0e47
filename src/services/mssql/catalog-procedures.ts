import type { Value } from '#sql/value.ts'
import { placeOf, tableNamed } from './catalog.ts'
import { objectsOf } from './described.ts'
import { failed } from './errors.ts'
import { parts } from './functions.ts'
import { matches } from './like.ts'
import { momentAt, shownMoment, worded } from './moments.ts'
import { answer, type Procedure, textArgument } from './procedure.ts'
import { now, serverName } from './state.ts'
import { systemTypes, typeText } from './types.ts'

/** Catalogue procedures: what drivers and tools ask for instead of views. */
const fits = (name: string, pattern: string | undefined) => pattern === undefined || matches(name, pattern, '\\')

const databases: Procedure = call =>
  answer(
    call,
    'DATABASE_NAME:s DATABASE_SIZE:i REMARKS:s',
    [...call.run.session.server.databases.values()]
      .map(({ name, id }): Value[] => [name, BigInt(8192 + id * 1024), null])
      .sort((a, b) => (String(a[0]).toLowerCase() < String(b[0]).toLowerCase() ? -1 : 1)),
  )
const tables: Procedure = call => {
  const { session } = call.run
  const [name, owner, types] = [
    textArgument(call, 0, 'table_name'),
    textArgument(call, 1, 'table_owner'),
    textArgument(call, 3, 'table_type'),
  ]
  const rows = objectsOf(session, session.database.toLowerCase())
    .filter(
      one =>
        /^[UV]$/.test(one.type) &&
        fits(one.name, name) &&
        fits(one.schema, owner) &&
        (types === undefined || types.includes(one.type === 'U' ? "'TABLE'" : "'VIEW'")),
    )
    .map((one): Value[] => [session.database, one.schema, one.name, one.type === 'U' ? 'TABLE' : 'VIEW', null])
  answer(call, 'TABLE_QUALIFIER:s TABLE_OWNER:s TABLE_NAME:s TABLE_TYPE:s REMARKS:s', rows)
}
const columns: Procedure = call => {
  const { session } = call.run
  const [name, column] = [textArgument(call, 0, 'table_name'), textArgument(call, 3, 'column_name')]
  const rows = objectsOf(session, session.database.toLowerCase())
    .filter(one => one.table && fits(one.name, name))
    .flatMap(one =>
      one
        .table!.columns.filter(({ name: own }) => fits(own, column))
        .map(({ name: own, type, increment }, i): Value[] => {
          const [, bytes = 0, precision = 0] = systemTypes.get(type.name) ?? []
          const length = type.length ?? bytes
          return [
            session.database,
            one.schema,
            one.name,
            own,
            BigInt(odbcTypes.get(type.name) ?? -9),
            increment ? `${type.name} identity` : type.name,
            BigInt(precision || (length < 0 ? 0 : length)),
            BigInt(length < 0 ? 0 : /^n/.test(type.name) ? length * 2 : length),
            type.notNull ? 0n : 1n,
            BigInt(i + 1),
            type.notNull ? 'NO' : 'YES',
          ]
        }),
    )
  answer(
    call,
    'TABLE_QUALIFIER:s TABLE_OWNER:s TABLE_NAME:s COLUMN_NAME:s DATA_TYPE:h TYPE_NAME:s PRECISION:i LENGTH:i NULLABLE:h ORDINAL_POSITION:i IS_NULLABLE:s',
    rows,
  )
}
const odbcTypes = new Map([
  ['int', 4],
  ['bigint', -5],
  ['smallint', 5],
  ['tinyint', -6],
  ['bit', -7],
  ['varchar', 12],
  ['char', 1],
  ['nvarchar', -9],
  ['nchar', -8],
  ['datetime', 11],
  ['datetime2', -9],
  ['date', -9],
  ['float', 6],
  ['real', 7],
  ['decimal', 3],
  ['numeric', 2],
  ['money', 3],
  ['varbinary', -3],
  ['text', -1],
  ['ntext', -10],
  ['image', -4],
  ['uniqueidentifier', -11],
])
const keys: Procedure = call => {
  const { session } = call.run
  const table = tableNamed(session.server, placeOf(session, parts(textArgument(call, 0, 'table_name') ?? '')))
  const rows = (table?.keys ?? [])
    .filter(({ kind }) => kind === 'primary')
    .flatMap(({ name, columns: of }) =>
      of.map((own, i): Value[] => [session.database, 'dbo', table!.name, own, BigInt(i + 1), name ?? null]),
    )
  answer(call, 'TABLE_QUALIFIER:s TABLE_OWNER:s TABLE_NAME:s COLUMN_NAME:s KEY_SEQ:h PK_NAME:s', rows)
}
const helpDatabase: Procedure = call => {
  const { session } = call.run
  const wanted = textArgument(call, 0)
  const rows = [...session.server.databases.values()].filter(
    ({ name }) => wanted === undefined || name.toLowerCase() === wanted.toLowerCase(),
  )
  if (rows.length === 0)
    throw failed(
      15_010,
      `The database '${wanted}' does not exist. Supply a valid database name. To see available databases, use sys.databases.`,
    )
  answer(
    call,
    'name:s db_size:s owner:s dbid:h created:s status:d compatibility_level:h',
    rows.map(({ name, id, createdAt }): Value[] => [
      name,
      `${(16 + id).toFixed(2).padStart(10)} MB`,
      'sa',
      BigInt(id),
      worded(momentAt(createdAt)).slice(0, 11),
      'Status=ONLINE, Updateability=READ_WRITE, UserAccess=MULTI_USER, Recovery=SIMPLE',
      session.server.version.startsWith('15.') ? 150n : 160n,
    ]),
  )
}
const help: Procedure = call => {
  const { session } = call.run
  const wanted = textArgument(call, 0)
  const all = objectsOf(session, session.database.toLowerCase())
  if (wanted === undefined)
    return answer(
      call,
      'Name:s Owner:s Object_type:s',
      all.map(({ name, schema, type }): Value[] => [
        name,
        schema,
        type === 'U' ? 'user table' : type === 'V' ? 'view' : 'stored procedure',
      ]),
    )
  const found = all.find(({ name }) => name.toLowerCase() === parts(wanted).at(-1)!.toLowerCase())
  if (!found)
    throw failed(
      15_009,
      `The object '${wanted}' does not exist in database '${session.database}' or is invalid for this operation.`,
    )
  answer(call, 'Name:s Owner:s Type:s Created_datetime:t', [
    [found.name, found.schema, found.type === 'U' ? 'user table' : 'view', found.created],
  ])
  if (found.table)
    answer(
      call,
      'Column_name:s Type:s Computed:s Length:i Nullable:s',
      found.table.columns.map(({ name, type }): Value[] => [
        name,
        type.name,
        'no',
        BigInt(type.length ?? systemTypes.get(type.name)?.[1] ?? 0),
        type.notNull ? 'no' : 'yes',
      ]),
    )
}
const helpText: Procedure = call => {
  const { session } = call.run
  const wanted = textArgument(call, 0) ?? ''
  const found = objectsOf(session, session.database.toLowerCase()).find(
    ({ name }) => name.toLowerCase() === parts(wanted).at(-1)!.toLowerCase(),
  )
  if (!found)
    throw failed(
      15_009,
      `The object '${wanted}' does not exist in database '${session.database}' or is invalid for this operation.`,
    )
  answer(
    call,
    'Text:d',
    (found.text ?? '').split('\n').map(line => [`${line}\n`]),
  )
}
const who: Procedure = call => {
  const { session } = call.run
  const rows: Value[][] = [1, 7, 9, 14, 21].map((id, i) => [
    BigInt(id),
    0n,
    i ? 'sleeping' : 'background',
    'sa',
    '',
    '0',
    'master',
    ['XTP_CKPT_AGENT', 'LAZY WRITER', 'LOCK MONITOR', 'SIGNAL HANDLER', 'BRKR TASK'][i]!,
    0n,
  ])
  rows.push([BigInt(session.id), 0n, 'runnable', session.user, session.host, '0', session.database, 'SELECT', 0n])
  if (call.name === 'sp_who')
    return answer(call, 'spid:h ecid:h status:s loginame:s hostname:s blk:s dbname:s cmd:s request_id:i', rows)
  answer(
    call,
    'SPID:s Status:s Login:s HostName:s BlkBy:s DBName:s Command:s CPUTime:i DiskIO:i LastBatch:s ProgramName:s',
    rows.map(([id, , status, user, host, , database, command]) => [
      `${id}`.padEnd(5),
      status!,
      user!,
      host || '  .',
      '  .',
      database!,
      command!,
      0n,
      0n,
      shownMoment(momentAt(now(session)), 0).slice(5),
      session.id === Number(id) ? session.app : '',
    ]),
  )
}
const quietly: Procedure = () => 0
const noRows =
  (shape: string): Procedure =>
  call =>
    answer(call, shape, [])

export const catalogProcedures: readonly (readonly [string, Procedure])[] = [
  ['sp_databases', databases],
  ['sp_tables', tables],
  ['sp_tables_rowset', tables],
  ['sp_columns', columns],
  ['sp_columns_100', columns],
  ['sp_pkeys', keys],
  ['sp_helpdb', helpDatabase],
  ['sp_help', help],
  ['sp_helptext', helpText],
  ['sp_who', who],
  ['sp_who2', who],
  [
    'sp_linkedservers',
    call =>
      answer(call, 'SRV_NAME:s SRV_PROVIDERNAME:s SRV_PRODUCT:s SRV_DATASOURCE:s', [
        [serverName(call.run.session.cx), 'SQLNCLI', 'SQL Server', serverName(call.run.session.cx)],
        ...[...call.run.session.server.linked].map(([name, { provider, source }]): Value[] => [
          name,
          provider,
          '',
          source,
        ]),
      ]),
  ],
  [
    'sp_helpserver',
    call =>
      answer(call, 'name:s network_name:s status:d id:s', [
        [serverName(call.run.session.cx), serverName(call.run.session.cx), 'rpc,rpc out,use remote collation', '0'],
      ]),
  ],
  [
    'sp_helpuser',
    call =>
      answer(call, 'UserName:s RoleName:s LoginName:s DefDBName:s', [
        ['dbo', 'db_owner', 'sa', 'master'],
        ['guest', 'public', null, null],
      ]),
  ],
  [
    'sp_helprole',
    call =>
      answer(call, 'RoleName:s RoleId:i IsAppRole:i', [
        ['public', 0n, 0n],
        ['db_owner', 16_384n, 0n],
      ]),
  ],
  ['sp_helpextendedproc', noRows('name:s dll:d')],
  ['sp_stored_procedures', noRows('PROCEDURE_QUALIFIER:s PROCEDURE_OWNER:s PROCEDURE_NAME:s')],
  ['sp_statistics', noRows('TABLE_QUALIFIER:s TABLE_OWNER:s TABLE_NAME:s')],
  ['sp_fkeys', noRows('PKTABLE_QUALIFIER:s PKTABLE_OWNER:s PKTABLE_NAME:s')],
  ['sp_helpindex', noRows('index_name:s index_description:d index_keys:d')],
  ['sp_helpconstraint', noRows('constraint_type:s constraint_name:s')],
  ['sp_lock', noRows('spid:h dbid:h ObjId:i IndId:h Type:s Resource:s Mode:s Status:s')],
  [
    'sp_datatype_info',
    call =>
      answer(
        call,
        'TYPE_NAME:s DATA_TYPE:h PRECISION:i',
        [...odbcTypes].map(([name, id]): Value[] => [
          typeText({ name }),
          BigInt(id),
          BigInt(systemTypes.get(name)?.[2] ?? 0),
        ]),
      ),
  ],
  ...[
    'sp_dropextendedproc',
    'sp_dropserver',
    'sp_serveroption',
    'sp_dboption',
    'sp_dbcmptlevel',
    'sp_procoption',
    'sp_tableoption',
    'sp_bindefault',
    'sp_settriggerorder',
    'sp_recompile',
    'sp_refreshview',
    'sp_updatestats',
    'sp_attach_db',
    'sp_detach_db',
    'sp_reset_connection',
    'sp_set_session_context',
    'sp_trace_setstatus',
    'sp_trace_create',
    'sp_cycle_errorlog',
    'xp_logevent',
    'sp_add_trusted_assembly',
    'sp_drop_trusted_assembly',
    'sp_addmessage',
    'sp_altermessage',
    'sp_monitor',
    'sp_makewebtask',
    'sp_runwebtask',
    'sp_addextendedproperty',
    'sp_getapplock',
    'sp_releaseapplock',
    'sp_send_dbmail',
    'sp_invalidate_textptr',
    'sp_setapprole',
    'sp_msset_sqlserver_role',
    'xp_sprintf',
    'xp_sqlmaint',
    'sp_replwritetovarbin',
  ].map(name => [name, quietly] as const),
]
