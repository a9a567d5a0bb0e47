import { mayWrite } from './proftpd-listing.ts'
import { retain } from './retained.ts'
import { clock, type Ftp, pathOf, type Verb, whole } from './session.ts'
import { contentOf } from './transfer.ts'
import { type Entry, type Errno, errors, find, findParent, isDir, put, removeDir, removeFile, rename } from './tree.ts'
import { parseTimestamp, quoted, timestamp } from './wire.ts'

const failed = (said: string, error: Errno) => `550 ${said}: ${errors[error]}\r\n`
const now = (ftp: Ftp) => whole(clock(ftp))

/** `<Limit WRITE> DenyAll` for anonymous visitors; the text differs from command to command. */
const writing =
  (verb: Verb, why: Errno = 'EPERM'): Verb =>
  (ftp, arg, command) =>
    ftp.visitor?.account || arg === '' ? verb(ftp, arg, command) : failed(arg, why)

/** Refuses a missing argument as mod_core's CHECK_CMD_MIN_ARGS does. */
const given =
  (verb: Verb): Verb =>
  (ftp, arg, command) =>
    arg === '' ? '501 Invalid number of parameters\r\n' : verb(ftp, arg, command)

/** Refuses an argument where there should be none. */
const bare =
  (verb: Verb): Verb =>
  (ftp, arg, command) =>
    arg === '' ? verb(ftp, arg, command) : '501 Invalid number of parameters\r\n'

const changeDir: Verb = (ftp, arg, { verb }) => {
  const path = pathOf(ftp, arg)
  const found = find(ftp.tree, path)
  if (found.error) return failed(arg, found.error)
  if (!isDir(found.ok)) return failed(arg, 'ENOTDIR')
  ftp.cwd = path
  return `250 ${verb} command successful\r\n`
}
const parentDir: Verb = (ftp, _, { verb }) => {
  ftp.cwd = pathOf(ftp, '..')
  return `250 ${verb} command successful\r\n`
}
const printDir: Verb = ftp => `257 ${quoted(ftp.cwd)} is the current directory\r\n`

function make(ftp: Ftp, said: string): Errno | undefined {
  const path = pathOf(ftp, said)
  const uid = ftp.visitor?.account?.uid ?? 0
  if (path === '/') return 'EEXIST'
  const parent = findParent(ftp.tree, path)
  if (parent.error) return parent.error
  if (!mayWrite(ftp, parent.ok.dir)) return 'EACCES'
  return put(ftp.tree, path, { mode: 0o777 & ~ftp.umask, uid, gid: uid, mtime: now(ftp), entries: new Map() }).error
}
const makeDir: Verb = (ftp, arg) => {
  const error = make(ftp, arg)
  return error ? failed(arg, error) : `257 ${quoted(pathOf(ftp, arg))} - Directory successfully created\r\n`
}
const removeDirectory: Verb = (ftp, arg, { verb }) => {
  const { error } = removeDir(ftp.tree, pathOf(ftp, arg), now(ftp))
  return error ? failed(arg, error) : `250 ${verb} command successful\r\n`
}
const remove: Verb = (ftp, arg) => {
  const { error } = removeFile(ftp.tree, pathOf(ftp, arg), now(ftp))
  return error ? failed(arg, error) : '250 DELE command successful\r\n'
}

const renameFrom: Verb = (ftp, arg) => {
  const path = pathOf(ftp, arg)
  ftp.renameFrom = undefined
  const { error } = find(ftp.tree, path)
  if (error) return failed(arg, error)
  ftp.renameFrom = path
  return '350 File or directory exists, ready for destination name\r\n'
}
const renameTo: Verb = (ftp, arg) => {
  const from = ftp.renameFrom
  ftp.renameFrom = undefined
  if (from === undefined) return '503 Bad sequence of commands\r\n'
  const { error } = rename(ftp.tree, from, pathOf(ftp, arg), now(ftp))
  return error ? `550 Rename ${arg}: ${errors[error]}\r\n` : '250 Rename successful\r\n'
}

const size: Verb = (ftp, arg) => {
  if (ftp.ascii) return '550 SIZE not allowed in ASCII mode\r\n'
  const found = find(ftp.tree, pathOf(ftp, arg))
  if (found.error) return failed(arg, found.error)
  return isDir(found.ok) ? `550 ${arg}: not a regular file\r\n` : `213 ${found.ok.size}\r\n`
}
const modified: Verb = (ftp, arg) => {
  const found = find(ftp.tree, pathOf(ftp, arg))
  if (found.error) return failed(arg, found.error)
  return isDir(found.ok) ? `550 ${arg}: not a plain file\r\n` : `213 ${timestamp(found.ok.mtime)}\r\n`
}

function touch(ftp: Ftp, said: string, time: number): Errno | undefined {
  if (!ftp.visitor?.account) return 'EPERM'
  const found = find(ftp.tree, pathOf(ftp, said))
  if (found.ok) found.ok.mtime = time
  return found.error
}
const setTime: Verb = (ftp, arg) => {
  const [, digits = '', said = ''] = /^(\S+) (.*)$/s.exec(arg) ?? []
  const time = parseTimestamp(digits)
  if (time === undefined) return '501 Invalid number of parameters\r\n'
  const error = touch(ftp, said, time)
  return error ? failed(said, error) : `213 Modify=${digits}; ${said}\r\n`
}
const setFacts: Verb = (ftp, arg) => {
  const [, list = '', said = ''] = /^(\S+;) (.*)$/s.exec(arg) ?? []
  const digits = /modify=(\d{14});/i.exec(list)?.[1]
  const time = digits === undefined ? undefined : parseTimestamp(digits)
  if (time === undefined) return '501 Invalid number of parameters\r\n'
  const error = touch(ftp, said, time)
  return error ? failed(said, error) : `213 modify=${digits}; ${said}\r\n`
}

