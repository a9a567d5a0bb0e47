import { RedisError, syntaxError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, bulk, integer, ok } from '../wire.ts'
import { type Commands, parseInteger, parseScore, parseSmall } from './command.ts'

const read = ({ server, client, cx }: Redis, key: string) => server.keyspace.get(client.db, key, 'string', cx.now())
const write = ({ server, client }: Redis, key: string, data: string) =>
  server.keyspace.set(client.db, key, { type: 'string', data })
const exists = ({ server, client, cx }: Redis, key: string) =>
  server.keyspace.find(client.db, key, cx.now()) !== undefined

/** Replaces the text of a key and keeps its time to live, as INCR and APPEND do. */
function rewrite(redis: Redis, key: string, data: string) {
  const { server, client } = redis
  const expires = server.keyspace.expiresAt(client.db, key)
  server.keyspace.delete(client.db, key)
  write(redis, key, data)
  if (expires !== undefined) server.keyspace.expireAt(client.db, key, expires)
}

function add(redis: Redis, key: string, amount: bigint): string {
  const sum = parseInteger(read(redis, key) ?? '0') + amount
  if (sum < -(2n ** 63n) || sum >= 2n ** 63n) throw new RedisError('ERR increment or decrement would overflow')
  rewrite(redis, key, String(sum))
  return integer(sum)
}

function set(redis: Redis, [key = '', data = '', ...flags]: string[]): string {
  const { server, client, cx } = redis
  const old = flags.some(flag => /^get$/i.test(flag)) ? read(redis, key) : undefined
  let [when, expires, keep, wantsOld]: [string, number | undefined, boolean, boolean] = ['', undefined, false, false]
  for (let i = 0; i < flags.length; i++) {
    const flag = flags[i]!.toUpperCase()
    if (flag === 'NX' || flag === 'XX') when = flag
    else if (flag === 'KEEPTTL') keep = true
    else if (flag === 'GET') wantsOld = true
    else if (/^(EX|PX|EXAT|PXAT)$/.test(flag) && i + 1 < flags.length)
      expires = deadline(flag, flags[++i]!, cx.now(), 'set')
    else throw syntaxError()
  }
  const there = exists(redis, key)
  const answer = wantsOld ? (old === undefined ? client.shape.nil : bulk(old)) : ok
  if ((when === 'NX' && there) || (when === 'XX' && !there)) return wantsOld ? answer : client.shape.nil
  const before = keep ? server.keyspace.expiresAt(client.db, key) : undefined
  server.keyspace.delete(client.db, key)
  write(redis, key, data)
  if (expires ?? before) server.keyspace.expireAt(client.db, key, expires ?? before)
  return answer
}

function deadline(flag: string, text: string, now: number, command: string): number {
  const number = parseSmall(text)
  if (number <= 0) throw new RedisError(`ERR invalid expire time in '${command}' command`)
  const ms = flag.startsWith('P') ? number : number * 1000
  return flag.endsWith('AT') ? ms : now + ms
}

