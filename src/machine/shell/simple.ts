import { ArithmeticFault, evaluate } from './arithmetic.ts'
import type { Assignment, Command, Word } from './ast.ts'
import { findBuiltin } from './builtins/index.ts'
import { SPECIAL } from './builtins/names.ts'
import { arithmeticNames } from './calculate.ts'
import { elementIndex, expandText, expandWords } from './expand.ts'
import { runExternal } from './external.ts'
import { controlsJobs, foregrounded } from './foreground.ts'
import { endOf } from './process.ts'
import { promptOf } from './prompt.ts'
import { quotedIfNeeded } from './quote.ts'
import { keepRedirections, RedirectFault, redirect } from './redirect.ts'
import { runCommand } from './run.ts'
import { closeAll, complain, fatal, fork, get, Leave, type Shell, set, shadow, write } from './state.ts'
import { runTrap } from './traps.ts'
import { blank, find, keysOf, need, ReadonlyFault, resolve, scalarOf, TooBig, toArray } from './variables.ts'
import { spend } from './world.ts'

type Simple = Extract<Command, { kind: 'simple' }>

/** A simple command (XCU 2.9.1): expansion, redirection, assignments, then function, builtin or program. */
export const runSimple = async (sh: Shell, command: Simple): Promise<number> => {
  sh.line = command.line
  sh.substitution = undefined
  if (sh.options.has('noexec') && sh.mode !== 'interactive') return sh.status
  try {
    const fields = await commandFields(sh, command.words)
    if (fields.length === 0) return await runAssignments(sh, command)
    if (controlsJobs(sh) && isProgram(sh, fields[0]!)) {
      const child = shadow(sh)
      return await foregrounded(
        sh,
        runFields(child, command, fields).finally(() => closeAll(child)),
      )
    }
    return await runFields(sh, command, fields)
  } catch (error) {
    if (error instanceof RedirectFault) {
      if (sh.flavour === 'sh' && SPECIAL.has(command.words[0]?.raw ?? '')) throw new Leave('exit', sh.ash ? 1 : 2)
      return sh.flavour === 'sh' && !sh.ash ? 2 : 1
    }
    if (error instanceof TooBig) return spend(sh.world, sh.world.limits.steps) ?? 1
    throw error
  }
}

/** Neither function nor builtin: what is run in a process of its own. */
const isProgram = (sh: Shell, name: string): boolean =>
  name !== 'exec' && !sh.functions.has(name) && findBuiltin(sh, name) === undefined

/** Arguments that are assignments of `export` and its kin are expanded as such. */
const commandFields = async (sh: Shell, words: Word[]): Promise<string[]> => {
  if (!words.some(word => word.assignment)) return expandWords(sh, words)
  const fields: string[] = []
  const plain: Word[] = []
  for (const word of words) {
    const { assignment } = word
    if (!assignment) {
      plain.push(word)
      fields.push(...(await expandWords(sh, [word])))
      continue
    }
    const { name, index, append, items } = assignment
    if (items) {
      if (fields[0] === 'local' && sh.functionNames.length > 0) sh.variables.scopes.at(-1)!.set(name, blank())
      else if (
        fields[0] !== 'local' &&
        sh.functionNames.length > 0 &&
        !fields.includes('-g') &&
        fields[0] !== 'export' &&
        fields[0] !== 'readonly'
      )
        sh.variables.scopes.at(-1)!.set(name, blank())
      if (fields.some(field => /^-[a-zA-Z]*A/.test(field))) need(sh.variables, name).kind = 'map'
      await assignOne(sh, assignment)
      fields.push(name)
      continue
    }
    fields.push(
      `${name}${index ? `[${await expandText(sh, index)}]` : ''}${append ? '+' : ''}=${await expandText(sh, assignment.value, true)}`,
    )
  }
  return fields
}

const runAssignments = async (sh: Shell, command: Simple): Promise<number> => {
  const undo = await redirect(sh, command.redirections)
  undo()
  for (const assignment of command.assignments) await assignOne(sh, assignment)
  return sh.substitution ?? 0
}

/** Sets the variable; something readonly ends the line. */
export const assignOne = async (sh: Shell, assignment: Assignment): Promise<void> => {
  const { name, append, items } = assignment
  try {
    if (items) return await assignItems(sh, assignment)
    const found = find(sh.variables, resolve(sh.variables, name))
    let value = await expandText(sh, assignment.value, true)
    const index =
      assignment.index && (await elementIndex(sh, await expandText(sh, assignment.index), found?.kind === 'map'))
    const key =
      index !== undefined && Number(index) < 0
        ? String(Math.max(-1, ...keysOf(found).map(Number)) + 1 + Number(index))
        : index
    const before =
      key === undefined
        ? scalarOf(found)
        : found?.kind === 'scalar'
          ? key === '0'
            ? found.value
            : undefined
          : found?.items?.get(key)
    if (found?.integer) value = String(evaluate(append ? `${before ?? 0}+(${value})` : value, arithmeticNames(sh)))
    else if (append) value = (before ?? '') + value
    spend(sh.world, value.length >> 8)
    if (sh.options.has('xtrace'))
      await trace(sh, `${name}${append ? '+' : ''}=${value === '' ? '' : quotedIfNeeded(value)}`)
    set(sh, name, value, key)
  } catch (error) {
    if (error instanceof ReadonlyFault)
      return fatal(
        sh,
        sh.flavour === 'sh' ? `${name}: is read only` : `${name}: readonly variable`,
        sh.flavour === 'sh' ? 2 : 1,
      )
    if (error instanceof ArithmeticFault) return fatal(sh, error.message)
    throw error
  }
}

