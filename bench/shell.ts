import { rootAccount, testComputer, testWitness } from '#machine/testing.ts'
import { corpus, families } from '../test/oracle/machine/corpus.ts'
import { atMost, figure, median, type Table } from './table.ts'

/** Each line so often; the median counts. */
const ROUNDS = 5
const silent = { write: async () => {} }

/** CPU milliseconds that a command line costs on the pretended machine, over the lines that are held against real Debian. */
export default async function shell(): Promise<Table> {
  const rows: string[][] = []
  const all: number[] = []
  for (const family of families()) {
    const costs: number[] = []
    for (const { script } of corpus(family)) costs.push(await costOf(Buffer.from(script).toString('latin1')))
    all.push(...costs)
    rows.push(row(family, costs))
  }
  rows.push([...row('all', all).slice(0, -1), atMost(median(all), 1)])
  return {
    title: 'A command line, CPU milliseconds',
    columns: ['family', 'lines', 'median', '90 %', 'slowest', ''],
    rows,
    notes: [
      'Each line runs as an `exec` on a machine of its own that is installed already: log-in, the line, log-out, in one process, after a',
      'first run that loads the programs. What a line waits costs nothing.',
    ],
  }
}

const row = (name: string, costs: number[]): string[] => {
  const sorted = costs.toSorted((a, b) => a - b)
  const at = (share: number) => figure(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!)
  return [name, String(costs.length), at(0.5), at(0.9), at(1), '']
}

async function costOf(script: string): Promise<number> {
  const costs: number[] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const login = testComputer().logIn({
      account: rootAccount,
      witness: testWitness([]),
      from: '198.51.100.7',
      stdin: { read: async () => undefined },
      stdout: silent,
      stderr: silent,
      daemon: { argv: ['sshd: root@notty'], exe: '/usr/sbin/sshd' },
    })
    const before = process.cpuUsage()
    login.abandon()
    await login.exec(script).catch(() => undefined)
    const { user, system } = process.cpuUsage(before)
    if (round > 0) costs.push((user + system) / 1000)
    login.close()
  }
  return median(costs)
}
