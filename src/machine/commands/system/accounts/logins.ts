import { decodeUtmp, type UtmpRecord, utmpTypes } from '../../../fs/furnish-logins.ts'
import { type Process, type Program, SystemError } from '../../../system.ts'
import { ownLogins } from '../../../terminal/last-login.ts'
import { getopt, type Option, usageMistake } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { calledAs, clock, ctime, localTime, months, say, two, weekdays } from '../facts.ts'

/** A session of wtmp(5): `end` is when, or how it ended. */
type Span = { user: string; line: string; host: string; from: number; end: number | 'here' | 'crash' | 'gone' }

const options: Option[] = [
  { short: 'a', long: 'hostlast' },
  { short: 'd', long: 'dns' },
  { short: 'f', long: 'file', argument: 'required' },
  { short: 'F', long: 'fulltimes' },
  { short: 'i', long: 'ip' },
  { short: 'n', long: 'limit', argument: 'required' },
  { short: 'p', long: 'present', argument: 'required' },
  { short: 'R', long: 'nohostname' },
  { short: 's', long: 'since', argument: 'required' },
  { short: 't', long: 'until', argument: 'required' },
  { long: 'time-format', argument: 'required' },
  { short: 'w', long: 'fullnames' },
  { short: 'x', long: 'system' },
  { short: 'h', long: 'help' },
  { short: 'V', long: 'version' },
]

