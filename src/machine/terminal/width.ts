/** Code points that take two columns, by wcwidth(3) of the GNU C library: East Asian wide and full-width, and emoji. */
const wide: readonly (readonly [from: number, to: number])[] = [
  [0x1100, 0x115f],
  [0x231a, 0x231b],
  [0x2329, 0x232a],
  [0x23e9, 0x23ec],
  [0x2614, 0x2615],
  [0x2648, 0x2653],
  [0x26a1, 0x26a1],
  [0x2705, 0x2705],
  [0x2728, 0x2728],
  [0x274c, 0x274c],
  [0x2753, 0x2757],
  [0x2e80, 0x303e],
  [0x3041, 0x33ff],
  [0x3400, 0x4dbf],
  [0x4e00, 0x9fff],
  [0xa000, 0xa4cf],
  [0xa960, 0xa97f],
  [0xac00, 0xd7a3],
  [0xf900, 0xfaff],
  [0xfe30, 0xfe6f],
  [0xff00, 0xff60],
  [0xffe0, 0xffe6],
  [0x1f300, 0x1f64f],
  [0x1f680, 0x1f6ff],
  [0x1f900, 0x1f9ff],
  [0x20000, 0x3fffd],
]
/** Combining marks and other code points without a width of their own. */
const none: readonly (readonly [from: number, to: number])[] = [
  [0x300, 0x36f],
  [0x483, 0x489],
  [0x591, 0x5bd],
  [0x610, 0x61a],
  [0x64b, 0x65f],
  [0x1ab0, 0x1aff],
  [0x1dc0, 0x1dff],
  [0x200b, 0x200f],
  [0x202a, 0x202e],
  [0x2060, 0x2064],
  [0x20d0, 0x20ff],
  [0xfe00, 0xfe0f],
  [0xfe20, 0xfe2f],
  [0xe0100, 0xe01ef],
]
const within = (ranges: typeof wide, point: number): boolean =>
  ranges.some(([from, to]) => point >= from && point <= to)

/** Columns of a printable code point. */
export const widthOf = (point: number): 0 | 1 | 2 =>
  point < 0x300 ? 1 : within(none, point) ? 0 : within(wide, point) ? 2 : 1

/** Bytes of the UTF-8 sequence that begins here (RFC 3629); 1 where there is none, 0 where it is not whole yet. */
export const sequenceLength = (bytes: string, at = 0): number => {
  const lead = bytes.charCodeAt(at)
  const length = lead < 0xc2 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 1
  for (let i = 1; i < length; i++) {
    if (at + i >= bytes.length) return 0
    if ((bytes.charCodeAt(at + i) & 0xc0) !== 0x80) return 1
  }
  return length
}

/** The characters of Latin-1 bytes, each as its bytes; an incomplete sequence is its single bytes. */
export const characters = (bytes: string, multibyte: boolean): string[] => {
  if (!multibyte || !/[\x80-\xff]/.test(bytes)) return [...bytes]
  const found: string[] = []
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at) || 1
    found.push(bytes.slice(at, at + length))
    at += length
  }
  return found
}

/** The code point of one character's bytes; -1 of a byte that is none. */
export const codePoint = (character: string): number =>
  character.length > 1
    ? (Buffer.from(character, 'latin1').toString('utf8').codePointAt(0) ?? -1)
    : character.charCodeAt(0) < 0x80
      ? character.charCodeAt(0)
      : -1
