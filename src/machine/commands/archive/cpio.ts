import { errorText } from '../../errors.ts'
import { compilePattern, matches } from '../../shell/pattern.ts'
import { type Process, type Program, type Stat, SystemError } from '../../system.ts'
import { fullMode } from '../files/modes.ts'
import { breathe } from '../files/work.ts'
import { getopt, type Option, optionsOf, type Parsed } from '../getopt.ts'
import { absolute, attempt, complain, readAll } from '../paths.ts'

const options: Option[] = [
  { short: 'o', long: 'create' },
  { short: 'i', long: 'extract' },
  { short: 'p', long: 'pass-through' },
  { short: 't', long: 'list' },
  ...optionsOf(
    '0=null a=reset-access-time A=append B d=make-directories f=nonmatching k l=link L=dereference m=preserve-modification-time n=numeric-uid-gid r=rename s=swap-bytes S=swap-halfwords b=swap u=unconditional v=verbose V=dot c quiet no-absolute-filenames absolute-filenames no-preserve-owner only-verify-crc to-stdout sparse force-local warning device-independent reproducible help version',
  ),
  { short: 'C', long: 'io-size', argument: 'required' },
  { short: 'D', long: 'directory', argument: 'required' },
  { short: 'E', long: 'pattern-file', argument: 'required' },
  { short: 'F', long: 'file', argument: 'required' },
  { short: 'H', long: 'format', argument: 'required' },
  { short: 'I', argument: 'required' },
  { short: 'O', argument: 'required' },
  { short: 'M', long: 'message', argument: 'required' },
  { short: 'R', long: 'owner', argument: 'required' },
]

type Entry = {
  name: string
  ino: number
  mode: number
  uid: number
  gid: number
  nlink: number
  mtime: number
  size: number
  content: Buffer
}
const mostEntries = 20_000
const most = 16 << 20

