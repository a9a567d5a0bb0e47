import * as refused from './refusal.ts'
import type { Message, Value } from './schema.ts'
import { type Entry, type Etcd, takesMore } from './state.ts'

/** Operations of a transaction (`--max-txn-ops`). */
const OPS = 128
/** Bytes that its answers may hold together; etcd has no such bound. */
const TXN_BYTES = 2 << 20

const str = (value: Value | undefined): string => (Buffer.isBuffer(value) ? value.toString('latin1') : '')
const num = (value: Value | undefined): number => Number(value ?? 0)
const list = (value: Value | undefined): readonly Message[] => (value ?? []) as readonly Message[]

export const toMessage = (entry: Entry, withValue = true): Message => ({
  key: Buffer.from(entry.key, 'latin1'),
  create_revision: entry.create,
  mod_revision: entry.mod,
  version: entry.version,
  ...(withValue ? { value: entry.value } : {}),
  lease: entry.lease,
})

/** Keys from `key` up to `end`; `\0` stands for the end of all, and nothing for the key alone. */
function within(state: Etcd, key: string, end: string): Entry[] {
  if (end === '') {
    const entry = state.entries.get(key)
    return entry ? [entry] : []
  }
  return [...state.entries.values()]
    .filter(entry => entry.key >= key && (end === '\0' || entry.key < end))
    .sort((a, b) => (a.key < b.key ? -1 : 1))
}

const bySort: readonly ((a: Entry, b: Entry) => number)[] = [
  (a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0),
  (a, b) => a.version - b.version,
  (a, b) => a.create - b.create,
  (a, b) => a.mod - b.mod,
  (a, b) => Buffer.compare(a.value, b.value),
]

/** KV.Range (etcdserver/apply.go). What was overwritten since is not kept: an older revision shows what it has left. */
export function range(state: Etcd, request: Message): Message {
  const key = str(request.key)
  if (key === '') throw refused.emptyKey()
  const revision = num(request.revision)
  if (revision > state.revision) throw refused.futureRevision()
  if (revision > 0 && revision < state.compacted) throw refused.compacted()
  const there = within(state, key, str(request.range_end)).filter(({ mod }) => revision <= 0 || mod <= revision)
  const between = (at: number, from: Value | undefined, to: Value | undefined): boolean =>
    (num(from) === 0 || at >= num(from)) && (num(to) === 0 || at <= num(to))
  const found = there.filter(
    ({ mod, create }) =>
      between(mod, request.min_mod_revision, request.max_mod_revision) &&
      between(create, request.min_create_revision, request.max_create_revision),
  )
  const [order, target] = [num(request.sort_order), num(request.sort_target)]
  const compare = bySort[target]
  if (compare && (order !== 0 || target !== 0)) found.sort((a, b) => compare(a, b) * (order === 2 ? -1 : 1))
  if (request.count_only) return { count: there.length }
  const limit = num(request.limit)
  const shown = limit > 0 ? found.slice(0, limit) : found
  return {
    kvs: shown.map(entry => toMessage(entry, !request.keys_only)),
    more: shown.length < found.length,
    count: there.length,
  }
}

/** KV.Put at `revision`. */
export function put(state: Etcd, request: Message, revision: number): Message {
  const key = str(request.key)
  if (key === '') throw refused.emptyKey()
  const before = state.entries.get(key)
  const given = (request.value ?? Buffer.alloc(0)) as Buffer
  const asked = (request.lease ?? 0n) as bigint
  if (request.ignore_value && given.length > 0) throw refused.valueProvided()
  if (request.ignore_lease && asked !== 0n) throw refused.leaseProvided()
  if ((request.ignore_value || request.ignore_lease) && !before) throw refused.keyNotFound()
  const lease = request.ignore_lease ? before!.lease : BigInt(asked)
  if (lease !== 0n && !state.leases.has(lease)) throw refused.leaseNotFound()
  if (!takesMore(state, key.length + given.length + 64)) throw refused.noSpace()
  state.entries.set(key, {
    key,
    value: request.ignore_value ? before!.value : Buffer.from(given),
    create: before?.create ?? revision,
    mod: revision,
    version: (before?.version ?? 0) + 1,
    lease,
  })
  return request.prev_kv && before ? { prev_kv: toMessage(before) } : {}
}

