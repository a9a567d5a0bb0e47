import { type Bytes, isAt, type Node, type Place, type Step } from './ast.ts'

/**
 * A nondeterministic automaton (Thompson's construction), run for all starts at once: the leftmost and longest match in
 * time proportional to text times states, whatever the expression.
 */
export type Automaton = {
  states: readonly State[]
  /** What a match can begin with; `undefined` when it may be empty. */
  first: Bytes | undefined
  /** Where a match can begin at all only at the start of the text. */
  anchored: boolean
}
type State =
  | { op: 'set'; bytes: Bytes; next: number }
  | { op: 'split'; one: number; two: number }
  | { op: 'place'; place: Place; multiline: boolean; next: number }
  | { op: 'match' }

const mostStates = 20_000
class TooBig extends Error {}

/** `undefined` for what has to be matched otherwise (back-references) or is too large. */
export const automatonOf = (node: Node): Automaton | 'too big' => {
  const states: State[] = [{ op: 'match' }]
  try {
    const start = build(states, node, 0)
    // The start comes last, where it is found again.
    states.push({ op: 'split', one: start, two: start })
  } catch (error) {
    if (error instanceof TooBig) return 'too big'
    throw error
  }
  return { states, first: firstBytes(states), anchored: isAnchored(node) }
}

const add = (states: State[], state: State): number => {
  if (states.length >= mostStates) throw new TooBig()
  return states.push(state) - 1
}

/** States that match the node and go on to `next`; the number of the first. */
const build = (states: State[], node: Node, next: number): number => {
  switch (node.kind) {
    case 'set':
      return add(states, { op: 'set', bytes: node.bytes, next })
    case 'empty':
      return next
    case 'place':
      return add(states, { op: 'place', place: node.place, multiline: node.multiline ?? false, next })
    case 'group':
      return build(states, node.body, next)
    case 'sequence':
      return node.nodes.reduceRight((after, part) => build(states, part, after), next)
    case 'choice': {
      const [last, ...others] = node.nodes.toReversed()
      let at = build(states, last!, next)
      for (const part of others) at = add(states, { op: 'split', one: build(states, part, next), two: at })
      return at
    }
    case 'repeat': {
      let at = next
      if (node.high === Infinity) {
        const loop = { op: 'split' as const, one: 0, two: next }
        at = add(states, loop)
        loop.one = build(states, node.body, at)
      } else
        for (let i = node.low; i < node.high; i++)
          at = add(states, { op: 'split', one: build(states, node.body, at), two: next })
      for (let i = 0; i < node.low; i++) at = build(states, node.body, at)
      return at
    }
    default:
      throw new TooBig()
  }
}

const firstBytes = (states: readonly State[]): Bytes | undefined => {
  const bytes = new Uint8Array(256)
  const seen = new Set<number>()
  const stack = [states.length - 1]
  for (let at = stack.pop(); at !== undefined; at = stack.pop()) {
    if (seen.has(at)) continue
    seen.add(at)
    const state = states[at]!
    if (state.op === 'match') return undefined
    if (state.op === 'set') for (let code = 0; code < 256; code++) bytes[code]! |= state.bytes[code]!
    else if (state.op === 'split') stack.push(state.one, state.two)
    else stack.push(state.next)
  }
  return bytes
}

const isAnchored = (node: Node): boolean => {
  if (node.kind === 'place') return (node.place === 'lineStart' || node.place === 'textStart') && !node.multiline
  if (node.kind === 'sequence') return node.nodes.length > 0 && isAnchored(node.nodes[0]!)
  return node.kind === 'group' ? isAnchored(node.body) : false
}

/** Transitions that cost one step. */
const perStep = 32

/** Where the leftmost and longest match from `from` on is. `any`: whether there is one is enough. */
export const findSpan = (
  { states, first, anchored }: Automaton,
  text: string,
  from: number,
  step: Step,
  how: { notStart?: boolean; any?: boolean } = {},
): { start: number; end: number } | undefined => {
  const notStart = how.notStart ?? false
  const size = states.length
  let list = new Int32Array(size)
  let starts = new Int32Array(size)
  let count = 0
  let nextList = new Int32Array(size)
  let nextStarts = new Int32Array(size)
  const marks = new Int32Array(size).fill(-1)
  const stack: number[] = []
  let bestStart = -1
  let bestEnd = -1
  let work = 0

  /** Adds the state and all that it leads to without a byte; a match is taken note of. */
  const enter = (
    state: number,
    start: number,
    at: number,
    into: Int32Array,
    intoStarts: Int32Array,
    length: number,
  ) => {
    stack.push(state)
    while (stack.length > 0) {
      const one = stack.pop()!
      if (marks[one] === at) continue
      marks[one] = at
      work++
      const found = states[one]!
      if (found.op === 'split') stack.push(found.two, found.one)
      else if (found.op === 'place') {
        if (isAt(found.place, found.multiline, text, at, notStart)) stack.push(found.next)
      } else if (found.op === 'match') {
        if (bestStart < 0 || start < bestStart || (start === bestStart && at > bestEnd)) {
          bestStart = start
          bestEnd = at
        }
      } else {
        into[length] = one
        intoStarts[length++] = start
      }
    }
    return length
  }

  for (let at = from; at <= text.length; at++) {
    if (bestStart < 0 && (!anchored || at === 0)) {
      if (count === 0 && first) {
        const here = at
        while (at < text.length && first[text.charCodeAt(at)] === 0) at++
        if (at > here + perStep) step((at - here) >> 6)
        if (at >= text.length || (anchored && at > 0)) return undefined
      }
      count = enter(size - 1, at, at, list, starts, count)
    }
    if (bestStart >= 0 && how.any) break
    if (count === 0) {
      if (bestStart >= 0 || anchored) break
      continue
    }
    const code = text.charCodeAt(at)
    let nextCount = 0
    if (at < text.length)
      for (let i = 0; i < count; i++) {
        if (bestStart >= 0 && starts[i]! > bestStart) break
        const state = states[list[i]!]!
        work++
        if (state.op === 'set' && state.bytes[code] === 1)
          nextCount = enter(state.next, starts[i]!, at + 1, nextList, nextStarts, nextCount)
      }
    ;[list, nextList] = [nextList, list]
    ;[starts, nextStarts] = [nextStarts, starts]
    count = nextCount
    if (work >= perStep) {
      step(Math.floor(work / perStep))
      work = 0
    }
  }
  return bestStart < 0 ? undefined : { start: bestStart, end: bestEnd }
}
