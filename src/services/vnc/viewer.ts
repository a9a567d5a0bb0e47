import type { Desk } from '#access/desk.ts'
import { type Canvas, stamp } from '#codec/picture/canvas.ts'
import { common, type Rect, Region } from '#codec/picture/region.ts'
import { arrow } from '#codec/picture/twm.ts'
import type { Conn } from '#sensor/conn.ts'
import { Encoding, head, newEncoders, pieces, preferred, rectangle } from './encodings/index.ts'
import { converterTo, native, type PixelFormat } from './pixels.ts'

/** Bytes of pictures a second, and after how many of them there is one picture a second. */
const RATE = 8 << 20
const PLENTY = 256 << 20
/** Seconds between two pictures at least. */
const INTERVAL = 1 / 60

/** News of the size that wait to be told. */
const MOST_SIZES = 16

/** One picture's pixels are drawn where the last one's were. */
let memory = new Uint32Array(65_536)
const cursorColours = new Map([
  ['#', 0x000000],
  ['+', 0xffffff],
])

/** What one client sees of a desktop, and when it is told of it (RFC 6143 §7.6; VNCSConnectionST.cxx of TigerVNC 1.12). */
export class Viewer {
  readonly dirty = new Region()
  #requested = new Region()
  #continuous: Rect | undefined
  #conn: Conn
  #desk: Desk
  #clock: { now(): number; pause(seconds: number): Promise<void> }
  #converter = converterTo(native)
  #wanted: number[] = []
  #encoders = newEncoders()
  #sending = false
  #scheduled = false
  #earliest = 0
  /** To be told with the next picture. */
  #news = new Set<number>()
  /** The number of the one screen, which is the first that rand(3) gives. */
  #screen = 0x6b8b4567
  #sizes: { reason: number; result: number }[] = []

  constructor(conn: Conn, desk: Desk, clock: { now(): number; pause(seconds: number): Promise<void> }) {
    this.#conn = conn
    this.#desk = desk
    this.#clock = clock
  }

