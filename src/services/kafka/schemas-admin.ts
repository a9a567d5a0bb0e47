import { error, index, pair, throttle } from './schemas-data.ts'
import { f } from './wire.ts'

/** Messages that ask who is there and change it (Kafka 2.8). */

const NEVER = Number.POSITIVE_INFINITY
const why = (from = 0) => f('errorMessage', 'string', from, NEVER, null)

export const saslHandshake = pair(NEVER, [f('mechanism', 'string')], [error, f('mechanisms', ['string'])])
export const saslAuthenticate = pair(
  2,
  [f('authBytes', 'bytes')],
  [error, why(), f('authBytes', 'bytes'), f('sessionLifetimeMs', 'int64', 1)],
)

export const apiVersions = pair(
  3,
  [f('clientSoftwareName', 'string', 3), f('clientSoftwareVersion', 'string', 3)],
  [error, f('apiKeys', [f('apiKey', 'int16'), f('minVersion', 'int16'), f('maxVersion', 'int16')]), throttle(1)],
)

export const createTopics = pair(
  5,
  [
    f('topics', [
      f('name', 'string'),
      f('numPartitions', 'int32'),
      f('replicationFactor', 'int16'),
      f('assignments', [index, f('brokerIds', ['int32'])]),
      f('configs', [f('name', 'string'), f('value', 'string')]),
    ]),
    f('timeoutMs', 'int32'),
    f('validateOnly', 'bool', 1),
  ],
  [
    throttle(2),
    f('topics', [
      f('name', 'string'),
      f('topicId', 'uuid', 7),
      error,
      why(1),
      f('numPartitions', 'int32', 5, NEVER, -1),
      f('replicationFactor', 'int16', 5, NEVER, -1),
      f(
        'configs',
        [
          f('name', 'string'),
          f('value', 'string'),
          f('readOnly', 'bool'),
          f('configSource', 'int8'),
          f('isSensitive', 'bool'),
        ],
        5,
      ),
    ]),
  ],
)

export const deleteTopics = pair(
  4,
  [
    f('topics', [f('name', 'string'), f('topicId', 'uuid')], 6),
    f('topicNames', ['string'], 0, 5),
    f('timeoutMs', 'int32'),
  ],
  [throttle(1), f('responses', [f('name', 'string'), f('topicId', 'uuid', 6), error, why(5)])],
)

export const createPartitions = pair(
  2,
  [
    f('topics', [f('name', 'string'), f('count', 'int32'), f('assignments', [f('brokerIds', ['int32'])])]),
    f('timeoutMs', 'int32'),
    f('validateOnly', 'bool'),
  ],
  [throttle(), f('results', [f('name', 'string'), error, why()])],
)

export const describeAcls = pair(
  2,
  [
    f('resourceTypeFilter', 'int8'),
    f('resourceNameFilter', 'string'),
    f('patternTypeFilter', 'int8', 1),
    f('principalFilter', 'string'),
    f('hostFilter', 'string'),
    f('operation', 'int8'),
    f('permissionType', 'int8'),
  ],
  [throttle(), error, why(), f('resources', [f('resourceType', 'int8')])],
)

export const describeConfigs = pair(
  4,
  [
    f('resources', [f('resourceType', 'int8'), f('resourceName', 'string'), f('configurationKeys', ['string'])]),
    f('includeSynonyms', 'bool', 1),
    f('includeDocumentation', 'bool', 3),
  ],
  [
    throttle(),
    f('results', [
      error,
      why(),
      f('resourceType', 'int8'),
      f('resourceName', 'string'),
      f('configs', [
        f('name', 'string'),
        f('value', 'string'),
        f('readOnly', 'bool'),
        f('isDefault', 'bool', 0, 0),
        f('configSource', 'int8', 1, NEVER, 5),
        f('isSensitive', 'bool'),
        f('synonyms', [f('name', 'string'), f('value', 'string'), f('source', 'int8')], 1),
        f('configType', 'int8', 3),
        f('documentation', 'string', 3, NEVER, null),
      ]),
    ]),
  ],
)

const altered = [
  throttle(),
  f('responses', [error, why(), f('resourceType', 'int8'), f('resourceName', 'string')]),
] as const
export const alterConfigs = pair(
  2,
  [
    f('resources', [
      f('resourceType', 'int8'),
      f('resourceName', 'string'),
      f('configs', [f('name', 'string'), f('value', 'string')]),
    ]),
    f('validateOnly', 'bool'),
  ],
  altered,
)
export const incrementalAlterConfigs = pair(
  1,
  [
    f('resources', [
      f('resourceType', 'int8'),
      f('resourceName', 'string'),
      f('configs', [f('name', 'string'), f('configOperation', 'int8'), f('value', 'string')]),
    ]),
    f('validateOnly', 'bool'),
  ],
  altered,
)

export const describeLogDirs = pair(
  2,
  [f('topics', [f('topic', 'string'), f('partitions', ['int32'])])],
  [
    throttle(),
    f('results', [
      error,
      f('logDir', 'string'),
      f('topics', [
        f('name', 'string'),
        f('partitions', [index, f('partitionSize', 'int64'), f('offsetLag', 'int64'), f('isFutureKey', 'bool')]),
      ]),
    ]),
  ],
)

export const describeCluster = pair(
  0,
  [f('includeClusterAuthorizedOperations', 'bool')],
  [
    throttle(),
    error,
    why(),
    f('clusterId', 'string'),
    f('controllerId', 'int32'),
    f('brokers', [
      f('brokerId', 'int32'),
      f('host', 'string'),
      f('port', 'int32'),
      f('rack', 'string', 0, NEVER, null),
    ]),
    f('clusterAuthorizedOperations', 'int32', 0, NEVER, -2147483648),
  ],
)