const assignItems = async (sh: Shell, { name: written, append, items }: Assignment): Promise<void> => {
  const name = resolve(sh.variables, written)
  const found = need(sh.variables, name)
  if (found.readonly) throw new ReadonlyFault(name)
  const values: [string | undefined, string][] = []
  for (const item of items ?? []) {
    if ('index' in item)
      values.push([
        await elementIndex(sh, await expandText(sh, item.index), found.kind === 'map'),
        await expandText(sh, item.value, true),
      ])
    else for (const field of await expandWords(sh, [item])) values.push([undefined, field])
  }
  if (found.kind === 'scalar') toArray(found)
  if (!append) found.items = new Map()
  if (found.kind === 'map' && values.every(([key]) => key === undefined)) {
    for (let i = 0; i < values.length; i += 2) set(sh, name, values[i + 1]?.[1] ?? '', values[i]![1])
    return
  }
  let next = append ? Math.max(-1, ...keysOf(found).map(Number)) + 1 : 0
  for (const [key, value] of values) {
    if (key !== undefined) next = Number(key)
    set(sh, name, found.integer ? String(evaluate(value, arithmeticNames(sh))) : value, key ?? String(next))
    next++
  }
}

const runFields = async (sh: Shell, command: Simple, fields: string[]): Promise<number> => {
  const [name] = fields
  const { assignments, redirections } = command
  if (sh.options.has('xtrace')) {
    const before = await Promise.all(
      assignments.map(async one => `${one.name}=${quotedIfNeeded(await expandText(sh, one.value, true))} `),
    )
    await trace(sh, before.join('') + fields.map(quotedIfNeeded).join(' '))
  }
  if (name === 'exec') {
    await keepRedirections(sh, redirections)
    if (fields.length === 1) return 0
  }
  const undo = name === 'exec' ? () => {} : await redirect(sh, redirections)
  const scoped = assignments.length > 0 && !(sh.flavour === 'sh' && SPECIAL.has(name!))
  try {
    if (scoped) await pushTemporary(sh, assignments)
    else for (const assignment of assignments) await assignOne(sh, assignment)
    return await runNamed(sh, fields, true)
  } finally {
    if (scoped) sh.variables.scopes.splice(sh.variables.scopes.length - 1, 1)
    undo()
  }
}

/** `A=1 command`: a scope of its own, exported. */
const pushTemporary = async (sh: Shell, assignments: Assignment[]): Promise<void> => {
  const scope = new Map<string, ReturnType<typeof blank>>()
  for (const { name, value, append } of assignments) {
    if (find(sh.variables, name)?.readonly) await complain(sh, `${name}: readonly variable`)
    else
      scope.set(name, {
        ...blank(),
        value: (append ? (get(sh, name) ?? '') : '') + (await expandText(sh, value, true)),
        exported: true,
      })
  }
  sh.variables.scopes.push(scope)
}

/** Runs the command the name stands for. `functions` is false behind `command` and `builtin`. */
export const runNamed = async (sh: Shell, fields: string[], functions: boolean): Promise<number> => {
  const [name, ...args] = fields as [string, ...string[]]
  const found = functions ? sh.functions.get(name) : undefined
  if (found) return runFunction(sh, name, found.body, args)
  const builtin = findBuiltin(sh, name)
  if (builtin) return builtin(sh, args, name)
  // Bash hands what it does not find to this function, in a shell of its own (3.7.2).
  const handler = sh.flavour === 'bash' ? sh.functions.get('command_not_found_handle') : undefined
  if (!handler) return runExternal(sh, fields)
  return runExternal(sh, fields, () => {
    const child = fork(sh)
    child.functions.delete('command_not_found_handle')
    return endOf(child, () => runFunction(child, 'command_not_found_handle', handler.body, fields))
  })
}

const runFunction = async (sh: Shell, name: string, body: Command, args: string[]): Promise<number> => {
  const { positional, loops, line } = sh
  if (sh.functionNames.length >= sh.world.limits.callDepth) spend(sh.world, sh.world.limits.steps)
  const before = sh.traps.has('RETURN')
  sh.positional = args
  sh.loops = 0
  sh.functionNames.push(name)
  sh.variables.scopes.push(new Map())
  try {
    sh.status = await runCommand(sh, body)
    const action = sh.traps.get('RETURN')
    // A trap set outside is not inherited.
    if (action && !before) await runTrap(sh, action)
    return sh.status
  } catch (error) {
    if (error instanceof Leave && error.how === 'return') return error.count
    throw error
  } finally {
    sh.variables.scopes.pop()
    sh.functionNames.pop()
    sh.positional = positional
    sh.loops = loops
    sh.line = line
  }
}

/** `set -x` */
export const trace = async (sh: Shell, text: string): Promise<void> => {
  const mark = /[\\$`]/.test(get(sh, 'PS4') ?? '') ? await promptOf(sh, 'PS4') : (get(sh, 'PS4') ?? '+ ')
  await write(sh, 2, `${mark}${text}\n`)
}
