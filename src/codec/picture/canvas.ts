import { bold, ranges, regular } from './font-6x13.ts'
import { common, type Rect } from './region.ts'

/** Pixels of a part of a screen, row by row, each 0xRRGGBB; what is drawn outside of it is not there. */
export type Canvas = Rect & { pixels: Uint32Array }

export const CELL = { width: 6, height: 13, ascent: 11 } as const

/** The part of a screen at `rect`, black; it is made of `memory` if that is large enough. */
export function canvasOf(rect: Rect, memory?: Uint32Array): Canvas {
  const size = rect.width * rect.height
  const pixels = memory && memory.length >= size ? memory.subarray(0, size) : new Uint32Array(size)
  pixels.fill(0)
  return { ...rect, pixels }
}

export function fill(canvas: Canvas, rect: Rect, colour: number): void {
  const part = common(canvas, rect)
  if (!part) return
  for (let y = part.y; y < part.y + part.height; y++) {
    const start = (y - canvas.y) * canvas.width + part.x - canvas.x
    canvas.pixels.fill(colour, start, start + part.width)
  }
}

/** Every other pixel, as X's 50 % stipple: those whose coordinates add up to an even number. */
export function stipple(canvas: Canvas, rect: Rect, even: number, odd: number): void {
  const part = common(canvas, rect)
  if (!part) return
  for (let y = part.y; y < part.y + part.height; y++)
    for (let x = part.x; x < part.x + part.width; x++)
      canvas.pixels[(y - canvas.y) * canvas.width + x - canvas.x] = (x + y) & 1 ? odd : even
}

/** The edge of a rectangle, one pixel wide. */
export function frame(canvas: Canvas, { x, y, width, height }: Rect, colour: number): void {
  fill(canvas, { x, y, width, height: 1 }, colour)
  fill(canvas, { x, y: y + height - 1, width, height: 1 }, colour)
  fill(canvas, { x, y, width: 1, height }, colour)
  fill(canvas, { x: x + width - 1, y, width: 1, height }, colour)
}

/** A picture of rows of characters: each is drawn in the colour it has in `colours`; others leave what is there. */
export function stamp(
  canvas: Canvas,
  x: number,
  y: number,
  rows: readonly string[],
  colours: Map<string, number>,
): void {
  if (!common(canvas, { x, y, width: rows[0]!.length, height: rows.length })) return
  rows.forEach((row, dy) => {
    for (let dx = 0; dx < row.length; dx++) {
      const colour = colours.get(row[dx]!)
      if (colour !== undefined) dot(canvas, x + dx, y + dy, colour)
    }
  })
}

function dot(canvas: Canvas, x: number, y: number, colour: number): void {
  const column = x - canvas.x
  const row = y - canvas.y
  if (column >= 0 && column < canvas.width && row >= 0 && row < canvas.height)
    canvas.pixels[row * canvas.width + column] = colour
}

/** A mixture of what is there and a colour, `cover` of 255 parts. */
export function blend(canvas: Canvas, x: number, y: number, colour: number, cover: number): void {
  const column = x - canvas.x
  const row = y - canvas.y
  if (column < 0 || column >= canvas.width || row < 0 || row >= canvas.height) return
  const at = row * canvas.width + column
  const under = canvas.pixels[at]!
  const mixed = (shift: number) =>
    Math.round((((under >> shift) & 255) * (255 - cover) + ((colour >> shift) & 255) * cover) / 255) << shift
  canvas.pixels[at] = mixed(16) | mixed(8) | mixed(0)
}

type Glyphs = { regular: Map<number, Uint8Array>; bold: Map<number, Uint8Array> }
let glyphs: Glyphs | undefined
const digits = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'

/** Unfolded when first needed. */
function font(): Glyphs {
  if (glyphs) return glyphs
  const unfold = (rows: string, most: number) => {
    const found = new Map<number, Uint8Array>()
    let at = 0
    for (const [first, last] of ranges)
      for (let code = first; code <= last && code <= most; code++, at += CELL.height)
        found.set(
          code,
          Uint8Array.from(rows.slice(at, at + CELL.height), digit => digits.indexOf(digit)),
        )
    return found
  }
  glyphs = { regular: unfold(regular, 0xffff), bold: unfold(bold, 0xff) }
  return glyphs
}

/** One character with its cell's upper left corner there, over what is behind it. */
export function glyph(canvas: Canvas, x: number, y: number, code: number, colour: number, heavy = false): void {
  if (code === 0x20) return
  const { regular: plain, bold: fat } = font()
  const rows = (heavy ? fat.get(code) : undefined) ?? plain.get(code) ?? plain.get(0xfffd)!
  for (let dy = 0; dy < CELL.height; dy++) {
    const bits = rows[dy]!
    if (bits === 0) continue
    for (let dx = 0; dx < CELL.width; dx++) if (bits & (32 >> dx)) dot(canvas, x + dx, y + dy, colour)
  }
}

/** A line of text; its height is a cell's. */
export function write(canvas: Canvas, x: number, y: number, text: string, colour: number): void {
  let at = x
  for (const character of text) {
    if (at < canvas.x + canvas.width && at + CELL.width > canvas.x)
      glyph(canvas, at, y, character.codePointAt(0)!, colour)
    at += CELL.width
  }
}
