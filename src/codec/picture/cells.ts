/** How a character looks: colours of the 256, or DEFAULT; the rest are flags. */
export type Look = { fg: number; bg: number; bold: boolean; under: boolean; inverse: boolean; hidden: boolean }
export const DEFAULT = 256
export const plain: Look = { fg: DEFAULT, bg: DEFAULT, bold: false, under: false, inverse: false, hidden: false }

/** A look in one number, and back. */
export const packed = ({ fg, bg, bold, under, inverse, hidden }: Look): number =>
  fg | (bg << 9) | (Number(bold) << 18) | (Number(under) << 19) | (Number(inverse) << 20) | (Number(hidden) << 21)
export const unpacked = (look: number): Look => ({
  fg: look & 511,
  bg: (look >> 9) & 511,
  bold: Boolean(look & (1 << 18)),
  under: Boolean(look & (1 << 19)),
  inverse: Boolean(look & (1 << 20)),
  hidden: Boolean(look & (1 << 21)),
})
const PLAIN = packed(plain)

/** The grid of a terminal: a character and a look a cell, and which rows changed since somebody last looked. */
export class Cells {
  readonly columns: number
  readonly rows: number
  codes: Uint16Array
  looks: Uint32Array
  changed: Set<number> = new Set()

  constructor(columns: number, rows: number) {
    this.columns = columns
    this.rows = rows
    this.codes = new Uint16Array(columns * rows).fill(0x20)
    this.looks = new Uint32Array(columns * rows).fill(PLAIN)
  }
  put(x: number, y: number, code: number, look: number): void {
    this.codes[y * this.columns + x] = code
    this.looks[y * this.columns + x] = look
    this.changed.add(y)
  }
  /** Blanks from one column to before another. */
  clear(y: number, from: number, to: number, look = PLAIN): void {
    this.codes.fill(0x20, y * this.columns + from, y * this.columns + to)
    // Of what a blank looks like, its background alone stays (`bce`).
    this.looks.fill((look & (511 << 9)) | DEFAULT, y * this.columns + from, y * this.columns + to)
    this.changed.add(y)
  }
  /** Rows from `top` to before `end` move up by `n`, or down when negative; blanks come in. */
  scroll(top: number, end: number, n: number, look = PLAIN): void {
    const count = Math.min(Math.abs(n), end - top)
    const [to, from] = n > 0 ? [top, top + count] : [top + count, top]
    const move = (cells: Uint16Array | Uint32Array) =>
      cells.copyWithin(to * this.columns, from * this.columns, (from + end - top - count) * this.columns)
    move(this.codes)
    move(this.looks)
    const blank = n > 0 ? end - count : top
    for (let y = blank; y < blank + count; y++) this.clear(y, 0, this.columns, look)
    for (let y = top; y < end; y++) this.changed.add(y)
  }
  /** Within a row: `n` cells come in at `x`, or go when negative. */
  shift(x: number, y: number, n: number, look = PLAIN): void {
    const start = y * this.columns
    const count = Math.min(Math.abs(n), this.columns - x)
    const [to, from] = n > 0 ? [x + count, x] : [x, x + count]
    for (const cells of [this.codes, this.looks])
      cells.copyWithin(start + to, start + from, start + from + this.columns - x - count)
    if (n > 0) this.clear(y, x, x + count, look)
    else this.clear(y, this.columns - count, this.columns, look)
  }
  /** A row as text, without the blanks at its end. */
  line(y: number): string {
    return String.fromCharCode(...this.codes.subarray(y * this.columns, (y + 1) * this.columns)).trimEnd()
  }
}
