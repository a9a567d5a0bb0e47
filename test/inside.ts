import { spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import type { Event } from '#events/event.ts'
import type { Network } from './namespaces.ts'
import { givePersona } from './persona.ts'
import { journalEvents, root } from './skep.ts'

/** The whole program within a machine of a test's own network, on its true ports. */
export type Inside = {
  data: string
  pid: number
  /** Every line of its log, parsed. */
  log: Record<string, unknown>[]
  /** The newest line of its log with this `event`; waits for it. */
  said(event: string, seconds?: number): Promise<Record<string, unknown>>
  /** All events in its journal so far that are wanted. */
  events(wanted: (event: Event) => boolean): Event[]
  /** Waits until so many events are wanted; all of them, or those that came in time. */
  eventually(wanted: (event: Event) => boolean, count?: number, seconds?: number): Promise<Event[]>
  /** The command line, with the same data. */
  skep(...args: string[]): { status: number; stdout: string; stderr: string }
  /** Ends it, and keeps what it wrote. */
  stop(): Promise<void>
  /** Ends it, and removes what it wrote. */
  remove(): Promise<void>
}

/** Starts it with `args` (of `skep up`); `data` of one that ran before goes on. */
export async function startInside(
  network: Network,
  machine: string,
  args: readonly string[],
  data?: string,
): Promise<Inside> {
  const directory = data ?? fs.mkdtempSync(path.join(os.tmpdir(), 'skep-inside-'))
  const config = args[args.indexOf('--config') + 1]
  await givePersona(directory, args.includes('--config') ? fs.readFileSync(config!, 'utf8') : '')
  const [command, ...within] = [...network.within(machine), 'sh', 'bin/skep-node', 'src/cli/main.ts', 'up', '--json']
  const program = spawn(command!, [...within, '--data', directory, '--port-offset', '0', ...args], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const log: Record<string, unknown>[] = []
  let rest = ''
  program.stdout.setEncoding('utf8').on('data', (piece: string) => {
    const lines = (rest + piece).split('\n')
    rest = lines.pop()!
    for (const line of lines) log.push(JSON.parse(line))
  })
  const wait = () => new Promise(resolve => setTimeout(resolve, 50))
  const stop = async () => {
    if (program.exitCode !== null || program.signalCode !== null) return
    const over = new Promise(resolve => program.once('exit', resolve))
    program.kill('SIGTERM')
    await over
  }
  return {
    data: directory,
    pid: program.pid!,
    log,
    async said(event, seconds = 120) {
      for (const until = Date.now() + seconds * 1000; Date.now() < until; await wait()) {
        const found = log.findLast(line => line.event === event)
        if (found) return found
        if (program.exitCode !== null) break
      }
      throw new Error(`No ${event} in ${JSON.stringify(log)}`)
    },
    events: wanted => journalEvents(directory).filter(wanted),
    async eventually(wanted, count = 1, seconds = 30) {
      let found: Event[] = []
      for (const until = Date.now() + seconds * 1000; Date.now() < until; await wait()) {
        found = journalEvents(directory).filter(wanted)
        if (found.length >= count) break
      }
      return found
    },
    skep: (...words) =>
      network.run(machine, ['sh', path.join(root, 'bin/skep'), ...words, '--data', directory], { timeout: 30_000 }),
    stop,
    async remove() {
      await stop()
      fs.rmSync(directory, { recursive: true, force: true })
    },
  }
}
