import { type Desk, openDesk, ownerOf, SIZE } from '#access/desk.ts'
import { downloadsIn } from '#codec/downloads.ts'
import { isReturn, Keyboard, written } from '#codec/picture/keys.ts'
import type { Rect } from '#codec/picture/region.ts'
import { text } from '#events/text.ts'
import { loadPrograms } from '#machine/commands/index.ts'
import type { Conn } from '#sensor/conn.ts'
import { Hangup } from '#sensor/endings.ts'
import type { TcpContext } from '#sensor/service.ts'
import { Encoding } from './encodings/index.ts'
import { handshake } from './handshake.ts'
import { Clip, type Layout, type Message, readMessage } from './messages.ts'
import type { Options } from './options.ts'
import { colourMap, native, writeFormat } from './pixels.ts'
import { fence, Viewer } from './viewer.ts'

export { loadPrograms }

/** Seconds that somebody who sees the desktop may be silent, and stay. */
const IDLE = 900
const LIFETIME = 4 * 3600
/** Clicks and pieces of clipboard of a session that are recorded; characters of a line that nobody took. */
const MOST_CLICKS = 200
const MOST_CUTS = 100
const LONGEST = 256
const CUT_SHOWN = 8192
/** Pixels on which nobody would see whether a shell has greeted; seconds that it takes to. */
const GLANCE = 4096
const GREETING = 0.4
/** Largest desktop that a client may ask for. */
const LARGEST = { width: 1920, height: 1200 }

/** Display :1 listens at 5901. */
const displayOf = ({ port }: { port: number }): string => `:${port >= 5900 && port < 6000 ? port - 5900 : 1}`
const nameOf = (cx: TcpContext<Options>): string => `${cx.persona.hostname}${displayOf(cx)} (${ownerOf(cx)})`

/** One client: who it is, then its desktop until it has had enough. */
export async function session(conn: Conn, cx: TcpContext<Options>): Promise<void> {
  if (!(await handshake(conn, cx))) return
  // ClientInit: whether others may stay; ServerInit: size, format, name.
  await conn.read(1)
  const name = Buffer.from(nameOf(cx), 'latin1')
  const size = Buffer.alloc(4)
  size.writeUInt16BE(SIZE.width, 0)
  size.writeUInt16BE(SIZE.height, 2)
  const length = Buffer.alloc(4)
  length.writeUInt32BE(name.length)
  await conn.write(Buffer.concat([size, writeFormat(native), length, name]))
  conn.patience = IDLE
  conn.lifetime = LIFETIME
  let viewer: Viewer | undefined
  const desk = openDesk(cx, {
    owner: ownerOf(cx),
    access: cx.options.access,
    display: displayOf(cx),
    title: `${nameOf(cx)} Desktop`,
    changed: rect => viewer?.changed(rect),
  })
  viewer = new Viewer(conn, desk, cx)
  const person = new Person(conn, cx, desk, viewer)
  watchClock(cx, desk).catch(() => {})
  try {
    for (;;) {
      await person.hear(await readMessage(conn))
      await viewer.flush()
    }
  } finally {
    person.finish()
    await desk.leave()
  }
}

/** The clock's hands move while somebody is there. */
async function watchClock(cx: TcpContext<Options>, { desktop }: Desk): Promise<void> {
  for (;;) {
    const now = cx.now()
    await cx.pause(60.2 - ((now + cx.persona.clockSkew) % 60_000) / 1000)
    if (cx.now() === now) throw new Hangup('idle')
    desktop.tick()
  }
}

/** What somebody at the desktop does, and what is written down of it. */
class Person {
  #conn: Conn
  #cx: TcpContext<Options>
  #desk: Desk
  #viewer: Viewer
  #keyboard = new Keyboard()
  /** Typed where no program took it. */
  #lost = ''
  #clicks = 0
  #cuts = 0
  #buttons = 0
  /** What a middle click pastes. */
  #clipboard: Buffer | undefined
  #fence: Buffer | undefined

  constructor(conn: Conn, cx: TcpContext<Options>, desk: Desk, viewer: Viewer) {
    this.#conn = conn
    this.#cx = cx
    this.#desk = desk
    this.#viewer = viewer
  }

