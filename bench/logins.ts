import { costColumns, costRows } from './costs.ts'
import { repeat, type Step, sideBySide, visit } from './load.ts'
import { type Bare, startBare } from './peers.ts'
import { startProgram } from './program.ts'
import type { Table } from './table.ts'

const guess: Step[] = [
  { say: 'USER guess\r\n', line: '' },
  { say: 'PASS 123456\r\n', line: '530' },
]
/** Guessers at once, where each is kept waiting. */
const MANY = 5000

const greeting: Step = { line: '220' }

/** Log-ins refused: by FTP, one and three on a connection, and by Redis. */
export default async function logins(): Promise<Table> {
  const bare = await startBare()
  try {
    return {
      title: 'Log-ins refused, an operation is one log-in',
      columns: costColumns,
      rows: [
        // vsftpd makes every guesser wait three seconds; only many at once make work of it.
        ...(await ftp('ProFTPD', bare, 50, 4000)),
        ...(await ftp('vsFTPd', bare, MANY, 2 * MANY)),
        ...(await redis(bare)),
      ],
      notes: [
        'The name and the password are events; both are durable before the refusal leaves. The bare peer answers a line with a',
        'line and knows nothing. vsftpd keeps a guesser waiting for three seconds, so its rate follows from how many come at once.',
      ],
    }
  } finally {
    bare.stop()
  }
}

async function ftp(product: 'ProFTPD' | 'vsFTPd', bare: Bare, atOnce: number, count: number): Promise<string[][]> {
  const program = await startProgram({ ftp: product })
  const rows: string[][] = []
  try {
    for (const guesses of [1, 3]) {
      const connections = Math.floor(count / guesses)
      const steps = [greeting, ...Array.from({ length: guesses }, () => guess).flat()]
      const run = (port: number) => async () => {
        await repeat(connections, atOnce, () => visit(port, steps))
        return connections * guesses
      }
      const what = guesses === 1 ? 'connection and log-in' : `${guesses} log-ins a connection`
      const [decoy, floor] = await sideBySide([
        { name: `${product}, ${what}`, pid: program.sensor, run: run(program.port('ftp')) },
        { name: `bare node:net, ${what}, ${atOnce} at once`, pid: bare.pid, run: run(bare.ports.lines) },
      ])
      rows.push(...costRows(decoy!, floor!, { cpuMs: 0.3 }))
    }
  } finally {
    await program.stop()
  }
  return rows
}

const PER_CONNECTION = 200

async function redis(bare: Bare): Promise<string[][]> {
  const program = await startProgram({ redisPassword: 'correct horse' })
  const rows: string[][] = []
  try {
    for (const [what, together] of [
      ['one at a time', 1],
      ['100 in a packet', 100],
    ] as const) {
      const run = (port: number, refusal: string) => async () => {
        const count = 20_000
        await repeat(count / PER_CONNECTION, 50, () => visit(port, redisGuesses(PER_CONNECTION, together, refusal)))
        return count
      }
      const [decoy, floor] = await sideBySide([
        { name: `Redis AUTH, ${what}`, pid: program.sensor, run: run(program.port('redis'), '-WRONGPASS') },
        { name: `bare node:net, ${what}`, pid: bare.pid, run: run(bare.ports.lines, '530') },
      ])
      rows.push(...costRows(decoy!, floor!))
    }
  } finally {
    await program.stop()
  }
  return rows
}

/** `count` guesses, `together` of them in each packet. The bare peer greets, Redis does not. */
export function redisGuesses(count: number, together: number, refusal: string): Step[] {
  const steps = Array.from({ length: count / together }, (_, i) => ({
    say: Array.from({ length: together }, (_, j) => `AUTH guess-${i * together + j}\r\n`).join(''),
    lines: together,
    line: refusal,
  }))
  return refusal.startsWith('-') ? steps : [greeting, ...steps]
}
