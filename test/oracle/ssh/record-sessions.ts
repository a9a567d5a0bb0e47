// Records what Debian's sshd says to those who are logged in: `sh bin/skep-node test/oracle/ssh/record-sessions.ts` with
// openssh-server installed, as root. Runs a second sshd with keys of its own on a loopback port; what it runs are the
// commands of session-probes.ts.
import { execFileSync, spawn } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Conn, defaultLimits } from '../../../src/sensor/conn.ts'
import { publicBlob } from '../../../src/services/ssh/testing.ts'
import { observeSession } from './session-observe.ts'
import { sessionProbes } from './session-probes.ts'

const port = 22_933
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'sshd-'))
for (const type of ['rsa', 'ecdsa', 'ed25519'])
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', path.join(home, type)])
const key = createPrivateKey(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
fs.writeFileSync(path.join(home, 'keys'), `ssh-ed25519 ${publicBlob(key).toString('base64')}\n`)
fs.writeFileSync(
  path.join(home, 'config'),
  [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...['rsa', 'ecdsa', 'ed25519'].map(type => `HostKey ${path.join(home, type)}`),
    `AuthorizedKeysFile ${path.join(home, 'keys')}`,
    'StrictModes no',
    // As Debian's own sshd_config, but for the number of probes at once.
    'KbdInteractiveAuthentication no',
    'UsePAM yes',
    'X11Forwarding yes',
    // Not installed on a server.
    'XAuthLocation /nonexistent',
    'PrintMotd no',
    'AcceptEnv LANG LC_*',
    'Subsystem sftp /usr/lib/openssh/sftp-server',
    'MaxStartups 200:30:300',
    `PidFile ${path.join(home, 'pid')}`,
  ].join('\n'),
)
fs.mkdirSync('/run/sshd', { recursive: true })
const sshd = spawn('/usr/sbin/sshd', ['-D', '-f', path.join(home, 'config')], { stdio: 'inherit' })
await sleep(1000)

/** Quiet for 0.8 seconds, at first or behind a word. */
async function quiet(heard: () => number): Promise<void> {
  for (let before = -1; before !== heard(); ) {
    before = heard()
    await sleep(800)
  }
}

const wanted = process.argv[2]
const answers: Record<string, string[][]> = {}
const probes = sessionProbes.filter(({ name }) => wanted === undefined || name.includes(wanted))
for (let at = 0; at < probes.length; at += 10)
  await Promise.all(
    probes.slice(at, at + 10).map(async probe => {
      const conn = new Conn(net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }), {
        ...defaultLimits,
        inbox: 1 << 20,
      })
      answers[probe.name] = await observeSession(conn, probe, key, quiet)
    }),
  )
const ordered = Object.fromEntries(probes.map(({ name }) => [name, answers[name]]))
if (wanted === undefined) {
  const file = path.join(import.meta.dirname, 'fixtures', 'openssh-9.2p1-debian12-sessions.json')
  fs.writeFileSync(file, `${JSON.stringify(ordered, null, 1)}\n`)
} else console.log(JSON.stringify(ordered, null, 1))
sshd.kill()
fs.rmSync(home, { recursive: true })
process.exit(0)
