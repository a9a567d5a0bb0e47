/**
 * Records what real bash and dash answer to their corpus: `sh bin/skep-node test/oracle/bash/record.ts`. Each line runs with
 * `-c` in an empty folder with a clean environment; of programs only cat and sleep can be found.
 */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { corpus, masked, SHELLS } from './corpus.ts'

const base = fs.mkdtempSync(path.join(os.tmpdir(), 'corpus-'))
const bin = path.join(base, 'bin')
fs.mkdirSync(bin)
for (const name of ['cat', 'sleep']) fs.symlinkSync(`/usr/bin/${name}`, path.join(bin, name))
for (const shell of SHELLS) {
  const answers: Record<string, unknown> = {}
  for (const [i, { line, script }] of corpus(shell.corpus).entries()) {
    const folder = path.join(base, `${shell.name}${i}`)
    fs.mkdirSync(folder)
    const { stdout, stderr, status, signal } = spawnSync(
      shell.path,
      [...shell.words, '-c', Buffer.from(script, 'latin1').toString('utf8')],
      {
        cwd: folder,
        env: { PATH: bin, HOME: '/root' },
        encoding: 'latin1',
        timeout: 10_000,
        stdio: ['ignore', 'pipe', 'pipe'],
        argv0: shell.words.length > 0 ? 'busybox' : shell.name,
      },
    )
    const mask = (text: string) => masked(text.replaceAll(folder, '/work').replaceAll(bin, '/bin'))
    const ended = signal === null ? status : 128 + os.constants.signals[signal]
    answers[line] = { stdout: mask(stdout), stderr: mask(stderr), status: ended }
  }
  fs.mkdirSync(path.join(import.meta.dirname, 'fixtures'), { recursive: true })
  fs.writeFileSync(path.join(import.meta.dirname, 'fixtures', shell.fixture), `${JSON.stringify(answers, null, 1)}\n`)
  console.log(shell.name, Object.keys(answers).length, 'lines recorded')
}
fs.rmSync(base, { recursive: true })