/** KV.DeleteRange; whether something was there is in `deleted`. */
export function remove(state: Etcd, request: Message): Message {
  const key = str(request.key)
  if (key === '') throw refused.emptyKey()
  const gone = within(state, key, str(request.range_end))
  for (const entry of gone) state.entries.delete(entry.key)
  return { deleted: gone.length, ...(request.prev_kv ? { prev_kvs: gone.map(entry => toMessage(entry)) } : {}) }
}

/** KV.Txn: compares, then carries out one of two lists; every change in it has the same revision. */
export function txn(state: Etcd, request: Message, revision: number, work = { ops: 0, bytes: 0 }): Message {
  check(request, work)
  const succeeded = list(request.compare).every(compare => holds(state, compare))
  const responses = list(succeeded ? request.success : request.failure).map((op): Message => {
    if (op.request_range) {
      const answer = range(state, op.request_range as Message)
      for (const { key, value } of list(answer.kvs)) work.bytes += str(key).length + str(value).length
      if (work.bytes > TXN_BYTES) throw refused.tooLarge()
      return { response_range: { header: at(state), ...answer } }
    }
    if (op.request_put) {
      const answer = put(state, op.request_put as Message, revision)
      state.revision = revision
      return { response_put: { header: at(state), ...answer } }
    }
    if (op.request_delete_range) {
      const answer = remove(state, op.request_delete_range as Message)
      if (answer.deleted !== 0) state.revision = revision
      return { response_delete_range: { header: at(state), ...answer } }
    }
    if (!op.request_txn) return {}
    return { response_txn: { header: {}, ...txn(state, op.request_txn as Message, revision, work) } }
  })
  return { succeeded, responses }
}
const at = ({ revision }: Etcd): Message => ({ revision })

/** Operations are counted over all transactions in it, so that none can grow out of few bytes. */
function check(request: Message, work: { ops: number }): void {
  const { compare, success, failure } = request
  work.ops += Math.max(1, list(compare).length, list(success).length, list(failure).length)
  if (work.ops > OPS) throw refused.tooManyOps()
  if (list(compare).some(({ key }) => str(key) === '')) throw refused.emptyKey()
  for (const ops of [list(success), list(failure)]) {
    const puts = ops.flatMap(({ request_put: one }) => (one ? [str((one as Message).key)] : []))
    const asked = ops.flatMap(op => [op.request_range, op.request_put, op.request_delete_range].filter(Boolean))
    if (asked.some(one => str((one as Message).key) === '')) throw refused.emptyKey()
    if (new Set(puts).size < puts.length) throw refused.duplicateKey()
  }
}

function holds(state: Etcd, compare: Message): boolean {
  const target = num(compare.target)
  const of = (entry: Entry | undefined): number => {
    if (target === 3)
      return Buffer.compare(entry?.value ?? Buffer.alloc(0), (compare.value ?? Buffer.alloc(0)) as Buffer)
    const [has, wanted] =
      target === 0
        ? [entry?.version, compare.version]
        : target === 1
          ? [entry?.create, compare.create_revision]
          : target === 2
            ? [entry?.mod, compare.mod_revision]
            : [entry?.lease, compare.lease]
    const [a, b] = [BigInt(has ?? 0), BigInt((wanted ?? 0) as bigint)]
    return a < b ? -1 : a > b ? 1 : 0
  }
  const fits = (entry: Entry | undefined): boolean => {
    // A value that is not there is equal to nothing (applyCompare).
    if (target === 3 && !entry) return false
    const difference = of(entry)
    return [difference === 0, difference > 0, difference < 0, difference !== 0][num(compare.result)] ?? true
  }
  const entries = within(state, str(compare.key), str(compare.range_end))
  return entries.length === 0 ? fits(undefined) : entries.every(fits)
}
