import { noMemory, RedisError, syntaxError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, bulk, integer, ok } from '../wire.ts'
import {
  type Commands,
  dataAt,
  formatScore,
  nilOr,
  parseInteger,
  parseScore,
  parseSmall,
  type Run,
  remove,
  valueAt,
} from './command.ts'

const read = (redis: Redis, key: string) => dataAt(redis, key, 'string')
/** Puts a text there; `keep` its time to live, as INCR and APPEND do. */
export const write = ({ server, client }: Redis, key: string, data: string, keep = false) =>
  server.keyspace.set(client.db, key, { type: 'string', data }, keep)

function add(redis: Redis, key: string, amount: bigint): string {
  const sum = parseInteger(read(redis, key) ?? '0') + amount
  if (sum < -(2n ** 63n) || sum >= 2n ** 63n) throw new RedisError('ERR increment or decrement would overflow')
  write(redis, key, String(sum), true)
  return integer(sum)
}

const decrementBy: Run = ([key = '', by = ''], redis) => {
  const amount = parseInteger(by)
  if (amount === -(2n ** 63n)) throw new RedisError('ERR decrement would overflow')
  return add(redis, key, -amount)
}

/** EX, PX, EXAT and PXAT of `command` → milliseconds since the epoch (t_string.c, getExpireMillisecondsOrReply). */
function deadline(unit: string, text: string, now: number, command: string): number {
  const given = parseInteger(text)
  const ms = unit.startsWith('P') ? given : given * 1000n
  const at = unit.endsWith('AT') ? ms : ms + BigInt(now)
  if (given <= 0n || at >= 2n ** 63n || ms >= 2n ** 63n)
    throw new RedisError(`ERR invalid expire time in '${command}' command`)
  return Number(at)
}

type Flags = { when?: 'NX' | 'XX'; get: boolean; ttl?: 'KEEPTTL' | 'PERSIST' | { unit: string; text: string } }
/** t_string.c, parseExtendedStringArgumentsOrReply. */
function parseFlags(words: string[], allowed: RegExp): Flags {
  const flags: Flags = { get: false }
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!.toUpperCase()
    if (!allowed.test(word)) throw syntaxError()
    if ((word === 'NX' || word === 'XX') && (flags.when ?? word) === word) flags.when = word
    else if (word === 'GET') flags.get = true
    else if ((word === 'KEEPTTL' || word === 'PERSIST') && !flags.ttl) flags.ttl = word
    else if (/^[EP]X/.test(word)) {
      if (flags.ttl || i + 1 >= words.length) throw syntaxError()
      flags.ttl = { unit: word, text: words[++i]! }
    } else throw syntaxError()
  }
  return flags
}

const set: Run = ([key = '', data = '', ...words], redis) => {
  const { server, client, cx } = redis
  const { when, get, ttl } = parseFlags(words, /^(?:NX|XX|GET|KEEPTTL|EX|PX|EXAT|PXAT)$/)
  const at = typeof ttl === 'object' ? deadline(ttl.unit, ttl.text, cx.now(), 'set') : undefined
  const answer = get ? nilOr(redis, read(redis, key)) : ok
  const there = valueAt(redis, key) !== undefined
  if ((when === 'NX' && there) || (when === 'XX' && !there)) return get ? answer : client.shape.nil
  write(redis, key, data, ttl === 'KEEPTTL')
  if (at !== undefined) server.keyspace.expireAt(client.db, key, at)
  return answer
}

const setFor =
  (name: string, unit: string): Run =>
  ([key = '', amount = '', data = ''], redis) => {
    const { server, client, cx } = redis
    const at = deadline(unit, amount, cx.now(), name)
    write(redis, key, data)
    server.keyspace.expireAt(client.db, key, at)
    return ok
  }

const getAndExpire: Run = ([key = '', ...words], redis) => {
  const { server, client, cx } = redis
  const { ttl } = parseFlags(words, /^(?:PERSIST|EX|PX|EXAT|PXAT)$/)
  const data = read(redis, key)
  const at = typeof ttl === 'object' ? deadline(ttl.unit, ttl.text, cx.now(), 'getex') : undefined
  if (data !== undefined && ttl) server.keyspace.expireAt(client.db, key, at)
  return nilOr(redis, data)
}

