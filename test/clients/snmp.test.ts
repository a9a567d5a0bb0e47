import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { crack } from '../hashcat.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string; hash?: string; method: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'snmp' && event.event.action === action
const commandLine = (line: RegExp) => (event: Event) =>
  ofAction('command')(event) &&
  line.test((event as { process?: { command_line?: string } }).process?.command_line ?? '')
const root = process.getuid!() !== 0 && 'needs root'

describe('SNMP, with real clients', () => {
  let skep: Skep
  let port: string
  let home: string
  before(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'snmp-clients-'))
    fs.writeFileSync(path.join(home, 'words'), 'alpha\nbeta\ngamma\npublic\n')
    skep = await startSkep({
      config:
        'persona: { os: debian-12, hostname: relay3 }\nedition: mini\nservices: { snmp: { enabled: true } }\nlimits: { udpPerSource: 100000 }\n',
    })
    port = String(skep.port('snmp'))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })
  /** Net-SNMP's tools, which ask again when nothing comes. */
  const ask = async (program: string, ...args: string[]) => {
    const { out, err } = await runClient(program, ['-On', '-r', '8', '-t', '0.3', ...args], { seconds: 120 })
    return out + err
  }
  const agent = () => `127.0.0.1:${port}`

  describe('Net-SNMP', { skip: missing('snmpget', 'snmpwalk') }, () => {
    test('gets the description, once it has asked often enough', async () => {
      const out = await ask('snmpget', '-v2c', '-c', 'public', agent(), '1.3.6.1.2.1.1.1.0', '1.3.6.1.2.1.1.5.0')
      assert.match(out, /\.1\.3\.6\.1\.2\.1\.1\.1\.0 = STRING: "Linux relay3 6\.1\.0-\d+-(?:cloud-)?amd64 #1 SMP/)
      assert.match(out, /= STRING: "relay3"/)
    })
    test('walks over the system', async () => {
      const out = await ask('snmpwalk', '-v2c', '-c', 'public', agent(), '1.3.6.1.2.1.1')
      assert.match(out, /\.1\.3\.6\.1\.2\.1\.1\.7\.0 = INTEGER: 72/)
      assert.match(out, /\.1\.3\.6\.1\.2\.1\.1\.9\.1\.4\.10 = Timeticks/)
      await skep.eventually(commandLine(/^GETNEXT 1\.3\.6\.1\.2\.1\.1\.9/))
    })
    test('takes many at once', async () => {
      const out = await ask('snmpbulkget', '-v2c', '-c', 'public', '-Cn0', '-Cr5', agent(), '1.3.6.1.2.1.2.2.1.2')
      assert.match(out, /= STRING: "lo"/)
    })
    test('writes, and reads what it wrote', async () => {
      const set = await ask('snmpset', '-v2c', '-c', 'private', agent(), '1.3.6.1.2.1.1.6.0', 's', 'Rack 7')
      assert.match(set, /= STRING: "Rack 7"/)
      assert.match(await ask('snmpget', '-v2c', '-c', 'public', agent(), '1.3.6.1.2.1.1.6.0'), /Rack 7/)
      assert.match(await ask('snmpset', '-v2c', '-c', 'public', agent(), '1.3.6.1.2.1.1.6.0', 's', 'x'), /noAccess/)
    })
    test('gives away what a password of version 3 signed', async () => {
      const user = ['-v3', '-l', 'authNoPriv', '-u', 'monitor', '-a', 'SHA', '-A', 'correct horse']
      const out = await ask('snmpget', ...user, agent(), '1.3.6.1.2.1.1.1.0')
      assert.match(out, /Unknown user name/)
      const signed = (event: Event) => ofAction('login')(event) && (event as Login).skep.login.hash !== undefined
      const [login] = (await skep.eventually(signed)) as Login[]
      assert.equal(login!.user?.name, 'monitor')
      assert.match(login!.skep.login.hash!, /^\$SNMPv3\$0\$\d+\$30[0-9a-f]+\$80001f8880[0-9a-f]{24}\$[0-9a-f]{24}$/)
    })
    for (const [algorithm, mode] of [
      ['MD5', '25000'],
      ['SHA-256', '26800'],
    ] as const)
      test(`which hashcat cracks: ${algorithm}`, { skip: missing('hashcat') }, async () => {
        const user = `crack-${mode}`
        await ask(
          'snmpget',
          '-v3',
          '-l',
          'authNoPriv',
          '-u',
          user,
          '-a',
          algorithm,
          '-A',
          'maplesyrup',
          agent(),
          '1.3.6.1.2.1.1.1.0',
        )
        const signed = (event: Event) =>
          ofAction('login')(event) &&
          (event as Login).user?.name === user &&
          (event as Login).skep.login.hash !== undefined
        const [login] = (await skep.eventually(signed)) as Login[]
        const found = await crack(Number(mode), login!.skep.login.hash!, ['letmein1', 'maplesyrup'])
        assert.match(found, /:maplesyrup$/m)
      })
  })

  const tried = async (...words: string[]) => {
    const wanted = (event: Event) =>
      ofAction('login')(event) && words.includes((event as Login).skep.login.password ?? '')
    const logins = (await skep.eventually(wanted, words.length)) as Login[]
    assert.deepEqual(new Set(logins.map(event => event.skep.login.password)), new Set(words))
  }
  test('onesixtyone finds the community, and each guess is recorded', { skip: missing('onesixtyone') }, async () => {
    const args = ['-c', path.join(home, 'words'), '-p', port, '-w', '100', '127.0.0.1']
    const { out } = await runClient('onesixtyone', args)
    assert.match(out, /\[public\]/)
    await tried('alpha', 'beta', 'gamma', 'public')
  })
  test('so does hydra', { skip: missing('hydra') }, async () => {
    fs.writeFileSync(path.join(home, 'more'), 'delta\nepsilon\npublic\n')
    const { out } = await runClient('hydra', [
      '-P',
      path.join(home, 'more'),
      '-t',
      '1',
      '-I',
      '-s',
      port,
      '127.0.0.1',
      'snmp',
    ])
    assert.match(out, /\[snmp\] host: 127\.0\.0\.1 +password: public/)
    await tried('delta', 'epsilon')
  })
  test('nmap’s scripts find community and engine', { skip: missing('nmap') || root }, async () => {
    const scripts = 'snmp-brute,snmp-info,snmp-sysdescr'
    const args = ['-Pn', '-n', '-sU', '-sV', '-p', port, '--script', scripts, '127.0.0.1']
    const { out } = await runClient('nmap', [...args, '--script-args', `snmp-brute.communitiesdb=${home}/words`], {
      seconds: 150,
    })
    assert.match(out, /open +snmp/, out)
  })
})
