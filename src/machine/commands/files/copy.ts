import { errorText } from '../../errors.ts'
import type { Process, Stat } from '../../system.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quoteFile } from '../quoting.ts'
import { ask } from './ask.ts'
import { copyContent } from './copy-content.ts'
import { permissionString } from './modes.ts'
import { baseName, below, folderOf, isSame, look } from './names.ts'
import { breathe } from './work.ts'

/** What cp, mv and install want of a copy. */
export type Copying = {
  process: Process
  recursive: boolean
  /** Links of sources are followed: all, those named on the command line, none. */
  follow: 'always' | 'command-line' | 'never'
  force: boolean
  overwrite: 'ask' | 'never' | 'always'
  update: boolean
  verbose: boolean
  backup: 'none' | 'simple' | 'numbered' | 'existing'
  suffix: string
  preserve: { mode: boolean; owner: boolean; times: boolean; links: boolean }
  /** New files get the default mode, whatever the source's. */
  plainMode: boolean
  removeFirst: boolean
  link: 'hard' | 'symbolic' | undefined
  attributesOnly: boolean
  oneFileSystem: boolean
  copyContents: boolean
  /** Folders made for `--parents` and their like are told. */
  done: Map<string, string>
  /** What was made by this very command, so that nothing is written twice. */
  made: Set<string>
  /** The operand in work and where it goes, as a message puts them. */
  top: string
}

export const copyDefaults = (process: Process): Copying => ({
  process,
  recursive: false,
  follow: 'always',
  force: false,
  overwrite: 'always',
  update: false,
  verbose: false,
  backup: 'none',
  suffix: process.env.get('SIMPLE_BACKUP_SUFFIX') || '~',
  preserve: { mode: false, owner: false, times: false, links: false },
  plainMode: false,
  removeFirst: false,
  link: undefined,
  attributesOnly: false,
  oneFileSystem: false,
  copyContents: false,
  done: new Map(),
  made: new Set(),
  top: '',
})

const deepest = 200
const mostRemembered = 20_000
const key = ({ dev, ino }: Stat): string => `${dev}:${ino}`

/** Asks before something is overwritten, as cp and mv word it. */
export const mayOverwrite = async (copying: Copying, to: string, there: Stat, isMove = false): Promise<boolean> => {
  const { process, overwrite, force } = copying
  const name = quoteFile(process, to)
  const program = process.argv[0]
  const readonly = there.type !== 'symlink' && !permitted(process, to)
  if (overwrite === 'never') return false
  if (overwrite !== 'ask' && !(isMove && !force && readonly && process.isatty[0])) return true
  const mode = `${there.mode.toString(8).padStart(4, '0')} (${permissionString(there.mode)})`
  if (!readonly) return ask(process, `${program}: overwrite ${name}? `)
  const verb =
    isMove || force || copying.removeFirst
      ? `replace ${name}, overriding mode ${mode}`
      : `unwritable ${name} (mode ${mode.replace(' (', ', ')}; try anyway`
  return ask(process, `${program}: ${verb}? `)
}

const permitted = (process: Process, path: string): boolean => {
  const found = attempt(() => process.fs.access(absolute(process, path), 2, process.who))
  return 'value' in found && found.value
}

/** Puts what is there aside; the backup's name, or `undefined` where none is wanted. Throws `SystemError`. */
export const setAside = (copying: Copying, to: string): string | undefined => {
  const { process, backup, suffix } = copying
  if (backup === 'none') return undefined
  const numbered = (): number => {
    const folder = to.includes('/') ? to.slice(0, to.lastIndexOf('/') + 1) : '.'
    const names = attempt(() => process.fs.readdir(absolute(process, folder), process.who))
    const base = baseName(to)
    let highest = 0
    for (const name of 'value' in names ? names.value : []) {
      const digits = name.startsWith(`${base}.~`) ? /^([0-9]{1,9})~$/.exec(name.slice(base.length + 2)) : null
      if (digits) highest = Math.max(highest, Number(digits[1]))
    }
    return highest
  }
  const highest = backup === 'simple' ? 0 : numbered()
  const aside = backup === 'numbered' || (backup === 'existing' && highest > 0) ? `${to}.~${highest + 1}~` : to + suffix
  process.fs.rename(absolute(process, to), absolute(process, aside), process.who)
  return aside
}

