/**
 * Shell patterns (XCU 2.13 and bash's extended ones). Text in pattern form has a backslash before each character that
 * stands for itself. Matching backtracks only into the last `*`, save in extended groups, and counts its steps.
 */

type Node =
  | { kind: 'char'; char: string }
  | { kind: 'any' }
  | { kind: 'star' }
  | { kind: 'set'; negated: boolean; has: (c: string) => boolean }
  | { kind: 'group'; how: string; choices: Node[][] }

export type Pattern = { nodes: Node[]; fixedLength: number | undefined; literal: string | undefined }

const CLASSES = new Map<string, RegExp>([
  ['alpha', /[A-Za-z]/],
  ['digit', /[0-9]/],
  ['alnum', /[A-Za-z0-9]/],
  ['upper', /[A-Z]/],
  ['lower', /[a-z]/],
  ['space', /[ \t\n\r\f\v]/],
  ['blank', /[ \t]/],
  ['punct', /[!-/:-@[-`{-~]/],
  ['print', /[ -~]/],
  ['graph', /[!-~]/],
  ['cntrl', /[\0-\x1f\x7f]/],
  ['xdigit', /[0-9A-Fa-f]/],
  ['word', /\w/],
])

/** Puts a backslash before all that a pattern would take as special. */
export const escapePattern = (text: string): string => text.replace(/[\\*?[\]!^(){}|+@-]/g, '\\$&')

/** A bracket expression from behind its `[`; `undefined` when it is not closed. */
export const readSet = (
  text: string,
  from: number,
  escapes: boolean,
): { has: (c: string) => boolean; negated: boolean; end: number } | undefined => {
  let at = from
  const negated = text[at] === '^' || (text[at] === '!' && escapes)
  if (negated) at++
  const tests: ((c: string) => boolean)[] = []
  for (let first = true; ; first = false) {
    let c = text[at]
    if (c === undefined) return undefined
    if (c === ']' && !first) break
    const named = /^\[:([a-z]+):\]/.exec(text.slice(at, at + 12))
    if (named) {
      const test = CLASSES.get(named[1]!)
      if (test) tests.push(c => test.test(c))
      at += named[0].length
      continue
    }
    if (escapes && c === '\\' && at + 1 < text.length) c = text[++at]!
    at++
    if (text[at] === '-' && text[at + 1] !== undefined && text[at + 1] !== ']') {
      at++
      if (escapes && text[at] === '\\') at++
      const low = c
      const high = text[at++]!
      tests.push(c => c >= low && c <= high)
    } else {
      const one = c
      tests.push(c => c === one)
    }
  }
  return { has: c => tests.some(test => test(c)), negated, end: at + 1 }
}

export const compilePattern = (text: string, extglob = false): Pattern => {
  const { nodes } = compile(text, 0, extglob, false, 0)
  const fixed = nodes.every(node => node.kind === 'char' || node.kind === 'any' || node.kind === 'set')
  const literal = nodes.every(node => node.kind === 'char')
  return {
    nodes,
    fixedLength: fixed ? nodes.length : undefined,
    literal: literal ? nodes.map(node => (node as { char: string }).char).join('') : undefined,
  }
}

const compile = (
  text: string,
  from: number,
  extglob: boolean,
  inGroup: boolean,
  depth: number,
): { nodes: Node[]; end: number } => {
  const nodes: Node[] = []
  let at = from
  while (at < text.length) {
    const c = text[at]!
    if (inGroup && (c === '|' || c === ')')) break
    if (extglob && '?*+@!'.includes(c) && text[at + 1] === '(' && depth < 20) {
      const group = compileGroup(text, at, depth)
      if (group) {
        nodes.push(group.node)
        at = group.end
        continue
      }
    }
    at++
    if (c === '\\' && at < text.length) nodes.push({ kind: 'char', char: text[at++]! })
    else if (c === '*') {
      if (nodes.at(-1)?.kind !== 'star') nodes.push({ kind: 'star' })
    } else if (c === '?') nodes.push({ kind: 'any' })
    else if (c === '[') {
      const set = readSet(text, at, true)
      if (set) {
        nodes.push({ kind: 'set', negated: set.negated, has: set.has })
        at = set.end
      } else nodes.push({ kind: 'char', char: c })
    } else nodes.push({ kind: 'char', char: c })
  }
  return { nodes, end: at }
}

const compileGroup = (text: string, at: number, depth: number): { node: Node; end: number } | undefined => {
  const choices: Node[][] = []
  let end = at + 2
  for (;;) {
    const choice = compile(text, end, true, true, depth + 1)
    choices.push(choice.nodes)
    end = choice.end
    if (text[end] === undefined) return undefined
    if (text[end++] === ')') return { node: { kind: 'group', how: text[at]!, choices }, end }
  }
}

/** Counts work; throws when there has been too much. */
export type Step = (cost?: number) => void

/** The whole text fits the pattern. */
export const matches = (pattern: Pattern, text: string, step: Step, fold = false): boolean => {
  if (fold) return matchNodes(foldNodes(pattern.nodes), text.toLowerCase(), 0, step)
  if (pattern.literal !== undefined) return text === pattern.literal
  if (pattern.fixedLength !== undefined && pattern.fixedLength !== text.length) return false
  step(1 + (text.length >> 6))
  return matchNodes(pattern.nodes, text, 0, step)
}

const foldNodes = (nodes: Node[]): Node[] =>
  nodes.map(node => (node.kind === 'char' ? { kind: 'char', char: node.char.toLowerCase() } : node))

const matchOne = (node: Node, c: string): boolean =>
  node.kind === 'char'
    ? node.char === c
    : node.kind === 'any'
      ? true
      : node.kind === 'set'
        ? node.has(c) !== node.negated
        : false

const matchNodes = (nodes: Node[], text: string, start: number, step: Step): boolean => {
  let at = start
  let n = 0
  let starNode = -1
  let starAt = 0
  for (;;) {
    const node = nodes[n]
    if (node?.kind === 'group') {
      if (matchGroup(node, nodes.slice(n + 1), text, at, step)) return true
    } else if (node?.kind === 'star') {
      starNode = n++
      starAt = at
      continue
    } else if (node === undefined ? at === text.length : at < text.length && matchOne(node, text[at]!)) {
      if (node === undefined) return true
      n++
      at++
      continue
    }
    if (starNode === -1 || starAt >= text.length) return false
    if ((starAt & 63) === 0) step()
    n = starNode + 1
    at = ++starAt
  }
}

const matchGroup = (
  group: Extract<Node, { kind: 'group' }>,
  rest: Node[],
  text: string,
  at: number,
  step: Step,
): boolean => {
  step()
  const { how, choices } = group
  if ((how === '?' || how === '*') && matchNodes(rest, text, at, step)) return true
  for (let end = how === '!' ? at : at; end <= text.length; end++) {
    const piece = text.slice(at, end)
    const fits = choices.some(choice => matchNodes(choice, piece, 0, step))
    if (fits === (how === '!')) continue
    if (matchNodes(rest, text, end, step)) return true
    if ((how === '*' || how === '+') && end > at && matchGroup({ ...group, how: '*' }, rest, text, end, step))
      return true
  }
  return false
}

/** Where a part of the text at its beginning or end that fits ends or begins; -1 when none does. */
export const trimPoint = (
  pattern: Pattern,
  text: string,
  side: 'prefix' | 'suffix',
  longest: boolean,
  step: Step,
): number => {
  const fits = (length: number) =>
    matches(pattern, side === 'prefix' ? text.slice(0, length) : text.slice(text.length - length), step)
  const { fixedLength } = pattern
  const point = (length: number) => (side === 'prefix' ? length : text.length - length)
  if (fixedLength !== undefined) return fixedLength <= text.length && fits(fixedLength) ? point(fixedLength) : -1
  for (let i = 0; i <= text.length; i++) {
    const length = longest ? text.length - i : i
    if (fits(length)) return point(length)
  }
  return -1
}

/** The longest part beginning at `from` that fits, as its end; -1 when none does. */
export const longestFrom = (pattern: Pattern, text: string, from: number, step: Step): number => {
  if (pattern.fixedLength !== undefined) {
    const end = from + pattern.fixedLength
    return end <= text.length && matches(pattern, text.slice(from, end), step) ? end : -1
  }
  for (let end = text.length; end >= from; end--) if (matches(pattern, text.slice(from, end), step)) return end
  return -1
}
