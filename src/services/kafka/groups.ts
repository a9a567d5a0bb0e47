import type { TcpContext } from '#sensor/service.ts'
import { type Cluster, GROUPS } from './cluster.ts'
import type { Options } from './options.ts'
import type { Body, Item } from './wire.ts'

/** Consumer groups (kafka.coordinator.group): who is in, who leads, who reads what, and how far they have read. */

const MEMBERS = 100
const OFFSETS = 2000
/** Seconds: group.initial.rebalance.delay.ms, and how long a joining member waits for the others at most. */
const FIRST_DELAY = 3
const LONGEST = 10
const LOOK = 0.25

/** Error codes of the protocol that this coordinator says. */
const Code = {
  none: 0,
  rebalancing: 27,
  illegalGeneration: 22,
  inconsistent: 23,
  invalidGroup: 24,
  unknownMember: 25,
  nonEmpty: 68,
  groupMissing: 69,
  memberIdRequired: 79,
  full: 81,
} as const

type Member = {
  id: string
  instance: string | null
  client: string
  host: string
  protocols: { name: string; metadata: Buffer }[]
  assignment: Buffer
  /** It asked to be in the next generation. */
  joined: boolean
}
export type Group = {
  id: string
  generation: number
  protocolType: string
  protocol: string
  leader: string
  members: Map<string, Member>
  state: 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable'
  /** `topic\0partition` to what was committed. */
  offsets: Map<string, { offset: bigint; metadata: string | null }>
}
type Talk = { cx: TcpContext<Options>; cluster: Cluster; client: string }

function groupOf(cluster: Cluster, id: string): Group | undefined {
  const found = cluster.groups.get(id)
  if (found) return found
  if (cluster.groups.size >= GROUPS) return undefined
  const made: Group = {
    id,
    generation: 0,
    protocolType: '',
    protocol: '',
    leader: '',
    members: new Map(),
    state: 'Empty',
    offsets: new Map(),
  }
  cluster.groups.set(id, made)
  return made
}

/** Joins, and waits until everybody who is still there has joined too. */
export async function join({ cx, cluster, client }: Talk, version: number, body: Body): Promise<Body> {
  const given = String(body.memberId ?? '')
  const refused = (errorCode: number, memberId = given) => ({
    errorCode,
    memberId,
    protocolName: version >= 7 ? null : '',
    leader: '',
    members: [],
  })
  const id = String(body.groupId ?? '')
  if (id === '') return refused(Code.invalidGroup)
  const group = groupOf(cluster, id)
  if (!group || (!group.members.has(given) && group.members.size >= MEMBERS)) return refused(Code.full)
  const offered = protocolsIn(body.protocols)
  const type = String(body.protocolType ?? '')
  if (offered.length === 0 || type === '' || (group.members.size > 0 && group.protocolType !== type))
    return refused(Code.inconsistent)
  if (given === '' && version >= 4 && body.groupInstanceId === null)
    return refused(Code.memberIdRequired, newId(cx, client))
  if (given !== '' && version < 4 && !group.members.has(given)) return refused(Code.unknownMember)
  const member = given === '' ? newId(cx, client) : given
  const fresh = group.members.size === 0
  group.protocolType = type
  group.members.set(member, {
    id: member,
    instance: body.groupInstanceId === null ? null : String(body.groupInstanceId),
    client,
    host: `/${cx.source.ip}`,
    protocols: offered,
    assignment: Buffer.alloc(0),
    joined: true,
  })
  const before = group.generation
  group.state = 'PreparingRebalance'
  if (fresh) await cx.pause(FIRST_DELAY)
  const everybody = () => [...group.members.values()].every(({ joined }) => joined)
  for (let waited = 0; waited < LONGEST && group.generation === before && !everybody(); waited += LOOK)
    await cx.pause(LOOK)
  if (group.generation === before) complete(group)
  if (!group.members.has(member)) return refused(Code.unknownMember)
  const leads = group.leader === member
  return {
    errorCode: Code.none,
    generationId: group.generation,
    protocolType: group.protocolType,
    protocolName: group.protocol,
    leader: group.leader,
    memberId: member,
    members: leads ? [...group.members.values()].map(one => memberBody(group, one)) : [],
  }
}

