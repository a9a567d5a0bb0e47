import assert from 'node:assert/strict'
import { duplexPair } from 'node:stream'
import { test } from 'node:test'
import { Conn, defaultLimits } from '#sensor/conn.ts'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import * as frames from '../../../test/oracle/amqp/frames.ts'
import amqp from './index.ts'
import { topicFits } from './routing.ts'
import type { Vhost } from './vhost.ts'

test('topics fit by words, with one or any number in between', () => {
  for (const [pattern, key, fits] of [
    ['#', '', true],
    ['#', 'a.b', true],
    ['*', 'a', true],
    ['*', 'a.b', false],
    ['a.#.b', 'a.b', true],
    ['a.#.b', 'a.x.y.b', true],
    ['a.#.b', 'a.b.c', false],
    ['#.#.#.a', `${'x.'.repeat(90)}a`, true],
    ['', '', true],
    ['a.*', 'a', false],
  ] as const)
    assert.equal(topicFits(pattern, key), fits, `${pattern} ${key}`)
})

/** A connection of an attacker's behind its log-in, and what it hears. */
async function dial(memory: Map<string, object>) {
  const [client, server] = duplexPair()
  let heard = ''
  client.on('data', (bytes: Buffer) => (heard += bytes.toString('latin1')))
  for (const wire of [client, server]) wire.on('error', () => {})
  const conn = new Conn(server, { ...defaultLimits, ...amqp.limits })
  const cx = testContext(amqp, listeningRecorder().record, { memory, options: { guest: true } })
  const ending = amqp.session!(conn, cx).catch(error => error)
  const settle = async () => {
    for (let i = 0; i < 8; i++) await new Promise(setImmediate)
  }
  const say = async (...bytes: string[]) => {
    heard = ''
    client.write(bytes.join(''), 'latin1')
    await settle()
    return heard
  }
  await say(frames.HEADER)
  await say(frames.plain('guest', 'guest'))
  await say(frames.tuneOk(), frames.open(), frames.channelOpen())
  return {
    say,
    async hear() {
      await settle()
      return heard
    },
    async go() {
      client.destroy()
      conn.hangup('reset')
      await ending
    },
  }
}

test('what one connection publishes another of the same attacker consumes, and nobody else', async () => {
  const memory = new Map<string, object>()
  const [one, two, other] = [await dial(memory), await dial(memory), await dial(new Map())]
  for (const connection of [two, other]) await connection.say(frames.queue('q'), frames.consume('q', 'c'))
  await one.say(frames.publish('', 'q', 'across'))
  assert.match(await two.hear(), /across/)
  assert.doesNotMatch(await other.hear(), /across/)
  // What was not acknowledged goes back when its connection breaks off.
  await two.go()
  assert.match(await one.say(frames.get('q', 1)), /\x01\0\x01q\0\0\0\0.*across/s)
  for (const connection of [one, other]) await connection.go()
})

test('exclusive queues are locked to others, and go with their connection', async () => {
  const memory = new Map<string, object>()
  const [one, two] = [await dial(memory), await dial(memory)]
  await one.say(frames.queue('mine', 4))
  assert.match(
    await two.say(frames.get('mine')),
    /RESOURCE_LOCKED - cannot obtain exclusive access to locked queue 'mine'/,
  )
  await one.go()
  assert.match(await two.say(frames.method(1, 20, 41), frames.channelOpen(), frames.queue('mine', 1)), /NOT_FOUND/)
  await two.go()
})

test('what a virtual host holds is bounded', async () => {
  const memory = new Map<string, object>()
  const one = await dial(memory)
  await one.say(frames.queue('q'))
  for (let i = 0; i < 120; i++) await one.say(frames.publish('', 'q', 'x'.repeat(100_000)))
  const vhost = memory.get('amqp') as Vhost
  assert.ok(vhost.bytes <= 8 << 20 && vhost.bytes > 7 << 20, `${vhost.bytes} bytes`)
  vhost.drop()
  assert.deepEqual([vhost.bytes, vhost.count], [0, 0])
  await one.go()
})
