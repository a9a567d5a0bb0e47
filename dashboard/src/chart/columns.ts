import type { Histogram } from '../answers.ts'

export type Series = { name: string; label: string; counts: number[] }

/** At most so many buckets are drawn, whatever is asked for. */
const MAX_BUCKETS = 2000

/** Buckets of a split histogram as aligned columns, the largest series first; rows without a value are `others`, last. */
export function columns(rows: Histogram, span: { from: number; to: number; interval: number }, others: string) {
  const { from, to, interval } = span
  const first = Math.floor(from / interval) * interval
  const length = Math.min(MAX_BUCKETS, Math.max(1, Math.ceil((to - first) / interval)))
  const times = Array.from({ length }, (_, index) => first + index * interval)
  const byName = new Map<string, number[]>()
  for (const { at, value = '', count } of rows) {
    const index = Math.round((at - first) / interval)
    if (index < 0 || index >= length) continue
    const counts = byName.get(value) ?? new Array<number>(length).fill(0)
    counts[index]! += count
    byName.set(value, counts)
  }
  const sum = (counts: number[]) => counts.reduce((total, count) => total + count, 0)
  const series = [...byName]
    .map(([name, counts]): Series => ({ name, label: name === '' ? others : name, counts }))
    .sort((a, b) => Number(a.name === '') - Number(b.name === '') || sum(b.counts) - sum(a.counts))
  return { times, series }
}
