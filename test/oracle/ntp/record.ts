/**
 * Records what the real ntpd answers. Needs root and the files of Debian's ntpsec unpacked under `ORACLE_ROOT`; in a
 * network of its own, and without the right to set the clock:
 *   ORACLE_ROOT=… unshare -n setpriv --bounding-set=-sys_time sh bin/skep-node test/oracle/ntp/record.ts
 */
import { execFileSync, spawn } from 'node:child_process'
import dgram from 'node:dgram'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { burst, datagrams, filledBurst, mixedBurst } from './datagrams.ts'

const daemonAddress = '198.51.100.2'
const upstreamAddress = '198.51.100.1'

/** A server of stratum 2 for the daemon to follow; in a network of its own, since the daemon takes port 123 of all addresses. */
async function serveTime() {
  const socket = dgram.createSocket('udp4')
  socket.on('message', (question, from) => {
    const answer = Buffer.alloc(48)
    answer[0] = 0x24
    answer[1] = 2
    answer[2] = question[2]!
    answer.writeInt8(-23, 3)
    answer.writeUInt32BE(0x0120, 4)
    answer.writeUInt32BE(0x0340, 8)
    Buffer.of(192, 0, 2, 1).copy(answer, 12)
    question.copy(answer, 24, 40, 48)
    const now = ((BigInt(Date.now()) + 2_208_988_800_000n) << 32n) / 1000n
    answer.writeBigUInt64BE(now - (20n << 32n), 16)
    answer.writeBigUInt64BE(now, 32)
    answer.writeBigUInt64BE(now, 40)
    socket.send(answer, from.port, from.address)
  })
  socket.bind(123)
  await once(process, 'SIGTERM')
  process.exit(0)
}
if (process.argv[2] === 'upstream') await serveTime()

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'ntp-oracle-'))
const run = (line: string) => execFileSync('sh', ['-ec', line])
const sources = Array.from({ length: 150 }, (_, i) => `198.51.100.${i + 10}`)
const upstream = spawn('unshare', ['-n', process.execPath, import.meta.filename, 'upstream'], { stdio: 'inherit' })
await new Promise(resolve => setTimeout(resolve, 1000))
const inside = `nsenter -t ${upstream.pid} -n ip`
run(`ip link set lo up; ip link add near type veth peer name far netns ${upstream.pid}
  ip addr add ${daemonAddress}/24 dev near; ip link set near up
  ${inside} addr add ${upstreamAddress}/24 dev far; ${inside} link set far up
  for a in ${sources.join(' ')}; do ip addr add $a/32 dev lo; done`)

// Debian's /etc/ntpsec/ntp.conf but for the server.
fs.writeFileSync(
  `${work}/ntp.conf`,
  `driftfile ${work}/drift
tos maxclock 11
tos minclock 1 minsane 1
server ${upstreamAddress} iburst
restrict default kod nomodify nopeer noquery limited
restrict 127.0.0.1
restrict ::1
`,
)
const daemon = spawn(`${process.env.ORACLE_ROOT}/usr/sbin/ntpd`, ['-n', '-c', `${work}/ntp.conf`], {
  stdio: ['ignore', 'pipe', 'pipe'],
})
for (const stream of [daemon.stdout, daemon.stderr]) stream.on('data', line => process.stderr.write(line))

async function ask(source: string, packets: Buffer[]): Promise<(string | null)[]> {
  const socket = dgram.createSocket('udp4')
  socket.bind(40_123, source)
  await once(socket, 'listening')
  const answers: (string | null)[] = []
  for (const packet of packets) {
    socket.send(packet, 123, daemonAddress)
    const patience = AbortSignal.timeout(300)
    const heard = await once(socket, 'message', { signal: patience }).catch(() => null)
    answers.push(heard && (heard[0] as Buffer).toString('hex'))
  }
  socket.close()
  return answers
}

const until = Date.now() + 120_000
for (let i = 0; ; i++) {
  await new Promise(resolve => setTimeout(resolve, 3000))
  const [answer] = await ask(sources[i % 20]!, [datagrams['client, version 4']!])
  process.stderr.write(`${answer}\n`)
  if (answer?.startsWith('2403')) break
  if (Date.now() > until) break
}
let next = 20
const recorded: Record<string, { sent: string; answer: string | null }> = {}
for (const [name, sent] of Object.entries(datagrams))
  recorded[name] = { sent: sent.toString('hex'), answer: (await ask(sources[next++]!, [sent]))[0]! }
const bursts = {
  client: await ask(sources[next++]!, burst),
  filled: await ask(sources[next++]!, filledBurst),
  mixed: await ask(sources[next++]!, mixedBurst),
}
daemon.kill()
upstream.kill()
fs.rmSync(work, { recursive: true, force: true })
const fixtures = path.join(import.meta.dirname, 'fixtures')
fs.mkdirSync(fixtures, { recursive: true })
const file = path.join(fixtures, 'ntpsec-1.2.2-debian12.json')
fs.writeFileSync(file, `${JSON.stringify({ datagrams: recorded, bursts }, null, 1)}\n`)
