import { cEscapes } from '../escapes.ts'

/**
 * Backslash escapes of bash: in `$'…'`, in `echo -e` and in `printf %b` and its format. The three differ in how octal
 * numbers are written and in `\c`.
 */
export const escapedText = (
  text: string,
  flavour: 'dollar' | 'echo' | 'dash' | 'format' | 'b' | 'dash-format' | 'dash-b' | 'ash',
): { text: string; stop: boolean } => {
  let out = ''
  for (let i = 0; i < text.length; i++) {
    if (text[i] !== '\\' || i + 1 >= text.length) {
      out += text[i]
      continue
    }
    const c = text[++i]!
    const simple = SIMPLE.get(c)
    // BusyBox knows C's, octal and hexadecimal numbers, and \c in the format of printf as well.
    if (flavour === 'ash' && 'uUE"\'?'.includes(c)) out += `\\${c}`
    // dash knows no numbers but octal ones; its printf knows \e, its echo does not.
    else if (flavour === 'dash' && 'xuUeE'.includes(c)) out += `\\${c}`
    else if (flavour.startsWith('dash-') && 'xuUE'.includes(c)) out += `\\${c}`
    else if (simple !== undefined) out += simple
    else if ((c === '"' || c === "'" || c === '?') && flavour !== 'echo' && flavour !== 'dash') out += c
    else if (c === 'c' && flavour === 'dollar') {
      const control = text[++i]
      if (control !== undefined) out += String.fromCharCode(control.toUpperCase().charCodeAt(0) & 0x1f)
    } else if (c === 'c' && flavour !== 'format' && flavour !== 'dash-format') return { text: out, stop: true }
    else if (c === 'x' || c === 'u' || c === 'U') {
      const digits = new RegExp(`^[0-9a-fA-F]{1,${c === 'x' ? 2 : c === 'u' ? 4 : 8}}`).exec(
        text.slice(i + 1, i + 9),
      )?.[0]
      if (digits === undefined) out += `\\${c}`
      else {
        out += c === 'x' ? String.fromCharCode(Number.parseInt(digits, 16)) : utf8(Number.parseInt(digits, 16))
        i += digits.length
      }
    } else if (c >= '0' && c <= '7' && (flavour !== 'echo' || c === '0')) {
      const long =
        flavour === 'echo' ||
        ((flavour === 'b' || flavour === 'dash' || flavour === 'dash-b' || flavour === 'ash') && c === '0')
      const digits = /^[0-7]*/.exec(text.slice(i, i + (long ? 4 : 3)))![0]
      out += String.fromCharCode(Number.parseInt(digits, 8) & 0xff)
      i += digits.length - 1
    } else out += `\\${c}`
  }
  // A NUL cannot be in an argument: it ends the string of $'…'.
  if (flavour === 'dollar' && out.includes('\0')) out = out.slice(0, out.indexOf('\0'))
  return { text: out, stop: false }
}

const SIMPLE = new Map([...cEscapes, ['e', '\x1b'], ['E', '\x1b']])

/** A code point as the bytes of UTF-8, one character a byte. */
const utf8 = (point: number): string => {
  if (point > 0x10ffff || (point >= 0xd800 && point < 0xe000)) return ''
  return Buffer.from(String.fromCodePoint(point), 'utf8').toString('latin1')
}
