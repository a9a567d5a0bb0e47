import { RedisError, syntaxError } from '../keyspace.ts'
import { dump } from '../rdb.ts'
import { replicate } from '../takeover.ts'
import { array, bulk, integer, ok, simple } from '../wire.ts'
import { type Commands, parseSmall, type Run } from './command.ts'

/** SLAVEOF and REPLICAOF: the address is taken note of, nothing is ever connected. */
const follow: Run = ([host = '', port = ''], { server, cx }) => {
  if (/^no$/i.test(host) && /^one$/i.test(port)) {
    if (server.master) server.formerId = server.replicationId
    server.master = undefined
    return ok
  }
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65535) throw new RedisError('ERR Invalid master port')
  const { master } = server
  if (master?.host === host && master.port === Number(port)) return simple('OK Already connected to specified master')
  replicate(host, Number(port), server, cx)
  return ok
}

const role: Run = (_, { server }) =>
  server.master
    ? array([bulk('slave'), bulk(server.master.host), integer(server.master.port), bulk('connect'), integer(-1)])
    : array([bulk('master'), integer(0), array([])])

const configure: Run = (args, { client }) => {
  if (args.length % 2) throw syntaxError()
  for (let i = 0; i < args.length; i += 2)
    if (!/^(?:listening-port|capa|ip-address|rdb-only|rdb-filter-only)$/i.test(args[i]!))
      throw new RedisError(`ERR Unrecognized REPLCONF option: ${args[i]!.slice(0, 128)}`)
    else if (/^capa$/i.test(args[i]!) && /^eof$/i.test(args[i + 1]!)) client.capable = true
  return ok
}

/** repl-diskless-sync-delay, in seconds. */
const DELAY = 5
/**
 * SYNC and PSYNC: somebody takes the whole data set as a replica would (replication.c, syncCommand). They get it, and
 * nothing after it.
 */
const copy =
  (partial: boolean): Run =>
  async ([, offset = ''], { server, client, cx }) => {
    if (partial) parseSmall(offset)
    if (server.master) throw new RedisError("NOMASTERLINK Can't SYNC while not connected with my master")
    cx.record.exploit({
      id: 'redis-replica',
      name: 'The data set copied, as by a replica',
      evidence: partial ? 'PSYNC' : 'SYNC',
    })
    const content = dump(server.keyspace, cx.persona.software.redis.version, cx.now()).toString('latin1')
    const head = partial ? `+FULLRESYNC ${server.replicationId} 0\r\n` : ''
    if (!client.capable) return `${head}$${content.length}\r\n${content}`
    await cx.pause(DELAY)
    const mark = cx.random(20).toString('hex')
    return `${head}$EOF:${mark}\r\n${content}${mark}`
  }

export const replication: Commands = [
  ['sync', copy(false)],
  ['psync', copy(true)],
  ['slaveof', follow],
  ['replicaof', follow],
  ['role', role],
  ['replconf', configure],
  [
    'failover',
    () => {
      throw new RedisError('ERR FAILOVER requires connected replicas.')
    },
  ],
  [
    'wait',
    ([replicas = '', timeout = '']) => {
      for (const number of [replicas, timeout]) parseSmall(number)
      return integer(0)
    },
  ],
]
