import type { Field } from '#store/store.ts'
import { hrefOf, type View, view, withValue } from '../filter.ts'
import { ago, countryName, drawsFlags, exact, flag, stamp } from '../format.ts'
import { t, word } from '../i18n/index.ts'
import { visible } from '../inert.ts'
import { clock } from '../settings.ts'
import { Text } from './text.tsx'

/** The API takes no longer value in a filter. */
const MAX_FILTER = 1000

/** A flag where the system draws flags, else the code in a small frame. The name stands beside it, or is read out. */
const Flag = ({ code }: { code: string }) => {
  const drawn = drawsFlags() ? flag(code) : ''
  return (
    <span class={drawn ? 'flag' : 'flag code'} aria-hidden="true">
      {drawn || visible(code, 3)}
    </span>
  )
}

export function Country({ code }: { code: string }) {
  return (
    <span class="country">
      <Flag code={code} />
      {countryName(code)}
    </span>
  )
}

/** Fields whose values are not an attacker's words. */
const ours: ReadonlySet<Field> = new Set<Field>([
  'service',
  'sensor',
  'transport',
  'destination_port',
  'outcome',
  'city',
  'network',
  'asn',
])

/** How a field's value reads: the country by name, an action in words, the rest as it is. */
export function FieldText({ field, value, max = 80 }: { field: Field; value: string; max?: number }) {
  if (field === 'country') return <Country code={value} />
  if (field === 'action') return <>{word(t().actions, value)}</>
  if (ours.has(field)) return <bdi>{visible(value, max)}</bdi>
  return <Text text={value} max={max} open={false} />
}

/** Where a click on a value leads: which view it narrows, on which page; else the current view on this page. */
export type Within = { view?: View; path?: string }

/** A value that can be clicked to see only events with it, with a small button for all events without it. */
export function Value(props: { field: Field; value: string; max?: number; within?: Within }) {
  const { field, value, max, within = {} } = props
  const shown = <FieldText field={field} value={value} {...(max ? { max } : {})} />
  if (value.length > MAX_FILTER) return <span class="value">{shown}</span>
  const name = visible(field === 'country' ? countryName(value) : value, 60)
  const href = (not?: true) => hrefOf(withValue(within.view ?? view.value, field, value, not), within.path)
  return (
    <span class="value">
      <a href={href()} title={t().filter.include(name)}>
        {shown}
      </a>
      <a class="exclude" href={href(true)} title={t().filter.exclude(name)}>
        <span aria-hidden="true">−</span>
        <span class="unseen">{t().filter.exclude(name)}</span>
      </a>
    </span>
  )
}

/** An address: its page is a click away, the filter stands beside it. */
export function Address({ ip, country }: { ip: string; country?: string | undefined }) {
  return (
    <span class="address">
      {country && (
        <span title={countryName(country)}>
          <Flag code={country} />
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
