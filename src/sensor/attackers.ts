import { networkOf } from './address.ts'

/** State that may grow tells how many bytes it holds, and lets go of them when the room of all is used up. */
export type Weighed = { weight(): number; drop(): unknown }

const weighed = (state: object): state is Weighed => 'weight' in state && 'drop' in state

/**
 * What services remember of an attacker between connections. Bounded: the least recently seen is forgotten when there are
 * too many, everyone after `ttl` milliseconds without a visit, and the largest drop what they hold when all together
 * hold more than `bytes`.
 */
export class Attackers {
  #kept = new Map<string, { state: object; seen: number }>()
  #max: number
  #ttl: number
  #bytes: number

  constructor({ max = 4096, ttl = 24 * 3600_000, bytes = 48 << 20 } = {}) {
    this.#max = max
    this.#ttl = ttl
    this.#bytes = bytes
  }

  state<T extends object>(service: string, ip: string, now: number, make: (network?: string) => T): T {
    const network = networkOf(ip)
    const key = `${service} ${network}`
    const found = this.#kept.get(key)
    const state = found && now - found.seen < this.#ttl ? (found.state as T) : make(network)
    // A Map lists its keys in order of insertion: the first is the one not seen for longest.
    this.#kept.delete(key)
    this.#kept.set(key, { state, seen: now })
    if (this.#kept.size > this.#max) this.#forget(this.#kept.keys().next().value!)
    return state
  }

  /** Once a second: forgets those not seen for too long, and keeps to the room there is. */
  sweep(now: number): void {
    for (const [key, { seen }] of this.#kept) {
      if (now - seen < this.#ttl) break
      this.#forget(key)
    }
    let held = 0
    const holders: { state: Weighed; weight: number }[] = []
    for (const { state } of this.#kept.values()) {
      if (!weighed(state)) continue
      const weight = state.weight()
      held += weight
      holders.push({ state, weight })
    }
    if (held <= this.#bytes) return
    holders.sort((a, b) => b.weight - a.weight)
    for (const { state, weight } of holders) {
      if (held <= this.#bytes / 2) return
      state.drop()
      held -= weight
    }
  }

  // A conversation may still hold what is forgotten here: it would grow out of every count.
  #forget(key: string) {
    const state = this.#kept.get(key)?.state
    this.#kept.delete(key)
    if (state && weighed(state)) state.drop()
  }
}
