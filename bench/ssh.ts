/**
 * SSH: CPU time of the server for a handshake, for three refused log-ins, and for a log-in with commands, and what a held
 * connection and a held shell weigh, beside a bare server on the npm package ssh2 and Debian's sshd in the same run where
 * those are installed. Pauses take no time here, sshd takes its own; events are durable before an answer leaves.
 */
import { type ChildProcess, execFileSync, fork, spawn } from 'node:child_process'
import { createPrivateKey, generateKeyPairSync, type KeyObject, randomBytes } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import * as v from 'valibot'
import { openRecordings } from '#artifacts/recordings.ts'
import { openSamples } from '#artifacts/samples.ts'
import { openJournal } from '#events/journal/writer.ts'
import { Attackers } from '#sensor/attackers.ts'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { run } from '#sensor/converse.ts'
import { tcpSide } from '#sensor/tcp.ts'
import ssh from '#services/ssh/index.ts'
import { Message } from '#services/ssh/messages.ts'
import { encapsulate } from '#services/ssh/sntrup761.ts'
import { both, offer, passwordRequest, publicBlob, TestClient } from '#services/ssh/testing.ts'
import { boolean, message, string, uint32 } from '#services/ssh/wire.ts'
import { testPersona } from '#services/testing/persona.ts'
import { sensorHeap } from '#supervisor/rights.ts'
import { ROUNDS } from './load.ts'
import { cpuMs, descendants, pss } from './process.ts'
import { atMost, figure, median, type Table } from './table.ts'

type Server = {
  name: string
  port: number
  /** Lets in by this key, or by the password `right`. */
  key?: KeyObject
  cpuMs(): Promise<number>
  pss(): number
  stop(): void
}
type Operation = (client: TestClient, server: Server) => Promise<void>

/** Commands of one exec, as a visitor's first words. */
const line = 'uname -a; id; nproc'
/** CPU milliseconds an operation, and kB. */
const ceilings = { handshake: 1, refusals: 1.5, exec: 3, held: 20, shell: 100 }

const own = offer({ ...both('chacha20-poly1305@openssh.com'), kex: ['curve25519-sha256'] })

