/** Records what Debian 12's Prosody says (package prosody): `sh bin/skep-node test/oracle/xmpp/record.ts`. */
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { recordDialogues } from '../kit/record.ts'
import { clients, encrypted, HOST, PASSWORD, servers, USER } from './script.ts'

const PORT = 25_222
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'xmpp-oracle-'))
fs.chmodSync(home, 0o755)
const file = (name: string) => path.join(home, name)
execFileSync(
  'openssl',
  `req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=${HOST} -keyout ${file('key.pem')} -out ${file('cert.pem')}`.split(
    ' ',
  ),
  { stdio: 'ignore' },
)
/** Prosody's name of a directory. */
const store = file(`data/${HOST.replace(/[^a-z0-9]/g, c => `%${c.charCodeAt(0).toString(16)}`)}/accounts`)
const renew = () => {
  fs.rmSync(file('data'), { recursive: true, force: true })
  fs.mkdirSync(store, { recursive: true })
  fs.writeFileSync(path.join(store, `${USER}.dat`), `return { ["password"] = "${PASSWORD}" };\n`)
}
// The modules of Debian's configuration but for the limits of speed and the shell's socket.
const config = (name: string) => `
run_as_root = true
pidfile = "${file('pid')}"
data_path = "${file('data')}"
plugin_paths = {}
interfaces = { "127.0.0.1" }
c2s_ports = { ${name in servers ? '' : PORT} }
s2s_ports = { ${name in servers ? PORT : ''} }
modules_enabled = { "disco"; "roster"; "saslauth"; "tls"; "blocklist"; "bookmarks"; "carbons"; "dialback"; "pep"; "private"; "smacks";
  "vcard4"; "vcard_legacy"; "csi_simple"; "invites"; "invites_adhoc"; "invites_register"; "ping"; "register"; "time"; "uptime"; "version";
  "admin_adhoc" }
s2s_secure_auth = true
authentication = "internal_hashed"
${name in encrypted ? '' : 'c2s_require_encryption = false\nallow_unencrypted_plain_auth = true'}
log = { { to = "file"; filename = "${file('log')}"; levels = { "debug" } } }
VirtualHost "${HOST}"
  ssl = { key = "${file('key.pem')}"; certificate = "${file('cert.pem')}" }
VirtualHost "localhost"
  ssl = { key = "${file('key.pem')}"; certificate = "${file('cert.pem')}" }
`
await recordDialogues(
  { ...clients, ...encrypted, ...servers },
  PORT,
  name => {
    renew()
    fs.writeFileSync(file('prosody.cfg.lua'), config(name))
    return { command: '/usr/bin/prosody', args: ['-F', '--config', file('prosody.cfg.lua')] }
  },
  new URL('fixtures/debian-12.json', import.meta.url),
  150,
)
fs.rmSync(home, { recursive: true })
