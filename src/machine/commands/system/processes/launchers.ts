import { errorText } from '../../../errors.ts'
import { type Process, type Program, SystemError } from '../../../system.ts'
import { usageError } from '../../coreutils.ts'
import { getopt, type Option, optionsOf, type Parsed, usageMistake } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { absolute, statOf } from '../../paths.ts'
import { nowhere, runBehind } from '../../terminal/sessions.ts'
import { accountBy, say } from '../facts.ts'
import { launch } from './launch.ts'
import { rowsOf } from './rows.ts'

/** ld.so(8) of glibc 2.36, called by name: it maps the program itself, whose file need not be executable. */
export const loader: Program = async process => {
  const self = process.argv[0] ?? ''
  const words = process.argv.slice(1)
  let name: string | undefined
  for (let word = words[0]; word?.startsWith('--'); word = words[0]) {
    words.shift()
    if (word === '--version') {
      const about =
        'This is free software; see the source for copying conditions.\nThere is NO warranty; not even for MERCHANTABILITY or FITNESS FOR A\nPARTICULAR PURPOSE.\n'
      return say(
        process,
        versioned(
          process,
          `ld.so (Debian GLIBC @libc6@) stable release version 2.36.\nCopyright (C) 2022 Free Software Foundation, Inc.\n${about}`,
        ),
      )
    }
    if (['--library-path', '--inhibit-rpath', '--audit', '--preload', '--glibc-hwcaps-prepend'].includes(word))
      words.shift()
    else if (word === '--argv0') name = words.shift()
  }
  const [path] = words
  if (path === undefined) {
    await process.stderr.write(`${self}: missing program name\nTry '${self} --help' for more information.\n`)
    return 1
  }
  const refuse = async (why: string) => {
    await process.stderr.write(`${path}: error while loading shared libraries: ${path}: ${why}\n`)
    return 127
  }
  const stat = statOf(process, path)
  if (!stat) return refuse('cannot open shared object file: No such file or directory')
  if (stat.type === 'directory') return refuse('cannot read file data: Is a directory')
  let head: Buffer
  try {
    head = process.fs.readFile(absolute(process, path), process.who, { max: 64 })
  } catch (error) {
    return refuse(`cannot open shared object file: ${errorText(error)}`)
  }
  if (head.length < 64) return refuse('file too short')
  if (head.toString('latin1', 0, 4) !== '\x7fELF') return refuse('invalid ELF header')
  const file = path.includes('/') ? path : `./${path}`
  return process.run([file, ...words.slice(1)], { mapped: true, ...(name === undefined ? {} : { name }) })
}

/** The rest of the line is the command that they run, each in surroundings of its own; with what they say when there is none. */
const wrapper =
  (options: readonly Option[], none: string, status: number): Program =>
  async process => {
    const parsed = getopt(process.argv, options, { posix: true })
    if (typeof parsed === 'string') return usageMistake(process, parsed)
    if (parsed.operands.length > 0) return launch(process, parsed.operands)
    if (none !== '') await process.stderr.write(`${none}\n`)
    return status
  }

/** systemd-inhibit(1). */
export const systemdInhibit = wrapper(
  [...optionsOf('what who why mode', 'required'), ...optionsOf('list no-pager no-legend help version')],
  '',
  0,
)
/** dbus-run-session(1). */
export const dbusRunSession = wrapper(
  [...optionsOf('config-file dbus-daemon', 'required'), ...optionsOf('help version')],
  'dbus-run-session: a non-option argument is required',
  127,
)
/** setpriv(1) of util-linux. */
export const setpriv = wrapper(
  [
    ...optionsOf('dump nnp no-new-privs clear-groups keep-groups init-groups reset-env help'),
    ...optionsOf('ambient-caps inh-caps bounding-set ruid euid rgid egid reuid regid', 'required'),
    ...optionsOf('groups securebits pdeathsig selinux-label apparmor-profile', 'required'),
    ...optionsOf('d'),
  ],
  'setpriv: No program specified',
  1,
)
/** aa-exec(1). */
export const aaExec = wrapper(
  [
    ...optionsOf('profile namespace', 'required'),
    ...optionsOf('debug immediate verbose help'),
    ...optionsOf('d i v h'),
    ...optionsOf('p n', 'required'),
  ],
  '',
  0,
)

