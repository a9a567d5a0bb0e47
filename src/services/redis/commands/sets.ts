import { globMatcher } from '../glob.ts'
import { syntaxError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, bulk, bulks, integer } from '../wire.ts'
import {
  type Commands,
  dataAt,
  lengthOf,
  nilOr,
  parseCount,
  parseKeys,
  parseScan,
  parseSmall,
  type Run,
  remove,
  shrunk,
} from './command.ts'

const set = (redis: Redis, key: string) => dataAt(redis, key, 'set')

function add(redis: Redis, key: string, items: string[]): number {
  const { server, client, cx } = redis
  const fresh = items.filter(item => !set(redis, key)?.has(item))
  if (fresh.length === 0 && set(redis, key)) return 0
  const data = server.keyspace.open(client.db, key, 'set', cx.now(), fresh.length, lengthOf(fresh))
  const before = data.size
  for (const item of fresh) data.add(item)
  return data.size - before
}

const isNumber = (text: string) => /^(?:0|-?[1-9]\d{0,17})$/.test(text)
/** In the order Redis tells them: few whole numbers are kept sorted (intset.c). */
function members(redis: Redis, key: string): string[] {
  const items = [...(set(redis, key) ?? [])]
  return items.length <= 512 && items.every(isNumber) ? items.sort((a, b) => Number(a) - Number(b)) : items
}

type Combine = (first: Set<string>, rest: Set<string>[]) => Iterable<string>
/** Each runs over no more members than there are in all. */
const inter: Combine = (first, rest) => {
  const [smallest, ...others] = [first, ...rest].sort((a, b) => a.size - b.size)
  const distinct = [...new Set(others)]
  return [...smallest!].filter(item => distinct.every(other => other.has(item)))
}
const union: Combine = (first, rest) => {
  const all = new Set(first)
  for (const other of new Set(rest)) for (const item of other) all.add(item)
  return all
}
const diff: Combine = (first, rest) => {
  const left = new Set(first)
  for (const other of new Set(rest)) for (const item of other) left.delete(item)
  return left
}

const combined = (how: Combine, [key = '', ...keys]: string[], redis: Redis): string[] => {
  const none = new Set<string>()
  const [first, ...rest] = [key, ...keys].map(name => set(redis, name) ?? none)
  return Array.from(how(first!, rest))
}
const combine =
  (how: Combine): Run =>
  (keys, redis) =>
    redis.client.shape.set(combined(how, keys, redis).map(bulk))
const store =
  (how: Combine): Run =>
  ([target = '', ...keys], redis) => {
    const items = combined(how, keys, redis)
    remove(redis, target)
    return integer(items.length ? add(redis, target, items) : 0)
  }

const cardinality: Run = (args, redis) => {
  const [keys, more] = parseKeys(args)
  const [word, limit, ...rest] = more
  if (rest.length || (word !== undefined && (!/^limit$/i.test(word) || limit === undefined))) throw syntaxError()
  const found = combined(inter, keys, redis).length
  const most = limit === undefined ? 0 : parseSmall(limit)
  return integer(most > 0 ? Math.min(most, found) : found)
}

const move: Run = ([from = '', to = '', item = ''], redis) => {
  set(redis, to)
  if (!set(redis, from)?.delete(item)) return integer(0)
  shrunk(redis, from)
  add(redis, to, [item])
  return integer(1)
}

export const sets: Commands = [
  ['sadd', ([key = '', ...items], redis) => integer(add(redis, key, items))],
  [
    'srem',
    ([key = '', ...items], redis) => {
      const data = set(redis, key)
      const gone = items.filter(item => data?.delete(item)).length
      if (gone) shrunk(redis, key)
      return integer(gone)
    },
  ],
  ['smove', move],
  ['smembers', ([key = ''], redis) => redis.client.shape.set(members(redis, key).map(bulk))],
  ['sismember', ([key = '', item = ''], redis) => integer(set(redis, key)?.has(item) ? 1 : 0)],
  [
    'smismember',
    ([key = '', ...items], redis) => array(items.map(item => integer(set(redis, key)?.has(item) ? 1 : 0))),
  ],
  ['scard', ([key = ''], redis) => integer(set(redis, key)?.size ?? 0)],
  [
    'spop',
    ([key = '', count], redis) => {
      const wanted = count === undefined ? 1 : parseCount(count)
      const data = set(redis, key)
      const taken = [...(data ?? [])].slice(0, wanted)
      for (const item of taken) data!.delete(item)
      if (taken.length) shrunk(redis, key)
      return count === undefined ? nilOr(redis, taken[0]) : redis.client.shape.set(taken.map(bulk))
    },
  ],
  [
    'srandmember',
    ([key = '', count], redis) => {
      const wanted = count === undefined ? 1 : parseSmall(count)
      const data = [...(set(redis, key) ?? [])]
      if (count !== undefined) return bulks(data.slice(0, Math.abs(wanted)))
      return nilOr(redis, data[redis.cx.random(4).readUInt32BE() % Math.max(1, data.length)])
    },
  ],
  ['sinter', combine(inter)],
  ['sunion', combine(union)],
  ['sdiff', combine(diff)],
  ['sinterstore', store(inter)],
  ['sunionstore', store(union)],
  ['sdiffstore', store(diff)],
  ['sintercard', cardinality],
  [
    'sscan',
    ([key = '', ...args], redis) => {
      const { match } = parseScan(args)
      const matches = match === undefined ? () => true : globMatcher(match)
      return array([bulk('0'), bulks(members(redis, key).filter(matches))])
    },
  ],
]
