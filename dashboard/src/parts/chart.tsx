import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { ChartHandle } from '../chart/chart.ts'
import type { Series } from '../chart/columns.ts'
import { fetchPart } from '../fetch-part.ts'
import { hrefOf, view } from '../filter.ts'
import { duration, exact, number } from '../format.ts'
import { t } from '../i18n/index.ts'
import { visible } from '../inert.ts'
import { go } from '../router.ts'
import { dark, language } from '../settings.ts'

/** Colours stay with their value while the page is open, however the ranks change. */
const given = new Map<string, number>()
const COLOURS = 8
const colourOf = (name: string) => {
  if (name === '') return 'other'
  if (!given.has(name)) given.set(name, given.size % COLOURS)
  return String(given.get(name))
}

/** Stacked bars over time; dragging over them zooms in, the legend filters, and a table says the same in numbers. */
export function TimeChart(props: {
  times: number[]
  series: Series[]
  interval: number
  onPick?: (name: string) => string
}) {
  const { times, series, interval, onPick } = props
  const frame = useRef<HTMLDivElement>(null)
  const handle = useRef<ChartHandle>(undefined)
  const [ready, setReady] = useState(false)
  const coloured = useMemo(() => series.map(one => ({ ...one, colour: colourOf(one.name) })), [series])
  const totals = times.map((_, index) => series.reduce((sum, one) => sum + one.counts[index]!, 0))
  const peak = totals.indexOf(Math.max(...totals))
  const shape = `${coloured.map(one => `${one.name}/${one.label}/${one.colour}`).join()} ${dark.value} ${language.value}`

  useEffect(() => {
    let gone = false
    void fetchPart(
      () => import('../chart/chart.ts'),
      () => !gone,
    ).then(part => {
      if (!part || !frame.current) return
      handle.current = part.createChart(frame.current, { times, series: coloured, interval }, zoom)
      setReady(true)
    })
    return () => {
      gone = true
      handle.current?.destroy()
      handle.current = undefined
    }
  }, [shape])
  useEffect(() => handle.current?.update({ times, series: coloured, interval }), [times, series])

  return (
    <figure class="chart">
      <div
        ref={frame}
        class={ready ? 'plot' : 'plot waiting'}
        role="img"
        aria-label={t().overview.chartText(
          number(totals.reduce((sum, count) => sum + count, 0)),
          number(totals[peak] ?? 0),
          exact(times[peak] ?? 0),
        )}
      />
      <ul class="legend">
        {coloured.map(one => (
          <li key={one.name}>
            <span class={`swatch c-${one.colour}`} aria-hidden="true" />
            {one.name !== '' && onPick ? (
              <a href={onPick(one.name)}>{visible(one.label, 30)}</a>
            ) : (
              visible(one.label, 30)
            )}
          </li>
        ))}
      </ul>
      <p class="quiet note drag">{t().overview.chartHint(duration(interval))}</p>
      <NumbersTable times={times} series={series} />
    </figure>
  )
}

const zoom = (from: number, to: number) =>
  go(hrefOf({ ...view.value, range: { from: Math.floor(from), to: Math.ceil(to) } }))

function NumbersTable({ times, series }: { times: number[]; series: Series[] }) {
  const [open, setOpen] = useState(false)
  const filled = times.map((at, index) => ({ at, index })).filter(({ index }) => series.some(one => one.counts[index]))
  return (
    <details class="numbers" onToggle={event => setOpen(event.currentTarget.open)}>
      <summary>{t().overview.chartTable}</summary>
      {open && (
        <div class="scroll">
          <table>
            <thead>
              <tr>
                <th scope="col">{t().overview.time}</th>
                {series.map(one => (
                  <th key={one.name} scope="col" class="num">
                    {visible(one.label, 20)}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {filled.slice(-200).map(({ at, index }) => (
                <tr key={at}>
                  <th scope="row">{exact(at)}</th>
                  {series.map(one => (
                    <td key={one.name} class="num">
                      {number(one.counts[index]!)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </details>
  )
}
