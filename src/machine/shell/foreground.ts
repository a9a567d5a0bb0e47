import { kernel as root } from '../rights.ts'
import { Exhausted, type Foreground, type Input, type Terminal } from '../system.ts'
import { type Job, Leave, type Shell } from './state.ts'
import { pause, wakeAll } from './world.ts'

/** A process group: what one entered line, or one background job, runs. It hears the terminal's signals together. */
export type Group = Foreground & {
  members: Set<number>
  /** SIGTSTP came and no SIGCONT since. */
  stopped: boolean
  /** The last program that ended was ended by SIGINT, or it came while the shell itself was busy. */
  interrupted: boolean
  /** A program of it was ended by a signal: the terminal's modes may not be what it should have left. */
  signalled: number
  /** Who waits for it to stop, or to go on. */
  watchers: Set<() => void>
  /** The shell waits for it in a way that lets it stop. */
  waited: number
}

const SIGINT = 2
const SIGTSTP = 20
/** A new group of this shell's. `shell` is told of SIGINT where no program runs that could hear it. */
export const newGroup = (sh: Shell, isBackground = false): Group => {
  const group: Group = {
    members: new Set(),
    stopped: false,
    interrupted: false,
    signalled: 0,
    over: false,
    watchers: new Set(),
    waited: 0,
    signal(number) {
      if (number === SIGTSTP) {
        if (group.waited > 0 || isBackground) stop(group)
        return
      }
      if (number === SIGINT && group.members.size === 0 && !isBackground) {
        group.interrupted = true
        group.over = true
        for (const wake of [...sh.wakeups]) wake()
      }
      for (const pid of [...group.members]) sh.world.process.host.processes.signal(pid, number, root)
    },
  }
  return group
}

export const stop = (group: Group): void => {
  group.stopped = true
  wakeAll(group.watchers)
}
/** SIGCONT. */
export const goOn = (group: Group): void => {
  group.stopped = false
  wakeAll(group.watchers)
}

/** Nothing of a stopped group moves until it goes on. */
export const running = (sh: Shell): Promise<void> | undefined =>
  sh.group?.stopped ? whileStopped(sh, sh.group) : undefined

const whileStopped = async (sh: Shell, group: Group): Promise<void> => {
  while (group.stopped) await pause(sh.world, group.watchers)
}

/** This shell waits before a person, and its commands get the terminal in turn. */
export const controlsJobs = (sh: Shell): boolean => sh.mode === 'interactive' && !sh.subshell && sh.group !== undefined

/**
 * Waits for what runs in the foreground. When it stops instead, it becomes a job, and what was entered is given up as
 * bash does.
 */
export const foregrounded = async (sh: Shell, work: Promise<number>, command = sh.entered): Promise<number> => {
  const { group } = sh
  if (!group || !controlsJobs(sh)) return work
  let done = false
  group.waited++
  const finished = work.then(
    status => {
      done = true
      wakeAll(group.watchers)
      return { status }
    },
    error => {
      done = true
      wakeAll(group.watchers)
      return { error }
    },
  )
  try {
    while (!done && !group.stopped) await pause(sh.world, group.watchers)
  } finally {
    group.waited--
  }
  if (!group.stopped) {
    const end = await finished
    if ('error' in end) throw end.error
    return end.status
  }
  const before = sh.jobs.find(job => job.group === group)
  if (before) {
    before.since = nextSince(sh)
    before.termios = sh.world.process.terminal?.termios
    throw new Leave('stopped', 128 + SIGTSTP)
  }
  const job: Job = {
    id: Math.max(0, ...sh.jobs.map(job => job.id)) + 1,
    pid: [...group.members][0] ?? sh.pid,
    command,
    done: false,
    status: 128 + SIGTSTP,
    shell: sh,
    told: false,
    since: nextSince(sh),
    group,
    termios: sh.world.process.terminal?.termios,
    finished: finished.then(end => {
      job.done = true
      group.over = true
      if ('error' in end && end.error instanceof Exhausted) throw end.error
      job.status = 'error' in end ? 1 : end.status
      return job.status
    }),
  }
  job.finished.catch(() => {})
  sh.jobs.push(job)
  throw new Leave('stopped', 128 + SIGTSTP)
}

/** For the job that was started or stopped last. */
export const nextSince = (sh: Shell): number => Math.max(0, ...sh.jobs.map(job => job.since)) + 1

/** The terminal as a background group reads it: whoever tries stops until it is in the foreground. */
export const backgroundInput = (sh: Shell, terminal: Terminal, group: Group, input: Input): Input => ({
  async read(max) {
    while (terminal.foreground !== group) {
      stop(group)
      await whileStopped(sh, group)
    }
    return input.read(max)
  },
})
