import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { driver, installDrivers } from '../drivers.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

/** imapflow's client, as far as it is used here. */
type Client = {
  enabled: Set<string>
  connect(): Promise<void>
  logout(): Promise<void>
  list(): Promise<{ path: string; specialUse?: string }[]>
  mailboxOpen(path: string): Promise<{ highestModseq: bigint }>
  search(query: object): Promise<number[]>
  fetch(range: string, query: object, options: object): AsyncIterable<{ seq: number }>
  messageFlagsAdd(range: string, flags: string[]): Promise<boolean>
  download(range: string, part: string): Promise<{ meta: { contentType: string }; content: AsyncIterable<Buffer> }>
  messageMove(range: string, path: string): Promise<{ uidMap: Map<number, number> }>
}
type Login = Event & { user?: { name: string }; skep: { login: { password?: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'imap' && event.event.action === action
const WORDS = ['password', 'letmein', 'summer2019', 'qwerty']

describe('IMAP, with real clients', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'imap-clients-'))
  const list = path.join(home, 'words')
  let skep: Skep
  let port: string
  let tls: string
  before(async () => {
    fs.writeFileSync(list, `${WORDS.join('\n')}\n`)
    const access = "access: { rules: ['backup:summer2019'], otherwise: refuse }"
    skep = await startSkep({ config: `services: { imap: { ${access} } }\n` })
    port = String(skep.port('imap'))
    tls = String(skep.port('imap', { tls: true }))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const curl = (...args: string[]) =>
    runClient('curl', ['-sS', '-k', '--max-time', '30', '-u', 'backup:summer2019', ...args])
  const guesses = async (user: string, count: number) => {
    const wanted = (event: Event) => ofAction('login')(event) && (event as Login).user?.name === user
    return ((await skep.eventually(wanted, count)) as Login[]).map(event => event.skep.login.password)
  }

  describe('curl', { skip: missing('curl') }, () => {
    test('lists, searches and reads, in plain text, after STARTTLS and in TLS', async () => {
      for (const url of [
        [`imap://127.0.0.1:${port}/`],
        ['--ssl-reqd', `imap://127.0.0.1:${port}/`],
        [`imaps://127.0.0.1:${tls}/`],
      ]) {
        const { out, err } = await curl(...url)
        assert.match(out, /^\* LIST \(\\HasNoChildren\) "\." INBOX\r?$/m, err)
      }
      const found = await curl(`imap://127.0.0.1:${port}/INBOX?SUBJECT%20updates`)
      const [, uid] = /^\* SEARCH (\d+)/.exec(found.out) ?? assert.fail(found.out)
      assert.ok(Number(uid) > 0)
      assert.match((await curl(`imap://127.0.0.1:${port}/INBOX;MAILINDEX=1`)).out, /^Return-Path: </)
    })
    test('leaves a message, which is kept', async () => {
      const letter = 'Subject: left by curl\r\n\r\nHello\r\n'
      fs.writeFileSync(path.join(home, 'letter'), letter)
      const { status, err } = await curl('-T', path.join(home, 'letter'), `imap://127.0.0.1:${port}/Drafts`)
      assert.equal(status, 0, err)
      const [event] = await skep.eventually(ofAction('file-upload'))
      const { sha256 } = (event as unknown as { file: { hash: { sha256: string } } }).file.hash
      assert.equal(sha256, createHash('sha256').update(letter).digest('hex'))
      assert.equal(fs.readFileSync(path.join(skep.data, 'artifacts', sha256.slice(0, 2), sha256), 'utf8'), letter)
    })
  })

  test("Python's imaplib works through a mailbox", { skip: missing('python3') }, async () => {
    const script = `
import imaplib
i = imaplib.IMAP4('127.0.0.1', ${port}); assert 'IDLE' in i.capabilities
try: i.login('backup', 'wrong')
except imaplib.IMAP4.error as e: print(e.args[0].decode())
i.authenticate('PLAIN', lambda _: b'\\0backup\\0summer2019')
count = int(i.select('INBOX')[1][0]); assert count > 5
unseen = i.search(None, 'UNSEEN')[1][0].split(); assert unseen
raw = i.fetch(unseen[0], '(RFC822)')[1][0][1]
import email; m = email.message_from_bytes(raw); assert m['Subject'] and m['Date'] and m['From']
assert unseen[0] not in i.search(None, 'UNSEEN')[1][0].split()
assert i.create('work')[0] == 'OK' and i.copy('1:2', 'work')[0] == 'OK'
assert i.status('work', '(MESSAGES)')[1][0] == b'work (MESSAGES 2)'
i.store('1', '+FLAGS', '\\\\Deleted'); assert i.expunge()[1] == [b'1']
assert int(i.select('INBOX')[1][0]) == count - 1
print(i.append('work', '', imaplib.Time2Internaldate(0), b'Subject: x\\r\\n\\r\\ny')[0], i.logout()[0])`
    const { out, err } = await runClient('python3', ['-c', script])
    assert.equal(out, '[AUTHENTICATIONFAILED] Authentication failed.\nOK BYE\n', err)
  })

  test('imapflow searches, reads, marks and moves, by modification sequences', { skip: installDrivers() }, async () => {
    const { ImapFlow } = driver<{ ImapFlow: new (options: object) => Client }>('imapflow')
    const auth = { user: 'backup', pass: 'summer2019' }
    const server = { host: '127.0.0.1', port: Number(tls), secure: true, tls: { rejectUnauthorized: false } }
    const client = new ImapFlow({ ...server, auth, logger: false, qresync: true })
    await client.connect()
    try {
      const uses = new Map((await client.list()).map(folder => [folder.path, folder.specialUse]))
      assert.deepEqual([uses.get('Sent'), uses.get('Trash')], ['\\Sent', '\\Trash'])
      const { highestModseq } = await client.mailboxOpen('INBOX')
      assert.ok(client.enabled.has('QRESYNC'))
      const [first] = await client.search({ body: 'upgraded', or: [{ from: 'root' }, { from: 'nobody' }] })
      assert.ok(first !== undefined)
      await client.messageFlagsAdd(String(first), ['\\Flagged'])
      const changed: number[] = []
      for await (const { seq } of client.fetch('1:*', { flags: true }, { changedSince: highestModseq }))
        changed.push(seq)
      assert.deepEqual(changed, [first])
      const { meta, content } = await client.download(String(first), '1')
      assert.equal(meta.contentType, 'text/plain')
      let text = ''
      for await (const piece of content) text += piece
      assert.match(text, /Packages that were upgraded/)
      const { uidMap } = await client.messageMove(String(first), 'Trash')
      assert.equal(uidMap.size, 1)
    } finally {
      await client.logout()
    }
  })

  test('mbsync fetches the whole mailbox into a Maildir', { skip: missing('mbsync') }, async () => {
    const maildir = path.join(home, 'mail')
    fs.mkdirSync(maildir)
    const configuration = `IMAPAccount x
Host 127.0.0.1
Port ${port}
User backup
Pass summer2019
SSLType None
AuthMechs LOGIN

IMAPStore far
Account x

MaildirStore near
Path ${maildir}/
Inbox ${maildir}/INBOX
SubFolders Verbatim

Channel x
Far :far:
Near :near:
Patterns INBOX
Create Near
SyncState *
`
    fs.writeFileSync(path.join(home, 'mbsyncrc'), configuration)
    const { status, err } = await runClient('mbsync', ['-c', path.join(home, 'mbsyncrc'), 'x'])
    assert.equal(status, 0, err)
    const letters = ['cur', 'new'].flatMap(part => fs.readdirSync(path.join(maildir, 'INBOX', part)))
    assert.ok(letters.length > 5, `${letters.length} letters`)
  })

  test('hydra finds the right password, and each guess is recorded', { skip: missing('hydra') }, async () => {
    const run = (user: string) =>
      runClient('hydra', ['-I', '-t', '2', '-l', user, '-P', list, '-s', port, '127.0.0.1', 'imap'])
    const { out, err } = await run('backup')
    assert.match(out, /login: backup {3}password: summer2019/, err)
    await run('info')
    const seen = await guesses('info', WORDS.length)
    for (const word of WORDS) assert.ok(seen.includes(word), word)
  })
  // Not medusa, which asks for STARTTLS and knows TLS 1.0 alone: Dovecot 2.3 refuses that, and so do we.
  test('ncrack does too', { skip: missing('ncrack') }, async () => {
    await runClient('ncrack', ['-T4', '--user', 'sales', '-P', list, `imap://127.0.0.1:${port}`], { seconds: 100 })
    const seen = await guesses('sales', WORDS.length)
    for (const word of WORDS) assert.ok(seen.includes(word), word)
  })

  test('nmap names the product and reads its capabilities', { skip: missing('nmap') }, async () => {
    const { out } = await runClient(
      'nmap',
      ['-Pn', '-n', '-sV', '-p', port, '--script', 'imap-capabilities,imap-ntlm-info', '127.0.0.1'],
      { seconds: 120 },
    )
    assert.match(out, /open +imap +Dovecot imapd/, out)
    assert.match(out, /imap-capabilities: (?=.*IMAP4rev1)(?=.*STARTTLS)(?=.*LITERAL\+)/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})
