import { type Canvas, canvasOf, fill } from './canvas.ts'
import { DIAL, drawClock } from './clock.ts'
import { common, type Rect } from './region.ts'
import type { Screen } from './screen.ts'
import { drawFrame, drawIcon, drawMenu, frameOf, iconifyOf, iconOf, LINE, type Menu, menuOf, titleOf } from './twm.ts'
import { drawTerminal, rowRect, sizeOf } from './xterm.ts'

/** What the menu of the desktop can open. */
const menuLines = ['XTerm', '', 'Show Icon Manager', 'Hide Icon Manager', '', 'Exit'] as const
/** Terminals that may be open at once. */
const MOST = 3
/** Pixels that a window is dragged by before it moves (MoveDelta). */
const DELTA = 3

export type TerminalWindow = {
  kind: 'terminal'
  name: string
  inside: Rect
  icon: Rect | undefined
  screen: Screen
  /** What is typed with the pointer over it. */
  type(keys: Buffer): void
}
export type ClockWindow = { kind: 'clock'; name: string; inside: Rect; icon: Rect | undefined }
export type Window = TerminalWindow | ClockWindow

export type DesktopOptions = {
  width: number
  height: number
  background: number
  /** Minutes of the local day. */
  minute(): number
  /** Something there looks different now. */
  changed(rect: Rect): void
  /** Somebody opened a terminal by the menu. */
  open(): void
}

/** A screen under twm with windows that can be moved and typed at. Nothing is drawn until somebody looks. */
export class Desktop {
  width: number
  height: number
  /** From the back to the front. */
  windows: Window[] = []
  pointer: { x: number; y: number }
  #options: DesktopOptions
  #buttons = 0
  #menu: Menu | undefined
  #drag: { window: Window; x: number; y: number } | undefined
  #minute: number

  constructor(options: DesktopOptions) {
    this.#options = options
    this.width = options.width
    this.height = options.height
    this.pointer = { x: options.width >> 1, y: options.height >> 1 }
    this.#minute = options.minute()
  }

