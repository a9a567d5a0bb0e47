/**
 * Records Debian's miniupnpd: `MINIUPNPD=… unshare -n sh bin/skep-node test/oracle/ssdp/record.ts`, as root, in a network of
 * its own, where nobody else is: the daemon takes only a public address for its outer side.
 */
import { execFileSync, spawn } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { converse, type Recorded } from '../kit/dialogue.ts'
import { requests, searches } from './script.ts'

const inner = '192.0.2.1'
const outer = [9, 9, 9, 10].join('.')
const home = fs.mkdtempSync(path.join(os.tmpdir(), 'ssdp-oracle-'))
execFileSync('sh', [
  '-ec',
  `ip link set lo up
  ip link add out0 type veth peer name out1; ip addr add ${outer}/24 dev out0; ip link set out0 up; ip link set out1 up
  ip link add in0 type veth peer name in1; ip addr add ${inner}/24 dev in0; ip link set in0 up; ip link set in1 up
  nft add table inet filter
  nft add chain inet filter miniupnpd
  nft add chain inet filter prerouting_miniupnpd
  nft add chain inet filter postrouting_miniupnpd`,
])
fs.writeFileSync(
  path.join(home, 'conf'),
  `ext_ifname=out0
ext_ip=${outer}
listening_ip=in0
http_port=5000
enable_natpmp=no
enable_upnp=yes
secure_mode=no
system_uptime=yes
uuid=3d3cec3a-8cf0-11e0-98ee-001a6bd2d07b
serial=12345678
model_number=1
allow 1024-65535 0.0.0.0/0 0-65535
deny 0-65535 0.0.0.0/0 0-65535
`,
)
const daemon = spawn(process.env.MINIUPNPD ?? '/usr/sbin/miniupnpd', ['-d', '-f', path.join(home, 'conf')], {
  stdio: ['ignore', 'inherit', 'inherit'],
})
await sleep(2500)
/** No address of somebody's stays in the record. */
const kept = (heard: string) => heard.replaceAll(outer, '203.0.113.80')

const web: Recorded = {}
for (const [name, steps] of Object.entries(requests)) {
  const socket = net.connect(5000, inner)
  await once(socket, 'connect')
  const exchanges = await converse(socket, steps, () => sleep(80))
  web[name] = exchanges.map(exchange => ({ ...exchange, heard: kept(exchange.heard) }))
}
const heard: Recorded = {}
for (const [name, [sent = '']] of Object.entries(searches)) {
  const socket = dgram.createSocket('udp4')
  socket.bind(0, inner)
  await once(socket, 'listening')
  socket.send(Buffer.from(sent, 'latin1'), 1900, inner)
  const patience = AbortSignal.timeout(2500)
  const [answer] = (await once(socket, 'message', { signal: patience }).catch(() => [Buffer.alloc(0)])) as [Buffer]
  heard[name] = [{ sent, heard: kept(answer.toString('latin1')) }]
  socket.close()
}
daemon.kill()
await once(daemon, 'exit')
fs.rmSync(home, { recursive: true })
const fixtures = new URL('fixtures/', import.meta.url)
fs.mkdirSync(fixtures, { recursive: true })
fs.writeFileSync(new URL('debian-12.json', fixtures), `${JSON.stringify(heard, undefined, 1)}\n`)
fs.writeFileSync(new URL('debian-12-http.json', fixtures), `${JSON.stringify(web, undefined, 1)}\n`)
