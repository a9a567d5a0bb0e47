import { Bad, type Server, XError } from './server.ts'
import { COLORMAP, ROOT, VISUAL } from './setup.ts'
import { Out, type Request } from './wire.ts'

/** What a request is answered with: the byte behind the 1, and what follows sequence and length; nothing for most. */
export type Reply = { data?: number; body: Out }
type Handler = (request: Request, server: Server) => Reply | undefined
/** Name, least bytes that it has, and what it does: what does nothing here is read and written down. */
export type Kind = readonly [name: string, least: number, handler?: Handler]

/** A reply's body, in the client's byte order. */
export const reply = (server: Server): Out => new Out(server.order)

const windowOf =
  (at: number): Handler =>
  (request, server) =>
    void server.window(request.u32(at))

const getWindowAttributes: Handler = (request, server) => {
  const window = server.window(request.u32(4))
  const body = reply(server)
    .u32(VISUAL)
    .u16(1)
    .u8(0, 1)
    .u32(0xffffffff, 0)
    .u8(0, 1, window.mapped ? 2 : 0, 0)
    .u32(COLORMAP, window.events, window.events)
    .u16(0, 0)
  return { data: 0, body }
}
const createWindow: Handler = (request, server) => {
  const id = request.u32(4)
  const parent = server.window(request.u32(8))
  const [x, y] = [request.i16(12), request.i16(14)]
  const [width, height, border] = [request.u16(16), request.u16(18), request.u16(20)]
  const place = () => ({ x, y, width, height, border })
  server.make({
    kind: 'window',
    id,
    parent: parent.id,
    place,
    mapped: false,
    properties: new Map(),
    events: 0,
    own: true,
  })
  return undefined
}
const destroyWindow: Handler = (request, server) => {
  const { id, own } = server.window(request.u32(4))
  if (own) server.resources.delete(id)
  return undefined
}
const mapWindow =
  (mapped: boolean): Handler =>
  (request, server) => {
    const window = server.window(request.u32(4))
    if (window.own) window.mapped = mapped
    return undefined
  }
