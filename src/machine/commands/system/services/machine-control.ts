import { accountOf } from '../../../accounts.ts'
import { type Process, type Program, SystemError } from '../../../system.ts'
import { getopt } from '../../getopt.ts'
import { systemdVersion } from '../../package-version.ts'
import { kernel } from '../accounts/database.ts'
import { may, say, textOf, two, zoneName } from '../facts.ts'
import { rowsOf } from '../processes/rows.ts'
import { stampOf } from './times.ts'

const rows = (pairs: readonly [string, string][], width: number): string =>
  pairs.map(([name, value]) => `${name.padStart(width)}: ${value}\n`).join('')

const denied = async (process: Process, what: string): Promise<number> => {
  await process.stderr.write(`Could not ${what}: Access denied\n`)
  return 1
}

/** What hostnamectl tells of the hardware, and since which systemd. */
const hardware: readonly (readonly [name: string, value: string, since: number])[] = [
  ['Hardware Vendor', 'QEMU', 249],
  ['Hardware Model', 'Standard PC _i440FX + PIIX, 1996_', 249],
  ['Firmware Version', '1.15.0-1', 252],
]

/** hostnamectl(1) of systemd. */
export const hostnamectl: Program = async process => {
  const [verb = 'status', value] = process.argv.slice(1).filter(word => !word.startsWith('-'))
  if (process.argv.includes('--version')) return say(process, `systemd ${systemdVersion(process)}\n`)
  const { persona } = process.host
  const fixed = (textOf(process, '/etc/hostname') ?? '').trim()
  const now = (textOf(process, '/proc/sys/kernel/hostname') ?? '').trim()
  if (verb === 'hostname' && value === undefined) return say(process, `${fixed}\n`)
  if (verb === 'set-hostname' || verb === 'hostname') {
    if (value === undefined) {
      await process.stderr.write('Too few arguments.\n')
      return 1
    }
    if (process.who.uid !== 0) return denied(process, 'set static hostname')
    if (!/^[A-Za-z0-9][A-Za-z0-9.-]{0,63}$/.test(value)) {
      await process.stderr.write(`Could not set static hostname: Invalid static hostname '${value}'\n`)
      return 1
    }
    process.fs.writeFile('/etc/hostname', Buffer.from(`${value}\n`, 'latin1'), kernel, { mode: 0o644 })
    process.fs.writeFile('/proc/sys/kernel/hostname', Buffer.from(`${value}\n`, 'latin1'), kernel)
    return 0
  }
  if (verb !== 'status') {
    await process.stderr.write(`Unknown command verb ${verb}.\n`)
    return 1
  }
  const systemd = Number.parseInt(systemdVersion(process), 10)
  return say(
    process,
    rows(
      [
        ['Static hostname', fixed],
        ...(now === fixed ? [] : ([['Transient hostname', now]] as [string, string][])),
        ['Icon name', 'computer-vm'],
        ['Chassis', 'vm'],
        ['Machine ID', persona.machineId],
        ['Boot ID', (textOf(process, '/proc/sys/kernel/random/boot_id') ?? '').trim().replaceAll('-', '')],
        ['Virtualization', 'kvm'],
        ['Operating System', persona.os.pretty],
        ['Kernel', `Linux ${persona.os.kernel}`],
        ['Architecture', 'x86-64'],
        ...hardware.filter(([, , since]) => systemd >= since).map(([name, value]): [string, string] => [name, value]),
      ],
      now === fixed && systemd >= 249 ? 16 : 18,
    ),
  )
}

