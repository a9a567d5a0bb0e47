const rank = (c: string | undefined): number => {
  if (c === undefined) return 0
  if (c === '~') return -1
  return /[A-Za-z]/.test(c) ? c.charCodeAt(0) : c.charCodeAt(0) + 256
}

const isDigit = (c: string | undefined): boolean => c !== undefined && c >= '0' && c <= '9'

/** verrevcmp of gnulib, which is Debian's order of versions: digits by value, `~` before everything. */
const revision = (a: string, b: string): number => {
  let [i, j] = [0, 0]
  while (i < a.length || j < b.length) {
    while ((i < a.length && !isDigit(a[i])) || (j < b.length && !isDigit(b[j]))) {
      const [x, y] = [isDigit(a[i]) ? 0 : rank(a[i]), isDigit(b[j]) ? 0 : rank(b[j])]
      if (x !== y) return x - y
      i++
      j++
    }
    while (a[i] === '0') i++
    while (b[j] === '0') j++
    let first = 0
    for (; isDigit(a[i]) && isDigit(b[j]); i++, j++) first ||= a.charCodeAt(i) - b.charCodeAt(j)
    if (isDigit(a[i])) return 1
    if (isDigit(b[j])) return -1
    if (first !== 0) return first
  }
  return 0
}

/** The name without endings like `.tar.gz`. */
const stem = (name: string): string => name.replace(/(\.[A-Za-z~][A-Za-z0-9~]{0,254}){1,64}$/, '') || name

/** filevercmp of gnulib, the order of `ls -v` and `sort -V`: `file2` before `file10`. */
export const compareVersions = (a: string, b: string): number => {
  if (a === b) return 0
  for (const special of ['', '.', '..']) {
    if (a === special) return -1
    if (b === special) return 1
  }
  if (a.startsWith('.') !== b.startsWith('.')) return a.startsWith('.') ? -1 : 1
  return revision(stem(a), stem(b)) || revision(a, b)
}
