import { rootFsUuid } from '../../fs/furnish-text.ts'
import { kernel } from '../../rights.ts'
import type { Process, Program } from '../../system.ts'
import { getopt, type Option } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { attempt, complain } from '../paths.ts'
import { speaksUtf8 } from '../quoting.ts'
import { shownMounts } from './mount.ts'

export type Disk = {
  name: string
  major: number
  minor: number
  size: number
  type: 'disk' | 'part'
  parent: string | undefined
}

/** Disks and partitions as /proc/partitions has them; sizes in bytes. */
export const disksOf = ({ fs }: Process): Disk[] => {
  const found = attempt(() => fs.readFile('/proc/partitions', kernel))
  const text = 'value' in found ? found.value.toString('latin1') : ''
  const disks: Disk[] = []
  for (const [, major, minor, blocks, name] of text.matchAll(/^ +(\d+) +(\d+) +(\d+) (\w+)$/gm)) {
    const parent = disks.find(disk => disk.type === 'disk' && name!.startsWith(disk.name))?.name
    disks.push({
      name: name!,
      major: Number(major),
      minor: Number(minor),
      size: Number(blocks) * 1024,
      type: parent === undefined ? 'disk' : 'part',
      parent,
    })
  }
  return disks
}

/** `147.6G`, `1M`: one decimal where it is none. */
export const sized = (bytes: number): string => {
  const units = 'BKMGTPE'
  let power = 0
  let value = bytes
  while (value >= 1024 && power < units.length - 1) {
    value /= 1024
    power++
  }
  const text = value.toFixed(1)
  return `${text.endsWith('.0') ? text.slice(0, -2) : text}${units[power]}`
}

/** `20 MiB`, as util-linux says sizes. */
export const sizeInWords = (bytes: number): string => sized(bytes).replace(/([KMGTPE])$/, ' $1iB')

/** Of the partition table, in hex. */
export const diskId = ({ host }: Process): string => host.persona.derive('disk id', 4).toString('hex')
const partitionId = (process: Process): string => `${diskId(process)}-01`

const lsblkOptions: Option[] = [
  ...[...'aAbdDzefilJmnNoOpPrsStTVhv'].filter(letter => !'oeI'.includes(letter)).map(short => ({ short })),
  ...'all bytes nodeps discard fs ascii json list merge perms noheadings noempty output-all paths pairs raw inverse scsi topology virtio nvme help version zoned'
    .split(' ')
    .map(long => ({ long })),
  { short: 'o', long: 'output', argument: 'required' },
  { short: 'e', long: 'exclude', argument: 'required' },
  { short: 'I', long: 'include', argument: 'required' },
  { short: 'x', long: 'sort', argument: 'required' },
  { short: 'E', long: 'dedup', argument: 'required' },
  { short: 'w', long: 'width', argument: 'required' },
  { long: 'sysroot', argument: 'required' },
]

/** lsblk(8) of util-linux 2.38.1. */
export const lsblk: Program = async process => {
  const [name = 'lsblk'] = process.argv
  const parsed = getopt(process.argv, lsblkOptions)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry '${name} --help' for more information.\n`)
    return 1
  }
  const has = (...names: string[]): boolean => names.some(one => parsed.has(one))
  if (has('V', 'version')) {
    await process.stdout.write(versioned(process, 'lsblk from util-linux @util-linux@\n'))
    return 0
  }
  const given = parsed.value('output')
  const columns = given
    ? given.replace(/^\+/, 'NAME,MAJ:MIN,RM,SIZE,RO,TYPE,MOUNTPOINTS,').toUpperCase().split(',').filter(Boolean)
    : has('f', 'fs')
      ? ['NAME', 'FSTYPE', 'FSVER', 'LABEL', 'UUID', 'FSAVAIL', 'FSUSE%', 'MOUNTPOINTS']
      : ['NAME', 'MAJ:MIN', 'RM', 'SIZE', 'RO', 'TYPE', 'MOUNTPOINTS']
  let disks = disksOf(process)
  for (const operand of parsed.operands) {
    if (disks.some(disk => `/dev/${disk.name}` === operand)) continue
    await complain(process, `${operand}: not a block device`)
    return 32
  }
  if (parsed.operands.length > 0)
    disks = disks.filter(
      disk => parsed.operands.includes(`/dev/${disk.name}`) || parsed.operands.includes(`/dev/${disk.parent}`),
    )
  if (has('d', 'nodeps')) disks = disks.filter(({ type }) => type === 'disk')
  const flat = has('l', 'list', 'r', 'raw', 'P', 'pairs') || !columns.includes('NAME')
  const branch = speaksUtf8(process) && !has('i', 'ascii') ? '\xe2\x94\x94\xe2\x94\x80' : '`-'
  const textOf = (disk: Disk, column: string): string => cell(process, disk, column, has('b', 'bytes'))
  const rows = disks.map(disk =>
    columns.map(column => {
      if (column !== 'NAME') return textOf(disk, column)
      return (disk.parent && !flat ? branch : '') + (has('p', 'paths') ? `/dev/${disk.name}` : disk.name)
    }),
  )
  if (has('P', 'pairs')) {
    for (const row of rows)
      await process.stdout.write(`${row.map((value, index) => `${columns[index]}="${value}"`).join(' ')}\n`)
    return 0
  }
  const table = has('n', 'noheadings') ? rows : [columns, ...rows]
  const width = (text: string): number => text.replace(/\xe2[\x80-\xbf]{2}/g, '.').length
  const widths = columns.map((_, index) => Math.max(...table.map(row => width(row[index]!))))
  for (const row of table) {
    const cells = row.map((value, index) => {
      const gap = ' '.repeat(widths[index]! - width(value))
      if (has('r', 'raw')) return value
      if (/^(MAJ:MIN|RM|SIZE|RO|FSAVAIL|FSUSE%|FSSIZE|FSUSED)$/.test(columns[index]!)) return gap + value
      return index === row.length - 1 ? value : value + gap
    })
    await process.stdout.write(`${cells.join(' ')}\n`)
  }
  return 0
}

