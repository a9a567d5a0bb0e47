import assert from 'node:assert/strict'
import { test } from 'node:test'
import { inputOf, type Seen, testComputer, testWitness } from '#machine/testing.ts'
import type { Program, Terminal } from '../../system.ts'
import { scp } from './scp.ts'
import { ssh } from './ssh.ts'
import { sshCopyId } from './ssh-copy-id.ts'

/** Runs a program whose waits take no time; `typed` comes from a terminal. */
const run = async (program: Program, argv: string[], how: { typed?: string; before?: [string, string][] } = {}) => {
  const seen: Seen[] = []
  let [stdout, stderr, slept] = ['', '', 0]
  const terminal =
    how.typed === undefined
      ? undefined
      : ({
          name: 'pts/0',
          modes: { echo: true, canonical: true, signals: true, newlines: true },
          input: inputOf(how.typed),
        } as Terminal)
  const login = testComputer().logIn({
    account: { name: 'root', uid: 0, gid: 0, comment: '', home: '/root', shell: '/bin/bash' },
    witness: testWitness(seen),
    from: '198.51.100.7',
    stdin: inputOf(''),
    stdout: { write: async () => {} },
    stderr: { write: async () => {} },
    daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
  })
  const { process } = login
  for (const [path, text] of how.before ?? []) process.fs.writeFile(path, Buffer.from(text), process.who)
  const status = await program({
    ...process,
    argv,
    terminal,
    isatty: terminal ? [true, true, true] : [false, false, false],
    ...(terminal ? { stdin: terminal.input } : {}),
    sleep: async seconds => {
      slept += seconds
    },
    stdout: {
      async write(data) {
        stdout += data.toString('latin1')
      },
    },
    stderr: {
      async write(data) {
        stderr += data.toString('latin1')
      },
    },
  })
  const read = (path: string): string => process.fs.readFile(path, process.who).toString()
  return { status, stdout, stderr, slept, read, seen: seen.filter(({ what }) => what === 'connection') }
}
const connections = (seen: Seen[]) =>
  seen.map(({ details }) => {
    const { sent, ...rest } = details as { host: string; port: number; tool: string; sent?: Buffer }
    return sent === undefined ? rest : { ...rest, sent: sent.toString() }
  })

/** Hosts out there that answer on port 22 with a host key, and that do not, as this persona sees them. */
const answering = async (): Promise<string> => {
  for (let host = 1; host < 50; host++) {
    const { stderr } = await run(ssh, ['ssh', '-o', 'StrictHostKeyChecking=no', `root@203.0.113.${host}`, 'id'])
    if (stderr.includes('Permission denied')) return `203.0.113.${host}`
  }
  throw new Error('Nobody answers')
}

test('ssh goes nowhere, and what it was to do there is told', async () => {
  const refused = await run(ssh, ['ssh', '-p', '9', 'root@127.0.0.1', 'uname', '-a'])
  assert.equal(refused.stderr, 'ssh: connect to host 127.0.0.1 port 9: Connection refused\r\n')
  assert.deepEqual(connections(refused.seen), [{ host: '127.0.0.1', port: 9, tool: 'ssh', sent: 'uname -a' }])
  const unknown = await run(ssh, ['ssh', 'root@nowhere.invalid', 'id'])
  assert.equal(unknown.stderr, 'ssh: Could not resolve hostname nowhere.invalid: Name or service not known\r\n')
  const silent = await run(ssh, ['ssh', '-o', 'ConnectTimeout=7', '10.1.2.3', 'id'])
  assert.deepEqual(
    [silent.stderr, silent.slept],
    ['ssh: connect to host 10.1.2.3 port 22: Connection timed out\r\n', 7],
  )
  const patient = await run(ssh, ['ssh', '-q', '10.1.2.3', 'id'])
  assert.deepEqual([patient.stderr, patient.slept > 100], ['', true])
  for (const { status } of [refused, unknown, silent, patient]) assert.equal(status, 255)
})

