import { compileRegex } from '../../../regex/regex.ts'
import type { Process, Program } from '../../../system.ts'
import { getopt, type Option, shortOptions } from '../../getopt.ts'
import { versioned } from '../../package-version.ts'
import { accountBy, calledAs, say } from '../facts.ts'
import { send, signalNames, signalOf } from './kill.ts'
import { commandLine, type Row, rowsOf } from './rows.ts'

const options: Option[] = [
  { short: 'd', long: 'delimiter', argument: 'required' },
  { short: 'l', long: 'list-name' },
  { short: 'a', long: 'list-full' },
  { short: 'v', long: 'inverse' },
  { short: 'w', long: 'lightweight' },
  { short: 'c', long: 'count' },
  { short: 'f', long: 'full' },
  { short: 'g', long: 'pgroup', argument: 'required' },
  { short: 'G', long: 'group', argument: 'required' },
  { short: 'i', long: 'ignore-case' },
  { short: 'n', long: 'newest' },
  { short: 'o', long: 'oldest' },
  { short: 'O', long: 'older', argument: 'required' },
  { short: 'P', long: 'parent', argument: 'required' },
  { short: 's', long: 'session', argument: 'required' },
  { long: 'signal', argument: 'required' },
  { short: 't', long: 'terminal', argument: 'required' },
  { short: 'u', long: 'euid', argument: 'required' },
  { short: 'U', long: 'uid', argument: 'required' },
  { short: 'x', long: 'exact' },
  { short: 'F', long: 'pidfile', argument: 'required' },
  { short: 'L', long: 'logpidfile' },
  { short: 'r', long: 'runstates', argument: 'required' },
  { short: 'A', long: 'ignore-ancestors' },
  { short: 'e', long: 'echo' },
  { short: 'q', long: 'queue', argument: 'required' },
  { short: 'H', long: 'require-handler' },
  { long: 'cgroup', argument: 'required' },
  { long: 'ns', argument: 'required' },
  { long: 'nslist', argument: 'required' },
  { short: 'h', long: 'help' },
  { short: 'V', long: 'version' },
]

/** An extended regular expression as a test, or what is wrong with it. */
const matcher = (process: Process, source: string, fold: boolean): ((text: string) => boolean) | string => {
  const regex = compileRegex(source, 'extended', { fold })
  if ('problem' in regex) return regex.problem
  return text => regex.test(text, cost => process.step(cost))
}

type Parsed = Exclude<ReturnType<typeof getopt>, string>

/** pgrep(1), pkill(1) and pidwait(1) of procps-ng 4.0.2. */
export const pgrep: Program = async process => {
  const program = calledAs(process)
  let signal = 15
  const argv = [...process.argv]
  if (program === 'pkill') {
    const at = argv.findIndex(
      (word, index) =>
        index > 0 &&
        /^-[A-Z0-9][A-Za-z0-9+]*$/.test(word) &&
        signalOf(word.slice(1)) !== undefined &&
        !/^-[A-Z]$/.test(word),
    )
    if (at > 0) signal = signalOf(argv.splice(at, 1)[0]!.slice(1))!
  }
  const parsed = getopt(argv, options, { name: program })
  const usage = `\nUsage:\n ${program} [options] <pattern>\n`
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${usage}`)
    return 2
  }
  if (parsed.has('help')) return say(process, usage)
  if (parsed.has('version')) return say(process, versioned(process, `${program} from procps-ng @procps@\n`))
  const complain = async (message: string): Promise<number> => {
    await process.stderr.write(`${program}: ${message}\nTry \`${program} --help' for more information.\n`)
    return 2
  }
  const [pattern, extra] = parsed.operands
  if (extra !== undefined) return complain('only one pattern can be provided')
  const criteria =
    'pgroup group older parent session terminal euid uid pidfile runstates newest oldest cgroup ns'.split(' ')
  if (pattern === undefined && !criteria.some(parsed.has)) return complain('no matching criteria specified')
  const wanted = parsed.value('signal')
  if (wanted !== undefined) {
    const number = signalOf(wanted)
    if (number === undefined) return complain(`Unknown signal "${wanted}".`)
    signal = number
  }
  const tests = testsOf(process, parsed)
  if (typeof tests === 'string') {
    await process.stderr.write(`${program}: ${tests}\n`)
    return 2
  }
  const found = rowsOf(process).filter(
    row => row.pid !== process.pid && tests.every(test => test(row)) !== parsed.has('inverse'),
  )
  const last = found.toSorted((a, b) => a.startedAt - b.startedAt || a.pid - b.pid)
  const chosen = parsed.has('newest') ? last.slice(-1) : parsed.has('oldest') ? last.slice(0, 1) : found
  if (program === 'pkill') return killAll(process, chosen, signal, parsed)
  if (parsed.has('count')) await process.stdout.write(`${chosen.length}\n`)
  else if (chosen.length > 0) {
    const between = parsed.value('delimiter') ?? '\n'
    const text = (row: Row): string => {
      if (parsed.has('list-full')) return `${row.pid} ${row.argv.length > 0 ? commandLine(row) : row.name}`
      return parsed.has('list-name') ? `${row.pid} ${row.name}` : `${row.pid}`
    }
    await process.stdout.write(`${chosen.map(text).join(between)}\n`)
  }
  return chosen.length > 0 ? 0 : 1
}

