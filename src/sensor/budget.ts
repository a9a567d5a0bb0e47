import type { Reason } from './endings.ts'

export type Holder = { readonly weight: number; hangup(reason: Reason): unknown }

/**
 * The memory that all conversations share. Each is bounded by itself, but ten thousand that each fill their bounds are
 * not: over the cap, those that hold most are hung up as floods until an eighth is free again.
 */
export class Budget {
  held = 0
  flooded = 0
  #cap: number
  #holders = new Set<Holder>()

  constructor(capBytes: number) {
    this.#cap = capBytes
  }

  /** `who.weight` has changed by `bytes`. */
  weigh(who: Holder, bytes: number): void {
    this.held += bytes
    if (who.weight > 0) this.#holders.add(who)
    else this.#holders.delete(who)
    if (bytes > 0 && this.held > this.#cap) this.#relieve()
  }

  #relieve() {
    for (const who of [...this.#holders].sort((a, b) => b.weight - a.weight)) {
      if (this.held <= (this.#cap / 8) * 7) return
      this.flooded++
      who.hangup('flooded')
    }
  }
}
