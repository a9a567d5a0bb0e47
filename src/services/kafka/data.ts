import { downloadsIn } from '#codec/downloads.ts'
import { text } from '#events/text.ts'
import type { TcpContext } from '#sensor/service.ts'
import { append, type Cluster, isName, logOf, makeTopic, type Partition, readFrom } from './cluster.ts'
import { asMessages, Corrupt, readBatches, recordsIn } from './log.ts'
import type { Options } from './options.ts'
import type { Body } from './wire.ts'

/** Produce, Fetch, ListOffsets and Metadata: what moves records and tells where they are. */

type Talk = { cx: TcpContext<Options>; cluster: Cluster; client: string }
const Code = {
  outOfRange: 1,
  corrupt: 2,
  unknownTopic: 3,
  noLeader: 5,
  tooLarge: 10,
  invalidTopic: 17,
  invalidAcks: 21,
} as const

/** message.max.bytes: a batch may have as many. */
const BATCH = 1_048_588
/** Bytes of a record that its event shows, records of one request that have events, bytes of one answer. */
const SHOWN = 1024
const TOLD = 50
const ANSWER = 4 << 20
/** Seconds between two looks at an empty log, and of waiting in all. */
const LOOK = 0.5
const WAIT = 30

/** Appends; `undefined` where the client wants no answer (acks 0). */
export async function produce({ cx, cluster }: Talk, body: Body): Promise<Body | undefined> {
  const acks = Number(body.acks)
  const responses: Body[] = []
  let told = 0
  for (const { name, partitions } of (body.topics ?? []) as Body[]) {
    const partitionResponses: Body[] = []
    for (const { index, records } of (partitions ?? []) as Body[]) {
      const log = logOf(cluster, name, index)
      const answer: Body = { index: index!, errorCode: 0, baseOffset: -1n }
      partitionResponses.push(answer)
      const bytes = (records as Buffer | null) ?? Buffer.alloc(0)
      if (acks < -1 || acks > 1) answer.errorCode = Code.invalidAcks
      else if (!log) answer.errorCode = Code.unknownTopic
      else if (bytes.length > BATCH) answer.errorCode = Code.tooLarge
      const batches = batchesIn(bytes)
      if (batches) told = await note(cx, String(name), batches, told)
      if (answer.errorCode !== 0) continue
      if (!batches) answer.errorCode = Code.corrupt
      else answer.baseOffset = append(cluster, log!, batches)
      answer.logStartOffset = log!.start
    }
    responses.push({ name: name!, partitionResponses })
  }
  return acks === 0 ? undefined : { responses }
}

function batchesIn(bytes: Buffer): Buffer[] | undefined {
  try {
    return readBatches(bytes)
  } catch (problem) {
    if (problem instanceof Corrupt) return undefined
    throw problem
  }
}

/** Events of what was published; how many there have been with these. */
async function note(cx: TcpContext<Options>, topic: string, batches: readonly Buffer[], told: number): Promise<number> {
  const where = text(Buffer.from(topic, 'latin1'), 256)
  for (const batch of batches) {
    const records = recordsIn(batch)
    let whole = !records || batch.length > 8 * SHOWN
    for (const { key, value } of records ?? []) {
      const said = value ?? Buffer.alloc(0)
      for (const download of downloadsIn(said.toString('latin1'))) cx.record.fileDownload(download)
      if (said.length > SHOWN) whole = true
      if (told++ < TOLD)
        cx.record.command({
          line: `Produce ${where}${key ? ` key=${text(key, 128)}` : ''} ${text(said, SHOWN)}`,
          verb: 'Produce',
        })
      if (said.length > 4 && said.readUInt32BE() === 0xaced0005)
        cx.record.exploit({
          id: 'kafka-java-deserialisation',
          name: 'Serialised Java object as a record',
          evidence: where,
        })
    }
    if (!whole) continue
    const writer = cx.sample()
    await writer.write(batch)
    cx.record.fileUpload({ path: `kafka:${where}`, sample: await writer.close() })
  }
  return told
}

/** Records from the offsets on; waits where there are none, as long as the client wants and we bear. */
export async function fetch({ cx, cluster }: Talk, version: number, body: Body): Promise<Body> {
  const wanted = Math.min(Math.max(0, Number(body.maxWaitMs)) / 1000, WAIT)
  for (let waited = 0; ; waited += LOOK) {
    const { answer, bytes, wrong } = fetched(cluster, version, body)
    if (wrong || bytes >= Math.max(1, Number(body.minBytes)) || waited >= wanted || Number(body.minBytes) <= 0)
      return answer
    await cx.pause(Math.min(LOOK, wanted - waited))
  }
}

