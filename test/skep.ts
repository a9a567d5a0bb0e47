import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import zlib from 'node:zlib'
import { parseDocument } from 'yaml'
import type { Event } from '#events/event.ts'
import type { Listening } from '#supervisor/messages.ts'
import { givePersona } from './persona.ts'

export const root = path.resolve(import.meta.dirname, '..')

export type Skep = {
  /** The directory given as --data. */
  data: string
  /** Where a service listens: `port('ftp')`, `port('http', { tls: true })`. */
  port(service: string, which?: { tls?: boolean }): number
  /** The page's address, and the first account's password if this start made it. */
  page: string
  password: string | undefined
  pid: number
  offset: number
  /** The configuration file it reads. */
  config: string
  /** Process ids of its children. */
  children(): number[]
  /** Milliseconds from start to ready. */
  readyAfter: number
  /** Every line of the log, parsed. */
  log: Record<string, unknown>[]
  /** Whole events from the journal's files so far. */
  events(wanted?: (event: Event) => boolean): Event[]
  /** Waits until the journal has `count` such events; throws with what there is after `seconds`. */
  eventually(wanted: (event: Event) => boolean, count?: number, seconds?: number): Promise<Event[]>
  stop(): Promise<void>
  /** kill -9 of the supervisor and all its children at once. */
  kill(): Promise<void>
}
export type SkepOptions = {
  config?: string
  data?: string
  edition?: string
  args?: string[]
  /** Port offset; one of its own when absent, that of the configuration when `null`. */
  offset?: number | null
  /** A persona that nobody has met before, as at anybody's first start; otherwise that of the test file. */
  stranger?: boolean
}

let lastOffset = 12_000 + (process.pid % 40) * 100

/** Starts the whole program on loopback, on ports of its own, and waits until it is ready. */
export async function startSkep(options: SkepOptions = {}): Promise<Skep> {
  const { config, data, edition, args = [], offset: wanted, stranger = false } = options
  const home = data ?? fs.mkdtempSync(path.join(os.tmpdir(), 'skep-test-'))
  if (!stranger) await givePersona(home, config)
  lastOffset += 7
  const offset = wanted ?? lastOffset
  const dashboard = 20_000 + ((offset * 7) % 10_000)
  const file = path.join(os.tmpdir(), `skep-test-${process.pid}-${offset}.yaml`)
  fs.writeFileSync(file, withoutSpares(config ?? ''))
  const given = ['--json', '--config', file, '--data', home, '--listen', '127.0.0.1']
  const flags = [
    ...given,
    '--dashboard',
    `127.0.0.1:${dashboard}`,
    ...(edition ? ['--edition', edition] : []),
    ...(wanted === null ? [] : ['--port-offset', String(offset)]),
    ...args,
  ]
  const began = Date.now()
  const child = spawn('sh', ['bin/skep-node', 'src/cli/main.ts', 'up', ...flags], {
    cwd: root,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  process.once('exit', () => {
    // A test that failed half-way leaves nothing running behind.
    if (child.exitCode === null && child.signalCode === null) process.kill(-child.pid!, 'SIGKILL')
  })
  const log: Record<string, unknown>[] = []
  const ports = await ready(child, log)
  const page = log.find(line => String(line.message ?? '').startsWith('page: '))
  const first = log.find(line => line.event === 'password') as { password: string } | undefined

  const events = (wanted: (event: Event) => boolean = () => true) => journalEvents(home).filter(wanted)
  const gone = new Promise<void>(resolve => child.once('exit', () => resolve()))
  return {
    data: home,
    port(service, { tls = false } = {}) {
      const found = ports.find(p => p.service === service && p.tls === tls && p.state === 'listening')
      if (!found)
        throw new Error(`${service} does not listen: ${JSON.stringify(ports.filter(p => p.service === service))}`)
      return found.port
    },
    page: String(page?.message ?? '').slice(6),
    password: first?.password,
    pid: child.pid!,
    offset,
    config: file,
    children: () =>
      fs.readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
    readyAfter: Date.now() - began,
    log,
    events,
    async eventually(wanted, count = 1, seconds = 30) {
      for (const until = Date.now() + seconds * 1000; ; ) {
        const found = events(wanted)
        if (found.length >= count) return found
        if (Date.now() > until)
          throw new Error(
            `${found.length} of ${count} events after ${seconds} s; the journal has: ${summary(events())}`,
          )
        await new Promise(resolve => setTimeout(resolve, 50))
      }
    },
    async stop() {
      child.kill('SIGTERM')
      await gone
      fs.rmSync(file, { force: true })
      if (data === undefined) fs.rmSync(home, { recursive: true, force: true })
    },
    async kill() {
      process.kill(-child.pid!, 'SIGKILL')
      await gone
    },
  }
}

/** Several programs run beside each other here: one's spare ports would be another's own. */
function withoutSpares(config: string): string {
  const document = parseDocument(config)
  if (!document.hasIn(['services', 'catchall']) && document.errors.length === 0)
    document.setIn(['services', 'catchall', 'enabled'], false)
  return String(document)
}

function ready(child: ChildProcess, log: Record<string, unknown>[]): Promise<Listening[]> {
  return new Promise((resolve, reject) => {
    const patience = setTimeout(() => {
      child.kill('SIGTERM')
      reject(new Error(`not ready after 120 s: ${JSON.stringify(log.filter(l => l.event !== 'progress').slice(-8))}`))
    }, 120_000)
    let errors = ''
    let rest = ''
    child.stderr!.setEncoding('utf8').on('data', chunk => {
      errors = (errors + chunk).slice(-8192)
    })
    child.stdout!.setEncoding('utf8').on('data', chunk => {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        const entry = JSON.parse(line) as Record<string, unknown>
        log.push(entry)
        if (entry.event === 'ready') {
          clearTimeout(patience)
          resolve(entry.services as Listening[])
        }
      }
    })
    child.once('exit', code => reject(new Error(`skep ended with ${code}: ${errors}${JSON.stringify(log.slice(-5))}`)))
  })
}

/** All events in the journal of a data directory so far. */
export function journalEvents(data: string): Event[] {
  const directory = path.join(data, 'journal')
  // A segment may be compressed, and so change its name, between the listing and the reading.
  for (let tries = 5; ; tries--)
    try {
      return readJournalFiles(directory)
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || tries === 0) throw error
    }
}

