import { badSubcommand } from '../facts.ts'
import { RedisError, syntaxError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, bulk, integer, ok } from '../wire.ts'
import { type Commands, parseSmall, type Run } from './command.ts'

/** A text cut off that does not hold on to what it was cut from. */
export const ownText = (given: string, max: number) => Buffer.from(given.slice(0, max), 'latin1').toString('latin1')

/** A line of CLIENT LIST. */
export function describeClient({ client, cx, server }: Redis, command: string): string {
  const { source, destination } = cx
  const flags = client.channels.size + client.patterns.size ? 'P' : 'N'
  const fields = {
    id: client.id,
    addr: `${source.ip}:${source.port}`,
    laddr: `${destination.ip}:6379`,
    fd: 8 + (server.connections % 3),
    name: client.name,
    age: Math.floor((cx.now() - client.since) / 1000),
    idle: 0,
    flags,
    db: client.db,
    sub: client.channels.size,
    psub: client.patterns.size,
    ssub: client.shardChannels.size,
    multi: -1,
    qbuf: 26,
    'qbuf-free': 20448,
    'argv-mem': 10,
    'multi-mem': 0,
    rbs: 1024,
    rbp: 0,
    obl: 0,
    oll: 0,
    omem: 0,
    'tot-mem': 22298,
    events: 'r',
    cmd: command,
    user: client.user,
    redir: -1,
    resp: client.resp,
  }
  const words = Object.entries(fields).map(([name, value]) => `${name}=${value}`)
  return `${words.join(' ')}\n`
}

const list: Run = ([filter = '', ...values], redis) => {
  const word = filter.toUpperCase()
  const [type = ''] = values
  if (word === 'TYPE' && !/^(?:normal|master|replica|slave|pubsub)$/i.test(type))
    throw new RedisError(`ERR Unknown client type '${type.slice(0, 128)}'`)
  if (word !== '' && word !== 'ID' && word !== 'TYPE') throw syntaxError()
  const ids = word === 'ID' ? values.map(id => parseSmall(id, () => new RedisError('ERR Invalid client ID'))) : []
  const listed = word === '' || (word === 'TYPE' ? /^normal$/i.test(type) : ids.includes(redis.client.id))
  return redis.client.shape.verbatim(listed ? describeClient(redis, 'client|list') : '')
}

/** By address it must be there; by a list of filters, which match nobody else here, the number is told. */
const kill: Run = args => {
  if (args.length === 1) throw new RedisError('ERR No such client')
  for (let i = 0; i < args.length; i += 2) {
    const word = args[i]!.toUpperCase()
    if (!/^(?:ID|TYPE|ADDR|LADDR|USER|SKIPME)$/.test(word) || i + 1 >= args.length) throw syntaxError()
    const bad = () => new RedisError('ERR client-id should be greater than 0')
    if (word === 'ID' && parseSmall(args[i + 1]!, bad) < 1) throw bad()
  }
  return integer(0)
}

const setName: Run = ([name = ''], { client }) => {
  if (/[^!-~]/.test(name))
    throw new RedisError('ERR Client names cannot contain spaces, newlines or special characters.')
  client.name = ownText(name, 128)
  return ok
}

const onOff: Run = ([word = '']) => {
  if (!/^(?:on|off)$/i.test(word)) throw syntaxError()
  return ok
}

const reply: Run = ([word = ''], { client }) => {
  const mode = word.toLowerCase()
  if (mode !== 'on' && mode !== 'off' && mode !== 'skip') throw syntaxError()
  client.replies = mode
  return ok
}

const subcommands = new Map<string, Run>([
  ['ID', (_, { client }) => integer(client.id)],
  ['INFO', (_, redis) => redis.client.shape.verbatim(describeClient(redis, 'client|info'))],
  ['LIST', list],
  ['GETNAME', (_, { client }) => (client.name ? bulk(client.name) : client.shape.nil)],
  ['SETNAME', setName],
  ['KILL', kill],
  ['REPLY', reply],
  ['NO-EVICT', onOff],
  ['TRACKING', onOff],
  [
    'PAUSE',
    ([ms = '']) => {
      const wrong = () => new RedisError('ERR timeout is not an integer or out of range')
      if (parseSmall(ms, wrong) < 0) throw new RedisError('ERR timeout is negative')
      return ok
    },
  ],
  ['UNPAUSE', () => ok],
  [
    'UNBLOCK',
    ([id = '']) => {
      parseSmall(id)
      return integer(0)
    },
  ],
  ['GETREDIR', () => integer(-1)],
  [
    'TRACKINGINFO',
    (_, { client }) =>
      client.shape.map([
        [bulk('flags'), client.shape.set([bulk('off')])],
        [bulk('redirect'), integer(-1)],
        [bulk('prefixes'), array([])],
      ]),
  ],
  [
    'CACHING',
    () => {
      throw new RedisError(
        'ERR CLIENT CACHING can be called only when the client is in tracking mode with OPTIN or OPTOUT mode enabled',
      )
    },
  ],
])

export const clientCommands: Commands = [
  [
    'client',
    ([what = '', ...args], redis) => {
      const run = subcommands.get(what.toUpperCase())
      if (!run) throw new RedisError(badSubcommand('CLIENT', what))
      return run(args, redis)
    },
  ],
]
