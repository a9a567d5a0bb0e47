import { accountOf, groupOf } from '../../accounts.ts'
import { errorText } from '../../errors.ts'
import { compilePattern } from '../../shell/pattern.ts'
import type { Stat } from '../../system.ts'
import { parseMode } from '../files/modes.ts'
import { below } from '../files/names.ts'
import { breathe } from '../files/work.ts'
import { absolute, attempt } from '../paths.ts'
import { codecs } from './codecs.ts'
import type { Member } from './tar-format.ts'
import { trailer } from './tar-format.ts'
import { memberLine } from './tar-list.ts'
import { failed, fatal, isExcluded, packed, say, shownName, type Tar, writeWhole } from './tar-run.ts'

/** What one archive may hold before it is compressed. */
const most = 24 << 20
const deepest = 200

type Making = {
  run: Tar
  pieces: Buffer[]
  size: number
  /** Where a file with several names was put first. */
  links: Map<string, string>
  excluded: ReturnType<typeof compilePattern>[]
  newest: Map<string, number> | undefined
  /** Of the archive itself, which is not to hold itself. */
  own: string
}

/** `before`: members that are there already. `newest`: by name, when what is there was changed. */
export const createArchive = async (
  run: Tar,
  { before = [], newest }: { before?: Buffer[]; newest?: Map<string, number> | undefined } = {},
): Promise<void> => {
  const { process, settings } = run
  const making: Making = {
    run,
    pieces: [...before],
    size: before.reduce((sum, { length }) => sum + length, 0),
    links: new Map(),
    excluded: settings.exclude.map(pattern => compilePattern(pattern.replace(/(?<=.)\/+$/, ''))),
    newest,
    own: '',
  }
  if (settings.archive === '-' && process.isatty[1]) {
    return fatal(run, 'Refusing to write archive contents to terminal (missing -f option?)')
  }
  if (settings.archive !== '-' && before.length === 0) await writeWhole(run, Buffer.alloc(0))
  const own = attempt(() => process.fs.stat(absolute(process, settings.archive), process.who))
  if ('value' in own) making.own = `${own.value.dev}:${own.value.ino}`
  for (const { name, folder } of settings.names) {
    const there = attempt(() => process.fs.stat(folder, process.who))
    if ('error' in there) return fatal(run, `${folder}: Cannot open: ${there.error}`)
    await addPath(making, folder, name, 0, undefined)
  }
  const archive = Buffer.concat([...making.pieces, trailer(making.size)])
  const codec = codecOf(run)
  process.step(archive.length >> 8)
  await writeWhole(run, codec ? codec.encode(archive, cost => process.step(cost)) : archive)
}

const codecOf = ({ settings }: Tar): (typeof codecs)['gzip'] | undefined => {
  const { compression, archive } = settings
  if (compression === 'gzip' || compression === 'bzip2' || compression === 'xz') return codecs[compression]
  if (compression !== 'auto') return undefined
  if (/\.(t?gz|taz)$/.test(archive)) return codecs.gzip
  if (/\.(tar\.bz2|tbz2?|tb2)$/.test(archive)) return codecs.bzip2
  return /\.(tar\.)?(xz|txz)$/.test(archive) ? codecs.xz : undefined
}

/** Names in an archive begin neither with a slash nor go up. */
const storedName = async (run: Tar, name: string, target: boolean): Promise<string> => {
  if (run.settings.absoluteNames) return name
  const prefix = /^(\/+|(.*\/)?\.\.(\/|$))+/.exec(name)?.[0] ?? ''
  if (prefix !== '') {
    const shown = prefix.startsWith('/') && /^\/+$/.test(prefix) ? '/' : prefix
    const what = target ? 'hard link targets' : 'member names'
    if (!run.told.has(`${what} ${shown}`)) {
      run.told.add(`${what} ${shown}`)
      await say(run, `Removing leading \`${shown}' from ${what}`)
      // Of several names, tar looks whether they may be targets of links as soon as it has them.
      if (!target && shown === '/' && run.settings.names.length > 1) await storedName(run, name, true)
    }
  }
  return name.slice(prefix.length) || '.'
}

