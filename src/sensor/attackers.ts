/**
 * What services remember of an attacker between connections. Bounded: the least recently seen is forgotten when there are
 * too many, everyone after `ttl` milliseconds without a visit.
 */
export class Attackers {
  #kept = new Map<string, { state: object; seen: number }>()
  #max: number
  #ttl: number

  constructor({ max = 4096, ttl = 24 * 3600_000 } = {}) {
    this.#max = max
    this.#ttl = ttl
  }

  state<T extends object>(service: string, ip: string, now: number, make: () => T): T {
    const key = `${service} ${ip}`
    const found = this.#kept.get(key)
    const state = found && now - found.seen < this.#ttl ? (found.state as T) : make()
    // A Map lists its keys in order of insertion: the first is the one not seen for longest.
    this.#kept.delete(key)
    this.#kept.set(key, { state, seen: now })
    if (this.#kept.size > this.#max) this.#kept.delete(this.#kept.keys().next().value!)
    return state
  }

  /** Forgets those not seen for too long. */
  sweep(now: number): void {
    for (const [key, { seen }] of this.#kept) {
      if (now - seen < this.#ttl) break
      this.#kept.delete(key)
    }
  }
}
