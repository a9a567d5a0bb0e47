import zlib from 'node:zlib'
import { errorText } from '../../errors.ts'
import { compilePattern, matches } from '../../shell/pattern.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { ask } from '../files/ask.ts'
import { stamp } from '../files/stamps.ts'
import { breathe } from '../files/work.ts'
import { absolute, attempt } from '../paths.ts'
import { packedOf, readZip, type ZipEntry } from './zip-format.ts'

/** What one entry may unpack to. */
const most = 32 << 20

type Run = {
  process: Process
  flags: Set<string>
  archive: string
  data: Buffer
  folder: string
  quiet: number
  status: number
  answer: 'ask' | 'all' | 'none'
}

const usage =
  'UnZip 6.00 of 20 April 2009, by Debian. Original by Info-ZIP.\n\nUsage: unzip [-Z] [-opts[modifiers]] file[.zip] [list] [-x xlist] [-d exdir]\n'

/** unzip(1) 6.00 as Debian has it. */
export const unzip: Program = async process => {
  const flags = new Set<string>()
  const names: string[] = []
  const excluded: string[] = []
  let folder = ''
  let quiet = 0
  let excludes = false
  const words = process.argv.slice(1)
  while (words.length > 0) {
    const word = words.shift()!
    if (!word.startsWith('-') || word === '-') {
      ;(excludes ? excluded : names).push(word)
      continue
    }
    for (let at = 1; at < word.length; at++) {
      const letter = word[at]!
      if (letter === 'd' || letter === 'P') {
        const value = word.slice(at + 1) || words.shift() || ''
        if (letter === 'd') folder = value
        break
      }
      if (letter === 'x') excludes = true
      else if (letter === 'q') quiet++
      else flags.add(letter)
    }
  }
  const [given, ...wanted] = names
  if (given === undefined) {
    await process.stdout.write(usage)
    return flags.size > 0 && !flags.has('v') ? 10 : 0
  }
  const found = await archiveOf(process, given)
  if (typeof found === 'number') return found
  const run: Run = {
    process,
    flags,
    ...found,
    folder,
    quiet,
    status: 0,
    answer: flags.has('o') ? 'all' : flags.has('n') ? 'none' : 'ask',
  }
  if (folder !== '' && !(flags.has('l') || flags.has('v') || flags.has('p') || flags.has('t'))) {
    // One level is made, no more.
    const full = absolute(process, folder).replace(/(?<=.)\/+$/, '')
    const there = attempt(() => process.fs.stat(full, process.who))
    const made = 'error' in there ? attempt(() => process.fs.mkdir(full, 0o777 & ~process.umask, process.who)) : there
    if ('error' in made) {
      if (quiet < 1) await process.stdout.write(`Archive:  ${run.archive}\n`)
      await process.stderr.write(`checkdir:  cannot create extraction directory: ${folder}\n           ${made.error}\n`)
      return 2
    }
  }
  const zip = readZip(run.data)
  if (!zip) {
    await process.stdout.write(flags.has('p') || quiet > 1 ? '' : `Archive:  ${run.archive}\n`)
    await process.stderr.write(
      `  End-of-central-directory signature not found.  Either this file is not\n  a zipfile, or it constitutes one disk of a multi-part archive.  In the\n  latter case the central directory and zipfile comment will be found on\n  the last disk(s) of this archive.\nunzip:  cannot find zipfile directory in one of ${given} or\n        ${given}.zip, and cannot find ${given}.ZIP, period.\n`,
    )
    return 9
  }
  const step = (cost?: number): void => process.step(cost)
  const patterns = wanted.map(name => ({ name, pattern: compilePattern(name), found: false }))
  const without = excluded.map(name => compilePattern(name))
  const entries = zip.entries.filter(({ name }) => {
    const fold = flags.has('C')
    const chosen = patterns.filter(({ pattern }) => matches(pattern, name, step, fold))
    for (const one of chosen) one.found = true
    return (patterns.length === 0 || chosen.length > 0) && !without.some(pattern => matches(pattern, name, step, fold))
  })
  if (flags.has('l') || flags.has('v')) await list(run, entries)
  else {
    if (!flags.has('p') && quiet < 1) await process.stdout.write(`Archive:  ${run.archive}\n`)
    for (const entry of entries) await extract(run, entry)
    if (flags.has('t') && run.status === 0)
      await process.stdout.write(`No errors detected in compressed data of ${run.archive}.\n`)
  }
  for (const { name, found } of patterns) {
    if (found) continue
    await process.stderr.write(`caution: filename not matched:  ${name}\n`)
    run.status = 11
  }
  return run.status
}

