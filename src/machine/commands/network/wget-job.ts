import type { Output, Process } from '../../system.ts'
import { statOf } from '../paths.ts'
import type { WgetOptions } from './wget-options.ts'

/** Names `x.1`, `x.2` … that are tried. */
const mostCopies = 500

/** One run of wget: what it was told, and what it has done so far. */
export type Job = {
  process: Process
  options: WgetOptions
  /** Where messages go: standard error, or a log. */
  log: Output
  quoted(name: string): string
  /** Hosts a connection is kept to. */
  open: Set<string>
  /** -O was opened, and what follows is appended. */
  started: boolean
  count: number
  bytes: number
  seconds: number
  status: number
}

const two = (value: number): string => String(value).padStart(2, '0')
/** `2026-01-15 09:30:00` of the machine's own time. */
export const stamp = (process: Process): string => {
  const { offset } = process.host.persona.timezone
  const date = new Date(process.now() + offset * 60_000)
  const day = [date.getUTCFullYear(), two(date.getUTCMonth() + 1), two(date.getUTCDate())].join('-')
  return `${day} ${[date.getUTCHours(), date.getUTCMinutes(), date.getUTCSeconds()].map(two).join(':')}`
}

export const recursive = (options: WgetOptions): boolean => options.has('recursive') || options.has('mirror')

/** The name, with a number behind it where it is taken. */
export const freeName = (process: Process, name: string): string => {
  if (!statOf(process, name)) return name
  for (let at = 1; at < mostCopies; at++) if (!statOf(process, `${name}.${at}`)) return `${name}.${at}`
  return `${name}.${mostCopies}`
}
