import { readSet, type Step } from './pattern.ts'

/**
 * Extended regular expressions (XBD 9.4), for `=~`. A backtracking matcher of our own, because it has to count its
 * steps: the engine beneath us would let a hostile expression run for hours.
 */
type Node =
  | { kind: 'char'; char: string }
  | { kind: 'any' | 'start' | 'end' | 'wordStart' | 'wordEnd' | 'word' | 'notWord' }
  | { kind: 'set'; negated: boolean; has: (c: string) => boolean }
  | { kind: 'group'; number: number; body: Node }
  | { kind: 'sequence'; nodes: Node[] }
  | { kind: 'choice'; nodes: Node[] }
  | { kind: 'repeat'; node: Node; low: number; high: number }
  | { kind: 'back'; number: number }

export type Expression = { node: Node; groups: number }

type Reader = { text: string; at: number; groups: number; depth: number }

/** `undefined` for an expression that regcomp(3) refuses. */
export const compileExpression = (text: string): Expression | undefined => {
  const reader: Reader = { text, at: 0, groups: 0, depth: 0 }
  const node = readChoice(reader)
  return node && reader.at === text.length ? { node, groups: reader.groups } : undefined
}

const readChoice = (r: Reader): Node | undefined => {
  if (++r.depth > 50) return undefined
  const nodes: Node[] = []
  do {
    const node = readSequence(r)
    if (!node) return undefined
    nodes.push(node)
  } while (r.text[r.at] === '|' && r.at++ >= 0)
  r.depth--
  return nodes.length === 1 ? nodes[0] : { kind: 'choice', nodes }
}

const readSequence = (r: Reader): Node | undefined => {
  const nodes: Node[] = []
  while (r.at < r.text.length && r.text[r.at] !== '|' && !(r.text[r.at] === ')' && r.depth > 1)) {
    const atom = readAtom(r)
    const node = atom && readRepeats(r, atom)
    if (!node) return undefined
    nodes.push(node)
  }
  return { kind: 'sequence', nodes }
}

const ESCAPES = new Map<string, Node>([
  ['<', { kind: 'wordStart' }],
  ['>', { kind: 'wordEnd' }],
  ['b', { kind: 'word' }],
  ['B', { kind: 'notWord' }],
  ['w', { kind: 'set', negated: false, has: c => /\w/.test(c) }],
  ['W', { kind: 'set', negated: true, has: c => /\w/.test(c) }],
  ['s', { kind: 'set', negated: false, has: c => /\s/.test(c) }],
  ['S', { kind: 'set', negated: true, has: c => /\s/.test(c) }],
])

const readAtom = (r: Reader): Node | undefined => {
  const c = r.text[r.at++]!
  if (c === '.') return { kind: 'any' }
  if (c === '^') return { kind: 'start' }
  if (c === '$') return { kind: 'end' }
  if (c === '(') {
    const number = ++r.groups
    const body = readChoice(r)
    if (!body || r.text[r.at++] !== ')') return undefined
    return { kind: 'group', number, body }
  }
  if (c === '[') {
    const set = readSet(r.text, r.at, false)
    if (!set) return undefined
    r.at = set.end
    return { kind: 'set', negated: set.negated, has: set.has }
  }
  if (c === '*' || c === '+' || c === '?') return undefined
  if (c === '{' && /^[0-9]/.test(r.text[r.at] ?? '')) return undefined
  if (c !== '\\') return { kind: 'char', char: c }
  const escaped = r.text[r.at++]
  if (escaped === undefined) return undefined
  if (escaped >= '1' && escaped <= '9')
    return Number(escaped) <= r.groups ? { kind: 'back', number: Number(escaped) } : undefined
  return ESCAPES.get(escaped) ?? { kind: 'char', char: escaped }
}

/** RE_DUP_MAX of glibc. */
const MOST = 32_767

const readRepeats = (r: Reader, atom: Node): Node | undefined => {
  let node = atom
  for (;;) {
    const c = r.text[r.at]
    const bounds = c === '{' ? /^\{([0-9]*)(,?)([0-9]*)\}/.exec(r.text.slice(r.at, r.at + 16)) : null
    if (c === '*' || c === '+' || c === '?') {
      r.at++
      node = { kind: 'repeat', node, low: c === '+' ? 1 : 0, high: c === '?' ? 1 : Number.POSITIVE_INFINITY }
    } else if (bounds && (bounds[1] !== '' || bounds[3] !== '')) {
      const low = Number(bounds[1])
      const high = bounds[2] === '' ? low : bounds[3] === '' ? Number.POSITIVE_INFINITY : Number(bounds[3])
      if (low > MOST || (high !== Number.POSITIVE_INFINITY && (high > MOST || high < low))) return undefined
      r.at += bounds[0].length
      node = { kind: 'repeat', node, low, high }
    } else return node
  }
}

