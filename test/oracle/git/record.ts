/** Records Debian's git daemon: `sh bin/skep-node test/oracle/git/record.ts`. */
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { pack } from '#services/git/objects.ts'
import { recordDialogues } from '../kit/record.ts'
import { name, repository, script } from './script.ts'

const port = 21_418
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'git-oracle-'))
const folder = path.join(home, `${name}.git`)
const git = (args: readonly string[], input?: Buffer) => {
  const { status, stderr } = spawnSync('git', args, {
    ...(input ? { input } : {}),
    env: { ...process.env, HOME: home },
  })
  if (status !== 0) throw new Error(`git ${args.join(' ')}: ${stderr}`)
}
git(['init', '-q', '--bare', folder])
git(['-C', folder, 'unpack-objects', '-q'], pack([...repository.objects.values()]))
for (const { name: ref, id } of repository.refs) git(['-C', folder, 'update-ref', ref, id])
git(['-C', folder, 'symbolic-ref', 'HEAD', repository.head])
try {
  await recordDialogues(
    script,
    port,
    () => ({
      command: '/usr/lib/git-core/git-daemon',
      args: ['--reuseaddr', '--export-all', '--listen=127.0.0.1', `--port=${port}`, `--base-path=${home}`],
      env: {
        ...process.env,
        HOME: home,
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      },
    }),
    new URL('fixtures/debian-12.json', import.meta.url),
    150,
  )
} finally {
  fs.rmSync(home, { recursive: true })
}
