import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Leavings } from '#artifacts/leavings.ts'
import { samplePersona } from '#persona/sample.ts'
import { saveOpen } from './kept.ts'
import { machineOf } from './machine.ts'
import { setMachines } from './settings.ts'
import { runLine } from './testing.ts'

const inMemory = () => {
  const files = new Map<string, Buffer>()
  const leavings: Leavings = {
    read: name => files.get(name),
    write: (name, bytes) => void (bytes ? files.set(name, bytes) : files.delete(name)),
  }
  return { files, leavings }
}
/** The same sensor, started anew. */
const sensor = async (leavings: Leavings, os: 'debian-12' | 'ubuntu-22.04' = 'debian-12') => {
  const persona = await samplePersona('kept', { os })
  setMachines(persona, { leavings })
  const clock = { now: () => Date.UTC(2026, 10, 20), random: (bytes: number) => Buffer.alloc(bytes, 7) }
  return (of: string) => machineOf(persona, clock).computer({ of })
}

test('what an attacker left is there after a restart, for them alone', async () => {
  const { leavings, files } = inMemory()
  const before = await sensor(leavings)
  await runLine('echo mine > /tmp/x; rm /etc/motd; useradd -m backdoor', { computer: before('203.0.113.9') })
  assert.equal(files.size, 1)
  const after = await sensor(leavings)
  const again = await runLine('cat /tmp/x; ls /etc/motd; id -u backdoor', { computer: after('203.0.113.9') })
  assert.match(again.stdout, /^mine\n\d+\n$/)
  assert.match(again.stderr, /cannot access '\/etc\/motd'/)
  assert.equal((await runLine('cat /tmp/x', { computer: after('203.0.113.10') })).status, 1)
})

test('who only looks leaves nothing to keep, and who forgets is not forgotten', async () => {
  const { leavings, files } = inMemory()
  const computer = (await sensor(leavings))('203.0.113.9')
  await runLine('id; uname -a', { computer })
  assert.equal(files.size, 0)
  await runLine('echo mine > /tmp/x', { computer })
  computer.drop()
  assert.equal((await runLine('cat /tmp/x', { computer })).stdout, 'mine\n')
})

test('whoever is there when the sensor stops finds it again; on another system’s disk nothing of it is', async () => {
  const { leavings } = inMemory()
  const computer = (await sensor(leavings))('203.0.113.9')
  const login = computer.logIn({
    account: { name: 'root', uid: 0, gid: 0, comment: '', home: '/root', shell: '/bin/bash' },
    witness: new Proxy({}, { get: () => () => {} }) as never,
    from: '203.0.113.9',
    stdin: { read: async () => undefined },
    stdout: { write: async () => {} },
    stderr: { write: async () => {} },
    daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
  })
  await login.exec('echo mine > /tmp/x')
  saveOpen(leavings)
  assert.equal((await runLine('cat /tmp/x', { computer: (await sensor(leavings))('203.0.113.9') })).stdout, 'mine\n')
  const other = await runLine('cat /tmp/x', { computer: (await sensor(leavings, 'ubuntu-22.04'))('203.0.113.9') })
  assert.equal(other.status, 1)
  login.close()
})

test('downloads come to what the operator wants', async () => {
  const persona = await samplePersona('closed', { os: 'debian-12' })
  setMachines(persona, { downloads: 'refused' })
  const clock = { now: () => Date.UTC(2026, 10, 20), random: (bytes: number) => Buffer.alloc(bytes, 7) }
  const computer = machineOf(persona, clock).computer()
  const outcomes = await Promise.all(
    Array.from({ length: 6 }, (_, n) =>
      runLine(`wget -q -t 1 -T 1 http://203.0.113.${n}/x -O /tmp/x${n}`, { computer }),
    ),
  )
  assert.ok(outcomes.every(({ status }) => status === 4))
})
