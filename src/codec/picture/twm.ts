import { type Canvas, CELL, fill, frame, stamp, stipple, write } from './canvas.ts'
import type { Rect } from './region.ts'

/** Colours of Debian's configuration of twm 1.0.10 (/etc/X11/twm/system.twmrc), measured on its screen. */
const border = 0x708090
const green = 0x22aa99
const light = 0xd9d9d9
const grey = 0xb3b3b3
const white = 0xffffff

/** Pixels of a frame around a window, of its title, and of a menu's line. */
const EDGE = 2
const TITLE = 17
export const LINE = 17

const iconify = [
  '###########',
  '#.........#',
  '#.........#',
  '#...###...#',
  '#..#####..#',
  '#..#####..#',
  '#..#####..#',
  '#...###...#',
  '#.........#',
  '#.........#',
  '###########',
]
const resize = [
  '###########',
  '#...#..#..#',
  '#...#..#..#',
  '#...#..#..#',
  '#####..#..#',
  '#......#..#',
  '#......#..#',
  '########..#',
  '#.........#',
  '#.........#',
  '###########',
]
const ink = new Map([['#', light]])

/** The frame around a window whose inside is there. */
export const frameOf = ({ x, y, width, height }: Rect): Rect => ({
  x: x - EDGE,
  y: y - 2 * EDGE - TITLE,
  width: width + 2 * EDGE,
  height: height + 3 * EDGE + TITLE,
})
export const titleOf = (inside: Rect): Rect => ({
  x: inside.x,
  y: inside.y - EDGE - TITLE,
  width: inside.width,
  height: TITLE,
})
/** The button in the title that makes an icon of the window. */
export const iconifyOf = (inside: Rect): Rect => ({
  x: inside.x + 3,
  y: inside.y - EDGE - TITLE + 3,
  width: 11,
  height: 11,
})

/** A window's frame and title; grey-dotted unless keys go to it. */
export function drawFrame(canvas: Canvas, inside: Rect, name: string, focused: boolean): void {
  const outer = frameOf(inside)
  if (focused) fill(canvas, outer, border)
  else stipple(canvas, outer, white, 0)
  const title = titleOf(inside)
  fill(canvas, title, green)
  const button = iconifyOf(inside)
  stamp(canvas, button.x, button.y, iconify, ink)
  stamp(canvas, title.x + title.width - 14, button.y, resize, ink)
  const room = Math.floor((title.width - 42) / CELL.width)
  write(canvas, title.x + 22, title.y + 2, name.slice(0, room), light)
  const after = title.x + 22 + name.length * CELL.width + 8
  const width = title.x + title.width - 22 - after
  if (focused && width > 0) stipple(canvas, { x: after, y: title.y + 2, width, height: 13 }, green, light)
}

/** An icon without a picture: the window's name. */
export const iconOf = (x: number, y: number, name: string): Rect => ({
  x,
  y,
  width: name.length * CELL.width + 10,
  height: 21,
})
export function drawIcon(canvas: Canvas, at: Rect, name: string): void {
  fill(canvas, at, green)
  frame(canvas, at, light)
  frame(canvas, { x: at.x + 1, y: at.y + 1, width: at.width - 2, height: at.height - 2 }, light)
  write(canvas, at.x + 5, at.y + 4, name, light)
}

/** What a menu shows: its title, then lines; an empty one is a gap. */
export type Menu = { x: number; y: number; title: string; lines: readonly string[]; chosen: number }
export const menuOf = ({ x, y, title, lines }: Menu): Rect => {
  const longest = Math.max(title.length, ...lines.map(line => line.length))
  return { x, y, width: longest * CELL.width + 36 + 2 * EDGE, height: (lines.length + 1) * LINE + 2 * EDGE }
}
export function drawMenu(canvas: Canvas, menu: Menu): void {
  const outer = menuOf(menu)
  fill(canvas, outer, border)
  const inside = {
    x: outer.x + EDGE,
    y: outer.y + EDGE,
    width: outer.width - 2 * EDGE,
    height: outer.height - 2 * EDGE,
  }
  fill(canvas, inside, green)
  fill(canvas, { ...inside, height: LINE - 1 }, grey)
  write(canvas, inside.x + Math.floor((inside.width - menu.title.length * CELL.width) / 2), inside.y, menu.title, green)
  menu.lines.forEach((line, i) => {
    const y = inside.y + (i + 1) * LINE
    const chosen = i === menu.chosen && line !== ''
    if (chosen) fill(canvas, { ...inside, y, height: LINE }, light)
    write(canvas, inside.x + 5, y, line, chosen ? green : light)
  })
}

/** X's arrow, its hot spot at the tip; `+` is its white edge. */
export const arrow = [
  '++........',
  '+#+.......',
  '+##+......',
  '+###+.....',
  '+####+....',
  '+#####+...',
  '+######+..',
  '+#######+.',
  '+########+',
  '+#####++++',
  '+##+##+...',
  '+#++##+...',
  '++..+##+..',
  '....+##+..',
  '.....++...',
]
/** The bar over text, its hot spot in the middle. */
export const bar = [
  '####.####',
  '....#....',
  ...Array.from({ length: 11 }, () => '....#....'),
  '....#....',
  '####.####',
]