const archiveOf = async (process: Process, given: string): Promise<{ archive: string; data: Buffer } | number> => {
  for (const archive of [given, `${given}.zip`, `${given}.ZIP`]) {
    const read = attempt(() => process.fs.readFile(absolute(process, archive), process.who))
    if ('value' in read) {
      process.step(read.value.length >> 10)
      return { archive, data: read.value }
    }
    if (read.error === 'No such file or directory') continue
    await process.stderr.write(`error:  cannot open zipfile [ ${archive} ]\n        ${read.error}\n`)
    return 9
  }
  await process.stderr.write(`unzip:  cannot find or open ${given}, ${given}.zip or ${given}.ZIP.\n`)
  return 9
}

const percent = ({ size, packed }: ZipEntry): string =>
  `${size === 0 ? 0 : Math.max(0, Math.floor(((size - packed) * 100) / size + 0.5))}%`

const list = async ({ process, flags, archive }: Run, entries: readonly ZipEntry[]): Promise<void> => {
  const long = flags.has('v')
  let out = `Archive:  ${archive}\n`
  out += long
    ? ' Length   Method    Size  Cmpr    Date    Time   CRC-32   Name\n--------  ------  ------- ---- ---------- ----- --------  ----\n'
    : '  Length      Date    Time    Name\n---------  ---------- -----   ----\n'
  const methods = new Map([
    [0, 'Stored'],
    [8, 'Defl:N'],
  ])
  let size = 0
  let packed = 0
  for (const entry of entries) {
    size += entry.size
    packed += entry.packed
    const when = stamp('%Y-%m-%d %H:%M', entry.time)
    out += long
      ? `${String(entry.size).padStart(8)}  ${methods.get(entry.method) ?? `Unk:${entry.method}`} ${String(entry.packed).padStart(8)} ${percent(entry).padStart(4)} ${when} ${entry.crc.toString(16).padStart(8, '0')}  ${entry.name}\n`
      : `${String(entry.size).padStart(9)}  ${when}   ${entry.name}\n`
  }
  const files = `${entries.length} file${entries.length === 1 ? '' : 's'}`
  out += long
    ? `--------          -------  ---                            -------\n${String(size).padStart(8)}         ${String(packed).padStart(8)} ${percent({ size, packed } as ZipEntry).padStart(4)}                            ${files}\n`
    : `---------                     -------\n${String(size).padStart(9)}                     ${files}\n`
  await process.stdout.write(out)
}

/** The entry's content, or why it cannot be had, as unzip says it. */
const contentOf = (run: Run, entry: ZipEntry): Buffer | string => {
  const stored = packedOf(run.data, entry)
  if (entry.encrypted) return `   skipping: ${entry.name.padEnd(22)}  unable to get password\n`
  if (!stored) return `file #1:  bad zipfile offset (local header sig):  ${entry.at}\n`
  if (entry.method !== 0 && entry.method !== 8)
    return `   skipping: ${entry.name.padEnd(22)}  unsupported compression method ${entry.method}\n`
  let data: Buffer = stored
  if (entry.method === 8) {
    try {
      data = zlib.inflateRawSync(stored, { maxOutputLength: Math.min(most, Math.max(1, entry.size)) })
    } catch {
      return `  error:  invalid compressed data to inflate ${entry.name}\n`
    }
  }
  run.process.step(1 + (data.length >> 10))
  const crc = zlib.crc32(data)
  if (crc === entry.crc) return data
  return `${entry.name.padEnd(22)}  bad CRC ${crc.toString(16).padStart(8, '0')}  (should be ${entry.crc.toString(16).padStart(8, '0')})\n`
}