test('a proxy command is never run', async () => {
  const { stderr, seen } = await run(ssh, ['ssh', '-o', 'ProxyCommand=touch /tmp/x', 'root@192.0.2.4', 'id'])
  assert.match(stderr, /^kex_exchange_identification: Connection closed by remote host\r\n/)
  assert.equal(seen.length, 1)
})

test('somebody at a terminal is asked for the host’s key and for passwords, and each password is told', async () => {
  const host = await answering()
  const { status, stderr, seen, read } = await run(ssh, ['ssh', `admin@${host}`], {
    typed: 'y\nyes\nfirst\nsecond\nthird\n',
  })
  assert.equal(status, 255)
  const [, ...rest] = stderr.split('\n')
  assert.match(rest[0]!, /^ED25519 key fingerprint is SHA256:[A-Za-z0-9+/]{43}\.$/)
  assert.match(stderr, /Please type 'yes', 'no' or the fingerprint: /)
  assert.match(stderr, new RegExp(`Permanently added '${host}' \\(ED25519\\)`))
  assert.equal(stderr.split('Permission denied, please try again.').length, 3)
  assert.ok(stderr.endsWith(`admin@${host}: Permission denied (publickey,password).\r\n`))
  assert.deepEqual(
    connections(seen).map(one => ('sent' in one ? one.sent : undefined)),
    [undefined, 'admin:first\n', 'admin:second\n', 'admin:third\n'],
  )
  // Debian hashes the names.
  assert.match(read('/root/.ssh/known_hosts'), /^\|1\|\S{28}\|\S{28} ssh-ed25519 AAAA\S+\n$/)
})

test('without a terminal an unknown key ends it, a known one does not', async () => {
  const host = await answering()
  const first = await run(ssh, ['ssh', host, 'id'])
  assert.equal(first.stderr, 'Host key verification failed.\r\n')
  const trusting = await run(ssh, ['ssh', '-o', 'StrictHostKeyChecking=no', '-o', 'HashKnownHosts=no', host, 'id'])
  const line = trusting.read('/root/.ssh/known_hosts')
  const again = await run(ssh, ['ssh', host, 'id'], { before: [['/root/.ssh/known_hosts', line]] })
  assert.equal(again.stderr, `root@${host}: Permission denied (publickey,password).\r\n`)
})

test('what scp would have sent is told with the file', async () => {
  const before: [string, string][] = [['/tmp/worm', 'the worm itself']]
  const { status, stderr, seen } = await run(scp, ['scp', '-P', '9', '/tmp/worm', 'root@127.0.0.1:/tmp'], { before })
  assert.deepEqual(
    [status, stderr],
    [255, 'ssh: connect to host 127.0.0.1 port 9: Connection refused\r\nscp: Connection closed\r\n'],
  )
  assert.deepEqual(connections(seen), [{ host: '127.0.0.1', port: 9, tool: 'scp', sent: 'the worm itself' }])
  const old = await run(scp, ['scp', '-O', '-P', '9', '/tmp/worm', 'root@127.0.0.1:/tmp'], { before })
  assert.deepEqual(
    [old.status, old.stderr],
    [1, 'ssh: connect to host 127.0.0.1 port 9: Connection refused\r\nlost connection\n'],
  )
})

test('ssh-copy-id tells of the key it would have installed', async () => {
  const before: [string, string][] = [['/root/.ssh/id_rsa.pub', 'ssh-rsa AAAA me\n']]
  const { status, seen } = await run(sshCopyId, ['ssh-copy-id', '-p', '9', 'root@127.0.0.1'], { before })
  assert.equal(status, 1)
  assert.deepEqual(connections(seen), [{ host: '127.0.0.1', port: 9, tool: 'ssh-copy-id', sent: 'ssh-rsa AAAA me\n' }])
})
