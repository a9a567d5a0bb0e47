import { limitsOf } from '../limits.ts'
import { saysOf } from '../release.ts'
import { Exhausted, type Language, type Process, type RunOptions } from '../system.ts'
import { newKillRing } from '../terminal/readline/index.ts'
import { applySettings } from './builtins/settings.ts'
import { type Invitation, runInteractive } from './interactive.ts'
import { runChild, statusOf } from './process.ts'
import { closeAll, deliver, type Shell } from './state.ts'
import { countedOutput, handleOf } from './streams.ts'
import { runInput, runText } from './text.ts'
import { variablesOf } from './variables.ts'
import { finish, LIMITS, type Limits, type Lookup, type World, worldOf } from './world.ts'

export type Options = {
  process: Process
  lookup: Lookup
  /** `$0`, and what messages begin with: `bash`, `sh`, a script's path. */
  name?: string
  flavour?: Language
  mode?: Shell['mode']
  login?: boolean
  args?: string[]
  limits?: Partial<Limits>
  /** Of the shell that started this one, whose ceilings hold here too. */
  world?: World | undefined
}

export type Session = {
  /**
   * Runs text to its end and gives the exit status; the EXIT trap runs as well. Rejects with `Exhausted` when a ceiling
   * is reached. `settings` are arguments of `set`, from the shell's own command line.
   */
  run(script: string, settings?: readonly string[]): Promise<number>
  /** The same with the commands that come on standard input. */
  runInput(settings?: readonly string[]): Promise<number>
  /** Runs one program as this shell's child; throws `SystemError` where it cannot be started. */
  program(argv: string[], how?: RunOptions): Promise<number>
  /** A shell before a person until they leave; the exit status. */
  interactive(how: Invitation): Promise<number>
  /** Resolves when no background job runs any more. */
  settled(): Promise<void>
  /** Ends everything that still runs. */
  close(): void
}

const firstShell = (options: Options, world: World): Shell => {
  const { process, flavour: language = 'bash', mode = 'command' } = options
  const name = options.name ?? language
  const flavour = language === 'bash' ? 'bash' : 'sh'
  const sh: Shell = {
    world,
    flavour,
    ash: language === 'ash',
    mode,
    name,
    pid: process.pid,
    parent: process.ppid,
    becomes: false,
    who: process.who,
    mainPid: process.pid,
    script: name,
    login: options.login ?? false,
    variables: variablesOf(process.env),
    functions: new Map(),
    aliases: new Map(),
    hashed: new Map(),
    positional: options.args ?? [],
    handles: new Map([
      [0, handleOf({ input: process.stdin, tty: process.isatty[0] })],
      [
        1,
        handleOf({
          output: options.world ? process.stdout : countedOutput(world, process.stdout),
          tty: process.isatty[1],
        }),
      ],
      [
        2,
        handleOf({
          output: options.world ? process.stderr : countedOutput(world, process.stderr),
          tty: process.isatty[2],
        }),
      ],
    ]),
    cwd: process.cwd,
    umask: process.umask,
    rlimits: process.rlimits ?? limitsOf(process.host.persona.memory),
    options: new Set(),
    shopt: new Set([
      'checkwinsize',
      'cmdhist',
      'complete_fullquote',
      'extquote',
      'force_fignore',
      'globasciiranges',
      'globskipdots',
      'hostcomplete',
      'interactive_comments',
      'patsub_replacement',
      'progcomp',
      'promptvars',
      'sourcepath',
      ...(mode === 'interactive' ? ['expand_aliases'] : []),
    ]),
    status: 0,
    pipeStatus: [0],
    substitution: undefined,
    lastBackground: undefined,
    line: 1,
    jobs: [],
    traps: new Map(),
    inTrap: false,
    depth: 0,
    loops: 0,
    functionNames: [],
    sourcing: 0,
    guarded: 0,
    subshell: false,
    directories: [],
    history: [],
    historyBase: 0,
    historyNew: 0,
    historyNext: undefined,
    killRing: newKillRing(),
    warnedAt: -1,
    atEnd: false,
    optionAt: 1,
    substitutions: [],
    group: undefined,
    entered: '',
    commands: 0,
    lines: 0,
    signals: [],
    wakeups: new Set(),
    started: process.now(),
    random: process.random(4).readUInt32LE(0),
  }
  startingVariables(sh)
  return sh
}

