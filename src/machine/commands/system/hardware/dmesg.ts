import type { Process, Program } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { ctime, localTime, say } from '../facts.ts'
import { type KernelMessage, kernelLog } from './boot-log.ts'

const options: Option[] = [
  { short: 'C', long: 'clear' },
  { short: 'c', long: 'read-clear' },
  { short: 'D', long: 'console-off' },
  { short: 'd', long: 'show-delta' },
  { short: 'e', long: 'reltime' },
  { short: 'E', long: 'console-on' },
  { short: 'F', long: 'file', argument: 'required' },
  { short: 'f', long: 'facility', argument: 'required' },
  { short: 'H', long: 'human' },
  { short: 'J', long: 'json' },
  { short: 'k', long: 'kernel' },
  { short: 'L', long: 'color', argument: 'optional' },
  { short: 'l', long: 'level', argument: 'required' },
  { short: 'n', long: 'console-level', argument: 'required' },
  { short: 'P', long: 'nopager' },
  { short: 'p', long: 'force-prefix' },
  { short: 'r', long: 'raw' },
  { long: 'noescape' },
  { short: 'S', long: 'syslog' },
  { short: 's', long: 'buffer-size', argument: 'required' },
  { short: 'u', long: 'userspace' },
  { short: 'w', long: 'follow' },
  { short: 'W', long: 'follow-new' },
  { short: 'x', long: 'decode' },
  { short: 'T', long: 'ctime' },
  { short: 't', long: 'notime' },
  { long: 'time-format', argument: 'required' },
  { long: 'since', argument: 'required' },
  { long: 'until', argument: 'required' },
  { short: 'h', long: 'help' },
  { short: 'V', long: 'version' },
]
const levels = 'emerg alert crit err warn notice info debug'.split(' ')

/** dmesg(1) of util-linux 2.38. Debian lets only root read it. */
export const dmesg: Program = async process => {
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry 'dmesg --help' for more information.\n`)
    return 1
  }
  const { has, value } = parsed
  if (has('version')) return say(process, versioned(process, 'dmesg from util-linux @util-linux@\n'))
  if (has('help')) return say(process, '\nUsage:\n dmesg [options]\n')
  if (process.who.uid !== 0) {
    await process.stderr.write(
      `dmesg: ${has('clear') || has('read-clear') ? 'klogctl' : 'read kernel buffer'} failed: Operation not permitted\n`,
    )
    return 1
  }
  const state = process.host.state('dmesg', () => ({ cleared: false }))
  if (has('console-off') || has('console-on') || has('console-level')) return 0
  if (has('clear')) {
    state.cleared = true
    return 0
  }
  const wanted = (value('level') ?? '').split(',').filter(Boolean)
  const unknown = wanted.find(level => !levels.includes(level.replace('+', '')))
  if (unknown !== undefined) {
    await process.stderr.write(`dmesg: unknown level '${unknown}'\n`)
    return 1
  }
  const messages = state.cleared || has('userspace') ? [] : kernelLog(process.host.persona)
  const shown = messages.filter(({ level }) => wanted.length === 0 || wanted.includes(levels[level]!))
  let before = 0
  for (const message of shown) {
    process.step()
    await process.stdout.write(`${form(process, message, has, before)}\n`)
    before = message.seconds
  }
  if (has('read-clear')) state.cleared = true
  while (has('follow') || has('follow-new')) await process.sleep(3600)
  return 0
}

const form = (
  process: Process,
  { seconds, text, level }: KernelMessage,
  has: (name: string) => boolean,
  before: number,
): string => {
  const prefix = has('raw') ? `<${level}>` : has('decode') ? `kern  :${levels[level]!.padEnd(6)}: ` : ''
  if (has('notime')) return prefix + text
  const stamp = seconds.toFixed(6).padStart(12)
  if (has('ctime'))
    return `${prefix}[${ctime(localTime(process, process.host.persona.bootedAt + seconds * 1000))}] ${text}`
  if (has('show-delta')) return `${prefix}[${stamp} <${(seconds - before).toFixed(6).padStart(12)}>] ${text}`
  return `${prefix}[${stamp}] ${text}`
}
