import { Corrupt } from './corrupt.ts'

/** Bits from the most significant on. */
type Bits = { data: Buffer; at: number; kept: number; count: number }

const bits = (reader: Bits, wanted: number): number => {
  let value = 0
  let left = wanted
  while (left > 0) {
    if (reader.count === 0) {
      if (reader.at >= reader.data.length) throw new Corrupt('end')
      reader.kept = reader.data[reader.at++]!
      reader.count = 8
    }
    const take = Math.min(left, reader.count)
    value = value * 2 ** take + ((reader.kept >> (reader.count - take)) & ((1 << take) - 1))
    reader.count -= take
    left -= take
  }
  return value
}

const blockMagic = 0x314159265359
const endMagic = 0x177245385090

const crcTable = new Int32Array(256).map((_, index) => {
  let value = index << 24
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1
  return value
})

/** What bzip2(1) 1.0.8 compressed, block by block; several streams behind each other are one. */
export function* bunzip2(data: Buffer, step: (cost: number) => void): Generator<Buffer> {
  const reader: Bits = { data, at: 0, kept: 0, count: 0 }
  for (let first = true; ; first = false) {
    if (!first && reader.at >= data.length) return
    if (data.length - reader.at < 4 || data.toString('latin1', reader.at, reader.at + 3) !== 'BZh') {
      if (first) throw new Corrupt('format')
      throw new Corrupt('garbage')
    }
    const level = data[reader.at + 3]! - 48
    if (level < 1 || level > 9) throw new Corrupt('format')
    reader.at += 4
    reader.count = 0
    for (;;) {
      const magic = bits(reader, 24) * 2 ** 24 + bits(reader, 24)
      if (magic === endMagic) break
      if (magic !== blockMagic) throw new Corrupt('data')
      const crc = bits(reader, 32) | 0
      const block = readBlock(reader, level * 100_000, step)
      if (crcOf(block) !== crc) throw new Corrupt('check')
      yield block
    }
    bits(reader, 32)
    reader.count = 0
  }
}

const crcOf = (block: Buffer): number => {
  let crc = -1
  for (const byte of block) crc = (crc << 8) ^ crcTable[((crc >>> 24) ^ byte) & 255]!
  return ~crc
}

type Code = { limits: number[]; bases: number[]; symbols: number[] }

const longestCode = 20

const codeOf = (lengths: readonly number[]): Code => {
  const symbols: number[] = []
  const counts = new Array<number>(longestCode + 2).fill(0)
  for (let length = 1; length <= longestCode; length++) {
    for (const [symbol, own] of lengths.entries()) if (own === length) symbols.push(symbol)
  }
  for (const length of lengths) counts[length]!++
  const limits: number[] = [-1]
  const bases: number[] = [0]
  let code = 0
  let index = 0
  for (let length = 1; length <= longestCode; length++) {
    bases.push(index - code)
    code += counts[length]!
    index += counts[length]!
    limits.push(code - 1)
    code <<= 1
  }
  return { limits, bases, symbols }
}

const symbolOf = (reader: Bits, { limits, bases, symbols }: Code): number => {
  let code = 0
  for (let length = 1; length <= longestCode; length++) {
    code = (code << 1) | bits(reader, 1)
    const symbol = code <= limits[length]! ? symbols[code + bases[length]!] : undefined
    if (symbol !== undefined) return symbol
  }
  throw new Corrupt('data')
}

