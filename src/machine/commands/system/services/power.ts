import type { Process } from '../../../system.ts'
import { systemdVersion } from '../../package-version.ts'
import { kernel } from '../accounts/database.ts'
import { say, textOf } from '../facts.ts'
import { stampOf } from './times.ts'

const help = (name: string, what: string): string =>
  `${name} [OPTIONS...]${name === 'shutdown' ? ' [TIME] [WALL...]' : ' [ARG]'}\n\n${what}\n`
const whats: ReadonlyMap<string, string> = new Map([
  ['reboot', 'Reboot the system.'],
  ['poweroff', 'Power off the system.'],
  ['halt', 'Halt the system.'],
  ['shutdown', 'Shut down the system.'],
  ['telinit', 'Send control commands to the init daemon.'],
])

/**
 * The machine goes down: for whoever asked, which means that their session ends. It is up again, or so they may think,
 * when they come back.
 */
export const powerOff = async (process: Process, program: string): Promise<number> => {
  const { argv } = process
  const words = argv
    .slice(1)
    .filter(word => !['reboot', 'poweroff', 'halt', 'kexec'].includes(word) || program === 'shutdown')
  if (program === 'runlevel') return say(process, 'N 5\n')
  if (words.includes('--help')) return say(process, help(program, whats.get(program) ?? ''))
  if (words.includes('--version')) return say(process, `systemd ${systemdVersion(process)}\n`)
  if (program === 'telinit' || program === 'init') {
    const [level] = words
    if (level === undefined) {
      await process.stderr.write(`${program}: required argument missing.\n`)
      return 1
    }
    if (!/^[0-6QquUsS]$/.test(level)) {
      await process.stderr.write(`Unknown command verb ${level}.\n`)
      return 1
    }
    if (!['0', '6'].includes(level)) return 0
  }
  if (process.who.uid !== 0) {
    const what = program === 'poweroff' || program === 'halt' ? 'power off' : 'reboot'
    await process.stderr.write(
      program === 'shutdown' || ['reboot', 'poweroff', 'halt'].includes(program)
        ? `Failed to set wall message, ignoring: Interactive authentication required.\nFailed to ${what} system via logind: Interactive authentication required.\nFailed to open initctl fifo: Permission denied\nFailed to talk to init daemon.\n`
        : 'Must be root.\n',
    )
    return 1
  }
  if (program === 'shutdown') {
    if (words.includes('-c')) {
      process.host.state('shutdown', () => ({}))
      return 0
    }
    const time = words.find(word => !word.startsWith('-')) ?? '+1'
    if (time !== 'now' && time !== '+0') {
      const at = whenOf(process, time)
      if (at === undefined) {
        await process.stderr.write(`Failed to parse time specification: ${time}\n`)
        return 1
      }
      const host = (textOf(process, '/proc/sys/kernel/hostname') ?? '').trim()
      const verb = words.includes('-r') ? 'Reboot' : words.includes('-H') ? 'Halt' : 'Shutdown'
      await process.stderr.write(`${verb} scheduled for ${stampOf(process, at)}, use 'shutdown -c' to cancel.\n`)
      return host === '' ? 1 : 0
    }
  }
  await process.sleep(0.5)
  hangUp(process)
  await process.sleep(30)
  return 0
}

const whenOf = (process: Process, time: string): number | undefined => {
  if (/^\+?\d{1,6}$/.test(time)) return process.now() + Number(time) * 60_000
  const [, hours, minutes] = /^([01]?\d|2[0-3]):([0-5]\d)$/.exec(time) ?? []
  if (hours === undefined) return undefined
  const midnight = Math.floor(process.now() / 86_400_000) * 86_400_000
  const at = midnight + (Number(hours) * 60 + Number(minutes)) * 60_000
  return at > process.now() ? at : at + 86_400_000
}

/** Everything between this program and the daemon that let them in is told to end, the daemon last. */
const hangUp = (process: Process): void => {
  const { processes } = process.host
  const all = new Map(processes.list().map(entry => [entry.pid, entry]))
  const line: number[] = []
  for (let entry = all.get(process.ppid); entry && entry.pid > 1 && line.length < 100; entry = all.get(entry.ppid)) {
    if (entry.argv[0]?.includes('[listener]')) break
    line.push(entry.pid)
  }
  for (const pid of line) processes.signal(pid, 9, kernel)
}
