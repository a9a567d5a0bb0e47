import { setTimeout as sleep } from 'node:timers/promises'
import { services } from '#services/index.ts'
import { startSkep } from '../test/skep.ts'
import { ROUNDS } from './load.ts'
import { descendants, pss } from './process.ts'
import { inEmpty, withCache } from './surroundings.ts'
import { atMost, figure, median, type Table } from './table.ts'

const MB = 2 ** 20
/** What the services beyond these may add: megabytes at rest, milliseconds of a start. */
const MEMORY = 40
const START = 1000
/** Seconds after `ready`. */
const SETTLED = 20
const FEW = ['ftp', 'http', 'ntp', 'redis', 'ssh', 'telnet']

/** What the other services cost before anybody speaks to them, beside a program that has a few alone. */
export default async function growth(): Promise<Table> {
  const others = [...services.keys()].filter(name => !FEW.includes(name))
  const without = `services: { ${others.map(name => `${name}: { enabled: false }`).join(', ')} }\n`
  const few: Weight[] = []
  const all: Weight[] = []
  await inEmpty(cache =>
    withCache(cache, async () => {
      // Compiles the code, which later starts find.
      await weigh('')
      for (let round = 0; round < ROUNDS; round++) {
        few.push(await weigh(without))
        all.push(await weigh(''))
      }
    }),
  )
  const of = (rounds: Weight[], key: keyof Weight) => median(rounds.map(one => one[key]))
  const row = (what: string, key: keyof Weight, ceiling: number) => {
    const [before, after] = [of(few, key), of(all, key)]
    return [what, figure(before), figure(after), figure(after - before), atMost(after - before, ceiling)]
  }
  return {
    title: `What ${others.length} more services cost at rest`,
    columns: ['', FEW.join(', '), 'all', 'growth', 'ceiling'],
    rows: [row('whole tree, PSS, MB', 'mb', MEMORY), row('start to `ready`, ms', 'ms', START)],
    notes: [`${SETTLED} s after ready, nobody at the page; medians of ${ROUNDS} starts each, in turns.`],
  }
}

type Weight = { mb: number; ms: number }

async function weigh(config: string): Promise<Weight> {
  const program = await startSkep({ edition: 'standard', ...(config ? { config } : {}) })
  try {
    await sleep(SETTLED * 1000)
    const pids = [program.pid, ...descendants(program.pid)]
    return { mb: pids.reduce((sum, pid) => sum + pss(pid), 0) / MB, ms: program.readyAfter }
  } finally {
    await program.stop()
  }
}
