import { commandOutput } from '#access/command.ts'
import { computerOf } from '#access/machine.ts'
import { text } from '#events/text.ts'
import type { Value } from '#sql/value.ts'
import { enabled } from './configure.ts'
import { failed } from './errors.ts'
import { isMember } from './people.ts'
import { answer, argument, type Procedure, textArgument } from './procedure.ts'
import type { Session } from './state.ts'

/** What runs as SQL Server on the pretended machine. */
export const daemon = { argv: ['/opt/mssql/bin/sqlservr'], exe: '/opt/mssql/bin/sqlservr' }

/** Error 15281: a component that sp_configure has turned off. */
export const blocked = (procedure: string, option: string) =>
  failed(
    15_281,
    `SQL Server blocked access to procedure 'sys.${procedure}' of component '${option}' because this component is turned off as part of the security configuration for this server. A system administrator can enable the use of '${option}' by using sp_configure. For more information about enabling '${option}', search for '${option}' in SQL Server Books Online.`,
  )

/** xp_cmdshell: the output by lines of at most 255 characters, NULL at the end. */
const commandShell: Procedure = async call => {
  const { session } = call.run
  const line = textArgument(call, 0) ?? ''
  if (!enabled(session, 'xp_cmdshell')) throw blocked('xp_cmdshell', 'xp_cmdshell')
  if (!isMember(session))
    throw failed(
      229,
      "The EXECUTE permission was denied on the object 'xp_cmdshell', database 'mssqlsystemresource', schema 'sys'.",
      { class: 14, state: 5 },
    )
  if (line.trim() === '') {
    call.run.sink.notice({ number: 50_000, state: 1, class: 0, text: 'The command string is empty.' })
    return 1
  }
  session.cx.record.exploit({
    id: 'mssql-xp-cmdshell',
    name: 'A command run by xp_cmdshell',
    evidence: text(Buffer.from(line, 'utf8'), 512),
  })
  const { output, errors, status } = await commandOutput(session.cx, 'mssql', line.slice(0, 8000), daemon)
  if (/^no_output$/i.test(textArgument(call, 1) ?? '')) return status === 0 ? 0 : 1
  const lines = Buffer.from(output + errors, 'latin1')
    .toString('utf8')
    .replace(/\n$/, '')
    .split('\n')
  const rows = (output + errors === '' ? [] : lines).map((one): Value[] => [one === '' ? null : one.slice(0, 255)])
  answer(call, 'output:d', [...rows, [null]])
  return status === 0 ? 0 : 1
}

/** A name on another machine: reading it sends a proof of the service's account there. Nothing is ever asked for it. */
export function remote(session: Session, path: string, tool: string): boolean {
  const found = /^(?:\\\\|\/\/)([^\\/@\s]{1,255})(?:@(?:SSL@?)?(\d{1,5})?)?[\\/]/i.exec(path)
  if (!found) return false
  const { record } = session.cx
  record.outboundAttempt({
    host: found[1]!,
    port: Number(found[2] ?? 445) || 445,
    tool,
    sent: text(Buffer.from(path, 'utf8'), 512),
  })
  record.exploit({
    id: 'mssql-unc',
    name: 'The server told to read a path on another machine, for the proof that it would send there',
    evidence: text(Buffer.from(path, 'utf8'), 512),
  })
  return true
}

/** Folders that the service's account may look into. */
const folders = new Map([
  ['/', 'bin/ boot/ dev/ etc/ home/ lib/ lib64/ media/ mnt/ opt/ proc/ root/ run/ sbin/ srv/ sys/ tmp/ usr/ var/'],
  ['/opt', 'mssql/ mssql-tools/'],
  ['/opt/mssql', 'bin/ lib/'],
  ['/opt/mssql/bin', 'crash-support-functions.sh handle-crash.sh launchpadd mssql-conf paldumper sqlservr'],
  ['/var', 'backups/ cache/ lib/ local/ lock/ log/ mail/ opt/ run/ spool/ tmp/'],
  ['/var/opt', 'mssql/'],
  ['/var/opt/mssql', '.system/ data/ log/ mssql.conf secrets/'],
  [
    '/var/opt/mssql/log',
    'HkEngineEventFile_0_STARTED.xel errorlog errorlog.1 log.trc sqlagentstartup.log system_health_0_STARTED.xel',
  ],
  ['/var/opt/mssql/secrets', 'machine-key'],
  ['/tmp', ''],
  ['/home', ''],
])
/** `/a/b` for `C:\a\b`, `/a//b/` and the like, as the product's Linux host maps them. */
export const placed = (path: string): string =>
  path
    .replace(/^[A-Za-z]:/, '')
    .replaceAll('\\', '/')
    .replace(/\/+/g, '/')
    .replace(/(.)\/$/, '$1') || '/'

