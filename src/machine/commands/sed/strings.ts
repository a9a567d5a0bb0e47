import { cEscapes } from '../../escapes.ts'
import type { Piece } from './script.ts'

/**
 * The text up to the delimiter; a delimiter behind a backslash is itself, and in an expression `\n` is a newline and a
 * bracket expression may hold the delimiter.
 */
export const delimited = (
  text: string,
  from: number,
  delimiter: string,
  expression: boolean,
): { text: string; end: number } | undefined => {
  let out = ''
  let at = from
  if (delimiter === '\n' || delimiter === '\\') return undefined
  while (at < text.length) {
    const c = text[at]!
    if (c === delimiter) return { text: out, end: at + 1 }
    if (c === '\n' && expression) return undefined
    if (c === '\\') {
      const next = text[at + 1]
      if (next === undefined) return undefined
      if (next === delimiter && (expression || next !== '&')) out += next
      else if (next === 'n' && expression) out += '\n'
      else out += c + next
      at += 2
      continue
    }
    if (expression && c === '[') {
      const end = bracketEnd(text, at)
      if (end === undefined) return undefined
      out += text.slice(at, end).replaceAll('\\n', '\n')
      at = end
      continue
    }
    out += c
    at++
  }
  return undefined
}

/** Behind the bracket expression, if it is closed on this line. */
const bracketEnd = (text: string, at: number): number | undefined => {
  const found = /^\[\^?\]?(?:\[[:.=][^\]\n]{0,40}[:.=]\]|[^\]\n])*\]/.exec(text.slice(at, at + 4000))
  return found ? at + found[0].length : undefined
}

const byteEscape = /\\(?:([afrtv])|d([0-9]{1,3})|o([0-7]{1,3})|x([0-9a-fA-F]{1,2})|c(.)|([\s\S]))/g

/** GNU's escapes made into bytes; what they make means in an expression what it always means there. */
export const escapesIn = (text: string): string =>
  text.replace(byteEscape, (whole, letter, decimal, octal, hex, control) => {
    if (letter) return cEscapes.get(letter)!
    const digits = decimal ?? octal ?? hex
    let made: string
    if (digits !== undefined) {
      const base = decimal !== undefined ? 10 : octal !== undefined ? 8 : 16
      made = String.fromCharCode(Number.parseInt(digits, base) & 0xff)
    } else if (control !== undefined) made = String.fromCharCode(control.toUpperCase().charCodeAt(0) ^ 0x40)
    else return whole
    return made
  })

/** The right side of `s`. */
export const pieces = (text: string): Piece[] => {
  const found: Piece[] = []
  let plain = ''
  const flush = (): void => {
    if (plain !== '') found.push({ kind: 'text', text: plain })
    plain = ''
  }
  for (let at = 0; at < text.length; at++) {
    const c = text[at]!
    if (c === '&') {
      flush()
      found.push({ kind: 'group', number: 0 })
    } else if (c !== '\\') plain += c
    else {
      const rest = text.slice(at, at + 5)
      const next = text[++at] ?? '\\'
      const byte = /^\\(?:[afrtv]|d[0-9]{1,3}|o[0-7]{1,3}|x[0-9a-fA-F]{1,2}|c.)/.exec(rest)?.[0]
      if (next >= '0' && next <= '9') {
        flush()
        found.push({ kind: 'group', number: Number(next) })
      } else if ('LUElu'.includes(next)) {
        flush()
        found.push({ kind: 'case', how: next })
      } else if (byte) {
        plain += escapesIn(byte)
        at += byte.length - 2
      } else plain += next === 'n' ? '\n' : next
    }
  }
  flush()
  return found
}
