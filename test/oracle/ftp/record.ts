/**
 * Records what the real daemons say. Needs root, and the daemons' files unpacked under `ORACLE_ROOT` (Debian packages
 * vsftpd, proftpd-core, proftpd-mod-crypto and the libraries they name). Run it in name spaces of its own:
 *   ORACLE_ROOT=… unshare -mn sh bin/skep-node test/oracle/ftp/record.ts vsftpd|proftpd
 * Mounts, accounts and addresses that it makes vanish with the name spaces.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import * as fs from 'node:fs'
import * as net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Dir, isDir } from '../../../src/services/ftp/tree.ts'
import { anonymousTree, FTP_GID, FTP_UID, homeTree, weakAccounts } from '../../../src/services/ftp/world.ts'
import { configuration } from './configuration.ts'
import { converse, type Step, secure } from './dialogue.ts'
import { oraclePersona } from './persona.ts'
import {
  account,
  anonymous,
  early,
  guessing,
  listings,
  odd,
  rare,
  secured,
  tooLong,
  uninvited,
  web,
  webLater,
} from './script.ts'

const product = process.argv[2] === 'proftpd' ? 'proftpd' : 'vsftpd'
const root = process.env.ORACLE_ROOT ?? ''
const work = fs.mkdtempSync('/var/tmp/ftp-oracle-')
const sh = (line: string) => execFileSync('sh', ['-ec', line], { stdio: ['ignore', 'pipe', 'inherit'] }).toString()
const now = Math.floor(Date.now() / 1000) * 1000
const persona = oraclePersona(product === 'vsftpd' ? 'vsFTPd' : 'ProFTPD')
const who = weakAccounts(persona)[0]!
const welcome =
  product === 'proftpd' ? fs.readFileSync(`${root}/usr/share/proftpd/templates/welcome.msg`, 'latin1') : undefined

function materialize(path: string, dir: Dir) {
  fs.mkdirSync(path, { recursive: true })
  for (const [name, entry] of dir.entries) {
    if (isDir(entry)) materialize(`${path}/${name}`, entry)
    else fs.writeFileSync(`${path}/${name}`, entry.bytes ?? '')
    finish(`${path}/${name}`, entry)
  }
  finish(path, dir)
}
function finish(path: string, stat: { mode: number; uid: number; gid: number; mtime: number }) {
  fs.chownSync(path, stat.uid, stat.gid)
  fs.chmodSync(path, stat.mode)
  fs.utimesSync(path, stat.mtime / 1000, stat.mtime / 1000)
}

function prepare() {
  sh(`ip link set lo up; mount -t tmpfs t /run; mkdir -p /run/vsftpd/empty /run/proftpd ${work}/etc ${work}/home ${work}/srv
    mount --bind ${work}/home /home; mount --bind ${work}/srv /srv; mount --bind ${work}/etc /mnt`)
  const keep = (file: string) =>
    fs
      .readFileSync(file, 'utf8')
      .split('\n')
      .filter(line => line !== '' && !/^(ftp|proftpd):/.test(line))
  const files = {
    passwd: [
      ...keep('/etc/passwd'),
      `ftp:x:${FTP_UID}:${FTP_GID}:ftp daemon,,,:/srv/ftp:/usr/sbin/nologin`,
      'proftpd:x:119:65534::/run/proftpd:/usr/sbin/nologin',
      `${who.name}:x:${who.uid}:${who.uid}::/home/${who.name}:/bin/bash`,
    ],
    group: [...keep('/etc/group'), `ftp:x:${FTP_GID}:`, `${who.name}:x:${who.uid}:`],
    shadow: [
      ...keep('/etc/shadow'),
      `ftp:*:19000:0:99999:7:::`,
      `${who.name}:${sh(`openssl passwd -6 '${who.password}'`).trim()}:19000:0:99999:7:::`,
    ],
  }
  for (const [name, content] of Object.entries(files)) {
    fs.writeFileSync(`${work}/etc/${name}`, `${content.join('\n')}\n`, { mode: 0o644 })
    sh(`mount --bind ${work}/etc/${name} /etc/${name}`)
  }
  fs.cpSync('/etc/pam.d', `${work}/pam.d`, { recursive: true })
  for (const name of ['vsftpd', 'proftpd']) fs.copyFileSync(`${root}/etc/pam.d/${name}`, `${work}/pam.d/${name}`)
  sh(`mount --bind ${work}/pam.d /etc/pam.d`)
  sh(
    `openssl req -x509 -newkey rsa:2048 -nodes -keyout ${work}/key.pem -out ${work}/cert.pem -days 3650 -subj /CN=files 2>/dev/null`,
  )
}
function plant() {
  sh('rm -rf /srv/* /home/*')
  materialize('/srv/ftp', anonymousTree(persona, now, welcome).root)
  materialize(`/home/${who.name}`, homeTree(persona, who, now).root)
}

async function record(steps: readonly Step[]) {
  plant()
  const dial = async (port: number) => {
    const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
    await once(socket, 'connect')
    socket.on('error', () => {})
    return socket
  }
  return await converse({ control: await dial(21), data: dial, secure }, steps)
}

prepare()
fs.writeFileSync(`${work}/daemon.conf`, configuration(product, { work, root }), { mode: 0o644 })
const daemon = spawn(
  `${root}/usr/sbin/${product}`,
  product === 'vsftpd' ? [`${work}/daemon.conf`] : ['-n', '-c', `${work}/daemon.conf`],
  {
    stdio: ['ignore', 'inherit', process.env.ORACLE_VERBOSE ? 'inherit' : 'ignore'],
    env: { ...process.env, LD_LIBRARY_PATH: `${root}/usr/lib/x86_64-linux-gnu:${root}/lib/x86_64-linux-gnu` },
  },
)
await sleep(1500)
const folder = [...homeTree(persona, who, now).root.entries].find(([, entry]) => isDir(entry))![0]
let dialogues: object
try {
  dialogues = {
    uninvited: await record(uninvited),
    web: await record(web),
    webLater: await record(webLater),
    odd: await record(odd),
    rare: await record(rare),
    ...(product === 'vsftpd' ? { tooLong: await record(tooLong) } : {}),
    early: await record(early),
    listings: await record(listings),
    anonymous: await record(anonymous),
    account: await record(account(who.name, who.password, folder)),
    secured: await record(secured(who.name, who.password)),
    guessing: await record(guessing),
  }
} finally {
  daemon.kill()
}
fs.rmSync(work, { recursive: true, force: true, maxRetries: 3 })
fs.mkdirSync('test/oracle/ftp/fixtures', { recursive: true })
fs.writeFileSync(`test/oracle/ftp/fixtures/${product}.json`, `${JSON.stringify({ now, folder, dialogues }, null, 1)}\n`)