/** cpio(1) 2.13: makes newc and odc archives, reads those and the old binary one. */
export const cpio: Program = async process => {
  const [name = 'cpio'] = process.argv
  const parsed = getopt(process.argv, options)
  const help = `Try '${name} --help' or '${name} --usage' for more information.\n`
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${help}`)
    return 2
  }
  if (parsed.has('version')) {
    await process.stdout.write('cpio (GNU cpio) 2.13\n')
    return 0
  }
  if (parsed.has('create')) return create(process, parsed)
  if (parsed.has('extract') || parsed.has('list')) return extract(process, parsed)
  if (parsed.has('pass-through')) return pass(process, parsed)
  await process.stderr.write(`${name}: You must specify one of -oipt options.\n${help}`)
  return 2
}

const namesFrom = async (process: Process, parsed: Parsed): Promise<string[]> =>
  (await readAll(process.stdin, 1 << 20))
    .toString('latin1')
    .split(parsed.has('null') ? '\0' : '\n', mostEntries)
    .filter(Boolean)

type Format = 'newc' | 'odc' | 'bin'

/** The oldest form: sixteen bits each, long numbers with their high half first. */
const binaryHeader = ({ name, ino, mode, uid, gid, nlink, mtime, size }: Omit<Entry, 'content'>): Buffer => {
  const fields = [
    0o70707,
    0x801,
    ino,
    mode,
    uid,
    gid,
    nlink,
    0,
    mtime >>> 16,
    mtime,
    name.length + 1,
    size >>> 16,
    size,
  ]
  const head = Buffer.alloc(26 + Math.ceil((name.length + 1) / 2) * 2)
  for (const [index, value] of fields.entries()) head.writeUInt16LE(value & 0xffff, index * 2)
  head.write(name, 26, 'latin1')
  return head
}

const header = (entry: Omit<Entry, 'content'>, format: Format): Buffer => {
  if (format === 'bin') return binaryHeader(entry)
  const hex = (value: number): string => (value >>> 0).toString(16).toUpperCase().padStart(8, '0')
  const octal = (value: number, width: number): string => value.toString(8).slice(-width).padStart(width, '0')
  const { name, ino, mode, uid, gid, nlink, mtime, size } = entry
  if (format === 'newc') {
    const fields = [ino, mode, uid, gid, nlink, mtime, size, 8, 1, 0, 0, name.length + 1, 0]
    const text = `070701${fields.map(hex).join('')}${name}\0`
    return Buffer.from(text.padEnd(Math.ceil(text.length / 4) * 4, '\0'), 'latin1')
  }
  return Buffer.from(
    `070707${octal(1, 6)}${octal(ino, 6)}${octal(mode, 6)}${octal(uid, 6)}${octal(gid, 6)}${octal(nlink, 6)}${octal(0, 6)}${octal(mtime, 11)}${octal(name.length + 1, 6)}${octal(size, 11)}${name}\0`,
    'latin1',
  )
}

const create = async (process: Process, parsed: Parsed): Promise<number> => {
  const asked = parsed.value('format') ?? (parsed.has('c') ? 'odc' : 'bin')
  const format: Format = /^(newc|crc)$/.test(asked) ? 'newc' : asked === 'odc' ? 'odc' : 'bin'
  const unit = { newc: 4, bin: 2, odc: 1 }[format]
  const pieces: Buffer[] = []
  let size = 0
  let status = 0
  for (const name of await namesFrom(process, parsed)) {
    await breathe(process)
    const full = absolute(process, name)
    let stat: Stat
    let content = Buffer.alloc(0)
    try {
      stat = process.fs[parsed.has('dereference') ? 'stat' : 'lstat'](full, process.who)
      if (stat.type === 'file') content = Buffer.from(process.fs.readFile(full, process.who))
      if (stat.type === 'symlink') content = Buffer.from(process.fs.readlink(full, process.who), 'latin1')
    } catch (error) {
      await complain(process, `${name}: Cannot stat: ${errorText(error)}`)
      status = 2
      continue
    }
    if (parsed.has('verbose')) await process.stderr.write(`${name}\n`)
    process.step(1 + (content.length >> 10))
    const entry = {
      name,
      ino: stat.ino,
      mode: fullMode(stat),
      uid: stat.uid,
      gid: stat.gid,
      nlink: stat.nlink,
      mtime: Math.floor(stat.mtime / 1000),
      size: content.length,
    }
    const body = Buffer.concat([content, Buffer.alloc((unit - (content.length % unit)) % unit)])
    pieces.push(header(entry, format), body)
    size += pieces.at(-1)!.length + pieces.at(-2)!.length
    if (size > most) return 2
  }
  const last = { name: 'TRAILER!!!', ino: 0, mode: 0, uid: 0, gid: 0, nlink: 1, mtime: 0, size: 0 }
  pieces.push(header(last, format))
  const whole = Buffer.concat(pieces)
  const archive = Buffer.concat([whole, Buffer.alloc((512 - (whole.length % 512)) % 512)])
  const path = parsed.value('file') ?? parsed.value('O')
  if (path === undefined) await process.stdout.write(archive)
  else {
    const made = attempt(() =>
      process.fs.writeFile(absolute(process, path), archive, process.who, { mode: 0o666 & ~process.umask }),
    )
    if ('error' in made) {
      await complain(process, `Cannot open ${path}: ${made.error}`)
      return 2
    }
  }
  if (!parsed.has('quiet')) await process.stderr.write(`${blocks(archive.length)}\n`)
  return status
}

const blocks = (bytes: number): string => {
  const count = Math.ceil(bytes / 512)
  return `${count} block${count === 1 ? '' : 's'}`
}

/** Entries up to the trailer; `end`: where it ended, `undefined` in the middle of something. */
const entriesOf = (data: Buffer): { entries: Entry[]; end: number | undefined } => {
  const entries: Entry[] = []
  let at = 0
  for (let count = 0; count < mostEntries; count++) {
    const magic = data.toString('latin1', at, at + 6)
    const newc = magic === '070701' || magic === '070702'
    if (at + 26 <= data.length && data.readUInt16LE(at) === 0o70707) {
      const word = (index: number): number => data.readUInt16LE(at + index * 2)
      const [nameSize, size] = [word(10), word(11) * 65_536 + word(12)]
      const body = at + 26 + Math.ceil(nameSize / 2) * 2
      if (nameSize < 1 || body + size > data.length) return { entries, end: undefined }
      const name = data.toString('latin1', at + 26, at + 25 + nameSize)
      if (name === 'TRAILER!!!') return { entries, end: body }
      entries.push({
        name,
        ino: word(2),
        mode: word(3),
        uid: word(4),
        gid: word(5),
        nlink: word(6),
        mtime: (word(8) * 65_536 + word(9)) * 1000,
        size,
        content: data.subarray(body, body + size),
      })
      at = body + Math.ceil(size / 2) * 2
      continue
    }
    if (!newc && magic !== '070707') return { entries, end: undefined }
    const text = data.toString('latin1', at + 6, at + 110)
    const field = (index: number): number => Number.parseInt(text.slice(index * 8, index * 8 + 8), 16)
    const octal = (from: number, width: number): number => Number.parseInt(text.slice(from, from + width), 8)
    const [ino, mode, uid, gid, nlink, mtime, size, nameSize] = newc
      ? [field(0), field(1), field(2), field(3), field(4), field(5), field(6), field(11)]
      : [
          octal(6, 6),
          octal(12, 6),
          octal(18, 6),
          octal(24, 6),
          octal(30, 6),
          octal(42, 11),
          octal(59, 11),
          octal(53, 6),
        ]
    const start = at + (newc ? 110 : 76)
    if (![mode, size, nameSize].every(Number.isSafeInteger) || nameSize! < 1 || start + nameSize! > data.length)
      return { entries, end: undefined }
    const name = data.toString('latin1', start, start + nameSize! - 1)
    const round = (value: number): number => (newc ? Math.ceil(value / 4) * 4 : value)
    const body = round(start + nameSize!)
    if (name === 'TRAILER!!!') return { entries, end: body }
    if (body + size! > data.length) return { entries, end: undefined }
    entries.push({
      name,
      ino: ino!,
      mode: mode!,
      uid: uid!,
      gid: gid!,
      nlink: nlink!,
      mtime: mtime! * 1000,
      size: size!,
      content: data.subarray(body, body + size!),
    })
    at = round(body + size!)
  }
  return { entries, end: at }
}

const extract = async (process: Process, parsed: Parsed): Promise<number> => {
  const path = parsed.value('file') ?? parsed.value('I')
  const found =
    path === undefined
      ? { value: await readAll(process.stdin, most) }
      : attempt(() => process.fs.readFile(absolute(process, path), process.who))
  if ('error' in found) {
    await complain(process, `Cannot open ${path}: ${found.error}`)
    return 2
  }
  const { entries, end } = entriesOf(found.value)
  if (entries.length === 0 && end === undefined) {
    await complain(
      process,
      found.value.length === 0 && !process.terminal
        ? '/dev/tty: No such device or address'
        : 'premature end of archive',
    )
    return 2
  }
  const patterns = parsed.operands.map(text => compilePattern(text))
  let status = 0
  for (const entry of entries) {
    await breathe(process)
    const chosen =
      patterns.length === 0 || patterns.some(pattern => matches(pattern, entry.name, cost => process.step(cost)))
    if (chosen === parsed.has('nonmatching') && patterns.length > 0) continue
    if (parsed.has('list')) {
      await process.stdout.write(`${entry.name}\n`)
      continue
    }
    if (!(await makeEntry(process, parsed, entry))) status = 2
    else if (parsed.has('verbose')) await process.stderr.write(`${entry.name}\n`)
  }
  if (end === undefined) {
    await complain(process, 'premature end of file')
    return 2
  }
  if (!parsed.has('quiet')) await process.stderr.write(`${blocks(end)}\n`)
  return status
}

const makeEntry = async (process: Process, parsed: Parsed, entry: Entry): Promise<boolean> => {
  const { fs, who } = process
  const name = parsed.has('absolute-filenames') ? entry.name : entry.name.replace(/^\/+/, '')
  const folder = parsed.value('directory')
  const full = absolute(process, folder === undefined ? name : `${folder}/${name}`)
  const there = attempt(() => fs.lstat(full, who))
  const kind = entry.mode & 0o170000
  if ('value' in there && kind !== 0o040000) {
    if (!parsed.has('unconditional') && there.value.mtime >= entry.mtime) {
      await complain(process, `${name} not created: newer or same age version exists`)
      return false
    }
    attempt(() => fs.unlink(full, who))
  }
  try {
    if (parsed.has('make-directories')) {
      for (let slash = full.indexOf('/', 1); slash > 0; slash = full.indexOf('/', slash + 1))
        if ('error' in attempt(() => fs.stat(full.slice(0, slash), who)))
          fs.mkdir(full.slice(0, slash), 0o777 & ~process.umask, who)
    }
    if (kind === 0o040000) {
      if ('error' in there) fs.mkdir(full, entry.mode & 0o777, who)
    } else if (kind === 0o120000) fs.symlink(entry.content.toString('latin1'), full, who)
    else if (kind === 0o010000) fs.mknod(full, 'fifo', entry.mode & 0o7777, who)
    else if (kind === 0o100000) fs.writeFile(full, entry.content, who, { mode: entry.mode & 0o777 })
    if (kind !== 0o120000) {
      attempt(() => fs.chown(full, entry.uid, entry.gid, who))
      fs.chmod(full, entry.mode & 0o7777, who)
    }
    if (parsed.has('preserve-modification-time')) fs.utimes(full, entry.mtime, entry.mtime, who, kind !== 0o120000)
    return true
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await complain(process, `${name}: Cannot open: ${errorText(error)}`)
    return false
  }
}

const pass = async (process: Process, parsed: Parsed): Promise<number> => {
  const [target] = parsed.operands
  if (target === undefined) {
    await process.stderr.write(`${process.argv[0]}: Too few arguments\n`)
    return 2
  }
  let status = 0
  for (const name of await namesFrom(process, parsed)) {
    const full = absolute(process, name)
    try {
      const stat = process.fs.lstat(full, process.who)
      const content =
        stat.type === 'file'
          ? process.fs.readFile(full, process.who)
          : stat.type === 'symlink'
            ? Buffer.from(process.fs.readlink(full, process.who), 'latin1')
            : Buffer.alloc(0)
      const entry = {
        name: `${target}/${name}`,
        ino: 0,
        mode: fullMode(stat),
        uid: stat.uid,
        gid: stat.gid,
        nlink: 1,
        mtime: stat.mtime,
        size: content.length,
        content,
      }
      if (!(await makeEntry(process, parsed, entry))) status = 2
      else if (parsed.has('verbose')) await process.stderr.write(`${target}/${name}\n`)
    } catch (error) {
      await complain(process, `${name}: Cannot stat: ${errorText(error)}`)
      status = 2
    }
  }
  if (!parsed.has('quiet')) await process.stderr.write('1 block\n')
  return status
}
