import { createHash } from 'node:crypto'
import { info } from '../info.ts'
import { globMatch, RedisError, syntaxError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { changeDirectory, loadModule, replicate, save } from '../takeover.ts'
import { array, bulk, bulks, integer, ok, simple } from '../wire.ts'
import { type Commands, parseSmall, type Run } from './command.ts'

const arity = (name: string) => new RedisError(`ERR wrong number of arguments for '${name}' command`)
export const unknownSubcommand = (command: string, given: string) =>
  new RedisError(`ERR unknown subcommand '${given.slice(0, 128)}'. Try ${command} HELP.`)

function configGet(patterns: string[], { server, client }: Redis): string {
  const found = [...server.config].filter(([name]) => patterns.some(p => globMatch(p.toLowerCase(), name)))
  return client.shape.map(found.map(([name, value]) => [bulk(name), bulk(value)]))
}

function configSet(pairs: string[], redis: Redis): string {
  if (pairs.length === 0 || pairs.length % 2) throw arity('config|set')
  for (let i = 0; i < pairs.length; i += 2) {
    const [name, value] = [pairs[i]!.toLowerCase(), pairs[i + 1]!]
    if (!redis.server.config.has(name))
      throw new RedisError(`ERR Unknown option or number of arguments for CONFIG SET - '${pairs[i]!.slice(0, 128)}'`)
    const failed = (why: string) =>
      new RedisError(`ERR CONFIG SET failed (possibly related to argument '${name}') - ${why}`)
    if (/^(port|databases|bind|enable-.*|daemonize|pidfile|logfile|unixsocket|supervised|io-threads)$/.test(name))
      throw failed("can't set immutable config")
    if (name === 'dbfilename' && value.includes('/')) throw failed("dbfilename can't be a path, just a filename")
    if (/^(yes|no)$/.test(redis.server.config.get(name)!) && !/^(yes|no)$/i.test(value))
      throw failed("argument must be 'yes' or 'no'")
    if (value.length > 4096) throw failed('argument is too long')
    if (name === 'dir') changeDirectory(value, redis)
    else redis.server.config.set(name, value)
  }
  return ok
}

const config: Run = ([what = '', ...args], redis) => {
  const verb = what.toUpperCase()
  if (verb === 'GET' && args.length > 0) return configGet(args, redis)
  if (verb === 'SET') return configSet(args, redis)
  if (verb === 'REWRITE' || verb === 'RESETSTAT') return ok
  if (verb === 'GET') throw arity('config|get')
  throw unknownSubcommand('CONFIG', what)
}

const follow: Run = ([host = '', port = ''], redis) => {
  if (/^no$/i.test(host) && /^one$/i.test(port)) {
    redis.server.master = undefined
    redis.server.config.set('replicaof', '')
    return ok
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw new RedisError('ERR Invalid master port')
  const { master } = redis.server
  if (master?.host === host && master.port === Number(port)) return simple('OK Already connected to specified master')
  replicate(host, Number(port), redis)
  return ok
}

const role: Run = (_, { server }) =>
  server.master
    ? array([bulk('slave'), bulk(server.master.host), integer(server.master.port), bulk('connect'), integer(-1)])
    : array([bulk('master'), integer(0), '*0\r\n'])

const refused = (command: string, option: string) =>
  new RedisError(
    `ERR ${command} command not allowed. If the ${option} option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`,
  )

const script: Run = ([what = '', body = ''], { server }) => {
  const verb = what.toUpperCase()
  if (verb === 'FLUSH') server.scripts.clear()
  if (verb === 'FLUSH' || verb === 'KILL') return ok
  if (verb === 'EXISTS') return array([integer(server.scripts.has(body.toLowerCase()) ? 1 : 0)])
  if (verb !== 'LOAD') throw unknownSubcommand('SCRIPT', what)
  return bulk(remember(body, server.scripts))
}

function remember(body: string, scripts: Map<string, string>): string {
  const sha = createHash('sha1').update(body, 'latin1').digest('hex')
  if (scripts.size < 64 && body.length < 64 << 10) scripts.set(sha, body)
  return sha
}

/** Scripts are read, never run: what attackers send is a constant, one call, or an escape from the sandbox. */
const evaluate: Run = ([body = ''], { server, client }) => {
  const sha = remember(body, server.scripts)
  const global = /(?:^|[^\w.'"])(os|io|package|debug|require|dofile|loadfile)\s*[.(]/.exec(body)?.[1]
  if (global)
    throw new RedisError(
      `ERR user_script:1: Script attempted to access nonexistent global variable '${global}' script: ${sha}, on @user_script:1.`,
    )
  const constant = /^\s*return\s+(?:(-?\d{1,15})|'([^']*)'|"([^"]*)")\s*;?\s*$/.exec(body)
  if (constant?.[1] !== undefined) return integer(Number(constant[1]))
  if (constant) return bulk(constant[2] ?? constant[3] ?? '')
  return client.shape.nil
}

export const server: Commands = [
  ['info', (wanted, redis) => bulk(info(redis, wanted))],
  ['config', config],
  [
    'save',
    async (_, redis) => {
      await save(redis)
      return ok
    },
  ],
  [
    'bgsave',
    async ([when = ''], redis) => {
      if (when && !/^schedule$/i.test(when)) throw syntaxError()
      await save(redis)
      return simple('Background saving started')
    },
  ],
  ['bgrewriteaof', () => simple('Background append only file rewriting started')],
  ['lastsave', (_, redis) => integer(Math.floor(redis.server.savedAt / 1000))],
  [
    'time',
    (_, { cx }) => {
      const now = cx.now() + cx.persona.clockSkew
      return bulks([String(Math.floor(now / 1000)), String((now % 1000) * 1000 + (cx.random(2).readUInt16BE() % 1000))])
    },
  ],
  ['slaveof', follow],
  ['replicaof', follow],
  ['role', role],
  [
    'module',
    ([what = '', file = ''], redis) => {
      const verb = what.toUpperCase()
      if (verb === 'LIST') return '*0\r\n'
      if (verb === 'LOAD' || verb === 'LOADEX') return loadModule(file, redis)
      if (verb === 'UNLOAD') throw new RedisError(`ERR Error unloading module: no such module with that name`)
      throw unknownSubcommand('MODULE', what)
    },
  ],
  [
    'debug',
    () => {
      throw refused('DEBUG', 'enable-debug-command')
    },
  ],
  [
    'acl',
    ([what = ''], { server }) => {
      const verb = what.toUpperCase()
      if (verb === 'WHOAMI') return bulk('default')
      if (verb === 'USERS') return bulks(['default'])
      const pass = server.config.get('requirepass')
        ? `#${createHash('sha256').update(server.config.get('requirepass')!).digest('hex')}`
        : 'nopass'
      if (verb === 'LIST') return bulks([`user default on ${pass} ~* &* +@all`])
      if (verb === 'SETUSER' || verb === 'SAVE' || verb === 'LOAD') return ok
      throw unknownSubcommand('ACL', what)
    },
  ],
  [
    'cluster',
    () => {
      throw new RedisError('ERR This instance has cluster support disabled')
    },
  ],
  ['slowlog', ([what = '']) => (/^len$/i.test(what) ? integer(0) : /^reset$/i.test(what) ? ok : '*0\r\n')],
  ['latency', ([what = '']) => (/^reset$/i.test(what) ? integer(0) : '*0\r\n')],
  [
    'memory',
    ([what = ''], { client }) => (/^usage$/i.test(what) ? client.shape.nil : /^purge$/i.test(what) ? ok : integer(0)),
  ],
  ['wait', () => integer(0)],
  ['lolwut', (_, { cx }) => bulk(`Redis ver. ${cx.persona.software.redis.version}\n`)],
  [
    'replconf',
    ([what = '']) => {
      if (/^(listening-port|capa|ip-address|rdb-only|rdb-filter-only)$/i.test(what)) return ok
      throw new RedisError(`ERR Unrecognized REPLCONF option: ${what.slice(0, 128)}`)
    },
  ],
  ['script', script],
  ['eval', evaluate],
  ['eval_ro', evaluate],
  [
    'evalsha',
    ([sha = '', ...rest], redis) => {
      const body = redis.server.scripts.get(sha.toLowerCase())
      if (body === undefined) throw new RedisError('NOSCRIPT No matching script. Please use EVAL.')
      return evaluate([body, ...rest], redis)
    },
  ],
  [
    'swapdb',
    ([a = '', b = '']) => {
      for (const index of [a, b])
        if (!(parseSmall(index) >= 0 && parseSmall(index) < 16)) throw new RedisError('ERR DB index is out of range')
      return ok
    },
  ],
]
