import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, test } from 'node:test'
import { testPersona } from '#services/testing/persona.ts'
import { retain, retained } from './retained.ts'
import {
  type Dir,
  type Entry,
  type File,
  find,
  isDir,
  makeTree,
  put,
  removeDir,
  removeFile,
  rename,
  resolve,
} from './tree.ts'
import { anonymousTree, homeTree, weakAccounts } from './world.ts'

const stat = { mode: 0o644, uid: 1, gid: 1, mtime: 0 }
const file = (size = 0): File => ({ ...stat, size })
const dir = (): Dir => ({ ...stat, entries: new Map() })
const count = (entry: Entry): number =>
  isDir(entry) ? 1 + [...entry.entries.values()].reduce((sum, child) => sum + count(child), 0) : 1

test('paths cannot leave the root', () => {
  const table: [cwd: string, said: string, path: string][] = [
    ['/', '..', '/'],
    ['/a/b', '../c', '/a/c'],
    ['/a', '/x//y/./z/', '/x/y/z'],
    ['/a', '../../../../etc/passwd', '/etc/passwd'],
    ['/', '', '/'],
  ]
  for (const [cwd, said, path] of table) assert.equal(resolve(cwd, said), path)
})

describe('what a real file system would refuse', () => {
  const tree = makeTree(dir())
  put(tree, '/d', dir())
  put(tree, '/d/sub', dir())
  put(tree, '/f', file(3))
  const table: [what: string, error: string | undefined, result: { error?: string | undefined }][] = [
    ['a file over a folder', 'EISDIR', put(tree, '/d', file())],
    ['a folder over a folder', 'EEXIST', put(tree, '/d', dir())],
    ['a file in a file', 'ENOTDIR', put(tree, '/f/x', file())],
    ['a file in nothing', 'ENOENT', put(tree, '/n/x', file())],
    ['a name of 256 bytes', 'ENAMETOOLONG', put(tree, `/${'n'.repeat(256)}`, file())],
    ['removing a full folder', 'ENOTEMPTY', removeDir(tree, '/d', 0)],
    ['removing a folder as a file', 'EISDIR', removeFile(tree, '/d', 0)],
    ['removing a file as a folder', 'ENOTDIR', removeDir(tree, '/f', 0)],
    ['removing the root', 'EBUSY', removeDir(tree, '/', 0)],
    ['a folder into itself', 'EINVAL', rename(tree, '/d', '/d/sub/d', 0)],
    ['a folder over a file', 'ENOTDIR', rename(tree, '/d', '/f', 0)],
    ['a file over a folder by renaming', 'EISDIR', rename(tree, '/f', '/d', 0)],
    ['a file over itself', undefined, rename(tree, '/f', '/f', 0)],
  ]
  for (const [what, error, result] of table) test(what, () => assert.equal(result.error, error))
})

test('a tree has an end: in entries and in depth', () => {
  const tree = makeTree(dir(), 50)
  let made = 0
  for (let i = 0; i < 200; i++) if (put(tree, `/${i}`, file()).ok) made++
  assert.equal(made, 50)
  assert.equal(put(tree, '/more', file()).error, 'ENOSPC')
  removeFile(tree, '/7', 0)
  assert.ok(put(tree, '/more', file()).ok)

  const deep = makeTree(dir(), 1000)
  let path = ''
  while (put(deep, `${path}/d`, dir()).ok) path += '/d'
  assert.ok(path.length < 100)
})

test('whatever is done to it in whatever order, it stays within its bounds', () => {
  const tree = makeTree(dir(), 30)
  const names = ['a', 'b', 'c', 'd/a', 'd', 'd/b', 'd/b/c', 'e']
  for (let i = 0; i < 5000; i++) {
    const [what, one, two] = createHash('md5').update(`step ${i}`).digest()
    const [from, to] = [`/${names[one! % names.length]}`, `/${names[two! % names.length]}`]
    if (what! % 5 === 0) put(tree, from, file())
    else if (what! % 5 === 1) put(tree, from, dir())
    else if (what! % 5 === 2) rename(tree, from, to, i)
    else if (what! % 5 === 3) removeFile(tree, from, i)
    else removeDir(tree, from, i)
    assert.equal(count(tree.root) - 1 + tree.room, 30, `after step ${i}`)
  }
})

test('what attackers left is kept up to a few megabytes over all of them', () => {
  const files = Array.from({ length: 400 }, () => file(64 << 10))
  for (const one of files) retain(one, Buffer.alloc(64 << 10))
  const kept = files.filter(one => retained(one))
  assert.ok(kept.length > 50 && kept.length * (64 << 10) <= 8 << 20, `${kept.length} kept`)
  assert.ok(retained(files.at(-1)!))
  const large = file(1 << 20)
  retain(large, Buffer.alloc(1 << 20))
  assert.equal(retained(large), undefined)
})

describe('the files of a machine', () => {
  const now = Date.UTC(2026, 0, 15)
  const [account] = weakAccounts(testPersona)
  for (const [name, tree] of [
    ['anonymous', anonymousTree(testPersona, now)],
    ['home', homeTree(testPersona, account!, now)],
  ] as const) {
    test(`${name}: none is older than the installation or newer than now`, () => {
      const check = (entry: Entry) => {
        assert.ok(entry.mtime >= testPersona.installedAt && entry.mtime <= now)
        assert.equal(entry.mtime % 1000, 0)
        if (isDir(entry)) for (const child of entry.entries.values()) check(child)
      }
      for (const child of tree.root.entries.values()) check(child)
    })
  }
  test('are the same at every visit, and others for another machine', () => {
    assert.deepEqual(anonymousTree(testPersona, now), anonymousTree(testPersona, now))
    const other = { ...testPersona, derive: (label: string, n: number) => testPersona.derive(`other ${label}`, n) }
    assert.notDeepEqual(anonymousTree(other, now), anonymousTree(testPersona, now))
  })
  test('have accounts of their own, away from people and root', () => {
    for (let i = 0; i < 50; i++) {
      const derive = (label: string, n: number) => testPersona.derive(`${i} ${label}`, n)
      const accounts = weakAccounts({ ...testPersona, derive })
      assert.equal(new Set(accounts.map(a => a.name)).size, accounts.length)
      assert.ok(
        accounts.length >= 1 && accounts.every(a => a.uid > 1000 && a.name !== 'root' && !a.password.includes('%')),
      )
    }
  })
  test('find what is in them', () => assert.ok(find(anonymousTree(testPersona, now), '/pub/README').ok))
})