function setMany(redis: Redis, args: string[], name: string) {
  if (args.length % 2) throw new RedisError(`ERR wrong number of arguments for '${name}' command`)
  for (let i = 0; i < args.length; i += 2) write(redis, args[i]!, args[i + 1]!)
}

const setManyIfFree: Run = (args, redis) => {
  if (args.length % 2) throw new RedisError("ERR wrong number of arguments for 'msetnx' command")
  if (args.some((key, i) => i % 2 === 0 && valueAt(redis, key))) return integer(0)
  setMany(redis, args, 'msetnx')
  return integer(1)
}

const getRange: Run = ([key = '', start = '', end = ''], redis) => {
  const [first, last] = [parseSmall(start), parseSmall(end)]
  const data = read(redis, key) ?? ''
  if (first < 0 && last < 0 && first > last) return bulk('')
  const at = (n: number) => (n < 0 ? Math.max(0, data.length + n) : n)
  return bulk(at(first) > at(last) ? '' : data.slice(at(first), at(last) + 1))
}

const setRange: Run = ([key = '', offset = '', data = ''], redis) => {
  const at = parseSmall(offset)
  if (at < 0) throw new RedisError('ERR offset is out of range')
  const before = read(redis, key) ?? ''
  if (data === '') return integer(before.length)
  if (at + data.length > 512 << 20) throw new RedisError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
  if (at + data.length > 4 << 20) throw noMemory()
  const old = before.padEnd(at, '\0')
  const next = old.slice(0, at) + data + old.slice(at + data.length)
  write(redis, key, next, true)
  return integer(next.length)
}

export const strings: Commands = [
  ['get', ([key = ''], redis) => nilOr(redis, read(redis, key))],
  ['set', set],
  [
    'setnx',
    ([key = '', data = ''], redis) => {
      if (valueAt(redis, key)) return integer(0)
      write(redis, key, data)
      return integer(1)
    },
  ],
  ['setex', setFor('setex', 'EX')],
  ['psetex', setFor('psetex', 'PX')],
  ['getex', getAndExpire],
  [
    'mget',
    (keys, redis) =>
      array(
        keys.map(key => {
          const value = valueAt(redis, key)
          return nilOr(redis, value?.type === 'string' ? value.data : undefined)
        }),
      ),
  ],
  [
    'mset',
    (args, redis) => {
      setMany(redis, args, 'mset')
      return ok
    },
  ],
  ['msetnx', setManyIfFree],
  [
    'getset',
    ([key = '', data = ''], redis) => {
      const old = read(redis, key)
      write(redis, key, data)
      return nilOr(redis, old)
    },
  ],
  [
    'getdel',
    ([key = ''], redis) => {
      const old = read(redis, key)
      remove(redis, key)
      return nilOr(redis, old)
    },
  ],
  ['strlen', ([key = ''], redis) => integer(read(redis, key)?.length ?? 0)],
  [
    'append',
    ([key = '', more = ''], redis) => {
      const data = (read(redis, key) ?? '') + more
      write(redis, key, data, true)
      return integer(data.length)
    },
  ],
  ['incr', ([key = ''], redis) => add(redis, key, 1n)],
  ['decr', ([key = ''], redis) => add(redis, key, -1n)],
  ['incrby', ([key = '', by = ''], redis) => add(redis, key, parseInteger(by))],
  ['decrby', decrementBy],
  [
    'incrbyfloat',
    ([key = '', by = ''], redis) => {
      const old = parseScore(read(redis, key) ?? '0')
      const sum = old + parseScore(by)
      if (!Number.isFinite(sum)) throw new RedisError('ERR increment would produce NaN or Infinity')
      write(redis, key, formatScore(sum), true)
      return bulk(formatScore(sum))
    },
  ],
  ['getrange', getRange],
  ['substr', getRange],
  ['setrange', setRange],
]
