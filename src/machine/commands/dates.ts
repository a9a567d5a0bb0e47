/**
 * Dates as people type them: `2024-01-15 10:00`, `next monday`, `3 days ago`, `@1700000000`, `Jan 5 10:30pm UTC+2`. The
 * grammar is that of GNU date (Date input formats of the coreutils manual); the machine's zone is UTC.
 */
import {
  longMonths,
  longWeekdays,
  militaryZone,
  months,
  ordinalValues,
  type Relative,
  shifts,
  units,
  weekdays,
  zones,
} from './date-words.ts'

type Token =
  | { kind: 'number'; sign: '' | '+' | '-'; digits: string; fraction: number | undefined }
  | { kind: 'word'; word: string }
  | { kind: 'char'; char: string }

type Reading = {
  tokens: Token[]
  at: number
  date?: { year: number | undefined; month: number; day: number; yearDigits: number }
  time?: { hour: number; minute: number; second: number }
  weekday?: { ordinal: number; day: number }
  /** East of Greenwich, in minutes. */
  zone?: number
  relative?: Relative
}

const longest = 500

/** Milliseconds since the epoch that the text means at `now` (in the same unit); `undefined` for what GNU calls invalid. */
export const parseDate = (text: string, now: number): number | undefined => {
  if (text.length > longest) return undefined
  const trimmed = text.trim()
  const since = /^@[ \t]*([+-]?[0-9]{1,15})(?:[.,]([0-9]+))?$/.exec(trimmed)
  if (since)
    return Number(since[1]) * 1000 + Number(`0.${since[2] ?? '0'}`) * (since[1]!.startsWith('-') ? -1000 : 1000)
  const zoned = /^TZ="([^"]*)"[ \t]*/.exec(trimmed)
  const rest = zoned ? trimmed.slice(zoned[0].length) : trimmed
  const tokens = tokensOf(rest.toLowerCase())
  if (!tokens) return undefined
  const reading: Reading = { tokens, at: 0 }
  while (reading.at < tokens.length) if (!item(reading)) return undefined
  return meant(reading, now)
}

const tokensOf = (text: string): Token[] | undefined => {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const c = text[at]!
    if (/\s/.test(c)) {
      at++
    } else if (c === '(') {
      let depth = 1
      while (++at < text.length && depth > 0) depth += text[at] === '(' ? 1 : text[at] === ')' ? -1 : 0
      if (depth > 0) return undefined
    } else if (/[0-9]/.test(c) || ((c === '-' || c === '+') && /^[+-]+\s*[0-9]/.test(text.slice(at, at + 20)))) {
      const sign = c === '-' || c === '+' ? c : ''
      if (sign) while (!/[0-9]/.test(text[at]!)) at++
      const start = at
      while (/[0-9]/.test(text[at] ?? '')) at++
      const digits = text.slice(start, at)
      const decimals = /^[.,]([0-9]+)/.exec(text.slice(at, at + 30))
      if (decimals) at += decimals[0].length
      tokens.push({ kind: 'number', sign, digits, fraction: decimals ? Number(`0.${decimals[1]}`) : undefined })
    } else if (/[a-z]/.test(c)) {
      const start = at
      while (/[a-z.]/.test(text[at] ?? '')) at++
      tokens.push({ kind: 'word', word: text.slice(start, at).replaceAll('.', '') })
    } else {
      tokens.push({ kind: 'char', char: c })
      at++
    }
  }
  return tokens
}

const peek = (r: Reading, ahead = 0): Token | undefined => r.tokens[r.at + ahead]
const wordAt = (r: Reading, ahead = 0): string | undefined => {
  const token = peek(r, ahead)
  return token?.kind === 'word' ? token.word : undefined
}
const numberAt = (r: Reading, ahead = 0) => {
  const token = peek(r, ahead)
  return token?.kind === 'number' ? token : undefined
}
const isChar = (r: Reading, char: string, ahead = 0): boolean => {
  const token = peek(r, ahead)
  return token?.kind === 'char' && token.char === char
}

