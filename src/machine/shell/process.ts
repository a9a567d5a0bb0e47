import { Broken, type Input, type Output, type Process, type Program, type RunOptions, SystemError } from '../system.ts'
import type { List } from './ast.ts'
import { executeFile } from './external.ts'
import { running } from './foreground.ts'
import { runList } from './run.ts'
import { closeAll, fork, Killed, Leave, type Shell } from './state.ts'
import { type Handle, handleOf, namedPipe, readEnd, release } from './streams.ts'
import { withSubstitutions } from './substitution.ts'
import { runExitTrap, runPendingTraps } from './traps.ts'
import { environmentOf, variablesOf } from './variables.ts'
import { pause, spend, type World } from './world.ts'

/** Shells that programs start count against the same ceilings as the shell that started the program. */
const worlds = new WeakMap<Process, World>()
export const worldBehind = (process: Process): World | undefined => worlds.get(process)

/** What a fork costs in steps. */
const FORK = 100

/** Runs the commands in a shell already forked, closes its descriptors, and gives its exit status. */
export const runSubshell = async (child: Shell, body: List): Promise<number> => endOf(child, () => runList(child, body))

/** Lives a forked shell's life: how it ended, as its parent sees it. */
export const endOf = async (child: Shell, run: () => Promise<number>): Promise<number> => {
  const { world } = child
  try {
    spend(world, FORK)
    if (++world.alive > world.limits.processes) spend(world, world.limits.steps)
    return await statusOf(child, run)
  } finally {
    world.alive--
    world.process.host.processes.end(child.pid)
    child.group?.members.delete(child.pid)
    closeAll(child)
  }
}

/** Runs to the end, EXIT trap and all; control flow that leaves the shell becomes its status. */
export const statusOf = async (sh: Shell, run: () => Promise<number>): Promise<number> => {
  const once = async (what: () => Promise<number>): Promise<number> => {
    try {
      return await what()
    } catch (error) {
      if (error instanceof Leave) return error.how === 'break' || error.how === 'continue' ? 0 : error.count
      if (error instanceof Killed) return 128 + error.signal
      if (error instanceof Broken) return 141
      throw error
    }
  }
  sh.status = await once(run)
  // What came while the last command ran is heard before the end.
  if (sh.signals.length > 0 && sh.traps.size > 0)
    await once(async () => {
      await runPendingTraps(sh)
      return sh.status
    })
  if (!sh.traps.has('EXIT')) return sh.status
  return once(() => runExitTrap(sh))
}

/** Signals that do nothing to a program that did not ask for them. */
const harmless = new Set([17, 18, 19, 20, 21, 22, 23, 28])

/** Starts the program at `path` with this shell's descriptors, waits for it, and gives its exit status. */
export const runProgram = async (
  sh: Shell,
  program: Program,
  path: string,
  argv: string[],
  comm: string,
): Promise<number> => {
  const { world, handles } = sh
  spend(world, FORK)
  const root = world.process
  const { processes } = root.host
  let kill: (signal: number) => void = () => {}
  const killed = new Promise<never>((_, reject) => {
    kill = signal => {
      if (!harmless.has(signal)) reject(new Killed(signal))
    }
  })
  killed.catch(() => {})
  const [stdin, stdout, stderr] = [handles.get(0), handles.get(1), handles.get(2)]
  const cwd = sh.cwd
  const tty = root.terminal?.name ?? '?'
  const image = { uid: sh.who.uid, name: comm.slice(0, 15), argv: argv.slice(0, 32), exe: path, cwd, tty }
  const replaces = sh.becomes
  const ppid = replaces ? sh.parent : sh.pid
  if (replaces) processes.become(sh.pid, image, signal => kill(signal))
  const pid = replaces ? sh.pid : processes.start({ ppid, ...image }, signal => kill(signal))
  const { group } = sh
  let dead = false
  group?.members.add(pid)
  const child: Process = {
    ...root,
    fs: withSubstitutions(sh),
    pid,
    ppid,
    who: sh.who,
    argv,
    env: environmentOf(sh.variables),
    cwd,
    umask: sh.umask,
    rlimits: sh.rlimits,
    stdin: stdin?.input ?? { read: closed },
    stdout: stdout?.output ?? { write: closed },
    stderr: stderr?.output ?? { write: closed },
    isatty: [stdin?.tty ?? false, stdout?.tty ?? false, stderr?.tty ?? false],
    run: (argv, how = {}) => runChild(sh, child, argv, how),
    sleep: seconds => Promise.race([sleep(sh, seconds), killed]),
    step: cost => spend(world, cost),
  }
  if (group) gate(sh, child, () => dead)
  const pipes: Handle[] = []
  child.fifo = path => {
    const end = readEnd(namedPipe(world, child.fs.stat(path, sh.who)))
    pipes.push(end)
    return end.input!
  }
  worlds.set(child, world)
  if (++world.alive > world.limits.processes) spend(world, world.limits.steps)
  try {
    return (await Promise.race([program(child), killed])) & 0xff
  } catch (error) {
    if (error instanceof Broken) return 141
    if (error instanceof Killed) {
      if (group) group.signalled = error.signal
      if (group && error.signal === 2) group.interrupted = true
      return 128 + error.signal
    }
    if (error instanceof SystemError) return 1
    if (!isFault(error)) throw error
    root.host.witness.fault({ program: argv[0] ?? path, error })
    return 139
  } finally {
    pipes.forEach(release)
    world.alive--
    // A fork that became the program is ended by whoever forked it.
    if (!replaces) processes.end(pid)
    dead = true
    group?.members.delete(pid)
  }
}

