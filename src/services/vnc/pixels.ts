/** PIXEL_FORMAT (RFC 6143 §7.4). */
export type PixelFormat = {
  bits: 8 | 16 | 32
  depth: number
  bigEndian: boolean
  trueColour: boolean
  max: readonly [number, number, number]
  shift: readonly [number, number, number]
}
/** The server's own: 24 bits in 32. */
export const native: PixelFormat = {
  bits: 32,
  depth: 24,
  bigEndian: false,
  trueColour: true,
  max: [255, 255, 255],
  shift: [16, 8, 0],
}
/** What a colour map of ours stands for: its index is a pixel of three, three and two bits. */
const mapped: PixelFormat = { ...native, bits: 8, depth: 8, max: [7, 7, 3], shift: [0, 3, 6] }

/** Sixteen bytes; the last three are padding. */
export function writeFormat({ bits, depth, bigEndian, trueColour, max, shift }: PixelFormat): Buffer {
  const bytes = Buffer.alloc(16)
  bytes.set([bits, depth, Number(bigEndian), Number(trueColour)])
  for (const [i, value] of max.entries()) bytes.writeUInt16BE(value, 4 + 2 * i)
  bytes.set(shift, 10)
  return bytes
}

/** The client's; `undefined` for one that TigerVNC refuses (PixelFormat::isSane). */
export function readFormat(bytes: Buffer): PixelFormat | undefined {
  const [bits = 0, depth = 0, big, colour] = bytes
  const max = [bytes.readUInt16BE(4), bytes.readUInt16BE(6), bytes.readUInt16BE(8)] as const
  const shift = [bytes[10]!, bytes[11]!, bytes[12]!] as const
  if ((bits !== 8 && bits !== 16 && bits !== 32) || depth > bits) return undefined
  if (!colour) return depth === 8 ? { ...mapped, bits, bigEndian: big !== 0, trueColour: false } : undefined
  if (max.some(value => (value & (value + 1)) !== 0 || value > 255)) return undefined
  const width = max.map(value => 32 - Math.clz32(value))
  if (width.reduce((sum, n) => sum + n, 0) > depth) return undefined
  if (shift.some((at, i) => at + width[i]! > bits)) return undefined
  const masks = max.map((value, i) => (value << shift[i]!) >>> 0)
  if ((masks[0]! & masks[1]!) | (masks[0]! & masks[2]!) | (masks[1]! & masks[2]!)) return undefined
  return { bits, depth, bigEndian: big !== 0, trueColour: true, max, shift }
}

/** SetColourMapEntries (§7.6.2) for all 256. */
export function colourMap(): Buffer {
  const bytes = Buffer.alloc(6 + 256 * 6)
  bytes.set([1, 0, 0, 0, 1, 0])
  for (let index = 0; index < 256; index++)
    mapped.max.forEach((max, i) => {
      const value = Math.floor((((index >> mapped.shift[i]!) & max) * 255) / max)
      bytes.writeUInt16BE(value * 257, 6 + 6 * index + 2 * i)
    })
  return bytes
}

/** Turns colours, 0xRRGGBB, into pixels of a format. */
export type Converter = {
  /** Bytes a pixel. */
  size: number
  /** A pixel as a number. */
  of(colour: number): number
  /** As the client reads it. */
  bytes(colours: Uint32Array): Buffer
  /** For encodings that leave out a byte nobody needs: CPIXEL of ZRLE (§7.7.5). */
  compact(colours: Uint32Array): Buffer
  /** TPIXEL of Tight: red, green, blue where each has eight bits of 24 in 32. */
  tight(colours: Uint32Array): Buffer
}

export function converterTo(format: PixelFormat): Converter {
  const size = format.bits / 8
  const [reds, greens, blues] = format.max.map((max, i) =>
    Uint32Array.from({ length: 256 }, (_, value) => (Math.floor((value * max + 128) / 255) << format.shift[i]!) >>> 0),
  ) as [Uint32Array, Uint32Array, Uint32Array]
  const of = (colour: number) =>
    (reds[(colour >> 16) & 255]! | greens[(colour >> 8) & 255]! | blues[colour & 255]!) >>> 0
  const write = (out: Buffer, value: number, at: number): void => {
    if (size === 1) out[at] = value
    else if (size === 2) format.bigEndian ? out.writeUInt16BE(value, at) : out.writeUInt16LE(value, at)
    else format.bigEndian ? out.writeUInt32BE(value, at) : out.writeUInt32LE(value, at)
  }
  const same = format.bits === 32 && !format.bigEndian && format.depth === 24 && String(format.shift) === '16,8,0'
  const bytes = (colours: Uint32Array): Buffer => {
    if (same) return Buffer.from(colours.buffer, colours.byteOffset, colours.byteLength)
    const out = Buffer.allocUnsafe(colours.length * size)
    for (let i = 0; i < colours.length; i++) write(out, of(colours[i]!), i * size)
    return out
  }
  const used = format.max.reduce((all, max, i) => all | (max << format.shift[i]!), 0) >>> 0
  const small = format.bits === 32 && format.depth <= 24 && (used < 2 ** 24 || (used & 255) === 0)
  // The byte to leave out is the most significant one, unless all the colours are in the upper three.
  const first = used < 2 ** 24 === format.bigEndian ? 1 : 0
  const full = format.bits === 32 && format.depth === 24 && format.max.every(max => max === 255)
  return {
    size,
    of,
    bytes,
    compact(colours) {
      if (!small) return bytes(colours)
      const whole = bytes(colours)
      const out = Buffer.allocUnsafe(colours.length * 3)
      for (let i = 0; i < colours.length; i++) whole.copy(out, 3 * i, 4 * i + first, 4 * i + first + 3)
      return out
    },
    tight(colours) {
      if (!full) return bytes(colours)
      const out = Buffer.allocUnsafe(colours.length * 3)
      colours.forEach((colour, i) => {
        out[3 * i] = colour >> 16
        out[3 * i + 1] = colour >> 8
        out[3 * i + 2] = colour
      })
      return out
    },
  }
}
