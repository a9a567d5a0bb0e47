import { type Desk, openDesk, ownerOf } from '#access/desk.ts'
import type { Window as DesktopWindow } from '#codec/picture/desktop.ts'
import type { Rect } from '#codec/picture/region.ts'
import { frameOf } from '#codec/picture/twm.ts'
import type { TcpContext } from '#sensor/service.ts'
import { Atoms } from './atoms.ts'
import { keymap } from './keymap.ts'
import type { Options } from './options.ts'
import { BASE, COLORMAP, MASK, ROOT } from './setup.ts'
import type { Order } from './wire.ts'

/** Errors by their numbers (X11 appendix B). */
export const Bad = {
  Request: 1,
  Value: 2,
  Window: 3,
  Pixmap: 4,
  Atom: 5,
  Cursor: 6,
  Font: 7,
  Match: 8,
  Drawable: 9,
  Access: 10,
  Alloc: 11,
  Color: 12,
  GC: 13,
  IDChoice: 14,
  Name: 15,
  Length: 16,
  Implementation: 17,
} as const

/** What a request ends in that cannot be done; `value` is told with it. */
export class XError extends Error {
  readonly code: number
  readonly value: number | undefined
  constructor(code: number, value?: number) {
    super(`error ${code}`)
    this.code = code
    this.value = value
  }
}

export type Property = { type: number; format: number; data: Buffer }
export type Window = {
  kind: 'window'
  id: number
  parent: number
  /** Position in its parent; of windows of the desktop it is asked for every time. */
  place(): Rect & { border: number }
  mapped: boolean
  properties: Map<number, Property>
  events: number
  own: boolean
}
export type Resource =
  | Window
  | {
      kind: 'pixmap' | 'gc' | 'font' | 'cursor' | 'colormap'
      id: number
      width?: number
      height?: number
      depth?: number
    }

/** Things that one client may make, and bytes of their properties. */
const MOST = 2000
const MOST_BYTES = 4 << 20

/** One client and the server as it finds it. */
export class Server {
  readonly cx: TcpContext<Options>
  readonly order: Order
  readonly atoms = new Atoms()
  readonly resources = new Map<number, Resource>()
  readonly keys = keymap()
  readonly desk: Desk
  readonly selections = new Map<number, number>()
  sequence = 0
  /** The number that was looked up last: what an error tells that has nothing better to tell. */
  value = 0
  big = false
  focus = { window: 1, revert: 0 }
  /** In the middle until it moves. */
  pointer = { x: 512, y: 384 }
  buttons = 0
  down = new Set<number>()
  /** XTEST's own keyboard has become everybody's. */
  tested = false
  #bytes = 0

  constructor(cx: TcpContext<Options>, order: Order) {
    this.cx = cx
    this.order = order
    this.desk = openDesk(cx, {
      owner: ownerOf(cx),
      access: cx.options.access,
      display: ':0',
      title: `${ownerOf(cx)}@${cx.persona.hostname}: ~`,
      empty: cx.options.screen === 'empty',
      changed: () => {},
    })
    const { desktop } = this.desk
    this.resources.set(
      ROOT,
      this.#window(ROOT, 0, () => ({ x: 0, y: 0, width: desktop.width, height: desktop.height, border: 0 })),
    )
    this.resources.set(COLORMAP, { kind: 'colormap', id: COLORMAP })
    this.#property(ROOT, '_XKB_RULES_NAMES', 'STRING', 8, Buffer.from('evdev\0pc105\0us\0\0\0'))
    for (const [i, window] of desktop.windows.entries()) this.#show(window, i)
    desktop.point(0, this.pointer.x, this.pointer.y)
  }
  #window(id: number, parent: number, place: Window['place']): Window {
    return { kind: 'window', id, parent, place, mapped: true, properties: new Map(), events: 0, own: false }
  }
  #property(id: number, name: string, type: string, format: number, data: Buffer): void {
    const window = this.resources.get(id)
    if (window?.kind === 'window')
      window.properties.set(this.atoms.intern(name, false), { type: this.atoms.intern(type, false), format, data })
  }
  /** twm's frame, and the program's own window in it. */
  #show(shown: DesktopWindow, i: number): void {
    const frame = 0x400012 + 8 * i
    const inner = shown.kind === 'terminal' ? 0x60000d + 0x200000 * i : 0x80000a + 0x200000 * i
    this.resources.set(
      frame,
      this.#window(frame, ROOT, () => ({ ...frameOf(shown.inside), border: 0 })),
    )
    this.resources.set(
      inner,
      this.#window(inner, frame, () => ({ ...shown.inside, x: 2, y: 21, border: 0 })),
    )
    const name = shown.kind === 'terminal' ? 'xterm' : 'xclock'
    this.#property(inner, 'WM_NAME', 'STRING', 8, Buffer.from(shown.name, 'latin1'))
    this.#property(inner, 'WM_ICON_NAME', 'STRING', 8, Buffer.from(shown.name, 'latin1'))
    this.#property(
      inner,
      'WM_CLASS',
      'STRING',
      8,
      Buffer.from(`${name}\0${shown.kind === 'terminal' ? 'XTerm' : 'XClock'}\0`),
    )
    this.#property(inner, 'WM_COMMAND', 'STRING', 8, Buffer.from(`${name}\0`))
    this.#property(inner, 'WM_CLIENT_MACHINE', 'STRING', 8, Buffer.from(this.cx.persona.hostname))
    const state = Buffer.alloc(8)
    state.writeUInt32LE(1)
    this.#property(inner, 'WM_STATE', 'WM_STATE', 32, state)
  }

  find(id: number): Resource | undefined {
    this.value = id
    return this.resources.get(id)
  }
  window(id: number): Window {
    const found = this.find(id)
    if (found?.kind !== 'window') throw new XError(Bad.Window, id)
    return found
  }
  drawable(id: number): Resource {
    const found = this.find(id)
    if (found?.kind !== 'window' && found?.kind !== 'pixmap') throw new XError(Bad.Drawable, id)
    return found
  }
  atom(atom: number): string {
    const name = this.atoms.name(atom)
    this.value = atom
    if (name === undefined) throw new XError(Bad.Atom, atom)
    return name
  }
  /** A new thing of the client's, under a number of its own. */
  make(resource: Resource): void {
    const { id } = resource
    this.value = id
    if ((id & ~MASK) !== BASE || this.resources.has(id)) throw new XError(Bad.IDChoice, id)
    if (this.resources.size > MOST) throw new XError(Bad.Alloc, id)
    this.resources.set(id, resource)
  }
  /** Where a window is on the screen. */
  origin(window: Window): { x: number; y: number } {
    let [x, y] = [0, 0]
    for (let at: Window | undefined = window, depth = 0; at && depth < 64; depth++) {
      const place = at.place()
      x += place.x + (at.parent === 0 ? 0 : place.border)
      y += place.y + (at.parent === 0 ? 0 : place.border)
      const above = this.resources.get(at.parent)
      at = above?.kind === 'window' ? above : undefined
    }
    return { x, y }
  }
  children(id: number): number[] {
    const found: number[] = []
    for (const one of this.resources.values()) if (one.kind === 'window' && one.parent === id) found.push(one.id)
    return found
  }
  keep(bytes: number): void {
    this.#bytes += bytes
    if (this.#bytes > MOST_BYTES) throw new XError(Bad.Alloc)
  }
}
