import { text } from '#events/text.ts'
import type { TcpContext } from '#sensor/service.ts'
import { type Cluster, filled, isName, logOf, makeTopic, type Partition, removeTopic, type Topic } from './cluster.ts'
import { brokerConfigs, topicConfigs } from './configs.ts'
import { advertised } from './data.ts'
import type { Options } from './options.ts'
import type { Body } from './wire.ts'

/** What administrators ask for: topics made and removed, settings, directories, who is in the cluster. */

type Talk = { cx: TcpContext<Options>; cluster: Cluster; client: string }
const Code = {
  outOfRange: 1,
  unknownTopic: 3,
  policy: 44,
  invalidTopic: 17,
  exists: 36,
  partitions: 37,
  replication: 38,
  config: 40,
  request: 42,
  noSecurity: 54,
  unknownId: 100,
} as const
/** ConfigSource: what a topic was given, what the broker was started with, what nobody chose. */
const Source = { topic: 1, file: 4, standard: 5 } as const

const known = new Set(topicConfigs.map(([name]) => name))
/** What one request may ask for. */
const MOST = 1000

export function createTopics({ cx, cluster }: Talk, body: Body): Body {
  const topics = ((body.topics ?? []) as Body[]).slice(0, MOST).map(wish => {
    const name = String(wish.name ?? '')
    const count =
      ((wish.assignments ?? []) as Body[]).length ||
      (Number(wish.numPartitions) === -1 ? 1 : Number(wish.numPartitions))
    const replicas = Number(wish.replicationFactor)
    const configs = ((wish.configs ?? []) as Body[]).map(
      one => [String(one.name ?? ''), String(one.value ?? '')] as const,
    )
    note(
      cx,
      'CreateTopics',
      `${name} partitions=${count} ${configs.map(([key, value]) => `${key}=${value}`).join(' ')}`,
    )
    const refused = (errorCode: number, errorMessage: string) => ({
      name,
      topicId: Buffer.alloc(16),
      errorCode,
      errorMessage,
      configs: [],
    })
    if (cluster.topics.has(name)) return refused(Code.exists, `Topic '${name}' already exists.`)
    if (!isName(name))
      return refused(
        Code.invalidTopic,
        `Topic name "${name.slice(0, 249)}" is illegal, it contains a character other than ASCII alphanumerics, '.', '_' and '-'`,
      )
    if (count <= 0) return refused(Code.partitions, 'Number of partitions must be larger than 0.')
    if (replicas > 1)
      return refused(Code.replication, `Replication factor: ${replicas} larger than available brokers: 1.`)
    const strange = configs.find(([key]) => !known.has(key))
    if (strange) return refused(Code.config, `Unknown topic config name: ${strange[0]}`)
    const made = body.validateOnly ? undefined : makeTopic(cx, cluster, name, Math.min(count, 2001))
    if (!made && !body.validateOnly) return refused(Code.policy, 'Too many partitions.')
    for (const [key, value] of configs) made?.configs.set(key, value)
    return {
      name,
      topicId: made?.id ?? Buffer.alloc(16),
      errorCode: 0,
      numPartitions: count,
      replicationFactor: 1,
      configs: made
        ? configsOf(made).map(({ name: key, value, configSource }) => ({
            name: key!,
            value: value!,
            readOnly: false,
            configSource: configSource!,
            isSensitive: false,
          }))
        : [],
    }
  })
  return { topics }
}

export function deleteTopics({ cx, cluster }: Talk, body: Body): Body {
  const named: Body[] = ((body.topicNames ?? []) as string[]).map(name => ({ name, topicId: Buffer.alloc(16) }))
  const responses = [...named, ...((body.topics ?? []) as Body[])].slice(0, MOST).map(({ name, topicId }) => {
    const id = topicId as Buffer
    const topic =
      name === null ? [...cluster.topics.values()].find(one => one.id.equals(id)) : cluster.topics.get(String(name))
    note(cx, 'DeleteTopics', String(name ?? topic?.name ?? id.toString('hex')))
    if (!topic)
      return {
        name: name ?? null,
        topicId: id,
        errorCode: name === null ? Code.unknownId : Code.unknownTopic,
        errorMessage: 'This server does not host this topic-partition.',
      }
    removeTopic(cluster, topic)
    return { name: topic.name, topicId: topic.id, errorCode: 0 }
  })
  return { responses }
}

