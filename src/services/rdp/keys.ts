/** Scan codes of set 1 on a US keyboard: what a key writes alone, and with Shift. */
const plain = "??1234567890-=??qwertyuiop[]??asdfghjkl;'`?\\zxcvbnm,./?*? "
const shifted = '??!@#$%^&*()_+??QWERTYUIOP{}??ASDFGHJKL:"~?|ZXCVBNM<>??*? '
const SHIFT = new Set([0x2a, 0x36])
const ENTER = 0x1c
const BACKSPACE = 0x0e
const TAB = 0x0f

/** Characters kept of one line. */
const LONGEST = 1024

/** Turns keys into the lines that were typed; `told` hears each at its Enter or Tab, and the rest at the end. */
export function typist(told: (line: string) => void) {
  let line = ''
  let shift = false
  const end = () => {
    if (line !== '') told(line)
    line = ''
  }
  const write = (text: string) => {
    if (line.length < LONGEST) line += text
  }
  return {
    key(code: number, released: boolean) {
      if (SHIFT.has(code)) shift = !released
      else if (released) return
      else if (code === ENTER || code === TAB) end()
      else if (code === BACKSPACE) line = line.slice(0, -1)
      else {
        const character = (shift ? shifted : plain)[code]
        if (character !== undefined && (character !== '?' || code === 0x35)) write(character)
      }
    },
    /** A character that no key has. */
    unicode(code: number, released: boolean) {
      if (!released && code >= 32) write(String.fromCharCode(code))
    },
    end,
  }
}
export type Typist = ReturnType<typeof typist>

/** Fast-path input events (MS-RDPBCGR §2.2.8.1.2.2). A kind that nobody knows ends what can be read. */
export function fastInput(header: number, body: Buffer, keys: Typist): void {
  let count = (header >> 2) & 15
  let at = 0
  if (count === 0) count = body[at++] ?? 0
  for (; count > 0 && at < body.length; count--) {
    const event = body[at]!
    const released = (event & 1) === 1
    const kind = event >> 5
    if (kind === 0) keys.key(body[at + 1] ?? 0, released)
    else if (kind === 4 && at + 2 < body.length) keys.unicode(body.readUInt16LE(at + 1), released)
    else if (kind > 4) return
    at += [2, 7, 7, 1, 3][kind]!
  }
}

/** Slow-path input events (§2.2.8.1.1.3). */
export function slowInput(body: Buffer, keys: Typist): void {
  for (
    let at = 4, left = body.length >= 2 ? body.readUInt16LE() : 0;
    left > 0 && at + 12 <= body.length;
    left--, at += 12
  ) {
    const kind = body.readUInt16LE(at + 4)
    const flags = body.readUInt16LE(at + 6)
    const code = body.readUInt16LE(at + 8)
    const released = (flags & 0x8000) !== 0
    if (kind === 4) keys.key(code & 0xff, released)
    else if (kind === 5) keys.unicode(code, released)
  }
}
