/**
 * Output of a hostile terminal session, made safe to show on somebody's own: text, line ends, and the control sequences
 * (ECMA-48) that colour, place and erase. Everything else (titles, clipboard, queries that answer, character sets, other
 * states that would stay) is left out. Pieces may end anywhere.
 */
export function terminalFilter(): (piece: string) => string {
  let held = ''
  return piece => {
    const text = held + piece
    held = ''
    let out = ''
    for (let at = 0; at < text.length; ) {
      const char = text[at]!
      const code = char.charCodeAt(0)
      if (char === '\x1b') {
        const found = sequence(text, at)
        if (found === undefined) {
          // A sequence longer than this is none.
          held = text.length - at < 256 ? text.slice(at) : ''
          break
        }
        if (found.keep) out += text.slice(at, found.end)
        at = found.end
      } else {
        if (
          code >= 0x20
            ? code !== 0x7f && !(code >= 0x80 && code < 0xa0) && !turning.test(char)
            : '\r\n\t\b\x07'.includes(char)
        )
          out += char === '\x07' ? '' : char
        at++
      }
    }
    return out
  }
}

/** Characters that turn the direction of text around. */
const turning = /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/
/** Final bytes of CSI sequences that only draw. */
const drawing = new Set('@ABCDEFGHIJKLMPSTXZ`adefm')

/** Where the sequence that begins at `at` ends, and whether it may pass; `undefined` when its end has not come. */
function sequence(text: string, at: number): { end: number; keep: boolean } | undefined {
  const kind = text[at + 1]
  if (kind === undefined) return undefined
  if (kind === '[') {
    for (let end = at + 2; end < text.length; end++) {
      const code = text.charCodeAt(end)
      if (code >= 0x40 && code <= 0x7e)
        return { end: end + 1, keep: drawing.has(text[end]!) && /^[0-9;]*$/.test(text.slice(at + 2, end)) }
      if (code < 0x20 || code > 0x7e) return { end, keep: false }
    }
    return undefined
  }
  if (']PX^_'.includes(kind)) {
    const bell = text.indexOf('\x07', at + 2)
    const stop = text.indexOf('\x1b\\', at + 2)
    if (bell < 0 && stop < 0) return text.length - at < 256 ? undefined : { end: text.length, keep: false }
    return stop < 0 || (bell >= 0 && bell < stop) ? { end: bell + 1, keep: false } : { end: stop + 2, keep: false }
  }
  // nF sequences have one byte more.
  const length = /[ -/]/.test(kind) ? 3 : 2
  return at + length > text.length ? undefined : { end: at + length, keep: false }
}
