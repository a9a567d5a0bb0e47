import { type Canvas, CELL, fill, frame, glyph } from './canvas.ts'
import { DEFAULT, unpacked } from './cells.ts'
import type { Rect } from './region.ts'
import type { Screen } from './screen.ts'

/** xterm's own sixteen colours; black on white is what its users get who choose nothing. */
const sixteen = [
  ...[0x000000, 0xcd0000, 0x00cd00, 0xcdcd00, 0x0000ee, 0xcd00cd, 0x00cdcd, 0xe5e5e5],
  ...[0x7f7f7f, 0xff0000, 0x00ff00, 0xffff00, 0x5c5cff, 0xff00ff, 0x00ffff, 0xffffff],
]
const ink = 0x000000
const paper = 0xffffff
/** Pixels between the window's edge and its text (`internalBorder`). */
const BORDER = 2

/** xterm's 256 colours: sixteen, a cube of six steps, greys. */
function colourOf(index: number, otherwise: number): number {
  if (index === DEFAULT) return otherwise
  if (index < 16) return sixteen[index]!
  if (index >= 232) return (8 + 10 * (index - 232)) * 0x010101
  const step = (n: number) => (n === 0 ? 0 : 55 + 40 * n)
  const cube = index - 16
  return (step(Math.floor(cube / 36)) << 16) | (step(Math.floor(cube / 6) % 6) << 8) | step(cube % 6)
}

/** What xterm's window measures for that many characters, without what a window manager puts around it. */
export const sizeOf = ({ cells }: Screen): { width: number; height: number } => ({
  width: cells.columns * CELL.width + 2 * BORDER,
  height: cells.rows * CELL.height + 2 * BORDER,
})

/** Where a row of characters is in a window at that place. */
export const rowRect = (at: Rect, y: number): Rect => ({
  x: at.x,
  y: at.y + BORDER + y * CELL.height,
  width: at.width,
  height: CELL.height,
})

/** The window's inside; its cursor is a full block where keys go to it, and an empty one elsewhere. */
export function drawTerminal(canvas: Canvas, at: Rect, screen: Screen, focused: boolean): void {
  fill(canvas, at, paper)
  const { cells } = screen
  const first = Math.max(0, Math.floor((canvas.y - at.y - BORDER) / CELL.height))
  const last = Math.min(cells.rows - 1, Math.floor((canvas.y + canvas.height - at.y - BORDER) / CELL.height))
  const cell = { x: 0, y: 0, width: CELL.width, height: CELL.height }
  for (let y = first; y <= last; y++) {
    cell.y = at.y + BORDER + y * CELL.height
    for (let x = 0; x < cells.columns; x++) {
      cell.x = at.x + BORDER + x * CELL.width
      const look = unpacked(cells.looks[y * cells.columns + x]!)
      const here = screen.cursorShown && x === screen.x && y === screen.y
      let front = colourOf(look.fg, ink)
      let back = colourOf(look.bg, paper)
      if (look.inverse !== (here && focused)) [front, back] = [back, front]
      if (back !== paper) fill(canvas, cell, back)
      if (!look.hidden) glyph(canvas, cell.x, cell.y, cells.codes[y * cells.columns + x]!, front, look.bold)
      if (look.under) fill(canvas, { ...cell, y: cell.y + CELL.ascent + 1, height: 1 }, front)
      if (here && !focused) frame(canvas, cell, ink)
    }
  }
}
