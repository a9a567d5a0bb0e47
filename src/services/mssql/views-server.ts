import type { View } from './catalog.ts'
import { type Configuration, configurations, runningValue, setValue } from './configure.ts'
import { guidText } from './parameters.ts'
import { isMember, principals } from './people.ts'
import { now, type Session, serverName } from './state.ts'
import { empty, stamp, view } from './views-define.ts'

/** Views of the server as a whole, as sys and master.dbo have them. */
const databases = (session: Session) =>
  [...session.server.databases.values()].map(({ id, name, createdAt, trustworthy, recovery }) => ({
    name,
    dbid: BigInt(id),
    sid: '\x01',
    mode: 0n,
    status: 65_544n,
    status2: 1_627_389_952n,
    crdate: stamp(createdAt),
    reserved: '1900-01-01 00:00:00.000',
    category: 0n,
    cmptlevel: session.server.version.startsWith('15.') ? 150n : 160n,
    filename: `/var/opt/mssql/data/${name === 'master' ? 'master' : name === 'msdb' ? 'MSDBData' : name === 'tempdb' ? 'tempdb' : name}.mdf`,
    version: session.server.version.startsWith('15.') ? 904n : 957n,
    database_id: BigInt(id),
    owner_sid: '\x01',
    create_date: stamp(createdAt),
    compatibility_level: session.server.version.startsWith('15.') ? 150n : 160n,
    collation_name: 'SQL_Latin1_General_CP1_CI_AS',
    user_access: 0n,
    user_access_desc: 'MULTI_USER',
    is_read_only: 0n,
    is_auto_close_on: 0n,
    is_auto_shrink_on: 0n,
    state: 0n,
    state_desc: 'ONLINE',
    is_in_standby: 0n,
    snapshot_isolation_state: 0n,
    is_read_committed_snapshot_on: 0n,
    recovery_model: recovery === 'FULL' ? 1n : 3n,
    recovery_model_desc: recovery,
    page_verify_option_desc: 'CHECKSUM',
    is_trustworthy_on: trustworthy ? 1n : 0n,
    is_db_chaining_on: id <= 2 || id === 4 ? 1n : 0n,
    is_broker_enabled: id === 4 || id === 2 ? 1n : 0n,
    is_encrypted: 0n,
    is_fulltext_enabled: 0n,
    log_reuse_wait: 0n,
    log_reuse_wait_desc: 'NOTHING',
    containment: 0n,
    containment_desc: 'NONE',
  }))
const settings = (session: Session) =>
  configurations.map(one => ({
    ...configured(one),
    value: BigInt(setValue(session, one)),
    value_in_use: BigInt(runningValue(session, one)),
    config: BigInt(one.id),
    comment: one.name,
    status: 1n,
  }))
const configured = ({ id, name, least, most, advanced, dynamic }: Configuration) => ({
  configuration_id: BigInt(id),
  name,
  minimum: BigInt(least),
  maximum: BigInt(most),
  description: name,
  is_dynamic: dynamic ? 1n : 0n,
  is_advanced: advanced ? 1n : 0n,
})
const people = (session: Session) =>
  principals(session).map(({ name, id, kind, sid, created, disabled, sysadmin, hash }) => ({
    name,
    loginname: name,
    principal_id: BigInt(id),
    sid,
    type: kind,
    type_desc: kind === 'S' ? 'SQL_LOGIN' : kind === 'R' ? 'SERVER_ROLE' : 'WINDOWS_LOGIN',
    is_disabled: disabled ? 1n : 0n,
    create_date: created,
    modify_date: created,
    createdate: created,
    updatedate: created,
    accdate: created,
    default_database_name: 'master',
    default_language_name: 'us_english',
    dbname: 'master',
    language: 'us_english',
    is_fixed_role: kind === 'R' && id < 11 ? 1n : 0n,
    is_policy_checked: 1n,
    is_expiration_checked: 0n,
    password_hash: hash,
    password: hash === null ? null : '',
    denylogin: 0n,
    hasaccess: 1n,
    isntname: kind === 'U' ? 1n : 0n,
    isntgroup: 0n,
    isntuser: 0n,
    sysadmin: sysadmin ? 1n : 0n,
    securityadmin: 0n,
    serveradmin: 0n,
    setupadmin: 0n,
    processadmin: 0n,
    diskadmin: 0n,
    dbcreator: 0n,
    bulkadmin: 0n,
  }))
