import { accountOf, groupOf } from '../../../accounts.ts'
import { strftime } from '../../../strftime.ts'
import { type Process, type Stat, SystemError } from '../../../system.ts'
import { modeString } from '../../files/modes.ts'
import { absolute } from '../../paths.ts'

/** Names of uids and gids, looked up once. */
export type NameCache = { user(uid: number): string; group(gid: number): string }

/** Names that are remembered: an attacker may own files by as many ids as they like. */
const mostNames = 256

export const nameCache = (process: Process): NameCache => {
  const cached = (find: (id: number) => string | undefined) => {
    const known = new Map<number, string>()
    return (id: number): string => {
      const found = known.get(id) ?? find(id) ?? String(id)
      if (known.size < mostNames) known.set(id, found)
      return found
    }
  }
  return {
    user: cached(uid => accountOf(process.fs, uid)?.name),
    group: cached(gid => groupOf(process.fs, gid)?.name),
  }
}

/** Half a year, as ls_file of OpenSSH 9.2 counts it. */
const recent = (365 * 24 * 60 * 60) / 2

/** The line that `ls -l` of sftp(1) shows: ls_file of OpenSSH 9.2. */
export const longName = (name: string, stat: Stat, names: NameCache, now: number): string => {
  const changed = Math.floor(stat.mtime / 1000)
  const date = strftime(Math.floor(now / 1000) - changed < recent ? '%b %e %H:%M' : '%b %e  %Y', changed)
  const owners = `${names.user(stat.uid).padEnd(8)} ${names.group(stat.gid).padEnd(8)}`
  return `${modeString(stat)}  ${String(stat.nlink).padStart(3)} ${owners} ${String(stat.size).padStart(8)} ${date} ${name}`
}

/** Links followed by one call, as sftp_realpath has it. */
const mostLinks = 40
/** PATH_MAX */
const pathMax = 4096

/**
 * sftp_realpath of OpenSSH: like realpath(3), but the last part need not be there. Throws `SystemError`.
 */
export const realPath = (process: Process, path: string): string => {
  let left = path
  let resolved = ''
  if (left.startsWith('/')) left = left.slice(1)
  else resolved = process.cwd === '/' ? '' : process.cwd
  if (left.length >= pathMax) throw new SystemError('ENAMETOOLONG', path)
  let links = 0
  while (left !== '') {
    process.step()
    const slash = left.indexOf('/')
    const part = slash < 0 ? left : left.slice(0, slash)
    left = slash < 0 ? '' : left.slice(slash + 1)
    const isLast = slash < 0
    if (part === '' || part === '.') continue
    if (part === '..') {
      resolved = resolved.slice(0, Math.max(0, resolved.lastIndexOf('/')))
      continue
    }
    const next = `${resolved}/${part}`
    if (next.length >= pathMax) throw new SystemError('ENAMETOOLONG', path)
    let stat: Stat
    try {
      stat = process.fs.lstat(next, process.who)
    } catch (error) {
      if (error instanceof SystemError && error.errno === 'ENOENT' && isLast) return next
      throw error
    }
    resolved = next
    if (stat.type !== 'symlink') continue
    if (++links > mostLinks) throw new SystemError('ELOOP', path)
    const target = process.fs.readlink(next, process.who)
    resolved = target.startsWith('/') ? '' : resolved.slice(0, resolved.lastIndexOf('/'))
    left = isLast ? target.replace(/^\//, '') : `${target.replace(/^\//, '')}/${left}`
    if (left.length >= pathMax) throw new SystemError('ENAMETOOLONG', path)
  }
  return resolved === '' ? '/' : resolved
}

/** The path from the process's directory, as the kernel takes it. Empty paths name nothing. */
export const pathFrom = (process: Process, path: string): string => (path === '' ? '' : absolute(process, path))
