import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { runLine } from '#machine/testing.ts'
import { type Answer, corpus, excuses, families, masked } from './corpus.ts'

/** `SKEP_FAMILY=files` looks at one family alone. */
const wanted = process.env.SKEP_FAMILY ? [process.env.SKEP_FAMILY] : families()

const ours = async (script: string): Promise<Answer> => {
  const { stdout, stderr, status } = await runLine(Buffer.from(script).toString('latin1'))
  return { stdout: masked(stdout), stderr: masked(stderr), status }
}

for (const family of wanted) {
  test(`command lines are answered as Debian 12 does: ${family}`, async t => {
    const recorded: Record<string, Answer> = JSON.parse(
      fs.readFileSync(path.join(import.meta.dirname, 'fixtures', `${family}.json`), 'utf8'),
    )
    const excused = excuses(family)
    const lines = corpus(family)
    const unequal: string[] = []
    for (const { feature, line, script } of lines) {
      const expected = recorded[line]
      assert.ok(expected, `not recorded: ${line}`)
      const actual = await ours(script).catch(error => String(error?.stack).slice(0, 300))
      const equal = JSON.stringify(actual) === JSON.stringify(expected)
      if (equal === !Object.hasOwn(excused, line)) continue
      const shown = `  Debian ${JSON.stringify(expected)}\n  ours   ${JSON.stringify(actual)}`
      unequal.push(equal ? `equal, but excused: ${line}` : `[${feature}] ${line}\n${shown}`)
    }
    const share = 1 - Object.keys(excused).length / lines.length
    t.diagnostic(`${lines.length} lines, ${(share * 100).toFixed(1)} % equal, ${Object.keys(excused).length} excused`)
    assert.deepEqual(unequal, [], `\n${unequal.join('\n')}`)
  })
}
