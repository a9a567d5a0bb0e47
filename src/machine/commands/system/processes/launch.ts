import { errorText } from '../../../errors.ts'
import { kernel } from '../../../rights.ts'
import { type Process, type Program, type RunOptions, SystemError } from '../../../system.ts'
import { getopt, type Option, shortOptions } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { absolute, statOf } from '../../paths.ts'
import { accountBy, calledAs, say } from '../facts.ts'
import { rowsOf } from './rows.ts'

/** Runs another program in this one's place: 127 when there is none, 126 when it may not be run. */
export const launch = async (
  process: Process,
  argv: string[],
  how: RunOptions = {},
  missing = 127,
): Promise<number> => {
  try {
    return await process.run(argv, how)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    const name = calledAs(process)
    const text = name === 'chroot' ? `failed to run command '${argv[0]}'` : `failed to execute ${argv[0]}`
    await process.stderr.write(`${name}: ${text}: ${errorText(error)}\n`)
    return error.errno === 'ENOENT' ? missing : 126
  }
}

const parse = async (
  process: Process,
  options: Option[],
): Promise<Exclude<ReturnType<typeof getopt>, string> | undefined> => {
  const parsed = getopt(process.argv, options, { posix: true })
  if (typeof parsed !== 'string') return parsed
  await process.stderr.write(`${parsed}\nTry '${calledAs(process)} --help' for more information.\n`)
  return undefined
}

/** setsid(1) of util-linux 2.38. */
export const setsid: Program = async process => {
  const parsed = await parse(process, [
    { short: 'c', long: 'ctty' },
    { short: 'f', long: 'fork' },
    { short: 'w', long: 'wait' },
    { short: 'h', long: 'help' },
    { short: 'V', long: 'version' },
  ])
  if (!parsed) return 1
  if (parsed.has('version')) return say(process, versioned(process, 'setsid from util-linux @util-linux@\n'))
  if (parsed.operands.length === 0) {
    await process.stderr.write("setsid: no command specified\nTry 'setsid --help' for more information.\n")
    return 1
  }
  return launch(process, parsed.operands)
}

const unshareFlags =
  'mount uts ipc net pid user cgroup time fork map-root-user map-current-user keep-caps help version'.split(' ')

/** unshare(1) and nsenter(1) of util-linux 2.38: the namespaces are the old ones. */
export const unshare: Program = async process => {
  const name = calledAs(process)
  const parsed = await parse(process, [
    ...shortOptions('muinpUCTfrchVaFt:w:W:R:S:G:Z'),
    ...unshareFlags.map(long => ({ long, argument: 'optional' as const })),
    ...[
      'target',
      'wd',
      'root',
      'setuid',
      'setgid',
      'propagation',
      'mount-proc',
      'all',
      'preserve-credentials',
      'no-fork',
    ].map(long => ({ long, argument: 'optional' as const })),
  ])
  if (!parsed) return 1
  if (parsed.has('V') || parsed.has('version'))
    return say(process, versioned(process, `${name} from util-linux @util-linux@\n`))
  if (process.who.uid !== 0 && !parsed.has('U') && !parsed.has('user') && !parsed.has('r')) {
    await process.stderr.write(
      name === 'unshare'
        ? 'unshare: unshare failed: Operation not permitted\n'
        : 'nsenter: cannot open /proc/1/ns/ipc: Permission denied\n',
    )
    return 1
  }
  return launch(process, parsed.operands.length > 0 ? parsed.operands : [process.env.get('SHELL') ?? '/bin/sh'])
}

