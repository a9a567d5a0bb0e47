import { type Reply, reply } from './requests.ts'
import { Bad, type Server, XError } from './server.ts'
import type { Out, Request } from './wire.ts'

/** X Rendering Extension 0.11: what programs ask before they draw letters and pictures with it. Nothing is drawn. */

/** Requests by minor opcode; those that Xorg has no code for end in `Implementation`. */
const names =
  'QueryVersion QueryPictFormats QueryPictIndexValues QueryDithers CreatePicture ChangePicture SetPictureClipRectangles FreePicture Composite Scale Trapezoids Triangles TriStrip TriFan ColorTrapezoids ColorTriangles Transform CreateGlyphSet ReferenceGlyphSet FreeGlyphSet AddGlyphs AddGlyphsFromPicture FreeGlyphs CompositeGlyphs8 CompositeGlyphs16 CompositeGlyphs32 FillRectangles CreateCursor SetPictureTransform QueryFilters SetPictureFilter CreateAnimCursor AddTraps CreateSolidFill CreateLinearGradient CreateRadialGradient CreateConicalGradient'.split(
    ' ',
  )
const withoutCode = new Set([3, 9, 14, 15, 16, 21])
const LEAST = new Map([
  [1, 4],
  [2, 8],
  [29, 8],
])

/** Xvfb's formats with a screen of 24 bits: depth, then shift and mask of red, green, blue and alpha. */
const FIRST_FORMAT = 35
const formats = [
  [1, 0, 0, 0, 0, 0, 0, 0, 1],
  [8, 0, 0, 0, 0, 0, 0, 0, 255],
  [32, 16, 255, 8, 255, 0, 255, 24, 255],
  [32, 16, 255, 8, 255, 0, 255, 0, 0],
  [32, 8, 255, 16, 255, 24, 255, 0, 255],
  [32, 8, 255, 16, 255, 24, 255, 0, 0],
  [24, 16, 255, 8, 255, 0, 255, 0, 0],
  [24, 0, 255, 8, 255, 16, 255, 0, 0],
  [16, 8, 15, 4, 15, 0, 15, 0, 0],
  [16, 0, 15, 4, 15, 8, 15, 0, 0],
  [16, 10, 31, 5, 31, 0, 31, 0, 0],
  [16, 0, 31, 5, 31, 10, 31, 0, 0],
  [16, 10, 31, 5, 31, 0, 31, 15, 1],
  [16, 0, 31, 5, 31, 10, 31, 15, 1],
  [16, 11, 31, 5, 63, 0, 31, 0, 0],
  [16, 0, 31, 5, 63, 11, 31, 0, 0],
  [16, 8, 15, 4, 15, 0, 15, 12, 15],
  [16, 0, 15, 4, 15, 8, 15, 12, 15],
  [32, 0, 255, 8, 255, 16, 255, 0, 0],
  [32, 20, 1023, 10, 1023, 0, 1023, 30, 3],
  [32, 20, 1023, 10, 1023, 0, 1023, 0, 0],
  [32, 0, 1023, 10, 1023, 20, 1023, 30, 3],
  [32, 0, 1023, 10, 1023, 20, 1023, 0, 0],
] as const
const from = (first: number, count: number) => Array.from({ length: count }, (_, i) => first + i)
/** Depths with their visuals, as `setup.ts` tells them, and the format of these. */
const depths: readonly (readonly [depth: number, format: number, visuals: readonly number[]])[] = [
  [24, 41, [0x21, 0x22, ...from(0x389, 358)]],
  [1, 0, []],
  [4, 0, []],
  [8, 0, []],
  [16, 0, []],
  [32, 37, [0x40, ...from(0x4ef, 29)]],
]

function pictFormats(server: Server): Out {
  const visuals = depths.reduce((sum, [, , own]) => sum + own.length, 0)
  const body = reply(server).u32(formats.length, 1, depths.length, visuals, 1).zeros(4)
  for (const [i, [depth, ...channels]] of formats.entries())
    body
      .u32(FIRST_FORMAT + i)
      .u8(1, depth, 0, 0)
      .u16(...channels)
      .u32(0)
  body.u32(depths.length, FIRST_FORMAT)
  for (const [depth, format, own] of depths) {
    body.u8(depth, 0).u16(own.length).u32(0)
    for (const visual of own) body.u32(visual, format)
  }
  return body.u32(0)
}

const filters = ['nearest', 'bilinear', 'convolution', 'fast', 'good', 'best']
/** Aliases by position, 0xffff for none. */
const aliases = [0xffff, 0xffff, 0xffff, 0, 1, 1]

function queryFilters(server: Server): Out {
  const body = reply(server)
    .u32(aliases.length, filters.length)
    .zeros(16)
    .u16(...aliases)
  for (const name of filters) body.u8(name.length).text(name)
  return body
}

/** A request of it: its name, and the answer where it has one. */
export function render(request: Request, server: Server): { name: string; reply?: Reply } {
  const minor = request.data
  const name = names[minor]
  if (name === undefined) throw new XError(Bad.Request)
  if (withoutCode.has(minor)) throw new XError(Bad.Implementation)
  const length = LEAST.get(minor)
  if (length !== undefined && request.length !== length) throw new XError(Bad.Length)
  if (minor === 1) return { name: 'RenderQueryPictFormats', reply: { body: pictFormats(server) } }
  if (minor === 2) throw new XError(FIRST_ERROR, request.u32(4))
  if (minor === 29) {
    server.drawable(request.u32(4))
    return { name: 'RenderQueryFilters', reply: { body: queryFilters(server) } }
  }
  return { name: `Render${name}` }
}

/** PictFormat, the first of its errors. */
const FIRST_ERROR = 142
