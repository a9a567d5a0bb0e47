import type { Context } from '#sensor/service.ts'
import type { Options } from './options.ts'
import { seeds } from './seed.ts'

/** One key as it is now; never changed, only replaced. Revisions count every change of the whole store. */
export type Entry = { key: string; value: Buffer; create: number; mod: number; version: number; lease: bigint }
export type Lease = { seconds: number; until: number }

/** What one attacker sees of this member. Keys are Latin-1, so that they sort as their bytes do. */
export type Etcd = {
  entries: Map<string, Entry>
  revision: number
  compacted: number
  leases: Map<bigint, Lease>
  users: Set<string>
  term: number
  /** Of the raft log. */
  index: number
  /** Bytes and keys that this attacker has put here. */
  bytes: number
}

/** What of an attacker's goes into the store; beyond it the database's space is exceeded, as with a quota. */
const MOST_BYTES = 1 << 20
const MOST_KEYS = 2000
/** So many attackers may have more than a little here: who comes after them takes the place of the first. */
const SMALL = 8 << 10
const MOST_LARGE = 48
const large = new Set<Etcd>()

/** A member of one, right after its first start. */
export const emptyEtcd = (): Etcd => ({
  entries: new Map(),
  revision: 1,
  compacted: -1,
  leases: new Map(),
  users: new Set(),
  term: 2,
  index: 4,
  bytes: 0,
})

/** What an attacker finds: months of work of others. */
export function seededEtcd(cx: Context<Options>): Etcd {
  const { entries, revision, restarts } = seeds(cx.persona)
  const index = revision + 3 * restarts + 4
  return { ...emptyEtcd(), entries: new Map(entries), revision, term: 1 + restarts, index }
}

/** Whether there is room for so much more. */
export function takesMore(state: Etcd, bytes: number): boolean {
  if (state.bytes + bytes > MOST_BYTES || state.entries.size >= MOST_KEYS) return false
  state.bytes += bytes
  if (state.bytes > SMALL && !large.has(state)) {
    large.add(state)
    const [first] = large
    if (large.size > MOST_LARGE && first) {
      large.delete(first)
      first.entries.clear()
      first.bytes = 0
    }
  }
  return true
}

/** Names that an administrator's unit file leaves alone: `http://localhost:2380` and the token `etcd-cluster` make these. */
export const MEMBER = 0x8e9e_05c5_2164_694dn
export const CLUSTER = 0xcdf8_1819_4e3a_8c32n
