import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { describe, test } from 'node:test'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { apart, bye, connect, props, publish, str, subscribe, u16, u32 } from '../../../test/oracle/mqtt/packets.ts'
import { testPersona } from '../testing/persona.ts'
import { subscribe as add, type Broker, keptFor, newBroker, newSession, route } from './broker.ts'
import { installationOf, waverOf } from './devices.ts'
import mqtt from './index.ts'
import { pulse, untilPulse } from './live.ts'
import { systemTopics } from './sys.ts'

const START = Date.UTC(2026, 0, 15, 12)

/** A broker of such an installation, whose clock the test sets. */
function brokerAt(installation: string): { broker: Broker; clock: { now: number } } {
  const clock = { now: START }
  const waver = waverOf(testPersona)
  const { sources, clients, react } = installationOf(testPersona, waver, installation)
  const load = { version: '2.0.11', startedAt: START - 9_000_000, rate: 0.2, clients, listeners: 1 }
  const system = systemTopics({ ...load, waver })
  const broker = newBroker({ sources: [...system, ...sources], react }, () => clock.now)
  pulse(broker)
  return { broker, clock }
}
const kept = (broker: Broker, filter: string) =>
  new Map(keptFor(broker, filter, broker.now()).map(({ topic, payload }) => [topic, String(payload)]))

describe('the installation', () => {
  for (const installation of ['home', 'factory'])
    test(`${installation}: its readings follow the time, the same at every visit`, () => {
      const { broker, clock } = brokerAt(installation)
      const first = kept(broker, '#')
      assert.ok(first.size > 12, `${first.size} topics`)
      clock.now += 15 * 60_000
      pulse(broker)
      const later = kept(broker, '#')
      const changed = [...first].filter(([topic, payload]) => later.get(topic) !== payload)
      assert.ok(changed.length > 2 && changed.length < first.size, `${changed.length} of ${first.size} changed`)
      const again = brokerAt(installation)
      again.clock.now = clock.now
      pulse(again.broker)
      assert.deepEqual(kept(again.broker, '#'), later)
    })
  test('who listens hears what comes due, and is told when to look again', () => {
    const { broker, clock } = brokerAt('factory')
    const session = newSession(broker, 'listener', 4)
    add(broker, '+/line1/+/temperature', { session, qos: 1, identifier: 0, noLocal: false, asPublished: false })
    session.queue.length = 0
    const wait = untilPulse(broker)
    assert.ok(wait > 0 && wait <= 10_000)
    clock.now += 10_000
    pulse(broker)
    // Readings come at QoS 0: nobody keeps them for who is away.
    assert.equal(session.queue.length, 0)
    route(broker, { ...[...keptFor(broker, '+/line1/+/temperature', clock.now)][0]!, qos: 1 })
    assert.equal(session.queue.length, 1)
  })
  test('$SYS tells what changed within a minute, and the version always', () => {
    const { broker, clock } = brokerAt('none')
    const first = kept(broker, '$SYS/#')
    assert.equal(first.get('$SYS/broker/version'), 'mosquitto version 2.0.11')
    assert.match(first.get('$SYS/broker/uptime')!, /^\d+ seconds$/)
    assert.equal(first.has('$SYS/broker/clients/total'), false)
    newSession(broker, 'somebody', 4)
    clock.now += 10_000
    pulse(broker)
    assert.ok(Number(kept(broker, '$SYS/#').get('$SYS/broker/clients/total')) > 0)
    for (let i = 0; i < 8; i++) {
      clock.now += 10_000
      pulse(broker)
    }
    assert.equal(kept(broker, '$SYS/#').has('$SYS/broker/clients/total'), false)
  })
})

/** A client of an attacker's, and what it hears. */
function dial(memory: Map<string, object>, now: () => number = () => START) {
  const [client, server] = duplexPair()
  let heard = Buffer.alloc(0)
  client.on('data', (bytes: Buffer) => (heard = Buffer.concat([heard, bytes])))
  for (const wire of [client, server]) wire.on('error', () => {})
  const { record, events } = listeningRecorder()
  const conn = new Conn(server, { ...defaultLimits, ...mqtt.limits })
  const cx = { ...testContext(mqtt, record, { memory, options: { installation: 'none' } }), now }
  const ending = mqtt.session!(conn, cx).then(
    () => 'done',
    error => String(error.reason ?? error.message),
  )
  const settle = async () => {
    for (let i = 0; i < 8; i++) await new Promise(setImmediate)
  }
  return {
    events,
    ending,
    async say(...packets: string[]) {
      heard = Buffer.alloc(0)
      client.write(packets.join(''), 'latin1')
      await settle()
      return apart(heard)
    },
    async hear() {
      await settle()
      return apart(heard)
    },
    async go() {
      client.destroy()
      conn.hangup('reset')
      await ending
      await settle()
    },
  }
}

test('one attacker never hears another', async () => {
  const [one, two] = [dial(new Map()), dial(new Map())]
  for (const client of [one, two]) await client.say(connect(), subscribe(1, ['#', 0]))
  assert.equal((await one.say(publish('a', 'mine', 0x31))).length, 1)
  assert.equal((await two.hear()).length, 2)
  assert.deepEqual(await two.say(subscribe(2, ['a', 0])), ['\x90\x03\0\x02\0'])
  for (const client of [one, two]) await client.go()
})

test('a will that is to wait speaks later, unless its client comes back', async () => {
  const memory = new Map<string, object>()
  let now = START
  const heir = dial(memory, () => now)
  await heir.say(connect({ id: 'heir' }), subscribe(1, ['gone', 0]))
  const dying = {
    version: 5,
    id: 'dying',
    flags: 0x06,
    props: props(`\x11${u32(100)}`),
    rest: `${props(`\x18${u32(5)}`)}${str('gone')}${str('bye')}`,
  }
  const first = dial(memory, () => now)
  await first.say(connect(dying))
  await first.go()
  assert.deepEqual(await heir.say('\xc0\0'), ['\xd0\0'])
  now += 6000
  assert.deepEqual(await heir.say('\xc0\0'), ['\x30\x09\0\x04gonebye', '\xd0\0'])
  const second = dial(memory, () => now)
  await second.say(connect(dying))
  await second.go()
  const third = dial(memory, () => now)
  await third.say(connect({ ...dying, flags: 0, rest: '' }))
  now += 6000
  assert.deepEqual(await heir.say('\xc0\0'), ['\xd0\0'])
  for (const client of [heir, third]) await client.go()
})

test('what a broker holds is bounded', async () => {
  const memory = new Map<string, object>()
  const client = dial(memory)
  await client.say(connect())
  const body = 'x'.repeat(100_000)
  for (let i = 0; i < 120; i++) await client.say(publish(`k/${i}`, body, 0x33, u16(i + 1)))
  const broker = memory.get('mqtt') as Broker
  assert.ok(broker.bytes <= 8 << 20 && broker.bytes > 7 << 20, `${broker.bytes} bytes`)
  broker.drop()
  assert.equal(broker.bytes, 0)
  assert.equal(client.events.filter(({ name }) => name === 'fileUpload').length, 120)
  await client.say(bye)
  assert.equal(await client.ending, 'done')
})
