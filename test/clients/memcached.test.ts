import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import dgram from 'node:dgram'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import type { Event } from '#events/event.ts'
import { missing, runClient, type Skep, startSkep } from '../skep.ts'

const ofAction = (action: string) => (event: Event) =>
  event.skep.service === 'memcached' && event.event.action === action
const commandLine = (line: RegExp) => (event: Event) =>
  ofAction('command')(event) &&
  line.test((event as { process?: { command_line?: string } }).process?.command_line ?? '')
const noPython = () => spawnSync('/usr/bin/python3', ['-c', 'import pymemcache'], { stdio: 'ignore' }).status !== 0

describe('memcached, with real clients', () => {
  let skep: Skep
  let port: string
  let home: string
  before(async () => {
    home = fs.mkdtempSync(path.join(os.tmpdir(), 'memcached-clients-'))
    skep = await startSkep({
      config: 'persona: { os: debian-12 }\nedition: mini\nservices: { memcached: { enabled: true } }\n',
    })
    port = String(skep.port('memcached'))
  })
  after(async () => {
    await skep?.stop()
    fs.rmSync(home, { recursive: true })
  })

  describe('libmemcached', { skip: missing('memcstat') }, () => {
    const run = (program: string, ...args: string[]) => runClient(program, [`--servers=127.0.0.1:${port}`, ...args])
    for (const binary of [false, true]) {
      const how = binary ? ['--binary'] : []
      test(`copies a file, and has it back${binary ? ', in binary' : ''}`, async () => {
        const file = path.join(home, `dropped${binary ? '-b' : ''}`)
        fs.writeFileSync(file, `#!/bin/sh\n# ${'x'.repeat(700)}\necho hello\n`)
        assert.equal((await run('memccp', ...how, file)).status, 0)
        const { out } = await run('memccat', ...how, path.basename(file))
        assert.match(out, /echo hello/)
        assert.equal((await run('memcexist', ...how, path.basename(file))).status, 0)
        await skep.eventually(ofAction('file-upload'), binary ? 2 : 1)
      })
      test(`asks for statistics${binary ? ', in binary' : ''}`, async () => {
        const { out, err } = await run('memcstat', ...how)
        assert.match(out, /version: 1\.6\.18/, err)
        assert.match(out, /threads: 4/)
        assert.doesNotMatch(out, /honey|skep/i)
      })
    }
    test('sees the keys, touches and removes one, empties all', async () => {
      const { out } = await run('memcdump')
      assert.match(out, /memc\.sess\.key\./)
      assert.equal((await run('memcrm', 'visits')).status, 0)
      assert.notEqual((await run('memcexist', 'visits')).status, 0)
      assert.equal((await run('memcflush')).status, 0)
      await skep.eventually(commandLine(/^flush_all/))
    })
    test('hammers away', { skip: missing('memcslap') }, async () => {
      const { out, err, status } = await run(
        'memcslap',
        '--concurrency=4',
        '--execute-number=50',
        '--test=get',
        '--initial-load=20',
      )
      assert.equal(status, 0, err)
      assert.match(out + err, /[Ss]econds|Time/)
    })
  })

  test('the library of Python', { skip: noPython() && 'python3-pymemcache not installed' }, async () => {
    const program = `
from pymemcache.client.base import Client
c = Client(('127.0.0.1', ${port}))
assert c.version() == b'1.6.18'
assert c.set('k', b'v', expire=100, noreply=False) and c.get('k') == b'v'
v, cas = c.gets('k')
assert c.cas('k', b'w', cas) is True and c.cas('k', b'x', cas) is False
assert c.add('k', b'1', noreply=False) is False
c.set('n', b'7', noreply=False); assert c.incr('n', 5) == 12 and c.decr('n', 2) == 10
assert c.set_many({'a': b'1', 'b': b'2'}, noreply=False) == [] and c.get_many(['a', 'b', 'c']) == {'a': b'1', 'b': b'2'}
big = b'a' * 900000
assert c.set('big', big, noreply=False) and c.get('big') == big
assert c.touch('k', 50, noreply=False) and c.delete('k', noreply=False) and c.get('k') is None
assert c.stats()[b'pointer_size'] == 64
assert c.flush_all(noreply=False)
print('fine')
`
    const { out, err } = await runClient('/usr/bin/python3', ['-c', program])
    assert.equal(out, 'fine\n', err)
    const loaded = (event: Event) =>
      ofAction('exploit')(event) &&
      (event as { vulnerability?: { id: string } }).vulnerability?.id === 'memcached-amplifier'
    await skep.eventually(loaded)
  })

  test('what is asked for in a victim’s name is measured and not sent', async () => {
    const socket = dgram.createSocket('udp4')
    let heard = 0
    socket.on('message', answer => (heard += answer.length))
    const question = Buffer.from('\0\x01\0\0\0\x01\0\0stats\r\n', 'latin1')
    for (let i = 0; i < 20; i++) socket.send(question, Number(port), '127.0.0.1')
    const [told] = await skep.eventually(ofAction('reflection'), 1, 30)
    socket.close()
    const { requests, received, withheld } = (told as Event & { skep: { reflection: Record<string, number> } }).skep
      .reflection as { requests: number; received: number; withheld: number }
    assert.deepEqual([requests, received, heard], [20, 20 * question.length, 0])
    assert.ok(withheld > 20 * 1500)
    assert.equal(told!.source!.ip, '127.0.0.1')
  })

  test('nmap names the product, and its script reads on', { skip: missing('nmap') }, async () => {
    const args = ['-Pn', '-n', '-sV', '-p', port, '--script', 'memcached-info', '127.0.0.1']
    const { out } = await runClient('nmap', args, { seconds: 150 })
    // Away from its own port the first probe that it answers names the product, of the real one too.
    assert.match(out, /open +memcached +Memcached/)
    assert.match(out, /memcached-info:[\s\S]*Uptime: \d+ seconds[\s\S]*Authentication: no/)
    assert.doesNotMatch(out, /honey|skep/i)
  })
})
