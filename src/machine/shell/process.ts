import { Broken, type Process, type Program, SystemError } from '../system.ts'
import type { List } from './ast.ts'
import { runList } from './run.ts'
import { closeAll, Killed, Leave, type Shell } from './state.ts'
import { withSubstitutions } from './substitution.ts'
import { runExitTrap } from './traps.ts'
import { environmentOf } from './variables.ts'
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
    world.shells.set(child.pid, signal => deliver(child, signal))
    return await statusOf(child, run)
  } finally {
    world.alive--
    world.shells.delete(child.pid)
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
  if (!sh.traps.has('EXIT')) return sh.status
  return once(() => runExitTrap(sh))
}

const deliver = (sh: Shell, signal: number): void => {
  if (sh.signals.length < 16) sh.signals.push(String(signal))
  for (const wake of [...sh.wakeups]) wake()
}

/** Starts a program with this shell's descriptors, waits for it, and gives its exit status. */
export const runProgram = async (
  sh: Shell,
  program: Program,
  argv: string[],
  more?: ReadonlyMap<string, string>,
): Promise<number> => {
  const { world } = sh
  spend(world, FORK)
  const root = world.process
  const closed = async (): Promise<never> => {
    throw new SystemError('EINVAL', 'closed')
  }
  const { handles } = sh
  const stdout = handles.get(1)
  const child: Process = {
    ...root,
    fs: withSubstitutions(sh),
    pid: world.nextPid++,
    argv,
    env: new Map([...environmentOf(sh.variables), ...(more ?? [])]),
    cwd: sh.cwd,
    umask: sh.umask,
    stdin: handles.get(0)?.input ?? { read: async () => undefined },
    stdout: stdout?.output ?? { write: closed },
    stderr: handles.get(2)?.output ?? { write: closed },
    tty: stdout?.tty ? root.tty : undefined,
    sleep: seconds => sleep(sh, seconds),
    step: cost => spend(world, cost),
  }
  worlds.set(child, world)
  if (++world.alive > world.limits.processes) spend(world, world.limits.steps)
  try {
    return (await program(child)) & 0xff
  } catch (error) {
    if (error instanceof Broken) return 141
    if (error instanceof SystemError) return 1
    throw error
  } finally {
    world.alive--
  }
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
