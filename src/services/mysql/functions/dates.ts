import type { Type, Value } from '#sql/value.ts'
import { textOf, toBig, toNumber } from '../numbers.ts'
import { stamp } from '../seed.ts'
import { now, type Session } from '../state.ts'
import { bigint, int, text } from '../typing.ts'
import { loose, MANY, strict, type Table } from './define.ts'

/** Times are text as MySQL shows them, in the machine's zone; computed with as milliseconds of an imagined UTC. */
const date: Type = { name: 'date', length: 10 }
const time: Type = { name: 'time', length: 10 }
const datetime: Type = { name: 'datetime', length: 19 }

function parse(value: Value): number | undefined {
  if (value === null) return undefined
  const found = /^\s*(\d{2,4})-?(\d\d?)-?(\d\d?)(?:[T ]?(\d\d?)(?::?(\d\d?)(?::?(\d\d?)(?:\.(\d{1,6}))?)?)?)?/.exec(
    textOf(value),
  )
  if (!found) return undefined
  const [, year, month, day, hour = 0, minute = 0, second = 0] = found.map(Number)
  const at = Date.UTC(year!, month! - 1, day, hour || 0, minute || 0, second || 0)
  return month! < 1 || month! > 12 || day! < 1 || day! > 31 || Number.isNaN(at) ? undefined : at
}
const with_ =
  (compute: (at: Date) => Value) =>
  ([value]: readonly Value[]): Value => {
    const at = parse(value!)
    return at === undefined ? null : compute(new Date(at))
  }
const part = (length: number, compute: (at: Date) => number) =>
  loose(
    [1, 1],
    int(length, { notNull: false }),
    with_(at => BigInt(compute(at))),
  )

const units = new Map([
  ['microsecond', 0.001],
  ['second', 1000],
  ['minute', 60_000],
  ['hour', 3_600_000],
  ['day', 86_400_000],
  ['week', 604_800_000],
])
function shifted(value: Value, interval: Value, sign: number): Value {
  const at = parse(value)
  if (at === undefined || interval === null) return null
  const [amount, unit] = Array.isArray(interval) ? (interval as [Value, string]) : [interval, 'day']
  if (amount === null) return null
  const n = Math.trunc(toNumber(amount)) * sign
  const moved = new Date(at)
  const by = units.get(unit)
  if (by !== undefined) moved.setTime(at + n * by)
  else if (unit === 'year') moved.setUTCFullYear(moved.getUTCFullYear() + n)
  else moved.setUTCMonth(moved.getUTCMonth() + n * (unit === 'quarter' ? 3 : 1))
  if (Number.isNaN(moved.getTime()) || moved.getUTCFullYear() > 9999 || moved.getUTCFullYear() < 0) return null
  const plain =
    /^\s*\d+-\d+-\d+\s*$/.test(textOf(value as Exclude<Value, null>)) && (by === undefined || by >= 86_400_000)
  return plain ? stamp(moved.getTime()).slice(0, 10) : stamp(moved.getTime())
}

const days = 'Sunday Monday Tuesday Wednesday Thursday Friday Saturday'.split(' ')
const months = 'January February March April May June July August September October November December'.split(' ')
const two = (n: number) => String(n).padStart(2, '0')
function format(at: Date, pattern: string): string {
  const hour = at.getUTCHours()
  const words = new Map<string, string>([
    ['Y', String(at.getUTCFullYear()).padStart(4, '0')],
    ['y', two(at.getUTCFullYear() % 100)],
    ['m', two(at.getUTCMonth() + 1)],
    ['c', String(at.getUTCMonth() + 1)],
    ['d', two(at.getUTCDate())],
    ['e', String(at.getUTCDate())],
    ['H', two(hour)],
    ['k', String(hour)],
    ['h', two(hour % 12 || 12)],
    ['i', two(at.getUTCMinutes())],
    ['s', two(at.getUTCSeconds())],
    ['S', two(at.getUTCSeconds())],
    ['f', '000000'],
    ['p', hour < 12 ? 'AM' : 'PM'],
    ['M', months[at.getUTCMonth()]!],
    ['b', months[at.getUTCMonth()]!.slice(0, 3)],
    ['W', days[at.getUTCDay()]!],
    ['a', days[at.getUTCDay()]!.slice(0, 3)],
    ['w', String(at.getUTCDay())],
    ['T', at.toISOString().slice(11, 19)],
  ])
  return pattern.slice(0, 1000).replace(/%([\s\S])/g, (_, c: string) => words.get(c) ?? c)
}

