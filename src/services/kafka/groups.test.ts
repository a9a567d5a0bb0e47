import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listeningRecorder, testContext } from '#services/testing/play.ts'
import { seededCluster } from './cluster.ts'
import * as groups from './groups.ts'
import kafka from './index.ts'
import type { Body } from './wire.ts'

/** Two members of one group; pauses take a turn of the event loop. */
function talks() {
  const base = testContext(kafka, listeningRecorder().record)
  const cx = { ...base, pause: () => new Promise<void>(resolve => setImmediate(resolve)) }
  const cluster = seededCluster(cx)
  const talk = (client: string) => ({ cx, cluster, client })
  return [talk('one'), talk('two')] as const
}
const wish = (memberId: string): Body => ({
  groupId: 'g',
  memberId,
  groupInstanceId: null,
  protocolType: 'consumer',
  protocols: [
    { name: 'sticky', metadata: Buffer.from(memberId) },
    { name: 'range', metadata: Buffer.from('r') },
  ],
})
const ofGroup = (member: Body, more: Body = {}): Body => ({
  groupId: 'g',
  generationId: member.generationId!,
  memberId: member.memberId!,
  ...more,
})

test('members join, one leads and says who reads what, and all hear it', async () => {
  const [one, two] = talks()
  const first = await groups.join(one, 2, wish(''))
  assert.deepEqual([first.errorCode, first.generationId, first.leader === first.memberId], [0, 1, true])
  await groups.sync(
    one,
    ofGroup(first, { assignments: [{ memberId: first.memberId!, assignment: Buffer.from('all') }] }),
  )
  const [second, again] = await Promise.all([
    groups.join(two, 2, wish('')),
    new Promise<Body>(resolve =>
      setImmediate(() => {
        assert.equal(groups.heartbeat(one, ofGroup(first)).errorCode, 27)
        resolve(groups.join(one, 2, wish(String(first.memberId))))
      }),
    ),
  ])
  assert.deepEqual([second.generationId, again.generationId], [2, 2])
  assert.equal((again.members as Body[]).length, 2)
  assert.deepEqual(second.members, [])
  const assignments = [
    { memberId: first.memberId!, assignment: Buffer.from('left') },
    { memberId: second.memberId!, assignment: Buffer.from('right') },
  ]
  const [mine, theirs] = await Promise.all([
    groups.sync(two, ofGroup(second, { assignments: [] })),
    groups.sync(one, ofGroup(again, { assignments })),
  ])
  assert.deepEqual([String(mine.assignment), String(theirs.assignment)], ['right', 'left'])
  assert.equal(groups.heartbeat(two, ofGroup(second)).errorCode, 0)
  groups.leave(two, 2, ofGroup(second))
  assert.equal(groups.heartbeat(one, ofGroup(again)).errorCode, 27)
  assert.equal(groups.heartbeat(two, ofGroup(second)).errorCode, 25)
})

test('who comes without a name is given one first, and an old generation is told so', async () => {
  const [one] = talks()
  const named = await groups.join(one, 5, wish(''))
  assert.equal(named.errorCode, 79)
  const member = await groups.join(one, 5, wish(String(named.memberId)))
  assert.equal(member.errorCode, 0)
  const commit = (generationId: number) =>
    groups.commit(one, {
      ...ofGroup(member),
      generationId,
      topics: [{ name: 'app-logs', partitions: [{ partitionIndex: 1, committedOffset: 9n, committedMetadata: 'm' }] }],
    })
  const codeOf = (body: Body) => ((body.topics as Body[])[0]!.partitions as Body[])[0]!.errorCode
  assert.equal(codeOf(commit(7)), 22)
  assert.equal(codeOf(commit(1)), 0)
  const { topics } = groups.committed(one, { groupId: 'g', topics: null })
  assert.equal(((topics as Body[])[0]!.partitions as Body[])[0]!.committedOffset, 9n)
  assert.equal((groups.remove(one, { groupsNames: ['g'] }).results as Body[])[0]!.errorCode, 68)
})
