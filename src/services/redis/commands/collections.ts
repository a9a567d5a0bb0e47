import { globMatch, RedisError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, bulk, bulks, integer, ok } from '../wire.ts'
import { type Commands, parseInteger, parseRange, parseScan, parseSmall, type Run } from './command.ts'

/** Hashes, lists and sets. */

const hash = ({ server, client, cx }: Redis, key: string) => server.keyspace.get(client.db, key, 'hash', cx.now())
const list = ({ server, client, cx }: Redis, key: string) => server.keyspace.get(client.db, key, 'list', cx.now())
const set = ({ server, client, cx }: Redis, key: string) => server.keyspace.get(client.db, key, 'set', cx.now())
const ENTRY = 56

function hset(redis: Redis, [key = '', ...pairs]: string[], name: string): number {
  if (pairs.length % 2) throw new RedisError(`ERR wrong number of arguments for '${name}' command`)
  const { server, client, cx } = redis
  const fields = server.keyspace.open(client.db, key, 'hash', () => new Map(), cx.now())
  let added = 0
  for (let i = 0; i < pairs.length; i += 2) {
    const [field, data] = [pairs[i]!, pairs[i + 1]!]
    const old = fields.get(field)
    if (old === undefined) added++
    server.keyspace.touched(
      client.db,
      key,
      old === undefined ? field.length + data.length + ENTRY : data.length - old.length,
    )
    fields.set(field, data)
  }
  return added
}

export const hashes: Commands = [
  ['hset', (args, redis) => integer(hset(redis, args, 'hset'))],
  [
    'hmset',
    (args, redis) => {
      hset(redis, args, 'hmset')
      return ok
    },
  ],
  [
    'hsetnx',
    ([key = '', field = '', data = ''], redis) =>
      integer(hash(redis, key)?.has(field) ? 0 : hset(redis, [key, field, data], 'hsetnx')),
  ],
  ['hget', ([key = '', field = ''], redis) => nilOr(redis, hash(redis, key)?.get(field))],
  ['hmget', ([key = '', ...fields], redis) => array(fields.map(field => nilOr(redis, hash(redis, key)?.get(field))))],
  [
    'hgetall',
    ([key = ''], redis) =>
      redis.client.shape.map([...(hash(redis, key) ?? [])].map(([field, data]) => [bulk(field), bulk(data)])),
  ],
  ['hkeys', ([key = ''], redis) => bulks(hash(redis, key)?.keys() ?? [])],
  ['hvals', ([key = ''], redis) => bulks(hash(redis, key)?.values() ?? [])],
  ['hlen', ([key = ''], redis) => integer(hash(redis, key)?.size ?? 0)],
  ['hexists', ([key = '', field = ''], redis) => integer(hash(redis, key)?.has(field) ? 1 : 0)],
  ['hstrlen', ([key = '', field = ''], redis) => integer(hash(redis, key)?.get(field)?.length ?? 0)],
  [
    'hdel',
    ([key = '', ...fields], redis) => {
      const found = hash(redis, key)
      const removed = fields.filter(field => found?.delete(field))
      if (removed.length) redis.server.keyspace.touched(redis.client.db, key, -ENTRY * removed.length)
      return integer(removed.length)
    },
  ],
  [
    'hincrby',
    ([key = '', field = '', by = ''], redis) => {
      const old = hash(redis, key)?.get(field) ?? '0'
      if (!/^-?\d{1,19}$/.test(old)) throw new RedisError('ERR hash value is not an integer')
      const sum = BigInt(old) + parseInteger(by)
      hset(redis, [key, field, String(sum)], 'hincrby')
      return integer(sum)
    },
  ],
  [
    'hscan',
    ([key = '', ...args], redis) => {
      const { match } = parseScan(args)
      const entries = [...(hash(redis, key) ?? [])].filter(([field]) => match === undefined || globMatch(match, field))
      return array([bulk('0'), bulks(entries.flat())])
    },
  ],
]

function push(redis: Redis, [key = '', ...items]: string[], end: 'left' | 'right', onlyIfThere: boolean): string {
  const { server, client, cx } = redis
  if (onlyIfThere && !list(redis, key)) return integer(0)
  const data = server.keyspace.open(client.db, key, 'list', () => [], cx.now())
  for (const item of items) {
    server.keyspace.touched(client.db, key, 0)
    if (end === 'left') data.unshift(item)
    else data.push(item)
    server.keyspace.touched(client.db, key, item.length + ENTRY)
  }
  server.keyspace.databases[client.db]!.set(key, { type: 'list', data })
  return integer(data.length)
}

function pop(redis: Redis, [key = '', count]: string[], end: 'left' | 'right'): string {
  const data = list(redis, key)
  const wanted = count === undefined ? 1 : parseSmall(count)
  if (wanted < 0) throw new RedisError('ERR value is out of range, must be positive')
  if (!data) return count === undefined ? redis.client.shape.nil : redis.client.shape.nilArray
  const taken = end === 'left' ? data.splice(0, wanted) : data.splice(Math.max(0, data.length - wanted)).reverse()
  redis.server.keyspace.touched(redis.client.db, key, -taken.reduce((sum, item) => sum + item.length + ENTRY, 0))
  return count === undefined ? bulk(taken[0]!) : bulks(taken)
}

