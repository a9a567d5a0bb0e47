/**
 * Records what Debian 12's OpenSMTPD says (package opensmtpd, in a Debian tree of its own under ORACLE_ROOT). Needs root;
 * nothing can leave the network name space:
 *   ORACLE_ROOT=… unshare -n sh -c 'ip link set lo up; ip addr add 198.51.100.23/32 dev lo; exec sh bin/skep-node test/oracle/smtp-opensmtpd/record.ts'
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { recordRunning } from '../smtp-postfix/running.ts'
import { DOMAIN, dialogues, HOST, PASSWORD, USER } from '../smtp-postfix/script.ts'

const root = process.env.ORACLE_ROOT ?? ''
const PORT = 12_565
const ADDRESS = '198.51.100.23'

const configuration = (secret: string) => `
pki mail cert "/etc/ssl/certs/ssl-cert-snakeoil.pem"
pki mail key "/etc/ssl/private/ssl-cert-snakeoil.key"
table aliases file:/etc/aliases
table secrets { ${USER} = "${secret}" }
listen on ${ADDRESS} port ${PORT} tls pki mail auth-optional <secrets> hostname ${HOST}
action "local" mbox alias <aliases>
action "relay" relay
match from any for domain "${DOMAIN}" action "local"
match from any for domain "${HOST}" action "local"
match from any for local action "local"
match auth from any for any action "relay"
`
const inRoot = (line: string) => execFileSync('chroot', [root, 'sh', '-c', line]).toString().trim()

inRoot(
  `getent passwd ${USER} >/dev/null || useradd -m ${USER}; echo 'postmaster: root' > /etc/aliases; rm -f /run/smtpd.sock`,
)
const secret = inRoot(`smtpctl encrypt ${PASSWORD}`)
fs.writeFileSync(path.join(root, 'etc/smtpd-oracle.conf'), configuration(secret), { mode: 0o600 })
const daemon = spawn('chroot', [root, 'smtpd', '-d', '-f', '/etc/smtpd-oracle.conf'], { stdio: 'inherit' })
try {
  await sleep(2500)
  const file = new URL('./fixtures/debian-12.json', import.meta.url)
  await recordRunning(dialogues, () => PORT, file, { host: ADDRESS })
} finally {
  daemon.kill()
  if (daemon.exitCode === null) await once(daemon, 'exit')
}