const newId = (cx: TcpContext<Options>, client: string): string => {
  const uuid = cx
    .random(16)
    .toString('hex')
    .replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5')
  return `${client.slice(0, 200)}-${uuid}`
}

function protocolsIn(list: Item | undefined): { name: string; metadata: Buffer }[] {
  return ((list ?? []) as Body[]).slice(0, 20).map(({ name, metadata }) => ({
    name: String(name ?? ''),
    metadata: Buffer.from((metadata as Buffer | null) ?? Buffer.alloc(0)),
  }))
}

/** A new generation: who did not ask for it is out. */
function complete(group: Group): void {
  for (const member of [...group.members.values()]) {
    if (!member.joined) group.members.delete(member.id)
    member.joined = false
    member.assignment = Buffer.alloc(0)
  }
  group.generation++
  group.leader = group.members.has(group.leader) ? group.leader : (group.members.keys().next().value ?? '')
  const all = [...group.members.values()]
  const common = all[0]?.protocols.find(({ name }) =>
    all.every(one => one.protocols.some(other => other.name === name)),
  )
  group.protocol = common?.name ?? ''
  group.state = all.length === 0 ? 'Empty' : 'CompletingRebalance'
}

const memberBody = (group: Group, { id, instance, protocols }: Member): Body => ({
  memberId: id,
  groupInstanceId: instance,
  metadata: protocols.find(({ name }) => name === group.protocol)?.metadata ?? Buffer.alloc(0),
})

/** What is wrong with a member's word, as a code. */
function problem(group: Group | undefined, member: string, generation: number): number {
  if (!group?.members.has(member)) return Code.unknownMember
  if (generation !== group.generation) return Code.illegalGeneration
  return Code.none
}

/** The leader says who reads what; the others wait for it. */
export async function sync({ cx, cluster }: Talk, body: Body): Promise<Body> {
  const [id, member] = [String(body.groupId ?? ''), String(body.memberId ?? '')]
  const group = cluster.groups.get(id)
  const wrong = problem(group, member, Number(body.generationId))
  if (wrong !== Code.none || !group) return { errorCode: wrong, assignment: Buffer.alloc(0) }
  if (group.state === 'PreparingRebalance') return { errorCode: Code.rebalancing, assignment: Buffer.alloc(0) }
  if (member === group.leader && group.state === 'CompletingRebalance') {
    for (const { memberId, assignment } of (body.assignments ?? []) as Body[]) {
      const one = group.members.get(String(memberId))
      if (one) one.assignment = Buffer.from((assignment as Buffer | null) ?? Buffer.alloc(0))
    }
    group.state = 'Stable'
  }
  const { generation } = group
  const waiting = () => group.state === 'CompletingRebalance' && group.generation === generation
  for (let waited = 0; waited < LONGEST && waiting(); waited += LOOK) await cx.pause(LOOK)
  const mine = group.members.get(member)
  if (group.state !== 'Stable' || !mine) return { errorCode: Code.rebalancing, assignment: Buffer.alloc(0) }
  return {
    errorCode: Code.none,
    protocolType: group.protocolType,
    protocolName: group.protocol,
    assignment: mine.assignment,
  }
}

export function heartbeat({ cluster }: Talk, body: Body): Body {
  const group = cluster.groups.get(String(body.groupId ?? ''))
  const wrong = problem(group, String(body.memberId ?? ''), Number(body.generationId))
  if (wrong !== Code.none) return { errorCode: wrong }
  return { errorCode: group!.state === 'PreparingRebalance' ? Code.rebalancing : Code.none }
}

export function leave({ cluster }: Talk, version: number, body: Body): Body {
  const group = cluster.groups.get(String(body.groupId ?? ''))
  const leaving =
    version >= 3 ? ((body.members ?? []) as Body[]) : [{ memberId: body.memberId ?? '', groupInstanceId: null }]
  const results = leaving.map(({ memberId, groupInstanceId }) => {
    const gone = group?.members.delete(String(memberId))
    return {
      memberId: memberId!,
      groupInstanceId: groupInstanceId ?? null,
      errorCode: gone ? Code.none : Code.unknownMember,
    }
  })
  if (group) group.state = group.members.size === 0 ? 'Empty' : 'PreparingRebalance'
  const alone = version < 3 ? (results[0]?.errorCode ?? Code.none) : Code.none
  return { errorCode: alone, members: results }
}

