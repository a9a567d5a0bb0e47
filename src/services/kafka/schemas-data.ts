import { f, type Schema } from './wire.ts'

/** Messages that move records (Kafka 2.8: clients/src/main/resources/common/message). */

const throttle = (from = 0) => f('throttleTimeMs', 'int32', from)
const error = f('errorCode', 'int16')
const index = f('partitionIndex', 'int32')
type Pair = { request: Schema; response: Schema }
const pair = (flexible: number, request: Schema['fields'], response: Schema['fields']): Pair => ({
  request: { fields: request, flexible },
  response: { fields: response, flexible },
})

export { error, index, type Pair, pair, throttle }

export const produce = pair(
  9,
  [
    f('transactionalId', 'string', 3, Number.POSITIVE_INFINITY, null),
    f('acks', 'int16'),
    f('timeoutMs', 'int32'),
    f('topics', [f('name', 'string'), f('partitions', [f('index', 'int32'), f('records', 'records')])]),
  ],
  [
    f('responses', [
      f('name', 'string'),
      f('partitionResponses', [
        f('index', 'int32'),
        error,
        f('baseOffset', 'int64'),
        f('logAppendTimeMs', 'int64', 2, Number.POSITIVE_INFINITY, -1n),
        f('logStartOffset', 'int64', 5, Number.POSITIVE_INFINITY, -1n),
        f('recordErrors', [f('batchIndex', 'int32'), f('batchIndexErrorMessage', 'string')], 8),
        f('errorMessage', 'string', 8, Number.POSITIVE_INFINITY, null),
      ]),
    ]),
    throttle(1),
  ],
)

export const fetch = pair(
  12,
  [
    f('replicaId', 'int32'),
    f('maxWaitMs', 'int32'),
    f('minBytes', 'int32'),
    f('maxBytes', 'int32', 3, Number.POSITIVE_INFINITY, 0x7fffffff),
    f('isolationLevel', 'int8', 4),
    f('sessionId', 'int32', 7),
    f('sessionEpoch', 'int32', 7),
    f('topics', [
      f('topic', 'string'),
      f('partitions', [
        f('partition', 'int32'),
        f('currentLeaderEpoch', 'int32', 9),
        f('fetchOffset', 'int64'),
        f('lastFetchedEpoch', 'int32', 12),
        f('logStartOffset', 'int64', 5),
        f('partitionMaxBytes', 'int32'),
      ]),
    ]),
    f('forgottenTopicsData', [f('topic', 'string'), f('partitions', ['int32'])], 7),
    f('rackId', 'string', 11),
  ],
  [
    throttle(1),
    f('errorCode', 'int16', 7),
    f('sessionId', 'int32', 7),
    f('responses', [
      f('topic', 'string'),
      f('partitions', [
        index,
        error,
        f('highWatermark', 'int64'),
        f('lastStableOffset', 'int64', 4),
        f('logStartOffset', 'int64', 5),
        f(
          'abortedTransactions',
          [f('producerId', 'int64'), f('firstOffset', 'int64')],
          4,
          Number.POSITIVE_INFINITY,
          null,
        ),
        f('preferredReadReplica', 'int32', 11, Number.POSITIVE_INFINITY, -1),
        f('records', 'records'),
      ]),
    ]),
  ],
)

export const listOffsets = pair(
  6,
  [
    f('replicaId', 'int32'),
    f('isolationLevel', 'int8', 2),
    f('topics', [
      f('name', 'string'),
      f('partitions', [
        index,
        f('currentLeaderEpoch', 'int32', 4),
        f('timestamp', 'int64'),
        f('maxNumOffsets', 'int32', 0, 0),
      ]),
    ]),
  ],
  [
    throttle(2),
    f('topics', [
      f('name', 'string'),
      f('partitions', [
        index,
        error,
        f('oldStyleOffsets', ['int64'], 0, 0),
        f('timestamp', 'int64', 1, Number.POSITIVE_INFINITY, -1n),
        f('offset', 'int64', 1, Number.POSITIVE_INFINITY, -1n),
        f('leaderEpoch', 'int32', 4, Number.POSITIVE_INFINITY, -1),
      ]),
    ]),
  ],
)

/** What nobody asked for: which operations would be allowed. */
const unasked = -2147483648
export const metadata = pair(
  9,
  [
    f('topics', [f('topicId', 'uuid', 10), f('name', 'string')]),
    f('allowAutoTopicCreation', 'bool', 4, Number.POSITIVE_INFINITY, true),
    f('includeClusterAuthorizedOperations', 'bool', 8, 10),
    f('includeTopicAuthorizedOperations', 'bool', 8),
  ],
  [
    throttle(3),
    f('brokers', [
      f('nodeId', 'int32'),
      f('host', 'string'),
      f('port', 'int32'),
      f('rack', 'string', 1, Number.POSITIVE_INFINITY, null),
    ]),
    f('clusterId', 'string', 2),
    f('controllerId', 'int32', 1),
    f('topics', [
      error,
      f('name', 'string'),
      f('topicId', 'uuid', 10),
      f('isInternal', 'bool', 1),
      f('partitions', [
        error,
        index,
        f('leaderId', 'int32'),
        f('leaderEpoch', 'int32', 7),
        f('replicaNodes', ['int32']),
        f('isrNodes', ['int32']),
        f('offlineReplicas', ['int32'], 5),
      ]),
      f('topicAuthorizedOperations', 'int32', 8, Number.POSITIVE_INFINITY, unasked),
    ]),
    f('clusterAuthorizedOperations', 'int32', 8, 10, unasked),
  ],
)

export const deleteRecords = pair(
  2,
  [f('topics', [f('name', 'string'), f('partitions', [index, f('offset', 'int64')])]), f('timeoutMs', 'int32')],
  [throttle(), f('topics', [f('name', 'string'), f('partitions', [index, f('lowWatermark', 'int64'), error])])],
)

export const initProducerId = pair(
  2,
  [
    f('transactionalId', 'string'),
    f('transactionTimeoutMs', 'int32'),
    f('producerId', 'int64', 3),
    f('producerEpoch', 'int16', 3),
  ],
  [throttle(), error, f('producerId', 'int64'), f('producerEpoch', 'int16')],
)

export const offsetForLeaderEpoch = pair(
  4,
  [
    f('replicaId', 'int32', 3),
    f('topics', [
      f('topic', 'string'),
      f('partitions', [f('partition', 'int32'), f('currentLeaderEpoch', 'int32', 2), f('leaderEpoch', 'int32')]),
    ]),
  ],
  [
    throttle(2),
    f('topics', [
      f('topic', 'string'),
      f('partitions', [error, f('partition', 'int32'), f('leaderEpoch', 'int32', 1), f('endOffset', 'int64')]),
    ]),
  ],
)
