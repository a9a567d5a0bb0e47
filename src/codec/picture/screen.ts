import { Cells, DEFAULT, type Look, packed, plain } from './cells.ts'

/** Characters of an escape sequence that are kept; longer ones are read over. */
const MAX_SEQUENCE = 256

/** DEC special graphics, from 0x60 (`) on: line drawing for `acsc`. */
const special = [
  ...[
    0x25c6, 0x2592, 0x2409, 0x240c, 0x240d, 0x240a, 0xb0, 0xb1, 0x2424, 0x240b, 0x2518, 0x2510, 0x250c, 0x2514, 0x253c,
  ],
  ...[0x23ba, 0x23bb, 0x2500, 0x23bc, 0x23bd, 0x251c, 0x2524, 0x2534, 0x252c, 0x2502, 0x2264, 0x2265, 0x3c0, 0x2260],
  ...[0xa3, 0xb7],
]

type Saved = { x: number; y: number; look: Look }

/** What xterm does with what a program writes: UTF-8, control characters, and the sequences that programs use. */
export class Screen {
  cells: Cells
  x = 0
  y = 0
  cursorShown = true
  /** As OSC 0 and 2 set it. */
  title: string | undefined
  /** DECCKM: arrow keys send SS3. */
  applicationKeys = false
  /** What it answers to questions of the program (DSR, DA), to be typed by its keyboard. */
  answer: (text: string) => void
  #look: Look = plain
  #wrap = false
  #top = 0
  #end: number
  #saved: Saved = { x: 0, y: 0, look: plain }
  #main: Cells | undefined
  #graphics = false
  #sequence: string | undefined
  #held: number[] = []
  #wanted = 0

  constructor(columns: number, rows: number, answer: (text: string) => void = () => {}) {
    this.cells = new Cells(columns, rows)
    this.#end = rows
    this.answer = answer
  }

  write(bytes: Uint8Array): void {
    this.cells.changed.add(this.y)
    for (const byte of bytes) this.#byte(byte)
    this.cells.changed.add(this.y)
  }