/** Copies one source to a path. False: something could not be copied, and was told. */
export const copy = async (
  copying: Copying,
  from: string,
  to: string,
  depth = 0,
  above: readonly string[] = [],
  given = from,
): Promise<boolean> => {
  const { process } = copying
  const say = async (message: string): Promise<false> => {
    await complain(process, message)
    return false
  }
  const [source, target] = [quoteFile(process, given), quoteFile(process, to)]
  const follows = copying.follow === 'always' || (copying.follow === 'command-line' && depth === 0)
  let stat: Stat
  try {
    stat = look(process, from, follows)
  } catch (error) {
    return say(`cannot stat ${source}: ${errorText(error)}`)
  }
  if (stat.type === 'directory' && !copying.recursive) return say(`-r not specified; omitting directory ${source}`)
  if (copying.made.has(`${depth === 0 ? key(stat) : ''}>${to}`) && depth === 0)
    return say(`warning: source file ${source} specified more than once`).then(() => true)
  const writesThrough = stat.type === 'file' && !copying.removeFirst && copying.link === undefined
  const at = attempt(() => look(process, to, writesThrough || stat.type === 'directory'))
  const itself = attempt(() => look(process, to))
  const there = 'value' in at ? at.value : 'value' in itself && !writesThrough ? itself.value : undefined
  if (!there && 'value' in itself && itself.value.type === 'symlink' && writesThrough && copying.backup === 'none')
    return say(`not writing through dangling symlink ${target}`)
  if (there) {
    const same = isSame(there, stat) || ('value' in itself && isSame(itself.value, stat))
    if (same && !sameIsFine(copying, stat, 'value' in itself ? itself.value : there, from === to)) {
      if (stat.type === 'directory' && depth === 0 && !copying.recursive) return true
      if (!(copying.overwrite === 'never')) return say(`${source} and ${target} are the same file`)
    }
    if (stat.type !== 'directory') {
      if (there.type === 'directory') return say(`cannot overwrite directory ${target} with non-directory`)
      if (copying.made.has(to)) return say(`will not overwrite just-created ${target} with ${source}`)
    } else if (('value' in itself ? itself.value : there).type !== 'directory' && there.type !== 'directory') {
      return say(`cannot overwrite non-directory ${target} with directory ${source}`)
    } else if ('value' in itself && itself.value.type === 'symlink' && depth > 0) {
      return say(`cannot overwrite non-directory ${target} with directory ${source}`)
    }
    if (stat.type !== 'directory') {
      if (copying.update && there.mtime >= stat.mtime) return true
      if (!(await mayOverwrite(copying, to, there))) return copying.overwrite === 'never'
    }
  } else if ('value' in itself && itself.value.type === 'symlink' && stat.type === 'directory') {
    return say(`cannot overwrite non-directory ${target} with directory ${source}`)
  }
  let aside: string | undefined
  if (there && stat.type !== 'directory' && copying.backup !== 'none') {
    try {
      aside = setAside(copying, to)
    } catch (error) {
      return say(`cannot backup ${target}: ${errorText(error)}`)
    }
  }
  if (copying.made.size < mostRemembered) copying.made.add(to).add(`${key(stat)}>${to}`)
  const tell = async (): Promise<void> => {
    if (!copying.verbose) return
    const kept = aside === undefined ? '' : ` (backup: ${quoteFile(process, aside)})`
    await process.stdout.write(`${source} -> ${target}${kept}\n`)
  }
  if (stat.type === 'directory') return copyDirectory(copying, from, to, stat, there, depth, above, tell, given)
  const now = aside === undefined ? ('value' in itself ? itself.value : undefined) : undefined
  return copyOther(copying, from, to, stat, now, tell, given, say)
}

const sameIsFine = (copying: Copying, source: Stat, target: Stat, samePath: boolean): boolean => {
  if (copying.link === 'hard') return true
  if (copying.backup !== 'none') return copying.force || !samePath
  // `cp -f link target` and the like work once the name is removed first.
  return (
    copying.removeFirst &&
    (source.nlink > 1 || target.type === 'symlink') &&
    !(source.ino === target.ino && source.nlink === 1)
  )
}

type Tell = () => Promise<void>

const copyDirectory = async (
  copying: Copying,
  from: string,
  to: string,
  stat: Stat,
  there: Stat | undefined,
  depth: number,
  above: readonly string[],
  tell: Tell,
  given: string,
): Promise<boolean> => {
  const { process } = copying
  const [source, target] = [quoteFile(process, given), quoteFile(process, to)]
  const full = absolute(process, to)
  if (above.includes(key(stat))) {
    await complain(process, `cannot copy cyclic symbolic link ${source}`)
    return false
  }
  if (depth > deepest) {
    await complain(process, `cannot stat ${source}: File name too long`)
    return false
  }
  if (depth === 0) copying.top = `${source}, into itself, ${target}`
  if (!there) {
    try {
      const mode = copying.preserve.mode ? 0o700 : stat.mode & 0o777 & ~process.umask
      process.fs.mkdir(full, mode | 0o700, process.who)
    } catch (error) {
      await complain(process, `cannot create directory ${target}: ${errorText(error)}`)
      return false
    }
    await tell()
  }
  const names = attempt(() => process.fs.readdir(absolute(process, from), process.who))
  let complete = true
  if ('error' in names) {
    await complain(process, `cannot access ${source}: ${names.error}`)
    complete = false
  }
  const here = attempt(() => look(process, to, true))
  if (!there && 'value' in here && copying.made.size < mostRemembered) copying.made.add(`made ${key(here.value)}`)
  for (const name of 'value' in names ? names.value : []) {
    await breathe(process)
    const inner = below(from, name)
    if (copying.oneFileSystem && attemptDev(process, inner) !== stat.dev) continue
    const child = attempt(() => look(process, inner))
    if ('value' in child && copying.made.has(`made ${key(child.value)}`)) {
      await complain(process, `cannot copy a directory, ${copying.top}`)
      complete = false
      continue
    }
    if (!(await copy(copying, inner, below(to, name), depth + 1, [...above, key(stat)], below(given, name))))
      complete = false
  }
  if (!there || copying.preserve.mode || copying.preserve.times || copying.preserve.owner) {
    if (!(await keepAttributes(copying, to, stat, !there))) complete = false
  }
  return complete
}

