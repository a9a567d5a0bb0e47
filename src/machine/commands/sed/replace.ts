import type { Match, Regex, Step } from '../../regex/regex.ts'
import type { Piece, Substitution } from './script.ts'

/** Bytes that a line may grow to. */
const longest = 4 << 20

/** The text with the substitution made; `undefined` when nothing was. */
export const substitute = (text: string, what: Substitution, regex: Regex, step: Step): string | undefined => {
  let out = ''
  let at = 0
  let count = 0
  let replaced = false
  while (at <= text.length) {
    const match = regex.find(text, at, step)
    if (!match) break
    const [from, to] = [match[0]!, match[1]!]
    // An empty match right behind the one before is none.
    out += text.slice(at, from)
    count++
    const wanted = what.nth === 0 ? 1 : what.nth
    if (count === wanted || (what.global && count > wanted)) {
      out += replacementFor(text, match, what.replacement)
      replaced = true
      if (out.length > longest) step(1_000_000)
      if (!what.global) {
        at = to
        break
      }
    } else out += text.slice(from, to)
    if (to > from) {
      at = to
      // `a*` behind `aaa` does not match once more where that ended.
      const next = at <= text.length ? regex.find(text, at, step) : undefined
      if (next && next[0] === at && next[1] === at) {
        if (at >= text.length) break
        out += text[at]
        at++
      }
    } else {
      if (to >= text.length) {
        at = to
        break
      }
      out += text[to]
      at = to + 1
    }
  }
  return replaced ? out + text.slice(at) : undefined
}

const replacementFor = (text: string, match: Match, pieces: readonly Piece[]): string => {
  let out = ''
  let all: string = 'E'
  let next = ''
  const add = (piece: string): void => {
    if (piece === '') return
    let made = all === 'U' ? upper(piece) : all === 'L' ? lower(piece) : piece
    if (next !== '') made = (next === 'u' ? upper(made[0]!) : lower(made[0]!)) + made.slice(1)
    next = ''
    out += made
  }
  for (const piece of pieces) {
    if (piece.kind === 'text') add(piece.text)
    else if (piece.kind === 'group') {
      const from = match[2 * piece.number] ?? -1
      if (from >= 0) add(text.slice(from, match[2 * piece.number + 1]))
    } else if (piece.how === 'u' || piece.how === 'l') next = piece.how
    else all = piece.how
  }
  return out
}

const upper = (text: string): string => text.replace(/[a-z]+/g, letters => letters.toUpperCase())
const lower = (text: string): string => text.replace(/[A-Z]+/g, letters => letters.toLowerCase())

/** The line as `l` shows it, wrapped at so many columns. */
export const unambiguous = (text: string, width: number): string => {
  const named = new Map([...'\\\x07\b\f\n\r\t\v'].map((c, i) => [c, `\\${'\\abfnrtv'[i]}`]))
  let out = ''
  let column = 0
  for (const c of text) {
    const shown = named.get(c) ?? (c >= ' ' && c <= '~' ? c : `\\${c.charCodeAt(0).toString(8).padStart(3, '0')}`)
    if (width > 1 && column + shown.length > width - 1) {
      out += '\\\n'
      column = 0
    }
    out += shown
    column += shown.length
  }
  return `${out}$\n`
}