/** systemd-cat(1): what the command says goes to the journal. */
export const systemdCat: Program = async process => {
  const parsed = getopt(
    process.argv,
    [...optionsOf('t=identifier p=priority stderr-priority level-prefix', 'required')],
    { posix: true, name: 'systemd-cat' },
  )
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n`)
    return 1
  }
  if (parsed.operands.length > 0) return process.run([...parsed.operands], { stdout: nowhere, stderr: nowhere })
  while (await process.stdin.read());
  return 0
}

const runOptions: Option[] = [
  ...optionsOf('scope user system no-block remain-after-exit wait send-sighup same-dir pty'),
  ...optionsOf('pipe quiet collect shell no-ask-password help version'),
  ...optionsOf('unit property description slice service-type uid gid nice working-directory', 'required'),
  ...optionsOf('setenv on-active on-boot on-startup on-calendar on-unit-active timer-property host', 'required'),
  ...optionsOf('r d t P q G S'),
  ...optionsOf('p u E H M', 'required'),
]

/** systemd-run(1) of systemd 252: a unit of its own in the background, or in front with -t, -P, --wait and --scope. */
export const systemdRun: Program = async process => {
  const parsed = getopt(process.argv, runOptions, { posix: true, name: 'systemd-run' })
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n`)
    return 1
  }
  const has = (...names: string[]) => names.some(one => parsed.has(one))
  const argv = has('S', 'shell') ? [process.env.get('SHELL') ?? '/bin/sh'] : parsed.operands
  if (argv.length === 0) {
    await process.stderr.write('Command line to execute required.\n')
    return 1
  }
  if (process.who.uid !== 0) {
    await process.stderr.write('Failed to start transient service unit: Interactive authentication required.\n')
    return 1
  }
  const kind = has('scope') ? 'scope' : 'service'
  const given = parsed.value('unit') ?? parsed.value('u')
  const unit = given === undefined ? `run-r${process.random(16).toString('hex')}` : given.replace(/\.service$/, '')
  const timed = parsed.given.some(({ name }) => name.startsWith('on-'))
  const words = timed
    ? `Running timer as unit: ${unit}.timer\nWill run service as unit: ${unit}.service\n`
    : `Running ${kind === 'scope' ? 'scope ' : ''}as unit: ${unit}.${kind}\n`
  if (!has('q', 'quiet')) await process.stderr.write(words)
  if (!timed && has('scope', 't', 'pty', 'P', 'pipe', 'S', 'shell')) return launch(process, [...argv])
  if (!timed && has('wait')) return process.run([...argv], { stdout: nowhere, stderr: nowhere })
  const where = absolute(process, argv[0]!)
  const found = argv[0]!.includes('/') ? statOf(process, where) : true
  if (!found) {
    await process.stderr.write(`Failed to find executable ${argv[0]}: No such file or directory\n`)
    return 1
  }
  await runBehind(process, argv, { cwd: parsed.value('working-directory') ?? '/' })
  return 0
}

const daemonOptions: Option[] = [
  ...optionsOf(
    'S=start K=stop T=status t=test o=oknodo q=quiet b=background C=no-close m=make-pidfile v=verbose V=version',
  ),
  ...optionsOf(
    'x=exec a=startas n=name u=user c=chuid g=group r=chroot d=chdir p=pidfile s=signal R=retry N=nicelevel P=procsched I=iosched k=umask',
    'required',
  ),
  ...optionsOf('pid ppid output notify-await notify-timeout', 'required'),
  ...optionsOf('remove-pidfile help'),
]

