/** What a client sends at once: raw bytes (Latin-1), or the words of a command. */
export type Step = string | readonly string[]

export const encode = (step: Step): string =>
  typeof step === 'string' ? step : `*${step.length}\r\n${step.map(word => `$${word.length}\r\n${word}\r\n`).join('')}`

/** INFO's lines that differ from one machine and moment to the next. */
const variable =
  /^((?:redis_(?:git_sha1|build_id)|os|gcc_version|process_(?:id|supervised)|run_id|tcp_port|server_time_usec|uptime_in_\w+|lru_clock|executable|config_file|monotonic_clock|atomicvar_api|used_\w+|total_system_\w+|allocator_\w+|rss_\w+|mem_\w+|maxmemory_human|number_of_\w+|client_recent_\w+|rdb_(?:changes|last|saves)\w*|total_\w+|instantaneous_\w+|keyspace_\w+|expire\w*|evicted_\w+|latest_fork_usec|master_repl\w+|master_last_io_seconds_ago|master_link_down_since_seconds|acl_\w+|current_\w+|total_reads\w+|unexpected_\w+|dump_payload\w+|reply_\w+|io_threaded\w+|connected_clients):).*?(?=\r)/gm

/** What must differ from one server and moment to the next is put out of sight; the rest is compared byte for byte. */
export function mask(heard: string): string {
  if (/^\$\d+\r\n# /.test(heard))
    return heard
      .replace(/^\$\d+/, '$#')
      .replace(variable, '$1#')
      .replace(/avg_ttl=\d+/g, 'avg_ttl=#')
  if (/id=\d+ addr=/.test(heard))
    return heard
      .replace(/^[$=]\d+/, '$#')
      .replace(/(\$11\r\nage-seconds\r\n)\$\d+\r\n[-\d.e]+/g, '$1#')
      .replace(/(\$11\r\nclient-info\r\n)\$\d+/g, '$1$#')
      .replace(/\b(id|addr|laddr|fd|age|idle|tot-mem|qbuf|qbuf-free|argv-mem|rbs|rbp|omem|events)=[^ \n]*/g, '$1=#')
  return heard
    .replace(/(\$2\r\nid\r\n):\d+/, '$1:#')
    .replace(/\+\d{10}\.\d{6} \[(\d+) [\d.:]+\]/g, '+# [$1 #]')
    .replace(/\$24\r\n\/tmp\/redis-oracle-\w+/, '$$14\r\n/var/lib/redis')
    .replace(
      '*4\r\n$4\r\nbind\r\n$9\r\n127.0.0.1\r\n$4\r\nport\r\n$5\r\n16379\r\n',
      '*4\r\n$4\r\nport\r\n$4\r\n6379\r\n$4\r\nbind\r\n$7\r\n0.0.0.0\r\n',
    )
    .replace('$5\r\n16379\r\n$4\r\nbind\r\n$9\r\n127.0.0.1', '$$4\r\n6379\r\n$$4\r\nbind\r\n$$7\r\n0.0.0.0')
}
