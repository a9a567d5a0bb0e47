import type { ProcessEntry } from '../fs/process-table.ts'
import type { Device } from './facts.ts'

type Maker = (entry: ProcessEntry) => string

/** A kernel's release as a number that compares: 2.6.31 is 2006031, 3.10 is 3010000. */
const releaseOf = ({ firmware }: Device): number => {
  const [major = 0, minor = 0, patch = 0] = firmware.kernel.split(/[.-]/, 3).map(Number)
  return major * 1e6 + minor * 1e3 + (major === 2 ? patch : 0)
}
/** Linux 2.6.34, 2.6.36 and 3.2 in these numbers: what came with each. */
const withSwap = 2_006_034
const withScoreAdjustment = 2_006_036
const withPinned = 3_002_000

/** Files of /proc/PID as kernels of that age write them, and `undefined` for those that came later. */
export const processFilesOf = (device: Device): ReadonlyMap<string, Maker | undefined> => {
  const release = releaseOf(device)
  return new Map<string, Maker | undefined>([
    ['maps', entry => maps(device, entry)],
    ['status', entry => status(device, entry)],
    ['cgroup', undefined],
    ...(release < withScoreAdjustment ? ([['oom_score_adj', undefined]] as const) : []),
  ])
}

const states = { R: 'running', S: 'sleeping', I: 'sleeping', D: 'disk sleep', Z: 'zombie' } as const
const kib = (bytes: number): string => `${Math.round(bytes / 1024)}`.padStart(8)
const page = 4096

/** proc_pid_status of Linux 2.6.31 to 3.10: nothing of Umask, Ngid and Seccomp yet; signals and capabilities in full. */
const status = (device: Device, entry: ProcessEntry): string => {
  const { name, state, pid, ppid, uid, rss, virtual, argv, threads = 1 } = entry
  const release = releaseOf(device)
  const four = `${uid}\t${uid}\t${uid}\t${uid}`
  const none = '0'.repeat(16)
  const all = 'f'.repeat(16)
  const text = Math.min(device.firmware.image === 'dvr-arm' ? 592 : 460, virtual / 2048) * 1024
  const memory: [string, number][] = [
    ['VmPeak', virtual],
    ['VmSize', virtual],
    ['VmLck', 0],
    ...(release >= withPinned ? ([['VmPin', 0]] as [string, number][]) : []),
    ['VmHWM', rss],
    ['VmRSS', rss],
    ['VmData', Math.max(page, virtual - text - 700_000)],
    ['VmStk', 33 * page],
    ['VmExe', text],
    ['VmLib', 528 * 1024],
    ['VmPTE', (2 + (virtual >> 22)) * page],
    ...(release >= withSwap ? ([['VmSwap', 0]] as [string, number][]) : []),
  ]
  const signals = argv.length > 0 ? none : all
  return `Name:\t${name}
State:\t${state === 'I' ? 'S' : state} (${states[state]})
Tgid:\t${pid}
Pid:\t${pid}
PPid:\t${ppid}
TracerPid:\t0
Uid:\t${four}
Gid:\t${four}
FDSize:\t${argv.length > 0 ? 32 : 64}
Groups:\t${uid === 0 && argv.length > 0 ? '0 ' : ''}
${argv.length > 0 ? memory.map(([field, bytes]) => `${field}:\t${kib(bytes)} kB\n`).join('') : ''}Threads:\t${threads}
SigQ:\t0/${Math.floor(device.memory / 262_144)}
SigPnd:\t${none}
ShdPnd:\t${none}
SigBlk:\t${none}
SigIgn:\t${signals}
SigCgt:\t${none}
CapInh:\t${none}
CapPrm:\t${uid === 0 ? all : none}
CapEff:\t${uid === 0 ? all : none}
CapBnd:\t${all}
Cpus_allowed:\t${device.firmware.cores === 1 ? '1' : '3'}
Cpus_allowed_list:\t${device.firmware.cores === 1 ? '0' : `0-${device.firmware.cores - 1}`}
voluntary_ctxt_switches:\t${20 + (pid % 37)}
nonvoluntary_ctxt_switches:\t${3 + (pid % 11)}
`
}

