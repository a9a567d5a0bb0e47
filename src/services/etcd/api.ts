import type { TcpContext } from '#sensor/service.ts'
import { put, range, remove, txn } from './kv.ts'
import type { Options } from './options.ts'
import * as refused from './refusal.ts'
import type { Message } from './schema.ts'
import { CLUSTER, type Etcd, MEMBER } from './state.ts'

export type Call = { state: Etcd; cx: TcpContext<Options> }
/** `stream`: answers one by one, after which the server waits for more of the client's (or for nothing). */
export type Method = { request: string; response: string; stream?: true; run(request: Message, call: Call): Message }

/** Every answer tells who gave it. */
const header = (state: Etcd): Message => ({
  cluster_id: CLUSTER,
  member_id: MEMBER,
  revision: state.revision,
  raft_term: state.term,
})
const answer = ({ state }: Call, rest: Message = {}): Message => ({ header: header(state), ...rest })
const id = ({ ID }: Message): bigint => BigInt((ID ?? 0n) as bigint)
const seconds = (cx: TcpContext<Options>): number => cx.now() / 1000

/** Changes go through the raft log first, whatever comes of them. */
function logged<T>(call: Call, change: () => T): T {
  call.state.index++
  return change()
}

function compact(state: Etcd, revision: number): void {
  if (revision <= state.compacted) throw refused.compacted()
  if (revision > state.revision) throw refused.futureRevision()
  state.compacted = revision
}

/** Leases that a member of this little use can have. */
const LEASES = 200

function grant(request: Message, call: Call): Message {
  const { state, cx } = call
  expire(call)
  const asked = id(request)
  const ttl = Number(request.TTL ?? 0)
  if (ttl > 9_000_000_000) throw refused.leaseTooLarge()
  // pkg/idutil: the member's last 16 bits, 40 of the milliseconds, 8 of a counter.
  const made =
    (BigInt.asUintN(15, MEMBER) << 48n) | (BigInt.asUintN(40, BigInt(cx.now())) << 8n) | BigInt(state.index & 255)
  const lease = asked === 0n ? made : asked
  if (state.leases.has(lease)) throw refused.leaseExists()
  if (state.leases.size >= LEASES) throw refused.noSpace()
  // Never shorter than two elections (lease.minTTL).
  const granted = Math.max(ttl, 2)
  state.leases.set(lease, { seconds: granted, until: seconds(cx) + granted })
  return answer(call, { ID: lease, TTL: granted })
}

/** What has run out is gone, with its keys. */
function expire({ state, cx }: Call): void {
  for (const [lease, { until }] of state.leases) if (until <= seconds(cx)) revoke(state, lease)
}

function revoke(state: Etcd, lease: bigint): void {
  state.leases.delete(lease)
  const keys = [...state.entries.values()].filter(entry => entry.lease === lease)
  if (lease === 0n || keys.length === 0) return
  for (const { key } of keys) state.entries.delete(key)
  state.revision++
}

const members = ({ cx }: Call): Message[] => [
  {
    ID: MEMBER,
    name: cx.persona.hostname,
    peerURLs: ['http://localhost:2380'],
    clientURLs: [`http://${cx.persona.fqdn}:2379`],
  },
]

function status(call: Call): Message {
  const { state, cx } = call
  const held = [...state.entries.values()].reduce((sum, { key, value }) => sum + key.length + value.length + 64, 0)
  const inUse = 16_384 + 4096 * Math.floor((2 * held) / 4096)
  return answer(call, {
    version: cx.persona.software.etcd.version,
    dbSize: inUse + 4096,
    leader: MEMBER,
    raftIndex: state.index,
    raftTerm: state.term,
    raftAppliedIndex: state.index,
    dbSizeInUse: inUse,
  })
}

/** Of the keyspace, as far as anybody can tell. */
function hash({ revision, entries }: Etcd): number {
  let sum = 2_166_136_261
  for (const { key, mod } of entries.values())
    for (const char of `${key}${mod}`) sum = Math.imul(sum ^ char.charCodeAt(0), 16_777_619)
  return (sum ^ revision) >>> 0
}

