import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as z from '../../../test/oracle/zookeeper/jute.ts'
import { listeningRecorder, play, TALK_TIME, testContext } from '../testing/play.ts'
import zookeeper from './index.ts'
import { seededServer } from './seed.ts'
import { newSession, passwordOf } from './session.ts'
import { CAPACITY, type Client, endSession, expire, leave, type Server } from './state.ts'
import { childrenOf } from './tree.ts'
import { EventType, trigger, watch } from './watches.ts'

const { request, node, watched, op, END } = z
const say = (memory: Map<string, object>, ...sent: string[]) =>
  play(
    zookeeper,
    sent.map(one => Buffer.from(one, 'latin1')),
    { memory },
  )
const seeded = (): Server => seededServer(testContext(zookeeper, listeningRecorder().record))
const clientOf = (server: Server): Client & { told: string[] } => {
  const told: string[] = []
  const session = newSession(server, 4000, TALK_TIME)
  const client = {
    session,
    identities: [],
    server,
    told,
    notify: (type: number, path: string) => void told.push(`${type} ${path}`),
    close() {},
  }
  session.client = client
  return client
}

describe('ZooKeeper', () => {
  test("a session's password is the one that java.util.Random draws", () => {
    assert.equal(passwordOf(0x010002a65b850000n).toString('hex'), '51097ea50aef4954178f760163dfdf94')
  })

  test('a session is taken up again by its password, with what is its own; once closed it is gone', async () => {
    const memory = new Map<string, object>()
    const first = await say(memory, z.connect(), request(1, 'create', node('/own', 'x', 1)))
    const [id, password] = [first.heard.readBigInt64BE(12), first.heard.toString('latin1', 24, 40)]
    const again = z.connect(10_000, { session: id, password })
    const second = await say(memory, again, request(2, 'exists', watched('/own')), request(3, 'closeSession'))
    assert.equal(second.heard.readBigInt64BE(12), id)
    assert.equal(second.heard.readInt32BE(41 + 16), 0)
    const third = await say(memory, again)
    assert.equal(third.heard.readBigInt64BE(12), 0n)
    assert.equal((memory.get('zookeeper') as Server).nodes.has('/own'), false)
  })

  test('a session that nobody came back to runs out, and who watches is told', () => {
    const server = seeded()
    const [gone, here] = [clientOf(server), clientOf(server)]
    server.nodes.set('/e', { ...server.nodes.get('/zookeeper/quota')!, owner: gone.session.id })
    gone.session.ephemerals.add('/e')
    watch(server.dataWatches, '/e', here)
    leave(server, gone, TALK_TIME)
    expire(server, TALK_TIME + 3999)
    assert.equal(here.told.length, 0)
    expire(server, TALK_TIME + 4001)
    assert.deepEqual([here.told, server.nodes.has('/e'), server.watched], [['2 /e'], false, 0])
  })

  test('what fails in a transaction leaves nothing, and tells nobody', async () => {
    const memory = new Map<string, object>()
    await say(memory, z.connect(), 'x')
    const server = memory.get('zookeeper') as Server
    const shape = () => JSON.stringify([[...server.nodes.keys()].sort(), server.bytes, server.nodes.get('/')!.cversion])
    const before = shape()
    const ops = [
      op('create', node('/m', 'x')),
      op('delete', z.versioned('/feature')),
      op('setData', z.data('/controller_epoch', '9')),
      op('delete', z.versioned('/nope')),
    ]
    const { heard } = await say(
      memory,
      z.connect(),
      request(1, 'exists', watched('/m', true)),
      request(2, 'multi', ops.join('') + END),
    )
    assert.equal(shape(), before)
    assert.equal(String(server.nodes.get('/controller_epoch')!.data), '1')
    assert.equal(heard.indexOf(Buffer.from(z.int(-1) + z.long(-1n), 'latin1')), -1)
  })

  test('memory is bounded: nodes, access lists, watches, one answer', async () => {
    const memory = new Map<string, object>()
    const big = 'x'.repeat(1_000_000)
    const fill = Array.from({ length: 8 }, (_, i) => request(i + 1, 'create', node(`/big${i}`, big)))
    assert.equal((await say(memory, z.connect(), ...fill)).ending, 'malformed')
    const server = memory.get('zookeeper') as Server
    assert.ok(server.bytes <= CAPACITY.bytes)
    const reads = op('getData', watched('/big0')).repeat(100)
    assert.equal((await say(memory, z.connect(), request(1, 'multiRead', reads + END))).ending, 'malformed')
    const lists = z.acl(
      ...Array.from({ length: 40_000 }, (_, i): [number, string, string] => [31, 'digest', `u${i}:h`]),
    )
    assert.equal((await say(memory, z.connect(), request(1, 'create', node('/acl', '', 0, lists)))).ending, 'malformed')
    const watches = Array.from({ length: 40 }, (_, i) =>
      request(i, 'exists', watched(`/${i}${'w'.repeat(100_000)}`, true)),
    )
    await say(memory, z.connect(), ...watches)
    assert.equal(server.watched, 0)
    const client = clientOf(server)
    for (let i = 0; i < 40; i++) watch(server.dataWatches, `/${i}${'w'.repeat(100_000)}`, client)
    assert.ok(server.watched > 0 && server.watched <= 2 << 20)
    endSession(server, client.session)
  })

  test('the tree is that of the Kafka beside it, and each attacker has its own', () => {
    const [one, other] = [seeded(), seeded()]
    assert.ok(one.nodes.has('/brokers/topics/__consumer_offsets/partitions/49/state'))
    assert.match(String(one.nodes.get('/cluster/id')!.data), /^\{"version":"1","id":"[\w-]{22}"\}$/)
    for (const [path, { children }] of one.nodes)
      for (const name of children) assert.ok(one.nodes.has(`${path === '/' ? '' : path}/${name}`), `${path} ${name}`)
    assert.deepEqual(childrenOf(one.nodes.get('/')!), childrenOf(other.nodes.get('/')!))
    trigger(one.childWatches, '/', EventType.children)
    assert.notEqual(one.nodes, other.nodes)
  })
})
