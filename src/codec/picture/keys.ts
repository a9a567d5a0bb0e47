/** What a key sends to a program under xterm, by its X keysym; cursor keys as they are without application mode. */
const sequences = new Map<number, string>([
  [0xff08, '\x7f'],
  [0xff09, '\t'],
  [0xff0a, '\n'],
  [0xff0d, '\r'],
  [0xff1b, '\x1b'],
  [0xff50, '\x1b[H'],
  [0xff51, '\x1b[D'],
  [0xff52, '\x1b[A'],
  [0xff53, '\x1b[C'],
  [0xff54, '\x1b[B'],
  [0xff55, '\x1b[5~'],
  [0xff56, '\x1b[6~'],
  [0xff57, '\x1b[F'],
  [0xff63, '\x1b[2~'],
  [0xff8d, '\r'],
  [0xffff, '\x1b[3~'],
  ...['\x1bOP', '\x1bOQ', '\x1bOR', '\x1bOS'].map((keys, i) => [0xffbe + i, keys] as const),
  ...[15, 17, 18, 19, 20, 21, 23, 24].map((number, i) => [0xffc2 + i, `\x1b[${number}~`] as const),
  // The number pad: digits, and what stands around them.
  ...Array.from({ length: 10 }, (_, i) => [0xffb0 + i, String(i)] as const),
  ...[...'*+,-./'].map((character, i) => [0xffaa + i, character] as const),
  [0xff80, ' '],
])

/** Names of keys that make no character, for who reads what was typed where nobody took it. */
const names = new Map<number, string>([
  [0xff08, 'BackSpace'],
  [0xff09, 'Tab'],
  [0xff1b, 'Escape'],
  [0xffeb, 'Super_L'],
  [0xffec, 'Super_R'],
  [0xffe9, 'Alt_L'],
  [0xffe3, 'Control_L'],
  [0xffff, 'Delete'],
  ...Array.from({ length: 12 }, (_, i) => [0xffbe + i, `F${i + 1}`] as const),
])

/** The character of a keysym: Latin-1 as it is, the rest of Unicode above 0x1000000 (keysymdef.h). */
function characterOf(keysym: number): string | undefined {
  if ((keysym >= 0x20 && keysym < 0x7f) || (keysym >= 0xa0 && keysym < 0x100)) return String.fromCharCode(keysym)
  const code = keysym - 0x1000000
  if (code >= 0x100 && code <= 0x10ffff && (code < 0xd800 || code > 0xdfff)) return String.fromCodePoint(code)
  return undefined
}

/** A keyboard: which keys are down, and what the next one means. */
export class Keyboard {
  #control = new Set<number>()
  #alt = new Set<number>()

  /** UTF-8 for the program that has the keys; `undefined` for a key that sends nothing by itself. */
  press(keysym: number, application = false): Buffer | undefined {
    if (keysym === 0xffe3 || keysym === 0xffe4) this.#control.add(keysym)
    if (keysym === 0xffe9 || keysym === 0xffe7 || keysym === 0xffe8) this.#alt.add(keysym)
    let keys = sequences.get(keysym) ?? characterOf(keysym)
    if (keys === undefined) return undefined
    if (application && /^\x1b\[[A-DFH]$/.test(keys)) keys = `\x1bO${keys[2]}`
    if (this.#control.size > 0) keys = controlled(keys)
    if (this.#alt.size > 0) keys = `\x1b${keys}`
    return Buffer.from(keys, 'utf8')
  }
  release(keysym: number): void {
    this.#control.delete(keysym)
    this.#alt.delete(keysym)
  }
}

/** With Control held: `a` is 1, and so on. */
function controlled(keys: string): string {
  const code = keys.charCodeAt(0)
  if (keys.length > 1) return keys
  if (keys === ' ' || keys === '2') return '\0'
  if (code >= 0x40 && code < 0x7f) return String.fromCharCode(code & 31)
  if (keys === '/') return '\x1f'
  return keys === '8' || keys === '?' ? '\x7f' : keys
}

/** Keys by where they are on a keyboard of the United States: XT's scan codes of set 1, rows of characters, and the rest. */
const places = new Map<number, number>([
  ...(
    [
      [0x02, '1234567890-='],
      [0x10, 'qwertyuiop[]'],
      [0x1e, "asdfghjkl;'`"],
      [0x2b, '\\zxcvbnm,./'],
    ] as const
  ).flatMap(([first, row]) => [...row].map((character, i): [number, number] => [first + i, character.charCodeAt(0)])),
  [0x01, 0xff1b],
  [0x0e, 0xff08],
  [0x0f, 0xff09],
  [0x1c, 0xff0d],
  [0x1d, 0xffe3],
  [0x39, 0x20],
])
/** The keysym of a scan code, for clients that know the key and not what it means. */
export const keyAt = (scanCode: number): number | undefined => places.get(scanCode)

/** How a key is written down where no program took it. */
export const written = (keysym: number): string => {
  const name = names.get(keysym)
  return characterOf(keysym) ?? (name === undefined ? '' : `<${name}>`)
}
export const isReturn = (keysym: number): boolean => keysym === 0xff0d || keysym === 0xff8d
