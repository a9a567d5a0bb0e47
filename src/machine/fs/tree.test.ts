import assert from 'node:assert/strict'
import { test } from 'node:test'
import { drawFrom } from '#persona/draw.ts'
import { alice, errnoOf, mallory, root, testDisk } from './testing.ts'

const day = 86_400_000

test('times change as POSIX and relatime say', () => {
  const { fs, clock } = testDisk()
  const times = (path: string): string => {
    const { atime, mtime, ctime } = fs.lstat(path, root)
    return [atime, mtime, ctime].map(time => (time === clock.now ? 'now' : 'old')).join(' ')
  }
  const after = (call: () => unknown, path: string): string => {
    clock.now += 10
    call()
    return times(path)
  }
  const data = Buffer.from('data')
  fs.mkdir('/d', 0o755, root)
  assert.equal(
    after(() => fs.writeFile('/d/f', data, root), '/d/f'),
    'now now now',
  )
  assert.equal(times('/d'), 'old now now')
  assert.equal(
    after(() => fs.writeFile('/d/f', data, root, { append: true }), '/d/f'),
    'old now now',
  )
  assert.equal(
    after(() => fs.stat('/d/f', root), '/d/f'),
    'old old old',
  )
  assert.equal(
    after(() => fs.readFile('/d/f', root), '/d/f'),
    'now old old',
  )
  assert.equal(
    after(() => fs.readFile('/d/f', root), '/d/f'),
    'old old old',
  )
  clock.now += day
  assert.equal(
    after(() => fs.readFile('/d/f', root), '/d/f'),
    'now old old',
  )
  assert.equal(
    after(() => fs.chmod('/d/f', 0o600, root), '/d/f'),
    'old old now',
  )
  assert.equal(
    after(() => fs.chown('/d/f', 1, 1, root), '/d/f'),
    'old old now',
  )
  assert.equal(
    after(() => fs.link('/d/f', '/d/g', root), '/d/f'),
    'old old now',
  )
  assert.equal(
    after(() => fs.rename('/d/f', '/d/h', root), '/d/h'),
    'old old now',
  )
  assert.equal(times('/d'), 'old now now')
  assert.equal(
    after(() => fs.unlink('/d/g', root), '/d/h'),
    'old old now',
  )
  assert.equal(
    after(() => fs.readdir('/d', root), '/d'),
    'now old old',
  )
  assert.equal(
    after(() => fs.utimes('/d/h', 5, 6, root), '/d/h'),
    'old old now',
  )
  assert.deepEqual([fs.stat('/d/h', root).atime, fs.stat('/d/h', root).mtime], [5, 6])
  assert.equal(
    after(() => fs.truncate('/d/h', 1, root), '/d/h'),
    'old now now',
  )
})

test('touch is for whoever may write, setting times for the owner', () => {
  const { fs } = testDisk()
  fs.writeFile('/f', Buffer.alloc(0), root)
  fs.chmod('/f', 0o666, root)
  assert.equal(
    errnoOf(() => fs.utimes('/f', 'now', 'now', alice)),
    '',
  )
  assert.equal(
    errnoOf(() => fs.utimes('/f', 1, 2, alice)),
    'EPERM',
  )
  fs.chmod('/f', 0o644, root)
  assert.equal(
    errnoOf(() => fs.utimes('/f', 'now', 'now', alice)),
    'EACCES',
  )
})

test('root may run only what somebody may; access(2) asks for all bits', () => {
  const { fs } = testDisk()
  fs.writeFile('/f', Buffer.alloc(0), root, { mode: 0o644 })
  assert.equal(fs.access('/f', 6, root), true)
  assert.equal(fs.access('/f', 1, root), false)
  assert.equal(fs.access('/f', 4, alice), true)
  assert.equal(fs.access('/f', 6, alice), false)
  fs.chmod('/f', 0o645, root)
  assert.equal(fs.access('/f', 1, root), true)
})

test('Debian protects links and files in directories like /tmp', () => {
  const { fs } = testDisk()
  fs.mkdir('/tmp', 0o1777, root)
  fs.writeFile('/secret', Buffer.from('s'), root, { mode: 0o644 })
  fs.symlink('/secret', '/tmp/link', mallory)
  assert.equal(
    errnoOf(() => fs.readFile('/tmp/link', root)),
    'EACCES',
  )
  assert.equal(
    errnoOf(() => fs.readFile('/tmp/link', mallory)),
    '',
  )
  assert.equal(
    errnoOf(() => fs.link('/secret', '/tmp/hard', alice)),
    'EPERM',
  )
  fs.writeFile('/tmp/trap', Buffer.alloc(0), mallory, { mode: 0o666 })
  assert.equal(
    errnoOf(() => fs.writeFile('/tmp/trap', Buffer.from('x'), root)),
    'EACCES',
  )
  assert.equal(
    errnoOf(() => fs.unlink('/tmp/trap', alice)),
    'EPERM',
  )
})

