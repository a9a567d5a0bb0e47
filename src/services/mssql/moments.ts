/** Dates as cells hold them: `2026-01-15 03:04:05.678`, the year first, fractions as far as there are any. */

const MS_DAY = 86_400_000
/** Days from 0001-01-01 and from 1900-01-01 to 1970-01-01. */
const FROM_YEAR_ONE = 719_162
const FROM_1900 = 25_567

export type Moment = { /** Days since 1970-01-01. */ days: number /** 100 ns since midnight. */; ticks: bigint }

const form =
  /^\s*(?:(\d{4})-?(\d{2})-?(\d{2}))?(?:[T ]*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.:](\d{1,9}))?)?)?\s*(?:Z|[+-]\d{2}:?\d{2})?\s*([AP]M)?\s*$/i

/** Reads ISO forms; `undefined` where it is none. A time alone is of 1900-01-01. */
export function momentOf(text: string): Moment | undefined {
  const found = form.exec(text.slice(0, 64)) ?? form.exec(american(text.slice(0, 64)))
  if (!found) return undefined
  const [, year, month, day, hours = '0', minutes = '0', seconds = '0', fraction = '', half] = found
  const date = Date.UTC(Number(year ?? 1900), Number(month ?? 1) - 1, Number(day ?? 1))
  if (year !== undefined) {
    const back = new Date(date)
    if (Number(year) < 100) back.setUTCFullYear(Number(year))
    if (back.getUTCMonth() !== Number(month) - 1 || back.getUTCDate() !== Number(day)) return undefined
  }
  const late = half?.toUpperCase() === 'PM' && Number(hours) < 12 ? 12 : 0
  const hour = half?.toUpperCase() === 'AM' && Number(hours) === 12 ? 0 : Number(hours) + late
  if (hour > 23 || Number(minutes) > 59 || Number(seconds) > 59) return undefined
  const ticks =
    BigInt((hour * 3600 + Number(minutes) * 60 + Number(seconds)) * 1000) * 10_000n +
    BigInt(fraction.slice(0, 7).padEnd(7, '0') || '0')
  return { days: Math.floor(date / MS_DAY), ticks }
}
/** `01/15/2026` and `Jan 15 2026` as ISO. */
function american(text: string): string {
  const slashed = /^\s*(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})(.*)$/.exec(text)
  if (slashed) return `${slashed[3]}-${slashed[1]!.padStart(2, '0')}-${slashed[2]!.padStart(2, '0')}${slashed[4]}`
  const named = /^\s*([A-Za-z]{3})[a-z]{0,6}\s+(\d{1,2}),?\s+(\d{4})(.*)$/.exec(text)
  const month = named ? months.findIndex(name => name.toLowerCase() === named[1]!.toLowerCase()) : -1
  return named && month >= 0
    ? `${named[3]}-${String(month + 1).padStart(2, '0')}-${named[2]!.padStart(2, '0')}${named[4]}`
    : text
}
export const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'] as const

/** `digits` behind the point; the time alone or the date alone where asked for. */
export function shownMoment({ days, ticks }: Moment, digits: number, part: 'both' | 'date' | 'time' = 'both'): string {
  const date = new Date(days * MS_DAY).toISOString().slice(0, 10)
  if (part === 'date') return date
  const seconds = Number(ticks / 10_000_000n)
  const two = (n: number) => String(n).padStart(2, '0')
  const fraction =
    digits > 0
      ? `.${String(ticks % 10_000_000n)
          .padStart(7, '0')
          .slice(0, digits)}`
      : ''
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}${fraction}`
  return part === 'time' ? time : `${date} ${time}`
}

export const momentAt = (milliseconds: number): Moment => {
  const days = Math.floor(milliseconds / MS_DAY)
  return { days, ticks: BigInt(Math.round(milliseconds - days * MS_DAY)) * 10_000n }
}
export const millisecondsOf = ({ days, ticks }: Moment): number => days * MS_DAY + Number(ticks) / 10_000

/** What DATETIME is on the wire: days since 1900, and 300ths of a second. MS-TDS 2.2.5.5.1.8 */
export const datetimeParts = ({ days, ticks }: Moment): [number, number] => [
  days + FROM_1900,
  Math.min(25_919_999, Math.round(Number(ticks) / (10_000_000 / 300))),
]
export const fromDatetime = (days: number, parts: number): Moment => ({
  days: days - FROM_1900,
  ticks: BigInt(Math.round((parts * 1000) / 300)) * 10_000n,
})
export const dateNumber = ({ days }: Moment): number => days + FROM_YEAR_ONE
export const fromDateNumber = (number: number): number => number - FROM_YEAR_ONE

/** `Jan 15 2026  3:04AM`, what a DATETIME is as text by default; `6:7` with seconds and a fraction. */
export function worded({ days, ticks }: Moment, fraction = false): string {
  const date = new Date(days * MS_DAY)
  const seconds = Number(ticks / 10_000_000n)
  const hours = Math.floor(seconds / 3600)
  const minutes = String(Math.floor(seconds / 60) % 60).padStart(2, '0')
  const rest = fraction
    ? `:${String(seconds % 60).padStart(2, '0')}:${String((ticks / 10_000n) % 1000n).padStart(3, '0')}`
    : ''
  const head = `${months[date.getUTCMonth()]} ${String(date.getUTCDate()).padStart(2)} ${date.getUTCFullYear()}`
  return `${head} ${String(hours % 12 || 12).padStart(2)}:${minutes}${rest}${hours < 12 ? 'AM' : 'PM'}`
}
