import assert from 'node:assert/strict'
import fs from 'node:fs'
import { duplexPair } from 'node:stream'
import { describe, test } from 'node:test'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { converse, type Exchange, mask, type Step } from '../../../test/oracle/redis/dialogue.ts'
import { dialogues } from '../../../test/oracle/redis/script.ts'
import redis from './index.ts'
import { newServer } from './state.ts'

const recorded = JSON.parse(
  fs.readFileSync(new URL('../../../test/oracle/redis/fixtures/debian-12.json', import.meta.url), 'utf8'),
) as Record<string, Exchange[]>

const turns = async (n: number) => {
  while (n--) await new Promise(setImmediate)
}

/** Plays the same client's part at our session, in memory, with an empty data set, a real clock and pauses of no length. */
async function playAtUs(steps: readonly Step[]): Promise<Exchange[]> {
  const [client, server] = duplexPair()
  server.on('error', () => {})
  const { record } = listeningRecorder()
  const conn = new Conn(server, { ...defaultLimits, ...redis.limits })
  const cx = { ...testContext(redis, record), now: Date.now }
  const state = newServer(cx)
  state.keyspace.clearAll()
  cx.attacker = () => state as never
  const session = redis.session!(conn, cx)
    .catch(error => error)
    .finally(() => conn.end())
  const exchanges = await converse(client, steps, () => turns(6))
  client.destroy()
  conn.hangup('shutdown')
  await session
  return exchanges
}

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
      const ours = await playAtUs(steps)
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
