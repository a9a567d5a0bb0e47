import { type Process, SystemError } from '../../../system.ts'
import { kernel, makeFolder } from '../accounts/database.ts'
import { changesOf, enabledLinks, fullName, installLinks, liveOf, marksOf, type Unit, unitOf } from './units.ts'

const told = async (process: Process, text: string, status: number): Promise<number> => {
  await process.stderr.write(`${text}\n`)
  return status
}

/** Only root manages units; nobody is there to ask. */
export const allowed = async (process: Process, verb: string, name: string): Promise<boolean> => {
  if (process.who.uid === 0) return true
  await process.stderr.write(
    `Failed to ${verb} ${name}: Access denied\nSee system logs and 'systemctl status ${name}' for details.\n`,
  )
  return false
}

/** start, restart, reload and their kin. */
export const start = async (process: Process, wanted: string, verb: string): Promise<number> => {
  const name = fullName(wanted)
  const unit = unitOf(process, name)
  if (!(await allowed(process, verb, name))) return 4
  if (!unit) return told(process, `Failed to ${verb} ${name}: Unit ${name} not found.`, 5)
  if (unit.masked) return told(process, `Failed to ${verb} ${name}: Unit ${name} is masked.`, 1)
  const live = liveOf(process, unit)
  if (verb.startsWith('try-') && live.active !== 'active') return 0
  if (verb.includes('reload') && !verb.includes('restart')) {
    if (live.active !== 'active' && !verb.includes('or'))
      return told(process, `${name} is not active, cannot reload.`, 1)
    if (unit.values('ExecReload').length === 0 && verb === 'reload')
      return told(process, `Failed to reload ${name}: Job type reload is not applicable for unit ${name}.`, 1)
    await process.sleep(0.05)
    return 0
  }
  if (verb === 'start' && live.active === 'active') return 0
  if (live.active === 'active') await stopProcesses(process, unit)
  return launch(process, unit)
}

/** What the persona's own daemons look like when they are started again. */
const daemons: ReadonlyMap<string, { exe: string; argv: string[]; children?: true }> = new Map([
  ['ssh.service', { exe: '/usr/sbin/sshd', argv: ['sshd: /usr/sbin/sshd -D [listener] 0 of 10-100 startups'] }],
  [
    'nginx.service',
    {
      exe: '/usr/sbin/nginx',
      argv: ['nginx: master process /usr/sbin/nginx -g daemon on; master_process on;'],
      children: true,
    },
  ],
  ['cron.service', { exe: '/usr/sbin/cron', argv: ['/usr/sbin/cron', '-f'] }],
  ['rsyslog.service', { exe: '/usr/sbin/rsyslogd', argv: ['/usr/sbin/rsyslogd', '-n', '-iNONE'] }],
])

const launch = async (process: Process, unit: Unit): Promise<number> => {
  const { processes, persona } = process.host
  const changes = changesOf(process)
  const set = (pid: number | undefined, active: 'active' | 'failed' | 'inactive', sub: string): void =>
    void changes.set(unit.name, { at: process.now(), active, sub, ...(pid === undefined ? {} : { pid }) })
  const known = daemons.get(unit.name)
  const base = { ppid: 1, uid: 0, cwd: '/', tty: '?' }
  if (known || unit.path.startsWith('/lib/')) {
    await process.sleep(0.15)
    const exec = execOf(unit)
    const exe = known?.exe ?? exec?.[0] ?? ''
    if (unit.name.endsWith('.service') && exe !== '' && !unit.values('Type').includes('oneshot')) {
      const pid = processes.start({ ...base, exe, argv: known?.argv ?? exec! })
      if (known?.children)
        for (let core = 0; core < persona.cpu.cores; core++)
          processes.start({ ...base, ppid: pid, uid: 33, exe, argv: ['nginx: worker process'] })
      set(pid, 'active', 'running')
    } else
      set(
        undefined,
        'active',
        unit.name.endsWith('.timer') ? 'waiting' : unit.values('RemainAfterExit').length > 0 ? 'exited' : 'active',
      )
    return 0
  }
  return launchBrought(process, unit, set)
}

