import type { Node, Step } from './ast.ts'
import { tryFrom } from './backtrack.ts'
import { type Automaton, automatonOf, findSpan } from './nfa.ts'
import { parsePerl } from './perl.ts'
import { type Dialect, type Mode, parsePosix } from './posix.ts'
import { submatches } from './submatch.ts'

export type { Step } from './ast.ts'
export type { Dialect, Mode } from './posix.ts'

/** Start and end of the match, then of each group, -1 where a group had no part in it. */
export type Match = Int32Array
export type Regex = {
  groups: number
  /** What grep(1) would warn of. */
  warnings: readonly string[]
  /** The first match from `from` on. `notStart`: the text's start is no start of a line. */
  find(text: string, from: number, step: Step, notStart?: boolean): Match | undefined
  /** Is there one? Costs less than finding it. */
  test(text: string, step: Step): boolean
}

/**
 * A regular expression over Latin-1 text. The engine beneath us would let a hostile one run for hours: here each costs
 * steps in proportion to text times length of the expression, and those with back-references count every try.
 */
export const compileRegex = (
  source: string,
  dialect: Dialect | 'perl',
  mode: Mode = {},
): Regex | { problem: string } => {
  const parsed = dialect === 'perl' ? { warnings: [], ...parsePerl(source, mode) } : parsePosix(source, dialect, mode)
  if ('problem' in parsed) return parsed
  const { groups, warnings } = parsed
  const node = bounded(parsed.node, mode)
  if (dialect === 'perl' || hasReference(node)) return { ...byTrying(node, groups, dialect !== 'perl'), warnings }
  const automaton = automatonOf(node)
  if (automaton === 'too big') return { problem: 'Regular expression too big' }
  return { ...byAutomaton(node, groups, automaton), warnings }
}

const bounded = (node: Node, { within, multiline = false }: Mode): Node => {
  if (!within) return node
  const [before, after] =
    within === 'line' ? (['lineStart', 'lineEnd'] as const) : (['noWordBefore', 'noWordAfter'] as const)
  const place = (name: typeof before | typeof after): Node => ({ kind: 'place', place: name, multiline })
  return { kind: 'sequence', nodes: [place(before), node, place(after)] }
}

const byAutomaton = (node: Node, groups: number, automaton: Automaton): Omit<Regex, 'warnings'> => {
  const literal = literalOf(node)
  const setUp = automaton.states.length >> 8
  return {
    groups,
    find(text, from, step, notStart = false) {
      step(1 + setUp)
      if (literal !== undefined) {
        const at = text.indexOf(literal, from)
        step((at < 0 ? text.length - from : at - from) >> 8)
        return at < 0 ? undefined : Int32Array.of(at, at + literal.length)
      }
      const span = findSpan(automaton, text, from, step, { notStart })
      return span && submatches(node, groups, span, { text, step, notStart })
    },
    test(text, step) {
      step(1 + setUp)
      if (literal === undefined) return findSpan(automaton, text, 0, step, { any: true }) !== undefined
      step(text.length >> 8)
      return text.includes(literal)
    },
  }
}

const byTrying = (node: Node, groups: number, longest: boolean): Omit<Regex, 'warnings'> => {
  const find: Regex['find'] = (text, from, step, notStart = false) => {
    // Tries are cheap one by one.
    let tries = 0
    const count = (cost = 1): void => {
      tries += cost
      if (tries < 8) return
      step(tries >> 3)
      tries = 0
    }
    step()
    return tryFrom(node, groups, from, { text, step: count, notStart, longest })
  }
  return { groups, find, test: (text, step) => find(text, 0, step) !== undefined }
}

/** The text that the expression stands for, if it stands for one alone. */
const literalOf = (node: Node): string | undefined => {
  const parts = node.kind === 'sequence' ? node.nodes : [node]
  let text = ''
  for (const part of parts) {
    if (part.kind !== 'set') return undefined
    const code = part.bytes.indexOf(1)
    if (code < 0 || part.bytes.indexOf(1, code + 1) >= 0) return undefined
    text += String.fromCharCode(code)
  }
  return text
}

const hasReference = (node: Node): boolean => {
  if (node.kind === 'back') return true
  if (node.kind === 'sequence' || node.kind === 'choice') return node.nodes.some(hasReference)
  return 'body' in node && hasReference(node.body)
}
