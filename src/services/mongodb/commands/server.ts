import { buildInfo } from '../build.ts'
import { badValue, MongoError } from '../errors.ts'
import { hello } from '../hello.ts'
import { authenticate, getNonce, saslContinue, saslStart } from '../login.ts'
import { now } from '../state.ts'
import { type Doc, date, doc, int, isArray, isDoc, numberOf, truthy, type Value } from '../value.ts'
import type { Commands, Run } from './command.ts'
import { logLines } from './log.ts'
import { parameters } from './parameters.ts'
import { serverStatus } from './status.ts'

const ok = (): Doc => doc({ ok: 1 })
const adminOnly =
  (run: Run): Run =>
  request => {
    if (request.db !== 'admin')
      throw new MongoError('Unauthorized', `${request.name} may only be run against the admin database.`)
    return run(request)
  }

const hostInfo: Run = ({ session }) => {
  const { persona } = session.cx
  const memory = Math.floor(persona.memory / (1 << 20))
  return doc({
    system: doc({
      currentTime: date(now(session)),
      hostname: persona.hostname,
      cpuAddrSize: int(64),
      memSizeMB: BigInt(memory),
      memLimitMB: BigInt(memory),
      numCores: int(persona.cpu.cores),
      cpuArch: persona.os.arch,
      numaEnabled: false,
    }),
    os: doc({
      type: 'Linux',
      name: persona.os.id === 'debian' ? `PRETTY_NAME="${persona.os.pretty}"` : 'Ubuntu',
      version: persona.os.id === 'debian' ? `Kernel ${persona.os.kernel}` : persona.os.version,
    }),
    extra: doc({
      versionString: `Linux version ${persona.os.kernel}`,
      kernelVersion: persona.os.kernel,
      cpuFrequencyMHz: persona.cpu.megahertz.toFixed(3),
      pageSize: 4096n,
      numPages: BigInt(Math.floor(persona.memory / 4096)),
      maxOpenFiles: 64_000n,
      physicalCores: int(persona.cpu.cores),
    }),
    ok: 1,
  })
}

const getCmdLineOpts: Run = ({ session }) =>
  doc({
    argv: ['/usr/bin/mongod', '--config', '/etc/mongod.conf'],
    parsed: doc({
      config: '/etc/mongod.conf',
      net: doc({ bindIp: '0.0.0.0', port: int(27_017) }),
      processManagement: doc({ timeZoneInfo: '/usr/share/zoneinfo' }),
      security: doc({
        ...(session.cx.options.authorization ? { authorization: 'enabled' } : {}),
        javascriptEnabled: false,
      }),
      storage: doc({
        dbPath: '/var/lib/mongodb',
        ...(session.server.series[0] < 6 ? { journal: doc({ enabled: true }) } : {}),
      }),
      systemLog: doc({ destination: 'file', logAppend: true, path: '/var/log/mongodb/mongod.log' }),
    }),
    ok: 1,
  })

const getLog: Run = ({ session, command }) => {
  const which = command.get('getLog')
  if (which === '*') return doc({ names: ['global', 'startupWarnings'], ok: 1 })
  if (which !== 'global' && which !== 'startupWarnings')
    throw new MongoError('OperationFailed', `No log named '${typeof which === 'string' ? which.slice(0, 128) : ''}'`)
  const log = logLines(session, which)
  return doc({ totalLinesWritten: int(log.length), log, ok: 1 })
}

const connectionStatus: Run = ({ session, command }) => {
  const { user } = session
  const roles: Value[] = user ? [doc({ role: 'root', db: 'admin' })] : []
  return doc({
    authInfo: doc({
      authenticatedUsers: user ? [doc({ user: user.name, db: user.db })] : [],
      authenticatedUserRoles: roles,
      ...(truthy(command.get('showPrivileges')) ? { authenticatedUserPrivileges: [] } : {}),
    }),
    ok: 1,
  })
}

const getParameter: Run = ({ session, command, name }) => {
  const all = parameters(session)
  const which = command.get(name)
  const everything = which === '*' || (isDoc(which) && truthy(which.get('allParameters')))
  const chosen = everything ? all : new Map([...all].filter(([parameter]) => command.has(parameter)))
  if (chosen.size === 0) throw new MongoError('InvalidOptions', 'no option found to get')
  return new Map([...chosen, ['ok', 1]])
}
const setParameter: Run = ({ session, command, name }) => {
  const all = parameters(session)
  const wanted = [...command.keys()].filter(field => field !== name && !/^(?:\$|lsid$|comment$)/.test(field))
  const [first] = wanted
  if (first === undefined)
    throw new MongoError('InvalidOptions', 'no option found to set, use help:true to see options ')
  if (!all.has(first))
    throw new MongoError(
      'InvalidOptions',
      `attempted to set unrecognized parameter [${first.slice(0, 128)}], use help:true to see options `,
    )
  return doc({ was: all.get(first)!, ok: 1 })
}

