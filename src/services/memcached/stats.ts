import { chunkSizes, classOf, type Item, sizeOf } from './cache.ts'
import { counters, emptyServer, type Memcached } from './server.ts'
import { settings } from './settings.ts'

type Pairs = [name: string, value: string | number][]
type Stats = (words: readonly string[], m: Memcached) => Pairs | string

const said = (pairs: Pairs): string => `${pairs.map(([name, value]) => `STAT ${name} ${value}\r\n`).join('')}END\r\n`

/** `stats` and what stands behind it, for the text protocol. */
export function stats(words: readonly string[], m: Memcached): string {
  const what = words[0] ?? ''
  const run = reports.get(what)
  if (!run) return 'ERROR\r\n'
  const answer = run(words, m)
  return typeof answer === 'string' ? answer : said(answer)
}

/** The same for the binary protocol: undefined where it knows no such key. */
export function statPairs(what: string, m: Memcached): Pairs | undefined {
  const answer = reports.get(what)?.([what], m)
  return typeof answer === 'object' ? answer : undefined
}

const seconds = (ms: number) => Math.floor(ms / 1000)
/** Processor seconds of a process that has been up for a while with little to do. */
const usage = (uptime: number, share: number) => (uptime * share).toFixed(6)

function general(m: Memcached): Pairs {
  const { server, cx } = m
  const { cache } = server
  const now = cx.now() + cx.persona.clockSkew
  const uptime = Math.max(1, seconds(now - server.startedAt))
  const share = 0.0001 + cx.persona.derive('memcached rusage', 2).readUInt16BE() / 4e8
  return [
    ['pid', server.pid],
    ['uptime', uptime],
    ['time', seconds(now)],
    ['version', cx.persona.software.memcached.version],
    ['libevent', cx.persona.software.memcached.libevent],
    ['pointer_size', 64],
    ['rusage_user', usage(uptime, share)],
    ['rusage_system', usage(uptime, share * 0.83)],
    ['max_connections', 1024],
    ['curr_connections', 5],
    ['total_connections', 5 + server.connections],
    ['rejected_connections', 0],
    ['connection_structures', 6],
    ['response_obj_oom', 0],
    ['response_obj_count', 1],
    ['response_obj_bytes', 16384],
    ['read_buf_count', 2],
    ['read_buf_bytes', 32768],
    ['read_buf_bytes_free', 0],
    ['read_buf_oom', 0],
    ['reserved_fds', 20],
    ...counters.map(name => [name, server.counts.get(name) ?? 0] as [string, number]),
    ['store_no_memory', 0],
    ['auth_cmds', 0],
    ['auth_errors', 0],
    ['bytes_read', server.bytesRead],
    ['bytes_written', server.bytesWritten],
    ['limit_maxbytes', server.limit],
    ['accepting_conns', 1],
    ['listen_disabled_num', 0],
    ['time_in_listen_disabled_us', 0],
    ['threads', 4],
    ['conn_yields', 0],
    ['hash_power_level', 16],
    ['hash_bytes', 524288],
    ['hash_is_expanding', 0],
    ...zero('slab_reassign_', 'rescues chunk_rescues evictions_nomem inline_reclaim busy_items busy_deletes running'),
    ['slabs_moved', 0],
    ['lru_crawler_running', 0],
    ['lru_crawler_starts', 1 + Math.floor(uptime / 60)],
    ['lru_maintainer_juggles', 20 + Math.floor(uptime * 1.03)],
    ['malloc_fails', 0],
    ...zero('log_', 'worker_dropped worker_written watcher_skipped watcher_sent watchers'),
    ['unexpected_napi_ids', 0],
    ['round_robin_fallback', 0],
    ['bytes', cache.bytes],
    ['curr_items', cache.count],
    ['total_items', cache.stored],
    ['slab_global_page_pool', 0],
    ['expired_unfetched', 0],
    ['evicted_unfetched', 0],
    ['evicted_active', 0],
    ['evictions', cache.evictions],
    ...zero('', 'reclaimed crawler_reclaimed crawler_items_checked lrutail_reflocked'),
    ['moves_to_cold', cache.stored],
    ...zero('', 'moves_to_warm moves_within_lru direct_reclaims lru_bumps_dropped'),
  ]
}
const zero = (prefix: string, names: string): Pairs => names.split(' ').map(name => [`${prefix}${name}`, 0])

