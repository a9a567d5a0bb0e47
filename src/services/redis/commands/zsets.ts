import { globMatcher } from '../glob.ts'
import { RedisError, syntaxError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, bulk, bulks, integer } from '../wire.ts'
import {
  type Commands,
  dataAt,
  formatScore,
  lengthOf,
  nilOr,
  parseCount,
  parseScan,
  parseScore,
  type Run,
  shrunk,
} from './command.ts'
import { between, byLex, byScore, type Entry, parseQuery, type Query, select } from './zset-ranges.ts'

const zset = (redis: Redis, key: string) => dataAt(redis, key, 'zset')

/** By score, then by bytes, as the skip list has them. */
const sorted = (redis: Redis, key: string): Entry[] =>
  [...(zset(redis, key) ?? [])].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))

const score = ({ client }: Redis, n: number | undefined) =>
  n === undefined ? client.shape.nil : client.shape.double(formatScore(n))

function show(redis: Redis, entries: Entry[], withScores: boolean): string {
  if (!withScores) return bulks(entries.map(([member]) => member))
  const pairs = entries.map(([member, n]) => [bulk(member), score(redis, n)])
  return array(redis.client.resp === 3 ? pairs.map(array) : pairs.flat())
}

function checkFlags(flags: Set<string>, pairs: number) {
  if (flags.has('NX') && flags.has('XX'))
    throw new RedisError('ERR XX and NX options at the same time are not compatible')
  if ([flags.has('GT'), flags.has('LT'), flags.has('NX')].filter(Boolean).length > 1)
    throw new RedisError('ERR GT, LT, and/or NX options at the same time are not compatible')
  if (flags.has('INCR') && pairs > 1) throw new RedisError('ERR INCR option supports a single increment-element pair')
}

/** May this member take that score? The old one is missing where the member is. */
function allows(flags: Set<string>, old: number | undefined, next: number): boolean {
  if (old === undefined) return !flags.has('XX')
  return !(flags.has('NX') || (flags.has('GT') && next <= old) || (flags.has('LT') && next >= old))
}

const zadd: Run = ([key = '', ...args], redis) => {
  const { server, client, cx } = redis
  const flags = new Set<string>()
  let at = 0
  for (; /^(?:nx|xx|gt|lt|ch|incr)$/i.test(args[at] ?? ''); at++) flags.add(args[at]!.toUpperCase())
  const given = args.slice(at)
  if (given.length === 0 || given.length % 2) throw syntaxError()
  checkFlags(flags, given.length / 2)
  const pairs: Entry[] = []
  for (let i = 0; i < given.length; i += 2) pairs.push([given[i + 1]!, parseScore(given[i]!)])
  if (!zset(redis, key) && flags.has('XX')) return flags.has('INCR') ? client.shape.nil : integer(0)
  const data = server.keyspace.open(client.db, key, 'zset', cx.now(), pairs.length, lengthOf(pairs.map(([m]) => m)))
  let [added, changed] = [0, 0]
  let latest: number | undefined
  for (const [member, number] of pairs) {
    const old = data.get(member)
    const next = flags.has('INCR') ? (old ?? 0) + number : number
    if (Number.isNaN(next)) throw new RedisError('ERR resulting score is not a number (NaN)')
    if (!allows(flags, old, next)) continue
    latest = next
    data.set(member, next)
    if (old === undefined) added++
    if (old !== next) changed++
  }
  if (data.size === 0) shrunk(redis, key)
  if (flags.has('INCR')) return score(redis, latest)
  return integer(flags.has('CH') ? changed : added)
}

const range =
  (preset: Partial<Query>): Run =>
  ([key = '', start = '', stop = '', ...words], redis) => {
    const query = parseQuery(words, preset)
    return show(redis, select(sorted(redis, key), start, stop, query), query.withScores)
  }

const rank =
  (reverse: boolean): Run =>
  ([key = '', member = ''], redis) => {
    const entries = sorted(redis, key)
    const at = entries.findIndex(([name]) => name === member)
    return at < 0 ? redis.client.shape.nil : integer(reverse ? entries.length - 1 - at : at)
  }

function take(redis: Redis, key: string, entries: Entry[]): Entry[] {
  for (const [member] of entries) zset(redis, key)!.delete(member)
  if (entries.length) shrunk(redis, key)
  return entries
}

const pop =
  (highest: boolean): Run =>
  ([key = '', count], redis) => {
    const wanted = count === undefined ? 1 : parseCount(count)
    const entries = sorted(redis, key)
    const taken = take(redis, key, (highest ? entries.reverse() : entries).slice(0, wanted))
    if (redis.client.resp === 3 && count === undefined)
      return array(taken.flatMap(([member, n]) => [bulk(member), score(redis, n)]))
    return show(redis, taken, true)
  }

const removeRange =
  (preset: Partial<Query>): Run =>
  ([key = '', start = '', stop = ''], redis) =>
    integer(take(redis, key, select(sorted(redis, key), start, stop, parseQuery([], preset))).length)

export const zsets: Commands = [
  ['zadd', zadd],
  ['zincrby', ([key = '', by = '', member = ''], redis) => zadd([key, 'INCR', by, member], redis)],
  ['zcard', ([key = ''], redis) => integer(zset(redis, key)?.size ?? 0)],
  ['zscore', ([key = '', member = ''], redis) => score(redis, zset(redis, key)?.get(member))],
  ['zmscore', ([key = '', ...names], redis) => array(names.map(name => score(redis, zset(redis, key)?.get(name))))],
  ['zrange', range({ by: 'rank', any: true })],
  ['zrevrange', range({ by: 'rank', reverse: true })],
  ['zrangebyscore', range({ by: 'score', limits: true })],
  ['zrevrangebyscore', range({ by: 'score', reverse: true, limits: true })],
  ['zrangebylex', range({ by: 'lex', limits: true })],
  ['zrevrangebylex', range({ by: 'lex', reverse: true, limits: true })],
  [
    'zcount',
    ([key = '', low = '', high = ''], redis) => integer(between(sorted(redis, key), byScore(low, high)).length),
  ],
  [
    'zlexcount',
    ([key = '', low = '', high = ''], redis) => integer(between(sorted(redis, key), byLex(low, high)).length),
  ],
  ['zrank', rank(false)],
  ['zrevrank', rank(true)],
  [
    'zrem',
    ([key = '', ...names], redis) => {
      const data = zset(redis, key)
      const gone = names.filter(name => data?.delete(name)).length
      if (gone) shrunk(redis, key)
      return integer(gone)
    },
  ],
  ['zremrangebyrank', removeRange({ by: 'rank' })],
  ['zremrangebyscore', removeRange({ by: 'score' })],
  ['zremrangebylex', removeRange({ by: 'lex' })],
  ['zpopmin', pop(false)],
  ['zpopmax', pop(true)],
  [
    'zrandmember',
    ([key = '', count], redis) => {
      const names = sorted(redis, key).map(([member]) => member)
      return count === undefined ? nilOr(redis, names[0]) : bulks(names.slice(0, Math.abs(Number(count)) || 0))
    },
  ],
  [
    'zscan',
    ([key = '', ...args], redis) => {
      const { match } = parseScan(args)
      const matches = match === undefined ? () => true : globMatcher(match)
      const found = sorted(redis, key).filter(([member]) => matches(member))
      return array([bulk('0'), bulks(found.flatMap(([member, n]) => [member, formatScore(n)]))])
    },
  ],
]