  async hear(message: Message): Promise<void> {
    const delayed = this.#fence
    this.#fence = undefined
    await this.#act(message)
    if (delayed) await this.#conn.write(delayed)
  }
  async #act(message: Message): Promise<void> {
    const viewer = this.#viewer
    if (message.kind === 'format') {
      viewer.setFormat(message.format)
      if (!message.format.trueColour) await this.#conn.write(colourMap())
    } else if (message.kind === 'encodings') await this.#encodings(message.numbers)
    else if (message.kind === 'update') {
      // Whoever looks finds a shell that has greeted already.
      if (message.rect.width * message.rect.height > GLANCE && !this.#desk.awake) {
        this.#desk.wake()
        await this.#cx.pause(GREETING)
      }
      viewer.request(message.incremental, message.rect)
    } else if (message.kind === 'key') this.#key(message.down, message.keysym)
    else if (message.kind === 'pointer') this.#pointer(message.buttons, message.x, message.y)
    else if (message.kind === 'cut') this.#cut(message.text)
    else if (message.kind === 'clipboard') await this.#clip(message.flags, message.text)
    else if (message.kind === 'continuous') await this.#continuous(message)
    else if (message.kind === 'fence') await this.#fenced(message.flags, message.data)
    else if (message.kind === 'resize') this.#resize(message)
  }

  async #encodings(numbers: number[]): Promise<void> {
    const viewer = this.#viewer
    const had = (encoding: number) => viewer.wants(encoding)
    const before = [Encoding.fence, Encoding.continuous, Encoding.clipboard].map(had)
    viewer.setEncodings(numbers)
    // Each is answered when it is first asked for, which tells the client that it is known here.
    if (viewer.wants(Encoding.fence) && !before[0]) await this.#conn.write(fence(0x8000_0000, Buffer.alloc(1)))
    if (viewer.wants(Encoding.continuous) && viewer.wants(Encoding.fence) && !before[1])
      await this.#conn.write(Buffer.of(150))
    if (viewer.wants(Encoding.clipboard) && !before[2])
      await this.#conn.write(
        extendedCut(Clip.caps | Clip.request | Clip.peek | Clip.notify | Clip.provide | Clip.text, 4),
      )
  }
  async #continuous({ on, rect }: { on: boolean; rect: Rect }): Promise<void> {
    const viewer = this.#viewer
    if (!viewer.wants(Encoding.continuous) || !viewer.wants(Encoding.fence)) throw this.#conn.hangup('done')
    viewer.setContinuous(on ? rect : undefined)
    if (on) viewer.dirty.add(rect)
    else await this.#conn.write(Buffer.of(150))
  }
  /** The client wants to know when all before has been dealt with, or (SyncNext) the next message. */
  async #fenced(flags: number, data: Buffer): Promise<void> {
    if (!this.#viewer.wants(Encoding.fence)) throw this.#conn.hangup('done')
    if (flags >>> 31 === 0) return
    if (flags & 4) this.#fence = fence(flags & 7, data)
    else await this.#conn.write(fence(flags & 3, data))
  }
  #resize({ width, height, screens }: { width: number; height: number; screens: Layout }) {
    const fits = (one: Rect) => one.width > 0 && one.x + one.width <= width && one.y + one.height <= height
    if (width === 0 || height === 0 || screens.length === 0 || !screens.every(fits)) return this.#viewer.resized(3)
    if (width > LARGEST.width || height > LARGEST.height || screens.length > 1) return this.#viewer.resized(1)
    this.#desk.desktop.resize(width, height)
    this.#viewer.resized(0, screens[0]!.id)
  }

  #key(down: boolean, keysym: number) {
    if (!down) return this.#keyboard.release(keysym)
    const { desktop } = this.#desk
    const { focused } = desktop
    const application = focused?.kind === 'terminal' && focused.screen.applicationKeys
    const keys = this.#keyboard.press(keysym, application)
    if (keys !== undefined && desktop.type(keys)) return
    if (isReturn(keysym) || this.#lost.length > LONGEST) this.#tellLost()
    else this.#lost += written(keysym)
  }
  #tellLost(): void {
    if (this.#lost === '') return
    this.#cx.record.command({ line: text(Buffer.from(this.#lost, 'utf8'), 2 * LONGEST), verb: 'keys' })
    this.#lost = ''
  }
  #pointer(buttons: number, x: number, y: number): void {
    const { desktop } = this.#desk
    const pressed = buttons & ~this.#buttons
    this.#buttons = buttons
    this.#viewer.move(() => desktop.point(buttons & 7, x, y))
    if (pressed === 0) return
    const button = 1 + Math.log2(pressed & -pressed)
    if (this.#clicks++ < MOST_CLICKS) {
      const { pointer } = desktop
      this.#cx.record.command({ line: `click ${button} at ${pointer.x},${pointer.y}`, verb: 'click' })
    }
    // The middle button pastes.
    if (pressed & 2 && this.#clipboard) desktop.type(Buffer.from(String(this.#clipboard).replaceAll('\n', '\r')))
  }
  #cut(bytes: Buffer): void {
    // RFC 6143 §7.5.6: Latin-1; the extension is in UTF-8.
    this.#clipboard = Buffer.from(bytes.toString('latin1'), 'utf8').subarray(0, CUT_SHOWN)
    this.#tellCut(this.#clipboard)
  }
  #tellCut(bytes: Buffer): void {
    if (bytes.length === 0 || this.#cuts++ >= MOST_CUTS) return
    const line = text(bytes.subarray(0, CUT_SHOWN), CUT_SHOWN)
    this.#cx.record.command({ line, verb: 'clipboard' })
    for (const download of downloadsIn(line)) this.#cx.record.fileDownload(download)
  }
  async #clip(flags: number, told: Buffer | undefined): Promise<void> {
    if (flags & Clip.caps) return
    // Nobody here has cut anything.
    if (flags & Clip.peek) await this.#conn.write(extendedCut(Clip.notify, 0))
    if (!told) return
    this.#clipboard = Buffer.from(told.subarray(0, CUT_SHOWN))
    this.#tellCut(told)
  }
  finish(): void {
    this.#tellLost()
  }
}

/** ServerCutText of the extended clipboard: flags, and `zeros` bytes after them. */
function extendedCut(flags: number, zeros: number): Buffer {
  const bytes = Buffer.alloc(12 + zeros)
  bytes[0] = 3
  bytes.writeInt32BE(-(4 + zeros), 4)
  bytes.writeUInt32BE(flags >>> 0, 8)
  return bytes
}
