import { constants, createInflateRaw, type InflateRaw } from 'node:zlib'
import { Encoding } from './encodings/index.ts'

/** A viewer's side of encodings, for tests: 32 bits a pixel, 24 of them colour, little-endian. */
type Picture = { width: number; height: number; pixels: Uint32Array }

/** A zlib stream that is read piece by piece. */
class Inflater {
  #inflate: InflateRaw | undefined
  async read(bytes: Buffer): Promise<Buffer> {
    const body = this.#inflate ? bytes : bytes.subarray(2)
    this.#inflate ??= createInflateRaw({ finishFlush: constants.Z_SYNC_FLUSH })
    const inflate = this.#inflate
    const parts: Buffer[] = []
    const take = (part: Buffer) => parts.push(part)
    inflate.on('data', take)
    await new Promise<void>(resolve => inflate.write(body, () => resolve()))
    await new Promise<void>(resolve => inflate.flush(constants.Z_SYNC_FLUSH, () => resolve()))
    inflate.off('data', take)
    return Buffer.concat(parts)
  }
}

export class TestViewer {
  #zrle = new Inflater()
  #tight = [new Inflater(), new Inflater(), new Inflater()]

  /** Decodes one rectangle, its head left out, onto a picture of its size; all its bytes have to be used. */
  async decode(encoding: number, width: number, height: number, bytes: Buffer): Promise<Uint32Array> {
    const picture = { width, height, pixels: new Uint32Array(width * height) }
    const rest =
      encoding === Encoding.raw
        ? raw(picture, bytes)
        : encoding === Encoding.rre
          ? rre(picture, bytes)
          : encoding === Encoding.hextile
            ? hextile(picture, bytes)
            : encoding === Encoding.zrle
              ? zrle(picture, await this.#zrle.read(bytes.subarray(4)))
              : await this.#readTight(picture, bytes)
    if (rest !== 0) throw new Error(`${rest} bytes too many`)
    return picture.pixels
  }

  async #readTight(picture: Picture, bytes: Buffer): Promise<number> {
    const control = bytes[0]!
    if (control === 0x80) {
      picture.pixels.fill(bytes.readUIntBE(1, 3))
      return bytes.length - 4
    }
    let at = control & 0x40 ? 2 : 1
    let palette: number[] | undefined
    if (control & 0x40) {
      const size = bytes[at++]! + 1
      palette = Array.from({ length: size }, (_, i) => bytes.readUIntBE(at + 3 * i, 3))
      at += 3 * size
    }
    const { width, height, pixels } = picture
    const size = palette ? (palette.length === 2 ? Math.ceil(width / 8) : width) * height : 3 * width * height
    let data = bytes.subarray(at)
    if (size >= 12) {
      let length = 0
      for (let shift = 0; ; shift += 7) {
        const byte = bytes[at++]!
        length |= (shift === 14 ? byte : byte & 127) << shift
        if (!(byte & 128) || shift === 14) break
      }
      data = await this.#tight[(control >> 4) & 3]!.read(bytes.subarray(at, at + length))
      at += length
    } else at += size
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++) {
        const i = y * width + x
        if (!palette) pixels[i] = data.readUIntBE(3 * i, 3)
        else if (palette.length > 2) pixels[i] = palette[data[i]!]!
        else pixels[i] = palette[(data[y * Math.ceil(width / 8) + (x >> 3)]! >> (7 - (x & 7))) & 1]!
      }
    return bytes.length - at
  }
}

const fillRect = ({ pixels, width }: Picture, x: number, y: number, w: number, h: number, colour: number) => {
  for (let row = y; row < y + h; row++) pixels.fill(colour, row * width + x, row * width + x + w)
}
function raw({ pixels }: Picture, bytes: Buffer): number {
  for (let i = 0; i < pixels.length; i++) pixels[i] = bytes.readUInt32LE(4 * i)
  return bytes.length - 4 * pixels.length
}
function rre(picture: Picture, bytes: Buffer): number {
  picture.pixels.fill(bytes.readUInt32LE(4))
  let at = 8
  for (let left = bytes.readUInt32BE(0); left > 0; left--, at += 12) {
    const [x, y, w, h] = [4, 6, 8, 10].map(offset => bytes.readUInt16BE(at + offset)) as [
      number,
      number,
      number,
      number,
    ]
    fillRect(picture, x, y, w, h, bytes.readUInt32LE(at))
  }
  return bytes.length - at
}
function hextile(picture: Picture, bytes: Buffer): number {
  let at = 0
  let [back, fore] = [0, 0]
  const pixel = () => {
    at += 4
    return bytes.readUInt32LE(at - 4)
  }
  for (let y = 0; y < picture.height; y += 16)
    for (let x = 0; x < picture.width; x += 16) {
      const w = Math.min(16, picture.width - x)
      const h = Math.min(16, picture.height - y)
      const flags = bytes[at++]!
      if (flags & 1) {
        for (let row = 0; row < h; row++)
          for (let column = 0; column < w; column++) picture.pixels[(y + row) * picture.width + x + column] = pixel()
        continue
      }
      if (flags & 2) back = pixel()
      if (flags & 4) fore = pixel()
      fillRect(picture, x, y, w, h, back)
      for (let left = flags & 8 ? bytes[at++]! : 0; left > 0; left--) {
        const colour = flags & 16 ? pixel() : fore
        const [place, size] = [bytes[at++]!, bytes[at++]!]
        fillRect(picture, x + (place >> 4), y + (place & 15), (size >> 4) + 1, (size & 15) + 1, colour)
      }
    }
  return bytes.length - at
}
function zrle(picture: Picture, bytes: Buffer): number {
  let at = 0
  const pixel = () => {
    at += 3
    return bytes.readUIntLE(at - 3, 3)
  }
  for (let y = 0; y < picture.height; y += 64)
    for (let x = 0; x < picture.width; x += 64) {
      const w = Math.min(64, picture.width - x)
      const h = Math.min(64, picture.height - y)
      const size = bytes[at++]!
      const palette = Array.from({ length: size }, pixel)
      const bits = size === 2 ? 1 : size <= 4 ? 2 : 4
      for (let row = 0; row < h; row++) {
        for (let column = 0; column < w; column++) {
          const index = () =>
            (bytes[at + ((column * bits) >> 3)]! >> (8 - bits - ((column * bits) & 7))) & ((1 << bits) - 1)
          picture.pixels[(y + row) * picture.width + x + column] =
            size === 0 ? pixel() : size === 1 ? palette[0]! : palette[index()]!
        }
        if (size > 1) at += Math.ceil((w * bits) / 8)
      }
    }
  return bytes.length - at
}
