import { decodeUtmp, utmpTypes } from '../../../fs/furnish-logins.ts'
import { type LoginRecord, type Process, type Program, SystemError } from '../../../system.ts'
import { getopt, type Option, usageMistake } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { clock, localTime, months, say, two, weekdays, widthOf } from '../facts.ts'
import { commandLine, rowsOf } from '../processes/rows.ts'
import { uptimeLine } from '../processes/uptime.ts'

const options: Option[] = [
  { short: 'a', long: 'all' },
  { short: 'b', long: 'boot' },
  { short: 'd', long: 'dead' },
  { short: 'H', long: 'heading' },
  { long: 'ips' },
  { short: 'l', long: 'login' },
  { long: 'lookup' },
  { short: 'm' },
  { short: 'p', long: 'process' },
  { short: 'q', long: 'count' },
  { short: 'r', long: 'runlevel' },
  { short: 's', long: 'short' },
  { short: 't', long: 'time' },
  { short: 'T', long: 'mesg' },
  { long: 'message' },
  { long: 'writable' },
  { short: 'w' },
  { short: 'u', long: 'users' },
  { long: 'help' },
  { long: 'version' },
]

/** who(1) of GNU coreutils 9.1: utmp's standing records, and who is logged in. */
export const who: Program = async process => {
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  const { has, operands } = parsed
  if (has('help')) return say(process, 'Usage: who [OPTION]... [ FILE | ARG1 ARG2 ]\n')
  if (has('version')) return say(process, versioned(process, 'who (GNU coreutils) @coreutils@\n'))
  if (operands.length > 2) return usageMistake(process, `who: extra operand '${operands[2]}'`)
  const own = has('m') || operands.length === 2
  const logins = process.host.logins().filter(({ line }) => !own || line === process.terminal?.name)
  if (has('count')) return say(process, `${logins.map(({ user }) => user).join(' ')}\n# users=${logins.length}\n`)
  const all = has('all')
  const idle = all || has('users')
  const message = all || has('mesg') || has('message') || has('writable') || has('w')
  const others = has('boot') || has('runlevel') || has('login') || has('dead') || has('process') || has('time')
  const row = (name: string, state: string, line: string, time: string, more = '', comment = ''): string =>
    `${name.padEnd(8)}${message ? ` ${state}` : ''} ${line.padEnd(12)} ${time.padEnd(16)}${idle ? ` ${more}` : ''}${comment === '' ? '' : ` ${comment}`}`.trimEnd()
  const stamp = (at: number): string => {
    const date = localTime(process, at)
    return `${date.getUTCFullYear()}-${two(date.getUTCMonth() + 1)}-${two(date.getUTCDate())} ${clock(date)}`
  }
  const lines: string[] = []
  if (has('heading'))
    lines.push(
      `${'NAME'.padEnd(8)}${message ? '  ' : ''} ${'LINE'.padEnd(12)} ${'TIME'.padEnd(16)}${idle ? ' IDLE          PID' : ''} COMMENT`,
    )
  for (const record of standing(process)) {
    if (record.type === utmpTypes.boot && (all || has('boot')))
      lines.push(row('', ' ', 'system boot', stamp(record.at)))
    if (record.type === utmpTypes.runLevel && (all || has('runlevel')))
      lines.push(row('', ' ', `run-level ${String.fromCharCode(record.pid & 255)}`, stamp(record.at)))
    if (record.type === utmpTypes.login && (all || has('login')))
      lines.push(
        row(
          'LOGIN',
          ' ',
          record.line,
          stamp(record.at),
          `${' '.repeat(5)} ${`${record.pid}`.padStart(10)}`,
          `id=${record.id}`,
        ),
      )
  }
  if (!others || all || has('users'))
    for (const login of logins)
      lines.push(
        row(
          login.user,
          '+',
          login.line,
          stamp(login.at),
          `  .   ${`${login.pid}`.padStart(10)}`,
          login.host === '' ? '' : `(${login.host})`,
        ),
      )
  return say(process, lines.map(text => `${text}\n`).join(''))
}

const standing = (process: Process): ReturnType<typeof decodeUtmp> => {
  try {
    return decodeUtmp(process.fs.readFile('/run/utmp', process.who))
  } catch (error) {
    if (error instanceof SystemError) return []
    throw error
  }
}

/** w(1) of procps-ng 4.0.2. */
export const w: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'h', long: 'no-header' },
    { short: 'u', long: 'no-current' },
    { short: 's', long: 'short' },
    { short: 'f', long: 'from' },
    { short: 'o', long: 'old-style' },
    { short: 'i', long: 'ip-addr' },
    { long: 'help' },
    { short: 'V', long: 'version' },
  ])
  const usage = '\nUsage:\n w [options] [user]\n'
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 1
  }
  const { has, operands } = parsed
  if (has('help')) return say(process, usage)
  if (has('version')) return say(process, versioned(process, 'w from procps-ng @procps@\n'))
  const [from, short] = [!has('from'), has('short')]
  if (!has('no-header')) {
    const columns = `USER     TTY      ${from ? 'FROM             ' : ''}${short ? ' IDLE WHAT' : `${from ? '' : '  '}LOGIN@   IDLE   JCPU   PCPU WHAT`}`
    await process.stdout.write(`${uptimeLine(process)}\n${columns}\n`)
  }
  const rows = rowsOf(process)
  for (const login of process.host.logins().filter(({ user }) => operands.length === 0 || user === operands[0])) {
    const own = rows.filter(({ tty }) => tty === login.line)
    const front = own.findLast(({ pgid, tpgid }) => pgid === tpgid) ?? own.at(-1)
    const what = front ? commandLine(front) : '-'
    const head = `${login.user.slice(0, 8).padEnd(8)} ${login.line.padEnd(8)} ${from ? `${login.host.slice(0, 16).padEnd(16)} ` : ''}`
    const times = short
      ? ` 0.00s `
      : `${since(process, login)}    0.00s  ${cpu(own.reduce((sum, row) => sum + row.cpu, 0.03))}  ${cpu(front?.cpu ?? 0)} `
    await process.stdout.write(`${(head + times + what).slice(0, widthOf(process, 512))}\n`)
  }
  return 0
}

const cpu = (seconds: number): string => `${seconds.toFixed(2)}s`

const since = (process: Process, { at }: LoginRecord): string => {
  const date = localTime(process, at)
  const age = process.now() - at
  const today = date.toISOString().slice(0, 10) === localTime(process, process.now()).toISOString().slice(0, 10)
  if (today) return clock(date)
  if (age < 6 * 86_400_000) return `${weekdays[date.getUTCDay()]}${two(date.getUTCHours())}`
  return `${two(date.getUTCDate())}${months[date.getUTCMonth()]}${`${date.getUTCFullYear()}`.slice(2)}`.slice(0, 7)
}
