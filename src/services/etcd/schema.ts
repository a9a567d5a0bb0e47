/**
 * The messages of etcd 3.4's API (etcdserver/etcdserverpb/rpc.proto, mvcc/mvccpb/kv.proto) that are spoken here: one
 * table for both of their forms, protobuf and JSON. A field is `name kind`, `[]` where it is repeated.
 */
export type Scalar = Buffer | bigint | number | string | boolean
export type Value = Scalar | Message | readonly Value[]
/** Absent means the default; integers of 64 bits come as bigint, may be given as numbers. */
export type Message = { readonly [field: string]: Value | undefined }

export type Kind = 'bytes' | 'string' | 'bool' | 'int64' | 'uint64' | 'int32' | 'uint32' | 'enum' | 'message'
export type Field = { number: number; name: string; kind: Kind; of: string; many: boolean }

export const enums: ReadonlyMap<string, readonly string[]> = new Map([
  ['SortOrder', ['NONE', 'ASCEND', 'DESCEND']],
  ['SortTarget', ['KEY', 'VERSION', 'CREATE', 'MOD', 'VALUE']],
  ['CompareResult', ['EQUAL', 'GREATER', 'LESS', 'NOT_EQUAL']],
  ['CompareTarget', ['VERSION', 'CREATE', 'MOD', 'VALUE', 'LEASE']],
  ['AlarmAction', ['GET', 'ACTIVATE', 'DEACTIVATE']],
  ['AlarmType', ['NONE', 'NOSPACE', 'CORRUPT']],
])
/** What Go calls an enum in its complaints. */
export const enumNames: ReadonlyMap<string, string> = new Map([
  ['SortOrder', 'etcdserverpb.RangeRequest_SortOrder'],
  ['SortTarget', 'etcdserverpb.RangeRequest_SortTarget'],
  ['CompareResult', 'etcdserverpb.Compare_CompareResult'],
  ['CompareTarget', 'etcdserverpb.Compare_CompareTarget'],
  ['AlarmAction', 'etcdserverpb.AlarmRequest_AlarmAction'],
  ['AlarmType', 'etcdserverpb.AlarmType'],
])

const source = `
Empty:
Header: 1 cluster_id uint64, 2 member_id uint64, 3 revision int64, 4 raft_term uint64
Answer: 1 header Header
KeyValue: 1 key bytes, 2 create_revision int64, 3 mod_revision int64, 4 version int64, 5 value bytes, 6 lease int64
RangeRequest: 1 key bytes, 2 range_end bytes, 3 limit int64, 4 revision int64, 5 sort_order SortOrder, 6 sort_target SortTarget, 7 serializable bool, 8 keys_only bool, 9 count_only bool, 10 min_mod_revision int64, 11 max_mod_revision int64, 12 min_create_revision int64, 13 max_create_revision int64
RangeResponse: 1 header Header, 2 kvs KeyValue[], 3 more bool, 4 count int64
PutRequest: 1 key bytes, 2 value bytes, 3 lease int64, 4 prev_kv bool, 5 ignore_value bool, 6 ignore_lease bool
PutResponse: 1 header Header, 2 prev_kv KeyValue
DeleteRangeRequest: 1 key bytes, 2 range_end bytes, 3 prev_kv bool
DeleteRangeResponse: 1 header Header, 2 deleted int64, 3 prev_kvs KeyValue[]
RequestOp: 1 request_range RangeRequest, 2 request_put PutRequest, 3 request_delete_range DeleteRangeRequest, 4 request_txn TxnRequest
ResponseOp: 1 response_range RangeResponse, 2 response_put PutResponse, 3 response_delete_range DeleteRangeResponse, 4 response_txn TxnResponse
Compare: 1 result CompareResult, 2 target CompareTarget, 3 key bytes, 4 version int64, 5 create_revision int64, 6 mod_revision int64, 7 value bytes, 8 lease int64, 64 range_end bytes
TxnRequest: 1 compare Compare[], 2 success RequestOp[], 3 failure RequestOp[]
TxnResponse: 1 header Header, 2 succeeded bool, 3 responses ResponseOp[]
CompactionRequest: 1 revision int64, 2 physical bool
WatchCreate: 1 key bytes, 2 range_end bytes, 3 start_revision int64, 4 progress_notify bool, 6 prev_kv bool, 7 watch_id int64
WatchCancel: 1 watch_id int64
WatchRequest: 1 create_request WatchCreate, 2 cancel_request WatchCancel, 3 progress_request Empty
WatchResponse: 1 header Header, 2 watch_id int64, 3 created bool, 4 canceled bool
LeaseGrantRequest: 1 TTL int64, 2 ID int64
LeaseGrantResponse: 1 header Header, 2 ID int64, 3 TTL int64, 4 error string
LeaseRequest: 1 ID int64
LeaseKeepAliveResponse: 1 header Header, 2 ID int64, 3 TTL int64
LeaseTimeToLiveRequest: 1 ID int64, 2 keys bool
LeaseTimeToLiveResponse: 1 header Header, 2 ID int64, 3 TTL int64, 4 grantedTTL int64, 5 keys bytes[]
LeaseStatus: 1 ID int64
LeaseLeasesResponse: 1 header Header, 2 leases LeaseStatus[]
Member: 1 ID uint64, 2 name string, 3 peerURLs string[], 4 clientURLs string[], 5 isLearner bool
MemberAddRequest: 1 peerURLs string[], 2 isLearner bool
MemberRequest: 1 ID uint64, 2 peerURLs string[]
MemberListResponse: 1 header Header, 2 members Member[]
AlarmRequest: 1 action AlarmAction, 2 memberID uint64, 3 alarm AlarmType
StatusResponse: 1 header Header, 2 version string, 3 dbSize int64, 4 leader uint64, 5 raftIndex uint64, 6 raftTerm uint64, 7 raftAppliedIndex uint64, 8 errors string[], 9 dbSizeInUse int64, 10 isLearner bool
HashResponse: 1 header Header, 2 hash uint32
HashKVRequest: 1 revision int64
HashKVResponse: 1 header Header, 2 hash uint32, 3 compact_revision int64
AuthenticateRequest: 1 name string, 2 password string
AuthUserAddRequest: 1 name string, 2 password string
AuthNameRequest: 1 name string
AuthUserList: 1 header Header, 2 users string[]
`

const scalars = new Set<string>(['bytes', 'string', 'bool', 'int64', 'uint64', 'int32', 'uint32'])

function fieldOf(row: string): Field {
  const [number, name, type] = row.trim().split(' ') as [string, string, string]
  const of = type.replace('[]', '')
  const kind = scalars.has(of) ? of : enums.has(of) ? 'enum' : 'message'
  return { number: Number(number), name, kind: kind as Kind, of, many: type.endsWith('[]') }
}

const messages: ReadonlyMap<string, readonly Field[]> = new Map(
  source
    .trim()
    .split('\n')
    .map(line => {
      const colon = line.indexOf(':')
      const rows = line.slice(colon + 1).trim()
      return [line.slice(0, colon), rows === '' ? [] : rows.split(',').map(fieldOf)] as const
    }),
)

/** The fields of a message, by rising number. */
export function fieldsOf(name: string): readonly Field[] {
  const fields = messages.get(name)
  if (!fields) throw new Error(`No message ${name}`)
  return fields
}
