import { useState } from 'preact/hooks'
import type { EventPage } from '../answers.ts'
import { get, me } from '../api.ts'
import { lineOf, type Told, timeOf } from '../event.ts'
import { apiParams, view, viewKey } from '../filter.ts'
import { number } from '../format.ts'
import { t, word } from '../i18n/index.ts'
import { FilterBar } from '../parts/filters.tsx'
import { Heading } from '../parts/heading.tsx'
import { Json } from '../parts/json.tsx'
import { Pager, useCursors } from '../parts/pager.tsx'
import { Empty, Loaded } from '../parts/state.tsx'
import { Text } from '../parts/text.tsx'
import { Address, sessionHref, Time, Value } from '../parts/value.tsx'
import { useFresh } from '../use-fresh.ts'
import { useQuery } from '../use-query.ts'

const ROWS = 100

export function Events() {
  const count = useQuery(viewKey.value, abort => get<{ count: number }>(`count?${apiParams(view.value)}`, abort))
  return (
    <>
      <Heading title={t().events.title}>
        <FilterBar />
      </Heading>
      <p class="count">
        <span class="quiet" role="status">
          {count.data && !count.stale ? t().events.count(number(count.data.count)) : ' '}
        </span>
        {me.value?.role === 'admin' && (
          <span class="take">
            <span class="quiet">{t().events.takeAway}:</span> <Export format="jsonl" name="JSON Lines" />{' '}
            <Export format="parquet" name="Parquet" />
          </span>
        )}
      </p>
      <List key={viewKey.value} />
    </>
  )
}

const Export = ({ format, name }: { format: string; name: string }) => (
  <a href={`/api/v1/export?${apiParams(view.value, Date.now(), { format })}`} download>
    {name}
  </a>
)

function List() {
  const cursors = useCursors()
  const query = useQuery(cursors.cursor ?? 'first', abort => {
    const extra = { limit: ROWS, ...(cursors.cursor ? { cursor: cursors.cursor } : {}) }
    return get<EventPage>(`events?${apiParams(view.value, Date.now(), extra)}`, abort)
  })
  const fresh = useFresh(query.at)
  return (
    <Loaded query={query}>
      {({ items, next }) =>
        items.length === 0 ? (
          <Empty />
        ) : (
          <>
            {cursors.page === 1 && fresh > 0 && (
              <button type="button" class="fresh-rows" onClick={query.refresh}>
                ↑ {t().events.fresh(number(fresh))}
              </button>
            )}
            <div class="scroll" id="list">
              <table class="events">
                <thead>
                  <tr>
                    <th scope="col">{t().events.time}</th>
                    <th scope="col">{t().fields.service}</th>
                    <th scope="col">{t().fields.source_ip}</th>
                    <th scope="col">{t().fields.action}</th>
                    <th scope="col">{t().events.what}</th>
                    <th scope="col">
                      <span class="unseen">{t().events.details}</span>
                    </th>
                  </tr>
                </thead>
                <tbody>
                  {items.map(event => (
                    <Row key={event.event.id} event={event} />
                  ))}
                </tbody>
              </table>
            </div>
            <Pager cursors={cursors} next={next} busy={query.stale} />
          </>
        )
      }
    </Loaded>
  )
}

function Row({ event }: { event: Told }) {
  const [open, setOpen] = useState(false)
  const { source, destination, skep } = event
  const { action, reason } = event.event
  const line = lineOf(event)
  return (
    <>
      <tr class={open ? 'open' : ''}>
        <td class="nowrap">
          <Time at={timeOf(event)} show="exact" />
        </td>
        <td class="nowrap">
          <Value field="service" value={skep.service} />
          {destination && <span class="quiet">:{destination.port}</span>}
        </td>
        <td class="nowrap">{source && <Address ip={source.ip} country={source.geo?.country} />}</td>
        <td class="nowrap">
          <Value field="action" value={action} />
        </td>
        <td class="what">
          {action === 'connection-closed' && reason ? word(t().ends, reason) : line && <Text text={line} max={200} />}
        </td>
        <td class="nowrap acts">
          {skep.session && (
            <a href={sessionHref(skep.session)} class="button tiny">
              {t().fields.session}
            </a>
          )}
          <button type="button" class="tiny" aria-expanded={open} onClick={() => setOpen(!open)}>
            {t().session.json}
            <span class="unseen">: {word(t().actions, action)}</span>
          </button>
        </td>
      </tr>
      {open && (
        <tr class="detail">
          <td colSpan={6}>
            <Json value={event} />
          </td>
        </tr>
      )}
    </>
  )
}
