import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { missing } from '../test/skep.ts'
import { costColumns, costRows } from './costs.ts'
import { get, repeat, sideBySide } from './load.ts'
import { startBare } from './peers.ts'
import { startProgram } from './program.ts'
import type { Table } from './table.ts'

const COUNT = 4000
const AT_ONCE = 50
const SECONDS = 5

/** GET / of nginx's default site, on a connection each and on kept ones. */
export default async function http(): Promise<Table> {
  const program = await startProgram()
  const bare = await startBare()
  const pair = (what: string, run: (port: number) => Promise<number>) =>
    sideBySide([
      { name: `nginx, ${what}`, pid: program.sensor, run: () => run(program.port('http')) },
      { name: `bare node:http, ${what}`, pid: bare.pid, run: () => run(bare.ports.http) },
    ])
  try {
    const [fresh, freshFloor] = await pair('a connection each', async port => {
      await repeat(COUNT, AT_ONCE, () => get(port))
      return COUNT
    })
    const rows = costRows(fresh!, freshFloor!, { cpuMs: 0.25, bare: 0.15 })
    const without = missing('wrk')
    if (!without) {
      const [kept, keptFloor] = await pair('kept alive', wrk)
      rows.push(...costRows(kept!, keptFloor!))
    }
    return {
      title: `HTTP GET, ${AT_ONCE} at once`,
      columns: costColumns,
      rows,
      notes: [
        `${COUNT} requests a round on a connection each.`,
        without
          ? `Kept alive: not measured, ${without}.`
          : `Kept alive: wrk for ${SECONDS} s; nginx closes after 1,000 requests.`,
      ],
    }
  } finally {
    bare.stop()
    await program.stop()
  }
}

/** Requests answered. */
async function wrk(port: number): Promise<number> {
  const { stdout } = await promisify(execFile)('wrk', [
    '-t1',
    `-c${AT_ONCE}`,
    `-d${SECONDS}s`,
    `http://127.0.0.1:${port}/`,
  ])
  if (/Non-2xx/.test(stdout)) throw new Error(stdout)
  return Number(/(\d+) requests in/.exec(stdout)![1])
}
