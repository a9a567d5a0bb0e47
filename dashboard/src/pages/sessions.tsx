import type { SessionPage } from '../answers.ts'
import { get } from '../api.ts'
import { apiParams, hrefOf, view, viewKey, withoutValue, withValue } from '../filter.ts'
import { t } from '../i18n/index.ts'
import { FilterBar } from '../parts/filters.tsx'
import { Heading } from '../parts/heading.tsx'
import { Pager, useCursors } from '../parts/pager.tsx'
import { SessionTable } from '../parts/session-table.tsx'
import { Empty, Loaded } from '../parts/state.tsx'
import { useQuery } from '../use-query.ts'

export function Sessions() {
  const only = view.value.where.some(
    ({ field, not, values }) => field === 'action' && !not && values.includes('command'),
  )
  const toggled = only ? withoutValue(view.value, 'action', 'command') : withValue(view.value, 'action', 'command')
  return (
    <>
      <Heading title={t().sessions.title}>
        <FilterBar />
      </Heading>
      <p class="count">
        <a class="button" href={hrefOf(toggled)} aria-current={only ? 'true' : undefined}>
          {t().sessions.only}
        </a>
      </p>
      <List key={viewKey.value} />
    </>
  )
}

function List() {
  const cursors = useCursors()
  const query = useQuery(cursors.cursor ?? 'first', abort => {
    const extra = { limit: 100, ...(cursors.cursor ? { cursor: cursors.cursor } : {}) }
    return get<SessionPage>(`sessions?${apiParams(view.value, Date.now(), extra)}`, abort)
  })
  return (
    <Loaded query={query}>
      {({ items, next }) =>
        items.length === 0 ? (
          <Empty />
        ) : (
          <>
            <SessionTable sessions={items} />
            <Pager cursors={cursors} next={next} busy={query.stale} />
          </>
        )
      }
    </Loaded>
  )
}
