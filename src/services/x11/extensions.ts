import { EACH, FIRST } from './keymap.ts'
import { render } from './render.ts'
import { movePointer, type Reply, reply } from './requests.ts'
import { Bad, type Server, XError } from './server.ts'
import type { Typist } from './typist.ts'
import { Out, type Request } from './wire.ts'
import { xkb } from './xkb.ts'

/** Xvfb 21.1's extensions in its order; opcodes count from 128. First event and first error, where it has some. */
const extensions: readonly (readonly [name: string, event: number, error: number])[] = [
  ['Generic Event Extension', 0, 0],
  ['SHAPE', 64, 0],
  ['MIT-SHM', 65, 128],
  ['XInputExtension', 66, 129],
  ['XTEST', 0, 0],
  ['BIG-REQUESTS', 0, 0],
  ['SYNC', 83, 134],
  ['XKEYBOARD', 85, 137],
  ['XC-MISC', 0, 0],
  ['SECURITY', 86, 138],
  ['XFIXES', 87, 140],
  ['RENDER', 0, 142],
  ['RANDR', 89, 147],
  ['XINERAMA', 0, 0],
  ['Composite', 0, 0],
  ['DAMAGE', 91, 152],
  ['MIT-SCREEN-SAVER', 92, 0],
  ['DOUBLE-BUFFER', 0, 153],
  ['RECORD', 0, 154],
  ['Present', 0, 0],
  ['X-Resource', 0, 0],
  ['XVideo', 93, 155],
  ['GLX', 95, 158],
]
const FIRST_OPCODE = 128
export const extensionNames = extensions.map(([name]) => name)

/** Versions as QueryVersion tells them: two numbers of two or four bytes. */
const versions = new Map<string, readonly [major: number, minor: number, width: 2 | 4]>([
  ['Generic Event Extension', [1, 0, 2]],
  ['SHAPE', [1, 1, 2]],
  ['SECURITY', [1, 0, 2]],
  ['XFIXES', [6, 0, 4]],
  ['RENDER', [0, 11, 4]],
  ['RANDR', [1, 6, 4]],
  ['XINERAMA', [1, 1, 2]],
  ['Composite', [0, 4, 4]],
  ['DAMAGE', [1, 1, 4]],
  ['MIT-SCREEN-SAVER', [1, 1, 2]],
  ['RECORD', [1, 13, 2]],
  ['Present', [1, 2, 4]],
  ['X-Resource', [1, 2, 2]],
  ['XVideo', [2, 2, 2]],
  ['XC-MISC', [1, 1, 2]],
])

/** What programs ask for as they start, and what nobody answers: to be told of keys, of the screen's size, and a pointer's name. */
const unanswered = new Map([
  ['XInputExtension 46', 'XISelectEvents'],
  ['RANDR 4', 'RRSelectInput'],
  ['XFIXES 2', 'XFixesSelectSelectionInput'],
  ['XFIXES 3', 'XFixesSelectCursorInput'],
  ['XFIXES 23', 'XFixesSetCursorName'],
])

export function queryExtension(request: Request, server: Server): Reply {
  const name = request.text(8, request.u16(4))
  const index = extensions.findIndex(([known]) => known === name)
  const found = extensions[index]
  const body = reply(server).u8(...(found ? [1, FIRST_OPCODE + index, found[1], found[2]] : [0, 0, 0, 0]))
  return { body: body.zeros(20) }
}

/** A request's name, what it is answered, and what goes out before that. */
type Extended = { name: string; reply?: Reply; events?: Buffer[] }

