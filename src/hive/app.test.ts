import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import * as v from 'valibot'
import { guardHeaders } from './app.ts'
import { createLive } from './live.ts'
import type { Answer } from './message.ts'
import * as shapes from './shapes.ts'
import { createFakeStore, inertSample, sampleHashes } from './testing.ts'
import { ADMIN, cookieOf, parsed, START, testHive, testRows, testStatus, VIEWER, written } from './testing-hive.ts'

const rows = testRows()
const hive = await testHive({}, rows)
after(hive.clean)
let admin = ''
let viewer = ''
before(async () => {
  admin = await hive.session(ADMIN)
  viewer = await hive.session(VIEWER)
})
const get = (target: string, cookie = admin) => hive.call('GET', `/api/v1${target}`, { cookie })

function assertProblem(answer: Answer, status: number, parameter?: string) {
  assert.equal(answer.status, status, String(answer.body))
  assert.equal(answer.headers['content-type'], 'application/problem+json')
  assert.equal(answer.headers['cache-control'], 'no-store')
  const problem = parsed(answer)
  assert.equal(problem.status, status)
  assert.equal(typeof problem.title, 'string')
  assert.equal(typeof problem.detail, 'string')
  assert.equal(problem.parameter, parameter)
}

const someSession = rows.find(row => row.event.skep.session)!.event.skep.session!
const someSource = rows[0]!.event.source!.ip

/** Every JSON question with a good request. */
const questions: [target: string, shape: v.GenericSchema][] = [
  ['/me', shapes.me],
  ['/status', shapes.status],
  ['/services', shapes.services],
  ['/overview', shapes.overview],
  [`/overview?from=${START - 3_600_000}&to=${START}&service=ssh`, shapes.overview],
  ['/count', shapes.number],
  ['/count?service=ssh&service=ftp&country!=CN&text=e', shapes.number],
  ['/distinct?field=source_ip', shapes.number],
  ['/top?by=user,password&limit=3', shapes.top],
  ['/histogram?interval=3600000', shapes.histogram],
  ['/histogram?interval=3600000&by=service&limit=2', shapes.histogram],
  ['/places?limit=3', shapes.places],
  ['/events?limit=5', shapes.eventPage],
  ['/sessions?limit=5', shapes.sessionPage],
  [`/sessions/${someSession}`, shapes.session],
  [`/sources/${encodeURIComponent(someSource)}`, shapes.source],
]

for (const [target, shape] of questions)
  test(`GET ${target.replace(someSession, ':id').replace(encodeURIComponent(someSource), ':ip')} answers in its shape, to a viewer`, async () => {
    const answer = await get(target, viewer)
    assert.equal(answer.status, 200, String(answer.body))
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    assert.equal(answer.headers['cache-control'], 'no-store')
    v.parse(shape, parsed(answer))
  })

test('the answers are the store’s own', async () => {
  const store = createFakeStore(rows)
  assert.equal(parsed(await get('/count')).count, rows.length)
  const where = [{ field: 'service' as const, values: ['ssh'] }]
  assert.equal(parsed(await get('/count?service=ssh')).count, await store.count({ where }))
  assert.deepEqual(parsed(await get('/top?by=user,password&limit=3')), await store.top(['user', 'password'], {}, 3))
  const first = parsed(await get('/events?limit=5'))
  const second = parsed(await get(`/events?limit=5&cursor=${first.next}`))
  assert.deepEqual([...first.items, ...second.items], (await store.events({}, 10)).items)
  assert.equal(parsed(await get(`/sessions/${someSession}`)).summary.session, someSession)
})

test('a histogram without a start looks back five hundred intervals', async () => {
  const buckets = parsed(await get('/histogram?interval=60000'))
  assert.ok(buckets.length > 0)
  assert.ok(buckets.every(({ at }: { at: number }) => at >= START - 501 * 60_000))
})

