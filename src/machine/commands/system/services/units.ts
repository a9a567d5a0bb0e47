import type { ProcessEntry } from '../../../fs/process-table.ts'
import { type Process, SystemError } from '../../../system.ts'
import { kernel } from '../accounts/database.ts'

/** A unit file: where it is, and what it says, sections aside. */
export type Unit = {
  /** `ssh.service` */
  name: string
  /** As systemctl shows it: `/lib/systemd/system/ssh.service`. */
  path: string
  description: string
  text: string
  masked: boolean
  /** The values of a key, in order. */
  values(key: string): string[]
}

/** What became of a unit since the machine started, where it is not what its processes say. */
export type Changed = {
  at: number
  active: 'active' | 'inactive' | 'failed'
  sub: string
  pid?: number
  exited?: number
}

export type State = 'active' | 'inactive' | 'failed'
export type Live = {
  active: State
  sub: string
  /** Milliseconds since the epoch; 0 for never. */
  since: number
  main: ProcessEntry | undefined
  processes: ProcessEntry[]
}

const folders = ['/etc/systemd/system', '/run/systemd/system', '/lib/systemd/system'] as const
const most = 64 * 1024
const suffixes = /\.(service|socket|target|timer|mount|automount|path|slice|scope|device|swap)$/

export const fullName = (name: string): string => (suffixes.test(name) ? name : `${name}.service`)

/** Which program's process is the unit's main one. */
const mains: ReadonlyMap<string, string> = new Map([
  ['ssh.service', 'sshd'],
  ['cron.service', 'cron'],
  ['nginx.service', 'nginx'],
  ['rsyslog.service', 'rsyslogd'],
  ['dbus.service', 'dbus-daemon'],
  ['systemd-journald.service', 'systemd-journal'],
  ['systemd-logind.service', 'systemd-logind'],
  ['systemd-timesyncd.service', 'systemd-timesyn'],
  ['systemd-udevd.service', 'systemd-udevd'],
  ['systemd-networkd.service', 'systemd-network'],
  ['systemd-resolved.service', 'systemd-resolve'],
  ['snapd.service', 'snapd'],
  ['multipathd.service', 'multipathd'],
  ['irqbalance.service', 'irqbalance'],
  ['networkd-dispatcher.service', 'networkd-dispat'],
  ['polkit.service', 'polkitd'],
  ['udisks2.service', 'udisksd'],
  ['qemu-guest-agent.service', 'qemu-ga'],
  ['unattended-upgrades.service', 'unattended-upgr'],
  ['getty@tty1.service', 'agetty'],
])

/** Services that did their work when the machine started, and count as active. */
const done = new Set(
  `networking apparmor console-setup keyboard-setup kmod-static-nodes systemd-journal-flush systemd-modules-load
   systemd-random-seed systemd-remount-fs systemd-sysctl systemd-sysusers systemd-tmpfiles-setup
   systemd-tmpfiles-setup-dev systemd-udev-trigger systemd-update-utmp systemd-user-sessions cloud-config cloud-final
   cloud-init cloud-init-local ifupdown-pre ufw`
    .trim()
    .split(/\s+/)
    .map(name => `${name}.service`),
)
const targets = new Set(
  `basic cryptsetup getty graphical integritysetup local-fs-pre local-fs multi-user network-online network-pre network
   nss-user-lookup paths remote-fs slices sockets swap sysinit time-set timers veritysetup cloud-config cloud-init`
    .trim()
    .split(/\s+/)
    .map(name => `${name}.target`),
)
const timers =
  /^(apt-daily|apt-daily-upgrade|dpkg-db-backup|e2scrub_all|fstrim|logrotate|man-db|systemd-tmpfiles-clean)\.timer$/
const sockets =
  /^(dbus|syslog|systemd-(initctl|journald-audit|journald-dev-log|journald|udevd-control|udevd-kernel))\.socket$/

export const changesOf = ({ host }: Process): Map<string, Changed> =>
  host.state('systemd', () => new Map<string, Changed>())

