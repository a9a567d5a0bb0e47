import { ArithmeticFault, evaluate } from '../arithmetic.ts'
import { arithmeticNames, calculateQuietly } from '../calculate.ts'
import { attributeLetters } from '../parameter.ts'
import { doubleQuoted, quoted } from '../quote.ts'
import { complain, get, Leave, type Shell, set } from '../state.ts'
import {
  blank,
  elementsOf,
  find,
  keysOf,
  namesOf,
  need,
  ReadonlyFault,
  remove,
  resolve,
  toArray,
  type Variable,
} from '../variables.ts'
import type { Builtin } from './index.ts'
import { optionsOf } from './options.ts'
import { emit } from './print.ts'

/** A line of `declare -p`. */
const shown = (name: string, found: Variable, flavour: Shell['flavour'], word: string): string => {
  if (flavour === 'sh') return `${word} ${name}${found.value === undefined ? '' : `=${quoted(found.value)}`}\n`
  const letters = attributeLetters(found) || '-'
  if (found.kind === 'scalar')
    return `declare -${letters} ${name}${found.value === undefined ? '' : `=${doubleQuoted(found.value)}`}\n`
  const values = elementsOf(found)
  const items = keysOf(found).map(
    (key, i) => `[${/^\w+$/.test(key) ? key : doubleQuoted(key)}]=${doubleQuoted(values[i]!)}`,
  )
  return `declare -${letters} ${name}=(${items.join(' ')}${found.kind === 'map' && items.length > 0 ? ' ' : ''})\n`
}

const list = (sh: Shell, word: string, wanted: (found: Variable) => boolean): Promise<number> => {
  const names = namesOf(sh.variables).filter(name => {
    const found = find(sh.variables, name)
    return found !== undefined && wanted(found)
  })
  return emit(sh, word, names.map(name => shown(name, find(sh.variables, name)!, sh.flavour, word)).join(''))
}

const ASSIGNED = /^([A-Za-z_]\w*)(?:\[(.*?)\])?(?:(\+?)=([\s\S]*))?$/

/** `export`, `readonly`, `declare`, `typeset`, `local`: attributes, and values with them. */
const declare: Builtin = async (sh, args, name) => {
  const plus = new Set<string>()
  const words = args.filter(word => {
    if (!/^\+[a-zA-Z]+$/.test(word)) return true
    for (const letter of word.slice(1)) plus.add(letter)
    return false
  })
  const letters =
    name === 'export' ? 'fnp' : name === 'readonly' ? 'aAfp' : name === 'local' ? 'aAilnrtux' : 'aAfFgiIlnrtuxp'
  const usages: Record<string, string> = {
    export: 'export: usage: export [-fn] [name[=value] ...] or export -p',
    readonly: 'readonly: usage: readonly [-aAf] [name[=value] ...] or readonly -p',
    local: 'local: usage: local [option] name[=value] ...',
  }
  const found = await optionsOf(
    sh,
    name,
    words,
    letters,
    usages[name] ??
      `${name}: usage: ${name} [-aAfFgiIlnrtux] [name[=value] ...] or ${name} -p [-aAfFilnrtux] [name ...]`,
  )
  if (!found) return 2
  const { flags, rest } = found
  if (name === 'local' && sh.functionNames.length === 0) {
    await complain(sh, sh.flavour === 'sh' ? 'local: not in a function' : 'local: can only be used in a function')
    if (sh.flavour === 'sh') throw new Leave('exit', 2)
    return 1
  }
  if (flags.has('f') || flags.has('F')) return functions(sh, rest, flags.has('F'), name)
  if (rest.length === 0) {
    if (name === 'export') return list(sh, name, found => found.exported)
    if (name === 'readonly') return list(sh, name, found => found.readonly)
    return list(sh, name, found =>
      flags.has('x')
        ? found.exported
        : flags.has('r')
          ? found.readonly
          : flags.has('a')
            ? found.kind === 'array'
            : name !== 'local',
    )
  }
  if (flags.has('p') && (name === 'declare' || name === 'typeset')) return print(sh, rest, name)
  let status = 0
  for (const word of rest) status = (await one(sh, word, name, flags, plus)) || status
  return status
}

const print = async (sh: Shell, names: string[], word: string): Promise<number> => {
  let status = 0
  for (const name of names) {
    const found = find(sh.variables, name)
    if (found) await emit(sh, word, shown(name, found, 'bash', word))
    else {
      await complain(sh, `${word}: ${name}: not found`)
      status = 1
    }
  }
  return status
}

const functions = async (sh: Shell, names: string[], only: boolean, word: string): Promise<number> => {
  const all = names.length > 0 ? names : [...sh.functions.keys()].sort()
  let status = 0
  for (const name of all) {
    const found = sh.functions.get(name)
    if (!found) status = 1
    else if (word !== 'export' && word !== 'readonly')
      await emit(sh, word, only ? `${names.length > 0 ? '' : 'declare -f '}${name}\n` : `${found.source}\n`)
  }
  return status
}