// mod_site, mod_site_misc and mod_copy

const changeMode: Verb = (ftp, arg) => {
  const [, mode = '', said = ''] = /^(\S+) (.+)$/s.exec(arg) ?? []
  if (said === '') return `500-'SITE CHMOD${arg && ` ${arg}`}' not understood\r\n500 SITE not understood\r\n`
  if (!ftp.visitor?.account) return `550 CHMOD ${arg}: Permission denied\r\n`
  const found = find(ftp.tree, pathOf(ftp, said))
  if (found.error) return failed(said, found.error)
  if (!/^[0-7]{1,4}$/.test(mode)) return `550 '${mode}': invalid mode\r\n`
  found.ok.mode = Number.parseInt(mode, 8) & 0o777
  return '200 SITE CHMOD command successful\r\n'
}
/** Nobody here is in a second group. */
const changeGroup: Verb = (ftp, arg) => {
  const [, group = '', said = ''] = /^(\S+) (.+)$/s.exec(arg) ?? []
  if (said === '') return `500-'SITE CHGRP${group && ` ${group}`}' not understood\r\n500 SITE not understood\r\n`
  return failed(said, find(ftp.tree, pathOf(ftp, said)).error ?? 'EPERM')
}
/** There are no links in this tree, and a disk that can hold none says so. */
const symbolicLink: Verb = (_, arg) => {
  const [, target] = /^\S+ (.+)$/s.exec(arg) ?? []
  return target === undefined ? "500 'SITE SYMLINK' not understood\r\n" : failed(target, 'EPERM')
}
const copyFrom: Verb = (ftp, arg) => {
  const { error } = find(ftp.tree, pathOf(ftp, arg))
  ftp.copyFrom = error ? undefined : pathOf(ftp, arg)
  return error ? failed(arg, error) : '350 File or directory exists, ready for destination name\r\n'
}
const copyTo: Verb = (ftp, arg) => {
  const from = ftp.copyFrom
  ftp.copyFrom = undefined
  if (from === undefined) return '503-Bad sequence of commands\r\n503 Bad sequence of commands\r\n'
  const source = find(ftp.tree, from)
  const error = source.error ?? copyEntry(ftp, source.ok, arg)
  return error ? failed(arg, error) : '250 Copy successful\r\n'
}
function copyEntry(ftp: Ftp, source: Entry, said: string): Errno | undefined {
  if (isDir(source)) return 'EISDIR'
  const uid = ftp.visitor?.account?.uid
  if (uid === undefined) return 'EACCES'
  const copy = { ...source, uid, gid: uid, mtime: now(ftp) }
  const { error } = put(ftp.tree, pathOf(ftp, said), copy)
  const content = contentOf(source)
  if (!error && !source.bytes && content) retain(copy, content)
  return error
}
const siteMakeDir: Verb = (ftp, arg) => {
  const error = make(ftp, arg)
  return error ? failed(arg, error) : '200 SITE MKDIR command successful\r\n'
}
const siteRemoveDir: Verb = (ftp, arg) => {
  const { error } = removeDir(ftp.tree, pathOf(ftp, arg), now(ftp))
  return error ? failed(arg, error) : '200 SITE RMDIR command successful\r\n'
}
const siteTime: Verb = (ftp, arg) => {
  const [, digits = '', said = ''] = /^(\d{12}(?:\d\d)?) (.+)$/s.exec(arg) ?? []
  const time = parseTimestamp(digits.padEnd(14, '0'))
  if (time === undefined) return "500 'SITE UTIME' not understood\r\n"
  const error = touch(ftp, said, time)
  return error ? failed(said, error) : '200 SITE UTIME command successful\r\n'
}

/** Everything that names a file and needs no data connection. */
export const verbs = new Map<string, Verb>([
  ['CWD', given(changeDir)],
  ['XCWD', given(changeDir)],
  ['CDUP', bare(parentDir)],
  ['XCUP', bare(parentDir)],
  ['PWD', bare(printDir)],
  ['XPWD', bare(printDir)],
  ['MKD', given(writing(makeDir, 'EACCES'))],
  ['XMKD', given(writing(makeDir, 'EACCES'))],
  ['RMD', given(writing(removeDirectory, 'EACCES'))],
  ['XRMD', given(writing(removeDirectory, 'EACCES'))],
  ['DELE', given(writing(remove))],
  ['RNFR', given(writing(renameFrom))],
  ['RNTO', given(renameTo)],
  ['SIZE', given(size)],
  ['MDTM', given(modified)],
  ['MFMT', given(setTime)],
  ['MFF', given(setFacts)],
  ['SITE CHMOD', changeMode],
  ['SITE CPFR', given(copyFrom)],
  ['SITE CPTO', given(copyTo)],
  ['SITE MKDIR', given(writing(siteMakeDir, 'EACCES'))],
  ['SITE RMDIR', given(writing(siteRemoveDir, 'EACCES'))],
  ['SITE UTIME', given(siteTime)],
  ['SITE CHGRP', changeGroup],
  ['SITE SYMLINK', symbolicLink],
  ['SITE QUOTA', () => '202 No quotas in effect\r\n'],
  ['SITE RATIO', ftp => `214 Current Ratio: ( -${ftp.retrieved}/0 +0/0 (0 0 0 0) = 0/0 )\r\n`],
])
