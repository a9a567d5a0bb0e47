import { anyByte, inverted, type Node, notNewline, type Place, single, spaceBytes, wordBytes } from './ast.ts'
import { readBracket } from './bracket.ts'

/**
 * Whose language: `basic` and `extended` as regcomp(3) of glibc takes them (sed, expr, bash), `grep` and `egrep` as GNU
 * grep 3.8 does, `awk` as mawk 1.3.4-20200120 does (no intervals, no back-references, escapes of strings).
 */
export type Dialect = 'basic' | 'extended' | 'grep' | 'egrep' | 'awk'
/** `within`: the match has to be a whole line, or stand between bytes that are in no word. */
export type Mode = { fold?: boolean; multiline?: boolean; within?: 'line' | 'word' }
export type Parsed = { node: Node; groups: number; warnings: string[] }

class Refused extends Error {}

type Reader = {
  text: string
  at: number
  groups: number
  closed: Set<number>
  depth: number
  dialect: Dialect
  extended: boolean
  mode: Mode
  warnings: string[]
}

/** The text as a tree, or what regerror(3) says of it. */
export const parsePosix = (text: string, dialect: Dialect, mode: Mode): Parsed | { problem: string } => {
  const extended = dialect === 'extended' || dialect === 'egrep' || dialect === 'awk'
  const r: Reader = { text, at: 0, groups: 0, closed: new Set(), depth: 0, dialect, extended, mode, warnings: [] }
  try {
    const node = choice(r)
    if (r.at < text.length) throw new Refused('Unmatched ) or \\)')
    return { node, groups: r.groups, warnings: r.warnings }
  } catch (error) {
    if (error instanceof Refused) return { problem: error.message }
    throw error
  }
}

/** The operator at the reader, if it is one: `(`, `)`, `|`, `+`, `?`, `{` with or without their backslash. */
const operator = (r: Reader): { sign: string; length: number } | undefined => {
  const c = r.text[r.at]
  if (r.extended) {
    if (c === undefined || !'()|+?{'.includes(c)) return undefined
    if (c === '{' && r.dialect === 'awk') return undefined
    return { sign: c, length: 1 }
  }
  const next = c === '\\' ? r.text[r.at + 1] : undefined
  return next !== undefined && '()|+?{'.includes(next) ? { sign: next, length: 2 } : undefined
}

const choice = (r: Reader): Node => {
  if (++r.depth > 200) throw new Refused('Regular expression too big')
  const nodes: Node[] = [sequence(r)]
  for (let found = operator(r); found?.sign === '|' || isNewline(r); found = operator(r)) {
    r.at += found?.sign === '|' ? found.length : 1
    nodes.push(sequence(r))
  }
  r.depth--
  return nodes.length === 1 ? nodes[0]! : { kind: 'choice', nodes }
}

/** grep(1) takes a newline as another pattern. */
const isNewline = (r: Reader): boolean => (r.dialect === 'grep' || r.dialect === 'egrep') && r.text[r.at] === '\n'

const sequence = (r: Reader): Node => {
  const nodes: Node[] = []
  while (r.at < r.text.length && !isNewline(r)) {
    const found = operator(r)
    if (found?.sign === '|') break
    if (found?.sign === ')' && (r.depth > 1 || !lenient(r))) break
    // Behind an anchor there is nothing to repeat, either.
    const stray = nodes.length === 0 || (nodes.at(-1)!.kind === 'place' && r.dialect !== 'awk')
    const atom = readAtom(
      r,
      { first: nodes.length === 0, stray, start: nodes.every(node => node.kind === 'place') },
      found,
    )
    if (atom) nodes.push(atom.kind === 'place' && r.dialect !== 'awk' ? atom : repeats(r, atom))
  }
  return nodes.length === 1 ? nodes[0]! : nodes.length === 0 ? { kind: 'empty' } : { kind: 'sequence', nodes }
}

/** Takes a `)` that closes nothing as itself. */
const lenient = (r: Reader): boolean => r.dialect === 'egrep'

const escapes = new Map<string, (r: Reader) => Node>([
  ['<', () => place('wordStart')],
  ['>', () => place('wordEnd')],
  ['b', () => place('word')],
  ['B', () => place('notWord')],
  ['`', () => place('textStart')],
  ["'", () => place('textEnd')],
  ['w', () => ({ kind: 'set', bytes: wordBytes })],
  ['W', () => ({ kind: 'set', bytes: inverted(wordBytes) })],
  ['s', () => ({ kind: 'set', bytes: spaceBytes })],
  ['S', () => ({ kind: 'set', bytes: inverted(spaceBytes) })],
])
const place = (name: Place, multiline?: boolean): Node => ({
  kind: 'place',
  place: name,
  ...(multiline ? { multiline } : {}),
})

const letter = (r: Reader, char: string): Node => ({ kind: 'set', bytes: single(char, r.mode.fold) })

/** `undefined`: nothing that matches anything, a stray operator that is passed over. */
const readAtom = (
  r: Reader,
  { first, stray, start }: { first: boolean; stray: boolean; start: boolean },
  found: ReturnType<typeof operator>,
): Node | undefined => {
  const { text, mode } = r
  if (found) {
    r.at += found.length
    if (found.sign === '(') return group(r)
    if (found.sign === ')') return letter(r, ')')
    return strayOperator(r, found.sign, start)
  }
  const c = text[r.at++]!
  switch (c) {
    case '.':
      return { kind: 'set', bytes: r.dialect === 'grep' || r.dialect === 'egrep' ? notNewline : anyByte }
    case '[':
      return bracket(r)
    case '*':
      return stray ? strayOperator(r, '*', start) : letter(r, '*')
    case '^':
      return r.extended || first ? anchor(r, 'lineStart') : letter(r, '^')
    case '$':
      return r.extended || endsHere(r) ? anchor(r, 'lineEnd') : letter(r, '$')
    case '\\':
      return escaped(r)
    default:
      return { kind: 'set', bytes: single(c, mode.fold) }
  }
}

