/** As many numbers are kept one by one; a set with more has a bit for each of 65,536. */
const few = 64

/** A set of ports, or of other numbers of 16 bits; a class, so that thousands of them share their methods. */
export class NumberSet {
  #list: number[] = []
  #bits: Uint8Array | undefined
  size = 0

  has(n: number): boolean {
    return this.#bits ? (this.#bits[n >> 3]! & (1 << (n & 7))) !== 0 : this.#list.includes(n)
  }

  /** Was it new? */
  add(n: number): boolean {
    if (this.has(n)) return false
    if (!this.#bits && this.#list.length === few) {
      this.#bits = new Uint8Array(8192)
      for (const known of this.#list) this.#bits[known >> 3]! |= 1 << (known & 7)
      this.#list = []
    }
    if (this.#bits) this.#bits[n >> 3]! |= 1 << (n & 7)
    else this.#list.push(n)
    this.size++
    return true
  }

  /** Does it take 8 kB? */
  get big(): boolean {
    return this.#bits !== undefined
  }

  clear(): void {
    this.#list = []
    this.#bits = undefined
    this.size = 0
  }

  /** Its numbers as `22` and `8000-8100`, in order. */
  ranges(): string[] {
    const found: string[] = []
    for (const [first, last] of this.#runs()) found.push(first === last ? `${first}` : `${first}-${last}`)
    return found
  }

  *#runs(): Generator<[first: number, last: number]> {
    if (!this.#bits) {
      const sorted = this.#list.toSorted((a, b) => a - b)
      for (let i = 0; i < sorted.length; ) {
        const first = sorted[i]!
        let last = first
        while (sorted[++i] === last + 1) last++
        yield [first, last]
      }
      return
    }
    let first = -1
    for (let n = 0; n <= 65_536; n++) {
      // Empty bytes are passed over whole: most sets are sparse.
      if (first < 0 && (n & 7) === 0 && n < 65_536 && this.#bits[n >> 3] === 0) {
        n += 7
        continue
      }
      const there = n < 65_536 && this.has(n)
      if (there && first < 0) first = n
      if (!there && first >= 0) {
        yield [first, n - 1]
        first = -1
      }
    }
  }
}
