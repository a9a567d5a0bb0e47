import type { Call } from './api.ts'
import { methods } from './api.ts'
import type { Answer } from './http.ts'
import families from './metrics.json' with { type: 'json' }
import { MEMBER } from './state.ts'

/**
 * Prometheus' text format of etcd 3.4's families. `metrics.json` has their names, help and buckets, and for what does not
 * follow from the pretended member, plain values of one that is idle.
 */
type Family = {
  name: string
  type: string
  help: string
  /** Upper bounds of a histogram. */
  buckets?: string
  /** What follows the name, and the value. */
  rows?: string[][]
}

const services: readonly (readonly [service: string, type: string, names: string])[] = [
  ['etcdserverpb.Maintenance', 'unary', 'Alarm Defragment Hash HashKV MoveLeader Status'],
  [
    'etcdserverpb.Auth',
    'unary',
    'AuthDisable AuthEnable Authenticate RoleAdd RoleDelete RoleGet RoleGrantPermission RoleList RoleRevokePermission UserAdd UserChangePassword UserDelete UserGet UserGrantRole UserList UserRevokeRole',
  ],
  ['grpc.health.v1.Health', 'unary', 'Check'],
  ['etcdserverpb.KV', 'unary', 'Compact DeleteRange Put Range Txn'],
  ['etcdserverpb.Lease', 'unary', 'LeaseGrant LeaseLeases LeaseRevoke LeaseTimeToLive'],
  ['etcdserverpb.Lease', 'bidi_stream', 'LeaseKeepAlive'],
  ['etcdserverpb.Cluster', 'unary', 'MemberAdd MemberList MemberPromote MemberRemove MemberUpdate'],
  ['etcdserverpb.Maintenance', 'server_stream', 'Snapshot'],
  ['etcdserverpb.Watch', 'bidi_stream', 'Watch'],
  ['grpc.health.v1.Health', 'server_stream', 'Watch'],
]
const codes =
  'Aborted AlreadyExists Canceled DataLoss DeadlineExceeded FailedPrecondition Internal InvalidArgument NotFound OK OutOfRange PermissionDenied ResourceExhausted Unauthenticated Unavailable Unimplemented Unknown'.split(
    ' ',
  )
/** Labels of every method, sorted by its name. */
const perMethod: readonly string[] = services
  .flatMap(([service, type, names]) => names.split(' ').map(name => ({ service, type, name })))
  .sort((a, b) => (a.name + a.service < b.name + b.service ? -1 : 1))
  .map(({ service, type, name }) => `grpc_method="${name}",grpc_service="${service}",grpc_type="${type}"`)

/** Go's %v of a float: an exponent from 21 digits on in general, from 7 in this format. */
const float = (value: number): string => {
  if (value < 1e6) return String(value)
  const [digits, exponent] = value.toExponential().split('e+') as [string, string]
  return `${digits}e+${exponent.padStart(2, '0')}`
}

/** What /metrics answers, as this attacker's member stands. */
export function metrics(call: Call): Answer {
  const live = values(call)
  const out: string[] = []
  for (const { name, type, help, buckets, rows } of families as readonly Family[]) {
    out.push(`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`)
    if (name === 'grpc_server_handled_total')
      for (const code of codes) for (const labels of perMethod) out.push(`${name}{grpc_code="${code}",${labels}} 0`)
    else if (name.startsWith('grpc_server_')) for (const labels of perMethod) out.push(`${name}{${labels}} 0`)
    else if (buckets !== undefined) {
      const count = histograms.has(name) ? call.state.index : 0
      for (const [i, bound] of buckets.split(' ').entries())
        out.push(`${name}_bucket{le="${bound}"} ${Math.floor(count * (i === 0 ? 0.82 : i === 1 ? 0.97 : 1))}`)
      out.push(`${name}_bucket{le="+Inf"} ${count}`, `${name}_sum ${count * 0.00083}`, `${name}_count ${count}`)
    } else
      for (const [rest, value] of rows ?? []) {
        const given = live.get(name)
        out.push(
          typeof given === 'string'
            ? `${name}${given} 1`
            : `${name}${rest} ${given === undefined ? value : float(given)}`,
        )
      }
  }
  const fields = [['Content-Type', 'text/plain; version=0.0.4; charset=utf-8']] as const
  return { status: 200, fields, body: Buffer.from(`${out.join('\n')}\n`), chunked: true }
}

/** Those that every write moves. */
const histograms = new Set([
  'etcd_disk_wal_fsync_duration_seconds',
  'etcd_disk_backend_commit_duration_seconds',
  'etcd_debugging_disk_backend_commit_rebalance_duration_seconds',
  'etcd_debugging_disk_backend_commit_spill_duration_seconds',
  'etcd_debugging_disk_backend_commit_write_duration_seconds',
])

/** Numbers, or whole label sets, that follow from the persona and the store. */
function values(call: Call): ReadonlyMap<string, number | string> {
  const { state, cx } = call
  const { version, go } = cx.persona.software.etcd
  const { dbSize, dbSizeInUse } = methods.get('Maintenance/Status')!.run({}, call)
  const started = Math.floor(cx.persona.bootedAt / 1000) + 9.84
  return new Map<string, number | string>([
    ['etcd_cluster_version', `{cluster_version="${/^\d+\.\d+/.exec(version)?.[0]}"}`],
    ['etcd_server_version', `{server_version="${version}"}`],
    ['etcd_server_go_version', `{server_go_version="${go}"}`],
    ['go_info', `{version="${go}"}`],
    ['etcd_server_id', `{server_id="${MEMBER.toString(16)}"}`],
    ['etcd_debugging_mvcc_compact_revision', state.compacted],
    ['etcd_debugging_mvcc_current_revision', state.revision],
    ['etcd_debugging_mvcc_keys_total', state.entries.size],
    ['etcd_debugging_mvcc_db_total_size_in_bytes', Number(dbSize)],
    ['etcd_mvcc_db_total_size_in_bytes', Number(dbSize)],
    ['etcd_mvcc_db_total_size_in_use_in_bytes', Number(dbSizeInUse)],
    ['etcd_server_proposals_applied_total', state.index],
    ['etcd_server_proposals_committed_total', state.index],
    ['etcd_server_leader_changes_seen_total', 1],
    ['process_start_time_seconds', started],
    ['go_memstats_last_gc_time_seconds', Math.floor(cx.now() / 120_000) * 120 + 31.0959],
    ['process_cpu_seconds_total', Math.floor((cx.now() / 1000 - started) * 0.7) / 100],
  ])
}
