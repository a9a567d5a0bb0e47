import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import * as v from 'valibot'
import { recorder } from '#events/event.ts'
import { createFakeStore, type Row } from '../testing.ts'
import {
  ADMIN,
  assertProblem,
  parsed,
  questions,
  START,
  sharedRows,
  someSession,
  someSource,
  testHive,
  VIEWER,
} from '../testing-hive.ts'

const hive = await testHive()
after(hive.clean)
const admin = await hive.session(ADMIN)
const viewer = await hive.session(VIEWER)
const get = (target: string, cookie = admin) => hive.call('GET', `/api/v1${target}`, { cookie })

for (const [target, shape] of questions)
  test(`GET ${target.replace(someSession, ':id').replace(encodeURIComponent(someSource), ':ip')} answers in its shape, to a viewer`, async () => {
    const answer = await get(target, viewer)
    assert.equal(answer.status, 200, String(answer.body))
    assert.equal(answer.headers['content-type'], 'application/json; charset=utf-8')
    assert.equal(answer.headers['cache-control'], 'no-store')
    v.parse(shape, parsed(answer))
  })

test('the answers are the store’s own', async () => {
  const store = createFakeStore(sharedRows)
  assert.equal(parsed(await get('/count')).count, sharedRows.length)
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
  const store = createFakeStore(sharedRows)
  const { from, to, now, before } = parsed(await get(`/overview?from=${START - span}&to=${START}`))
  assert.deepEqual([from, to], [START - span, START])
  assert.equal(now.events, await store.count({ from: START - span, to: START }))
  assert.equal(before.events, await store.count({ from: START - 2 * span, to: START - span }))
  assert.equal(before.sources, await store.distinct('source_ip', { from: START - 2 * span, to: START - span }))
})

test('the overview is asked of the store once in two seconds, however many pages ask', async t => {
  let asked = 0
  const store = createFakeStore(sharedRows)
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
  const ssh = sharedRows.filter(row => row.event.skep.service === 'ssh').at(-1)!
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

test('the overview leaves out what the program says about itself, unless asked for it', async t => {
  const own: Row[] = []
  const record = recorder(
    { service: 'supervisor' },
    { sensor: 'a', now: () => START - 1000, sink: event => void own.push({ event, place: {} }) },
  )
  record.health({ part: 'hive', state: 'started' })
  const hive = await testHive({ store: createFakeStore([...sharedRows, ...own]) })
  t.after(hive.clean)
  const cookie = await hive.session(ADMIN)
  const span = `from=${START - 3_600_000}&to=${START}`
  const overview = async (query: string) => parsed(await hive.call('GET', `/api/v1/overview?${query}`, { cookie }))
  const all = await overview(span)
  assert.equal(all.now.events, parsed(await get(`/count?${span}`)).count)
  assert.ok(!JSON.stringify(all.topServices).includes('supervisor'))
  assert.equal((await overview(`${span}&action=health`)).now.events, 1)
})
