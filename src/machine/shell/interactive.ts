import { type Input, SystemError, type Terminal } from '../system.ts'
import { readLine } from '../terminal/readline/index.ts'
import { characters } from '../terminal/width.ts'
import { editedByAsh } from './ash-editing.ts'
import { newGroup } from './foreground.ts'
import { forget, joined, loadHistory, openQuote, remember, saveHistory } from './history.ts'
import { ExpansionFault, expandHistory } from './history-expansion.ts'
import { jobLine, notifyJobs, signalWord } from './jobs.ts'
import { completionOf } from './line-completion.ts'
import { statusOf } from './process.ts'
import { promptOf } from './prompt.ts'
import { readLineOf } from './read-line.ts'
import { runNamed } from './simple.ts'
import { absolute, complain, fsOf, get, Leave, type Shell, set, write } from './state.ts'
import { isUnfinished, runText } from './text.ts'
import { runTrap } from './traps.ts'
import { elementsOf, find } from './variables.ts'
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
/** The same where the shell has no room for all that was typed. */
type Typed = Entered | { text: string; beyond: string }

/** A shell before a person, from its startup files to its log-out: the exit status. */
export const runInteractive = async (sh: Shell, how: Invitation): Promise<number> => {
  const { terminal } = sh.world.process
  const before = terminal?.foreground
  try {
    if (!terminal || !sh.handles.get(0)?.tty) await withoutTerminal(sh)
    await startFiles(sh, how)
    if (sh.flavour === 'bash') loadHistory(sh)
    return await statusOf(sh, async () => {
      try {
        for (;;) await turn(sh, terminal)
      } catch (error) {
        if (!(error instanceof Leave) || error.how !== 'exit') throw error
        sh.status = error.count
        if (sh.login && sh.flavour === 'bash') await logOut(sh)
        return error.count
      }
    })
  } finally {
    if (sh.flavour === 'bash') saveHistory(sh)
    if (terminal) terminal.foreground = before
  }
}

/** What a shell says that was told to be interactive where nobody can be, as reverse shells are. */
const withoutTerminal = (sh: Shell): Promise<void> =>
  write(
    sh,
    2,
    sh.flavour === 'bash'
      ? `bash: cannot set terminal process group (${sh.world.process.pid}): Inappropriate ioctl for device\nbash: no job control in this shell\n`
      : sh.ash
        ? `${sh.name}: can't access tty; job control turned off\n`
        : `${sh.name}: 0: can't access tty; job control turned off\n`,
  )

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

/** What a login bash reads at its end. */
const logOut = async (sh: Shell): Promise<void> => {
  const path = `${get(sh, 'HOME') ?? ''}/.bash_logout`
  if (readable(sh, path)) await guardedRun(sh, () => runNamed(sh, ['.', path], false))
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

/** One prompt and what is entered at it. */
const turn = async (sh: Shell, terminal: Terminal | undefined): Promise<void> => {
  refill(sh.world)
  // A piece of what was read would keep all of it.
  sh.entered = ''
  sizeOf(sh, terminal)
  await notifyJobs(sh)
  await beforePrompt(sh)
  const text = sh.atEnd ? undefined : await entered(sh, terminal)
  if (text === undefined) {
    sh.commands++
    await leave(sh, terminal)
    return
  }
  if (text === 'interrupted') {
    sh.status = 130
    return
  }
  if (text.trim() === '') return
  sh.commands++
  refill(sh.world)
  // The window may have changed while the line was typed.
  sizeOf(sh, terminal)
  await runEntered(sh, terminal, text)
}

/** `checkwinsize`: COLUMNS and LINES as the terminal is now. */
const sizeOf = (sh: Shell, terminal: Terminal | undefined): void => {
  if (sh.flavour === 'sh' || !terminal || terminal.columns === 0 || !sh.shopt.has('checkwinsize')) return
  for (const [name, size] of [
    ['COLUMNS', terminal.columns],
    ['LINES', terminal.rows],
  ] as const) {
    if (get(sh, name) === String(size) || find(sh.variables, name)?.readonly) continue
    set(sh, name, String(size))
  }
}

/** PROMPT_COMMAND, each element of it when it is an array. */
const beforePrompt = async (sh: Shell): Promise<void> => {
  if (sh.flavour === 'sh') return
  const { status } = sh
  for (const command of elementsOf(find(sh.variables, 'PROMPT_COMMAND'))) {
    await guardedRun(sh, () => runText(sh, command))
    sh.status = status
  }
}

/** A whole command: lines until nothing is open any more. */
const entered = async (sh: Shell, terminal: Terminal | undefined): Promise<Entered> => {
  let text = ''
  let entry = ''
  for (;;) {
    const came = await lineAt(sh, terminal, text === '' ? 'PS1' : 'PS2')
    if (came === 'interrupted') return came
    const typed = typeof came === 'object' ? came.text : came
    if (typed === undefined) {
      // An end in the middle of a command is one of the shell as well; not of ash's, before a terminal.
      sh.atEnd = !editsAsAsh(sh) && (text !== '' || (terminal?.pending() ?? true))
      return text === '' ? undefined : text
    }
    sh.lines++
    sh.world.process.host.witness.command(typeof came === 'object' ? came.text + came.beyond : typed)
    const line = await expanded(sh, typed, text)
    if (line === undefined) return ''
    // What was entered so far is in the history even when the rest never comes.
    if (text !== '') forget(sh, entry)
    entry = text === '' ? line : joined(entry + (text.endsWith('\\\n') ? '\n' : '\n'), line)
    if (sh.flavour === 'bash') remember(sh, entry)
    text += `${line}\n`
    if (!isUnfinished(sh, text)) return text
  }
}

/** LC_ALL, LC_CTYPE and LANG as setlocale(3) looks at them. */
const isMultibyte = (sh: Shell): boolean =>
  /utf-?8/i.test(get(sh, 'LC_ALL') || get(sh, 'LC_CTYPE') || get(sh, 'LANG') || '')

/** History expansion; `undefined` where there is nothing to run. */
const expanded = async (sh: Shell, line: string, before: string): Promise<string | undefined> => {
  if (sh.flavour === 'sh' || sh.options.has('nohistexpand') || !/[!^]/.test(line)) return line
  try {
    const found = expandHistory(line, sh.history, sh.historyBase + 1, openQuote(before))
    if (found.changed) await write(sh, 2, `${found.line}\n`)
    if (!found.print) return found.line
    remember(sh, found.line)
    return undefined
  } catch (error) {
    if (!(error instanceof ExpansionFault)) throw error
    await complain(sh, error.message)
    return undefined
  }
}

const lineAt = async (sh: Shell, terminal: Terminal | undefined, name: 'PS1' | 'PS2'): Promise<Typed> => {
  const prompt = await promptOf(sh, name, sh.historyBase + sh.history.length + 1)
  const input = sh.handles.get(0)
  if (terminal && input?.input && editsAsAsh(sh)) {
    const line = await editedByAsh(sh, terminal, input.input, prompt)
    if (line === 'interrupted') await interrupt(sh)
    return line
  }
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
    const line = await readLineOf(input, sh.world.limits.valueBytes)
    // readline shows what it reads, from a pipe as well.
    if (line !== undefined && sh.flavour === 'bash' && !input?.tty) await write(sh, 2, `${line}\n`)
    return line
  } catch (error) {
    if (!group.over || !(error instanceof SystemError)) throw error
    await write(sh, 2, '\n')
    return 'interrupted'
  }
}

