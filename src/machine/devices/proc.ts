import { shows } from '../fs/files-provider.ts'
import type { Live } from '../fs/mount.ts'
import type { ProcSources } from '../fs/proc.ts'
import { type Vitals, vitalsOf } from '../fs/vitals.ts'
import type { Device } from './facts.ts'

const hex8 = (value: number): string => value.toString(16).padStart(8, '0')

/** What of /proc is the chip's and the flash's. */
export const procOf = (
  device: Device,
  { persona, now }: Pick<ProcSources, 'persona' | 'now'>,
): ReadonlyMap<string, Live | undefined> => {
  const { firmware, builder, built } = device
  const own: readonly [path: string, text: string][] = [
    ['version', `Linux version ${firmware.kernel} (${builder}) ${firmware.compiler} ${built.kernel}\n`],
    ['cpuinfo', device.kind === 'dvr' ? armCpuinfo(device) : mipsCpuinfo(device)],
    ['cmdline', commandLine(device)],
    ['filesystems', filesystems(device)],
    ['partitions', partitions(device)],
    ['mtd', mtd(device)],
    ['devices', devices(device)],
    ['modules', modules(device)],
  ]
  // Kernels without swap, core dumps of themselves, huge pages or the newer knobs.
  const none = `swaps kcore sys/vm/nr_hugepages sys/fs/protected_hardlinks sys/fs/protected_symlinks
    sys/kernel/nmi_watchdog`.split(/\s+/)
  const files = new Map<string, Live | undefined>(none.map(path => [path, undefined]))
  for (const [path, text] of own)
    files.set(
      path,
      shows(() => text),
    )
  files.set(
    'meminfo',
    shows(() => meminfo(vitalsOf(persona, now()).memory)),
  )
  files.set(
    'interrupts',
    shows(() => interrupts(device, vitalsOf(persona, now()))),
  )
  files.set('sys/kernel/hotplug', { ...shows(() => '/sbin/mdev\n', 0o644), write: () => undefined })
  return files
}

const armCpuinfo = ({ firmware, bogomips }: Device): string => {
  const { soc, machine, kernel } = firmware
  const old = machine === 'armv5tejl'
  // Kernels before 3.8 name the processor once, and then each core.
  const processor = /^3\.1\d/.test(kernel)
    ? `processor\t: 0\nmodel name\t: ${soc.model}\nBogoMIPS\t: ${bogomips}\n`
    : old
      ? `Processor\t: ${soc.model}\nBogoMIPS\t: ${bogomips}\n`
      : `Processor\t: ${soc.model}\nprocessor\t: 0\nBogoMIPS\t: ${bogomips}\n\n`
  return `${processor}Features\t: ${soc.features} 
CPU implementer\t: 0x41
CPU architecture: ${old ? '5TEJ' : '7'}
CPU variant\t: ${old ? '0x0' : soc.part === '0xc09' ? '0x3' : '0x0'}
CPU part\t: ${soc.part}
CPU revision\t: ${soc.revision}

Hardware\t: ${soc.hardware}
Revision\t: 0000
Serial\t\t: 0000000000000000
`
}

const mipsCpuinfo = ({ firmware, bogomips }: Device): string => {
  const { soc, cores, kernel } = firmware
  const broadcom = soc.model.startsWith('Broadcom')
  const row = (name: string, value: string): string =>
    `${name}${'\t'.repeat(Math.max(1, 3 - (name.length >> 3)))}: ${value}\n`
  const each = Array.from(
    { length: cores },
    (_, core) =>
      row('processor', String(core)) +
      row('cpu model', soc.model) +
      row('BogoMIPS', bogomips) +
      row('wait instruction', 'yes') +
      row('microsecond timers', 'yes') +
      row('tlb_entries', broadcom ? '32' : /MT7620/.test(soc.hardware) ? '32' : '16') +
      row('extra interrupt vector', 'yes') +
      row(
        'hardware watchpoint',
        broadcom ? 'no' : 'yes, count: 4, address/irw mask: [0x0000, 0x0ff8, 0x0ff8, 0x0ff8]',
      ) +
      row('ASEs implemented', broadcom ? '' : 'mips16') +
      row('shadow register sets', '1') +
      (kernel >= '3' ? row('kscratch registers', '0') : '') +
      row('core', '0') +
      row('VCED exceptions', 'not available') +
      row('VCEI exceptions', 'not available') +
      '\n',
  )
  return row('system type', soc.hardware) + each.join('')
}

const commandLine = ({ firmware, memory }: Device): string => {
  const parts = firmware.flash.map(({ kib, name }) => `${kib}K(${name})`).join(',')
  const root = firmware.flash.findIndex(({ holds }) => holds === 'root')
  if (firmware.image !== 'dvr-arm')
    return `console=ttyS0,115200 root=31:0${root} rootfstype=${firmware.root} init=/sbin/init mtdparts=flash:${parts}\n`
  const megabytes = Math.ceil((memory / 2 ** 20 + 3) / 2) * 2
  return `mem=${megabytes}M console=ttyAMA0,115200 root=/dev/mtdblock${root} rootfstype=${firmware.root} mtdparts=hi_sfc:${parts}\n`
}