const slabPages = (items: number, chunk: number): number =>
  Math.max(1, Math.ceil(items / Math.floor((1 << 20) / chunk)))

/** Slab class → its items, in the order of the classes. */
function classes({ server, cx }: Memcached): [number, Item[]][] {
  const found = new Map<number, Item[]>()
  for (const item of [...server.cache.all()]) {
    if (!server.cache.peek(item.key, cx.now())) continue
    const id = classOf(item)
    found.set(id, [...(found.get(id) ?? []), item])
  }
  return [...found].sort(([a], [b]) => a - b)
}

function slabs(m: Memcached): Pairs {
  const all = classes(m)
  let pages = 0
  const pairs = all.flatMap(([id, items]): Pairs => {
    const chunk = chunkSizes[id - 1]!
    const perPage = Math.floor((1 << 20) / chunk)
    const total = slabPages(items.length, chunk)
    pages += total
    const gets = items.filter(item => item.fetched).length
    return (
      [
        ['chunk_size', chunk],
        ['chunks_per_page', perPage],
        ['total_pages', total],
        ['total_chunks', total * perPage],
        ['used_chunks', items.length],
        ['free_chunks', total * perPage - items.length],
        ['free_chunks_end', 0],
        ['get_hits', gets],
        ['cmd_set', items.length],
        ...zero('', 'delete_hits incr_hits decr_hits cas_hits cas_badval touch_hits'),
      ] as Pairs
    ).map(([name, value]) => [`${id}:${name}`, value])
  })
  return [...pairs, ['active_slabs', all.length], ['total_malloced', pages * (1 << 20)]]
}

function items(m: Memcached): Pairs {
  const now = m.cx.now()
  return classes(m).flatMap(([id, list]): Pairs => {
    const age = (of: Item[]) => of.reduce((most, item) => Math.max(most, seconds(now - item.stored)), 0)
    const pairs: Pairs = [
      ['number', list.length],
      // With few items the maintainer moves each to the cold list within a second.
      ['number_hot', 0],
      ['number_warm', 0],
      ['number_cold', list.length],
      ['age_hot', 0],
      ['age_warm', 0],
      ['age', age(list)],
      ['mem_requested', list.reduce((sum, item) => sum + sizeOf(item), 0)],
      ...zero('', 'evicted evicted_nonzero evicted_time outofmemory tailrepairs reclaimed expired_unfetched'),
      ...zero('', 'evicted_unfetched evicted_active crawler_reclaimed crawler_items_checked lrutail_reflocked'),
      ['moves_to_cold', list.length],
      ...zero('', 'moves_to_warm moves_within_lru direct_reclaims'),
      ...zero('', 'hits_to_hot hits_to_warm'),
      ['hits_to_cold', list.filter(item => item.fetched).length],
      ['hits_to_temp', 0],
    ]
    return pairs.map(([name, value]) => [`items:${id}:${name}`, value])
  })
}

const told: Stats = (_, { server, cx }) => {
  const values = new Map<string, string | number>([
    ['%maxbytes', server.limit],
    ['%port', cx.destination.port],
    ['%address', '0.0.0.0'],
    ['%verbosity', server.verbosity],
    ['%oldest', 0],
  ])
  return settings.split('\n').map(line => {
    const space = line.indexOf(' ')
    const value = line.slice(space + 1)
    return [line.slice(0, space), values.get(value) ?? value]
  })
}

