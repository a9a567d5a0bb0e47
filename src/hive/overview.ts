import { actions } from '#events/actions.ts'
import type { Filter } from '#store/store.ts'
import { bounded } from './bounded.ts'
import type { Questions } from './house.ts'
import type { Overview } from './shapes.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** Bucket widths that a person reads easily. */
const intervals = [
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  3 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  7 * DAY,
]
const FRESH = 2000
const LISTED = 10
const SPLIT = 7

/** The widest of at most about a hundred buckets over a span. */
export const intervalFor = (span: number): number =>
  intervals.find(width => span / width <= 100) ?? Math.ceil(span / 100 / DAY) * DAY

/** Everything the overview page shows in one answer, shared for two seconds by all who ask the same. */
export function createOverview(store: Questions, now: () => number) {
  const answers = bounded<{ at: number; answer: Promise<Overview> }>(32)

  return (asked: Filter): Promise<Overview> => {
    // Pages ask for "until now"; on the same two seconds they ask the same.
    const to = asked.to ?? Math.ceil(now() / FRESH) * FRESH
    const from = asked.from ?? to - DAY
    const filter = { ...asked, from, to, where: aboutAttackers(asked.where) }
    const key = JSON.stringify([Math.floor(from / FRESH), Math.floor(to / FRESH), asked.text, asked.where])
    const kept = answers.get(key)
    if (kept && now() - kept.at < FRESH) return kept.answer
    const answer = ask(store, filter)
    answers.set(key, { at: now(), answer })
    answer.catch(() => answers.delete(key))
    return answer
  }
}

/** The program's events about itself are no attack; whoever asks for them by name gets them. */
const ownActions = Object.values(actions)
  .filter(action => action.kind === 'state')
  .map(action => action.name)
const aboutAttackers = (where: NonNullable<Filter['where']> = []): NonNullable<Filter['where']> =>
  where.some(({ field }) => field === 'action') ? where : [...where, { field: 'action', not: true, values: ownActions }]

async function ask(store: Questions, filter: Filter & { from: number; to: number }): Promise<Overview> {
  const { from, to } = filter
  const interval = intervalFor(to - from)
  const before = { ...filter, from: from - (to - from), to: from }
  const totals = async (filter: Filter) => ({
    events: await store.count(filter),
    sources: await store.distinct('source_ip', filter),
  })
  return {
    from,
    to,
    interval,
    now: await totals(filter),
    before: await totals(before),
    histogramByService: await store.histogram(interval, filter, { by: 'service', limit: SPLIT }),
    histogramByPort: await store.histogram(interval, filter, { by: 'destination_port', limit: SPLIT }),
    topPorts: await store.top(['destination_port'], filter, LISTED),
    topCountries: await store.top(['country'], filter, LISTED),
    topNetworks: await store.top(['network'], filter, LISTED),
    topUsers: await store.top(['user'], filter, LISTED),
    topPasswords: await store.top(['password'], filter, LISTED),
    topServices: await store.top(['service'], filter, LISTED),
  }
}
