import { type ChildProcess, spawn } from 'node:child_process'
import os from 'node:os'
import type { Writable } from 'node:stream'
import type { ProcessState } from './messages.ts'
import { plainEnvironment, unprivileging } from './rights.ts'

export type ChildOptions<In, Out> = {
  name: string
  /** Node's own flags, then the entry file. */
  args: string[]
  cwd: string
  env?: Record<string, string>
  /** It meets strangers: of our environment it gets what it needs to run, and none of the operator's secrets. */
  exposed?: true
  /** Lower priority, as nice(1) gives it. */
  nice?: number
  /** Sent anew at every start. */
  first: () => In | Promise<In>
  heard: (message: Out) => void
  changed: (state: ProcessState) => void
  /** A line that it wrote to its standard output or error. */
  said: (line: string) => void
  /** Starts what its standard input comes from; how to end that is called when it is gone. */
  feed?: (input: Writable) => () => void
}

const FIRST_WAIT = 250
const LONGEST_WAIT = 30_000
/** Milliseconds after which a start counts as a success, and the next wait is short again. */
const PROVEN = 60_000

export type Child<In> = {
  start(): void
  send(message: In): void
  stop(farewell: In, patience: number): Promise<void>
  /** It said that it does its work. */
  running(): void
}

/** A process that, once started, is started again when it dies, after a wait that doubles while it keeps dying. */
export function keepAlive<In extends object, Out>(options: ChildOptions<In, Out>): Child<In> {
  const state: ProcessState = { name: options.name, state: 'starting', restarts: 0, since: Date.now() }
  let child: ChildProcess | undefined
  let wait = FIRST_WAIT
  let waiting: NodeJS.Timeout | undefined
  let stopping = false

  function change(next: ProcessState['state'], why?: string) {
    state.state = next
    state.since = Date.now()
    if (why === undefined) delete state.why
    else state.why = why
    options.changed(state)
  }

  function die(why: string, lived = 0) {
    delete state.pid
    child = undefined
    if (stopping) return change('stopped')
    if (lived > PROVEN) wait = FIRST_WAIT
    state.restarts++
    change('waiting', why)
    waiting = setTimeout(start, wait)
    wait = Math.min(2 * wait, LONGEST_WAIT)
  }

  function start() {
    const born = Date.now()
    let spawned: ChildProcess
    try {
      const [command, ...before] = [...unprivileging(), process.execPath]
      spawned = spawn(command!, [...before, ...options.args], {
        cwd: options.cwd,
        env: { ...(options.exposed ? plainEnvironment() : process.env), ...options.env },
        stdio: [options.feed ? 'pipe' : 'ignore', 'pipe', 'pipe', 'ipc'],
      })
    } catch (error) {
      return die((error as Error).message)
    }
    // Where the machine has no room for one more process, no end is told of: it never began.
    if (spawned.pid === undefined) return void spawned.once('error', error => die(error.message))
    child = spawned
    state.pid = spawned.pid
    if (options.nice !== undefined) os.setPriority(spawned.pid, options.nice)
    let endFeed: (() => void) | undefined
    try {
      endFeed = options.feed?.(spawned.stdin!)
    } catch (error) {
      options.said(`no input: ${(error as Error).message}`)
      spawned.kill()
    }
    for (const stream of [spawned.stdout!, spawned.stderr!]) eachLine(stream, options.said)
    spawned.on('message', message => options.heard(message as Out))
    spawned.on('error', () => {})
    spawned.once('exit', (code, signal) => {
      endFeed?.()
      die(signal ? `killed by ${signal}` : `exit code ${code}`, Date.now() - born)
    })
    Promise.resolve(options.first()).then(
      message => spawned.connected && spawned.send(message, () => {}),
      () => spawned.kill(),
    )
    change('starting', state.why)
  }

  function send(message: In) {
    if (child?.connected) child.send(message, () => {})
  }

  /** Asks it to leave; what has not left after `patience` milliseconds is killed. */
  async function stop(farewell: In, patience: number): Promise<void> {
    stopping = true
    clearTimeout(waiting)
    const leaving = child
    if (!leaving || leaving.exitCode !== null || leaving.signalCode !== null) return
    const gone = new Promise(resolve => leaving.once('exit', resolve))
    send(farewell)
    const timer = setTimeout(() => leaving.kill('SIGKILL'), patience)
    await gone
    clearTimeout(timer)
  }

  return { start, send, stop, running: () => change('running') }
}

function eachLine(stream: NodeJS.ReadableStream, said: (line: string) => void) {
  let rest = ''
  stream.setEncoding('utf8')
  stream.on('data', (chunk: string) => {
    const lines = (rest + chunk).split('\n')
    rest = lines.pop()!.slice(-8192)
    for (const line of lines) if (line.trim()) said(line)
  })
}
