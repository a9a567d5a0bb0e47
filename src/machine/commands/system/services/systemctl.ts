import type { Process, Program } from '../../../system.ts'
import { getopt, type Option } from '../../getopt.ts'
import { systemdVersion } from '../../package-version.ts'
import { calledAs, say } from '../facts.ts'
import { allowed, enable, mask, start, stop } from './control.ts'
import { type ListOptions, listTimers, listUnitFiles, listUnits } from './lists.ts'
import { powerOff } from './power.ts'
import { properties, status } from './status.ts'
import { changesOf, enablement, fullName, liveOf, unitOf } from './units.ts'

const flags =
  'all full failed no-legend no-pager no-wall now quiet value no-reload no-block force help version no-ask-password plain user system global runtime recursive show-types dry-run with-dependencies firmware-setup preset-mode wait legend'.split(
    ' ',
  )
const valued =
  'type state property lines output kill-whom kill-who signal host machine root job-mode message what boot-loader-menu timestamp'.split(
    ' ',
  )
const letters: Readonly<Record<string, string>> = {
  a: 'all',
  l: 'full',
  q: 'quiet',
  f: 'force',
  h: 'help',
  r: 'recursive',
  i: 'ignore',
  t: 'type',
  p: 'property',
  P: 'show-value',
  n: 'lines',
  o: 'output',
  s: 'signal',
  H: 'host',
  M: 'machine',
  T: 'show-transaction',
}

const shortOf = (long: string): { short?: string } => {
  const short = Object.entries(letters).find(([, name]) => name === long)?.[0]
  return short === undefined ? {} : { short }
}
const options: Option[] = [
  ...[...flags, 'ignore', 'show-transaction'].map(long => ({ long, ...shortOf(long) })),
  ...[...valued, 'check-inhibitors', 'show-value'].map(long => ({
    long,
    argument: 'required' as const,
    ...shortOf(long),
  })),
]

const versionOf = (process: Process): string =>
  `systemd ${systemdVersion(process)}\n+PAM +AUDIT +SELINUX +APPARMOR +IMA +SMACK +SECCOMP +GCRYPT -GNUTLS +OPENSSL +ACL +BLKID +CURL +ELFUTILS +FIDO2 +IDN2 -IDN +IPTC +KMOD +LIBCRYPTSETUP +LIBFDISK +PCRE2 -PWQUALITY +P11KIT +QRENCODE +TPM2 +BZIP2 +LZ4 +XZ +ZLIB +ZSTD -BPF_FRAMEWORK -XKBCOMMON +UTMP +SYSVINIT default-hierarchy=unified\n`

type Parsed = Exclude<ReturnType<typeof getopt>, string>
type Verb = (process: Process, units: string[], parsed: Parsed) => Promise<number>

/** Does it for each, and gives the last status that was not 0. */
const each =
  (act: (process: Process, unit: string, parsed: Parsed) => Promise<number>): Verb =>
  async (process, units, parsed) => {
    if (units.length === 0) {
      await process.stderr.write('Too few arguments.\n')
      return 1
    }
    let worst = 0
    for (const unit of units.slice(0, 100)) worst = (await act(process, unit, parsed)) || worst
    return worst
  }

const starting = (verb: string): Verb => each((process, unit) => start(process, unit, verb))
const enabling = (on: boolean, again = false): Verb =>
  each(async (process, unit, { has }) => {
    if (again) await enable(process, unit, false, true)
    const result = await enable(process, unit, on, has('quiet'))
    if (result !== 0 || !has('now')) return result
    return on ? start(process, unit, 'start') : stop(process, unit)
  })

