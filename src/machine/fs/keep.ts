/** What attackers left behind, by attacker; bounded, least recently seen first out. */
export type Keep = {
  /** `now` in milliseconds since the epoch; `undefined` where there is nothing, or nothing any more. */
  take(attacker: string, now: number): Buffer | undefined
  leave(attacker: string, delta: Buffer, now: number): void
  bytes: number
  size: number
}

/** Roughly what an entry takes beside its delta. */
const entryCost = 300

/** `bytes` of deltas altogether, each not longer than `each`, none older than `age` milliseconds. */
export const createKeep = (limits: { bytes: number; each: number; age: number }): Keep => {
  const kept = new Map<string, { delta: Buffer; left: number }>()
  const remove = (attacker: string): void => {
    const entry = kept.get(attacker)
    if (!entry) return
    kept.delete(attacker)
    keep.bytes -= entry.delta.length + entryCost
    keep.size = kept.size
  }
  const expire = (now: number): void => {
    for (const [attacker, { left }] of kept) {
      if (keep.bytes <= limits.bytes && now - left <= limits.age) break
      remove(attacker)
    }
  }
  const keep: Keep = {
    bytes: 0,
    size: 0,
    take(attacker, now) {
      expire(now)
      return kept.get(attacker)?.delta
    },
    leave(attacker, delta, now) {
      remove(attacker)
      if (delta.length <= limits.each) {
        kept.set(attacker, { delta, left: now })
        keep.bytes += delta.length + entryCost
        keep.size = kept.size
      }
      expire(now)
    },
  }
  return keep
}
