import type { FileSystem } from '../system.ts'
import { Broken } from '../system.ts'
import type { List, Part } from './ast.ts'
import { expandText } from './expand.ts'
import { readList } from './grammar.ts'
import { runSubshell } from './process.ts'
import { atEnd, SyntaxFault, sourceOf, unexpected } from './scan.ts'
import { absolute, complain, fork, fsOf, type Shell, whoOf } from './state.ts'
import { collector, handleOf, pipeOf, readEnd, release, writeEnd } from './streams.ts'
import { readWord } from './word.ts'
import { spend } from './world.ts'

/** `$(…)`: what the commands write, without the newlines at its end; NUL bytes are dropped. */
export const capture = async (sh: Shell, part: Extract<Part, { kind: 'command' }>): Promise<string> => {
  const body = part.body ?? (await parsed(sh, part.source ?? '', part.line))
  const shortcut = await wholeFile(sh, body)
  if (shortcut !== undefined) return trimmed(shortcut)
  const { limits } = sh.world
  const collected = collector(sh.world, limits.valueBytes)
  const child = fork(sh)
  child.handles.get(1) && release(child.handles.get(1))
  child.handles.set(1, handleOf({ output: collected.output }))
  sh.substitution = await runSubshell(child, body)
  sh.status = sh.substitution
  return trimmed(collected.text())
}

const trimmed = (text: string): string => {
  let end = text.length
  while (end > 0 && text[end - 1] === '\n') end--
  return text.slice(0, end).replaceAll('\0', '')
}

const parsed = async (sh: Shell, text: string, line: number): Promise<List> => {
  const source = sourceOf(text, {
    line,
    maxDepth: sh.world.limits.parseDepth,
    extglob: sh.shopt.has('extglob'),
    posix: sh.flavour === 'sh',
    ash: sh.ash,
  })
  try {
    const list = readList(source)
    if (!atEnd(source)) unexpected(source, readWord)
    return list
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error
    await complain(sh, `command substitution: line ${error.line + 1}: ${error.message}`)
    return []
  }
}

/** `$(<file)` */
const wholeFile = async (sh: Shell, body: List): Promise<string | undefined> => {
  const command = body.length === 1 && body[0]!.rest.length === 0 ? body[0]!.first.commands[0] : undefined
  if (
    command?.kind !== 'simple' ||
    command.words.length > 0 ||
    command.assignments.length > 0 ||
    body[0]!.first.commands.length > 1
  )
    return undefined
  const [redirection, ...more] = command.redirections
  if (redirection?.operator !== '<' || more.length > 0 || sh.flavour === 'sh') return undefined
  const path = await expandText(sh, redirection.target)
  try {
    const data = fsOf(sh).readFile(absolute(sh, path), whoOf(sh))
    spend(sh.world, data.length >> 10)
    if (data.length > sh.world.limits.valueBytes) throw new Broken()
    sh.substitution = 0
    return data.toString('latin1')
  } catch {
    return undefined
  }
}

/**
 * `<(…)`: a path that can be opened for what the commands wrote; `>(…)`: one whose content they read. Programs read
 * files whole, so the first kind runs to its end before the command begins.
 */
export const processSubstitution = async (sh: Shell, body: List, writes: boolean): Promise<string> => {
  const { world } = sh
  let fd = 63
  while (world.substituted.has(`/dev/fd/${fd}`) && fd > 9) fd--
  if (fd === 9) spend(world, world.limits.steps)
  const path = `/dev/fd/${fd}`
  const child = fork(sh)
  sh.substitutions.push(path)
  if (!writes) {
    const collected = collector(world, world.limits.valueBytes)
    release(child.handles.get(1))
    child.handles.set(1, handleOf({ output: collected.output }))
    world.substituted.set(path, Buffer.alloc(0))
    await runSubshell(child, body)
    world.substituted.set(path, Buffer.from(collected.text(), 'latin1'))
    return path
  }
  const pipe = pipeOf(world)
  release(child.handles.get(0))
  child.handles.set(0, readEnd(pipe))
  world.substituted.set(path, writeEnd(pipe))
  sh.lastBackground = child.pid
  const done = runSubshell(child, body).catch(() => 1)
  world.background.add(done)
  void done.finally(() => world.background.delete(done))
  return path
}

/** The command is over: its substitutions are gone, and who reads from one sees the end. */
export const dropSubstitution = (sh: Shell, path: string): void => {
  const { substituted } = sh.world
  const found = substituted.get(path)
  substituted.delete(path)
  if (found && !Buffer.isBuffer(found)) release(found)
}

/** The file system as a program sees it that was given such paths. */
export const withSubstitutions = (sh: Shell): FileSystem => {
  const { substituted, process } = sh.world
  const { fs } = process
  if (substituted.size === 0) return fs
  return {
    ...fs,
    readFile: (path, who, range) => {
      const found = substituted.get(path)
      return Buffer.isBuffer(found) ? found : fs.readFile(path, who, range)
    },
    writeFile: (path, data, who, how) => {
      const found = substituted.get(path)
      if (found === undefined || Buffer.isBuffer(found)) fs.writeFile(path, data, who, how)
      else found.output?.write(data).catch(() => undefined)
    },
    stat: (path, who) =>
      substituted.has(path) ? { ...fs.stat('/', who), type: 'fifo', mode: 0o600, size: 0 } : fs.stat(path, who),
  }
}
