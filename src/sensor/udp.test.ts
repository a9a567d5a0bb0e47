import assert from 'node:assert/strict'
import dgram from 'node:dgram'
import { once } from 'node:events'
import { test } from 'node:test'
import * as v from 'valibot'
import { numbers } from '#codec/testing.ts'
import type { Event } from '#events/event.ts'
import type { Persona } from '#persona/persona.ts'
import { Attackers } from './attackers.ts'
import { type Running, run } from './converse.ts'
import { Malformed } from './endings.ts'
import { service, udp, type Withheld } from './service.ts'
import { type Outlet, type UdpOptions, udpSide } from './udp.ts'

type Sent = { reply: Buffer; port: number; address: string }

/** A service, the side that runs it, and a way to it without a socket. */
function side(
  datagram: (packet: Buffer, cx: unknown, room: number) => Buffer | readonly Buffer[] | Withheld | undefined,
  options: Partial<UdpOptions> = {},
  saves?: true,
) {
  let clock = 1_700_000_000_000
  const events: Event[] = []
  const sent: Sent[] = []
  const world = {
    persona: {} as Persona,
    recording: { sensor: 'test', sink: (event: Event) => void events.push(event), now: () => clock },
    attackers: new Attackers(),
    sample: () => assert.fail('No samples here'),
    terminal: () => assert.fail('No terminals here'),
    random: (bytes: number) => Buffer.alloc(bytes),
  }
  const house = udpSide(world, { gate: () => undefined, budget: { perSource: 1e9, overall: 1e9 }, ...options })
  const running = run(
    service({
      name: 'echo',
      title: 'Echo',
      replaces: [],
      listen: [udp(7)],
      options: v.strictObject({}),
      datagram,
      ...(saves && { saves }),
    }),
    {},
    world.persona,
  ) as Running
  const outlet: Outlet = {
    address: '192.0.2.7',
    port: 7,
    send: (reply, port, address) => void sent.push({ reply, port, address }),
  }
  const hear = (text: string | Buffer, address = '198.51.100.1', port = 40_000, to: Partial<Outlet> = {}) =>
    house.hear(running, { ...outlet, ...to }, Buffer.from(text), { address, port })
  const pass = (seconds: number) => {
    while (seconds-- > 0) {
      clock += 1000
      house.sweep()
    }
  }
  const actions = () => events.map(event => event.event.action)
  return { house, running, hear, pass, sent, events, actions }
}
const echo = (packet: Buffer) => packet

test('an answer as large as its question is sent, a larger one is withheld and counted', async () => {
  const { house, hear, sent } = side(packet => Buffer.alloc(packet[0]!))
  await hear(Buffer.of(3, 0, 0))
  await hear(Buffer.of(4, 0, 0))
  await hear(Buffer.of(2, 0, 0))
  assert.deepEqual(
    sent.map(({ reply }) => reply.length),
    [3, 2],
  )
  assert.equal(house.stats().refused, 1)
})

type Reflection = Event & { skep: { reflection: { requests: number; received: number; withheld: number } } }
const reflected = (events: Event[]) =>
  events.filter(event => event.event.action === 'reflection').map(event => event as Reflection)

test('forged senders: no byte more goes to a victim than came in its name, and each victim is measured', async () => {
  const { hear, pass, sent, events, house } = side(() => Buffer.alloc(1400))
  for (let i = 0; i < 5000; i++) await hear('stats\r\n', `198.51.100.${1 + (i % 5)}`, 1024 + i)
  pass(11)
  assert.equal(sent.length, 0)
  assert.equal(house.stats().refused, 5000)
  const told = reflected(events)
  assert.deepEqual(
    told.map(event => [event.source!.ip, event.skep.reflection]),
    [1, 2, 3, 4, 5].map(i => [`198.51.100.${i}`, { requests: 1000, received: 7000, withheld: 1_400_000 }]),
  )
  pass(30)
  assert.equal(reflected(events).length, 5)
})