const killAll = async (process: Process, chosen: readonly Row[], signal: number, { has }: Parsed): Promise<number> => {
  if (has('count')) await process.stdout.write(`${chosen.length}\n`)
  let status = chosen.length > 0 ? 0 : 1
  for (const { pid, name } of chosen) {
    if (has('echo')) await process.stdout.write(`${name} killed (pid ${pid})\n`)
    if (send(process, pid, signal) !== 'EPERM') continue
    await process.stderr.write(`pkill: killing pid ${pid} failed: Operation not permitted\n`)
    status = 1
  }
  return status
}

/** What a process must be, or the message about a bad argument. */
const testsOf = (process: Process, { has, value, operands }: Parsed): ((row: Row) => boolean)[] | string => {
  const tests: ((row: Row) => boolean)[] = []
  const list = (name: string): string[] | undefined => value(name)?.split(',').filter(Boolean).slice(0, 1000)
  const numbers = (name: string, of: (row: Row) => number): string | undefined => {
    const wanted = list(name)
    if (!wanted) return undefined
    if (wanted.some(word => !/^\d+$/.test(word))) return `not a number: ${wanted.find(word => !/^\d+$/.test(word))}`
    const set = new Set(wanted.map(word => (word === '0' && name !== 'parent' ? process.pid : Number(word))))
    tests.push(row => set.has(of(row)))
    return undefined
  }
  const bad =
    numbers('parent', row => row.ppid) ?? numbers('pgroup', row => row.pgid) ?? numbers('session', row => row.sid)
  if (bad !== undefined) return bad
  for (const name of ['euid', 'uid']) {
    const wanted = list(name)
    if (!wanted) continue
    const ids = new Set<number>()
    for (const word of wanted) {
      const account = accountBy(process, word)
      if (!account && !/^\d+$/.test(word)) return `invalid user name: ${word}`
      ids.add(account?.uid ?? Number(word))
    }
    tests.push(row => ids.has(row.uid))
  }
  const terminals = list('terminal')
  if (terminals) tests.push(row => terminals.includes(row.tty) || (terminals.includes('-') && row.tty === '?'))
  const states = value('runstates')
  if (states !== undefined) tests.push(row => states.includes(row.state))
  const older = value('older')
  if (older !== undefined) tests.push(row => process.now() - row.startedAt >= Number(older) * 1000)
  const [pattern] = operands
  if (pattern !== undefined) {
    const matches = matcher(process, has('exact') ? `^(${pattern})$` : pattern, has('ignore-case'))
    if (typeof matches === 'string') return matches
    tests.push(row => matches(has('full') && row.argv.length > 0 ? commandLine(row) : row.name))
  }
  return tests
}

