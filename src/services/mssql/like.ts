import { SqlError } from '#sql/error.ts'

type Piece =
  | { is: 'any' }
  | { is: 'one' }
  | { is: 'set'; not: boolean; ranges: readonly (readonly [string, string])[] }
  | { is: 'character'; text: string }

/** LIKE: `%`, `_`, `[a-z]`, `[^x]`, without regard to case. */
export function matches(subject: string, pattern: string, mark: string | undefined): boolean {
  const pieces = piecesOf(pattern.slice(0, 8000).toLowerCase(), mark?.toLowerCase())
  const text = subject.slice(0, 65_536).toLowerCase()
  // One `%` at a time: what was tried behind an earlier one need not be tried again.
  let [at, piece, star, from] = [0, 0, -1, 0]
  let patience = 2_000_000
  while (at < text.length) {
    if (--patience < 0) throw new SqlError('too much', ['steps'])
    const wanted = pieces[piece]
    if (wanted?.is === 'any') {
      star = piece++
      from = at
    } else if (wanted && fits(wanted, text[at]!)) {
      at++
      piece++
    } else if (star >= 0) {
      piece = star + 1
      at = ++from
    } else return /^ *$/.test(text.slice(at)) && piece === pieces.length
  }
  while (pieces[piece]?.is === 'any') piece++
  return piece === pieces.length
}
const fits = (piece: Piece, c: string): boolean =>
  piece.is === 'one' ||
  (piece.is === 'character' && piece.text === c) ||
  (piece.is === 'set' && piece.ranges.some(([low, high]) => low <= c && c <= high) !== piece.not)

function piecesOf(pattern: string, mark: string | undefined): Piece[] {
  const found: Piece[] = []
  for (let i = 0; i < pattern.length; i++) {
    const c = pattern[i]!
    if (c === mark && i + 1 < pattern.length) found.push({ is: 'character', text: pattern[++i]! })
    else if (c === '%') found.push({ is: 'any' })
    else if (c === '_') found.push({ is: 'one' })
    else if (c === '[') {
      const not = pattern[i + 1] === '^'
      const close = pattern.indexOf(']', i + (not ? 3 : 2))
      if (close < 0) return [{ is: 'set', not: false, ranges: [] }]
      const inner = pattern.slice(i + (not ? 2 : 1), close)
      const ranges: [string, string][] = []
      for (let n = 0; n < inner.length; n++)
        if (inner[n + 1] === '-' && n + 2 < inner.length) {
          ranges.push([inner[n]!, inner[n + 2]!])
          n += 2
        } else ranges.push([inner[n]!, inner[n]!])
      found.push({ is: 'set', not, ranges })
      i = close
    } else found.push({ is: 'character', text: c })
  }
  return found
}