const execOf = (unit: Unit): string[] | undefined => {
  const line = unit
    .values('ExecStart')
    .at(-1)
    ?.replace(/^[-@:+!]+/, '')
  if (!line) return undefined
  return line
    .match(/"[^"]*"|'[^']*'|\S+/g)
    ?.slice(0, 64)
    .map(word => word.replace(/^(["'])(.*)\1$/, '$2'))
}

type Set = (pid: number | undefined, active: 'active' | 'failed' | 'inactive', sub: string) => void

/** A unit that was written here: its program is run, as any that an attacker starts. */
const launchBrought = async (process: Process, unit: Unit, set: Set): Promise<number> => {
  const failed = (): Promise<number> => {
    set(undefined, 'failed', 'failed')
    return told(
      process,
      `Job for ${unit.name} failed because the control process exited with error code.\nSee "systemctl status ${unit.name}" and "journalctl -xeu ${unit.name}" for details.`,
      1,
    )
  }
  const argv = execOf(unit)
  if (!argv)
    return told(
      process,
      `Failed to start ${unit.name}: Unit ${unit.name} has a bad unit file setting.\nSee system logs and 'systemctl status ${unit.name}' for details.`,
      1,
    )
  const type = unit.values('Type').at(-1) ?? 'simple'
  const env = new Map([
    ['PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'],
    ['LANG', 'en_US.UTF-8'],
  ])
  const silent = { write: async () => {} }
  const before = new Set(process.host.processes.list().map(({ pid }) => pid))
  const folder = unit.values('WorkingDirectory').at(-1)
  const running = process
    .run(argv, {
      stdin: { read: async () => undefined },
      stdout: silent,
      stderr: silent,
      env,
      cwd: folder?.startsWith('/') ? folder : '/',
      who: kernel,
    })
    .catch(error => {
      if (error instanceof SystemError) return 203
      throw error
    })
  const waits = type === 'oneshot' || type === 'forking'
  const status = await Promise.race([running, process.sleep(waits ? 20 : 0.3).then(() => undefined)])
  if (status === undefined) {
    const own = process.host.processes.list().find(({ pid, exe }) => !before.has(pid) && exe !== '')
    set(own?.pid, 'active', 'running')
    return 0
  }
  if (status === 0) {
    const remains = unit.values('RemainAfterExit').some(text => /^(yes|true|1|on)$/i.test(text))
    set(
      undefined,
      remains || type === 'forking' ? 'active' : 'inactive',
      remains ? 'exited' : type === 'forking' ? 'running' : 'dead',
    )
    return 0
  }
  // A simple service has started once its program was to be run.
  if (!waits) {
    set(undefined, 'failed', 'failed')
    return 0
  }
  return failed()
}

const stopProcesses = async (process: Process, unit: Unit): Promise<void> => {
  for (const { pid } of liveOf(process, unit).processes.toReversed()) process.host.processes.signal(pid, 15, kernel)
  await process.sleep(0.1)
}

export const stop = async (process: Process, wanted: string): Promise<number> => {
  const name = fullName(wanted)
  const unit = unitOf(process, name)
  if (!(await allowed(process, 'stop', name))) return 4
  if (!unit) return told(process, `Failed to stop ${name}: Unit ${name} not loaded.`, 5)
  if (liveOf(process, unit).active === 'active') {
    await stopProcesses(process, unit)
    changesOf(process).set(unit.name, { at: process.now(), active: 'inactive', sub: 'dead' })
  }
  return 0
}

/** Enabling makes links, disabling takes them away. */
export const enable = async (process: Process, wanted: string, on: boolean, quiet: boolean): Promise<number> => {
  const name = fullName(wanted)
  const verb = on ? 'enable' : 'disable'
  const { fs } = process
  if (!(await allowed(process, `${verb} unit`, name))) return 1
  const unit = unitOf(process, name)
  if (!unit) return told(process, `Failed to ${verb} unit: Unit file ${name} does not exist.`, 1)
  if (unit.masked) return told(process, `Failed to ${verb} unit: Unit file ${unit.path} is masked.`, 1)
  const say = async (text: string): Promise<void> => (quiet ? undefined : process.stderr.write(`${text}\n`))
  const script = unit.name.replace(/\.service$/, '')
  if (unit.name.endsWith('.service') && exists(process, `/etc/init.d/${script}`)) {
    await say(`Synchronizing state of ${unit.name} with SysV service script with /lib/systemd/systemd-sysv-install.`)
    await say(`Executing: /lib/systemd/systemd-sysv-install ${verb} ${script}`)
    await process.sleep(0.5)
  }
  const links = installLinks(unit)
  if (on && links.length === 0) {
    await process.stderr.write(noInstall)
    return 0
  }
  const there = enabledLinks(process, unit)
  for (const path of on ? links.filter(link => !there.includes(link)) : there) {
    try {
      if (on) {
        makeFolder(process, path.slice(0, path.lastIndexOf('/')), 0o755)
        fs.symlink(unit.path, path, kernel)
        await say(`Created symlink ${path} ${marksOf(process).arrow} ${unit.path}.`)
      } else {
        fs.unlink(path, kernel)
        await say(`Removed "${path}".`)
      }
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
    }
  }
  await process.sleep(0.2)
  return 0
}

const noInstall =
  "The unit files have no installation config (WantedBy=, RequiredBy=, Also=,\nAlias= settings in the [Install] section, and DefaultInstance= for template\nunits). This means they are not meant to be enabled or disabled using systemctl.\n \nPossible reasons for having this kind of units are:\n\xe2\x80\xa2 A unit may be statically enabled by being symlinked from another unit's\n  .wants/ or .requires/ directory.\n\xe2\x80\xa2 A unit's purpose may be to act as a helper for some other unit which has\n  a requirement dependency on it.\n\xe2\x80\xa2 A unit may be started when needed via activation (socket, path, timer,\n  D-Bus, udev, scripted systemctl call, ...).\n\xe2\x80\xa2 In case of template units, the unit is meant to be enabled with some\n  instance name specified.\n"

const exists = (process: Process, path: string): boolean => {
  try {
    process.fs.lstat(path, kernel)
    return true
  } catch (error) {
    if (error instanceof SystemError) return false
    throw error
  }
}

/** mask and unmask: a link to /dev/null before all else. */
export const mask = async (process: Process, wanted: string, on: boolean): Promise<number> => {
  const name = fullName(wanted)
  const path = `/etc/systemd/system/${name}`
  if (!(await allowed(process, on ? 'mask unit' : 'unmask unit', name))) return 1
  const unit = unitOf(process, name)
  if (!unit && on) {
    await process.stderr.write(`Unit ${name} does not exist, proceeding anyway.\n`)
  }
  try {
    if (on && !unit?.masked) {
      if (exists(process, path) && process.fs.lstat(path, kernel).type === 'file')
        return told(process, `Failed to mask unit: File ${path} already exists.`, 1)
      if (exists(process, path)) process.fs.unlink(path, kernel)
      process.fs.symlink('/dev/null', path, kernel)
      await process.stderr.write(`Created symlink ${path} ${marksOf(process).arrow} /dev/null.\n`)
    }
    if (!on && unit?.masked) {
      process.fs.unlink(path, kernel)
      await process.stderr.write(`Removed "${path}".\n`)
    }
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  return 0
}
