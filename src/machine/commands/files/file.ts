import { createHash } from 'node:crypto'
import type { Process, Program } from '../../system.ts'
import { getopt, type Option } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { absolute, attempt, readAll } from '../paths.ts'
import { type Kind, kindOfContent, privileges } from './file-magic.ts'
import { look } from './names.ts'
import { stamp } from './stamps.ts'

const options: Option[] = [
  ...[...'bcCdEhikLlNnprsSvzZ0'].map(short => ({ short })),
  ...'brief checking-printout compile debug exclude-quiet extension apple mime mime-type mime-encoding keep-going list dereference no-dereference no-pad no-buffer preserve-date print0 raw special-files no-sandbox version uncompress uncompress-noreport help'
    .split(' ')
    .map(long => ({ long })),
  { short: 'e', long: 'exclude', argument: 'required' },
  { short: 'f', long: 'files-from', argument: 'required' },
  { short: 'F', long: 'separator', argument: 'required' },
  { short: 'm', long: 'magic-file', argument: 'required' },
  { short: 'P', long: 'parameter', argument: 'required' },
]

const usage = `Usage: file [-bcCdEhikLlNnprsSvzZ0] [--apple] [--extension] [--mime-encoding]
            [--mime-type] [-e <testname>] [-F <separator>]  [-f <namefile>]
            [-m <magicfiles>] [-P <parameter=value>] [--exclude-quiet]
            <file> ...
       file -C [-m <magicfiles>]
       file [--help]
`
/** As much of a file as is looked at. */
const most = 1 << 20

/** file(1) 5.44 on what its own tests would find most often. */
export const file: Program = async process => {
  const parsed = getopt(['file', ...process.argv.slice(1)], options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 1
  }
  const has = (...names: string[]): boolean => names.some(name => parsed.has(name))
  if (has('v', 'version')) {
    await process.stdout.write(versioned(process, 'file-@file@\nmagic file from /etc/magic:/usr/share/misc/magic\n'))
    return 0
  }
  if (has('help')) {
    await process.stdout.write('Usage: file [OPTION...] [FILE...]\nDetermine type of FILEs.\n\n')
    return 0
  }
  const names: string[] = []
  for (const { name, value = '' } of parsed.given) {
    if (name !== 'files-from') continue
    const data =
      value === '-'
        ? { value: await readAll(process.stdin, 1 << 20) }
        : attempt(() => process.fs.readFile(absolute(process, value), process.who))
    if ('error' in data) {
      await process.stderr.write(`file: cannot open \`${value}' (${data.error})\n`)
      return 1
    }
    names.push(...data.value.toString('latin1').split('\n', 5000).filter(Boolean))
  }
  names.push(...parsed.operands)
  if (names.length === 0 && !has('files-from')) {
    await process.stderr.write(usage)
    return 1
  }
  const separator = parsed.value('separator') ?? ':'
  const pad = has('N', 'no-pad') ? 0 : Math.max(...names.map(name => name.length))
  const form = has('mime-type') ? 'type' : has('mime-encoding') ? 'encoding' : has('i', 'mime') ? 'both' : 'words'
  const follows = has('L', 'dereference') || (!has('h', 'no-dereference') && process.env.has('POSIXLY_CORRECT'))
  for (const name of names) {
    const kind = await describe(process, name, follows, has('s', 'special-files'))
    const text = form === 'words' ? kind.text : inMime(kind, form)
    const title = name === '-' ? '/dev/stdin' : name
    const lead = has('b', 'brief')
      ? ''
      : has('0', 'print0')
        ? `${title}\0${separator} `
        : `${title}${separator}${' '.repeat(Math.max(0, pad - name.length) + 1)}`
    await process.stdout.write(`${lead}${text}\n`)
  }
  return 0
}

const inMime = ({ mime, charset = 'binary', text }: Kind, form: string): string => {
  if (text.startsWith('cannot open')) return text
  return form === 'type' ? mime : form === 'encoding' ? charset : `${mime}; charset=${charset}`
}

const describe = async (process: Process, name: string, follow: boolean, special: boolean): Promise<Kind> => {
  process.step()
  const about = (size: number, identity: string) => ({
    size,
    date: (seconds: number) => stamp('%a %b %e %T %Y', seconds * 1000),
    hash: (text: string) =>
      createHash('sha1')
        .update(process.host.persona.derive(`${text} ${identity}`, 20))
        .digest('hex'),
  })
  if (name === '-') {
    const data = await readAll(process.stdin, most)
    return kindOfContent(data, about(data.length, 'stdin'))
  }
  const found = attempt(() => look(process, name, follow))
  if ('error' in found) return { text: `cannot open \`${name}' (${found.error})`, mime: '' }
  const stat = found.value
  const before = privileges(stat.mode)
  const device = stat.rdev ? ` (${stat.rdev.major}/${stat.rdev.minor})` : ''
  const other = (text: string, mime: string): Kind => ({ text: before + text, mime })
  if (stat.type === 'directory') return { text: `${before.replaceAll(' ', ', ')}directory`, mime: 'inode/directory' }
  if (stat.type === 'fifo') return other('fifo (named pipe)', 'inode/fifo')
  if (stat.type === 'socket') return other('socket', 'inode/socket')
  if (stat.type === 'char' && !special) return other(`character special${device}`, 'inode/chardevice')
  if (stat.type === 'block' && !special) return other(`block special${device}`, 'inode/blockdevice')
  if (stat.type === 'symlink') {
    const target = attempt(() => process.fs.readlink(absolute(process, name), process.who))
    const to = 'value' in target ? target.value : ''
    const broken = 'error' in attempt(() => look(process, name, true))
    return { text: `${broken ? 'broken ' : ''}symbolic link to ${to}`, mime: 'inode/symlink' }
  }
  const data = attempt(() => process.fs.readFile(absolute(process, name), process.who, { max: most }))
  if ('error' in data) {
    const how = stat.mode & 0o111 ? 'executable, ' : 'regular file, '
    return { text: `${before}${how}no read permission`, mime: 'application/x-not-regular-file' }
  }
  process.step(data.value.length >> 10)
  const kind = kindOfContent(
    data.value,
    about(stat.size, `${data.value.length} ${data.value.subarray(0, 64).toString('hex')}`),
  )
  const live = stat.size === 0 && data.value.length > 0 && kind.text === 'data'
  return live ? { ...kind, text: 'empty' } : { ...kind, text: before + kind.text }
}
