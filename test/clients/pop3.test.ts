import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { crack } from '../hashcat.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { method: string; password?: string; hash?: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'pop3' && event.event.action === action
const WORDS = ['password', 'letmein', 'summer2019', 'qwerty']

describe('POP3, with real clients', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'pop3-clients-'))
  let skep: Skep
  let port: string
  let tls: string
  const list = path.join(home, 'words')
  before(async () => {
    fs.writeFileSync(list, `${WORDS.join('\n')}\n`)
    const access = "access: { rules: ['backup:summer2019'], otherwise: refuse }"
    skep = await startSkep({ config: `services: { pop3: { ${access} }, imap: { ${access} } }\n` })
    port = String(skep.port('pop3'))
    tls = String(skep.port('pop3', { tls: true }))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const curl = (...args: string[]) => runClient('curl', ['-sS', '-k', '--max-time', '30', ...args])
  const guesses = async (user: string, count: number) => {
    const wanted = (event: Event) => ofAction('login')(event) && (event as Login).user?.name === user
    return ((await skep.eventually(wanted, count)) as Login[]).map(event => event.skep.login.password)
  }

  test('curl lists and reads, in plain text, after STLS and in TLS', { skip: missing('curl') }, async () => {
    const urls = [
      [`pop3://127.0.0.1:${port}/`],
      ['--ssl-reqd', `pop3://127.0.0.1:${port}/`],
      [`pop3s://127.0.0.1:${tls}/`],
    ]
    const listed = await Promise.all(urls.map(url => curl('-u', 'backup:summer2019', ...url)))
    for (const { out, err } of listed) assert.equal(out, listed[0]!.out, err)
    assert.ok(listed[0]!.out.trim().split('\n').length > 5)
    const { out } = await curl('-u', 'backup:summer2019', `pop3://127.0.0.1:${port}/1`)
    assert.match(out, /^Return-Path: <.*>\r\n[\s\S]*^Subject: /m)
    assert.equal((await curl('-u', 'backup:nope', `pop3://127.0.0.1:${port}/`)).status, 67)
  })

  test("Python's poplib deletes a letter, which is gone over IMAP too", { skip: missing('python3') }, async () => {
    const script = `
import poplib, imaplib
p = poplib.POP3('127.0.0.1', ${port}, timeout=30); print(sorted(p.capa())[:3]); p.user('backup'); p.pass_('summer2019')
count = p.stat()[0]; first = p.uidl(1).split()[2]; print(len(p.retr(1)[1]) > 10, len(p.top(1, 0)[1]) > 5)
p.dele(1); p.quit()
p = poplib.POP3_SSL('127.0.0.1', ${tls}, timeout=30); p.user('backup'); p.pass_('summer2019')
print(count - p.stat()[0], first != p.uidl(1).split()[2]); p.quit()
i = imaplib.IMAP4('127.0.0.1', ${skep.port('imap')}); i.login('backup', 'summer2019'); print(count - int(i.select()[1][0]))`
    const { out, err } = await runClient('python3', ['-c', script])
    assert.equal(out, "['AUTH-RESP-CODE', 'CAPA', 'PIPELINING']\nTrue True\n1 True\n1\n", err)
  })

  test('hydra finds the right password, and each guess is recorded', { skip: missing('hydra') }, async () => {
    const run = (user: string) =>
      runClient('hydra', ['-I', '-t', '2', '-l', user, '-P', list, '-s', port, '127.0.0.1', 'pop3'])
    const { out, err } = await run('backup')
    assert.match(out, /login: backup {3}password: summer2019/, err)
    await run('info')
    const seen = await guesses('info', WORDS.length)
    for (const word of WORDS) assert.ok(seen.includes(word), word)
  })
  test('ncrack does too', { skip: missing('ncrack') }, async () => {
    const args = ['-T4', '--user', 'sales', '-P', list, `pop3://127.0.0.1:${port}`]
    await runClient('ncrack', args, { seconds: 100 })
    const seen = await guesses('sales', WORDS.length)
    for (const word of WORDS) assert.ok(seen.includes(word), word)
  })

  test('nmap names the product and reads its capabilities', { skip: missing('nmap') }, async () => {
    const { out } = await runClient(
      'nmap',
      ['-Pn', '-n', '-sV', '-p', port, '--script', 'pop3-capabilities,pop3-ntlm-info', '127.0.0.1'],
      { seconds: 120 },
    )
    assert.match(out, /open +pop3 +Dovecot pop3d/, out)
    assert.match(out, /pop3-capabilities: .*(?=.*\bTOP\b)(?=.*\bUIDL\b)(?=.*SASL\(PLAIN LOGIN\))/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})

describe('POP3, with challenges', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'pop3-hashes-'))
  let skep: Skep
  before(async () => {
    skep = await startSkep({ config: 'services: { pop3: { apop: true, mechanisms: [CRAM-MD5, SCRAM-SHA-256] } }\n' })
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  test('what curl and Python prove a password with, hashcat cracks', { skip: missing('curl', 'hashcat') }, async () => {
    const url = `pop3://127.0.0.1:${skep.port('pop3')}/`
    for (const option of ['AUTH=+APOP', 'AUTH=CRAM-MD5'])
      await runClient('curl', ['-sS', '--login-options', option, '-u', 'anna:summer2019', url])
    const logins = (await skep.eventually(ofAction('login'), 2)) as Login[]
    for (const [method, mode] of [
      ['APOP', 20],
      ['CRAM-MD5', 10200],
    ] as const) {
      const hash = logins.find(event => event.skep.login.method === method)?.skep.login.hash ?? assert.fail(method)
      assert.match(await crack(mode, hash, ['wrong', 'summer2019']), /:summer2019$/m, method)
    }
  })
})
