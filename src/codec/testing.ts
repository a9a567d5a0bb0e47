/** mulberry32: 32 bits a call, the same in every run. */
const bits = (seed: number) => {
  let state = seed
  return (): number => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return (mixed ^ (mixed >>> 14)) >>> 0
  }
}

/** Numbers from 0 up to 1 that repeat for the same seed. */
export function seeded(seed: number): () => number {
  const next = bits(seed)
  return () => next() / 2 ** 32
}

/** Whole numbers from 0 up to `below` that repeat for the same seed. */
export function numbers(seed: number): (below: number) => number {
  const next = bits(seed)
  return below => next() % below
}
