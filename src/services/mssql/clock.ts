import type { Type } from '#sql/value.ts'
import { momentAs } from './cast.ts'
import { bigint, datetime, fixed, type Given, int, type Named, n, strict, t, wide } from './define.ts'
import { failed } from './errors.ts'
import { type Moment, millisecondsOf, momentAt, momentOf } from './moments.ts'
import { now, type Session } from './state.ts'

/** Dates and times. Units by all their names. */
const units = new Map<string, string>(
  Object.entries({
    year: 'year yy yyyy',
    quarter: 'quarter qq q',
    month: 'month mm m',
    dayofyear: 'dayofyear dy y',
    day: 'day dd d',
    week: 'week wk ww',
    weekday: 'weekday dw w',
    hour: 'hour hh',
    minute: 'minute mi n',
    second: 'second ss s',
    millisecond: 'millisecond ms',
    microsecond: 'microsecond mcs',
    nanosecond: 'nanosecond ns',
    iso_week: 'iso_week isowk isoww',
    tzoffset: 'tzoffset tz',
  }).flatMap(([name, all]) => all.split(' ').map(one => [one, name] as const)),
)
const unitOf = (given: Given, name: string): string => {
  const found = units.get(t(given).toLowerCase())
  if (!found) throw failed(155, `'${t(given)}' is not a recognized ${name} option.`, { class: 15, ends: true })
  return found
}
const moment = (value: Given): Moment => {
  const found = typeof value === 'string' ? momentOf(value) : { days: Math.floor(n(value)) - 25_567, ticks: 0n }
  if (!found || Math.abs(found.days) > 3_000_000)
    throw failed(241, 'Conversion failed when converting date and/or time from character string.', { ends: true })
  return found
}
const milliseconds = new Map([
  ['week', 604_800_000],
  ['day', 86_400_000],
  ['dayofyear', 86_400_000],
  ['weekday', 86_400_000],
  ['hour', 3_600_000],
  ['minute', 60_000],
  ['second', 1000],
  ['millisecond', 1],
])
const monthsOf = new Map([
  ['year', 12],
  ['quarter', 3],
  ['month', 1],
])
const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'] as const
const fullMonths = 'January February March April May June July August September October November December'.split(' ')

function added(unit: string, count: number, when: Moment): Moment {
  const by = monthsOf.get(unit)
  const limit = () => failed(517, "Adding a value to a 'datetime' column caused an overflow.", { ends: true })
  if (Math.abs(count) > 1e12) throw limit()
  if (by === undefined) {
    const moved = momentAt(millisecondsOf(when) + count * (milliseconds.get(unit) ?? 0))
    if (Math.abs(moved.days) > 3_000_000 || Number.isNaN(moved.days)) throw limit()
    return moved
  }
  if (Math.abs(count * by) > 120_000) throw limit()
  const date = new Date(when.days * 86_400_000)
  const target = date.getUTCFullYear() * 12 + date.getUTCMonth() + Math.trunc(count) * by
  const last = new Date(Date.UTC(Math.floor(target / 12), (target % 12) + 1, 0)).getUTCDate()
  return {
    days: Math.floor(Date.UTC(Math.floor(target / 12), target % 12, Math.min(date.getUTCDate(), last)) / 86_400_000),
    ticks: when.ticks,
  }
}
function part(unit: string, when: Moment): number {
  const date = new Date(when.days * 86_400_000)
  const seconds = Number(when.ticks / 10_000_000n)
  const year = Date.UTC(date.getUTCFullYear(), 0, 1) / 86_400_000
  switch (unit) {
    case 'year':
      return date.getUTCFullYear()
    case 'quarter':
      return Math.floor(date.getUTCMonth() / 3) + 1
    case 'month':
      return date.getUTCMonth() + 1
    case 'day':
      return date.getUTCDate()
    case 'dayofyear':
      return when.days - year + 1
    case 'week':
    case 'iso_week':
      return Math.floor((when.days - year + new Date(year * 86_400_000).getUTCDay()) / 7) + 1
    case 'weekday':
      return date.getUTCDay() + 1
    case 'hour':
      return Math.floor(seconds / 3600)
    case 'minute':
      return Math.floor(seconds / 60) % 60
    case 'second':
      return seconds % 60
    case 'millisecond':
      return Number((when.ticks / 10_000n) % 1000n)
    case 'tzoffset':
      return 0
    default:
      return Number((when.ticks % 10_000_000n) / (unit === 'microsecond' ? 10n : 1n))
  }
}
/** Boundaries between the two, as DATEDIFF counts them. */
function difference(unit: string, from: Moment, to: Moment): bigint {
  const by = monthsOf.get(unit)
  const count = (when: Moment): number => {
    if (by !== undefined) {
      const date = new Date(when.days * 86_400_000)
      return Math.floor((date.getUTCFullYear() * 12 + date.getUTCMonth()) / by)
    }
    if (unit === 'week') return Math.floor((when.days + 4) / 7)
    return Math.floor(millisecondsOf(when) / (milliseconds.get(unit) ?? 1))
  }
  return BigInt(count(to) - count(from))
}

