/** Lua's patterns (reference manual §5.4.1; lstrlib.c), each step counted. */
export type Found = { start: number; end: number; captures: (string | number)[] }
type Capture = { start: number; length: number }
const POSITION = -2
const OPEN = -1

export class BadPattern extends Error {}

/** The first match at `from` or behind it; `undefined` when there is none. */
export function findPattern(text: string, pattern: string, from: number, step: () => void): Found | undefined {
  const anchored = pattern.startsWith('^')
  for (let start = from; start <= text.length; start++) {
    const captures: Capture[] = []
    const end = matchAt(text, start, pattern, anchored ? 1 : 0, captures, step, 0)
    if (end !== undefined)
      return {
        start,
        end,
        captures: captures.map(one => {
          if (one.length === OPEN) throw new BadPattern('unfinished capture')
          return one.length === POSITION ? one.start + 1 : text.slice(one.start, one.start + one.length)
        }),
      }
    if (anchored) break
  }
  return undefined
}

const DEPTH = 180

function matchAt(
  text: string,
  s: number,
  p: string,
  at: number,
  captures: Capture[],
  step: () => void,
  depth: number,
): number | undefined {
  if (depth > DEPTH) throw new BadPattern('pattern too complex')
  const go = (from: number, next: number): number | undefined => matchAt(text, from, p, next, captures, step, depth + 1)
  for (;;) {
    step()
    if (at >= p.length) return s
    const c = p[at]!
    if (c === '(') {
      const position = p[at + 1] === ')'
      captures.push({ start: s, length: position ? POSITION : OPEN })
      const end = go(s, at + (position ? 2 : 1))
      if (end === undefined) captures.pop()
      return end
    }
    if (c === ')') {
      const open = captures.findLast(({ length }) => length === OPEN)
      if (!open) throw new BadPattern('invalid pattern capture')
      open.length = s - open.start
      const end = go(s, at + 1)
      if (end === undefined) open.length = OPEN
      return end
    }
    if (c === '$' && at + 1 === p.length) return s === text.length ? s : undefined
    if (c === '%' && p[at + 1] === 'b') {
      const end = balanced(text, s, p[at + 2], p[at + 3], step)
      if (end === undefined) return undefined
      s = end
      at += 4
      continue
    }
    if (c === '%' && /\d/.test(p[at + 1] ?? '')) {
      const known = captures[Number(p[at + 1]) - 1]
      if (!known || known.length < 0) throw new BadPattern(`invalid capture index`)
      const wanted = text.slice(known.start, known.start + known.length)
      if (!text.startsWith(wanted, s)) return undefined
      s += wanted.length
      at += 2
      continue
    }
    const end = classEnd(p, at)
    const fits = (i: number): boolean => i < text.length && single(text[i]!, p, at, end)
    const mark = p[end]
    if (mark === '?') {
      if (fits(s)) {
        const found = go(s + 1, end + 1)
        if (found !== undefined) return found
      }
      at = end + 1
      continue
    }
    if (mark === '*' || mark === '+') {
      let n = 0
      while (fits(s + n)) {
        step()
        n++
      }
      for (; n >= (mark === '+' ? 1 : 0); n--) {
        const found = go(s + n, end + 1)
        if (found !== undefined) return found
      }
      return undefined
    }
    if (mark === '-') {
      for (;;) {
        const found = go(s, end + 1)
        if (found !== undefined) return found
        if (!fits(s)) return undefined
        s++
      }
    }
    if (!fits(s)) return undefined
    s++
    at = end
  }
}

function classEnd(p: string, at: number): number {
  if (p[at] === '%') {
    if (at + 1 >= p.length) throw new BadPattern("malformed pattern (ends with '%')")
    return at + 2
  }
  if (p[at] !== '[') return at + 1
  let i = at + (p[at + 1] === '^' ? 2 : 1)
  do {
    if (i >= p.length) throw new BadPattern("malformed pattern (missing ']')")
    if (p[i++] === '%') i++
  } while (p[i] !== ']')
  return i + 1
}
const classes: ReadonlyMap<string, RegExp> = new Map([
  ['a', /[A-Za-z]/],
  ['c', /[\x00-\x1f\x7f]/],
  ['d', /\d/],
  ['l', /[a-z]/],
  ['p', /[!-/:-@[-`{-~]/],
  ['s', /[ \t-\r]/],
  ['u', /[A-Z]/],
  ['w', /[A-Za-z0-9]/],
  ['x', /[0-9A-Fa-f]/],
  ['z', /\0/],
])
function inClass(c: string, letter: string): boolean {
  const known = classes.get(letter.toLowerCase())
  if (!known) return c === letter
  return known.test(c) === (letter === letter.toLowerCase())
}
function single(c: string, p: string, at: number, end: number): boolean {
  if (p[at] === '.') return true
  if (p[at] === '%') return inClass(c, p[at + 1]!)
  if (p[at] !== '[') return p[at] === c
  const not = p[at + 1] === '^'
  for (let i = at + (not ? 2 : 1); i < end - 1; i++) {
    if (p[i] === '%') {
      if (inClass(c, p[++i]!)) return !not
    } else if (p[i + 1] === '-' && i + 2 < end - 1) {
      if (p[i]! <= c && c <= p[i + 2]!) return !not
      i += 2
    } else if (p[i] === c) return !not
  }
  return not
}
function balanced(
  text: string,
  s: number,
  open: string | undefined,
  close: string | undefined,
  step: () => void,
): number | undefined {
  if (open === undefined || close === undefined) throw new BadPattern('unbalanced pattern')
  if (text[s] !== open) return undefined
  let depth = 1
  for (let i = s + 1; i < text.length; i++) {
    step()
    if (text[i] === close) {
      if (--depth === 0) return i + 1
    } else if (text[i] === open) depth++
  }
  return undefined
}
