import { globMatch, notInteger, RedisError, size, syntaxError, type Value } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, bulk, bulks, integer, ok, simple } from '../wire.ts'
import { type Commands, parseScan, parseSmall, type Run } from './command.ts'

const find = ({ server, client, cx }: Redis, key: string) => server.keyspace.find(client.db, key, cx.now())

/** All live keys of the chosen database. */
function keys(redis: Redis): string[] {
  const { server, client, cx } = redis
  const database = server.keyspace.databases[client.db]!
  return [...database.keys()].filter(key => server.keyspace.find(client.db, key, cx.now()))
}

const remove: Run = (names, { server, client }) =>
  integer(names.filter(key => server.keyspace.delete(client.db, key)).length)

const expire =
  (unit: number, relative: boolean): Run =>
  ([key = '', amount = '', flag = ''], redis) => {
    const { server, client, cx } = redis
    const at = (relative ? cx.now() : 0) + parseSmall(amount) * unit
    if (flag && !/^(nx|xx|gt|lt)$/i.test(flag)) throw new RedisError(`ERR Unsupported option ${flag}`)
    if (!find(redis, key)) return integer(0)
    if (at <= cx.now()) server.keyspace.delete(client.db, key)
    else server.keyspace.expireAt(client.db, key, at)
    return integer(1)
  }

const left =
  (unit: number): Run =>
  ([key = ''], redis) => {
    if (!find(redis, key)) return integer(-2)
    const at = redis.server.keyspace.expiresAt(redis.client.db, key)
    return integer(at === undefined ? -1 : Math.round((at - redis.cx.now()) / unit))
  }

const rename =
  (onlyIfFree: boolean): Run =>
  ([from = '', to = ''], redis) => {
    const { server, client } = redis
    const value = find(redis, from)
    if (!value) throw new RedisError('ERR no such key')
    if (onlyIfFree && find(redis, to)) return integer(0)
    const expires = server.keyspace.expiresAt(client.db, from)
    server.keyspace.delete(client.db, from)
    server.keyspace.delete(client.db, to)
    server.keyspace.set(client.db, to, value)
    if (expires !== undefined) server.keyspace.expireAt(client.db, to, expires)
    return onlyIfFree ? integer(1) : ok
  }

/** object.c: how Redis 7.0 would hold it. */
function encoding(value: Value): string {
  if (value.type === 'string')
    return /^-?\d{1,18}$/.test(value.data) ? 'int' : value.data.length <= 44 ? 'embstr' : 'raw'
  if (value.type === 'list') return 'quicklist'
  if (value.type === 'set' && [...value.data].every(item => /^-?\d{1,18}$/.test(item)) && size(value) <= 512)
    return 'intset'
  if (value.type === 'set') return 'hashtable'
  return size(value) <= (value.type === 'hash' ? 512 : 128)
    ? 'listpack'
    : value.type === 'hash'
      ? 'hashtable'
      : 'skiplist'
}

const flush =
  (all: boolean): Run =>
  ([mode = ''], { server, client }) => {
    if (mode && !/^(a?sync)$/i.test(mode)) throw syntaxError()
    for (let db = 0; db < 16; db++) if (all || db === client.db) server.keyspace.clear(db)
    return ok
  }

export const keyCommands: Commands = [
  ['del', remove],
  ['unlink', remove],
  ['exists', (names, redis) => integer(names.filter(key => find(redis, key)).length)],
  ['touch', (names, redis) => integer(names.filter(key => find(redis, key)).length)],
  ['type', ([key = ''], redis) => simple(find(redis, key)?.type ?? 'none')],
  ['expire', expire(1000, true)],
  ['pexpire', expire(1, true)],
  ['expireat', expire(1000, false)],
  ['pexpireat', expire(1, false)],
  ['ttl', left(1000)],
  ['pttl', left(1)],
  ['persist', ([key = ''], { server, client }) => integer(server.keyspace.expireAt(client.db, key, undefined) ? 1 : 0)],
  ['keys', ([pattern = ''], redis) => bulks(keys(redis).filter(key => globMatch(pattern, key)))],
  [
    'scan',
    (args, redis) => {
      const { cursor, match, count, type } = parseScan(args)
      const all = keys(redis)
      const page = all.slice(cursor, cursor + count)
      const next = cursor + count < all.length ? cursor + count : 0
      const found = page.filter(
        key =>
          (match === undefined || globMatch(match, key)) && (type === undefined || find(redis, key)!.type === type),
      )
      return array([bulk(String(next)), bulks(found)])
    },
  ],
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
  ['flushall', flush(true)],
  ['flushdb', flush(false)],
  [
    'select',
    ([index = ''], { client }) => {
      if (!/^-?\d+$/.test(index)) throw notInteger()
      if (!(Number(index) >= 0 && Number(index) < 16)) throw new RedisError('ERR DB index is out of range')
      client.db = Number(index)
      return ok
    },
  ],
  [
    'object',
    ([what = '', key], redis) => {
      const value = key === undefined ? undefined : find(redis, key)
      const verb = what.toUpperCase()
      if (key === undefined || !['ENCODING', 'REFCOUNT', 'IDLETIME'].includes(verb))
        throw new RedisError(`ERR unknown subcommand or wrong number of arguments for '${what}'. Try OBJECT HELP.`)
      if (!value) return redis.client.shape.nil
      return verb === 'ENCODING' ? bulk(encoding(value)) : integer(verb === 'REFCOUNT' ? 1 : 0)
    },
  ],
  [
    'restore',
    () => {
      throw new RedisError('ERR DUMP payload version or checksum are wrong')
    },
  ],
  ['migrate', () => simple('NOKEY')],
]