/** start-stop-daemon(8) of dpkg 1.21. */
export const startStopDaemon: Program = async process => {
  const parsed = getopt(process.argv, daemonOptions, { posix: true, name: 'start-stop-daemon' })
  const refuse = async (why: string, status: number) => {
    await process.stderr.write(`start-stop-daemon: ${why}\n`)
    return status
  }
  const misused = (why: string) => usageError(process, why, 3)
  if (typeof parsed === 'string') return usageMistake(process, parsed, 3)
  if (parsed.has('version')) return say(process, versioned(process, 'start-stop-daemon @dpkg@ for Debian\n'))
  const [starts, stops, asks] = ['start', 'stop', 'status'].map(name => parsed.has(name))
  if (!starts && !stops && !asks) return misused('need one of --start or --stop or --status')
  const exec = parsed.value('exec')
  const program = parsed.value('startas') ?? exec
  if (exec === undefined && !['pid', 'ppid', 'pidfile', 'name', 'user'].some(name => parsed.has(name)))
    return misused('need at least one of --exec, --pid, --ppid, --pidfile, --user or --name')
  const running = matching(process, parsed)
  if (asks) return running.length > 0 ? 0 : 3
  if (stops) {
    const what = exec ?? parsed.value('name') ?? parsed.value('pidfile') ?? 'process'
    if (running.length === 0) {
      if (!parsed.has('quiet')) await process.stdout.write(`No ${what} found running; none killed.\n`)
      return parsed.has('oknodo') ? 0 : 1
    }
    return process.run(['/bin/kill', ...running.map(String)])
  }
  if (program === undefined) return misused('--start needs --exec or --startas')
  if (!statOf(process, program)) return refuse(`unable to stat ${program} (No such file or directory)`, 2)
  if (running.length > 0) {
    if (!parsed.has('quiet')) await process.stdout.write(`${program} already running.\n`)
    return parsed.has('oknodo') ? 0 : 1
  }
  const argv = [program, ...parsed.operands]
  if (parsed.has('test')) {
    await process.stdout.write(`Would start ${argv.join(' ')}.\n`)
    return 0
  }
  const user = parsed.value('chuid')?.split(':')[0]
  const account = user === undefined ? undefined : accountBy(process, user)
  if (user !== undefined && !account) return refuse(`user '${user}' not found`, 2)
  const cwd = parsed.value('chdir')
  if (parsed.has('background')) {
    await runBehind(process, argv, { cwd: cwd ?? '/' })
    return 0
  }
  try {
    return await process.run(argv, cwd === undefined ? {} : { cwd })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    return refuse(`unable to start ${program} (${errorText(error)})`, 2)
  }
}

const matching = (process: Process, parsed: Parsed): number[] => {
  const exec = parsed.value('exec')
  const name = parsed.value('name')
  const pid = parsed.value('pid')
  return rowsOf(process)
    .filter(row => (exec !== undefined && row.argv[0] === exec) || row.name === name || `${row.pid}` === pid)
    .map(row => row.pid)
    .filter(found => found !== process.pid)
}

/** choom(1) of util-linux. */
export const choom: Program = async process => {
  const parsed = getopt(process.argv, [...optionsOf('n=adjust p=pid', 'required'), ...optionsOf('help version')], {
    posix: true,
    name: 'choom',
  })
  if (typeof parsed === 'string') return usageMistake(process, parsed)
  const pid = parsed.value('pid')
  const score = parsed.value('adjust')
  if (pid === undefined && parsed.operands.length === 0) return usageError(process, 'no PID or COMMAND specified')
  if (score !== undefined && Number(score) < 0 && process.who.uid !== 0) {
    await process.stderr.write('choom: failed to set score adjust value: Permission denied\n')
    return 1
  }
  if (pid === undefined) return launch(process, parsed.operands)
  if (score === undefined)
    return say(process, `pid ${pid}'s current OOM score: 0\npid ${pid}'s current OOM score adjust value: 0\n`)
  return say(process, `pid ${pid}'s OOM score adjust value changed from 0 to ${Number(score)}\n`)
}
