import assert from 'node:assert/strict'
import fs from 'node:fs'
import { describe, test } from 'node:test'
import { playAtUs } from '../../../test/oracle/kit/at-us.ts'
import type { Exchange } from '../../../test/oracle/kit/dialogue.ts'
import { encode, mask, type Step } from '../../../test/oracle/redis/dialogue.ts'
import { dialogues } from '../../../test/oracle/redis/script.ts'
import redis from './index.ts'
import { newServer } from './state.ts'

const recorded = JSON.parse(
  fs.readFileSync(new URL('../../../test/oracle/redis/fixtures/debian-12.json', import.meta.url), 'utf8'),
) as Record<string, Exchange[]>

/** Our session with an empty data set and a real clock. */
const playAtRedis = (steps: readonly Step[]): Promise<Exchange[]> =>
  playAtUs(redis, steps.map(encode), cx => {
    const state = newServer({ ...cx, now: Date.now })
    state.keyspace.clearAll()
    return { now: Date.now, attacker: () => state as never }
  })

/** What stays different on purpose, by the words sent: see README.md, "Not emulated". */
const differing: Record<string, readonly string[]> = {
  strings: ['INCRBYFLOAT f 5.0e3'],
  RESP3: ['COMMAND INFO get nope'],
  'modules, scripts and functions': [
    'SCRIPT LOAD return (',
    'EVAL return ( 0',
    'EVAL bogus 0',
    "EVAL return loadstring('return 1')() 0",
    "EVAL error('boom') 0",
  ],
  server: ['INFO all', 'INFO everything', 'INFO commandstats', 'INFO latencystats', 'COMMAND INFO get set nope'],
  'other structures': ['PFCOUNT p'],
}
const words = (sent: string) => [...sent.matchAll(/\$\d+\r\n(.*)\r\n/g)].map(found => found[1]).join(' ')

describe('Redis answers as Debian 12’s redis-server 7.0.15 does', () => {
  for (const [name, steps] of Object.entries(dialogues))
    test(name, async () => {
      const theirs = recorded[name]!
      const ours = await playAtRedis(steps)
      const known = differing[name] ?? []
      const shown = (exchanges: Exchange[]) =>
        exchanges
          .filter(({ sent }) => !known.includes(words(sent)))
          .map(({ sent, heard, closed }) => [sent, mask(heard), closed ?? false])
      assert.deepEqual(shown(ours), shown(theirs))
      for (const line of known) {
        const at = theirs.findIndex(({ sent }) => words(sent) === line)
        assert.notEqual(mask(ours[at]!.heard), mask(theirs[at]!.heard), `${line} differs no longer`)
      }
    })
})