/** chroot(8) of GNU coreutils 9.1. There is no other system to go to: only `/` is one. */
export const chroot: Program = async process => {
  const parsed = await parse(process, [
    { long: 'groups', argument: 'required' },
    { long: 'userspec', argument: 'required' },
    { long: 'skip-chdir' },
    { long: 'help' },
    { long: 'version' },
  ])
  if (!parsed) return 125
  if (parsed.has('version')) return say(process, versioned(process, 'chroot (GNU coreutils) @coreutils@\n'))
  const [root, ...argv] = parsed.operands
  if (root === undefined) {
    await process.stderr.write("chroot: missing operand\nTry 'chroot --help' for more information.\n")
    return 125
  }
  const stat = statOf(process, root)
  const refuse = async (why: string): Promise<number> => {
    await process.stderr.write(`chroot: cannot change root directory to '${root}': ${why}\n`)
    return 125
  }
  if (!stat) return refuse('No such file or directory')
  if (stat.type !== 'directory') return refuse('Not a directory')
  if (process.who.uid !== 0) return refuse('Operation not permitted')
  const command = argv.length > 0 ? argv : [process.env.get('SHELL') ?? '/bin/sh', '-i']
  if (process.fs.realpath(absolute(process, root), process.who) !== '/') {
    await process.stderr.write(`chroot: failed to run command '${command[0]}': No such file or directory\n`)
    return 127
  }
  return launch(process, command, parsed.has('skip-chdir') ? {} : { cwd: '/' })
}

/** taskset(1) and chrt(1) of util-linux 2.38. */
export const taskset: Program = async process => {
  const name = calledAs(process)
  const { cores } = process.host.persona.cpu
  const parsed = await parse(process, [
    ...shortOptions(name === 'chrt' ? 'abdfimopRrT:P:D:vhV' : 'apchV'),
    { long: 'all-tasks' },
    { long: 'pid' },
    { long: 'cpu-list' },
    { long: 'help' },
    { long: 'version' },
  ])
  if (!parsed) return 1
  if (parsed.has('V') || parsed.has('version'))
    return say(process, versioned(process, `${name} from util-linux @util-linux@\n`))
  const byPid = parsed.has('p') || parsed.has('pid')
  const [first, second] = parsed.operands
  if (first === undefined) {
    await process.stderr.write(
      name === 'chrt' && parsed.has('m') ? '' : `${name}: bad usage\nTry '${name} --help' for more information.\n`,
    )
    return parsed.has('m') ? 0 : 1
  }
  if (byPid) {
    const pid = second ?? first
    if (!rowsOf(process).some(row => `${row.pid}` === pid)) {
      await process.stderr.write(
        `${name}: failed to get pid ${pid}'s ${name === 'chrt' ? 'policy' : 'affinity'}: No such process\n`,
      )
      return 1
    }
    const list = parsed.has('c') || parsed.has('cpu-list')
    const shown = list ? (cores === 1 ? '0' : `0-${cores - 1}`) : (2 ** cores - 1).toString(16)
    const kind = list ? 'list' : 'mask'
    if (name === 'chrt')
      return say(
        process,
        `pid ${pid}'s current scheduling policy: SCHED_OTHER\npid ${pid}'s current scheduling priority: 0\n`,
      )
    return say(
      process,
      `pid ${pid}'s current affinity ${kind}: ${shown}\n${second === undefined ? '' : `pid ${pid}'s new affinity ${kind}: ${first}\n`}`,
    )
  }
  if (second === undefined) {
    await process.stderr.write(`${name}: bad usage\nTry '${name} --help' for more information.\n`)
    return 1
  }
  return launch(process, parsed.operands.slice(1))
}

/** flock(1) of util-linux 2.38: nobody else holds the lock. */
export const flock: Program = async process => {
  const parsed = await parse(process, [
    { short: 's', long: 'shared' },
    { short: 'x', long: 'exclusive' },
    { short: 'e' },
    { short: 'u', long: 'unlock' },
    { short: 'n', long: 'nonblock' },
    { long: 'nb' },
    { short: 'w', long: 'timeout', argument: 'required' },
    { long: 'wait', argument: 'required' },
    { short: 'E', long: 'conflict-exit-code', argument: 'required' },
    { short: 'o', long: 'close' },
    { short: 'c', long: 'command', argument: 'required' },
    { short: 'F', long: 'no-fork' },
    { long: 'verbose' },
    { short: 'h', long: 'help' },
    { short: 'V', long: 'version' },
  ])
  if (!parsed) return 64
  if (parsed.has('version')) return say(process, versioned(process, 'flock from util-linux @util-linux@\n'))
  const [file, ...rest] = parsed.operands
  if (file === undefined) {
    await process.stderr.write("flock: not enough arguments\nTry 'flock --help' for more information.\n")
    return 64
  }
  const command = parsed.value('command') ?? (rest[0] === '-c' ? rest[1] : undefined)
  if (command === undefined && rest.length === 0) {
    if (/^\d+$/.test(file)) return 0
    await process.stderr.write(`flock: bad file descriptor: '${file}'\n`)
    return 64
  }
  if (!statOf(process, file)) {
    try {
      process.fs.writeFile(absolute(process, file), Buffer.alloc(0), process.who, { mode: 0o644 })
    } catch (error) {
      await process.stderr.write(`flock: cannot open lock file ${file}: ${errorText(error)}\n`)
      return 66
    }
  }
  return launch(process, command === undefined ? rest : ['/bin/sh', '-c', command], {}, 69)
}

