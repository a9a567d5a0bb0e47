import { RedisError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { array, ok } from '../wire.ts'
import type { Commands } from './command.ts'

const forget = ({ client }: Redis) => {
  client.transaction = undefined
  client.watched.clear()
}
/** Keys that one client may watch. */
const WATCHED = 256

/** MULTI, EXEC, DISCARD and WATCH (multi.c); `run` answers one command that was held back. */
export const transactions = (run: (args: string[], redis: Redis) => Promise<string>): Commands => [
  [
    'multi',
    (_, { client }) => {
      if (client.transaction) throw new RedisError('ERR MULTI calls can not be nested')
      client.transaction = { queue: [], weight: 0, broken: false }
      return ok
    },
  ],
  [
    'discard',
    (_, redis) => {
      if (!redis.client.transaction) throw new RedisError('ERR DISCARD without MULTI')
      forget(redis)
      return ok
    },
  ],
  [
    'exec',
    async (_, redis) => {
      const { client, server, cx } = redis
      const { transaction, watched } = client
      if (!transaction) throw new RedisError('ERR EXEC without MULTI')
      const changed = [...watched.values()].some(({ db, key, version }) => {
        server.keyspace.find(db, key, cx.now())
        return server.keyspace.version(db, key) !== version
      })
      forget(redis)
      if (transaction.broken) throw new RedisError('EXECABORT Transaction discarded because of previous errors.')
      if (changed) return client.shape.nilArray
      const answers: string[] = []
      for (const args of transaction.queue) answers.push(await run(args, { ...redis, nested: true }))
      return array(answers)
    },
  ],
  [
    'watch',
    (keys, { client, server, cx }) => {
      if (client.transaction) throw new RedisError('ERR WATCH inside MULTI is not allowed')
      for (const key of keys) {
        if (client.watched.size >= WATCHED || key.length > 1024) break
        server.keyspace.find(client.db, key, cx.now())
        client.watched.set(`${client.db} ${key}`, {
          db: client.db,
          key,
          version: server.keyspace.version(client.db, key),
        })
      }
      return ok
    },
  ],
  [
    'unwatch',
    (_, { client }) => {
      client.watched.clear()
      return ok
    },
  ],
]