export const strings: Commands = [
  ['get', ([key = ''], redis) => nilOr(redis, read(redis, key))],
  ['set', (args, redis) => set(redis, args)],
  [
    'setnx',
    ([key = '', data = ''], redis) => {
      if (exists(redis, key)) return integer(0)
      write(redis, key, data)
      return integer(1)
    },
  ],
  ['setex', ([key = '', seconds = '', data = ''], redis) => set(redis, [key, data, 'EX', seconds])],
  ['psetex', ([key = '', ms = '', data = ''], redis) => set(redis, [key, data, 'PX', ms])],
  ['mget', (keys, redis) => array(keys.map(key => nilOr(redis, stringOnly(redis, key))))],
  ['mset', (args, redis) => setMany(redis, args, 'mset')],
  [
    'msetnx',
    (args, redis) => {
      if (args.some((key, i) => i % 2 === 0 && exists(redis, key))) return integer(0)
      setMany(redis, args, 'msetnx')
      return integer(1)
    },
  ],
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
      redis.server.keyspace.delete(redis.client.db, key)
      return nilOr(redis, old)
    },
  ],
  ['strlen', ([key = ''], redis) => integer(read(redis, key)?.length ?? 0)],
  [
    'append',
    ([key = '', more = ''], redis) => {
      const data = (read(redis, key) ?? '') + more
      rewrite(redis, key, data)
      return integer(data.length)
    },
  ],
  ['incr', ([key = ''], redis) => add(redis, key, 1n)],
  ['decr', ([key = ''], redis) => add(redis, key, -1n)],
  ['incrby', ([key = '', by = ''], redis) => add(redis, key, parseInteger(by))],
  ['decrby', ([key = '', by = ''], redis) => add(redis, key, -parseInteger(by))],
  [
    'incrbyfloat',
    ([key = '', by = ''], redis) => {
      const sum = parseScore(read(redis, key) ?? '0') + parseScore(by)
      if (!Number.isFinite(sum)) throw new RedisError('ERR increment would produce NaN or Infinity')
      rewrite(redis, key, String(sum))
      return bulk(String(sum))
    },
  ],
  ['getrange', (args, redis) => getRange(redis, args)],
  ['substr', (args, redis) => getRange(redis, args)],
  [
    'setrange',
    ([key = '', offset = '', data = ''], redis) => {
      const at = parseSmall(offset)
      if (at < 0) throw new RedisError('ERR offset is out of range')
      if (at + data.length > 1 << 20)
        throw new RedisError('ERR string exceeds maximum allowed size (proto-max-bulk-len)')
      const old = (read(redis, key) ?? '').padEnd(at, '\0')
      const next = old.slice(0, at) + data + old.slice(at + data.length)
      if (data) rewrite(redis, key, next)
      return integer(data ? next.length : (read(redis, key)?.length ?? 0))
    },
  ],
  [
    'getbit',
    ([key = '', offset = ''], redis) => {
      const at = parseBit(offset)
      return integer(((read(redis, key) ?? '').charCodeAt(at >> 3) >> (7 - (at & 7))) & 1)
    },
  ],
  [
    'setbit',
    ([key = '', offset = '', bit = ''], redis) => {
      const at = parseBit(offset)
      if (bit !== '0' && bit !== '1') throw new RedisError('ERR bit is not an integer or out of range')
      if (at >> 3 > 1 << 20) throw new RedisError("OOM command not allowed when used memory > 'maxmemory'.")
      const old = read(redis, key) ?? ''
      const bytes = Buffer.alloc(Math.max(old.length, (at >> 3) + 1))
      bytes.write(old, 'latin1')
      const before = (bytes[at >> 3]! >> (7 - (at & 7))) & 1
      const mask = 1 << (7 - (at & 7))
      bytes[at >> 3] = bit === '1' ? bytes[at >> 3]! | mask : bytes[at >> 3]! & ~mask
      rewrite(redis, key, bytes.toString('latin1'))
      return integer(before)
    },
  ],
  [
    'bitcount',
    ([key = ''], redis) => {
      let count = 0
      for (const byte of Buffer.from(read(redis, key) ?? '', 'latin1')) for (let b = byte; b; b &= b - 1) count++
      return integer(count)
    },
  ],
]

const nilOr = ({ client }: Redis, data: string | undefined) => (data === undefined ? client.shape.nil : bulk(data))

function stringOnly({ server, client, cx }: Redis, key: string): string | undefined {
  const value = server.keyspace.find(client.db, key, cx.now())
  return value?.type === 'string' ? value.data : undefined
}

function setMany(redis: Redis, args: string[], name: string): string {
  if (args.length % 2) throw new RedisError(`ERR wrong number of arguments for '${name}' command`)
  for (let i = 0; i < args.length; i += 2) {
    redis.server.keyspace.delete(redis.client.db, args[i]!)
    write(redis, args[i]!, args[i + 1]!)
  }
  return ok
}

function getRange(redis: Redis, [key = '', start = '', end = '']: string[]): string {
  const data = read(redis, key) ?? ''
  const at = (n: number) => (n < 0 ? Math.max(0, data.length + n) : n)
  const [from, to] = [at(parseSmall(start)), at(parseSmall(end))]
  return bulk(from > to ? '' : data.slice(from, to + 1))
}

function parseBit(text: string): number {
  if (!/^\d{1,10}$/.test(text) || Number(text) >= 2 ** 32)
    throw new RedisError('ERR bit offset is not an integer or out of range')
  return Number(text)
}