/** logger(1) of util-linux 2.38: into /var/log/syslog, as rsyslog writes it. */
export const logger: Program = async process => {
  const parsed = await parse(process, [
    ...shortOptions('isedt:p:f:n:P:u:S:TAhV'),
    { long: 'tag', argument: 'required' },
    { long: 'priority', argument: 'required' },
    { long: 'stderr' },
    { long: 'id', argument: 'optional' },
    { long: 'version' },
  ])
  if (!parsed) return 1
  if (parsed.has('V') || parsed.has('version'))
    return say(process, versioned(process, 'logger from util-linux @util-linux@\n'))
  const text = parsed.operands.join(' ')
  if (text === '') return 0
  const tag = parsed.value('t') ?? parsed.value('tag') ?? accountBy(process, `${process.who.uid}`)?.name ?? 'root'
  const stamp = new Date(process.now()).toISOString().replace('Z', '000+00:00')
  const line = `${stamp} ${process.host.persona.hostname} ${tag}: ${text}\n`
  try {
    process.fs.writeFile('/var/log/syslog', Buffer.from(line, 'latin1'), kernel, { append: true })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
  }
  if (parsed.has('s') || parsed.has('stderr')) await process.stderr.write(`<13>${tag}: ${text}\n`)
  return 0
}

/** renice(1) of util-linux 2.38. */
export const renice: Program = async process => {
  const words = process.argv.slice(1)
  let value: number | undefined
  let status = 0
  let kind = 'p'
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    if (word === '-V' || word === '--version')
      return say(process, versioned(process, 'renice from util-linux @util-linux@\n'))
    if (word === '-n' || word === '--priority') value = Number(words[++at])
    else if (/^-[pgu]$/.test(word) || /^--(pid|pgrp|user)$/.test(word)) kind = word.replace(/^-+/, '').charAt(0)
    else if (value === undefined && /^[+-]?\d+$/.test(word)) value = Number(word)
    else if (kind === 'u') continue
    else if (!/^\d+$/.test(word)) {
      await process.stderr.write(`renice: bad process ID value: ${word}\n`)
      status = 1
    } else {
      const row = rowsOf(process).find(({ pid }) => `${pid}` === word)
      if (!row) {
        await process.stderr.write(`renice: failed to get priority for ${word} (process ID): No such process\n`)
        status = 1
      } else
        await process.stdout.write(
          `${word} (process ID) old priority ${row.nice ?? 0}, new priority ${Math.max(-20, Math.min(19, value ?? 0))}\n`,
        )
    }
  }
  if (words.length < 2) {
    await process.stderr.write("renice: not enough arguments\nTry 'renice --help' for more information.\n")
    return 1
  }
  return status
}

/** pwdx(1) of procps-ng 4.0.2. */
export const pwdx: Program = async process => {
  let status = 0
  for (const word of process.argv.slice(1)) {
    const row = rowsOf(process).find(({ pid }) => `${pid}` === word)
    if (!row) {
      await process.stderr.write(
        /^\d+$/.test(word) ? `${word}: No such process\n` : `pwdx: invalid process id: ${word}\n`,
      )
      status = 1
    } else await process.stdout.write(`${word}: ${row.cwd}\n`)
  }
  return status
}

/** setarch(8) of util-linux 2.38, as linux32, linux64, i386 and x86_64. */
export const setarch: Program = async process => {
  const words = process.argv.slice(1)
  // Its own options stand before the program.
  while (words[0]?.startsWith('-')) words.shift()
  if (calledAs(process) === 'setarch') words.shift()
  while (words[0]?.startsWith('-')) words.shift()
  const argv = words
  return launch(process, argv.length > 0 ? argv : ['/bin/sh'])
}
