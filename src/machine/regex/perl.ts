import { anyByte, type Bytes, classes, inverted, type Node, notNewline, single, spaceBytes, wordBytes } from './ast.ts'
import { readBracket } from './bracket.ts'
import type { Mode } from './posix.ts'

/** pcre2pattern(3), as far as patterns of command lines go: no recursion, no conditions, no verbs. */
class Refused extends Error {}

type Flags = { fold: boolean; multiline: boolean; dotAll: boolean; extended: boolean }
type Reader = { text: string; at: number; groups: number; names: Map<string, number>; depth: number; flags: Flags }

/** The pattern as a tree, or what PCRE says of it. */
export const parsePerl = (text: string, mode: Mode): { node: Node; groups: number } | { problem: string } => {
  const flags = { fold: mode.fold ?? false, multiline: mode.multiline ?? false, dotAll: false, extended: false }
  const r: Reader = { text, at: 0, groups: 0, names: new Map(), depth: 0, flags }
  try {
    const node = choice(r)
    if (r.at < text.length) throw new Refused('unmatched closing parenthesis')
    return { node, groups: r.groups }
  } catch (error) {
    if (error instanceof Refused) return { problem: error.message }
    throw error
  }
}

const choice = (r: Reader): Node => {
  if (++r.depth > 200) throw new Refused('parentheses are too deeply nested')
  const before = r.flags
  const nodes = [sequence(r)]
  while (r.text[r.at] === '|') {
    r.at++
    nodes.push(sequence(r))
  }
  r.flags = before
  r.depth--
  return nodes.length === 1 ? nodes[0]! : { kind: 'choice', nodes }
}

const sequence = (r: Reader): Node => {
  const nodes: Node[] = []
  while (r.at < r.text.length && r.text[r.at] !== '|' && r.text[r.at] !== ')') {
    if (r.flags.extended && skipped(r)) continue
    const atom = readAtom(r)
    if (atom) nodes.push(repeats(r, atom))
  }
  return nodes.length === 0 ? { kind: 'empty' } : nodes.length === 1 ? nodes[0]! : { kind: 'sequence', nodes }
}

const skipped = (r: Reader): boolean => {
  if (/\s/.test(r.text[r.at]!)) {
    r.at++
    return true
  }
  if (r.text[r.at] !== '#') return false
  const end = r.text.indexOf('\n', r.at)
  r.at = end < 0 ? r.text.length : end
  return true
}

const set = (bytes: Bytes): Node => ({ kind: 'set', bytes })
const horizontal = classes.get('blank')!
const vertical = Uint8Array.from(anyByte, (_, code) => (code >= 10 && code <= 13 ? 1 : 0))
const kinds = new Map<string, Bytes>([
  ['d', classes.get('digit')!],
  ['w', wordBytes],
  ['s', spaceBytes],
  ['h', horizontal],
  ['v', vertical],
  ['N', inverted(notNewline)],
])
const kindOf = (c: string): Bytes | undefined => {
  const positive = kinds.get(c)
  if (positive && c !== 'N') return positive
  if (c === 'N') return notNewline
  const negative = kinds.get(c.toLowerCase())
  return negative && 'DWSHV'.includes(c) ? inverted(negative) : undefined
}

const readAtom = (r: Reader): Node | undefined => {
  const { text, flags } = r
  const c = text[r.at++]!
  switch (c) {
    case '.':
      return set(flags.dotAll ? anyByte : notNewline)
    case '^':
      return { kind: 'place', place: 'lineStart', multiline: flags.multiline }
    case '$':
      return { kind: 'place', place: flags.multiline ? 'lineEnd' : 'lastEnd', multiline: flags.multiline }
    case '[': {
      const found = readBracket(text, r.at, { fold: flags.fold, escapes: classEscape })
      if ('problem' in found)
        throw new Refused(
          found.problem.startsWith('Unmatched')
            ? 'missing terminating ] for character class'
            : found.problem === 'Invalid range end'
              ? 'range out of order in character class'
              : 'unknown POSIX class name',
        )
      r.at = found.end
      return set(found.bytes)
    }
    case '(':
      return group(r)
    case '\\':
      return escaped(r)
    case '*':
    case '+':
    case '?':
      throw new Refused('quantifier does not follow a repeatable item')
    default:
      return set(single(c, flags.fold))
  }
}

