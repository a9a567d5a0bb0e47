import { badSubcommand } from '../facts.ts'
import { globMatcher } from '../glob.ts'
import {
  copy,
  noSuchKey,
  notInteger,
  RedisError,
  size,
  syntaxError,
  type Value,
  weight,
  wrongType,
} from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, bulk, bulks, integer, ok, simple } from '../wire.ts'
import { type Commands, parseScan, parseSmall, type Run, remove, valueAt } from './command.ts'

/** All live keys of the chosen database. */
function keys(redis: Redis): string[] {
  const { server, client } = redis
  return [...server.keyspace.databases[client.db]!.keys()].filter(key => valueAt(redis, key))
}

const parseDatabase = (index: string, wrong = notInteger): number => {
  const db = parseSmall(index, wrong)
  if (db < 0 || db >= 16) throw new RedisError('ERR DB index is out of range')
  return db
}

const removeAll: Run = (names, redis) => integer(names.filter(key => valueAt(redis, key) && remove(redis, key)).length)
const countLive: Run = (names, redis) => integer(names.filter(key => valueAt(redis, key)).length)

/** Puts a value under a name in a database, with its time to live. */
function place(redis: Redis, db: number, key: string, value: Value, expires: number | undefined) {
  const { keyspace } = redis.server
  keyspace.set(db, key, value)
  if (expires !== undefined) keyspace.expireAt(db, key, expires)
}

const rename =
  (onlyIfFree: boolean): Run =>
  ([from = '', to = ''], redis) => {
    const { server, client } = redis
    const value = valueAt(redis, from)
    if (!value) throw noSuchKey()
    if (onlyIfFree && valueAt(redis, to)) return integer(0)
    const expires = server.keyspace.expiresAt(client.db, from)
    remove(redis, from)
    place(redis, client.db, to, value, expires)
    return onlyIfFree ? integer(1) : ok
  }

const copyTo: Run = ([from = '', to = '', ...words], redis) => {
  const { server, client, cx } = redis
  let [db, replace] = [client.db, false]
  for (let i = 0; i < words.length; i++) {
    if (/^replace$/i.test(words[i]!)) replace = true
    else if (/^db$/i.test(words[i]!) && i + 1 < words.length) db = parseDatabase(words[++i]!)
    else throw syntaxError()
  }
  if (db === client.db && from === to) throw new RedisError('ERR source and destination objects are the same')
  const value = valueAt(redis, from)
  if (!value || (!replace && server.keyspace.find(db, to, cx.now()))) return integer(0)
  place(redis, db, to, copy(value), server.keyspace.expiresAt(client.db, from))
  return integer(1)
}

const move: Run = ([key = '', index = ''], redis) => {
  const { server, client, cx } = redis
  const db = parseDatabase(index)
  if (db === client.db) throw new RedisError('ERR source and destination objects are the same')
  const value = valueAt(redis, key)
  if (!value || server.keyspace.find(db, key, cx.now())) return integer(0)
  const expires = server.keyspace.expiresAt(client.db, key)
  remove(redis, key)
  place(redis, db, key, value, expires)
  return integer(1)
}

const isNumber = (text: string) => /^(?:0|-?[1-9]\d{0,18})$/.test(text)

/** object.c: how Redis 7.0 would hold it with its default limits. */
function encoding(value: Value): string {
  if (value.type === 'string') return isNumber(value.data) ? 'int' : value.data.length <= 44 ? 'embstr' : 'raw'
  if (value.type === 'list') return 'quicklist'
  if (value.type === 'set') return size(value) <= 512 && [...value.data].every(isNumber) ? 'intset' : 'hashtable'
  const longest = value.type === 'hash' ? [...value.data].flat() : [...value.data.keys()]
  if (size(value) <= (value.type === 'hash' ? 512 : 128) && longest.every(text => text.length <= 64)) return 'listpack'
  return value.type === 'hash' ? 'hashtable' : 'skiplist'
}
/** Small numbers are shared by all (OBJ_SHARED_INTEGERS), which counts as INT_MAX. */
const references = (value: Value) =>
  value.type === 'string' && isNumber(value.data) && Number(value.data) >= 0 && Number(value.data) < 10_000
    ? 2147483647
    : 1

