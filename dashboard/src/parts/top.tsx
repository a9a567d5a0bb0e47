import { useState } from 'preact/hooks'
import type { Field } from '#store/store.ts'
import type { Top } from '../answers.ts'
import { hrefOf, view, withValue } from '../filter.ts'
import { number, percent } from '../format.ts'
import { t } from '../i18n/index.ts'
import { Text } from './text.tsx'
import { Address, Value, type Within } from './value.tsx'

const FEW = 12

type Props = { by: Field[]; rows: Top; total?: number; max?: number; within?: Within }

/** The most frequent values as bars; `total` is what their shares are shares of. */
export function TopList({ by, rows, total, max = 48, within }: Props) {
  const [all, setAll] = useState(false)
  if (!rows.length) return <p class="quiet none">{t().overview.none}</p>
  const most = Math.max(...rows.map(row => row.count), 1)
  const shown = all ? rows : rows.slice(0, FEW)
  return (
    <>
      <ol class="bars">
        {shown.map(({ values, count }) => (
          <li key={JSON.stringify(values)}>
            <svg class="bar" aria-hidden="true" preserveAspectRatio="none" viewBox="0 0 100 1">
              <rect width={(100 * count) / most} height="1" />
            </svg>
            <span class="bar-label">
              <Label by={by} values={values} max={max} within={within} />
            </span>
            <span class="bar-count" title={total ? percent(count / total) : undefined}>
              {number(count)}
            </span>
          </li>
        ))}
      </ol>
      {rows.length > shown.length && (
        <button type="button" class="link" onClick={() => setAll(true)}>
          {t().session.showMore(number(rows.length - shown.length))}
        </button>
      )}
    </>
  )
}

function Label({
  by,
  values,
  max,
  within,
}: {
  by: Field[]
  values: string[]
  max: number
  within: Within | undefined
}) {
  const [field, second] = by
  const [value = '', other] = values
  if (!field) return null
  if (field === 'source_ip') return <Address ip={value} />
  if (!second || other === undefined)
    return <Value field={field} value={value} max={max} {...(within ? { within } : {})} />
  if (value.length + other.length > 1000) return <Pair values={[value, other]} max={max} />
  const both = withValue(withValue(within?.view ?? view.value, field, value), second, other)
  return (
    <span class="value">
      <a href={hrefOf(both, within?.path)}>
        <Pair values={[value, other]} max={max} />
      </a>
    </span>
  )
}

const Pair = ({ values, max }: { values: [string, string]; max: number }) => (
  <>
    <Text text={values[0]} max={max / 2} open={false} /> <span class="quiet">/</span>{' '}
    <Text text={values[1]} max={max / 2} open={false} />
  </>
)
