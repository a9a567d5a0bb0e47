import type { Mount } from '../../fs/mount.ts'
import type { Process, Program } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import type { Option, Parsed } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quote, quoteColon } from '../quoting.ts'
import { mountOf, mountsInOrder, type Space, spaceOf } from './mounted.ts'
import { look } from './names.ts'
import { type BlockSize, parseBlockSize, showSize } from './sizes.ts'

const options: Option[] = [
  { short: 'a', long: 'all' },
  { short: 'B', long: 'block-size', argument: 'required' },
  { short: 'h', long: 'human-readable' },
  { short: 'H', long: 'si' },
  { short: 'i', long: 'inodes' },
  { short: 'k' },
  { short: 'm' },
  { short: 'l', long: 'local' },
  { long: 'no-sync' },
  { long: 'sync' },
  { long: 'output', argument: 'optional' },
  { short: 'P', long: 'portability' },
  { short: 'T', long: 'print-type' },
  { short: 't', long: 'type', argument: 'required' },
  { short: 'x', long: 'exclude-type', argument: 'required' },
  { short: 'v' },
  { long: 'total' },
]

type Row = { source: string; type: string; target: string; file: string; space: Space }
type Field = {
  title: string
  left?: true
  least: number
  of(row: Row, size: BlockSize): string
}

const percent = (used: number, available: number): string =>
  used + available <= 0 ? '-' : `${Math.ceil((used * 100) / (used + available) - 1e-9)}%`
const inBlocks = (of: (space: Space) => number) => (row: Row, size: BlockSize) =>
  row.space.blocks === 0 && row.target === '-' ? '-' : showSize(of(row.space) * row.space.blockSize, size)
const usedOf = ({ blocks, free }: Space): number => blocks - free

/** Inodes are counted in ones, or scaled. */
const inOnes = (of: (space: Space) => number) => (row: Row, size: BlockSize) =>
  row.space.inodes === 0 ? '0' : size.human ? showSize(of(row.space), size) : String(of(row.space))

const fields = new Map<string, Field>([
  ['source', { title: 'Filesystem', left: true, least: 14, of: row => row.source }],
  ['fstype', { title: 'Type', left: true, least: 4, of: row => row.type }],
  ['itotal', { title: 'Inodes', least: 5, of: inOnes(({ inodes }) => inodes) }],
  ['iused', { title: 'IUsed', least: 5, of: inOnes(({ inodes, inodesFree }) => inodes - inodesFree) }],
  ['iavail', { title: 'IFree', least: 5, of: inOnes(({ inodesFree }) => inodesFree) }],
  [
    'ipcent',
    { title: 'IUse%', least: 4, of: ({ space }) => percent(space.inodes - space.inodesFree, space.inodesFree) },
  ],
  ['size', { title: '1K-blocks', least: 5, of: inBlocks(({ blocks }) => blocks) }],
  ['used', { title: 'Used', least: 5, of: inBlocks(usedOf) }],
  ['avail', { title: 'Avail', least: 5, of: inBlocks(({ available }) => available) }],
  ['pcent', { title: 'Use%', least: 4, of: ({ space }) => percent(usedOf(space), space.available) }],
  ['file', { title: 'File', left: true, least: 0, of: row => row.file }],
  ['target', { title: 'Mounted on', left: true, least: 0, of: row => row.target }],
])

/** df(1) of GNU coreutils 9.1. */
export const df: Program = gnuProgram(options, async (process, parsed) => {
  const settled = await settle(process, parsed)
  if (typeof settled === 'number') return settled
  const { size, chosen, titles } = settled
  const { rows, status } = await rowsOf(process, parsed)
  if (rows.length === 0) {
    if (status === 0) await complain(process, 'no file systems processed')
    return 1
  }
  if (parsed.has('total')) rows.push(totalOf(rows))
  const columns = chosen.map(name => fields.get(name)!)
  const table = [
    chosen.map(name => titles.get(name) ?? fields.get(name)!.title),
    ...rows.map(row => columns.map(({ of }) => of(row, size))),
  ]
  const widths = columns.map(({ least }, index) => Math.max(least, ...table.map(line => line[index]!.length)))
  for (const line of table) {
    const cells = line.map((cell, index) => {
      if (index === line.length - 1 && columns[index]!.left) return cell
      return columns[index]!.left ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!)
    })
    await process.stdout.write(`${cells.join(' ')}\n`)
  }
  return status
})

