/**
 * Records what Debian 12's Dovecot says over POP3 and IMAP (packages dovecot-pop3d and dovecot-imapd, in a Debian tree of
 * their own under ORACLE_ROOT), with the mailbox that an attacker finds here. Needs root:
 *   ORACLE_ROOT=… unshare -n sh -c 'ip link set lo up; exec sh bin/skep-node test/oracle/imap/record.ts'
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { mailboxOf } from '#mailbox/mailbox.ts'
import { testPersona } from '#services/testing/persona.ts'
import { TALK_TIME } from '#services/testing/play.ts'
import * as pop3 from '../pop3/script.ts'
import { recordRunning } from '../smtp-postfix/running.ts'
import * as imap from './script.ts'
import { extensions } from './script-extensions.ts'

const root = process.env.ORACLE_ROOT ?? ''
const { USER, PASSWORD } = pop3
const PORT = 12_545
const inRoot = (file: string) => path.join(root, file)

/** Debian's configuration, with what careless guides add; failures take no time, and earlier ones no longer. */
const configuration = (mechanisms: string, ports: number, name: string) => `
protocols = imap pop3
listen = 127.0.0.1
base_dir = /run/dovecot-${name}
state_dir = /var/lib/dovecot-${name}
log_path = /var/log/dovecot-${name}
ssl = yes
ssl_cert = </etc/ssl/certs/ssl-cert-snakeoil.pem
ssl_key = </etc/ssl/private/ssl-cert-snakeoil.key
disable_plaintext_auth = no
auth_mechanisms = ${mechanisms}
auth_failure_delay = 0
mail_location = maildir:/srv/oracle-mail
passdb {
  driver = static
  args = user=${USER} password={PLAIN}${PASSWORD}
}
passdb {
  driver = passwd-file
  args = scheme=PLAIN /etc/dovecot-oracle.users
}
userdb {
  driver = static
  args = uid=mail gid=mail home=/srv/oracle-mail
}
namespace inbox {
  inbox = yes
  mailbox Drafts {
    special_use = \\Drafts
  }
  mailbox Junk {
    special_use = \\Junk
  }
  mailbox Trash {
    special_use = \\Trash
  }
  mailbox Sent {
    special_use = \\Sent
  }
  mailbox "Sent Messages" {
    special_use = \\Sent
  }
}
first_valid_uid = 1
default_idle_kill = 1 hours
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
service imap-login {
  inet_listener imap {
    port = ${ports}
  }
  inet_listener imaps {
    port = 0
  }
}
service pop3-login {
  inet_listener pop3 {
    port = ${ports + 1}
  }
  inet_listener pop3s {
    port = 0
  }
}
`

/** The mailbox as a Maildir with the numbers that it has here. */
function plant(): void {
  const home = inRoot('srv/oracle-mail')
  fs.rmSync(home, { recursive: true, force: true })
  const visit = { persona: testPersona, now: () => TALK_TIME, attacker: <T>(make: () => T) => make() }
  for (const folder of mailboxOf(visit, USER).folders.values()) {
    const place = folder.name === 'INBOX' ? home : path.join(home, `.${folder.name}`)
    for (const part of ['cur', 'new', 'tmp']) fs.mkdirSync(path.join(place, part), { recursive: true })
    const list = [
      `3 V${folder.uidValidity} N${folder.uidNext} G${testPersona.derive(`guid ${folder.name}`, 16).toString('hex')}`,
    ]
    for (const { uid, at, raw, flags } of folder.messages) {
      const name = `${Math.floor(at / 1000)}.M${uid}P1.relay3,S=${raw.length},W=${raw.length}`
      const file = path.join(place, 'cur', `${name}:2,${flags.has('\\Seen') ? 'S' : ''}`)
      fs.writeFileSync(file, raw)
      fs.utimesSync(file, at / 1000, at / 1000)
      list.push(`${uid} :${name}`)
    }
    fs.writeFileSync(path.join(place, 'dovecot-uidlist'), `${list.join('\n')}\n`)
  }
  fs.writeFileSync(path.join(home, 'subscriptions'), 'Drafts\nSent\nTrash\n')
  execFileSync('chroot', [root, 'chown', '-R', 'mail:mail', '/srv/oracle-mail'])
}

fs.writeFileSync(inRoot('etc/dovecot-oracle.users'), '')
const daemons = ['plain', 'all'].map((name, i) => {
  const mechanisms = name === 'plain' ? 'plain login' : 'plain login apop cram-md5 scram-sha-256'
  const file = `etc/dovecot-${name}.conf`
  fs.writeFileSync(inRoot(file), configuration(mechanisms, PORT + i * 10, name))
  const env = { ...process.env, TZ: testPersona.timezone.name }
  return spawn('chroot', [root, 'dovecot', '-F', '-c', `/${file}`], { stdio: 'inherit', env })
})
try {
  await sleep(2000)
  for (const [index, name, script] of [
    [1, 'pop3', pop3],
    [0, 'imap', { ...imap, dialogues: { ...imap.dialogues, ...extensions } }],
  ] as const)
    await recordRunning(
      { ...script.dialogues, ...script.challenges },
      dialogue => PORT + index + (dialogue in script.challenges ? 10 : 0),
      new URL(`../${name}/fixtures/debian-12.json`, import.meta.url),
      { quiet: 200, atOnce: 1, before: plant },
    )
} finally {
  for (const daemon of daemons) {
    daemon.kill()
    if (daemon.exitCode === null) await once(daemon, 'exit')
  }
}
