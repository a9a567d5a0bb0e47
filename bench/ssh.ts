/**
 * SSH: CPU time of the server for a handshake and for three refused log-ins, and what a held connection weighs, beside
 * Debian's sshd in the same run where that is installed. Pauses take no time here, sshd takes its own; events are
 * durable before an answer leaves.
 */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { openJournal } from '#events/journal/writer.ts'
import { Attackers } from '#sensor/attackers.ts'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { run } from '#sensor/converse.ts'
import { tcpSide } from '#sensor/tcp.ts'
import ssh from '#services/ssh/index.ts'
import { encapsulate } from '#services/ssh/sntrup761.ts'
import { both, offer, passwordRequest, TestClient } from '#services/ssh/testing.ts'
import { testPersona } from '#services/testing/persona.ts'
import { ROUNDS } from './load.ts'
import { cpuMs, descendants, pss } from './process.ts'
import { figure, median, type Table } from './table.ts'

type Server = { name: string; port: number; cpuMs(): Promise<number>; pss(): number; stop(): void }

const own = offer({ ...both('chacha20-poly1305@openssh.com'), kex: ['curve25519-sha256'] })

export default async function measureSsh(): Promise<Table> {
  const rows: string[][] = []
  const servers = [[startOurs, 2000, 5000] as const, ...(hasSshd() ? [[startSshd, 60, 60] as const] : [])]
  for (const [start, operations, holding] of servers) {
    const fresh = await start()
    const bytes = await held(fresh, holding).finally(fresh.stop)
    const server = await start()
    try {
      await measure(server, Math.ceil(operations / 4), 20, refused)
      const handshakes = await measured(server, operations, 10, handshake)
      const refusals = await measured(server, operations, 50, refused)
      rows.push([server.name, figure(handshakes), figure(refusals), (bytes / 1024).toFixed(1), figure(holding)])
    } finally {
      server.stop()
    }
  }
  return {
    title: 'SSH',
    columns: ['', 'handshake, CPU ms', 'and three refusals, CPU ms', 'kB a held connection', 'held'],
    rows,
    notes: [
      'curve25519-sha256 with an Ed25519 host key and chacha20-poly1305; held connections have come as far as both KEXINITs.',
      `The hybrid with sntrup761, which recent clients prefer, adds ${hybrid().toFixed(2)} ms.`,
      ...(hasSshd() ? [] : ['sshd: not measured, needs root and openssh-server.']),
    ],
  }
}

async function measured(...what: Parameters<typeof measure>): Promise<number> {
  const rounds: number[] = []
  for (let round = 0; round < ROUNDS; round++) rounds.push(await measure(...what))
  return median(rounds)
}

/** CPU milliseconds an operation, `atOnce` of them at a time. */
async function measure(
  server: Server,
  count: number,
  atOnce: number,
  operation: (client: TestClient) => Promise<void>,
) {
  const before = await server.cpuMs()
  let left = count
  const worker = async () => {
    while (left-- > 0) {
      const client = connect(server.port)
      await operation(client)
      client.conn.hangup('done')
    }
  }
  await Promise.all(Array.from({ length: atOnce }, worker))
  // sshd's children are counted once they are gone.
  await sleep(500)
  return ((await server.cpuMs()) - before) / count
}

const connect = (port: number): TestClient =>
  new TestClient(new Conn(net.connect({ port, host: '127.0.0.1', noDelay: true }), defaultLimits))
const handshake = (client: TestClient) => client.handshake(own)
async function refused(client: TestClient) {
  await client.handshake(own)
  await client.requestService()
  for (const password of ['123456', 'password', 'admin']) {
    await client.send(passwordRequest('root', password))
    await client.receive()
  }
}

async function held(server: Server, count: number): Promise<number> {
  await measure(server, 50, 10, handshake)
  const before = server.pss()
  const clients: TestClient[] = []
  for (let i = 0; i < count; i++) {
    const client = connect(server.port)
    clients.push(client)
    await client.identify()
    await client.receive()
  }
  await server.cpuMs()
  const bytes = (server.pss() - before) / count
  for (const client of clients) client.conn.hangup('done')
  return bytes
}

async function startOurs(): Promise<Server> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-bench-'))
  const child = fork(import.meta.filename, ['serve', directory], { execArgv: ['--expose-gc'] })
  const answer = () => new Promise<number>(resolve => child.once('message', value => resolve(value as number)))
  const port = await answer()
  return {
    name: 'skep',
    port,
    cpuMs: () => {
      child.send('cpu')
      return answer()
    },
    pss: () => pss(child.pid!),
    stop() {
      child.kill()
      fs.rmSync(directory, { recursive: true })
    },
  }
}

/** In the child: the service as the sensor runs it, with its journal. */
async function serve(directory: string) {
  process.chdir(directory)
  const journal = openJournal({ directory: 'journal', writer: 'tcp', sensor: 'bench' } as never)
  const world = {
    persona: testPersona,
    recording: { sensor: 'bench', sink: journal.append, now: Date.now },
    attackers: new Attackers(),
    sample: () => {
      throw new Error('No samples here')
    },
    terminal: () => {
      throw new Error('No terminals here')
    },
    random: randomBytes,
  }
  const hasty: typeof ssh = {
    ...ssh,
    session: (conn, cx) => ssh.session!(conn, { ...cx, pause: async () => undefined }),
  }
  const side = tcpSide(world, {
    gate: () => journal.durable(),
    admission: { connections: 20_000, perSource: 20_000 },
    limits: {},
    proxies: [],
  })
  const port = 22_941
  await side.bind(run(hasty, { keyboardInteractive: false }, testPersona), ssh.listen[0]!, '127.0.0.1', port)
  process.on('message', () => {
    gc?.()
    const { user, system } = process.cpuUsage()
    process.send!((user + system) / 1000)
  })
  process.send!(port)
}

const hasSshd = () => fs.existsSync('/usr/sbin/sshd') && process.getuid?.() === 0

async function startSshd(): Promise<Server> {
  const home = fs.mkdtempSync(path.join(os.tmpdir(), 'sshd-'))
  const port = 22_942
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', path.join(home, 'key')])
  const lines = [`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${home}/key`, 'UsePAM yes', 'MaxStartups 2000']
  fs.writeFileSync(path.join(home, 'config'), [...lines, `PidFile ${home}/pid`].join('\n'))
  fs.mkdirSync('/run/sshd', { recursive: true })
  const sshd: ChildProcess = spawn('/usr/sbin/sshd', ['-D', '-f', path.join(home, 'config')], { stdio: 'ignore' })
  await sleep(1000)
  const pid = sshd.pid!
  return {
    name: 'sshd',
    port,
    cpuMs: async () => cpuMs(pid, { waited: true }),
    pss: () => [pid, ...descendants(pid)].reduce((sum, one) => sum + pss(one), 0),
    stop() {
      sshd.kill()
      fs.rmSync(home, { recursive: true })
    },
  }
}

/** CPU milliseconds that the post-quantum half adds to a handshake of those clients that want it. */
function hybrid(rounds = 1000): number {
  const publicKey = randomBytes(1158)
  for (let i = 0; i < rounds; i++) encapsulate(publicKey)
  const before = process.cpuUsage()
  for (let i = 0; i < rounds; i++) encapsulate(publicKey)
  const { user, system } = process.cpuUsage(before)
  return (user + system) / 1000 / rounds
}

if (process.argv[1] === import.meta.filename && process.argv[2] === 'serve') await serve(process.argv[3]!)
