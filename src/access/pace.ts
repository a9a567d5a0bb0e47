/** Steps that one attacker may have carried out at once, and gets back each second; seconds that one answer may wait. */
const SIZE = 6_000_000
const PER_SECOND = 300_000
const MOST = 20

/** How much computing one attacker has had of a service that computes for whoever asks (scripts, queries). */
export class Pace {
  #left = SIZE
  #at = 0

  /** Takes what was done; seconds to wait until it is paid for. `now`: milliseconds since the epoch. */
  spend(steps: number, now: number): number {
    this.#left = Math.min(SIZE, this.#left + (Math.max(0, now - this.#at) / 1000) * PER_SECOND)
    this.#at = now
    this.#left -= steps
    return this.#left >= 0 ? 0 : Math.min(MOST, -this.#left / PER_SECOND)
  }
}
