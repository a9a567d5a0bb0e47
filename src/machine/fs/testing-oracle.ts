/**
 * A program for tests: carries out operations in a real directory, each with its user's rights, and prints what the
 * kernel said. Input, on standard input: JSON of `{ top, base, operations, every }`; output: JSON of an array of answers.
 *
 * Random paths with `..` and links find their way out of any directory, and this runs as root. So it only starts where
 * the kernel holds it: in a mount namespace in which nothing but `top` can be written to.
 */
import fs from 'node:fs'
import { dirname } from 'node:path'
import type { Credentials } from '../system.ts'
import type { Operation } from './testing.ts'

const { top, base, operations, every } = JSON.parse(fs.readFileSync(0, 'utf8')) as {
  top: string
  base: string
  operations: Operation[]
  every: number
}
for (const outside of [dirname(top), '/', process.cwd(), '/tmp', '/var/tmp', '/etc']) {
  let refused = ''
  try {
    fs.accessSync(outside, fs.constants.W_OK)
  } catch (error) {
    refused = (error as NodeJS.ErrnoException).code ?? ''
  }
  if (refused !== 'EROFS') {
    process.stderr.write(`${outside} can be written to from here\n`)
    process.exit(3)
  }
}
process.umask(0)

const become = (who: Credentials): void => {
  process.seteuid!(0)
  process.setgroups!([...who.groups])
  process.setegid!(who.gid)
  process.seteuid!(who.uid)
}

const typeOf = (stat: fs.Stats): string =>
  stat.isDirectory() ? 'directory' : stat.isSymbolicLink() ? 'symlink' : stat.isFile() ? 'file' : 'other'

const shape = (stat: fs.Stats): unknown[] => {
  const size = stat.isDirectory() ? 0 : stat.size
  return [typeOf(stat), stat.mode & 0o7777, stat.nlink, stat.uid, stat.gid, size]
}

const perform = ({ call, path, to, number, data }: Operation): unknown => {
  const [uid = 0, gid = 0] = to.split(':').map(Number)
  switch (call) {
    case 'mkdir':
      return fs.mkdirSync(path, { mode: number }) ?? ''
    case 'rmdir':
      return fs.rmdirSync(path)
    case 'unlink':
      return fs.unlinkSync(path)
    case 'rename':
      return fs.renameSync(path, to)
    case 'link':
      return fs.linkSync(path, to)
    case 'symlink':
      return fs.symlinkSync(path, to)
    case 'readlink':
      return fs.readlinkSync(path)
    case 'write':
      return fs.writeFileSync(path, data, { mode: number })
    case 'append':
      return fs.writeFileSync(path, data, { flag: 'a', mode: 0o644 })
    case 'exclusive':
      return fs.writeFileSync(path, data, { flag: 'wx', mode: number })
    case 'read':
      return fs.readFileSync(path, 'latin1')
    case 'truncate':
      return fs.truncateSync(path, number)
    case 'chmod':
      return fs.chmodSync(path, number)
    case 'chown':
      return fs.chownSync(path, uid, gid)
    case 'lchown':
      return fs.lchownSync(path, uid, gid)
    case 'utimes':
      return fs.utimesSync(path, 1000, 2000)
    case 'readdir':
      return fs.readdirSync(path).sort()
    case 'stat':
      return shape(fs.statSync(path))
    case 'lstat':
      return shape(fs.lstatSync(path))
    default:
      return fs.realpathSync.native(path)
  }
}

/** Everything below, as root sees it. */
const survey = (path: string): unknown[] => {
  const stat = fs.lstatSync(path)
  const rest = stat.isDirectory()
    ? fs
        .readdirSync(path)
        .sort()
        .map(name => [name, survey(`${path}/${name}`)])
    : stat.isSymbolicLink()
      ? fs.readlinkSync(path)
      : fs.readFileSync(path, 'latin1')
  return [...shape(stat), rest]
}

const answers = operations.map((operation, index) => {
  become(operation.who)
  let answer: unknown
  try {
    answer = perform(operation) ?? ''
  } catch (error) {
    answer = (error as NodeJS.ErrnoException).code
  }
  if (index % every !== every - 1) return [answer]
  become({ uid: 0, gid: 0, groups: [0] })
  return [answer, survey(base)]
})
process.stdout.write(JSON.stringify(answers))
