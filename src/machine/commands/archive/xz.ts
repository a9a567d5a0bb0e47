import zlib from 'node:zlib'
import { Corrupt } from './corrupt.ts'
import { createLzma, type Lzma } from './lzma.ts'

const magic = Buffer.from('fd377a585a00', 'hex')
const checkSizes = [0, 4, 4, 4, 8, 8, 8, 16, 16, 16, 32, 32, 32, 64, 64, 64]
/** What a dictionary may take here, whatever the file asks for. */
const largestDictionary = 8 << 20

const fail = (fault: ConstructorParameters<typeof Corrupt>[0]): never => {
  throw new Corrupt(fault)
}

/** The variable-length integers of the .xz format: seven bits a byte. */
const integer = (data: Buffer, at: number): [value: number, next: number] => {
  let value = 0
  for (let index = 0; index < 8; index++) {
    const byte = data[at + index] ?? fail('end')
    value += (byte & 0x7f) * 2 ** (7 * index)
    if (byte < 0x80) return [value, at + index + 1]
  }
  return fail('data')
}

/** A .xz file (format 1.1.0) with LZMA2 alone; what comes out, chunk by chunk. */
export function* unxz(data: Buffer, step: (cost: number) => void): Generator<Buffer> {
  let at = 0
  for (let first = true; ; first = false) {
    // Streams are padded with zeros, in fours.
    while (!first && at + 4 <= data.length && data.readUInt32LE(at) === 0) at += 4
    if (!first && at >= data.length) return
    if (data.length - at < 12 || !data.subarray(at, at + 6).equals(magic)) fail(first ? 'format' : 'garbage')
    if (data.readUInt32LE(at + 8) !== zlib.crc32(data.subarray(at + 6, at + 8))) fail('data')
    const checkSize = checkSizes[data[at + 7]! & 15]!
    at += 12
    while (data[at] !== 0) {
      if (at >= data.length) fail('end')
      at = yield* readBlock(data, at, checkSize, step)
    }
    const index = at
    let records: number
    ;[records, at] = integer(data, at + 1)
    if (records > 100_000) fail('data')
    for (let record = 0; record < records * 2; record++) [, at] = integer(data, at)
    at += (4 - ((at - index) % 4)) % 4
    at += 4 + 12
    if (at > data.length) fail('end')
  }
}

function* readBlock(
  data: Buffer,
  start: number,
  checkSize: number,
  step: (cost: number) => void,
): Generator<Buffer, number> {
  const size = (data[start]! + 1) * 4
  if (start + size > data.length) fail('end')
  const header = data.subarray(start, start + size)
  if (header.readUInt32LE(size - 4) !== zlib.crc32(header.subarray(0, size - 4))) fail('data')
  const flags = header[1]!
  let at = 2
  if (flags & 0x40) [, at] = integer(header, at)
  if (flags & 0x80) [, at] = integer(header, at)
  if ((flags & 3) !== 0) fail('data')
  // LZMA2 and nothing before it.
  if (integer(header, at)[0] !== 0x21) fail('data')
  let from = start + size
  const begin = from
  const crc = { value: 0 }
  from = yield* readChunks(data, from, crc, step)
  from += (4 - ((from - begin) % 4)) % 4
  if (from + checkSize > data.length) fail('end')
  if (checkSize === 4 && data.readUInt32LE(from) !== crc.value) fail('check')
  return from + checkSize
}

