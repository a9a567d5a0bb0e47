/**
 * Records what the real telnet daemons say. Needs root and the daemons' files unpacked under `ORACLE_ROOT` (Debian
 * packages inetutils-telnetd and telnetd-ssl, whose in.telnetd is Linux netkit's). Run it in name spaces of its own:
 *   ORACLE_ROOT=… unshare -mn sh bin/skep-node test/oracle/telnet/record.ts inetutils|netkit
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as net from 'node:net'
import { converse } from './dialogue.ts'
import { dialogues } from './script.ts'

const product = process.argv[2] === 'netkit' ? 'netkit' : 'inetutils'
const root = process.env.ORACLE_ROOT ?? ''
const work = fs.mkdtempSync('/var/tmp/telnet-oracle-')
const sh = (line: string) => execFileSync('sh', ['-ec', line], { stdio: ['ignore', 'pipe', 'inherit'] }).toString()

sh(`ip link set lo up; hostname relay3; mount -t tmpfs t /run; mount -t tmpfs t /var/log; touch /run/utmp /var/log/wtmp /var/log/btmp /var/log/lastlog
  printf 'Debian GNU/Linux 12\\n' > ${work}/issue.net; mount --bind ${work}/issue.net /etc/issue.net
  printf 'Debian GNU/Linux 12 \\\\n \\\\l\\n\\n' > ${work}/issue; mount --bind ${work}/issue /etc/issue
  printf '127.0.0.1 localhost\\n' > ${work}/hosts; mount --bind ${work}/hosts /etc/hosts`)

/** What inetd does: the daemon has the connection as its standard input and output. */
const server = net.createServer({ pauseOnConnect: true }, socket => {
  const [program, args] =
    product === 'inetutils'
      ? [`${root}/usr/sbin/telnetd`, []]
      : [`${root}/usr/sbin/in.telnetd`, ['-z', 'nossl', '-L', '/bin/login']]
  const daemon = spawn(program, args, {
    stdio: [socket, socket, socket],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LD_LIBRARY_PATH: `${root}/usr/lib/x86_64-linux-gnu` },
  })
  daemon.once('spawn', () => socket.destroy())
})
server.listen(23, '127.0.0.1')
await once(server, 'listening')

const recorded: Record<string, unknown> = {}
for (const [name, moves] of Object.entries(dialogues)) {
  const socket = net.connect({ port: 23, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  recorded[name] = await converse(socket, moves)
  if (process.env.ORACLE_VERBOSE) process.stderr.write(`${name} ${JSON.stringify(recorded[name])}\n`)
  socket.destroy()
}
server.close()
fs.rmSync(work, { recursive: true, force: true })
fs.mkdirSync('test/oracle/telnet/fixtures', { recursive: true })
fs.writeFileSync(`test/oracle/telnet/fixtures/${product}.json`, `${JSON.stringify(recorded, null, 1)}\n`)
process.exit(0)
