import { isAt, type Node, type Step } from './ast.ts'

/**
 * A matcher that tries one way after the other, for what no automaton can do: back-references, and all of Perl's. Counts
 * each try.
 */
export type Attempt = {
  text: string
  step: Step
  notStart: boolean
  /** The longest of several alternatives, as POSIX wants; else the first that fits, as Perl does. */
  longest: boolean
  found: Int32Array
  depth: number
  /** Where \K moved the start of the match to. */
  kept: number
}
type Then = (at: number) => number

/** Nested tries; beyond that the expression does not match, as with PCRE's match limit. */
const deepest = 1500

/** The match at or after `from`, with its groups as pairs of positions, -1 for those without a part in it. */
export const tryFrom = (
  node: Node,
  groups: number,
  from: number,
  about: Pick<Attempt, 'text' | 'step' | 'notStart' | 'longest'>,
): Int32Array | undefined => {
  for (let start = from; start <= about.text.length; start++) {
    const run: Attempt = { ...about, found: new Int32Array(2 * (groups + 1)).fill(-1), depth: 0, kept: start }
    const end = match(run, node, start, at => at)
    if (end < 0) continue
    run.found[0] = run.kept
    run.found[1] = end
    return run.found
  }
  return undefined
}

const match = (run: Attempt, node: Node, at: number, then: Then): number => {
  run.step()
  if (++run.depth > deepest) {
    run.depth--
    return -1
  }
  const end = attempt(run, node, at, then)
  run.depth--
  return end
}

const attempt = (run: Attempt, node: Node, at: number, then: Then): number => {
  const { text, found } = run
  switch (node.kind) {
    case 'set':
      return at < text.length && node.bytes[text.charCodeAt(at)] === 1 ? then(at + 1) : -1
    case 'empty':
      return then(at)
    case 'place':
      return isAt(node.place, node.multiline ?? false, text, at, run.notStart) ? then(at) : -1
    case 'keep': {
      const before = run.kept
      run.kept = at
      const end = then(at)
      if (end < 0) run.kept = before
      return end
    }
    case 'back': {
      const [start, stop] = [found[2 * node.number]!, found[2 * node.number + 1]!]
      if (start < 0) return -1
      const piece = text.slice(start, stop)
      const here = text.slice(at, at + piece.length)
      run.step(piece.length >> 6)
      const same = here === piece || (node.fold && here.toLowerCase() === piece.toLowerCase())
      return same ? then(at + piece.length) : -1
    }
    case 'group':
      return group(run, node, at, then)
    case 'sequence':
      return sequence(run, node.nodes, 0, at, then)
    case 'choice':
      return choice(run, node.nodes, at, then)
    case 'repeat':
      return repeat(run, node, at, then)
    case 'atomic': {
      const end = match(run, node.body, at, to => to)
      return end < 0 ? -1 : then(end)
    }
    case 'look':
      return look(run, node, at) ? then(at) : -1
  }
}

const group = (run: Attempt, node: Extract<Node, { kind: 'group' }>, at: number, then: Then): number => {
  const { found } = run
  const place = 2 * node.number
  return match(run, node.body, at, to => {
    const [start, stop] = [found[place]!, found[place + 1]!]
    found[place] = at
    found[place + 1] = to
    const end = then(to)
    if (end < 0) {
      found[place] = start
      found[place + 1] = stop
    }
    return end
  })
}

const sequence = (run: Attempt, nodes: readonly Node[], from: number, at: number, then: Then): number => {
  const node = nodes[from]
  if (!node) return then(at)
  return match(run, node, at, to => sequence(run, nodes, from + 1, to, then))
}

const choice = (run: Attempt, nodes: readonly Node[], at: number, then: Then): number => {
  const before = run.found.slice()
  let best = -1
  let groups = before
  for (const node of nodes) {
    run.found.set(before)
    const end = match(run, node, at, then)
    if (end > best) {
      best = end
      if (!run.longest) return end
      groups = run.found.slice()
    }
  }
  run.found.set(groups)
  return best
}

const look = (run: Attempt, node: Extract<Node, { kind: 'look' }>, at: number): boolean => {
  const before = run.found.slice()
  let matched = false
  if (node.ahead) matched = match(run, node.body, at, to => to) >= 0
  else
    for (let start = at; start >= 0 && at - start <= 255 && !matched; start--)
      matched = match(run, node.body, start, to => (to === at ? to : -1)) >= 0
  if (!matched || node.negated) run.found.set(before)
  return matched !== node.negated
}

const repeat = (run: Attempt, node: Extract<Node, { kind: 'repeat' }>, at: number, then: Then): number => {
  const { body, low, high, how } = node
  const { text } = run
  if (how === 'possessive') {
    const end = match(run, { kind: 'repeat', body, low, high }, at, to => to)
    return end < 0 ? -1 : then(end)
  }
  if (body.kind === 'set') {
    // One byte at a time needs no recursion.
    const { bytes } = body
    const limit = Math.min(text.length, at + high)
    const fits = (i: number): boolean => bytes[text.charCodeAt(i)] === 1
    if (how === 'lazy') {
      for (let end = at; ; end++) {
        run.step()
        if (end - at >= low) {
          const found = then(end)
          if (found >= 0) return found
        }
        if (end >= limit || !fits(end)) return -1
      }
    }
    let end = at
    while (end < limit && fits(end)) end++
    run.step(1 + ((end - at) >> 5))
    for (; end - at >= low; end--) {
      const found = then(end)
      if (found >= 0) return found
    }
    return -1
  }
  const more = (count: number, from: number): number => {
    const another = (): number =>
      count < high ? match(run, body, from, to => (to === from && count >= low ? -1 : more(count + 1, to))) : -1
    if (how === 'lazy') {
      const end = count >= low ? then(from) : -1
      return end >= 0 ? end : another()
    }
    const end = another()
    if (end >= 0) return end
    return count >= low ? then(from) : -1
  }
  return more(0, at)
}
