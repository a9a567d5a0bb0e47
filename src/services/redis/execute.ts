import { acl } from './commands/acl.ts'
import { bits } from './commands/bits.ts'
import { clientCommands, describeClient } from './commands/client.ts'
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
import { flagsOf, fullNameOf, helpFor, known, objection } from './facts.ts'
import { RedisError } from './keyspace.ts'
import { type Redis, subscriptions } from './state.ts'
import { logDenial, refusalOf } from './users.ts'
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

function forbidden(name: string, args: readonly string[], redis: Redis): string | undefined {
  const { client, server } = redis
  const flags = ` ${flagsOf(args)} `
  if (name === 'debug') return protectedCommand('DEBUG', 'enable-debug-command')
  if (!client.authenticated && !flags.includes(' no_auth ')) return 'NOAUTH Authentication required.'
  const denied = permission(name, args, redis)
  if (denied !== undefined) return denied
  if (server.master && flags.includes(' write ')) return "READONLY You can't write against a read only replica."
  if (client.resp === 2 && subscriptions(client) > 0 && !whileSubscribed.has(name))
    return `ERR Can't execute '${name}': only (P|S)SUBSCRIBE / (P|S)UNSUBSCRIBE / PING / QUIT / RESET are allowed in this context`
  return undefined
}

/** What the client's user may not do, which goes into ACL LOG. */
function permission(name: string, args: readonly string[], redis: Redis): string | undefined {
  const { client, server, nested } = redis
  const user = server.users.get(client.user)
  const refusal = user && refusalOf(user, args)
  if (!refusal) return undefined
  const context = nested ? 'lua' : client.transaction ? 'multi' : 'toplevel'
  const { reason, object } = refusal
  logDenial(redis, {
    reason,
    context,
    object,
    user: client.user,
    client: describeClient(redis, fullNameOf(name, args[1] ?? '') ?? name).trimEnd(),
  })
  return reason === 'command'
    ? `NOPERM this user has no permissions to run the '${object}' command`
    : `NOPERM this user has no permissions to access one of the ${reason}s used as arguments`
}

const protectedCommand = (command: string, option: string) =>
  `ERR ${command} command not allowed. If the ${option} option is set to "local", you can run it from a local connection, otherwise you need to set this option in the configuration file, and then restart the server.`

/** The command itself, its checks passed. */
async function run(args: string[], redis: Redis): Promise<string> {
  try {
    return await answered(args, redis)
  } catch (problem) {
    if (problem instanceof RedisError) return error(problem.message)
    throw problem
  }
}

const answered = (args: string[], redis: Redis): string | Promise<string> =>
  helpFor(args) ?? implemented.get(args[0]!.toLowerCase())?.(args.slice(1), redis) ?? redis.client.shape.nil

/** `redis.call` of a script (script.c, scriptCall); what it may call answers at once. */
function call(args: string[], redis: Redis): string {
  if (objection(args) !== undefined)
    return error(
      known.has(args[0]!.toLowerCase())
        ? 'ERR Wrong number of args calling Redis command from script'
        : 'ERR Unknown Redis command called from script',
    )
  if (/ (?:noscript|blocking) /.test(` ${flagsOf(args)} `))
    return error('ERR This Redis command is not allowed from script')
  const refusal = forbidden(args[0]!.toLowerCase(), args, { ...redis, nested: true })
  if (refusal !== undefined) return error(refusal)
  try {
    const answer = answered(args, { ...redis, nested: true })
    return typeof answer === 'string' ? answer : error('ERR This Redis command is not allowed from script')
  } catch (problem) {
    if (problem instanceof RedisError) return error(problem.message)
    throw problem
  }
}
