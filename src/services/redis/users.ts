import { createHash } from 'node:crypto'
import { categories, flagsOf, fullNameOf, known } from './facts.ts'
import { globMatcher } from './glob.ts'
import { RedisError } from './keyspace.ts'
import { type Redis, type Server, setting } from './state.ts'

/** A user of ACL SETUSER. `commands`: rules in the order in which they were given, since the last +@all or -@all. */
export type User = {
  on: boolean
  nopass: boolean
  sanitize: boolean
  passwords: Set<string>
  all: boolean
  commands: string[]
  keys: { pattern: string; shown: string; reads: boolean; writes: boolean }[]
  channels: string[]
}
/** One entry of ACL LOG. */
export type Denied = {
  count: number
  reason: string
  context: string
  object: string
  user: string
  at: number
  client: string
}

/** Users beside the default one; passwords, rules, patterns of one; entries of the log. */
export const MOST = { users: 16, passwords: 16, rules: 64, log: 32, length: 64 }

/** Passwords are kept and shown as SHA-256 (acl.c, ACLHashPassword). */
export const hashOf = (password: string): string => createHash('sha256').update(password, 'latin1').digest('hex')

export const freshUser = (sanitize = false): User => ({
  on: false,
  nopass: false,
  sanitize,
  passwords: new Set(),
  all: false,
  commands: [],
  keys: [],
  channels: [],
})

/** The default user: what ACL SETUSER made of it, else what `requirepass` says. */
export function userOf(server: Server, name: string): User | undefined {
  const made = server.users.get(name)
  if (made || name !== 'default') return made
  const password = setting(server, 'requirepass')
  return {
    ...freshUser(),
    on: true,
    nopass: password === '',
    passwords: new Set(password === '' ? [] : [hashOf(password)]),
    all: true,
    keys: [everyKey()],
    channels: ['*'],
  }
}
/** Whether a new connection has to say who it is. */
export const asksForPassword = (server: Server): boolean => {
  const { on, nopass } = userOf(server, 'default')!
  return !(on && nopass)
}
const everyKey = () => ({ pattern: '*', shown: '~*', reads: true, writes: true })

