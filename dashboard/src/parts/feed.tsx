import { useEffect, useRef, useState } from 'preact/hooks'
import type { LiveEvent } from '#hive/shapes.ts'
import type { EventPage } from '../answers.ts'
import { get } from '../api.ts'
import { lineOf, timeOf } from '../event.ts'
import { apiParams, type View, view } from '../filter.ts'
import { number } from '../format.ts'
import { t, word } from '../i18n/index.ts'
import { liveCanJudge, matches, onLive } from '../live.ts'
import { feedPaused, pauseOrResume } from './feed-state.ts'
import { Icon } from './icon.tsx'
import { Panel } from './state.tsx'
import { Text } from './text.tsx'
import { Address, sessionHref, Time } from './value.tsx'

const ROWS = 60
/** Four redraws a second are as many as anybody can read. */
const REDRAW = 250

/** What came last before the page was opened, as the stream would have told it. */
async function recent(shown: View, abort: AbortSignal): Promise<LiveEvent[]> {
  try {
    const { items } = await get<EventPage>(`events?${apiParams(shown, Date.now(), { limit: ROWS })}`, abort)
    return items.map(event => ({
      id: event.event.id,
      at: timeOf(event),
      action: event.event.action,
      service: event.skep.service,
      session: event.skep.session,
      source_ip: event.source?.ip,
      country: event.source?.geo?.country,
      destination_port: event.destination?.port,
      summary: lineOf(event).slice(0, 200),
    }))
  } catch {
    // The feed is about what comes; the panels beside it say when the hive is out of reach.
    return []
  }
}

/** The newest live events that belong to the view. It rests while the pointer or the keyboard is in it, or when paused. */
export function Feed() {
  const [rows, setRows] = useState<LiveEvent[]>([])
  const [missed, setMissed] = useState(0)
  const newest = useRef<LiveEvent[]>([])
  const resting = useRef(false)
  const waiting = useRef(0)
  const shown = view.value
  const fixed = 'to' in shown.range

  useEffect(() => {
    newest.current = []
    waiting.current = 0
    setRows([])
    const stop = onLive(events => {
      const mine = events.filter(event => matches(shown, event))
      if (!mine.length) return
      waiting.current += mine.length
      newest.current = [...mine.slice(-ROWS).reverse(), ...newest.current].slice(0, ROWS)
    })
    const abort = new AbortController()
    void recent(shown, abort.signal).then(known => {
      if (!known.length) return
      const here = new Set(newest.current.map(event => event.id))
      newest.current = [...newest.current, ...known.filter(event => !here.has(event.id))].slice(0, ROWS)
      setRows(newest.current)
    })
    const timer = setInterval(() => {
      if (!waiting.current || document.hidden) return
      if (feedPaused.value || resting.current) return setMissed(waiting.current)
      waiting.current = 0
      setMissed(0)
      setRows(newest.current)
    }, REDRAW)
    return () => {
      abort.abort()
      stop()
      clearInterval(timer)
    }
  }, [shown])

  const rest = (on: boolean) => () => {
    resting.current = on
  }
  const paused = feedPaused.value
  const note =
    missed > 0 ? t().feed.paused(number(missed)) : fixed ? t().feed.fixed : liveCanJudge(shown) ? '' : t().feed.partly
  const pause = (
    <span class="feed-head">
      {note && <span class="quiet">{note}</span>}
      <button type="button" aria-pressed={paused} onClick={pauseOrResume} title={t().feed.onHover}>
        <Icon name={paused ? 'play' : 'pause'} />
        {paused ? t().feed.resume : t().feed.pause}
      </button>
    </span>
  )
  return (
    <Panel title={t().overview.feed} class="feed" actions={pause}>
      <ol
        class="feed-rows"
        aria-label={t().overview.feed}
        onPointerEnter={rest(true)}
        onPointerLeave={rest(false)}
        onFocusIn={rest(true)}
        onFocusOut={rest(false)}
      >
        {rows.length === 0 && <li class="quiet none">{fixed ? '' : t().feed.waiting}</li>}
        {rows.map(event => (
          <FeedRow key={event.id} event={event} />
        ))}
      </ol>
    </Panel>
  )
}

function FeedRow({ event }: { event: LiveEvent }) {
  const { at, action, service, session, source_ip, country, destination_port, summary } = event
  const what = word(t().actions, action)
  return (
    <li>
      <Time at={at} show="exact" />
      <span class="feed-service">
        {service}
        {destination_port ? <span class="quiet">:{destination_port}</span> : null}
      </span>
      {source_ip ? <Address ip={source_ip} country={country} /> : <span />}
      <span class="feed-what">
        {session ? <a href={sessionHref(session)}>{what}</a> : what}{' '}
        {action === 'connection-closed'
          ? word(t().ends, summary)
          : summary && <Text text={summary} max={90} open={false} />}
      </span>
    </li>
  )
}
