import assert from 'node:assert/strict'
import { test } from 'node:test'
import { kernel } from '../rights.ts'
import { may } from './permission.ts'
import { errnoOf, rootMount, testDisk } from './testing.ts'
import { createFileSystem } from './tree.ts'

/** A disk with /d, /f and /l, mounted again so that nothing can be written to it but below /tmp. */
const readOnly = () => {
  const { fs, tree } = testDisk()
  fs.mkdir('/d', 0o755, kernel)
  fs.mkdir('/tmp', 0o1777, kernel)
  fs.writeFile('/f', Buffer.from('x'), kernel)
  fs.symlink('f', '/l', kernel)
  fs.mknod('/null', 'char', 0o666, kernel, { major: 1, minor: 3 })
  const tmp = { ...rootMount, path: '/tmp', type: 'tmpfs', source: 'tmpfs', options: 'rw', dev: 30 }
  const mounts = [{ ...rootMount, options: 'ro,relatime' }, tmp] as const
  return createFileSystem({ tree, mounts, now: () => 0, random: Buffer.alloc })
}

// Recorded on Linux 6.1 with a bind mount.
test('what is mounted read-only says so, in the order of Linux', () => {
  const fs = readOnly()
  const data = Buffer.from('y')
  const calls: [what: string, call: () => unknown, errno: string][] = [
    ['mkdir existing', () => fs.mkdir('/d', 0o755, kernel), 'EEXIST'],
    ['mkdir', () => fs.mkdir('/n', 0o755, kernel), 'EROFS'],
    ['unlink', () => fs.unlink('/f', kernel), 'EROFS'],
    ['unlink missing', () => fs.unlink('/n', kernel), 'EROFS'],
    ['unlink directory', () => fs.unlink('/d', kernel), 'EROFS'],
    ['rmdir', () => fs.rmdir('/d', kernel), 'EROFS'],
    ['rmdir missing', () => fs.rmdir('/n', kernel), 'EROFS'],
    ['rmdir ..', () => fs.rmdir('/d/..', kernel), 'ENOTEMPTY'],
    ['rename', () => fs.rename('/f', '/g', kernel), 'EROFS'],
    ['rename missing', () => fs.rename('/n', '/g', kernel), 'EROFS'],
    ['rename elsewhere', () => fs.rename('/f', '/tmp/g', kernel), 'EXDEV'],
    ['open', () => fs.writeFile('/f', data, kernel), 'EROFS'],
    ['open new', () => fs.writeFile('/n', data, kernel), 'EROFS'],
    ['open directory', () => fs.writeFile('/d', data, kernel), 'EISDIR'],
    ['open exclusively', () => fs.writeFile('/f', data, kernel, { exclusive: true }), 'EEXIST'],
    ['truncate', () => fs.truncate('/f', 0, kernel), 'EROFS'],
    ['truncate missing', () => fs.truncate('/n', 0, kernel), 'ENOENT'],
    ['link', () => fs.link('/f', '/g', kernel), 'EROFS'],
    ['link existing', () => fs.link('/f', '/l', kernel), 'EEXIST'],
    ['symlink', () => fs.symlink('a', '/b', kernel), 'EROFS'],
    ['symlink existing', () => fs.symlink('a', '/f', kernel), 'EEXIST'],
    ['chmod', () => fs.chmod('/f', 0o600, kernel), 'EROFS'],
    ['chmod missing', () => fs.chmod('/n', 0o600, kernel), 'ENOENT'],
    ['chown', () => fs.chown('/f', 0, 0, kernel), 'EROFS'],
    ['utimes', () => fs.utimes('/f', 'now', 'now', kernel), 'EROFS'],
    ['mknod', () => fs.mknod('/p', 'fifo', 0o644, kernel), 'EROFS'],
  ]
  for (const [what, call, errno] of calls) assert.equal(errnoOf(call), errno, what)
  assert.equal(fs.access('/f', may.write, kernel), false)
  assert.equal(fs.access('/f', may.read, kernel), true)
  assert.equal(fs.readFile('/f', kernel).toString(), 'x')
})

test('devices on it are written to all the same, and what is mounted over it too', () => {
  const fs = readOnly()
  fs.writeFile('/null', Buffer.from('gone'), kernel)
  fs.writeFile('/tmp/f', Buffer.from('kept'), kernel)
  assert.equal(fs.readFile('/tmp/f', kernel).toString(), 'kept')
  fs.rename('/tmp/f', '/tmp/g', kernel)
  fs.unlink('/tmp/g', kernel)
})
