import { text } from '#events/text.ts'
import { RedisError, syntaxError } from '../keyspace.ts'
import { newClient, type Redis } from '../state.ts'
import { bulk, bulks, integer, ok, shapes, simple } from '../wire.ts'
import type { Commands, Run } from './command.ts'
import { unknownSubcommand } from './server.ts'

const said = (latin1: string) => text(Buffer.from(latin1, 'latin1'), 1024)

/** AUTH and HELLO AUTH (acl.c, authCommand): every attempt is recorded before its answer. */
function authenticate(redis: Redis, user: string, password: string): boolean {
  const { server, client, cx } = redis
  const wanted = server.config.get('requirepass') ?? ''
  const right = user === 'default' && (wanted === '' || wanted === password)
  cx.record.login({
    method: 'auth',
    user: said(user),
    password: said(password),
    outcome: right ? 'success' : 'failure',
  })
  if (right) client.authenticated = true
  return right
}
const wrongPassword = () => new RedisError('WRONGPASS invalid username-password pair or user is disabled.')

const auth: Run = (args, redis) => {
  if (args.length > 2) throw syntaxError()
  const [user, password] = args.length === 2 ? [args[0]!, args[1]!] : ['default', args[0]!]
  const right = authenticate(redis, user, password)
  if (args.length === 1 && !redis.server.config.get('requirepass'))
    throw new RedisError(
      'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?',
    )
  if (!right) throw wrongPassword()
  return ok
}

const hello: Run = ([version, ...args], redis) => {
  const { client, cx } = redis
  if (version !== undefined && !/^-?\d+$/.test(version))
    throw new RedisError('ERR Protocol version is not an integer or out of range')
  if (version !== undefined && version !== '2' && version !== '3')
    throw new RedisError('NOPROTO unsupported protocol version')
  for (let i = 0; i < args.length; i++) {
    const word = args[i]!.toUpperCase()
    if (word === 'AUTH' && i + 2 < args.length) {
      if (!authenticate(redis, args[i + 1]!, args[i + 2]!)) throw wrongPassword()
      i += 2
    } else if (word === 'SETNAME' && i + 1 < args.length) client.name = args[++i]!.slice(0, 128)
    else throw new RedisError(`ERR Syntax error in HELLO option '${args[i]!.slice(0, 128)}'`)
  }
  if (!client.authenticated)
    throw new RedisError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO <proto> AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
    )
  if (version !== undefined) {
    client.resp = version === '3' ? 3 : 2
    client.shape = shapes[client.resp]
  }
  return client.shape.map([
    [bulk('server'), bulk('redis')],
    [bulk('version'), bulk(cx.persona.software.redis.version)],
    [bulk('proto'), integer(client.resp)],
    [bulk('id'), integer(client.id)],
    [bulk('mode'), bulk('standalone')],
    [bulk('role'), bulk(redis.server.master ? 'replica' : 'master')],
    [bulk('modules'), '*0\r\n'],
  ])
}

function describe({ client, cx }: Redis, command: string): string {
  const { source, destination } = cx
  const seconds = Math.floor((cx.now() - client.since) / 1000)
  return `id=${client.id} addr=${source.ip}:${source.port} laddr=${destination.ip}:6379 fd=8 name=${client.name} age=${seconds} idle=0 flags=${client.channels.size ? 'P' : 'N'} db=${client.db} sub=${client.channels.size} psub=${client.patterns.size} ssub=0 multi=-1 qbuf=26 qbuf-free=20448 argv-mem=10 multi-mem=0 rbs=1024 rbp=0 obl=0 oll=0 omem=0 tot-mem=22298 events=r cmd=${command} user=default redir=-1 resp=${client.resp}\n`
}

const clientCommand: Run = ([what = '', ...args], redis) => {
  const { client } = redis
  const verb = what.toUpperCase()
  if (verb === 'ID') return integer(client.id)
  if (verb === 'LIST' || verb === 'INFO') return bulk(describe(redis, `client|${verb.toLowerCase()}`))
  if (verb === 'GETNAME') return client.name ? bulk(client.name) : client.shape.nil
  if (verb === 'SETNAME') {
    if (args.length !== 1) throw new RedisError("ERR wrong number of arguments for 'client|setname' command")
    if (/[^!-~]/.test(args[0]!))
      throw new RedisError('ERR Client names cannot contain spaces, newlines or special characters.')
    client.name = args[0]!.slice(0, 128)
    return ok
  }
  if (verb === 'KILL') throw new RedisError('ERR No such client')
  if (/^(REPLY|PAUSE|UNPAUSE|NO-EVICT|TRACKING|CACHING|UNBLOCK)$/.test(verb)) return ok
  throw unknownSubcommand('CLIENT', what)
}

/** SUBSCRIBE and its like answer once a channel. */
const subscribe =
  (kind: 'subscribe' | 'psubscribe', add: boolean): Run =>
  (names, { client }) => {
    const own = kind === 'subscribe' ? client.channels : client.patterns
    const word = add ? kind : kind === 'subscribe' ? 'unsubscribe' : 'punsubscribe'
    const chosen = add || names.length ? names : [...own]
    const answers = chosen.map(name => {
      if (!add) own.delete(name)
      else if (own.size < 256) own.add(name)
      return client.shape.push([bulk(word), bulk(name), integer(client.channels.size + client.patterns.size)])
    })
    if (answers.length) return answers.join('')
    return client.shape.push([bulk(word), client.shape.nil, integer(client.channels.size + client.patterns.size)])
  }

export const connection: Commands = [
  [
    'ping',
    (args, { client }) => {
      if (args.length > 1) throw new RedisError("ERR wrong number of arguments for 'ping' command")
      if (client.resp === 2 && client.channels.size + client.patterns.size > 0) return bulks(['pong', args[0] ?? ''])
      return args[0] === undefined ? simple('PONG') : bulk(args[0])
    },
  ],
  ['echo', ([word = '']) => bulk(word)],
  ['auth', auth],
  ['hello', hello],
  ['client', clientCommand],
  ['subscribe', subscribe('subscribe', true)],
  ['unsubscribe', subscribe('subscribe', false)],
  ['psubscribe', subscribe('psubscribe', true)],
  ['punsubscribe', subscribe('psubscribe', false)],
  ['publish', () => integer(0)],
  ['pubsub', ([what = '']) => (/^numpat$/i.test(what) ? integer(0) : '*0\r\n')],
  [
    'monitor',
    (_, { client }) => {
      client.monitoring = true
      return ok
    },
  ],
  ['watch', () => ok],
  ['unwatch', () => ok],
  ['readonly', () => ok],
  ['readwrite', () => ok],
  [
    'reset',
    (_, { client, server, cx }) => {
      const { id, since } = client
      Object.assign(client, newClient(server, cx.now(), Boolean(server.config.get('requirepass'))), { id, since })
      return simple('RESET')
    },
  ],
  ['asking', () => ok],
]
