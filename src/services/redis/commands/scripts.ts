import { createHash } from 'node:crypto'
import { RedisError } from '../keyspace.ts'
import { type Call, compiled, evaluate } from '../lua/evaluate.ts'
import { Budget } from '../lua/machine.ts'
import type { Redis } from '../state.ts'
import { array, bulk, integer, ok } from '../wire.ts'
import { type Commands, parseSmall, type Run } from './command.ts'

/** Scripts kept for EVALSHA, and bytes of one. */
const MOST = { scripts: 64, bytes: 64 << 10 }

/** Keeps a script that is one under its SHA-1. */
function remember(body: string, scripts: Map<string, string>): string {
  const sha = createHash('sha1').update(body, 'latin1').digest('hex')
  if (scripts.has(sha)) return sha
  if (body.length >= MOST.bytes) throw new RedisError('ERR Error compiling script (new function): not enough memory')
  compiled(body)
  if (scripts.size < MOST.scripts) scripts.set(sha, body)
  return sha
}

const script: Run = ([what = '', ...args], { server }) => {
  const verb = what.toUpperCase()
  if (verb === 'LOAD') return bulk(remember(args[0]!, server.scripts))
  if (verb === 'EXISTS') return array(args.map(sha => integer(server.scripts.has(sha.toLowerCase()) ? 1 : 0)))
  if (verb === 'KILL') throw new RedisError('NOTBUSY No scripts in execution right now.')
  if (verb === 'FLUSH') {
    if (args.length > 1 || !/^(?:|a?sync)$/i.test(args[0] ?? ''))
      throw new RedisError('ERR SCRIPT FLUSH only support SYNC|ASYNC option')
    server.scripts.clear()
  }
  return ok
}

/** `body numkeys key … arg …` (eval.c, evalGenericCommand). */
async function runScript(body: string, [count = '', ...words]: string[], redis: Redis, call: Call): Promise<string> {
  const keys = parseSmall(count)
  if (keys < 0) throw new RedisError("ERR Number of keys can't be negative")
  if (keys > words.length) throw new RedisError("ERR Number of keys can't be greater than number of args")
  const sha = remember(body, redis.server.scripts)
  const budget = new Budget()
  try {
    return evaluate(body, { keys: words.slice(0, keys), args: words.slice(keys), sha, redis, call }, budget)
  } finally {
    const wait = redis.server.pace.spend(budget.used, redis.cx.now())
    if (wait > 0) await redis.cx.pause(wait)
  }
}

/** EVAL and its like; `call` answers `redis.call`. */
export const scripts = (call: Call): Commands => {
  const run: Run = ([body = '', ...rest], redis) => runScript(body, rest, redis, call)
  const runKnown: Run = ([sha = '', ...rest], redis) => {
    const body = redis.server.scripts.get(sha.toLowerCase())
    if (body === undefined) throw new RedisError('NOSCRIPT No matching script. Please use EVAL.')
    return runScript(body, rest, redis, call)
  }
  return [
    ['script', script],
    ['eval', run],
    ['eval_ro', run],
    ['evalsha', runKnown],
    ['evalsha_ro', runKnown],
  ]
}