test('at most 40 links are followed', () => {
  const { fs } = testDisk()
  fs.writeFile('/l0', Buffer.from('end'), root)
  for (let link = 1; link <= 41; link++) fs.symlink(`l${link - 1}`, `/l${link}`, root)
  assert.equal(fs.readFile('/l40', root).toString(), 'end')
  assert.equal(
    errnoOf(() => fs.readFile('/l41', root)),
    'ELOOP',
  )
})

test('bytes and inodes have an end, and come back when they are given up', () => {
  const { fs, tree } = testDisk(undefined, { bytes: 100_000, inodes: 20 })
  const before = { ...tree.usage }
  const chunk = Buffer.alloc(10_000, 1)
  let written = 0
  const fill = (): void => {
    for (;;) {
      fs.writeFile('/big', chunk, root, { append: true })
      written += chunk.length
    }
  }
  assert.equal(errnoOf(fill), 'ENOSPC')
  assert.ok(written >= 40_000 && tree.usage.bytes <= 100_000)
  assert.equal(fs.stat('/big', root).size, written)
  assert.equal(
    errnoOf(() => fs.truncate('/big', 2 ** 40, root)),
    '',
    'a hole takes nothing',
  )
  assert.equal(fs.stat('/big', root).size, 2 ** 40)
  assert.equal(
    errnoOf(() => fs.truncate('/big', 2 ** 50, root)),
    'EINVAL',
  )
  fs.unlink('/big', root)
  let made = 0
  assert.equal(
    errnoOf(() => {
      for (;;) fs.mkdir(`/d${made++}`, 0o755, root)
    }),
    'ENOSPC',
  )
  assert.equal(
    errnoOf(() => fs.stat(`/d${made - 1}`, root)),
    'ENOENT',
  )
  assert.equal(fs.stat('/', root).nlink, made + 1)
  for (let index = 0; index < made - 1; index++) fs.rmdir(`/d${index}`, root)
  assert.deepEqual([tree.usage.inodes - before.inodes, tree.nodes.size], [1, 1])
})

test('a full disk can still be cleared, and a call that fails changes nothing', () => {
  const { fs, tree } = testDisk(undefined, { bytes: 60_000, inodes: 1000 })
  let made = 0
  assert.equal(
    errnoOf(() => {
      for (;;) fs.writeFile(`/f${made++}`, Buffer.from('x'), root)
    }),
    'ENOSPC',
  )
  let linked = 0
  assert.equal(
    errnoOf(() => {
      for (;;) fs.link('/f0', `/l${linked++}`, root)
    }),
    'ENOSPC',
  )
  assert.ok(tree.usage.bytes <= 75_000)
  const names = fs.readdir('/', root)
  assert.equal(fs.stat('/f0', root).nlink, names.filter(name => name.startsWith('l')).length + 1)
  for (const name of names.slice(0, 5)) fs.unlink(`/${name}`, root)
  fs.rename(`/${names[6]}`, '/moved', root)
  assert.equal(fs.readdir('/', root).length, names.length - 5)
})

test('ten thousand small appends take linear time and room', () => {
  const { fs, tree } = testDisk()
  for (let index = 0; index < 10_000; index++) fs.writeFile('/f', Buffer.from('\x7fELF....'), root, { append: true })
  assert.equal(fs.stat('/f', root).size, 80_000)
  assert.ok(tree.usage.bytes < 200_000)
})

test('writing within a file leaves the rest, beyond its end a hole', () => {
  const { fs } = testDisk()
  fs.writeFile('/f', Buffer.from('abcdef'), root)
  fs.writeFile('/f', Buffer.from('XY'), root, { at: 2 })
  assert.equal(fs.readFile('/f', root).toString(), 'abXYef')
  fs.writeFile('/f', Buffer.from('Z'), root, { at: 8 })
  assert.equal(fs.readFile('/f', root).toString('latin1'), 'abXYef\0\0Z')
  fs.truncate('/f', 3, root)
  fs.truncate('/f', 5, root)
  assert.equal(fs.readFile('/f', root).toString('latin1'), 'abX\0\0')
})

test('any path at all ends in an answer or an errno', () => {
  const { fs } = testDisk()
  fs.mkdir('/a', 0o755, root)
  fs.symlink('/a/../..//a/.', '/a/l', root)
  const draw = drawFrom(Buffer.from('paths'), 'fuzz')
  const bits = [
    '/',
    '//',
    '.',
    '..',
    'a',
    'l',
    '\0',
    '\xff',
    '\n',
    'a/l',
    'x'.repeat(255),
    'y'.repeat(256),
    '/./'.repeat(400),
  ]
  for (let turn = 0; turn < 20_000; turn++) {
    const path = Array.from({ length: draw.below(7) }, () => draw.pick(bits)).join('')
    const who = draw.pick([root, alice])
    const errno = errnoOf(() => {
      fs.lstat(path, who)
      fs.stat(path, who)
      fs.readdir(fs.realpath(path, who), who)
    })
    assert.match(errno, /^(|ENOENT|ENOTDIR|ENAMETOOLONG|EACCES|ELOOP)$/, JSON.stringify(path))
  }
})