/** BusyBox edits where there is an echo; else it reads lines as they come. */
const editsAsAsh = (sh: Shell): boolean => {
  const { terminal } = sh.world.process
  return sh.ash && sh.handles.get(0)?.tty === true && terminal?.termios.flags.has('echo') === true
}

/** ^C at ash's prompt: it shows what the terminal does not, and does what is set for the signal. */
const interrupt = async (sh: Shell): Promise<void> => {
  await write(sh, 2, '^C')
  const action = sh.traps.get('INT')
  if (action) await guardedRun(sh, () => runTrap(sh, action).then(() => sh.status))
  else await write(sh, 2, '\n')
}

/** TMOUT: seconds without a line after which an interactive bash leaves. */
const patienceOf = (sh: Shell): Promise<void> | undefined => {
  const seconds = Number(get(sh, 'TMOUT') ?? 0)
  return seconds > 0 && seconds < 1e6 ? sh.world.process.sleep(seconds).catch(() => {}) : undefined
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
    patience: patienceOf(sh),
    complete: async (line, point) => {
      const bytes = characters(line, isMultibyte(sh)).slice(0, point).join('')
      const { start, candidates } = completionOf(sh, bytes)
      return { start: characters(bytes.slice(0, start), isMultibyte(sh)).length, candidates }
    },
    expand: async line => expandHistory(line, sh.history, sh.historyBase + 1).line,
    step: cost => sh.world.process.step(cost),
  })
  sh.historyNext = undefined
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
    const count = text.split('\n').length - 1
    await guardedRun(sh, () => runText(sh, text, sh.flavour === 'sh' ? { line: sh.lines - count + 1 } : {}))
    const { signalled, interrupted, stopped } = sh.group ?? group
    if (stopped) {
      const job = sh.jobs.find(one => one.group === sh.group)
      if (job && sh.flavour === 'bash') await write(sh, 2, `\n${jobLine(sh, job)}`)
      else if (job) await write(sh, 2, `\n${jobLine(sh, job)}`)
    } else if (interrupted) {
      sh.status = 130
      await write(sh, 2, '\n')
    } else if (signalWord(signalled)) await write(sh, 2, `${signalWord(signalled)}\n`)
  } finally {
    // What a signal ended or stopped did not put the terminal right itself.
    const last = sh.group ?? group
    if (terminal && modes && (last.signalled || last.stopped)) terminal.termios = modes
    if (!group.stopped) group.over = true
    sh.group = undefined
    sh.signals = []
  }
}

/** ^D: what `exit` does. */
const leave = async (sh: Shell, terminal: Terminal | undefined): Promise<void> => {
  if (terminal && sh.flavour === 'bash' && Number(get(sh, 'IGNOREEOF') ?? 0) > 0 && !sh.atEnd) {
    await write(sh, 2, `Use "${sh.login ? 'logout' : 'exit'}" to leave the shell.\n`)
    return
  }
  if (sh.flavour === 'sh') await write(sh, 2, '\n')
  await runNamed(sh, ['exit'], false)
}
