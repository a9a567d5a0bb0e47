import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import tls from 'node:tls'
import { get, repeat, visit } from './load.ts'
import { startBare } from './peers.ts'
import { fileLimit, pss } from './process.ts'
import { startProgram } from './program.ts'
import { atMost, figure, type Table } from './table.ts'

const MANY = 10_000
const FEWER = 2000
const AT_ONCE = 200
/** kB a connection. */
const CEILING = 15
/** Seconds; no decoy gives up on a silent visitor before. */
const HOLD = 10

/** Connections that say nothing once they were answered, and what each weighs in the sensor. */
export default async function held(): Promise<Table> {
  if (fileLimit() < MANY + 500) throw new Error(`Only ${fileLimit()} files may be open: ulimit -n 20000`)
  const rows: string[][] = []
  for (const [name, service, encrypted, count] of [
    ['FTP', 'ftp', false, MANY],
    ['Telnet', 'telnet', false, MANY],
    ['SSH, before its key exchange', 'ssh', false, MANY],
    ['HTTPS, after the handshake', 'http', true, FEWER],
  ] as const) {
    const program = await startProgram()
    try {
      const port = program.port(service, { tls: encrypted })
      rows.push(
        await hold(name, program.sensor, port, encrypted ? shakeHands : firstBytes, count, () =>
          get(program.port('http')),
        ),
      )
    } finally {
      await program.stop()
    }
  }
  const bare = await startBare()
  rows.push(
    await hold('bare node:net', bare.pid, bare.ports.banner, firstBytes, MANY, () =>
      visit(bare.ports.banner, [{ line: '220' }]),
    ),
  )
  bare.stop()
  return {
    title: 'Idle connections held',
    columns: ['', 'opened', 'answered', `still there after ${HOLD} s`, 'newcomer served', 'kB each', 'ceiling, kB'],
    rows,
    notes: [
      `All from one address, ${AT_ONCE} at a time; memory is growth of the process's PSS. This shell allowed ${fileLimit()} open files a process.`,
    ],
  }
}

async function hold(
  name: string,
  pid: number,
  port: number,
  open: (port: number) => Promise<net.Socket>,
  count: number,
  newcomer: () => Promise<unknown>,
): Promise<string[]> {
  // What the first few need, all share.
  await repeat(200, 50, async () => (await open(port)).destroy())
  await sleep(1000)
  const before = pss(pid)
  const sockets: net.Socket[] = []
  await repeat(count, AT_ONCE, async () => void sockets.push(await open(port)))
  await sleep(HOLD * 1000)
  const there = sockets.filter(socket => !socket.destroyed && socket.readable).length
  const kb = (pss(pid) - before) / 1024 / count
  const served = await newcomer().then(
    () => 'yes',
    () => 'NO',
  )
  for (const socket of sockets) socket.destroy()
  // The ceiling is for the plain: a TLS session is OpenSSL's, and is told beside them.
  const judged = !name.startsWith('bare') && open === firstBytes
  return [
    name,
    figure(count),
    figure(sockets.length),
    figure(there),
    served,
    kb.toFixed(1),
    judged ? atMost(kb, CEILING) : '',
  ]
}

const onceAnswered = (socket: net.Socket, answer: string): Promise<net.Socket> =>
  new Promise((resolve, reject) => {
    socket.once('error', reject).once(answer, () => {
      socket.off('error', reject).on('error', () => {})
      resolve(socket.resume())
    })
  })
/** The server's own first bytes: a connection alone proves only that the kernel has room. */
const firstBytes = (port: number) => onceAnswered(net.connect(port, '127.0.0.1'), 'data')
const shakeHands = (port: number) =>
  onceAnswered(tls.connect({ port, host: '127.0.0.1', rejectUnauthorized: false }), 'secureConnect')
