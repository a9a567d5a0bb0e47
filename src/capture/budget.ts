import { Recent } from './recent.ts'

/** A bucket of tokens a source, and one for all of them. */
export type BudgetOptions = {
  /** Tokens of one source, and milliseconds until one comes back. */
  perSource: number
  refillMs: number
  /** The same of all sources together. */
  overall: number
  overallMs: number
  /** Sources remembered; one that is forgotten begins anew. */
  sources?: number
}

type Bucket = { left: number; at: number; told: Set<string> }

/** Different things that are remembered of a source, so that none is told twice. */
const toldCap = 64

/** Says what is worth an event: neither what the same source sent before, nor what is over its budget. */
export function budget({ perSource, refillMs, overall, overallMs, sources = 4096 }: BudgetOptions) {
  const buckets = new Recent<Bucket>(sources)
  const all = { left: overall, at: 0 }

  const fill = (bucket: { left: number; at: number }, now: number, most: number, ms: number) => {
    if (now <= bucket.at) return
    bucket.left = Math.min(most, bucket.left + (now - bucket.at) / ms)
    bucket.at = now
  }

  /** `what` names the thing; without a name nothing is remembered of it. */
  return (source: string, what: string | undefined, now: number): 'take' | 'known' | 'over' => {
    const bucket = buckets.get(source) ?? { left: perSource, at: now, told: new Set<string>() }
    buckets.set(source, bucket)
    if (what !== undefined && bucket.told.has(what)) return 'known'
    fill(bucket, now, perSource, refillMs)
    fill(all, now, overall, overallMs)
    if (bucket.left < 1 || all.left < 1) return 'over'
    bucket.left--
    all.left--
    if (what !== undefined && bucket.told.size < toldCap) bucket.told.add(what)
    return 'take'
  }
}
