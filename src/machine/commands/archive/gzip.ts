import { errorText } from '../../errors.ts'
import { type Process, type Program, type Stat, SystemError } from '../../system.ts'
import { ask } from '../files/ask.ts'
import { baseName, below, look } from '../files/names.ts'
import { stamp } from '../files/stamps.ts'
import { getopt, type Option, type Parsed } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { absolute, attempt, readAll } from '../paths.ts'
import { Corrupt, type Fault } from './corrupt.ts'
import { gzip as compress, gunzip, gzipHeader } from './gzip-stream.ts'

const options: Option[] = [
  { short: 'a', long: 'ascii' },
  { short: 'c', long: 'stdout' },
  { long: 'to-stdout' },
  { short: 'd', long: 'decompress' },
  { long: 'uncompress' },
  { short: 'f', long: 'force' },
  { short: 'h', long: 'help' },
  { short: 'k', long: 'keep' },
  { short: 'l', long: 'list' },
  { short: 'L', long: 'license' },
  { short: 'n', long: 'no-name' },
  { short: 'N', long: 'name' },
  { short: 'q', long: 'quiet' },
  { short: 'r', long: 'recursive' },
  { short: 'S', long: 'suffix', argument: 'required' },
  { short: 't', long: 'test' },
  { short: 'v', long: 'verbose' },
  { short: 'V', long: 'version' },
  { long: 'rsyncable' },
  { long: 'synchronous' },
  { long: 'fast' },
  { long: 'best' },
  ...[...'123456789'].map(short => ({ short })),
  { short: 'b', argument: 'required' },
  { short: 'm' },
  { short: 'M' },
]

type Run = {
  process: Process
  parsed: Parsed
  decodes: boolean
  toOutput: boolean
  level: number
  suffix: string
  status: number
  /** Of a list: sums, and whether the heading was written. */
  listed: { packed: number; plain: number; files: number }
}

/** gzip(1) 1.12, by its own name or as gunzip and zcat, which are scripts that start it. */
export const gzip: Program = async process => {
  const [called = ''] = process.argv
  const name = baseName(called)
  const implied = name === 'gunzip' || name === 'uncompress' ? ['-d'] : name === 'zcat' ? ['-cd'] : []
  const environment = (process.env.get('GZIP') ?? '').split(/\s+/).filter(word => /^-[1-9]$/.test(word))
  const parsed = getopt(['gzip', ...implied, ...environment, ...process.argv.slice(1)], options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry \`gzip --help' for more information.\n`)
    return 1
  }
  if (parsed.has('help')) {
    await process.stdout.write(
      'Usage: gzip [OPTION]... [FILE]...\nCompress or uncompress FILEs (by default, compress FILES in-place).\n',
    )
    return 0
  }
  if (parsed.has('version')) {
    await process.stdout.write(versioned(process, 'gzip @gzip@\n'))
    return 0
  }
  const levels = parsed.given.filter(({ name }) => /^([1-9]|fast|best)$/.test(name)).at(-1)?.name
  const run: Run = {
    process,
    parsed,
    decodes: parsed.has('decompress') || parsed.has('uncompress') || parsed.has('test') || parsed.has('list'),
    toOutput: parsed.has('stdout') || parsed.has('to-stdout'),
    level: levels === 'fast' ? 1 : levels === 'best' ? 9 : Number(levels ?? 6),
    suffix: (parsed.value('suffix') ?? '.gz').replace(/^(?!\.)/, '.'),
    status: 0,
    listed: { packed: 0, plain: 0, files: 0 },
  }
  const { operands } = parsed
  if (operands.length === 0) await throughStdin(run)
  for (const operand of operands) {
    if (operand === '-') await throughStdin(run)
    else await oneFile(run, operand)
  }
  const { files, packed, plain } = run.listed
  if (files > 1) await process.stdout.write(listLine(packed, plain, '(totals)'))
  return run.status
}

const say = async ({ process }: Run, message: string): Promise<void> => process.stderr.write(`gzip: ${message}\n`)
const warn = async (run: Run, message: string): Promise<void> => {
  if (!run.parsed.has('quiet')) await say(run, message)
  run.status ||= 2
}
const fail = async (run: Run, message: string): Promise<void> => {
  await say(run, message)
  run.status = 1
}

const faults: Record<Fault, string> = {
  format: 'not in gzip format',
  end: 'unexpected end of file',
  check: 'invalid compressed data--crc error',
  data: 'invalid compressed data--format violated',
  garbage: 'decompression OK, trailing garbage ignored',
  limit: 'invalid compressed data--length error',
}

