import assert from 'node:assert/strict'
import { createHash, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string } }; event: { outcome?: string } }
type Upload = Event & { file: { path: string; size: number; hash: { sha256: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'ftp' && event.event.action === action

for (const product of ['vsFTPd', 'ProFTPD'] as const) {
  describe(`${product}, with real clients`, () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ftp-clients-'))
    let skep: Skep
    let url: string
    let port: string
    before(async () => {
      const accounts = 'services: { ftp: { accounts: { backup: summer2019 }, connectTimeout: 1 } }'
      skep = await startSkep({ config: `persona: { os: debian-12, ftp: ${product} }\n${accounts}\n` })
      port = String(skep.port('ftp'))
      url = `ftp://127.0.0.1:${port}`
    })
    after(async () => {
      await skep?.stop()
      fs.rmSync(home, { recursive: true })
    })
    const curl = (...args: string[]) => runClient('curl', ['-sS', '--max-time', '30', ...args])
    const file = (name: string, content: Buffer | string) => {
      fs.writeFileSync(path.join(home, name), content)
      return path.join(home, name)
    }
    const uploaded = async (name: string, content: Buffer) => {
      const isIt = (event: Event) => ofAction('file-upload')(event) && (event as Upload).file.path.endsWith(name)
      const [event] = (await skep.eventually(isIt)) as [Upload]
      const sha256 = createHash('sha256').update(content).digest('hex')
      assert.equal(event.file.hash.sha256, sha256)
      assert.equal(event.file.size, content.length)
      const kept = path.join(skep.data, 'artifacts', sha256.slice(0, 2), sha256)
      assert.deepEqual(fs.readFileSync(kept), content)
    }

    describe('curl', { skip: missing('curl') }, () => {
      test('lists, reads, and finds what it left', async () => {
        const listed = await curl(`${url}/`)
        assert.match(listed.out, /^d[rwx-]{9} +\d+ \S+ +\S+ +4096 \w{3} [ \d]\d .{5} incoming\r?$/m)
        assert.match((await curl(`${url}/pub/README`)).out, /^Public files of /)
        const sample = Buffer.from('MZ stand-in, not a program\n')
        await curl('-T', file('Photo.scr', sample), `${url}/incoming/`)
        await uploaded('/incoming/Photo.scr', sample)
        assert.match((await curl(`${url}/incoming/`)).out, / 27 .* Photo\.scr\r?$/m)
        const read = await skep.eventually(ofAction('file-read'))
        assert.equal((read[0] as unknown as Upload).file.path, '/pub/README')
      })
      test('speaks TLS on both connections, when asked and from the first byte', async () => {
        const wanted = (await curl(`${url}/pub/`)).out
        const secured = await curl('-k', '--ssl-reqd', `${url}/pub/`)
        assert.equal(secured.out, wanted, secured.err)
        const implicit = await curl('-k', `ftps://127.0.0.1:${skep.port('ftp', { tls: true })}/pub/`)
        assert.equal(implicit.out, wanted, implicit.err)
      })
      test('is told that its own port cannot be reached', async () => {
        const active = await curl('-v', '-P', '-', `${url}/pub/`)
        assert.notEqual(active.status, 0)
        assert.match(active.err, /< 425 /)
      })
      test('gets in with a password that is right, and keeps its files to itself', async () => {
        const sample = randomBytes(3 << 20)
        await curl('-u', 'backup:summer2019', '-T', file('big.bin', sample), `${url}/`)
        await uploaded('/big.bin', sample)
        assert.match((await curl('-u', 'backup:summer2019', `${url}/`)).out, / 3145728 .* big\.bin\r?$/m)
        assert.equal((await curl('-u', 'backup:summer2018', `${url}/`)).status, 67)
        const logins = (await skep.eventually(ofAction('login'))) as Login[]
        assert.deepEqual(
          logins.filter(e => e.user?.name === 'backup').map(e => [e.skep.login.password, e.event.outcome]),
          [
            ['summer2019', 'success'],
            ['summer2019', 'success'],
            ['summer2018', 'failure'],
          ],
        )
      })
    })

    test('lftp works its way through folders', { skip: missing('lftp') }, async () => {
      const source = file('lftp.txt', 'first\nsecond\n')
      const script = [
        'set ssl:verify-certificate no; set net:max-retries 1; set net:timeout 20',
        `open -u backup,summer2019 -p ${port} 127.0.0.1`,
        `mkdir kept; cd kept; put ${source} -o a.txt; mv a.txt b.txt; cls -1; cat b.txt; rm b.txt; cd ..; rmdir kept; cls -1`,
      ].join('; ')
      const { out, err } = await runClient('lftp', ['-c', script])
      assert.match(out, /^b\.txt\nfirst\nsecond\n/m, err)
      assert.doesNotMatch(out.slice(out.indexOf('second')), /kept/)
    })

    test('tnftp transfers in binary and in ASCII', { skip: missing('tnftp') }, async () => {
      const got = path.join(home, 'tnftp-README')
      const input = `user anonymous me@example.net\nbinary\nget pub/README ${got}\nascii\nnlist pub\nquit\n`
      const { out } = await runClient('tnftp', ['-n', '-p', '127.0.0.1', port], { input })
      assert.match(fs.readFileSync(got, 'utf8'), /^Public files of /, out)
    })

    test("Python's ftplib lists facts, resumes and sees errors", { skip: missing('python3') }, async () => {
      const script = `
import ftplib, io
f = ftplib.FTP(); f.connect('127.0.0.1', ${port}, timeout=30); f.login('backup', 'summer2019')
f.storbinary('STOR r.bin', io.BytesIO(b'0123456789')); f.storbinary('STOR r.bin', io.BytesIO(b'ab'), rest=4)
b = []; f.retrbinary('RETR r.bin', b.append, rest=2); print(b''.join(b).decode())
print(f.size('r.bin')); print(sorted(f.nlst())[-1])
try: print(sorted(n for n, _ in f.mlsd() if n not in '..')[-1])
except ftplib.error_perm as e: print(e)
try: f.delete('nosuch')
except ftplib.error_perm as e: print(e)
f.delete('r.bin'); f.quit()`
      const { out, err } = await runClient('python3', ['-c', script])
      const [resumed, size, name, facts, error] = out.trim().split('\n')
      assert.equal(`${resumed} ${size}`, '23ab6789 10', err)
      assert.equal(name, 'r.bin')
      assert.equal(facts, product === 'vsFTPd' ? '500 Unknown command.' : 'r.bin')
      assert.match(error!, product === 'vsFTPd' ? /^550 Delete operation failed\./ : /^550 nosuch: No such file/)
    })

    test('hydra finds the one right password among wrong ones', { skip: missing('hydra') }, async () => {
      const words = file('words', 'password\nletmein\nsummer2019\nroot\n')
      const { out, err } = await runClient('hydra', [
        '-I',
        '-t',
        '2',
        '-l',
        'backup',
        '-P',
        words,
        '-s',
        port,
        '127.0.0.1',
        'ftp',
      ])
      assert.match(out, /login: backup {3}password: summer2019/, err)
      assert.match(out, /1 valid password found/)
      const admin = await runClient('hydra', [
        '-I',
        '-t',
        '4',
        '-l',
        'admin',
        '-P',
        words,
        '-s',
        port,
        '127.0.0.1',
        'ftp',
      ])
      assert.match(admin.out, /0 valid password/, admin.err)
      const isAdmin = (event: Event) => ofAction('login')(event) && (event as Login).user?.name === 'admin'
      const guesses = ((await skep.eventually(isAdmin, 4)) as Login[]).map(e => e.skep.login.password)
      for (const word of ['password', 'letmein', 'summer2019', 'root']) assert.ok(guesses.includes(word))
    })

    test('nmap names the product', { skip: missing('nmap') }, async () => {
      const { out } = await runClient('nmap', ['-Pn', '-sV', '-p', port, '127.0.0.1'], { seconds: 120 })
      assert.match(out, product === 'vsFTPd' ? /ftp +vsftpd 3\.0\.3/ : /ftp +ProFTPD/)
      assert.doesNotMatch(out, /honeypot/i)
    })
  })
}
