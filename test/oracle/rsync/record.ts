/** Records Debian's rsync daemon: `sh bin/skep-node test/oracle/rsync/record.ts`. Needs root, as the owner of what it lists. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { computerOf } from '#access/machine.ts'
import { kernel } from '#machine/rights.ts'
import rsync from '#services/rsync/index.ts'
import { modulesOf } from '#services/rsync/modules.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { recordDialogues } from '../kit/record.ts'
import { script } from './script.ts'

const port = 21_873
const cx = testContext(rsync, listeningRecorder().record)
const modules = modulesOf(cx.persona)
const page = computerOf(cx).logIn({
  account: { name: 'root', uid: 0, gid: 0, comment: 'root', home: '/', shell: '/bin/sh' },
  witness: undefined as never,
  from: cx.source.ip,
  stdin: { read: async () => undefined },
  stdout: { write: async () => {} },
  stderr: { write: async () => {} },
  daemon: { argv: ['rsync'], exe: '/usr/bin/rsync' },
}).process.fs

/** The web root as the persona's machine has it, with all its times. */
function webRoot(home: string): void {
  const root = path.join(home, 'html')
  fs.mkdirSync(root)
  const from = '/var/www/html'
  for (const name of page.readdir(from, kernel)) {
    fs.writeFileSync(path.join(root, name), page.readFile(`${from}/${name}`, kernel), { mode: 0o644 })
    times(path.join(root, name), page.stat(`${from}/${name}`, kernel).mtime)
  }
  times(root, page.stat(from, kernel).mtime)
}
const times = (file: string, milliseconds: number) => fs.utimesSync(file, milliseconds / 1000, milliseconds / 1000)

await recordDialogues(
  script,
  port,
  () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'rsync-oracle-'))
    fs.mkdirSync(path.join(home, 'backup'))
    webRoot(home)
    const sections = modules.map(
      ({ name, comment, users }) =>
        `[${name}]\npath = ${home}/${users ? 'backup' : 'html'}\ncomment = ${comment}\nread only = no\n${users ? `auth users = ${[...users.keys()]}\nsecrets file = ${home}/secrets\n` : ''}`,
    )
    fs.writeFileSync(
      path.join(home, 'conf'),
      `use chroot = no\nuid = root\ngid = root\nlog file = ${home}/log\n${sections.join('')}`,
    )
    const secrets = modules.flatMap(({ users }) => [...(users ?? [])].map(pair => pair.join(':')))
    fs.writeFileSync(path.join(home, 'secrets'), `${secrets.join('\n')}\n`, { mode: 0o600 })
    return {
      command: '/usr/bin/rsync',
      args: ['--daemon', '--no-detach', `--config=${home}/conf`, `--port=${port}`, '--address=127.0.0.1'],
      clean: () => fs.rmSync(home, { recursive: true }),
    }
  },
  new URL('fixtures/debian-12.json', import.meta.url),
)
