import { size } from './keyspace.ts'
import { type Redis, setting } from './state.ts'

type Fields = Record<string, string | number>
const order = [
  'server',
  'clients',
  'memory',
  'persistence',
  'stats',
  'replication',
  'cpu',
  'modules',
  'errorstats',
  'cluster',
  'keyspace',
] as const
const titles = new Map([['cpu', 'CPU']])
const MB = 1 << 20

/** INFO of Redis 7.0 (server.c, genRedisInfoString): the fields that tools and people read, from the persona and the state. */
export function info(redis: Redis, wanted: string[]): string {
  const named = wanted.map(word => word.toLowerCase())
  const all = named.length === 0 || named.some(word => word === 'all' || word === 'everything' || word === 'default')
  return order
    .filter(name => all || named.includes(name))
    .map(name => `# ${titles.get(name) ?? name[0]!.toUpperCase() + name.slice(1)}\r\n${lines(sections[name](redis))}`)
    .join('\r\n')
}

const lines = (fields: Fields) =>
  Object.entries(fields)
    .map(([key, value]) => `${key}:${value}\r\n`)
    .join('')

/** What it takes before the first key. */
const STARTUP = 876_088

const human = (bytes: number) =>
  bytes >= 1 << 30
    ? `${(bytes / (1 << 30)).toFixed(2)}G`
    : bytes >= MB
      ? `${(bytes / MB).toFixed(2)}M`
      : `${(bytes / 1024).toFixed(2)}K`