const noReplication = (): never => {
  throw new MongoError('NoReplicationEnabled', 'not running with --replSet')
}
const sessions: Run = ({ command, name }) => {
  if (!isArray(command.get(name)))
    throw new MongoError('TypeMismatch', `BSON field '${name}' is the wrong type, expected type 'array'`)
  return ok()
}

export const server: Commands = [
  ['hello', request => hello(request.session, request.command, request.name)],
  ['isMaster|ismaster', request => hello(request.session, request.command, request.name)],
  ['ping', ok],
  ['buildInfo|buildinfo', ({ session }) => buildInfo(session.cx, session.server)],
  ['serverStatus', serverStatus],
  ['hostInfo|hostinfo', adminOnly(hostInfo)],
  ['getCmdLineOpts', adminOnly(getCmdLineOpts)],
  ['getLog', adminOnly(getLog)],
  ['whatsmyuri', ({ session }) => doc({ you: `${session.cx.source.ip}:${session.cx.source.port}`, ok: 1 })],
  ['connectionStatus', connectionStatus],
  ['getParameter', adminOnly(getParameter)],
  ['setParameter', adminOnly(setParameter)],
  ['saslStart', ({ session, command, db }) => saslStart(session, command, db)],
  ['saslContinue', ({ session, command }) => saslContinue(session, command)],
  ['getnonce', ({ session }) => getNonce(session)],
  ['authenticate', ({ session, command }) => authenticate(session, command)],
  [
    'logout',
    ({ session }) => {
      session.user = undefined
      return ok()
    },
  ],
  ['endSessions', sessions],
  ['refreshSessions', sessions],
  ['killSessions', sessions],
  ['killAllSessions', sessions],
  ['currentOp', adminOnly(() => doc({ inprog: [], ok: 1 }))],
  ['killOp', adminOnly(() => doc({ info: 'attempting to kill op', ok: 1 }))],
  ['top', adminOnly(() => doc({ totals: doc({ note: 'all times in microseconds' }), ok: 1 }))],
  ['fsync', adminOnly(() => doc({ numFiles: int(1), ok: 1 }))],
  [
    'profile',
    ({ command }) => {
      const level = numberOf(command.get('profile')) ?? 0
      if (level > 2) throw badValue('profile level must be between -1 and 2')
      return doc({ was: int(0), slowms: int(100), sampleRate: 1, ok: 1 })
    },
  ],
  ['replSetGetStatus', adminOnly(noReplication)],
  ['replSetGetConfig', adminOnly(noReplication)],
  ['replSetInitiate', adminOnly(noReplication)],
  ['replSetReconfig', adminOnly(noReplication)],
  ['replSetStepDown', adminOnly(noReplication)],
  [
    'getLastError|getlasterror',
    ({ session }) => {
      if (session.server.series[0] > 5) throw new MongoError('CommandNotFound', "no such command: 'getLastError'")
      return doc({
        connectionId: int(session.connection),
        n: int(0),
        syncMillis: int(0),
        writtenTo: null,
        err: null,
        ok: 1,
      })
    },
  ],
  ['features', () => doc({ oidMachine: 0, ok: 1 })],
  [
    'connPoolStats',
    () =>
      doc({
        numClientConnections: int(0),
        numAScopedConnections: int(0),
        totalInUse: int(0),
        totalAvailable: int(0),
        totalCreated: int(0),
        totalRefreshing: int(0),
        hosts: doc({}),
        replicaSets: doc({}),
        ok: 1,
      }),
  ],
  [
    'getFreeMonitoringStatus',
    ({ session }) => {
      if (session.server.series[0] >= 7)
        throw new MongoError('CommandNotFound', "no such command: 'getFreeMonitoringStatus'")
      return doc({ state: 'undecided', ok: 1 })
    },
  ],
  ['getDefaultRWConcern', adminOnly(noReplication)],
  [
    'shutdown',
    adminOnly(() => {
      throw new MongoError('Unauthorized', 'shutdown must run from localhost when running db without auth')
    }),
  ],
]
