import type { Process } from '../../../system.ts'
import { clock, localTime, months, textOf } from '../facts.ts'
import { kernelLog } from '../hardware/boot-log.ts'

/** A record of the journal. `at` in milliseconds; `who` is `sshd[512]` and the like. */
export type Record = { at: number; who: string; message: string; unit: string; priority: number }

const most = 4000

/** What the journal holds: the kernel's messages, what started at boot, and what rsyslog wrote down as well. */
export const journalOf = (process: Process): Record[] => {
  const { persona } = process.host
  const records: Record[] = []
  for (const { seconds, text } of kernelLog(persona))
    records.push({ at: persona.bootedAt + seconds * 1000, who: 'kernel', message: text, unit: '', priority: 6 })
  for (const [seconds, who, message, unit] of atBoot) {
    const pid = who === 'systemd' ? 1 : pidOf(process, who)
    records.push({ at: persona.bootedAt + seconds * 1000, who: `${who}[${pid}]`, message, unit, priority: 6 })
  }
  for (const path of ['/var/log/auth.log', '/var/log/syslog']) {
    for (const line of (textOf(process, path) ?? '').split('\n', most)) {
      const [, stamp = '', , who = '', message = ''] = /^(\S+) (\S+) ([^:\s]+): (.*)$/.exec(line) ?? []
      const at = Date.parse(stamp)
      if (Number.isFinite(at)) records.push({ at, who, message, unit: unitFor(who), priority: 6 })
    }
  }
  for (const login of process.host.logins()) {
    const daemon = process.host.processes.list().find(({ pid }) => pid === login.pid)
    const port = daemon?.connection?.fromPort ?? 40_000 + (login.pid % 20_000)
    const who = `sshd[${login.pid}]`
    if (daemon && daemon.name !== 'sshd') continue
    records.push(
      {
        at: login.at,
        who,
        message: `Accepted password for ${login.user} from ${login.host} port ${port} ssh2`,
        unit: 'ssh.service',
        priority: 6,
      },
      {
        at: login.at + 3,
        who,
        message: `pam_unix(sshd:session): session opened for user ${login.user}(uid=${login.user === 'root' ? 0 : 1000}) by (uid=0)`,
        unit: 'ssh.service',
        priority: 6,
      },
    )
  }
  process.step(records.length)
  return records.toSorted((a, b) => a.at - b.at)
}

const pidOf = (process: Process, name: string): number =>
  process.host.processes.list().find(entry => entry.name === name.slice(0, 15) && entry.exe !== '')?.pid ?? 1

const unitFor = (who: string): string => {
  const name = who.replace(/\[.*/, '').toLowerCase()
  if (name === 'sshd') return 'ssh.service'
  return name === 'cron' ? 'cron.service' : `${name}.service`
}

const atBoot: readonly [seconds: number, who: string, message: string, unit: string][] = [
  [2.1, 'systemd', 'Started systemd-journald.service - Journal Service.', 'init.scope'],
  [4.2, 'systemd', 'Reached target local-fs.target - Local File Systems.', 'init.scope'],
  [5.0, 'systemd', 'Started systemd-timesyncd.service - Network Time Synchronization.', 'init.scope'],
  [5.1, 'systemd', 'Reached target sysinit.target - System Initialization.', 'init.scope'],
  [5.4, 'cron', '(CRON) INFO (pidfile fd = 3)', 'cron.service'],
  [5.4, 'cron', '(CRON) INFO (Running @reboot jobs)', 'cron.service'],
  [5.5, 'systemd', 'Started cron.service - Regular background program processing daemon.', 'init.scope'],
  [5.6, 'systemd', 'Started dbus.service - D-Bus System Message Bus.', 'init.scope'],
  [5.9, 'systemd', 'Started rsyslog.service - System Logging Service.', 'init.scope'],
  [6.1, 'systemd', 'Started systemd-logind.service - User Login Management.', 'init.scope'],
  [6.4, 'systemd', 'Finished networking.service - Raise network interfaces.', 'init.scope'],
  [6.5, 'systemd', 'Starting ssh.service - OpenBSD Secure Shell server...', 'ssh.service'],
  [6.7, 'sshd', 'Server listening on 0.0.0.0 port 22.', 'ssh.service'],
  [6.7, 'sshd', 'Server listening on :: port 22.', 'ssh.service'],
  [6.7, 'systemd', 'Started ssh.service - OpenBSD Secure Shell server.', 'ssh.service'],
  [
    6.8,
    'systemd',
    'Starting nginx.service - A high performance web server and a reverse proxy server...',
    'nginx.service',
  ],
  [
    7.2,
    'systemd',
    'Started nginx.service - A high performance web server and a reverse proxy server.',
    'nginx.service',
  ],
  [7.3, 'systemd', 'Reached target multi-user.target - Multi-User System.', 'init.scope'],
  [7.3, 'systemd', 'Reached target graphical.target - Graphical Interface.', 'init.scope'],
  [7.6, 'systemd', 'Startup finished in 2.871s (kernel) + 4.702s (userspace) = 7.573s.', 'init.scope'],
]

/** `Jan 15 09:30:00 host who: message`, journalctl's short form. */
export const shortLine = (process: Process, { at, who, message }: Record): string => {
  const date = localTime(process, at)
  const host = (textOf(process, '/proc/sys/kernel/hostname') ?? '').trim()
  return `${months[date.getUTCMonth()]} ${`${date.getUTCDate()}`.padStart(2, '0')} ${clock(date, true)} ${host} ${who}: ${message}`
}
