import { useMemo, useState } from 'preact/hooks'
import type { Session as Answer } from '../answers.ts'
import { get } from '../api.ts'
import { type Told, timeOf } from '../event.ts'
import { viewKey } from '../filter.ts'
import { duration, exact, number } from '../format.ts'
import { t } from '../i18n/index.ts'
import { visible } from '../inert.ts'
import { Fact } from '../parts/fact.tsx'
import { Heading } from '../parts/heading.tsx'
import { Scan } from '../parts/scan.tsx'
import { Copy, Loaded, Panel } from '../parts/state.tsx'
import { Step, stepText } from '../parts/step.tsx'
import { Address, sourceHref, Time } from '../parts/value.tsx'
import { scanStory } from '../scan.ts'
import { useQuery } from '../use-query.ts'

/** Of more than `most` such events in a row, all but the first `head` and the last `tail` are folded away. */
const runs = new Map([
  ['login', { most: 12, head: 5, tail: 3 }],
  ['environment', { most: 3, head: 2, tail: 0 }],
  ['telnet-option', { most: 3, head: 2, tail: 0 }],
])
const SHOWN = 200

export function Session({ id }: { id: string }) {
  const query = useQuery(id, abort => get<Answer>(`sessions/${encodeURIComponent(id)}`, abort))
  const service = query.data?.summary.service
  const scan = useMemo(() => scanStory(query.data?.events ?? []), [query.data])
  return (
    <>
      <Heading title={t().session.title(service ?? '')} />
      <Loaded query={query} missing={t().state.missingSession}>
        {({ summary, events }) => (
          <>
            <dl class="facts-list">
              <Fact name={t().session.from}>
                <Address ip={summary.source_ip} country={summary.country} /> {summary.city && visible(summary.city, 60)}
              </Fact>
              {summary.network && <Fact name={t().source.network}>{visible(summary.network, 80)}</Fact>}
              <Fact name={t().session.to}>
                {summary.service}
                {!scan && summary.destination_port !== undefined && `:${summary.destination_port}`}
              </Fact>
              <Fact name={t().session.began}>
                <Time at={summary.first} show="exact" />
              </Fact>
              <Fact name={t().session.lasted}>{duration(summary.last - summary.first)}</Fact>
              <Fact name={t().sessions.events}>{number(summary.events)}</Fact>
            </dl>
            {scan && <Scan story={scan} />}
            <Story events={events} />
            <p>
              <a class="button" href={sourceHref(summary.source_ip) + viewKey.value}>
                {t().session.allFrom}
              </a>
            </p>
          </>
        )}
      </Loaded>
    </>
  )
}

type Part = { event: Told } | { folded: Told[] }

/** Long runs of one kind keep their first and last few; what lies between folds into one line. */
function fold(events: Told[]): Part[] {
  const parts: Part[] = []
  for (let start = 0; start < events.length; ) {
    const { action } = events[start]!.event
    const bounds = runs.get(action)
    let end = start + 1
    while (bounds && end < events.length && events[end]!.event.action === action) end++
    const run = events.slice(start, end)
    if (bounds && run.length > bounds.most) {
      const rest = run.length - bounds.tail
      parts.push(
        ...run.slice(0, bounds.head).map(event => ({ event })),
        { folded: run.slice(bounds.head, rest) },
        ...run.slice(rest).map(event => ({ event })),
      )
    } else parts.push(...run.map(event => ({ event })))
    start = end
  }
  return parts
}

function Story({ events }: { events: Told[] }) {
  const [shown, setShown] = useState(SHOWN)
  const parts = useMemo(() => fold(events), [events])
  const began = events[0] ? timeOf(events[0]) : 0
  const text = () => `${exact(began)}\n${events.map(event => stepText(event, began)).join('\n')}\n`
  const rest = parts.length - shown
  return (
    <Panel title={t().session.story} actions={<Copy text={text} label={t().session.copyStory} />}>
      <ol class="story">
        {parts
          .slice(0, shown)
          .map((part, index) =>
            'event' in part ? (
              <Step key={part.event.event.id} event={part.event} began={began} />
            ) : (
              <Folded key={`folded ${index}`} events={part.folded} began={began} />
            ),
          )}
      </ol>
      {rest > 0 && (
        <button type="button" onClick={() => setShown(shown + SHOWN)}>
          {t().session.showMore(number(Math.min(SHOWN, rest)))}
        </button>
      )}
    </Panel>
  )
}

function Folded({ events, began }: { events: Told[]; began: number }) {
  const [shown, setShown] = useState(0)
  const rest = events.length - shown
  return (
    <>
      {events.slice(0, shown).map(event => (
        <Step key={event.event.id} event={event} began={began} />
      ))}
      {rest > 0 && (
        <li class="folded">
          <button type="button" class="link" onClick={() => setShown(shown + SHOWN)}>
            … {t().session.moreSame(number(rest))}
          </button>
        </li>
      )}
    </>
  )
}
