import { type Stat, SystemError, Unloadable } from '../system.ts'
import { endOf, runProgram } from './process.ts'
import { absolute, complain, fork, fsOf, get, Leave, type Shell, whoOf } from './state.ts'
import { runText } from './text.ts'
import { spend } from './world.ts'

const statOf = (sh: Shell, path: string): Stat | undefined => {
  spend(sh.world)
  try {
    return fsOf(sh).stat(absolute(sh, path), whoOf(sh))
  } catch {
    return undefined
  }
}

/** The path of the program that the name means, along PATH. */
export const pathOf = (sh: Shell, name: string, all = false, path = get(sh, 'PATH') ?? ''): string[] => {
  if (name.includes('/')) return statOf(sh, name) ? [name] : []
  const found: string[] = []
  let second: string | undefined
  for (const folder of path.split(':').slice(0, 64)) {
    const candidate = folder === '' ? `./${name}` : folder.endsWith('/') ? folder + name : `${folder}/${name}`
    const stat = statOf(sh, candidate)
    if (!stat || stat.type === 'directory') continue
    if (!fsOf(sh).access(absolute(sh, candidate), 1, whoOf(sh))) second ??= candidate
    else found.push(candidate)
    if (found.length > 0 && !all) return found
  }
  return found.length === 0 && second !== undefined && !all ? [second] : found
}

/** Programs whose place is remembered. */
const mostHashed = 500

/** Runs a program from the disk; bash's messages when it cannot. `missed` stands in for what is found nowhere along PATH. */
export const runExternal = async (
  sh: Shell,
  fields: string[],
  missed?: () => Promise<number>,
  called = fields[0]!,
): Promise<number> => {
  const name = fields[0]!
  const path = name === '' ? undefined : pathOf(sh, name)[0]
  if (path === undefined) {
    // Without a PATH the name is taken as a path.
    if (missed && !name.includes('/') && get(sh, 'PATH')) return missed()
    const what = name.includes('/') ? missing(sh, name) : get(sh, 'PATH') ? 'command not found' : NO_FILE
    await complain(sh, `${name}: ${sh.flavour === 'sh' ? 'not found' : what}`)
    return what === 'Not a directory' ? 126 : 127
  }
  const stat = statOf(sh, path)
  if (stat?.type === 'directory') {
    await complain(sh, `${name}: ${sh.flavour === 'sh' ? 'Permission denied' : 'Is a directory'}`)
    return 126
  }
  if (!fsOf(sh).access(absolute(sh, path), 1, whoOf(sh))) {
    await complain(sh, `${path}: Permission denied`)
    return 126
  }
  if (sh.flavour === 'bash' && !name.includes('/')) {
    const before = sh.hashed.get(name)
    if (before) before.hits++
    else if (sh.hashed.size < mostHashed) sh.hashed.set(name, { path, hits: 1 })
  }
  return execute(sh, path, [called, ...fields.slice(1)], 0)
}

/** execvp(3) for a program that runs another: what bash would word is thrown as what the kernel says. */
export const executeFile = async (sh: Shell, argv: string[], name = argv[0] ?? '', mapped = false): Promise<number> => {
  const path = argv[0] ? pathOf(sh, argv[0], false, get(sh, 'PATH') ?? '/bin:/usr/bin')[0] : undefined
  if (path === undefined) throw new SystemError('ENOENT', argv[0])
  if (statOf(sh, path)?.type === 'directory') throw new SystemError('EACCES', path)
  if (!fsOf(sh).access(absolute(sh, path), mapped ? 4 : 1, whoOf(sh))) throw new SystemError('EACCES', path)
  return execute(sh, path, [name, ...argv.slice(1)], 0, true)
}

const NO_FILE = 'No such file or directory'

const missing = (sh: Shell, name: string): string => {
  const parent = name.slice(0, name.lastIndexOf('/'))
  const stat = parent === '' ? undefined : statOf(sh, parent)
  return stat && stat.type !== 'directory' ? 'Not a directory' : 'No such file or directory'
}

/**
 * execve(2): a known program, a script with its interpreter, or text for this shell itself. What cannot be started is
 * worded as the shell does, or thrown to the program that asked. `comm` is what /proc/PID/comm says: the file that was
 * asked for, be it a link or a script.
 */
