import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { execute } from './execute.ts'
import redis from './index.ts'
import { newClient, newServer, type Redis } from './state.ts'

/** A connection to a server of its own, without a wire; `now` moves when the test says so. */
export function connected(now = () => Date.UTC(2026, 0, 15)): Redis & { say(...words: string[]): Promise<string> } {
  const { record } = listeningRecorder()
  const cx = { ...testContext(redis, record), now }
  const server = newServer(cx)
  server.keyspace.clearAll()
  const one: Redis = { cx, server, client: newClient(server, now(), false) }
  return { ...one, say: async (...words) => (await execute(words, one)) ?? 'closed' }
}
