import { constants, deflateRawSync } from 'node:zlib'
import type { Canvas } from '#codec/picture/canvas.ts'
import type { Converter } from '../pixels.ts'
import { tilesOf } from './plain.ts'

/**
 * A zlib stream (RFC 1950) that lasts as long as the connection. Each piece is compressed by itself and ends at a byte
 * (Z_SYNC_FLUSH), so nothing of it need be remembered between pieces.
 */
export class Stream {
  #begun = false
  write(bytes: Buffer): Buffer {
    const packed = deflateRawSync(bytes, { level: 2, finishFlush: constants.Z_SYNC_FLUSH })
    if (this.#begun) return packed
    this.#begun = true
    return Buffer.concat([Buffer.of(0x78, 0x01), packed])
  }
}

/** The colours of a picture in the order they come, up to `most`; `undefined` where there are more. */
function paletteOf(pixels: Uint32Array, most: number): Map<number, number> | undefined {
  const palette = new Map<number, number>()
  let before = -1
  for (const pixel of pixels) {
    if (pixel === before || palette.has(pixel)) continue
    before = pixel
    if (palette.size === most) return undefined
    palette.set(pixel, palette.size)
  }
  return palette
}

/** Indices of `bits` each, the highest bits first; a row begins at a byte. */
function packIndices({ pixels, width, height }: Canvas, palette: Map<number, number>, bits: number): Buffer {
  const stride = Math.ceil((width * bits) / 8)
  const out = Buffer.alloc(stride * height)
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const bit = x * bits
      out[y * stride + (bit >> 3)]! |= palette.get(pixels[y * width + x]!)! << (8 - bits - (bit & 7))
    }
  return out
}

/** ZRLE (RFC 6143 §7.7.6): tiles of 64 by 64, of one colour, of a few, or as they are. */
export function zrle(canvas: Canvas, to: Converter, stream: Stream): Buffer {
  const parts: Buffer[] = []
  for (const tile of tilesOf(canvas, 64)) {
    const palette = paletteOf(tile.pixels, 16)
    if (!palette) parts.push(Buffer.of(0), to.compact(tile.pixels))
    else {
      const colours = to.compact(Uint32Array.from(palette.keys()))
      parts.push(Buffer.of(palette.size), colours)
      const bits = palette.size === 2 ? 1 : palette.size <= 4 ? 2 : 4
      if (palette.size > 1) parts.push(packIndices(tile, palette, bits))
    }
  }
  const packed = stream.write(Buffer.concat(parts))
  const length = Buffer.alloc(4)
  length.writeUInt32BE(packed.length)
  return Buffer.concat([length, packed])
}

/** Tight's three streams: full colour, two colours, many. */
export type TightStreams = readonly [Stream, Stream, Stream]
/** Data shorter than this is not compressed. */
const SHORT = 12

/** Tight without JPEG, as TigerVNC's encoder does it for clients that want no loss. */
export function tight(canvas: Canvas, to: Converter, streams: TightStreams): Buffer {
  const palette = paletteOf(canvas.pixels, 256)
  if (palette?.size === 1) return Buffer.concat([Buffer.of(0x80), to.tight(canvas.pixels.subarray(0, 1))])
  if (!palette || palette.size * 2 > canvas.pixels.length)
    return Buffer.concat([Buffer.of(0x00), packed(to.tight(canvas.pixels), streams[0])])
  const colours = Buffer.from(to.tight(Uint32Array.from(palette.keys())))
  const kind = palette.size === 2 ? 1 : 2
  const data = packIndices(canvas, palette, palette.size === 2 ? 1 : 8)
  // Stream, and that a filter is named: 1 is a palette.
  return Buffer.concat([Buffer.of((kind << 4) | 0x40, 1, palette.size - 1), colours, packed(data, streams[kind])])
}

function packed(data: Buffer, stream: Stream): Buffer {
  if (data.length < SHORT) return data
  const zipped = stream.write(data)
  const { length } = zipped
  const head =
    length < 128
      ? Buffer.of(length)
      : length < 16_384
        ? Buffer.of((length & 127) | 128, length >> 7)
        : Buffer.of((length & 127) | 128, ((length >> 7) & 127) | 128, length >> 14)
  return Buffer.concat([head, zipped])
}
