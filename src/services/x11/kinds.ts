import { extensionNames, queryExtension } from './extensions.ts'
import { EACH, FIRST, LAST } from './keymap.ts'
import { type Kind, type Reply, reply, windows as w } from './requests.ts'
import { Bad, type Resource, type Server, XError } from './server.ts'
import { COLORMAP } from './setup.ts'
import type { Request } from './wire.ts'

type Handler = (request: Request, server: Server) => Reply | undefined

/** Colours by the names that programs ask for. */
const colours = new Map(
  Object.entries({
    black: 0,
    white: 0xffffff,
    red: 0xff0000,
    green: 0x00ff00,
    blue: 0x0000ff,
    yellow: 0xffff00,
    cyan: 0x00ffff,
    magenta: 0xff00ff,
    gray: 0xbebebe,
    grey: 0xbebebe,
  }),
)
const colormap = (server: Server, id: number): void => {
  if (server.find(id)?.kind !== 'colormap') throw new XError(Bad.Color, id)
}
const make =
  (kind: Exclude<Resource['kind'], 'window'>, size?: number): Handler =>
  (request, server) => {
    server.make({
      kind,
      id: request.u32(4),
      ...(size === undefined ? {} : { width: request.u16(size), height: request.u16(size + 2), depth: request.data }),
    })
    return undefined
  }
const free =
  (kind: Resource['kind'], error: number): Handler =>
  (request, server) => {
    const id = request.u32(4)
    if (server.find(id)?.kind !== kind) throw new XError(error, id)
    server.resources.delete(id)
    return undefined
  }
const zeros =
  (count: number, data = 0): Handler =>
  (_, server) => ({ data, body: reply(server).zeros(count) })

const getInputFocus: Handler = (_, server) => ({
  data: server.focus.revert,
  body: reply(server).u32(server.focus.window).zeros(20),
})
const setInputFocus: Handler = (request, server) => {
  const window = request.u32(4)
  if (window > 1) server.window(window)
  server.focus = { window, revert: request.data }
  return undefined
}
const queryKeymap: Handler = (_, server) => {
  const keys = Buffer.alloc(32)
  for (const code of server.down) keys[code >> 3]! |= 1 << (code & 7)
  return { body: reply(server).bytes(keys) }
}
const allocColor: Handler = (request, server) => {
  colormap(server, request.u32(4))
  const [red, green, blue] = [8, 10, 12].map(at => request.u16(at) >> 8) as [number, number, number]
  const body = reply(server)
    .u16(red * 257, green * 257, blue * 257, 0)
    .u32((red << 16) | (green << 8) | blue)
    .zeros(12)
  return { body }
}
const allocNamedColor: Handler = (request, server) => {
  colormap(server, request.u32(4))
  const colour = colours.get(request.text(12, request.u16(8)).toLowerCase())
  if (colour === undefined) throw new XError(Bad.Name)
  const parts = [16, 8, 0].map(shift => ((colour >> shift) & 255) * 257)
  return {
    body: reply(server)
      .u32(colour)
      .u16(...parts, ...parts)
      .zeros(8),
  }
}
const queryColors: Handler = (request, server) => {
  colormap(server, request.u32(4))
  const count = Math.min(256, (request.length - 8) / 4)
  const body = reply(server).u16(count).zeros(22)
  for (let i = 0; i < count; i++) {
    const pixel = request.u32(8 + 4 * i)
    body.u16(...[16, 8, 0].map(shift => ((pixel >> shift) & 255) * 257), 0)
  }
  return { body }
}
const queryBestSize: Handler = (request, server) => {
  server.drawable(request.u32(4))
  const { width, height } = server.desk.desktop
  // The largest cursor is as large as the screen; anything is good for a tile.
  const most = request.data === 0 ? [width, height] : [0xffff, 0xffff]
  const size = [request.u16(8), request.u16(10)].map((wanted, i) => Math.min(wanted, most[i]!))
  return {
    body: reply(server)
      .u16(...size)
      .zeros(20),
  }
}
const getKeyboardMapping: Handler = (request, server) => {
  const [first, count] = [request.u8(4), request.u8(5)]
  if (first < FIRST) throw new XError(Bad.Value, first)
  if (first + count - 1 > LAST) throw new XError(Bad.Value, count)
  const keys = server.keys.subarray((first - FIRST) * EACH, (first - FIRST + count) * EACH)
  return {
    data: EACH,
    body: reply(server)
      .zeros(24)
      .u32(...keys),
  }
}
const changeKeyboardMapping: Handler = (request, server) => {
  const [first, each] = [request.u8(4), request.u8(5)]
  if (first < FIRST || first + request.data - 1 > LAST) throw new XError(Bad.Value, first)
  for (let code = 0; code < request.data; code++)
    for (let i = 0; i < Math.min(each, EACH); i++)
      server.keys[(first - FIRST + code) * EACH + i] = request.u32(8 + 4 * (code * each + i))
  return undefined
}
const modifiers = '323e00004200000025690000406ccd004d000000000000008586cecf5ccb0000'
const repeats = '00000000ffffffdffffbbffadfffefffedffff9ffffffffffffffffff7ffffffffffff'.slice(0, 72)
const getKeyboardControl: Handler = (_, server) => ({
  data: 1,
  body: reply(server)
    .u32(0)
    .u8(0, 50)
    .u16(400, 100)
    .zeros(2)
    .bytes(Buffer.from(repeats.slice(6), 'hex')),
})
const getFontPath: Handler = (_, server) => {
  const paths = ['/usr/share/fonts/X11/Type1', 'built-ins']
  const body = reply(server).u16(paths.length).zeros(22)
  for (const path of paths) body.u8(path.length).text(path)
  return { body: body.pad() }
}
const listFonts: Handler = (request, server) => {
  const wanted = request.text(8, request.u16(6)).toLowerCase()
  const found = ['cursor', 'fixed', '-misc-fixed-medium-r-semicondensed--13-120-75-75-c-60-iso8859-1'].filter(
    name => wanted === '*' || wanted === name,
  )
  const body = reply(server).u16(found.length).zeros(22)
  for (const name of found) body.u8(name.length).text(name)
  return { body: body.pad() }
}
/** The server's own addresses, which may always connect; nobody else is named, since access control is off. */
const listHosts: Handler = (_, server) => {
  const own = [server.cx.destination.ip, '127.0.0.1'].filter(ip => /^[\d.]+$/.test(ip))
  const body = reply(server).u16(own.length).zeros(22)
  for (const ip of own)
    body
      .u8(0, 0)
      .u16(4)
      .u8(...ip.split('.').map(Number))
  return { data: server.cx.options.control === 'open' ? 0 : 1, body }
}