function fetched(cluster: Cluster, version: number, body: Body): { answer: Body; bytes: number; wrong: boolean } {
  let bytes = 0
  let wrong = false
  const limit = Math.min(Number(body.maxBytes), ANSWER)
  const responses = ((body.topics ?? []) as Body[]).map(({ topic, partitions }) => ({
    topic: topic!,
    partitions: ((partitions ?? []) as Body[]).map(({ partition, fetchOffset, partitionMaxBytes }) => {
      const log = logOf(cluster, topic, partition)
      const offset = fetchOffset as bigint
      const none = {
        partitionIndex: partition!,
        highWatermark: -1n,
        lastStableOffset: -1n,
        logStartOffset: -1n,
        records: Buffer.alloc(0),
      }
      if (!log || offset < log.start || offset > log.end) {
        wrong = true
        return { ...none, errorCode: log ? Code.outOfRange : Code.unknownTopic }
      }
      const room = Math.max(0, Math.min(Number(partitionMaxBytes), limit - bytes))
      const batches = room > 0 ? readFrom(log, offset, room) : []
      const records = Buffer.concat(
        batches.map(batch => (version >= 4 ? batch.bytes : asMessages(batch, version >= 2 ? 1 : 0))),
      )
      bytes += records.length
      const marks = { highWatermark: log.end, lastStableOffset: log.end, logStartOffset: log.start }
      return { ...none, ...marks, errorCode: 0, records }
    }),
  }))
  return { answer: { responses }, bytes, wrong }
}

/** Offsets by time: -1 the end, -2 the start. */
export function listOffsets({ cluster }: Talk, version: number, body: Body): Body {
  const topics = ((body.topics ?? []) as Body[]).map(({ name, partitions }) => ({
    name: name!,
    partitions: ((partitions ?? []) as Body[]).map(({ partitionIndex, timestamp }) => {
      const log = logOf(cluster, name, partitionIndex)
      if (!log) return { partitionIndex: partitionIndex!, errorCode: Code.unknownTopic }
      const [offset, time] = offsetAt(log, timestamp as bigint)
      const found = {
        partitionIndex: partitionIndex!,
        errorCode: 0,
        timestamp: time,
        offset,
        leaderEpoch: offset < 0n ? -1 : 0,
      }
      return version === 0 ? { ...found, oldStyleOffsets: offset < 0n ? [] : [offset] } : found
    }),
  }))
  return { topics }
}

function offsetAt(log: Partition, timestamp: bigint): readonly [offset: bigint, timestamp: bigint] {
  if (timestamp === -1n) return [log.end, -1n]
  if (timestamp === -2n) return [log.start, -1n]
  const found = log.batches.find(({ newest }) => newest >= timestamp)
  return found ? [found.base, found.newest] : [-1n, -1n]
}

/** Who the broker is and what is on it; topics that are asked for by name are made, as auto.create.topics.enable has it. */
export function metadata({ cx, cluster }: Talk, version: number, body: Body): Body {
  const all = body.topics === null || (version === 0 && (body.topics as Body[]).length === 0)
  const wanted = all
    ? [...cluster.topics.keys()]
    : ((body.topics ?? []) as Body[]).map(({ name }) => String(name ?? ''))
  return {
    brokers: [{ nodeId: cluster.broker, ...advertised(cx) }],
    clusterId: cluster.id,
    controllerId: cluster.broker,
    topics: [...new Set(wanted)].map(name => topicBody({ cx, cluster }, name, body.allowAutoTopicCreation !== false)),
  }
}

/** Where clients are told to go: where they came to, unless the operator says otherwise. */
export const advertised = (cx: TcpContext<Options>): { host: string; port: number } => ({
  host: cx.options.advertised ?? cx.destination.ip,
  port: cx.destination.port,
})

function topicBody({ cx, cluster }: Pick<Talk, 'cx' | 'cluster'>, name: string, make: boolean): Body {
  const topic = cluster.topics.get(name)
  const base = { name, topicId: topic?.id ?? Buffer.alloc(16), isInternal: topic?.internal ?? false, partitions: [] }
  if (!topic) {
    if (!isName(name)) return { ...base, errorCode: Code.invalidTopic }
    const made = make && makeTopic(cx, cluster, name, 1)
    return { ...base, errorCode: made ? Code.noLeader : Code.unknownTopic }
  }
  const here = [cluster.broker]
  return {
    ...base,
    errorCode: 0,
    partitions: topic.partitions.map((_, partitionIndex) => ({
      errorCode: 0,
      partitionIndex,
      leaderId: cluster.broker,
      leaderEpoch: 0,
      replicaNodes: here,
      isrNodes: here,
      offlineReplicas: [],
    })),
  }
}