/** A character by an escape that means one, behind the backslash. */
const character = (text: string, at: number): { char: string; end: number } | undefined => {
  const c = text[at]!
  const simple = 'aefnrt'.indexOf(c)
  if (simple >= 0) return { char: '\x07\x1b\f\n\r\t'[simple]!, end: at + 1 }
  const hex = c === 'x' ? /^(?:\{([0-9a-fA-F]{1,6})\}|([0-9a-fA-F]{0,2}))/.exec(text.slice(at + 1, at + 12)) : null
  if (hex)
    return {
      char: String.fromCharCode(Number.parseInt(hex[1] || hex[2] || '0', 16) & 0xff),
      end: at + 1 + hex[0].length,
    }
  if (c === 'c' && text[at + 1] !== undefined)
    return { char: String.fromCharCode(text.charCodeAt(at + 1) & 0x1f), end: at + 2 }
  const octal = c === '0' ? /^0[0-7]{0,2}/.exec(text.slice(at, at + 3)) : null
  return octal ? { char: String.fromCharCode(Number.parseInt(octal[0], 8)), end: at + octal[0].length } : undefined
}

const classEscape = (text: string, at: number): { bytes?: Bytes; char?: string; end: number } => {
  const c = text[at]
  if (c === undefined) return { char: '\\', end: at }
  const bytes = kindOf(c)
  if (bytes) return { bytes, end: at + 1 }
  if (c === 'b') return { char: '\b', end: at + 1 }
  const octal = /^[0-7]{1,3}/.exec(text.slice(at, at + 3))
  if (octal) return { char: String.fromCharCode(Number.parseInt(octal[0], 8) & 0xff), end: at + octal[0].length }
  return character(text, at) ?? { char: c, end: at + 1 }
}

const places = new Map<string, Node>([
  ['b', { kind: 'place', place: 'word' }],
  ['B', { kind: 'place', place: 'notWord' }],
  ['A', { kind: 'place', place: 'textStart' }],
  ['G', { kind: 'place', place: 'textStart' }],
  ['Z', { kind: 'place', place: 'lastEnd' }],
  ['z', { kind: 'place', place: 'textEnd' }],
  ['K', { kind: 'keep' }],
])

const escaped = (r: Reader): Node | undefined => {
  const { text, flags } = r
  const c = text[r.at]
  if (c === undefined) throw new Refused('\\ at end of pattern')
  const bytes = kindOf(c)
  const known = places.get(c)
  if (bytes || known) {
    r.at++
    return known ?? set(bytes!)
  }
  if (c === 'R') {
    r.at++
    const crlf: Node = { kind: 'sequence', nodes: [set(single('\r')), set(single('\n'))] }
    return { kind: 'atomic', body: { kind: 'choice', nodes: [crlf, set(vertical)] } }
  }
  if (c === 'Q') {
    const end = text.indexOf('\\E', r.at)
    const quoted = text.slice(r.at + 1, end < 0 ? undefined : end)
    r.at = end < 0 ? text.length : end + 2
    return { kind: 'sequence', nodes: [...quoted].map(char => set(single(char, flags.fold))) }
  }
  if (c === 'E') {
    r.at++
    return undefined
  }
  const reference = /^(?:([1-9][0-9]?)|g\{?([1-9][0-9]?)\}?|k(?:\{(\w+)\}|<(\w+)>|'(\w+)'))/.exec(
    text.slice(r.at, r.at + 64),
  )
  if (reference) {
    r.at += reference[0].length
    const name = reference[3] ?? reference[4] ?? reference[5]
    const number = name === undefined ? Number(reference[1] ?? reference[2]) : r.names.get(name)
    if (number === undefined || number > 99) throw new Refused('reference to non-existent subpattern')
    return { kind: 'back', number, fold: flags.fold }
  }
  const one = character(text, r.at)
  if (one) {
    r.at = one.end
    return set(single(one.char, flags.fold))
  }
  if (/[A-Za-z]/.test(c)) throw new Refused('unrecognized character follows \\')
  r.at++
  return set(single(c, flags.fold))
}

