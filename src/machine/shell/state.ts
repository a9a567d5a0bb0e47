import type { ResourceLimits } from '../limits.ts'
import { Broken, type Credentials, type FileSystem, type NewProcess, SystemError } from '../system.ts'
import type { KillRing } from '../terminal/readline/index.ts'
import type { Termios } from '../terminal/termios.ts'
import { ashMessage } from './ash.ts'
import type { Command } from './ast.ts'
import type { Group } from './foreground.ts'
import { type Handle, release, retain } from './streams.ts'
import * as vars from './variables.ts'
import type { World } from './world.ts'

export type Job = {
  id: number
  pid: number
  command: string
  done: boolean
  status: number
  finished: Promise<number>
  shell: Shell
  told: boolean
  /** Greater than that of whatever was started or stopped before. */
  since: number
  /** Under job control alone. */
  group?: Group
  /** The terminal's modes as it left them when it stopped. */
  termios?: Termios | undefined
}

/** One shell process: the first, a subshell, a stage of a pipeline or a background job. */
export type Shell = {
  world: World
  pid: number
  /** Of the shell that it was forked from. */
  parent: number
  /** Forked for one command: the program that this names takes its place. */
  becomes: boolean
  who: Credentials
  /** `$$`: the first shell's, in subshells too. */
  mainPid: number
  flavour: 'bash' | 'sh'
  /** BusyBox's child of dash: its words, and what it took over from bash. */
  ash: boolean
  /** Where its commands come from: decides how messages begin. */
  mode: 'command' | 'stdin' | 'script' | 'interactive'
  /** `$0` */
  name: string
  /** What messages begin with: a sourced file has its own name. */
  script: string
  login: boolean
  variables: vars.Variables
  functions: Map<string, { body: Command; source: string }>
  aliases: Map<string, string>
  /** Programs found along PATH before: where, and how often. */
  hashed: Map<string, { path: string; hits: number }>
  positional: string[]
  handles: Map<number, Handle>
  cwd: string
  umask: number
  /** What setrlimit(2) left, for it and what it starts. */
  rlimits: ResourceLimits
  /** Long names of `set -o` that are on. */
  options: Set<string>
  shopt: Set<string>
  status: number
  pipeStatus: number[]
  /** Status of the last command substitution of this command. */
  substitution: number | undefined
  lastBackground: number | undefined
  line: number
  jobs: Job[]
  /** By name without SIG; '' ignores. */
  traps: Map<string, string>
  inTrap: boolean
  depth: number
  loops: number
  functionNames: string[]
  sourcing: number
  /** Inside a condition: `set -e` sleeps. */
  guarded: number
  subshell: boolean
  directories: string[]
  history: string[]
  /** Lines forgotten before the first of `history`, which numbers them. */
  historyBase: number
  /** Lines at its end that are not in the file yet. */
  historyNew: number
  /** Entry that the next line starts from: operate-and-get-next. */
  historyNext: number | undefined
  killRing: KillRing
  /** Line at which leaving was refused because of stopped jobs. */
  warnedAt: number
  /** Its input ended. */
  atEnd: boolean
  optionAt: number
  /** Paths of process substitutions that last as long as the command. */
  substitutions: string[]
  /** What the terminal's signals go to, where there is job control. */
  group: Group | undefined
  /** Commands entered so far, and their lines. */
  commands: number
  lines: number
  /** The command being run, as jobs(1) names it. */
  entered: string
  /** Signals that arrived and wait for the next command. */
  signals: string[]
  wakeups: Set<() => void>
  started: number
  random: number
}

/** Control flow that leaves commands early. */
export class Leave extends Error {
  readonly how: 'break' | 'continue' | 'return' | 'exit' | 'fatal' | 'stopped'
  /** Loops to leave, or the exit status. */
  count: number
  constructor(how: Leave['how'], count: number) {
    super(how)
    this.how = how
    this.count = count
  }
}
/** A signal without trap ends this shell. */
export class Killed extends Error {
  readonly signal: number
  constructor(signal: number) {
    super('killed')
    this.signal = signal
  }
}

/** A copy as fork(2) makes it. */
export const fork = (sh: Shell): Shell => {
  const child: Shell = copyOf(sh)
  const { processes } = sh.world.process.host
  child.parent = sh.pid
  child.pid = processes.start(imageOf(sh), signal => deliver(child, signal))
  child.group?.members.add(child.pid)
  return child
}

/** Is this command a program's alone? Then the fork made for it becomes that program, as bash and the kernel do it. */
export const replaceable = (command: Command): boolean => command.kind === 'simple'