const sessions = (session: Session) => {
  const { cx, server } = session
  const database = server.databases.get(session.database.toLowerCase())
  const own = {
    session_id: BigInt(session.id),
    spid: BigInt(session.id),
    connection_id: guidText(cx.persona.derive(`mssql connection ${session.id}`, 16)),
    login_time: stamp(session.connectedAt),
    connect_time: stamp(session.connectedAt),
    host_name: session.host,
    hostname: session.host.padEnd(128),
    program_name: session.app,
    host_process_id: 0n,
    client_interface_name: session.library,
    login_name: session.user,
    loginame: session.user,
    original_login_name: session.user,
    status: 'running',
    cmd: 'SELECT',
    command: 'SELECT',
    database_id: BigInt(database?.id ?? 1),
    dbid: BigInt(database?.id ?? 1),
    is_user_process: 1n,
    net_transport: 'TCP',
    protocol_type: 'TSQL',
    encrypt_option: cx.encrypted ? 'TRUE' : 'FALSE',
    auth_scheme: 'SQL',
    client_net_address: cx.source.ip,
    client_tcp_port: BigInt(cx.source.port),
    local_net_address: cx.destination.ip,
    local_tcp_port: BigInt(cx.destination.port),
    net_packet_size: 4096n,
    kpid: 0n,
    blocked: 0n,
    cpu: 0n,
    physical_io: 0n,
    memusage: 2n,
    open_tran: BigInt(session.transactions),
  }
  const system = [1, 7, 9, 14, 21, 28].map((id, i) => ({
    session_id: BigInt(id),
    spid: BigInt(id),
    login_time: stamp(server.startedAt),
    login_name: 'sa',
    loginame: 'sa',
    status: i ? 'sleeping' : 'background',
    cmd: ['XTP_CKPT_AGENT', 'LAZY WRITER', 'LOCK MONITOR', 'SIGNAL HANDLER', 'BRKR TASK', 'CHECKPOINT'][i]!,
    database_id: 1n,
    dbid: 1n,
    is_user_process: 0n,
    hostname: '',
    blocked: 0n,
  }))
  return [...system, own]
}
const SETTINGS =
  'configuration_id:I name:S value:v minimum:v maximum:v value_in_use:v description:S is_dynamic:b is_advanced:b'
const LOGINS =
  'name:S principal_id:I sid:x type:c type_desc:d is_disabled:b create_date:t modify_date:t default_database_name:s default_language_name:s is_fixed_role:b'