/** Variables both shells set when they start, and those of bash alone. */
const startingVariables = (sh: Shell): void => {
  const scope = sh.variables.scopes[0]!
  const put = (
    name: string,
    value: string,
    more: { exported?: boolean; readonly?: boolean; integer?: boolean } = {},
  ) => {
    const before = scope.get(name)
    scope.set(name, {
      value,
      items: undefined,
      kind: 'scalar',
      exported: more.exported ?? before?.exported ?? false,
      readonly: more.readonly ?? false,
      integer: more.integer ?? false,
      letters: undefined,
      reference: false,
    })
  }
  const { uid } = sh.who
  put('IFS', ' \t\n')
  put('OPTIND', '1')
  put('PPID', String(sh.world.process.ppid), { readonly: sh.flavour === 'bash', integer: sh.flavour === 'bash' })
  put('PWD', sh.cwd, { exported: sh.flavour === 'bash' })
  put('PS4', '+ ')
  if (sh.mode === 'interactive') {
    const own = sh.ash ? (sh.world.process.host.make.busybox?.prompt ?? '\\w \\$ ') : uid === 0 ? '# ' : '$ '
    if (!scope.has('PS1')) put('PS1', sh.flavour === 'bash' ? '\\s-\\v\\$ ' : own)
    if (!scope.has('PS2')) put('PS2', '> ')
  }
  if (sh.flavour === 'sh') return
  if (!scope.has('PATH')) put('PATH', '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin')
  put('SHLVL', String((Number(scope.get('SHLVL')?.value) || 0) + 1), { exported: true })
  put('UID', String(uid), { readonly: true, integer: true })
  put('EUID', String(uid), { readonly: true, integer: true })
  put('BASH', '/bin/bash')
  put('BASH_VERSION', `${saysOf(sh.world.process.host.persona).bash}(1)-release`)
  put('HOSTTYPE', 'x86_64')
  put('MACHTYPE', 'x86_64-pc-linux-gnu')
  put('OSTYPE', 'linux-gnu')
  if (!scope.has('TERM')) put('TERM', 'dumb')
  put('OPTERR', '1')
}

/** A shell for one attacker's connection, command or script. */
export const createShell = (options: Options): Session => {
  const limits = { ...LIMITS, ...options.limits }
  const world = options.world ?? worldOf(options.process, options.lookup, limits)
  const sh = firstShell(options, world)
  options.process.host.processes.listen(sh.pid, signal => deliver(sh, signal))
  /** Within the time a run may take. */
  const timed = async <T>(run: () => Promise<T>): Promise<T> => {
    if (options.world) return run()
    world.deadline = performance.now() + limits.milliseconds
    const timer = setTimeout(() => finish(world), limits.milliseconds)
    timer.unref()
    try {
      return await run()
    } finally {
      clearTimeout(timer)
    }
  }
  /** A life from the first command to the EXIT trap. */
  const whole = (settings: readonly string[], run: () => Promise<number>): Promise<number> =>
    timed(async () => {
      try {
        if (settings.length > 0) await applySettings(sh, [...settings])
        return await statusOf(sh, run)
      } finally {
        if (world.background.size === 0) closeAll(sh)
      }
    })
  const { mode } = sh
  return {
    run: (script, settings = []) =>
      whole(settings, () => runText(sh, script, mode === 'command' && sh.flavour === 'bash' ? { name: '-c' } : {})),
    runInput: (settings = []) => whole(settings, () => runInput(sh)),
    program: (argv, how = {}) => timed(() => runChild(sh, options.process, argv, how)),
    // A shell within another ends alone.
    interactive: how => runInteractive(sh, how).finally(() => options.world ?? finish(world)),
    settled: async () => {
      while (world.background.size > 0) await Promise.allSettled([...world.background])
      if (world.over) throw new Exhausted()
    },
    close: () => finish(world),
  }
}
