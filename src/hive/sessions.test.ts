import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import type { User } from './accounts.ts'
import { cookie, createSessions, type SessionOptions } from './sessions.ts'

const HOUR = 3_600_000
const ann: User = { name: 'ann', role: 'admin', hash: '', changed: 1 }
function setUp(change: Partial<SessionOptions> = {}) {
  const clock = { ms: 0 }
  const users = new Map([['ann', ann]])
  const accounts = { find: (name: string) => users.get(name) }
  return { clock, users, sessions: createSessions({ accounts, now: () => clock.ms, ...change }) }
}

test('an id is 256 random bits and names its user', () => {
  const { sessions } = setUp()
  const ids = [sessions.begin(ann), sessions.begin(ann)]
  for (const id of ids) {
    assert.equal(Buffer.from(id, 'base64url').length, 32)
    assert.equal(sessions.user(id)?.name, 'ann')
  }
  assert.notEqual(ids[0], ids[1])
  assert.equal(sessions.user('made up'), undefined)
})

test('twelve idle hours end it, use keeps it', () => {
  const { clock, sessions } = setUp()
  const [used, idle] = [sessions.begin(ann), sessions.begin(ann)]
  clock.ms += 11 * HOUR
  assert.ok(sessions.user(used))
  clock.ms += 2 * HOUR
  assert.ok(sessions.user(used))
  assert.equal(sessions.user(idle), undefined)
})

test('seven days end it however much it is used', () => {
  const { clock, sessions } = setUp()
  const id = sessions.begin(ann)
  for (let hours = 0; hours < 7 * 24; hours += 6) {
    assert.ok(sessions.user(id))
    clock.ms += 6 * HOUR
  }
  clock.ms += 1
  assert.equal(sessions.user(id), undefined)
})

test('log-out, another password, removal end it; a new role counts at once', () => {
  const { users, sessions } = setUp()
  const ids = [sessions.begin(ann), sessions.begin(ann), sessions.begin(ann)]
  sessions.end(ids[0]!)
  assert.equal(sessions.user(ids[0]!), undefined)
  users.set('ann', { ...ann, role: 'viewer' })
  assert.equal(sessions.user(ids[1]!)?.role, 'viewer')
  users.set('ann', { ...ann, changed: 2 })
  assert.equal(sessions.user(ids[1]!), undefined)
  users.delete('ann')
  assert.equal(sessions.user(ids[2]!), undefined)
})

test('the oldest unused session makes room', () => {
  const { sessions } = setUp({ max: 2 })
  const ids = [sessions.begin(ann), sessions.begin(ann)]
  assert.ok(sessions.user(ids[0]!))
  sessions.begin(ann)
  assert.ok(sessions.user(ids[0]!))
  assert.equal(sessions.user(ids[1]!), undefined)
})

test('the cookie is for this host over TLS, out of reach of scripts and other sites', () => {
  assert.equal(
    cookie.set('__Host-skep', 'abc', 60),
    '__Host-skep=abc; Path=/; Max-Age=60; Secure; HttpOnly; SameSite=Strict',
  )
  assert.match(cookie.clear('__Host-skep'), /^__Host-skep=; Path=\/; Max-Age=0;/)
})

test('our cookie is found among others', () => {
  for (const [header, found] of [
    ['a=1; __Host-skep=abc; b=2', 'abc'],
    ['__Host-skep=abc', 'abc'],
    ['x__Host-skep=abc', undefined],
    ['__Host-skep=', undefined],
    [`__Host-skep=${'a'.repeat(200)}`, undefined],
    [';;=;', undefined],
    [undefined, undefined],
  ] as const)
    assert.equal(cookie.read('__Host-skep', header), found, `${header}`)
})

const folder = mkdtempSync(join(tmpdir(), 'skep-sessions-'))
after(() => rmSync(folder, { recursive: true }))

test('sessions outlast a restart, and their ends too; the file cannot be used to log in', () => {
  const file = join(folder, 'sessions.json')
  const { sessions } = setUp({ file })
  const [kept, ended] = [sessions.begin(ann), sessions.begin(ann)]
  sessions.end(ended)
  const restarted = setUp({ file }).sessions
  assert.equal(restarted.user(kept)?.name, 'ann')
  assert.equal(restarted.user(ended), undefined)
  assert.equal(statSync(file).mode & 0o777, 0o600)
  const [key] = Object.keys(JSON.parse(readFileSync(file, 'utf8')))
  assert.notEqual(key, kept)
  assert.equal(restarted.user(key!), undefined)
})

test('time goes on while the hive is down', () => {
  const file = join(folder, 'idle.json')
  const before = setUp({ file })
  const id = before.sessions.begin(ann)
  for (let hours = 0; hours < 10; hours++) {
    before.clock.ms += HOUR
    assert.ok(before.sessions.user(id))
  }
  assert.ok(setUp({ file, now: () => 21 * HOUR }).sessions.user(id))
  assert.equal(setUp({ file, now: () => 23 * HOUR }).sessions.user(id), undefined)
})

test('a file that is broken, or cannot be written, stops nobody from logging in', () => {
  const broken = join(folder, 'broken.json')
  writeFileSync(broken, '{"a":{"user":1}}')
  const { sessions } = setUp({ file: broken })
  assert.ok(sessions.user(sessions.begin(ann)))
  const file = join(folder, 'no-folder')
  writeFileSync(file, '')
  const unwritable = setUp({ file: join(file, 'sessions.json') }).sessions
  assert.ok(unwritable.user(unwritable.begin(ann)))
})
