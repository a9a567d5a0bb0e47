import assert from 'node:assert/strict'
import { PassThrough, type Writable } from 'node:stream'
import { after, test } from 'node:test'
import { guardHeaders } from './app.ts'
import { createLive } from './live.ts'
import { createFakeStore, sampleHashes } from './testing.ts'
import {
  ADMIN,
  assertProblem,
  cookieOf,
  parsed,
  questions,
  sharedRows,
  testHive,
  testStatus,
  VIEWER,
  written,
} from './testing-hive.ts'

const hive = await testHive()
after(hive.clean)
const admin = await hive.session(ADMIN)
const viewer = await hive.session(VIEWER)
const get = (target: string, cookie = admin) => hive.call('GET', `/api/v1${target}`, { cookie })

test('what is not there is 404', async () => {
  for (const target of [
    '/nothing',
    '/sessions/',
    '/sessions/a/b',
    '/sessions/unknown',
    '/sources/198.51.100.254',
    `/artifacts/${'0'.repeat(64)}`,
    `/recordings/${'0'.repeat(36)}`,
  ])
    assertProblem(await get(target), 404)
  for (const target of ['/api', '/api/', '/api/v2/me', '/api/v1', '/api/v1/', '/api/v1//me', '/api/v1/../v1/me'])
    assertProblem(await hive.call('GET', target, { cookie: admin }), 404)
})

test('another method is 405 and says which', async () => {
  for (const [method, target, allow] of [
    ['POST', '/count', 'GET'],
    ['GET', '/login', 'POST'],
    ['HEAD', '/me', 'GET'],
    ['OPTIONS', '/sql', 'POST'],
    ['DELETE', '/sessions/1', 'GET'],
    ['constructor', '/me', 'GET'],
  ] as const) {
    const answer = await hive.call(method, `/api/v1${target}`, { cookie: admin })
    assertProblem(answer, 405)
    assert.equal(answer.headers.allow, allow)
  }
})

test('an address that goes on and on is 414', async () => {
  assertProblem(await hive.call('GET', `/${'a'.repeat(9000)}`), 414)
})

const routes: [method: string, target: string, body?: unknown][] = [
  ...questions.map(([target]): [string, string] => ['GET', target]),
  ['GET', '/live'],
  ['GET', `/artifacts/${sampleHashes.sha256}`],
  ['GET', `/recordings/${'0'.repeat(36)}`],
  ['GET', '/export?format=jsonl'],
  ['POST', '/sql', { query: 'select 1' }],
  ['POST', '/logout'],
  ['POST', '/password', { current: 'x', next: 'long enough for this' }],
]

test('nothing but log-in and the description of the API answers without a session', async () => {
  for (const [method, target, body] of routes)
    for (const cookie of [undefined, `${admin}x`, `${admin.split('=')[0]}=`, '__Host-skep=1', 'a'.repeat(10_000)])
      assertProblem(
        await hive.call(method, `/api/v1${target}`, { body, ...(cookie === undefined ? {} : { cookie }) }),
        401,
      )
  assert.equal((await hive.call('GET', '/api/v1/openapi.json')).status, 200)
})

test('a viewer takes nothing away', async () => {
  for (const [method, target, body] of [
    ['GET', `/artifacts/${sampleHashes.sha256}`],
    ['GET', '/export?format=jsonl'],
    ['GET', '/export?format=parquet'],
    ['POST', '/sql', { query: 'select 1' }],
  ] as const)
    assertProblem(await hive.call(method, `/api/v1${target}`, { cookie: viewer, body }), 403)
})

test('every answer, good or bad, carries the guarding headers', async () => {
  const answers = [
    ...(await Promise.all(questions.map(([target]) => get(target)))),
    await hive.call('GET', '/'),
    await hive.call('GET', '/assets/app-1a2b.js'),
    await hive.call('GET', '/sessions/1'),
    await hive.call('GET', '/assets/none.js'),
    await hive.call('POST', '/'),
    await hive.call('GET', '/api/v1/openapi.json'),
    await get('/nothing'),
    await hive.call('GET', '/api/v1/me'),
    await hive.login({ user: 'admin', password: 'wrong' }, '203.0.113.77'),
    await hive.call('POST', '/api/v1/sql', { cookie: admin, body: '{' }),
  ]
  for (const { headers, status } of answers) {
    for (const [name, value] of Object.entries(guardHeaders)) assert.equal(headers[name], value, `${status} ${name}`)
    assert.ok(headers['cache-control'], String(status))
    assert.ok(!('strict-transport-security' in headers))
  }
})

test('nothing inline, foreign or framed may run in the page', () => {
  const csp = guardHeaders['content-security-policy']
  // WebAssembly is the one thing that may be compiled: it can touch nothing but its own memory.
  assert.ok(!/unsafe|\*|https?:/.test(csp.replace("'wasm-unsafe-eval'", '')), csp)
  for (const directive of [
    "default-src 'self'",
    "frame-ancestors 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "object-src 'none'",
  ])
    assert.ok(csp.split('; ').includes(directive), directive)
})

