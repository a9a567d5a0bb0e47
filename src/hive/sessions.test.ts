import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { User } from './accounts.ts'
import { cookie, createSessions } from './sessions.ts'

const HOUR = 3_600_000
const ann: User = { name: 'ann', role: 'admin', hash: '', changed: 1 }
function setUp(max?: number) {
  const clock = { ms: 0 }
  const users = new Map([['ann', ann]])
  const accounts = { find: (name: string) => users.get(name) }
  return { clock, users, sessions: createSessions({ accounts, now: () => clock.ms, ...(max ? { max } : {}) }) }
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
  const { sessions } = setUp(2)
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