test('an attack that lasts is told once a minute, and its rest at the end', async () => {
  const { hear, pass, events, house } = side(() => Buffer.alloc(100))
  for (let second = 0; second < 90; second++) {
    await hear('x')
    pass(1)
  }
  house.close()
  const told = reflected(events).map(event => event.skep.reflection.requests)
  assert.equal(told.length, 2)
  assert.equal(told[0]! + told[1]!, 90)
})

test('a service may say what its product would have sent, and send something small instead', async () => {
  const { hear, pass, sent, events } = side(packet => ({ withheld: 4096, answer: packet.subarray(0, 2) }))
  await hear('question')
  pass(11)
  assert.deepEqual(
    sent.map(({ reply }) => String(reply)),
    ['qu'],
  )
  assert.deepEqual(
    reflected(events).map(event => event.skep.reflection),
    [{ requests: 1, received: 8, withheld: 4096 }],
  )
})

test('a flood from 20,000 forged addresses is tallied for no more than there is room for', async () => {
  const { hear, pass, sent, events } = side(() => Buffer.alloc(600), { caps: { sources: 50, flows: 100 } })
  for (let i = 0; i < 20_000; i++) await hear('x', `10.1.${i >> 8}.${i & 255}`)
  pass(11)
  assert.equal(sent.length, 0)
  assert.equal(reflected(events).length, 50)
})

test('where a service saves, an address that asks again gets a larger answer, for what it sent itself', async () => {
  const rooms: number[] = []
  const { hear, pass, sent } = side(
    (_, __, room) => {
      rooms.push(room)
      return Buffer.alloc(100)
    },
    {},
    true,
  )
  for (let i = 0; i < 3; i++) await hear('x'.repeat(40))
  assert.deepEqual(rooms, [40, 80, 120])
  assert.equal(sent.length, 1)
  for (let i = 0; i < 2; i++) await hear('x'.repeat(40))
  assert.equal(sent.length, 2)
  await hear('x'.repeat(99), '198.51.100.2')
  assert.equal(sent.length, 2)
  await hear('x'.repeat(99))
  pass(60)
  await hear('x')
  assert.equal(sent.length, 2)
  assert.equal(rooms.at(-1), 1)
})

test('an answer of several datagrams has no more bytes together than its question', async () => {
  const { hear, sent } = side(() => [Buffer.alloc(40), Buffer.alloc(40), Buffer.alloc(40)])
  await hear('x'.repeat(100))
  assert.deepEqual(
    sent.map(({ reply }) => reply.length),
    [40, 40],
  )
  await hear('x'.repeat(120), '198.51.100.9')
  assert.equal(sent.length, 5)
})

test('a flood of questions of all sizes with forged senders: nobody is sent more than came from them', async () => {
  for (const saves of [undefined, true] as const) {
    const draw = numbers(20_261_123)
    const { hear, pass, sent } = side(
      packet => Buffer.alloc(packet[0]! * 8),
      { caps: { sources: 64, flows: 64 } },
      saves,
    )
    const received = new Map<string, number>()
    for (let i = 0; i < 20_000; i++) {
      const address = `198.51.100.${draw(200)}`
      const question = Buffer.alloc(1 + draw(300), draw(256))
      received.set(address, (received.get(address) ?? 0) + question.length)
      await hear(question, address, 1024 + draw(5))
      if (draw(200) === 0) pass(1)
    }
    const bytes = new Map<string, number>()
    for (const { reply, address } of sent) bytes.set(address, (bytes.get(address) ?? 0) + reply.length)
    assert.ok(sent.length > 500)
    for (const [address, out] of bytes) assert.ok(out <= received.get(address)!, address)
  }
})

test('an address has a budget a minute; another has its own', async () => {
  const { hear, pass, sent, house } = side(echo, { budget: { perSource: 3, overall: 100 } })
  for (let i = 0; i < 10; i++) await hear('x', '198.51.100.1', 1024 + i)
  assert.equal(sent.length, 3)
  await hear('x', '198.51.100.2')
  assert.equal(sent.length, 4)
  pass(30)
  await hear('x')
  assert.equal(sent.length, 4)
  pass(30)
  await hear('x')
  assert.equal(sent.length, 5)
  assert.equal(house.stats().refused, 8)
})