/** What an extension is asked: its name for the record, and the answer. */
export function extended(request: Request, server: Server, typist: Typist): Extended | undefined {
  const name = extensionNames[request.opcode - FIRST_OPCODE]
  if (name === undefined) return undefined
  const minor = request.data
  if (name === 'BIG-REQUESTS' && minor === 0) {
    server.big = true
    return { name: 'BigReqEnable', reply: { body: reply(server).u32(0x3fffff).zeros(20) } }
  }
  if (name === 'XKEYBOARD') return xkb(request, server)
  if (name === 'XTEST') return xtest(request, server, typist)
  const version = versions.get(name)
  if (minor === 0 && version) {
    const [major, low, width] = version
    const body = width === 2 ? reply(server).u16(major, low).zeros(20) : reply(server).u32(major, low).zeros(16)
    return { name: `${name} QueryVersion`, reply: { body } }
  }
  if (name === 'RENDER') return render(request, server)
  const silent = unanswered.get(`${name} ${minor}`)
  if (silent !== undefined) return { name: silent }
  if (name === 'XInputExtension' && minor === 1) {
    const body = reply(server).u16(2, 4).u8(1).zeros(19)
    return { name: 'XGetExtensionVersion', reply: { data: 1, body } }
  }
  if (name === 'XInputExtension' && minor === 47) {
    const [major, low] = [request.u16(4), request.u16(6)]
    if (major < 2) throw new XError(Bad.Value, major)
    return {
      name: 'XIQueryVersion',
      reply: {
        data: minor,
        body: reply(server)
          .u16(2, major > 2 ? 4 : Math.min(low, 4))
          .zeros(20),
      },
    }
  }
  throw new XError(name === 'MIT-SHM' ? Bad.Length : Bad.Request)
}

/** XTEST: keys and buttons that a program presses. */
function xtest(request: Request, server: Server, typist: Typist): Extended {
  const minor = request.data
  if (minor === 0) return { name: 'XTestGetVersion', reply: { data: 2, body: reply(server).u16(2).zeros(22) } }
  if (minor === 1) return { name: 'XTestCompareCursor', reply: { data: 1, body: reply(server).zeros(24) } }
  if (minor === 3) return { name: 'XTestGrabControl' }
  if (minor !== 2) throw new XError(Bad.Request)
  if (request.length !== 36) throw new XError(Bad.Length)
  const [type, detail] = [request.u8(4), request.u8(5)]
  if (type === 2 || type === 3) {
    if (detail < FIRST) throw new XError(Bad.Value, detail)
    pressKey(server, typist, type === 2, detail)
    // The first key comes from another keyboard than before: everybody is told of its map.
    if (!server.tested) {
      server.tested = true
      return { name: 'XTestFakeInput', events: [mappingNotify(server, 1, FIRST, 248), mappingNotify(server, 0, 0, 0)] }
    }
  } else if (type === 4 || type === 5) {
    const bit = detail >= 1 && detail <= 8 ? 1 << (detail - 1) : 0
    server.buttons = type === 4 ? server.buttons | bit : server.buttons & ~bit
    movePointer(server, server.pointer.x, server.pointer.y)
    if (type === 4) typist.clicked(detail, server.pointer)
  } else if (type === 6) {
    const [x, y] = [request.i16(24), request.i16(26)]
    const from = detail === 1 ? server.pointer : { x: 0, y: 0 }
    movePointer(server, from.x + x, from.y + y)
  } else {
    server.value = type
    throw new XError(Bad.Value, type)
  }
  return { name: 'XTestFakeInput' }
}

/** Modifiers by keycode, then what the key means with them. */
function pressKey(server: Server, typist: Typist, down: boolean, code: number): void {
  if (down) server.down.add(code)
  else server.down.delete(code)
  const symbolAt = (level: number) => server.keys[(code - FIRST) * EACH + level] ?? 0
  const shifted = [50, 62].some(shift => server.down.has(shift))
  const plain = symbolAt(0)
  const symbol = (shifted ? symbolAt(1) : plain) || plain
  if (down) typist.pressed(symbol, server)
  else typist.released(symbol)
}

/** An event of 32 bytes: a keyboard that was mapped anew tells everybody (MappingNotify). */
export function mappingNotify(server: Server, request: number, first: number, count: number): Buffer {
  return new Out(server.order).u8(34, 0).u16(server.sequence).u8(request, first, count, 0).zeros(24).done
}
