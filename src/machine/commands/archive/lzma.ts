import { Corrupt } from './corrupt.ts'

/** An LZMA decoder whose dictionary and state outlive a chunk, as LZMA2 needs it (LZMA specification, 2015). */
export type Lzma = {
  resetDictionary(): void
  resetState(): void
  /** The byte of lc, lp and pb; resets the state. */
  properties(byte: number): void
  /** What was stored plain is part of the dictionary. */
  stored(data: Buffer): void
  /** `size` bytes out of one chunk. */
  decode(packed: Buffer, size: number): Buffer
}

const half = 1024
const probabilities = (count: number): Uint16Array => new Uint16Array(count).fill(half)

type Lengths = { choice: Uint16Array; low: Uint16Array; middle: Uint16Array; high: Uint16Array }
const lengthsOf = (): Lengths => ({
  choice: probabilities(2),
  low: probabilities(16 * 8),
  middle: probabilities(16 * 8),
  high: probabilities(256),
})

type State = {
  state: number
  reps: [number, number, number, number]
  match: Uint16Array
  rep: Uint16Array
  rep0: Uint16Array
  rep1: Uint16Array
  rep2: Uint16Array
  rep0Long: Uint16Array
  literals: Uint16Array
  slots: Uint16Array
  special: Uint16Array
  align: Uint16Array
  lengths: Lengths
  repLengths: Lengths
}

const freshState = (lc: number, lp: number): State => ({
  state: 0,
  reps: [0, 0, 0, 0],
  match: probabilities(192),
  rep: probabilities(12),
  rep0: probabilities(12),
  rep1: probabilities(12),
  rep2: probabilities(12),
  rep0Long: probabilities(192),
  literals: probabilities(0x300 << (lc + lp)),
  slots: probabilities(4 * 64),
  special: probabilities(128),
  align: probabilities(16),
  lengths: lengthsOf(),
  repLengths: lengthsOf(),
})