test('the budget of an IPv6 host is that of its /64', async () => {
  const { hear, sent } = side(echo, { budget: { perSource: 2, overall: 100 } })
  for (const host of [':1', ':2', '1:2:3:4', 'ffff::1', '0:0:0:3']) await hear('x', `2001:db8:0:1:${host}`)
  assert.equal(sent.length, 2)
  await hear('x', '2001:db8:0:2::1')
  await hear('x', '2001:db8::1')
  assert.equal(sent.length, 4)
})

test('the whole sensor has a budget a second', async () => {
  const { hear, pass, sent } = side(echo, { budget: { perSource: 100, overall: 5 } })
  for (let i = 0; i < 20; i++) await hear('x', `198.51.100.${i}`)
  assert.equal(sent.length, 5)
  pass(1)
  await hear('x')
  assert.equal(sent.length, 6)
})

test('100,000 datagrams from as many addresses leave bounded maps, and every flow is closed once', async () => {
  const { house, hear, pass, events } = side(echo, { budget: { perSource: 30, overall: 1e9 } })
  let [most, mostSources] = [0, 0]
  for (let i = 0; i < 100_000; i++) {
    await hear('x', `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`, 1024 + (i % 60_000))
    if (i % 1000 === 0) {
      most = Math.max(most, house.stats().held)
      mostSources = Math.max(mostSources, house.stats().sources)
    }
  }
  assert.equal(most, 8192)
  assert.equal(mostSources, 8192)
  pass(61)
  const { held, sources, refused } = house.stats()
  assert.deepEqual([held, sources, refused], [0, 0, 100_000 - 8192])
  const closed = events.filter(event => event.event.action === 'connection-closed')
  assert.equal(closed.length, 100_000)
  assert.equal(new Set(closed.map(event => event.skep.session)).size, 100_000)
})

test('a flow is one session until it falls silent, and its end tells the bytes each way', async () => {
  const { hear, pass, events, actions, house } = side(packet => (packet.length > 2 ? packet.subarray(1) : undefined))
  await hear('first')
  pass(20)
  await hear('ab')
  pass(20)
  assert.equal(house.stats().held, 1)
  assert.deepEqual(house.stats().connections, { echo: 1 })
  pass(11)
  await hear('again')
  assert.deepEqual(actions(), ['connection-opened', 'connection-closed', 'connection-opened'])
  const [opened, closed, next] = events
  assert.equal(opened!.skep.session, closed!.skep.session)
  assert.notEqual(opened!.skep.session, next!.skep.session)
  assert.deepEqual([closed!.source!.bytes, closed!.destination!.bytes], [7, 4])
  assert.equal((closed!.event as unknown as { reason: string }).reason, 'idle')
  house.close()
  assert.equal((events.at(-1)!.event as unknown as { reason: string }).reason, 'shutdown')
})

test('over the cap, the flow silent for longest is closed, not the oldest', async () => {
  const { hear, events } = side(echo, { caps: { sources: 100, flows: 2 } })
  await hear('x', '198.51.100.1')
  await hear('x', '198.51.100.2')
  await hear('x', '198.51.100.1')
  await hear('x', '198.51.100.3')
  const closed = events.filter(event => event.event.action === 'connection-closed')
  assert.deepEqual(
    closed.map(event => event.source!.ip),
    ['198.51.100.2'],
  )
})

test('a fault of ours and a breach of the protocol are events; the next datagram is answered', async () => {
  const { hear, sent, events, actions } = side(packet => {
    if (packet[0] === 0) throw new TypeError('ours')
    if (packet[0] === 1) throw new Malformed('theirs')
    return packet
  })
  await hear(Buffer.of(0))
  await hear(Buffer.of(1, 2))
  await hear(Buffer.of(2))
  assert.deepEqual(actions(), ['connection-opened', 'service-error', 'malformed'])
  assert.match((events[1] as unknown as { error: { stack_trace: string } }).error.stack_trace, /TypeError: ours/)
  assert.equal((events[2]!.skep as { bytes?: string }).bytes, '\x01\x02')
  assert.equal(sent.length, 1)
})

