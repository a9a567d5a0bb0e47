import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { createShell } from '#machine/shell/shell.ts'
import { type Outcome, PROGRAMS, testProcess } from '#machine/shell/testing/memory.ts'
import { corpus, masked } from './corpus.ts'
import { EXCUSED } from './excused.ts'

const recorded: Record<string, Outcome> = JSON.parse(
  fs.readFileSync(path.join(import.meta.dirname, 'fixtures', 'bash-5.2.15.json'), 'utf8'),
)

const ours = async (script: string): Promise<Outcome> => {
  const { process, written } = testProcess()
  const shell = createShell({ process, lookup: path => PROGRAMS.get(path) })
  const status = await shell.run(script)
  await shell.settled()
  return { stdout: masked(written.stdout), stderr: masked(written.stderr), status }
}

test('the shell answers as bash 5.2 does', async t => {
  const lines = corpus()
  const unequal: string[] = []
  for (const { feature, line, script } of lines) {
    const expected = recorded[line]
    assert.ok(expected, `not recorded: ${line}`)
    let actual: Outcome | string
    try {
      actual = await ours(script)
    } catch (error) {
      actual = String(error instanceof Error ? error.stack : error).slice(0, 300)
    }
    if (JSON.stringify(actual) === JSON.stringify(expected)) {
      if (EXCUSED.has(line)) unequal.push(`equal, but excused: ${line}`)
    } else if (!EXCUSED.has(line))
      unequal.push(`[${feature}] ${line}\n  bash ${JSON.stringify(expected)}\n  ours ${JSON.stringify(actual)}`)
  }
  const share = 1 - EXCUSED.size / lines.length
  t.diagnostic(`${lines.length} lines, ${(share * 100).toFixed(1)} % equal, ${EXCUSED.size} excused`)
  assert.deepEqual(unequal, [], `\n${unequal.join('\n')}`)
  assert.ok(share >= 0.98)
})
