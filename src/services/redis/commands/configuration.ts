import kinds from '../../../../data/redis-options.json' with { type: 'json' }
import { globMatcher } from '../glob.ts'
import { RedisError } from '../keyspace.ts'
import { optionNames, type Redis, setting } from '../state.ts'
import { changeDirectory } from '../takeover.ts'
import { bulk, ok } from '../wire.ts'
import { ownText } from './client.ts'
import type { Commands } from './command.ts'

/**
 * What each option takes (config.c): `immutable`, `boolean`, `memory`, `integer MIN MAX`, `one of a, b`, `text`; found by
 * asking the real server.
 */
const kindOf = new Map<string, string>(Object.entries(kinds))
const LONGEST = 1024

/** Old and new names of the same option. */
const otherName = (name: string): string | undefined => {
  const other = name.includes('slave')
    ? name.replace('slave', 'replica')
    : name.includes('ziplist')
      ? name.replace('ziplist', 'listpack')
      : name.replace('replica', 'slave').replace('listpack', 'ziplist')
  return other !== name && kindOf.has(other) ? other : undefined
}

function get(patterns: string[], { server, client }: Redis): string {
  const found = new Map<string, string>()
  for (const pattern of patterns) {
    const name = pattern.toLowerCase()
    // A name in full is answered as it was asked for; a pattern finds the names as they are.
    if (!/[*?[]/.test(pattern)) {
      if (kindOf.has(name)) found.set(pattern, setting(server, name))
      continue
    }
    const matches = globMatcher(name)
    for (const option of optionNames) if (matches(option)) found.set(option, setting(server, option))
  }
  return client.shape.map([...found].map(([name, value]) => [bulk(name), bulk(value)]))
}

const units = new Map([
  ['', 1],
  ['b', 1],
  ['k', 1e3],
  ['kb', 1 << 10],
  ['m', 1e6],
  ['mb', 1 << 20],
  ['g', 1e9],
  ['gb', 1 << 30],
])

/** The value as CONFIG GET will show it; throws why it cannot be. */
function accepted(kind: string, value: string): string {
  const [what, low, high] = kind.split(' ')
  if (what === 'boolean') {
    if (!/^(?:yes|no)$/i.test(value)) throw new RedisError("argument must be 'yes' or 'no'")
    return value.toLowerCase()
  }
  if (what === 'memory') {
    const [, digits, unit] = /^(\d{1,15})([a-z]*)$/i.exec(value) ?? []
    const factor = units.get((unit ?? '-').toLowerCase())
    if (factor === undefined) throw new RedisError('argument must be a memory value')
    return String(BigInt(digits!) * BigInt(factor))
  }
  if (what === 'integer') {
    if (!/^-?\d{1,19}$/.test(value)) throw new RedisError("argument couldn't be parsed into an integer")
    if (BigInt(value) < BigInt(low!) || BigInt(value) > BigInt(high!))
      throw new RedisError(`argument must be between ${low} and ${high} inclusive`)
    return String(BigInt(value))
  }
  if (what === 'one') {
    const choices = kind.slice('one of '.length)
    if (!choices.split(', ').includes(value.toLowerCase()))
      throw new RedisError(`argument(s) must be one of the following: ${choices}`)
    return value.toLowerCase()
  }
  return value
}

/** All or nothing: the first option that does not fit is named, and none is set (config.c, configSetCommand). */
function set(pairs: string[], redis: Redis): string {
  if (pairs.length % 2) throw new RedisError("ERR wrong number of arguments for 'config|set' command")
  const failed = (name: string, why: string) =>
    new RedisError(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`)
  const names: string[] = []
  for (let i = 0; i < pairs.length; i += 2) {
    const name = pairs[i]!.toLowerCase()
    const kind = kindOf.get(name)
    if (!kind)
      throw new RedisError(`ERR Unknown option or number of arguments for CONFIG SET - '${pairs[i]!.slice(0, 128)}'`)
    if (kind === 'immutable') throw failed(pairs[i]!, "can't set immutable config")
    if (names.includes(name)) throw failed(pairs[i]!, 'duplicate parameter')
    names.push(name)
  }
  const chosen = names.map((name, i): [string, string] => {
    const value = pairs[2 * i + 1]!
    try {
      if (value.length > LONGEST) throw new RedisError('argument is too long')
      if (name === 'dbfilename' && value.includes('/'))
        throw new RedisError("dbfilename can't be a path, just a filename")
      return [name, accepted(kindOf.get(name)!, value)]
    } catch (error) {
      throw failed(pairs[2 * i]!, (error as Error).message)
    }
  })
  for (const [name, value] of chosen) {
    if (name === 'dir') changeDirectory(value, redis)
    else {
      // The default user is again what this option says.
      if (name === 'requirepass') redis.server.users.delete('default')
      for (const option of [name, otherName(name)]) if (option) redis.server.config.set(option, ownText(value, LONGEST))
    }
  }
  return ok
}

export const configuration: Commands = [
  [
    'config',
    ([what = '', ...args], redis) => {
      const verb = what.toUpperCase()
      if (verb === 'GET') return get(args, redis)
      return verb === 'SET' ? set(args, redis) : ok
    },
  ],
]
