import { error, index, pair, throttle } from './schemas-data.ts'
import { f } from './wire.ts'

/** Messages of consumer groups (Kafka 2.8). */

const instance = (from: number) => f('groupInstanceId', 'string', from, Number.POSITIVE_INFINITY, null)
const group = f('groupId', 'string')
const member = f('memberId', 'string')

export const offsetCommit = pair(
  8,
  [
    group,
    f('generationId', 'int32', 1, Number.POSITIVE_INFINITY, -1),
    f('memberId', 'string', 1),
    instance(7),
    f('retentionTimeMs', 'int64', 2, 4),
    f('topics', [
      f('name', 'string'),
      f('partitions', [
        index,
        f('committedOffset', 'int64'),
        f('committedLeaderEpoch', 'int32', 6, Number.POSITIVE_INFINITY, -1),
        f('commitTimestamp', 'int64', 1, 1),
        f('committedMetadata', 'string'),
      ]),
    ]),
  ],
  [throttle(3), f('topics', [f('name', 'string'), f('partitions', [index, error])])],
)

export const offsetFetch = pair(
  6,
  [group, f('topics', [f('name', 'string'), f('partitionIndexes', ['int32'])]), f('requireStable', 'bool', 7)],
  [
    throttle(3),
    f('topics', [
      f('name', 'string'),
      f('partitions', [
        index,
        f('committedOffset', 'int64'),
        f('committedLeaderEpoch', 'int32', 5, Number.POSITIVE_INFINITY, -1),
        f('metadata', 'string'),
        error,
      ]),
    ]),
    f('errorCode', 'int16', 2),
  ],
)

export const findCoordinator = pair(
  3,
  [f('key', 'string'), f('keyType', 'int8', 1)],
  [
    throttle(1),
    error,
    f('errorMessage', 'string', 1, Number.POSITIVE_INFINITY, null),
    f('nodeId', 'int32'),
    f('host', 'string'),
    f('port', 'int32'),
  ],
)

export const joinGroup = pair(
  6,
  [
    group,
    f('sessionTimeoutMs', 'int32'),
    f('rebalanceTimeoutMs', 'int32', 1),
    member,
    instance(5),
    f('protocolType', 'string'),
    f('protocols', [f('name', 'string'), f('metadata', 'bytes')]),
  ],
  [
    throttle(2),
    error,
    f('generationId', 'int32', 0, Number.POSITIVE_INFINITY, -1),
    f('protocolType', 'string', 7, Number.POSITIVE_INFINITY, null),
    f('protocolName', 'string'),
    f('leader', 'string'),
    member,
    f('members', [member, instance(5), f('metadata', 'bytes')]),
  ],
)

export const heartbeat = pair(4, [group, f('generationId', 'int32'), member, instance(3)], [throttle(1), error])

export const leaveGroup = pair(
  4,
  [group, f('memberId', 'string', 0, 2), f('members', [member, instance(3)], 3)],
  [throttle(1), error, f('members', [member, instance(3), error], 3)],
)

export const syncGroup = pair(
  4,
  [
    group,
    f('generationId', 'int32'),
    member,
    instance(3),
    f('protocolType', 'string', 5),
    f('protocolName', 'string', 5),
    f('assignments', [member, f('assignment', 'bytes')]),
  ],
  [
    throttle(1),
    error,
    f('protocolType', 'string', 5, Number.POSITIVE_INFINITY, null),
    f('protocolName', 'string', 5, Number.POSITIVE_INFINITY, null),
    f('assignment', 'bytes'),
  ],
)

export const describeGroups = pair(
  5,
  [f('groups', ['string']), f('includeAuthorizedOperations', 'bool', 3)],
  [
    throttle(1),
    f('groups', [
      error,
      group,
      f('groupState', 'string'),
      f('protocolType', 'string'),
      f('protocolData', 'string'),
      f('members', [
        member,
        instance(4),
        f('clientId', 'string'),
        f('clientHost', 'string'),
        f('memberMetadata', 'bytes'),
        f('memberAssignment', 'bytes'),
      ]),
      f('authorizedOperations', 'int32', 3, Number.POSITIVE_INFINITY, -2147483648),
    ]),
  ],
)

export const listGroups = pair(
  3,
  [f('statesFilter', ['string'], 4)],
  [throttle(1), error, f('groups', [group, f('protocolType', 'string'), f('groupState', 'string', 4)])],
)

export const deleteGroups = pair(2, [f('groupsNames', ['string'])], [throttle(), f('results', [group, error])])
