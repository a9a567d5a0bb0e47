import { RedisError, syntaxError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, bulk, integer } from '../wire.ts'
import { type Commands, formatScore, parseRange, parseScore } from './command.ts'

type Entry = [member: string, score: number]
const ENTRY = 72

const zset = ({ server, client, cx }: Redis, key: string) => server.keyspace.get(client.db, key, 'zset', cx.now())

/** By score, then by bytes, as the skip list has them. */
const sorted = (redis: Redis, key: string): Entry[] =>
  [...(zset(redis, key) ?? [])].sort((a, b) => a[1] - b[1] || (a[0] < b[0] ? -1 : 1))

function show(redis: Redis, entries: Entry[], withScores: boolean): string {
  if (!withScores) return array(entries.map(([member]) => bulk(member)))
  const pairs = entries.map(([member, score]) => [bulk(member), redis.client.shape.double(formatScore(score))])
  return array(redis.client.resp === 3 ? pairs.map(array) : pairs.flat())
}

function zadd(redis: Redis, [key = '', ...args]: string[]): string {
  const { server, client, cx } = redis
  const flags = new Set<string>()
  while (/^(nx|xx|gt|lt|ch|incr)$/i.test(args[0] ?? '')) flags.add(args.shift()!.toUpperCase())
  if (args.length === 0 || args.length % 2) throw syntaxError()
  const scores = args.filter((_, i) => i % 2 === 0).map(parseScore)
  const data = server.keyspace.open(client.db, key, 'zset', () => new Map(), cx.now())
  let [added, changed] = [0, 0]
  let latest = 0
  scores.forEach((given, i) => {
    const member = args[2 * i + 1]!
    const old = data.get(member)
    const score = flags.has('INCR') ? (old ?? 0) + given : given
    latest = score
    if ((flags.has('NX') && old !== undefined) || (flags.has('XX') && old === undefined)) return
    if (old !== undefined && ((flags.has('GT') && score <= old) || (flags.has('LT') && score >= old))) return
    data.set(member, score)
    if (old === undefined) added++
    if (old !== score) changed++
    server.keyspace.touched(client.db, key, old === undefined ? member.length + ENTRY : 0)
  })
  if (flags.has('INCR')) return redis.client.shape.double(formatScore(latest))
  return integer(flags.has('CH') ? changed : added)
}

/** A bound of ZRANGEBYSCORE: `(1.5`, `-inf`, `10`. */
function parseBound(text: string): { score: number; open: boolean } {
  try {
    return { score: parseScore(text.replace(/^\(/, '')), open: text.startsWith('(') }
  } catch {
    throw new RedisError('ERR min or max is not a float')
  }
}

function between(redis: Redis, key: string, low: string, high: string): Entry[] {
  const [from, to] = [parseBound(low), parseBound(high)]
  return sorted(redis, key).filter(
    ([, score]) =>
      (from.open ? score > from.score : score >= from.score) && (to.open ? score < to.score : score <= to.score),
  )
}

function range(redis: Redis, [key = '', start = '', stop = '', ...flags]: string[], reverse: boolean): string {
  const words = flags.map(flag => flag.toUpperCase())
  const backwards = reverse || words.includes('REV')
  if (words.some(word => !/^(WITHSCORES|REV|BYSCORE)$/.test(word))) throw syntaxError()
  if (words.includes('BYSCORE')) {
    const entries = backwards ? between(redis, key, stop, start).reverse() : between(redis, key, start, stop)
    return show(redis, entries, words.includes('WITHSCORES'))
  }
  const entries = backwards ? sorted(redis, key).reverse() : sorted(redis, key)
  return show(redis, entries.slice(...parseRange(start, stop, entries.length)), words.includes('WITHSCORES'))
}

const withScores = (flags: string[]) => flags.some(flag => /^withscores$/i.test(flag))

export const zsets: Commands = [
  ['zadd', (args, redis) => zadd(redis, args)],
  ['zincrby', ([key = '', by = '', member = ''], redis) => zadd(redis, [key, 'INCR', by, member])],
  ['zcard', ([key = ''], redis) => integer(zset(redis, key)?.size ?? 0)],
  [
    'zscore',
    ([key = '', member = ''], redis) => {
      const score = zset(redis, key)?.get(member)
      return score === undefined ? redis.client.shape.nil : redis.client.shape.double(formatScore(score))
    },
  ],
  ['zrange', (args, redis) => range(redis, args, false)],
  ['zrevrange', (args, redis) => range(redis, args, true)],
  [
    'zrangebyscore',
    ([key = '', low = '', high = '', ...flags], redis) =>
      show(redis, between(redis, key, low, high), withScores(flags)),
  ],
  [
    'zrevrangebyscore',
    ([key = '', high = '', low = '', ...flags], redis) =>
      show(redis, between(redis, key, low, high).reverse(), withScores(flags)),
  ],
  ['zcount', ([key = '', low = '', high = ''], redis) => integer(between(redis, key, low, high).length)],
  [
    'zrank',
    ([key = '', member = ''], redis) => {
      const rank = sorted(redis, key).findIndex(([name]) => name === member)
      return rank < 0 ? redis.client.shape.nil : integer(rank)
    },
  ],
  [
    'zrem',
    ([key = '', ...names], redis) => {
      const data = zset(redis, key)
      const gone = names.filter(name => data?.delete(name)).length
      if (gone) redis.server.keyspace.touched(redis.client.db, key, -ENTRY * gone)
      return integer(gone)
    },
  ],
]
