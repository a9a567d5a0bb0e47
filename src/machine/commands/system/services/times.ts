import type { Process } from '../../../system.ts'
import { clock, localTime, two, weekdays, zoneName } from '../facts.ts'

/** `Sat 2026-01-03 02:18:15 UTC`, as systemd prints times. */
export const stampOf = (process: Process, at: number): string => {
  const date = localTime(process, at)
  return `${weekdays[date.getUTCDay()]} ${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())} ${clock(date, true)} ${zoneName(process, at)}`
}

/** `1 week 5 days ago`, format_timestamp_relative of systemd. */
export const agoOf = (milliseconds: number): string => `${spanOf(milliseconds)} ago`

export const spanOf = (milliseconds: number): string => {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000))
  const minutes = Math.floor(seconds / 60)
  const hours = Math.floor(seconds / 3600)
  const days = Math.floor(seconds / 86_400)
  const of = (count: number, name: string): string => `${count} ${name}${count === 1 ? '' : 's'}`
  if (days >= 365) return `${of(Math.floor(days / 365), 'year')} ${of(Math.floor((days % 365) / 30), 'month')}`
  if (days >= 30) return `${of(Math.floor(days / 30), 'month')} ${of(days % 30, 'day')}`
  if (days >= 7) return `${of(Math.floor(days / 7), 'week')} ${of(days % 7, 'day')}`
  if (days >= 2) return of(days, 'day')
  if (days === 1) return `1 day ${hours % 24}h`
  if (hours >= 6) return `${hours}h`
  if (hours > 0) return `${hours}h ${minutes % 60}min`
  if (minutes >= 5) return `${minutes}min`
  if (minutes > 0) return `${minutes}min ${seconds % 60}s`
  return `${seconds}s`
}

/** `9.6M`, bytes as systemd prints them. */
export const bytesOf = (bytes: number): string => {
  const units = ['B', 'K', 'M', 'G', 'T']
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < 4) {
    value /= 1024
    unit++
  }
  return unit === 0 ? `${value}B` : `${Math.floor(value * 10) / 10}${units[unit]}`.replace(/^(\d+)([KMGT])$/, '$1.0$2')
}

/** `14.123s`, `41ms`, `1min 2.345s`. */
export const cpuOf = (seconds: number): string => {
  if (seconds < 1) return `${Math.max(1, Math.round(seconds * 1000))}ms`
  const minutes = Math.floor(seconds / 60)
  const rest = (seconds % 60).toFixed(3)
  return minutes > 0 ? `${minutes}min ${rest}s` : `${rest}s`
}