const monthOf = (word: string | undefined): number | undefined => {
  if (word === undefined) return undefined
  const index = word.length === 3 ? months.indexOf(word) : longMonths.indexOf(word) % 12
  return word === 'sept' ? 8 : index < 0 ? undefined : index
}
const weekdayOf = (word: string | undefined): number | undefined => {
  if (word === undefined) return undefined
  const index = word.length === 3 ? weekdays.indexOf(word) : longWeekdays.indexOf(word)
  return index < 0 ? undefined : index < 7 ? index : [2, 3, 4, 4][index - 7]
}
const unitOf = (word: string | undefined): Partial<Relative> | undefined =>
  word === undefined ? undefined : (units.get(word) ?? (word.endsWith('s') ? units.get(word.slice(0, -1)) : undefined))

const item = (r: Reading): boolean => {
  const token = peek(r)!
  if (token.kind === 'number') return numeric(r)
  if (token.kind === 'char') return token.char === ',' || token.char === '-' ? ++r.at > 0 : false
  const { word } = token
  if (word === 't' && r.date && !r.time && numberAt(r, 1)) {
    r.at++
    return numeric(r)
  }
  const month = monthOf(word)
  if (month !== undefined) return monthFirst(r, month)
  const weekday = weekdayOf(word)
  if (weekday !== undefined) {
    r.at++
    if (r.weekday) return false
    r.weekday = { ordinal: 0, day: weekday }
    return true
  }
  const shift = shifts.get(word)
  if (shift !== undefined) {
    r.at++
    return add(r, { days: 1 }, shift)
  }
  const ordinal = ordinalValues.get(word)
  if (ordinal !== undefined) return counted(r, ordinal, 1)
  const unit = unitOf(word)
  if (unit) {
    r.at++
    return add(r, unit, 1)
  }
  return zoneItem(r)
}

const monthFirst = (r: Reading, month: number): boolean => {
  r.at++
  if (isChar(r, '-') && numberAt(r, 1)) r.at++
  const day = numberAt(r)
  if (!day || day.sign === '+' || day.fraction !== undefined || r.date) return false
  r.at++
  let year: Token | undefined
  if (isChar(r, ',') && numberAt(r, 1)) r.at++
  const next = numberAt(r)
  // `Jan 5 2024`, but not the hour of `Jan 5 10:00`.
  if (next && !isChar(r, ':', 1) && (r.tokens[r.at - 1]?.kind === 'char' || (day.sign === '-' && next.sign === '-'))) {
    year = next
    r.at++
  }
  r.date = dateOf(year, month, Number(day.digits))
  return true
}

const dateOf = (year: Token | undefined, month: number, day: number): Reading['date'] & object => {
  const digits = year?.kind === 'number' ? year.digits : ''
  return { year: digits === '' ? undefined : Number(digits), month, day, yearDigits: digits.length }
}

const zoneItem = (r: Reading): boolean => {
  const word = wordAt(r)!
  const hours = zones.get(word) ?? (word.length === 1 ? militaryZone(word) : undefined)
  if (hours === undefined || r.zone !== undefined) return false
  r.at++
  r.zone = hours * 60
  if (wordAt(r) === 'dst') {
    r.at++
    r.zone += 60
  }
  const offset = numberAt(r)
  if (offset && offset.sign !== '' && !unitOf(wordAt(r, 1))) r.zone += offsetAt(r) ?? 0
  return true
}

/** `+02:00`, `-0530`, `+2`. */
const offsetAt = (r: Reading): number | undefined => {
  const token = numberAt(r)
  if (!token || token.sign === '' || token.digits.length > 4) return undefined
  r.at++
  const direction = token.sign === '-' ? -1 : 1
  const value = Number(token.digits)
  const minutes = isChar(r, ':') ? numberAt(r, 1) : undefined
  if (minutes) r.at += 2
  const total = minutes
    ? value * 60 + Number(minutes.digits)
    : token.digits.length <= 2
      ? value * 60
      : Math.floor(value / 100) * 60 + (value % 100)
  return total > 24 * 60 ? undefined : direction * total
}