const sections: Record<(typeof order)[number], (redis: Redis) => Fields> = {
  server({ cx, server }) {
    const { redis: software } = cx.persona.software
    const now = cx.now() + cx.persona.clockSkew
    const up = Math.floor((cx.now() - server.startedAt) / 1000)
    return {
      redis_version: software.version,
      redis_git_sha1: software.gitSha1,
      redis_git_dirty: 0,
      redis_build_id: software.buildId,
      redis_mode: 'standalone',
      os: `Linux ${cx.persona.os.kernel} ${cx.persona.os.arch}`,
      arch_bits: 64,
      monotonic_clock: 'POSIX clock_gettime',
      multiplexing_api: 'epoll',
      atomicvar_api: 'c11-builtin',
      gcc_version: software.gcc,
      process_id: 400 + (cx.persona.derive('redis pid', 2).readUInt16BE() % 900),
      process_supervised: 'systemd',
      run_id: server.runId,
      tcp_port: 6379,
      server_time_usec: `${now}${String(cx.persona.derive('redis usec', 2).readUInt16BE() % 1000).padStart(3, '0')}`,
      uptime_in_seconds: up,
      uptime_in_days: Math.floor(up / 86400),
      hz: 10,
      configured_hz: 10,
      lru_clock: Math.floor(now / 1000) & 0xffffff,
      executable: '/usr/bin/redis-server',
      config_file: '/etc/redis/redis.conf',
      io_threads_active: 0,
    }
  },
  clients: () => ({
    connected_clients: 1,
    cluster_connections: 0,
    maxclients: 10000,
    client_recent_max_input_buffer: 20480,
    client_recent_max_output_buffer: 0,
    blocked_clients: 0,
    tracking_clients: 0,
    clients_in_timeout_table: 0,
  }),
  memory({ cx, server }) {
    const data = 25_328 + server.keyspace.used
    const limit = Number(setting(server, 'maxmemory'))
    const used =
      STARTUP + 22_484 + server.keyspace.used + 25_328 + (cx.persona.derive('redis memory', 2).readUInt16BE() & 0xfff8)
    const resident = used + 9_400_000 + (cx.persona.derive('redis rss', 2).readUInt16BE() << 4)
    return {
      used_memory: used,
      used_memory_human: human(used),
      used_memory_rss: resident,
      used_memory_rss_human: human(resident),
      used_memory_peak: used + 84_216,
      used_memory_peak_human: human(used + 84_216),
      used_memory_peak_perc: `${((100 * used) / (used + 84_216)).toFixed(2)}%`,
      used_memory_overhead: used - data,
      used_memory_startup: STARTUP,
      used_memory_dataset: data,
      used_memory_dataset_perc: `${((100 * data) / (used - STARTUP)).toFixed(2)}%`,
      allocator_allocated: used + 992_304,
      allocator_active: used + 1_192_960,
      allocator_resident: used + 3_862_528,
      total_system_memory: cx.persona.memory,
      total_system_memory_human: human(cx.persona.memory),
      used_memory_lua: 32768,
      used_memory_vm_eval: 32768,
      used_memory_lua_human: '32.00K',
      used_memory_scripts_eval: server.scripts.size * 184,
      number_of_cached_scripts: server.scripts.size,
      number_of_functions: 0,
      number_of_libraries: 0,
      used_memory_vm_functions: 33792,
      used_memory_vm_total: 66560,
      used_memory_vm_total_human: '65.00K',
      used_memory_functions: 200,
      used_memory_scripts: 200 + server.scripts.size * 184,
      used_memory_scripts_human: `${200 + server.scripts.size * 184}B`,
      maxmemory: limit,
      maxmemory_human: limit === 0 ? '0B' : human(limit),
      maxmemory_policy: setting(server, 'maxmemory-policy'),
      allocator_frag_ratio: ((used + 1_192_960) / (used + 992_304)).toFixed(2),
      allocator_frag_bytes: 200_656,
      allocator_rss_ratio: ((used + 3_862_528) / (used + 1_192_960)).toFixed(2),
      allocator_rss_bytes: 2_669_568,
      rss_overhead_ratio: (resident / (used + 3_862_528)).toFixed(2),
      rss_overhead_bytes: resident - used - 3_862_528,
      mem_fragmentation_ratio: (resident / used).toFixed(2),
      mem_fragmentation_bytes: resident - used,
      mem_not_counted_for_evict: 0,
      mem_replication_backlog: 0,
      mem_total_replication_buffers: 0,
      mem_clients_slaves: 0,
      mem_clients_normal: 22272,
      mem_cluster_links: 0,
      mem_aof_buffer: 0,
      mem_allocator: 'jemalloc-5.3.0',
      active_defrag_running: 0,
      lazyfree_pending_objects: 0,
      lazyfreed_objects: 0,
    }
  },
  persistence: ({ server }) => ({
    loading: 0,
    async_loading: 0,
    current_cow_peak: 0,
    current_cow_size: 0,
    current_cow_size_age: 0,
    current_fork_perc: '0.00',
    current_save_keys_processed: 0,
    current_save_keys_total: 0,
    rdb_changes_since_last_save: server.keyspace.changes,
    rdb_bgsave_in_progress: 0,
    rdb_last_save_time: Math.floor(server.savedAt / 1000),
    rdb_last_bgsave_status: 'ok',
    rdb_last_bgsave_time_sec: 0,
    rdb_current_bgsave_time_sec: -1,
    rdb_saves: server.saves,
    rdb_last_cow_size: server.saves ? 466_944 : 0,
    rdb_last_load_keys_expired: 0,
    rdb_last_load_keys_loaded: 0,
    aof_enabled: 0,
    aof_rewrite_in_progress: 0,
    aof_rewrite_scheduled: 0,
    aof_last_rewrite_time_sec: -1,
    aof_current_rewrite_time_sec: -1,
    aof_last_bgrewrite_status: 'ok',
    aof_rewrites: 0,
    aof_rewrites_consecutive_failures: 0,
    aof_last_write_status: 'ok',
    aof_last_cow_size: 0,
    module_fork_in_progress: 0,
    module_fork_last_cow_size: 0,
  }),
  stats: ({ server }) => ({
    total_connections_received: server.connections,
    total_commands_processed: server.commands,
    instantaneous_ops_per_sec: 0,
    total_net_input_bytes: server.commands * 41,
    total_net_output_bytes: server.commands * 96,
    total_net_repl_input_bytes: 0,
    total_net_repl_output_bytes: 0,
    instantaneous_input_kbps: '0.02',
    instantaneous_output_kbps: '0.08',
    instantaneous_input_repl_kbps: '0.00',
    instantaneous_output_repl_kbps: '0.00',
    rejected_connections: 0,
    sync_full: 0,
    sync_partial_ok: 0,
    sync_partial_err: 0,
    expired_keys: Math.floor(server.commands * 0.004),
    expired_stale_perc: '0.00',
    expired_time_cap_reached_count: 0,
    expire_cycle_cpu_milliseconds: Math.floor(server.commands * 0.3),
    evicted_keys: 0,
    evicted_clients: 0,
    total_eviction_exceeded_time: 0,
    current_eviction_exceeded_time: 0,
    keyspace_hits: Math.floor(server.commands * 0.61),
    keyspace_misses: Math.floor(server.commands * 0.08),
    pubsub_channels: 0,
    pubsub_patterns: 0,
    pubsubshard_channels: 0,
    latest_fork_usec: server.saves ? 312 : 0,
    total_forks: server.saves,
    migrate_cached_sockets: 0,
    slave_expires_tracked_keys: 0,
    active_defrag_hits: 0,
    active_defrag_misses: 0,
    active_defrag_key_hits: 0,
    active_defrag_key_misses: 0,
    total_active_defrag_time: 0,
    current_active_defrag_time: 0,
    tracking_total_keys: 0,
    tracking_total_items: 0,
    tracking_total_prefixes: 0,
    unexpected_error_replies: 0,
    total_error_replies: Math.floor(server.commands * 0.0007),
    dump_payload_sanitizations: 0,
    total_reads_processed: server.commands + server.connections,
    total_writes_processed: server.commands + 2,
    io_threaded_reads_processed: 0,
    io_threaded_writes_processed: 0,
    reply_buffer_shrinks: Math.floor(server.connections * 0.9),
    reply_buffer_expands: Math.floor(server.connections * 0.1),
  }),
  replication({ server }): Fields {
    const ids = {
      master_failover_state: 'no-failover',
      master_replid: server.replicationId,
      master_replid2: server.formerId ?? '0'.repeat(40),
      master_repl_offset: 0,
      second_repl_offset: server.formerId ? 1 : -1,
      repl_backlog_active: 0,
      repl_backlog_size: 1048576,
      repl_backlog_first_byte_offset: 0,
      repl_backlog_histlen: 0,
    }
    if (!server.master) return { role: 'master', connected_slaves: 0, ...ids }
    return {
      role: 'slave',
      master_host: server.master.host,
      master_port: server.master.port,
      master_link_status: 'down',
      master_last_io_seconds_ago: -1,
      master_sync_in_progress: 0,
      slave_read_repl_offset: 0,
      slave_repl_offset: 0,
      master_link_down_since_seconds: -1,
      slave_priority: 100,
      slave_read_only: 1,
      replica_announced: 1,
      connected_slaves: 0,
      ...ids,
    }
  },
  cpu({ cx, server }) {
    const seconds = (cx.now() - server.startedAt) / 1000
    return {
      used_cpu_sys: (seconds * 0.00093).toFixed(6),
      used_cpu_user: (seconds * 0.00078).toFixed(6),
      used_cpu_sys_children: '0.000000',
      used_cpu_user_children: '0.000000',
      used_cpu_sys_main_thread: (seconds * 0.00092).toFixed(6),
      used_cpu_user_main_thread: (seconds * 0.00078).toFixed(6),
    }
  },
  modules: () => ({}),
  errorstats: () => ({}),
  cluster: () => ({ cluster_enabled: 0 }),
  keyspace({ server }) {
    const fields: Fields = {}
    server.keyspace.databases.forEach((database, i) => {
      const keys = [...database.values()].filter(value => value.type === 'string' || size(value) > 0).length
      if (keys) fields[`db${i}`] = `keys=${keys},expires=${server.keyspace.expiring(i)},avg_ttl=0`
    })
    return fields
  },
}