export function deleteRecords({ cx, cluster }: Talk, body: Body): Body {
  const topics = ((body.topics ?? []) as Body[]).map(({ name, partitions }) => ({
    name: name!,
    partitions: ((partitions ?? []) as Body[]).map(({ partitionIndex, offset }) => {
      const log = logOf(cluster, name, partitionIndex)
      if (!log) return { partitionIndex: partitionIndex!, lowWatermark: -1n, errorCode: Code.unknownTopic }
      const to = (offset as bigint) === -1n ? log.end : (offset as bigint)
      note(cx, 'DeleteRecords', `${String(name)} ${partitionIndex} ${to}`)
      if (to < 0n || to > log.end)
        return { partitionIndex: partitionIndex!, lowWatermark: -1n, errorCode: Code.outOfRange }
      cutBefore(cluster, log, to)
      return { partitionIndex: partitionIndex!, lowWatermark: log.start, errorCode: 0 }
    }),
  }))
  return { topics }
}

function cutBefore(cluster: Cluster, log: Partition, offset: bigint): void {
  if (offset <= log.start) return
  log.start = offset
  while (log.batches[0] && log.batches[0].last < offset) cluster.bytes -= log.batches.shift()!.bytes.length
}

export function createPartitions({ cx, cluster }: Talk, body: Body): Body {
  const results = ((body.topics ?? []) as Body[]).slice(0, MOST).map(({ name, count }) => {
    note(cx, 'CreatePartitions', `${String(name)} ${count}`)
    const topic = cluster.topics.get(String(name))
    const refused = (errorCode: number, errorMessage: string) => ({ name: name!, errorCode, errorMessage })
    if (!topic) return refused(Code.unknownTopic, `The topic '${String(name)}' does not exist.`)
    const now = topic.partitions.length
    if (Number(count) <= now)
      return refused(
        Code.partitions,
        Number(count) === now
          ? `Topic already has ${now} partitions.`
          : `Topic currently has ${now} partitions, which is higher than the requested ${count}.`,
      )
    if (Number(count) > MOST) return refused(Code.policy, 'Too many partitions.')
    if (!body.validateOnly)
      while (topic.partitions.length < Number(count)) topic.partitions.push({ batches: [], start: 0n, end: 0n })
    return { name: name!, errorCode: 0 }
  })
  return { results }
}

const configsOf = (topic: Topic): Body[] =>
  topicConfigs.map(([name, value, configType]) =>
    configBody(
      name,
      topic.configs.get(name) ?? value,
      configType,
      topic.configs.has(name) ? Source.topic : Source.standard,
    ),
  )

const configBody = (name: string, value: string, configType: number, configSource: number): Body => ({
  name,
  value,
  readOnly: configSource === Source.file,
  isDefault: configSource === Source.standard,
  configSource,
  isSensitive: false,
  synonyms: [],
  configType,
})

/** Settings of topics (type 2) and of the broker (4). */
export function describeConfigs({ cluster }: Talk, body: Body): Body {
  const results = ((body.resources ?? []) as Body[])
    .slice(0, MOST)
    .map(({ resourceType, resourceName, configurationKeys }) => {
      const name = String(resourceName ?? '')
      const base = { resourceType: resourceType!, resourceName: name, configs: [] as Body[] }
      const keys = configurationKeys as string[] | null
      const wanted = (list: Body[]) =>
        list.filter(one => keys === null || keys.length === 0 || keys.includes(String(one.name)))
      const topic = cluster.topics.get(name)
      if (resourceType === 2)
        return topic
          ? { ...base, errorCode: 0, configs: wanted(configsOf(topic)) }
          : { ...base, errorCode: Code.unknownTopic, errorMessage: 'This server does not host this topic-partition.' }
      if (resourceType === 4 && name === String(cluster.broker))
        return {
          ...base,
          errorCode: 0,
          configs: wanted(
            brokerConfigs(cluster.broker).map(([key, value, type]) => configBody(key, value, type, Source.file)),
          ),
        }
      return {
        ...base,
        errorCode: Code.request,
        errorMessage: `Unexpected broker id, expected ${cluster.broker} or empty string, but received ${name.slice(0, 64)}`,
      }
    })
  return { results }
}

