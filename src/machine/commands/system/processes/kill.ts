import type { Process, Program } from '../../../system.ts'
import { versioned } from '../../package-version.ts'
import { calledAs, say } from '../facts.ts'

/** signal(7) of x86-64. */
export const signalNames =
  'HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU XFSZ VTALRM PROF WINCH POLL PWR SYS'.split(
    ' ',
  )
const others: ReadonlyMap<string, number> = new Map([
  ['EXIT', 0],
  ['0', 0],
  ['IO', 29],
  ['CLD', 17],
  ['IOT', 6],
  ['UNUSED', 31],
  ['RTMIN', 34],
  ['RTMAX', 64],
])

/** `9`, `KILL`, `SIGKILL`, `RTMIN+3` as a number. */
export const signalOf = (text: string): number | undefined => {
  if (/^\d+$/.test(text)) return Number(text) <= 64 ? Number(text) : undefined
  const name = text.toUpperCase().replace(/^SIG/, '')
  const index = signalNames.indexOf(name)
  if (index >= 0) return index + 1
  const [, base, offset] = /^(RTMIN|RTMAX)([+-]\d+)$/.exec(name) ?? []
  return base ? others.get(base)! + Number(offset) : others.get(name)
}

const usage = '\nUsage:\n kill [options] <pid> [...]\n'

/** kill(1) of procps-ng 4.0.2; the shell has its own. */
export const kill: Program = async process => {
  const [, ...words] = process.argv
  let signal = 15
  const pids: string[] = []
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const wanted =
      word === '-s' || word === '--signal' || word === '-n'
        ? words[++at]
        : /^-[A-Z0-9][\w+]*$/i.test(word) && pids.length === 0 && word !== '-l' && word !== '-L'
          ? word.slice(1)
          : undefined
    if (word === '-V' || word === '--version') return say(process, versioned(process, 'kill from procps-ng @procps@\n'))
    if (word === '-h' || word === '--help') return say(process, usage)
    if (word === '-l' || word === '--list') return list(process, words[at + 1])
    if (word === '-L' || word === '--table') return say(process, signalTable)
    if (wanted !== undefined) {
      const number = signalOf(wanted)
      if (number === undefined) {
        await process.stderr.write(`${calledAs(process)}: unknown signal name ${wanted}\n`)
        return 1
      }
      signal = number
    } else if (word !== '--') pids.push(word)
  }
  if (pids.length === 0) {
    await process.stderr.write(usage)
    return 1
  }
  let status = 0
  for (const text of pids.slice(0, 1000)) {
    if (!/^-?\d+$/.test(text)) {
      await process.stderr.write(`${process.argv[0]}: failed to parse argument: '${text}'\n`)
      return 1
    }
    const problem = send(process, Number(text), signal)
    if (problem === undefined) continue
    await process.stderr.write(
      `${process.argv[0]}: (${text}): ${problem === 'ESRCH' ? 'No such process' : 'Operation not permitted'}\n`,
    )
    status = 1
  }
  return status
}

/** kill(2): a pid, -1 for all but init and the caller, a group by its negative number. */
export const send = (process: Process, pid: number, signal: number): 'ESRCH' | 'EPERM' | undefined => {
  const { processes } = process.host
  if (pid > 0) return processes.signal(pid, signal, process.who)
  const all = processes.list().filter(entry => entry.pid > 1 && entry.pid !== process.pid && entry.exe !== '')
  const targets = pid === -1 ? all : all.filter(entry => entry.pid === -pid || entry.ppid === -pid)
  if (targets.length === 0) return 'ESRCH'
  for (const { pid: target } of targets) processes.signal(target, signal, process.who)
  return undefined
}

const list = async (process: Process, which: string | undefined): Promise<number> => {
  if (which === undefined) return say(process, `${signalNames.map(name => name).join(' ')}\n`)
  if (/^\d+$/.test(which)) {
    const number = Number(which) > 128 ? Number(which) - 128 : Number(which)
    return say(process, `${signalNames[number - 1] ?? number}\n`)
  }
  const number = signalOf(which)
  if (number !== undefined) return say(process, `${number}\n`)
  await process.stderr.write(`kill: unknown signal name ${which}\n`)
  return 1
}

const signalTable = `${signalNames
  .map((name, index) => `${`${index + 1}`.padStart(2)} ${name.padEnd(7)}${(index + 1) % 7 === 0 ? '\n' : ' '}`)
  .join('')
  .replace(/ +$/gm, '')}\n`
