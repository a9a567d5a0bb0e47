import { errorText } from '../../errors.ts'
import { type Process, type Program, type RunOptions, SystemError } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import { getopt, type Option } from '../getopt.ts'
import { absolute, complain, statOf } from '../paths.ts'
import { quote, quoteFile } from '../quoting.ts'

/** Runs a program for one that was told to: 127 where there is none, 126 where it cannot be run. */
export const runFor = async (process: Process, argv: string[], how: RunOptions = {}, before = ''): Promise<number> => {
  try {
    return await process.run(argv, how)
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await complain(process, `${before}${quoteFile(process, argv[0]!)}: ${errorText(error)}`)
    return error.errno === 'ENOENT' ? 127 : 126
  }
}

const envOptions: Option[] = [
  { short: 'i', long: 'ignore-environment' },
  { short: '0', long: 'null' },
  { short: 'u', long: 'unset', argument: 'required' },
  { short: 'C', long: 'chdir', argument: 'required' },
  { short: 'S', long: 'split-string', argument: 'required' },
  { short: 'v', long: 'debug' },
  { long: 'block-signal', argument: 'optional' },
  { long: 'default-signal', argument: 'optional' },
  { long: 'ignore-signal', argument: 'optional' },
  { long: 'list-signal-handling' },
]