export function commit({ cluster }: Talk, body: Body): Body {
  const group = groupOf(cluster, String(body.groupId ?? ''))
  const generation = Number(body.generationId)
  const wrong = generation < 0 ? Code.none : problem(group, String(body.memberId ?? ''), generation)
  const topics = ((body.topics ?? []) as Body[]).map(({ name, partitions }) => ({
    name: name!,
    partitions: ((partitions ?? []) as Body[]).map(({ partitionIndex, committedOffset, committedMetadata }) => {
      if (wrong === Code.none && group && group.offsets.size < OFFSETS)
        group.offsets.set(`${name}\0${partitionIndex}`, {
          offset: committedOffset as bigint,
          metadata: String(committedMetadata ?? '').slice(0, 4096),
        })
      return { partitionIndex: partitionIndex!, errorCode: group ? wrong : Code.invalidGroup }
    }),
  }))
  return { topics }
}

/** What was committed; all of it where no topics are named. */
export function committed({ cluster }: Talk, body: Body): Body {
  const group = cluster.groups.get(String(body.groupId ?? ''))
  const asked = new Map<string, number[]>()
  for (const { name, partitionIndexes } of (body.topics ?? []) as Body[])
    asked.set(String(name), ((partitionIndexes ?? []) as number[]).slice(0, OFFSETS))
  if (body.topics === null)
    for (const key of group?.offsets.keys() ?? []) {
      const [name = '', number] = key.split('\0')
      asked.set(name, [...(asked.get(name) ?? []), Number(number)])
    }
  const topics = [...asked].map(([name, numbers]) => ({
    name,
    partitions: numbers.map(partitionIndex => {
      const found = group?.offsets.get(`${name}\0${partitionIndex}`)
      return {
        partitionIndex,
        committedOffset: found?.offset ?? -1n,
        metadata: found?.metadata ?? '',
        errorCode: Code.none,
      }
    }),
  }))
  return { topics, errorCode: Code.none }
}

export function describe({ cluster }: Talk, body: Body): Body {
  const groups = ((body.groups ?? []) as string[]).map(groupId => {
    const group = cluster.groups.get(groupId)
    const base = { errorCode: Code.none, groupId: groupId ?? '' }
    if (!group) return { ...base, groupState: 'Dead', protocolType: '', protocolData: '', members: [] }
    return {
      ...base,
      groupState: group.state,
      protocolType: group.protocolType,
      // Before it is stable, nobody is told what its members can do.
      protocolData: group.state === 'Stable' ? group.protocol : '',
      members: [...group.members.values()].map(member => ({
        memberId: member.id,
        groupInstanceId: member.instance,
        clientId: member.client,
        clientHost: member.host,
        memberMetadata: group.state === 'Stable' ? memberBody(group, member).metadata! : Buffer.alloc(0),
        memberAssignment: member.assignment,
      })),
    }
  })
  return { groups }
}

export function list({ cluster }: Talk, body: Body): Body {
  const states = (body.statesFilter ?? []) as string[]
  const groups = [...cluster.groups.values()]
    .filter(({ state }) => states.length === 0 || states.includes(state))
    .map(({ id, protocolType, state }) => ({ groupId: id, protocolType, groupState: state }))
  return { errorCode: Code.none, groups }
}

export function remove({ cluster }: Talk, body: Body): Body {
  const results = ((body.groupsNames ?? []) as string[]).map(groupId => {
    const group = cluster.groups.get(groupId)
    if (!group) return { groupId: groupId ?? '', errorCode: Code.groupMissing }
    if (group.members.size > 0) return { groupId, errorCode: Code.nonEmpty }
    cluster.groups.delete(groupId)
    return { groupId, errorCode: Code.none }
  })
  return { results }
}