const extract = async (run: Run, entry: ZipEntry): Promise<void> => {
  const { process, flags, quiet } = run
  const { fs, who } = process
  await breathe(process)
  const isFolder = entry.name.endsWith('/')
  if (flags.has('p') || flags.has('c') || flags.has('t')) {
    if (isFolder && !flags.has('t')) return
    const data = isFolder ? Buffer.alloc(0) : contentOf(run, entry)
    if (flags.has('t')) {
      await process.stdout.write(
        `    testing: ${entry.name.padEnd(22)}   ${typeof data === 'string' ? data.trimEnd() : 'OK'}\n`,
      )
      if (typeof data === 'string') run.status = 2
      return
    }
    if (flags.has('c'))
      await process.stdout.write(`${entry.method === 0 ? ' extracting' : '  inflating'}: ${entry.name.padEnd(22)}  \n`)
    if (typeof data === 'string') {
      await process.stderr.write(data)
      run.status = 2
    } else {
      await process.stdout.write(data)
      if (flags.has('c')) await process.stdout.write('\n')
    }
    return
  }
  // Names may neither begin with a slash nor go up.
  let name = entry.name.replace(/^\/+/, '')
  if (/(^|\/)\.\.(\/|$)/.test(name)) {
    await process.stderr.write(`warning:  skipped "../" path component(s) in ${entry.name}\n`)
    name = name
      .split('/')
      .filter(part => part !== '..')
      .join('/')
    run.status ||= 1
  }
  if (flags.has('j')) name = name.slice(name.replace(/\/$/, '').lastIndexOf('/') + 1)
  if (name === '' || (flags.has('j') && isFolder)) return
  const path = run.folder === '' ? name : `${run.folder.replace(/(?<=.)\/+$/, '')}/${name}`
  const full = absolute(process, path).replace(/(?<=.)\/+$/, '')
  const tell = async (word: string): Promise<void> => {
    if (quiet === 0) await process.stdout.write(`${word}: ${path.padEnd(22)}  \n`)
  }
  try {
    makeAbove(process, full)
    if (isFolder) {
      if ('value' in attempt(() => fs.stat(full, who))) return
      fs.mkdir(full, ((entry.mode ?? 0o755) & 0o777 & ~process.umask) | 0o700, who)
      if (quiet === 0) await process.stdout.write(`   creating: ${path}\n`)
      return
    }
    if ('value' in attempt(() => fs.lstat(full, who)) && !(await mayReplace(run, path))) return
    const data = contentOf(run, entry)
    if (typeof data === 'string') {
      await process.stderr.write(data)
      run.status = 2
      return
    }
    attempt(() => fs.unlink(full, who))
    if (entry.mode !== undefined && (entry.mode & 0o170000) === 0o120000) {
      await tell('    linking')
      fs.symlink(data.toString('latin1'), full, who)
      return
    }
    await tell(entry.method === 0 ? ' extracting' : '  inflating')
    fs.writeFile(full, data, who, { mode: 0o666 & ~process.umask })
    if (entry.mode) fs.chmod(full, entry.mode & 0o777, who)
    fs.utimes(full, entry.time, entry.time, who)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const full = error.errno === 'ENOSPC'
    await process.stderr.write(
      full
        ? `${path}:  write error (disk full?).  Continue? (y/n/^C) `
        : `error:  cannot create ${path}\n        ${errorText(error)}\n`,
    )
    run.status = full ? 50 : 2
  }
}

const makeAbove = ({ fs, who, umask }: Process, full: string): void => {
  for (let slash = full.indexOf('/', 1); slash > 0; slash = full.indexOf('/', slash + 1)) {
    const folder = full.slice(0, slash)
    if ('error' in attempt(() => fs.stat(folder, who))) fs.mkdir(folder, 0o777 & ~umask, who)
  }
}

const mayReplace = async (run: Run, path: string): Promise<boolean> => {
  if (run.answer !== 'ask') return run.answer === 'all'
  const question = `replace ${path}? [y]es, [n]o, [A]ll, [N]one, [r]ename: `
  const { process } = run
  if (process.isatty[0]) return ask(process, question)
  await process.stderr.write(`${question} NULL\n(EOF or read error, treating as "[N]one" ...)\n`)
  run.answer = 'none'
  run.status = 1
  return false
}