const lists = ({ has, value, given }: Parsed, patterns: string[]): ListOptions => {
  const all = (name: string): string[] =>
    given.filter(one => one.name === name).flatMap(one => (one.value ?? '').split(','))
  return {
    all: has('all'),
    kinds: new Set(all('type').map(kind => kind.replace(/s$/, ''))),
    states: new Set([...all('state'), ...(has('failed') ? ['failed'] : [])]),
    legend: !has('no-legend') && value('legend') !== 'false' && !has('quiet'),
    patterns,
    plain: has('plain'),
  }
}

const asks =
  (of: (process: Process, unit: string) => { text: string; good: boolean } | string, bad: number): Verb =>
  async (process, units, { has }) => {
    if (units.length === 0) {
      await process.stderr.write('Too few arguments.\n')
      return 1
    }
    let good = false
    for (const unit of units.slice(0, 100)) {
      const answer = of(process, unit)
      if (typeof answer === 'string') await process.stderr.write(`${answer}\n`)
      else {
        good ||= answer.good
        if (!has('quiet')) await process.stdout.write(`${answer.text}\n`)
      }
    }
    return good ? 0 : bad
  }

const stateOf = (process: Process, wanted: string): string => {
  const unit = unitOf(process, wanted)
  return unit ? liveOf(process, unit).active : 'inactive'
}

const verbs: ReadonlyMap<string, Verb> = new Map<string, Verb>([
  ['start', starting('start')],
  ['restart', starting('restart')],
  ['try-restart', starting('try-restart')],
  ['condrestart', starting('try-restart')],
  ['reload', starting('reload')],
  ['reload-or-restart', starting('reload-or-restart')],
  ['try-reload-or-restart', starting('try-reload-or-restart')],
  ['force-reload', starting('reload-or-restart')],
  ['isolate', starting('start')],
  ['stop', each((process, unit) => stop(process, unit))],
  ['kill', each((process, unit) => stop(process, unit))],
  ['enable', enabling(true)],
  ['reenable', enabling(true, true)],
  ['preset', enabling(true)],
  ['disable', enabling(false)],
  [
    'mask',
    each((process, unit, { has }) =>
      mask(process, unit, true).then(result => (has('now') ? stop(process, unit) : result)),
    ),
  ],
  ['unmask', each((process, unit) => mask(process, unit, false))],
  [
    'status',
    async (process, units, { value }) => {
      if (units.length === 0) return overall(process)
      let worst = 0
      for (const [index, unit] of units.slice(0, 50).entries()) {
        if (index > 0) await process.stdout.write('\n')
        worst = (await status(process, unit, Number(value('lines') ?? 10))) || worst
      }
      return worst
    },
  ],
  [
    'is-active',
    asks((process, unit) => ({ text: stateOf(process, unit), good: stateOf(process, unit) === 'active' }), 3),
  ],
  [
    'is-failed',
    asks((process, unit) => ({ text: stateOf(process, unit), good: stateOf(process, unit) === 'failed' }), 1),
  ],
  [
    'is-enabled',
    asks((process, unit) => {
      const state = enablement(process, unit)
      if (state === undefined) return `Failed to get unit file state for ${fullName(unit)}: No such file or directory`
      return { text: state, good: ['enabled', 'static', 'alias', 'generated', 'indirect'].includes(state) }
    }, 1),
  ],
  ['list-units', (process, units, parsed) => listUnits(process, lists(parsed, units))],
  ['list-unit-files', (process, units, parsed) => listUnitFiles(process, lists(parsed, units))],
  ['list-timers', (process, units, parsed) => listTimers(process, lists(parsed, units))],
  ['list-jobs', process => say(process, 'No jobs running.\n')],
  ['is-system-running', process => say(process, 'running\n')],
  ['get-default', process => say(process, 'graphical.target\n')],
  [
    'daemon-reload',
    async process => {
      if (!(await allowed(process, 'reload', 'daemon'))) return 1
      await process.sleep(0.35)
      return 0
    },
  ],
  [
    'daemon-reexec',
    async process => {
      await process.sleep(0.5)
      return 0
    },
  ],
  [
    'reset-failed',
    async (process, units) => {
      for (const [name, changed] of [...changesOf(process)])
        if (changed.active === 'failed' && (units.length === 0 || units.map(fullName).includes(name)))
          changesOf(process).delete(name)
      return 0
    },
  ],
  [
    'cat',
    each(async (process, wanted) => {
      const unit = unitOf(process, wanted)
      if (!unit) {
        await process.stderr.write(`No files found for ${fullName(wanted)}.\n`)
        return 1
      }
      return say(process, `# ${unit.path}\n${unit.text}`)
    }),
  ],
  [
    'show',
    async (process, units, { given, has }) => {
      const wanted = given
        .filter(({ name }) => name === 'property' || name === 'show-value')
        .flatMap(({ value }) => (value ?? '').split(','))
      const bare = has('value') || has('show-value')
      for (const unit of units.length === 0 ? ['-.slice'] : units.slice(0, 50)) {
        const found = properties(process, unit).filter(([name]) => wanted.length === 0 || wanted.includes(name))
        await process.stdout.write(found.map(([name, value]) => (bare ? `${value}\n` : `${name}=${value}\n`)).join(''))
      }
      return 0
    },
  ],
  [
    'set-default',
    async (process, [target = '']) => {
      if (!unitOf(process, target)) {
        await process.stderr.write(`Failed to set default target: Unit file ${target} does not exist.\n`)
        return 1
      }
      return 0
    },
  ],
  [
    'edit',
    each(async (process, unit) => {
      await process.stderr.write(`Failed to edit ${fullName(unit)}: standard input is not a terminal\n`)
      return 1
    }),
  ],
  ['set-property', async () => 0],
  ['import-environment', async () => 0],
  [
    'show-environment',
    process => say(process, 'LANG=en_US.UTF-8\nPATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\n'),
  ],
  ['list-dependencies', async (process, [unit = 'default.target']) => say(process, `${fullName(unit)}\n`)],
  ...(
    ['reboot', 'poweroff', 'halt', 'kexec', 'rescue', 'emergency', 'suspend', 'hibernate', 'soft-reboot'] as const
  ).map(verb => [verb, (process: Process) => powerOff(process, verb)] as [string, Verb]),
])