/** A number or `next` before a unit or a weekday. */
const counted = (r: Reading, count: number, width: number): boolean => {
  const word = wordAt(r, width)
  const unit = unitOf(word)
  if (unit) {
    r.at += width + 1
    return add(r, unit, count)
  }
  const weekday = weekdayOf(word)
  if (weekday === undefined || r.weekday) return false
  r.at += width + 1
  r.weekday = { ordinal: count, day: weekday }
  return true
}

const add = (r: Reading, unit: Partial<Relative>, count: number): boolean => {
  r.relative ??= { years: 0, months: 0, days: 0, seconds: 0 }
  let times = count
  if (wordAt(r) === 'ago') {
    r.at++
    times = -count
  } else if (wordAt(r) === 'hence') r.at++
  for (const [name, value] of Object.entries(unit) as [keyof Relative, number][]) r.relative[name] += value * times
  return true
}

const numeric = (r: Reading): boolean => {
  const token = numberAt(r)!
  const value = Number(token.digits) + (token.fraction ?? 0)
  if (isChar(r, ':', 1) && token.sign === '') return clock(r)
  const after = wordAt(r, 1)
  const half = after === undefined ? undefined : meridian(after)
  if (half !== undefined && token.sign === '') {
    r.at += 2
    return setTime(r, hourOf(value, half), 0, 0)
  }
  const unit = unitOf(after)
  if (token.fraction !== undefined && unit?.seconds !== 1) return false
  if (unit || (weekdayOf(after) !== undefined && token.sign !== '')) {
    return counted(r, token.sign === '-' ? -value : value, 1)
  }
  if (weekdayOf(after) !== undefined && !r.date) return counted(r, value, 1)
  if (token.sign !== '') {
    if (!r.time || r.zone !== undefined) return false
    const offset = offsetAt(r)
    if (offset !== undefined) r.zone = offset
    return offset !== undefined
  }
  if (isChar(r, '/', 1)) return slashed(r)
  const [second, third] = [numberAt(r, 1), numberAt(r, 2)]
  if (second?.sign === '-' && third?.sign === '-' && !r.date && token.digits.length > 0 && !unitOf(wordAt(r, 3))) {
    r.at += 3
    r.date = dateOf(token, Number(second.digits) - 1, Number(third.digits))
    return true
  }
  const dashed = isChar(r, '-', 1) ? 1 : 0
  const month = monthOf(wordAt(r, 1 + dashed))
  if (month !== undefined && !r.date) {
    r.at += 2 + dashed
    const next = numberAt(r)
    const isYear = next && !isChar(r, ':', 1) && meridian(wordAt(r, 1) ?? '') === undefined && next.sign !== '+'
    if (isYear && !unitOf(wordAt(r, 1))) r.at++
    r.date = dateOf(isYear && !unitOf(wordAt(r, 0)) ? next : undefined, month, Number(token.digits))
    return true
  }
  return bare(r, token.digits)
}

const meridian = (word: string): 'am' | 'pm' | undefined => (word === 'am' || word === 'pm' ? word : undefined)

/** NaN where the clock has no such hour. */
const hourOf = (hour: number, half: 'am' | 'pm' | undefined): number => {
  if (!half) return hour
  if (hour < 1 || hour > 12) return Number.NaN
  return (hour % 12) + (half === 'pm' ? 12 : 0)
}

const setTime = (r: Reading, hour: number, minute: number, second: number): boolean => {
  if (r.time || !(hour < 24 && minute < 60 && second < 61)) return false
  r.time = { hour, minute, second }
  return true
}

