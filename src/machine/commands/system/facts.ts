import { type Account, accounts, groupOf } from '../../accounts.ts'
import { type Process, SystemError } from '../../system.ts'
import { absolute } from '../paths.ts'

/** The word that a program was called by, without folders: what tells links to one program apart. */
export const calledAs = ({ argv: [word = ''] }: Process): string => word.slice(word.lastIndexOf('/') + 1)

/** `program: message` on standard error, with the program's bare name; the status given. */
export const fail = async (process: Process, message: string, status = 1): Promise<number> => {
  await process.stderr.write(`${calledAs(process)}: ${message}\n`)
  return status
}

/** Text on standard output; status 0. */
export const say = async (process: Process, text: string): Promise<number> => {
  if (text !== '') await process.stdout.write(text)
  return 0
}

/** A file's text as the process may read it, or `undefined`. At most 1 MiB. */
export const textOf = (process: Process, path: string): string | undefined => {
  try {
    return process.fs.readFile(absolute(process, path), process.who, { max: 1 << 20 }).toString('latin1')
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

/** access(2) that says no where the file is not there. */
export const may = (process: Process, path: string, mask: number, who = process.who): boolean => {
  try {
    return process.fs.access(absolute(process, path), mask, who)
  } catch (error) {
    if (error instanceof SystemError) return false
    throw error
  }
}

/** `Name: value` lines of proc(5) by name, as in /proc/meminfo (numbers of kB) and /proc/cpuinfo (first paragraph). */
export const fieldsOf = (text: string): Map<string, string> => {
  const fields = new Map<string, string>()
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':')
    if (colon < 0) continue
    const name = line.slice(0, colon).trim()
    if (!fields.has(name)) fields.set(name, line.slice(colon + 1).trim())
  }
  return fields
}

/** Names by number; getpwuid(3) read once for many look-ups. */
export const userNames = (process: Process): ((uid: number) => string) => {
  const names = new Map<number, string>()
  for (const { uid, name } of accounts(process.fs)) if (!names.has(uid)) names.set(uid, name)
  return uid => names.get(uid) ?? `${uid}`
}

export const groupName = (process: Process, gid: number): string => groupOf(process.fs, gid)?.name ?? `${gid}`

/** Whose log-in this is, by the terminal's record. */
export const loginName = (process: Process): string | undefined => {
  const line = process.terminal?.name
  return line === undefined ? undefined : process.host.logins().find(login => login.line === line)?.user
}

/** The account that a name or number means. */
export const accountBy = (process: Process, who: string): Account | undefined => {
  const all = accounts(process.fs)
  return (
    all.find(({ name }) => name === who) ?? (/^\d+$/.test(who) ? all.find(({ uid }) => uid === Number(who)) : undefined)
  )
}

/** Local time as its parts, by the machine's zone or TZ. `Date`'s UTC getters give them. */
export const localTime = (process: Process, at: number): Date =>
  new Date(at + (process.env.get('TZ')?.startsWith('UTC') ? 0 : process.host.persona.timezone.offset * 60_000))

export const two = (value: number): string => `${Math.floor(value)}`.padStart(2, '0')
export const months = 'Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec'.split(' ')
export const weekdays = 'Sun Mon Tue Wed Thu Fri Sat'.split(' ')

/** `09:05` and `09:05:07` of a local time. */
export const clock = (date: Date, seconds = false): string =>
  `${two(date.getUTCHours())}:${two(date.getUTCMinutes())}${seconds ? `:${two(date.getUTCSeconds())}` : ''}`

/** `Thu Jan 15 09:30:00 2026` of ctime(3). */
export const ctime = (date: Date): string =>
  `${weekdays[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${`${date.getUTCDate()}`.padStart(2)} ${clock(date, true)} ${date.getUTCFullYear()}`

/** The zone's abbreviation: `UTC`, `CET`, or the offset where it has none. */
export const zoneName = ({ host }: Process, at: number): string => {
  const { name, offset } = host.persona.timezone
  if (offset === 0) return 'UTC'
  const short = new Intl.DateTimeFormat('en-GB', { timeZone: name, timeZoneName: 'short' })
    .formatToParts(at)
    .find(part => part.type === 'timeZoneName')?.value
  if (short && /^[A-Z]{3,5}$/.test(short)) return short
  return offsetText(offset)
}

/** `+02`, `+0530` of an offset in minutes. */
export const offsetText = (offset: number): string => {
  const minutes = Math.abs(offset)
  return `${offset < 0 ? '-' : '+'}${two(minutes / 60)}${minutes % 60 ? two(minutes % 60) : ''}`
}

/** Columns that the output has: of the terminal, of COLUMNS, or as many as it takes. */
export const widthOf = (process: Process, without = 80): number => {
  const columns = Number(process.env.get('COLUMNS'))
  if (Number.isInteger(columns) && columns > 0) return Math.min(columns, 10_000)
  return process.isatty[1] ? process.terminal?.columns || 80 : without
}
