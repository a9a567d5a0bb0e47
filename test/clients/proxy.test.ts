import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { crack } from '../hashcat.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { skep: { login: { password?: string; hash?: string; method: string } } }
type Request = Event & { url: { original: string } }
type Mail = Event & { email: { to: { address: string[] }; subject: string }; skep: { session: string } }
const ofAction =
  (action: string, service = 'proxy') =>
  (event: Event) =>
    event.skep.service === service && event.event.action === action
const asked = (url: string) => (event: Event) => ofAction('request')(event) && (event as Request).url.original === url

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'proxy-clients-'))
const file = (name: string, text: string) => {
  const at = path.join(home, name)
  fs.writeFileSync(at, text)
  return at
}
after(() => fs.rmSync(home, { recursive: true }))

describe('An open web proxy, with real clients', () => {
  let skep: Skep
  let proxy: string
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: debian-12 }\n' })
    proxy = `127.0.0.1:${skep.port('proxy')}`
  })
  after(() => skep?.stop())

  describe('curl', { skip: missing('curl') }, () => {
    const curl = (...args: string[]) => runClient('curl', ['-sS', '-m', '20', '-x', `http://${proxy}`, ...args])
    test('learns its address, and what the proxy says of it', async () => {
      assert.equal((await curl('http://api.ipify.org/')).out, '127.0.0.1')
      const { out } = await curl('-i', 'http://azenv.net/')
      assert.match(out, /^X-Cache: MISS from /m)
      assert.match(out, /^Via: 1\.1 \S+ \(squid\/5\.7\)/m)
      assert.match(out, /^HTTP_X_FORWARDED_FOR = 127\.0\.0\.1$/m)
      await skep.eventually(asked('http://azenv.net/'))
    })
    test('finds it where the web server is, too', async () => {
      const other = `http://127.0.0.1:${skep.offset + 8080}`
      const { out, err } = await runClient('curl', ['-sS', '-m', '20', '-x', other, 'http://api.ipify.org/'])
      assert.equal(out, '127.0.0.1', err)
      const page = await runClient('curl', ['-sS', '-m', '20', '-o', '/dev/null', '-w', '%{http_code}', `${other}/`])
      assert.equal(page.out, '200')
      await skep.eventually(ofAction('request', 'http'))
    })
    test('posts a form', async () => {
      await curl('-d', 'user=someone&password=hunter2', 'http://shop.example.com/login')
      const [event] = await skep.eventually(asked('http://shop.example.com/login'))
      assert.match(JSON.stringify(event), /user=someone&password=hunter2/)
    })
    test('goes on in TLS, where it takes any certificate', async () => {
      assert.match((await curl('https://httpbin.org/ip')).err, /self.signed certificate/)
      const { out } = await curl('-k', '-A', 'checker', 'https://httpbin.org/user-agent')
      assert.match(out, /"user-agent": "checker"/)
      await skep.eventually(asked('https://httpbin.org/user-agent'))
    })
    test('hears of names that nobody has, and is kept from the machine itself', async () => {
      assert.match((await curl('-i', 'http://nowhere.invalid/')).out, /^X-Squid-Error: ERR_READ_ERROR 0/m)
      assert.match((await curl('-i', 'http://127.0.0.1:6379/')).out, /^HTTP\/1\.1 403 /)
    })
    test('hands over a letter behind it', async () => {
      const letter = file('letter', 'Subject: Invoice\n\nhttp://192.0.2.66/invoice.zip\n')
      const mail = ['--mail-from', 'a@spam.example', '--mail-rcpt', 'b@victim.example', '-T', letter]
      const { status, err } = await curl('-p', 'smtp://mx.victim.example:25', ...mail)
      assert.equal(status, 0, err)
      const [event] = (await skep.eventually(ofAction('mail', 'smtp'))) as Mail[]
      assert.deepEqual([event!.email.to.address, event!.email.subject], [['b@victim.example'], 'Invoice'])
      const sessions = skep.events(ofAction('tunnel-request')).map(one => one.skep.session)
      assert.ok(sessions.includes(event!.skep.session))
    })
  })

  test('wget fetches', { skip: missing('wget') }, async () => {
    const args = ['-qO-', '-e', 'use_proxy=yes', '-e', `http_proxy=http://${proxy}`, 'http://www.example.com/']
    assert.match((await runClient('wget', args)).out, /Example Domain/)
  })
  test('ncat comes to an SSH server', { skip: missing('ncat') }, async () => {
    const args = ['--proxy', proxy, '--proxy-type', 'http', 'git.example.org', '22']
    const { out, err } = await runClient('ncat', args, { input: 'SSH-2.0-x\r\n', seconds: 10 })
    assert.match(out, /^SSH-2\.0-OpenSSH_/, err)
  })
  test('hydra looks which places the proxy leads to', { skip: missing('hydra') }, async () => {
    const list = file('places', 'http://www.example.com/\nhttp://192.0.2.10/\n')
    const [host, port] = proxy.split(':') as [string, string]
    const { out, err } = await runClient('hydra', [
      '-L',
      list,
      '-p',
      'x',
      '-t',
      '1',
      '-I',
      '-s',
      port,
      host,
      'http-proxy-urlenum',
    ])
    assert.match(out, /http-proxy-urlenum\] host: 127\.0\.0\.1 +login: http:\/\/www\.example\.com\//, err + out)
    await skep.eventually(asked('http://192.0.2.10/'))
  })
  test('nmap names it, and its script finds it open', { skip: missing('nmap') }, async () => {
    const args = ['-Pn', '-n', '-sV', '-p', proxy.split(':')[1]!, '--script', '+http-open-proxy', '127.0.0.1']
    const { out } = await runClient('nmap', args, { seconds: 150 })
    assert.match(out, /open +http-proxy +Squid http proxy 5\.7/)
    assert.match(out, /Potentially OPEN proxy\.\n\|_? *Methods supported: +GET HEAD CONNECTION/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})

describe('A web proxy behind a password', () => {
  const closed = (authentication: string) =>
    startSkep({
      config: `services: { proxy: { authentication: ${authentication}, access: { rules: ['squid:s3cr3t'], otherwise: refuse } } }\n`,
    })
  test('hydra guesses, and each guess is recorded', { skip: missing('hydra') }, async () => {
    const skep = await closed('basic')
    try {
      const words = file('words', 'alpha\nbeta\ns3cr3t\n')
      const args = [
        '-l',
        'squid',
        '-P',
        words,
        '-t',
        '1',
        '-I',
        '-s',
        String(skep.port('proxy')),
        '127.0.0.1',
        'http-proxy',
      ]
      const { out, err } = await runClient('hydra', [...args, '-m', 'http://www.example.com/'])
      assert.match(out, /\[http-proxy\] host: 127\.0\.0\.1 +login: squid +password: s3cr3t/, err)
      const logins = (await skep.eventually(ofAction('login'), 3)) as Login[]
      assert.deepEqual(new Set(logins.map(event => event.skep.login.password)), new Set(['alpha', 'beta', 's3cr3t']))
    } finally {
      await skep.stop()
    }
  })
  test('a digest is recorded as it can be cracked', { skip: missing('curl', 'hashcat') }, async () => {
    const skep = await closed('digest')
    try {
      const proxy = `http://127.0.0.1:${skep.port('proxy')}`
      const args = ['-sS', '-m', '20', '-o', '/dev/null', '-x', proxy, '--proxy-digest', '-U', 'squid:s3cr3t']
      await runClient('curl', [...args, 'http://www.example.com/'])
      const [login] = (await skep.eventually(ofAction('login'))) as Login[]
      assert.match(await crack(11_400, login!.skep.login.hash!, ['alpha', 's3cr3t']), /:s3cr3t$/m)
    } finally {
      await skep.stop()
    }
  })
})
