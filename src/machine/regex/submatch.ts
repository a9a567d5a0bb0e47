import { isAt, type Node, type Step } from './ast.ts'

/**
 * What the groups of an expression matched, once start and end of the whole are known: each part from left to right as long
 * as it can be, as POSIX wants. Works with sets of positions instead of trying, so that no expression is expensive.
 */
export const submatches = (
  node: Node,
  groups: number,
  span: { start: number; end: number },
  about: { text: string; step: Step; notStart: boolean },
): Int32Array => {
  const found = new Int32Array(2 * (groups + 1)).fill(-1)
  found[0] = span.start
  found[1] = span.end
  if (groups > 0) assign({ ...about, found, base: span.start }, node, span.start, span.end)
  return found
}

type Run = { text: string; step: Step; notStart: boolean; found: Int32Array; base: number }
/** A flag per position from `base` on. */
type Positions = Uint8Array

const withGroups = new WeakMap<Node, boolean>()
const hasGroups = (node: Node): boolean => {
  const known = withGroups.get(node)
  if (known !== undefined) return known
  const found =
    node.kind === 'group' ||
    (node.kind === 'repeat' && hasGroups(node.body)) ||
    ((node.kind === 'sequence' || node.kind === 'choice') && node.nodes.some(hasGroups))
  withGroups.set(node, found)
  return found
}

const assign = (run: Run, node: Node, from: number, to: number): void => {
  if (!hasGroups(node)) return
  run.step()
  if (node.kind === 'group') {
    run.found[2 * node.number] = from
    run.found[2 * node.number + 1] = to
    assign(run, node.body, from, to)
  } else if (node.kind === 'choice') {
    const end = only(run, to, to)
    const fits = node.nodes.find(part => backward(run, part, end, to)[from - run.base] === 1)
    if (fits) assign(run, fits, from, to)
  } else if (node.kind === 'sequence') {
    const { nodes } = node
    const after: Positions[] = [only(run, to, to)]
    for (let i = nodes.length - 1; i > 0; i--) after.unshift(backward(run, nodes[i]!, after[0]!, to))
    let at = from
    nodes.forEach((part, i) => {
      const next = longest(run, part, at, after[i]!, to)
      assign(run, part, at, next)
      at = next
    })
  } else if (node.kind === 'repeat') assignRepeat(run, node, from, to)
}

const only = (run: Run, at: number, to: number): Positions => {
  const size = to - run.base + 1
  run.step(size >> 6)
  const positions = new Uint8Array(size)
  positions[at - run.base] = 1
  return positions
}

/** The last position among `allowed` that the node reaches from `at`. */
const longest = (run: Run, node: Node, at: number, allowed: Positions, to: number, beyond = at): number => {
  const reached = forward(run, node, only(run, at, to), to)
  for (let i = to - run.base; i >= beyond - run.base; i--) if (reached[i] === 1 && allowed[i] === 1) return i + run.base
  return at
}

type Repeat = Extract<Node, { kind: 'repeat' }>

/** Turns of a repetition that are told apart; later ones are alike. */
const mostTurns = 1000

const assignRepeat = (run: Run, { body, low, high }: Repeat, from: number, to: number): void => {
  const end = only(run, to, to)
  // From where the turns that are left can reach the end; the last entry is for all later turns.
  const layers: Positions[] = []
  if (high === Infinity) layers.push(closure(run, body, end, to, backward))
  else layers.push(end)
  const turns = Math.min(high === Infinity ? low : high, mostTurns)
  for (let turn = turns - 1; turn >= 0; turn--) {
    const before = backward(run, body, layers[0]!, to).slice()
    if (turn >= low) before[to - run.base] = 1
    layers.unshift(before)
  }
  let at = from
  for (let turn = 0; turn < high; turn++) {
    if (at === to && turn >= low && turn > 0) return
    const next = longest(run, body, at, layers[Math.min(turn + 1, layers.length - 1)]!, to, turn < low ? at : at + 1)
    if (next === at && turn >= low && (turn > 0 || at !== to || !matchesEmpty(run, body, at))) return
    assign(run, body, at, next)
    at = next
  }
}

const matchesEmpty = (run: Run, node: Node, at: number): boolean => {
  const reached = forward(run, node, only(run, at, at), at)
  return reached[at - run.base] === 1
}

type Walk = (run: Run, node: Node, positions: Positions, to: number) => Positions

/** The positions, and those that any number of the node lead to. */
const closure = (run: Run, node: Node, positions: Positions, to: number, walk: Walk): Positions => {
  const all = positions.slice()
  let fresh = positions
  for (;;) {
    const next = walk(run, node, fresh, to)
    let grown = false
    const added = new Uint8Array(all.length)
    for (let i = 0; i < all.length; i++)
      if (next[i] === 1 && all[i] === 0) {
        all[i] = added[i] = 1
        grown = true
      }
    run.step(1 + (all.length >> 6))
    if (!grown) return all
    fresh = added
  }
}

const repeated = (run: Run, { body, low, high }: Repeat, positions: Positions, to: number, walk: Walk): Positions => {
  let at = positions
  for (let i = 0; i < low; i++) at = walk(run, body, at, to)
  if (high === Infinity) return closure(run, body, at, to, walk)
  const all = at.slice()
  for (let i = low; i < high && at.includes(1); i++) {
    at = walk(run, body, at, to)
    for (let j = 0; j < all.length; j++) all[j]! |= at[j]!
  }
  return all
}

/** Where the node leads to from any of the positions. */
const forward: Walk = (run, node, positions, to) => {
  run.step(1 + (positions.length >> 6))
  const { text, base } = run
  switch (node.kind) {
    case 'set': {
      const next = new Uint8Array(positions.length)
      for (let i = 0; i < positions.length - 1; i++)
        if (positions[i] === 1 && node.bytes[text.charCodeAt(base + i)] === 1) next[i + 1] = 1
      return next
    }
    case 'place':
      return positions.map((flag, i) =>
        flag === 1 && isAt(node.place, node.multiline ?? false, text, base + i, run.notStart) ? 1 : 0,
      )
    case 'group':
      return forward(run, node.body, positions, to)
    case 'sequence':
      return node.nodes.reduce((at, part) => forward(run, part, at, to), positions)
    case 'choice':
      return union(node.nodes.map(part => forward(run, part, positions, to)))
    case 'repeat':
      return repeated(run, node, positions, to, forward)
    default:
      return positions
  }
}

/** From where the node leads to any of the positions. */
const backward: Walk = (run, node, positions, to) => {
  run.step(1 + (positions.length >> 6))
  const { text, base } = run
  switch (node.kind) {
    case 'set': {
      const before = new Uint8Array(positions.length)
      for (let i = 0; i < positions.length - 1; i++)
        if (positions[i + 1] === 1 && node.bytes[text.charCodeAt(base + i)] === 1) before[i] = 1
      return before
    }
    case 'group':
      return backward(run, node.body, positions, to)
    case 'sequence':
      return node.nodes.reduceRight((at, part) => backward(run, part, at, to), positions)
    case 'choice':
      return union(node.nodes.map(part => backward(run, part, positions, to)))
    case 'repeat':
      return repeated(run, node, positions, to, backward)
    default:
      return forward(run, node, positions, to)
  }
}

const union = (sets: Positions[]): Positions => {
  const all = sets[0]!.slice()
  for (const set of sets.slice(1)) for (let i = 0; i < all.length; i++) all[i]! |= set[i]!
  return all
}
