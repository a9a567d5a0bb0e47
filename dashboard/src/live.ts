import { signal } from '@preact/signals'
import type { LiveEvent } from '#hive/shapes.ts'
import { get, me } from './api.ts'
import { asksForActions, bounds, ownActions, type View } from './filter.ts'
import { refreshTurn } from './use-query.ts'

export const liveState = signal<'connecting' | 'open' | 'lost'>('connecting')
/** Events a second, over the last five. */
export const liveRate = signal(0)

/** What just came, newest last; `dropped` more came than the stream could tell. */
type Listener = (events: LiveEvent[], dropped: number) => void
const listeners = new Set<Listener>()
export function onLive(listener: Listener): () => void {
  listeners.add(listener)
  return () => void listeners.delete(listener)
}

/** Events of the present second, and of the few before it. */
let seconds = [0]
let source: EventSource | undefined
let retry: ReturnType<typeof setTimeout> | undefined
let patience = 1000

function tell(events: LiveEvent[], dropped = 0) {
  seconds[0]! += events.length + dropped
  for (const listener of listeners) listener(events, dropped)
}

function open() {
  clearTimeout(retry)
  source?.close()
  source = new EventSource('/api/v1/live')
  source.onopen = () => {
    // What came while the stream was down is only in the store.
    if (liveState.value === 'lost') refreshTurn.value++
    liveState.value = 'open'
    patience = 1000
    seconds = [0]
  }
  source.onmessage = message => tell(JSON.parse(message.data) as LiveEvent[])
  source.addEventListener('dropped', message => tell([], Number(message.data) || 0))
  source.onerror = () => {
    liveState.value = 'lost'
    // The browser tries again by itself after a broken connection, but not after an answer other than 200.
    if (source?.readyState !== EventSource.CLOSED) return
    retry = setTimeout(open, patience)
    patience = Math.min(patience * 2, 30_000)
    get('me').catch(() => {})
  }
}

function close() {
  clearTimeout(retry)
  source?.close()
  source = undefined
  liveState.value = 'connecting'
}

/** Follows the log-in: the stream is open as long as somebody is logged in. */
export function startLive() {
  me.subscribe(who => (who ? source || open() : close()))
  setInterval(() => {
    liveRate.value = seconds.reduce((sum, count) => sum + count, 0) / seconds.length
    seconds = [0, ...seconds.slice(0, 4)]
  }, 1000)
  addEventListener('online', () => me.value && open())
}

/** What the stream tells about an event; conditions on anything else cannot be judged from it. */
const judged = ['action', 'service', 'session', 'source_ip', 'country', 'destination_port'] as const
const isJudged = (field: string): field is (typeof judged)[number] => (judged as readonly string[]).includes(field)

export const liveCanJudge = (view: View) => view.where.every(clause => isJudged(clause.field))

/** Whether a live event belongs to the view, as far as the stream tells. */
export function matches(view: View, event: LiveEvent): boolean {
  const { to } = bounds(view.range)
  if ('to' in view.range && event.at >= to) return false
  if (ownActions.includes(event.action) && !asksForActions(view)) return false
  for (const { field, not, values } of view.where) {
    if (!isJudged(field)) continue
    if (values.includes(String(event[field] ?? '')) === Boolean(not)) return false
  }
  return !view.text || event.summary.toLowerCase().includes(view.text.toLowerCase())
}