/** Reads a unit file, following aliases; `undefined` where there is none. */
export const unitOf = (process: Process, wanted: string): Unit | undefined => {
  const name = fullName(wanted)
  const template = name.replace(/@[^.]*\./, '@.')
  for (const folder of folders) {
    for (const candidate of new Set([name, template])) {
      const path = `${folder}/${candidate}`
      try {
        const real = process.fs.realpath(path, kernel)
        if (real === '/dev/null') return make(name, path, '', true)
        const text = process.fs.readFile(path, kernel, { max: most }).toString('latin1')
        const shown = real.replace(/^\/usr\/lib\//, '/lib/')
        const alias = real.slice(real.lastIndexOf('/') + 1)
        const known = alias !== candidate && suffixes.test(alias) && !alias.includes('@.') ? alias : name
        return make(known, shown, text, false)
      } catch (error) {
        if (!(error instanceof SystemError)) throw error
      }
    }
  }
  return undefined
}

/** Units whose text the image has not. */
const untold: ReadonlyMap<string, string> = new Map([
  ['apparmor.service', 'Load AppArmor profiles'],
  ['cloud-config.service', 'Apply the settings specified in cloud-config'],
  ['cloud-final.service', 'Execute cloud user/final scripts'],
  ['cloud-init-local.service', 'Initial cloud-init job (pre-networking)'],
  ['cloud-init.service', 'Initial cloud-init job (metadata service crawler)'],
  ['man-db.timer', 'Daily man-db regeneration'],
  ['man-db.service', 'Daily man-db regeneration'],
])

const make = (name: string, path: string, text: string, masked: boolean): Unit => {
  const values = (key: string): string[] => {
    const found: string[] = []
    for (const line of text.replaceAll('\\\n', ' ').split('\n', 2000)) {
      const equals = line.indexOf('=')
      if (equals > 0 && line.slice(0, equals).trim() === key) found.push(line.slice(equals + 1).trim())
    }
    return found
  }
  const instance = /@([^.]*)\./.exec(name)?.[1] ?? ''
  const description = (values('Description').at(-1) ?? untold.get(name) ?? name)
    .replaceAll('%I', instance)
    .replaceAll('%i', instance)
  return { name, path, text, masked, values, description }
}

/** Names of all unit files, sorted as systemctl lists them: by kind, then by name. */
export const unitFiles = (process: Process): string[] => {
  const names = new Set<string>()
  for (const folder of folders) {
    try {
      for (const name of process.fs.readdir(folder, kernel)) if (suffixes.test(name)) names.add(name)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
  }
  process.step(names.size)
  return [...names].toSorted(byKind)
}

const kinds = 'automount mount path scope service slice socket swap target timer device'.split(' ')
export const byKind = (a: string, b: string): number => {
  const kind = (name: string): number => kinds.indexOf(name.slice(name.lastIndexOf('.') + 1))
  return kind(a) - kind(b) || (a < b ? -1 : Number(a > b))
}

/** How a unit fares, by its processes and by what was done to it. */
export const liveOf = (process: Process, unit: Unit): Live => {
  const { bootedAt } = process.host.persona
  const changed = changesOf(process).get(unit.name)
  const all = process.host.processes.list()
  const mainName = mains.get(unit.name)
  const main =
    changed?.pid === undefined
      ? all.find(({ name, ppid, exe }) => mainName !== undefined && name === mainName && ppid === 1 && exe !== '')
      : all.find(({ pid }) => pid === changed.pid)
  const off: Live = { active: 'inactive', sub: 'dead', since: 0, main: undefined, processes: [] }
  if (mainName !== undefined || changed?.pid !== undefined) {
    if (!main) {
      if (changed && changed.active !== 'active')
        return { ...off, active: changed.active, sub: changed.sub, since: changed.at }
      return { ...off, since: process.now() - 5000 }
    }
    const others = all.filter(({ ppid, connection }) => ppid === main.pid && !connection)
    const own = unit.name === 'ssh.service' ? [main] : [main, ...others]
    return { active: 'active', sub: 'running', since: changed?.at ?? main.startedAt, main, processes: own }
  }
  if (changed) return { ...off, active: changed.active, sub: changed.sub, since: changed.at }
  const since = bootedAt + 6000
  if (done.has(unit.name)) return { ...off, active: 'active', sub: 'exited', since }
  if (targets.has(unit.name)) return { ...off, active: 'active', sub: 'active', since: since + 3000 }
  if (timers.test(unit.name)) return { ...off, active: 'active', sub: 'waiting', since }
  if (sockets.test(unit.name)) {
    const listening = /syslog|initctl|audit/.test(unit.name)
    return {
      ...off,
      active: 'active',
      sub: listening && !unit.name.startsWith('syslog') ? 'listening' : 'running',
      since,
    }
  }
  if (/\.(mount|slice)$/.test(unit.name) && !/^(sys-fs-fuse|proc-sys-fs)/.test(unit.name))
    return { ...off, active: 'active', sub: unit.name.endsWith('mount') ? 'mounted' : 'active', since }
  return off
}

/** `enabled`, `disabled`, `static`, `masked`, `alias`, `linked`: by the links that enabling makes. */
export const enablement = (process: Process, wanted: string): string | undefined => {
  const name = fullName(wanted)
  const { fs } = process
  const unit = unitOf(process, name)
  if (!unit) return undefined
  if (unit.masked) return 'masked'
  const isLink = (path: string): boolean => {
    try {
      return fs.lstat(path, kernel).type === 'symlink'
    } catch (error) {
      if (error instanceof SystemError) return false
      throw error
    }
  }
  const template = name.replace(/@[^.]*\./, '@.')
  for (const folder of ['/lib/systemd/system', '/etc/systemd/system'])
    if (unit.name !== name && isLink(`${folder}/${template}`)) return 'alias'
  if (enabledLinks(process, unit).length > 0) return 'enabled'
  const installs = [
    ...unit.values('WantedBy'),
    ...unit.values('RequiredBy'),
    ...unit.values('Alias'),
    ...unit.values('Also'),
  ]
  return installs.length > 0 ? 'disabled' : 'static'
}

/** The links that enable a unit and are there. */
export const enabledLinks = (process: Process, unit: Unit): string[] =>
  installLinks(unit).filter(path => {
    try {
      return process.fs.lstat(path, kernel).type === 'symlink'
    } catch (error) {
      if (error instanceof SystemError) return false
      throw error
    }
  })

/** Where enabling a unit puts links: [Install] of systemd.unit(5). */
export const installLinks = (unit: Unit): string[] => {
  const words = (key: string): string[] =>
    unit
      .values(key)
      .flatMap(text => text.split(/\s+/))
      .filter(word => /^[\w@.:\\-]+$/.test(word))
  return [
    ...words('WantedBy').map(target => `/etc/systemd/system/${target}.wants/${unit.name}`),
    ...words('RequiredBy').map(target => `/etc/systemd/system/${target}.requires/${unit.name}`),
    ...words('Alias').map(alias => `/etc/systemd/system/${alias}`),
  ].slice(0, 20)
}

/** Debian's presets enable what can be enabled. */
export const presetOf = (state: string, name: string): string => {
  if (state === 'static' || state === 'alias' || state === 'generated') return '-'
  return /^(debug-shell|console-getty|systemd-networkd|systemd-network|systemd-boot-check|systemd-time-wait|rsync|exit|halt|kexec|poweroff|reboot|ctrl-alt-del|rescue|runlevel)/.test(
    name,
  )
    ? 'disabled'
    : 'enabled'
}

/** Does the process see UTF-8? Only what says otherwise makes systemd fall back to ASCII. */
export const marksOf = ({
  env,
}: Process): { on: string; off: string; failed: string; branch: string; last: string; arrow: string } => {
  const locale = env.get('LC_ALL') || env.get('LC_CTYPE') || env.get('LANG') || ''
  return locale === '' || /UTF-?8/i.test(locale)
    ? {
        on: '\xe2\x97\x8f',
        off: '\xe2\x97\x8b',
        failed: '\xc3\x97',
        branch: '\xe2\x94\x9c\xe2\x94\x80',
        last: '\xe2\x94\x94\xe2\x94\x80',
        arrow: '\xe2\x86\x92',
      }
    : { on: '*', off: '*', failed: '*', branch: '|-', last: '`-', arrow: '->' }
}