/** Functions of date and time for this session's clock. */
export function dates(session: Session): Table {
  const { persona } = session.cx
  const local = () => now(session) + persona.timezone.offset * 60_000
  const at = () => stamp(local())
  const current = loose([0, 1], { ...datetime, notNull: true }, at)
  const today = loose([0, 0], { ...date, notNull: true }, () => at().slice(0, 10))
  const clock = loose([0, 1], { ...time, notNull: true }, () => at().slice(11))
  const utc = () => stamp(now(session))
  const each = <T>(names: string, one: T): [string, T][] => names.split(' ').map(name => [name, one])
  return new Map([
    ...each('now current_timestamp localtime localtimestamp sysdate', current),
    ...each('curdate current_date', today),
    ...each('curtime current_time', clock),
    ['utc_timestamp', loose([0, 1], { ...datetime, notNull: true }, utc)],
    ['utc_date', loose([0, 0], { ...date, notNull: true }, () => utc().slice(0, 10))],
    ['utc_time', loose([0, 1], { ...time, notNull: true }, () => utc().slice(11))],
    [
      'unix_timestamp',
      loose([0, 1], bigint(17), ([value]) => {
        if (value === undefined) return BigInt(Math.floor(now(session) / 1000))
        const parsed = parse(value)
        return parsed === undefined ? null : BigInt(Math.floor(parsed / 1000) - persona.timezone.offset * 60)
      }),
    ],
    [
      'from_unixtime',
      strict(
        [1, 2],
        ([, pattern]) => (pattern ? text(80) : datetime),
        ([value, pattern]) => {
          const moment = new Date((Number(toBig(value!)) + persona.timezone.offset * 60) * 1000)
          if (Number.isNaN(moment.getTime())) return null
          return pattern === undefined ? stamp(moment.getTime()) : format(moment, textOf(pattern))
        },
      ),
    ],
    [
      'date',
      loose(
        [1, 1],
        date,
        with_(moment => stamp(moment.getTime()).slice(0, 10)),
      ),
    ],
    [
      'time',
      loose(
        [1, 1],
        time,
        with_(moment => stamp(moment.getTime()).slice(11)),
      ),
    ],
    [
      'timestamp',
      loose(
        [1, 1],
        datetime,
        with_(moment => stamp(moment.getTime())),
      ),
    ],
    ['year', part(4, moment => moment.getUTCFullYear())],
    ['month', part(2, moment => moment.getUTCMonth() + 1)],
    ...each(
      'day dayofmonth',
      part(2, moment => moment.getUTCDate()),
    ),
    ['hour', part(2, moment => moment.getUTCHours())],
    ['minute', part(2, moment => moment.getUTCMinutes())],
    ['second', part(2, moment => moment.getUTCSeconds())],
    ['dayofweek', part(1, moment => moment.getUTCDay() + 1)],
    ['weekday', part(1, moment => (moment.getUTCDay() + 6) % 7)],
    ['quarter', part(1, moment => Math.floor(moment.getUTCMonth() / 3) + 1)],
    [
      'dayname',
      loose(
        [1, 1],
        text(9),
        with_(moment => days[moment.getUTCDay()]!),
      ),
    ],
    [
      'monthname',
      loose(
        [1, 1],
        text(9),
        with_(moment => months[moment.getUTCMonth()]!),
      ),
    ],
    [
      'to_days',
      loose(
        [1, 1],
        int(6),
        with_(moment => BigInt(Math.floor(moment.getTime() / 86_400_000) + 719_528)),
      ),
    ],
    [
      'extract',
      loose([2, 2], int(11), ([unit, value]) => {
        const moment = parse(value!)
        if (moment === undefined) return null
        const mark = { year: '%Y', month: '%c', day: '%e', hour: '%k', minute: '%i', second: '%s' }[String(unit)]
        return mark === undefined ? null : BigInt(format(new Date(moment), mark))
      }),
    ],
    [
      'date_format',
      strict([2, 2], text(80), ([value, pattern]) => with_(moment => format(moment, textOf(pattern!)))([value!])),
    ],
    ...each(
      'date_add adddate',
      loose([2, 2], datetime, ([value, interval]) => shifted(value!, interval!, 1)),
    ),
    ...each(
      'date_sub subdate',
      loose([2, 2], datetime, ([value, interval]) => shifted(value!, interval!, -1)),
    ),
    [
      'datediff',
      strict([2, 2], int(7), ([a, b]) => {
        const [x, y] = [parse(a!), parse(b!)]
        return x === undefined || y === undefined
          ? null
          : BigInt(Math.floor(x / 86_400_000) - Math.floor(y / 86_400_000))
      }),
    ],
    [
      'timestampdiff',
      loose([3, 3], bigint(21), ([unit, a, b]) => {
        const [x, y] = [parse(a!), parse(b!)]
        const by = units.get(String(unit)) ?? (unit === 'year' ? 31_557_600_000 : 2_629_800_000)
        return x === undefined || y === undefined ? null : BigInt(Math.trunc((y - x) / by))
      }),
    ],
    ['str_to_date', strict([2, 2], datetime, ([value]) => with_(moment => stamp(moment.getTime()))([value!]))],
    ['timediff', strict([2, 2], time, () => '00:00:00')],
    ['makedate', loose([2, MANY], date, () => null)],
  ])
}
export const shift = shifted