const filesystems = ({ firmware }: Device): string => {
  const nodev = ['sysfs', 'rootfs', 'bdev', 'proc', 'tmpfs', 'sockfs', 'usbfs', 'pipefs', 'anon_inodefs', 'devpts']
  const block = [...new Set([firmware.root, 'vfat', 'ext2'])]
  return `${[...nodev, 'ramfs', firmware.settings.type].map(name => `nodev\t${name}\n`).join('')}${block.map(name => `\t${name}\n`).join('')}`
}

const partitions = ({ firmware }: Device): string =>
  `major minor  #blocks  name\n\n${firmware.flash
    .map(({ kib }, index) => `  31 ${`${index}`.padStart(8)} ${`${kib}`.padStart(10)} mtdblock${index}\n`)
    .join('')}`

const mtd = ({ firmware }: Device): string =>
  `dev:    size   erasesize  name\n${firmware.flash
    .map(({ name, kib }, index) => `mtd${index}: ${hex8(kib * 1024)} 00010000 "${name}"\n`)
    .join('')}`

const devices = ({ firmware }: Device): string => {
  const serial = firmware.image === 'dvr-arm' ? '204 ttyAMA' : '  4 ttyS'
  return `Character devices:\n  1 mem\n  5 /dev/tty\n  5 /dev/console\n  5 /dev/ptmx\n 10 misc\n 90 mtd\n128 ptm\n136 pts\n${serial}\n\nBlock devices:\n259 blkext\n  8 sd\n 31 mtdblock\n`
}

const modules = ({ firmware, kind }: Device): string => {
  const names =
    kind === 'dvr' ? ['rtc', 'gpioi2c', 'hi_wdt', 'hi_venc', 'hi_vou', 'hi_eth', 'mmz'] : ['wireless', 'ag7240_mod']
  const base = firmware.image === 'dvr-arm' ? 0xbf000000 : 0xc0100000
  return names
    .map(
      (name, index) =>
        `${name} ${9000 + ((index * 53_119 + name.length * 7001) % 280_000)} ${index === names.length - 1 ? names.length - 1 : 0} - Live 0x${hex8(base + (names.length - index) * 0x26000)}${kind === 'dvr' ? ' (P)' : ''}\n`,
    )
    .join('')
}

/** meminfo_proc_show of Linux before 3.14: nobody is told yet what is available, and vmalloc ends with 32 bits. */
const meminfo = ({ total, free, buffers, cached, slab }: Vitals['memory']): string => {
  const own = Math.max(0, total - free - cached - buffers - slab) * 0.6
  const rows: [string, number][] = [
    ['MemTotal', total],
    ['MemFree', free],
    ['Buffers', buffers],
    ['Cached', cached],
    ['SwapCached', 0],
    ['Active', cached * 0.4 + own],
    ['Inactive', cached * 0.6 + buffers],
    ['Active(anon)', own],
    ['Inactive(anon)', 0],
    ['Active(file)', cached * 0.4],
    ['Inactive(file)', cached * 0.6 + buffers],
    ['Unevictable', 0],
    ['Mlocked', 0],
    ['SwapTotal', 0],
    ['SwapFree', 0],
    ['Dirty', 0],
    ['Writeback', 0],
    ['AnonPages', own],
    ['Mapped', cached * 0.2],
    ['Shmem', 36 * 4096],
    ['Slab', slab],
    ['SReclaimable', slab * 0.25],
    ['SUnreclaim', slab * 0.75],
    ['KernelStack', 65 * 8192],
    ['PageTables', 71 * 4096],
    ['NFS_Unstable', 0],
    ['Bounce', 0],
    ['WritebackTmp', 0],
    ['CommitLimit', total / 2],
    ['Committed_AS', own * 2.5],
    ['VmallocTotal', 0x2c000000],
    ['VmallocUsed', 0x1a2c000],
    ['VmallocChunk', 0x29000000],
  ]
  const kib = (bytes: number): string => String(Math.floor(bytes / 4096) * 4).padStart(8)
  return rows.map(([name, bytes]) => `${`${name}:`.padEnd(16)}${kib(bytes)} kB\n`).join('')
}

/** What interrupted each core so far: the timer a hundred times a second, the serial line at boot, the network, flash. */
const interrupts = ({ kind, firmware }: Device, { uptime, traffic }: Vitals): string => {
  const packets = traffic.receivedPackets + traffic.sentPackets
  const ticks = Math.floor(uptime * 100)
  const rows: [number, number, string][] =
    kind === 'dvr'
      ? [
          [35, ticks, 'System Timer Tick'],
          [40, 214, 'uart-pl011'],
          [47, Math.floor(packets * 0.8), 'eth0'],
          [52, 1841, 'hisfc'],
        ]
      : [
          [3, 257, 'serial'],
          [4, Math.floor(packets * 0.8), firmware.interfaces[1]!],
          [7, ticks, 'timer'],
        ]
  const cores = Array.from({ length: firmware.cores }, (_, core) => core)
  const controller =
    kind === 'dvr' ? (firmware.machine === 'armv7l' ? '      GIC  ' : '      VIC  ') : '            MIPS  '
  const line = ([number, count, name]: [number, number, string]): string =>
    `${String(number).padStart(3)}: ${cores.map(core => String(core === 0 || name === 'timer' ? count : 0).padStart(10)).join(' ')}${controller}${name}\n`
  const head = `    ${cores.map(core => `       CPU${core}`).join('')}       \n`
  return `${head}${rows.map(line).join('')}${kind === 'dvr' ? 'Err:' : 'ERR:'} ${'0'.padStart(10)}\n`
}
