import { errorText } from '../../errors.ts'
import { type Process, type Program, type SetTime, SystemError } from '../../system.ts'
import { gnuProgram, usageError, wordFor } from '../coreutils.ts'
import { parseDate } from '../dates.ts'
import { type Option, type Parsed, usageMistake } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quote, quoteFile } from '../quoting.ts'
import { look } from './names.ts'

const options: Option[] = [
  ...[...'amf'].map(short => ({ short })),
  { short: 'c', long: 'no-create' },
  { short: 'd', long: 'date', argument: 'required' },
  { short: 'h', long: 'no-dereference' },
  { short: 'r', long: 'reference', argument: 'required' },
  { short: 't', argument: 'required' },
  { long: 'time', argument: 'required' },
]
const times = [
  ['atime', 'access', 'use'],
  ['mtime', 'modify'],
] as const

/** touch(1) of GNU coreutils 9.1. */
export const touch: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const { operands } = parsed
    let access = parsed.has('a')
    let modified = parsed.has('m')
    for (const { value = '' } of parsed.given.filter(({ name }) => name === 'time')) {
      const found = wordFor(process, '--time', value, times)
      if ('message' in found) return usageMistake(process, found.message)
      if (found.word === 'atime') access = true
      else modified = true
    }
    if (!access && !modified) access = modified = true
    const chosen = await timesOf(process, parsed)
    if (typeof chosen === 'number') return chosen
    if (operands.length === 0) return usageError(process, 'missing file operand')
    const [atime, mtime]: [SetTime, SetTime] = [access ? chosen.atime : undefined, modified ? chosen.mtime : undefined]
    let status = 0
    for (const path of operands) {
      const failed = touchOne(process, path, atime, mtime, parsed.has('no-create'), !parsed.has('no-dereference'))
      if (failed === undefined) continue
      await complain(process, failed)
      status = 1
    }
    return status
  },
  { usage: '[OPTION]... FILE...' },
)

const timesOf = async (process: Process, parsed: Parsed): Promise<number | { atime: SetTime; mtime: SetTime }> => {
  const [date, reference, posix] = [parsed.value('date'), parsed.value('reference'), parsed.value('t')]
  if (posix !== undefined && (date !== undefined || reference !== undefined))
    return usageError(process, 'cannot specify times from more than one source')
  if (posix !== undefined) {
    const time = parseStamp(posix, process.now())
    if (time !== undefined) return { atime: time, mtime: time }
    await complain(process, `invalid date format ${quote(process, posix)}`)
    return 1
  }
  let base: { atime: SetTime; mtime: SetTime } = { atime: 'now', mtime: 'now' }
  if (reference !== undefined) {
    const found = attempt(() => look(process, reference, !parsed.has('no-dereference')))
    if ('error' in found) {
      await complain(process, `failed to get attributes of ${quoteFile(process, reference)}: ${found.error}`)
      return 1
    }
    base = found.value
  }
  if (date === undefined) return base
  // With both, the date is relative to the reference's times.
  const [atime, mtime] = [base.atime, base.mtime].map(time =>
    parseDate(date, typeof time === 'number' ? time : process.now()),
  )
  if (atime !== undefined && mtime !== undefined) return { atime, mtime }
  await complain(process, `invalid date format ${quote(process, date)}`)
  return 1
}

/** `[[CC]YY]MMDDhhmm[.ss]`, in milliseconds since the epoch. */
export const parseStamp = (text: string, now: number): number | undefined => {
  const found = /^(\d\d)?(\d\d)?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(text)
  if (!found) return undefined
  const [, first, second, month, day, hour, minute, seconds = '0'] = found
  const short = Number(second ?? first)
  const year =
    first === undefined
      ? new Date(now).getUTCFullYear()
      : second === undefined
        ? short + (short < 69 ? 2000 : 1900)
        : Number(first) * 100 + short
  const date = new Date(0)
  date.setUTCFullYear(year, Number(month) - 1, Number(day))
  date.setUTCHours(Number(hour), Number(minute), Number(seconds))
  const isReal =
    date.getUTCMonth() === Number(month) - 1 && Number(hour) < 24 && Number(minute) < 60 && Number(seconds) < 61
  return isReal ? date.getTime() : undefined
}

const touchOne = (
  process: Process,
  path: string,
  atime: SetTime,
  mtime: SetTime,
  noCreate: boolean,
  follow: boolean,
): string | undefined => {
  const { fs, who } = process
  const full = absolute(process, path)
  const name = quoteFile(process, path)
  if (path === '-') return undefined
  process.step()
  if (path === '') return `cannot touch ${name}: No such file or directory`
  const there = attempt(() => fs[follow ? 'stat' : 'lstat'](full, who))
  if ('error' in there && !noCreate && follow) {
    try {
      fs.writeFile(full, Buffer.alloc(0), who, { append: true, mode: 0o666 & ~process.umask })
    } catch (error) {
      const text = errorText(error)
      // A slash at the end: nothing is there to set times of.
      if (path.endsWith('/') && error instanceof SystemError && error.errno === 'EISDIR')
        return `setting times of ${name}: No such file or directory`
      return `cannot touch ${name}: ${text}`
    }
  } else if ('error' in there) {
    return there.error === 'No such file or directory' && noCreate
      ? undefined
      : `setting times of ${name}: ${there.error}`
  }
  const set = attempt(() => fs.utimes(full, atime, mtime, who, follow))
  if (!('error' in set)) return undefined
  if (set.error === 'Read-only file system') return `cannot touch ${name}: ${set.error}`
  // What could not even be opened for writing is said so.
  const may = attempt(() => fs.access(full, 2, who))
  if (set.error === 'Permission denied' || ('value' in may && !may.value))
    return `cannot touch ${name}: Permission denied`
  const isSealed = attempt(() => fs.writeFile(full, Buffer.alloc(0), who, { append: true }))
  return `${'error' in isSealed ? 'cannot touch' : 'setting times of'} ${name}: ${set.error}`
}
