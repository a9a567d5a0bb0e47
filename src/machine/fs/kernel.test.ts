import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import type { Credentials, FileSystem, Stat } from '../system.ts'
import { may, type Protections } from './permission.ts'
import { alice, errnoOf, mallory, type Operation, operations, root, testDisk } from './testing.ts'

const every = 10
const users: Credentials[] = [root, alice, alice, mallory]

const sysctl = (name: string): number => Number(readFileSync(`/proc/sys/fs/protected_${name}`, 'latin1'))
const protections = (): Protections => ({
  symlinks: sysctl('symlinks') > 0,
  hardlinks: sysctl('hardlinks') > 0,
  regular: sysctl('regular'),
  fifos: sysctl('fifos'),
})

const shape = ({ type, mode, nlink, uid, gid, size }: Stat): unknown[] => {
  return [type, mode, nlink, uid, gid, type === 'directory' ? 0 : size]
}

const perform = (fs: FileSystem, { who, call, path, to, number, data }: Operation): unknown => {
  const [uid = 0, gid = 0] = to.split(':').map(Number)
  switch (call) {
    case 'mkdir':
      return fs.mkdir(path, number, who)
    case 'rmdir':
      return fs.rmdir(path, who)
    case 'unlink':
      return fs.unlink(path, who)
    case 'rename':
      return fs.rename(path, to, who)
    case 'link':
      return fs.link(path, to, who)
    case 'symlink':
      return fs.symlink(path, to, who)
    case 'readlink':
      return fs.readlink(path, who)
    case 'write':
      return fs.writeFile(path, Buffer.from(data), who, { mode: number })
    case 'append':
      return fs.writeFile(path, Buffer.from(data), who, { append: true, mode: 0o644 })
    case 'exclusive':
      return fs.writeFile(path, Buffer.from(data), who, { exclusive: true, mode: number })
    case 'read':
      return fs.readFile(path, who).toString('latin1')
    case 'truncate':
      // Node opens for reading too.
      if (fs.stat(path, who).type === 'file' && !fs.access(path, may.read, who)) return 'EACCES'
      return fs.truncate(path, number, who)
    case 'chmod':
      return fs.chmod(path, number, who)
    case 'chown':
      return fs.chown(path, uid, gid, who)
    case 'lchown':
      return fs.chown(path, uid, gid, who, false)
    case 'utimes':
      return fs.utimes(path, 1000, 2000, who)
    case 'readdir':
      return fs.readdir(path, who).sort()
    case 'stat':
      return shape(fs.stat(path, who))
    case 'lstat':
      return shape(fs.lstat(path, who))
    default:
      return fs.realpath(path, who)
  }
}

const survey = (fs: FileSystem, path: string): unknown[] => {
  const stat = fs.lstat(path, root)
  const rest =
    stat.type === 'directory'
      ? fs
          .readdir(path, root)
          .sort()
          .map(name => [name, survey(fs, `${path}/${name}`)])
      : stat.type === 'symlink'
        ? fs.readlink(path, root)
        : fs.readFile(path, root).toString('latin1')
  return [...shape(stat), rest]
}

/** Nothing but `$1` can be written to from in here, whatever the path. */
const confined = 'mount --bind "$1" "$1" && mount -o remount,bind,ro / && cd / && exec "$2" "$3"'
const program = fileURLToPath(new URL('./testing-oracle.ts', import.meta.url))
const unshare = (script: string, ...words: string[]) =>
  ['unshare', ['--mount', 'sh', '-c', script, 'sh', ...words]] as const
const closed = 'mount -o remount,bind,ro / && for d in / /tmp /var/tmp /etc "$1"; do test ! -w "$d" || exit 1; done'
const canConfine = process.getuid?.() === 0 && spawnSync(...unshare(closed, tmpdir())).status === 0
/** Deeper than any path here climbs, so that what is above does not matter. */
const depth = 40

const compare = (seed: string, count: number): void => {
  const top = mkdtempSync(join(tmpdir(), 'skep-oracle-'))
  try {
    const base = `${top}${'/0'.repeat(depth)}`
    mkdirSync(base, { recursive: true })
    for (let path = base; path !== tmpdir(); path = dirname(path)) chmodSync(path, 0o777)
    const sequence = operations(seed, count, base, users)
    const oracle = spawnSync(...unshare(confined, top, process.execPath, program), {
      input: JSON.stringify({ top, base, operations: sequence, every }),
      maxBuffer: 1 << 28,
      encoding: 'utf8',
    })
    assert.equal(oracle.status, 0, oracle.stderr)
    const answers = JSON.parse(oracle.stdout) as [unknown, unknown?][]
    const { fs } = testDisk(undefined, { bytes: 1 << 26, inodes: 100_000 }, { protections: protections() })
    const [first, ...rest] = base.split('/').filter(Boolean)
    fs.mkdir(`/${first}`, 0o1777, root)
    rest.forEach((_, index) => {
      fs.mkdir(`/${[first, ...rest.slice(0, index + 1)].join('/')}`, 0o777, root)
    })
    sequence.forEach((operation, index) => {
      let mine: unknown
      try {
        mine = perform(fs, operation) ?? ''
      } catch (error) {
        mine = errnoOf(() => {
          throw error
        })
      }
      const said = `${seed} ${index}: ${JSON.stringify(operation).slice(0, 900)}`
      const [answer, below] = answers[index]!
      // The C library's realpath takes `.` and `..` off the name without asking the kernel.
      if (operation.call === 'realpath' && /\/\.\.?(\/|$)/.test(operation.path)) return
      assert.deepEqual(mine, answer, said)
      if (below) assert.deepEqual(survey(fs, base), below, `after ${said}`)
    })
  } finally {
    rmSync(top, { recursive: true, force: true })
  }
}

const skip = canConfine ? false : 'needs root and a mount namespace, to hold random calls in their directory'
// Seeds that found something stay.
for (const seed of ['first', 'second', 'third', 'fourth', 'fifth', 'sixth', 'seventh', 'eighth']) {
  test(`answers 2,500 random calls as the kernel does: ${seed}`, { skip }, () => compare(seed, 2500))
}
