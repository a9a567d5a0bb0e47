import type { ComponentChildren } from 'preact'
import type { Field } from '#store/store.ts'
import { hrefOf, view, withValue } from '../filter.ts'
import { ago, countryName, exact, flag, stamp } from '../format.ts'
import { t, word } from '../i18n/index.ts'
import { clock } from '../settings.ts'
import { Text, visible } from './text.tsx'

/** The API takes no longer value in a filter. */
const MAX_FILTER = 1000

export function Country({ code }: { code: string }) {
  return (
    <span class="country">
      <span class="flag" aria-hidden="true">
        {flag(code)}
      </span>
      {countryName(code)}
    </span>
  )
}

/** How a field's value reads; the country by name, the rest as it is. */
export function FieldText({ field, value, max }: { field: Field; value: string; max?: number }) {
  if (field === 'country') return <Country code={value} />
  if (field === 'action') return <>{word(t().actions, value)}</>
  return <Text text={value} max={max ?? 80} open={false} />
}

/**
 * A value that can be clicked to see only events with it, with a small button for all events without it. `stay` filters
 * this page; otherwise `path` names the page to filter.
 */
export function Value(props: { field: Field; value: string; path?: string; max?: number; children?: ComponentChildren }) {
  const { field, value, path, max, children } = props
  const shown = children ?? <FieldText field={field} value={value} {...(max ? { max } : {})} />
  if (value.length > MAX_FILTER) return <span class="value">{shown}</span>
  const name = visible(field === 'country' ? countryName(value) : value, 60)
  return (
    <span class="value">
      <a href={hrefOf(withValue(view.value, field, value), path)} title={t().filter.include(name)}>
        {shown}
      </a>
      <a
        class="exclude"
        href={hrefOf(withValue(view.value, field, value, true), path)}
        aria-label={t().filter.exclude(name)}
        title={t().filter.exclude(name)}
      >
        <span aria-hidden="true">−</span>
      </a>
    </span>
  )
}

/** An address: its page is a click away, the filter stands beside it. */
export function Address({ ip, country }: { ip: string; country?: string | undefined }) {
  return (
    <span class="address">
      {country && (
        <span class="flag" title={countryName(country)}>
          <span aria-hidden="true">{flag(country)}</span>
          <span class="unseen">{countryName(country)}</span>
        </span>
      )}
      <a class="mono" href={sourceHref(ip)}>
        {visible(ip, 60)}
      </a>
    </span>
  )
}
export const sourceHref = (ip: string) => `/sources/${encodeURIComponent(ip)}`
export const sessionHref = (id: string) => `/sessions/${encodeURIComponent(id)}`

/** "3 min ago", the exact time on hover; or the other way around. */
export function Time({ at, show = 'ago' }: { at: number; show?: 'ago' | 'exact' }) {
  const relative = ago(at, clock.value)
  const [text, title] = show === 'ago' ? [relative, exact(at)] : [stamp(at), `${exact(at)} · ${relative}`]
  return (
    <time dateTime={new Date(at).toISOString()} title={title}>
      {text}
    </time>
  )
}