/** last(1) and lastb(1) of util-linux 2.38: wtmp, and who is here now. */
export const last: Program = async process => {
  const program = calledAs(process)
  // `last -5`
  const argv = process.argv.map((word, index) => (index > 0 && /^-\d+$/.test(word) ? `-n${word.slice(1)}` : word))
  const parsed = getopt(argv, options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry '${program} --help' for more information.\n`)
    return 1
  }
  const { has, value, operands } = parsed
  if (has('version')) return say(process, versioned(process, `${program} from util-linux @util-linux@\n`))
  if (has('help')) return say(process, `\nUsage:\n ${program} [options] [<username>...] [<tty>...]\n`)
  const path = value('file') ?? (program === 'lastb' ? '/var/log/btmp' : '/var/log/wtmp')
  let records: UtmpRecord[]
  let changed: number
  try {
    records = decodeUtmp(process.fs.readFile(path, process.who))
    changed = process.fs.stat(path, process.who).ctime
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const why = error.errno === 'EACCES' ? 'Permission denied' : 'No such file or directory'
    await process.stderr.write(`${program}: cannot open ${path}: ${why}\n`)
    return 1
  }
  const begins = records[0]?.at ?? changed
  const spans =
    path === '/var/log/wtmp'
      ? [...present(process), ...spansOf(records, has('system'), process.now())]
      : spansOf(records, true, process.now())
  const wanted = spans.filter(
    span =>
      operands.length === 0 ||
      operands.some(word => span.user === word || span.line === word || span.line === `tty${word}`),
  )
  const limit = Number(value('limit') ?? 5000)
  for (const span of wanted.slice(0, limit || 5000))
    await process.stdout.write(line(process, span, { has, full: has('fulltimes') }))
  await process.stdout.write(`\n${path.slice(path.lastIndexOf('/') + 1)} begins ${ctime(localTime(process, begins))}\n`)
  return 0
}

const present = ({ host }: Process): Span[] =>
  host
    .logins()
    .map(({ user, line, host: from, at }) => ({ user, line, host: from, from: at, end: 'here' as const }))
    .toReversed()

/** Newest first; each log-in ends with the next record of its line, or with the next boot. */
const spansOf = (records: readonly UtmpRecord[], system: boolean, now: number): Span[] => {
  const spans: Span[] = []
  const ends = new Map<string, number>()
  let boot: number | undefined
  let level = now
  for (const record of records.toReversed()) {
    const { type, user, line, host, at } = record
    if (type === utmpTypes.boot) {
      spans.push({ user: 'reboot', line: 'system boot', host, from: at, end: boot ?? 'here' })
      boot = at
      ends.clear()
    } else if (type === utmpTypes.runLevel) {
      if (system)
        spans.push({
          user: 'runlevel',
          line: `(to lvl ${String.fromCharCode(record.pid & 255)})`,
          host,
          from: at,
          end: level,
        })
      level = at
    } else if (type === utmpTypes.user && user !== '') {
      spans.push({ user, line, host, from: at, end: ends.get(line) ?? (boot === undefined ? 'gone' : 'crash') })
      ends.set(line, at)
    } else if (type === utmpTypes.dead || type === utmpTypes.login) ends.set(line, at)
  }
  return spans
}

const line = (
  process: Process,
  { user, line: tty, host, from, end }: Span,
  { has, full }: { has(name: string): boolean; full: boolean },
): string => {
  const start = localTime(process, from)
  const stamp = ctime(start)
  const shown = full ? stamp : stamp.slice(0, 16)
  let until: string
  if (end === 'here') until = user === 'reboot' ? '  still running' : '  still logged in'
  else if (end === 'gone') until = '   gone - no logout'
  else {
    const at = end === 'crash' ? from : end
    const minutes = Math.floor((at - from) / 60_000)
    const days = Math.floor(minutes / 1440)
    const length = `(${days > 0 ? `${days}+` : ''}${two((minutes / 60) % 24)}:${two(minutes % 60)})`
    const word = end === 'crash' ? 'crash' : full ? ctime(localTime(process, at)) : clock(localTime(process, at))
    until = ` - ${word.padEnd(5)} ${length.padStart(days > 0 ? length.length + 1 : 8)}`
    if (days > 0) until = ` - ${word.padEnd(5)} ${length}`
    else until = ` - ${word.padEnd(5)}  ${length}`
  }
  const name = has('fullnames') ? user : user.slice(0, 8)
  const place = has('nohostname') ? '' : has('fullnames') ? host.padEnd(16) : host.slice(0, 16).padEnd(16)
  if (has('hostlast'))
    return `${name.padEnd(8)} ${tty.padEnd(12)} ${shown}${until.padEnd(20)} ${host}\n`.replace(/ +\n/, '\n')
  return `${name.padEnd(8)} ${tty.padEnd(12)} ${place}${place === '' ? '' : ' '}${shown}${until}\n`
}

/** lastlog(8) of shadow 4.13. */
export const lastlogProgram: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'b', long: 'before', argument: 'required' },
    { short: 'C', long: 'clear' },
    { short: 'h', long: 'help' },
    { short: 'R', long: 'root', argument: 'required' },
    { short: 'S', long: 'set' },
    { short: 't', long: 'time', argument: 'required' },
    { short: 'u', long: 'user', argument: 'required' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nUsage: lastlog [options]\n`)
    return 3
  }
  if (parsed.has('help')) return say(process, 'Usage: lastlog [options]\n')
  const { accounts } = await import('../../../accounts.ts')
  const all = accounts(process.fs)
  const user = parsed.value('user')
  const chosen = user === undefined ? all : all.filter(({ name, uid }) => name === user || `${uid}` === user)
  if (user !== undefined && chosen.length === 0) {
    await process.stderr.write(`lastlog: Unknown user or range: ${user}\n`)
    return 1
  }
  let data: Buffer
  try {
    data = process.fs.readFile('/var/log/lastlog', process.who)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await process.stderr.write('/var/log/lastlog: No such file or directory\n')
    return 1
  }
  const size = 292
  const rows = chosen.map(({ name, uid }) => {
    const at = uid * size
    // Wiped, it forgets this log-in as well.
    const own = data.length > 0 ? ownLogins(process.host).get(uid) : undefined
    const inFile = uid < 65_536 && data.length >= at + size ? data.readInt32LE(at) : 0
    const time = own ? Math.floor(own.at / 1000) : inFile
    const text = (from: number, length: number): string =>
      data.toString('latin1', at + from, at + from + length).replace(/\0.*$/s, '')
    if (time === 0) return `${name.padEnd(16)} ${' '.repeat(8)} ${' '.repeat(42)}**Never logged in**\n`
    const date = localTime(process, time * 1000)
    const stamp = `${weekdays[date.getUTCDay()]} ${months[date.getUTCMonth()]} ${`${date.getUTCDate()}`.padStart(2)} ${clock(date, true)} ${offset(process)} ${date.getUTCFullYear()}`
    const line = own?.line ?? text(4, 32)
    const from = own?.host ?? text(36, 256)
    return `${name.padEnd(16)} ${line.padEnd(8)} ${from.padEnd(42)}${stamp}\n`
  })
  return say(process, `${'Username'.padEnd(16)} ${'Port'.padEnd(8)} ${'From'.padEnd(42)} Latest\n${rows.join('')}`)
}

const offset = ({ host }: Process): string => {
  const minutes = host.persona.timezone.offset
  return `${minutes < 0 ? '-' : '+'}${two(Math.abs(minutes) / 60)}${two(Math.abs(minutes) % 60)}`
}

/** users(1) of GNU coreutils 9.1. */
export const users: Program = async process => {
  const parsed = getopt(process.argv, [{ long: 'help' }, { long: 'version' }])
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  if (parsed.has('version')) return say(process, versioned(process, 'users (GNU coreutils) @coreutils@\n'))
  if (parsed.operands.length > 1) return usageMistake(process, `users: extra operand '${parsed.operands[1]}'`)
  const names = process.host
    .logins()
    .map(({ user }) => user)
    .toSorted()
  return say(process, names.length === 0 ? '' : `${names.join(' ')}\n`)
}
