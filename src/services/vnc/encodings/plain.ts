import type { Canvas } from '#codec/picture/canvas.ts'
import type { Rect } from '#codec/picture/region.ts'
import type { Converter } from '../pixels.ts'

/** Subrectangles of RRE beyond which the picture is no longer simple enough for it. */
const MOST = 20_000

/** Raw (RFC 6143 §7.7.1). */
export const raw = (canvas: Canvas, to: Converter): Buffer => Buffer.from(to.bytes(canvas.pixels))

/** The colour that most of the pixels have, of those that come first. */
function background(pixels: Uint32Array): number {
  const counts = new Map<number, number>()
  for (const pixel of pixels) if (counts.has(pixel) || counts.size < 64) counts.set(pixel, (counts.get(pixel) ?? 0) + 1)
  let best = pixels[0]!
  for (const [pixel, count] of counts) if (count > counts.get(best)!) best = pixel
  return best
}

/** What differs from the background as rectangles of one colour, each as wide and then as high as it gets. */
function subrects(pixels: Uint32Array, width: number, height: number, back: number): (Rect & { colour: number })[] {
  const done = new Uint8Array(pixels.length)
  const found: (Rect & { colour: number })[] = []
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const at = y * width + x
      const colour = pixels[at]!
      if (done[at] || colour === back) continue
      const fits = (i: number) => pixels[i] === colour && !done[i]
      let w = 1
      while (x + w < width && fits(at + w)) w++
      let h = 1
      const row = (y1: number) => {
        for (let i = 0; i < w; i++) if (!fits(y1 * width + x + i)) return false
        return true
      }
      while (y + h < height && row(y + h)) h++
      for (let dy = 0; dy < h; dy++) done.fill(1, at + dy * width, at + dy * width + w)
      found.push({ x, y, width: w, height: h, colour })
    }
  return found
}

const one = new Uint32Array(1)
const pixelOf = (to: Converter, colour: number): Buffer => {
  one[0] = colour
  return Buffer.from(to.bytes(one))
}

/** RRE (§7.7.3); `undefined` where it would be larger than the pixels themselves. */
export function rre({ pixels, width, height }: Canvas, to: Converter): Buffer | undefined {
  const back = background(pixels)
  const rects = subrects(pixels, width, height, back)
  if (rects.length > MOST || rects.length * (to.size + 8) > pixels.length * to.size) return undefined
  const count = Buffer.alloc(4)
  count.writeUInt32BE(rects.length)
  const parts = [count, pixelOf(to, back)]
  for (const rect of rects) {
    const place = Buffer.alloc(8)
    place.writeUInt16BE(rect.x, 0)
    place.writeUInt16BE(rect.y, 2)
    place.writeUInt16BE(rect.width, 4)
    place.writeUInt16BE(rect.height, 6)
    parts.push(pixelOf(to, rect.colour), place)
  }
  return Buffer.concat(parts)
}

/** Hextile's flags (§7.7.4). */
const Tile = { raw: 1, background: 2, foreground: 4, any: 8, coloured: 16 } as const

/** Hextile: tiles of 16 by 16, which remember the colours of the one before. */
export function hextile(canvas: Canvas, to: Converter): Buffer {
  const parts: Buffer[] = []
  let back: number | undefined
  let fore: number | undefined
  for (const tile of tilesOf(canvas, 16)) {
    const { pixels, width, height } = tile
    const ground = background(pixels)
    const rects = subrects(pixels, width, height, ground)
    const colours = new Set(rects.map(({ colour }) => colour))
    const each = 2 + (colours.size > 1 ? to.size : 0)
    if (rects.length > 255 || rects.length * each + 2 * to.size > pixels.length * to.size) {
      parts.push(Buffer.of(Tile.raw), raw(tile, to))
      back = fore = undefined
      continue
    }
    let flags = 0
    const head: Buffer[] = []
    if (ground !== back) {
      flags |= Tile.background
      head.push(pixelOf(to, ground))
      back = ground
    }
    if (rects.length > 0) flags |= Tile.any
    if (colours.size > 1) {
      flags |= Tile.coloured
      fore = undefined
    } else if (colours.size === 1 && rects[0]!.colour !== fore) {
      flags |= Tile.foreground
      fore = rects[0]!.colour
      head.push(pixelOf(to, fore))
    }
    if (rects.length > 0) head.push(Buffer.of(rects.length))
    for (const { x, y, width: w, height: h, colour } of rects) {
      if (colours.size > 1) head.push(pixelOf(to, colour))
      head.push(Buffer.of((x << 4) | y, ((w - 1) << 4) | (h - 1)))
    }
    parts.push(Buffer.of(flags), ...head)
  }
  return Buffer.concat(parts)
}

/** A picture cut into squares, row by row; those at the right and lower edges may be smaller. */
export function* tilesOf(canvas: Canvas, side: number): Generator<Canvas> {
  for (let y = 0; y < canvas.height; y += side)
    for (let x = 0; x < canvas.width; x += side) {
      const width = Math.min(side, canvas.width - x)
      const height = Math.min(side, canvas.height - y)
      const pixels = new Uint32Array(width * height)
      for (let row = 0; row < height; row++) {
        const start = (y + row) * canvas.width + x
        pixels.set(canvas.pixels.subarray(start, start + width), row * width)
      }
      yield { x: canvas.x + x, y: canvas.y + y, width, height, pixels }
    }
}
