import { type Input, SystemError, type Terminal } from '../system.ts'
import { readLine } from '../terminal/readline/index.ts'
import { newGroup } from './foreground.ts'
import { loadHistory, saveHistory } from './history.ts'
import { notifyJobs } from './jobs.ts'
import { statusOf } from './process.ts'
import { promptOf } from './prompt.ts'
import { readLineOf } from './read-line.ts'
import { runNamed } from './simple.ts'
import { absolute, fsOf, get, Leave, type Shell, write } from './state.ts'
import { isUnfinished, runText } from './text.ts'
import { refill } from './world.ts'

/** How an interactive shell starts. */
export type Invitation = {
  /** Reads /etc/profile and the like. */
  login: boolean
  /** `--norc`, `--noprofile`. */
  rc: boolean
  profile: boolean
}

const SIGINT = 2

/** A line as typed, without its newline; `undefined` at the end of input, `interrupted` after ^C. */
type Entered = string | 'interrupted' | undefined

/** A shell before a person, from its startup files to its log-out: the exit status. */
export const runInteractive = async (sh: Shell, how: Invitation): Promise<number> => {
  const { terminal } = sh.world.process
  const before = terminal?.foreground
  try {
    await startFiles(sh, how)
    if (sh.flavour === 'bash') loadHistory(sh)
    return await statusOf(sh, async () => {
      for (;;) {
        const left = await turn(sh, terminal)
        if (left !== undefined) return left
      }
    })
  } finally {
    if (sh.flavour === 'bash') saveHistory(sh)
    if (terminal) terminal.foreground = before
  }
}

/** "INVOCATION" of bash(1) and dash(1). */
const startFiles = async (sh: Shell, { login, rc, profile }: Invitation): Promise<void> => {
  const home = get(sh, 'HOME') ?? ''
  const file = async (path: string): Promise<boolean> => {
    if (!readable(sh, path)) return false
    await guardedRun(sh, () => runNamed(sh, ['.', path], false))
    return true
  }
  if (login && profile) {
    await file('/etc/profile')
    const own = sh.flavour === 'bash' ? ['.bash_profile', '.bash_login', '.profile'] : ['.profile']
    for (const name of own) if (await file(`${home}/${name}`)) break
  } else if (!login && rc && sh.flavour === 'bash') {
    await file('/etc/bash.bashrc')
    await file(`${home}/.bashrc`)
  }
  const env = sh.flavour === 'sh' ? get(sh, 'ENV') : undefined
  if (env) await file(absolute(sh, env))
}

const readable = (sh: Shell, path: string): boolean => {
  try {
    return fsOf(sh).stat(path, sh.who).type === 'file' && fsOf(sh).access(path, 4, sh.who)
  } catch (error) {
    if (error instanceof SystemError) return false
    throw error
  }
}

/** Runs, and gives up at what would end a script. `exit` goes on to whoever asked. */
const guardedRun = async (sh: Shell, run: () => Promise<number>): Promise<void> => {
  try {
    await run()
  } catch (error) {
    if (error instanceof SystemError) sh.status = 1
    else if (error instanceof Leave && error.how !== 'exit') sh.status = error.count
    else throw error
  }
}

/** One prompt and what is entered at it; the exit status when the shell ends. */
const turn = async (sh: Shell, terminal: Terminal | undefined): Promise<number | undefined> => {
  refill(sh.world)
  await notifyJobs(sh)
  const text = await entered(sh, terminal)
  if (text === undefined) return leave(sh)
  if (text === 'interrupted') {
    sh.status = 130
    return undefined
  }
  if (text.trim() === '') return undefined
  sh.commands++
  refill(sh.world)
  await runEntered(sh, terminal, text)
  return undefined
}

/** A whole command: lines until nothing is open any more. */
const entered = async (sh: Shell, terminal: Terminal | undefined): Promise<Entered> => {
  let text = ''
  for (;;) {
    const line = await lineAt(sh, terminal, text === '' ? 'PS1' : 'PS2')
    if (line === undefined || line === 'interrupted') {
      if (line === undefined && text !== '') return text
      return line
    }
    sh.world.process.host.witness.command(line)
    text += `${line}\n`
    if (!isUnfinished(sh, text)) return text
  }
}

/** LC_ALL, LC_CTYPE and LANG as setlocale(3) looks at them. */
const isMultibyte = (sh: Shell): boolean =>
  /utf-?8/i.test(get(sh, 'LC_ALL') || get(sh, 'LC_CTYPE') || get(sh, 'LANG') || '')

const lineAt = async (sh: Shell, terminal: Terminal | undefined, name: 'PS1' | 'PS2'): Promise<Entered> => {
  const prompt = await promptOf(sh, name, sh.historyBase + sh.history.length + 1)
  const input = sh.handles.get(0)
  if (sh.flavour === 'bash' && terminal && input?.tty && input.input) return edited(sh, terminal, input.input, prompt)
  await write(sh, 2, prompt)
  const group = {
    over: false,
    signal: (number: number) => {
      if (number === SIGINT) group.over = true
    },
  }
  if (terminal) terminal.foreground = group
  try {
    return await readLineOf(sh.handles.get(0), sh.world.limits.valueBytes)
  } catch (error) {
    if (!group.over || !(error instanceof SystemError)) throw error
    await write(sh, 2, '\n')
    return 'interrupted'
  }
}

const edited = async (sh: Shell, terminal: Terminal, input: Input, prompt: string): Promise<Entered> => {
  const found = await readLine({
    terminal,
    read: max => input.read(max),
    write: bytes => write(sh, 2, bytes),
    prompt,
    history: sh.history,
    start: sh.historyNext,
    multibyte: isMultibyte(sh),
    ring: sh.killRing,
    step: cost => sh.world.process.step(cost),
  })
  sh.historyNext = undefined
  if (found === undefined) await write(sh, 2, '\n')
  if (found === undefined || found === 'interrupted') return found
  sh.historyNext = found.next
  return found.text
}

const runEntered = async (sh: Shell, terminal: Terminal | undefined, text: string): Promise<void> => {
  const group = newGroup(sh)
  const modes = terminal?.termios
  if (terminal) {
    sh.group = group
    terminal.foreground = group
  }
  try {
    await guardedRun(sh, () => runText(sh, text))
    if (group.interrupted) {
      sh.status = 130
      await write(sh, 2, '\n')
    }
  } finally {
    // What a signal ended or stopped did not put the terminal right itself.
    if (terminal && modes && (group.signalled || group.stopped)) terminal.termios = modes
    if (!group.stopped) group.over = true
    sh.group = undefined
    sh.signals = []
  }
}

/** ^D: what `exit` does. */
const leave = async (sh: Shell): Promise<number> => {
  if (sh.flavour === 'bash') await write(sh, 2, sh.login ? 'logout\n' : 'exit\n')
  else await write(sh, 2, '\n')
  return sh.status
}
