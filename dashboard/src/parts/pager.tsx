import { useState } from 'preact/hooks'
import { number } from '../format.ts'
import { t } from '../i18n/index.ts'

/**
 * Pages of a list that only knows how to go on: the cursors taken so far are the way back. `key` the list by the view,
 * so that a new question begins at its first page.
 */
export function useCursors() {
  const [taken, setTaken] = useState<string[]>([])
  return {
    cursor: taken.at(-1),
    page: taken.length + 1,
    forward: (next: string) => {
      setTaken([...taken, next])
      document.getElementById('list')?.scrollIntoView({ block: 'start' })
    },
    back: () => setTaken(taken.slice(0, -1)),
    first: () => setTaken([]),
  }
}

export function Pager({
  cursors,
  next,
  busy,
}: {
  cursors: ReturnType<typeof useCursors>
  next: string | undefined
  busy: boolean
}) {
  const { page, forward, back, first } = cursors
  return (
    <p class="pager">
      <button type="button" disabled={page === 1 || busy} onClick={first}>
        ⇤ {t().events.newest}
      </button>
      <button type="button" disabled={page === 1 || busy} onClick={back}>
        ← {t().events.newer}
      </button>
      <span class="quiet">{t().events.pageOf(number(page))}</span>
      {next ? (
        <button type="button" disabled={busy} onClick={() => forward(next)}>
          {t().events.older} →
        </button>
      ) : (
        <span class="quiet">{t().events.end}</span>
      )}
    </p>
  )
}
