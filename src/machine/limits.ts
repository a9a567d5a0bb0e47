import type { Credentials } from './system.ts'

/** getrlimit(2) of one resource, in the unit that bash's ulimit shows; `Infinity` is RLIM_INFINITY. */
export type ResourceLimit = { soft: number; hard: number }
/** By the letter of bash's ulimit. Never changed: who sets one makes another map. */
export type ResourceLimits = ReadonlyMap<string, ResourceLimit>

const free: ResourceLimit = { soft: Infinity, hard: Infinity }
const both = (value: number): ResourceLimit => ({ soft: value, hard: value })

/** /proc/sys/fs/nr_open: beyond it not even root gets. */
const mostFiles = 1_048_576

/**
 * What a log-in gets: pam_limits hands on what the first process has, for which systemd raises open files and locked
 * memory (an eighth of all); processes and signals are the kernel's (fork_init(): half of threads-max).
 */
export const limitsOf = (memory: number): ResourceLimits => {
  const processes = both(Math.floor(memory / 262_144))
  return new Map<string, ResourceLimit>([
    ['R', free],
    ['c', { soft: 0, hard: Infinity }],
    ['d', free],
    ['e', both(0)],
    ['f', free],
    ['i', processes],
    ['l', both(Math.floor(memory / 8192))],
    ['m', free],
    ['n', { soft: 1024, hard: mostFiles }],
    ['p', both(8)],
    ['q', both(819_200)],
    ['r', both(0)],
    ['s', { soft: 8192, hard: Infinity }],
    ['t', free],
    ['u', processes],
    ['v', free],
    ['x', free],
  ])
}

/** setrlimit(2): the limits that hold afterwards, or what the kernel says against it. */
export const limited = (
  limits: ResourceLimits,
  letter: string,
  next: ResourceLimit,
  who: Credentials,
): ResourceLimits | 'EINVAL' | 'EPERM' => {
  const before = limits.get(letter)
  // The size of a pipe is no limit of the kernel's.
  if (!before || letter === 'p' || next.soft > next.hard) return 'EINVAL'
  if (next.hard > before.hard && who.uid !== 0) return 'EPERM'
  if (letter === 'n' && next.hard > mostFiles) return 'EPERM'
  return new Map([...limits, [letter, next]])
}

/** Rows of /proc/PID/limits: name, letter, what one of bash's units is in the kernel's, the kernel's unit. */
const rows: readonly [name: string, letter: string, scale: number, unit: string][] = [
  ['cpu time', 't', 1, 'seconds'],
  ['file size', 'f', 1024, 'bytes'],
  ['data size', 'd', 1024, 'bytes'],
  ['stack size', 's', 1024, 'bytes'],
  ['core file size', 'c', 1024, 'bytes'],
  ['resident set', 'm', 1024, 'bytes'],
  ['processes', 'u', 1, 'processes'],
  ['open files', 'n', 1, 'files'],
  ['locked memory', 'l', 1024, 'bytes'],
  ['address space', 'v', 1024, 'bytes'],
  ['file locks', 'x', 1, 'locks'],
  ['pending signals', 'i', 1, 'signals'],
  ['msgqueue size', 'q', 1, 'bytes'],
  ['nice priority', 'e', 1, ''],
  ['realtime priority', 'r', 1, ''],
  ['realtime timeout', 'R', 1, 'us'],
]

/** /proc/PID/limits (proc(5)). */
export const limitsFile = (limits: ResourceLimits): string => {
  const column = (text: string): string => text.padEnd(21)
  const shown = (value: number, scale: number): string => (value === Infinity ? 'unlimited' : `${value * scale}`)
  const head = `${'Limit'.padEnd(26)}${column('Soft Limit')}${column('Hard Limit')}${'Units'.padEnd(10)}\n`
  const lines = rows.map(([name, letter, scale, unit]) => {
    const { soft, hard } = limits.get(letter) ?? free
    const tail = unit === '' ? '' : unit.padEnd(10)
    return `${`Max ${name}`.padEnd(26)}${column(shown(soft, scale))}${column(shown(hard, scale))}${tail}\n`
  })
  return head + lines.join('')
}