/** Every request of the core protocol (X11 appendix B). */
export const kinds: ReadonlyMap<number, Kind> = new Map<number, Kind>([
  [1, ['CreateWindow', 32, w.createWindow]],
  [2, ['ChangeWindowAttributes', 12, changeAttributes]],
  [3, ['GetWindowAttributes', 8, w.getWindowAttributes]],
  [4, ['DestroyWindow', 8, w.destroyWindow]],
  [5, ['DestroySubwindows', 8, w.windowOf(4)]],
  [6, ['ChangeSaveSet', 8, w.windowOf(4)]],
  [7, ['ReparentWindow', 16, w.windowOf(4)]],
  [8, ['MapWindow', 8, w.mapWindow(true)]],
  [9, ['MapSubwindows', 8, w.windowOf(4)]],
  [10, ['UnmapWindow', 8, w.mapWindow(false)]],
  [11, ['UnmapSubwindows', 8, w.windowOf(4)]],
  [12, ['ConfigureWindow', 12, w.windowOf(4)]],
  [13, ['CirculateWindow', 8, w.windowOf(4)]],
  [14, ['GetGeometry', 8, w.getGeometry]],
  [15, ['QueryTree', 8, w.queryTree]],
  [16, ['InternAtom', 8, w.internAtom]],
  [17, ['GetAtomName', 8, w.getAtomName]],
  [18, ['ChangeProperty', 24, w.changeProperty]],
  [19, ['DeleteProperty', 12, w.windowOf(4)]],
  [20, ['GetProperty', 24, w.getProperty]],
  [21, ['ListProperties', 8, w.listProperties]],
  [22, ['SetSelectionOwner', 16, w.setSelectionOwner]],
  [23, ['GetSelectionOwner', 8, w.getSelectionOwner]],
  [24, ['ConvertSelection', 24, w.windowOf(4)]],
  [25, ['SendEvent', 44]],
  [26, ['GrabPointer', 24, w.grab]],
  [27, ['UngrabPointer', 8]],
  [28, ['GrabButton', 24, w.windowOf(4)]],
  [29, ['UngrabButton', 12, w.windowOf(4)]],
  [30, ['ChangeActivePointerGrab', 16]],
  [31, ['GrabKeyboard', 16, w.grab]],
  [32, ['UngrabKeyboard', 8]],
  [33, ['GrabKey', 16, w.windowOf(4)]],
  [34, ['UngrabKey', 12, w.windowOf(4)]],
  [35, ['AllowEvents', 8]],
  [36, ['GrabServer', 4]],
  [37, ['UngrabServer', 4]],
  [38, ['QueryPointer', 8, w.queryPointer]],
  [39, ['GetMotionEvents', 16, zeros(24)]],
  [40, ['TranslateCoordinates', 16, w.translateCoordinates]],
  [41, ['WarpPointer', 24, w.warpPointer]],
  [42, ['SetInputFocus', 12, setInputFocus]],
  [43, ['GetInputFocus', 4, getInputFocus]],
  [44, ['QueryKeymap', 4, queryKeymap]],
  [45, ['OpenFont', 12, make('font')]],
  [46, ['CloseFont', 8, free('font', Bad.Font)]],
  [47, ['QueryFont', 8, noFont]],
  [48, ['QueryTextExtents', 8, noFont]],
  [49, ['ListFonts', 8, listFonts]],
  [50, ['ListFontsWithInfo', 8, zeros(52)]],
  [51, ['SetFontPath', 8]],
  [52, ['GetFontPath', 4, getFontPath]],
  [53, ['CreatePixmap', 16, make('pixmap', 12)]],
  [54, ['FreePixmap', 8, free('pixmap', Bad.Pixmap)]],
  [55, ['CreateGC', 16, make('gc')]],
  [56, ['ChangeGC', 12]],
  [57, ['CopyGC', 16]],
  [58, ['SetDashes', 12]],
  [59, ['SetClipRectangles', 12]],
  [60, ['FreeGC', 8, free('gc', Bad.GC)]],
  [61, ['ClearArea', 16, w.windowOf(4)]],
  ...[
    'CopyArea CopyPlane PolyPoint PolyLine PolySegment PolyRectangle PolyArc FillPoly PolyFillRectangle PolyFillArc PutImage'.split(
      ' ',
    ),
  ].flatMap(names => names.map((name, i): [number, Kind] => [62 + i, [name, 12]])),
  [73, ['GetImage', 20, w.getImage]],
  [74, ['PolyText8', 16]],
  [75, ['PolyText16', 16]],
  [76, ['ImageText8', 16]],
  [77, ['ImageText16', 16]],
  [78, ['CreateColormap', 16, make('colormap')]],
  [79, ['FreeColormap', 8]],
  [80, ['CopyColormapAndFree', 12]],
  [81, ['InstallColormap', 8]],
  [82, ['UninstallColormap', 8]],
  [83, ['ListInstalledColormaps', 8, (_, server) => ({ body: reply(server).u16(1).zeros(22).u32(COLORMAP) })]],
  [84, ['AllocColor', 16, allocColor]],
  [85, ['AllocNamedColor', 12, allocNamedColor]],
  [88, ['FreeColors', 12]],
  [91, ['QueryColors', 8, queryColors]],
  [92, ['LookupColor', 12, lookupColor]],
  [93, ['CreateCursor', 32, make('cursor')]],
  [94, ['CreateGlyphCursor', 32, make('cursor')]],
  [95, ['FreeCursor', 8, free('cursor', Bad.Cursor)]],
  [96, ['RecolorCursor', 20]],
  [97, ['QueryBestSize', 12, queryBestSize]],
  [98, ['QueryExtension', 8, queryExtension]],
  [99, ['ListExtensions', 4, listExtensions]],
  [100, ['ChangeKeyboardMapping', 8, changeKeyboardMapping]],
  [101, ['GetKeyboardMapping', 8, getKeyboardMapping]],
  [102, ['ChangeKeyboardControl', 8]],
  [103, ['GetKeyboardControl', 4, getKeyboardControl]],
  [104, ['Bell', 4]],
  [105, ['ChangePointerControl', 12]],
  [106, ['GetPointerControl', 4, (_, server) => ({ body: reply(server).u16(2, 1, 4).zeros(18) })]],
  [107, ['SetScreenSaver', 12]],
  [108, ['GetScreenSaver', 4, (_, server) => ({ body: reply(server).u16(600, 600).u8(1, 1).zeros(18) })]],
  [109, ['ChangeHosts', 8]],
  [110, ['ListHosts', 4, listHosts]],
  [111, ['SetAccessControl', 4]],
  [112, ['SetCloseDownMode', 4]],
  [113, ['KillClient', 8]],
  [114, ['RotateProperties', 12]],
  [115, ['ForceScreenSaver', 4]],
  [116, ['SetPointerMapping', 4, zeros(24)]],
  [
    117,
    [
      'GetPointerMapping',
      4,
      (_, server) => ({ data: 10, body: reply(server).zeros(24).u8(1, 2, 3, 4, 5, 6, 7, 8, 9, 10).pad() }),
    ],
  ],
  [118, ['SetModifierMapping', 4, zeros(24)]],
  [
    119,
    [
      'GetModifierMapping',
      4,
      (_, server) => ({ data: 4, body: reply(server).zeros(24).bytes(Buffer.from(modifiers, 'hex')) }),
    ],
  ],
  [127, ['NoOperation', 4]],
])

function changeAttributes(request: Request, server: Server): undefined {
  const window = server.window(request.u32(4))
  const mask = request.u32(8)
  // CWEventMask is the twelfth of the values that may be there.
  let at = 12
  for (let bit = 0; bit < 11; bit++) if (mask & (1 << bit)) at += 4
  if (mask & 0x800 && request.length >= at + 4) window.events = request.u32(at)
  return undefined
}
function noFont(request: Request): never {
  throw new XError(Bad.Font, request.u32(4))
}
function lookupColor(request: Request, server: Server): Reply {
  const found = allocNamedColor(request, server)!
  return { body: reply(server).bytes(found.body.done.subarray(4, 16)).zeros(12) }
}
function listExtensions(_: Request, server: Server): Reply {
  const body = reply(server).zeros(24)
  for (const name of extensionNames) body.u8(name.length).text(name)
  return { data: extensionNames.length, body: body.pad() }
}