test('whatever changes something must come from this page', async () => {
  const sql = (headers: Record<string, string>) =>
    hive.call('POST', '/api/v1/sql', { cookie: admin, body: { query: 'select 1' }, headers })
  for (const headers of [
    { origin: 'https://evil.test' },
    { origin: 'http://sensor.test:64297' },
    { origin: 'https://sensor.test' },
    { origin: 'null' },
    { origin: '' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
    { origin: '', 'x-skep-request': '1', 'sec-fetch-site': 'cross-site' },
    { origin: 'https://evil.test', 'x-skep-request': '1' },
    { origin: 'https://undefined', host: '' },
  ] as Record<string, string>[])
    assertProblem(await sql(headers), 403)
  for (const headers of [
    {},
    { 'sec-fetch-site': 'same-origin' },
    { origin: '', 'x-skep-request': '1' },
    { origin: 'https://SENSOR.test:64297' },
  ] as Record<string, string>[])
    assert.equal((await sql(headers)).status, 200, JSON.stringify(headers))
  const foreign = await hive.call('POST', '/api/v1/login', { body: ADMIN, headers: { origin: 'https://evil.test' } })
  assertProblem(foreign, 403)
  assert.ok(!('set-cookie' in foreign.headers))
})

test('a body must be JSON, said to be so, small and of the right shape', async () => {
  const sql = (body: unknown, headers: Record<string, string> = {}) =>
    hive.call('POST', '/api/v1/sql', { cookie: admin, body, headers })
  for (const type of ['text/plain', 'application/x-www-form-urlencoded', 'application/jsonp', ''])
    assertProblem(await sql({ query: 'select 1' }, { 'content-type': type }), 415)
  assertProblem(await sql('{"query":'), 400)
  assertProblem(await sql(''), 400)
  assertProblem(await sql('null'), 400)
  assertProblem(await sql('"x"'), 400)
  assertProblem(await sql({}), 400, 'query')
  assertProblem(await sql({ query: 1 }), 400, 'query')
  assertProblem(await sql({ query: '' }), 400, 'query')
  assertProblem(await sql({ query: 'select 1', limit: 10_001 }), 400, 'limit')
  assertProblem(await sql({ query: 'select 1', more: 1 }), 400, 'more')
  assertProblem(await sql('{"query":"select 1","__proto__":{"a":1}}'), 400, '__proto__')
  assertProblem(await sql({ query: 'a'.repeat(70_000) }), 413)
  assert.equal((await sql({ query: 'select 1' }, { 'content-type': 'application/json; charset=utf-8' })).status, 200)
})

test('a fault of ours is logged with its stack and told without it', async t => {
  const store = createFakeStore(sharedRows)
  store.count = () => Promise.reject(new Error('secret detail'))
  const hive = await testHive({ store, status: testStatus, live: createLive() })
  t.after(hive.clean)
  const answer = await hive.call('GET', '/api/v1/count', { cookie: await hive.session(ADMIN) })
  assertProblem(answer, 500)
  assert.ok(!String(answer.body).includes('secret'))
  assert.match(String(hive.logged.find(([what]) => what === 'fault')![1].error), /secret detail[\s\S]*at /)
})

test('more questions than the store can take are turned away, and the rest are answered', async t => {
  const store = createFakeStore(sharedRows)
  let release = () => {}
  const held = new Promise<void>(resolve => {
    release = resolve
  })
  store.count = async () => {
    await held
    return 1
  }
  const hive = await testHive({ store })
  t.after(hive.clean)
  const cookie = await hive.session(ADMIN)
  const answers = Array.from({ length: 200 }, () => hive.call('GET', '/api/v1/count', { cookie }))
  await Promise.resolve()
  release()
  const statuses = (await Promise.all(answers)).map(answer => answer.status)
  assert.equal(statuses.filter(status => status === 200).length, 68)
  assert.equal(statuses.filter(status => status === 503).length, 132)
})

test('a hundred thousand junk requests leave nothing behind', async t => {
  const hive = await testHive()
  t.after(hive.clean)
  const paths = [
    '/api/v1/me',
    '/api/v1/count?x',
    '/api/v1/%ff',
    '/api/v1/sources/%00',
    '/wp-login.php',
    '/../../etc/passwd',
    '/api/v1/login',
  ]
  let answered = 0
  for (let n = 0; n < 100_000; n++) {
    const address = `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`
    const { status } = await hive.call(n % 2 ? 'GET' : 'POST', paths[n % paths.length]!, {
      address,
      cookie: `a=${n}`,
      body: { n },
    })
    if (status >= 400 || status === 200) answered++
  }
  assert.equal(answered, 100_000)
  assert.equal(hive.live.clients(), 0)
  assert.deepEqual(hive.logged, [])
})

test('the cookie is renewed by each log-in and belongs to this sensor’s certificate', async t => {
  const other = await testHive()
  t.after(other.clean)
  const names = [admin, cookieOf(await hive.login(ADMIN)), cookieOf(await other.login(ADMIN))].map(
    cookie => cookie.split('=')[0]!,
  )
  assert.equal(names[0], names[1])
  assert.notEqual(names[0], names[2])
  for (const name of names) assert.match(name, /^__Host-skep-[0-9a-f]{8}$/)
})

test('to the owner of the machine the same application is an admin’s, without a session', async () => {
  const ask = (method: string, target: string, headers: Record<string, string> = {}) =>
    hive.hive.ownersApp({
      method,
      target: `/api/v1${target}`,
      headers,
      address: '',
      body: async () => Buffer.from('{"query":"select 1"}'),
    })
  assert.equal(parsed(await ask('GET', '/me')).role, 'admin')
  const sample = await ask('GET', `/artifacts/${sampleHashes.sha256}`)
  assert.equal(sample.status, 200)
  await written(sample)
  const json = { 'content-type': 'application/json' }
  assert.equal((await ask('POST', '/sql', { ...json, 'x-skep-request': 'skep' })).status, 200)
  assertProblem(await ask('POST', '/sql', json), 403)
  const live = await ask('GET', '/live')
  const out = new PassThrough()
  const over = (live.body as (out: Writable) => Promise<void>)(out)
  for (let n = 0; n < 61; n++) hive.live.tick()
  assert.equal(hive.live.clients(), 1)
  out.destroy()
  await over
})
