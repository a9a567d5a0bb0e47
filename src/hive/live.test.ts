import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { test } from 'node:test'
import { createLive, type LiveOptions } from './live.ts'
import { liveEvent } from './live-event.ts'
import { Problem } from './problem.ts'
import { testRows } from './testing-hive.ts'

const rows = testRows(300)
/** The clock of these tests is `tick()`. */
const setUp = (options: LiveOptions = {}) => createLive({ interval: 1 << 30, ...options })

function client(live: ReturnType<typeof setUp>, allowed = () => true) {
  let read = ''
  const out = new Writable({
    write(chunk, _, done) {
      read += chunk
      done()
    },
  })
  const over = live.listen(allowed)(out)
  return {
    out,
    over,
    /** Messages since the last call. */
    messages(): string[] {
      const whole = read.split('\n\n').filter(Boolean)
      read = ''
      return whole
    },
  }
}
const events = (message: string) => JSON.parse(message.replace(/^data: /, '')) as { id: string }[]

test('what is published between two ticks arrives as one array, in order, at every client', t => {
  const live = setUp()
  t.after(() => live.close())
  const clients = [client(live), client(live)]
  live.publish(rows.slice(0, 3))
  live.publish(rows.slice(3, 5))
  live.tick()
  for (const { messages } of clients) {
    const [retry, data, ...rest] = messages()
    assert.equal(retry, 'retry: 3000')
    assert.deepEqual(
      events(data!).map(event => event.id),
      rows.slice(0, 5).map(row => row.event.event.id),
    )
    assert.deepEqual(rest, [])
  }
  live.tick()
  assert.deepEqual(clients[0]!.messages(), [])
})

test('more than a message holds is counted, and the count is told', t => {
  const live = setUp({ perMessage: 500 })
  t.after(() => live.close())
  const { messages } = client(live)
  live.publish(rows.slice(0, 700))
  live.tick()
  const [, data, dropped] = messages()
  assert.equal(events(data!).length, 500)
  assert.equal(dropped, 'event: dropped\ndata: 200')
  live.publish(rows.slice(0, 1))
  live.tick()
  assert.equal(messages().length, 1)
})

test('attacker text cannot break out of its message', t => {
  const live = setUp()
  t.after(() => live.close())
  const { messages } = client(live)
  const { event, place } = rows[0]!
  live.publish([{ event: { ...event, message: 'a\n\nevent: dropped\r\ndata: 9\u2028' }, place }])
  live.tick()
  const all = messages()
  assert.equal(all.length, 2)
  assert.equal(
    (events(all[1]!) as unknown as { summary: string }[])[0]!.summary,
    'a\n\nevent: dropped\r\ndata: 9\u2028',
  )
})

test('nothing is kept for nobody', t => {
  const live = setUp()
  t.after(() => live.close())
  live.publish(rows)
  const { messages } = client(live)
  live.tick()
  assert.deepEqual(messages(), ['retry: 3000'])
})

test('a quiet stream says it is alive', t => {
  const live = setUp({ heartbeatEvery: 2 })
  t.after(() => live.close())
  const { messages } = client(live)
  messages()
  live.tick()
  assert.deepEqual(messages(), [])
  live.tick()
  assert.deepEqual(messages(), [': still here'])
})

test('a client that does not read is cut off; the others go on', async t => {
  const live = setUp({ maxBacklog: 200_000 })
  t.after(() => live.close())
  const slow = new Writable({ write() {} })
  const over = live.listen(() => true)(slow)
  const { messages } = client(live)
  for (let n = 0; n < 20 && !slow.destroyed; n++) {
    live.publish(rows.slice(0, 500))
    live.tick()
  }
  await over
  assert.ok(slow.destroyed)
  assert.ok(slow.writableLength < 400_000)
  assert.equal(live.clients(), 1)
  assert.ok(messages().length > 1)
})

test('who is logged out is cut off at the next heartbeat', async t => {
  const live = setUp({ heartbeatEvery: 1 })
  t.after(() => live.close())
  let allowed = true
  const { out, over } = client(live, () => allowed)
  live.tick()
  assert.equal(live.clients(), 1)
  allowed = false
  live.tick()
  await over
  assert.ok(out.destroyed)
})

test('the number of clients is bounded', t => {
  const live = setUp({ maxClients: 2 })
  t.after(() => live.close())
  client(live)
  client(live)
  assert.throws(
    () => live.listen(() => true),
    (error: Problem) => error instanceof Problem && error.status === 503,
  )
})

test('a client that leaves makes room', async t => {
  const live = setUp({ maxClients: 1 })
  t.after(() => live.close())
  const { out, over } = client(live)
  out.destroy()
  await over
  assert.equal(live.clients(), 0)
  client(live)
})

test('the last event of a listener: from the store at first, then from what comes in', async () => {
  const live = setUp()
  const { event } = rows[0]!
  const { service } = event.skep
  const port = event.destination!.port!
  let asked = 0
  const last = () => live.lastSeen(service, port, async () => void asked++)
  assert.equal(await last(), undefined)
  live.publish([rows[0]!])
  assert.equal(await last(), Date.parse(event['@timestamp']))
  assert.equal(asked, 1)
  assert.equal(await live.lastSeen(service, port + 1, async () => 5), 5)
})

test('a store that fails is asked again', async () => {
  const live = setUp()
  await assert.rejects(
    live.lastSeen('ssh', 22, () => Promise.reject(new Error('down'))),
    /down/,
  )
  assert.equal(await live.lastSeen('ssh', 22, async () => 7), 7)
})

test('the compact form of every action has one line of text, of bounded length', () => {
  const seen = new Map<string, string>()
  for (const { event, place } of rows) {
    const { action, summary } = liveEvent(event, place)
    assert.ok(summary.length <= 201)
    if (!seen.get(action)) seen.set(action, summary)
  }
  const opened = seen.get('connection-opened')
  seen.delete('connection-opened')
  assert.equal(opened, '')
  for (const [action, summary] of seen) assert.notEqual(summary, '', action)
  assert.match(seen.get('login')!, /^.+ \/ .+$/)
  assert.match(seen.get('request')!, /^GET \/\S* → \d{3}$/)
})