  wants(encoding: number): boolean {
    return this.#wanted.includes(encoding)
  }
  /** Draws the pointer into the picture itself: the client cannot. */
  get #drawsCursor(): boolean {
    return !this.wants(Encoding.cursor) && !this.wants(Encoding.cursorAlpha)
  }
  setFormat(format: PixelFormat): void {
    this.#converter = converterTo(format)
  }
  setEncodings(numbers: number[]): void {
    const before = this.#wanted
    this.#wanted = numbers
    const isNew = (encoding: number) => this.wants(encoding) && !before.includes(encoding)
    for (const news of [Encoding.cursor, Encoding.cursorAlpha, Encoding.qemuKeys]) if (isNew(news)) this.#news.add(news)
    this.changed(this.#cursor)
  }
  request(incremental: boolean, rect: Rect): void {
    const { desktop } = this.#desk
    const part = common(rect, { x: 0, y: 0, width: desktop.width, height: desktop.height })
    if (!part) return
    if (!incremental) {
      this.dirty.add(part)
      // Together with the layout, which the client was not told of by ServerInit.
      if (this.wants(Encoding.extendedSize) && this.#sizes.length < MOST_SIZES)
        this.#sizes.push({ reason: 0, result: 0 })
    }
    this.#requested.add(part)
  }
  setContinuous(rect: Rect | undefined): void {
    this.#continuous = rect
  }
  get continuous(): boolean {
    return this.#continuous !== undefined
  }
  /** The answer to SetDesktopSize: 0 done, 1 forbidden, 3 senseless. `id`: what the client calls its screen. */
  resized(result: number, id = this.#screen): void {
    this.#screen = id
    if (this.#sizes.length < MOST_SIZES) this.#sizes.push({ reason: 1, result })
  }

  changed(rect: Rect): void {
    const { desktop } = this.#desk
    const part = common(rect, { x: 0, y: 0, width: desktop.width, height: desktop.height })
    if (part) this.dirty.add(part)
    if (this.#scheduled) return
    this.#scheduled = true
    setImmediate(() => {
      this.#scheduled = false
      this.flush().catch(() => {})
    })
  }
  get #cursor(): Rect {
    const { x, y } = this.#desk.desktop.pointer
    return { x, y, width: arrow[0]!.length, height: arrow.length }
  }
  /** The pointer moves: what was under it is seen again. */
  move(go: () => void): void {
    const before = this.#cursor
    go()
    if (!this.#drawsCursor) return
    const after = this.#cursor
    if (before.x === after.x && before.y === after.y) return
    this.changed(before)
    this.changed(after)
  }

  /** Tells the client what it wants to know and does not yet, unless it is being told already. */
  async flush(): Promise<void> {
    if (this.#sending) return
    this.#sending = true
    try {
      while (await this.#update());
    } finally {
      this.#sending = false
    }
  }

  async #update(): Promise<boolean> {
    const areas = [...this.#requested.rects, ...(this.#continuous ? [this.#continuous] : [])]
    if (areas.length === 0) return false
    if (this.#sizes.length > 0) {
      const rects = this.#sizes.map(size => this.#sizeRect(size))
      this.#sizes = []
      // Such news come alone, and the request is used up by it.
      this.#requested.clear()
      await this.#send(rects, rects.length)
      return true
    }
    const rects = this.dirty.within(areas)
    if (rects.length === 0 && this.#news.size === 0) return false
    await this.#wait()
    for (const area of areas) this.dirty.subtract(area)
    this.#requested.clear()
    const news = this.#newsRects()
    const parts = rects.flatMap(rect => [...pieces(rect)])
    const last = this.wants(Encoding.lastRect)
    const out = [...news, ...parts.map(part => this.#picture(part))]
    if (last) out.push(head({ x: 0, y: 0, width: 0, height: 0 }, Encoding.lastRect))
    await this.#send(out, last ? 0xffff : out.length)
    return true
  }
  /** Not too much, and not too often. */
  async #wait(): Promise<void> {
    const left = this.#earliest - this.#clock.now()
    if (left > 0) await this.#clock.pause(left / 1000)
  }
  async #send(rects: readonly Buffer[], count: number): Promise<void> {
    const begin = Buffer.alloc(4)
    begin.writeUInt16BE(count, 2)
    const ping = this.wants(Encoding.fence) ? [pingFence] : []
    const bytes = Buffer.concat([...ping, begin, ...rects, ...ping])
    const seconds = this.#conn.sent > PLENTY ? 1 : Math.max(INTERVAL, bytes.length / RATE)
    this.#earliest = this.#clock.now() + seconds * 1000
    await this.#conn.write(bytes)
  }
  #picture(part: Rect): Buffer {
    const size = part.width * part.height
    if (memory.length < size) memory = new Uint32Array(size)
    const canvas: Canvas = this.#desk.desktop.draw(part, memory)
    if (this.#drawsCursor) stamp(canvas, this.#cursor.x, this.#cursor.y, arrow, cursorColours)
    return rectangle(canvas, preferred(this.#wanted), this.#converter, this.#encoders)
  }
  #sizeRect({ reason, result }: { reason: number; result: number }): Buffer {
    const { width, height } = this.#desk.desktop
    const screens = Buffer.alloc(20)
    screens[0] = 1
    screens.writeUInt32BE(this.#screen, 4)
    screens.writeUInt16BE(width, 12)
    screens.writeUInt16BE(height, 14)
    return Buffer.concat([head({ x: reason, y: result, width, height }, Encoding.extendedSize), screens])
  }
  #newsRects(): Buffer[] {
    const rects: Buffer[] = []
    const shape = { x: 0, y: 0, width: arrow[0]!.length, height: arrow.length }
    const dots = [...arrow.join('')]
    if (this.#news.has(Encoding.cursorAlpha)) {
      const pixels = dots.flatMap(dot =>
        dot === '#' ? [0, 0, 0, 255] : dot === '+' ? [255, 255, 255, 255] : [0, 0, 0, 0],
      )
      rects.push(Buffer.concat([head(shape, Encoding.cursorAlpha), Buffer.alloc(4), Buffer.from(pixels)]))
    } else if (this.#news.has(Encoding.cursor)) {
      const pixels = this.#converter.bytes(Uint32Array.from(dots, dot => cursorColours.get(dot) ?? 0))
      const stride = Math.ceil(shape.width / 8)
      const mask = Buffer.alloc(stride * shape.height)
      dots.forEach((dot, i) => {
        const x = i % shape.width
        if (dot !== '.') mask[Math.floor(i / shape.width) * stride + (x >> 3)]! |= 128 >> (x & 7)
      })
      rects.push(Buffer.concat([head(shape, Encoding.cursor), pixels, mask]))
    }
    if (this.#news.has(Encoding.qemuKeys)) rects.push(head({ x: 0, y: 0, width: 0, height: 0 }, Encoding.qemuKeys))
    this.#news.clear()
    return rects
  }
}

/** ServerFence (type 248): padding, flags, length, payload. */
export function fence(flags: number, data: Buffer): Buffer {
  const bytes = Buffer.alloc(9)
  bytes[0] = 248
  bytes.writeUInt32BE(flags >>> 0, 4)
  bytes[8] = data.length
  return Buffer.concat([bytes, data])
}
/** Sent around every picture to measure the way: REQUEST, BLOCK BEFORE. */
const pingFence = fence(0x8000_0001, Buffer.of(1))
