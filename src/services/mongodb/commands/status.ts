import { now } from '../state.ts'
import { type Doc, date, doc, int, truthy, type Value } from '../value.ts'
import type { Request } from './command.ts'

/** serverStatus: the sections that people and tools read. */
export function serverStatus({ session, command }: Request): Doc {
  const { cx, server } = session
  const { persona } = cx
  const at = now(session)
  const milliseconds = Math.max(1000, at - server.startedAt)
  const seconds = Math.floor(milliseconds / 1000)
  // Traffic of a small application: so much a second since the start.
  const rate = (label: string, most: number): bigint =>
    BigInt(Math.floor((seconds * (1 + (persona.derive(`mongodb ${label}`, 2).readUInt16BE() % (most * 100)))) / 1000))
  const current = 1 + (persona.derive('mongodb clients', 1)[0]! % 9)
  const requests = rate('requests', 20)
  const cache = Math.max(268_435_456, Math.floor((persona.memory - (1 << 30)) / 2))
  const sections: Record<string, Value> = {
    asserts: doc({
      regular: int(0),
      warning: int(0),
      msg: int(0),
      user: int(Number(rate('asserts', 1) % 5000n)),
      rollovers: int(0),
    }),
    connections: doc({
      current: int(current + 1),
      available: int(51_200 - current - 1),
      totalCreated: int(server.connections),
      active: int(1),
      threaded: int(current + 1),
      exhaustIsMaster: int(0),
      exhaustHello: int(0),
      awaitingTopologyChanges: int(0),
    }),
    extra_info: doc({ note: 'fields vary by platform', page_faults: int(Number(rate('faults', 1) % 100_000n)) }),
    globalLock: doc({
      totalTime: BigInt(milliseconds) * 1000n,
      currentQueue: doc({ total: int(0), readers: int(0), writers: int(0) }),
      activeClients: doc({ total: int(0), readers: int(0), writers: int(0) }),
    }),
    logicalSessionRecordCache: doc({
      activeSessionsCount: int(current),
      sessionsCollectionJobCount: int(Math.floor(seconds / 300)),
    }),
    network: doc({ bytesIn: requests * 212n, bytesOut: requests * 1930n, numRequests: requests }),
    opcounters: doc({
      insert: rate('inserts', 2),
      query: rate('queries', 8),
      update: rate('updates', 3),
      delete: rate('deletes', 1),
      getmore: rate('getmores', 1),
      command: requests,
    }),
    storageEngine: doc({
      name: 'wiredTiger',
      supportsCommittedReads: true,
      supportsPendingDrops: true,
      persistent: true,
    }),
    wiredTiger: doc({
      uri: 'statistics:',
      cache: doc({
        'maximum bytes configured': BigInt(cache),
        'bytes currently in the cache': BigInt(server.store.bytes + 102_400),
      }),
    }),
    mem: doc({
      bits: int(64),
      resident: int(90 + (persona.derive('mongodb memory', 1)[0]! % 120)),
      virtual: int(1500 + (persona.derive('mongodb memory', 2)[1]! % 900)),
      supported: true,
    }),
  }
  const wanted = Object.entries(sections).filter(([name]) => {
    const asked = command.get(name)
    return asked === undefined || truthy(asked)
  })
  return doc({
    host: persona.hostname,
    version: server.version,
    process: 'mongod',
    pid: BigInt(server.pid),
    uptime: seconds,
    uptimeMillis: BigInt(milliseconds),
    uptimeEstimate: BigInt(seconds),
    localTime: date(at),
    ...Object.fromEntries(wanted),
    ok: 1,
  })
}
