import { text } from '#events/text.ts'
import { RedisError, syntaxError } from '../keyspace.ts'
import { newClient, type Redis, subscriptions } from '../state.ts'
import { asksForPassword, hashOf, logDenial, userOf } from '../users.ts'
import { bulk, bulks, integer, ok, shapes, simple } from '../wire.ts'
import { describeClient, ownText } from './client.ts'
import type { Commands, Run } from './command.ts'

const said = (latin1: string) => text(Buffer.from(latin1.slice(0, 1025), 'latin1'), 1024)

/** Who knows which password (acl.c, ACLCheckUserCredentials). */
function isRight({ server }: Redis, name: string, password: string): boolean {
  const user = userOf(server, name)
  return user?.on === true && (user.nopass || user.passwords.has(hashOf(password)))
}

/** AUTH and HELLO AUTH: every attempt is recorded before its answer. `refused`: the server has no password to ask for. */
function authenticate(redis: Redis, user: string, password: string, refused = false): boolean {
  const { client, cx } = redis
  const right = !refused && isRight(redis, user, password)
  const outcome = right ? 'success' : 'failure'
  cx.record.login({ method: 'auth', user: said(user), password: said(password), outcome })
  if (!right && !refused)
    logDenial(redis, {
      reason: 'auth',
      context: 'toplevel',
      object: 'AUTH',
      user,
      client: describeClient(redis, 'auth').trimEnd(),
    })
  if (right) Object.assign(client, { authenticated: true, user: ownText(user, 128) })
  return right
}
const wrongPassword = () => new RedisError('WRONGPASS invalid username-password pair or user is disabled.')
const NONE_SET =
  'ERR AUTH <password> called without any password configured for the default user. Are you sure your configuration is correct?'

const auth: Run = (args, redis) => {
  if (args.length > 2) throw syntaxError()
  const [user, password] = args.length === 2 ? [args[0]!, args[1]!] : ['default', args[0]!]
  const needless = args.length === 1 && userOf(redis.server, 'default')!.nopass
  const right = authenticate(redis, user, password, needless)
  if (needless) throw new RedisError(NONE_SET)
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
    } else if (word === 'SETNAME' && i + 1 < args.length) client.name = ownText(args[++i]!, 128)
    else throw new RedisError(`ERR Syntax error in HELLO option '${args[i]!.slice(0, 128)}'`)
  }
  if (!client.authenticated)
    throw new RedisError(
      'NOAUTH HELLO must be called with the client already authenticated, otherwise the HELLO AUTH <user> <pass> option can be used to authenticate the client and select the RESP protocol version at the same time',
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

/** Back to what a connection begins with, under its old number. */
const reset: Run = (_, { client, server, cx }) => {
  const { id, since } = client
  const fresh = newClient(server, cx.now(), asksForPassword(server))
  server.connections--
  server.clientId--
  Object.assign(client, fresh, { id, since })
  return simple('RESET')
}

const ping: Run = (args, { client }) => {
  if (args.length > 1) throw new RedisError("ERR wrong number of arguments for 'ping' command")
  if (client.resp === 2 && subscriptions(client) > 0) return bulks(['pong', args[0] ?? ''])
  return args[0] === undefined ? simple('PONG') : bulk(args[0])
}

export const connection: Commands = [
  ['ping', ping],
  ['echo', ([word = '']) => bulk(word)],
  ['auth', auth],
  ['hello', hello],
  ['reset', reset],
  ['quit', () => ok],
  [
    'monitor',
    (_, { client }) => {
      client.monitoring = true
      return ok
    },
  ],
]