const getGeometry: Handler = (request, server) => {
  const found = server.drawable(request.u32(4))
  const place =
    found.kind === 'window'
      ? found.place()
      : { x: 0, y: 0, width: found.width ?? 1, height: found.height ?? 1, border: 0 }
  const body = reply(server).u32(ROOT).u16(place.x, place.y, place.width, place.height, place.border).zeros(10)
  return { data: found.kind === 'window' ? 24 : (found.depth ?? 24), body }
}
const queryTree: Handler = (request, server) => {
  const window = server.window(request.u32(4))
  const children = server.children(window.id)
  return {
    body: reply(server)
      .u32(ROOT, window.parent)
      .u16(children.length)
      .zeros(14)
      .u32(...children),
  }
}
const internAtom: Handler = (request, server) => {
  const length = request.u16(4)
  const atom = server.atoms.intern(request.text(8, length), request.data !== 0)
  return { body: reply(server).u32(atom).zeros(20) }
}
const getAtomName: Handler = (request, server) => {
  const name = server.atom(request.u32(4))
  return { body: reply(server).u16(name.length).zeros(22).text(name).pad() }
}
const changeProperty: Handler = (request, server) => {
  const window = server.window(request.u32(4))
  const property = request.u32(8)
  const type = request.u32(12)
  server.atom(property)
  server.atom(type)
  const format = request.u8(16)
  if (format !== 8 && format !== 16 && format !== 32) throw new XError(Bad.Value, format)
  const data = Buffer.from(request.bytes(24, (request.u32(20) * format) / 8))
  server.keep(data.length)
  window.properties.set(property, { type, format, data })
  return undefined
}
const getProperty: Handler = (request, server) => {
  const window = server.window(request.u32(4))
  const atom = request.u32(8)
  server.atom(atom)
  const found = window.properties.get(atom)
  const type = request.u32(12)
  const start = 4 * request.u32(16)
  if (!found) return { body: reply(server).u32(0, 0, 0).zeros(12) }
  if (type !== 0 && type !== found.type)
    return { data: found.format, body: reply(server).u32(found.type, found.data.length, 0).zeros(12) }
  if (start > found.data.length) throw new XError(Bad.Value, request.u32(16))
  const part = found.data.subarray(start, start + 4 * request.u32(20))
  const after = found.data.length - start - part.length
  if (request.data && after === 0) window.properties.delete(atom)
  const units = part.length / (found.format / 8)
  return { data: found.format, body: reply(server).u32(found.type, after, units).zeros(12).bytes(part).pad() }
}
const listProperties: Handler = (request, server) => {
  const atoms = [...server.window(request.u32(4)).properties.keys()]
  return {
    body: reply(server)
      .u16(atoms.length)
      .zeros(22)
      .u32(...atoms),
  }
}
const setSelectionOwner: Handler = (request, server) => {
  server.atom(request.u32(8))
  if (server.selections.size < 100) server.selections.set(request.u32(8), request.u32(4))
  return undefined
}
const getSelectionOwner: Handler = (request, server) => {
  const atom = request.u32(4)
  server.atom(atom)
  return {
    body: reply(server)
      .u32(server.selections.get(atom) ?? 0)
      .zeros(20),
  }
}
/** GrabPointer, GrabKeyboard: it is given to whoever wants it. */
const grab: Handler = (request, server) => {
  server.window(request.u32(4))
  return { data: 0, body: reply(server).zeros(24) }
}
const queryPointer: Handler = (request, server) => {
  const window = server.window(request.u32(4))
  const { x, y } = server.pointer
  const origin = server.origin(window)
  const under = server.children(window.id).findLast(id => {
    const child = server.resources.get(id)
    if (child?.kind !== 'window' || !child.mapped) return false
    const at = child.place()
    const [dx, dy] = [x - origin.x - at.x, y - origin.y - at.y]
    return dx >= 0 && dy >= 0 && dx < at.width && dy < at.height
  })
  const mask = (server.buttons & 31) << 8
  return {
    data: 1,
    body: reply(server)
      .u32(ROOT, under ?? 0)
      .u16(x, y, x - origin.x, y - origin.y, mask)
      .zeros(6),
  }
}
const translateCoordinates: Handler = (request, server) => {
  const from = server.origin(server.window(request.u32(4)))
  const to = server.origin(server.window(request.u32(8)))
  const [x, y] = [request.i16(12) + from.x - to.x, request.i16(14) + from.y - to.y]
  return { data: 1, body: reply(server).u32(0).u16(x, y).zeros(16) }
}
const warpPointer: Handler = (request, server) => {
  const to = request.u32(8)
  const origin = to === 0 ? server.pointer : server.origin(server.window(to))
  movePointer(server, origin.x + request.i16(20), origin.y + request.i16(22))
  return undefined
}
/** The pointer goes there, as far as the screen goes; buttons stay as they are. */
export function movePointer(server: Server, x: number, y: number): void {
  const { desktop } = server.desk
  server.pointer = { x: Math.max(0, Math.min(desktop.width - 1, x)), y: Math.max(0, Math.min(desktop.height - 1, y)) }
  desktop.point(server.buttons & 7, server.pointer.x, server.pointer.y)
}

/** GetImage: ZPixmap, four bytes a pixel, in the server's own byte order. */
const getImage: Handler = (request, server) => {
  const format = request.data
  if (format !== 1 && format !== 2) throw new XError(Bad.Value, format)
  const found = server.drawable(request.u32(4))
  const [x, y, width, height] = [request.i16(8), request.i16(10), request.u16(12), request.u16(14)]
  const size = found.kind === 'window' ? found.place() : { width: found.width ?? 1, height: found.height ?? 1 }
  if (format === 1 || x < 0 || y < 0 || x + width > size.width || y + height > size.height) throw new XError(Bad.Match)
  const origin = found.kind === 'window' ? server.origin(found) : { x: 0, y: 0 }
  const canvas = server.desk.desktop.draw({ x: origin.x + x, y: origin.y + y, width, height })
  const pixels = Buffer.from(canvas.pixels.buffer, canvas.pixels.byteOffset, canvas.pixels.byteLength)
  return { data: 24, body: reply(server).u32(VISUAL).zeros(20).bytes(pixels) }
}
/** What windows are asked and told. */
export const windows = {
  createWindow,
  destroyWindow,
  mapWindow,
  windowOf,
  getWindowAttributes,
  getGeometry,
  queryTree,
  internAtom,
  getAtomName,
  changeProperty,
  getProperty,
  listProperties,
  setSelectionOwner,
  getSelectionOwner,
  grab,
  queryPointer,
  translateCoordinates,
  warpPointer,
  getImage,
} as const
