import type { Script } from '../kit/dialogue.ts'

const u8 = (...bytes: number[]) => String.fromCharCode(...bytes)
const u16 = (value: number) => u8((value >> 8) & 255, value & 255)
const u32 = (value: number) => u16(value >>> 16) + u16(value & 65_535)
const version = (text: string) => `RFB ${text}\n`
const zeros = (n: number) => '\0'.repeat(n)

type Format = { bits?: number; depth?: number; big?: number; colour?: number; max?: number[]; shift?: number[] }
const format = ({ bits = 32, depth = 24, big = 0, colour = 1, max = [255, 255, 255], shift = [16, 8, 0] }: Format) =>
  u8(0) + zeros(3) + u8(bits, depth, big, colour) + max.map(u16).join('') + u8(...shift) + zeros(3)
const encodings = (...numbers: number[]) => u8(2, 0) + u16(numbers.length) + numbers.map(u32).join('')
const update = (incremental: number, x: number, y: number, w: number, h: number) =>
  u8(3, incremental) + [x, y, w, h].map(u16).join('')
const key = (down: number, keysym: number) => u8(4, down) + u16(0) + u32(keysym)
const pointer = (mask: number, x: number, y: number) => u8(5, mask) + u16(x) + u16(y)
const cut = (text: string) => u8(6) + zeros(3) + u32(text.length) + text
const extendedCut = (flags: number, data = '') => u8(6) + zeros(3) + u32(-(4 + data.length)) + u32(flags) + data
const fence = (flags: number, data = '') => u8(248) + zeros(3) + u32(flags) + u8(data.length) + data
const continuous = (on: number, w = 1, h = 1) => u8(150, on) + u16(0) + u16(0) + u16(w) + u16(h)
const resize = (w: number, h: number, screens: number[][]) =>
  u8(251, 0) +
  u16(w) +
  u16(h) +
  u8(screens.length, 0) +
  screens.map(([id, x, y, sw, sh]) => u32(id!) + u16(x!) + u16(y!) + u16(sw!) + u16(sh!) + u32(0)).join('')

const Fence = -312
const Continuous = -313
const ExtendedSize = -308
const Size = -223
const Name = -307
const LastRect = -224
const Clipboard = 0xc0a1e5ce | 0
const hello = ['', version('003.008'), u8(1), u8(1)]
/** A square that is black on every screen, raw: one pixel of it. */
const one = update(0, 1000, 740, 1, 1)