const LFU_ONLY =
  'ERR An LFU maxmemory policy is not selected, access frequency not tracked. Please note that when switching between policies at runtime LRU and LFU data will take some time to adjust.'

const object: Run = ([what = '', key = ''], redis) => {
  const verb = what.toUpperCase()
  const value = valueAt(redis, key)
  if (!value) return redis.client.shape.nil
  if (verb === 'ENCODING') return bulk(encoding(value))
  if (verb === 'REFCOUNT') return integer(references(value))
  if (verb === 'FREQ') throw new RedisError(LFU_ONLY)
  return integer(0)
}

const memory: Run = ([what = '', key = ''], redis) => {
  const verb = what.toUpperCase()
  const value = verb === 'USAGE' ? valueAt(redis, key) : undefined
  if (verb === 'USAGE') return value ? integer(56 + ((key.length + weight(value) + 7) & ~7)) : redis.client.shape.nil
  if (verb === 'PURGE') return ok
  if (verb === 'DOCTOR') return redis.client.shape.verbatim(DOCTOR)
  throw new RedisError(badSubcommand('MEMORY', what))
}
const DOCTOR =
  "Hi Sam, this instance is empty or is using very little memory, my issues detector can't be used in these conditions. Please, leave for your mission on Earth and fill it with some data. The new Sam and I will be back to our programming as soon as I finished rebooting.\n"

const flush =
  (all: boolean): Run =>
  ([mode = '', ...more], { server, client }) => {
    if (more.length || (mode && !/^a?sync$/i.test(mode))) throw syntaxError()
    for (let db = 0; db < 16; db++) if (all || db === client.db) server.keyspace.clear(db)
    return ok
  }

const scan: Run = (args, redis) => {
  const { cursor, match, count, type } = parseScan(args)
  const all = keys(redis)
  const matches = match === undefined ? () => true : globMatcher(match)
  const page = all.slice(cursor, cursor + count)
  const next = cursor + count < all.length ? cursor + count : 0
  const found = page.filter(key => matches(key) && (type === undefined || valueAt(redis, key)!.type === type))
  return array([bulk(String(next)), bulks(found)])
}

/** Lists, sets and sorted sets of numbers; the options are left out. */
const sort: Run = ([key = ''], redis) => {
  const value = valueAt(redis, key)
  if (value?.type === 'string' || value?.type === 'hash') throw wrongType()
  const items = value ? [...(value.type === 'zset' ? value.data.keys() : value.data)] : []
  if (items.some(item => !Number.isFinite(Number(item))))
    throw new RedisError("ERR One or more scores can't be converted into double")
  return bulks(items.sort((a, b) => Number(a) - Number(b)))
}

const swap: Run = ([a = '', b = ''], { server }) => {
  const first = parseDatabase(a, () => new RedisError('ERR invalid first DB index'))
  const second = parseDatabase(b, () => new RedisError('ERR invalid second DB index'))
  server.keyspace.swap(first, second)
  return ok
}

export const keyCommands: Commands = [
  ['del', removeAll],
  ['unlink', removeAll],
  ['exists', countLive],
  ['touch', countLive],
  ['type', ([key = ''], redis) => simple(valueAt(redis, key)?.type ?? 'none')],
  ['keys', ([pattern = ''], redis) => bulks(keys(redis).filter(globMatcher(pattern)))],
  ['scan', scan],
  ['dbsize', (_, redis) => integer(keys(redis).length)],
  [
    'randomkey',
    (_, redis) => {
      const all = keys(redis)
      return all.length ? bulk(all[redis.cx.random(4).readUInt32BE() % all.length]!) : redis.client.shape.nil
    },
  ],
  ['rename', rename(false)],
  ['renamenx', rename(true)],
  ['copy', copyTo],
  ['move', move],
  ['flushall', flush(true)],
  ['flushdb', flush(false)],
  [
    'select',
    ([index = ''], { client }) => {
      client.db = parseDatabase(index)
      return ok
    },
  ],
  ['swapdb', swap],
  ['object', object],
  ['memory', memory],
  ['sort', sort],
  [
    'restore',
    () => {
      throw new RedisError('ERR DUMP payload version or checksum are wrong')
    },
  ],
  ['migrate', () => simple('NOKEY')],
]
