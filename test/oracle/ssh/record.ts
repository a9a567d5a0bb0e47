// Records what Debian's sshd says to every probe: `sh bin/skep-node test/oracle/ssh/record.ts` with openssh-server
// installed. Runs a second sshd with keys of its own on a loopback port.
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { probes } from './probes.ts'
import { recordProbes } from './recording.ts'

const port = 22931
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'sshd-'))
for (const type of ['rsa', 'ecdsa', 'ed25519'])
  execFileSync('ssh-keygen', ['-q', '-t', type, '-N', '', '-f', path.join(home, type)])
fs.writeFileSync(
  path.join(home, 'config'),
  [
    `Port ${port}`,
    'ListenAddress 127.0.0.1',
    ...['rsa', 'ecdsa', 'ed25519'].map(type => `HostKey ${path.join(home, type)}`),
    // As Debian's own sshd_config, but for the number of probes at once.
    'KbdInteractiveAuthentication no',
    'UsePAM yes',
    'MaxStartups 200:30:300',
    `PidFile ${path.join(home, 'pid')}`,
  ].join('\n'),
)
fs.mkdirSync('/run/sshd', { recursive: true })
const sshd = spawn('/usr/sbin/sshd', ['-D', '-f', path.join(home, 'config')], { stdio: 'inherit' })
await sleep(1000)

await recordProbes({ port, probes, atOnce: 8, fixture: 'openssh-9.2p1-debian12.json' })
sshd.kill()
fs.rmSync(home, { recursive: true })
process.exit(0)
