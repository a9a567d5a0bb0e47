import { clock, type Verb, whole } from './session.ts'
import { find, findParent, isDir, put, removeDir, removeFile, rename, resolve } from './tree.ts'
import { parseTimestamp, quoted, timestamp } from './wire.ts'
import { FTP_GID, FTP_UID } from './world.ts'

export const DENIED = '550 Permission denied.\r\n'

const changeDir: Verb = (ftp, arg) => {
  // `~` is tried as the home directory (`tunable_tilde_user_enable` off: the user's own only).
  const path = arg === '~' ? '/' : arg === '' ? undefined : resolve(ftp.cwd, arg)
  const found = path === undefined ? undefined : find(ftp.tree, path).ok
  if (path === undefined || !found || !isDir(found)) return '550 Failed to change directory.\r\n'
  ftp.cwd = path
  return '250 Directory successfully changed.\r\n'
}
const parentDir: Verb = (ftp, _, command) => changeDir(ftp, '..', command)
const printDir: Verb = ftp => `257 ${quoted(ftp.cwd)} is the current directory\r\n`

const makeDir: Verb = (ftp, arg) => {
  const path = resolve(ftp.cwd, arg)
  const account = ftp.visitor?.account
  const parent = findParent(ftp.tree, path).ok
  const allowed = account || parent?.dir.uid === FTP_UID
  const stat = account
    ? { uid: account.uid, gid: account.uid, mode: 0o777 & ~ftp.umask }
    : { uid: FTP_UID, gid: FTP_GID, mode: 0o700 }
  if (arg === '' || !allowed || put(ftp.tree, path, { ...stat, mtime: whole(clock(ftp)), entries: new Map() }).error)
    return '550 Create directory operation failed.\r\n'
  return `257 ${quoted(path)} created\r\n`
}

/** Commands that anon_other_write_enable=NO keeps from anonymous visitors. */
export const owned =
  (verb: Verb): Verb =>
  (ftp, arg, command) =>
    ftp.visitor?.account ? verb(ftp, arg, command) : DENIED

const removeDirectory: Verb = (ftp, arg) =>
  arg !== '' && removeDir(ftp.tree, resolve(ftp.cwd, arg), whole(clock(ftp))).ok
    ? '250 Remove directory operation successful.\r\n'
    : '550 Remove directory operation failed.\r\n'

const remove: Verb = (ftp, arg) =>
  arg !== '' && removeFile(ftp.tree, resolve(ftp.cwd, arg), whole(clock(ftp))).ok
    ? '250 Delete operation successful.\r\n'
    : '550 Delete operation failed.\r\n'

const renameFrom: Verb = (ftp, arg) => {
  const path = resolve(ftp.cwd, arg)
  ftp.renameFrom = undefined
  if (arg === '' || find(ftp.tree, path).error) return '550 RNFR command failed.\r\n'
  ftp.renameFrom = path
  return '350 Ready for RNTO.\r\n'
}
const renameTo: Verb = (ftp, arg) => {
  const from = ftp.renameFrom
  ftp.renameFrom = undefined
  if (from === undefined) return '503 RNFR required first.\r\n'
  const moved = arg !== '' && rename(ftp.tree, from, resolve(ftp.cwd, arg), whole(clock(ftp))).ok
  return moved ? '250 Rename successful.\r\n' : '550 Rename failed.\r\n'
}

const size: Verb = (ftp, arg) => {
  const file = find(ftp.tree, resolve(ftp.cwd, arg)).ok
  return file && !isDir(file) ? `213 ${file.size}\r\n` : '550 Could not get file size.\r\n'
}
const modified: Verb = (ftp, arg) => {
  const set = /^(\d{14,}) (.*)$/s.exec(arg)
  if (set) {
    const file = find(ftp.tree, resolve(ftp.cwd, set[2]!)).ok
    const time = parseTimestamp(set[1]!)
    if (!file || isDir(file) || time === undefined || !ftp.visitor?.account)
      return '550 Could not set file modification time.\r\n'
    file.mtime = time
    return '213 File modification time set.\r\n'
  }
  const file = find(ftp.tree, resolve(ftp.cwd, arg)).ok
  return file && !isDir(file) ? `213 ${timestamp(file.mtime)}\r\n` : '550 Could not get file modification time.\r\n'
}

const site: Verb = (ftp, arg) => {
  const [word = '', ...rest] = arg.split(' ')
  const verb = word.toUpperCase()
  if (verb === 'HELP') return '214 CHMOD UMASK HELP\r\n'
  if (verb === 'UMASK') {
    if (rest.length === 0) return `200 Your current UMASK is ${umaskText(ftp.umask)}\r\n`
    ftp.umask = octal(rest.join(' '))
    return `200 UMASK set to ${umaskText(ftp.umask)}\r\n`
  }
  if (verb !== 'CHMOD') return '500 Unknown SITE command.\r\n'
  const [mode = '', ...path] = rest
  if (path.length === 0) return '500 SITE CHMOD needs 2 arguments.\r\n'
  const entry = find(ftp.tree, resolve(ftp.cwd, path.join(' '))).ok
  if (!entry) return '550 SITE CHMOD command failed.\r\n'
  entry.mode = octal(mode) & 0o777
  return '200 SITE CHMOD command ok.\r\n'
}
/** vsf_sysutil_octal_to_uint: stops at the first character that is no octal digit. */
const octal = (said: string) => Number.parseInt(/^[0-7]{1,6}/.exec(said)?.[0] ?? '0', 8)
const umaskText = (umask: number) => (umask === 0 ? '0' : `0${umask.toString(8)}`)

/** Everything that names a file and needs no data connection. */
export const verbs: [string, Verb][] = [
  ['PWD', printDir],
  ['XPWD', printDir],
  ['CWD', changeDir],
  ['XCWD', changeDir],
  ['CDUP', parentDir],
  ['XCUP', parentDir],
  ['MKD', makeDir],
  ['XMKD', makeDir],
  ['RMD', owned(removeDirectory)],
  ['XRMD', owned(removeDirectory)],
  ['DELE', owned(remove)],
  ['RNFR', owned(renameFrom)],
  ['RNTO', owned(renameTo)],
  ['SIZE', size],
  ['MDTM', modified],
  ['SITE', owned(site)],
]
