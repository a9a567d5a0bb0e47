import type { Context } from '#sensor/service.ts'
import { Cache } from './cache.ts'
import type { Options } from './options.ts'

/** What `stats` counts, in its order where the order is memcached's own; all begin at 0. */
export const counters = [
  'cmd_get',
  'cmd_set',
  'cmd_flush',
  'cmd_touch',
  'cmd_meta',
  'get_hits',
  'get_misses',
  'get_expired',
  'get_flushed',
  'delete_misses',
  'delete_hits',
  'incr_misses',
  'incr_hits',
  'decr_misses',
  'decr_hits',
  'cas_misses',
  'cas_hits',
  'cas_badval',
  'touch_hits',
  'touch_misses',
  'store_too_large',
] as const
export type Counter = (typeof counters)[number]

/** The memcached that one attacker meets. */
export type Server = {
  cache: Cache
  counts: Map<Counter, number>
  startedAt: number
  pid: number
  connections: number
  bytesRead: number
  bytesWritten: number
  verbosity: number
  /** What `cache_memlimit` left. */
  limit: number
  /** No item stored before this moment is there any more, once it has come; 0: none. */
  flushAt: number
  weight(): number
  drop(): void
}

export type Memcached = { server: Server; cx: Context<Options> }

export const count = ({ server }: Memcached, name: Counter, by = 1): void =>
  void server.counts.set(name, (server.counts.get(name) ?? 0) + by)

/** A server as its start left it: nothing stored, nothing counted. */
export function emptyServer(startedAt: number, pid: number): Server {
  const cache = new Cache()
  return {
    cache,
    counts: new Map(),
    startedAt,
    pid,
    connections: 0,
    bytesRead: 0,
    bytesWritten: 0,
    verbosity: 0,
    limit: 64 << 20,
    flushAt: 0,
    weight: () => cache.bytes + cache.count * 160,
    drop: () => cache.clear(),
  }
}

/** One that has served a small site since some time after boot: sessions, fragments of pages, counters. */
export function newServer({ persona, now }: Context<Options>): Server {
  const number = (label: string, below: number) => persona.derive(`memcached ${label}`, 4).readUInt32BE() % below
  const hex = (label: string, bytes: number) => persona.derive(`memcached ${label}`, bytes).toString('hex')
  const server = emptyServer(persona.bootedAt + 9_000 + number('start', 6000), 480 + number('pid', 500))
  const put = (key: string, data: string, seconds: number) => {
    const stored = now() - 1000 * number(`age ${key}`, 3000)
    const expires = seconds === 0 ? 0 : now() + 1000 * (60 + number(`ttl ${key}`, seconds))
    const cas = server.cache.nextCas()
    server.cache.put({ key, flags: 0, expires, data, cas, stored, accessed: stored, fetched: true })
  }
  for (let i = 4 + number('sessions', 12); i > 0; i--) {
    const user = 100 + number(`user ${i}`, 4000)
    const data = `user_id|i:${user};csrf|s:32:"${hex(`csrf ${i}`, 16)}";last|i:${Math.floor(now() / 1000) - number(`seen ${i}`, 3000)};`
    put(`memc.sess.key.${hex(`session ${i}`, 16).slice(0, 26)}`, data, 1440)
  }
  for (const page of ['front', 'menu', 'footer'].slice(0, 1 + number('pages', 3)))
    put(`frag:${page}:${hex(page, 4)}`, `<nav class="${page}"><ul><li><a href="/">Home</a></li></ul></nav>`, 3600)
  put('visits', String(20_000 + number('visits', 900_000)), 0)
  const hours = Math.max(1, Math.floor((now() - server.startedAt) / 3_600_000))
  const hits = hours * (20 + number('hits', 900))
  const sets = Math.floor(hits / (3 + number('ratio', 7)))
  const misses = Math.floor(hits / (8 + number('misses', 30)))
  server.counts = new Map([
    ['cmd_get', hits + misses],
    ['get_hits', hits],
    ['get_misses', misses],
    ['cmd_set', sets],
  ])
  server.cache.stored = sets
  server.connections = hours * (1 + number('connections', 40))
  server.bytesRead = sets * 310 + hits * 44
  server.bytesWritten = hits * 280 + misses * 5
  return server
}

/** What the items' time has to be later than: flush_all with a delay takes effect when its moment comes. */
export function flushed({ server }: Memcached, now: number): void {
  if (server.flushAt === 0 || server.flushAt > now) return
  for (const item of [...server.cache.all()]) if (item.stored <= server.flushAt) server.cache.remove(item.key)
  server.flushAt = 0
}