/** `10:30`, `10:30:15.5`, with `pm` or a zone behind. */
const clock = (r: Reading): boolean => {
  const hour = Number(numberAt(r)!.digits)
  const minute = numberAt(r, 2)
  if (!minute) return false
  r.at += 3
  let second = 0
  if (isChar(r, ':')) {
    const seconds = numberAt(r, 1)
    if (!seconds) return false
    second = Number(seconds.digits) + (seconds.fraction ?? 0)
    r.at += 2
  }
  const half = meridian(wordAt(r) ?? '')
  if (half) r.at++
  else if (numberAt(r)?.sign && !unitOf(wordAt(r, 1)) && r.zone === undefined) {
    const offset = offsetAt(r)
    if (offset === undefined) return false
    r.zone = offset
  }
  return setTime(r, hourOf(hour, half), Number(minute.digits), second)
}

/** `1/15`, `1/15/2024`, `2024/1/15`. */
const slashed = (r: Reading): boolean => {
  const first = numberAt(r)!
  const second = numberAt(r, 2)
  if (!second || r.date) return false
  const third = isChar(r, '/', 3) ? numberAt(r, 4) : undefined
  r.at += third ? 5 : 3
  if (third && first.digits.length > 2) r.date = dateOf(first, Number(second.digits) - 1, Number(third.digits))
  else r.date = dateOf(third, Number(first.digits) - 1, Number(second.digits))
  return true
}

/** A number that stands alone: the year, a day of eight digits, or a time. */
const bare = (r: Reading, digits: string): boolean => {
  r.at++
  const value = Number(digits)
  if (r.date && r.date.year === undefined && !r.relative && (r.time || digits.length > 2)) {
    r.date.year = value
    r.date.yearDigits = digits.length
    return true
  }
  if (digits.length > 4) {
    if (r.date) return false
    const year = Math.floor(value / 10_000)
    r.date = { year, month: (Math.floor(value / 100) % 100) - 1, day: value % 100, yearDigits: digits.length - 4 }
    return true
  }
  return digits.length <= 2 ? setTime(r, value, 0, 0) : setTime(r, Math.floor(value / 100), value % 100, 0)
}

const meant = (r: Reading, now: number): number | undefined => {
  const base = new Date(now)
  let [year, month, day] = [base.getUTCFullYear(), base.getUTCMonth(), base.getUTCDate()]
  if (r.date) {
    const { date } = r
    if (date.year !== undefined) {
      year = date.year + (date.yearDigits <= 2 ? (date.year < 69 ? 2000 : 1900) : 0)
    }
    ;[month, day] = [date.month, date.day]
    const check = new Date(utc(year, month, day))
    if (month < 0 || day < 1 || check.getUTCMonth() !== month || check.getUTCDate() !== day) return undefined
  }
  const keepsClock = !r.time && r.relative !== undefined && !r.date && !r.weekday
  const clockOf = keepsClock
    ? base.getUTCHours() * 3600 + base.getUTCMinutes() * 60 + base.getUTCSeconds() + base.getUTCMilliseconds() / 1000
    : r.time
      ? r.time.hour * 3600 + r.time.minute * 60 + r.time.second
      : 0
  if (r.weekday && !r.date) {
    const { ordinal, day: wanted } = r.weekday
    const today = new Date(utc(year, month, day)).getUTCDay()
    day += ((wanted - today + 7) % 7) + 7 * (ordinal - (ordinal > 0 && today !== wanted ? 1 : 0))
  }
  const { years = 0, months: more = 0, days = 0, seconds = 0 } = r.relative ?? {}
  const start = utc(year + Math.trunc(years), month + Math.trunc(more), day + Math.trunc(days))
  const time = start + Math.round((clockOf + seconds) * 1000) - (r.zone ?? 0) * 60_000
  return Number.isNaN(new Date(time).getTime()) ? undefined : time
}

/** Date.UTC without its own idea of years of two digits. */
const utc = (year: number, month: number, day: number): number => {
  const date = new Date(0)
  date.setUTCFullYear(year, month, day)
  return date.getTime()
}
