import { errorText } from '../errors.ts'
import { saysOf } from '../release.ts'
import { kernel } from '../rights.ts'
import type { Language, Process, Program } from '../system.ts'
import { noWayUp } from './paths.ts'
import { worldBehind } from './process.ts'
import { createShell, type Options, type Session } from './shell.ts'

type Invocation = {
  command: string | undefined
  script: string | undefined
  args: string[]
  settings: string[]
  interactive: boolean
  name: string | undefined
  login: boolean
  rc: boolean
  profile: boolean
}

/** What stands on the command line of bash or sh: `-c`, `-s`, `-i`, `-l` and letters of `set`. */
const invocationOf = (argv: string[]): Invocation | { bad: string } => {
  const found: Invocation = {
    command: undefined,
    script: undefined,
    args: [],
    settings: [],
    interactive: false,
    name: undefined,
    login: false,
    rc: true,
    profile: true,
  }
  let wantsCommand = false
  let fromInput = false
  let at = 1
  for (; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '--' || word === '-') {
      at++
      break
    }
    if (word === '--login') found.login = true
    if (word === '--norc') found.rc = false
    if (word === '--noprofile') found.profile = false
    if (/^--(login|norc|noprofile|posix|noediting|verbose)$/.test(word)) continue
    if (word.startsWith('--')) return { bad: word }
    if (!/^[-+]./.test(word)) break
    for (const letter of word.slice(1)) {
      if (letter === 'c') wantsCommand = true
      else if (letter === 'l') found.login = true
      else if (letter === 's') fromInput = true
      else if (letter === 'i') found.interactive = true
      else if (letter === 'o') found.settings.push(`${word[0]}o`, argv[++at] ?? '')
      else if ('aefhkmnptuvxBCEHPT'.includes(letter)) found.settings.push(word[0] + letter)
      else if (letter !== 'l' && letter !== 'r') return { bad: word[0] + letter }
    }
  }
  const rest = argv.slice(at)
  if (wantsCommand) {
    found.command = rest[0]
    found.name = rest[1]
    found.args = rest.slice(2)
    if (found.command === undefined) return { bad: '-c' }
  } else if (rest.length > 0 && !fromInput) {
    found.script = rest[0]
    found.args = rest.slice(1)
  } else found.args = rest
  return found
}

/** Years of the copyright of bash's releases. */
const years = new Map([
  ['5.0', 2019],
  ['5.1', 2020],
  ['5.2', 2022],
])
const versionOf = ({ host }: Process): string => {
  const { bash } = saysOf(host.persona)
  const year = years.get(bash.replace(/\.\d+$/, ''))
  return `GNU bash, version ${bash}(1)-release (x86_64-pc-linux-gnu)
Copyright (C) ${year} Free Software Foundation, Inc.
License GPLv3+: GNU GPL version 3 or later <http://gnu.org/licenses/gpl.html>

This is free software; you are free to change and redistribute it.
There is NO WARRANTY, to the extent permitted by law.
`
}

/** The directory that a process is in, if it is still there. */
const statOf = ({ fs, cwd }: Process) => {
  try {
    return fs.stat(cwd, kernel)
  } catch {
    return undefined
  }
}

/** /bin/bash or /bin/sh as a program that commands can start: a string, a script file, or commands on standard input. */
export const shellProgram =
  (flavour: Language, lookup: Options['lookup']): Program =>
  async process => {
    const name = process.argv[0] ?? flavour
    const found = invocationOf(process.argv)
    if (flavour === 'bash' && process.argv[1] === '--version') {
      await process.stdout.write(versionOf(process))
      return 0
    }
    if (statOf(process)?.type !== 'directory')
      await process.stderr.write(
        flavour === 'bash' ? `shell-init: ${noWayUp}\n` : `${name}: 0: getcwd() failed: No such file or directory\n`,
      )
    if ('bad' in found) {
      const missing = found.bad === '-c'
      await process.stderr.write(
        flavour === 'ash'
          ? missing
            ? `${name}: -c requires an argument\n`
            : `${name}: illegal option ${found.bad}\n`
          : missing
            ? `${name}: ${flavour !== 'bash' ? '0: ' : ''}-c${flavour !== 'bash' ? ' requires an argument' : ': option requires an argument'}\n`
            : flavour !== 'bash'
              ? `${name}: 0: Illegal option ${found.bad}\n`
              : `${name}: ${found.bad}: invalid option\n`,
      )
      return 2
    }
    const open = (mode: NonNullable<Options['mode']>, zero: string): Session =>
      createShell({ process, lookup, flavour, mode, name: zero, args: found.args, world: worldBehind(process) })
    if (found.settings.length > 0 && found.command !== undefined) {
      // Options come before the text, on a line that is not counted.
      return open('command', found.name ?? name).run(found.command, found.settings)
    }
    if (found.command !== undefined) return open('command', found.name ?? name).run(found.command)
    if (found.script !== undefined) return runFile(process, found, flavour, name, open)
    const person = found.interactive || (process.isatty[0] && process.isatty[2])
    if (!person) return open('stdin', name).runInput(found.settings)
    const login = found.login || name.startsWith('-')
    const session = createShell({
      process,
      lookup,
      flavour,
      mode: 'interactive',
      name: name.replace(/^-/, ''),
      login,
      args: found.args,
      world: worldBehind(process),
    })
    return session.interactive({ login, rc: found.rc, profile: found.profile })
  }

const runFile = async (
  process: Process,
  { script, settings }: Invocation,
  flavour: Language,
  name: string,
  open: (mode: 'script', zero: string) => Session,
): Promise<number> => {
  const path = script!.startsWith('/') ? script! : `${process.cwd === '/' ? '' : process.cwd}/${script}`
  let data: Buffer
  try {
    data = process.fs.readFile(path, process.who)
  } catch (error) {
    const text = errorText(error)
    const folder = text === 'Is a directory'
    const bash = folder ? `${script}: ${script}: Is a directory\n` : `${name}: ${script}: ${text}\n`
    await process.stderr.write(
      flavour === 'ash'
        ? `${name.replace(/^-/, '')}: can't open '${script}': ${text}\n`
        : flavour === 'sh'
          ? `${name}: 0: cannot open ${script}: ${text === 'No such file or directory' ? 'No such file' : text}\n`
          : bash,
    )
    return flavour !== 'bash' ? 2 : folder ? 126 : 127
  }
  if (data.subarray(0, 80).toString('latin1').split('\n')[0]!.includes('\0')) {
    await process.stderr.write(
      flavour === 'ash'
        ? `${script}: line 1: syntax error: unterminated quoted string\n`
        : flavour === 'sh'
          ? `${name}: 1: Syntax error: Unterminated quoted string\n`
          : `${script}: ${script}: cannot execute binary file\n`,
    )
    return flavour !== 'bash' ? 2 : 126
  }
  const { brought, witness } = process.host
  if (brought(path)) {
    const format = `script ${flavour !== 'bash' ? '/bin/sh' : '/bin/bash'}`
    const real = process.fs.realpath(path, process.who)
    witness.execution({ path: real, argv: process.argv, data, format, runs: true })
  }
  return open('script', script!).run(data.toString('latin1'), settings)
}
