import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { readJournal } from '#events/journal/reader.ts'
import { repeat, visit } from './load.ts'
import { redisGuesses } from './logins.ts'
import { cpuMs, descendants, pss } from './process.ts'
import { startProgram } from './program.ts'
import { figure, type Table } from './table.ts'

const PER_CONNECTION = 1000
const AT_ONCE = 50
const MB = 2 ** 20

/** A million log-ins (or as many as told) from one address: every one refused, every one kept, and what that weighs. */
export default async function million(argument = '1000000'): Promise<Table> {
  const logins = Number(argument)
  const program = await startProgram({ redisPassword: 'correct horse' })
  const port = program.port('redis')
  const tree = () => [program.pid, ...descendants(program.pid)].reduce((sum, pid) => sum + pss(pid), 0) / MB
  const weigh = () => ({ sensor: pss(program.sensor) / MB, tree: tree() })
  const before = weigh()
  const most = { ...before }
  const watch = setInterval(() => {
    const now = weigh()
    most.sensor = Math.max(most.sensor, now.sensor)
    most.tree = Math.max(most.tree, now.tree)
  }, 500)
  try {
    const steps = redisGuesses(PER_CONNECTION, 100, '-WRONGPASS')
    const cpu = cpuMs(program.sensor)
    const began = performance.now()
    await repeat(logins / PER_CONNECTION, AT_ONCE, () => visit(port, steps))
    const seconds = (performance.now() - began) / 1000
    const cpuEach = (cpuMs(program.sensor) - cpu) / logins
    await sleep(10_000)
    const after = weigh()
    await visit(port, redisGuesses(1, 1, '-WRONGPASS'))
    const recorded = await count(path.join(program.data, 'journal'))
    return {
      title: `${figure(logins)} log-ins from one address`,
      columns: ['', 'before', 'at most', '10 s after'],
      rows: [
        ['sensor, PSS MB', ...[before, most, after].map(({ sensor }) => sensor.toFixed(0))],
        ['whole tree, PSS MB', ...[before, most, after].map(({ tree }) => tree.toFixed(0))],
      ],
      notes: [
        `Redis AUTH, 100 in a packet, ${AT_ONCE} connections at once: ${figure(logins / seconds)} log-ins/s, ${figure(cpuEach)} CPU ms each.`,
        `${figure(recorded)} of ${figure(logins + 1)} log-ins are in the journal; a newcomer was answered at the end.`,
      ],
    }
  } finally {
    clearInterval(watch)
    await program.stop()
  }
}

async function count(directory: string): Promise<number> {
  let logins = 0
  for await (const { lines } of readJournal({ directory, follow: false }))
    for (const { event } of lines) if (event.event.action === 'login') logins++
  return logins
}
