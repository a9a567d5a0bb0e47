import { useState } from 'preact/hooks'
import { bounds, hrefOf, type Span, spanNames, view } from '../filter.ts'
import { moment } from '../format.ts'
import { t } from '../i18n/index.ts'
import { go } from '../router.ts'
import { Icon } from './icon.tsx'

/** `datetime-local` speaks the reader's own zone. */
const local = (at: number) => {
  const date = new Date(at)
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16)
}

export function RangePicker() {
  const { range } = view.value
  const fixed = 'from' in range
  const [open, setOpen] = useState(false)
  const choose = (event: Event) => {
    const value = (event.currentTarget as HTMLSelectElement).value
    if (value === 'custom') return setOpen(true)
    setOpen(false)
    go(hrefOf({ ...view.value, range: { span: value as Span } }))
  }
  return (
    <div class="range">
      <label>
        <Icon name="clock" />
        <span class="unseen">{t().range.label}</span>
        <select value={fixed || open ? 'custom' : range.span} onChange={choose}>
          {spanNames.map(span => (
            <option key={span} value={span}>
              {t().range.spans[span]}
            </option>
          ))}
          <option value="custom">{fixed ? `${moment(range.from)} – ${moment(range.to)}` : t().range.custom}</option>
        </select>
      </label>
      {fixed && !open && (
        <button type="button" class="tiny" onClick={() => setOpen(true)} title={t().range.custom}>
          …<span class="unseen">{t().range.custom}</span>
        </button>
      )}
      {open && <Custom done={() => setOpen(false)} />}
    </div>
  )
}

function Custom({ done }: { done: () => void }) {
  const start = bounds(view.value.range)
  const [wrong, setWrong] = useState(false)
  const apply = (event: SubmitEvent) => {
    event.preventDefault()
    const form = new FormData(event.currentTarget as HTMLFormElement)
    const from = new Date(String(form.get('from'))).getTime()
    const to = new Date(String(form.get('to'))).getTime()
    if (!(to > from)) return setWrong(true)
    go(hrefOf({ ...view.value, range: { from, to } }))
    done()
  }
  return (
    <form class="custom" onSubmit={apply} onKeyDown={event => event.key === 'Escape' && done()}>
      <label>
        {t().range.from}
        <input type="datetime-local" name="from" required defaultValue={local(start.from)} />
      </label>
      <label>
        {t().range.to}
        <input type="datetime-local" name="to" required defaultValue={local(start.to)} />
      </label>
      {wrong && <p role="alert">{t().range.wrong}</p>}
      <p>
        <button type="submit" class="primary">
          {t().range.apply}
        </button>
        <button type="button" onClick={done}>
          {t().keys.close}
        </button>
      </p>
    </form>
  )
}
