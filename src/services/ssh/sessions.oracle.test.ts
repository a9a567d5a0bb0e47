import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import { observeSession } from '../../../test/oracle/ssh/session-observe.ts'
import { sessionProbes } from '../../../test/oracle/ssh/session-probes.ts'
import { connect } from './testing.ts'

const file = new URL('../../../test/oracle/ssh/fixtures/openssh-9.2p1-debian12-sessions.json', import.meta.url)
const recorded = JSON.parse(readFileSync(file, 'utf8')) as Record<string, string[][]>
const { privateKey } = generateKeyPairSync('ed25519')

/** The shell's `kill` knows no real-time signals. */
const excused = new Set(['exec: a real-time signal'])

// Some sleep, as their commands say.
describe("as Debian 12's sshd to whoever is logged in", { concurrency: 8 }, () => {
  for (const probe of sessionProbes.filter(({ name }) => !excused.has(name)))
    test(probe.name, async () => {
      const expected = recorded[probe.name]
      assert.ok(expected, 'Not recorded: run test/oracle/ssh/record-sessions.ts')
      const { conn, ending } = connect({ options: { access: { publicKeys: 'accept' } } })
      let round = -1
      // Programs take no time of their own here, but for what sleeps: then as many words as were recorded are awaited.
      const quiet = async (heard: () => number) => {
        const words = expected[++round]?.filter(line => line !== 'open' && line !== 'closed').length ?? 0
        const before = round === 0 ? 0 : heard()
        for (let turns = 0, last = -1; turns < 40; turns++) {
          await new Promise(setImmediate)
          if (heard() !== last) turns = 0
          last = heard()
        }
        for (let waited = 0; waited < 500 && heard() - before < words && conn.over === undefined; waited++)
          await new Promise(resolve => setTimeout(resolve, 10))
      }
      assert.deepEqual(await observeSession(conn, probe, privateKey, quiet), expected)
      await ending
    })
})
