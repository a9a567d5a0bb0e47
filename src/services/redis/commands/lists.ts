import { noSuchKey, RedisError, syntaxError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { bulks, integer, ok } from '../wire.ts'
import { blocking, parseTimeout } from './blocking.ts'
import {
  type Commands,
  dataAt,
  lengthOf,
  nilOr,
  parseCount,
  parseRange,
  parseSmall,
  type Run,
  shrunk,
} from './command.ts'

const list = (redis: Redis, key: string) => dataAt(redis, key, 'list')
const openList = ({ server, client, cx }: Redis, key: string, items: string[]) =>
  server.keyspace.open(client.db, key, 'list', cx.now(), items.length, lengthOf(items))

type End = 'left' | 'right'
function parseEnd(word: string): End {
  if (/^left$/i.test(word)) return 'left'
  if (/^right$/i.test(word)) return 'right'
  throw syntaxError()
}

function add(redis: Redis, key: string, items: string[], end: End): number {
  const data = openList(redis, key, items)
  if (end === 'right') for (const item of items) data.push(item)
  else if (items.length === 1) data.unshift(items[0]!)
  else {
    // One move of what is there, however many come in front of it.
    const all = items.toReversed().concat(data)
    data.length = 0
    for (const item of all) data.push(item)
  }
  return data.length
}

const push =
  (end: End, onlyIfThere: boolean): Run =>
  ([key = '', ...items], redis) =>
    integer(onlyIfThere && !list(redis, key) ? 0 : add(redis, key, items, end))

function take(redis: Redis, key: string, count: number, end: End): string[] | undefined {
  const data = list(redis, key)
  if (!data) return undefined
  const taken = end === 'left' ? data.splice(0, count) : data.splice(Math.max(0, data.length - count)).reverse()
  if (taken.length) shrunk(redis, key)
  return taken
}

const pop =
  (end: End): Run =>
  ([key = '', count], redis) => {
    const wanted = count === undefined ? 1 : parseCount(count)
    const taken = take(redis, key, wanted, end)
    if (count === undefined) return nilOr(redis, taken?.[0])
    return taken ? bulks(taken) : redis.client.shape.nilArray
  }

function move(redis: Redis, from: string, to: string, out: End, into: End): string | undefined {
  if (!list(redis, from)) return undefined
  list(redis, to)
  const [item] = take(redis, from, 1, out)!
  add(redis, to, [item!], into)
  return item
}

/** BLPOP and BRPOP: the first of the keys that has something. */
const popAny =
  (end: End): Run =>
  async (args, redis) => {
    const keys = args.slice(0, -1)
    const found = await blocking(redis, parseTimeout(args.at(-1)!), () => {
      const key = keys.find(key => list(redis, key))
      return key === undefined ? undefined : bulks([key, ...take(redis, key, 1, end)!])
    })
    return found ?? redis.client.shape.nilArray
  }

const moveOne =
  (out: End, into: End): Run =>
  ([from = '', to = ''], redis) =>
    nilOr(redis, move(redis, from, to, out, into))

const insert: Run = ([key = '', where = '', pivot = '', item = ''], redis) => {
  if (!/^(?:before|after)$/i.test(where)) throw syntaxError()
  const data = list(redis, key)
  if (!data) return integer(0)
  const at = data.indexOf(pivot)
  if (at < 0) return integer(-1)
  openList(redis, key, [item]).splice(/^before$/i.test(where) ? at : at + 1, 0, item)
  return integer(data.length)
}

const trim: Run = ([key = '', start = '', stop = ''], redis) => {
  const data = list(redis, key)
  const [from, to] = parseRange(start, stop, data?.length ?? 0)
  if (!data) return ok
  data.splice(to)
  data.splice(0, from)
  shrunk(redis, key)
  return ok
}

const position: Run = ([key = '', item = '', ...options], redis) => {
  const data = list(redis, key)
  if (options.length === 0) {
    const at = data?.indexOf(item) ?? -1
    return at < 0 ? redis.client.shape.nil : integer(at)
  }
  const asked = new Map<string, number>()
  for (let i = 0; i < options.length; i += 2) {
    if (!/^(?:rank|count|maxlen)$/i.test(options[i]!) || i + 1 >= options.length) throw syntaxError()
    asked.set(options[i]!.toUpperCase(), parseSmall(options[i + 1]!))
  }
  const rank = asked.get('RANK') ?? 1
  if (rank === 0)
    throw new RedisError(
      "ERR RANK can't be zero: use 1 to start from the first match, 2 from the second ... or use negative to start from the end of the list",
    )
  const places = (data ?? []).flatMap((other, i) => (other === item ? [i] : []))
  const found = (rank < 0 ? places.reverse() : places).slice(Math.abs(rank) - 1)
  const count = asked.get('COUNT')
  if (count === undefined) return found[0] === undefined ? redis.client.shape.nil : integer(found[0])
  const chosen = count === 0 ? found : found.slice(0, count)
  return `*${chosen.length}\r\n${chosen.map(integer).join('')}`
}

export const lists: Commands = [
  ['lpush', push('left', false)],
  ['rpush', push('right', false)],
  ['lpushx', push('left', true)],
  ['rpushx', push('right', true)],
  ['lpop', pop('left')],
  ['rpop', pop('right')],
  ['blpop', popAny('left')],
  ['brpop', popAny('right')],
  ['rpoplpush', moveOne('right', 'left')],
  [
    'lmove',
    ([from = '', to = '', out = '', into = ''], redis) =>
      nilOr(redis, move(redis, from, to, parseEnd(out), parseEnd(into))),
  ],
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
      if (!data) throw noSuchKey()
      const given = parseSmall(index)
      const at = given < 0 ? data.length + given : given
      if (!(at in data)) throw new RedisError('ERR index out of range')
      openList(redis, key, [item])[at] = item
      shrunk(redis, key)
      return ok
    },
  ],
  ['linsert', insert],
  ['lpos', position],
  [
    'lrem',
    ([key = '', count = '', item = ''], redis) => {
      const wanted = parseSmall(count)
      const data = list(redis, key) ?? []
      const order = data.flatMap((other, i) => (other === item ? [i] : []))
      if (wanted < 0) order.reverse()
      const gone = new Set(order.slice(0, wanted === 0 ? undefined : Math.abs(wanted)))
      const rest = data.filter((_, i) => !gone.has(i))
      data.splice(0)
      for (const item of rest) data.push(item)
      if (gone.size) shrunk(redis, key)
      return integer(gone.size)
    },
  ],
  ['ltrim', trim],
]
