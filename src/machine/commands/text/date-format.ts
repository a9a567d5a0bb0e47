import type { Moment } from './date.ts'
import type { Zone } from './zones.ts'

const days = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday']
const months = 'January February March April May June July August September October November December'.split(' ')

/** A field: its text, with how it is filled up to its width. */
type Field = { text: string; width: number; fill: '0' | ' ' | '' }
const widest = 1024

/** nstrftime of gnulib: strftime(3) in the C locale with GNU's flags `-_0^#` and widths. */
export const formatDate = (format: string, moment: Moment & { zone: Zone }): string =>
  format.replace(
    /%([-_0^#+]*)([0-9]*)[EO]?(:{0,3}z|[\s\S])/g,
    (whole, flags: string, width: string, letter: string) => {
      const composite = composites.get(letter)
      const field: Field | undefined =
        composite === undefined
          ? fieldFor(letter, moment)
          : { text: formatDate(composite, moment), width: 0, fill: ' ' }
      if (!field) return whole
      let { text, fill } = field
      for (const flag of flags) {
        if (flag === '-') fill = ''
        else if (flag === '_') fill = ' '
        else if (flag === '0') fill = '0'
        else if (flag === '^') text = text.toUpperCase()
        else if (flag === '#') text = letter === 'p' || letter === 'Z' ? text.toLowerCase() : text.toUpperCase()
      }
      const least = width === '' ? field.width : Math.min(Number(width), widest)
      if (fill === '') return text
      const sign = fill === '0' && /^[-+]/.test(text) ? text[0]! : ''
      return sign + text.slice(sign.length).padStart(least - sign.length, fill)
    },
  )

const composites = new Map([
  ['c', '%a %b %e %H:%M:%S %Y'],
  ['D', '%m/%d/%y'],
  ['F', '%Y-%m-%d'],
  ['r', '%I:%M:%S %p'],
  ['R', '%H:%M'],
  ['T', '%H:%M:%S'],
  ['x', '%m/%d/%y'],
  ['X', '%H:%M:%S'],
])

const fieldFor = (letter: string, { seconds, nanoseconds, zone }: Moment & { zone: Zone }): Field | undefined => {
  const { offset, name } = zone.at(seconds)
  const date = new Date((seconds + offset) * 1000)
  const [year, month, day, weekday] = [date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate(), date.getUTCDay()]
  const hour = date.getUTCHours()
  const yearDay = Math.floor((date.getTime() - Date.UTC(year, 0, 1)) / 86_400_000)
  const number = (value: number, width: number, fill: '0' | ' ' = '0'): Field => ({ text: String(value), width, fill })
  const word = (text: string): Field => ({ text, width: 0, fill: ' ' })
  switch (letter) {
    case '%':
      return word('%')
    case 'n':
      return word('\n')
    case 't':
      return word('\t')
    case 'a':
      return word(days[weekday]!.slice(0, 3))
    case 'A':
      return word(days[weekday]!)
    case 'b':
    case 'h':
      return word(months[month]!.slice(0, 3))
    case 'B':
      return word(months[month]!)
    case 'C':
      return number(Math.floor(year / 100), 2)
    case 'd':
      return number(day, 2)
    case 'e':
      return number(day, 2, ' ')
    case 'g':
    case 'G':
    case 'V': {
      const [isoYear, week] = isoWeek(year, yearDay, weekday)
      if (letter === 'V') return number(week, 2)
      return letter === 'G' ? number(isoYear, 4) : number(((isoYear % 100) + 100) % 100, 2)
    }
    case 'H':
      return number(hour, 2)
    case 'I':
      return number(hour % 12 || 12, 2)
    case 'j':
      return number(yearDay + 1, 3)
    case 'k':
      return number(hour, 2, ' ')
    case 'l':
      return number(hour % 12 || 12, 2, ' ')
    case 'm':
      return number(month + 1, 2)
    case 'M':
      return number(date.getUTCMinutes(), 2)
    case 'N':
      return { text: String(nanoseconds).padStart(9, '0'), width: 9, fill: '0' }
    case 'p':
      return word(hour < 12 ? 'AM' : 'PM')
    case 'P':
      return word(hour < 12 ? 'am' : 'pm')
    case 'q':
      return number(Math.floor(month / 3) + 1, 1)
    case 's':
      return number(seconds, 1)
    case 'S':
      return number(date.getUTCSeconds(), 2)
    case 'u':
      return number(weekday || 7, 1)
    case 'U':
      return number(Math.floor((yearDay + 7 - weekday) / 7), 2)
    case 'w':
      return number(weekday, 1)
    case 'W':
      return number(Math.floor((yearDay + 7 - ((weekday + 6) % 7)) / 7), 2)
    case 'y':
      return number(((year % 100) + 100) % 100, 2)
    case 'Y':
      return number(year, 4)
    case 'z':
    case ':z':
    case '::z':
    case ':::z':
      return { text: offsetText(offset, letter.length - 1), width: 0, fill: '0' }
    case 'Z':
      return word(name)
  }
  return undefined
}

const offsetText = (offset: number, colons: number): string => {
  const size = Math.abs(offset)
  const parts = [Math.floor(size / 3600), Math.floor(size / 60) % 60, size % 60].map(part =>
    String(part).padStart(2, '0'),
  )
  const sign = offset < 0 ? '-' : '+'
  if (colons === 0) return sign + parts[0]! + parts[1]!
  if (colons === 1) return `${sign}${parts[0]}:${parts[1]}`
  if (colons === 2) return sign + parts.join(':')
  return sign + parts.slice(0, parts[2] !== '00' ? 3 : parts[1] !== '00' ? 2 : 1).join(':')
}

/** ISO 8601: the week with the year's first Thursday is its first. */
const isoWeek = (year: number, yearDay: number, weekday: number): [number, number] => {
  const week = Math.floor((yearDay - ((weekday + 6) % 7) + 10) / 7)
  if (week < 1) return [year - 1, weeksIn(year - 1)]
  return week > weeksIn(year) ? [year + 1, 1] : [year, week]
}
const weeksIn = (year: number): number => {
  const last = new Date(Date.UTC(year, 11, 31)).getUTCDay()
  const first = new Date(Date.UTC(year, 0, 1)).getUTCDay()
  return last === 4 || first === 4 ? 53 : 52
}
