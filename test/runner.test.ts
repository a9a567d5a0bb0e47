import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, test } from 'node:test'
import { type Job, runBeside, type Sum } from './runner.ts'

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-runner-'))
after(() => fs.rmSync(home, { recursive: true }))
const file = (name: string, body: string): string => {
  const at = path.join(home, `${name}.test.mjs`)
  fs.writeFileSync(at, `import { test } from 'node:test'\n${body}\n`)
  return at
}
const good = file('good', `test('holds', () => {}); test('not here', { skip: 'no such program' }, () => {})`)
const bad = file('bad', `test('does not hold', () => { throw new Error('no') })`)
const dies = file('dies', `test('dies', () => process.kill(process.ppid, 'SIGKILL'))`)
const dead: Sum = { passed: 0, failed: 1, skipped: 0, why: [] }

test('files beside each other are summed by file; those that died, or came to nothing with their process, have failed', async () => {
  const jobs: Job[] = [
    { files: [good, bad], how: 'in turn' },
    { files: [dies, good], how: 'in turn' },
  ]
  const [first, second] = await Promise.all(jobs.map(job => runBeside([job], 'unheard')))
  assert.deepEqual(
    [...first!],
    [
      [good, { passed: 1, failed: 0, skipped: 1, why: ['not here: no such program'] }],
      [bad, { passed: 0, failed: 1, skipped: 0, why: [] }],
    ],
  )
  assert.deepEqual(
    [...second!],
    [
      [dies, dead],
      [good, dead],
    ],
  )
})