/** LZMA2: chunks stored, or compressed by LZMA with a dictionary that goes on. */
function* readChunks(
  data: Buffer,
  start: number,
  crc: { value: number },
  step: (cost: number) => void,
): Generator<Buffer, number> {
  let at = start
  let lzma: Lzma | undefined
  for (;;) {
    const control = data[at++] ?? fail('end')
    if (control === 0) return at
    lzma ??= createLzma(largestDictionary)
    if (control === 1) lzma.resetDictionary()
    let out: Buffer
    if (control < 0x80) {
      if (control > 2) fail('data')
      if (at + 2 > data.length) fail('end')
      const size = data.readUInt16BE(at) + 1
      at += 2
      if (at + size > data.length) fail('end')
      out = Buffer.from(data.subarray(at, at + size))
      lzma.stored(out)
      at += size
    } else {
      if (at + 4 > data.length) fail('end')
      const size = ((control & 0x1f) << 16) + data.readUInt16BE(at) + 1
      const packed = data.readUInt16BE(at + 2) + 1
      at += 4
      const reset = (control >> 5) & 3
      if (reset === 3) lzma.resetDictionary()
      if (reset >= 2) lzma.properties(data[at++] ?? fail('end'))
      else if (reset === 1) lzma.resetState()
      if (at + packed > data.length) fail('end')
      step(size >> 6)
      out = lzma.decode(data.subarray(at, at + packed), size)
      at += packed
    }
    crc.value = zlib.crc32(out, crc.value)
    yield out
  }
}

const number = (value: number): Buffer => {
  const bytes: number[] = []
  let rest = value
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  bytes.push(rest)
  return Buffer.from(bytes)
}
const checked = (bytes: Buffer): Buffer => {
  const crc = Buffer.alloc(4)
  crc.writeUInt32LE(zlib.crc32(bytes))
  return Buffer.concat([bytes, crc])
}

/** CRC-64 of ECMA-182, reflected, in two halves: what xz(1) checks its blocks with. */
const crc64 = (data: Buffer): Buffer => {
  let [low, high] = [0xffffffff, 0xffffffff]
  for (const byte of data) {
    const index = (low ^ byte) & 255
    low = (((low >>> 8) | (high << 24)) ^ table64.low[index]!) >>> 0
    high = ((high >>> 8) ^ table64.high[index]!) >>> 0
  }
  const crc = Buffer.alloc(8)
  crc.writeUInt32LE(~low >>> 0)
  crc.writeUInt32LE(~high >>> 0, 4)
  return crc
}
const table64 = { low: new Uint32Array(256), high: new Uint32Array(256) }
for (let index = 0; index < 256; index++) {
  let [low, high] = [index, 0]
  for (let bit = 0; bit < 8; bit++) {
    const odd = low & 1
    low = ((low >>> 1) | (high << 31)) >>> 0
    high >>>= 1
    if (odd) [low, high] = [(low ^ 0xd7870f42) >>> 0, (high ^ 0xc96c5795) >>> 0]
  }
  table64.low[index] = low
  table64.high[index] = high
}

/** A .xz file whose chunks are stored as they are: anybody's xz reads it. */
export const storeXz = (data: Buffer): Buffer => {
  const flags = Buffer.from([0, 4])
  const chunks: Buffer[] = []
  for (let at = 0; at < data.length; at += 65_536) {
    const piece = data.subarray(at, at + 65_536)
    const head = Buffer.from([at === 0 ? 1 : 2, 0, 0])
    head.writeUInt16BE(piece.length - 1, 1)
    chunks.push(head, piece)
  }
  const blockHeader = checked(Buffer.from([2, 0, 0x21, 1, 0x16, 0, 0, 0]))
  const body = Buffer.concat([...chunks, Buffer.from([0])])
  const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)])
  const block = data.length === 0 ? Buffer.alloc(0) : Buffer.concat([blockHeader, padded, crc64(data)])
  const record = data.length === 0 ? [] : [number(blockHeader.length + body.length + 8), number(data.length)]
  const bare = Buffer.concat([Buffer.from([0, record.length / 2]), ...record])
  const index = checked(Buffer.concat([bare, Buffer.alloc((4 - (bare.length % 4)) % 4)]))
  const size = Buffer.alloc(6)
  size.writeUInt32LE(index.length / 4 - 1)
  flags.copy(size, 4)
  const footerCrc = Buffer.alloc(4)
  footerCrc.writeUInt32LE(zlib.crc32(size))
  return Buffer.concat([magic, checked(flags), block, index, footerCrc, size, Buffer.from('YZ', 'latin1')])
}
