import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Tunnel = Event & { skep: { tunnel: { kind: string; host: string; port: number } } }
type Login = Event & { user?: { name: string }; skep: { login: { password?: string } } }
const ofAction =
  (action: string, service = 'socks') =>
  (event: Event) =>
    event.skep.service === service && event.event.action === action
const tunnelTo = (kind: string, host: string) => (event: Event) =>
  ofAction('tunnel-request')(event) &&
  (event as Tunnel).skep.tunnel.kind === kind &&
  (event as Tunnel).skep.tunnel.host === host

const python = ['/usr/bin/python3', 'python3'].find(program => spawnSync(program, ['-c', 'import socks']).status === 0)

describe('SOCKS, with real clients', () => {
  let skep: Skep
  let port: string
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'socks-clients-'))
  const file = (name: string, text: string) => {
    const at = path.join(home, name)
    fs.writeFileSync(at, text)
    return at
  }
  before(async () => {
    const config =
      "services: { socks: { access: { rules: ['proxy:letmein'], otherwise: refuse } } }\npersona: { os: debian-12 }\n"
    skep = await startSkep({ config })
    port = String(skep.port('socks'))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })

  describe('curl', { skip: missing('curl') }, () => {
    const curl = (...args: string[]) => runClient('curl', ['-sS', '-m', '20', ...args])
    test('learns its address by every version', async () => {
      for (const [option, kind] of [
        ['--socks5-hostname', 'socks5-connect'],
        ['--socks4a', 'socks4-connect'],
      ] as const) {
        const { out, err } = await curl(option, `127.0.0.1:${port}`, 'http://api.ipify.org/')
        assert.equal(out, '127.0.0.1', err)
        await skep.eventually(tunnelTo(kind, 'api.ipify.org'))
      }
      const { out, err } = await curl('--socks4', `127.0.0.1:${port}`, 'http://192.0.2.10/')
      assert.match(out, /192\.0\.2\.10/, err)
    })
    test('says a name and a password', async () => {
      const { out, err } = await curl('--socks5-hostname', `proxy:letmein@127.0.0.1:${port}`, 'http://www.example.com/')
      assert.match(out, /Example Domain/, err)
      const refused = await curl('--socks5-hostname', `proxy:wrong@127.0.0.1:${port}`, 'http://www.example.com/')
      assert.match(refused.err, /User was rejected by the SOCKS5 server/)
    })
    test('goes on in TLS, where it takes any certificate', async () => {
      const url = 'https://httpbin.org/ip'
      const strict = await curl('--socks5-hostname', `127.0.0.1:${port}`, url)
      assert.match(strict.err, /self.signed certificate/)
      const { out, err } = await curl('-k', '-v', '--socks5-hostname', `127.0.0.1:${port}`, url)
      assert.match(out, /"origin": "127\.0\.0\.1"/)
      assert.match(err, /subject: CN=httpbin\.org/)
      await skep.eventually(ofAction('request', 'proxy'))
      await skep.eventually(ofAction('tls-hello', 'proxy'))
    })
    test('is refused what the machine itself listens to', async () => {
      const { err } = await curl('--socks5', `127.0.0.1:${port}`, 'http://127.0.0.1:6379/')
      assert.match(err, /\(2\)/)
    })
    test('goes through tunnels in tunnels, up to an end', { skip: missing('proxychains4') }, async () => {
      const through = async (count: number) => {
        const chain = Array.from({ length: count }, () => `socks5 127.0.0.1 ${port}`).join('\n')
        const config = file(`chain${count}`, `strict_chain\n[ProxyList]\n${chain}\n`)
        const args = ['-q', '-f', config, 'curl', '-sS', '-m', '10', 'http://192.0.2.10/']
        return (await runClient('proxychains4', args)).out
      }
      assert.match(await through(3), /192\.0\.2\.10/)
      assert.equal(await through(4), '')
    })
  })

  test('ncat comes to a mail server', { skip: missing('ncat') }, async () => {
    const args = [
      '--proxy',
      `127.0.0.1:${port}`,
      '--proxy-type',
      'socks5',
      '--proxy-dns',
      'remote',
      'mx.example.org',
      '25',
    ]
    const { out } = await runClient('ncat', args, { input: 'EHLO there\r\nQUIT\r\n', seconds: 20 })
    assert.match(out, /^220 mx\.example\.org ESMTP Postfix/)
    await skep.eventually(ofAction('command', 'smtp'))
  })

  test('proxychains carries wget', { skip: missing('proxychains4', 'wget') }, async () => {
    const config = file('one', `strict_chain\nproxy_dns\n[ProxyList]\nsocks5 127.0.0.1 ${port} proxy letmein\n`)
    const { out, err } = await runClient('proxychains4', [
      '-q',
      '-f',
      config,
      'wget',
      '-qO-',
      '-T',
      '20',
      'http://192.0.2.10/',
    ])
    assert.match(out, /192\.0\.2\.10/, err)
  })

  test('Python’s library', { skip: python ? false : 'python3-socks not installed' }, async () => {
    const program = `
import socks
for version, user, password in ((socks.SOCKS5, None, None), (socks.SOCKS5, 'proxy', 'letmein'), (socks.SOCKS4, 'nobody', None)):
    s = socks.socksocket()
    s.set_proxy(version, '127.0.0.1', ${port}, True, user, password)
    s.settimeout(20)
    s.connect(('azenv.net', 80))
    s.sendall(b'GET / HTTP/1.0\\r\\nHost: azenv.net\\r\\n\\r\\n')
    d = b''
    while True:
        c = s.recv(4096)
        if not c: break
        d += c
    assert b'REMOTE_ADDR = ' in d, d
print('fine')
`
    const { out, err } = await runClient(python!, ['-c', program])
    assert.equal(out, 'fine\n', err)
    await skep.eventually(event => ofAction('login')(event) && (event as Login).user?.name === 'nobody')
  })

  test('hydra finds the password, and each guess is recorded', { skip: missing('hydra') }, async () => {
    const list = file('words', 'alpha\nbeta\nletmein\n')
    const args = ['-l', 'proxy', '-P', list, '-t', '1', '-I', '-s', port, '127.0.0.1', 'socks5']
    const { out, err } = await runClient('hydra', args)
    assert.match(out, /\[socks5\] host: 127\.0\.0\.1 +login: proxy +password: letmein/, err)
    const logins = (await skep.eventually(ofAction('login'), 3)) as Login[]
    const passwords = new Set(logins.map(event => event.skep.login.password))
    for (const word of ['alpha', 'beta', 'letmein']) assert.ok(passwords.has(word), word)
  })

  test('nmap’s scripts see an open proxy', { skip: missing('nmap') }, async () => {
    const args = [
      '-Pn',
      '-n',
      '-sV',
      '--version-all',
      '-p',
      port,
      '--script',
      '+socks-auth-info,+socks-open-proxy,+socks-brute',
      '127.0.0.1',
    ]
    const { out } = await runClient(
      'nmap',
      [...args, '--script-args', `userdb=${file('users', 'proxy\n')},passdb=${file('passwords', 'wrong\nletmein\n')}`],
      { seconds: 200 },
    )
    assert.match(out, /open +socks5/)
    assert.match(out, /socks-auth-info:[\s\S]*(No authentication|Username and password)/)
    assert.doesNotMatch(out, /honey|skep/i)
  })

  test('a spammer looks whether the proxy works, then hands over a letter', { skip: missing('curl') }, async () => {
    const proxy = ['--socks5-hostname', `127.0.0.1:${port}`]
    const checked = await runClient('curl', ['-sS', ...proxy, 'http://azenv.net/'])
    assert.match(checked.out, /REMOTE_ADDR = /)
    const letter = file(
      'letter',
      'From: a@spam.example\nTo: b@victim.example\nSubject: Your parcel\n\nhttp://192.0.2.66/parcel.zip\n',
    )
    const sent = await runClient('curl', [
      '-sS',
      ...proxy,
      'smtp://mail.victim.example:25',
      '--mail-from',
      'a@spam.example',
      '--mail-rcpt',
      'b@victim.example',
      '-T',
      letter,
    ])
    assert.equal(sent.status, 0, sent.err)
    const [mail] = (await skep.eventually(ofAction('mail', 'smtp'))) as (Event & {
      email: { to: { address: string[] }; subject: string }
      file: { hash: { sha256: string } }
      skep: { session: string }
    })[]
    assert.deepEqual([mail!.email.to.address, mail!.email.subject], [['b@victim.example'], 'Your parcel'])
    assert.match(mail!.file.hash.sha256, /^[0-9a-f]{64}$/)
    // One story: the tunnel and the letter.
    const tunnel = skep.events(tunnelTo('socks5-connect', 'mail.victim.example'))[0] as Tunnel & {
      skep: { session: string }
    }
    assert.equal(tunnel.skep.session, mail!.skep.session)
    const numbers = skep.events(event => event.skep.session === mail!.skep.session).map(({ event }) => event.sequence)
    assert.deepEqual(numbers, [...numbers.keys()])
  })
})