const settle = async (
  process: Process,
  parsed: Parsed,
): Promise<number | { size: BlockSize; chosen: string[]; titles: Map<string, string> }> => {
  let size: BlockSize = parseBlockSize(process.env.get('DF_BLOCK_SIZE') ?? process.env.get('BLOCK_SIZE') ?? '') ?? {
    size: 1024,
  }
  for (const { name, value = '' } of parsed.given) {
    if (name === 'human-readable') size = { human: 1024, size: 1 }
    else if (name === 'si') size = { human: 1000, size: 1 }
    else if (name === 'k') size = { size: 1024 }
    else if (name === 'm') size = { size: 1 << 20 }
    else if (name === 'block-size') {
      const found = parseBlockSize(value)
      if (!found) {
        await complain(
          process,
          `invalid ${process.argv.some(word => word.startsWith('--b')) ? '--block-size' : '-B'} argument ${quote(process, value)}`,
        )
        return 1
      }
      size = found
    }
  }
  const titles = new Map<string, string>()
  const portable = parsed.has('portability')
  if (size.human) titles.set('size', 'Size')
  else if (portable) titles.set('size', `${size.size}-blocks`)
  else titles.set('size', `${unitOf(size)}-blocks`)
  if (portable && !size.human) titles.set('avail', 'Available').set('pcent', 'Capacity')
  else if (!size.human) titles.set('avail', 'Available')
  if (portable) titles.set('pcent', 'Capacity')
  const output = parsed.given.findLast(({ name }) => name === 'output')
  if (output) {
    titles.set('avail', 'Avail')
    const conflict = (['inodes', 'portability', 'print-type'] as const).find(name => parsed.has(name))
    if (conflict) {
      const letter = { inodes: '-i', portability: '-P', 'print-type': '-T' }[conflict]
      return usageError(process, `options ${letter} and --output are mutually exclusive`)
    }
    const chosen =
      output.value === undefined
        ? [...fields.keys()]
        : parsed.given.filter(({ name }) => name === 'output').flatMap(({ value }) => (value ?? '').split(','))
    const ordered =
      output.value === undefined
        ? 'source fstype itotal iused iavail ipcent size used avail pcent file target'.split(' ')
        : chosen
    const unknown = ordered.find(name => !fields.has(name))
    if (unknown !== undefined) return usageError(process, `option --output: field ${quote(process, unknown)} unknown`)
    return { size, chosen: ordered, titles }
  }
  const middle = parsed.has('inodes') ? ['itotal', 'iused', 'iavail', 'ipcent'] : ['size', 'used', 'avail', 'pcent']
  return { size, chosen: ['source', ...(parsed.has('print-type') ? ['fstype'] : []), ...middle, 'target'], titles }
}

/** `1K`, `1M`, `512B`. */
const unitOf = ({ size, suffix }: BlockSize): string => {
  if (suffix) return `1${suffix}`
  let power = 0
  let value = size
  while (value >= 1024 && value % 1024 === 0) {
    value /= 1024
    power++
  }
  return `${value}${power === 0 ? 'B' : 'KMGTPE'[power - 1]}`
}

const rowsOf = async (process: Process, parsed: Parsed): Promise<{ rows: Row[]; status: number }> => {
  const row = (mount: Mount, file: string): Row => ({
    source: mount.source,
    type: mount.type,
    target: mount.path,
    file,
    space: spaceOf(process, mount),
  })
  const types = parsed.given.filter(({ name }) => name === 'type').map(({ value }) => value)
  const without = parsed.given.filter(({ name }) => name === 'exclude-type').map(({ value }) => value)
  const fits = ({ type }: Mount): boolean => (types.length === 0 || types.includes(type)) && !without.includes(type)
  if (parsed.operands.length === 0) {
    const seen = new Set<number>()
    const rows: Row[] = []
    for (const mount of mountsInOrder(process)) {
      if (!fits(mount) || (seen.has(mount.dev) && !parsed.has('all'))) continue
      seen.add(mount.dev)
      const one = row(mount, '-')
      if (one.space.blocks > 0 || parsed.has('all')) rows.push(one)
    }
    return { rows, status: 0 }
  }
  const rows: Row[] = []
  let status = 0
  for (const operand of parsed.operands) {
    const found = attempt(() => look(process, operand, true))
    if ('error' in found) {
      await complain(process, `${quoteColon(process, operand)}: ${found.error}`)
      status = 1
      continue
    }
    const device =
      found.value.type === 'block' ? process.host.mounts.find(({ source }) => source === operand) : undefined
    const mount = device ?? mountOf(process, absolute(process, operand))
    if (fits(mount)) rows.push(row(mount, operand))
  }
  return { rows, status }
}

const totalOf = (rows: readonly Row[]): Row => {
  const sum = (of: (space: Space) => number): number => rows.reduce((all, { space }) => all + of(space), 0)
  const space: Space = {
    ...rows[0]!.space,
    blocks: sum(({ blocks }) => blocks),
    free: sum(({ free }) => free),
    available: sum(({ available }) => available),
    inodes: sum(({ inodes }) => inodes),
    inodesFree: sum(({ inodesFree }) => inodesFree),
  }
  return { source: 'total', type: '-', target: '-', file: '-', space }
}