const execute = async (
  sh: Shell,
  path: string,
  fields: string[],
  depth: number,
  thrown = false,
  comm = path.slice(path.lastIndexOf('/') + 1),
): Promise<number> => {
  const refuse = async (errno: 'ENOENT' | 'ENOEXEC', words: string, status: number): Promise<number> => {
    if (thrown) throw new SystemError(errno, path)
    await complain(sh, words)
    return status
  }
  const full = realPath(sh, absolute(sh, path))
  const program = sh.world.lookup(full)
  if (program) return runProgram(sh, program, full, fields, comm)
  const data = fsOf(sh).readFile(full, whoOf(sh))
  spend(sh.world, data.length >> 10)
  const binary = isElf(data) ? sh.world.lookup(full, data) : undefined
  if (binary) {
    try {
      return await runProgram(sh, binary, full, fields, comm)
    } catch (error) {
      if (!(error instanceof Unloadable)) throw error
      if (error.errno === 'ENOENT') return refuse('ENOENT', missingLoader(sh, path, fields), 127)
    }
  }
  const head = data.subarray(0, 256).toString('latin1')
  const interpreter = /^#![ \t]*([^ \t\n\0]+)[ \t]*([^\n\0]*)/.exec(head)
  if (interpreter && depth < 5) {
    const argument = interpreter[2]!.trim()
    const target = statOf(sh, interpreter[1]!)
    if (!target) {
      return refuse('ENOENT', missingLoader(sh, path, fields), 127)
    }
    noteScript(sh, full, fields, data, interpreter[1]!)
    return execute(
      sh,
      interpreter[1]!,
      [interpreter[1]!, ...(argument === '' ? [] : [argument]), path, ...fields.slice(1)],
      depth + 1,
      thrown,
      comm,
    )
  }
  if (isElf(data) || data.subarray(0, 80).toString('latin1').split('\n')[0]!.includes('\0')) {
    // dash hands what the kernel does not know to another dash, which stumbles over it.
    if (sh.flavour === 'sh') return refuse('ENOEXEC', `${path}: Syntax error: Unterminated quoted string`, 2)
    return refuse('ENOEXEC', `${path}: cannot execute binary file: Exec format error`, 126)
  }
  noteScript(sh, full, fields, data, '/bin/sh')
  return runScript(sh, path, data.toString('latin1'), fields.slice(1))
}

/** The file is there; what it names to load it is not. */
const missingLoader = (sh: Shell, path: string, fields: string[]): string =>
  sh.flavour === 'sh' ? `${fields[0]}: not found` : `${path}: cannot execute: required file not found`

/** A script that an attacker brought is evidence once it runs. */
const noteScript = (sh: Shell, path: string, argv: string[], data: Buffer, interpreter: string): void => {
  const { brought, witness } = sh.world.process.host
  if (brought(path)) witness.execution({ path, argv, data, format: `script ${interpreter}`, runs: true })
}

const isElf = (data: Buffer): boolean => data.subarray(0, 4).toString('latin1') === '\x7fELF'

const realPath = (sh: Shell, path: string): string => {
  try {
    return fsOf(sh).realpath(path, whoOf(sh))
  } catch {
    return path
  }
}

/** A text without `#!` is run by the shell that met it. */
const runScript = (sh: Shell, path: string, text: string, args: string[]): Promise<number> => {
  if (sh.depth > sh.world.limits.callDepth) spend(sh.world, sh.world.limits.steps)
  const child = fork(sh)
  child.mode = 'script'
  child.name = path
  child.script = path
  child.positional = args
  child.functionNames = []
  child.functions.clear()
  child.aliases.clear()
  child.options.clear()
  child.subshell = false
  child.variables.scopes = [new Map([...child.variables.scopes[0]!].filter(([, found]) => found.exported))]
  return endOf(child, () => runText(child, text))
}

/** `exec program`: this shell is no more. */
export const replaceShell = async (sh: Shell, fields: string[], name?: string): Promise<never> => {
  const path = pathOf(sh, fields[0]!)[0]
  if (path === undefined) {
    await complain(
      sh,
      `exec: ${fields[0]}: ${fields[0]!.includes('/') ? 'cannot execute: No such file or directory' : 'not found'}`,
    )
    throw new Leave('exit', 127)
  }
  sh.traps.delete('EXIT')
  sh.becomes = true
  throw new Leave('exit', await runExternal(sh, fields, undefined, name))
}
