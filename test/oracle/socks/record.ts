/**
 * Records what Debian 12's Dante answers (package dante-server). As root, in name spaces of its own: nothing can leave, and
 * the account that may log in and the name that is known are in copies of files that nobody else sees:
 *   unshare -m -n sh bin/skep-node test/oracle/socks/record.ts
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { converse, type Recorded, type Script } from '../kit/dialogue.ts'
import { HOST, makeOutside, OWN, PORT } from '../kit/outside.ts'
import { closed, FORBIDDEN, open, PASSWORD, USER } from './script.ts'

const OURS = 21_180
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'socks-oracle-'))
const file = (name: string, text: string): string => {
  const at = path.join(home, name)
  fs.writeFileSync(at, text, { mode: 0o644 })
  return at
}

const hash = execFileSync('openssl', ['passwd', '-6', '-salt', 'saltsalt', PASSWORD], { encoding: 'utf8' }).trim()
const passwd = file('passwd', `${fs.readFileSync('/etc/passwd', 'utf8')}${USER}:x:4321:4321::/:/bin/false\n`)
const shadow = file('shadow', `root:*:19000::::::\nnobody:*:19000::::::\n${USER}:${hash}:19000:0:99999:7:::\n`)
for (const [own, theirs] of [
  [passwd, '/etc/passwd'],
  [shadow, '/etc/shadow'],
] as const)
  execFileSync('mount', ['--bind', own, theirs])

makeOutside(home)

const configuration = (methods: string): string => `
logoutput: /dev/null
internal: ${OWN} port = ${OURS}
external: ${OWN}
timeout.connect: 1
clientmethod: none
socksmethod: ${methods}
user.privileged: root
user.unprivileged: nobody
client pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
socks block { from: 0.0.0.0/0 to: ${FORBIDDEN.join('.')}/32 }
socks pass { from: 0.0.0.0/0 to: 0.0.0.0/0 }
`

async function dial(): Promise<net.Socket> {
  for (;;) {
    const socket = net.connect(OURS, OWN)
    const there = await once(socket, 'connect').then(
      () => true,
      () => false,
    )
    if (there) return socket
    await sleep(50)
  }
}

const silent = net.createServer(socket => socket.on('error', () => {}).resume()).listen(PORT, HOST)
const recorded: Recorded = {}

async function record(script: Script, methods: string): Promise<void> {
  const server = spawn('/usr/sbin/danted', ['-f', file('danted.conf', configuration(methods))], { stdio: 'ignore' })
  const gone = once(server, 'exit')
  ;(await dial()).destroy()
  for (const [name, steps] of Object.entries(script))
    recorded[name] = await converse(await dial(), steps, () =>
      sleep(name === 'byte by byte' ? 20 : 120 * (/answers/.test(name) ? 8 : 1)),
    )
  server.kill('SIGTERM')
  await gone
}
await record(open, 'username none')
await record(closed, 'username')
silent.close()
fs.mkdirSync(new URL('fixtures/', import.meta.url), { recursive: true })
fs.writeFileSync(new URL('fixtures/debian-12.json', import.meta.url), `${JSON.stringify(recorded, undefined, 1)}\n`)
fs.rmSync(home, { recursive: true })
console.log(`${Object.keys(recorded).length} dialogues, ${Object.values(recorded).flat().length} exchanges`)
process.exit()
