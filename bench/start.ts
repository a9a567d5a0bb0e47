import { spawn } from 'node:child_process'
import type { Listening } from '#supervisor/messages.ts'
import { root, type Skep, startSkep } from '../test/skep.ts'
import { ROUNDS } from './load.ts'
import { inEmpty, withCache } from './surroundings.ts'
import { atMost, figure, median, type Table } from './table.ts'

/** Milliseconds. */
const CEILING = 1500

/** From start to `ready`, which is when every decoy listens and the page answers. */
export default async function start(): Promise<Table> {
  const times = { cold: [] as number[], fresh: [] as number[], again: [] as number[], help: [] as number[] }
  for (let round = 0; round < ROUNDS; round++) {
    times.cold.push(await inEmpty(cache => withCache(cache, () => inEmpty(data => timed({ data })))))
    times.fresh.push(await inEmpty(data => timed({ data })))
    times.again.push(await inEmpty(afterKill))
    times.help.push(await run('sh', 'bin/skep', '--help'))
  }
  const row = (what: string, values: number[], ceiling?: number) => {
    const value = median(values)
    return [what, figure(value), values.map(figure).join(', '), ceiling === undefined ? '' : atMost(value, ceiling)]
  }
  return {
    title: 'Start, milliseconds to `ready`',
    columns: ['', 'median', 'rounds', 'ceiling'],
    rows: [
      row('first start ever, code not yet compiled', times.cold, CEILING),
      row('start on an empty data directory', times.fresh, CEILING),
      row('start after kill -9, same ports, same data', times.again, CEILING),
      row('`skep --help`', times.help),
    ],
    notes: ['Installed, page built. After every kill -9 all ports were found free.'],
  }
}

async function timed(options: { data: string; offset?: number }): Promise<number> {
  const program = await startSkep({ ...options, edition: 'standard' })
  const { readyAfter } = program
  allListen(program)
  await program.stop()
  return readyAfter
}

async function afterKill(data: string): Promise<number> {
  const first = await startSkep({ data, edition: 'standard' })
  await first.kill()
  return timed({ data, offset: first.offset })
}

function allListen({ log }: Skep): void {
  const { services } = log.find(line => line.event === 'ready') as { services: Listening[] }
  const down = services.filter(({ state }) => state !== 'listening')
  if (down.length) throw new Error(`Not listening: ${JSON.stringify(down)}`)
}

function run(program: string, ...args: string[]): Promise<number> {
  const began = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd: root, stdio: 'ignore' })
    child.once('exit', code => {
      if (code === 0) resolve(performance.now() - began)
      else reject(new Error(`${program} ${args.join(' ')}: exit code ${code}`))
    })
  })
}