const group = (r: Reader): Node | undefined => {
  const rest = r.text.slice(r.at, r.at + 64)
  const closed = <T extends Node>(node: T): T => {
    if (r.text[r.at++] !== ')') throw new Refused('missing closing parenthesis')
    return node
  }
  if (rest.startsWith('?#')) {
    const end = r.text.indexOf(')', r.at)
    if (end < 0) throw new Refused('missing ) after (?# comment')
    r.at = end + 1
    return undefined
  }
  const looks = /^\?(<?)([=!])/.exec(rest)
  if (looks) {
    r.at += looks[0].length
    const body = choice(r)
    return closed({ kind: 'look', ahead: looks[1] === '', negated: looks[2] === '!', body })
  }
  if (rest.startsWith('?>')) {
    r.at += 2
    return closed({ kind: 'atomic', body: choice(r) })
  }
  const named = /^\?(?:P?<([A-Za-z_]\w*)>|'([A-Za-z_]\w*)')/.exec(rest)
  const flagged = named ? null : /^\?([imsxnJU]*)(?:-([imsxnJU]*))?([:)])/.exec(rest)
  if (flagged) {
    r.at += flagged[0].length
    const before = r.flags
    const changed = { ...before }
    for (const [letters, value] of [[flagged[1]!, true] as const, [flagged[2] ?? '', false] as const]) {
      if (letters.includes('i')) changed.fold = value
      if (letters.includes('m')) changed.multiline = value
      if (letters.includes('s')) changed.dotAll = value
      if (letters.includes('x')) changed.extended = value
    }
    r.flags = changed
    if (flagged[3] === ')') return undefined
    const body = choice(r)
    r.flags = before
    return closed(body)
  }
  if (rest.startsWith('?|')) r.at += 2
  else if (rest.startsWith('?') && !named) throw new Refused('unrecognized character after (? or (?-')
  const number = ++r.groups
  if (named) {
    r.at += named[0].length
    r.names.set(named[1] ?? named[2]!, number)
  }
  return closed({ kind: 'group', number, body: choice(r) })
}

const repeats = (r: Reader, atom: Node): Node => {
  let node = atom
  for (;;) {
    const found = /^(?:[*+?]|\{([0-9]{1,5})(,?)([0-9]{0,5})\})/.exec(r.text.slice(r.at, r.at + 16))
    if (!found) return node
    r.at += found[0].length
    const [sign] = found[0]
    const low = found[1] !== undefined ? Number(found[1]) : sign === '+' ? 1 : 0
    const upper = found[3] === '' ? Infinity : Number(found[3])
    const high = found[1] !== undefined ? (found[2] === '' ? low : upper) : sign === '?' ? 1 : Infinity
    if (high < low) throw new Refused('numbers out of order in {} quantifier')
    if (low > 65_535 || (high > 65_535 && high !== Infinity)) throw new Refused('number too big in {} quantifier')
    const after = r.text[r.at]
    const how = after === '?' ? 'lazy' : after === '+' ? 'possessive' : undefined
    if (how) r.at++
    node = { kind: 'repeat', body: node, low, high, ...(how ? { how } : {}) }
    if (/[*+?]/.test(r.text[r.at] ?? '')) throw new Refused('quantifier does not follow a repeatable item')
  }
}