function addUser(request: Message, call: Call): Message {
  const name = String(request.name ?? '')
  if (name === '') throw refused.userEmpty()
  if (call.state.users.has(name)) throw refused.userExists()
  if (call.state.users.size >= LEASES) throw refused.noSpace()
  logged(call, () => call.state.users.add(name))
  return answer(call)
}

const method = (request: string, response: string, run: Method['run']): Method => ({ request, response, run })
const stream = (request: string, response: string, run: Method['run']): Method => ({
  ...method(request, response, run),
  stream: true,
})
const refuses = (why: () => Error) => (): never => {
  throw why()
}

/** By gRPC's path below `/etcdserverpb.`. What would change the cluster, or give its file away, is refused. */
export const methods: ReadonlyMap<string, Method> = new Map([
  [
    'KV/Range',
    method('RangeRequest', 'RangeResponse', (request, call) => {
      expire(call)
      return answer(call, range(call.state, request))
    }),
  ],
  [
    'KV/Put',
    method('PutRequest', 'PutResponse', (request, call) => {
      const rest = logged(call, () => put(call.state, request, call.state.revision + 1))
      call.state.revision++
      return answer(call, rest)
    }),
  ],
  [
    'KV/DeleteRange',
    method('DeleteRangeRequest', 'DeleteRangeResponse', (request, call) => {
      const rest = logged(call, () => remove(call.state, request))
      if (rest.deleted !== 0) call.state.revision++
      return answer(call, rest)
    }),
  ],
  [
    'KV/Txn',
    method('TxnRequest', 'TxnResponse', (request, call) => {
      const rest = logged(call, () => txn(call.state, request, call.state.revision + 1))
      return answer(call, rest)
    }),
  ],
  [
    'KV/Compact',
    method('CompactionRequest', 'Answer', (request, call) => {
      logged(call, () => compact(call.state, Number(request.revision ?? 0)))
      return answer(call)
    }),
  ],
  ['Watch/Watch', stream('WatchRequest', 'WatchResponse', (_, call) => answer(call, { created: true }))],
  [
    'Lease/LeaseGrant',
    method('LeaseGrantRequest', 'LeaseGrantResponse', (request, call) => logged(call, () => grant(request, call))),
  ],
  [
    'Lease/LeaseRevoke',
    method('LeaseRequest', 'Answer', (request, call) => {
      expire(call)
      if (!call.state.leases.has(id(request))) throw refused.leaseNotFound()
      logged(call, () => revoke(call.state, id(request)))
      return answer(call)
    }),
  ],
  [
    'Lease/LeaseKeepAlive',
    stream('LeaseRequest', 'LeaseKeepAliveResponse', (request, call) => {
      expire(call)
      const lease = call.state.leases.get(id(request))
      if (lease) lease.until = seconds(call.cx) + lease.seconds
      return answer(call, { ID: id(request), TTL: lease?.seconds ?? 0 })
    }),
  ],
  [
    'Lease/LeaseTimeToLive',
    method('LeaseTimeToLiveRequest', 'LeaseTimeToLiveResponse', (request, call) => {
      expire(call)
      const lease = call.state.leases.get(id(request))
      if (!lease) return answer(call, { ID: id(request), TTL: -1 })
      const left = Math.max(0, Math.ceil(lease.until - seconds(call.cx)) - 1)
      const attached = [...call.state.entries.values()].filter(entry => entry.lease === id(request))
      const keys = request.keys ? attached.map(({ key }) => Buffer.from(key, 'latin1')) : []
      return answer(call, { ID: id(request), TTL: left, grantedTTL: lease.seconds, keys })
    }),
  ],
  [
    'Lease/LeaseLeases',
    method('Empty', 'LeaseLeasesResponse', (_, call) => {
      expire(call)
      return answer(call, { leases: [...call.state.leases.keys()].map(ID => ({ ID })) })
    }),
  ],
  [
    'Cluster/MemberList',
    method('Empty', 'MemberListResponse', (_, call) => ({
      header: { ...header(call.state), revision: 0 },
      members: members(call),
    })),
  ],
  ['Cluster/MemberAdd', method('MemberAddRequest', 'Answer', refuses(refused.unhealthy))],
  ['Cluster/MemberRemove', method('MemberRequest', 'Answer', refuses(refused.memberNotFound))],
  ['Cluster/MemberUpdate', method('MemberRequest', 'Answer', refuses(refused.memberNotFound))],
  ['Cluster/MemberPromote', method('MemberRequest', 'Answer', refuses(refused.memberNotFound))],
  ['Maintenance/Alarm', method('AlarmRequest', 'Empty', () => ({}))],
  ['Maintenance/Status', method('Empty', 'StatusResponse', (_, call) => status(call))],
  ['Maintenance/Defragment', method('Empty', 'Empty', () => ({}))],
  ['Maintenance/Hash', method('Empty', 'HashResponse', (_, call) => answer(call, { hash: hash(call.state) }))],
  [
    'Maintenance/HashKV',
    method('HashKVRequest', 'HashKVResponse', (_, call) =>
      answer(call, { hash: hash(call.state), compact_revision: call.state.compacted }),
    ),
  ],
  ['Maintenance/Snapshot', method('Empty', 'Empty', refuses(refused.timedOut))],
  ['Maintenance/MoveLeader', method('Empty', 'Empty', refuses(refused.notLeader))],
  ['Auth/Authenticate', method('AuthenticateRequest', 'Answer', refuses(refused.authOff))],
  ['Auth/AuthEnable', method('Empty', 'Answer', refuses(refused.noRoot))],
  ['Auth/AuthDisable', method('Empty', 'Answer', (_, call) => logged(call, () => answer(call)))],
  ['Auth/UserAdd', method('AuthUserAddRequest', 'Answer', addUser)],
  [
    'Auth/UserGet',
    method('AuthNameRequest', 'Answer', (request, call) => {
      if (!call.state.users.has(String(request.name ?? ''))) throw refused.userNotFound()
      return answer(call)
    }),
  ],
  [
    'Auth/UserList',
    method('Empty', 'AuthUserList', (_, call) => logged(call, () => answer(call, { users: [...call.state.users] }))),
  ],
  ['Auth/RoleList', method('Empty', 'Answer', (_, call) => logged(call, () => answer(call)))],
])