const one = async (
  sh: Shell,
  word: string,
  builtin: string,
  flags: ReadonlyMap<string, string>,
  plus: ReadonlySet<string>,
): Promise<number> => {
  const match = ASSIGNED.exec(word)
  if (!match) {
    await complain(
      sh,
      sh.flavour === 'sh'
        ? `${builtin}: ${word.split('=')[0]}: bad variable name`
        : `${builtin}: \`${word}': not a valid identifier`,
    )
    if (sh.flavour === 'sh') throw new Leave('exit', 2)
    return 1
  }
  const [, name, index, append, value] = match as unknown as [
    string,
    string,
    string | undefined,
    string,
    string | undefined,
  ]
  const local =
    builtin === 'local' ||
    ((builtin === 'declare' || builtin === 'typeset') && sh.functionNames.length > 0 && !flags.has('g'))
  const scope = sh.variables.scopes.at(-1)!
  if (local && !scope.has(name)) {
    if (find(sh.variables, name)?.readonly) {
      await complain(sh, `${builtin}: ${name}: readonly variable`)
      return 1
    }
    scope.set(name, blank())
  }
  const target = flags.has('n') && builtin !== 'export' ? name : resolve(sh.variables, name)
  const found = need(sh.variables, target)
  if (found.readonly && (value !== undefined || plus.has('r'))) {
    await complain(
      sh,
      sh.flavour === 'sh'
        ? `${builtin}: ${name}: is read only`
        : builtin === 'declare' || builtin === 'local' || builtin === 'typeset'
          ? `${builtin}: ${name}: readonly variable`
          : `${name}: readonly variable`,
    )
    return 1
  }
  if (flags.has('A')) found.kind = 'map'
  else if (flags.has('a') && found.kind === 'scalar') toArray(found)
  if (flags.has('i')) found.integer = true
  if (flags.has('l')) found.letters = 'lower'
  if (flags.has('u')) found.letters = 'upper'
  if (plus.has('i')) found.integer = false
  if (plus.has('x') || (builtin === 'export' && flags.has('n'))) found.exported = false
  else if (flags.has('x') || builtin === 'export') found.exported = true
  if (value !== undefined) {
    try {
      const before = index === undefined ? get(sh, target) : find(sh.variables, target)?.items?.get(index)
      const text = found.integer
        ? String(evaluate(append ? `${before ?? 0}+(${value})` : value, arithmeticNames(sh)))
        : (append ? (before ?? '') : '') + value
      set(sh, target, text, index)
    } catch (error) {
      if (!(error instanceof ArithmeticFault)) throw error
      await complain(sh, `${builtin}: ${error.message}`)
      return 1
    }
  }
  if (flags.has('n') && builtin !== 'export') found.reference = true
  if (flags.has('r') || builtin === 'readonly') found.readonly = true
  return 0
}

const unset: Builtin = async (sh, args) => {
  const found = await optionsOf(sh, 'unset', args, 'fnv', 'unset: usage: unset [-f] [-v] [-n] [name ...]')
  if (!found) return 2
  let status = 0
  for (const name of found.rest) {
    const element = /^(\w+)\[(.*)\]$/s.exec(name)
    try {
      if (found.flags.has('f')) sh.functions.delete(name)
      else if (element) unsetElement(sh, element[1]!, element[2]!)
      else if (sh.ash && !found.flags.has('f') && !/^[A-Za-z_]\w*$/.test(name)) {
        await complain(sh, `unset: ${name}: bad variable name`)
        throw new Leave('exit', 2)
      } else if (!/^[A-Za-z_]\w*$/.test(name) && found.flags.has('v')) {
        await complain(sh, `unset: \`${name}': not a valid identifier`)
        status = 1
      } else if (
        !remove(sh.variables, found.flags.has('n') ? name : resolve(sh.variables, name)) &&
        !found.flags.has('v')
      )
        sh.functions.delete(name)
    } catch (error) {
      if (!(error instanceof ReadonlyFault)) throw error
      await complain(
        sh,
        sh.flavour === 'sh' ? `unset: ${name}: is read only` : `unset: ${name}: cannot unset: readonly variable`,
      )
      status = 1
    }
  }
  return status
}

const unsetElement = (sh: Shell, name: string, index: string): void => {
  const found = find(sh.variables, resolve(sh.variables, name))
  if (found?.readonly) throw new ReadonlyFault(name)
  if (index === '@' || index === '*') {
    remove(sh.variables, name)
    return
  }
  const key = found?.kind === 'map' ? index : String(evaluate(index, arithmeticNames(sh)))
  found?.items?.delete(key.startsWith('-') ? String(Math.max(-1, ...keysOf(found).map(Number)) + 1 + Number(key)) : key)
}

const letBuiltin: Builtin = async (sh, args) => {
  if (args.length === 0) {
    await complain(sh, 'let: expression expected')
    return 1
  }
  let value: bigint | undefined
  for (const text of args) {
    value = await calculateQuietly(sh, text, 'let')
    if (value === undefined) return 1
  }
  return value === 0n ? 1 : 0
}

export const declarations: [string, Builtin][] = [
  ['export', declare],
  ['readonly', declare],
  ['declare', declare],
  ['typeset', declare],
  ['local', declare],
  ['unset', unset],
  ['let', letBuiltin],
]
