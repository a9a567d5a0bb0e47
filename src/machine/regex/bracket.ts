import { type Bytes, classes, folded, inverted } from './ast.ts'

export type Bracket = { bytes: Bytes; end: number } | { problem: string }

const UNCLOSED = 'Unmatched [, [^, [:, [., or [='

/**
 * A POSIX bracket expression (XBD 9.3.5) from behind its `[`. `escapes`: a backslash hides what follows, as in awk and
 * Perl, where `word` takes the letter and gives the class it means.
 */
export const readBracket = (
  text: string,
  from: number,
  how: { escapes?: (text: string, at: number) => { bytes?: Bytes; char?: string; end: number }; fold?: boolean } = {},
): Bracket => {
  const bytes = new Uint8Array(256)
  let at = from
  const negated = text[at] === '^'
  if (negated) at++
  for (let first = true; ; first = false) {
    const c = text[at]
    if (c === undefined) return { problem: UNCLOSED }
    if (c === ']' && !first) break
    const named = c === '[' && text[at + 1] === ':' ? className(text, at + 2) : undefined
    if (named) {
      const found = classes.get(named.name)
      if (!found) return { problem: 'Invalid character class name' }
      for (let code = 0; code < 256; code++) bytes[code]! |= found[code]!
      at = named.end
      continue
    }
    const low = oneOf(text, at, how.escapes)
    if ('problem' in low) return low
    at = low.end
    if (low.bytes) {
      for (let code = 0; code < 256; code++) bytes[code]! |= low.bytes[code]!
      continue
    }
    const start = low.char.charCodeAt(0)
    if (text[at] !== '-' || text[at + 1] === ']' || text[at + 1] === undefined) {
      bytes[start] = 1
      continue
    }
    const high = oneOf(text, at + 1, how.escapes)
    if ('problem' in high) return high
    if (high.bytes) {
      bytes[start] = 1
      continue
    }
    at = high.end
    const end = high.char.charCodeAt(0)
    if (end < start) return { problem: 'Invalid range end' }
    bytes.fill(1, start, end + 1)
  }
  const both = how.fold ? folded(bytes) : bytes
  return { bytes: negated ? inverted(both) : both, end: at + 1 }
}

const className = (text: string, at: number): { name: string; end: number } | undefined => {
  const end = text.indexOf(':]', at)
  if (end < 0 || end - at > 20) return undefined
  const name = text.slice(at, end)
  return /^[a-z]*$/.test(name) ? { name, end: end + 2 } : undefined
}

type One = { char: string; bytes?: undefined; end: number } | { bytes: Bytes; end: number } | { problem: string }

const oneOf = (
  text: string,
  at: number,
  escapes?: (text: string, at: number) => { bytes?: Bytes; char?: string; end: number },
): One => {
  const c = text[at]!
  if (c === '\\' && escapes) {
    const { bytes, char, end } = escapes(text, at + 1)
    return bytes ? { bytes, end } : { char: char ?? '\\', end }
  }
  if (c === '[' && (text[at + 1] === '.' || text[at + 1] === '=')) {
    const end = text.indexOf(`${text[at + 1]}]`, at + 2)
    if (end < 0) return { problem: UNCLOSED }
    if (end !== at + 3) return { problem: 'Invalid collation character' }
    return { char: text[at + 2]!, end: end + 2 }
  }
  return { char: c, end: at + 1 }
}
