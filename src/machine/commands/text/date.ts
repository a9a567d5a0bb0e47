import { errorText } from '../../errors.ts'
import type { Process, Program } from '../../system.ts'
import { usageError } from '../coreutils.ts'
import { parseDate } from '../dates.ts'
import { getopt, type Option, usageMistake } from '../getopt.ts'
import { versioned } from '../package-version.ts'
import { complain, statOf } from '../paths.ts'
import { quote, quoteColon, quoteFile } from '../quoting.ts'
import { formatDate } from './date-format.ts'
import { linesOf, openInput } from './io.ts'
import { type Zone, zoneOf } from './zones.ts'

const options: Option[] = [
  { short: 'd', long: 'date', argument: 'required' },
  { long: 'debug' },
  { short: 'f', long: 'file', argument: 'required' },
  { short: 'I', argument: 'optional' },
  { long: 'iso-8601', argument: 'optional' },
  { short: 'r', long: 'reference', argument: 'required' },
  { short: 'R', long: 'rfc-email' },
  { long: 'rfc-2822' },
  { long: 'rfc-3339', argument: 'required' },
  { long: 'resolution' },
  { short: 's', long: 'set', argument: 'required' },
  { short: 'u', long: 'utc' },
  { long: 'universal' },
  { long: 'uct' },
  { long: 'help' },
  { long: 'version' },
]

const iso: Record<string, string> = {
  date: '%Y-%m-%d',
  hours: '%Y-%m-%dT%H%:z',
  minutes: '%Y-%m-%dT%H:%M%:z',
  seconds: '%Y-%m-%dT%H:%M:%S%:z',
  ns: '%Y-%m-%dT%H:%M:%S,%N%:z',
}
const rfc3339: Record<string, string> = {
  date: '%Y-%m-%d',
  seconds: '%Y-%m-%d %H:%M:%S%:z',
  ns: '%Y-%m-%d %H:%M:%S.%N%:z',
}

const choose = (table: Record<string, string>, word: string): string | undefined => {
  const found = Object.keys(table).filter(name => word !== '' && name.startsWith(word))
  return found.length === 1 ? table[found[0]!] : undefined
}

/** date(1). The clock cannot be set by whom it does not belong to, nor here by anybody for others. */
export const date: Program = async process => {
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  if (parsed.has('version') || parsed.has('help')) {
    await process.stdout.write(
      parsed.has('version')
        ? versioned(process, 'date (GNU coreutils) @coreutils@\n')
        : 'Usage: date [OPTION]... [+FORMAT]\n',
    )
    return 0
  }
  const utc = ['utc', 'universal', 'uct'].some(parsed.has)
  const zone = zoneOf(utc ? 'UTC0' : process.env.get('TZ'))
  let format: string | undefined
  for (const { name, value } of parsed.given) {
    if (name === 'I' || name === 'iso-8601') format = choose(iso, value ?? 'date')
    else if (name === 'rfc-3339') format = choose(rfc3339, value!)
    else if (name === 'rfc-email' || name === 'rfc-2822') format = '%a, %d %b %Y %H:%M:%S %z'
    else if (name === 'resolution') format = '%s.%N'
    else continue
    if (format === undefined)
      return usageError(process, `invalid argument ${quote(process, value ?? '')} for ${quote(process, `--${name}`)}`)
  }
  const [first, extra] = parsed.operands
  let setting = parsed.value('set')
  if (extra !== undefined) return usageError(process, `extra operand ${quote(process, extra)}`)
  if (first?.startsWith('+')) {
    if (format !== undefined) {
      await complain(process, 'multiple output formats specified')
      return 1
    }
    format = first.slice(1)
  } else if (first !== undefined) {
    if (setting !== undefined || parsed.has('date'))
      return usageError(
        process,
        `the argument ${quote(process, first)} lacks a leading '+';\nwhen using an option to specify date(s), any non-option\nargument must be a format string beginning with '+'`,
      )
    setting = posixTime(first)
    if (setting === undefined) {
      await complain(process, `invalid date ${quote(process, first)}`)
      return 1
    }
  }
  const show = (time: Moment): Promise<void> =>
    process.stdout.write(`${formatDate(format ?? '%a %b %e %H:%M:%S %Z %Y', { ...time, zone })}\n`)
  const file = parsed.value('file')
  if (file !== undefined) return eachLine(process, file, zone, show)
  const reference = parsed.value('reference')
  if (reference !== undefined) {
    const stat = statOf(process, reference)
    if (!stat) {
      await complain(process, `${quoteColon(process, reference)}: No such file or directory`)
      return 1
    }
    await show(momentOf(stat.mtime))
    return 0
  }
  const text = setting ?? parsed.value('date')
  const time = text === undefined ? momentOf(process.now()) : read(process, text, zone)
  if (!time) {
    await complain(process, `invalid date ${quote(process, text!)}`)
    return 1
  }
  let status = 0
  if (setting !== undefined) {
    if (process.who.uid !== 0) {
      await complain(process, 'cannot set date: Operation not permitted')
      status = 1
    }
  }
  await show(time)
  return status
}

export type Moment = { seconds: number; nanoseconds: number }
const momentOf = (milliseconds: number): Moment => {
  const seconds = Math.floor(milliseconds / 1000)
  return { seconds, nanoseconds: Math.round((milliseconds - seconds * 1000) * 1e6) }
}

/** What the text means in that zone. */
const read = (process: Process, text: string, zone: Zone): Moment | undefined => {
  const quoted = /^\s*TZ="([^"]*)"/.exec(text)
  const own = quoted ? zoneOf(quoted[1]) : zone
  const shift = own.at(process.now() / 1000).offset * 1000
  // Read as if the zone were UTC; where the text names none, the zone's own offset at that time is taken off.
  const absolute = /^\s*@|[zZ]\s*$|(?:\b(?:UTC|GMT)\b|[0-9:]\s*[-+][0-9]{1,2}:?[0-9]{0,2}\s*$)/.test(
    text.replace(/[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}/, ''),
  )
  const time = parseDate(text, absolute ? process.now() : process.now() + shift)
  if (time === undefined) return undefined
  if (absolute) return momentOf(time)
  const first = time / 1000 - own.at(time / 1000).offset
  return momentOf((time / 1000 - own.at(first).offset) * 1000)
}

/** `MMDDhhmm[[CC]YY][.ss]` as a date that can be read. */
const posixTime = (text: string): string | undefined => {
  const found = /^([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{2})([0-9]{4}|[0-9]{2})?(?:\.([0-9]{2}))?$/.exec(text)
  if (!found) return undefined
  const [, month, day, hour, minute, year, second = '00'] = found
  const date = year === undefined ? `${month}/${day}` : `${month}/${day}/${year}`
  return `${date} ${hour}:${minute}:${second}`
}

const eachLine = async (
  process: Process,
  file: string,
  zone: Zone,
  show: (time: Moment) => Promise<void>,
): Promise<number> => {
  let status = 0
  try {
    const reader = linesOf(process, openInput(process, file))
    for (let line = await reader.line(); line; line = await reader.line()) {
      const time = read(process, line.text, zone)
      if (time) await show(time)
      else {
        await complain(process, `invalid date ${quote(process, line.text)}`)
        status = 1
      }
    }
  } catch (error) {
    await complain(process, `${quoteFile(process, file)}: ${errorText(error)}`)
    return 1
  }
  return status
}