/** Libraries that BusyBox is linked with, in the order in which uClibc's loader maps them, and the loader. */
const libraries: readonly (readonly [path: string, bytes: number, inode: number])[] = [
  ['/lib/libcrypt-0.9.32.1.so', 13_196, 97],
  ['/lib/libm-0.9.32.1.so', 73_628, 103],
  ['/lib/libuClibc-0.9.32.1.so', 399_512, 109],
]
const loader = ['/lib/ld-uClibc-0.9.32.1.so', 28_424, 94] as const

/** Where the chip's kernel puts things: programs that are linked to one place, and all else below the stack. */
const layouts = {
  arm: { program: 0x8000, step: 0x8000, libraries: 0x40000000, stack: 0xbe800000, permissions: 'rw-p' },
  mips: { program: 0x400000, step: 0x10000, libraries: 0x2aaa8000, stack: 0x7f800000, permissions: 'rwxp' },
} as const

const hex = (value: number): string => (value >>> 0).toString(16).padStart(8, '0')

/** /proc/PID/maps of a 32-bit program (show_map_vma of fs/proc/task_mmu.c): the name stands behind 49 characters. */
const maps = (device: Device, { exe, pid, rss }: ProcessEntry): string => {
  if (exe === '') return ''
  const arm = device.firmware.image === 'dvr-arm'
  const layout = arm ? layouts.arm : layouts.mips
  const installed = /^\/(s?bin|usr|lib|app|home)\//.test(exe)
  const flash = `1f:0${device.firmware.flash.findIndex(({ holds }) => holds === 'root')}`
  /** The routers' image has five folders fewer in front. */
  const inodeOf = (inode: number): number => (arm ? inode : inode - 5)
  const noise = (pid * 2_654_435_761) >>> 0
  const whole = (bytes: number): number => Math.ceil(bytes / page) * page
  const lines: string[] = []
  const map = (from: number, bytes: number, rights: string, offset: number, file: string, name: string): number => {
    const line = `${hex(from)}-${hex(from + whole(bytes))} ${rights} ${hex(offset)} ${file} `
    lines.push(name === '' ? `${line}\n` : `${line.padEnd(49)}${name}\n`)
    return from + whole(bytes)
  }
  const nothing = '00:00 0'
  const size =
    exe === '/bin/busybox' ? (arm ? 603_148 : device.firmware.image === 'router-mips' ? 472_884 : 468_240) : rss
  const file = installed
    ? `${flash} ${exe === '/bin/busybox' ? inodeOf(34) : 40 + (size % 45)}`
    : `00:0c ${1000 + (pid % 900)}`
  map(layout.program, size * 0.97, 'r-xp', 0, file, exe)
  const text = whole(size * 0.97)
  const data = layout.program + Math.ceil((text + 1) / layout.step) * layout.step + (text % layout.step) - page
  const heap = map(data, page, 'rw-p', text - page, file, exe)
  map(heap, 2 * page, arm ? 'rw-p' : 'rwxp', 0, nothing, '[heap]')
  if (installed) {
    let at: number = layout.libraries
    const gap = arm ? 0x8000 : 0xf000
    const library = ([path, bytes, inode]: readonly [string, number, number]): void => {
      const where = `${flash} ${inodeOf(inode)}`
      at = map(at, bytes * 0.97, 'r-xp', 0, where, path)
      at = map(at, gap - page, '---p', 0, nothing, '')
      at = map(at, page, 'rw-p', whole(bytes * 0.97) - page, where, path)
    }
    library(loader)
    for (const one of libraries) library(one)
  }
  const stack = layout.stack + (noise % 0x600) * page
  map(stack, 33 * page, layout.permissions, 0, nothing, '[stack]')
  if (arm) map(0xffff0000, page, 'r-xp', 0, nothing, '[vectors]')
  else if (releaseOf(device) >= 2_006_035) map(0x7fff7000, page, 'r-xp', 0, nothing, '[vdso]')
  return lines.join('')
}