/** Dialogues whose name begins with `open` meet a server without a password; the others ask for one. */
export const script: Script = {
  'locked: 3.8': ['', version('003.008'), u8(2), zeros(16)],
  'locked: 3.8, type not offered': ['', version('003.008'), u8(16)],
  'locked: 3.8, none': ['', version('003.008'), u8(1)],
  'locked: 3.8, zero': ['', version('003.008'), u8(0)],
  'locked: 3.7': ['', version('003.007'), u8(2), zeros(16)],
  'locked: 3.7, type not offered': ['', version('003.007'), u8(5)],
  'locked: 3.3': ['', version('003.003'), zeros(16)],
  'locked: 3.5': ['', version('003.005'), zeros(16)],
  'locked: 3.889': ['', version('003.889'), u8(2), zeros(16)],
  'locked: 3.0': ['', version('003.000'), zeros(16)],
  'locked: 4.1': ['', version('004.001')],
  'locked: 2.0': ['', version('002.000')],
  'locked: 999.999': ['', version('999.999')],
  'locked: no version': ['', 'GET / HTTP/1.0\r\n\r\n'],
  'locked: almost a version': ['', 'RFB 003-008\n'],
  'locked: a short line': ['', 'RFB 3.8\n', '    '],
  'locked: blanks for digits': ['', 'RFB   3.  8\n', u8(2)],
  'locked: version in pieces': ['', 'RFB 00', '3.008\n', u8(2), zeros(8), zeros(8)],
  'locked: VeNCrypt 0.2': ['', version('003.008'), u8(19), u8(0, 2), u32(258)],
  'locked: VeNCrypt, other subtype': ['', version('003.008'), u8(19), u8(0, 2), u32(256)],
  'locked: VeNCrypt, plain': ['', version('003.008'), u8(19), u8(0, 2), u32(2)],
  'locked: VeNCrypt 0.1': ['', version('003.008'), u8(19), u8(0, 1)],
  'locked: VeNCrypt 0.0': ['', version('003.008'), u8(19), u8(0, 0)],
  'locked: VeNCrypt 1.0': ['', version('003.008'), u8(19), u8(1, 0)],
  'locked: VeNCrypt 0.3': ['', version('003.008'), u8(19), u8(0, 3)],
  'locked: VeNCrypt under 3.7': ['', version('003.007'), u8(19), u8(0, 2), u32(1)],
  'open: 3.8': hello,
  'open: 3.7': ['', version('003.007'), u8(1), u8(0)],
  'open: 3.3': ['', version('003.003'), u8(1)],
  'open: 3.8, vnc': ['', version('003.008'), u8(2)],
  'open: not shared': ['', version('003.008'), u8(1), u8(0)],
  'open: pixel formats': [
    ...hello,
    encodings(0),
    one,
    format({}) + one,
    format({ big: 1, shift: [0, 8, 16] }) + one,
    format({ bits: 16, depth: 16, max: [31, 63, 31], shift: [11, 5, 0] }) + one,
    format({ bits: 8, depth: 8, max: [7, 7, 3], shift: [0, 3, 6] }) + one,
    format({ bits: 8, depth: 6, max: [3, 3, 3], shift: [4, 2, 0] }) + one,
    format({ bits: 8, depth: 8, colour: 0 }) + one,
  ],
  'open: 24 bits': [...hello, format({ bits: 24 })],
  'open: depth over bits': [...hello, format({ bits: 16, depth: 24 })],
  'open: max is no mask': [...hello, format({ max: [254, 255, 255] })],
  'open: shifts overlap': [...hello, format({ shift: [16, 8, 8] })],
  'open: 16 bits of palette': [...hello, format({ bits: 16, depth: 16, colour: 0 })],
  'open: no update without a change': [
    ...hello,
    encodings(0),
    one,
    update(1, 1000, 740, 1, 1),
    key(1, 0xffe1),
    key(0, 0xffe1),
  ],
  'open: outside the screen': [
    ...hello,
    encodings(0),
    update(0, 1024, 0, 10, 10),
    update(0, 1023, 767, 10, 10),
    update(0, 0, 0, 0, 0),
  ],
  'open: raw rows': [...hello, encodings(0), update(0, 1000, 740, 2, 3)],
  'open: RRE': [...hello, encodings(2), update(0, 1000, 740, 8, 8)],
  'open: Hextile': [...hello, encodings(5), update(0, 1000, 740, 20, 20)],
  'open: unknown encodings': [...hello, encodings(1234, -99_999), one],
  'open: none': [...hello, encodings(), one],
  'open: fence': [
    ...hello,
    encodings(0, Fence),
    fence(0x80000001, 'abc'),
    fence(0x80000003, ''),
    fence(0x80000007, 'x'.repeat(64)),
    fence(0x80000000, '1'),
    fence(0xffffffff, '1'),
    fence(0x00000001, '1'),
    fence(0x80000004, 'n') + one,
  ],
  'open: fence, too long': [...hello, encodings(0, Fence), fence(0x80000001, 'x'.repeat(65)), one],
  'open: fence without asking': [...hello, encodings(0), fence(0x80000001, 'abc')],
  'open: continuous updates': [
    ...hello,
    encodings(0, Fence, Continuous),
    continuous(1),
    continuous(0),
    continuous(0),
    one,
  ],
  'open: continuous without asking': [...hello, encodings(0), continuous(1)],
  'open: desktop size': [
    ...hello,
    encodings(0, ExtendedSize, Size),
    one,
    one,
    resize(0, 0, [[0, 0, 0, 0, 0]]),
    one,
    resize(1024, 768, []),
    one,
    resize(800, 600, [[0, 0, 0, 1024, 768]]),
    one,
    resize(800, 600, [[0, 0, 0, 800, 600]]),
    update(0, 700, 580, 1, 1),
    update(0, 700, 580, 1, 1),
  ],
  'open: desktop name': [...hello, encodings(0, Name), one],
  'open: last rectangle': [...hello, encodings(0, LastRect), one],
  'open: clipboard': [...hello, encodings(0), cut('hello'), cut(''), one],
  'open: extended clipboard': [
    ...hello,
    encodings(0, Clipboard),
    extendedCut(0x1f000001, u32(20 << 20)),
    extendedCut(0x08000001),
    extendedCut(0x02000001),
    extendedCut(0x04000000),
    one,
  ],
  'open: keys and pointer': [
    ...hello,
    encodings(0),
    key(1, 0x61) + key(0, 0x61),
    pointer(0, 900, 700),
    pointer(255, 65_535, 65_535),
    pointer(0, 5, 5),
    one,
  ],
  'open: unknown message': [...hello, u8(99)],
  'open: colour map message': [...hello, u8(1) + zeros(5)],
  'open: message 255': [...hello, u8(255, 0) + zeros(10)],
  'open: message 252': [...hello, u8(252, 0) + zeros(2)],
}
