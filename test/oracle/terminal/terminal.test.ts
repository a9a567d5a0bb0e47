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
  const wanted = cases.filter(({ name }) => !process.env.SKEP_CASE || name === process.env.SKEP_CASE)
  const answers = new Map<string, string[]>()
  const run = async (some: typeof wanted): Promise<void> => {
    for (const one of some) answers.set(one.name, await play(one))
  }
  // Most of the time is spent in waiting for what does not come: several wait together.
  const slow = wanted.filter(({ quiet }) => quiet !== undefined)
  await Promise.all(slow.map(one => run([one])))
  const quick = wanted.filter(({ quiet }) => quiet === undefined)
  await Promise.all(Array.from({ length: 6 }, (_, at) => run(quick.filter((_one, i) => i % 6 === at))))
  for (const one of wanted) {
    const expected = recorded[one.name]
    assert.ok(expected, `not recorded: ${one.name}`)
    const actual = answers.get(one.name)!
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