/** Descriptors of a process with these listeners: TCP, then UDP once for each thread, then who asks. */
const connections: Stats = (_, { cx }) => {
  const port = cx.destination.port
  const one = (fd: number, more: [string, string][], state: string): Pairs =>
    [...more, ['state', state], ['secs_since_last_cmd', '0']].map(([name, value]) => [`${fd}:${name}`, value!])
  const datagram: [string, string][] = [
    ['UDP', 'UDP'],
    ['addr', `udp:0.0.0.0:${port}`],
  ]
  const { ip } = cx.source
  const peer = `${ip.includes(':') ? `tcp6:[${ip}]` : `tcp:${ip}`}:${cx.source.port}`
  return [
    ...one(22, [['addr', `tcp:0.0.0.0:${port}`]], 'conn_listening'),
    ...[23, 24, 25, 26].flatMap(fd => one(fd, datagram, 'conn_read')),
    ...one(
      27,
      [
        ['addr', peer],
        ['listen_addr', `tcp:${cx.destination.ip}:${port}`],
      ],
      'conn_parse_cmd',
    ),
  ]
}

/** Lines that one dump may have; the real one stops at 2 MB. */
const DUMPED = 10_000

const cachedump: Stats = ([, id, limit], m) => {
  if (id === undefined || limit === undefined) return 'CLIENT_ERROR bad command line\r\n'
  if (!/^\d{1,9}$/.test(id) || !/^\d{1,9}$/.test(limit)) return 'CLIENT_ERROR bad command line format\r\n'
  if (Number(id) > 63) return 'CLIENT_ERROR Illegal slab id\r\n'
  const cold = classes(m).find(([found]) => found === Number(id))?.[1] ?? []
  const most = Number(limit) === 0 ? DUMPED : Math.min(DUMPED, Number(limit))
  const start = seconds(m.server.startedAt)
  const lines = cold
    .reverse()
    .slice(0, most)
    .map(
      ({ key, data, expires }) =>
        `ITEM ${key} [${data.length} b; ${expires === 0 ? start - 2 : seconds(expires)} s]\r\n`,
    )
  return `${lines.join('')}END\r\n`
}

/** `lru_crawler metadump`: keys as in a URL, times as Unix times. */
export function metadump(m: Memcached, only: readonly number[] | undefined): string {
  const lines = classes(m).flatMap(([id, list]) =>
    only && !only.includes(id)
      ? []
      : list.map(
          item =>
            `key=${encoded(item.key)} exp=${item.expires === 0 ? -1 : seconds(item.expires)} la=${seconds(item.accessed)} cas=${item.cas} fetch=${item.fetched ? 'yes' : 'no'} cls=${id} size=${sizeOf(item)}\n`,
        ),
  )
  return `${lines.slice(0, DUMPED).join('')}END\r\n`
}
const encoded = (key: string) =>
  key.replace(/[^A-Za-z0-9\-._~]/g, c => `%${c.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`)

const detail: Stats = ([, what]) => {
  if (what === 'on' || what === 'off') return 'OK\r\n'
  if (what === 'dump') return 'END\r\n'
  return 'CLIENT_ERROR usage: stats detail on|off|dump\r\n'
}

const reset: Stats = (_, { server }) => {
  const fresh = emptyServer(server.startedAt, server.pid)
  server.counts = fresh.counts
  server.connections = server.bytesRead = server.bytesWritten = 0
  server.cache.stored = server.cache.evictions = 0
  return 'RESET\r\n'
}

const reports = new Map<string, Stats>([
  ['', (_, m) => general(m)],
  ['settings', told],
  ['items', (_, m) => items(m)],
  ['slabs', (_, m) => slabs(m)],
  ['sizes', () => [['sizes_status', 'disabled']]],
  ['conns', connections],
  ['extstore', () => []],
  ['reset', reset],
  ['detail', detail],
  ['cachedump', cachedump],
])
