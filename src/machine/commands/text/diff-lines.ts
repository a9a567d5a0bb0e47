import type { Step } from '../../regex/regex.ts'

/** Lines `from` to `to` (not included) of one side stand where those of the other side do. */
export type Change = { from: number; to: number; newFrom: number; newTo: number }

/** More differences than this, and the rest is one change: GNU diff gives up finding the least, too. */
const mostDifferences = 2000

/** The changes that make the second text of the first, as few as there can be (Myers, 1986). */
export const changesBetween = (a: readonly string[], b: readonly string[], step: Step): Change[] => {
  let start = 0
  while (start < a.length && start < b.length && a[start] === b[start]) start++
  let [endA, endB] = [a.length, b.length]
  while (endA > start && endB > start && a[endA - 1] === b[endB - 1]) {
    endA--
    endB--
  }
  step(1 + ((a.length + b.length) >> 6))
  const pairs = matchedPairs(a.slice(start, endA), b.slice(start, endB), step)
  const removed = new Uint8Array(a.length).fill(1, start, endA)
  const added = new Uint8Array(b.length).fill(1, start, endB)
  for (const [x, y] of pairs) removed[start + x] = added[start + y] = 0
  shift(a, removed, added)
  shift(b, added, removed)
  return collect(removed, added)
}

const matchedPairs = (a: readonly string[], b: readonly string[], step: Step): [number, number][] => {
  const [n, m] = [a.length, b.length]
  const most = Math.min(n + m, mostDifferences)
  const history: Int32Array[] = []
  let ends = new Int32Array(2 * most + 3)
  const zero = most + 1
  for (let d = 0; d <= most; d++) {
    step(1 + (d >> 2))
    for (let k = -d; k <= d; k += 2) {
      const down = k === -d || (k !== d && ends[zero + k - 1]! < ends[zero + k + 1]!)
      let x = down ? ends[zero + k + 1]! : ends[zero + k - 1]! + 1
      while (x < n && x - k < m && x - k >= 0 && a[x] === b[x - k]) x++
      ends[zero + k] = x
      if (x >= n && x - k >= m) {
        history.push(ends.slice(zero - d - 1, zero + d + 2))
        return trace(history, n, m)
      }
    }
    history.push(ends.slice(zero - d - 1, zero + d + 2))
  }
  ends = new Int32Array(0)
  return []
}

const trace = (history: readonly Int32Array[], n: number, m: number): [number, number][] => {
  const pairs: [number, number][] = []
  let [x, y] = [n, m]
  for (let d = history.length - 1; d > 0; d--) {
    const before = history[d - 1]!
    // What was kept of turn d - 1 begins at diagonal -d.
    const at = (k: number): number => before[k + d] ?? -1
    const k = x - y
    const down = k === -d || (k !== d && at(k - 1) < at(k + 1))
    const next = down ? k + 1 : k - 1
    const startX = at(next)
    const startY = startX - next
    while (x > startX + (down ? 0 : 1) && y > startY + (down ? 1 : 0)) pairs.push([--x, --y])
    ;[x, y] = [startX, startY]
  }
  while (x > 0 && y > 0) pairs.push([--x, --y])
  return pairs.toReversed()
}

/** Moves each run of changed lines down as far as it goes, as GNU diff shows it. */
const shift = (lines: readonly string[], changed: Uint8Array, other: Uint8Array): void => {
  let i = 0
  let j = 0
  while (i < lines.length) {
    if (changed[i] === 0) {
      while (other[j] === 1) j++
      i++
      j++
      continue
    }
    let start = i
    while (changed[i] === 1) i++
    // Lines of the other side that are changed here pin the run where it is.
    if (other[j] === 1) continue
    while (i < lines.length && lines[start] === lines[i] && other[j] === 0) {
      changed[start++] = 0
      changed[i++] = 1
      j++
      while (changed[i] === 1) i++
      if (other[j] === 1) break
    }
  }
}

const collect = (removed: Uint8Array, added: Uint8Array): Change[] => {
  const changes: Change[] = []
  let [i, j] = [0, 0]
  while (i < removed.length || j < added.length) {
    if (removed[i] !== 1 && added[j] !== 1) {
      i++
      j++
      continue
    }
    const [from, newFrom] = [i, j]
    while (removed[i] === 1) i++
    while (added[j] === 1) j++
    changes.push({ from, to: i, newFrom, newTo: j })
  }
  return changes
}
