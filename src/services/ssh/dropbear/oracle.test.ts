import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import test from 'node:test'
import { observe } from '../../../../test/oracle/ssh/observe.ts'
import { dropbearProbes } from '../../../../test/oracle/ssh/probes-dropbear.ts'
import { connect } from '../testing.ts'

const file = new URL('../../../../test/oracle/ssh/fixtures/dropbear-2022.83.json', import.meta.url)
const recorded = JSON.parse(readFileSync(file, 'utf8')) as { identification: string; answers: Record<string, string[]> }

/** Where ours differs, and why that may stay. */
const excused = new Map([
  ['clear: group 14 with few bits', 'a public value of three bits is refused, as OpenSSH does: no client makes one'],
])

for (const probe of dropbearProbes)
  test(`as Dropbear 2022.83: ${probe.name}`, { skip: excused.get(probe.name) ?? false, timeout: 20_000 }, async () => {
    const expected = recorded.answers[probe.name]
    assert.ok(expected, 'Not recorded: run test/oracle/ssh/record-dropbear.ts')
    const { conn } = connect({ options: { device: 'dropbear' } })
    // As many utterances as were recorded; then either the end, which the next read meets, or silence.
    const more = async (said: string[]) => {
      if (said.length < expected.length - 1 || expected.at(-1) === 'closed') return true
      for (let turns = 0; turns < 20; turns++) await new Promise(setImmediate)
      return conn.held > 0 || conn.over !== undefined
    }
    assert.deepEqual(await observe(conn, probe, more), expected)
    conn.hangup('done')
  })
