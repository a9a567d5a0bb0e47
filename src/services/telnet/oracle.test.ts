import assert from 'node:assert/strict'
import fs from 'node:fs'
import { describe, test } from 'node:test'
import { play } from '#services/testing/play.ts'
import type { Heard } from '../../../test/oracle/telnet/dialogue.ts'
import telnet from './index.ts'

const fixture = new URL('../../../test/oracle/telnet/fixtures/inetutils.json', import.meta.url)
const recorded = JSON.parse(fs.readFileSync(fixture, 'utf8')) as Record<string, Heard[]>

/**
 * What may differ: the kernel and terminal number of the recording machine, and where the data mark stands: the real
 * daemon sends its IAC as urgent data, out of line.
 */
const masked = (text: string) =>
  text
    .replace(/Linux \S+ \(relay3\) \(pts\/\d+\)/, 'Linux KERNEL (relay3) (pts/N)')
    .replaceAll('\xff\xf2', '\xf2')
    // What a killed login(1) leaves in the pipe is a race that the recording lost as often as it won.
    .replace(/\xf2*(\^[C\\])?$/, '')

/** Where we differ on purpose (README, "Not emulated"). */
const different = new Map([
  ['eager', 'the real daemon never prompts: its second questions are not answered'],
  ['typedAhead', 'the real login throws away what was typed before it asked'],
  ['typedAheadEchoed', 'the real login throws away what was typed before it asked'],
  ['slow', 'takes a minute: index.test.ts'],
  ['slowPassword', 'takes a minute: index.test.ts'],
])

describe("answers as inetutils' telnetd and login(1) did", () => {
  for (const [name, moves] of Object.entries(recorded)) {
    test(name, { skip: different.get(name) ?? false }, async () => {
      const sent = moves.map(move => Buffer.from(move.send, 'latin1')).filter(bytes => bytes.length > 0)
      const { heard } = await play(telnet, sent, { options: { bypass: false } })
      assert.equal(masked(heard.toString('latin1')), masked(moves.map(move => move.heard).join('')))
    })
  }
})
