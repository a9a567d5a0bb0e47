import type { Canvas } from '#codec/picture/canvas.ts'
import type { Rect } from '#codec/picture/region.ts'
import type { Converter } from '../pixels.ts'
import { hextile, raw, rre } from './plain.ts'
import { Stream, type TightStreams, tight, zrle } from './zipped.ts'

/** Numbers of encodings and of what is no encoding (RFC 6143 §7.7, §7.8; the registry of the RFB community). */
export const Encoding = {
  raw: 0,
  rre: 2,
  hextile: 5,
  tight: 7,
  zrle: 16,
  size: -223,
  lastRect: -224,
  cursor: -239,
  xcursor: -240,
  qemuKeys: -258,
  name: -307,
  extendedSize: -308,
  fence: -312,
  continuous: -313,
  cursorAlpha: -314,
  clipboard: 0xc0a1e5ce | 0,
} as const

const known: ReadonlySet<number> = new Set([
  Encoding.raw,
  Encoding.rre,
  Encoding.hextile,
  Encoding.tight,
  Encoding.zrle,
])
/** The first that TigerVNC can write; raw where there is none. */
export const preferred = (wanted: readonly number[]): number => wanted.find(number => known.has(number)) ?? Encoding.raw

/** Pixels of a rectangle at most, and its widest. */
const AREA = 65_536
const WIDEST = 2048

/** The pieces that a rectangle is sent in. */
export function* pieces({ x, y, width, height }: Rect): Generator<Rect> {
  const w = Math.min(width, WIDEST)
  const h = Math.max(1, Math.min(height, Math.floor(AREA / w)))
  for (let dy = 0; dy < height; dy += h)
    for (let dx = 0; dx < width; dx += w)
      yield { x: x + dx, y: y + dy, width: Math.min(w, width - dx), height: Math.min(h, height - dy) }
}

/** What a connection's encodings keep. */
export type Encoders = { zrle: Stream; tight: TightStreams }
export const newEncoders = (): Encoders => ({ zrle: new Stream(), tight: [new Stream(), new Stream(), new Stream()] })

/** One rectangle of an update, head and all (§7.6.1). */
export function rectangle(canvas: Canvas, encoding: number, to: Converter, encoders: Encoders): Buffer {
  const simple = encoding === Encoding.rre ? rre(canvas, to) : undefined
  if (simple) return Buffer.concat([head(canvas, Encoding.rre), simple])
  if (encoding === Encoding.hextile) return Buffer.concat([head(canvas, encoding), hextile(canvas, to)])
  if (encoding === Encoding.zrle) return Buffer.concat([head(canvas, encoding), zrle(canvas, to, encoders.zrle)])
  if (encoding === Encoding.tight) return Buffer.concat([head(canvas, encoding), tight(canvas, to, encoders.tight)])
  return Buffer.concat([head(canvas, Encoding.raw), raw(canvas, to)])
}

export function head({ x, y, width, height }: Rect, encoding: number): Buffer {
  const bytes = Buffer.alloc(12)
  bytes.writeUInt16BE(x, 0)
  bytes.writeUInt16BE(y, 2)
  bytes.writeUInt16BE(width, 4)
  bytes.writeUInt16BE(height, 6)
  bytes.writeInt32BE(encoding, 8)
  return bytes
}