export const serverViews: readonly (readonly [string, View])[] = [
  [
    'sys.databases',
    view(
      `name:S database_id:I source_database_id:i owner_sid:x create_date:t compatibility_level:y collation_name:s user_access:y user_access_desc:d is_read_only:b
      is_auto_close_on:b is_auto_shrink_on:b state:y state_desc:d is_in_standby:b snapshot_isolation_state:y is_read_committed_snapshot_on:b recovery_model:y recovery_model_desc:d
      page_verify_option_desc:d is_trustworthy_on:b is_db_chaining_on:b is_broker_enabled:b is_encrypted:b is_fulltext_enabled:b log_reuse_wait:y log_reuse_wait_desc:d containment:y containment_desc:d`,
      databases,
    ),
  ],
  [
    'sys.sysdatabases',
    view(
      'name:S dbid:h sid:x mode:h status:i status2:i crdate:t reserved:t category:i cmptlevel:y filename:n version:h',
      databases,
    ),
  ],
  ['sys.configurations', view(SETTINGS, settings)],
  ['sys.sysconfigures', view('value:i config:I comment:n status:h', settings)],
  ['sys.syscurconfigs', view('value:i config:I comment:n status:h', settings)],
  ['sys.server_principals', view(`${LOGINS} credential_id:i owning_principal_id:i`, people)],
  [
    'sys.sql_logins',
    view(`${LOGINS} credential_id:i is_policy_checked:b is_expiration_checked:b password_hash:x`, session =>
      people(session).filter(({ type }) => type === 'S'),
    ),
  ],
  [
    'sys.syslogins',
    view(
      'sid:x status:h createdate:t updatedate:t accdate:t name:S dbname:s password:s language:s denylogin:i hasaccess:i isntname:i isntgroup:i isntuser:i sysadmin:i securityadmin:i serveradmin:i setupadmin:i processadmin:i diskadmin:i dbcreator:i bulkadmin:i loginname:s',
      session => people(session).filter(({ type }) => type !== 'R'),
    ),
  ],
  [
    'sys.server_role_members',
    view('role_principal_id:I member_principal_id:I', session =>
      principals(session)
        .filter(({ name, kind }) => kind !== 'R' && isMember(session, name))
        .map(({ id }) => ({ role_principal_id: 3n, member_principal_id: BigInt(id) })),
    ),
  ],
  [
    'sys.server_permissions',
    empty(
      'class:y class_desc:d major_id:I minor_id:I grantee_principal_id:I grantor_principal_id:I type:c permission_name:s state:c state_desc:d',
    ),
  ],
  [
    'sys.servers',
    view(
      'server_id:I name:S product:S provider:S data_source:n is_linked:b is_remote_login_enabled:b is_rpc_out_enabled:b is_data_access_enabled:b modify_date:t',
      session => [
        {
          server_id: 0n,
          name: serverName(session.cx),
          product: 'SQL Server',
          provider: 'SQLNCLI',
          data_source: serverName(session.cx),
          is_linked: 0n,
          is_remote_login_enabled: 1n,
          is_rpc_out_enabled: 1n,
          is_data_access_enabled: 0n,
          modify_date: stamp(session.cx.persona.installedAt),
        },
        ...[...session.server.linked].map(([name, { provider, source }], i) => ({
          server_id: BigInt(i + 1),
          name,
          product: '',
          provider,
          data_source: source,
          is_linked: 1n,
          is_remote_login_enabled: 0n,
          is_rpc_out_enabled: 0n,
          is_data_access_enabled: 1n,
          modify_date: stamp(now(session)),
        })),
      ],
    ),
  ],
  [
    'sys.sysservers',
    view('srvid:h srvname:S srvproduct:S providername:S datasource:n', session => [
      {
        srvid: 0n,
        srvname: serverName(session.cx),
        srvproduct: 'SQL Server',
        providername: 'SQLOLEDB',
        datasource: serverName(session.cx),
      },
    ]),
  ],
  ['sys.linked_logins', empty('server_id:I local_principal_id:i uses_self_credential:b remote_name:s modify_date:t')],
  ['sys.credentials', empty('credential_id:I name:S credential_identity:n create_date:t modify_date:t')],
  [
    'sys.dm_exec_sessions',
    view(
      'session_id:h login_time:t host_name:s program_name:s host_process_id:i client_interface_name:s login_name:s status:d database_id:h is_user_process:b original_login_name:s',
      sessions,
    ),
  ],
  [
    'sys.dm_exec_connections',
    view(
      'session_id:i connect_time:t net_transport:d protocol_type:d encrypt_option:d auth_scheme:d client_net_address:s client_tcp_port:i local_net_address:s local_tcp_port:i net_packet_size:i connection_id:u',
      session => sessions(session).slice(-1),
    ),
  ],
  [
    'sys.dm_exec_requests',
    view('session_id:h command:d status:d database_id:h', session => sessions(session).slice(-1)),
  ],
  [
    'sys.sysprocesses',
    view(
      'spid:h kpid:h blocked:h cpu:i physical_io:g memusage:i dbid:h login_time:t open_tran:h status:d hostname:s program_name:s cmd:d loginame:s',
      sessions,
    ),
  ],
  [
    'sys.dm_os_host_info',
    view(
      'host_platform:s host_distribution:s host_release:s host_service_pack_level:s host_sku:i os_language_version:i host_architecture:s',
      ({ cx }) => [
        {
          host_platform: 'Linux',
          host_distribution: cx.persona.os.id === 'debian' ? 'Debian GNU/Linux' : 'Ubuntu',
          host_release: cx.persona.os.version,
          host_service_pack_level: '',
          host_sku: null,
          os_language_version: 0n,
          host_architecture: 'X64',
        },
      ],
    ),
  ],
  [
    'sys.dm_os_windows_info',
    view('windows_release:s windows_service_pack_level:s windows_sku:i os_language_version:I', () => [
      { windows_release: '6.3', windows_service_pack_level: '', windows_sku: 4n, os_language_version: 0n },
    ]),
  ],
  [
    'sys.dm_os_sys_info',
    view(
      'cpu_count:I hyperthread_ratio:I physical_memory_kb:g committed_kb:g sqlserver_start_time:t virtual_machine_type_desc:d socket_count:i',
      ({ cx, server }) => [
        {
          cpu_count: BigInt(cx.persona.cpu.cores),
          hyperthread_ratio: BigInt(cx.persona.cpu.cores),
          physical_memory_kb: BigInt(Math.floor((cx.persona.memory * 0.8) / 1024)),
          committed_kb: BigInt(Math.floor((cx.persona.memory * 0.3) / 1024)),
          sqlserver_start_time: stamp(server.startedAt),
          virtual_machine_type_desc: 'HYPERVISOR',
          socket_count: 1n,
        },
      ],
    ),
  ],
  [
    'sys.dm_server_services',
    view(
      'servicename:s startup_type:i startup_type_desc:s status:i status_desc:s process_id:i service_account:s filename:s is_clustered:s',
      () => [
        {
          servicename: 'SQL Server (MSSQLSERVER)',
          startup_type: 2n,
          startup_type_desc: 'Automatic',
          status: 4n,
          status_desc: 'Running',
          process_id: null,
          service_account: 'mssql',
          filename: '/opt/mssql/bin/sqlservr',
          is_clustered: 'N',
        },
      ],
    ),
  ],
  [
    'sys.messages',
    view('message_id:I language_id:h severity:y is_event_logged:b text:n', () => [
      {
        message_id: 18_456n,
        language_id: 1033n,
        severity: 14n,
        is_event_logged: 1n,
        text: "Login failed for user '%.*ls'.%.*ls%.*ls",
      },
    ]),
  ],
  [
    'sys.endpoints',
    view(
      'name:S endpoint_id:I principal_id:i protocol:y protocol_desc:d type:y type_desc:d state:y state_desc:d',
      () => [
        {
          name: 'TSQL Default TCP',
          endpoint_id: 4n,
          principal_id: 1n,
          protocol: 2n,
          protocol_desc: 'TCP',
          type: 2n,
          type_desc: 'TSQL',
          state: 0n,
          state_desc: 'STARTED',
        },
      ],
    ),
  ],
  [
    'dbo.spt_values',
    view('name:s number:I type:c low:i high:i status:i', () =>
      Array.from({ length: 256 }, (_, i) => ({
        name: null,
        number: BigInt(i),
        type: 'P',
        low: BigInt(i >> 3),
        high: BigInt(1 << (i & 7)),
        status: 0n,
      })),
    ),
  ],
]
