import { EACH, FIRST, LAST } from './keymap.ts'
import { type Reply, reply } from './requests.ts'
import { Bad, type Server, XError } from './server.ts'
import { Out, type Request } from './wire.ts'

/** The core keyboard's number as an input device. */
const DEVICE = 3
/** Modifier bits. */
const SHIFT = 1
const LOCK = 2
const KEYS = LAST - FIRST + 1

/** The four types that every keyboard has, in their order: how many levels, and which modifiers lead to which. */
const types = [
  { mask: 0, levels: 1, entries: [] },
  { mask: SHIFT, levels: 2, entries: [[SHIFT, 1]] },
  {
    mask: SHIFT | LOCK,
    levels: 2,
    entries: [
      [SHIFT, 1],
      [LOCK, 1],
    ],
  },
  { mask: SHIFT, levels: 2, entries: [[SHIFT, 1]] },
] as const

/** What is said without an answer. */
const unanswered = new Map([
  [1, 'XkbSelectEvents'],
  [3, 'XkbBell'],
  [5, 'XkbLatchLockState'],
  [7, 'XkbSetControls'],
  [9, 'XkbSetMap'],
])

/** What the X Keyboard Extension is asked by programs that look keys up (XKBproto §16); the name is for the record. */
export function xkb(request: Request, server: Server): { name: string; reply?: Reply } {
  const minor = request.data
  if (minor === 0) return { name: 'XkbUseExtension', reply: { data: 1, body: reply(server).u16(1, 0).zeros(20) } }
  const told = unanswered.get(minor)
  if (told !== undefined) return { name: told }
  if (minor === 4) return { name: 'XkbGetState', reply: { data: DEVICE, body: reply(server).zeros(24) } }
  if (minor === 8) return { name: 'XkbGetMap', reply: getMap(request.u16(6) | request.u16(8), server) }
  if (minor === 21)
    return { name: 'XkbPerClientFlags', reply: { data: DEVICE, body: reply(server).u32(1, 0, 0, 0, 0).zeros(4) } }
  throw new XError(Bad.Request)
}

/** GetMap: key types, keysyms and modifiers, of those whichever is asked for. */
function getMap(parts: number, server: Server): Reply {
  const body = new Out(server.order)
  const [asTypes, asSyms, asMods] = [parts & 1, parts & 2, parts & 4]
  const syms = Array.from({ length: KEYS }, (_, i) => symbolsOf(server.keys.subarray(i * EACH, i * EACH + 2)))
  const total = syms.reduce((sum, { length }) => sum + length, 0)
  body
    .zeros(2)
    .u8(FIRST, LAST)
    .u16(parts & 7)
    .u8(0, asTypes ? types.length : 0, types.length)
    .u8(asSyms ? FIRST : 0)
    .u16(asSyms ? total : 0)
    .u8(asSyms ? KEYS : 0)
    .u8(0)
    .u16(0)
    .u8(0, 0, 0, 0, 0, 0, 0)
    .u8(asMods ? FIRST : 0, asMods ? KEYS : 0, asMods ? modifiers.length : 0)
    .u8(0, 0, 0)
    .zeros(1)
    .u16(0)
  if (asTypes)
    for (const { mask, levels, entries } of types) {
      body.u8(mask, mask).u16(0).u8(levels, entries.length, 0, 0)
      for (const [mods, level] of entries) body.u8(1, mods, level, mods).u16(0, 0)
    }
  if (asSyms)
    for (const symbols of syms) {
      const letter = symbols.length === 2 && symbols[0]! >= 0x61 && symbols[0]! <= 0x7a
      const type = letter ? 2 : symbols.length > 1 ? 1 : 0
      body
        .u8(type, type, type, type, symbols.length === 0 ? 0 : 1, symbols.length)
        .u16(symbols.length)
        .u32(...symbols)
    }
  if (asMods) for (const [code, mods] of modifiers) body.u8(code, mods)
  return { data: DEVICE, body: body.pad() }
}

const symbolsOf = (pair: Uint32Array): number[] => (pair[1] ? [...pair] : pair[0] ? [pair[0]] : [])

/** Keys that are modifiers: Shift, Lock, Control, Mod1 (Alt), Mod2 (Num Lock), Mod4 (Super). */
const modifiers = [
  [37, 4],
  [50, SHIFT],
  [62, SHIFT],
  [64, 8],
  [66, LOCK],
  [77, 16],
  [105, 4],
  [108, 8],
  [133, 64],
  [134, 64],
] as const