/** One modifier of ACL SETUSER (acl.c, ACLSetUser), on a user of its own. */
export function modify(user: User, rule: string): void {
  const word = rule.toLowerCase()
  const wrong = (why: string) => new RedisError(`ERR Error in ACL SETUSER modifier '${rule.slice(0, 128)}': ${why}`)
  if (word === 'on' || word === 'off') user.on = word === 'on'
  else if (word === 'nopass' || word === 'resetpass') {
    user.nopass = word === 'nopass'
    user.passwords.clear()
  } else if (word === 'reset') Object.assign(user, freshUser(true))
  else if (word === 'allkeys' || word === '~*') user.keys = [everyKey()]
  else if (word === 'resetkeys') user.keys = []
  else if (word === 'allchannels' || word === '&*') user.channels = ['*']
  else if (word === 'resetchannels') user.channels = []
  else if (word === 'allcommands' || word === '+@all' || word === 'nocommands' || word === '-@all')
    Object.assign(user, { all: word === 'allcommands' || word === '+@all', commands: [] })
  else if (word === 'sanitize-payload' || word === 'skip-sanitize-payload') user.sanitize = word === 'sanitize-payload'
  else if (/^[><#!]/.test(rule)) password(user, rule, wrong)
  else if (/^(?:~|%[rw]{1,2}~)/i.test(rule)) addKey(user, rule, wrong)
  else if (rule.startsWith('&')) {
    if (user.channels.includes('*')) throw wrong(beyond('pattern', 'allchannels', 'resetchannels'))
    if (user.channels.length < MOST.rules) user.channels.push(own(rule.slice(1)))
  } else if (/^[-+]/.test(rule)) addCommand(user, word, wrong)
  else throw wrong('Syntax error')
}
const own = (text: string): string => Buffer.from(text.slice(0, MOST.length), 'latin1').toString('latin1')
const beyond = (what: string, flag: string, reset: string): string =>
  `Adding a ${what} after the * pattern (or the '${flag}' flag) is not valid and does not have any effect. Try '${reset}' to start with an empty list of ${flag === 'allkeys' ? 'patterns' : 'channels'}`

function password(user: User, rule: string, wrong: (why: string) => RedisError): void {
  const plain = rule.startsWith('>') || rule.startsWith('<')
  const hash = plain ? hashOf(rule.slice(1)) : rule.slice(1)
  if (!/^[0-9a-f]{64}$/.test(hash))
    throw wrong('The password hash must be exactly 64 characters and contain only lowercase hexadecimal characters')
  if (rule.startsWith('>') || rule.startsWith('#')) {
    if (user.passwords.size < MOST.passwords) user.passwords.add(hash)
    user.nopass = false
  } else if (!user.passwords.delete(hash))
    throw wrong('The password you are trying to remove from the user does not exist')
}
function addKey(user: User, rule: string, wrong: (why: string) => RedisError): void {
  if (user.keys.some(({ shown }) => shown === '~*')) throw wrong(beyond('pattern', 'allkeys', 'resetkeys'))
  const at = rule.indexOf('~')
  const rights = rule.slice(1, at).toUpperCase()
  const both = at === 0 || (rights.includes('R') && rights.includes('W'))
  const pattern = own(rule.slice(at + 1))
  const shown = both ? `~${pattern}` : `%${rights}~${pattern}`
  if (user.keys.length >= MOST.rules || user.keys.some(one => one.shown === shown)) return
  user.keys.push({ pattern, shown, reads: both || rights.includes('R'), writes: both || rights.includes('W') })
}
function addCommand(user: User, rule: string, wrong: (why: string) => RedisError): void {
  const name = rule.slice(1)
  const [command = ''] = name.split('|')
  if (name.startsWith('@') ? !categories.includes(name.slice(1)) : !known.has(command))
    throw wrong('Unknown command or category name in ACL')
  if (name.includes('|') && fullNameOf(command, name.slice(command.length + 1)) === undefined)
    throw wrong('Unknown command or category name in ACL')
  // What was said of the same before counts no longer, nor what was said of parts of it.
  user.commands = user.commands.filter(one => one.slice(1) !== name && !one.slice(1).startsWith(`${name}|`))
  if (user.commands.length < MOST.rules) user.commands.push(rule)
}

/** `-@all +@hash +get`: what it comes to, categories first. */
export function commandsOf({ all, commands }: User): string {
  const sign = all ? '+' : '-'
  const isCategory = (rule: string): boolean => rule[1] === '@'
  const opposed = commands.some(rule => isCategory(rule) && rule[0] !== sign)
  // A rule that changes nothing is not shown.
  const counts = (rule: string): boolean => {
    if (isCategory(rule)) return opposed || rule[0] !== sign
    const full = rule.slice(1)
    const without = commands.filter(one => one !== rule)
    return allowed({ all, commands: without }, full.split('|')[0]!, full) !== (rule[0] === '+')
  }
  const kept = commands.filter(counts)
  return [`${sign}@all`, ...kept.filter(isCategory), ...kept.filter(rule => !isCategory(rule))].join(' ')
}

/** `config|get`: may this user? */
function allowed({ all, commands }: Pick<User, 'all' | 'commands'>, name: string, full: string): boolean {
  // Of subcommands the flags are known, which these categories follow from (acl.c, setImplicitACLCategories).
  const administers = full !== name && ` ${flagsOf(full.split('|'))} `.includes(' admin ')
  const own = ` ${known.get(name)?.[5] ?? ''} ${administers ? '@admin @dangerous ' : ''}`
  let good = all
  for (const rule of commands) {
    const about = rule.slice(1)
    if (about === name || about === full || (about.startsWith('@') && own.includes(` ${about} `)))
      good = rule[0] === '+'
  }
  return good
}

type Refusal = { reason: 'command' | 'key' | 'channel'; object: string }
/** What these words may not do (acl.c, ACLCheckAllUserCommandPerm); nothing when they may. */
export function refusalOf(user: User, args: readonly string[]): Refusal | undefined {
  const name = args[0]!.toLowerCase()
  const full = fullNameOf(name, args[1] ?? '') ?? name
  const facts = known.get(name)
  if (!allowed(user, name, full) && !` ${facts?.[1]} `.includes(' no_auth ')) return { reason: 'command', object: full }
  if (!user.keys.some(({ shown }) => shown === '~*'))
    for (const key of keysOf(args)) if (!mayUse(user, key, ` ${facts?.[1]} `)) return { reason: 'key', object: key }
  const channels = channelsOf(name, args)
  if (!user.channels.includes('*'))
    for (const channel of channels) {
      // A pattern must be one of the user's own, letter by letter.
      const fits =
        name === 'psubscribe'
          ? user.channels.includes(channel)
          : user.channels.some(pattern => globMatcher(pattern)(channel))
      if (!fits) return { reason: 'channel', object: channel }
    }
  return undefined
}
function mayUse(user: User, key: string, flags: string): boolean {
  const writes = flags.includes(' write ')
  return user.keys.some(one => (writes ? one.writes : one.reads) && globMatcher(one.pattern)(key))
}
function keysOf(args: readonly string[]): string[] {
  const [, , first = 0, last = 0, step = 1] = known.get(args[0]!.toLowerCase()) ?? []
  if (first === 0) return []
  const end = last < 0 ? args.length + last : last
  return args.filter((_, i) => i >= first && i <= end && (i - first) % Math.max(1, step) === 0)
}
const channelsOf = (name: string, args: readonly string[]): readonly string[] =>
  name === 'publish' || name === 'spublish' ? args.slice(1, 2) : /^[ps]?subscribe$/.test(name) ? args.slice(1) : []

/** Takes a denial into ACL LOG; one like those of the last minute counts with them (acl.c, addACLLogEntry). */
export function logDenial({ server, cx }: Redis, entry: Omit<Denied, 'count' | 'at'>): void {
  const at = cx.now()
  const same = server.denials.findIndex(
    one =>
      one.reason === entry.reason &&
      one.context === entry.context &&
      one.object === entry.object &&
      one.user === entry.user &&
      at - one.at < 60_000,
  )
  const [before] = same < 0 ? [] : server.denials.splice(same, 1)
  server.denials.unshift({
    ...entry,
    object: own(entry.object),
    user: own(entry.user),
    at,
    count: (before?.count ?? 0) + 1,
  })
  server.denials.length = Math.min(server.denials.length, MOST.log)
}
