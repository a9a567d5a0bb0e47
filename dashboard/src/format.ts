import { language } from './settings.ts'

/** Numbers, times and places in the reader's language and time zone. Reading `language` makes the caller follow a switch. */
const kept = new Map<string, unknown>()
function once<T>(name: string, make: (tag: string) => T): T {
  const key = `${language.value} ${name}`
  if (!kept.has(key)) kept.set(key, make(language.value === 'ja' ? 'ja-JP' : 'en-GB'))
  return kept.get(key) as T
}

export const number = (value: number) => once('number', tag => new Intl.NumberFormat(tag)).format(value)
export const decimal = (value: number) =>
  once('decimal', tag => new Intl.NumberFormat(tag, { maximumFractionDigits: value < 10 ? 1 : 0 })).format(value)
export const compact = (value: number) =>
  once('compact', tag => new Intl.NumberFormat(tag, { notation: 'compact', maximumFractionDigits: 1 })).format(value)
export const percent = (share: number) =>
  once('percent', tag => new Intl.NumberFormat(tag, { style: 'percent', maximumFractionDigits: 0 })).format(share)

export function bytes(value: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
  const power = Math.min(Math.max(0, Math.floor(Math.log10(Math.max(value, 1)) / 3)), units.length - 1)
  if (power === 0) return `${number(value)} B`
  return once(`bytes ${power}`, tag => {
    const format = { style: 'unit', unit: units[power], unitDisplay: 'short', maximumFractionDigits: 1 } as const
    return new Intl.NumberFormat(tag, format)
  }).format(value / 1000 ** power)
}

/** A stretch of milliseconds, in the largest unit that leaves a meaningful number. */
export function duration(ms: number): string {
  const [unit, size] =
    ms < 1000
      ? (['millisecond', 1] as const)
      : ms < 120_000
        ? (['second', 1000] as const)
        : ms < 7_200_000
          ? (['minute', 60_000] as const)
          : ms < 172_800_000
            ? (['hour', 3_600_000] as const)
            : (['day', 86_400_000] as const)
  const digits = unit === 'second' ? 1 : 0
  return once(`duration ${unit}`, tag => {
    const format = {
      style: 'unit',
      unit,
      unitDisplay: tag === 'ja-JP' ? 'short' : 'narrow',
      maximumFractionDigits: digits,
    } as const
    return new Intl.NumberFormat(tag, format)
  }).format(ms / size)
}

/** "3 minutes ago". */
export function ago(at: number, now: number): string {
  const past = Math.max(0, now - at) / 1000
  const format = once('ago', tag => new Intl.RelativeTimeFormat(tag, { numeric: 'auto', style: 'short' }))
  if (past < 60) return format.format(-Math.floor(past / 5) * 5, 'second')
  if (past < 3600) return format.format(-Math.floor(past / 60), 'minute')
  if (past < 86_400) return format.format(-Math.floor(past / 3600), 'hour')
  return format.format(-Math.floor(past / 86_400), 'day')
}

/** Since the beginning of a session: `+0.42 s`, `+3:07`. */
export function since(ms: number): string {
  if (ms < 60_000) return `+${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`
  const whole = Math.floor(ms / 1000)
  const clock = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  const shown = clock[0] ? clock : clock.slice(1)
  return `+${shown.map((part, index) => (index ? String(part).padStart(2, '0') : part)).join(':')}`
}

const exactFormat = () => once('exact', tag => new Intl.DateTimeFormat(tag, { dateStyle: 'medium', timeStyle: 'long' }))
/** Date, time to the second and zone. */
export const exact = (at: number) => exactFormat().format(at)
/** Time to the second, preceded by the day unless it is today. */
export function stamp(at: number): string {
  const today = new Date(at).toDateString() === new Date().toDateString()
  const time = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23' } as const
  return today
    ? once('time', tag => new Intl.DateTimeFormat(tag, time)).format(at)
    : once('stamp', tag => new Intl.DateTimeFormat(tag, { month: '2-digit', day: '2-digit', ...time })).format(at)
}
/** Day and time to the minute. */
export const moment = (at: number) =>
  once('moment', tag => {
    const format = { month: '2-digit', day: '2-digit', hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const
    return new Intl.DateTimeFormat(tag, format)
  }).format(at)
export const clockTime = (at: number) =>
  once('clock', tag => new Intl.DateTimeFormat(tag, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' })).format(
    at,
  )
export const dayMonth = (at: number) =>
  once('day', tag => new Intl.DateTimeFormat(tag, { month: 'short', day: 'numeric' })).format(at)

/** "Asia/Tokyo (GMT+9)". */
export function zone(): string {
  const format = once('zone', tag => new Intl.DateTimeFormat(tag, { timeZoneName: 'shortOffset' }))
  const offset = format.formatToParts(Date.now()).find(part => part.type === 'timeZoneName')?.value ?? ''
  const name = format.resolvedOptions().timeZone
  return name === offset ? name : `${name} (${offset})`
}

/** A country's name in the reader's language; the code itself when it is none. */
export function countryName(code: string): string {
  try {
    return once('region', tag => new Intl.DisplayNames(tag, { type: 'region' })).of(code) ?? code
  } catch {
    return code
  }
}
/** The flag, from two regional indicator symbols; `''` for what is no country code. */
export const flag = (code: string) =>
  /^[A-Z]{2}$/.test(code) ? String.fromCodePoint(...[...code].map(letter => 0x1f1a5 + letter.charCodeAt(0))) : ''

let flagsDrawn: boolean | undefined
/** Whether this system has flags to draw: Windows and bare Linux do not, and then a flag comes out without a colour. */
export function drawsFlags(): boolean {
  if (flagsDrawn !== undefined) return flagsDrawn
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = 24
  const context = canvas.getContext('2d', { willReadFrequently: true })!
  context.font = '18px sans-serif'
  context.fillText(flag('JP') + flag('SE'), 0, 18)
  const { data } = context.getImageData(0, 0, 24, 24)
  flagsDrawn = false
  for (let at = 0; at < data.length; at += 4) if (data[at + 3]! > 0 && data[at] !== data[at + 2]) flagsDrawn = true
  return flagsDrawn
}