/** A mistake in our code, as against an end that somebody meant. */
const isFault = (error: unknown): error is Error =>
  error instanceof TypeError || error instanceof RangeError || error instanceof ReferenceError

/** A stopped program neither reads, writes nor wakes. */
const gate = (sh: Shell, child: Process, dead: () => boolean): void => {
  const { stdin, stdout, stderr, sleep } = child
  // What was killed while it waited never goes on.
  const forever = () => new Promise<never>(() => {})
  const gated = (output: Output): Output => ({
    async write(data) {
      if (dead()) await forever()
      if (sh.group?.stopped) await running(sh)
      await output.write(data)
    },
  })
  child.stdout = gated(stdout)
  child.stderr = gated(stderr)
  child.stdin = {
    async read(max) {
      try {
        const data = await stdin.read(max)
        if (sh.group?.stopped) await running(sh)
        return dead() ? await forever() : data
      } catch (error) {
        return dead() ? forever() : Promise.reject(error)
      }
    },
  }
  child.sleep = async seconds => {
    await sleep(seconds)
    await running(sh)
  }
}

const closed = async (): Promise<never> => {
  throw new SystemError('EBADF')
}

/** A program's own child: a shell's fork in between, so that scripts and ceilings are as for any command. */
export const runChild = async (sh: Shell, parent: Process, argv: string[], how: RunOptions): Promise<number> => {
  // A child of the program, not of the shell that the program was started by.
  const child = fork({ ...sh, pid: parent.pid })
  const replace = (fd: number, ends: { input: Input } | { output: Output }): void => {
    release(child.handles.get(fd))
    child.handles.set(fd, handleOf({ ...ends, tty: false }))
  }
  if (how.stdin) replace(0, { input: how.stdin })
  if (how.stdout) replace(1, { output: how.stdout })
  if (how.stderr) replace(2, { output: how.stderr })
  child.who = how.who ?? parent.who
  child.cwd = how.cwd ?? parent.cwd
  child.umask = parent.umask
  child.rlimits = how.rlimits ?? child.rlimits
  child.variables = variablesOf(how.env ?? parent.env)
  child.depth = sh.depth + 1
  return endOf(child, () => executeFile(child, argv, how.name, how.mapped))
}

/** Waits with the machine's clock, or until a signal comes or all is over. */
const sleep = async (sh: Shell, seconds: number): Promise<void> => {
  const { world } = sh
  let done = false
  const woken = pause(world, sh.wakeups).then(
    () => {
      if (!done && sh.signals.length > 0) throw new Killed(Number(sh.signals[0]))
    },
    error => {
      if (!done) throw error
    },
  )
  await Promise.race([world.process.sleep(seconds), woken])
  done = true
}
