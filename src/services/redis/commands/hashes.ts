import { globMatcher } from '../glob.ts'
import { RedisError, syntaxError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, bulk, bulks, integer, ok } from '../wire.ts'
import {
  type Commands,
  dataAt,
  formatScore,
  lengthOf,
  nilOr,
  parseInteger,
  parseScan,
  parseScore,
  parseSmall,
  type Run,
  shrunk,
} from './command.ts'

const hash = (redis: Redis, key: string) => dataAt(redis, key, 'hash')

function hset(redis: Redis, [key = '', ...pairs]: string[], name: string): number {
  if (pairs.length % 2) throw new RedisError(`ERR wrong number of arguments for '${name}' command`)
  const { server, client, cx } = redis
  const fields = server.keyspace.open(client.db, key, 'hash', cx.now(), pairs.length / 2, lengthOf(pairs))
  const before = fields.size
  for (let i = 0; i < pairs.length; i += 2) fields.set(pairs[i]!, pairs[i + 1]!)
  return fields.size - before
}

const increment =
  (name: string, sum: (old: string | undefined, by: string) => string, answer: (text: string) => string): Run =>
  ([key = '', field = '', by = ''], redis) => {
    const next = sum(hash(redis, key)?.get(field), by)
    hset(redis, [key, field, next], name)
    return answer(next)
  }
const addInteger = (old: string | undefined, by: string) => {
  const amount = parseInteger(by)
  const sum = parseInteger(old ?? '0', () => new RedisError('ERR hash value is not an integer')) + amount
  if (sum < -(2n ** 63n) || sum >= 2n ** 63n) throw new RedisError('ERR increment or decrement would overflow')
  return String(sum)
}
const addFloat = (old: string | undefined, by: string) => {
  const amount = parseScore(by)
  return formatScore(parseScore(old ?? '0', 'ERR hash value is not a float') + amount)
}

const random: Run = ([key = '', count, flag], redis) => {
  const entries = (): [string, string][] => [...(hash(redis, key) ?? [])]
  if (count === undefined) return nilOr(redis, entries()[0]?.[0])
  const wanted = Math.min(Math.abs(parseSmall(count)), 10_000)
  if (flag !== undefined && !/^withvalues$/i.test(flag)) throw syntaxError()
  const chosen = entries().slice(0, wanted)
  if (flag === undefined) return bulks(chosen.map(([field]) => field))
  return redis.client.resp === 3 ? array(chosen.map(pair => bulks(pair))) : bulks(chosen.flat())
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
      const removed = fields.filter(field => found?.delete(field)).length
      if (removed) shrunk(redis, key)
      return integer(removed)
    },
  ],
  ['hincrby', increment('hincrby', addInteger, sum => integer(BigInt(sum)))],
  ['hincrbyfloat', increment('hincrbyfloat', addFloat, bulk)],
  ['hrandfield', random],
  [
    'hscan',
    ([key = '', ...args], redis) => {
      const { match } = parseScan(args)
      const matches = match === undefined ? () => true : globMatcher(match)
      const entries = [...(hash(redis, key) ?? [])].filter(([field]) => matches(field))
      return array([bulk('0'), bulks(entries.flat())])
    },
  ],
]