test('the overview sets now against the span just before', async () => {
  const span = 3_600_000
  const store = createFakeStore(rows)
  const { from, to, now, before } = parsed(await get(`/overview?from=${START - span}&to=${START}`))
  assert.deepEqual([from, to], [START - span, START])
  assert.equal(now.events, await store.count({ from: START - span, to: START }))
  assert.equal(before.events, await store.count({ from: START - 2 * span, to: START - span }))
  assert.equal(before.sources, await store.distinct('source_ip', { from: START - 2 * span, to: START - span }))
})

test('the overview is asked of the store once in two seconds, however many pages ask', async t => {
  let asked = 0
  const store = createFakeStore(rows)
  const count = store.count
  store.count = filter => {
    asked++
    return count(filter)
  }
  const hive = await testHive({ store })
  t.after(hive.clean)
  const cookie = await hive.session(ADMIN)
  const ask = (target = '/api/v1/overview') => hive.call('GET', target, { cookie })
  await Promise.all([ask(), ask(), ask()])
  assert.equal(asked, 2)
  await ask('/api/v1/overview?service=ssh')
  assert.equal(asked, 4)
  hive.clock.ms += 2000
  await ask()
  assert.equal(asked, 6)
})

test('services say when they last met somebody', async () => {
  const { services } = parsed(await get('/services'))
  const ssh = rows.filter(row => row.event.skep.service === 'ssh').at(-1)!
  assert.equal(services[0].last, Date.parse(ssh.event['@timestamp']))
  assert.equal(services[1].last, undefined)
  assert.equal(services[1].why, 'taken')
})

test('what is wrong with a query is said, with the parameter', async () => {
  for (const [target, parameter] of [
    ['/count?colour=red', 'colour'],
    ['/count?from=tomorrow', 'from'],
    ['/count?from=2&to=1', 'from'],
    ['/me?x=1', 'x'],
    ['/status?service=ssh', 'service'],
    ['/distinct', 'field'],
    ['/distinct?field=colour', 'field'],
    ['/top', 'by'],
    ['/top?by=user,colour', 'by'],
    ['/top?by=user,user,user,user', 'by'],
    ['/top?by=user&limit=1001', 'limit'],
    ['/histogram', 'interval'],
    ['/histogram?interval=999', 'interval'],
    ['/histogram?interval=1000&from=0', 'interval'],
    ['/events?limit=1001', 'limit'],
    ['/events?cursor=rubbish', undefined],
    [`/events?cursor=${'1'.repeat(513)}`, 'cursor'],
    ['/sources/localhost', 'ip'],
    ['/sources/192.0.2.1?service=ssh', 'service'],
    ['/sessions/%ff', undefined],
    ['/artifacts/..%2f..%2fsecret', 'sha256'],
    [`/artifacts/${'A'.repeat(64)}`, 'sha256'],
    ['/export', 'format'],
    ['/export?format=csv', 'format'],
  ] as const)
    assertProblem(await get(target), 400, parameter)
})

