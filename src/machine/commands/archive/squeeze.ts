import { errorText } from '../../errors.ts'
import { type Process, type Program, type Stat, SystemError } from '../../system.ts'
import { baseName, look } from '../files/names.ts'
import { getopt, type Option, type Parsed } from '../getopt.ts'
import { absolute, attempt, readAll } from '../paths.ts'
import { type Codec, codecFor, codecs } from './codecs.ts'
import { Corrupt } from './corrupt.ts'

const options: Option[] = [
  ...[...'cdfhklLqsStvVzeTHQ0123456789'].filter(letter => !'ST'.includes(letter)).map(short => ({ short })),
  { short: 'T', argument: 'required' },
  { short: 'S', argument: 'required' },
  { short: 'C', argument: 'required' },
  { short: 'F', argument: 'required' },
  { short: 'M', argument: 'required' },
  ...'stdout to-stdout decompress uncompress compress force help keep list license quiet small test verbose version fast best extreme no-warn no-sparse single-stream robot long-help'
    .split(' ')
    .map(long => ({ long })),
  ...'threads suffix check format memlimit memory block-size files'
    .split(' ')
    .map(long => ({ long, argument: 'required' as const })),
]

const recovery = (tests: boolean): string =>
  tests
    ? ''
    : `\nIt is possible that the compressed file(s) have become corrupted.\nYou can use the -tvv option to test integrity of such files.\n\nYou can use the \`bzip2recover' program to attempt to recover\ndata from undamaged sections of corrupted files.\n\n`

type Run = {
  process: Process
  parsed: Parsed
  codec: Codec
  name: string
  status: number
  decodes: boolean
  toOutput: boolean
  keeps: boolean
  tests: boolean
  force: boolean
  verbose: boolean
  /** Of all names, so that what is said of each stands in a column. */
  widest: number
}

const suffixes = { gzip: '.gz', bzip2: '.bz2', xz: '.xz' }
const endings: Record<'bzip2' | 'xz', [RegExp, string][]> = {
  bzip2: [
    [/\.bz2?$/, ''],
    [/\.tbz2?$/, '.tar'],
  ],
  xz: [
    [/\.(xz|lzma)$/, ''],
    [/\.(txz|tlz)$/, '.tar'],
  ],
}

/** bzip2(1) 1.0.8 and xz(1) 5.4.1 with their other names. */
const squeezer =
  (kind: 'bzip2' | 'xz'): Program =>
  async process => {
    const [called = ''] = process.argv
    const name = baseName(called)
    const parsed = getopt(process.argv, options)
    if (typeof parsed === 'string') return misused(process, kind, parsed)
    const has = (...names: string[]): boolean => names.some(one => parsed.has(one))
    if (has('V', 'version', 'L', 'license')) {
      const text =
        kind === 'xz'
          ? 'xz (XZ Utils) 5.4.1\nliblzma 5.4.1\n'
          : 'bzip2, a block-sorting file compressor.  Version 1.0.8, 13-Jul-2019.\n'
      await (kind === 'xz' ? process.stdout : process.stderr).write(text)
      if (kind === 'xz') return 0
    }
    if (has('h', 'help', 'H', 'long-help')) {
      await process.stdout.write(
        kind === 'xz' ? 'Usage: xz [OPTION]... [FILE]...\nCompress or decompress FILEs in the .xz format.\n' : '',
      )
      if (kind === 'bzip2') await process.stderr.write(usage(name))
      return 0
    }
    const run: Run = {
      process,
      parsed,
      codec: codecs[kind],
      name,
      status: 0,
      decodes:
        has('d', 'decompress', 'uncompress', 't', 'test') || /^(bunzip2|bzcat|unxz|xzcat|unlzma|lzcat)$/.test(name),
      toOutput: has('c', 'stdout', 'to-stdout') || /cat$/.test(name),
      keeps: has('k', 'keep'),
      tests: has('t', 'test'),
      force: has('f', 'force'),
      verbose: has('v', 'verbose'),
      widest: Math.max(7, ...parsed.operands.map(({ length }) => length)),
    }
    if (parsed.operands.length === 0) await oneFile(run, '-')
    for (const operand of parsed.operands) await oneFile(run, operand)
    return run.status
  }

