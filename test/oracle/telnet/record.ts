/**
 * Records what the real telnet daemons say. Needs root and the daemons' files unpacked under `ORACLE_ROOT` (Debian
 * packages inetutils-telnetd and telnetd-ssl, whose in.telnetd is Linux netkit's). Run it in name spaces of its own:
 *   ORACLE_ROOT=… unshare -mnu sh bin/skep-node test/oracle/telnet/record.ts inetutils|netkit|session
 * `session` goes past log-in: the daemon, login(1) and bash are those of the chroot named by SKEP_ORACLE (see
 * test/oracle/machine/record.ts), on an overlay where root's password is `xc3511` and bob's is `builder`.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as net from 'node:net'
import * as os from 'node:os'
import { converse } from './dialogue.ts'
import { dialogues } from './script.ts'
import { invocations, sessions } from './script-session.ts'

const products = ['inetutils', 'netkit', 'session'] as const
const product = products.find(name => name === process.argv[2]) ?? 'inetutils'
const root = process.env.ORACLE_ROOT ?? ''
const work = fs.mkdtempSync('/var/tmp/telnet-oracle-')
const sh = (line: string) => execFileSync('sh', ['-ec', line], { stdio: ['ignore', 'pipe', 'inherit'] }).toString()

sh(`ip link set lo up; hostname relay3; mount -t tmpfs t /run; mount -t tmpfs t /var/log; touch /run/utmp /var/log/wtmp /var/log/btmp /var/log/lastlog
  printf 'Debian GNU/Linux 12\\n' > ${work}/issue.net; mount --bind ${work}/issue.net /etc/issue.net
  printf 'Debian GNU/Linux 12 \\\\n \\\\l\\n\\n' > ${work}/issue; mount --bind ${work}/issue /etc/issue
  printf '127.0.0.1 localhost\\n' > ${work}/hosts; mount --bind ${work}/hosts /etc/hosts`)

const chroot = `${work}/root`
if (product === 'session')
  sh(`mkdir ${work}/layers ${chroot}; mount -t tmpfs t ${work}/layers; mkdir ${work}/layers/up ${work}/layers/work
    mount -t overlay o -o lowerdir=${process.env.SKEP_ORACLE ?? '/var/tmp/oracle/root'},upperdir=${work}/layers/up,workdir=${work}/layers/work ${chroot}
    mount -t proc p ${chroot}/proc; mount --rbind /dev ${chroot}/dev; cp ${root}/usr/sbin/telnetd ${chroot}/usr/sbin/
    echo relay3 > ${chroot}/etc/hostname; printf '127.0.0.1 localhost\\n' > ${chroot}/etc/hosts
    touch ${chroot}/run/utmp ${chroot}/var/log/wtmp ${chroot}/var/log/btmp ${chroot}/var/log/lastlog
    chroot ${chroot} useradd -m -s /bin/bash bob; chroot ${chroot} useradd -m -s /bin/sh plain; chroot ${chroot} useradd -m -s /usr/sbin/nologin shut
    chroot ${chroot} useradd -m -s /bin/bash hush; touch ${chroot}/home/hush/.hushlogin; chroot ${chroot} useradd -s /bin/bash homeless
    printf 'root:xc3511\\nbob:builder\\nplain:builder\\nshut:builder\\nhush:builder\\nhomeless:builder\\n' | chroot ${chroot} chpasswd`)

const programs: Record<typeof product, [string, string[]]> = {
  inetutils: [`${root}/usr/sbin/telnetd`, []],
  netkit: [`${root}/usr/sbin/in.telnetd`, ['-z', 'nossl', '-L', '/bin/login']],
  session: ['chroot', [chroot, '/usr/sbin/telnetd']],
}

let playing = ''
/** What inetd does: the daemon has the connection as its standard input and output. */
const server = net.createServer({ pauseOnConnect: true }, socket => {
  const [program, args] = programs[product]
  const daemon = spawn(program, [...args, ...(invocations.get(playing) ?? [])], {
    stdio: [socket, socket, socket],
    env: { PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LD_LIBRARY_PATH: `${root}/usr/lib/x86_64-linux-gnu` },
  })
  daemon.once('spawn', () => socket.destroy())
})
server.listen(23, '127.0.0.1')
await once(server, 'listening')

const recorded: Record<string, unknown> = {}
for (const [name, moves] of Object.entries(product === 'session' ? sessions : dialogues)) {
  playing = name
  const socket = net.connect({ port: 23, host: '127.0.0.1', noDelay: true })
  await once(socket, 'connect')
  recorded[name] = await converse(socket, moves)
  if (process.env.ORACLE_VERBOSE) process.stderr.write(`${name} ${JSON.stringify(recorded[name])}\n`)
  socket.destroy()
}
server.close()
if (product === 'session') sh(`umount -l ${chroot} ${work}/layers`)
fs.rmSync(work, { recursive: true, force: true })
fs.mkdirSync('test/oracle/telnet/fixtures', { recursive: true })
// The kernel is the recording machine's own; anybody's.
const plain = JSON.stringify(recorded, null, 1)
  .replaceAll(os.version(), '#1 SMP')
  .replaceAll(os.release(), '6.1.0-28-amd64')
fs.writeFileSync(`test/oracle/telnet/fixtures/${product}.json`, `${plain}\n`)
process.exit(0)
