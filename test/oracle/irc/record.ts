/** Records what Debian 12's ngIRCd says (package ngircd): `sh bin/skep-node test/oracle/irc/record.ts`. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { testPersona } from '#services/testing/persona.ts'
import { recordDialogues } from '../kit/record.ts'
import { dialogues, secret } from './script.ts'

const PORT = 26_667
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'irc-oracle-'))
fs.chmodSync(home, 0o755)
const file = (name: string, password: string): string => {
  const at = path.join(home, name)
  // Debian's own settings, its message of the day, and no delays.
  fs.writeFileSync(
    at,
    `[Global]
	Name = ${testPersona.fqdn}
	AdminInfo1 = Debian User
	AdminInfo2 = Debian City
	AdminEMail = irc@irc.example.com
	Info = Yet another IRC Server running on Debian GNU/Linux
	MotdFile = /etc/ngircd/ngircd.motd
	Listen = 127.0.0.1
	Ports = ${PORT}
	ServerUID = nobody
	ServerGID = nogroup
	${password === '' ? '' : `Password = ${password}`}
[Limits]
	ConnectRetry = 60
	MaxConnections = 500
	MaxConnectionsIP = 10
	MaxJoins = 10
	MaxPenaltyTime = 0
	PingTimeout = 120
	PongTimeout = 20
[Options]
	OperCanUseMode = yes
	PAM = no
	DNS = no
	Ident = no
[Operator]
	Name = admin
	Password = hayase
`,
    { mode: 0o644 },
  )
  return at
}
const [open, closed] = [file('open', ''), file('closed', 's3cr3t')]
await recordDialogues(
  { ...dialogues, ...secret },
  PORT,
  name => ({ command: '/usr/sbin/ngircd', args: ['-n', '-f', name in secret ? closed : open] }),
  new URL('fixtures/debian-12.json', import.meta.url),
  80,
)
fs.rmSync(home, { recursive: true })
