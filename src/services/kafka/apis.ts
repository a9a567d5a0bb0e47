import type { TcpContext } from '#sensor/service.ts'
import * as admin from './admin.ts'
import type { Cluster } from './cluster.ts'
import { advertised, fetch, listOffsets, metadata, produce } from './data.ts'
import * as groups from './groups.ts'
import type { Options } from './options.ts'
import * as adminSchemas from './schemas-admin.ts'
import * as dataSchemas from './schemas-data.ts'
import * as groupSchemas from './schemas-groups.ts'
import type { Body, Schema } from './wire.ts'

/** Every API of a broker of Kafka 2.8 with the versions that it offers, and how those are answered that clients use. */

export type Talk = { cx: TcpContext<Options>; cluster: Cluster; client: string }
export type Api = {
  name: string
  request: Schema
  response: Schema
  /** Told as a command of its own; others tell more themselves, or come all the time. */
  told: boolean
  answer(talk: Talk, version: number, body: Body): Body | undefined | Promise<Body | undefined>
}

/** Lowest and highest version by key: what ApiVersions says (kafka.api, 2.8, with ZooKeeper). */
export const offered: ReadonlyMap<number, readonly [least: number, most: number]> = new Map(
  [
    ...[
      9, 12, 6, 11, 5, 3, 7, 3, 8, 7, 3, 7, 4, 4, 5, 5, 4, 1, 3, 7, 6, 2, 4, 4, 3, 3, 3, 1, 3, 2, 2, 2, 4, 2, 2, 2, 2,
      3,
    ],
    ...[2, 2, 2, 2, 2, 2, 1, 0, 0, 0, 1, 1, 0, 0],
  ].map((most, key) => [key, [0, most]] as const),
)
/** The keys above 51 that a broker with ZooKeeper has. */
export const later = new Map<number, readonly [number, number]>([
  [56, [0, 0]],
  [57, [0, 0]],
  [60, [0, 0]],
  [61, [0, 0]],
])

const api = (name: string, { request, response }: dataSchemas.Pair, answer: Api['answer'], told = true): Api => ({
  name,
  request,
  response,
  answer,
  told,
})

export const apis: ReadonlyMap<number, Api> = new Map([
  [0, api('Produce', dataSchemas.produce, (talk, _, body) => produce(talk, body), false)],
  [1, api('Fetch', dataSchemas.fetch, fetch)],
  [2, api('ListOffsets', dataSchemas.listOffsets, listOffsets)],
  [3, api('Metadata', dataSchemas.metadata, metadata)],
  [8, api('OffsetCommit', groupSchemas.offsetCommit, (talk, _, body) => groups.commit(talk, body), false)],
  [9, api('OffsetFetch', groupSchemas.offsetFetch, (talk, _, body) => groups.committed(talk, body))],
  [
    10,
    api('FindCoordinator', groupSchemas.findCoordinator, ({ cx, cluster }) => ({
      errorCode: 0,
      errorMessage: 'NONE',
      nodeId: cluster.broker,
      ...advertised(cx),
    })),
  ],
  [11, api('JoinGroup', groupSchemas.joinGroup, groups.join)],
  [12, api('Heartbeat', groupSchemas.heartbeat, (talk, _, body) => groups.heartbeat(talk, body), false)],
  [13, api('LeaveGroup', groupSchemas.leaveGroup, groups.leave)],
  [14, api('SyncGroup', groupSchemas.syncGroup, (talk, _, body) => groups.sync(talk, body))],
  [15, api('DescribeGroups', groupSchemas.describeGroups, (talk, _, body) => groups.describe(talk, body))],
  [16, api('ListGroups', groupSchemas.listGroups, (talk, _, body) => groups.list(talk, body))],
  [19, api('CreateTopics', adminSchemas.createTopics, (talk, _, body) => admin.createTopics(talk, body), false)],
  [20, api('DeleteTopics', adminSchemas.deleteTopics, (talk, _, body) => admin.deleteTopics(talk, body), false)],
  [21, api('DeleteRecords', dataSchemas.deleteRecords, (talk, _, body) => admin.deleteRecords(talk, body), false)],
  [22, api('InitProducerId', dataSchemas.initProducerId, talk => admin.initProducerId(talk))],
  [
    23,
    api('OffsetForLeaderEpoch', dataSchemas.offsetForLeaderEpoch, (talk, _, body) =>
      admin.offsetForLeaderEpoch(talk, body),
    ),
  ],
  [29, api('DescribeAcls', adminSchemas.describeAcls, () => admin.describeAcls())],
  [32, api('DescribeConfigs', adminSchemas.describeConfigs, (talk, _, body) => admin.describeConfigs(talk, body))],
  [33, api('AlterConfigs', adminSchemas.alterConfigs, (talk, _, body) => admin.alterConfigs(talk, body, false), false)],
  [35, api('DescribeLogDirs', adminSchemas.describeLogDirs, (talk, _, body) => admin.describeLogDirs(talk, body))],
  [
    37,
    api(
      'CreatePartitions',
      adminSchemas.createPartitions,
      (talk, _, body) => admin.createPartitions(talk, body),
      false,
    ),
  ],
  [42, api('DeleteGroups', groupSchemas.deleteGroups, (talk, _, body) => groups.remove(talk, body))],
  [
    44,
    api(
      'IncrementalAlterConfigs',
      adminSchemas.incrementalAlterConfigs,
      (talk, _, body) => admin.alterConfigs(talk, body, true),
      false,
    ),
  ],
  [60, api('DescribeCluster', adminSchemas.describeCluster, talk => admin.describeCluster(talk))],
])
