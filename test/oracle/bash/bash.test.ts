import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { createShell } from '#machine/shell/shell.ts'
import { type Outcome, PROGRAMS, testProcess } from '#machine/shell/testing/memory.ts'
import type { Language } from '#machine/system.ts'
import { corpus, masked, SHELLS } from './corpus.ts'
import { EXCUSED } from './excused.ts'

const ours = async (script: string, flavour: Language): Promise<Outcome> => {
  const { process, written } = testProcess()
  const shell = createShell({
    process,
    lookup: path => PROGRAMS.get(path),
    flavour,
    name: flavour === 'ash' ? 'sh' : flavour,
  })
  const status = await shell.run(script)
  await shell.settled()
  return { stdout: masked(written.stdout), stderr: masked(written.stderr), status }
}

for (const { name, corpus: file, fixture } of SHELLS) {
  test(`the shell answers as ${fixture.replace('.json', '')} does`, async t => {
    const recorded: Record<string, Outcome> = JSON.parse(
      fs.readFileSync(path.join(import.meta.dirname, 'fixtures', fixture), 'utf8'),
    )
    const excused = EXCUSED[name]
    const lines = corpus(file)
    const unequal: string[] = []
    for (const { feature, line, script } of lines) {
      const expected = recorded[line]
      assert.ok(expected, `not recorded: ${line}`)
      const actual = await ours(script, name).catch(error => String(error?.stack).slice(0, 300))
      const equal = JSON.stringify(actual) === JSON.stringify(expected)
      if (equal === !excused.has(line)) continue
      const shown = `  ${name} ${JSON.stringify(expected)}\n  ours ${JSON.stringify(actual)}`
      unequal.push(equal ? `equal, but excused: ${line}` : `[${feature}] ${line}\n${shown}`)
    }
    const share = 1 - excused.size / lines.length
    t.diagnostic(`${lines.length} lines, ${(share * 100).toFixed(1)} % equal, ${excused.size} excused`)
    assert.deepEqual(unequal, [], `\n${unequal.join('\n')}`)
    assert.ok(share >= 0.98)
  })
}