test('what is not there is 404', async () => {
  for (const target of [
    '/nothing',
    '/sessions/',
    '/sessions/a/b',
    '/sessions/unknown',
    '/sources/198.51.100.254',
    `/artifacts/${'0'.repeat(64)}`,
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
  assert.ok(!/unsafe|\*|https?:/.test(csp), csp)
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

test('SQL: rows for an admin, the engine’s own words for a mistake', async () => {
  const good = await hive.call('POST', '/api/v1/sql', { cookie: admin, body: { query: 'select 1', limit: 2 } })
  const { columns, rows } = v.parse(shapes.table, parsed(good))
  assert.deepEqual(columns, ['service', 'events'])
  assert.equal(rows.length, 2)
  const bad = await hive.call('POST', '/api/v1/sql', { cookie: admin, body: { query: 'selec 1' } })
  assertProblem(bad, 400, 'query')
  assert.match(parsed(bad).detail, /syntax error/)
})

test('a sample comes as it was left, to be saved and never shown, and that is logged', async () => {
  const answer = await get(`/artifacts/${sampleHashes.sha256}`)
  assert.equal(answer.status, 200)
  assert.deepEqual(await written(answer), inertSample)
  assert.equal(answer.headers['content-type'], 'application/octet-stream')
  assert.equal(answer.headers['content-disposition'], `attachment; filename="${sampleHashes.sha256}.sample"`)
  assert.match(answer.headers['content-security-policy']!, /sandbox/)
  assert.equal(answer.headers['x-content-type-options'], 'nosniff')
  assert.ok(
    hive.logged.some(
      ([what, { user, sha256 }]) => what === 'sample-taken' && user === 'admin' && sha256 === sampleHashes.sha256,
    ),
  )
})

test('export: every event of the filter, and no draft stays behind', async () => {
  const lines = String(await written(await get('/export?format=jsonl&service=ssh')))
    .trimEnd()
    .split('\n')
  const ssh = rows.filter(row => row.event.skep.service === 'ssh').length
  assert.equal(lines.length, ssh)
  for (const line of lines) v.parse(shapes.event, JSON.parse(line))
  const parquet = await get('/export?format=parquet&service=ssh')
  assert.equal(parquet.headers['content-disposition'], 'attachment; filename="skep-events.parquet"')
  assert.equal(JSON.parse(String(await written(parquet))).length, ssh)
  assert.deepEqual(readdirSync(join(hive.data, 'state', 'hive', 'exports')), [])
})

test('the API describes every route it has', async () => {
  const document = parsed(await hive.call('GET', '/api/v1/openapi.json'))
  assert.equal(document.openapi, '3.1.0')
  assert.deepEqual(Object.keys(document.paths).sort(), [
    '/api/v1/artifacts/{sha256}',
    '/api/v1/count',
    '/api/v1/distinct',
    '/api/v1/events',
    '/api/v1/export',
    '/api/v1/histogram',
    '/api/v1/live',
    '/api/v1/login',
    '/api/v1/logout',
    '/api/v1/me',
    '/api/v1/openapi.json',
    '/api/v1/overview',
    '/api/v1/password',
    '/api/v1/places',
    '/api/v1/services',
    '/api/v1/sessions',
    '/api/v1/sessions/{id}',
    '/api/v1/sources/{ip}',
    '/api/v1/sql',
    '/api/v1/status',
    '/api/v1/top',
  ])
  const top = document.paths['/api/v1/top'].get
  assert.deepEqual(
    top.parameters.slice(0, 2).map((p: { name: string; required: boolean }) => [p.name, p.required]),
    [
      ['by', true],
      ['limit', false],
    ],
  )
  assert.equal(top.responses[200].content['application/json'].schema.type, 'array')
  for (const { $ref } of top.parameters.slice(2))
    assert.ok(document.components.parameters[$ref.split('/').at(-1)], $ref)
  assert.equal(document.components.parameters.not_country.name, 'country!')
  assert.deepEqual(document.paths['/api/v1/login'].post.security, [])
  assert.deepEqual(document.paths['/api/v1/login'].post.requestBody.content['application/json'].schema.required, [
    'user',
    'password',
  ])
})

test('a fault of ours is logged with its stack and told without it', async t => {
  const store = createFakeStore(rows)
  store.count = () => Promise.reject(new Error('secret detail'))
  const hive = await testHive({ store, status: testStatus, live: createLive() })
  t.after(hive.clean)
  const answer = await hive.call('GET', '/api/v1/count', { cookie: await hive.session(ADMIN) })
  assertProblem(answer, 500)
  assert.ok(!String(answer.body).includes('secret'))
  assert.match(String(hive.logged.find(([what]) => what === 'fault')![1].error), /secret detail[\s\S]*at /)
})

test('more questions than the store can take are turned away, and the rest are answered', async t => {
  const store = createFakeStore(rows)
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
