import { inflateSync } from 'node:zlib'
import { keyAt } from '#codec/picture/keys.ts'
import type { Rect } from '#codec/picture/region.ts'
import type { Conn } from '#sensor/conn.ts'
import { Malformed } from '#sensor/endings.ts'
import { type PixelFormat, readFormat } from './pixels.ts'

/** What a client may say once it sees the desktop (RFC 6143 §7.5, and extensions). */
export type Message =
  | { kind: 'format'; format: PixelFormat }
  | { kind: 'encodings'; numbers: number[] }
  | { kind: 'update'; incremental: boolean; rect: Rect }
  | { kind: 'key'; down: boolean; keysym: number }
  | { kind: 'pointer'; buttons: number; x: number; y: number }
  | { kind: 'cut'; text: Buffer }
  | { kind: 'clipboard'; flags: number; text: Buffer | undefined }
  | { kind: 'continuous'; on: boolean; rect: Rect }
  | { kind: 'fence'; flags: number; data: Buffer }
  | { kind: 'resize'; width: number; height: number; screens: Layout }
  | { kind: 'nothing' }

/** Screens of a desktop: their numbers and places. */
export type Layout = readonly (Rect & { id: number })[]

/** Encodings of a message that are looked at. */
const MAX_ENCODINGS = 512
/** TigerVNC's MaxCutText: longer ones are read over. */
const MAX_CUT = 256 << 10
/** Fences carry no more. */
const MAX_FENCE = 64
/** Bytes of a clipboard once it is unpacked. */
const MAX_UNPACKED = 1 << 20

const rectOf = (bytes: Buffer, at: number): Rect => ({
  x: bytes.readUInt16BE(at),
  y: bytes.readUInt16BE(at + 2),
  width: bytes.readUInt16BE(at + 4),
  height: bytes.readUInt16BE(at + 6),
})

type Reader = (conn: Conn) => Promise<Message>
const readers = new Map<number, Reader>([
  [
    0, // SetPixelFormat: padding, PIXEL_FORMAT
    async conn => {
      const format = readFormat((await conn.read(19)).subarray(3))
      if (!format) throw new Malformed('A pixel format that cannot be')
      return { kind: 'format', format }
    },
  ],
  [
    2, // SetEncodings: padding, number-of-encodings, S32 each
    async conn => {
      const count = (await conn.read(3)).readUInt16BE(1)
      const numbers: number[] = []
      for (let left = count; left > 0; left -= MAX_ENCODINGS) {
        const bytes = await conn.read(4 * Math.min(left, MAX_ENCODINGS))
        for (let at = 0; at < bytes.length && numbers.length < MAX_ENCODINGS; at += 4)
          numbers.push(bytes.readInt32BE(at))
      }
      return { kind: 'encodings', numbers }
    },
  ],
  [
    3, // FramebufferUpdateRequest: incremental, rectangle
    async conn => {
      const bytes = await conn.read(9)
      return { kind: 'update', incremental: bytes[0] !== 0, rect: rectOf(bytes, 1) }
    },
  ],
  [
    4, // KeyEvent: down-flag, padding, key
    async conn => {
      const bytes = await conn.read(7)
      return { kind: 'key', down: bytes[0] !== 0, keysym: bytes.readUInt32BE(3) }
    },
  ],
  [
    5, // PointerEvent: button-mask, position
    async conn => {
      const bytes = await conn.read(5)
      return { kind: 'pointer', buttons: bytes[0]!, x: bytes.readUInt16BE(1), y: bytes.readUInt16BE(3) }
    },
  ],
  [6, readCut],
  [
    150, // EnableContinuousUpdates: enable-flag, rectangle
    async conn => {
      const bytes = await conn.read(9)
      return { kind: 'continuous', on: bytes[0] !== 0, rect: rectOf(bytes, 1) }
    },
  ],
  [
    248, // ClientFence: padding, flags, length, payload
    async conn => {
      const bytes = await conn.read(8)
      const data = await conn.read(bytes[7]!)
      if (data.length > MAX_FENCE) return { kind: 'nothing' }
      return { kind: 'fence', flags: bytes.readUInt32BE(3), data }
    },
  ],
  [
    251, // SetDesktopSize: padding, width, height, number-of-screens, padding, SCREEN each
    async conn => {
      const bytes = await conn.read(7)
      const rest = await conn.read(16 * bytes[5]!)
      const screens = Array.from({ length: bytes[5]! }, (_, i) => ({
        id: rest.readUInt32BE(16 * i),
        ...rectOf(rest, 16 * i + 4),
      }))
      return { kind: 'resize', width: bytes.readUInt16BE(1), height: bytes.readUInt16BE(3), screens }
    },
  ],
  [
    255, // QEMU: submessage-type, and for an extended key: down-flag, keysym, keycode
    async conn => {
      const type = (await conn.read(1))[0]
      if (type !== 0) throw new Malformed(`QEMU submessage ${type}`)
      const bytes = await conn.read(10)
      const keysym = bytes.readUInt32BE(2) || (keyAt(bytes.readUInt32BE(6)) ?? 0)
      return { kind: 'key', down: bytes.readUInt16BE(0) !== 0, keysym }
    },
  ],
])

/** The next message; throws `Malformed` for what TigerVNC ends the connection over. */
export async function readMessage(conn: Conn): Promise<Message> {
  const type = (await conn.read(1))[0]!
  const reader = readers.get(type)
  if (!reader) throw new Malformed(`Message of type ${type}`)
  return reader(conn)
}

/** ClientCutText: padding, length, text; a negative length is the extended clipboard's. */
async function readCut(conn: Conn): Promise<Message> {
  const length = (await conn.read(7)).readInt32BE(3)
  const size = Math.abs(length)
  if (size > MAX_CUT) {
    for (let left = size; left > 0; ) left -= (await conn.readSome(Math.min(left, 64 << 10))).length
    return { kind: 'nothing' }
  }
  const bytes = await conn.read(size)
  if (length >= 0) return { kind: 'cut', text: bytes }
  if (size < 4) throw new Malformed('Extended clipboard without flags')
  return { kind: 'clipboard', flags: bytes.readUInt32BE(0), text: provided(bytes.readUInt32BE(0), bytes.subarray(4)) }
}

/** Flags of the extended clipboard: formats below, actions above. */
export const Clip = {
  text: 1,
  caps: 1 << 24,
  request: 1 << 25,
  peek: 1 << 26,
  notify: 1 << 27,
  provide: 1 << 28,
} as const

/** The text that came with it: zlib over a length and UTF-8. */
function provided(flags: number, packed: Buffer): Buffer | undefined {
  if (!(flags & Clip.provide) || !(flags & Clip.text)) return undefined
  try {
    const bytes = inflateSync(packed, { maxOutputLength: MAX_UNPACKED })
    const length = bytes.readUInt32BE(0)
    return bytes.subarray(4, 4 + length)
  } catch {
    return undefined
  }
}
