import assert from 'node:assert/strict'
import { test } from 'node:test'
import { look, makeDirectory, newDisk, placed, remove, store } from './disk.ts'

test('names lead to where they say, and not out', () => {
  assert.deepEqual(placed('0:\\a\\b'), { path: 'a/b', out: false })
  assert.deepEqual(placed('0:/a/./b/../c'), { path: 'a/c', out: false })
  assert.equal(placed('0:\\..\\..\\etc\\passwd')?.out, true)
  assert.equal(placed('1:\\a'), undefined)
  assert.equal(placed('/etc/passwd'), undefined)
})

test('files are put, added to, seen and removed', () => {
  const disk = newDisk()
  assert.equal(store(disk, 'nowhere/x', Buffer.from('x'), false), false)
  assert.equal(makeDirectory(disk, 'here'), true)
  assert.equal(makeDirectory(disk, 'here'), false)
  assert.equal(store(disk, 'here/x', Buffer.from('one'), false), true)
  assert.equal(store(disk, 'here/x', Buffer.from('two'), true), true)
  assert.deepEqual(look(disk, 'here'), { names: ['x'] })
  assert.deepEqual(look(disk, 'here/x'), { bytes: Buffer.from('onetwo') })
  assert.equal(remove(disk, 'here'), false)
  assert.equal(remove(disk, 'here/x'), true)
  assert.equal(remove(disk, 'here'), true)
  assert.equal(disk.bytes, 0)
})

test('there is an end to its room', () => {
  const disk = newDisk()
  let stored = 0
  while (store(disk, `f${stored}`, Buffer.alloc(100_000), false)) stored++
  assert.equal(stored, 20)
  let made = 0
  while (makeDirectory(disk, `d${made}`)) made++
  assert.ok(made < 200)
})
