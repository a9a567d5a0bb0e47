/**
 * Records what real bash answers to the corpus: `sh bin/skep-node test/oracle/bash/record.ts`. Each line runs with
 * `bash -c` in an empty folder with a clean environment; of programs only cat and sleep can be found.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { corpus, masked } from './corpus.ts'

const base = fs.mkdtempSync(path.join(os.tmpdir(), 'corpus-'))
const bin = path.join(base, 'bin')
fs.mkdirSync(bin)
for (const name of ['cat', 'sleep']) fs.symlinkSync(`/usr/bin/${name}`, path.join(bin, name))
const answers: Record<string, unknown> = {}
for (const [i, { line, script }] of corpus().entries()) {
  const folder = path.join(base, `run${i}`)
  fs.mkdirSync(folder)
  const { stdout, stderr, status, signal } = spawnSync(
    '/bin/bash',
    ['-c', Buffer.from(script, 'latin1').toString('utf8')],
    {
      cwd: folder,
      env: { PATH: bin, HOME: '/root' },
      encoding: 'latin1',
      timeout: 10_000,
      stdio: ['ignore', 'pipe', 'pipe'],
      argv0: 'bash',
    },
  )
  const mask = (text: string) => masked(text.replaceAll(folder, '/work').replaceAll(bin, '/bin'))
  answers[line] = {
    stdout: mask(stdout),
    stderr: mask(stderr),
    status: signal === null ? status : 128 + os.constants.signals[signal],
  }
}
fs.rmSync(base, { recursive: true })
fs.mkdirSync(path.join(import.meta.dirname, 'fixtures'), { recursive: true })
fs.writeFileSync(
  path.join(import.meta.dirname, 'fixtures', 'bash-5.2.15.json'),
  `${JSON.stringify(answers, null, 1)}\n`,
)
console.log(Object.keys(answers).length, 'lines recorded')
