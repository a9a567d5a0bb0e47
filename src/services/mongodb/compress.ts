import zlib from 'node:zlib'
import { Malformed } from '#codec/malformed.ts'

/** OP_COMPRESSED's compressors: the numbers they have on the wire, by the names that hello gives them. */
export const compressors: ReadonlyMap<string, number> = new Map([
  ['snappy', 1],
  ['zlib', 2],
  ['zstd', 3],
])

/** The message again; `Malformed` where it is none, or not as long as it said. */
export function decompress(compressor: number, bytes: Buffer, size: number): Buffer {
  const plain = unpacked(compressor, bytes, size)
  if (plain.length !== size) throw new Malformed(`Decompressed ${plain.length} bytes where ${size} were announced`)
  return plain
}
function unpacked(compressor: number, bytes: Buffer, size: number): Buffer {
  if (compressor === 0) return bytes
  if (compressor === 1) return unsnap(bytes, size)
  const maxOutputLength = Math.max(1, size)
  try {
    if (compressor === 2) return zlib.inflateSync(bytes, { maxOutputLength })
    if (compressor === 3) return zlib.zstdDecompressSync(bytes, { maxOutputLength })
  } catch (error) {
    throw new Malformed(`Cannot decompress: ${(error as Error).message}`)
  }
  throw new Malformed(`Compressor ${compressor}`)
}

export function compress(compressor: number, bytes: Buffer): Buffer {
  if (compressor === 1) return snapped(bytes)
  if (compressor === 2) return zlib.deflateSync(bytes)
  if (compressor === 3) return zlib.zstdCompressSync(bytes)
  return bytes
}

/** Snappy's format (format_description.txt of google/snappy): a varint of the length, then literals and copies. */
function unsnap(bytes: Buffer, size: number): Buffer {
  let at = 0
  const next = (): number => {
    if (at >= bytes.length) throw new Malformed('Snappy data is cut off')
    return bytes[at++]!
  }
  const little = (count: number): number => {
    let n = 0
    for (let i = 0; i < count; i++) n += next() * 2 ** (8 * i)
    return n
  }
  let length = 0
  for (let shift = 0; ; shift += 7) {
    const byte = next()
    length += (byte & 0x7f) * 2 ** shift
    if (byte < 0x80) break
    if (shift > 28) throw new Malformed('A snappy length of too many bytes')
  }
  if (length !== size) throw new Malformed(`Snappy data of ${length} bytes where ${size} were announced`)
  const out = Buffer.allocUnsafe(length)
  let to = 0
  while (at < bytes.length) {
    const tag = next()
    const kind = tag & 3
    if (kind === 0) {
      const count = 1 + (tag >> 2 < 60 ? tag >> 2 : little((tag >> 2) - 59))
      if (at + count > bytes.length || to + count > length) throw new Malformed('A snappy literal beyond the end')
      bytes.copy(out, to, at, at + count)
      at += count
      to += count
      continue
    }
    const count = kind === 1 ? 4 + ((tag >> 2) & 7) : 1 + (tag >> 2)
    const back = kind === 1 ? ((tag >> 5) << 8) | next() : little(kind === 2 ? 2 : 4)
    if (back === 0 || back > to || to + count > length) throw new Malformed('A snappy copy from nowhere')
    // Byte by byte: what is copied may overlap what is written.
    for (let i = 0; i < count; i++, to++) out[to] = out[to - back]!
  }
  return out.subarray(0, to)
}

/** Literals alone: valid to every reader. */
function snapped(bytes: Buffer): Buffer {
  const parts: Buffer[] = []
  const length: number[] = []
  for (let n = bytes.length; ; n = Math.floor(n / 128)) {
    length.push(n >= 128 ? (n & 0x7f) | 0x80 : n)
    if (n < 128) break
  }
  parts.push(Buffer.from(length))
  for (let at = 0; at < bytes.length; at += 65_536) {
    const piece = bytes.subarray(at, at + 65_536)
    const n = piece.length - 1
    parts.push(Buffer.of(61 << 2, n & 0xff, n >> 8), piece)
  }
  return Buffer.concat(parts)
}
