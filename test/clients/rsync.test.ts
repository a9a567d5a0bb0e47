import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { answerTo, hashOf } from '#services/rsync/auth.ts'
import { crack } from '../hashcat.ts'
import { missing, type Ran, runClient, type Skep, startSkep } from '../skep.ts'

const ofAction = (action: string) => (event: Event) => event.skep.service === 'rsync' && event.event.action === action
type Login = Event & { user?: { name: string }; skep: { login?: { hash?: string; method: string } } }

describe('rsync, with real clients', { skip: missing('rsync') }, () => {
  let skep: Skep
  let url: string
  let home: string
  let web: string
  let backup: string
  const rsync = (...args: string[]): Promise<Ran> => runClient('rsync', ['--timeout=20', ...args])
  before(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'rsync-clients-'))
    skep = await startSkep({
      config: 'persona: { os: debian-12, web: nginx }\nedition: mini\nservices: { rsync: { enabled: true } }\n',
    })
    url = `rsync://127.0.0.1:${skep.port('rsync')}`
    const { out } = await rsync(`${url}/`)
    ;[web = '', backup = ''] = out
      .split('\n')
      .filter(line => line.includes('\t'))
      .map(line => line.split(/\s+\t/)[0]!)
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })

  test('lists the modules, and what is in one', async () => {
    assert.match(web, /^\w+$/)
    assert.match(backup, /^\w+$/)
    const { out, status, err } = await rsync(`${url}/${web}/`)
    assert.equal(status, 0, err)
    assert.match(out, /-rw-r--r-- +615 \d{4}\/\d\d\/\d\d [\d:]{8} index\.nginx-debian\.html/)
  })

  for (const [how, ...options] of [
    ['as usual'],
    ['whole lists', '--no-inc-recursive'],
    ['zstd', '-z', '--compress-choice=zstd'],
    ['zlib', '-z', '--compress-choice=zlib'],
    ['MD5', '--checksum-choice=md5'],
    ['protocol 30', '--protocol=30'],
  ] as const)
    test(`takes the web root away, and leaves a folder: ${how}`, async () => {
      const sent = path.join(home, `sent ${how}`)
      fs.mkdirSync(path.join(sent, 'deep/er'), { recursive: true })
      fs.writeFileSync(path.join(sent, 'deep/er/shell.php'), `<?php /* ${how} */ system($_GET["c"]); ?>\n`)
      fs.writeFileSync(path.join(sent, 'big'), `${how} ${'x'.repeat(150_000)}`)
      const up = await rsync('-av', ...options, `${sent}/`, `${url}/${web}/${how.replace(' ', '-')}/`)
      assert.equal(up.status, 0, up.err)
      const got = path.join(home, `got ${how}`)
      const down = await rsync('-av', ...options, `${url}/${web}`, `${got}/`)
      assert.equal(down.status, 0, down.err)
      assert.match(fs.readFileSync(path.join(got, 'index.nginx-debian.html'), 'utf8'), /Welcome to nginx/)
      const back = path.join(got, how.replace(' ', '-'))
      assert.deepEqual(
        fs.readFileSync(path.join(back, 'deep/er/shell.php')),
        fs.readFileSync(path.join(sent, 'deep/er/shell.php')),
      )
      assert.deepEqual(fs.readFileSync(path.join(back, 'big')), fs.readFileSync(path.join(sent, 'big')))
    })

  test('what was left is kept as samples', async () => {
    const found = await skep.eventually(
      event =>
        ofAction('file-upload')(event) &&
        /\/deep\/er\/shell\.php$/.test((event as { file?: { path?: string } }).file?.path ?? ''),
      6,
    )
    assert.equal(
      new Set(found.map(event => (event as { file?: { hash?: { sha256: string } } }).file?.hash?.sha256)).size,
      6,
    )
  })

  test('empties the web root', async () => {
    const empty = path.join(home, 'empty')
    fs.mkdirSync(empty)
    assert.equal((await rsync('-r', '--delete', `${empty}/`, `${url}/${web}/`)).status, 0)
    const { out } = await rsync('-r', `${url}/${web}/`)
    // Some owners greet before.
    assert.equal(out.split('\n').filter(line => /^[-dl]r/.test(line)).length, 1)
  })

  test('a path that leads out, a file that is not there, a module that is none', async () => {
    const out = await rsync(`${url}/${web}/../../../etc/`)
    assert.doesNotMatch(out.out, /passwd/)
    assert.match((await rsync(`${url}/${web}/nope`)).err, /link_stat "nope" \(in \w+\) failed: No such file/)
    assert.match((await rsync(`${url}/nope/`)).err, /@ERROR: Unknown module 'nope'/)
  })

  test('every guess is recorded with what it takes to crack it', { skip: missing('hashcat') }, async () => {
    for (const password of ['wrong1', 'wrong2', 'letmein']) {
      const file = path.join(home, password)
      fs.writeFileSync(file, `${password}\n`, { mode: 0o600 })
      const host = url.replace('//', '//somebody@')
      const { err } = await rsync(`--password-file=${file}`, `${host}/${backup}/`)
      assert.match(err, /@ERROR: auth failed on module/)
    }
    const tried = (await skep.eventually(ofAction('login'), 3)) as Login[]
    assert.deepEqual(
      tried.map(({ user }) => user?.name),
      ['somebody', 'somebody', 'somebody'],
    )
    assert.equal(tried[2]!.skep.login!.method, 'rsync-sha512')
    assert.match(await crack(1710, tried[2]!.skep.login!.hash!, ['wrong1', 'letmein']), /:letmein$/m)
  })

  for (const [kind, mode] of [
    ['sha256', 1410],
    ['sha1', 110],
    ['md5', 10],
  ] as const)
    test(`hashcat finds the password behind an answer with ${kind}`, { skip: missing('hashcat') }, async () => {
      const hash = hashOf(kind, 'abcdef', answerTo(kind, 'abcdef', 'backup123'))
      assert.match(await crack(mode, hash!, ['wrong', 'backup123']), /:backup123$/m)
    })

  test('nmap says what it says of a real one', { skip: missing('nmap') }, async () => {
    const port = String(skep.port('rsync'))
    const scripts = 'rsync-list-modules,rsync-brute'
    const args = ['-Pn', '-n', '-sV', '-p', port, '--script', scripts, '--script-args', `rsync-brute.module=${backup}`]
    const { out } = await runClient('nmap', [...args, '127.0.0.1'], { seconds: 120 })
    assert.match(out, /open +rsync +\(protocol version 3[12]\)/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})
