/**
 * Records what Debian 12's Postfix says (packages postfix and libsasl2-modules, in a Debian tree of their own under
 * ORACLE_ROOT). Needs root; nothing can leave the network name space:
 *   ORACLE_ROOT=… unshare -n sh -c 'ip link set lo up; exec sh bin/skep-node test/oracle/smtp-postfix/record.ts'
 */

import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { recordRunning } from './running.ts'
import { DOMAIN, dialogues, HOST, PASSWORD, USER } from './script.ts'
import { abuse } from './script-abuse.ts'
import { mechanisms, openRelay, submission } from './script-auth.ts'

const root = process.env.ORACLE_ROOT ?? ''
const PORT = 12_525
const put = (file: string, text: string) => fs.writeFileSync(path.join(root, file), text)

/** Debian's main.cf for an "Internet Site", with what its SASL guide adds; mail goes nowhere. */
const mainCf = `
smtpd_banner = $myhostname ESMTP $mail_name (Debian/GNU)
biff = no
append_dot_mydomain = no
readme_directory = no
compatibility_level = 3.6
smtpd_tls_cert_file=/etc/ssl/certs/ssl-cert-snakeoil.pem
smtpd_tls_key_file=/etc/ssl/private/ssl-cert-snakeoil.key
smtpd_tls_security_level=may
smtpd_relay_restrictions = permit_mynetworks permit_sasl_authenticated defer_unauth_destination
myhostname = ${HOST}
alias_maps = hash:/etc/aliases
alias_database = hash:/etc/aliases
mydestination = $myhostname, ${DOMAIN}, localhost.${DOMAIN}, localhost
mynetworks = 192.0.2.0/24
mailbox_size_limit = 0
recipient_delimiter = +
inet_interfaces = all
inet_protocols = ipv4
smtpd_sasl_auth_enable = yes
smtpd_sasl_path = smtpd
default_transport = discard
local_transport = discard
relay_transport = discard
`
const masterCf = `127.0.0.1:${PORT} inet n - n - - smtpd
127.0.0.1:${PORT + 1} inet n - n - - smtpd
  -o smtpd_sasl_path=all
127.0.0.1:${PORT + 2} inet n - n - - smtpd
  -o mynetworks=127.0.0.0/8
127.0.0.1:${PORT + 3} inet n - n - - smtpd
  -o smtpd_client_restrictions=permit_sasl_authenticated,reject
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
`
const sasl = (list: string) => `pwcheck_method: auxprop\nauxprop_plugin: sasldb\nmech_list: ${list}\n`
const setUp = `getent passwd ${USER} >/dev/null || useradd ${USER}; printf "postmaster: root\\n" > /etc/aliases; postalias /etc/aliases
  printf %s ${PASSWORD} | saslpasswd2 -p -c -u ${HOST} ${USER}; chmod 644 /etc/sasldb2; exec postfix start-fg`

put('etc/postfix/master.cf', masterCf)
fs.mkdirSync(path.join(root, 'etc/postfix/sasl'), { recursive: true })
put('etc/postfix/main.cf', mainCf)
put('etc/postfix/sasl/smtpd.conf', sasl('PLAIN LOGIN'))
put('etc/postfix/sasl/all.conf', sasl('PLAIN LOGIN CRAM-MD5 NTLM'))
fs.rmSync(path.join(root, 'var/spool/postfix/pid/master.pid'), { force: true })
const daemon = spawn('chroot', [root, 'sh', '-c', setUp], { stdio: 'inherit' })
const gone = once(daemon, 'exit')
try {
  await sleep(4000)
  const portOf = (dialogue: string) =>
    PORT + (dialogue in mechanisms ? 1 : dialogue in openRelay ? 2 : dialogue in submission ? 3 : 0)
  await recordRunning(
    { ...dialogues, ...abuse, ...mechanisms, ...openRelay, ...submission },
    portOf,
    new URL('./fixtures/debian-12.json', import.meta.url),
  )
} finally {
  execFileSync('chroot', [root, 'postfix', 'stop'])
  await gone
}