/** A copy for a program that takes its place at once: fork(2) and execve(2) seen as one. */
export const shadow = (sh: Shell): Shell => ({ ...copyOf(sh), hashed: sh.hashed })

/** What the kernel's list says of this shell, and of its child until that runs something else. */
const imageOf = (sh: Shell): NewProcess => ({
  ppid: sh.pid,
  uid: sh.who.uid,
  argv: [sh.name, ...sh.positional].slice(0, 16),
  exe: sh.flavour === 'bash' ? '/usr/bin/bash' : sh.ash ? '/bin/busybox' : '/usr/bin/dash',
  // Nobody asks for dash by that name.
  ...(sh.flavour === 'sh' && !sh.ash ? { name: 'sh' } : {}),
  cwd: sh.cwd,
  tty: sh.world.process.terminal?.name ?? '?',
})

/** A signal comes: it is dealt with between two commands, and wakes whoever sleeps. */
export const deliver = (sh: Shell, signal: number): void => {
  if (sh.signals.length < 16) sh.signals.push(String(signal))
  for (const wake of [...sh.wakeups]) wake()
}

const copyOf = (sh: Shell): Shell => ({
  ...sh,
  variables: vars.copyVariables(sh.variables),
  functions: new Map(sh.functions),
  aliases: new Map(sh.aliases),
  hashed: new Map(sh.hashed),
  positional: [...sh.positional],
  handles: new Map([...sh.handles].map(([fd, handle]) => [fd, retain(handle)])),
  options: new Set(sh.options),
  shopt: new Set(sh.shopt),
  becomes: false,
  jobs: [],
  // POSIX: traps are reset in a subshell, ignored signals stay ignored.
  traps: new Map([...sh.traps].filter(([, action]) => action === '')),
  functionNames: [...sh.functionNames],
  subshell: true,
  directories: [...sh.directories],
  depth: sh.depth + 1,
  substitutions: [],
  signals: [],
  wakeups: new Set(),
})

export const closeAll = (sh: Shell): void => {
  for (const handle of sh.handles.values()) release(handle)
  sh.handles.clear()
}

export const fsOf = (sh: Shell): FileSystem => sh.world.process.fs
export const whoOf = (sh: Shell): Credentials => sh.who

export const get = (sh: Shell, name: string): string | undefined =>
  vars.scalarOf(vars.find(sh.variables, vars.resolve(sh.variables, name)))

export const set = (sh: Shell, name: string, value: string, index?: string): void => {
  if (value.length > sh.world.limits.valueBytes) throw new vars.TooBig()
  vars.assign(sh.variables, vars.resolve(sh.variables, name), index, value, sh.world.limits.variableBytes)
  if (name === 'PATH') sh.hashed.clear()
  if (name === 'RANDOM') sh.random = Number.parseInt(value, 10) >>> 0
  if (sh.options.has('allexport')) vars.need(sh.variables, name).exported = true
}

/** Writes to a descriptor; a closed one swallows, as bash complains of that only at the end. */
export const write = async (sh: Shell, fd: number, text: string): Promise<void> => {
  const output = sh.handles.get(fd)?.output
  if (!output) throw new SystemError('EINVAL', 'closed')
  if (text !== '') await output.write(Buffer.from(text, 'latin1'))
}
export const out = (sh: Shell, text: string): Promise<void> => write(sh, 1, text)

/** What bash writes before a message. */
export const prefix = (sh: Shell): string => {
  if (sh.flavour === 'sh') return `${sh.script}: ${sh.line}: `
  // Whatever file is read, a shell before a person speaks in its own name.
  if (sh.mode === 'interactive') return `${sh.login ? '-' : ''}${sh.name.slice(sh.name.lastIndexOf('/') + 1)}: `
  return `${sh.script}: line ${sh.line}: `
}

/** A message on standard error. */
export const complain = async (sh: Shell, message: string): Promise<void> => {
  try {
    await write(sh, 2, sh.ash ? `${ashMessage(sh, message)}\n` : `${prefix(sh)}${message}\n`)
  } catch (error) {
    if (!(error instanceof SystemError || error instanceof Broken)) throw error
  }
}

/** A message after which the line is given up, or the shell when no one sits before it. */
export const fatal = async (sh: Shell, message: string, status = 1): Promise<never> => {
  await complain(sh, message)
  throw new Leave('fatal', status)
}

/** An absolute path, from this shell's directory. */
export const absolute = (sh: Shell, path: string): string =>
  path.startsWith('/') ? path : `${sh.cwd === '/' ? '' : sh.cwd}/${path}`