export default async function measureSsh(): Promise<Table> {
  const rows: string[][] = []
  const servers = [
    [startOurs, 1000, 5000, 1000] as const,
    ...(hasSsh2() ? [[startSsh2, 500, 1000, 1000] as const] : []),
    ...(hasSshd() ? [[startSshd, 60, 60, 40] as const] : []),
  ]
  for (const [start, operations, holding, shells] of servers) {
    const weigh = async (count: number, operation: Operation) => {
      const fresh = await start()
      return (await held(fresh, count, operation).finally(fresh.stop)) / 1024
    }
    const connection = await weigh(holding, greeted)
    const shell = await weigh(shells, inShell)
    const server = await start()
    const judge = (value: number, ceiling: number) =>
      server.name === 'skep' ? `${figure(value)} ${atMost(value, ceiling)}` : figure(value)
    try {
      await measure(server, Math.ceil(operations / 4), 20, refused)
      rows.push([
        server.name,
        judge(await measured(server, operations, 10, handshake), ceilings.handshake),
        judge(await measured(server, operations, 50, refused), ceilings.refusals),
        judge(await measured(server, operations, 10, execution), ceilings.exec),
        judge(await measured(server, operations, 10, threeTimes), ceilings.exec),
        judge(connection, ceilings.held),
        judge(shell, ceilings.shell),
      ])
    } finally {
      server.stop()
    }
  }
  return {
    title: 'SSH',
    columns: [
      'CPU ms an operation',
      'handshake',
      'and three refusals',
      'and a log-in with exec',
      'with three',
      'kB a held connection',
      'kB a held shell',
    ],
    rows,
    notes: [
      'curve25519-sha256 with an Ed25519 host key and chacha20-poly1305; held connections have come as far as both KEXINITs.',
      `\`exec\` runs \`${line}\`; ssh2 answers it with a fixed text, and sshd lets in by a key instead of a password.`,
      `The hybrid with sntrup761, which recent clients prefer, adds ${hybrid().toFixed(2)} ms.`,
      ...(hasSsh2() ? [] : ['ssh2: not measured, needs `npm ci --prefix bench/ssh2 --ignore-scripts`.']),
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
async function measure(server: Server, count: number, atOnce: number, operation: Operation) {
  const before = await server.cpuMs()
  let left = count
  const worker = async () => {
    while (left-- > 0) {
      const client = connect(server.port)
      await operation(client, server)
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

/** As far as both KEXINITs. */
async function greeted(client: TestClient) {
  await client.identify()
  await client.receive()
}

async function enter(client: TestClient, server: Server) {
  await client.handshake(own)
  if (server.key) await client.authenticate('root', server.key)
  else {
    await client.requestService()
    await client.send(passwordRequest('root', 'right'))
    await until(client, Message.userauthSuccess)
  }
}
async function until(client: TestClient, type: number): Promise<Buffer> {
  for (;;) {
    const payload = await client.receive()
    if (payload[0] === type) return payload
  }
}
const openSession = message(Message.channelOpen, string('session'), uint32(0), uint32(1 << 21), uint32(1 << 15))
/** Opens a session; the server's number for it. */
async function open(client: TestClient): Promise<number> {
  await client.send(openSession)
  return (await until(client, Message.channelOpenConfirmation)).readUInt32BE(5)
}
const request = (id: number, type: string, ...fields: Buffer[]) =>
  message(Message.channelRequest, uint32(id), string(type), boolean(true), ...fields)

async function execute(client: TestClient) {
  const id = await open(client)
  await client.send(request(id, 'exec', string(line)))
  await until(client, Message.channelClose)
  await client.send(message(Message.channelClose, uint32(id)))
}
async function execution(client: TestClient, server: Server) {
  await enter(client, server)
  await execute(client)
}
async function threeTimes(client: TestClient, server: Server) {
  await enter(client, server)
  for (let times = 0; times < 3; times++) await execute(client)
}
/** Up to the prompt. */
async function inShell(client: TestClient, server: Server) {
  await enter(client, server)
  const id = await open(client)
  const size = [80, 24, 0, 0].map(uint32)
  await client.send(request(id, 'pty-req', string('xterm'), ...size, string('')))
  await client.send(request(id, 'shell'))
  for (let seen = ''; !/[#$] $/.test(seen); ) {
    const payload = await client.receive()
    if (payload[0] === Message.channelData) seen = payload.toString('latin1', 9)
  }
}

async function held(server: Server, count: number, operation: Operation): Promise<number> {
  await measure(server, 50, 10, operation)
  const before = server.pss()
  const clients: TestClient[] = []
  for (let i = 0; i < count; i++) {
    const client = connect(server.port)
    clients.push(client)
    await operation(client, server)
  }
  await server.cpuMs()
  const bytes = (server.pss() - before) / count
  for (const client of clients) client.conn.hangup('done')
  return bytes
}

async function startOurs(): Promise<Server> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'skep-bench-'))
  const child = fork(import.meta.filename, ['serve', directory], { execArgv: ['--expose-gc', ...sensorHeap] })
  return { name: 'skep', ...(await behind(child, directory)) }
}
async function startSsh2(): Promise<Server> {
  const directory = fs.mkdtempSync(path.join(os.tmpdir(), 'ssh2-bench-'))
  const key = path.join(directory, 'key')
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key])
  const file = path.join(import.meta.dirname, 'ssh2', 'server.ts')
  const child = fork(file, ['22943', key], { execArgv: ['--expose-gc'] })
  const server = await behind(child, directory)
  return { name: 'ssh2', ...server, port: 22_943 }
}
const hasSsh2 = () => fs.existsSync(path.join(import.meta.dirname, 'ssh2', 'node_modules', 'ssh2'))

/** A server in a process of its own, which tells its port and then its CPU time when asked. */
async function behind(child: ChildProcess, directory: string): Promise<Omit<Server, 'name'>> {
  const answer = () => new Promise<number>(resolve => child.once('message', value => resolve(value as number)))
  const port = await answer()
  return {
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
    sample: openSamples({ directory: 'artifacts', capBytes: 1 << 20, quotaBytes: 1 << 30, floorBytes: 0 }),
    terminal: openRecordings({
      directory: 'recordings',
      capBytes: 1 << 20,
      quotaBytes: 1 << 30,
      floorBytes: 0,
      now: Date.now,
    }),
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
  const options = v.parse(ssh.options, { access: { rules: ['root:right'], otherwise: 'refuse' } })
  await side.bind(run(hasty, options, testPersona), ssh.listen[0]!, '127.0.0.1', port)
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
  const own = createPrivateKey(generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }))
  fs.writeFileSync(path.join(home, 'keys'), `ssh-ed25519 ${publicBlob(own).toString('base64')}\n`)
  const lines = [
    ...[`Port ${port}`, 'ListenAddress 127.0.0.1', `HostKey ${home}/key`, 'UsePAM yes', 'MaxStartups 2000'],
    ...[`AuthorizedKeysFile ${home}/keys`, 'StrictModes no'],
  ]
  fs.writeFileSync(path.join(home, 'config'), [...lines, `PidFile ${home}/pid`].join('\n'))
  fs.mkdirSync('/run/sshd', { recursive: true })
  const sshd: ChildProcess = spawn('/usr/sbin/sshd', ['-D', '-f', path.join(home, 'config')], { stdio: 'ignore' })
  await sleep(1000)
  const pid = sshd.pid!
  return {
    name: 'sshd',
    port,
    key: own,
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
