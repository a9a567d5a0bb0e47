import { accountOf, groupOf } from '../../accounts.ts'
import { errorText } from '../../errors.ts'
import { compileRegex } from '../../regex/regex.ts'
import { SystemError } from '../../system.ts'
import { breathe } from '../files/work.ts'
import { attempt } from '../paths.ts'
import type { Member } from './tar-format.ts'
import { failed, say, type Tar } from './tar-run.ts'

/** Where the member goes, or `undefined` where it goes nowhere. */
export const placeOf = async (
  run: Tar,
  name: string,
  what: 'member names' | 'hard link targets',
): Promise<string | undefined> => {
  const { settings } = run
  let path = name
  if (!settings.absoluteNames) {
    const prefix = /^\/+/.exec(path)?.[0] ?? ''
    if (prefix !== '') {
      if (!run.told.has(what)) await say(run, `Removing leading \`/' from ${what}`)
      run.told.add(what)
      path = path.slice(prefix.length)
    }
    if (/(^|\/)\.\.(\/|$)/.test(path)) {
      await failed(run, `${name}: Member name contains '..', skipped`)
      return undefined
    }
  }
  if (settings.strip > 0) {
    const parts = path.split('/').filter(part => part !== '')
    if (parts.length <= settings.strip) return undefined
    path = parts.slice(settings.strip).join('/') + (path.endsWith('/') ? '/' : '')
  }
  if (settings.transform !== undefined && what === 'member names') path = transformed(run, path, settings.transform)
  return path === '' ? '.' : path
}

/** --transform with an expression of sed's `s`; what is none leaves the name alone. */
const transformed = ({ process }: Tar, path: string, expression: string): string => {
  const separator = expression[1]
  if (expression[0] !== 's' || separator === undefined) return path
  const [, source = '', replacement = '', flags = ''] = expression.split(separator)
  const regex = compileRegex(source, flags.includes('x') ? 'extended' : 'basic', { fold: flags.includes('i') })
  if ('problem' in regex) return path
  let out = ''
  let at = 0
  for (let turn = 0; turn < 1000; turn++) {
    const found = regex.find(path, at, cost => process.step(cost))
    if (!found) break
    const [start, end] = [found[0]!, found[1]!]
    out += path.slice(at, start)
    out += replacement.replace(/\\([0-9&\\])|&/g, (whole, group?: string) => {
      if (group === '&' || group === '\\') return group
      const index = whole === '&' ? 0 : Number(group)
      const from = found[index * 2]
      return from === undefined || from < 0 ? '' : path.slice(from, found[index * 2 + 1])
    })
    at = end
    if (!flags.includes('g') || end === start) break
  }
  return out + path.slice(at)
}

/** Makes the member at `name`, a path from the folder of extraction. */
export const extractMember = async (run: Tar, member: Member, name: string, content: Buffer): Promise<void> => {
  const { process, settings } = run
  const { fs, who } = process
  if (settings.toOutput) {
    if (member.kind === 'file') await process.stdout.write(content)
    return
  }
  await breathe(process)
  const at = (path: string): string =>
    path.startsWith('/') ? path : `${settings.folder === '/' ? '' : settings.folder}/${path}`
  const full = at(name).replace(/(?<=.)\/+$/, '')
  const there = attempt(() => fs.lstat(full, who))
  if ('value' in there && member.kind !== 'directory' && settings.keepOld) {
    if (settings.keepOld === true) await failed(run, `${name}: Cannot open: File exists`)
    return
  }
  let wrong = 'Cannot open'
  try {
    makeAbove(run, full)
    if (member.kind === 'directory') {
      wrong = 'Cannot mkdir'
      const found = attempt(() => fs.stat(full, who))
      if (!('value' in found && found.value.type === 'directory')) {
        if ('value' in there) fs.unlink(full, who)
        fs.mkdir(full, 0o700, who)
      }
      run.folders.push({ path: full, member })
      return
    }
    if ('value' in there) {
      if (there.value.type === 'directory') fs.rmdir(full, who)
      else fs.unlink(full, who)
    }
    const mode = modeOf(run, member)
    if (member.kind === 'file') {
      fs.writeFile(full, content, who, { mode: mode & 0o777 })
    } else if (member.kind === 'symlink') {
      wrong = `Cannot create symlink to '${member.target}'`
      fs.symlink(member.target, full, who)
    } else if (member.kind === 'link') {
      const target = await placeOf(run, member.target, 'hard link targets')
      if (target === undefined) return
      wrong = `Cannot hard link to '${target}'`
      fs.link(at(target), full, who)
      return
    } else {
      wrong = 'Cannot mknod'
      fs.mknod(
        full,
        member.kind,
        mode,
        who,
        member.kind === 'fifo' ? undefined : { major: member.major, minor: member.minor },
      )
    }
    setAttributes(run, full, member)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const text = errorText(error)
    if (error.errno === 'ENOSPC' && member.kind === 'file') await failed(run, `${name}: Cannot write: ${text}`)
    else await failed(run, `${name}: ${wrong}: ${text}`)
  }
}

/** The folders above, where the archive did not name them. */
const makeAbove = ({ process }: Tar, full: string): void => {
  const { fs, who } = process
  for (let slash = full.indexOf('/', 1); slash > 0; slash = full.indexOf('/', slash + 1)) {
    const folder = full.slice(0, slash)
    if ('value' in attempt(() => fs.stat(folder, who))) continue
    fs.mkdir(folder, 0o777 & ~process.umask, who)
  }
}

/** Root keeps what the archive says, others what their mask leaves. */
const modeOf = ({ process, settings }: Tar, { mode }: Member): number => {
  const keeps = settings.permissions ?? process.who.uid === 0
  return keeps ? mode : mode & 0o777 & ~process.umask
}

const setAttributes = (run: Tar, full: string, member: Member): void => {
  const { process, settings } = run
  const { fs, who } = process
  const isLink = member.kind === 'symlink'
  if (settings.sameOwner ?? who.uid === 0) {
    const uid = (settings.numeric ? undefined : accountOf(fs, member.user)?.uid) ?? member.uid
    const gid = (settings.numeric ? undefined : groupOf(fs, member.group)?.gid) ?? member.gid
    attempt(() => fs.chown(full, uid, gid, who, false))
  }
  if (!isLink) fs.chmod(full, modeOf(run, member), who)
  if (!settings.touch) fs.utimes(full, 'now', member.mtime, who, !isLink)
}

/** Folders get their times and rights last, since what is put into them changes them. */
export const finishFolders = async (run: Tar): Promise<void> => {
  for (const { path, member } of run.folders.toReversed()) {
    try {
      setAttributes(run, path, member)
    } catch (error) {
      await failed(run, `${member.name}: Cannot change mode: ${errorText(error)}`)
    }
  }
}
