import { Readable } from 'node:stream'
import zlib from 'node:zlib'
import { Corrupt } from './corrupt.ts'

/** A member's header (RFC 1952, 2.3). */
export type GzipHeader = { length: number; name: string | undefined; modified: number; method: number }

export const gzipHeader = (data: Buffer): GzipHeader => {
  if (data.length < 2) throw new Corrupt('end')
  if (data[0] !== 0x1f || data[1] !== 0x8b) throw new Corrupt('format')
  if (data.length < 10) throw new Corrupt('end')
  const flags = data[3]!
  let at = 10
  if (flags & 4) at += 2 + (data.length >= at + 2 ? data.readUInt16LE(at) : 0)
  let name: string | undefined
  const text = (): string => {
    const end = data.indexOf(0, at)
    if (end < 0) throw new Corrupt('end')
    const value = data.toString('latin1', at, end)
    at = end + 1
    return value
  }
  if (flags & 8) name = text()
  if (flags & 16) text()
  if (flags & 2) at += 2
  if (at > data.length) throw new Corrupt('end')
  return { length: at, name, modified: data.readUInt32LE(4) * 1000, method: data[2]! }
}

const piece = 65_536

/** Inflates in pieces, so that a small file that swells stops where nobody takes more. `used`: bytes of input taken. */
async function* inflate(data: Buffer, used: { bytes: number }): AsyncGenerator<Buffer> {
  const inflater = zlib.createInflateRaw({ chunkSize: piece })
  const source = Readable.from(slices(data))
  source.pipe(inflater)
  try {
    for await (const chunk of inflater) yield chunk
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (typeof code !== 'string' || !code.startsWith('Z_')) throw error
    throw new Corrupt(code === 'Z_BUF_ERROR' ? 'end' : 'data')
  } finally {
    used.bytes = inflater.bytesWritten
    source.destroy()
    inflater.destroy()
  }
}

function* slices(data: Buffer): Generator<Buffer> {
  for (let at = 0; at < data.length; at += 16_384) yield data.subarray(at, at + 16_384)
}

/** What gzip compressed, member after member. */
export async function* gunzip(data: Buffer, step: (cost: number) => void): AsyncGenerator<Buffer> {
  let at = 0
  for (let first = true; ; first = false) {
    if (!first) {
      // Zeros may fill up a tape's block.
      while (at < data.length && data[at] === 0) at++
      if (at >= data.length) return
      if (data[at] !== 0x1f || data[at + 1] !== 0x8b) throw new Corrupt('garbage')
    }
    const header = gzipHeader(data.subarray(at))
    if (header.method !== 8) throw new Corrupt('data')
    at += header.length
    const used = { bytes: 0 }
    let crc = 0
    let size = 0
    for await (const chunk of inflate(data.subarray(at), used)) {
      step(1 + (chunk.length >> 12))
      crc = zlib.crc32(chunk, crc)
      size += chunk.length
      yield chunk
    }
    at += used.bytes
    if (at + 8 > data.length) throw new Corrupt('end')
    if (data.readUInt32LE(at) !== crc) throw new Corrupt('check')
    if (data.readUInt32LE(at + 4) !== size % 2 ** 32) throw new Corrupt('data')
    at += 8
  }
}

/** One member as gzip(1) writes it. `modified` in milliseconds since the epoch, 0 for none. */
export const gzip = (data: Buffer, how: { name?: string; modified?: number; level?: number } = {}): Buffer => {
  const { name, modified = 0, level = 6 } = how
  const head = Buffer.from([
    0x1f,
    0x8b,
    8,
    name === undefined ? 0 : 8,
    0,
    0,
    0,
    0,
    level === 9 ? 2 : level === 1 ? 4 : 0,
    3,
  ])
  head.writeUInt32LE(Math.max(0, Math.floor(modified / 1000)) % 2 ** 32, 4)
  const tail = Buffer.alloc(8)
  tail.writeUInt32LE(zlib.crc32(data))
  tail.writeUInt32LE(data.length % 2 ** 32, 4)
  const title = name === undefined ? Buffer.alloc(0) : Buffer.from(`${name}\0`, 'latin1')
  return Buffer.concat([head, title, zlib.deflateRawSync(data, { level }), tail])
}
