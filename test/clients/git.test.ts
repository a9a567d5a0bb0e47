import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, type Ran, runClient, type Skep, startSkep } from '../skep.ts'

const command = (line: RegExp) => (event: Event) =>
  event.skep.service === 'git' &&
  event.event.action === 'command' &&
  line.test((event as { process?: { command_line?: string } }).process?.command_line ?? '')
const noDulwich = () => spawnSync('/usr/bin/python3', ['-c', 'import dulwich'], { stdio: 'ignore' }).status !== 0
/** What tools for finding open daemons try; some of them are there. */
const names = ['site', 'website', 'app', 'api', 'backend', 'project', 'deploy', 'scripts', 'config', 'ansible']

describe('git, with real clients', { skip: missing('git') }, () => {
  let skep: Skep
  let home: string
  let url: string
  let found: string[]
  const git = (...args: string[]): Promise<Ran> => runClient('git', args)
  before(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'git-clients-'))
    skep = await startSkep({
      config: 'persona: { os: debian-12 }\nedition: mini\nservices: { git: { enabled: true } }\n',
    })
    url = `git://127.0.0.1:${skep.port('git')}`
    found = []
    for (const name of names) if ((await git('ls-remote', `${url}/${name}`)).status === 0) found.push(name)
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })

  test('finds three repositories, and hears of the others that they are not exported', async () => {
    assert.equal(found.length, 3)
    const { err } = await git('ls-remote', `${url}/nope`)
    assert.match(err, /fatal: remote error: access denied or repository not exported: \/nope/)
    await skep.eventually(command(/^git-upload-pack \/\w+ host=127\.0\.0\.1:\d+ version=2$/), names.length + 1)
  })

  for (const version of [0, 1, 2])
    test(`clones, with all that the history holds: version ${version}`, async () => {
      const into = path.join(home, `v${version}`)
      const cloned = await git('-c', `protocol.version=${version}`, 'clone', `${url}/${found[0]}.git`, into)
      assert.equal(cloned.status, 0, cloned.err)
      const { out: checked, status } = await git('-C', into, 'fsck', '--full', '--strict')
      assert.equal(status, 0, checked)
      const { out } = await git('-C', into, 'log', '-p', '--format=%an %ae %s')
      assert.match(out, /^-DB_PASS=\S{16}$/m)
      assert.match((await git('-C', into, 'tag')).out, /^v1\.0$/m)
    })

  test('clones a little, then more, then all; and has nothing new to fetch then', async () => {
    for (const version of [0, 2]) {
      const into = path.join(home, `shallow${version}`)
      const here = ['-C', into, '-c', `protocol.version=${version}`]
      const count = async () => (await git('-C', into, 'log', '--oneline')).out.trim().split('\n').length
      await git('-c', `protocol.version=${version}`, 'clone', '--depth', '1', `${url}/${found[1]}`, into)
      assert.equal(await count(), 1)
      await git(...here, 'fetch', '--depth', '3')
      assert.equal(await count(), 3)
      await git(...here, 'fetch', '--unshallow')
      assert.equal(await count(), 7)
      assert.equal((await git('-C', into, 'fsck')).status, 0)
      await git('-C', into, 'update-ref', 'refs/remotes/origin/HEAD', 'HEAD~4')
      assert.equal((await git(...here, 'fetch', 'origin')).status, 0)
    }
  })

  test('may not push', async () => {
    const { err, status } = await git('-C', path.join(home, 'v2'), 'push', 'origin', 'HEAD')
    assert.notEqual(status, 0)
    assert.match(err, /access denied or repository not exported/)
    await skep.eventually(command(/^git-receive-pack /))
  })

  test('the library of Python', { skip: noDulwich() && 'python3-dulwich not installed' }, async () => {
    const program = `
import sys
from dulwich import porcelain
r = porcelain.clone(sys.argv[1], sys.argv[2], errstream=porcelain.NoneStream())
assert len(list(r.get_walker())) == 7
print('fine')
`
    const { out, err } = await runClient('/usr/bin/python3', [
      '-c',
      program,
      `${url}/${found[2]}`,
      path.join(home, 'py'),
    ])
    assert.equal(out, 'fine\n', err)
    await skep.eventually(command(/^fetch |dulwich/))
  })

  test('nmap sees the port, and finds no other product in it', { skip: missing('nmap') }, async () => {
    const port = String(skep.port('git'))
    const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '-p', port, '127.0.0.1'], { seconds: 150 })
    // The real daemon says nothing to any of nmap's questions either.
    assert.match(out, new RegExp(`^${port}/tcp +open`, 'm'))
    assert.doesNotMatch(out, /honey|skep/i)
  })
})
