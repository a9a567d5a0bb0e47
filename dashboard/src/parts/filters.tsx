import { useRef } from 'preact/hooks'
import { type Field, fields } from '#store/store.ts'
import { type Clause, hrefOf, view, withoutValue, withValue } from '../filter.ts'
import { t } from '../i18n/index.ts'
import { go } from '../router.ts'
import { Icon } from './icon.tsx'
import { RangePicker } from './range.tsx'
import { FieldText } from './value.tsx'

/** Search, time range and the conditions in force, each with a way out. */
export function FilterBar() {
  const { where, text } = view.value
  const search = (event: SubmitEvent) => {
    event.preventDefault()
    const wanted = String(new FormData(event.currentTarget as HTMLFormElement).get('text') ?? '').trim()
    go(hrefOf({ ...view.value, text: wanted.slice(0, 1000) }))
  }
  return (
    <search class="filterbar" aria-label={t().filter.label}>
      <form class="search" onSubmit={search}>
        <Icon name="search" />
        <input
          id="search"
          name="text"
          type="search"
          key={text}
          defaultValue={text}
          maxLength={1000}
          placeholder={t().filter.searchPlaceholder}
          aria-label={t().filter.search}
          autocomplete="off"
          spellcheck={false}
        />
      </form>
      <RangePicker />
      <AddFilter />
      {where.map(clause => (
        <Chip key={`${clause.field}${clause.not ?? ''}`} clause={clause} />
      ))}
      {(where.length > 0 || text) && (
        <a class="clear" href={hrefOf({ ...view.value, where: [], text: '' })}>
          {t().filter.clear}
        </a>
      )}
    </search>
  )
}

function Chip({ clause: { field, not, values } }: { clause: Clause }) {
  return (
    <span class={not ? 'chip not' : 'chip'}>
      <span class="chip-field">
        {t().fields[field]}
        {not && ` ${t().filter.not}`}
      </span>
      {values.map((value, index) => (
        <span key={value} class="chip-value">
          {index > 0 && <span class="quiet">{t().filter.or}</span>}
          <FieldText field={field} value={value} max={32} />
          <a
            class="remove"
            href={hrefOf(withoutValue(view.value, field, value, Boolean(not)))}
            aria-label={t().filter.remove}
            title={t().filter.remove}
          >
            <Icon name="close" />
          </a>
        </span>
      ))}
    </span>
  )
}

/** Any condition by hand, for what stands nowhere on the page to be clicked. */
function AddFilter() {
  const details = useRef<HTMLDetailsElement>(null)
  const add = (event: SubmitEvent) => {
    event.preventDefault()
    const form = event.currentTarget as HTMLFormElement
    const data = new FormData(form)
    const value = String(data.get('value') ?? '')
    go(hrefOf(withValue(view.value, data.get('field') as Field, value, data.get('not') ? true : undefined)))
    form.reset()
    if (details.current) details.current.open = false
  }
  return (
    <details class="add popup" ref={details}>
      <summary>{t().filter.add}</summary>
      <form onSubmit={add}>
        <label>
          {t().filter.field}
          <select name="field">
            {fields.map(field => (
              <option key={field} value={field}>
                {t().fields[field]}
              </option>
            ))}
          </select>
        </label>
        <label>
          {t().filter.value}
          <input name="value" maxLength={1000} autocomplete="off" spellcheck={false} />
        </label>
        <label class="inline">
          <input type="checkbox" name="not" /> {t().filter.not}
        </label>
        <button type="submit" class="primary">
          {t().filter.add}
        </button>
      </form>
    </details>
  )
}