type Run = { text: string; groups: (readonly [number, number] | undefined)[]; step: Step; fold: boolean; depth: number }
type Then = (at: number) => number

const isWord = (c: string | undefined): boolean => c !== undefined && /\w/.test(c)

/** The end of the match, or -1. `then` is what must match after it. */
const match = (run: Run, node: Node, at: number, then: Then): number => {
  run.step()
  if (++run.depth > 2000) {
    run.depth--
    return -1
  }
  const end = attempt(run, node, at, then)
  run.depth--
  return end
}

const attempt = (run: Run, node: Node, at: number, then: Then): number => {
  const { text } = run
  const c = text[at]
  switch (node.kind) {
    case 'char':
      return c !== undefined && (c === node.char || (run.fold && c.toLowerCase() === node.char.toLowerCase()))
        ? then(at + 1)
        : -1
    case 'any':
      return c !== undefined ? then(at + 1) : -1
    case 'set':
      return c !== undefined && node.has(c) !== node.negated ? then(at + 1) : -1
    case 'start':
      return at === 0 ? then(at) : -1
    case 'end':
      return at === text.length ? then(at) : -1
    case 'wordStart':
      return isWord(c) && !isWord(text[at - 1]) ? then(at) : -1
    case 'wordEnd':
      return !isWord(c) && isWord(text[at - 1]) ? then(at) : -1
    case 'word':
    case 'notWord':
      return (isWord(c) !== isWord(text[at - 1])) === (node.kind === 'word') ? then(at) : -1
    case 'back': {
      const group = run.groups[node.number]
      const piece = group ? text.slice(group[0], group[1]) : ''
      return group && text.startsWith(piece, at) ? then(at + piece.length) : -1
    }
    case 'group': {
      const before = run.groups[node.number]
      const end = match(run, node.body, at, to => {
        const inner = run.groups[node.number]
        run.groups[node.number] = [at, to]
        const end = then(to)
        if (end === -1) run.groups[node.number] = inner
        return end
      })
      if (end === -1) run.groups[node.number] = before
      return end
    }
    case 'sequence':
      return sequence(run, node.nodes, 0, at, then)
    case 'choice':
      return longest(run, node.nodes, at, then)
    case 'repeat':
      return repeat(run, node, at, then)
  }
}

const sequence = (run: Run, nodes: Node[], from: number, at: number, then: Then): number => {
  const node = nodes[from]
  if (!node) return then(at)
  return match(run, node, at, to => sequence(run, nodes, from + 1, to, then))
}

/** POSIX wants the longest of the alternatives, not the first. */
const longest = (run: Run, nodes: Node[], at: number, then: Then): number => {
  let best = -1
  let groups = run.groups
  for (const node of nodes) {
    run.groups = [...groups]
    const end = match(run, node, at, then)
    if (end > best) {
      best = end
      groups = run.groups
    }
  }
  run.groups = groups
  return best
}

const repeat = (run: Run, node: Extract<Node, { kind: 'repeat' }>, at: number, then: Then): number => {
  const single = node.node.kind === 'char' || node.node.kind === 'any' || node.node.kind === 'set'
  if (single) {
    // One character at a time needs no recursion.
    let end = at
    while (end - at < node.high && attempt(run, node.node, end, to => to) !== -1) {
      run.step()
      end++
    }
    for (; end - at >= node.low; end--) {
      const found = then(end)
      if (found !== -1) return found
    }
    return -1
  }
  const more = (count: number, from: number): number => {
    if (count < node.high) {
      const end = match(run, node.node, from, to => (to === from && count >= node.low ? -1 : more(count + 1, to)))
      if (end !== -1) return end
    }
    return count >= node.low ? then(from) : -1
  }
  return more(0, at)
}

/** The first match with its groups, as bash puts it in BASH_REMATCH; `undefined` when there is none. */
export const search = (expression: Expression, text: string, step: Step, fold = false): string[] | undefined => {
  for (let from = 0; from <= text.length; from++) {
    const run: Run = { text, groups: [], step, fold, depth: 0 }
    const end = match(run, expression.node, from, to => to)
    if (end === -1) continue
    const groups = Array.from({ length: expression.groups }, (_, i) => run.groups[i + 1])
    return [text.slice(from, end), ...groups.map(group => (group ? text.slice(group[0], group[1]) : ''))]
  }
  return undefined
}
