import { Broken } from '../system.ts'
import type { AndOr } from './ast.ts'
import { backgroundInput, controlsJobs, goOn, newGroup, nextSince } from './foreground.ts'
import { endOf } from './process.ts'
import { runAndOr } from './run.ts'
import { fork, type Job, replaceable, type Shell, write } from './state.ts'
import { deviceHandle, handleOf, release } from './streams.ts'
import { spend } from './world.ts'

/** `… &`: a shell of its own, not waited for. */
export const startJob = async (sh: Shell, item: AndOr): Promise<number> => {
  const child = fork(sh)
  const { first, rest } = item
  child.becomes = rest.length === 0 && first.commands.length === 1 && replaceable(first.commands[0]!)
  const { terminal } = sh.world.process
  const group = controlsJobs(sh) ? newGroup(sh, true) : undefined
  if (sh.group) sh.group.members.delete(child.pid)
  child.group = group
  group?.members.add(child.pid)
  const input = child.handles.get(0)
  if (group && terminal && input?.tty && input.input) {
    release(child.handles.get(0))
    child.handles.set(0, handleOf({ input: backgroundInput(sh, terminal, group, input.input), tty: true }))
  } else if (sh.mode !== 'interactive') {
    release(child.handles.get(0))
    child.handles.set(0, deviceHandle(sh.world, 3)!)
  }
  sh.jobs = sh.jobs.filter(job => !job.done || !job.told)
  if (sh.jobs.length >= sh.world.limits.processes) spend(sh.world, sh.world.limits.steps)
  const job: Job = {
    id: Math.max(0, ...sh.jobs.map(job => job.id)) + 1,
    pid: child.pid,
    command: item.source,
    done: false,
    status: 0,
    shell: child,
    told: false,
    since: nextSince(sh),
    ...(group ? { group } : {}),
    finished: Promise.resolve(0),
  }
  job.finished = later()
    .then(() => endOf(child, () => runAndOr(child, item)))
    // What ends everything ends the first shell as well, which tells of it.
    .catch(error => (error instanceof Broken ? 141 : 137))
    .then(status => {
      job.done = true
      job.status = status
      if (group) {
        group.over = true
        goOn(group)
      }
      return status
    })
  const { background } = sh.world
  background.add(job.finished)
  void job.finished.then(() => background.delete(job.finished))
  sh.jobs.push(job)
  sh.lastBackground = child.pid
  if (sh.mode === 'interactive' && !sh.subshell && sh.flavour === 'bash') await write(sh, 2, `[${job.id}] ${job.pid}\n`)
  return 0
}

/** What became of jobs since the last prompt. */
export const notifyJobs = async (sh: Shell): Promise<void> => {
  for (const job of sh.jobs) {
    if (!job.done || job.told) continue
    await write(sh, 2, jobLine(sh, job))
    job.told = true
  }
  sh.jobs = sh.jobs.filter(job => !job.told)
}

const later = (): Promise<void> => new Promise(resolve => setImmediate(resolve))

/** The jobs marked `+` and `-`: what stopped last, else what was started last. */
const currentJobs = (sh: Shell): (Job | undefined)[] =>
  sh.jobs.toSorted((a, b) => Number(isStopped(b)) - Number(isStopped(a)) || b.since - a.since).slice(0, 2)

/** It waits for SIGCONT. */
export const isStopped = (job: Job): boolean => !job.done && job.group?.stopped === true

/** `%1`, `%%`, `%+`, `%-`, `%name` */
export const findJob = (sh: Shell, text: string): Job | undefined => {
  if (!text.startsWith('%')) return sh.jobs.find(job => job.pid === Number(text))
  const which = text.slice(1)
  const [current, previous] = currentJobs(sh)
  if (which === '' || which === '%' || which === '+') return current
  if (which === '-') return previous ?? current
  if (/^[0-9]+$/.test(which)) return sh.jobs.find(job => job.id === Number(which))
  return sh.jobs.find(job =>
    which.startsWith('?') ? job.command.includes(which.slice(1)) : job.command.startsWith(which),
  )
}

const SIGNAL_WORDS = new Map([
  [1, 'Hangup'],
  [2, 'Interrupt'],
  [3, 'Quit'],
  [9, 'Killed'],
  [11, 'Segmentation fault'],
  [13, 'Broken pipe'],
  [15, 'Terminated'],
])

/** A line of `jobs`. */
export const jobLine = (sh: Shell, job: Job, pid = false): string => {
  const [current, previous] = currentJobs(sh)
  const mark = job === current ? '+' : job === previous ? '-' : ' '
  const stopped = isStopped(job)
  const state = stopped
    ? 'Stopped'
    : !job.done
      ? 'Running'
      : job.status === 0
        ? 'Done'
        : job.status > 128
          ? (SIGNAL_WORDS.get(job.status - 128) ?? 'Done')
          : `Exit ${job.status}`
  const text = job.command + (job.done || stopped ? '' : ' &')
  if (sh.flavour === 'sh') return `[${job.id}] ${mark} ${pid ? `${job.pid} ` : ''}${state.padEnd(26)}${job.command}\n`
  return `[${job.id}]${mark}  ${pid ? `${job.pid} ` : ''}${state.padEnd(24)}${text}\n`
}

/** What bash says of a command in the foreground that a signal ended; SIGINT and SIGPIPE are no news. */
export const signalWord = (signal: number): string | undefined =>
  signal === 2 || signal === 13 ? undefined : SIGNAL_WORDS.get(signal)