const overall = (process: Process): Promise<number> => {
  const host = process.host.persona.hostname
  return say(
    process,
    `\xe2\x97\x8f ${host}\n    State: running\n    Units: 211 loaded (incl. loaded aliases)\n     Jobs: 0 queued\n   Failed: 0 units\n  systemd: ${systemdVersion(process)}\n`,
  )
}

/** systemctl(1) of systemd 252, and what links to it: reboot, poweroff, halt, shutdown, telinit, runlevel. */
export const systemctl: Program = async process => {
  const program = calledAs(process)
  if (program !== 'systemctl') return powerOff(process, program)
  const parsed = getopt(process.argv, options)
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n`)
    return 1
  }
  if (parsed.has('version')) return say(process, versionOf(process))
  if (parsed.has('help'))
    return say(process, 'systemctl [OPTIONS...] COMMAND ...\n\nQuery or send control commands to the system manager.\n')
  const [name = 'list-units', ...units] = parsed.operands
  const verb = verbs.get(name)
  if (!verb) {
    await process.stderr.write(`Unknown command verb ${name}.\n`)
    return 1
  }
  if (parsed.has('user') && !process.env.has('XDG_RUNTIME_DIR')) {
    await process.stderr.write('Failed to connect to bus: No medium found\n')
    return 1
  }
  return verb(process, units, parsed)
}

/** init(1): systemd's own binary, which hands a run level on to the manager; nothing else of it is for people. */
export const init: Program = async process => {
  const program = calledAs(process)
  if (program === 'init' || process.argv.includes('--version')) return powerOff(process, 'init')
  await process.stderr.write('Trying to run as user instance, but the system has not been booted with systemd.\n')
  return 1
}
