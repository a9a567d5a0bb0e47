import type { Persona } from '#persona/persona.ts'
import { saysOf } from '../release.ts'
import { uuidOf } from '../uuid.ts'
import { directoriesOf, linksTo, shows } from './files-provider.ts'
import type { Live, Mount } from './mount.ts'
import { cpuinfo } from './proc-cpu.ts'
import type { ProcessTable } from './process-table.ts'
import { type Vitals, vitalsOf } from './vitals.ts'

/** Who looks at /proc, and what there is to see. */
export type ProcSources = {
  persona: Persona
  processes: ProcessTable
  mounts: readonly Mount[]
  /** Nothing has this path any more. */
  gone(path: string): boolean
  /** Milliseconds since the epoch, as the machine's clock shows it. */
  now(): number
}
/** With what they wrote to the settings of sysctl, by name. */
export type ProcView = ProcSources & { settings: Map<string, string> | undefined }
/** Makes a file as one view shows it. */
type Maker = (view: ProcView) => Live

/** Files by path, and the names in each directory. */
export type ProcTable = { files: ReadonlyMap<string, Maker>; directories: ReturnType<typeof directoriesOf> }
export const tableOf = (files: ProcTable['files']): ProcTable => ({ files, directories: directoriesOf(files.keys()) })

const tables = new WeakMap<Persona, ProcTable>()

/** What of /proc is not a process's: made once for all who look at this persona's machine. */
export const procTable = (persona: Persona): ProcTable => {
  const found = tables.get(persona) ?? tableOf(makersOf(persona))
  tables.set(persona, found)
  return found
}

const vitals = ({ persona, now }: ProcView): Vitals => vitalsOf(persona, now())
const text =
  (make: (view: ProcView) => string, mode?: number): Maker =>
  view =>
    shows(() => make(view), mode)

/** A setting of sysctl, which keeps what is written. */
const setting = (name: string, value: string | ((view: ProcView) => string), mode = 0o644): [string, Maker] => {
  const shown = (view: ProcView): string =>
    view.settings?.get(name) ?? `${typeof value === 'string' ? value : value(view)}\n`
  return [
    `sys/${name}`,
    view => {
      const file = shows(() => shown(view), mode)
      if (mode & 0o200)
        file.write = data => {
          view.settings ??= new Map()
          view.settings.set(name, data.toString('latin1', 0, 4096))
        }
      return file
    },
  ]
}

const kib = (bytes: number): string => `${Math.round(bytes / 1024)}`.padStart(8)
const fixed = (value: number): string => value.toFixed(2)
const modules = `virtio_net virtio_blk virtio_pci virtio_ring virtio nf_tables nfnetlink ip_tables x_tables crc32c_intel
 ext4 jbd2 mbcache crc16 crc32c_generic ata_piix libata scsi_mod sg evdev serio_raw pcspkr button fuse configfs autofs4`
  .trim()
  .split(/\s+/)

const swapsHead = 'Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n'
/** Swap areas: what swapon(8) has set down here, which is how this kernel is told of them. */
const swaps: Maker = view => ({
  ...shows(() => view.settings?.get('swaps') ?? swapsHead),
  write(data) {
    const said = data.toString('latin1', 0, 8192)
    if (!said.startsWith(swapsHead)) return
    view.settings ??= new Map()
    view.settings.set('swaps', said)
  },
})
/** Bytes of all areas. */
const swapOf = ({ settings }: ProcView): number =>
  [...(settings?.get('swaps') ?? '').matchAll(/ file\t\t(\d+)\t/g)].reduce(
    (sum, [, kib]) => sum + Number(kib) * 1024,
    0,
  )

