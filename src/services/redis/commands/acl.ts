import { createHash } from 'node:crypto'
import { badSubcommand, categories, known } from '../facts.ts'
import { RedisError } from '../keyspace.ts'
import { type Redis, setting, type User } from '../state.ts'
import { array, bulk, bulks, integer, ok } from '../wire.ts'
import { ownText } from './client.ts'
import type { Commands, Run } from './command.ts'

/** Users beside the default one. */
const MOST = 16
/** Rules of one user. */
const RULES = 32

/** Passwords are kept and shown as SHA-256 (acl.c, ACLHashPassword). */
export const hashOf = (password: string) => createHash('sha256').update(password, 'latin1').digest('hex')

/** One modifier of ACL SETUSER (acl.c, ACLSetUser). */
function apply(user: User, rule: string) {
  const word = rule.toLowerCase()
  if (word === 'on' || word === 'off') user.on = word === 'on'
  else if (word === 'nopass' || word === 'resetpass') {
    user.nopass = word === 'nopass'
    user.passwords.clear()
  } else if (word === 'reset') Object.assign(user, freshUser())
  else if (rule.startsWith('>') && user.passwords.size < MOST) user.passwords.add(hashOf(rule.slice(1)))
  else if (rule.startsWith('<')) user.passwords.delete(hashOf(rule.slice(1)))
  else if (/^#[0-9a-f]{64}$/.test(rule)) user.passwords.add(rule.slice(1))
  else if (/^(?:[~&%]|[-+][@\w])|^(?:all|reset)(?:keys|channels)$|^(?:all|no)commands$/.test(word)) {
    if (user.rules.length < RULES) user.rules.push(ownText(rule, 64))
  } else throw new RedisError(`ERR Error in ACL SETUSER modifier '${rule.slice(0, 128)}': Syntax error`)
}
const freshUser = (): User => ({ on: false, nopass: false, passwords: new Set(), rules: [] })

function describe(name: string, { on, nopass, passwords, rules }: User): string {
  const of = (kind: RegExp) => rules.filter(rule => kind.test(rule))
  const commands = of(/^[-+]/)
  const channels = of(/^&/)
  return [
    `user ${name} ${on ? 'on' : 'off'}`,
    ...(nopass ? ['nopass'] : []),
    ...[...passwords].map(hash => `#${hash}`),
    ...of(/^[~%]/),
    ...(channels.includes('&*') ? ['&*'] : ['resetchannels', ...channels]),
    ...(commands.includes('+@all')
      ? ['+@all', ...commands.slice(commands.indexOf('+@all') + 1)]
      : ['-@all', ...commands]),
  ].join(' ')
}

function defaultUser({ server }: Redis): User {
  const password = setting(server, 'requirepass')
  const passwords = new Set(password === '' ? [] : [hashOf(password)])
  return { on: true, nopass: password === '', passwords, rules: ['~*', '&*', '+@all'] }
}
const allUsers = (redis: Redis) => [['default', defaultUser(redis)] as const, ...redis.server.users]

const getUser: Run = ([name = ''], redis) => {
  const { shape } = redis.client
  const user = name === 'default' ? defaultUser(redis) : redis.server.users.get(name)
  if (!user) return shape.nil
  const rules = (kind: RegExp) => bulk(user.rules.filter(rule => kind.test(rule)).join(' '))
  const flags = [user.on ? 'on' : 'off', ...(user.nopass ? ['nopass'] : [])]
  return shape.map([
    [bulk('flags'), shape.set(flags.map(bulk))],
    [bulk('passwords'), bulks(user.passwords)],
    [bulk('commands'), rules(/^[-+]/)],
    [bulk('keys'), rules(/^[~%]/)],
    [bulk('channels'), rules(/^&/)],
    [bulk('selectors'), array([])],
  ])
}

const setUser: Run = ([name = '', ...rules], { server }) => {
  const old = server.users.get(name)
  const user = old ? { ...old, passwords: new Set(old.passwords), rules: [...old.rules] } : freshUser()
  for (const rule of rules) apply(user, rule)
  if (name !== 'default' && (old || server.users.size < MOST)) server.users.set(ownText(name, 64), user)
  return ok
}

const removeUsers: Run = (names, { server }) => {
  if (names.includes('default')) throw new RedisError("ERR The 'default' user cannot be removed")
  return integer(names.filter(name => server.users.delete(name)).length)
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
  ['CAT', listCategories],
  ['GENPASS', generate],
  ['LOG', ([what = '']) => (/^reset$/i.test(what) ? ok : array([]))],
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
