/** Block size: smaller than bzip2's own 900 kB, which any bunzip2 takes, and which sorts quickly. */
const blockSize = 99_000

const crcTable = new Int32Array(256).map((_, index) => {
  let value = index << 24
  for (let bit = 0; bit < 8; bit++) value = value < 0 ? (value << 1) ^ 0x04c11db7 : value << 1
  return value
})

type Writer = { bytes: number[]; kept: number; count: number }

const put = (writer: Writer, value: number, bits: number): void => {
  for (let bit = bits - 1; bit >= 0; bit--) {
    writer.kept = (writer.kept << 1) | (Math.floor(value / 2 ** bit) & 1)
    if (++writer.count === 8) {
      writer.bytes.push(writer.kept)
      writer.kept = writer.count = 0
    }
  }
}

/** A .bz2 stream of the data. */
export const bzip2 = (data: Buffer, step: (cost: number) => void): Buffer => {
  const writer: Writer = { bytes: [], kept: 0, count: 0 }
  for (const c of 'BZh9') put(writer, c.charCodeAt(0), 8)
  let whole = 0
  for (let at = 0; at < data.length; ) {
    const { block, taken } = runs(data, at)
    let crc = -1
    for (const byte of data.subarray(at, at + taken)) crc = (crc << 8) ^ crcTable[((crc >>> 24) ^ byte) & 255]!
    crc = ~crc
    whole = ((whole << 1) | (whole >>> 31)) ^ crc
    step(1 + (block.length >> 5))
    writeBlock(writer, block, crc >>> 0)
    at += taken
  }
  put(writer, 0x177245, 24)
  put(writer, 0x385090, 24)
  put(writer, whole >>> 0, 32)
  if (writer.count > 0) put(writer, 0, 8 - writer.count)
  return Buffer.from(writer.bytes)
}

/** Four equal bytes and more become four and a count; as much as one block takes. */
const runs = (data: Buffer, from: number): { block: Buffer; taken: number } => {
  const block = Buffer.alloc(blockSize)
  let filled = 0
  let at = from
  while (at < data.length && filled < blockSize - 5) {
    const byte = data[at]!
    let count = 1
    while (count < 259 && data[at + count] === byte) count++
    block.fill(byte, filled, filled + Math.min(count, 4))
    filled += Math.min(count, 4)
    if (count >= 4) block[filled++] = count - 4
    at += count
  }
  return { block: block.subarray(0, filled), taken: at - from }
}

/** The order of all rotations, by doubling: ranks of length 1, 2, 4 and so on. */
const rotations = (block: Buffer): Int32Array => {
  const size = block.length
  let rank: Int32Array = Int32Array.from(block)
  let order: Int32Array = Int32Array.from({ length: size }, (_, index) => index)
  const sortBy = (keys: Int32Array, most: number): Int32Array => {
    const starts = new Int32Array(most + 2)
    for (const index of order) starts[keys[index]! + 1]!++
    for (let key = 0; key <= most; key++) starts[key + 1]! += starts[key]!
    const next = new Int32Array(size)
    for (const index of order) next[starts[keys[index]!]!++] = index
    return next
  }
  order = sortBy(rank, 255)
  for (let width = 1; ; width *= 2) {
    const next = new Int32Array(size)
    let highest = 0
    for (let place = 1; place < size; place++) {
      const [a, b] = [order[place - 1]!, order[place]!]
      const same = rank[a] === rank[b] && (width === 1 || rank[(a + width / 2) % size] === rank[(b + width / 2) % size])
      if (!same) highest++
      next[b] = highest
    }
    next[order[0]!] = 0
    rank = next
    if (highest === size - 1 || width >= size * 2) return order
    // Already in the order of their first `width` bytes: moved back by as many, they are in that of what follows.
    const shifted = order.map(index => (index + size - (width % size)) % size)
    order = shifted
    order = sortBy(rank, highest)
  }
}

const writeBlock = (writer: Writer, block: Buffer, crc: number): void => {
  const size = block.length
  const order = rotations(block)
  const origin = order.indexOf(0)
  put(writer, 0x314159, 24)
  put(writer, 0x265359, 24)
  put(writer, crc, 32)
  put(writer, 0, 1)
  put(writer, origin, 24)
  const used = [...new Set(block)].toSorted((a, b) => a - b)
  const present = new Set(used)
  let rows = 0
  for (const byte of used) rows |= 1 << (15 - (byte >> 4))
  put(writer, rows, 16)
  for (let row = 0; row < 16; row++) {
    if (!((rows >> (15 - row)) & 1)) continue
    for (let column = 0; column < 16; column++) put(writer, present.has(row * 16 + column) ? 1 : 0, 1)
  }
  const front = [...used]
  const symbols: number[] = []
  let run = 0
  const flush = (): void => {
    for (let rest = run; rest > 0; rest = (rest - 1) >> 1) symbols.push((rest - 1) & 1)
    run = 0
  }
  for (const index of order) {
    const byte = block[(index + size - 1) % size]!
    const place = front.indexOf(byte)
    if (place === 0) {
      run++
      continue
    }
    flush()
    front.splice(place, 1)
    front.unshift(byte)
    symbols.push(place + 1)
  }
  flush()
  const end = used.length + 1
  symbols.push(end)
  writeSymbols(writer, symbols, end + 1)
}

/** One code for all, told twice: the format wants two tables at least. */
const writeSymbols = (writer: Writer, symbols: readonly number[], size: number): void => {
  const lengths = codeLengths(symbols, size)
  const codes = new Array<number>(size).fill(0)
  let code = 0
  for (let length = 1; length <= 20; length++) {
    for (let symbol = 0; symbol < size; symbol++) if (lengths[symbol] === length) codes[symbol] = code++
    code <<= 1
  }
  const groups = Math.ceil(symbols.length / 50)
  put(writer, 2, 3)
  put(writer, groups, 15)
  put(writer, 0, groups)
  for (let table = 0; table < 2; table++) {
    let length = lengths[0]!
    put(writer, length, 5)
    for (const wanted of lengths) {
      for (; length < wanted; length++) put(writer, 2, 2)
      for (; length > wanted; length--) put(writer, 3, 2)
      put(writer, 0, 1)
    }
  }
  for (const symbol of symbols) put(writer, codes[symbol]!, lengths[symbol]!)
}

/** Huffman's lengths, no longer than 17 bits. */
const codeLengths = (symbols: readonly number[], size: number): number[] => {
  const counts = new Array<number>(size).fill(0)
  for (const symbol of symbols) counts[symbol]!++
  for (let scale = 1; ; scale *= 2) {
    type Tree = { weight: number; symbol: number; children: Tree[] }
    let trees: Tree[] = counts.map((count, symbol) => ({
      weight: Math.max(1, Math.ceil(count / scale)),
      symbol,
      children: [],
    }))
    while (trees.length > 1) {
      trees = trees.toSorted((a, b) => b.weight - a.weight)
      const [a, b] = [trees.pop()!, trees.pop()!]
      trees.push({ weight: a.weight + b.weight, symbol: -1, children: [a, b] })
    }
    const lengths = new Array<number>(size).fill(1)
    const walk = ({ symbol, children }: Tree, depth: number): void => {
      if (symbol >= 0) lengths[symbol] = Math.max(1, depth)
      for (const child of children) walk(child, depth + 1)
    }
    walk(trees[0]!, 0)
    if (Math.max(...lengths) <= 17) return lengths
  }
}
