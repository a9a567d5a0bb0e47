import { errorText } from '../../errors.ts'
import { kernel } from '../../rights.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { uuidOf } from '../../uuid.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import { type Option, optionsOf } from '../getopt.ts'
import { absolute, complain, statOf } from '../paths.ts'
import { aligned } from '../smartcols.ts'
import { sizeInWords } from './disks.ts'
import { parseSize } from './sizes.ts'

const PAGE = 4096
/** At the end of the first page of a swap area, which begins with the count of its pages (mkswap(8)). */
const SIGNATURE = Buffer.from('SWAPSPACE2', 'latin1')
const HEAD = 1024
const swapsFile = '/proc/swaps'

const version: Option = { short: 'V', long: 'version' }
const release = 'from util-linux @util-linux@'

const fallocateOptions: Option[] = [
  ...optionsOf('c=collapse-range d=dig-holes i=insert-range n=keep-size p=punch-hole v=verbose x=posix z=zero-range'),
  { short: 'l', long: 'length', argument: 'required' },
  { short: 'o', long: 'offset', argument: 'required' },
  version,
]

/** fallocate(1): what many make a swap file with. */
export const fallocate: Program = gnuProgram(
  fallocateOptions,
  async (process, parsed) => {
    const refuse = (words: string) => complain(process, words).then(() => 1)
    const { fs, who } = process
    const digs = ['dig-holes', 'punch-hole', 'collapse-range', 'insert-range'].some(name => parsed.has(name))
    const length = parsed.value('length')
    const size = length === undefined ? undefined : parseSize(length)
    if (length !== undefined && size === undefined) return refuse('invalid length value specified')
    if (length === undefined && !parsed.has('dig-holes')) return refuse('no length argument specified')
    const offset = parseSize(parsed.value('offset') ?? '0')
    if (offset === undefined) return refuse('invalid offset value specified')
    const [path, ...more] = parsed.operands
    if (path === undefined) return refuse('no filename specified')
    if (more.length > 0) return refuse('unexpected number of arguments')
    if (size === 0) return refuse('invalid length value specified')
    const full = absolute(process, path)
    try {
      fs.writeFile(full, Buffer.alloc(0), who, { append: true, mode: 0o666 & ~process.umask })
    } catch (error) {
      return refuse(`cannot open ${path}: ${errorText(error)}`)
    }
    const before = fs.stat(full, who).size
    const after = offset + (size ?? 0)
    try {
      if (!digs && !parsed.has('keep-size') && after > before) fs.truncate(full, after, who)
    } catch (error) {
      return refuse(`fallocate failed: ${errorText(error)}`)
    }
    if (parsed.has('verbose') && size !== undefined) {
      const done = digs ? 'hole created' : parsed.has('zero-range') ? 'zeroed' : 'allocated'
      await process.stdout.write(`${path}: ${sizeInWords(size)} (${size} bytes) ${done}.\n`)
    }
    return 0
  },
  { usage: '[options] <filename>', version: release },
)

const mkswapOptions: Option[] = [
  ...optionsOf('c=check f=force q=quiet'),
  ...optionsOf('L=label U=uuid p=pagesize v=swapversion e=endianness', 'required'),
  { long: 'verbose' },
  { long: 'lock', argument: 'optional' },
  version,
]

/** mkswap(8). */
export const mkswap: Program = gnuProgram(
  mkswapOptions,
  async (process, parsed) => {
    const { fs, who } = process
    const [path] = parsed.operands
    if (path === undefined) return usageError(process, 'error: Nowhere to set up swap on?')
    const full = absolute(process, path)
    let header: Buffer
    try {
      header = Buffer.from(fs.readFile(full, who, { max: PAGE }))
      if (!fs.access(full, 2, who)) throw new SystemError('EACCES')
    } catch (error) {
      await complain(process, `cannot open ${path}: ${errorText(error)}`)
      return 1
    }
    const { size, mode, type } = fs.stat(full, who)
    const pages = Math.floor(size / PAGE)
    if (pages < 10) {
      await complain(process, 'error: swap area needs to be at least 40 KiB')
      return 1
    }
    if (type === 'file' && mode & 0o77)
      await complain(process, `${path}: insecure permissions ${octal(mode)}, fix with: chmod 0600 ${path}`)
    if (isSwap(header)) await complain(process, `${path}: warning: wiping old swap signature.`)
    const label = parsed.value('label') ?? ''
    const uuid = uuidOf(process.random(16))
    const page = Buffer.alloc(PAGE)
    page.writeUInt32LE(1, HEAD)
    page.writeUInt32LE(pages - 1, HEAD + 4)
    Buffer.from(uuid.replaceAll('-', ''), 'hex').copy(page, HEAD + 12)
    page.write(label.slice(0, 15), HEAD + 28, 'latin1')
    SIGNATURE.copy(page, PAGE - SIGNATURE.length)
    fs.writeFile(full, page, who, { at: 0 })
    if (!parsed.has('quiet')) {
      const area = (pages - 1) * PAGE
      await process.stdout.write(
        `Setting up swapspace version 1, size = ${sizeInWords(area)} (${area} bytes)\n${label === '' ? 'no label' : `LABEL=${label}`}, UUID=${uuid}\n`,
      )
    }
    return 0
  },
  { usage: '[options] device [size]', version: release },
)

const octal = (mode: number): string => (mode & 0o7777).toString(8).padStart(4, '0')
const isSwap = (page: Buffer): boolean => page.subarray(PAGE - SIGNATURE.length, PAGE).equals(SIGNATURE)

