import { Broken } from '../system.ts'
import type { AndOr } from './ast.ts'
import { endOf } from './process.ts'
import { runAndOr } from './run.ts'
import { fork, type Job, type Shell, write } from './state.ts'
import { deviceHandle, release } from './streams.ts'
import { spend } from './world.ts'

/** `… &`: a shell of its own, not waited for. */
export const startJob = async (sh: Shell, item: AndOr): Promise<number> => {
  const child = fork(sh)
  if (sh.mode !== 'interactive') {
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
    finished: Promise.resolve(0),
  }
  job.finished = later()
    .then(() => endOf(child, () => runAndOr(child, item)))
    // What ends everything ends the first shell as well, which tells of it.
    .catch(error => (error instanceof Broken ? 141 : 137))
    .then(status => {
      job.done = true
      job.status = status
      return status
    })
  const { background } = sh.world
  background.add(job.finished)
  void job.finished.then(() => background.delete(job.finished))
  sh.jobs.push(job)
  sh.lastBackground = child.pid
  if (sh.mode === 'interactive' && !sh.subshell) await write(sh, 2, `[${job.id}] ${job.pid}\n`)
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

/** `%1`, `%%`, `%+`, `%-`, `%name` */
export const findJob = (sh: Shell, text: string): Job | undefined => {
  if (!text.startsWith('%')) return sh.jobs.find(job => job.pid === Number(text))
  const which = text.slice(1)
  if (which === '' || which === '%' || which === '+') return sh.jobs.at(-1)
  if (which === '-') return sh.jobs.at(-2) ?? sh.jobs.at(-1)
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
  const mark = job === sh.jobs.at(-1) ? '+' : job === sh.jobs.at(-2) ? '-' : ' '
  const state = !job.done
    ? 'Running'
    : job.status === 0
      ? 'Done'
      : job.status > 128
        ? (SIGNAL_WORDS.get(job.status - 128) ?? 'Done')
        : `Exit ${job.status}`
  return `[${job.id}]${mark}  ${pid ? `${job.pid} ` : ''}${state.padEnd(24)}${job.command}${job.done ? '' : ' &'}\n`
}