  addClock(x: number, y: number): void {
    this.#add({ kind: 'clock', name: 'xclock', inside: { x, y, width: DIAL, height: DIAL }, icon: undefined })
  }
  addTerminal(x: number, y: number, name: string, screen: Screen, type: TerminalWindow['type']): TerminalWindow {
    const window: TerminalWindow = {
      kind: 'terminal',
      name,
      inside: { x, y, ...sizeOf(screen) },
      icon: undefined,
      screen,
      type,
    }
    this.#add(window)
    return window
  }
  #add(window: Window): void {
    this.windows.push(window)
    this.#options.changed(frameOf(window.inside))
  }
  remove(window: Window): void {
    this.windows = this.windows.filter(other => other !== window)
    this.#options.changed(window.icon ?? frameOf(window.inside))
  }

  /** Windows stay where they are. */
  resize(width: number, height: number): void {
    this.width = width
    this.height = height
    this.pointer = { x: Math.min(this.pointer.x, width - 1), y: Math.min(this.pointer.y, height - 1) }
    this.#options.changed({ x: 0, y: 0, width, height })
  }

  /** The window that keys go to: twm gives them to whichever the pointer is over. */
  get focused(): Window | undefined {
    return this.#menu
      ? undefined
      : this.windows.findLast(window => !window.icon && holds(frameOf(window.inside), this.pointer))
  }

  /** Keys for the window that has them; false when nobody does. */
  type(keys: Buffer): boolean {
    const { focused } = this
    if (focused?.kind !== 'terminal') return false
    focused.type(keys)
    return true
  }

  /** A program wrote to this terminal. */
  wrote(window: TerminalWindow): void {
    const { cells, title } = window.screen
    if (title !== undefined && title !== window.name) {
      window.name = title
      this.#options.changed(titleOf(window.inside))
    }
    const rows = [...cells.changed].sort((a, b) => a - b)
    cells.changed.clear()
    for (let i = 0; i < rows.length; ) {
      let end = i + 1
      while (rows[end] === rows[end - 1]! + 1) end++
      const top = rowRect(window.inside, rows[i]!)
      this.#options.changed({ ...top, height: top.height * (end - i) })
      i = end
    }
  }

  /** Time passes: true when that can be seen. */
  tick(): boolean {
    const minute = this.#options.minute()
    if (minute === this.#minute) return false
    this.#minute = minute
    for (const window of this.windows) if (window.kind === 'clock') this.#options.changed(window.inside)
    return true
  }

  /** The pointer moved, or a button went down or up (bit 0 is the left one). */
  point(buttons: number, x: number, y: number): void {
    const before = this.focused
    this.pointer = { x: Math.min(x, this.width - 1), y: Math.min(y, this.height - 1) }
    const pressed = buttons & ~this.#buttons
    const released = this.#buttons & ~buttons
    this.#buttons = buttons
    if (pressed & 1) this.#press()
    if (this.#menu) this.#choose()
    if (released & 1) this.#release()
    const after = this.focused
    if (before === after) return
    for (const window of [before, after]) if (window) this.#options.changed(frameOf(window.inside))
  }
  #press() {
    const icon = this.windows.findLast(window => window.icon && holds(window.icon, this.pointer))
    if (icon) return this.#deiconify(icon)
    const window = this.focused
    if (!window) return this.#popUp()
    if (holds(iconifyOf(window.inside), this.pointer)) return this.#iconify(window)
    if (holds(titleOf(window.inside), this.pointer)) this.#drag = { window, ...this.pointer }
  }
  #release(): void {
    const menu = this.#menu
    const drag = this.#drag
    this.#drag = undefined
    if (menu) {
      this.#menu = undefined
      this.#options.changed(menuOf(menu))
      const terminals = this.windows.filter(({ kind }) => kind === 'terminal').length
      if (menu.lines[menu.chosen] === 'XTerm' && terminals < MOST) this.#options.open()
    } else if (drag) {
      const { window } = drag
      const dx = this.pointer.x - drag.x
      const dy = this.pointer.y - drag.y
      this.windows = [...this.windows.filter(other => other !== window), window]
      this.#options.changed(frameOf(window.inside))
      if (Math.max(Math.abs(dx), Math.abs(dy)) < DELTA) return
      window.inside = { ...window.inside, x: window.inside.x + dx, y: window.inside.y + dy }
      this.#options.changed(frameOf(window.inside))
    }
  }
  #popUp(): void {
    const { x, y } = this.pointer
    const menu = { x: 0, y: 0, title: 'Main Menu', lines: menuLines, chosen: -1 }
    const { width, height } = menuOf(menu)
    // twm puts the middle of the title under the pointer, and the menu on the screen.
    menu.x = Math.max(0, Math.min(this.width - width, x - (width >> 1) + 2))
    menu.y = Math.max(0, Math.min(this.height - height, y - (LINE >> 1)))
    this.#menu = menu
    this.#options.changed(menuOf(menu))
  }
  #choose(): void {
    const menu = this.#menu!
    const rect = menuOf(menu)
    const line = holds(rect, this.pointer) ? Math.floor((this.pointer.y - rect.y - 2) / LINE) - 1 : -1
    if (line === menu.chosen) return
    menu.chosen = line
    this.#options.changed(rect)
  }
  #iconify(window: Window): void {
    const taken = this.windows.filter(({ icon }) => icon).length
    window.icon = iconOf(8, this.height - 29 - 26 * taken, window.name)
    this.#options.changed(frameOf(window.inside))
    this.#options.changed(window.icon)
  }
  #deiconify(window: Window): void {
    this.#options.changed(window.icon!)
    window.icon = undefined
    this.#options.changed(frameOf(window.inside))
  }

  /** What can be seen in that part of the screen. `memory` is used again where it is given. */
  draw(rect: Rect, memory?: Uint32Array): Canvas {
    const canvas = canvasOf(rect, memory)
    fill(canvas, rect, this.#options.background)
    const { focused } = this
    for (const window of this.windows) {
      if (window.icon) {
        if (common(window.icon, rect)) drawIcon(canvas, window.icon, window.name)
        continue
      }
      if (!common(frameOf(window.inside), rect)) continue
      drawFrame(canvas, window.inside, window.name, window === focused)
      if (!common(window.inside, rect)) continue
      if (window.kind === 'clock') drawClock(canvas, window.inside, this.#minute)
      else drawTerminal(canvas, window.inside, window.screen, window === focused)
    }
    if (this.#menu) drawMenu(canvas, this.#menu)
    return canvas
  }
}

const holds = ({ x, y, width, height }: Rect, at: { x: number; y: number }): boolean =>
  at.x >= x && at.y >= y && at.x < x + width && at.y < y + height