export const lists: Commands = [
  ['lpush', (args, redis) => push(redis, args, 'left', false)],
  ['rpush', (args, redis) => push(redis, args, 'right', false)],
  ['lpushx', (args, redis) => push(redis, args, 'left', true)],
  ['rpushx', (args, redis) => push(redis, args, 'right', true)],
  ['lpop', (args, redis) => pop(redis, args, 'left')],
  ['rpop', (args, redis) => pop(redis, args, 'right')],
  ['llen', ([key = ''], redis) => integer(list(redis, key)?.length ?? 0)],
  [
    'lrange',
    ([key = '', start = '', stop = ''], redis) => {
      const data = list(redis, key) ?? []
      return bulks(data.slice(...parseRange(start, stop, data.length)))
    },
  ],
  ['lindex', ([key = '', index = ''], redis) => nilOr(redis, list(redis, key)?.at(parseSmall(index)))],
  [
    'lset',
    ([key = '', index = '', item = ''], redis) => {
      const data = list(redis, key)
      if (!data) throw new RedisError('ERR no such key')
      const at = parseSmall(index) < 0 ? data.length + parseSmall(index) : parseSmall(index)
      if (!(at in data)) throw new RedisError('ERR index out of range')
      redis.server.keyspace.touched(redis.client.db, key, item.length - data[at]!.length)
      data[at] = item
      return ok
    },
  ],
  [
    'lrem',
    ([key = '', count = '', item = ''], redis) => {
      const data = list(redis, key) ?? []
      const wanted = parseSmall(count)
      const order = data.map((_, i) => (wanted < 0 ? data.length - 1 - i : i)).filter(i => data[i] === item)
      const gone = new Set(order.slice(0, wanted === 0 ? undefined : Math.abs(wanted)))
      const rest = data.filter((_, i) => !gone.has(i))
      data.splice(0, data.length, ...rest)
      if (gone.size) redis.server.keyspace.touched(redis.client.db, key, -gone.size * (item.length + ENTRY))
      return integer(gone.size)
    },
  ],
  [
    'ltrim',
    ([key = '', start = '', stop = ''], redis) => {
      const data = list(redis, key)
      if (!data) return ok
      const kept = data.slice(...parseRange(start, stop, data.length))
      const gone = data.length - kept.length
      data.splice(0, data.length, ...kept)
      redis.server.keyspace.touched(redis.client.db, key, -gone * ENTRY)
      return ok
    },
  ],
]

const members = (redis: Redis, keys: string[]) => keys.map(key => set(redis, key) ?? new Set<string>())
const combine =
  (how: (all: Set<string>[]) => Iterable<string>): Run =>
  (keys, redis) =>
    redis.client.shape.set(Array.from(how(members(redis, keys)), bulk))

export const sets: Commands = [
  [
    'sadd',
    ([key = '', ...items], redis) => {
      const { server, client, cx } = redis
      const data = server.keyspace.open(client.db, key, 'set', () => new Set(), cx.now())
      const before = data.size
      for (const item of items) {
        if (data.has(item)) continue
        data.add(item)
        server.keyspace.touched(client.db, key, item.length + ENTRY)
      }
      return integer(data.size - before)
    },
  ],
  [
    'srem',
    ([key = '', ...items], redis) => {
      const data = set(redis, key)
      const gone = items.filter(item => data?.delete(item)).length
      if (gone) redis.server.keyspace.touched(redis.client.db, key, -ENTRY * gone)
      return integer(gone)
    },
  ],
  ['smembers', ([key = ''], redis) => redis.client.shape.set(Array.from(set(redis, key) ?? [], bulk))],
  ['sismember', ([key = '', item = ''], redis) => integer(set(redis, key)?.has(item) ? 1 : 0)],
  [
    'smismember',
    ([key = '', ...items], redis) => array(items.map(item => integer(set(redis, key)?.has(item) ? 1 : 0))),
  ],
  ['scard', ([key = ''], redis) => integer(set(redis, key)?.size ?? 0)],
  [
    'spop',
    ([key = '', count], redis) => {
      const data = set(redis, key)
      const taken = [...(data ?? [])].slice(0, count === undefined ? 1 : parseSmall(count))
      for (const item of taken) data!.delete(item)
      if (taken.length) redis.server.keyspace.touched(redis.client.db, key, -ENTRY * taken.length)
      return count === undefined ? nilOr(redis, taken[0]) : redis.client.shape.set(taken.map(bulk))
    },
  ],
  [
    'srandmember',
    ([key = '', count], redis) => {
      const data = [...(set(redis, key) ?? [])]
      if (count !== undefined) return bulks(data.slice(0, Math.abs(parseSmall(count))))
      return nilOr(redis, data[redis.cx.random(4).readUInt32BE() % Math.max(1, data.length)])
    },
  ],
  [
    'sinter',
    combine(([first = new Set(), ...rest]) => [...first].filter(item => rest.every(other => other.has(item)))),
  ],
  ['sunion', combine(all => new Set(all.flatMap(one => [...one])))],
  ['sdiff', combine(([first = new Set(), ...rest]) => [...first].filter(item => !rest.some(other => other.has(item))))],
  [
    'sscan',
    ([key = '', ...args], redis) => {
      const { match } = parseScan(args)
      const items = [...(set(redis, key) ?? [])].filter(item => match === undefined || globMatch(match, item))
      return array([bulk('0'), bulks(items)])
    },
  ],
]

const nilOr = ({ client }: Redis, data: string | undefined) => (data === undefined ? client.shape.nil : bulk(data))