export function clock(session: Session): Named[] {
  const { offset } = session.cx.persona.timezone
  const local = () => momentAt(now(session) + offset * 60_000)
  const universal = () => momentAt(now(session))
  const two: Type = { name: 'datetime2', scale: 7 }
  const shift: Named[1]['type'] = ([, , type = datetime]) =>
    /date|^time/.test(type.name) ? { ...type, notNull: false } : datetime
  return [
    ['getdate', fixed({ ...datetime, notNull: true }, () => momentAs(local(), datetime))],
    ['current_timestamp', fixed({ ...datetime, notNull: true }, () => momentAs(local(), datetime))],
    ['getutcdate', fixed({ ...datetime, notNull: true }, () => momentAs(universal(), datetime))],
    ['sysdatetime', fixed({ ...two, notNull: true }, () => momentAs(local(), two))],
    ['sysutcdatetime', fixed({ ...two, notNull: true }, () => momentAs(universal(), two))],
    [
      'sysdatetimeoffset',
      fixed({ name: 'datetimeoffset', scale: 7, notNull: true }, () =>
        momentAs(universal(), { name: 'datetimeoffset', scale: 7 }),
      ),
    ],
    [
      'dateadd',
      strict([3, 3], shift, (unit, count, value) =>
        momentAs(added(unitOf(unit!, 'dateadd'), n(count!), moment(value!)), datetime),
      ),
    ],
    [
      'datediff',
      strict([3, 3], int, (unit, from, to) => difference(unitOf(unit!, 'datediff'), moment(from!), moment(to!))),
    ],
    [
      'datediff_big',
      strict([3, 3], bigint, (unit, from, to) => difference(unitOf(unit!, 'datediff_big'), moment(from!), moment(to!))),
    ],
    ['datepart', strict([2, 2], int, (unit, value) => BigInt(part(unitOf(unit!, 'datepart'), moment(value!))))],
    [
      'datename',
      strict([2, 2], wide(30), (unit, value) => {
        const [name, when] = [unitOf(unit!, 'datename'), moment(value!)]
        if (name === 'month') return fullMonths[part('month', when) - 1]!
        return name === 'weekday' ? days[part('weekday', when) - 1]! : String(part(name, when))
      }),
    ],
    ...(['year', 'month', 'day'] as const).map(
      (name): Named => [name, strict([1, 1], int, value => BigInt(part(name, moment(value))))],
    ),
    [
      'eomonth',
      strict([1, 2], { name: 'date' }, (value, count) => {
        const date = new Date(added('month', count === undefined ? 0 : n(count), moment(value!)).days * 86_400_000)
        return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).toISOString().slice(0, 10)
      }),
    ],
    [
      'datefromparts',
      strict([3, 3], { name: 'date' }, (year, month, day) =>
        momentAs(
          moment(
            `${String(n(year!)).padStart(4, '0')}-${String(n(month!)).padStart(2, '0')}-${String(n(day!)).padStart(2, '0')}`,
          ),
          { name: 'date' },
        ),
      ),
    ],
  ]
}