const cell = (process: Process, disk: Disk, column: string, bytes: boolean): string => {
  const isRoot = disk.type === 'part'
  switch (column) {
    case 'KNAME':
      return disk.name
    case 'PATH':
      return `/dev/${disk.name}`
    case 'MAJ:MIN':
      return `${disk.major}:${disk.minor} `.padStart(7)
    case 'RM':
    case 'RO':
      return '0'
    case 'SIZE':
      return bytes ? String(disk.size) : sized(disk.size)
    case 'TYPE':
      return disk.type
    case 'MOUNTPOINT':
    case 'MOUNTPOINTS':
      return shownMounts(process).find(({ source }) => source === `/dev/${disk.name}`)?.path ?? ''
    case 'FSTYPE':
      return isRoot ? 'ext4' : ''
    case 'FSVER':
      return isRoot ? '1.0' : ''
    case 'UUID':
      return isRoot ? rootFsUuid(process.host.persona) : ''
    case 'PARTUUID':
      return isRoot ? partitionId(process) : ''
    case 'PKNAME':
      return disk.parent ?? ''
    case 'ROTA':
      return '1'
    case 'MODEL':
      return isRoot ? '' : 'QEMU HARDDISK'
    case 'VENDOR':
      return isRoot ? '' : 'QEMU'
    case 'TRAN':
      return ''
    default:
      return ''
  }
}

const blkidOptions: Option[] = [
  ...[...'dghkpilDV'].map(short => ({ short })),
  ...'garbage-collect list-one probe info list-filesystems no-encoding help version'.split(' ').map(long => ({ long })),
  ...Object.entries({
    c: 'cache-file',
    o: 'output',
    s: 'match-tag',
    t: 'match-token',
    L: 'label',
    U: 'uuid',
    S: 'size',
    O: 'offset',
    u: 'usages',
    n: 'match-types',
  }).map(([short, long]) => ({ short, long, argument: 'required' as const })),
]

/** blkid(8) of util-linux 2.38.1. */
export const blkid: Program = async process => {
  const [name = 'blkid'] = process.argv
  const parsed = getopt(process.argv, blkidOptions)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry '${name} --help' for more information.\n`)
    return 4
  }
  const part = disksOf(process).find(({ type }) => type === 'part')
  if (!part) return 2
  const device = `/dev/${part.name}`
  const tags: [string, string][] = [
    ['UUID', rootFsUuid(process.host.persona)],
    ['BLOCK_SIZE', '4096'],
    ['TYPE', 'ext4'],
    ['PARTUUID', partitionId(process)],
  ]
  const uuid = parsed.value('uuid')
  if (uuid !== undefined) {
    if (uuid !== tags[0]![1]) return 2
    await process.stdout.write(`${device}\n`)
    return 0
  }
  if (parsed.value('label') !== undefined) return 2
  if (parsed.operands.length > 0 && !parsed.operands.includes(device)) return 2
  const token = parsed.value('match-token')
  if (token !== undefined && !tags.some(([key, value]) => token.replaceAll('"', '') === `${key}=${value}`)) return 2
  const only = parsed.given.filter(({ name }) => name === 'match-tag').map(({ value }) => value)
  const shown = tags.filter(([key]) => only.length === 0 || only.includes(key))
  const form = parsed.value('output')
  if (form === 'device') await process.stdout.write(`${device}\n`)
  else if (form === 'value') await process.stdout.write(`${shown.map(([, value]) => value).join('\n')}\n`)
  else if (form === 'export')
    await process.stdout.write(`DEVNAME=${device}\n${shown.map(([key, value]) => `${key}=${value}`).join('\n')}\n`)
  else await process.stdout.write(`${device}: ${shown.map(([key, value]) => `${key}="${value}"`).join(' ')}\n`)
  return 0
}
