import type { Histogram } from '../answers.ts'

export type Series = { name: string; label: string; counts: number[] }
export type Columns = { times: number[]; series: Series[] }

/** At most so many buckets are drawn, whatever is asked for. */
const MAX_BUCKETS = 2000
/** As many values as the overview's split names at most (hive/overview.ts); fewer are all there are. */
const SPLIT = 7

/**
 * Buckets of a split histogram as aligned columns, the largest series first. A split names only the most frequent values:
 * with the `totals` of the unsplit histogram, what is missing becomes a last series without a name.
 */
export function columns(
  rows: Histogram,
  { from, to, interval }: { from: number; to: number; interval: number },
  rest?: { label: string; totals: Histogram },
): Columns {
  const first = Math.floor(from / interval) * interval
  const length = Math.min(MAX_BUCKETS, Math.max(1, Math.ceil((to - first) / interval)))
  const times = Array.from({ length }, (_, index) => first + index * interval)
  const empty = () => new Array<number>(length).fill(0)
  const add = (counts: number[], at: number, count: number) => {
    const index = Math.round((at - first) / interval)
    if (index >= 0 && index < length) counts[index]! += count
  }
  const byName = new Map<string, number[]>()
  for (const { at, value = '', count } of rows) {
    const counts = byName.get(value) ?? empty()
    add(counts, at, count)
    byName.set(value, counts)
  }
  const series = [...byName]
    .map(([name, counts]): Series => ({ name, label: name, counts }))
    .sort((a, b) => sum(b.counts) - sum(a.counts))
  if (!rest || series.length < SPLIT) return { times, series }

  const totals = empty()
  for (const { at, count } of rest.totals) add(totals, at, count)
  const named = times.map((_, index) => series.reduce((total, { counts }) => total + counts[index]!, 0))
  // The totals may have been asked a moment later than the split.
  const others = totals.map((total, index) => Math.max(0, total - named[index]!))
  return sum(others)
    ? { times, series: [...series, { name: '', label: rest.label, counts: others }] }
    : { times, series }
}

const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0)