const anchor = (r: Reader, name: 'lineStart' | 'lineEnd'): Node => place(name, r.mode.multiline)

const endsHere = (r: Reader): boolean => {
  const found = operator(r)
  return r.at >= r.text.length || isNewline(r) || found?.sign === ')' || found?.sign === '|'
}

const strayOperator = (r: Reader, sign: string, start: boolean): Node | undefined => {
  if (r.dialect === 'extended') throw new Refused('Invalid preceding regular expression')
  if (r.dialect === 'awk') throw new Refused('missing operand')
  if (r.dialect === 'grep' || r.dialect === 'egrep') {
    if (sign === '{' && r.dialect === 'egrep') {
      // What would be an interval is told to be none, and is text like any other.
      const before = r.at
      if (interval(r, true) && start) r.warnings.push('{...} at start of expression')
      r.at = before
      return letter(r, '{')
    }
    if (r.extended && start) r.warnings.push(`${sign} at start of expression`)
    if (r.extended) return undefined
  }
  if (sign === '{' && r.dialect !== 'grep') throw new Refused('Invalid preceding regular expression')
  return letter(r, sign)
}

const group = (r: Reader): Node => {
  const number = ++r.groups
  const body = choice(r)
  const end = operator(r)
  if (end?.sign !== ')') throw new Refused('Unmatched ( or \\(')
  r.at += end.length
  r.closed.add(number)
  return { kind: 'group', number, body }
}

const bracket = (r: Reader): Node => {
  const awk = r.dialect === 'awk'
  const found = readBracket(r.text, r.at, {
    ...(r.mode.fold ? { fold: true } : {}),
    ...(awk ? { escapes: awkEscape } : {}),
  })
  if ('problem' in found) throw new Refused(found.problem)
  const inside = r.text.slice(r.at, found.end - 1)
  if ((r.dialect === 'grep' || r.dialect === 'egrep') && /^:.*:$/s.test(inside))
    throw new Refused('character class syntax is [[:space:]], not [:space:]')
  r.at = found.end
  return { kind: 'set', bytes: found.bytes }
}

/** A backslash in a dynamic expression of awk, behind it. */
const awkEscape = (text: string, at: number): { char?: string; end: number } => {
  const c = text[at]
  if (c === undefined) return { char: '\\', end: at }
  const octal = /^[0-7]{1,3}/.exec(text.slice(at, at + 3))
  if (octal) return { char: String.fromCharCode(Number.parseInt(octal[0], 8) & 0xff), end: at + octal[0].length }
  const at2 = 'abfnrtv'.indexOf(c)
  return { char: at2 < 0 ? c : '\x07\b\f\n\r\t\v'[at2]!, end: at + 1 }
}

const escaped = (r: Reader): Node => {
  const c = r.text[r.at]
  if (c === undefined) throw new Refused('Trailing backslash')
  if (r.dialect === 'awk') {
    const { char, end } = awkEscape(r.text, r.at)
    r.at = end
    return letter(r, char ?? '\\')
  }
  r.at++
  if (c >= '1' && c <= '9') {
    if (!r.closed.has(Number(c))) throw new Refused('Invalid back reference')
    return { kind: 'back', number: Number(c), fold: r.mode.fold ?? false }
  }
  const known = escapes.get(c)
  if (known) return known(r)
  return letter(r, c)
}

/** RE_DUP_MAX of glibc. */
const mostRepeats = 32_767

const repeats = (r: Reader, atom: Node): Node => {
  let node = atom
  for (;;) {
    const c = r.text[r.at]
    const found = operator(r)
    if (c === '*' || found?.sign === '+' || found?.sign === '?') {
      const sign = c === '*' ? '*' : found!.sign
      r.at += c === '*' ? 1 : found!.length
      node = { kind: 'repeat', body: node, low: sign === '+' ? 1 : 0, high: sign === '?' ? 1 : Infinity }
      continue
    }
    if (found?.sign !== '{') return node
    const start = r.at
    r.at += found.length
    const bounds = interval(r, r.dialect === 'egrep')
    if (!bounds) {
      r.at = start
      return node
    }
    node = { kind: 'repeat', body: node, ...bounds }
  }
}

/** `m,n}` from behind the brace. `undefined` where a wrong one is text. */
const interval = (r: Reader, textIfWrong: boolean): { low: number; high: number } | undefined => {
  const found = /^([0-9]*)(,?)([0-9]*)(\\?\})?/.exec(r.text.slice(r.at, r.at + 24))!
  const closed = found[4] === (r.extended ? '}' : '\\}')
  if (!closed || (found[1] === '' && found[2] === '')) {
    if (textIfWrong) return undefined
    throw new Refused(closed || r.at + found[0].length < r.text.length ? 'Invalid content of \\{\\}' : 'Unmatched \\{')
  }
  const low = Number(found[1])
  const high = found[2] === '' ? low : found[3] === '' ? Infinity : Number(found[3])
  if (high < low) throw new Refused('Invalid content of \\{\\}')
  if (low > mostRepeats || (high !== Infinity && high > mostRepeats)) throw new Refused('Regular expression too big')
  r.at += found[0].length
  return { low, high }
}