const readBlock = (reader: Bits, most: number, step: (cost: number) => void): Buffer => {
  if (bits(reader, 1) !== 0) throw new Corrupt('data')
  const origin = bits(reader, 24)
  const used: number[] = []
  const rows = bits(reader, 16)
  for (let row = 0; row < 16; row++) {
    if (!((rows >> (15 - row)) & 1)) continue
    const columns = bits(reader, 16)
    for (let column = 0; column < 16; column++) if ((columns >> (15 - column)) & 1) used.push(row * 16 + column)
  }
  if (used.length === 0) throw new Corrupt('data')
  const groups = bits(reader, 3)
  const selectorCount = bits(reader, 15)
  if (groups < 2 || groups > 6 || selectorCount < 1) throw new Corrupt('data')
  const order = Array.from({ length: groups }, (_, index) => index)
  const selectors: number[] = []
  for (let index = 0; index < selectorCount; index++) {
    let place = 0
    while (bits(reader, 1)) if (++place >= groups) throw new Corrupt('data')
    const [chosen] = order.splice(place, 1)
    order.unshift(chosen!)
    selectors.push(chosen!)
  }
  const size = used.length + 2
  const codes: Code[] = []
  for (let group = 0; group < groups; group++) {
    let length = bits(reader, 5)
    const lengths: number[] = []
    for (let symbol = 0; symbol < size; symbol++) {
      for (;;) {
        if (length < 1 || length > longestCode) throw new Corrupt('data')
        if (!bits(reader, 1)) break
        length += bits(reader, 1) ? -1 : 1
      }
      lengths.push(length)
    }
    codes.push(codeOf(lengths))
  }
  const sorted = readSymbols(reader, most, used, selectors, codes, step)
  return unsorted(sorted, origin, step)
}

/** The runs and moves to the front undone: the last column of the sorted block. */
const readSymbols = (
  reader: Bits,
  most: number,
  used: readonly number[],
  selectors: readonly number[],
  codes: readonly Code[],
  step: (cost: number) => void,
): Buffer => {
  const front = [...used]
  const end = used.length + 1
  const column = Buffer.alloc(most)
  let filled = 0
  let run = 0
  let weight = 1
  const flush = (): void => {
    if (run === 0) return
    if (filled + run > most) throw new Corrupt('data')
    column.fill(front[0]!, filled, filled + run)
    filled += run
    run = 0
    weight = 1
  }
  for (let group = 0; ; group++) {
    const selector = selectors[group]
    if (selector === undefined) throw new Corrupt('data')
    step(1)
    for (let index = 0; index < 50; index++) {
      const symbol = symbolOf(reader, codes[selector]!)
      if (symbol <= 1) {
        run += weight << symbol
        weight <<= 1
        if (run > most) throw new Corrupt('data')
        continue
      }
      flush()
      if (symbol === end) return column.subarray(0, filled)
      const [byte] = front.splice(symbol - 1, 1)
      front.unshift(byte!)
      if (filled >= most) throw new Corrupt('data')
      column[filled++] = byte!
    }
  }
}

/** The Burrows-Wheeler transform undone, then the runs of four and more. */
const unsorted = (column: Buffer, origin: number, step: (cost: number) => void): Buffer => {
  const size = column.length
  if (origin >= size) throw new Corrupt('data')
  const starts = new Int32Array(257)
  for (const byte of column) starts[byte + 1]!++
  for (let byte = 0; byte < 256; byte++) starts[byte + 1]! += starts[byte]!
  const next = new Int32Array(size)
  for (let index = 0; index < size; index++) next[starts[column[index]!]!++] = index
  step(size >> 8)
  const out: Buffer[] = []
  let piece = Buffer.alloc(65_536)
  let filled = 0
  const put = (byte: number): void => {
    if (filled === piece.length) {
      out.push(piece)
      piece = Buffer.alloc(65_536)
      filled = 0
    }
    piece[filled++] = byte
  }
  let at = next[origin]!
  let last = -1
  let same = 0
  for (let index = 0; index < size; index++) {
    const byte = column[at]!
    at = next[at]!
    if (same === 4) {
      for (let repeat = 0; repeat < byte; repeat++) put(last)
      same = 0
      last = -1
      continue
    }
    same = byte === last ? same + 1 : 1
    last = byte
    put(byte)
  }
  out.push(piece.subarray(0, filled))
  const whole = Buffer.concat(out)
  step(whole.length >> 12)
  return whole
}
