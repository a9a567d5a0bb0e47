import assert from 'node:assert/strict'
import { createDecipheriv, createHash } from 'node:crypto'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { driver, installDrivers } from '../drivers.ts'
import { crack } from '../hashcat.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { method: string; password?: string; hash?: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'oracle' && event.event.action === action
const says = (words: string) => (event: Event) => ofAction('command')(event) && JSON.stringify(event).includes(words)
const loginOf = (user: string) => (event: Event) => ofAction('login')(event) && (event as Login).user?.name === user
const noDrivers = installDrivers()

/** Whether a recorded line is that word's, as John's `o5logon` finds out: Debian's John has no such format, and hashcat no mode. */
function opens(line: string, word: string): boolean {
  const [key, salt, password, clientKey] = line
    .slice('$o5logon$'.length)
    .split('*')
    .map(part => Buffer.from(part, 'hex')) as [Buffer, Buffer, Buffer, Buffer]
  const decrypted = (by: Buffer, bytes: Buffer) => {
    const cipher = createDecipheriv('aes-192-cbc', by, Buffer.alloc(16)).setAutoPadding(false)
    return Buffer.concat([cipher.update(bytes), cipher.final()])
  }
  const verifier = Buffer.concat([createHash('sha1').update(word).update(salt).digest(), Buffer.alloc(4)])
  const [ours, theirs] = [decrypted(verifier, key), decrypted(verifier, clientKey)]
  const mixed = Buffer.from(Array.from({ length: 24 }, (_, i) => ours[16 + i]! ^ theirs[16 + i]!))
  const md5 = (bytes: Buffer) => createHash('md5').update(bytes).digest()
  const combined = Buffer.concat([md5(mixed.subarray(0, 16)), md5(mixed.subarray(16))]).subarray(0, 24)
  return decrypted(combined, password)
    .subarray(16, 16 + word.length)
    .equals(Buffer.from(word))
}

describe('Oracle, with real clients', () => {
  let skep: Skep
  let port: string
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'oracle-words-'))
  const file = (name: string, ...words: string[]) => {
    const where = path.join(home, name)
    fs.writeFileSync(where, `${words.join('\n')}\n`)
    return where
  }
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: debian-12 }\n' })
    port = String(skep.port('oracle'))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })

  describe('node-oracledb, thin', { skip: noDrivers }, () => {
    type Driver = { getConnection(how: { user: string; password: string; connectString: string }): Promise<unknown> }
    const connect = (service: string, user: string, password: string) =>
      driver<Driver>('oracledb').getConnection({ user, password, connectString: `127.0.0.1:${port}/${service}` })
    test('is refused a service that is not there', async () => {
      await assert.rejects(connect('PAYROLL', 'scott', 'tiger'), /NJS-518.*"PAYROLL" is not registered/)
      await skep.eventually(says('SERVICE_NAME=PAYROLL'))
    })
    test('is told that the password is wrong, which is recorded to be cracked', async () => {
      await assert.rejects(connect('XEPDB1', 'scott', 'tiger'), /ORA-01017: invalid username\/password; logon denied/)
      const [event] = (await skep.eventually(loginOf('scott'))) as Login[]
      assert.equal(event!.skep.login.method, 'o5logon')
      assert.ok(opens(event!.skep.login.hash!, 'tiger'))
      assert.ok(!opens(event!.skep.login.hash!, 'tigre'))
    })
  })

  describe('nmap', { skip: missing('nmap') }, () => {
    const nmap = async (...how: string[]) =>
      (await runClient('nmap', ['-n', '-Pn', '-p', port, ...how, '127.0.0.1'], { seconds: 100 })).out
    test('knows the product and its release', { timeout: 120_000 }, async () => {
      const out = await nmap('-sV', '--version-light', '--script', '+oracle-tns-version')
      assert.match(out, /Oracle TNS listener (?:18|21)\.0\.0\.0\.0 \(unauthorized\)/, out)
      await skep.eventually(says('COMMAND=version'))
    })
    test('guesses instances, and finds the one', { timeout: 120_000 }, async () => {
      const sids = file('sids', 'ORCL', 'XE', 'PROD', 'TEST')
      const out = await nmap('--script', '+oracle-sid-brute', '--script-args', `oraclesids=${sids}`)
      assert.match(out, /oracle-sid-brute:\s+\|_? +XE\s/, out)
      assert.doesNotMatch(out, /ORCL|PROD/)
      for (const sid of ['ORCL', 'XE', 'PROD', 'TEST']) await skep.eventually(says(`SID=${sid})`))
    })
    test('guesses accounts, each of which is recorded', { timeout: 120_000 }, async () => {
      const lists = `userdb=${file('users', 'hr', 'sys')},passdb=${file('passwords', 'welcome1', 'oracle')}`
      const out = await nmap('--script', '+oracle-brute', '--script-args', `oracle-brute.sid=XE,${lists}`)
      assert.match(out, /Performed \d+ guesses/, out)
      assert.doesNotMatch(out, /ERROR/)
      for (const user of ['hr', 'sys']) {
        await skep.eventually(loginOf(user), 2)
        const hashes = (skep.events(loginOf(user)) as Login[]).map(event => event.skep.login.hash!)
        for (const word of ['welcome1', 'oracle'])
          assert.ok(
            hashes.some(hash => opens(hash, word)),
            `${user} ${word}`,
          )
      }
    })
  })

  describe('hydra', { skip: missing('hydra') }, () => {
    const hydra = async (module: string, ...how: string[]) =>
      (await runClient('hydra', ['-I', '-t', '1', '-s', port, ...how, '127.0.0.1', module], { seconds: 60 })).out
    test('finds the instance', async () => {
      const out = await hydra('oracle-sid', '-L', file('hydra-sids', 'FINANCE', 'XE'))
      assert.match(out, /\[oracle-sid\] host: 127\.0\.0\.1 +login: XE/, out)
      assert.doesNotMatch(out, /login: FINANCE/)
      await skep.eventually(says('SID=FINANCE'))
    })
    test('guesses the listener’s password, whose hash is cracked', { timeout: 300_000 }, async t => {
      const out = await hydra('oracle-listener', '-P', file('listener', 'changeme'))
      assert.doesNotMatch(out, /password: changeme/)
      const wanted = (event: Event) => ofAction('login')(event) && (event as Login).skep.login.method === 'listener'
      const [event] = (await skep.eventually(wanted)) as Login[]
      const { hash } = event!.skep.login
      assert.match(hash!, /^[0-9A-F]{16}:ARB$/)
      const none = missing('hashcat')
      if (none) t.diagnostic(none)
      else assert.match(await crack(3100, hash!, ['TIGER', 'CHANGEME']), /:CHANGEME/)
    })
  })
})