/** pidof(8) of sysvinit 3.06; killall5(8) beside it. */
export const pidof: Program = async process => {
  if (calledAs(process) === 'killall5') {
    const word = process.argv[1]
    const signal = word === undefined ? 15 : (signalOf(word.replace(/^-/, '')) ?? 15)
    send(process, -1, signal)
    return 0
  }
  const parsed = getopt(process.argv, [
    ...shortOptions('chnqsxz'),
    { short: 'o', argument: 'required' },
    { short: 'd', argument: 'required' },
    { short: 'S', argument: 'required' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\npidof usage: [options] <program-name>\n`)
    return 1
  }
  const omitted = new Set(
    parsed.given
      .filter(({ name }) => name === 'o')
      .flatMap(({ value }) => (value ?? '').split(',').map(word => (word === '%PPID' ? process.ppid : Number(word)))),
  )
  const pids: number[] = []
  for (const name of parsed.operands.slice(0, 100)) {
    const base = name.slice(name.lastIndexOf('/') + 1)
    for (const row of rowsOf(process).toReversed()) {
      const program = row.argv[0] ?? ''
      const first = program.replace(/^-/, '')
      const same = name.startsWith('/')
        ? row.exe === name || first === name
        : row.exe.slice(row.exe.lastIndexOf('/') + 1) === base ||
          first.slice(first.lastIndexOf('/') + 1) === base ||
          (program.startsWith(`${base}: `) && row.exe !== '')
      if (row.exe !== '' && same && row.pid !== process.pid && !omitted.has(row.pid)) pids.push(row.pid)
    }
  }
  if (pids.length === 0) return 1
  const shown = parsed.has('s') ? pids.slice(0, 1) : pids
  return parsed.has('q') ? 0 : say(process, `${shown.join(parsed.value('d') ?? parsed.value('S') ?? ' ')}\n`)
}

const killallUsage = `Usage: killall [OPTION]... [--] NAME...
       killall -l, --list
       killall -V, --version

  -e,--exact          require exact match for very long names
  -I,--ignore-case    case insensitive process name match
  -g,--process-group  kill process group instead of process
  -y,--younger-than   kill processes younger than TIME
  -o,--older-than     kill processes older than TIME
  -i,--interactive    ask for confirmation before killing
  -l,--list           list all known signal names
  -q,--quiet          don't print complaints
  -r,--regexp         interpret NAME as an extended regular expression
  -s,--signal SIGNAL  send this signal instead of SIGTERM
  -u,--user USER      kill only process(es) running as USER
  -v,--verbose        report if the signal was successfully sent
  -V,--version        display version information
  -w,--wait           wait for processes to die
  -n,--ns PID         match processes that belong to the same namespaces
                      as PID
  -Z,--context REGEXP kill only process(es) having context
                      (must precede other arguments)

`

/** killall(1) of psmisc 23.6. */
export const killall: Program = async process => {
  let signal = 15
  const argv = process.argv.filter((word, index) => {
    const number =
      index > 0 && /^-[A-Z0-9]+$/.test(word) && !/^-[IVZ]$/.test(word) ? signalOf(word.slice(1)) : undefined
    if (number !== undefined) signal = number
    return number === undefined
  })
  const parsed = getopt(argv, [
    { short: 'e', long: 'exact' },
    { short: 'I', long: 'ignore-case' },
    { short: 'g', long: 'process-group' },
    { short: 'y', long: 'younger-than', argument: 'required' },
    { short: 'o', long: 'older-than', argument: 'required' },
    { short: 'i', long: 'interactive' },
    { short: 'l', long: 'list' },
    { short: 'q', long: 'quiet' },
    { short: 'r', long: 'regexp' },
    { short: 's', long: 'signal', argument: 'required' },
    { short: 'u', long: 'user', argument: 'required' },
    { short: 'v', long: 'verbose' },
    { short: 'V', long: 'version' },
    { short: 'w', long: 'wait' },
    { short: 'n', long: 'ns', argument: 'required' },
    { short: 'Z', long: 'context', argument: 'required' },
  ])
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\n${killallUsage}`)
    return 1
  }
  const { has, value, operands } = parsed
  if (has('version')) {
    await process.stderr.write('killall (PSmisc) 23.6\n')
    return 0
  }
  if (has('list')) return say(process, `${signalNames.join(' ')}\n`)
  const wanted = value('signal')
  if (wanted !== undefined) {
    const number = signalOf(wanted)
    if (number === undefined) {
      await process.stderr.write(`${wanted}: unknown signal; killall -l lists signals.\n`)
      return 1
    }
    signal = number
  }
  const user = value('user')
  const account = user === undefined ? undefined : accountBy(process, user)
  if (user !== undefined && !account) {
    await process.stderr.write(`Cannot find user ${user}\n`)
    return 1
  }
  if (operands.length === 0 && !account) {
    await process.stderr.write(killallUsage)
    return 1
  }
  let status = 0
  for (const name of operands.length === 0 ? [''] : operands.slice(0, 100)) {
    const pattern = has('regexp') ? matcher(process, name, has('ignore-case')) : undefined
    if (typeof pattern === 'string') {
      await process.stderr.write(`killall: Bad regular expression: ${name}\n`)
      return 1
    }
    const fold = (text: string): string => (has('ignore-case') ? text.toLowerCase() : text)
    const found = rowsOf(process).filter(row => {
      if (row.pid === process.pid || (account && row.uid !== account.uid)) return false
      if (name === '') return true
      if (pattern) return pattern(row.name)
      return name.includes('/') ? row.exe === name : fold(row.name) === fold(name).slice(0, 15)
    })
    if (found.length === 0) {
      if (!has('quiet')) await process.stderr.write(`${name}: no process found\n`)
      status = 1
    }
    for (const row of found) {
      const refused = send(process, row.pid, signal)
      if (refused === 'EPERM') {
        if (!has('quiet')) await process.stderr.write(`${row.name}(${row.pid}): Operation not permitted\n`)
        status = 1
      } else if (has('verbose')) await process.stderr.write(`Killed ${row.name}(${row.pid}) with signal ${signal}\n`)
    }
  }
  return status
}
