/**
 * What was heard of lately, bounded: two generations of half as many entries, of which the older is forgotten whole. Unlike
 * one map from which the oldest is deleted, whose holes have to be walked over each time, it costs the same at every size.
 */
export class Recent<V> {
  #young = new Map<string, V>()
  #old = new Map<string, V>()
  #half: number

  constructor(most: number) {
    this.#half = Math.ceil(most / 2)
  }

  /** Heard of is remembered anew. */
  get(key: string): V | undefined {
    const value = this.#young.get(key)
    if (value !== undefined) return value
    const older = this.#old.get(key)
    if (older !== undefined) this.set(key, older)
    return older
  }

  set(key: string, value: V): void {
    if (this.#young.size >= this.#half && !this.#young.has(key)) {
      this.#old = this.#young
      this.#young = new Map()
    }
    this.#young.set(key, value)
  }

  get size(): number {
    return this.#young.size + this.#old.size
  }
}