  #byte(byte: number) {
    if (this.#sequence !== undefined) return this.#within(byte)
    if (byte >= 0x80) return this.#utf8(byte)
    this.#wanted = 0
    if (byte === 0x1b) this.#sequence = ''
    else if (byte < 0x20 || byte === 0x7f) this.#control(byte)
    else this.#print(this.#graphics && byte >= 0x60 ? special[byte - 0x60]! : byte)
  }
  #utf8(byte: number) {
    if (this.#wanted > 0 && byte < 0xc0) {
      this.#held.push(byte)
      if (this.#held.length < this.#wanted) return
      const text = Buffer.from(this.#held).toString('utf8')
      this.#wanted = 0
      const code = text.codePointAt(0)!
      return this.#print(code > 0xffff ? 0xfffd : code)
    }
    this.#wanted = byte >= 0xf0 ? 4 : byte >= 0xe0 ? 3 : byte >= 0xc2 ? 2 : 0
    this.#held = [byte]
    if (this.#wanted === 0) this.#print(0xfffd)
  }
  #print(code: number): void {
    const { columns } = this.cells
    if (this.#wrap) {
      this.x = 0
      this.#down()
    }
    this.cells.put(this.x, this.y, code, packed(this.#look))
    this.#wrap = this.x === columns - 1
    if (!this.#wrap) this.x++
  }
  #down(): void {
    this.cells.changed.add(this.y)
    this.#wrap = false
    if (this.y === this.#end - 1) this.cells.scroll(this.#top, this.#end, 1, packed(this.#look))
    else if (this.y < this.cells.rows - 1) this.y++
  }
  #up(): void {
    if (this.y === this.#top) this.cells.scroll(this.#top, this.#end, -1, packed(this.#look))
    else if (this.y > 0) this.#go(this.x, this.y - 1)
  }
  #go(x: number, y: number): void {
    this.cells.changed.add(this.y)
    this.x = Math.max(0, Math.min(this.cells.columns - 1, x))
    this.y = Math.max(0, Math.min(this.cells.rows - 1, y))
    this.#wrap = false
    this.cells.changed.add(this.y)
  }
  #control(byte: number): void {
    if (byte === 8) this.#go(this.x - 1, this.y)
    else if (byte === 9) this.#go((this.x | 7) + 1, this.y)
    else if (byte >= 10 && byte <= 12) this.#down()
    else if (byte === 13) this.#go(0, this.y)
    else if (byte === 14 || byte === 15) this.#graphics = byte === 14
  }

  /** ECMA-48: an escape sequence goes on, or is whole. */
  #within(byte: number): void {
    const sequence = this.#sequence!
    const character = String.fromCharCode(byte)
    const kind = sequence[0]
    if (byte === 0x18 || byte === 0x1a) this.#sequence = undefined
    else if (kind === ']' || kind === 'P' || kind === '_' || kind === '^') {
      // OSC and its like: up to BEL or ST.
      if (byte === 7 || (character === '\\' && sequence.endsWith('\x1b'))) {
        this.#sequence = undefined
        const [, number, text = ''] = /^\](\d{1,3});([^\x07\x1b]*)/.exec(sequence) ?? []
        if (number === '0' || number === '2') this.title = text.slice(0, 120)
      } else if (sequence.length < MAX_SEQUENCE) this.#sequence += character
      else if (byte === 0x1b) this.#sequence = `${sequence.slice(0, MAX_SEQUENCE - 1)}\x1b`
    } else if (kind === '[') {
      if (byte >= 0x40 && byte <= 0x7e) {
        this.#sequence = undefined
        this.#csi(sequence.slice(1), character)
      } else if (byte < 0x20) this.#control(byte)
      else if (sequence.length < MAX_SEQUENCE) this.#sequence += character
    } else if (byte >= 0x20 && byte < 0x30) this.#sequence = (sequence + character).slice(0, 4)
    else if (sequence === '' && '[]P_^'.includes(character)) this.#sequence = character
    else {
      this.#sequence = undefined
      this.#escape(sequence, character)
    }
  }
  #escape(between: string, final: string): void {
    if (between === '(') this.#graphics = final === '0'
    else if (between !== '') return
    else if (final === '7') this.#save()
    else if (final === '8') this.#restore()
    else if (final === 'D') this.#down()
    else if (final === 'M') this.#up()
    else if (final === 'E') {
      this.#down()
      this.#go(0, this.y)
    } else if (final === 'c') this.#reset()
  }
  #save(): void {
    this.#saved = { x: this.x, y: this.y, look: this.#look }
  }
  #restore(): void {
    this.#look = this.#saved.look
    this.#go(this.#saved.x, this.#saved.y)
  }
  #reset(): void {
    const { columns, rows } = this.cells
    this.#alternate(false)
    this.#look = plain
    this.#top = 0
    this.#end = rows
    this.#graphics = false
    this.cursorShown = true
    for (let y = 0; y < rows; y++) this.cells.clear(y, 0, columns)
    this.#go(0, 0)
  }
  /** The alternate screen, which full-screen programs draw on. */
  #alternate(on: boolean): void {
    if (on === (this.#main !== undefined)) return
    const { columns, rows } = this.cells
    if (on) {
      this.#main = this.cells
      this.cells = new Cells(columns, rows)
    } else {
      this.cells = this.#main!
      this.#main = undefined
    }
    for (let y = 0; y < rows; y++) this.cells.changed.add(y)
  }

  #csi(parameters: string, final: string): void {
    const mark = /^[?>=!]/.test(parameters) ? parameters[0] : ''
    const numbers = parameters
      .replace(/[^\d;:]/g, '')
      .split(/[;:]/, 32)
      .map(number => Math.min(9999, Number(number)))
    const first = numbers[0] || 1
    if (mark === '?' && (final === 'h' || final === 'l')) for (const mode of numbers) this.#mode(mode, final === 'h')
    else if (mark === '>' && final === 'c') this.answer('\x1b[>41;379;0c')
    else if (mark === '' && !/[ !"$']/.test(parameters)) this.#csiOf.get(final)?.(first, numbers)
  }
  #mode(mode: number, on: boolean): void {
    if (mode === 1) this.applicationKeys = on
    else if (mode === 25) this.cursorShown = on
    else if (mode === 47 || mode === 1047) this.#alternate(on)
    else if (mode === 1049) {
      if (on) this.#save()
      this.#alternate(on)
      if (!on) this.#restore()
    }
  }
  #erase(how: number): void {
    const { cells } = this
    const look = packed(this.#look)
    if (how === 0) cells.clear(this.y, this.x, cells.columns, look)
    if (how === 1) cells.clear(this.y, 0, this.x + 1, look)
    if (how === 2) cells.clear(this.y, 0, cells.columns, look)
  }
  #eraseAll(how: number): void {
    const { cells } = this
    const from = how === 0 ? this.y + 1 : 0
    const to = how === 1 ? this.y : cells.rows
    if (how === 0 || how === 1) this.#erase(how)
    for (let y = from; y < to && how < 3; y++) cells.clear(y, 0, cells.columns, packed(this.#look))
  }
  #lines(n: number): void {
    if (this.y >= this.#top && this.y < this.#end) this.cells.scroll(this.y, this.#end, n, packed(this.#look))
  }

  readonly #csiOf = new Map<string, (first: number, numbers: number[]) => void>([
    ['@', n => this.cells.shift(this.x, this.y, n, packed(this.#look))],
    ['P', n => this.cells.shift(this.x, this.y, -n, packed(this.#look))],
    ['A', n => this.#go(this.x, this.y - n)],
    ['B', n => this.#go(this.x, this.y + n)],
    ['e', n => this.#go(this.x, this.y + n)],
    ['C', n => this.#go(this.x + n, this.y)],
    ['D', n => this.#go(this.x - n, this.y)],
    ['E', n => this.#go(0, this.y + n)],
    ['F', n => this.#go(0, this.y - n)],
    ['G', n => this.#go(n - 1, this.y)],
    ['`', n => this.#go(n - 1, this.y)],
    ['d', n => this.#go(this.x, n - 1)],
    ['H', (n, [, column = 1]) => this.#go((column || 1) - 1, n - 1)],
    ['f', (n, [, column = 1]) => this.#go((column || 1) - 1, n - 1)],
    ['J', (_, [how = 0]) => this.#eraseAll(how)],
    ['K', (_, [how = 0]) => this.#erase(how)],
    ['L', n => this.#lines(-n)],
    ['M', n => this.#lines(n)],
    ['S', n => this.cells.scroll(this.#top, this.#end, n, packed(this.#look))],
    ['T', n => this.cells.scroll(this.#top, this.#end, -n, packed(this.#look))],
    ['X', n => this.cells.clear(this.y, this.x, Math.min(this.cells.columns, this.x + n), packed(this.#look))],
    ['r', (n, [, last = 0]) => this.#margins(n - 1, last || this.cells.rows)],
    ['s', () => this.#save()],
    ['u', () => this.#restore()],
    ['m', (_, numbers) => this.#rendition(numbers)],
    ['c', (_, [what = 0]) => what === 0 && this.answer('\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c')],
    ['n', (_, [what = 0]) => this.#report(what)],
  ])
  #report(what: number): void {
    if (what === 5) this.answer('\x1b[0n')
    if (what === 6) this.answer(`\x1b[${this.y + 1};${this.x + 1}R`)
  }
  #margins(top: number, end: number): void {
    if (top >= end - 1 || end > this.cells.rows) return
    this.#top = top
    this.#end = end
    this.#go(0, 0)
  }
  /** SGR. */
  #rendition(numbers: number[]): void {
    const look = { ...this.#look }
    for (let i = 0; i < numbers.length; i++) {
      const n = numbers[i]!
      if (n === 0) Object.assign(look, plain)
      else if (n === 1) look.bold = true
      else if (n === 4) look.under = true
      else if (n === 7) look.inverse = true
      else if (n === 8) look.hidden = true
      else if (n === 22) look.bold = false
      else if (n === 24) look.under = false
      else if (n === 27) look.inverse = false
      else if (n === 28) look.hidden = false
      else if (n >= 30 && n <= 37) look.fg = n - 30
      else if (n === 39) look.fg = DEFAULT
      else if (n >= 40 && n <= 47) look.bg = n - 40
      else if (n === 49) look.bg = DEFAULT
      else if (n >= 90 && n <= 97) look.fg = n - 82
      else if (n >= 100 && n <= 107) look.bg = n - 92
      else if (n === 38 || n === 48) {
        const [kind = 0, value = 0, green = 0, blue = 0] = numbers.slice(i + 1, i + 5)
        const colour = kind === 5 ? value & 255 : cube(value, green, blue)
        if (kind === 5 || kind === 2) look[n === 38 ? 'fg' : 'bg'] = colour
        i += kind === 5 ? 2 : kind === 2 ? 4 : 0
      }
    }
    this.#look = look
  }
}

/** The nearest of the colour cube to a direct colour. */
const cube = (red: number, green: number, blue: number): number => {
  const step = (value: number) => Math.round((Math.min(255, value) / 255) * 5)
  return 16 + 36 * step(red) + 6 * step(green) + step(blue)
}
