import type { Process, Program } from '../../../system.ts'
import { getopt } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { clock, localTime, say, textOf, two } from '../facts.ts'

const usage =
  '\nUsage:\n uptime [options]\n\nOptions:\n -p, --pretty   show uptime in pretty format\n -h, --help     display this help and exit\n -s, --since    system up since\n -V, --version  output version information and exit\n\nFor more details see uptime(1).\n'

/** uptime(1) of procps-ng 4.0.2. */
export const uptime: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'p', long: 'pretty' },
    { short: 's', long: 'since' },
    { short: 'h', long: 'help' },
    { short: 'V', long: 'version' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 1
  }
  if (parsed.has('help')) return say(process, usage)
  if (parsed.has('version')) return say(process, versioned(process, 'uptime from procps-ng @procps@\n'))
  if (parsed.operands.length > 0) {
    await process.stderr.write(usage)
    return 1
  }
  const seconds = secondsUp(process)
  if (parsed.has('since')) {
    const since = localTime(process, process.now() - Math.floor(seconds) * 1000)
    const date = `${since.getUTCFullYear()}-${two(since.getUTCMonth() + 1)}-${two(since.getUTCDate())}`
    return say(process, `${date} ${clock(since, true)}\n`)
  }
  if (parsed.has('pretty')) return say(process, `${pretty(seconds)}\n`)
  return say(process, `${uptimeLine(process)}\n`)
}

/** As /proc/uptime says. */
export const secondsUp = (process: Process): number => Number.parseFloat(textOf(process, '/proc/uptime') ?? '0')

/** The line that uptime, w and top begin with, with the space before it. */
export const uptimeLine = (process: Process): string => {
  const seconds = secondsUp(process)
  const days = Math.floor(seconds / 86_400)
  const hours = Math.floor(seconds / 3600) % 24
  const minutes = Math.floor(seconds / 60) % 60
  const load = (textOf(process, '/proc/loadavg') ?? '').split(' ').slice(0, 3).join(', ')
  const users = process.host.logins().length
  return ` ${clock(localTime(process, process.now()), true)} up ${days > 0 ? `${days} day${days > 1 ? 's' : ''}, ` : ''}${
    hours > 0 ? `${`${hours}`.padStart(2)}:${two(minutes)}` : `${minutes} min`
  }, ${`${users}`.padStart(2)} user${users > 1 ? 's' : ''},  load average: ${load}`
}

const pretty = (seconds: number): string => {
  const parts: [number, string][] = [
    [Math.floor(seconds / 31_536_000), 'year'],
    [Math.floor(seconds / 604_800) % 52, 'week'],
    [Math.floor(seconds / 86_400) % 7, 'day'],
    [Math.floor(seconds / 3600) % 24, 'hour'],
    [Math.floor(seconds / 60) % 60, 'minute'],
  ]
  const shown = parts.filter(([count]) => count > 0).map(([count, name]) => `${count} ${name}${count > 1 ? 's' : ''}`)
  return `up ${shown.length > 0 ? shown.join(', ') : '0 minutes'}`
}
