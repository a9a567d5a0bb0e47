import assert from 'node:assert/strict'
import { test } from 'node:test'
import { assemble } from './streams.ts'
import { captured } from './testing.ts'

const from = { sourcePort: 40_000, destinationPort: 80 }
const startOf = (event: { skep: object }) => (event.skep as { payload: string }).payload

test('what a client sends to nobody is put together by sequence number, repeated and out of order', async () => {
  const c = captured({ passive: true })
  c.come({ ...from, flags: 2, sequence: 99, payload: Buffer.from('GET ') })
  c.come({ ...from, flags: 0x18, sequence: 112, payload: Buffer.from('TTP/1.0\r\n\r\n') })
  c.come({ ...from, flags: 0x18, sequence: 104, payload: Buffer.from('/shell') })
  c.come({ ...from, flags: 0x18, sequence: 104, payload: Buffer.from('/shell') })
  c.come({ ...from, flags: 0x18, sequence: 108, payload: Buffer.from('ll H') })
  c.pass(31)
  const [payload] = await c.of('payload')
  assert.equal(startOf(payload!), 'GET /shell HTTP/1.0\r\n\r\n')
  const actions = c.events.filter(event => event.skep.service === 'unanswered').map(event => event.event.action)
  assert.deepEqual(actions, ['connection-opened', 'payload', 'connection-closed'])
})

test('pieces: the first to come holds, gaps are left out', () => {
  const piece = (at: number, text: string) => ({ at, bytes: Buffer.from(text) })
  assert.equal(assemble([piece(4, 'cd'), piece(0, 'ab'), piece(1, 'XY')]).toString(), 'abYcd')
  assert.equal(assemble([]).length, 0)
})

test('without a SYN, an earlier byte may come later; sequence numbers wrap', async () => {
  const c = captured({ passive: true })
  c.come({ ...from, flags: 0x18, sequence: 2, payload: Buffer.from('world') })
  c.come({ ...from, flags: 0x18, sequence: 0xfffffffc, payload: Buffer.from('hello ') })
  c.come({ ...from, flags: 4, sequence: 7 })
  const [payload] = await c.of('payload')
  assert.equal(startOf(payload!), 'hello world')
})

test('a flood of streams is bounded in number and in bytes, and each is told', async () => {
  const c = captured({ passive: true })
  for (let n = 0; n < 3000; n++)
    c.come({ sourcePort: 1000 + n, destinationPort: 80, flags: 0x18, payload: Buffer.alloc(1000, 65) })
  c.seen.close()
  assert.equal((await c.of('payload')).length, 3000)
  assert.equal((await c.of('connection-closed')).length, 3000)
})

test('every packet is an event, within a budget, and what is over it is counted', async () => {
  const c = captured({ passive: true })
  for (let n = 0; n < 300; n++) c.come({ destinationPort: n, flags: 2, sequence: n * 7 })
  assert.equal((await c.of('packet')).length, 200)
  assert.equal(c.lost.take()[0]!.count, 100)
  const [packet] = c.events
  assert.deepEqual((packet!.skep as unknown as { packet: { flags: string[] } }).packet.flags, ['syn'])
})
