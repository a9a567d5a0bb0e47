import { RedisError } from '../keyspace.ts'
import { integer } from '../wire.ts'
import { type Commands, parseInteger, type Run, remove, valueAt } from './command.ts'

/** NX, XX, GT and LT of EXPIRE and its like (expire.c, parseExtendedExpireArgumentsOrReply). */
function parseFlags(words: string[]): Set<string> {
  const flags = new Set<string>()
  for (const word of words) {
    if (!/^(?:nx|xx|gt|lt)$/i.test(word)) throw new RedisError(`ERR Unsupported option ${word}`)
    flags.add(word.toUpperCase())
  }
  if (flags.has('NX') && flags.size > 1)
    throw new RedisError('ERR NX and XX, GT or LT options at the same time are not compatible')
  if (flags.has('GT') && flags.has('LT'))
    throw new RedisError('ERR GT and LT options at the same time are not compatible')
  return flags
}

const expire =
  (name: string, unit: bigint, relative: boolean): Run =>
  ([key = '', amount = '', ...words], redis) => {
    const { server, client, cx } = redis
    const flags = parseFlags(words)
    const ms = parseInteger(amount) * unit
    const at = ms + (relative ? BigInt(cx.now()) : 0n)
    if (ms < -(2n ** 63n) || at >= 2n ** 63n) throw new RedisError(`ERR invalid expire time in '${name}' command`)
    if (!valueAt(redis, key)) return integer(0)
    const old = server.keyspace.expiresAt(client.db, key)
    if (flags.has('NX') && old !== undefined) return integer(0)
    if (flags.has('XX') && old === undefined) return integer(0)
    // A key that lives for ever outlives any time.
    if (flags.has('GT') && (old === undefined || Number(at) <= old)) return integer(0)
    if (flags.has('LT') && old !== undefined && Number(at) >= old) return integer(0)
    if (Number(at) <= cx.now()) remove(redis, key)
    else server.keyspace.expireAt(client.db, key, Number(at))
    return integer(1)
  }

const left =
  (unit: number, absolute: boolean): Run =>
  ([key = ''], redis) => {
    if (!valueAt(redis, key)) return integer(-2)
    const at = redis.server.keyspace.expiresAt(redis.client.db, key)
    if (at === undefined) return integer(-1)
    return integer(absolute ? Math.floor(at / unit) : Math.round((at - redis.cx.now()) / unit))
  }

export const expiry: Commands = [
  ['expire', expire('expire', 1000n, true)],
  ['pexpire', expire('pexpire', 1n, true)],
  ['expireat', expire('expireat', 1000n, false)],
  ['pexpireat', expire('pexpireat', 1n, false)],
  ['ttl', left(1000, false)],
  ['pttl', left(1, false)],
  ['expiretime', left(1000, true)],
  ['pexpiretime', left(1, true)],
  [
    'persist',
    ([key = ''], redis) => {
      const { server, client } = redis
      return integer(valueAt(redis, key) && server.keyspace.expireAt(client.db, key, undefined) ? 1 : 0)
    },
  ],
]
