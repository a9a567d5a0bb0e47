import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { cases } from './cases.ts'
import { play } from './play.ts'

const read = <T>(name: string): T => JSON.parse(fs.readFileSync(path.join(import.meta.dirname, name), 'utf8'))
const recorded = read<Record<string, string[]>>('fixtures/terminal.json')
/** Keys whose answer differs, by case and number, and why. */
const excused = read<Record<string, Record<string, string>>>('excused.json')

test('terminals show what Debian 12 shows, key by key', async t => {
  const unequal: string[] = []
  let keys = 0
  let differing = 0
  for (const one of cases) {
    if (process.env.SKEP_CASE && one.name !== process.env.SKEP_CASE) continue
    const expected = recorded[one.name]
    assert.ok(expected, `not recorded: ${one.name}`)
    const actual = await play(one)
    for (const [i, answer] of expected.entries()) {
      keys++
      const equal = actual[i] === answer
      const excuse = excused[one.name]?.[i] !== undefined
      if (!equal) differing++
      if (equal !== excuse) continue
      const key = JSON.stringify(['', ...one.keys][i])
      unequal.push(
        `[${one.name}] ${i} ${key}${equal ? ' equal, but excused' : `\n  Debian ${JSON.stringify(answer)}\n  ours   ${JSON.stringify(actual[i])}`}`,
      )
    }
  }
  t.diagnostic(`${keys} keys, ${(100 - (differing * 100) / keys).toFixed(1)} % answered with the same bytes`)
  assert.deepEqual(unequal, [], `\n${unequal.join('\n')}`)
})