export function listed(session: Session, path: string): { name: string; file: boolean }[] {
  const folder = placed(path)
  const data =
    folder === '/var/opt/mssql/data'
      ? [...session.server.databases.values()].flatMap(({ name }) => [`${name}.mdf`, `${name}_log.ldf`])
      : []
  const own = [...session.server.files.keys()]
    .filter(name => name.startsWith(`${folder}/`) && !name.slice(folder.length + 1).includes('/'))
    .map(name => name.slice(folder.length + 1))
  // Files of events bear the start's FILETIME.
  const started = String((BigInt(session.server.startedAt) + 11_644_473_600_000n) * 10_000n)
  const known = (folders.get(folder) ?? '').replaceAll('STARTED', started)
  return [...known.split(' ').filter(Boolean), ...data, ...own].map(name => ({
    name: name.replace(/\/$/, ''),
    file: !name.endsWith('/'),
  }))
}
const closed =
  /^\/(?:root|home)(?:\/|$)|^\/etc\/(?:g?shadow-?|sudoers|ssl\/private|ssh\/ssh_host_\w+_key$)|^\/(?:proc|sys|dev)\/|\/\.\.?\//
/** A file as the service's account can read it: an attacker's own, or the machine's. */
export function fileAt(session: Session, path: string): string | undefined {
  const name = placed(path)
  const own = session.server.files.get(name)
  if (own !== undefined) return own
  if (closed.test(name) || name.includes('\0') || name.length > 512 || !name.startsWith('/')) return undefined
  return computerOf(session.cx).homeFile('root', `../${name}`)?.toString('latin1')
}

const directoryTree: Procedure = call => {
  const { session } = call.run
  const path = textArgument(call, 0) ?? ''
  const withFiles = argument(call, 2)?.value === 1n
  if (remote(session, path, call.name)) return answer(call, `subdirectory:d depth:i${withFiles ? ' file:i' : ''}`, [])
  session.cx.record.fileRead({ path: text(Buffer.from(path, 'utf8'), 512), size: 0 })
  const rows = listed(session, path).filter(({ file }) => withFiles || !file)
  if (call.name === 'xp_subdirs')
    return answer(
      call,
      'subdirectory:d',
      rows.map(({ name }) => [name]),
    )
  return answer(
    call,
    `subdirectory:d depth:i${withFiles ? ' file:i' : ''}`,
    rows.map(({ name, file }) => [name, 1n, ...(withFiles ? [file ? 1n : 0n] : [])]),
  )
}
const fileExists: Procedure = call => {
  const { session } = call.run
  const path = textArgument(call, 0) ?? ''
  const away = remote(session, path, call.name)
  const file = !away && fileAt(session, path) !== undefined
  const folder = !away && (folders.has(placed(path)) || /^\/(?:etc|usr|bin|tmp|root|home)$/.test(placed(path)))
  if (!away) session.cx.record.fileRead({ path: text(Buffer.from(path, 'utf8'), 512), size: 0 })
  const back = argument(call, 1)
  if (back?.give) back.give(file ? 1n : 0n)
  else
    answer(call, 'File~Exists:i File~is~a~Directory:i Parent~Directory~Exists:i', [
      [file ? 1n : 0n, folder ? 1n : 0n, away ? 0n : 1n],
    ])
}

const nothing: Procedure = () => 0
export const shellProcedures: readonly (readonly [string, Procedure])[] = [
  ['xp_cmdshell', commandShell],
  ['xp_dirtree', directoryTree],
  ['xp_subdirs', directoryTree],
  ['xp_fileexist', fileExists],
  [
    'xp_fixeddrives',
    call =>
      answer(call, 'drive:s MB~free:i', [['C', BigInt(Math.floor((call.run.session.cx.persona.disk * 0.6) / 1e6))]]),
  ],
  [
    'xp_availablemedia',
    call => answer(call, 'name:s low~free:i high~free:i media~type:i', [['C:\\', 1_433_600n, 8n, 2n]]),
  ],
  ['xp_create_subdir', nothing],
  ['xp_delete_file', nothing],
  ['xp_delete_files', nothing],
  ['xp_copy_file', nothing],
  ['xp_getnetname', call => answer(call, 'Server~Net~Name:s', [[call.run.session.cx.persona.hostname.toUpperCase()]])],
  ['xp_enumgroups', call => answer(call, 'group:s comment:d', [])],
  ['xp_logininfo', call => answer(call, 'account~name:s type:s privilege:s mapped~login~name:s permission~path:s', [])],
  [
    'xp_loginconfig',
    call =>
      answer(call, 'name:s config_value:s', [
        ['login mode', 'Mixed'],
        ['default login', 'guest'],
        ['default domain', call.run.session.cx.persona.hostname.toUpperCase()],
        ['audit level', 'failure'],
        ['set hostname', 'false'],
      ]),
  ],
  ['xp_servicecontrol', call => answer(call, 'Current~Service~State:s', [['Running.']])],
]
