import { RedisError } from '../keyspace.ts'
import type { Redis } from '../state.ts'
import { parseScore } from './command.ts'

/** Seconds that a command may keep its connection waiting; "for ever" ends here too. */
const LONGEST = 300

/** Seconds of BLPOP and its like (timeout.c, getTimeoutFromObjectOrReply). */
export function parseTimeout(text: string): number {
  const seconds = parseScore(text, 'ERR timeout is not a float or out of range')
  if (!Number.isFinite(seconds)) throw new RedisError('ERR timeout is not a float or out of range')
  if (seconds < 0) throw new RedisError('ERR timeout is negative')
  return seconds
}

/** Tries at once and, where that finds nothing, once more after the wait: nobody else fills this data set much. */
export async function blocking(
  redis: Redis,
  seconds: number,
  attempt: () => string | undefined,
): Promise<string | undefined> {
  const found = attempt()
  if (found !== undefined || redis.nested) return found
  await redis.cx.pause(Math.min(seconds || LONGEST, LONGEST))
  return attempt()
}