const usage = (name: string): string => `bzip2, a block-sorting file compressor.  Version 1.0.8, 13-Jul-2019.

   usage: ${name} [flags and input files in any order]
`

const misused = async (process: Process, kind: 'bzip2' | 'xz', message: string): Promise<number> => {
  const name = process.argv[0] ?? ''
  if (kind === 'xz') {
    await process.stderr.write(`${message}\n${name}: Try '${name} --help' for more information.\n`)
    return 1
  }
  const wrong =
    process.argv.find(word => (word.startsWith('--') ? message.includes(word.split('=')[0]!) : /^-./.test(word))) ?? ''
  await process.stderr.write(`${name}: Bad flag \`${wrong}'\n${usage(name)}`)
  return 1
}

const fail = async (run: Run, message: string): Promise<void> => {
  run.status = 1
  await run.process.stderr.write(`${run.name}: ${message}\n`)
}

const oneFile = async (run: Run, path: string): Promise<void> => {
  const { process, codec, decodes } = run
  const isXz = codec.name === 'xz'
  const { fs, who } = process
  let stat: Stat | undefined
  let data: Buffer
  if (path === '-') {
    if (!decodes && process.isatty[1] && !run.force) {
      return isXz
        ? fail(run, 'Compressed data cannot be written to a terminal')
        : fail(run, "I won't write compressed data to a terminal.")
    }
    data = await readAll(process.stdin)
  } else {
    const found = attempt(() => look(process, path, true))
    if ('error' in found)
      return fail(run, isXz ? `${path}: ${found.error}` : `Can't open input file ${path}: ${found.error}.`)
    stat = found.value
    if (stat.type === 'directory')
      return fail(run, isXz ? `${path}: Is a directory, skipping` : `Input file ${path} is a directory.`)
    const own = suffixes[codec.name]
    if (!decodes && path.endsWith(own) && !run.toOutput)
      return isXz
        ? warnXz(run, `${path}: File already has \`${own}' suffix, skipping`)
        : fail(run, `Input file ${path} already has ${own} suffix.`)
    const foreign = isXz && decodes && !run.toOutput && !run.tests && !endings.xz.some(([ending]) => ending.test(path))
    const read = attempt(() => fs.readFile(absolute(process, path), who))
    if ('error' in read)
      return fail(run, isXz ? `${path}: ${read.error}` : `Can't open input file ${path}: ${read.error}.`)
    data = read.value
    if (foreign && codecFor(data) === codec) return warnXz(run, `${path}: Filename has an unknown suffix, skipping`)
  }
  process.step(data.length >> 10)
  const step = (cost: number): void => process.step(cost)
  if (path === '-' || run.toOutput || run.tests) {
    const shown = path === '-' ? (isXz ? '(stdin)' : '(stdin)') : path
    if (!decodes) await process.stdout.write(codec.encode(data, step))
    else if (await unpack(run, data, shown, run.tests ? undefined : piece => process.stdout.write(piece))) {
      if (run.tests && run.verbose)
        await process.stderr.write(
          isXz ? `${shown} (1/1)\n` : `  ${shown}: ${' '.repeat(run.widest - shown.length)}ok\n`,
        )
    }
    return
  }
  await inPlace(run, path, stat!, data)
}

const warnXz = async (run: Run, message: string): Promise<void> => {
  run.status ||= 2
  await run.process.stderr.write(`${run.name}: ${message}\n`)
}

