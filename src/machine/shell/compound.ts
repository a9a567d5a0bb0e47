import type { Command, List } from './ast.ts'
import { calculateQuietly } from './calculate.ts'
import { holds } from './condition.ts'
import { expandPattern, expandText, expandWords } from './expand.ts'
import { foregrounded } from './foreground.ts'
import { compilePattern, matches } from './pattern.ts'
import { runSubshell } from './process.ts'
import { readLineOf } from './read-line.ts'
import { RedirectFault, redirect } from './redirect.ts'
import { guarded, runList } from './run.ts'
import { trace } from './simple.ts'
import { complain, fork, Leave, type Shell, set, write } from './state.ts'
import { ReadonlyFault } from './variables.ts'
import { spend } from './world.ts'

/** What a turn of an unbounded loop costs in steps, beside its commands. */
const TURN = 8

type Of<K extends Command['kind']> = Extract<Command, { kind: K }>

/** A compound command: its redirections hold for all of it. */
export const runCompound = async (sh: Shell, command: Command): Promise<number> => {
  if (command.kind === 'function') {
    if (sh.functions.size > 500) spend(sh.world, sh.world.limits.steps)
    sh.functions.set(command.name, { body: command.body, source: command.source })
    return 0
  }
  if (command.redirections.length === 0) return inner(sh, command)
  let undo: () => void
  try {
    sh.line = command.line
    undo = await redirect(sh, command.redirections)
  } catch (error) {
    if (error instanceof RedirectFault) return 1
    throw error
  }
  try {
    return await inner(sh, command)
  } finally {
    undo()
  }
}

const inner = async (sh: Shell, command: Command): Promise<number> => {
  switch (command.kind) {
    case 'group':
      return runList(sh, command.body)
    case 'subshell':
      return foregrounded(sh, runSubshell(fork(sh), command.body))
    case 'if':
      return runIf(sh, command)
    case 'while':
      return runWhile(sh, command)
    case 'for':
      return command.select ? runSelect(sh, command) : runFor(sh, command)
    case 'count':
      return runCount(sh, command)
    case 'case':
      return runCase(sh, command)
    case 'test':
      sh.line = command.line
      return holds(sh, command.condition)
    case 'let': {
      sh.line = command.line
      const value = await calculateQuietly(sh, await expandText(sh, command.expression), '((')
      return value === undefined || value === 0n ? 1 : 0
    }
    default:
      return 0
  }
}

const runIf = async (sh: Shell, command: Of<'if'>): Promise<number> => {
  for (const { condition, body } of command.branches) {
    if ((await guarded(sh, () => runList(sh, condition))) === 0) return runList(sh, body)
  }
  sh.status = 0
  return command.otherwise ? runList(sh, command.otherwise) : 0
}

/** One turn of a loop; false when the loop is over. */
const turnOf = async (sh: Shell, body: List): Promise<boolean> => {
  sh.loops++
  try {
    await runList(sh, body)
    return true
  } catch (error) {
    if (!(error instanceof Leave) || (error.how !== 'break' && error.how !== 'continue')) throw error
    sh.status = 0
    if (error.count > 1 && sh.loops > 1) throw new Leave(error.how, error.count - 1)
    return error.how === 'continue'
  } finally {
    sh.loops--
  }
}

const runWhile = async (sh: Shell, command: Of<'while'>): Promise<number> => {
  let status = 0
  for (;;) {
    spend(sh.world, TURN)
    const met = await conditionOf(sh, command.condition)
    if (met === 'over') return 0
    if ((met === 0) === command.until) return status
    if (!(await turnOf(sh, command.body))) return 0
    status = sh.status
  }
}

/** `break` in the condition ends the loop as well. */
const conditionOf = async (sh: Shell, condition: List): Promise<number | 'over'> => {
  return (await guarded(sh, () => turnOf(sh, condition))) ? sh.status : 'over'
}

const assignLoop = async (sh: Shell, name: string, value: string): Promise<boolean> => {
  try {
    set(sh, name, value)
    return true
  } catch (error) {
    if (!(error instanceof ReadonlyFault)) throw error
    await complain(sh, `${name}: readonly variable`)
    return false
  }
}

const runFor = async (sh: Shell, command: Of<'for'>): Promise<number> => {
  sh.line = command.line
  const { name } = command
  if (!/^[A-Za-z_]\w*$/.test(name)) {
    await complain(sh, `\`${name}': not a valid identifier`)
    return 1
  }
  const values = command.words ? await expandWords(sh, command.words) : [...sh.positional]
  sh.status = 0
  for (const value of values) {
    spend(sh.world)
    if (sh.options.has('xtrace'))
      await trace(sh, `for ${name} in ${command.words?.map(word => word.raw).join(' ') ?? '"$@"'}`)
    if (!(await assignLoop(sh, name, value))) return 1
    if (!(await turnOf(sh, command.body))) return 0
  }
  return sh.status
}

const runCount = async (sh: Shell, command: Of<'count'>): Promise<number> => {
  const value = async (word: typeof command.start, empty: bigint): Promise<bigint | undefined> => {
    sh.line = command.line
    const text = await expandText(sh, word)
    return text.trim() === '' ? empty : calculateQuietly(sh, text, '((')
  }
  if ((await value(command.start, 0n)) === undefined) return 1
  let status = 0
  for (;;) {
    spend(sh.world, TURN)
    const met = await value(command.condition, 1n)
    if (met === undefined) return 1
    if (met === 0n) return status
    if (!(await turnOf(sh, command.body))) return 0
    status = sh.status
    if ((await value(command.step, 0n)) === undefined) return 1
  }
}

/** `select`: a menu on standard error, the answer from standard input. */
const runSelect = async (sh: Shell, command: Of<'for'>): Promise<number> => {
  const values = command.words ? await expandWords(sh, command.words) : [...sh.positional]
  if (values.length === 0) return 0
  const menu = values.map((value, i) => `${i + 1}) ${value}\n`).join('')
  for (let show = true; ; ) {
    await write(sh, 2, `${show ? menu : ''}#? `)
    const line = await readLineOf(sh.handles.get(0))
    if (line === undefined) {
      await write(sh, 2, '\n')
      return 1
    }
    show = line.trim() === ''
    if (show) continue
    set(sh, 'REPLY', line)
    set(sh, command.name, values[Number(line.trim()) - 1] ?? '')
    if (!(await turnOf(sh, command.body))) return 0
  }
}

const runCase = async (sh: Shell, command: Of<'case'>): Promise<number> => {
  sh.line = command.line
  const subject = await expandText(sh, command.subject)
  if (sh.options.has('xtrace')) await trace(sh, `case ${command.subject.raw} in`)
  const fold = sh.shopt.has('nocasematch')
  sh.status = 0
  let falling = false
  for (const { patterns, body, next } of command.items) {
    let fits = falling
    for (const word of patterns) {
      if (fits) break
      const pattern = compilePattern(await expandPattern(sh, word), sh.shopt.has('extglob'))
      fits = matches(pattern, subject, cost => spend(sh.world, cost), fold)
    }
    if (!fits) continue
    sh.status = 0
    await runList(sh, body)
    if (next === ';;') return sh.status
    falling = next === ';&'
  }
  return sh.status
}