/** A line of /proc/swaps; sizes in KiB. */
type Area = { path: string; kib: number; priority: number }
const areasOf = ({ fs }: Process): Area[] =>
  [
    ...fs
      .readFile(swapsFile, kernel)
      .toString('latin1')
      .matchAll(/^(\S+) +file\t+(\d+)\t+\d+\t+(-?\d+)$/gm),
  ].map(([, path, kib, priority]) => ({ path: path!, kib: Number(kib), priority: Number(priority) }))
/** As the kernel aligns it (mm/swapfile.c, swap_show). */
const keepAreas = ({ fs }: Process, areas: readonly Area[]): void => {
  const lines = areas.map(({ path, kib, priority }) => {
    const gap = ' '.repeat(path.length < 40 ? 40 - path.length : 1)
    return `${path}${gap}file\t\t${kib}\t${kib < 10_000_000 ? '\t' : ''}0\t\t${priority}\n`
  })
  fs.writeFile(
    swapsFile,
    Buffer.from(`Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n${lines.join('')}`, 'latin1'),
    kernel,
  )
}
const MOST_AREAS = 16

const swaponOptions: Option[] = [
  ...optionsOf('a=all e=ifexists f=fixpgsz s=summary v=verbose'),
  { short: 'd', long: 'discard', argument: 'optional' },
  { short: 'o', long: 'options', argument: 'required' },
  { short: 'p', long: 'priority', argument: 'required' },
  { short: 'L', argument: 'required' },
  { short: 'U', argument: 'required' },
  { short: 'T', long: 'fstab', argument: 'required' },
  { long: 'show', argument: 'optional' },
  { long: 'noheadings' },
  { long: 'raw' },
  { long: 'bytes' },
  version,
]

/** swapon(8): what it takes is in use from then on, and everything that tells of memory says so. */
export const swapon: Program = gnuProgram(
  swaponOptions,
  async (process, parsed) => {
    const areas = areasOf(process)
    if (parsed.has('summary')) {
      if (areas.length > 0) await process.stdout.write(process.fs.readFile(swapsFile, kernel))
      return 0
    }
    if (parsed.has('show') || (parsed.operands.length === 0 && !parsed.has('all'))) {
      const table = areas.map(({ path, kib, priority }) => {
        const size = parsed.has('bytes') ? `${kib * 1024}` : sizeInWords(kib * 1024).replace(/ (.)iB$/, '$1')
        return [path, 'file', size, parsed.has('bytes') ? '0' : '0B', `${priority}`]
      })
      if (table.length === 0) return 0
      if (!parsed.has('noheadings')) table.unshift(['NAME', 'TYPE', 'SIZE', 'USED', 'PRIO'])
      await process.stdout.write(aligned(table, new Set([2, 3, 4])))
      return 0
    }
    let status = 0
    for (const path of parsed.operands) {
      const message = use(process, path, Number(parsed.value('priority') ?? Number.NaN))
      if (typeof message === 'string') {
        await complain(process, message)
        status = 255
      } else if (message) await complain(process, message.warning)
    }
    return status
  },
  { status: 16, usage: '[options] [<spec>]', version: release },
)

/** What went wrong, or what it warns of. */
const use = (process: Process, given: string, priority: number): string | { warning: string } | undefined => {
  const { fs, who } = process
  const path = absolute(process, given)
  let header: Buffer
  try {
    header = fs.readFile(path, who, { max: PAGE })
  } catch (error) {
    return `cannot open ${path}: ${errorText(error)}`
  }
  const { mode, size } = fs.stat(path, who)
  const warning = mode & 0o77 ? `${path}: insecure permissions ${octal(mode)}, 0600 suggested.` : undefined
  const told = (message: string) => (warning === undefined ? message : `${warning}\nswapon: ${message}`)
  if (header.length < PAGE || !isSwap(header)) return told(`${path}: read swap header failed`)
  if (who.uid !== 0) return told(`${path}: swapon failed: Operation not permitted`)
  const areas = areasOf(process)
  if (areas.some(area => area.path === path) || areas.length >= MOST_AREAS)
    return told(`${path}: swapon failed: Device or resource busy`)
  const pages = Math.min(header.readUInt32LE(HEAD + 4), Math.floor(size / PAGE) - 1)
  const lowest = Math.min(-1, ...areas.map(area => area.priority))
  keepAreas(process, [...areas, { path, kib: pages * (PAGE / 1024), priority: priority >= 0 ? priority : lowest - 1 }])
  return warning === undefined ? undefined : { warning }
}

const swapoffOptions: Option[] = [
  { short: 'a', long: 'all' },
  { short: 'v', long: 'verbose' },
  { short: 'L', argument: 'required' },
  { short: 'U', argument: 'required' },
  version,
]

/** swapoff(8). */
export const swapoff: Program = gnuProgram(
  swapoffOptions,
  async (process, parsed) => {
    const { who } = process
    if (parsed.has('all')) {
      if (who.uid === 0) keepAreas(process, [])
      else if (areasOf(process).length > 0) {
        await complain(process, 'Not superuser.')
        return 16
      }
      return 0
    }
    if (parsed.operands.length === 0) return usageError(process, 'bad usage', 16)
    for (const given of parsed.operands) {
      const path = absolute(process, given)
      const areas = areasOf(process)
      if (who.uid !== 0) {
        await complain(process, 'Not superuser.')
        return 16
      }
      if (!areas.some(area => area.path === path)) {
        const why = statOf(process, given) ? 'Invalid argument' : 'No such file or directory'
        await complain(process, `${path}: swapoff failed: ${why}`)
        return 4
      }
      keepAreas(
        process,
        areas.filter(area => area.path !== path),
      )
    }
    return 0
  },
  { status: 16, usage: '[options] [<spec>]', version: release },
)
