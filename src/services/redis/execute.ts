import { acl } from './commands/acl.ts'
import { bits } from './commands/bits.ts'
import { clientCommands } from './commands/client.ts'
import type { Run } from './commands/command.ts'
import { configuration } from './commands/configuration.ts'
import { connection } from './commands/connection.ts'
import { expiry } from './commands/expiry.ts'
import { hashes } from './commands/hashes.ts'
import { keyCommands } from './commands/keys.ts'
import { lists } from './commands/lists.ts'
import { pubsub } from './commands/pubsub.ts'
import { replication } from './commands/replication.ts'
import { scripts } from './commands/scripts.ts'
import { server } from './commands/server.ts'
import { sets } from './commands/sets.ts'
import { strings } from './commands/strings.ts'
import { transactions } from './commands/transactions.ts'
import { unbuilt } from './commands/unbuilt.ts'
import { zsets } from './commands/zsets.ts'
import { flagsOf, helpFor, objection } from './facts.ts'
import { RedisError } from './keyspace.ts'
import { type Redis, subscriptions } from './state.ts'
import { error, simple } from './wire.ts'

const implemented = new Map<string, Run>([
  ...unbuilt,
  ...connection,
  ...clientCommands,
  ...pubsub,
  ...transactions(run),
  ...strings,
  ...bits,
  ...hashes,
  ...lists,
  ...sets,
  ...zsets,
  ...keyCommands,
  ...expiry,
  ...configuration,
  ...acl,
  ...replication,
  ...scripts(call),
  ...server,
])

/** Bytes and commands that a transaction may hold back. */
const QUEUE = { bytes: 4 << 20, commands: 4096 }
/** Commands that a transaction does not hold back (server.c, processCommand). */
const atOnce = new Set(['exec', 'discard', 'multi', 'watch', 'quit', 'reset'])
const whileSubscribed = new Set([
  'subscribe',
  'unsubscribe',
  'psubscribe',
  'punsubscribe',
  'ssubscribe',
  'sunsubscribe',
])
for (const name of ['ping', 'quit', 'reset']) whileSubscribed.add(name)

/**
 * server.c, processCommand: the same checks in the same order, then the command itself. `weight`: bytes that the request
 * takes in memory. No answer: the server closes the connection.
 */
export async function execute(args: string[], redis: Redis, weight = 0): Promise<string | undefined> {
  const { client, server } = redis
  server.commands++
  const name = args[0]!.toLowerCase()
  const refusal = objection(args) ?? forbidden(name, args, redis)
  if (refusal !== undefined) {
    if (client.transaction) client.transaction.broken = true
    return error(refusal)
  }
  const { transaction } = client
  if (transaction && !atOnce.has(name)) {
    if (transaction.queue.length >= QUEUE.commands || transaction.weight + weight > QUEUE.bytes) return undefined
    transaction.queue.push(args)
    transaction.weight += weight
    return simple('QUEUED')
  }
  if (name === 'shutdown')
    return args.slice(1).every(word => /^(?:nosave|save|now|force|abort)$/i.test(word))
      ? undefined
      : error('ERR syntax error')
  return run(args, redis)
}

function forbidden(name: string, args: readonly string[], { client, server }: Redis): string | undefined {
  const flags = ` ${flagsOf(args)} `
  if (name === 'debug') return protectedCommand('DEBUG', 'enable-debug-command')
  if (!client.authenticated && !flags.includes(' no_auth ')) return 'NOAUTH Authentication required.'
  if (server.master && flags.includes(' write ')) return "READONLY You can't write against a read only replica."
  if (client.resp === 2 && subscriptions(client) > 0 && !whileSubscribed.has(name))
    return `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`
  return undefined
}

const protectedCommand = (command: string, option: string) =>
  `ERR ${command} command not allowed. If the ${option} option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`

/** The command itself, its checks passed. */
async function run(args: string[], redis: Redis): Promise<string> {
  try {
    const given = helpFor(args)
    if (given) return given
    const known = implemented.get(args[0]!.toLowerCase())
    return known ? await known(args.slice(1), redis) : redis.client.shape.nil
  } catch (problem) {
    if (problem instanceof RedisError) return error(problem.message)
    throw problem
  }
}

/** `redis.call` of a script: what it may not call at all is `undefined`. */
async function call(args: string[], redis: Redis): Promise<string | undefined> {
  if (args.length === 0 || objection(args) !== undefined) return undefined
  if (/ (?:noscript|blocking) /.test(` ${flagsOf(args)} `))
    return error('ERR This Redis command is not allowed from script')
  const refusal = forbidden(args[0]!.toLowerCase(), args, redis)
  return refusal === undefined ? run(args, { ...redis, nested: true }) : error(refusal)
}
