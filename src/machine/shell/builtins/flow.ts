import { errorText } from '../../errors.ts'
import { pathOf, replaceShell } from '../external.ts'
import { isStopped } from '../jobs.ts'
import { statSafe } from '../paths.ts'
import { absolute, complain, fsOf, Leave, type Shell, whoOf, write } from '../state.ts'
import { runText } from '../text.ts'
import { spend } from '../world.ts'
import type { Builtin } from './index.ts'
import { optionsOf } from './options.ts'

const loop =
  (how: 'break' | 'continue'): Builtin =>
  async (sh, args) => {
    if (sh.loops === 0) {
      if (sh.flavour === 'bash') await complain(sh, `${how}: only meaningful in a \`for', \`while', or \`until' loop`)
      return 0
    }
    const [count = '1'] = args
    if (!/^[-+]?[0-9]+$/.test(count)) {
      await complain(sh, `${how}: ${count}: numeric argument required`)
      throw new Leave('exit', 128)
    }
    if (Number(count) < 1) {
      await complain(sh, `${how}: ${count}: loop count out of range`)
      throw new Leave('break', sh.loops)
    }
    throw new Leave(how, Math.min(Number(count), sh.loops))
  }

const statusArgument = async (sh: Shell, args: string[], name: string): Promise<number> => {
  const [text] = args
  if (text === undefined) return sh.status
  if (/^\s*[-+]?[0-9]+\s*$/.test(text)) return Number(BigInt.asUintN(8, BigInt(text.trim().replace(/^\+/, ''))))
  await complain(
    sh,
    sh.flavour === 'sh' ? `${name}: Illegal number: ${text}` : `${name}: ${text}: numeric argument required`,
  )
  return 2
}

const exit: Builtin = async (sh, args, name) => {
  if (name === 'logout' && !(sh.login && sh.mode === 'interactive')) {
    await complain(sh, "logout: not login shell: use `exit'")
    return 1
  }
  if (name === 'exit' && sh.flavour === 'bash' && sh.mode === 'interactive' && !sh.subshell)
    await write(sh, 2, sh.login ? 'logout\n' : 'exit\n')
  const status = await statusArgument(sh, args, name)
  if (args.length > 1 && /^[-+]?[0-9]+$/.test(args[0]!)) {
    await complain(sh, `${name}: too many arguments`)
    return 1
  }
  if (sh.mode === 'interactive' && !sh.subshell && (await stays(sh))) return 1
  throw new Leave('exit', status)
}

/** With stopped jobs an interactive shell goes at the second time. */
const stays = async (sh: Shell): Promise<boolean> => {
  if (sh.atEnd || !sh.jobs.some(isStopped) || sh.warnedAt === sh.commands - 1) return false
  sh.warnedAt = sh.commands
  await write(sh, 2, sh.flavour === 'bash' ? 'There are stopped jobs.\n' : 'You have stopped jobs.\n')
  return true
}

const giveBack: Builtin = async (sh, args) => {
  if (sh.functionNames.length === 0 && sh.sourcing === 0) {
    if (sh.flavour === 'sh') throw new Leave('exit', await statusArgument(sh, args, 'return'))
    await complain(sh, "return: can only `return' from a function or sourced script")
    return 2
  }
  throw new Leave('return', await statusArgument(sh, args, 'return'))
}

/** Text run deeper and deeper ends at the same depth as functions. */
const deeper = async (sh: Shell, run: () => Promise<number>): Promise<number> => {
  sh.depth += 4
  if (sh.depth > sh.world.limits.callDepth * 6) spend(sh.world, sh.world.limits.steps)
  try {
    return await run()
  } finally {
    sh.depth -= 4
  }
}

const evaluate: Builtin = (sh, args) => {
  const text = (args[0] === '--' ? args.slice(1) : args).join(' ')
  if (text.trim() === '') return 0
  const { line } = sh
  sh.status = 0
  return deeper(sh, () => runText(sh, text, { line, name: 'eval' }))
}

/** `. file`: looked for along PATH when there is no slash in its name. */
const source: Builtin = async (sh, args, name) => {
  const [file, ...positional] = args[0] === '--' ? args.slice(1) : args
  if (file === undefined) {
    await complain(sh, `${name}: filename argument required`)
    await write(sh, 2, `${name}: usage: ${name} filename [arguments]\n`)
    return 2
  }
  const inPath = file.includes('/') ? undefined : pathOf(sh, file)[0]
  const path = inPath ?? file
  let text: string
  try {
    if (statSafe(sh, path)?.type === 'directory') {
      await complain(sh, `${name}: ${file}: is a directory`)
      return 1
    }
    const substituted = sh.world.substituted.get(path)
    text = (Buffer.isBuffer(substituted) ? substituted : fsOf(sh).readFile(absolute(sh, path), whoOf(sh))).toString(
      'latin1',
    )
    spend(sh.world, text.length >> 10)
  } catch (error) {
    if (sh.flavour === 'sh') {
      await complain(
        sh,
        `${name}: ${file.includes('/') ? 'cannot open ' : ''}${file}: ${file.includes('/') ? 'No such file' : 'not found'}`,
      )
      throw new Leave('exit', 2)
    }
    await complain(sh, `${file}: ${errorText(error)}`)
    return 1
  }
  const before = { positional: sh.positional, script: sh.script, line: sh.line, mode: sh.mode }
  if (positional.length > 0) sh.positional = positional
  sh.script = file
  if (sh.mode !== 'interactive') sh.mode = 'script'
  sh.sourcing++
  sh.status = 0
  try {
    return await deeper(sh, () => runText(sh, text))
  } catch (error) {
    if (error instanceof Leave && error.how === 'return') return error.count
    throw error
  } finally {
    sh.sourcing--
    Object.assign(
      sh,
      { script: before.script, line: before.line, mode: before.mode },
      positional.length > 0 ? { positional: before.positional } : {},
    )
  }
}

const execute: Builtin = async (sh, args) => {
  const found = await optionsOf(
    sh,
    'exec',
    args,
    'cla:',
    'exec: usage: exec [-cl] [-a name] [command [argument ...]] [redirection ...]',
  )
  if (!found) return 2
  if (found.rest.length === 0) return 0
  return replaceShell(sh, found.rest, found.flags.get('a'))
}

export const flow: [string, Builtin][] = [
  ['break', loop('break')],
  ['continue', loop('continue')],
  ['exit', exit],
  ['logout', exit],
  ['return', giveBack],
  ['eval', evaluate],
  ['.', source],
  ['source', source],
  ['exec', execute],
]