/** grpc-gateway's paths below `/v3/` (rpc.pb.gw.go); `/v3beta/` is the same. */
export const gateway: ReadonlyMap<string, string> = new Map([
  ['kv/range', 'KV/Range'],
  ['kv/put', 'KV/Put'],
  ['kv/deleterange', 'KV/DeleteRange'],
  ['kv/txn', 'KV/Txn'],
  ['kv/compaction', 'KV/Compact'],
  ['watch', 'Watch/Watch'],
  ['lease/grant', 'Lease/LeaseGrant'],
  ['lease/revoke', 'Lease/LeaseRevoke'],
  ['kv/lease/revoke', 'Lease/LeaseRevoke'],
  ['lease/keepalive', 'Lease/LeaseKeepAlive'],
  ['lease/timetolive', 'Lease/LeaseTimeToLive'],
  ['kv/lease/timetolive', 'Lease/LeaseTimeToLive'],
  ['lease/leases', 'Lease/LeaseLeases'],
  ['kv/lease/leases', 'Lease/LeaseLeases'],
  ['cluster/member/add', 'Cluster/MemberAdd'],
  ['cluster/member/remove', 'Cluster/MemberRemove'],
  ['cluster/member/update', 'Cluster/MemberUpdate'],
  ['cluster/member/list', 'Cluster/MemberList'],
  ['cluster/member/promote', 'Cluster/MemberPromote'],
  ['maintenance/alarm', 'Maintenance/Alarm'],
  ['maintenance/status', 'Maintenance/Status'],
  ['maintenance/defragment', 'Maintenance/Defragment'],
  ['maintenance/hash', 'Maintenance/Hash'],
  ['maintenance/snapshot', 'Maintenance/Snapshot'],
  ['maintenance/transfer-leadership', 'Maintenance/MoveLeader'],
  ['auth/authenticate', 'Auth/Authenticate'],
  ['auth/enable', 'Auth/AuthEnable'],
  ['auth/disable', 'Auth/AuthDisable'],
  ['auth/user/add', 'Auth/UserAdd'],
  ['auth/user/get', 'Auth/UserGet'],
  ['auth/user/list', 'Auth/UserList'],
  ['auth/role/list', 'Auth/RoleList'],
])
