import { badSubcommand, categories, known, objection } from '../facts.ts'
import { RedisError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { commandsOf, freshUser, MOST, modify, refusalOf, type User, userOf } from '../users.ts'
import { array, bulk, bulks, integer, ok } from '../wire.ts'
import { ownText } from './client.ts'
import { type Commands, parseSmall, type Run } from './command.ts'

/** By name, as the server keeps them. */
const allUsers = ({ server }: Redis): (readonly [string, User])[] =>
  [...new Set(['default', ...server.users.keys()])].sort().map(name => [name, userOf(server, name)!] as const)

const flagsOf = ({ on, nopass, sanitize }: User): string[] => [
  on ? 'on' : 'off',
  ...(nopass ? ['nopass'] : []),
  ...(sanitize ? ['sanitize-payload'] : []),
]
const channelsOf = ({ channels }: User): string[] => channels.map(pattern => `&${pattern}`)
const describe = (name: string, user: User): string =>
  [
    `user ${name}`,
    ...flagsOf(user),
    ...[...user.passwords].map(hash => `#${hash}`),
    ...user.keys.map(({ shown }) => shown),
    ...(user.channels.includes('*') ? [] : ['resetchannels']),
    ...channelsOf(user),
    commandsOf(user),
  ].join(' ')

const getUser: Run = ([name = ''], { client, server }) => {
  const { shape } = client
  const user = userOf(server, name)
  if (!user) return shape.nil
  return shape.map([
    [bulk('flags'), shape.set(flagsOf(user).map(bulk))],
    [bulk('passwords'), bulks(user.passwords)],
    [bulk('commands'), bulk(commandsOf(user))],
    [bulk('keys'), bulk(user.keys.map(({ shown }) => shown).join(' '))],
    [bulk('channels'), bulk(channelsOf(user).join(' '))],
    [bulk('selectors'), array([])],
  ])
}

const setUser: Run = ([name = '', ...rules], { server }) => {
  const old = userOf(server, name)
  const user: User = old
    ? {
        ...old,
        passwords: new Set(old.passwords),
        commands: [...old.commands],
        keys: [...old.keys],
        channels: [...old.channels],
      }
    : freshUser()
  for (const rule of rules) modify(user, rule)
  if (old || server.users.size < MOST.users) server.users.set(ownText(name, 64), user)
  return ok
}

const removeUsers: Run = (names, { server }) => {
  if (names.includes('default')) throw new RedisError("ERR The 'default' user cannot be removed")
  return integer(names.filter(name => server.users.delete(name)).length)
}

const dryRun: Run = ([name = '', ...args], { server }) => {
  const user = userOf(server, name)
  if (!user) throw new RedisError(`ERR User '${name.slice(0, 128)}' not found`)
  if (args.length === 0) throw new RedisError("ERR wrong number of arguments for 'acl|dryrun' command")
  if (!known.has(args[0]!.toLowerCase())) throw new RedisError(`ERR Command '${args[0]!.slice(0, 128)}' not found`)
  const problem = objection(args)
  if (problem !== undefined) throw new RedisError(problem)
  const refusal = refusalOf(user, args)
  if (!refusal) return ok
  return bulk(
    refusal.reason === 'command'
      ? `This user has no permissions to run the '${refusal.object}' command`
      : `This user has no permissions to access the '${refusal.object}' ${refusal.reason}`,
  )
}

const listCategories: Run = ([category]) => {
  if (category === undefined) return bulks(categories)
  if (!categories.includes(category.toLowerCase()))
    throw new RedisError(`ERR Unknown category '${category.slice(0, 128)}'`)
  const mark = `@${category.toLowerCase()}`
  return bulks([...known].filter(([, facts]) => facts[5].split(' ').includes(mark)).map(([name]) => name))
}

const generate: Run = ([bits = '256', ...more], { cx }) => {
  if (more.length) throw new RedisError(badSubcommand('ACL', 'GENPASS'))
  const wanted = /^\d{1,4}$/.test(bits) ? Number(bits) : 0
  if (wanted < 1 || wanted > 4096)
    throw new RedisError(
      'ERR ACL GENPASS argument must be the number of bits for the output password, a positive number up to 4096',
    )
  return bulk(
    cx
      .random(512)
      .toString('hex')
      .slice(0, Math.ceil(wanted / 4)),
  )
}

const log: Run = ([what], { server, client, cx }) => {
  if (what !== undefined && /^reset$/i.test(what)) {
    server.denials.length = 0
    return ok
  }
  const count = what === undefined ? 10 : parseSmall(what)
  return array(
    server.denials.slice(0, Math.max(0, count)).map(one =>
      client.shape.map([
        [bulk('count'), integer(one.count)],
        [bulk('reason'), bulk(one.reason)],
        [bulk('context'), bulk(one.context)],
        [bulk('object'), bulk(one.object)],
        [bulk('username'), bulk(one.user)],
        [bulk('age-seconds'), client.shape.double(String(Math.max(0, cx.now() - one.at) / 1000))],
        [bulk('client-info'), bulk(one.client)],
      ]),
    ),
  )
}

const noFile: Run = () => {
  throw new RedisError(
    'ERR This Redis instance is not configured to use an ACL file. You may want to specify users via the ACL SETUSER command and then issue a CONFIG REWRITE (assuming you have a Redis configuration file set) in order to store users in the Redis configuration.',
  )
}

const subcommands = new Map<string, Run>([
  ['WHOAMI', (_, { client }) => bulk(client.user)],
  ['USERS', (_, redis) => bulks(allUsers(redis).map(([name]) => name))],
  ['LIST', (_, redis) => bulks(allUsers(redis).map(([name, user]) => describe(name, user)))],
  ['GETUSER', getUser],
  ['SETUSER', setUser],
  ['DELUSER', removeUsers],
  ['DRYRUN', dryRun],
  ['CAT', listCategories],
  ['GENPASS', generate],
  ['LOG', log],
  ['LOAD', noFile],
  ['SAVE', noFile],
])

export const acl: Commands = [
  [
    'acl',
    ([what = '', ...args], redis) => {
      const run = subcommands.get(what.toUpperCase())
      if (!run) throw new RedisError(badSubcommand('ACL', what))
      return run(args, redis)
    },
  ],
]
