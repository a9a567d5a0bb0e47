import { shows } from '../fs/files-provider.ts'
import type { Live } from '../fs/mount.ts'
import type { Device } from './facts.ts'

const hex8 = (value: number): string => value.toString(16).padStart(8, '0')

/** What of /proc is the chip's and the flash's. */
export const procOf = (device: Device): ReadonlyMap<string, Live | undefined> => {
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
  const none = ['swaps', 'kcore', 'sys/vm/nr_hugepages', 'sys/fs/protected_hardlinks', 'sys/fs/protected_symlinks']
  const files = new Map<string, Live | undefined>(none.map(path => [path, undefined]))
  for (const [path, text] of own)
    files.set(
      path,
      shows(() => text),
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