/** Words as `env -S` finds them. */
const splitWords = (text: string): string[] =>
  [...text.matchAll(/(?:[^\s"'\\]+|"(?:[^"\\]|\\.)*"|'[^']*'|\\.)+/g)].map(([word]) =>
    word.replace(
      /"((?:[^"\\]|\\.)*)"|'([^']*)'|\\(.)/g,
      (_, double, single, one) => single ?? one ?? double.replace(/\\(["\\$])/g, '$1'),
    ),
  )

/** env(1). */
export const env: Program = async process => {
  const spread = process.argv.flatMap((word, i) => {
    const found = i === 1 ? (/^-S(.+)$/s.exec(word) ?? /^--split-string=(.*)$/s.exec(word)) : null
    if (found) return splitWords(found[1]!)
    if (i === 2 && process.argv[1] === '-S') return splitWords(word)
    return i === 1 && word === '-S' ? [] : [word]
  })
  return runEnv({ ...process, argv: spread })
}

const runEnv = gnuProgram(
  envOptions,
  async (process, parsed) => {
    const operands = [...parsed.operands]
    if (operands[0] === '-') operands.shift()
    const clean = parsed.has('ignore-environment') || parsed.operands[0] === '-'
    const made = new Map(clean ? [] : process.env)
    for (const { name, value } of parsed.given) if (name === 'unset') made.delete(value!)
    while (operands[0]?.includes('=')) {
      const [word] = operands.splice(0, 1)
      const equals = word!.indexOf('=')
      if (made.size < 4096) made.set(word!.slice(0, equals), word!.slice(equals + 1))
    }
    const folder = parsed.value('chdir')
    if (operands.length === 0) {
      if (folder !== undefined) return usageError(process, 'must specify command with --chdir (-C)', 125)
      const end = parsed.has('null') ? '\0' : '\n'
      await process.stdout.write([...made].map(([name, value]) => `${name}=${value}${end}`).join(''))
      return 0
    }
    if (parsed.has('null')) return usageError(process, 'cannot specify --null (-0) with command', 125)
    if (folder !== undefined && statOf(process, folder)?.type !== 'directory') {
      await complain(
        process,
        `cannot change directory to ${quoteFile(process, folder)}: ${statOf(process, folder) ? 'Not a directory' : 'No such file or directory'}`,
      )
      return 125
    }
    const status = await runFor(process, operands, {
      env: made,
      ...(folder === undefined ? {} : { cwd: absolute(process, folder) }),
    })
    if (status === 127 && operands[0]!.includes(' '))
      await complain(process, 'use -[v]S to pass options in shebang lines')
    return status
  },
  { posix: true, status: 125, usage: '[OPTION]... [-] [NAME=VALUE]... [COMMAND [ARG]...]' },
)

/** printenv(1). */
export const printenv: Program = gnuProgram(
  [{ short: '0', long: 'null' }],
  async (process, parsed) => {
    const end = parsed.has('null') ? '\0' : '\n'
    const { operands } = parsed
    if (operands.length === 0) {
      await process.stdout.write([...process.env].map(([name, value]) => `${name}=${value}${end}`).join(''))
      return 0
    }
    let status = 0
    for (const name of operands) {
      const value = process.env.get(name)
      if (value === undefined) status = 1
      else await process.stdout.write(value + end)
    }
    return status
  },
  { posix: true, status: 2, usage: '[OPTION]... [VARIABLE]...' },
)

/** nohup(1). */
export const nohup: Program = gnuProgram(
  [],
  async (process, parsed) => {
    const { operands } = parsed
    if (operands.length === 0) return usageError(process, 'missing operand', 125)
    const [input, output, errors] = process.isatty
    const how: RunOptions = {}
    if (input) how.stdin = { read: async () => undefined }
    if (output) {
      const path = absolute(process, 'nohup.out')
      try {
        process.fs.writeFile(path, Buffer.alloc(0), process.who, { append: true, mode: 0o600 })
      } catch (error) {
        await complain(process, `failed to open 'nohup.out': ${errorText(error)}`)
        return 125
      }
      how.stdout = {
        write: async data =>
          process.fs.writeFile(path, Buffer.from(data as string, 'latin1'), process.who, { append: true }),
      }
      if (errors) how.stderr = how.stdout
      await complain(process, `${input ? 'ignoring input and ' : ''}appending output to 'nohup.out'`)
    } else if (errors) {
      await complain(process, `${input ? 'ignoring input and ' : ''}redirecting stderr to stdout`)
      how.stderr = process.stdout
    } else if (input) await complain(process, 'ignoring input')
    return runFor(process, operands, how, 'failed to run command ')
  },
  { posix: true, status: 125, usage: 'COMMAND [ARG]...' },
)

/** nice(1). */
export const nice: Program = async process => {
  const argv = process.argv.map((word, i) => (i === 1 ? word.replace(/^-(-?[0-9]+)$/, '-n$1') : word))
  return runNice({ ...process, argv })
}
const runNice = gnuProgram(
  [{ short: 'n', long: 'adjustment', argument: 'required' }],
  async (process, parsed) => {
    const text = parsed.value('adjustment')
    if (text !== undefined && !/^[-+]?[0-9]+$/.test(text)) {
      await complain(process, `invalid adjustment ${quote(process, text)}`)
      return 125
    }
    const known = process.host.state('niceness', () => new Map<number, number>())
    const inherited = nicenessOf(process, known)
    if (parsed.operands.length === 0) {
      if (text !== undefined) return usageError(process, 'a command must be given with an adjustment', 125)
      await process.stdout.write(`${inherited}\n`)
      return 0
    }
    const wanted = inherited + Number(text ?? 10)
    const own = Math.max(-20, Math.min(19, wanted))
    if (wanted < inherited && process.who.uid !== 0) await complain(process, 'cannot set niceness: Permission denied')
    known.set(process.pid, own)
    try {
      return await runFor(process, [...parsed.operands])
    } finally {
      known.delete(process.pid)
    }
  },
  { posix: true, status: 125, usage: '[OPTION] [COMMAND [ARG]...]' },
)
/** What the nearest of its ancestors was started with. */
const nicenessOf = (process: Process, known: ReadonlyMap<number, number>): number => {
  const parents = new Map(process.host.processes.list().map(({ pid, ppid }) => [pid, ppid]))
  for (let pid: number | undefined = process.ppid; pid !== undefined && pid > 1; pid = parents.get(pid)) {
    const found = known.get(pid)
    if (found !== undefined) return found
  }
  return 0
}

/** Seconds of `5`, `1.5s`, `2m`, `1h`, `1d`, `inf`; `undefined` for what is none. */
export const secondsIn = (text: string): number | undefined => {
  const found = /^([0-9]+\.?[0-9]*|\.[0-9]+|[0-9]+(?:\.[0-9]*)?e[-+]?[0-9]+|inf(?:inity)?)([smhd]?)$/i.exec(text)
  if (!found) return undefined
  const unit = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[found[2]!] ?? 1
  return (/^inf/i.test(found[1]!) ? Infinity : Number(found[1])) * unit
}

/** sleep(1). */
export const sleep: Program = gnuProgram(
  [],
  async (process, parsed) => {
    if (parsed.operands.length === 0) return usageError(process, 'missing operand')
    let seconds = 0
    let wrong = false
    for (const text of parsed.operands) {
      const one = secondsIn(text)
      if (one === undefined) {
        await complain(process, `invalid time interval ${quote(process, text)}`)
        wrong = true
      } else seconds += one
    }
    if (wrong) {
      await process.stderr.write(`Try '${process.argv[0]} --help' for more information.\n`)
      return 1
    }
    if (seconds > 0) await process.sleep(Math.min(seconds, 2 ** 31))
    return 0
  },
  { usage: 'NUMBER[SUFFIX]...' },
)

const signals =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS'.split(
    ' ',
  )

/** timeout(1). */
export const timeout: Program = gnuProgram(
  [
    { short: 'k', long: 'kill-after', argument: 'required' },
    { short: 's', long: 'signal', argument: 'required' },
    { short: 'v', long: 'verbose' },
    { long: 'foreground' },
    { long: 'preserve-status' },
  ],
  async (process, parsed) => {
    const fail = (message: string): Promise<number> => usageError(process, message, 125)
    const [limit, ...command] = parsed.operands
    const later = parsed.value('kill-after')
    if (later !== undefined && secondsIn(later) === undefined)
      return fail(`invalid time interval ${quote(process, later)}`)
    const named = parsed.value('signal') ?? 'TERM'
    const bare = named.toUpperCase().replace(/^SIG/, '')
    const signal = /^[0-9]+$/.test(named) ? Number(named) : signals.indexOf(bare) + 1
    if (signal === 0 && named !== '0') return fail(`${quote(process, named)}: invalid signal`)
    if (limit === undefined || command.length === 0) {
      await process.stderr.write(`Try '${process.argv[0]} --help' for more information.\n`)
      return 125
    }
    const seconds = secondsIn(limit)
    if (seconds === undefined) return fail(`invalid time interval ${quote(process, limit)}`)
    const { processes } = process.host
    const known = new Set(processes.list().map(({ pid }) => pid))
    const running = runFor(process, command, {}, 'failed to run command ')
    if (seconds === 0) return running
    let over = false
    const done = running.finally(() => {
      over = true
    })
    const expired = process.sleep(Math.min(seconds, 2 ** 31)).then(() => 'expired' as const)
    expired.catch(() => {})
    const first = await Promise.race([done, expired])
    if (first !== 'expired') return first
    const kill = (number: number): void => {
      // What it started since, youngest first.
      const own = descendants(process.pid, processes.list()).filter(pid => !known.has(pid))
      for (const pid of own.toReversed()) processes.signal(pid, number, process.who)
    }
    if (parsed.has('verbose'))
      await complain(process, `sending signal ${bare} to command ${quote(process, command[0]!)}`)
    kill(signal)
    if (later !== undefined) {
      const waited = process.sleep(secondsIn(later)!).then(() => 'expired' as const)
      waited.catch(() => {})
      if ((await Promise.race([done, waited])) === 'expired' && !over) kill(9)
    }
    const status = await done
    if (signal === 9) return 137
    return parsed.has('preserve-status') ? status : 124
  },
  { posix: true, status: 125, usage: '[OPTION] DURATION COMMAND [ARG]...' },
)

const descendants = (root: number, list: readonly { pid: number; ppid: number }[]): number[] => {
  const found = [root]
  for (const { pid, ppid } of list.toSorted((a, b) => a.pid - b.pid)) if (found.includes(ppid)) found.push(pid)
  return found.slice(1)
}

/** ionice(1) of util-linux. */
export const ionice: Program = async process => {
  const parsed = getopt(
    process.argv,
    [
      { short: 'c', long: 'class', argument: 'required' },
      { short: 'n', long: 'classdata', argument: 'required' },
      { short: 'p', long: 'pid', argument: 'required' },
      { short: 'P', long: 'pgid', argument: 'required' },
      { short: 'u', long: 'uid', argument: 'required' },
      { short: 't', long: 'ignore' },
    ],
    { posix: true },
  )
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry 'ionice --help' for more information.\n`)
    return 1
  }
  if (parsed.operands.length > 0 && !parsed.has('pid')) {
    try {
      return await process.run([...parsed.operands])
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await complain(process, `failed to execute ${parsed.operands[0]}: ${errorText(error)}`)
      return error.errno === 'ENOENT' ? 127 : 126
    }
  }
  if (!parsed.has('class') && !parsed.has('classdata')) await process.stdout.write('none: prio 0\n')
  return 0
}

/** stdbuf(1): how a program keeps its output makes no difference here. */
export const stdbuf: Program = gnuProgram(
  [
    { short: 'i', long: 'input', argument: 'required' },
    { short: 'o', long: 'output', argument: 'required' },
    { short: 'e', long: 'error', argument: 'required' },
  ],
  async (process, parsed) => {
    if (parsed.operands.length === 0) return usageError(process, 'missing operand', 125)
    if (parsed.given.length === 0) return usageError(process, 'you must specify a buffering mode option', 125)
    return runFor(process, [...parsed.operands], {}, 'failed to run command ')
  },
  { posix: true, status: 125, usage: 'OPTION... COMMAND' },
)