test('a fault at the end of a flow is an event, and the others end as ever', async () => {
  const { running, hear, pass, events, actions } = side(echo)
  Object.assign(running.service, {
    silent: ({ source }: { source: { port: number } }) => {
      if (source.port === 1) throw new Error('ours')
    },
  })
  await hear('a', '198.51.100.1', 1)
  await hear('b', '198.51.100.1', 2)
  pass(31)
  assert.deepEqual(actions().slice(2), ['service-error', 'connection-closed', 'connection-closed'])
  assert.match(JSON.stringify(events), /Error: ours/)
})

test('addresses are plain, and one of ours is told even behind a wildcard', async () => {
  const { hear, events, sent } = side(echo)
  await hear('x', '::ffff:198.51.100.9', 5, { address: '::' })
  await hear('x', '2001:DB8:0::5%eth0', 5, { address: '2001:db8::7' })
  await hear('x', '198.51.100.9', 6, { address: '0.0.0.0' })
  const [mapped, six, four] = events
  assert.equal(mapped!.source!.ip, '198.51.100.9')
  assert.match(mapped!.destination!.ip, /^\d+\.\d+\.\d+\.\d+$/)
  assert.doesNotMatch(mapped!.destination!.ip, /^127\./)
  assert.equal(mapped!.destination!.ip, four!.destination!.ip)
  assert.deepEqual([six!.source!.ip, six!.destination!.ip], ['2001:db8::5', '2001:db8::7'])
  assert.equal((six as unknown as { network: { type: string } }).network.type, 'ipv6')
  // The kernel wants it back as it gave it.
  assert.equal(sent[0]!.address, '::ffff:198.51.100.9')
})

test('an answer waits until what was recorded is on disk', async () => {
  let durable = () => {}
  const { hear, sent } = side(echo, { gate: () => new Promise<void>(resolve => (durable = resolve)) })
  const heard = hear('x')
  await new Promise(setImmediate)
  assert.equal(sent.length, 0)
  durable()
  await heard
  assert.equal(sent.length, 1)
})

test('nothing that goes wrong with sending is anything but a lost answer', async () => {
  const refuse = () => {
    throw Object.assign(new Error('Access to this API has been restricted'), { code: 'ERR_ACCESS_DENIED' })
  }
  const { house, hear, sent, pass, events } = side(echo)
  await hear('x', '198.51.100.1', 1, { send: refuse })
  // A forged port that nobody can be reached at.
  await hear('x', '198.51.100.1', 0)
  const broken = side(echo, { gate: () => Promise.reject(new Error('disk')) })
  await broken.hear('x')
  assert.deepEqual([sent.length, broken.sent.length, house.stats().refused, broken.house.stats().refused], [0, 0, 2, 1])
  pass(31)
  assert.equal(events.filter(event => event.destination?.bytes === 0).length, 2)
})

test('over loopback: taken, bound, answered, closed', async () => {
  const { house, running, events } = side(echo)
  const squatter = dgram.createSocket('udp4').bind(0, '127.0.0.1')
  await once(squatter, 'listening')
  const { port } = squatter.address()
  const taken = await house.bind(running, udp(7), '127.0.0.1', port)
  assert.deepEqual([taken.why, taken.code], ['taken', 'EADDRINUSE'])
  squatter.close()
  await once(squatter, 'close')
  assert.equal((await house.bind(running, udp(7), '127.0.0.1', port)).why, undefined)
  const client = dgram.createSocket('udp4')
  client.send('ping', port, '127.0.0.1')
  const [answer] = (await once(client, 'message')) as [Buffer]
  assert.equal(answer.toString(), 'ping')
  assert.deepEqual(events[0]!.destination, { ip: '127.0.0.1', port })
  client.close()
  house.close()
})