const attemptDev = (process: Process, path: string): number | undefined => {
  const found = attempt(() => look(process, path))
  return 'value' in found ? found.value.dev : undefined
}

/** The name is one of another folder than the program's own. */
const isElsewhere = (process: Process, path: string): boolean => {
  const [folder, own] = [folderOf(path), '.'].map(name => attempt(() => look(process, name, true)))
  return 'value' in folder! && 'value' in own! && !isSame(folder.value, own.value)
}

const copyOther = async (
  copying: Copying,
  from: string,
  to: string,
  stat: Stat,
  there: Stat | undefined,
  tell: Tell,
  given: string,
  say: (message: string) => Promise<false>,
): Promise<boolean> => {
  const { process, link } = copying
  const { fs, who } = process
  const [source, target] = [quoteFile(process, given), quoteFile(process, to)]
  const [fullFrom, full] = [absolute(process, from), absolute(process, to)]
  const name = key(stat)
  const clear = (): void => {
    if (there) fs.unlink(full, who)
  }
  const earlier = copying.preserve.links && stat.nlink > 1 ? copying.done.get(name) : undefined
  if (copying.preserve.links && stat.nlink > 1 && copying.done.size < mostRemembered && !earlier)
    copying.done.set(name, to)
  let what = ''
  try {
    if (earlier !== undefined || link === 'hard') {
      what = `cannot create hard link ${target} to ${quoteFile(process, earlier ?? given)}`
      if (there && isSame(there, stat)) return true
      if (there && (copying.force || copying.removeFirst || earlier !== undefined)) clear()
      fs.link(absolute(process, earlier ?? from), full, who)
    } else if (link === 'symbolic') {
      what = `cannot create symbolic link ${target} to ${source}`
      if (!from.startsWith('/') && isElsewhere(process, to))
        return say(`${quoteFile(process, to)}: can make relative symbolic links only in current directory`)
      if (there && (copying.force || copying.removeFirst)) clear()
      fs.symlink(from, full, who)
    } else if (stat.type === 'symlink') {
      what = `cannot create symbolic link ${target}`
      const text = fs.readlink(fullFrom, who)
      clear()
      fs.symlink(text, full, who)
    } else if (stat.type === 'file' || !copying.recursive || copying.copyContents) {
      if (there && copying.removeFirst) {
        what = `cannot remove ${target}`
        clear()
      }
      await tell()
      return (
        (await copyContent(copying, from, to, stat, copying.removeFirst ? undefined : there, given)) &&
        keepAttributes(copying, to, stat, !there || copying.removeFirst)
      )
    } else {
      what = stat.type === 'fifo' ? `cannot create fifo ${target}` : `cannot create special file ${target}`
      clear()
      fs.mknod(full, stat.type as 'fifo', stat.mode & ~process.umask, who, stat.rdev)
    }
  } catch (error) {
    return say(`${what}: ${errorText(error)}`)
  }
  await tell()
  if (link !== undefined || earlier !== undefined) return true
  return keepAttributes(copying, to, stat, true)
}

/** Times, owner and mode of the source, as far as they are wanted and may be given. */
const keepAttributes = async (copying: Copying, to: string, stat: Stat, isNew: boolean): Promise<boolean> => {
  const { process, preserve } = copying
  const { fs, who } = process
  const full = absolute(process, to)
  const isLink = stat.type === 'symlink'
  try {
    if (preserve.times) fs.utimes(full, stat.atime, stat.mtime, who, !isLink)
    if (preserve.owner) {
      const asked = attempt(() => fs.chown(full, stat.uid, stat.gid, who, !isLink))
      // Somebody else's file is one's own copy, without the rights of the first owner.
      if ('error' in asked && !isLink && preserve.mode) {
        fs.chmod(full, stat.mode & 0o777, who)
        return true
      }
    }
    if (isLink) return true
    if (preserve.mode) fs.chmod(full, stat.mode, who)
    else if (isNew && stat.type === 'directory') {
      fs.chmod(full, stat.mode & 0o7777 & ~process.umask & ~0o6000, who)
    }
  } catch (error) {
    await complain(process, `preserving times for ${quoteFile(process, to)}: ${errorText(error)}`)
    return false
  }
  return true
}
