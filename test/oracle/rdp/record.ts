/**
 * Records what Debian's xrdp says, each dialogue to a server of its own; TLS from the second step on, where it is agreed:
 *   sh bin/skep-node test/oracle/rdp/record.ts
 * Needs xrdp 0.9.21 (Debian 12) and root: xrdp reads its keys from /etc/xrdp/rsakeys.ini, made by xrdp-keygen.
 */
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { converse, type Exchange, type Recorded } from '../kit/dialogue.ts'
import { connect } from '../kit/record.ts'
import { dialogues } from './script.ts'

const PORT = 13_389
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'rdp-oracle-'))
const file = (name: string) => path.join(home, name)
const certificate = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '30', '-subj', '/CN=oracle.example']
spawnSync('openssl', [...certificate, '-keyout', file('key.pem'), '-out', file('cert.pem')])
const configuration = fs
  .readFileSync('/etc/xrdp/xrdp.ini', 'utf8')
  .replace(/^certificate=.*$/m, `certificate=${file('cert.pem')}`)
  .replace(/^key_file=.*$/m, `key_file=${file('key.pem')}`)
  .replace(/^port=3389$/m, `port=tcp://127.0.0.1:${PORT}`)
  .replace(/^LogFile=.*$/m, `LogFile=${file('log')}`)
fs.writeFileSync(file('xrdp.ini'), configuration)

const quiet = () => sleep(150)
/** Through TLS from the second step on, which must not take the first one's socket down. */
async function record([first, ...rest]: readonly string[]): Promise<Exchange[]> {
  const socket = await connect(PORT)
  if (rest.length === 0) return converse(socket, [first!], quiet)
  socket.write(first!, 'latin1')
  const [heard] = (await once(socket, 'data')) as [Buffer]
  const secure = tls.connect({ socket, rejectUnauthorized: false })
  await once(secure, 'secureConnect')
  return [{ sent: first!, heard: heard.toString('latin1') }, ...(await converse(secure, rest, quiet))]
}

const recorded: Recorded = {}
try {
  for (const [name, steps] of Object.entries(dialogues)) {
    const server = spawn('xrdp', ['--nodaemon', '-c', file('xrdp.ini')], { stdio: 'ignore' })
    const gone = once(server, 'exit')
    try {
      recorded[name] = await record(steps)
    } finally {
      server.kill('SIGTERM')
      await gone
    }
  }
} finally {
  fs.rmSync(home, { recursive: true })
}
fs.mkdirSync(new URL('./fixtures/', import.meta.url), { recursive: true })
fs.writeFileSync(new URL('./fixtures/debian-12.json', import.meta.url), `${JSON.stringify(recorded, undefined, 1)}\n`)
console.log(`${Object.values(recorded).flat().length} exchanges`)
