/** MaxRanges, MaxRangeOverlaps, MaxRangeReversals. */
const RANGES = 200
const OVERLAPS = 20
const REVERSALS = 20

/**
 * Ranges as Apache reads them (ap_set_byterange): `[from, to)` each, overlapping neighbours merged; `unsatisfiable` for a
 * 416, `undefined` where the header is ignored.
 */
export function apacheRanges(spec: string, length: number): [number, number][] | 'unsatisfiable' | undefined {
  const parts = spec.split(',')
  if (parts.length > RANGES) return undefined
  const ranges: [number, number][] = []
  let [sum, overlaps, reversals, unsatisfiable] = [0, 0, 0, 0]
  for (const part of parts) {
    const bounds = /^ *(\d*)-(\d*)$/.exec(part)
    if (!bounds) return undefined
    const [, first = '', last = ''] = bounds
    if ((first === '' && last === '') || !safe(first) || !safe(last)) return undefined
    let [from, to] = [Number(first), last === '' ? length : Number(last) + 1]
    if (first === '') {
      if (Number(last) === 0) return undefined
      ;[from, to] = [Math.max(0, length - Number(last)), length]
    } else if (to <= from) {
      if (last !== '') return undefined
      unsatisfiable++
      continue
    }
    if (from >= length) {
      unsatisfiable++
      continue
    }
    to = Math.min(to, length)
    sum += to - from
    const before = ranges.at(-1)
    if (before && from < before[1] && to > before[0]) {
      overlaps++
      ranges[ranges.length - 1] = [Math.min(from, before[0]), Math.max(to, before[1])]
      continue
    }
    if (before && from < before[0]) reversals++
    ranges.push([from, to])
  }
  if (overlaps > OVERLAPS || reversals > REVERSALS) return undefined
  if (ranges.length === 0) return unsatisfiable > 0 ? 'unsatisfiable' : undefined
  return sum > length ? undefined : ranges
}

const safe = (digits: string) => Number.isSafeInteger(Number(digits))
