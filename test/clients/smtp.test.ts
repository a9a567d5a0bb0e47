import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { crack } from '../hashcat.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { method: string; password?: string; hash?: string } } }
type Mail = Event & {
  email: {
    from: { address: string }
    to: { address: string[] }
    subject?: string
    attachments?: { file: { name: string; hash: { sha256: string } } }[]
  }
  file: { hash: { sha256: string }; size: number }
}
const ofAction = (action: string) => (event: Event) => event.skep.service === 'smtp' && event.event.action === action
const about = (subject: string) => (event: Event) =>
  ofAction('mail')(event) && (event as Mail).email.subject === subject

/** EICAR's test string, in two halves so that this file is no sample itself. */
const EICAR = `X5O!P%@AP[4\\PZX54(P^)7CC)7}${'$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*'}`

for (const product of ['Postfix', 'Exim'] as const) {
  describe(`${product}, with real clients`, () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'smtp-clients-'))
    let skep: Skep
    let port: string
    let tls: string
    before(async () => {
      const access = "access: { rules: ['backup:summer2019', 'sales:Sales#1'], otherwise: refuse }"
      skep = await startSkep({
        config: `persona: { os: debian-12, mail: ${product} }\nservices: { smtp: { ${access} } }\n`,
      })
      port = String(skep.port('smtp'))
      tls = String(skep.port('smtp', { tls: true }))
    })
    after(async () => {
      await skep?.stop()
      fs.rmSync(home, { recursive: true })
    })
    const file = (name: string, content: string) => {
      fs.writeFileSync(path.join(home, name), content)
      return path.join(home, name)
    }
    const kept = (sha256: string) => fs.readFileSync(path.join(skep.data, 'artifacts', sha256.slice(0, 2), sha256))

    describe('swaks', { skip: missing('swaks') }, () => {
      const swaks = (...args: string[]) =>
        runClient('swaks', ['--server', '127.0.0.1', '--helo', 'client.example', ...args])
      test('finds an open relay, and its message with a file is kept', async () => {
        const attached = file('invoice.com', EICAR)
        const { status, out } = await swaks(
          ...['--port', port, '--from', 'a@client.example', '--to', 'victim@mailbox.example'],
          ...['--header', 'Subject: relayed', '--body', 'look at this', '--attach', `@${attached}`],
        )
        assert.equal(status, 0, out)
        const [event] = (await skep.eventually(about('relayed'))) as [Mail]
        assert.deepEqual(event.email.to.address, ['victim@mailbox.example'])
        assert.match(kept(event.file.hash.sha256).toString(), /^Subject: relayed\r$/m)
        const sha256 = createHash('sha256').update(EICAR).digest('hex')
        assert.equal(event.email.attachments?.[0]?.file.hash.sha256, sha256)
        assert.equal(event.email.attachments?.[0]?.file.name, 'invoice.com')
        assert.equal(kept(sha256).toString(), EICAR)
      })
      test('speaks TLS after STARTTLS and from the first byte, and logs in', async () => {
        const login = ['--auth', 'LOGIN', '--auth-user', 'backup', '--auth-password', 'summer2019']
        for (const how of [
          ['--port', port, '-tls'],
          ['--port', tls, '-tlsc'],
        ]) {
          const { status, out } = await swaks(
            ...[...how, ...login, '--from', 'backup@client.example', '--to', 'x@mailbox.example'],
            ...['--header', `Subject: over ${how.at(-1)}`],
          )
          assert.equal(status, 0, out)
          await skep.eventually(about(`over ${how.at(-1)}`))
        }
      })
      test('is told that its password is wrong', async () => {
        const { out } = await swaks(
          ...[
            '--port',
            port,
            '--auth',
            'PLAIN',
            '--auth-user',
            'backup',
            '--auth-password',
            'nope',
            '--to',
            'x@y.example',
          ],
        )
        assert.match(out, /<\*\* 535 /)
        await skep.eventually(event => ofAction('login')(event) && (event as Login).skep.login.password === 'nope')
      })
    })

    test('curl hands over a message', { skip: missing('curl') }, async () => {
      const letter = file('letter', 'From: a@client.example\nSubject: by curl\n\nHello\n')
      const { status, err } = await runClient('curl', [
        ...['-sS', '-k', '--ssl-reqd', `smtp://127.0.0.1:${port}/client.example`, '--mail-from', 'a@client.example'],
        ...['--mail-rcpt', 'postmaster@localhost', '-u', 'sales:Sales#1', '-T', letter, '--crlf'],
      ])
      assert.equal(status, 0, err)
      await skep.eventually(about('by curl'))
    })

    test('msmtp hands over a message', { skip: missing('msmtp') }, async () => {
      const args = ['--host=127.0.0.1', `--port=${tls}`, '--tls=on', '--tls-starttls=off', '--tls-certcheck=off']
      const { status, err } = await runClient(
        'msmtp',
        [
          ...args,
          '--auth=plain',
          '--user=backup',
          '--passwordeval=echo summer2019',
          '--from=a@client.example',
          'x@mailbox.example',
        ],
        { input: 'Subject: by msmtp\n\nHello\n' },
      )
      assert.equal(status, 0, err)
      await skep.eventually(about('by msmtp'))
    })

    test("Python's smtplib sends to several, in eight bits", { skip: missing('python3') }, async () => {
      const script = `
import smtplib
s = smtplib.SMTP('127.0.0.1', ${port}, 'client.example', timeout=30)
s.ehlo(); assert s.has_extn('pipelining') and s.has_extn('8bitmime') and int(s.esmtp_features['size']) > 1e6
s.login('backup', 'summer2019')
r = s.sendmail('a@client.example', ['x@mailbox.example', 'y@mailbox.example'], 'Subject: by python\\r\\n\\r\\n.dot\\r\\n\\u00e4'.encode(), ['BODY=8BITMIME'])
print(r, s.noop()[0], s.rset()[0])
s.quit()`
      const { out, err } = await runClient('python3', ['-c', script])
      assert.equal(out, '{} 250 250\n', err)
      const [event] = (await skep.eventually(about('by python'))) as [Mail]
      assert.equal(kept(event.file.hash.sha256).toString(), 'Subject: by python\r\n\r\n.dot\r\nä\r\n')
    })

    test('hydra finds the right password, and each guess is recorded', { skip: missing('hydra') }, async () => {
      const words = ['password', 'letmein', 'summer2019', 'qwerty']
      const list = file('words', `${words.join('\n')}\n`)
      const run = (user: string) =>
        runClient('hydra', ['-I', '-t', '2', '-l', user, '-P', list, '-s', port, '127.0.0.1', 'smtp'])
      const { out, err } = await run('backup')
      assert.match(out, /login: backup {3}password: summer2019/, err)
      await run('info')
      const isInfo = (event: Event) => ofAction('login')(event) && (event as Login).user?.name === 'info'
      const guesses = ((await skep.eventually(isInfo, 4)) as Login[]).map(event => event.skep.login.password)
      for (const word of words) assert.ok(guesses.includes(word), word)
    })

    test('nmap names the product, and its scripts see what they see there', { skip: missing('nmap') }, async () => {
      const scripts = 'smtp-commands,smtp-open-relay,smtp-enum-users'
      const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '-p', port, '--script', scripts, '127.0.0.1'], {
        seconds: 180,
      })
      assert.match(out, product === 'Postfix' ? /smtp +Postfix smtpd/ : /smtp +Exim smtpd 4\.96/, out)
      assert.match(out, /smtp-commands: .*PIPELINING/)
      assert.match(out, /smtp-open-relay: /)
      assert.doesNotMatch(out, /honey|skep/i)
    })

    test('exploits of Exim and OpenSMTPD are recognised', async () => {
      const script = `
import smtplib
s = smtplib.SMTP('127.0.0.1', ${port}, 'client.example', timeout=30); s.ehlo()
s.docmd('MAIL', 'FROM:<;sleep 66;>'); s.rset()
s.docmd('MAIL', 'FROM:<>'); s.docmd('RCPT', r'TO:<root+\${run{\\x2Fbin\\x2Fsh\\t-c\\t\\x22id\\x22}}@localhost>'); s.quit()`
      const { err } = await runClient('python3', ['-c', script])
      assert.equal(err, '')
      const found = await skep.eventually(ofAction('exploit'), 2)
      const ids = found.map(event => (event as unknown as { vulnerability: { id: string } }).vulnerability.id)
      assert.deepEqual(ids.sort(), ['CVE-2019-10149', 'CVE-2020-7247'])
    })
  })
}