function readJournalFiles(directory: string): Event[] {
  const names = fs.readdirSync(directory).filter(name => /\.jsonl(\.zst)?$/.test(name))
  return names.flatMap(name => {
    const file = path.join(directory, name)
    if (name.endsWith('.zst') && names.includes(name.slice(0, -4))) return []
    const bytes = fs.readFileSync(file)
    const plain = name.endsWith('.zst') ? zlib.zstdDecompressSync(bytes) : bytes
    return plain
      .toString('utf8')
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as Event)
  })
}

const summary = (events: Event[]) => JSON.stringify(events.slice(-20).map(e => [e.skep.service, e.event.action]))

/** Waits until it is so, and no longer than `seconds`, which are for machines slower than any; then fails with `why`. */
export async function until(so: () => boolean | Promise<boolean>, why: string, seconds = 60): Promise<void> {
  for (const end = Date.now() + seconds * 1000; !(await so()); await new Promise(resolve => setTimeout(resolve, 50)))
    if (Date.now() > end) throw new Error(`${why} after ${seconds} s`)
}

/** The first start prepares the table of networks before anything is taken into the store. */
export const tableReady = ({ log }: Skep): boolean => log.some(line => line.event === 'progress' && line.done === 1)

/** Is a program there? Tests that need one say why they are skipped. */
export const missing = (...programs: string[]): string | false => {
  const absent = programs.filter(program => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0)
  return absent.length ? `${absent.join(', ')} not installed` : false
}

export type Ran = { status: number | null; out: string; err: string }

/** Runs a client program to its end, or to its time limit in seconds. */
export function runClient(program: string, args: string[], { input = '', seconds = 60 } = {}): Promise<Ran> {
  return new Promise(resolve => {
    const child = spawn(program, args, {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { ...process.env, LC_ALL: 'C', HOME: os.tmpdir() },
    })
    let [out, err] = ['', '']
    child.stdout.on('data', chunk => (out += chunk))
    child.stderr.on('data', chunk => (err += chunk))
    child.stdin.on('error', () => {})
    child.stdin.end(input)
    const timer = setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
    child.once('close', status => {
      clearTimeout(timer)
      resolve({ status, out, err })
    })
  })
}