/** timedatectl(1) of systemd 252. */
export const timedatectl: Program = async process => {
  const [verb = 'status', value] = process.argv.slice(1).filter(word => !word.startsWith('-'))
  const { name, offset } = process.host.persona.timezone
  const at = process.now()
  const zone = (textOf(process, '/etc/timezone') ?? name).trim()
  if (verb === 'list-timezones')
    return say(
      process,
      'Africa/Abidjan\nAmerica/New_York\nAsia/Shanghai\nAsia/Tokyo\nAustralia/Sydney\nEtc/UTC\nEurope/Berlin\nEurope/London\nUTC\n',
    )
  if (verb === 'set-timezone') {
    if (process.who.uid !== 0) return denied(process, 'set timezone')
    const path = `/usr/share/zoneinfo/${value ?? ''}`
    if (value === undefined || /\.\./.test(value) || !may(process, path, 0, kernel)) {
      await process.stderr.write(`Failed to set time zone: Invalid or not installed time zone '${value ?? ''}'\n`)
      return 1
    }
    try {
      process.fs.unlink('/etc/localtime', kernel)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
    process.fs.symlink(path, '/etc/localtime', kernel)
    process.fs.writeFile('/etc/timezone', Buffer.from(`${value}\n`, 'latin1'), kernel, { mode: 0o644 })
    return 0
  }
  if (verb === 'set-ntp' || verb === 'set-local-rtc') return process.who.uid === 0 ? 0 : denied(process, 'set ntp')
  if (verb === 'set-time') {
    await process.stderr.write('Failed to set time: Automatic time synchronization is enabled\n')
    return 1
  }
  const utc = new Date(at)
  const weekday = ['Sun', 'Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat'][utc.getUTCDay()]
  const universal = `${weekday} ${utc.toISOString().slice(0, 10)} ${utc.toISOString().slice(11, 19)}`
  if (verb === 'show') return say(process, `Timezone=${zone}\nLocalRTC=no\nCanNTP=yes\nNTP=yes\nNTPSynchronized=yes\n`)
  if (verb !== 'status') {
    await process.stderr.write(`Unknown command verb ${verb}.\n`)
    return 1
  }
  const minutes = Math.abs(offset)
  return say(
    process,
    rows(
      [
        ['Local time', stampOf(process, at)],
        ['Universal time', `${universal} UTC`],
        ['RTC time', universal],
        [
          'Time zone',
          `${zone} (${zoneName(process, at)}, ${offset < 0 ? '-' : '+'}${two(minutes / 60)}${two(minutes % 60)})`,
        ],
        ['System clock synchronized', 'yes'],
        ['NTP service', 'active'],
        ['RTC in local TZ', 'no'],
      ],
      25,
    ),
  )
}

/** localectl(1) of systemd 252. */
export const localectl: Program = async process => {
  const [verb = 'status'] = process.argv.slice(1).filter(word => !word.startsWith('-'))
  if (verb === 'list-locales') return say(process, 'C.UTF-8\nen_US.UTF-8\n')
  if (verb !== 'status') return process.who.uid === 0 ? 0 : denied(process, 'set locale')
  const lang = /^LANG="?([^"\n]*)/m.exec(textOf(process, '/etc/default/locale') ?? '')?.[1] ?? 'n/a'
  return say(process, `System Locale: LANG=${lang}\n    VC Keymap: (unset)\n   X11 Layout: us\n    X11 Model: pc105\n`)
}

/** loginctl(1) of systemd 252. */
export const loginctl: Program = async process => {
  const [verb = 'list-sessions', ...rest] = process.argv.slice(1).filter(word => !word.startsWith('-'))
  const { host } = process
  const logins = host.logins()
  const legend = !process.argv.includes('--no-legend')
  const sessions = logins.map((login, index) => ({
    id: `${(login.pid % 900) + index}`,
    ...login,
    uid: accountOf(process.fs, login.user)?.uid ?? 0,
  }))
  if (verb === 'list-sessions') {
    if (sessions.length === 0) return say(process, legend ? 'No sessions.\n' : '')
    const width = Math.max(7, ...sessions.map(({ id }) => id.length))
    const user = Math.max(4, ...sessions.map(one => one.user.length))
    const line = (id: string, uid: string, name: string, seat: string, tty: string): string =>
      `${id.padStart(width)} ${uid.padStart(4)} ${name.padEnd(user)} ${seat.padEnd(4)} ${tty}\n`
    return say(
      process,
      (legend ? line('SESSION', 'UID', 'USER', 'SEAT', 'TTY') : '') +
        sessions.map(one => line(one.id, `${one.uid}`, one.user, '', one.line)).join('') +
        (legend ? `\n${sessions.length} sessions listed.\n` : ''),
    )
  }
  if (verb === 'list-users') {
    const users = [...new Map(sessions.map(one => [one.uid, one.user]))]
    return say(
      process,
      `${legend ? ' UID USER LINGER\n' : ''}${users.map(([uid, name]) => `${`${uid}`.padStart(4)} ${name.padEnd(4)} no\n`).join('')}${legend ? `\n${users.length} users listed.\n` : ''}`,
    )
  }
  if (verb === 'user-status' || verb === 'session-status' || verb === 'show-session' || verb === 'show-user') return 0
  if (verb === 'enable-linger' || verb === 'disable-linger')
    return process.who.uid === 0 ? 0 : denied(process, 'enable linger')
  if (/^(kill|terminate)-(session|user)$/.test(verb)) {
    const wanted = sessions.filter(
      one => rest.includes(one.id) || rest.includes(one.user) || rest.includes(`${one.uid}`),
    )
    for (const { line } of wanted)
      for (const row of rowsOf(process).filter(({ tty }) => tty === line))
        host.processes.signal(row.pid, 15, process.who)
    return wanted.length > 0 ? 0 : 1
  }
  if (verb === 'list-seats')
    return say(process, `${legend ? 'SEAT\n' : ''}seat0\n${legend ? '\n1 seats listed.\n' : ''}`)
  await process.stderr.write(`Unknown command verb ${verb}.\n`)
  return 1
}

/** systemd-detect-virt(1) of systemd 252. */
export const detectVirt: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'c', long: 'container' },
    { short: 'v', long: 'vm' },
    { short: 'r', long: 'chroot' },
    { short: 'q', long: 'quiet' },
    { long: 'private-users' },
    { long: 'cvm' },
    { long: 'list' },
    { short: 'h', long: 'help' },
    { long: 'version' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n`)
    return 1
  }
  const none = parsed.has('container') || parsed.has('chroot') || parsed.has('private-users') || parsed.has('cvm')
  if (parsed.has('version')) return say(process, `systemd ${systemdVersion(process)}\n`)
  if (!parsed.has('quiet') && !parsed.has('chroot')) await process.stdout.write(none ? 'none\n' : 'kvm\n')
  return none ? 1 : 0
}
