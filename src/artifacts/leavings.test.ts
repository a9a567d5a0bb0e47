import assert from 'node:assert/strict'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { type LeavingsOptions, openLeavings } from './leavings.ts'

const day = 86_400_000

function setUp(t: TestContext, options: Partial<LeavingsOptions> = {}) {
  const directory = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'skep-leavings-')), 'machines')
  t.after(() => fs.rmSync(path.dirname(directory), { recursive: true, force: true }))
  const troubles: string[] = []
  const open = (more: Partial<LeavingsOptions> = {}) =>
    openLeavings({
      directory,
      key: Buffer.alloc(32, 1),
      ageMs: 30 * day,
      quotaBytes: 1 << 20,
      floorBytes: 0,
      now: Date.now,
      onTrouble: why => void troubles.push(why),
      ...options,
      ...more,
    })
  const files = (): string[] =>
    fs
      .readdirSync(directory)
      .flatMap(shelf => fs.readdirSync(`${directory}/${shelf}`).map(name => `${directory}/${shelf}/${name}`))
  return { directory, open, files, troubles }
}

test('what was left is there after a restart, under a name that tells nobody’s address', t => {
  const { open, files } = setUp(t)
  open().write('server 203.0.113.9', Buffer.from('left'))
  assert.equal(String(open().read('server 203.0.113.9')), 'left')
  assert.equal(open().read('server 203.0.113.8'), undefined)
  assert.match(path.basename(files()[0]!), /^[0-9a-f]{64}$/)
  open().write('server 203.0.113.9', undefined)
  assert.deepEqual(files(), [])
})

test('what is damaged, of another sensor, or too old is not read again', t => {
  const { open, files, troubles } = setUp(t)
  const damage: [string, (file: string) => void][] = [
    [
      'flipped',
      file =>
        fs.writeFileSync(file, Buffer.from(fs.readFileSync(file).map((byte, at) => (at === 40 ? byte ^ 1 : byte)))),
    ],
    ['cut', file => fs.truncateSync(file, 20)],
    ['empty', file => fs.truncateSync(file, 0)],
    ['huge', file => fs.truncateSync(file, 64 << 20)],
  ]
  for (const [name, harm] of damage) {
    open().write(name, Buffer.from('what an attacker left here'))
    harm(files()[0]!)
    assert.equal(open().read(name), undefined, name)
    assert.equal(troubles.length, 1, name)
    assert.deepEqual(files(), [], 'and it is gone')
    troubles.length = 0
  }
  open().write('x', Buffer.from('x'))
  assert.equal(open({ key: Buffer.alloc(32, 2) }).read('x'), undefined)
  open().write('y', Buffer.from('y'))
  assert.equal(open({ now: () => Date.now() + 31 * day }).read('y'), undefined)
  assert.deepEqual(files(), [])
})

test('neither more than there is room for is kept, nor anything when that is not wanted', async t => {
  const { open, files } = setUp(t)
  const small = open({ quotaBytes: 1000 })
  small.write('a', Buffer.alloc(2000))
  assert.equal(small.read('a'), undefined)
  const none = open({ ageMs: 0 })
  none.write('b', Buffer.from('b'))
  assert.equal(none.read('b'), undefined)
  assert.deepEqual(files(), [])
})

test('a directory that is gone, and a draft that cannot take its place, hurt nobody and leave nothing', t => {
  const { directory, open, files, troubles } = setUp(t)
  const store = open()
  store.write('one', Buffer.from('left'))
  const [place] = files()
  fs.rmSync(place!)
  fs.mkdirSync(place!)
  store.write('one', Buffer.from('left again'))
  assert.deepEqual(files(), [place])
  fs.rmSync(directory, { recursive: true })
  store.write('one', Buffer.from('left again'))
  assert.equal(troubles.length, 2)
})
