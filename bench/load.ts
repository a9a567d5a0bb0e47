/** Clients on loopback and what serving them costs. Every one is bounded in number and time, and checks its answers. */
import net from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import { cpuMs } from './process.ts'
import { median } from './table.ts'

export const ROUNDS = 3
const PATIENCE = 60_000

/** `line`: what the answer's last line must begin with. */
export type Step = { say?: string; lines?: number; line: string }

/** Connects, says each step once the one before is answered in full, and leaves. */
export function visit(port: number, steps: readonly Step[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, reject)
    let at = 0
    let seen = 0
    let text = ''
    const done = () => {
      socket.destroy()
      resolve()
    }
    socket.setEncoding('latin1').on('data', (chunk: string) => {
      text += chunk
      for (let end = chunk.indexOf('\n'); end >= 0; end = chunk.indexOf('\n', end + 1)) seen++
      const { lines = 1, line } = steps[at]!
      if (seen < lines) return
      const last = text.trimEnd().split('\n').at(-1)!
      if (!last.startsWith(line)) return void socket.destroy(new Error(`Expected ${line}, got ${JSON.stringify(last)}`))
      text = ''
      seen = 0
      const next = steps[++at]
      if (next) socket.write(next.say!)
      else done()
    })
    if (steps[0]!.say) socket.write(steps[0]!.say)
    socket.once('end', () => socket.destroy(new Error(`Ended at step ${at}, after ${JSON.stringify(text)}`)))
  })
}

/** GET / on a connection of its own. */
export function get(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, reject)
    let text = ''
    socket.setEncoding('latin1').on('data', chunk => (text += chunk))
    socket.once('end', () => {
      socket.destroy()
      if (text.startsWith('HTTP/1.1 200 ')) resolve()
      else reject(new Error(`Got ${JSON.stringify(text.slice(0, 80))}`))
    })
    socket.write('GET / HTTP/1.1\r\nHost: www.example.com\r\nUser-Agent: bench\r\nConnection: close\r\n\r\n')
  })
}

function connect(port: number, failed: (error: Error) => void): net.Socket {
  const socket = net.connect({ port, host: '127.0.0.1', noDelay: true })
  socket.setTimeout(PATIENCE, () => socket.destroy(new Error(`No answer within ${PATIENCE} ms`)))
  return socket.once('error', failed)
}

/** `count` times, at most `atOnce` at a time. */
export async function repeat(count: number, atOnce: number, operation: () => Promise<unknown>): Promise<void> {
  let left = count
  const worker = async () => {
    while (left-- > 0) await operation()
  }
  await Promise.all(Array.from({ length: Math.min(count, atOnce) }, worker))
}

/** `run` resolves with the number of operations that it did. */
export type Target = { name: string; pid: number; run(): Promise<number> }
export type Cost = { name: string; cpuMs: number; perSecond: number }

/**
 * CPU milliseconds of each server for one operation, and operations a second: medians of three rounds, in which the
 * servers take turns, after one round for nothing. CPU time goes on a moment after the last answer.
 */
export async function sideBySide(targets: readonly Target[]): Promise<Cost[]> {
  const rounds: Cost[][] = []
  for (let round = 0; round <= ROUNDS; round++) {
    const costs: Cost[] = []
    for (const { name, pid, run } of targets) {
      const before = cpuMs(pid)
      const began = performance.now()
      const operations = await run()
      const perSecond = (operations / (performance.now() - began)) * 1000
      await sleep(300)
      costs.push({ name, cpuMs: (cpuMs(pid) - before) / operations, perSecond })
    }
    if (round > 0) rounds.push(costs)
  }
  return targets.map(({ name }, i) => ({
    name,
    cpuMs: median(rounds.map(costs => costs[i]!.cpuMs)),
    perSecond: median(rounds.map(costs => costs[i]!.perSecond)),
  }))
}
