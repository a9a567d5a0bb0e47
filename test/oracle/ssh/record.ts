// Records what Debian's sshd says to every probe: `sh bin/skep-node test/oracle/ssh/record.ts` with openssh-server
// installed. Runs a second sshd with keys of its own on a loopback port.
import { execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Conn, defaultLimits } from '../../../src/sensor/conn.ts'
import { observe } from './observe.ts'
import { type Probe, probes } from './probes.ts'

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

const record = async (probe: Probe): Promise<[string, string[]]> => {
  const conn = new Conn(net.connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true }), {
    ...defaultLimits,
    inbox: 1 << 20,
  })
  // Quiet for as long as the probe's patience: nothing more will come.
  const more = async () => {
    for (const until = Date.now() + probe.patience * 1000; Date.now() < until; await sleep(10))
      if (conn.held > 0 || conn.over !== undefined || (await finished(conn))) return true
    return false
  }
  const said = await observe(conn, probe, more)
  conn.hangup('done')
  return [probe.name, said]
}
/** Whether the server has closed its side. */
const finished = async (conn: Conn): Promise<boolean> => {
  const nothing = Symbol('nothing')
  return (await Promise.race([conn.peek(1), sleep(5, nothing)])) !== nothing
}

const answers: Record<string, string[]> = {}
const identification = await new Promise<string>(resolve => {
  const socket = net.connect(port, '127.0.0.1', () => socket.once('data', data => resolve(`${data}`.trim())))
  socket.once('close', () => {})
})
for (let at = 0; at < probes.length; at += 8)
  for (const [name, said] of await Promise.all(probes.slice(at, at + 8).map(record))) answers[name] = said
const file = path.join(import.meta.dirname, 'fixtures', 'openssh-9.2p1-debian12.json')
fs.mkdirSync(path.dirname(file), { recursive: true })
fs.writeFileSync(file, `${JSON.stringify({ identification, answers }, null, 1)}\n`)
sshd.kill()
fs.rmSync(home, { recursive: true })
process.exit(0)
