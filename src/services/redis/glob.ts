/** Steps that one command may spend on matching: an attacker's pattern against an attacker's keys. */
const STEPS = 4_000_000

/**
 * Redis's glob (util.c, stringmatchlen): `*`, `?`, `[a-z]`, `[^x]`, `\` escapes. One matcher serves one command: past its
 * budget of steps nothing matches any more.
 */
export function globMatcher(pattern: string): (text: string) => boolean {
  let left = STEPS
  return text => {
    let [p, t, starP, starT] = [0, 0, -1, 0]
    while (t < text.length) {
      const step = p < pattern.length ? matchOne(pattern, p, text[t]!) : 0
      left -= 1 + Math.abs(step)
      if (left < 0) return false
      if (p < pattern.length && pattern[p] === '*') {
        starP = p++
        starT = t
      } else if (step > 0) {
        p += step
        t++
      } else if (starP >= 0) {
        p = starP + 1
        t = ++starT
      } else return false
    }
    while (pattern[p] === '*') p++
    return p >= pattern.length
  }
}

/** Characters of the pattern that match `c`; none or fewer when it does not, by how many were looked at. */
function matchOne(pattern: string, at: number, c: string): number {
  if (pattern[at] === '?') return 1
  if (pattern[at] === '\\' && at + 1 < pattern.length) return pattern[at + 1] === c ? 2 : 0
  if (pattern[at] !== '[') return pattern[at] === c ? 1 : 0
  const not = pattern[at + 1] === '^'
  let hit = false
  let i = at + (not ? 2 : 1)
  for (; i < pattern.length && pattern[i] !== ']'; i++) {
    if (pattern[i] === '\\' && i + 1 < pattern.length) i++
    if (pattern[i + 1] === '-' && i + 2 < pattern.length) {
      const [low, high] = [pattern[i]!, pattern[i + 2]!].sort() as [string, string]
      hit ||= c >= low && c <= high
      i += 2
    } else hit ||= pattern[i] === c
  }
  return (hit !== not ? 1 : -1) * (i - at + 1)
}
