import { errorText } from '../../errors.ts'
import { compilePattern, matches, type Pattern } from '../../shell/pattern.ts'
import type { Process, Program, Stat } from '../../system.ts'
import { gnuProgram, usageError, wordFor } from '../coreutils.ts'
import { type Option, type Parsed, usageMistake } from '../getopt.ts'
import { absolute, attempt, complain, readInput } from '../paths.ts'
import { quote, quoteFile } from '../quoting.ts'
import { below, look } from './names.ts'
import { type BlockSize, parseBlockSize, parseSize, showSize } from './sizes.ts'
import { stamp } from './stamps.ts'
import { breathe } from './work.ts'

const options: Option[] = [
  { short: '0', long: 'null' },
  { short: 'a', long: 'all' },
  { long: 'apparent-size' },
  { short: 'B', long: 'block-size', argument: 'required' },
  { short: 'b', long: 'bytes' },
  { short: 'c', long: 'total' },
  { short: 'D', long: 'dereference-args' },
  { short: 'd', long: 'max-depth', argument: 'required' },
  { long: 'files0-from', argument: 'required' },
  { short: 'H' },
  { short: 'h', long: 'human-readable' },
  { long: 'inodes' },
  { short: 'k' },
  { short: 'L', long: 'dereference' },
  { short: 'l', long: 'count-links' },
  { short: 'm' },
  { short: 'P', long: 'no-dereference' },
  { short: 'S', long: 'separate-dirs' },
  { long: 'si' },
  { short: 's', long: 'summarize' },
  { short: 't', long: 'threshold', argument: 'required' },
  { long: 'time', argument: 'optional' },
  { long: 'time-style', argument: 'required' },
  { short: 'X', long: 'exclude-from', argument: 'required' },
  { long: 'exclude', argument: 'required' },
  { short: 'x', long: 'one-file-system' },
]

type Run = {
  process: Process
  parsed: Parsed
  size: BlockSize
  apparent: boolean
  depth: number
  all: boolean
  exclude: Pattern[]
  seen: Set<string>
  status: number
  threshold: number | undefined
  time: 'mtime' | 'atime' | 'ctime' | undefined
  style: string
}

type Sum = { bytes: number; inodes: number; newest: number }
const deepest = 500
const times = [
  ['atime', 'access', 'use'],
  ['ctime', 'status'],
] as const

/** du(1) of GNU coreutils 9.1: files with several names once. */
export const du: Program = gnuProgram(options, async (process, parsed) => {
  const run = settle(process, parsed)
  if (typeof run === 'string') {
    await process.stderr.write(run)
    return 1
  }
  const total: Sum = { bytes: 0, inodes: 0, newest: 0 }
  let operands = parsed.operands
  const list = parsed.value('files0-from')
  if (list !== undefined) {
    if (operands.length > 0) {
      return usageMistake(
        process,
        `${process.argv[0]}: extra operand ${quoteFile(process, operands[0]!)}\nfile operands cannot be combined with --files0-from`,
      )
    }
    const data = attempt(() => readInput(process, list))
    if ('error' in data)
      return usageError(process, `cannot open ${quoteFile(process, list)} for reading: ${data.error}`)
    operands = (await data.value).toString('latin1').split('\0').filter(Boolean)
  }
  for (const operand of operands.length > 0 ? operands : ['.']) {
    const sum = await measure(run, operand, 0, undefined)
    if (!sum) continue
    total.bytes += sum.bytes
    total.inodes += sum.inodes
    total.newest = Math.max(total.newest, sum.newest)
  }
  if (parsed.has('total')) await line(run, total, 'total')
  return run.status
})

