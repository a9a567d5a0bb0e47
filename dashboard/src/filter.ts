import { computed } from '@preact/signals'
import { type Field, fields } from '#store/store.ts'
import { place, query } from './router.ts'

/** What the reader looks at: a stretch of time and conditions on events. It is the query string, and nothing else is. */
export type Range = { span: Span } | { from: number; to: number }
export type Clause = { field: Field; not?: true; values: string[] }
export type View = { range: Range; where: Clause[]; text: string }

const minute = 60_000
const hour = 60 * minute
const day = 24 * hour
export const spans = {
  '15m': 15 * minute,
  '1h': hour,
  '6h': 6 * hour,
  '24h': day,
  '7d': 7 * day,
  '30d': 30 * day,
  '90d': 90 * day,
} as const
export type Span = keyof typeof spans
export const spanNames = Object.keys(spans) as Span[]
const usual: Span = '24h'

const isField = (name: string): name is Field => (fields as readonly string[]).includes(name)

export function parseView(params: URLSearchParams): View {
  const from = Number(params.get('from'))
  const to = Number(params.get('to'))
  const span = params.get('span') as Span
  const where: Clause[] = []
  for (const key of new Set(params.keys())) {
    const not = key.endsWith('!')
    const field = not ? key.slice(0, -1) : key
    if (isField(field)) where.push({ field, ...(not ? { not } : {}), values: [...new Set(params.getAll(key))] })
  }
  return {
    range: from > 0 && to > from ? { from, to } : { span: Object.hasOwn(spans, span) ? span : usual },
    where,
    text: params.get('text') ?? '',
  }
}

function conditions(view: Pick<View, 'where' | 'text'>, params = new URLSearchParams()) {
  for (const { field, not, values } of view.where)
    for (const value of values) params.append(not ? `${field}!` : field, value)
  if (view.text) params.set('text', view.text)
  return params
}

/** The view as the page's own query string. */
export function viewSearch(view: View): string {
  const params = new URLSearchParams()
  if ('from' in view.range) {
    params.set('from', String(view.range.from))
    params.set('to', String(view.range.to))
  } else if (view.range.span !== usual) params.set('span', view.range.span)
  const text = conditions(view, params).toString()
  return text && `?${text}`
}

/** The bounds in milliseconds at `now`. */
export const bounds = (range: Range, now = Date.now()) =>
  'from' in range ? { from: range.from, to: range.to } : { from: now - spans[range.span], to: now }

/** What the program tells about itself; no attack, so only whoever asks for it by name sees it (hive/overview.ts). */
export const ownActions = ['packets-lost', 'health', 'events-lost']
export const asksForActions = (view: Pick<View, 'where'>) => view.where.some(({ field }) => field === 'action')

/** The view as the API's parameters; a range that ends now is left open, so that a clock ahead of ours loses nothing. */
export function apiParams(view: View, now = Date.now(), extra: Record<string, string | number> = {}): URLSearchParams {
  const { from, to } = bounds(view.range, now)
  const params = conditions(view)
  params.set('from', String(from))
  if ('from' in view.range) params.set('to', String(to))
  if (!asksForActions(view)) for (const action of ownActions) params.append('action!', action)
  for (const [key, value] of Object.entries(extra)) params.set(key, String(value))
  return params
}

export const view = computed(() => parseView(query.value))
/** Changes when the question changes: what a request for the current view is keyed by. */
export const viewKey = computed(() => viewSearch(view.value))

/** A click on a value: only events with it, or (`not`) only events without it. Any clause about it gives way. */
export function withValue(base: View, field: Field, value: string, not?: true): View {
  const where = withoutValue(base, field, value).where
  const same = where.find(clause => clause.field === field && clause.not === not)
  if (same && not) {
    const grown = { ...same, values: [...same.values, value] }
    return { ...base, where: where.map(clause => (clause === same ? grown : clause)) }
  }
  const others = where.filter(clause => !(clause.field === field && clause.not === not))
  return { ...base, where: [...others, { field, ...(not ? { not } : {}), values: [value] }] }
}

export function withoutValue(base: View, field: Field, value: string, not?: boolean): View {
  const where = base.where.flatMap(clause => {
    if (clause.field !== field || (not !== undefined && Boolean(clause.not) !== not)) return [clause]
    const values = clause.values.filter(candidate => candidate !== value)
    return values.length ? [{ ...clause, values }] : []
  })
  return { ...base, where }
}

export const hrefOf = (next: View, path = place.value.path) => path + viewSearch(next)

/** Bucket width for a chart of about `want` buckets, a width that people count in. */
export function interval(from: number, to: number, want = 90): number {
  const steps = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400]
  const wanted = (to - from) / want / 1000
  return (steps.find(step => step >= wanted) ?? 604_800) * 1000
}
