/**
 * Records what Debian 12's Squid and Tinyproxy answer (packages squid and tinyproxy-bin), which fetch from a server of the
 * recorder's own that says what the pretended internet does. As root, in name spaces of its own, which nothing can leave:
 *   unshare -m -n sh bin/skep-node test/oracle/proxy/record.ts
 */
import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import dgram from 'node:dgram'
import { once } from 'node:events'
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { originOf } from '#machine/internet/origin.ts'
import { internetOf } from '#machine/internet/outside.ts'
import { testPersona } from '#services/testing/persona.ts'
import { converse, type Recorded, type Script } from '../kit/dialogue.ts'
import { HOST, makeOutside, OWN, PORT } from '../kit/outside.ts'
import { connect } from '../kit/record.ts'
import { basicOnly, digestToo, open, PASSWORD, safe, USER } from './script.ts'

const OURS = 3128
const TINY = 8888
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'proxy-oracle-'))
fs.chmodSync(home, 0o755)
const file = (name: string, text: string): string => {
  const at = path.join(home, name)
  fs.writeFileSync(at, text, { mode: 0o644 })
  return at
}
makeOutside(home)

// Knows no name.
const dns = dgram.createSocket('udp4', (asked, from) => {
  const answer = Buffer.from(asked)
  answer.writeUInt16BE(0x8183, 2)
  dns.send(answer, from.port, from.address)
})
dns.bind(53, '127.0.0.1')

const web = http.createServer((request, response) => {
  const [host = ''] = (request.headers.host ?? '').split(':')
  const pairs = request.rawHeaders.flatMap((name, i, all) => (i % 2 === 0 ? [[name, all[i + 1]!] as const] : []))
  const asked = { method: request.method!, host, port: PORT, path: request.url!, headers: pairs, from: OWN }
  const { status, reason, headers, body } = originOf(internetOf(testPersona), asked, Date.now())
  response.sendDate = false
  response.writeHead(status, reason, [...headers, ['Connection', 'keep-alive']].flat())
  response.end(request.method === 'HEAD' ? '' : body)
})
web.listen(PORT, HOST)

const hash = (text: string) => createHash('md5').update(text).digest('hex')
const basicFile = file('basic', `${USER}:${PASSWORD}\n`)
const digestFile = file('digest', `${USER}:proxy:${hash(`${USER}:proxy:${PASSWORD}`)}\n`)
const helper = file(
  'helper',
  '#!/bin/sh\nwhile read -r line; do [ "$line" = "$(tr : " " < "$1")" ] && echo OK || echo ERR; done\n',
)
fs.chmodSync(helper, 0o755)
const base = `
http_port ${OURS}
visible_hostname ${testPersona.fqdn}
dns_nameservers 127.0.0.1
tcp_outgoing_address ${OWN}
pid_filename none
access_log none
cache_log /dev/null
cache_store_log none
coredump_dir ${home}
shutdown_lifetime 0 seconds
netdb_filename none
acl SSL_ports port 443
acl Safe_ports port 80 21 443 70 210 1025-65535 280 488 591 777
`
const rules = 'http_access deny !Safe_ports\nhttp_access deny CONNECT !SSL_ports\n'
const scheme = (name: string, program: string) =>
  `auth_param ${name} program ${program}\nauth_param ${name} realm proxy\n`
const named = 'acl named proxy_auth REQUIRED\nhttp_access allow named\nhttp_access deny all\n'

type Daemon = { command: string; args: (file: string) => string[]; port: number }
const squid: Daemon = { command: '/usr/sbin/squid', args: at => ['-N', '-f', at], port: OURS }
const tinyproxy: Daemon = { command: '/usr/bin/tinyproxy', args: at => ['-d', '-c', at], port: TINY }

async function record(
  recorded: Recorded,
  script: Script,
  { command, args, port }: Daemon,
  configuration: string,
): Promise<void> {
  const server = spawn(command, args(file('conf', configuration)), { stdio: 'ignore' })
  const gone = once(server, 'exit')
  ;(await connect(port, server)).destroy()
  for (const [name, steps] of Object.entries(script))
    recorded[name] = await converse(await connect(port, server), steps, () => sleep(150))
  server.kill('SIGKILL')
  await gone
}
function write(recorded: Recorded, folder: string): void {
  const at = new URL(`../${folder}/fixtures/`, import.meta.url)
  fs.mkdirSync(at, { recursive: true })
  fs.writeFileSync(new URL('debian-12.json', at), `${JSON.stringify(recorded, undefined, 1)}\n`)
  console.log(`${Object.keys(recorded).length} dialogues, ${Object.values(recorded).flat().length} exchanges`)
}

const theirs: Recorded = {}
await record(theirs, open, squid, `${base}http_access deny manager\nhttp_access allow all\n`)
await record(theirs, safe, squid, `${base}${rules}http_access allow all\n`)
await record(theirs, basicOnly, squid, base + scheme('basic', `${helper} ${basicFile}`) + named)
await record(
  theirs,
  digestToo,
  squid,
  base + scheme('digest', `/usr/lib/squid/digest_file_auth -c ${digestFile}`) + named,
)
write(theirs, 'proxy')

const tiny = `User nobody
Group nogroup
Port ${TINY}
Listen 127.0.0.1
Bind ${OWN}
Timeout 600
DefaultErrorFile "/usr/share/tinyproxy/default.html"
StatFile "/usr/share/tinyproxy/stats.html"
LogLevel Critical
MaxClients 100
ViaProxyName "tinyproxy"
`
const small: Recorded = {}
await record(small, open, tinyproxy, tiny)
await record(small, basicOnly, tinyproxy, `${tiny}BasicAuth ${USER} ${PASSWORD}\n`)
write(small, 'proxy-tinyproxy')
fs.rmSync(home, { recursive: true })
process.exit()
