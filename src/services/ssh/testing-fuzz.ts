/** How many of these a run tries: as many as said, times `SKEP_FUZZ`. */
export const times = (count: number): number => count * Math.max(1, Number(process.env.SKEP_FUZZ ?? 1) || 1)

/** xorshift32: the same mutations in every run. */
export function dice(seed: number) {
  let state = seed
  return (below: number) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % below
  }
}
/** A copy with bits flipped, cut, lengthened, or with a length field that lies. */
export function mutate(bytes: Buffer, roll: (below: number) => number): Buffer {
  const copy = Buffer.from(bytes)
  for (let times = 1 + roll(3); times > 0; times--) {
    const at = roll(copy.length)
    const kind = roll(5)
    if (kind === 0) copy[at]! ^= 1 << roll(8)
    else if (kind === 1) copy[at] = roll(256)
    else if (kind === 2) return copy.subarray(0, 1 + at)
    else if (kind === 3) return Buffer.concat([copy, Buffer.alloc(1 + roll(40), roll(256))])
    else if (copy.length > 4) copy.writeUInt32BE([0, 1, 0x7fffffff, 0xffffffff, 300][roll(5)]!, roll(copy.length - 3))
  }
  return copy
}
