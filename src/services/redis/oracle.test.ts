import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import { excusedOf, recordedOf } from '../../../test/oracle/kit/compare.ts'
import type { Exchange } from '../../../test/oracle/kit/dialogue.ts'
import { encode, mask, type Step } from '../../../test/oracle/redis/dialogue.ts'
import { dialogues } from '../../../test/oracle/redis/script.ts'
import redis from './index.ts'
import { newServer } from './state.ts'

const recorded = recordedOf('redis')
const excused = excusedOf('redis')

/** Our session with an empty data set and a real clock. */
const playAtRedis = (steps: readonly Step[]): Promise<Exchange[]> =>
  playAtUs(redis, steps.map(encode), cx => {
    const state = newServer({ ...cx, now: Date.now })
    state.keyspace.clearAll()
    return { now: Date.now, attacker: () => state as never }
  })

describe('Redis answers as Debian 12’s redis-server 7.0.15 does', () => {
  for (const [name, steps] of Object.entries(dialogues))
    test(name, async () => {
      const theirs = recorded[name]!
      const ours = await playAtRedis(steps)
      const known = new Set(Object.keys(excused[name] ?? {}))
      const shown = (exchanges: Exchange[]) =>
        exchanges
          .filter(({ sent }) => !known.has(sent))
          .map(({ sent, heard, closed }) => [sent, mask(heard), closed ?? false])
      assert.deepEqual(shown(ours), shown(theirs))
      for (const line of known) {
        const at = theirs.findIndex(({ sent }) => sent === line)
        assert.notEqual(mask(ours[at]!.heard), mask(theirs[at]!.heard), `${line} differs no longer`)
      }
    })
})