const throughStdin = async (run: Run): Promise<void> => {
  const { process, parsed, decodes } = run
  if (!decodes && process.isatty[1] && !parsed.has('force')) {
    await process.stderr.write(
      'gzip: compressed data not written to a terminal. Use -f to force compression.\nFor help, type: gzip -h\n',
    )
    run.status = 1
    return
  }
  if (decodes && process.isatty[0] && !parsed.has('force')) {
    await process.stderr.write(
      'gzip: compressed data not read from a terminal. Use -f to force decompression.\nFor help, type: gzip -h\n',
    )
    run.status = 1
    return
  }
  const data = await readAll(process.stdin)
  if (!decodes) {
    await process.stdout.write(compress(data, { level: run.level }))
    return
  }
  if (parsed.has('list')) await list(run, 'stdin', data, 'stdout', undefined)
  else await unpack(run, data, 'stdin', parsed.has('test') ? undefined : piece => process.stdout.write(piece))
}

/** Takes it apart into `write`, or only looks whether it could. */
const unpack = async (
  run: Run,
  data: Buffer,
  name: string,
  write: ((piece: Buffer) => Promise<void> | void) | undefined,
): Promise<{ ok: boolean; size: number }> => {
  const { process, parsed } = run
  let size = 0
  // `zcat -f` passes on what is not compressed.
  if (write && run.toOutput && parsed.has('force') && !(data[0] === 0x1f && data[1] === 0x8b)) {
    await write(data)
    return { ok: true, size: data.length }
  }
  try {
    for await (const piece of gunzip(data, cost => process.step(cost))) {
      size += piece.length
      await write?.(piece)
    }
  } catch (error) {
    if (!(error instanceof Corrupt)) throw error
    if (error.fault === 'garbage') {
      if (!parsed.has('quiet')) await process.stderr.write(`\ngzip: ${name}: ${faults.garbage}\n`)
      run.status ||= 2
      return { ok: true, size }
    }
    await process.stderr.write(`\ngzip: ${name}: ${faults[error.fault]}\n`)
    run.status = 1
    return { ok: false, size }
  }
  return { ok: true, size }
}

const known = /(?:[._-]gz|\.z|\.taz|\.tgz|-z|_z|\.Z)$/

const oneFile = async (run: Run, operand: string): Promise<void> => {
  const { process, parsed, decodes } = run
  let path = operand
  let stat: Stat
  try {
    const found = attempt(() => look(process, path))
    if ('error' in found && decodes && found.error === 'No such file or directory' && !known.test(path))
      path += run.suffix
    stat = look(process, path)
  } catch (error) {
    return fail(run, `${path}: ${errorText(error)}`)
  }
  if (stat.type === 'symlink') {
    if (!run.toOutput && !parsed.has('force') && !parsed.has('test') && !parsed.has('list'))
      return fail(run, `${path}: Too many levels of symbolic links`)
    const followed = attempt(() => look(process, path, true))
    if ('error' in followed) return fail(run, `${path}: ${followed.error}`)
    stat = followed.value
  }
  if (stat.type === 'directory') {
    if (!parsed.has('recursive')) return warn(run, `${path} is a directory -- ignored`)
    const names = attempt(() => process.fs.readdir(absolute(process, path), process.who))
    if ('error' in names) return fail(run, `${path}: ${names.error}`)
    for (const name of names.value.toSorted()) await oneFile(run, below(path, name))
    return
  }
  const inPlace = !run.toOutput && !parsed.has('test') && !parsed.has('list')
  if (inPlace && stat.type !== 'file') return warn(run, `${path} is not a directory or a regular file - ignored`)
  if (inPlace && stat.nlink > 1 && !parsed.has('force')) {
    const others = stat.nlink - 1
    return warn(run, `${path} has ${others} other link${others > 1 ? 's' : ''} -- file ignored`)
  }
  if (
    decodes &&
    !run.toOutput &&
    !parsed.has('test') &&
    !parsed.has('list') &&
    !known.test(path) &&
    !path.endsWith(run.suffix)
  )
    return warn(run, `${path}: unknown suffix -- ignored`)
  if (!decodes && (path.endsWith(run.suffix) || /\.(tgz|taz)$/.test(path)) && !run.toOutput && !parsed.has('force')) {
    const shown = /\.(tgz|taz)$/.exec(path)?.[0] ?? run.suffix
    return warn(run, `${path} already has ${shown} suffix -- unchanged`)
  }
  const read = attempt(() => process.fs.readFile(absolute(process, path), process.who))
  if ('error' in read) return fail(run, `${path}: ${read.error}`)
  const data = read.value
  process.step(data.length >> 10)
  if (parsed.has('list')) return list(run, path, data, plainName(run, path), stat)
  if (parsed.has('test')) {
    const { ok } = await unpack(run, data, path, undefined)
    if (ok && parsed.has('verbose')) await process.stderr.write(`${path}:\t OK\n`)
    return
  }
  if (run.toOutput) {
    if (!decodes) await process.stdout.write(compress(data, { level: run.level, ...titled(run, path, stat) }))
    else await unpack(run, data, path, piece => process.stdout.write(piece))
    return
  }
  await inPlaceOf(run, path, stat, data)
}