const makersOf = (persona: Persona): ReadonlyMap<string, Maker> => {
  const { os, cpu } = persona
  const sectors = Math.floor(persona.disk / 1024)
  return new Map<string, Maker>([
    ['version', text(() => `Linux version ${os.kernel} ${saysOf(persona).kernelBuilder} ${os.kernelVersion}\n`)],
    ['cpuinfo', text(() => cpuinfo(cpu))],
    ['meminfo', text(view => meminfo(vitals(view).memory, swapOf(view)))],
    ['uptime', text(view => `${fixed(vitals(view).uptime)} ${fixed(vitals(view).idle)}\n`)],
    [
      'loadavg',
      text(view => {
        const { processes } = view
        const all = processes.list()
        const running = Math.max(1, all.filter(({ state }) => state === 'R').length)
        return `${vitals(view).load.map(fixed).join(' ')} ${running}/${all.length + 48} ${processes.self()}\n`
      }),
    ],
    ['stat', text(view => cpuTimes(cpu.cores, vitals(view), persona.bootedAt))],
    ['mounts', () => linksTo('self/mounts')],
    ['net', () => linksTo('self/net')],
    ['cmdline', text(() => `BOOT_IMAGE=/boot/vmlinuz-${os.kernel} root=/dev/sda1 ro quiet\n`)],
    ['filesystems', text(() => filesystems)],
    [
      'partitions',
      text(
        () =>
          `major minor  #blocks  name\n\n   8        0 ${`${sectors}`.padStart(10)} sda\n   8        1 ${`${sectors - 1024}`.padStart(10)} sda1\n`,
      ),
    ],
    [
      'modules',
      text(() =>
        modules
          .map(
            (name, index) =>
              `${name} ${16_384 + ((index * 28_672) % 630_784)} ${index % 3} - Live 0x0000000000000000\n`,
          )
          .join(''),
      ),
    ],
    ['swaps', swaps],
    [
      'devices',
      text(
        () =>
          'Character devices:\n  1 mem\n  4 tty\n  5 /dev/tty\n 10 misc\n136 pts\n\nBlock devices:\n  8 sd\n254 virtblk\n',
      ),
    ],
    ['kmsg', () => ({ type: 'file', mode: 0o400 })],
    ['kcore', () => ({ type: 'file', mode: 0o400, size: 0x7fff_ffff_f000 })],
    ['sysrq-trigger', () => ({ type: 'file', mode: 0o200, write: () => undefined })],
    setting('kernel/hostname', persona.hostname),
    setting('kernel/domainname', '(none)'),
    setting('kernel/ostype', 'Linux', 0o444),
    setting('kernel/osrelease', os.kernel, 0o444),
    setting('kernel/version', os.kernelVersion, 0o444),
    setting('kernel/pid_max', '4194304'),
    setting('kernel/threads-max', `${Math.floor(persona.memory / 131_072)}`),
    setting('kernel/randomize_va_space', '2'),
    setting('kernel/core_pattern', 'core'),
    setting('kernel/nmi_watchdog', '0'),
    setting('kernel/printk', '4\t4\t1\t7'),
    setting('kernel/random/boot_id', uuidOf(persona.derive('boot id', 16)), 0o444),
    setting('kernel/random/entropy_avail', '256', 0o444),
    setting('vm/nr_hugepages', '0'),
    setting('vm/drop_caches', '0', 0o200),
    setting('vm/swappiness', '60'),
    setting('vm/overcommit_memory', '0'),
    setting('vm/max_map_count', '65530'),
    setting('fs/file-max', '9223372036854775807'),
    setting('fs/file-nr', ({ processes }) => `${1100 + processes.list().length * 9}\t0\t9223372036854775807`, 0o444),
    setting('fs/protected_hardlinks', '1'),
    setting('fs/protected_symlinks', '1'),
    setting('net/ipv4/ip_forward', '0'),
    setting('net/ipv4/tcp_syncookies', '1'),
    setting('net/ipv4/ip_local_port_range', '32768\t60999'),
    setting('net/core/somaxconn', '4096'),
    setting('net/ipv6/conf/all/disable_ipv6', '0'),
  ])
}

const meminfo = ({ total, free, available, buffers, cached, slab }: Vitals['memory'], swap: number): string => {
  const active = cached * 0.4
  const rows: [string, number][] = [
    ['MemTotal', total],
    ['MemFree', free],
    ['MemAvailable', available],
    ['Buffers', buffers],
    ['Cached', cached],
    ['SwapCached', 0],
    ['Active', active],
    ['Inactive', cached - active + buffers],
    ['SwapTotal', swap],
    ['SwapFree', swap],
    ['Dirty', 40 * 4096],
    ['Writeback', 0],
    ['AnonPages', Math.max(0, total - free - cached - buffers - slab) * 0.6],
    ['Mapped', cached * 0.2],
    ['Shmem', 520 * 1024],
    ['KReclaimable', slab * 0.6],
    ['Slab', slab],
    ['SReclaimable', slab * 0.6],
    ['SUnreclaim', slab * 0.4],
    ['KernelStack', 1808 * 1024],
    ['PageTables', 1384 * 1024],
    ['CommitLimit', total / 2 + swap],
    ['Committed_AS', total * 0.2],
    ['VmallocTotal', 34_359_738_367 * 1024],
    ['VmallocUsed', 8_540 * 1024],
    ['VmallocChunk', 0],
  ]
  const lines = rows.map(([name, bytes]) => `${`${name}:`.padEnd(16)}${kib(bytes)} kB\n`)
  return `${lines.join('')}HugePages_Total:       0\nHugePages_Free:        0\nHugePages_Rsvd:        0\nHugePages_Surp:        0\nHugepagesize:       2048 kB\nHugetlb:               0 kB\n`
}

/** In ticks of a hundredth of a second. */
const cpuTimes = (cores: number, { uptime, idle }: Vitals, bootedAt: number): string => {
  const row = (name: string, share: number): string => {
    const busy = (uptime * cores - idle) * 100 * share
    const ticks = [
      busy * 0.6,
      busy * 0.02,
      busy * 0.3,
      idle * 100 * share,
      busy * 0.06,
      0,
      busy * 0.01,
      busy * 0.01,
      0,
      0,
    ]
    return `${name} ${ticks.map(Math.floor).join(' ')}\n`
  }
  const each = Array.from({ length: cores }, (_, core) => row(`cpu${core}`, 1 / cores)).join('')
  const seconds = Math.floor(uptime)
  return `${row('cpu ', 1)}${each}intr ${seconds * 61} 0 9 0\nctxt ${seconds * 118}\nbtime ${Math.floor(bootedAt / 1000)}\nprocesses ${2000 + Math.floor(seconds / 9)}\nprocs_running 1\nprocs_blocked 0\nsoftirq ${seconds * 40} 0 ${seconds * 11} 2 ${seconds * 3} ${seconds} 0 ${seconds} ${seconds * 12} 0 ${seconds * 12}\n`
}

const filesystems = `${`sysfs tmpfs bdev proc cgroup cgroup2 cpuset devtmpfs configfs debugfs tracefs securityfs sockfs bpf pipefs
 ramfs hugetlbfs devpts pstore mqueue`
  .trim()
  .split(/\s+/)
  .map(name => `nodev\t${name}\n`)
  .join('')}\text3\n\text2\n\text4\nnodev\tautofs\n\tfuseblk\nnodev\tfuse\nnodev\tfusectl\n`