const settle = (process: Process, parsed: Parsed): Run | string => {
  const name = process.argv[0]
  const run: Run = {
    process,
    parsed,
    size: parseBlockSize(process.env.get('DU_BLOCK_SIZE') ?? process.env.get('BLOCK_SIZE') ?? '') ?? { size: 1024 },
    apparent: parsed.has('apparent-size') || parsed.has('bytes'),
    depth: Number.POSITIVE_INFINITY,
    all: parsed.has('all'),
    exclude: [],
    seen: new Set(),
    status: 0,
    threshold: undefined,
    time: undefined,
    style: '%Y-%m-%d %H:%M',
  }
  const hint = `Try '${name} --help' for more information.\n`
  for (const { name: option, value = '' } of parsed.given) {
    if (option === 'bytes') run.size = { size: 1 }
    else if (option === 'k') run.size = { size: 1024 }
    else if (option === 'm') run.size = { size: 1 << 20 }
    else if (option === 'human-readable') run.size = { human: 1024, size: 1 }
    else if (option === 'si') run.size = { human: 1000, size: 1 }
    else if (option === 'block-size') {
      const size = parseBlockSize(value)
      if (!size)
        return `${name}: invalid ${process.argv.some(word => word.startsWith('--block-size')) ? '--block-size' : '-B'} argument ${quote(process, value)}\n`
      run.size = size
    } else if (option === 'max-depth') {
      if (!/^[0-9]{1,9}$/.test(value)) return `${name}: invalid maximum depth ${quote(process, value)}\n${hint}`
      run.depth = Number(value)
    } else if (option === 'exclude') run.exclude.push(compilePattern(value))
    else if (option === 'exclude-from') {
      const data = attempt(() => process.fs.readFile(absolute(process, value), process.who, { max: 1 << 18 }))
      if ('error' in data) return `${name}: ${value}: ${data.error}\n`
      for (const text of data.value.toString('latin1').split('\n', 1000))
        if (text) run.exclude.push(compilePattern(text))
    } else if (option === 'threshold') {
      const size = parseSize(value.replace(/^-/, ''))
      if (size === undefined || value === '-0') return `${name}: invalid -t argument ${quote(process, value)}\n`
      run.threshold = value.startsWith('-') ? -size : size
    } else if (option === 'time') {
      const found = value === '' ? undefined : wordFor(process, '--time', value, times)
      if (found && 'message' in found) return `${found.message}\n${hint}`
      run.time = found ? (found.word as 'atime') : 'mtime'
    } else if (option === 'time-style' && value.startsWith('+')) run.style = value.slice(1)
    else if (option === 'time-style')
      run.style = value === 'full-iso' ? '%Y-%m-%d %H:%M:%S.%N %z' : value === 'iso' ? '%Y-%m-%d' : run.style
  }
  if (parsed.has('summarize')) {
    if (run.all) return `${name}: cannot both summarize and show all entries\n${hint}`
    if (run.depth !== Number.POSITIVE_INFINITY && run.depth !== 0)
      return `${name}: warning: summarizing conflicts with --max-depth=${run.depth}\n${hint}`
    run.depth = 0
  }
  return run
}

const measure = async (run: Run, path: string, depth: number, device: number | undefined): Promise<Sum | undefined> => {
  const { process, parsed } = run
  await breathe(process)
  const bare = path.replace(/(?<=.)\/+$/, '')
  const step = (cost?: number): void => process.step(cost)
  const tails = bare.split('/')
  if (run.exclude.some(pattern => tails.some((_, index) => matches(pattern, tails.slice(index).join('/'), step))))
    return undefined
  let stat: Stat
  try {
    stat = look(
      process,
      path,
      parsed.has('dereference') || (depth === 0 && (parsed.has('dereference-args') || parsed.has('H'))),
    )
  } catch (error) {
    await complain(process, `cannot access ${quoteFile(process, path)}: ${errorText(error)}`)
    run.status = 1
    return undefined
  }
  if (parsed.has('one-file-system') && device !== undefined && stat.dev !== device) return undefined
  if (stat.nlink > 1 && (stat.type !== 'directory' || depth === 0) && !parsed.has('count-links')) {
    const key = `${stat.dev}:${stat.ino}`
    if (run.seen.has(key)) return undefined
    if (run.seen.size < 50_000) run.seen.add(key)
  }
  const own = run.apparent
    ? stat.type === 'file' || stat.type === 'symlink' || stat.type === 'directory'
      ? stat.size
      : 0
    : stat.blocks * 512
  const sum: Sum = { bytes: own, inodes: 1, newest: stat[run.time ?? 'mtime'] }
  const here: Sum = { ...sum }
  if (stat.type === 'directory' && depth < deepest) {
    const names = attempt(() => process.fs.readdir(absolute(process, path), process.who))
    if ('error' in names) {
      await complain(process, `cannot read directory ${quoteFile(process, path)}: ${names.error}`)
      run.status = 1
    }
    for (const name of 'value' in names ? names.value : []) {
      const child = below(path, name)
      const inner = await measure(run, child, depth + 1, device ?? stat.dev)
      if (!inner) continue
      sum.bytes += inner.bytes
      sum.inodes += inner.inodes
      sum.newest = Math.max(sum.newest, inner.newest)
      if (parsed.has('separate-dirs') && attemptType(process, child) !== 'directory') {
        here.bytes += inner.bytes
        here.inodes += inner.inodes
      }
    }
  }
  const shows = depth <= run.depth && (stat.type === 'directory' || run.all || depth === 0)
  if (shows) await line(run, parsed.has('separate-dirs') ? { ...here, newest: sum.newest } : sum, path)
  return sum
}

const attemptType = (process: Process, path: string): Stat['type'] | undefined => {
  const found = attempt(() => look(process, path))
  return 'value' in found ? found.value.type : undefined
}

const line = async ({ process, parsed, size, threshold, time, style }: Run, sum: Sum, name: string): Promise<void> => {
  const value = parsed.has('inodes') ? sum.inodes : sum.bytes
  if (threshold !== undefined && (threshold < 0 ? value > -threshold : value < threshold)) return
  const shown = parsed.has('inodes') ? String(value) : showSize(value, size)
  const when = time ? `${stamp(style, sum.newest)}\t` : ''
  await process.stdout.write(`${shown}\t${when}${name}${parsed.has('null') ? '\0' : '\n'}`)
}
