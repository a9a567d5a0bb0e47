/**
 * LIKE (SQL:2016 §8.5): `%` is any run of characters, `_` any one, `mark` takes the next for itself; `''`: nothing does.
 * Goes back to no more than the last `%`.
 */
export function matchesLike(subject: string, pattern: string, mark: string): boolean {
  let [s, p, star, from] = [0, 0, -1, 0]
  while (s < subject.length) {
    const escaped = mark !== '' && pattern[p] === mark && p + 1 < pattern.length
    if (!escaped && pattern[p] === '%') {
      star = p++
      from = s
    } else if (
      p < pattern.length &&
      (escaped ? pattern[p + 1] === subject[s] : pattern[p] === '_' || pattern[p] === subject[s])
    ) {
      p += escaped ? 2 : 1
      s++
    } else if (star >= 0) {
      p = star + 1
      s = ++from
    } else return false
  }
  while (pattern[p] === '%') p++
  return p >= pattern.length
}
