import { RedisError, syntaxError } from '../keyspace.ts'
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

const configure: Run = args => {
  if (args.length % 2) throw syntaxError()
  for (let i = 0; i < args.length; i += 2)
    if (!/^(?:listening-port|capa|ip-address|rdb-only|rdb-filter-only)$/i.test(args[i]!))
      throw new RedisError(`ERR Unrecognized REPLCONF option: ${args[i]!.slice(0, 128)}`)
  return ok
}

export const replication: Commands = [
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
