import { describeCommand, known } from '../facts.ts'
import { info } from '../info.ts'
import { RedisError, syntaxError } from '../keyspace.ts'
import { loadModule, unloadModule } from '../modules.ts'
import { save } from '../takeover.ts'
import { array, bulks, integer, ok, simple } from '../wire.ts'
import type { Commands, Run } from './command.ts'

const command: Run = ([what = '', ...args], { client }) => {
  const verb = what.toUpperCase()
  if (verb === 'COUNT') return integer(known.size)
  if (verb === 'DOCS') return client.shape.map([])
  if (verb === 'LIST' && args.length) throw syntaxError()
  if (verb === 'LIST') return bulks(known.keys())
  if (verb.startsWith('GETKEYS')) return keysOf(args)
  const names =
    verb === 'INFO' && args.length ? args.slice(0, known.size).map(name => name.toLowerCase()) : known.keys()
  return array(Array.from(names, name => describeCommand(name, client.shape)))
}

function keysOf(words: string[]): string {
  const facts = known.get(words[0]!.toLowerCase())
  if (!facts) throw new RedisError('ERR Invalid command specified')
  const [arity, , first, last, step] = facts
  if (first === 0) throw new RedisError('ERR The command has no key arguments')
  if ((arity > 0 && words.length !== arity) || words.length < -arity)
    throw new RedisError('ERR Invalid number of arguments specified for command')
  const end = last < 0 ? words.length + last : last
  return bulks(words.filter((_, i) => i >= first && i <= end && (i - first) % step === 0))
}

const modules: Run = ([what = '', file = ''], redis) => {
  const verb = what.toUpperCase()
  if (verb === 'LIST') return array([])
  return verb === 'UNLOAD' ? unloadModule() : loadModule(file, redis)
}

const time: Run = (_, { cx }) => {
  const now = cx.now() + cx.persona.clockSkew
  return bulks([String(Math.floor(now / 1000)), String((now % 1000) * 1000 + (cx.random(2).readUInt16BE() % 1000))])
}

const LATENCY =
  "I'm sorry, Dave, I can't do that. Latency monitoring is disabled in this Redis instance. You may use \"CONFIG SET latency-monitor-threshold <milliseconds>.\" in order to enable it. If we weren't in a deep space mission I'd suggest to take a look at https://redis.io/topics/latency-monitor.\n"

export const server: Commands = [
  ['info', (wanted, redis) => redis.client.shape.verbatim(info(redis, wanted))],
  ['command', command],
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
  ['time', time],
  ['module', modules],
  ['slowlog', ([what = '']) => (/^len$/i.test(what) ? integer(0) : /^reset$/i.test(what) ? ok : array([]))],
  [
    'latency',
    ([what = ''], { client }) =>
      /^reset$/i.test(what) ? integer(0) : /^doctor$/i.test(what) ? client.shape.verbatim(LATENCY) : array([]),
  ],
  ['lolwut', (_, { cx, client }) => client.shape.verbatim(`Redis ver. ${cx.persona.software.redis.version}\n`)],
]
