import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ADMIN, cookieOf, parsed, testHive, VIEWER } from './testing-hive.ts'

const MINUTE = 60_000
async function setUp(t: { after(fn: () => void): void }) {
  const hive = await testHive()
  t.after(hive.clean)
  const me = (cookie: string) => hive.call('GET', '/api/v1/me', { cookie })
  return { ...hive, me }
}
const wrong = { user: 'admin', password: 'wrong' }

test('in, who am I, out', async t => {
  const { login, me, call } = await setUp(t)
  const answer = await login(ADMIN)
  assert.deepEqual(parsed(answer), { user: 'admin', role: 'admin', sensor: { name: 'hive-1', version: '0.1.0' } })
  assert.match(
    answer.headers['set-cookie']!,
    /^__Host-skep-[0-9a-f]{8}=[\w-]{43}; Path=\/; Max-Age=604800; Secure; HttpOnly; SameSite=Strict$/,
  )
  const cookie = cookieOf(answer)
  assert.deepEqual(parsed(await me(cookie)), parsed(answer))
  const out = await call('POST', '/api/v1/logout', { cookie })
  assert.equal(out.status, 204)
  assert.match(out.headers['set-cookie']!, /Max-Age=0; Secure; HttpOnly; SameSite=Strict$/)
  assert.equal((await me(cookie)).status, 401)
})

test('a wrong password and an unknown user get the same words', async t => {
  const { login } = await setUp(t)
  const answers = [await login(wrong, '192.0.2.1'), await login({ user: 'nobody-here', password: 'x' }, '192.0.2.2')]
  for (const answer of answers) assert.ok(!('set-cookie' in answer.headers))
  assert.equal(answers[0]!.status, 401)
  assert.equal(answers[0]!.body, answers[1]!.body)
})

test('guessing is slowed down, then locked out, and the right password does not open a locked door', async t => {
  const { login, clock } = await setUp(t)
  const statuses: number[] = []
  for (let n = 0; n < 7; n++) statuses.push((await login(wrong)).status)
  assert.deepEqual(statuses, [401, 401, 401, 401, 429, 429, 429])
  const early = await login(ADMIN)
  assert.equal(early.status, 429)
  assert.equal(early.headers['retry-after'], '1')
  for (let failed = 4; failed < 10; ) {
    clock.ms += 1000
    if ((await login(wrong)).status === 401) failed++
  }
  clock.ms += 14 * MINUTE
  const locked = await login(ADMIN)
  assert.equal(locked.status, 429)
  assert.ok(Number(locked.headers['retry-after']) <= 60)
  clock.ms += MINUTE
  assert.equal((await login(ADMIN)).status, 200)
})

test('parallel guesses gain nothing', async t => {
  const { login } = await setUp(t)
  const statuses = (await Promise.all(Array.from({ length: 30 }, () => login(wrong)))).map(answer => answer.status)
  assert.equal(statuses.filter(status => status === 401).length, 4)
  assert.equal(statuses.filter(status => status === 429).length, 26)
})

test('strangers who lock the account do not lock out its owner’s address', async t => {
  const { login, clock } = await setUp(t)
  assert.equal((await login(ADMIN, '192.0.2.200')).status, 200)
  for (let n = 0; n < 10; n++) {
    clock.ms += MINUTE
    await login(wrong, `198.51.100.${n}`)
  }
  assert.equal((await login(ADMIN, '203.0.113.1')).status, 429)
  assert.equal((await login(ADMIN, '192.0.2.200')).status, 200)
})

test('more log-ins at once than can be hashed are turned away', async t => {
  const { login } = await setUp(t)
  const all = Array.from({ length: 60 }, (_, n) => login({ user: `user${n}`, password: 'x' }, `192.0.2.${n}`))
  const statuses = (await Promise.all(all)).map(answer => answer.status)
  assert.equal(statuses.filter(status => status === 401).length, 17)
  assert.equal(statuses.filter(status => status === 503).length, 43)
})

test('one’s own password: proved, strong enough, and every other session ends', async t => {
  const { login, me, call, clock } = await setUp(t)
  const here = cookieOf(await login(VIEWER))
  const elsewhere = cookieOf(await login(VIEWER))
  clock.ms += 1000
  const change = (current: string, next: string, cookie = here) =>
    call('POST', '/api/v1/password', { cookie, body: { current, next } })
  assert.equal((await change('wrong', 'another long password')).status, 401)
  const weak = await change(VIEWER.password, 'short')
  assert.deepEqual([weak.status, parsed(weak).parameter], [400, 'next'])
  const done = await change(VIEWER.password, 'another long password')
  assert.equal(done.status, 200)
  assert.equal((await me(cookieOf(done))).status, 200)
  for (const old of [here, elsewhere]) assert.equal((await me(old)).status, 401)
  assert.equal((await login(VIEWER)).status, 401)
  assert.equal((await login({ ...VIEWER, password: 'another long password' })).status, 200)
})

test('a stolen session cannot guess its user’s password without limit', async t => {
  const { login, call } = await setUp(t)
  const cookie = cookieOf(await login(VIEWER))
  const statuses: number[] = []
  for (let n = 0; n < 6; n++)
    statuses.push(
      (await call('POST', '/api/v1/password', { cookie, body: { current: `${n}`, next: 'another long password' } }))
        .status,
    )
  assert.deepEqual(statuses, [401, 401, 401, 401, 429, 429])
})

test('a user removed or given another password by the command line is out at once', async t => {
  const { login, me, accounts, clock } = await setUp(t)
  const admin = cookieOf(await login(ADMIN))
  const viewer = cookieOf(await login(VIEWER))
  clock.ms += 1
  await accounts.setPassword('admin', 'set by the command line')
  assert.equal((await me(admin)).status, 401)
  accounts.remove('viewer')
  assert.equal((await me(viewer)).status, 401)
})

test('log-ins and failures are logged with their address, never with a password', async t => {
  const { login, logged } = await setUp(t)
  await login(wrong)
  await login(ADMIN)
  assert.deepEqual(logged, [
    ['login-failed', { address: '192.0.2.1', user: 'admin' }],
    ['login', { address: '192.0.2.1', user: 'admin' }],
  ])
})

test('values that are no credentials are refused before anything is hashed', async t => {
  const { call } = await setUp(t)
  for (const [body, parameter] of [
    [{ user: 'admin' }, 'password'],
    [{ user: 'admin', password: 1 }, 'password'],
    [{ user: ['admin'], password: 'x' }, 'user'],
    [{ user: 'a'.repeat(257), password: 'x' }, 'user'],
    [{ user: 'admin', password: 'x', role: 'admin' }, 'role'],
  ] as const) {
    const answer = await call('POST', '/api/v1/login', { body })
    assert.deepEqual([answer.status, parsed(answer).parameter], [400, parameter])
  }
})
