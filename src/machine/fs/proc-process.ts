import { limitsFile, limitsOf } from '../limits.ts'
import { descriptorsOf } from './descriptors.ts'
import { linksTo, shows } from './files-provider.ts'
import type { Live } from './mount.ts'
import type { ProcessEntry } from './process-table.ts'
import type { Session } from './sessions.ts'

const nul = (words: readonly string[]): string => words.map(word => `${word}\0`).join('')
const states = { R: 'running', S: 'sleeping', I: 'idle', D: 'disk sleep', Z: 'zombie' } as const
const kib = (bytes: number): string => `${Math.round(bytes / 1024)}`.padStart(8)

const status = ({ name, state, pid, ppid, uid, rss, virtual, argv, threads = 1 }: ProcessEntry): string => {
  const four = `${uid}\t${uid}\t${uid}\t${uid}`
  const memory = argv.length
    ? `VmPeak:\t${kib(virtual)} kB\nVmSize:\t${kib(virtual)} kB\nVmLck:\t${kib(0)} kB\nVmHWM:\t${kib(rss)} kB\nVmRSS:\t${kib(rss)} kB\nVmSwap:\t${kib(0)} kB\n`
    : ''
  return `Name:\t${name}\nUmask:\t0022\nState:\t${state} (${states[state]})\nTgid:\t${pid}\nNgid:\t0\nPid:\t${pid}\nPPid:\t${ppid}\nTracerPid:\t0\nUid:\t${four}\nGid:\t${four}\nFDSize:\t64\nGroups:\t \n${memory}Threads:\t${threads}\nSeccomp:\t0\n`
}

/** proc(5): 52 fields; those that nothing here follows are 0. */
const stat = (entry: ProcessEntry, { bootedAt, sessions }: Surroundings): string => {
  const { pid, name, state, ppid, cpu, startedAt, virtual, rss, tty, nice = 0, threads = 1 } = entry
  const { pgid, sid, tpgid } = sessions()(entry)
  const terminal = /^pts\/(\d+)$/.exec(tty)
  const device = terminal ? 136 * 256 + Number(terminal[1]) : tty === 'tty1' ? 4 * 256 + 1 : 0
  const ticks = Math.floor(cpu * 100)
  const start = Math.max(0, Math.floor((startedAt - bootedAt) / 10))
  const head = [
    state,
    ppid,
    pgid,
    sid,
    device,
    tpgid,
    4194560,
    0,
    0,
    0,
    0,
    ticks - Math.floor(ticks / 3),
    Math.floor(ticks / 3),
    0,
    0,
    20 + nice,
    nice,
    threads,
    0,
  ]
  return `${pid} (${name}) ${[...head, start, virtual, Math.floor(rss / 4096), '18446744073709551615', ...Array(27).fill(0)].join(' ')}\n`
}

const maps = ({ exe }: ProcessEntry): string =>
  exe
    ? `55d0c8a00000-55d0c8a2f000 r--p 00000000 08:01 1337                       ${exe}\n7f3c2a000000-7f3c2a026000 r--p 00000000 08:01 2713                       /usr/lib/x86_64-linux-gnu/libc.so.6\n7ffd1c5e0000-7ffd1c601000 rw-p 00000000 00:00 0                          [stack]\n`
    : ''

/** What a process's files say that is not its own. */
export type Surroundings = {
  bootedAt: number
  memory: number
  gone(path: string): boolean
  sessions(): (entry: ProcessEntry) => Session
}
type Maker = (entry: ProcessEntry, around: Surroundings) => Live | undefined
const files = new Map<string, Maker>([
  ['status', entry => shows(() => status(entry))],
  ['stat', (entry, around) => shows(() => stat(entry, around))],
  ['statm', ({ virtual, rss }) => shows(() => `${virtual >> 12} ${rss >> 12} ${rss >> 13} 200 0 ${rss >> 13} 0\n`)],
  ['comm', ({ name }) => shows(() => `${name}\n`, 0o644)],
  ['cmdline', ({ argv }) => shows(() => nul(argv))],
  ['environ', ({ env }) => shows(() => nul(env), 0o400)],
  ['maps', entry => shows(() => maps(entry))],
  ['cgroup', ({ pid }) => shows(() => (pid === 1 ? '0::/init.scope\n' : '0::/system.slice\n'))],
  ['oom_score_adj', () => ({ ...shows(() => '0\n', 0o644), write: () => undefined })],
  ['limits', (_, { memory }) => shows(() => limitsFile(limitsOf(memory)))],
  [
    'exe',
    ({ exe }, { gone }) => (exe ? linksTo(gone(exe) ? `${exe} (deleted)` : exe) : { type: 'symlink', mode: 0o777 }),
  ],
  ['cwd', ({ cwd }) => linksTo(cwd)],
  ['root', () => linksTo('/')],
])

export const processNames: readonly string[] = [...files.keys(), 'mounts', 'net', 'fd', 'task']

/** `status` and the like of one process; its private files belong to its user. */
export const processFile = (entry: ProcessEntry, name: string, around: Surroundings): Live | undefined => {
  const { uid, pid, startedAt } = entry
  const own = { uid, gid: uid, time: startedAt }
  if (name === 'fd')
    return { type: 'directory', mode: 0o500, ...own, list: () => descriptorsOf(entry).map(({ fd }) => `${fd}`) }
  if (name.startsWith('fd/')) {
    const found = descriptorsOf(entry).find(({ fd }) => `fd/${fd}` === name)
    return found && { ...linksTo(found.target), mode: found.mode, size: 64, ...own }
  }
  if (name === 'task') return { type: 'directory', mode: 0o555, ...own, list: () => [`${pid}`] }
  if (name === `task/${pid}`) return { type: 'directory', mode: 0o555, ...own, list: () => [...files.keys()] }
  const file = files.get(name.startsWith(`task/${pid}/`) ? name.slice(`task/${pid}/`.length) : name)?.(entry, around)
  return file && { ...file, ...own }
}