/** AlterConfigs and IncrementalAlterConfigs: of topics; what is said of the broker is taken and changes nothing. */
export function alterConfigs({ cx, cluster }: Talk, body: Body, incremental: boolean): Body {
  const responses = ((body.resources ?? []) as Body[]).slice(0, MOST).map(({ resourceType, resourceName, configs }) => {
    const name = String(resourceName ?? '')
    const list = ((configs ?? []) as Body[]).map(one => ({
      key: String(one.name ?? ''),
      value: one.value === null ? undefined : String(one.value),
      remove: incremental && one.configOperation === 1,
    }))
    note(
      cx,
      incremental ? 'IncrementalAlterConfigs' : 'AlterConfigs',
      `${name} ${list.map(({ key, value }) => `${key}=${value}`).join(' ')}`,
    )
    const base = { resourceType: resourceType!, resourceName: name }
    const topic = cluster.topics.get(name)
    if (resourceType === 2 && !topic)
      return { ...base, errorCode: Code.unknownTopic, errorMessage: `The topic '${name}' does not exist.` }
    const strange = resourceType === 2 ? list.find(({ key }) => !known.has(key)) : undefined
    if (strange) return { ...base, errorCode: Code.config, errorMessage: `Unknown topic config name: ${strange.key}` }
    if (topic && !body.validateOnly) {
      if (!incremental) topic.configs.clear()
      for (const { key, value, remove } of list)
        if (remove || value === undefined) topic.configs.delete(key)
        else topic.configs.set(key, value.slice(0, 4096))
    }
    return { ...base, errorCode: 0 }
  })
  return { responses }
}

export function describeLogDirs({ cluster }: Talk, body: Body): Body {
  const asked = body.topics as Body[] | null
  const names = asked === null ? [...cluster.topics.keys()] : asked.map(({ topic }) => String(topic))
  const topics = names.slice(0, MOST).flatMap(name => {
    const topic = cluster.topics.get(name)
    if (!topic) return []
    const partitions = topic.partitions.map((log, partitionIndex) => ({
      partitionIndex,
      partitionSize: BigInt(filled(log).batches.reduce((sum, { bytes }) => sum + bytes.length, 0)),
      offsetLag: 0n,
      isFutureKey: false,
    }))
    return [{ name, partitions }]
  })
  return { results: [{ errorCode: 0, logDir: '/var/lib/kafka/data', topics }] }
}

export function describeCluster({ cx, cluster }: Talk): Body {
  const broker = { brokerId: cluster.broker, ...advertised(cx) }
  return { errorCode: 0, clusterId: cluster.id, controllerId: cluster.broker, brokers: [broker] }
}

export const initProducerId = ({ cluster }: Talk): Body => ({
  errorCode: 0,
  producerId: cluster.producers++,
  producerEpoch: 0,
})

export function offsetForLeaderEpoch({ cluster }: Talk, body: Body): Body {
  const topics = ((body.topics ?? []) as Body[]).map(({ topic, partitions }) => ({
    topic: topic!,
    partitions: ((partitions ?? []) as Body[]).map(({ partition }) => {
      const log = logOf(cluster, topic, partition)
      return log
        ? { errorCode: 0, partition: partition!, leaderEpoch: 0, endOffset: log.end }
        : { errorCode: Code.unknownTopic, partition: partition!, leaderEpoch: -1, endOffset: -1n }
    }),
  }))
  return { topics }
}

export const describeAcls = (): Body => ({
  errorCode: Code.noSecurity,
  errorMessage: 'No Authorizer is configured on the broker',
  resources: [],
})

function note(cx: TcpContext<Options>, verb: string, what: string): void {
  cx.record.command({ line: text(Buffer.from(`${verb} ${what.trim()}`, 'latin1'), 1024), verb })
}