const unpack = async (
  run: Run,
  data: Buffer,
  name: string,
  write: ((piece: Buffer) => Promise<void> | void) | undefined,
): Promise<boolean> => {
  const { process, codec } = run
  try {
    for await (const piece of codec.decode(data, cost => process.step(cost))) await write?.(piece)
    return true
  } catch (error) {
    if (!(error instanceof Corrupt)) throw error
    const { fault } = error
    if (codec.name === 'bzip2') {
      if (fault === 'garbage') {
        await process.stderr.write(`\n${run.name}: ${name}: trailing garbage after EOF ignored\n`)
        return true
      }
      if (fault === 'format') await fail(run, `${name} is not a bzip2 file.`)
      else {
        run.status = 2
        const what =
          fault === 'end'
            ? 'Compressed file ends unexpectedly;\n\tperhaps it is corrupted?  *Possible* reason follows.'
            : 'Data integrity error when decompressing.'
        await process.stderr.write(
          `\n${run.name}: ${what}\n\tInput file = ${name}, output file = (stdout)\n${recovery(run.tests)}`,
        )
      }
      return false
    }
    const texts = {
      format: 'File format not recognized',
      end: 'Unexpected end of input',
      check: 'Compressed data is corrupt',
      data: 'Compressed data is corrupt',
      garbage: 'Compressed data is corrupt',
      limit: 'Memory usage limit reached',
    }
    await fail(run, `${name}: ${texts[fault]}`)
    return false
  }
}

const inPlace = async (run: Run, path: string, stat: Stat, data: Buffer): Promise<void> => {
  const { process, codec, decodes } = run
  const { fs, who } = process
  const isXz = codec.name === 'xz'
  const ending = endings[codec.name as 'xz'].find(([known]) => known.test(path))
  let target = decodes ? (ending ? path.replace(...ending) : `${path}.out`) : path + suffixes[codec.name]
  if (decodes && !ending && !isXz) {
    await process.stderr.write(`${run.name}: Can't guess original name for ${path} -- using ${target}\n`)
    target = `${path}.out`
  }
  const full = absolute(process, target)
  if ('value' in attempt(() => look(process, target)) && !run.force)
    return fail(run, isXz ? `${target}: File exists` : `Output file ${target} already exists.`)
  try {
    attempt(() => fs.unlink(full, who))
    fs.writeFile(full, Buffer.alloc(0), who, { mode: 0o600 })
    let size = 0
    if (!decodes) {
      const packed = codec.encode(data, cost => process.step(cost))
      size = packed.length
      fs.writeFile(full, packed, who, { append: true })
    } else if (!(await unpack(run, data, path, piece => fs.writeFile(full, piece, who, { append: true })))) {
      fs.unlink(full, who)
      return
    }
    fs.chmod(full, stat.mode & 0o777, who)
    fs.utimes(full, stat.atime, stat.mtime, who)
    attempt(() => fs.chown(full, stat.uid, stat.gid, who))
    if (!run.keeps) fs.unlink(absolute(process, path), who)
    if (run.verbose && !isXz && !decodes && data.length > 0) {
      const share = size / data.length
      await process.stderr.write(
        `  ${path}: ${' '.repeat(run.widest - path.length)}${(1 / share).toFixed(3).padStart(6)}:1, ${(share * 8).toFixed(3).padStart(6)} bits/byte, ${((1 - share) * 100).toFixed(2).padStart(5)}% saved, ${data.length} in, ${size} out.\n`,
      )
    } else if (run.verbose && !isXz)
      await process.stderr.write(
        decodes
          ? `  ${path}: ${' '.repeat(run.widest - path.length)}done\n`
          : `  ${path}: ${' '.repeat(run.widest - path.length)} no data compressed.\n`,
      )
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await fail(
      run,
      isXz
        ? `${target}: ${errorText(error)}`
        : `I/O or other error, bailing out.  Possible reason follows.\n${run.name}: ${errorText(error)}`,
    )
  }
}

export const bzip2: Program = squeezer('bzip2')
export const xz: Program = squeezer('xz')