const titled = ({ parsed }: Run, path: string, stat: Stat): { name?: string; modified?: number } =>
  parsed.has('no-name') ? {} : { name: baseName(path), modified: stat.mtime }

const plainName = ({ suffix }: Run, path: string): string => {
  if (/\.(tgz|taz)$/.test(path)) return path.replace(/\.(tgz|taz)$/, '.tar')
  return path.endsWith(suffix) ? path.slice(0, -suffix.length) : path.replace(known, '')
}

const inPlaceOf = async (run: Run, path: string, stat: Stat, data: Buffer): Promise<void> => {
  const { process, parsed, decodes } = run
  const { fs, who } = process
  let target = decodes ? plainName(run, path) : path + run.suffix
  if (decodes && parsed.has('name')) {
    const header = headerOf(data)
    if (header?.name)
      target = path.includes('/')
        ? below(path.slice(0, path.lastIndexOf('/')), baseName(header.name))
        : baseName(header.name)
  }
  const full = absolute(process, target)
  if ('value' in attempt(() => look(process, target)) && !parsed.has('force')) {
    if (!process.isatty[0]) {
      await process.stderr.write(`gzip: ${target} already exists;\tnot overwritten\n`)
      run.status ||= 2
      return
    }
    if (!(await ask(process, `gzip: ${target} already exists; do you wish to overwrite (y or n)? `))) {
      await process.stderr.write('\tnot overwritten\n')
      run.status ||= 2
      return
    }
  }
  let size = 0
  try {
    attempt(() => fs.unlink(full, who))
    fs.writeFile(full, Buffer.alloc(0), who, { mode: 0o600 })
    if (decodes) {
      const unpacked = await unpack(run, data, path, piece => fs.writeFile(full, piece, who, { append: true }))
      size = unpacked.size
      if (!unpacked.ok) {
        fs.unlink(full, who)
        return
      }
    } else {
      const packed = compress(data, { level: run.level, ...titled(run, path, stat) })
      size = packed.length
      fs.writeFile(full, packed, who, { append: true })
    }
    fs.chmod(full, stat.mode & 0o777, who)
    const header = decodes && parsed.has('name') ? headerOf(data) : undefined
    fs.utimes(full, stat.atime, header?.modified || stat.mtime, who)
    attempt(() => fs.chown(full, stat.uid, stat.gid, who))
    if (!parsed.has('keep')) fs.unlink(absolute(process, path), who)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await fail(run, `${target}: ${errorText(error)}`)
    if (error.errno === 'ENOSPC') attempt(() => fs.unlink(full, who))
    return
  }
  if (!parsed.has('verbose')) return
  const [packed, plain] = decodes ? [data.length, size] : [size, data.length]
  const what = parsed.has('keep') ? 'created' : 'replaced with'
  await process.stderr.write(`${path}:\t${ratio(packed, plain, path, decodes)} -- ${what} ${target}\n`)
}

const headerOf = (data: Buffer): ReturnType<typeof gzipHeader> | undefined => {
  try {
    return gzipHeader(data)
  } catch (error) {
    if (error instanceof Corrupt) return undefined
    throw error
  }
}

/** What the header takes is not counted. */
const ratio = (packed: number, plain: number, path: string, decodes: boolean): string => {
  const name = decodes ? baseName(path).replace(known, '') : baseName(path)
  const body = packed - (10 + name.length + 1)
  const share = plain === 0 ? 0 : (1 - (body - 8) / plain) * 100
  return `${share.toFixed(1).padStart(5)}%`
}

const listLine = (packed: number, plain: number, name: string, header = 0): string => {
  const share = plain === 0 ? 0 : ((plain - (packed - header)) * 100) / plain
  return `${String(packed).padStart(19)} ${String(plain).padStart(19)} ${share.toFixed(1).padStart(5)}% ${name}\n`
}

const list = async (run: Run, path: string, data: Buffer, name: string, stat: Stat | undefined): Promise<void> => {
  const { process, parsed } = run
  const header = headerOf(data)
  if (!header || data.length < 18) {
    await process.stderr.write(`\ngzip: ${path}: ${data.length < 18 && header ? faults.end : faults.format}\n`)
    run.status = 1
    return
  }
  const verbose = parsed.has('verbose')
  if (run.listed.files++ === 0 && !parsed.has('quiet')) {
    await process.stdout.write(
      `${verbose ? 'method  crc     date  time  ' : ''}         compressed        uncompressed  ratio uncompressed_name\n`,
    )
  }
  const plain = data.readUInt32LE(data.length - 4)
  run.listed.packed += data.length
  run.listed.plain += plain
  const crc = data
    .readUInt32LE(data.length - 8)
    .toString(16)
    .padStart(8, '0')
  const time = stamp('%b %e %H:%M', header.modified || (stat?.mtime ?? process.now()))
  await process.stdout.write(
    (verbose ? `defla ${crc} ${time} ` : '') + listLine(data.length, plain, name, header.length + 8),
  )
}
