import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { observe } from '../../../test/oracle/ssh/observe.ts'
import { probes } from '../../../test/oracle/ssh/probes.ts'
import { connect } from './testing.ts'

const file = new URL('../../../test/oracle/ssh/fixtures/openssh-9.2p1-debian12.json', import.meta.url)
const recorded = JSON.parse(readFileSync(file, 'utf8')) as { identification: string; answers: Record<string, string[]> }

for (const probe of probes)
  test(`as Debian 12's sshd: ${probe.name}`, async () => {
    const expected = recorded.answers[probe.name]
    assert.ok(expected, 'Not recorded: run test/oracle/ssh/record.ts')
    const { conn } = connect({ identification: recorded.identification })
    // As many utterances as were recorded; then either the end, which the next read meets, or silence.
    const more = async (said: string[]) => {
      if (said.length < expected.length - 1 || expected.at(-1) === 'closed') return true
      for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
      return conn.held > 0 || conn.over !== undefined
    }
    assert.deepEqual(await observe(conn, probe, more), expected)
    conn.hangup('done')
  })
