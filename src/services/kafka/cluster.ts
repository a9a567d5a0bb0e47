import type { TcpContext } from '#sensor/service.ts'
import type { Group } from './groups.ts'
import { type Batch, batchOf, placed } from './log.ts'
import type { Options } from './options.ts'

/** One attacker's cluster of one broker: topics with their logs, and groups. */

/** Bytes of all logs, and how many topics, partitions and groups there may be. */
const HELD = 8 << 20
const TOPICS = 500
const PARTITIONS = 2000
export const GROUPS = 200

/** `fill`: what lies in it from before, made when somebody first looks. */
export type Partition = { batches: Batch[]; start: bigint; end: bigint; fill?: (() => void) | undefined }
export type Topic = {
  name: string
  id: Buffer
  internal: boolean
  partitions: Partition[]
  configs: Map<string, string>
}
export type Cluster = {
  id: string
  broker: number
  topics: Map<string, Topic>
  groups: Map<string, Group>
  producers: bigint
  bytes: number
  weight(): number
  drop(): void
}

type Cx = TcpContext<Options>

/** Names as `Topic.validate` takes them (clients/…/common/internals/Topic.java). */
export const isName = (name: string): boolean => /^[a-zA-Z0-9._-]{1,249}$/.test(name) && name !== '.' && name !== '..'

/** Makes a topic; `undefined` where there is no room. */
export function makeTopic(cx: Cx, cluster: Cluster, name: string, count: number): Topic | undefined {
  let partitions = count
  for (const topic of cluster.topics.values()) partitions += topic.partitions.length
  if (cluster.topics.size >= TOPICS || partitions > PARTITIONS) return undefined
  const topic: Topic = {
    name,
    id: cx.random(16),
    internal: name === '__consumer_offsets' || name === '__transaction_state',
    partitions: Array.from({ length: count }, () => ({ batches: [], start: 0n, end: 0n })),
    configs: new Map(),
  }
  cluster.topics.set(name, topic)
  return topic
}

/** A partition's log, with what is in it. */
export function logOf(cluster: Cluster, topic: unknown, partition: unknown): Partition | undefined {
  const log = cluster.topics.get(String(topic))?.partitions[Number(partition)]
  if (log) filled(log)
  return log
}
export function filled(log: Partition): Partition {
  const { fill } = log
  log.fill = undefined
  fill?.()
  return log
}

export function removeTopic(cluster: Cluster, topic: Topic): void {
  for (const { batches } of topic.partitions) for (const { bytes } of batches) cluster.bytes -= bytes.length
  cluster.topics.delete(topic.name)
}

/** Appends batches at the log's end; where there is no room for them, the oldest of this log go. The first offset. */
export function append(cluster: Cluster, log: Partition, batches: readonly Buffer[]): bigint {
  const first = log.end
  for (const bytes of batches) {
    const batch = placed(bytes, log.end)
    log.end = batch.last + 1n
    log.batches.push(batch)
    cluster.bytes += batch.bytes.length
  }
  while (cluster.bytes > HELD && log.batches.length > 0) {
    const gone = log.batches.shift()!
    cluster.bytes -= gone.bytes.length
    log.start = gone.last + 1n
  }
  return first
}

/** Batches from an offset on, up to `most` bytes, but one at least. */
export function readFrom(log: Partition, offset: bigint, most: number): Batch[] {
  const found: Batch[] = []
  let bytes = 0
  for (const batch of log.batches) {
    if (batch.last < offset) continue
    if (found.length > 0 && bytes + batch.bytes.length > most) break
    found.push(batch)
    bytes += batch.bytes.length
  }
  return found
}

/** The cluster as an application left it, with what came in within the last hours. */
export function seededCluster(cx: Cx): Cluster {
  const { persona } = cx
  const cluster: Cluster = {
    // A UUID in base64 without its end, as kafka.common.ClusterId makes it.
    id: persona.derive('kafka cluster', 16).toString('base64url'),
    broker: persona.derive('kafka broker', 1)[0]! % 3 === 0 ? 1 : 0,
    topics: new Map(),
    groups: new Map(),
    producers: 1000n + BigInt(persona.derive('kafka producers', 1)[0]!),
    bytes: 0,
    weight: () => cluster.bytes + 2000 * (cluster.topics.size + cluster.groups.size),
    drop() {
      for (const topic of [...cluster.topics.values()]) for (const log of topic.partitions) empty(cluster, log)
    },
  }
  const draw = (label: string, below: number) => persona.derive(`kafka ${label}`, 2).readUInt16BE() % below
  const application = ['orders', 'shop', 'billing', 'telemetry', 'inventory'][draw('application', 5)]!
  const names = [`${application}.events`, `${application}.dead-letter`, 'user-activity', 'app-logs']
  for (const [i, name] of names.entries()) {
    const topic = makeTopic(cx, cluster, name, i === 1 ? 1 : 3)!
    topic.id = persona.derive(`kafka topic ${name}`, 16)
    for (const [number, log] of topic.partitions.entries())
      log.fill = () => fill(cx, cluster, log, name, number, draw(`${name} ${number}`, 40_000))
  }
  makeTopic(cx, cluster, '__consumer_offsets', 50)!.id = persona.derive('kafka offsets', 16)
  return cluster
}

export function empty(cluster: Cluster, log: Partition): void {
  for (const { bytes } of log.batches) cluster.bytes -= bytes.length
  log.batches = []
  log.start = log.end
}

/** Records of the last day, an hour apart or less. */
function fill(
  { now, persona }: Cx,
  cluster: Cluster,
  log: Partition,
  name: string,
  number: number,
  first: number,
): void {
  log.start = log.end = BigInt(first)
  const count = 6 + (first % 14)
  const step = 3_600_000 / (1 + (first % 5))
  for (let i = 0; i < count; i++) {
    const timestamp = Math.floor(now() + persona.clockSkew - (count - i) * step - (first % 977) * 1000)
    const id = persona.derive(`kafka ${name} ${number} ${i}`, 6).toString('hex')
    const value = { ...bodyOf(name, id, first + i, persona), ts: new Date(timestamp).toISOString() }
    append(cluster, log, [
      batchOf(0n, [{ key: Buffer.from(id), value: Buffer.from(JSON.stringify(value)), timestamp }]).bytes,
    ])
  }
}

function bodyOf(name: string, id: string, number: number, persona: Cx['persona']): object {
  if (name === 'app-logs')
    return {
      level: number % 9 === 0 ? 'WARN' : 'INFO',
      host: persona.hostname,
      logger: 'http',
      status: number % 9 === 0 ? 499 : 200,
      ms: number % 340,
    }
  if (name === 'user-activity')
    return { user: 10_000 + (number % 5000), action: ['view', 'search', 'add', 'login'][number % 4], session: id }
  return {
    id,
    type: ['created', 'paid', 'shipped'][number % 3],
    customer: 10_000 + (number % 5000),
    total: (number % 40_000) / 100,
  }
}