const addPath = async (
  making: Making,
  folder: string,
  name: string,
  depth: number,
  device: number | undefined,
): Promise<void> => {
  const { run, excluded } = making
  const { process, settings } = run
  const { fs, who } = process
  const bare = name.replace(/(?<=.)\/+$/, '')
  if (isExcluded(excluded, bare, cost => process.step(cost))) return
  await breathe(process)
  process.step()
  const full = name.startsWith('/') ? name : `${folder === '/' ? '' : folder}/${name}`
  let stat: Stat
  try {
    stat = settings.dereference ? fs.stat(full, who) : fs.lstat(full, who)
  } catch (error) {
    return failed(run, `${name}: Cannot stat: ${errorText(error)}`)
  }
  if (`${stat.dev}:${stat.ino}` === making.own) return say(run, `${name}: file is the archive; not dumped`)
  if (stat.type === 'socket') return say(run, `${name}: socket ignored`)
  if (settings.oneFileSystem && device !== undefined && stat.dev !== device) return
  const isFolder = stat.type === 'directory'
  const shown = isFolder && !name.endsWith('/') ? `${name}/` : name
  const member = await memberOf(making, shown, full, stat)
  const fresh = making.newest?.get(member.name)
  if (fresh === undefined || Math.floor(fresh / 1000) < Math.floor(stat.mtime / 1000)) {
    let content = Buffer.alloc(0)
    if (member.kind === 'file' && stat.size > 0) {
      if (making.size + stat.size > most) return failed(run, `${name}: Cannot read: Cannot allocate memory`)
      const read = attempt(() => fs.readFile(full, who))
      if ('error' in read) return failed(run, `${name}: Cannot open: ${read.error}`)
      content = Buffer.from(read.value)
      member.size = content.length
      process.step(content.length >> 10)
    }
    if (settings.verbose > 0) {
      const line = settings.verbose > 1 ? memberLine(run, member) : `${shownName(shown)}\n`
      await (settings.archive === '-' ? process.stderr : process.stdout).write(line)
    }
    const bytes = packed(member, content)
    making.pieces.push(bytes)
    making.size += bytes.length
    if (making.size > most) return fatal(run, 'memory exhausted')
  }
  if (isFolder && settings.recursive && depth < deepest) {
    const names = attempt(() => fs.readdir(full, who))
    if ('error' in names) return failed(run, `${name}: Cannot open: ${names.error}`)
    for (const entry of names.value) await addPath(making, folder, below(shown, entry), depth + 1, device ?? stat.dev)
  }
  if (settings.removeFiles) attempt(() => (isFolder ? fs.rmdir(full, who) : fs.unlink(full, who)))
}

const kinds = {
  file: 'file',
  directory: 'directory',
  symlink: 'symlink',
  fifo: 'fifo',
  char: 'char',
  block: 'block',
} as const

const memberOf = async (making: Making, name: string, full: string, stat: Stat): Promise<Member> => {
  const { run } = making
  const { process, settings } = run
  const change = settings.mode === undefined ? undefined : parseMode(settings.mode)
  const [user, uid] = ownerOf(
    settings.owner,
    stat.uid,
    id => accountOf(process.fs, id),
    one => one.uid,
  )
  const [group, gid] = ownerOf(
    settings.group,
    stat.gid,
    id => groupOf(process.fs, id),
    one => one.gid,
  )
  const member: Member = {
    name: await storedName(run, name, false),
    kind: kinds[stat.type as 'file'],
    mode: change ? change(stat.mode, stat.type === 'directory', 0) : stat.mode,
    uid,
    gid,
    user: settings.numeric ? '' : user,
    group: settings.numeric ? '' : group,
    size: 0,
    mtime: settings.mtime ?? stat.mtime,
    target: '',
    major: stat.rdev?.major ?? 0,
    minor: stat.rdev?.minor ?? 0,
  }
  if (stat.type === 'symlink') {
    const target = attempt(() => process.fs.readlink(full, process.who))
    member.target = 'value' in target ? target.value : ''
  } else if (stat.type === 'file') {
    member.size = stat.size
    const key = `${stat.dev}:${stat.ino}`
    const first = stat.nlink > 1 ? making.links.get(key) : undefined
    if (first !== undefined) {
      member.kind = 'link'
      member.size = 0
      member.target = await storedName(run, first, true)
    } else if (stat.nlink > 1 && making.links.size < 10_000) making.links.set(key, name)
  }
  return member
}

const ownerOf = <T extends { name: string }>(
  given: string | undefined,
  own: number,
  find: (which: string | number) => T | undefined,
  idOf: (found: T) => number,
): [name: string, id: number] => {
  if (given === undefined) return [find(own)?.name ?? '', own]
  const [name = '', digits] = given.split(':')
  if (/^[0-9]+$/.test(name)) return [find(Number(name))?.name ?? '', Number(name)]
  const found = find(name)
  return [name, digits !== undefined && /^[0-9]+$/.test(digits) ? Number(digits) : found ? idOf(found) : own]
}
