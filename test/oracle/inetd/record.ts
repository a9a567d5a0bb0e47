/** Records xinetd's built-in services: `sh bin/skep-node test/oracle/inetd/record.ts`. Needs root. */
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { recordDatagrams } from '../kit/datagrams.ts'
import type { Recorded, Script } from '../kit/dialogue.ts'
import { recordDialogues } from '../kit/record.ts'
import { datagrams, names, streams } from './script.ts'

const home = fs.mkdtempSync(path.join(os.tmpdir(), 'inetd-oracle-'))
const base = 21_000
const entry = (name: string, port: number, kind: 'stream' | 'dgram') => `service ${name}
{
 type = INTERNAL UNLISTED
 id = ${name}-${kind}
 socket_type = ${kind}
 protocol = ${kind === 'stream' ? 'tcp' : 'udp'}
 bind = 127.0.0.1
 port = ${base + port}
 user = root
 wait = ${kind === 'stream' ? 'no' : 'yes'}
}
`
const file = path.join(home, 'xinetd.conf')
fs.writeFileSync(
  file,
  [...names].map(([port, name]) => entry(name, port, 'stream') + entry(name, port, 'dgram')).join(''),
)
const daemon = () => ({
  command: '/usr/sbin/xinetd',
  args: ['-dontfork', '-f', file],
  env: { ...process.env, TZ: 'UTC' },
})
const fixture = (name: string) => new URL(`fixtures/${name}.json`, import.meta.url)
const part = (name: string) => new URL(`file://${home}/${name}.json`)
const kept = (name: string) => JSON.parse(fs.readFileSync(part(name), 'utf8')) as Recorded

/** Each service by itself, under its own name in front of the dialogue's. */
async function record(kind: 'tcp' | 'udp', scripts: Record<string, Script>): Promise<void> {
  const all: Recorded = {}
  for (const [port, name] of names) {
    const script = scripts[name]
    if (!script) continue
    if (kind === 'tcp') await recordDialogues(script, base + port, daemon, part(name), 120)
    else await recordDatagrams(script, base + port, daemon, part(name), { start: 600 })
    for (const [dialogue, exchanges] of Object.entries(kept(name))) all[`${name}: ${dialogue}`] = exchanges
  }
  fs.mkdirSync(new URL('.', fixture(kind)), { recursive: true })
  fs.writeFileSync(fixture(kind), `${JSON.stringify(all, undefined, 1)}\n`)
}
await record('udp', datagrams)
await record('tcp', streams)
fs.renameSync(fixture('udp'), fixture('debian-12'))
fs.renameSync(fixture('tcp'), fixture('debian-12-tcp'))
fs.rmSync(home, { recursive: true })
