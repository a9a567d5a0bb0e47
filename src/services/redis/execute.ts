import table from '../../../data/redis-commands.json' with { type: 'json' }
import { hashes, lists, sets } from './commands/collections.ts'
import type { Run } from './commands/command.ts'
import { connection } from './commands/connection.ts'
import { keyCommands } from './commands/keys.ts'
import { server } from './commands/server.ts'
import { strings } from './commands/strings.ts'
import { zsets } from './commands/zsets.ts'
import { RedisError } from './keyspace.ts'
import type { Redis } from './state.ts'
import { array, bulk, error, integer, ok, simple } from './wire.ts'

/** COMMAND of Redis 7.0.15: arity, flags, key positions and categories of every command it knows. */
type Known = [arity: number, flags: string, first: number, last: number, step: number, categories: string]
const known = new Map(Object.entries(table) as [string, Known][])

const implemented = new Map<string, Run>([
  ...connection,
  ...strings,
  ...hashes,
  ...lists,
  ...sets,
  ...zsets,
  ...keyCommands,
  ...server,
  ['command', ([what, ...names], { client }) => command(what, names, client.shape.nilArray)],
])

/** Allowed before AUTH (server.c: CMD_NO_AUTH). */
const beforeAuth = new Set(['auth', 'hello', 'quit', 'reset'])
const whileSubscribed = new Set([
  'subscribe',
  'unsubscribe',
  'psubscribe',
  'punsubscribe',
  'ssubscribe',
  'sunsubscribe',
  'ping',
  'quit',
  'reset',
])

/** server.c, processCommand: the same checks in the same order, then the command itself. */
export async function execute(args: string[], redis: Redis): Promise<string> {
  const { client, server } = redis
  server.commands++
  const name = args[0]!.toLowerCase()
  const facts = known.get(name)
  const refuse = (text: string) => {
    if (client.transaction) client.transaction.broken = true
    return error(text)
  }
  if (!facts) return refuse(unknown(args))
  if ((facts[0] > 0 && args.length !== facts[0]) || args.length < -facts[0])
    return refuse(`ERR wrong number of arguments for '${name}' command`)
  if (!client.authenticated && !beforeAuth.has(name)) return refuse('NOAUTH Authentication required.')
  if (server.master && facts[1].includes('write'))
    return refuse("READONLY You can't write against a read only replica.")
  if (client.resp === 2 && client.channels.size + client.patterns.size > 0 && !whileSubscribed.has(name))
    return refuse(
      `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`,
    )
  if (name === 'multi' || name === 'exec' || name === 'discard') return transact(name, redis)
  if (client.transaction && name !== 'reset' && name !== 'quit') {
    if (client.transaction.queue.length < 1024) client.transaction.queue.push(args)
    return simple('QUEUED')
  }
  return run(name, args.slice(1), redis)
}

async function run(name: string, args: string[], redis: Redis): Promise<string> {
  try {
    const known = implemented.get(name)
    return known ? await known(args, redis) : asOnEmpty(name, redis)
  } catch (problem) {
    if (problem instanceof RedisError) return error(problem.message)
    throw problem
  }
}

/**
 * Commands of the real table whose data structures are not built here (streams, geo, HyperLogLog, bit fields): answered
 * as the real one answers for a key that is not there.
 */
function asOnEmpty(name: string, { client }: Redis): string {
  if (/^(x|z|l|s|h|geo|bit|pf).*(len|count|card|add|del|pos|trim|ack|op|store)$/.test(name) || name === 'pfcount')
    return integer(0)
  if (/range|search|radius|scan|lcs|mpop|inter|union|diff|pos|hash|keys|info|pending|sort/.test(name)) return '*0\r\n'
  return /write/.test(known.get(name)![1]) ? ok : client.shape.nil
}

async function transact(name: string, redis: Redis): Promise<string> {
  const { client } = redis
  if (name === 'multi') {
    if (client.transaction) return error('ERR MULTI calls can not be nested')
    client.transaction = { queue: [], broken: false }
    return ok
  }
  const { transaction } = client
  if (!transaction) return error(`ERR ${name.toUpperCase()} without MULTI`)
  client.transaction = undefined
  if (name === 'discard') return ok
  if (transaction.broken) return error('EXECABORT Transaction discarded because of previous errors.')
  const answers: string[] = []
  for (const [verb = '', ...args] of transaction.queue) answers.push(await run(verb.toLowerCase(), args, redis))
  return array(answers)
}

/** server.c: the name and then arguments, each quoted, up to 128 characters in all. */
function unknown([name = '', ...args]: string[]): string {
  let shown = ''
  for (const arg of args) {
    if (shown.length >= 128) break
    shown += `'${arg.slice(0, 128 - shown.length)}' `
  }
  return `ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${shown}`
}

function command(what: string | undefined, names: string[], nil: string): string {
  const verb = what?.toUpperCase()
  if (verb === 'COUNT') return integer(known.size)
  if (verb === 'DOCS') return array([])
  if (verb === 'LIST') return array([...known.keys()].map(bulk))
  const chosen = verb === 'INFO' && names.length ? names.map(name => name.toLowerCase()) : [...known.keys()]
  return array(chosen.map(name => (known.has(name) ? entry(name, known.get(name)!) : nil)))
}

const entry = (name: string, [arity, flags, first, last, step, categories]: Known) =>
  array([
    bulk(name),
    integer(arity),
    array(flags.split(' ').filter(Boolean).map(simple)),
    integer(first),
    integer(last),
    integer(step),
    array(categories.split(' ').filter(Boolean).map(simple)),
    '*0\r\n',
    '*0\r\n',
    '*0\r\n',
  ])