describe('Exchange, and hashes that can be cracked', () => {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'smtp-hashes-'))
  let skep: Skep
  let port: string
  before(async () => {
    const options = '{ product: Exchange, mechanisms: [NTLM, LOGIN, CRAM-MD5] }'
    skep = await startSkep({ config: `services: { smtp: ${options} }\n` })
    port = String(skep.port('smtp'))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  const hashOf = async (method: RegExp) => {
    const wanted = (event: Event) => ofAction('login')(event) && method.test((event as Login).skep.login.method)
    const [event] = (await skep.eventually(wanted)) as [Login]
    return event.skep.login.hash ?? assert.fail('no hash')
  }
  const cracked = async (mode: number, hash: string) =>
    assert.match(await crack(mode, hash, ['wrong', 'summer2019']), /:summer2019$/m)

  test('nmap reads the domain out of NTLM', { skip: missing('nmap') }, async () => {
    const { out } = await runClient(
      'nmap',
      ['-Pn', '-n', '-sV', '-p', port, '--script', 'smtp-ntlm-info', '127.0.0.1'],
      {
        seconds: 120,
      },
    )
    assert.match(out, /Microsoft Exchange smtpd|Microsoft ESMTP/, out)
    assert.match(out, /smtp-ntlm-info:[\s\S]*NetBIOS_Computer_Name: [\s\S]*Product_Version: 10\.0\.17763/)
  })
  test('curl proves a password by NTLM, which hashcat finds', { skip: missing('curl', 'hashcat') }, async () => {
    const args = [
      '-sS',
      `smtp://127.0.0.1:${port}/client.example`,
      '--login-options',
      'AUTH=NTLM',
      '-u',
      'CORP\\anna:summer2019',
    ]
    await runClient('curl', [...args, '--mail-from', 'a@b.example', '--mail-rcpt', 'x@y.example', '-T', '/dev/null'])
    await cracked(5600, await hashOf(/^NTLM/))
  })
  test('Python proves a password by CRAM-MD5, which hashcat finds', { skip: missing('hashcat') }, async () => {
    const script = `
import smtplib
s = smtplib.SMTP('127.0.0.1', ${port}, 'client.example', timeout=30); s.ehlo(); s.user, s.password = 'anna', 'summer2019'
try: s.auth('CRAM-MD5', s.auth_cram_md5)
except smtplib.SMTPAuthenticationError as e: print(e.smtp_code)`
    const { out } = await runClient('python3', ['-c', script])
    assert.equal(out, '535\n')
    await cracked(10200, await hashOf(/^CRAM-MD5/))
  })
})