/** `most`: bytes of the dictionary; what lies further back is gone. */
export const createLzma = (most: number): Lzma => {
  let [lc, lp, pb] = [3, 0, 2]
  let s = freshState(lc, lp)
  let ready = false
  let ring = Buffer.alloc(1 << 16)
  let position = 0
  let total = 0

  const grow = (): void => {
    if (position < ring.length) return
    if (ring.length < most) ring = Buffer.concat([ring, Buffer.alloc(Math.min(ring.length, most - ring.length))])
    else position = 0
  }
  const put = (byte: number): void => {
    grow()
    ring[position++] = byte
    total++
  }
  const back = (distance: number): number => {
    if (distance >= total || distance >= ring.length) throw new Corrupt('data')
    const at = position - distance - 1
    return ring[at < 0 ? at + ring.length : at]!
  }

  const decode = (packed: Buffer, size: number): Buffer => {
    if (!ready || packed.length < 5) throw new Corrupt('data')
    let range = 0xffffffff
    let code = packed.readUInt32BE(1)
    let at = 5
    const out = Buffer.alloc(size)
    let filled = 0
    const normalize = (): void => {
      if (range >= 2 ** 24) return
      range = (range << 8) >>> 0
      code = ((code << 8) | (packed[at++] ?? 0)) >>> 0
    }
    const bit = (table: Uint16Array, index: number): number => {
      const probability = table[index]!
      const bound = (range >>> 11) * probability
      if (code < bound) {
        range = bound
        table[index] = probability + ((2048 - probability) >> 5)
        normalize()
        return 0
      }
      range = (range - bound) >>> 0
      code = (code - bound) >>> 0
      table[index] = probability - (probability >> 5)
      normalize()
      return 1
    }
    const tree = (table: Uint16Array, base: number, count: number): number => {
      let node = 1
      for (let index = 0; index < count; index++) node = (node << 1) | bit(table, base + node)
      return node - (1 << count)
    }
    const reverse = (table: Uint16Array, base: number, count: number): number => {
      let node = 1
      let value = 0
      for (let index = 0; index < count; index++) {
        const one = bit(table, base + node)
        node = (node << 1) | one
        value |= one << index
      }
      return value
    }
    const direct = (count: number): number => {
      let value = 0
      for (let index = 0; index < count; index++) {
        range = range >>> 1
        const one = code >= range ? 1 : 0
        if (one) code = (code - range) >>> 0
        value = value * 2 + one
        normalize()
      }
      return value
    }
    const lengthOf = (table: Lengths, place: number): number => {
      if (bit(table.choice, 0) === 0) return 2 + tree(table.low, place << 3, 3)
      if (bit(table.choice, 1) === 0) return 10 + tree(table.middle, place << 3, 3)
      return 18 + tree(table.high, 0, 8)
    }
    const emit = (byte: number): void => {
      put(byte)
      out[filled++] = byte
    }
    const literal = (): void => {
      const previous = total > 0 ? back(0) : 0
      const place = ((total & ((1 << lp) - 1)) << lc) + (previous >> (8 - lc))
      const base = 0x300 * place
      let symbol = 1
      if (s.state >= 7) {
        let matched = back(s.reps[0])
        do {
          const expected = (matched >> 7) & 1
          matched <<= 1
          const one = bit(s.literals, base + ((1 + expected) << 8) + symbol)
          symbol = (symbol << 1) | one
          if (expected !== one) break
        } while (symbol < 0x100)
      }
      while (symbol < 0x100) symbol = (symbol << 1) | bit(s.literals, base + symbol)
      emit(symbol & 0xff)
      s.state = s.state < 4 ? 0 : s.state < 10 ? s.state - 3 : s.state - 6
    }
    const distanceOf = (length: number): number => {
      const slot = tree(s.slots, Math.min(length - 2, 3) << 6, 6)
      if (slot < 4) return slot
      const count = (slot >> 1) - 1
      const base = (2 | (slot & 1)) * 2 ** count
      if (slot < 14) return base + reverse(s.special, base - slot, count)
      return base + direct(count - 4) * 16 + reverse(s.align, 0, 4)
    }
    while (filled < size) {
      const place = total & ((1 << pb) - 1)
      if (bit(s.match, (s.state << 4) + place) === 0) {
        literal()
        continue
      }
      let length: number
      if (bit(s.rep, s.state) === 0) {
        s.reps = [0, s.reps[0], s.reps[1], s.reps[2]]
        length = lengthOf(s.lengths, place)
        s.state = s.state < 7 ? 7 : 10
        s.reps[0] = distanceOf(length)
        if (s.reps[0] === 0xffffffff) throw new Corrupt('data')
      } else {
        if (total === 0) throw new Corrupt('data')
        if (bit(s.rep0, s.state) === 0) {
          if (bit(s.rep0Long, (s.state << 4) + place) === 0) {
            s.state = s.state < 7 ? 9 : 11
            emit(back(s.reps[0]))
            continue
          }
        } else {
          let distance: number
          if (bit(s.rep1, s.state) === 0) distance = s.reps[1]
          else {
            if (bit(s.rep2, s.state) === 0) distance = s.reps[2]
            else {
              distance = s.reps[3]
              s.reps[3] = s.reps[2]
            }
            s.reps[2] = s.reps[1]
          }
          s.reps[1] = s.reps[0]
          s.reps[0] = distance
        }
        length = lengthOf(s.repLengths, place)
        s.state = s.state < 7 ? 8 : 11
      }
      if (filled + length > size) throw new Corrupt('data')
      for (let index = 0; index < length; index++) emit(back(s.reps[0]))
    }
    return out
  }

  return {
    resetDictionary() {
      total = position = 0
    },
    resetState() {
      s = freshState(lc, lp)
    },
    properties(byte) {
      if (byte > 4 * 45 + 4 * 9 + 8) throw new Corrupt('data')
      lc = byte % 9
      lp = Math.floor(byte / 9) % 5
      pb = Math.floor(byte / 45)
      if (lc + lp > 4) throw new Corrupt('data')
      s = freshState(lc, lp)
      ready = true
    },
    stored(data) {
      for (const byte of data) put(byte)
    },
    decode,
  }
}
