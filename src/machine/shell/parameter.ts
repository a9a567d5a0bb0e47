import { ArithmeticFault, evaluate } from './arithmetic.ts'
import type { Parameter, Word } from './ast.ts'
import { arithmeticNames } from './calculate.ts'
import { elementIndex, expandPattern, expandReplacement, expandText } from './expand.ts'
import { compilePattern, longestFrom, trimPoint } from './pattern.ts'
import { quoted } from './quote.ts'
import { fatal, get, type Shell, set } from './state.ts'
import { elementsOf, find, keysOf, namesOf, resolve, scalarOf } from './variables.ts'
import { spend } from './world.ts'

/** Values, joined like `$@` or `$*` when it was a list; or a word to be expanded in the parameter's place. */
export type Found = { values: string[]; join?: '@' | '*' | undefined } | { word: Word }

const FLAGS = new Map([
  ['allexport', 'a'],
  ['errexit', 'e'],
  ['noglob', 'f'],
  ['hashall', 'h'],
  ['interactive', 'i'],
  ['monitor', 'm'],
  ['noexec', 'n'],
  ['nounset', 'u'],
  ['verbose', 'v'],
  ['xtrace', 'x'],
  ['braceexpand', 'B'],
  ['noclobber', 'C'],
  ['histexpand', 'H'],
])

/** The letters of `$-`. */
const flags = (sh: Shell): string => {
  const interactive = sh.mode === 'interactive'
  const on = new Set(sh.options)
  if (sh.flavour === 'bash') {
    on.add('hashall')
    if (!on.has('nobraceexpand')) on.add('braceexpand')
  }
  if (interactive) for (const name of ['interactive', 'monitor', 'histexpand']) on.add(name)
  const letters = [...FLAGS]
    .filter(([name]) => on.has(name))
    .map(([, letter]) => letter)
    .join('')
  // In the order of ash's own table, from its end.
  if (sh.ash) {
    const all = `${letters}${sh.mode === 'command' ? 'c' : sh.mode === 'stdin' || interactive ? 's' : ''}`
    return [...'ubaCvxcsnmiIfe'].filter(letter => all.includes(letter)).join('')
  }
  return (
    letters + (sh.mode === 'command' && sh.flavour === 'bash' ? 'c' : sh.mode === 'stdin' || interactive ? 's' : '')
  )
}

const DYNAMIC = new Map<string, (sh: Shell) => string | undefined>([
  ['?', sh => String(sh.status)],
  ['$', sh => String(sh.mainPid)],
  ['!', sh => (sh.lastBackground === undefined ? undefined : String(sh.lastBackground))],
  ['#', sh => String(sh.positional.length)],
  ['-', flags],
  ['0', sh => (sh.login && sh.mode === 'interactive' ? `-${sh.name}` : sh.name)],
])

/** Those of bash's that ash has. */
const ASH = new Set(['LINENO', 'RANDOM', 'EPOCHSECONDS', 'EPOCHREALTIME'])
const BASH_ONLY = new Map<string, (sh: Shell) => string | undefined>([
  ['LINENO', sh => String(sh.ash && sh.mode === 'command' ? sh.line - 1 : sh.line)],
  ['BASHPID', sh => String(sh.pid)],
  ['BASH_SUBSHELL', sh => String(sh.subshell ? Math.max(1, sh.depth) : 0)],
  ['SECONDS', sh => String(Math.floor((sh.world.process.now() - sh.started) / 1000))],
  ['EPOCHSECONDS', sh => String(Math.floor(sh.world.process.now() / 1000))],
  ['EPOCHREALTIME', sh => (sh.world.process.now() / 1000).toFixed(6)],
  [
    'RANDOM',
    sh => {
      // The generator need not be bash's: only the range shows.
      sh.random = (Math.imul(sh.random, 1_103_515_245) + 12_345) >>> 0
      return String((sh.random >>> 16) & 0x7fff)
    },
  ],
  ['FUNCNAME', sh => sh.functionNames.at(-1)],
  ['SHELLOPTS', sh => [...new Set([...sh.options, 'braceexpand', 'hashall', 'interactive-comments'])].sort().join(':')],
])

/** A parameter that is no variable. */
export const specialValue = (sh: Shell, name: string): string | undefined => {
  const dynamic =
    DYNAMIC.get(name) ?? (sh.flavour === 'bash' || (sh.ash && ASH.has(name)) ? BASH_ONLY.get(name) : undefined)
  if (dynamic) return dynamic(sh)
  if (/^[1-9][0-9]*$/.test(name)) return sh.positional[Number(name) - 1]
  return undefined
}

/** The values a parameter stands for before any operator. */
const lookUp = async (sh: Shell, part: Parameter): Promise<{ values: string[]; join?: '@' | '*' | undefined }> => {
  const { name, index } = part
  if (name === '@' || name === '*') return { values: sh.positional, join: name }
  if (index === undefined) {
    const value = specialValue(sh, name) ?? get(sh, name)
    return { values: value === undefined ? [] : [value] }
  }
  const elements =
    name === 'PIPESTATUS'
      ? sh.pipeStatus.map(String)
      : name === 'FUNCNAME'
        ? [...sh.functionNames].reverse()
        : undefined
  const found = find(sh.variables, resolve(sh.variables, name))
  if (index === '@' || index === '*') return { values: elements ?? elementsOf(found), join: index }
  const text = await expandText(sh, index)
  let key: string
  try {
    key = await elementIndex(sh, text, found?.kind === 'map')
  } catch (error) {
    if (error instanceof ArithmeticFault) return fatal(sh, error.message)
    throw error
  }
  if (elements) return { values: elements[Number(key)] === undefined ? [] : [elements[Number(key)]!] }
  if (found?.kind === 'array' && Number(key) < 0) {
    const last = Math.max(-1, ...keysOf(found).map(Number))
    key = String(last + 1 + Number(key))
  }
  const value =
    found?.kind === 'scalar' ? (key === '0' || key === '-1' ? found.value : undefined) : found?.items?.get(key)
  return { values: value === undefined ? [] : [value] }
}

const unbound = (sh: Shell, part: Parameter): Promise<never> => {
  const name =
    sh.flavour === 'sh'
      ? `${part.name}: parameter not set`
      : `${/^[0-9]+$|^[!]$/.test(part.name) ? `$${part.name}` : part.name}${typeof part.index === 'object' ? `[${part.index.raw}]` : ''}: unbound variable`
  return fatal(sh, name, sh.flavour === 'sh' ? 2 : 127)
}

export const parameterValue = async (sh: Shell, part: Parameter): Promise<Found> => {
  const foreign =
    sh.flavour === 'sh' &&
    (part.indirect ||
      ((sh.ash ? /^[\^,@]/ : /^([:/^,@]|:[^-=?+])/).test(part.operator ?? '') &&
        !/^:?[-=?+]$/.test(part.operator ?? '')))
  if (part.bad !== undefined || foreign) {
    return fatal(
      sh,
      sh.flavour === 'sh' ? 'Bad substitution' : `${part.bad}: bad substitution`,
      sh.flavour === 'sh' ? 2 : 1,
    )
  }
  if (part.indirect) return indirect(sh, part)
  const found = await lookUp(sh, part)
  const operator = part.operator
  const strict =
    sh.options.has('nounset') &&
    found.values.length === 0 &&
    part.name !== '@' &&
    part.name !== '*' &&
    part.index !== '@' &&
    part.index !== '*'
  if (strict && !/^:?[-=?+]$/.test(operator ?? '')) return unbound(sh, part)
  if (part.length) return { values: [String(found.join ? found.values.length : characters(sh, found.values[0] ?? ''))] }
  if (operator === undefined) return found
  if (/^:?[-=?+]$/.test(operator)) return conditional(sh, part, found, operator)
  if (operator === ':') return substring(sh, part, found)
  return { values: await mapped(sh, part, found.values, operator), join: found.join }
}

/** Length in characters where the locale is UTF-8. */
const characters = (sh: Shell, value: string): number => {
  if (!/[\x80-\xff]/.test(value) || !/UTF-?8/i.test(get(sh, 'LC_ALL') ?? get(sh, 'LC_CTYPE') ?? get(sh, 'LANG') ?? ''))
    return value.length
  return [...Buffer.from(value, 'latin1').toString('utf8')].length
}

const indirect = async (sh: Shell, part: Parameter): Promise<Found> => {
  if (part.operator?.startsWith('!')) {
    return {
      values: namesOf(sh.variables).filter(name => name.startsWith(part.name)),
      join: part.operator[1] as '@' | '*',
    }
  }
  if (part.index === '@' || part.index === '*') {
    return { values: keysOf(find(sh.variables, resolve(sh.variables, part.name))), join: part.index }
  }
  const own = find(sh.variables, part.name)
  if (own?.reference) return { values: [own.value ?? ''] }
  const target = (await lookUp(sh, part)).values[0]
  if (target === undefined) {
    if (part.operator !== undefined && /^:?[-+=]/.test(part.operator))
      return parameterValue(sh, { ...part, indirect: false })
    return fatal(sh, `${part.name}: invalid indirect expansion`)
  }
  const element = /^([A-Za-z_]\w*)(?:\[(.*)\])?$|^[0-9]+$|^[@*#?$!-]$/s.exec(target)
  if (!element) return fatal(sh, `${target}: invalid variable name`)
  const inner = element[2]
  const index =
    inner === '@' || inner === '*'
      ? inner
      : inner === undefined
        ? undefined
        : { parts: [{ kind: 'text' as const, text: inner, quoted: true }], raw: inner }
  return parameterValue(sh, { ...part, indirect: false, name: element[1] ?? target, index })
}

const EMPTY: Word = { parts: [], raw: '' }

const conditional = async (
  sh: Shell,
  part: Parameter,
  found: { values: string[]; join?: '@' | '*' | undefined },
  operator: string,
): Promise<Found> => {
  const empty = found.join ? found.values.join('') === '' && found.values.length < 2 : found.values[0] === ''
  const missing = found.values.length === 0 || (operator.length === 2 && empty)
  const word = part.argument ?? EMPTY
  switch (operator.at(-1)) {
    case '-':
      return missing ? { word } : found
    case '+':
      return missing ? { values: [] } : { word }
    case '=': {
      if (!missing) return found
      if (!/^[A-Za-z_]/.test(part.name)) return fatal(sh, `$${part.name}: cannot assign in this way`)
      const value = await expandText(sh, word)
      const index =
        typeof part.index === 'object'
          ? await elementIndex(sh, await expandText(sh, part.index), find(sh.variables, part.name)?.kind === 'map')
          : undefined
      set(sh, part.name, value, index)
      return { values: [value] }
    }
    default: {
      if (!missing) return found
      const text = await expandText(sh, word)
      const standard =
        operator.length === 2
          ? sh.ash
            ? 'parameter not set or null'
            : 'parameter null or not set'
          : sh.flavour === 'sh'
            ? 'parameter not set'
            : 'parameter not set'
      return fatal(sh, `${part.name}: ${text === '' ? standard : text}`, sh.flavour === 'sh' ? 2 : 127)
    }
  }
}

/** `${x:offset:length}` */
const substring = async (
  sh: Shell,
  part: Parameter,
  found: { values: string[]; join?: '@' | '*' | undefined },
): Promise<Found> => {
  const number = async (word: Word): Promise<number> => {
    const text = await expandText(sh, word)
    try {
      return Number(evaluate(text, arithmeticNames(sh)))
    } catch (error) {
      if (error instanceof ArithmeticFault) return fatal(sh, error.message)
      throw error
    }
  }
  let offset = await number(part.argument ?? EMPTY)
  const length = part.second && (await number(part.second))
  if (found.join) {
    const list = part.name === '@' || part.name === '*' ? [sh.name, ...found.values] : found.values
    if (offset < 0) offset += list.length
    if (offset < 0) return { values: [], join: found.join }
    if (length !== undefined && length < 0) return fatal(sh, `${part.second!.raw}: substring expression < 0`)
    const from = part.index === undefined && offset === 0 && length === undefined ? 0 : offset
    return { values: list.slice(from, length === undefined ? undefined : from + length), join: found.join }
  }
  const value = found.values[0] ?? ''
  if (offset < 0) offset += value.length
  if (offset < 0 || offset > value.length) return { values: [''] }
  if (length === undefined) return { values: [value.slice(offset)] }
  const end = length < 0 ? value.length + length : offset + length
  if (end < offset) return fatal(sh, `${part.second!.raw}: substring expression < 0`)
  return { values: [value.slice(offset, end)] }
}

/** Operators that change each value by itself. */
const mapped = async (sh: Shell, part: Parameter, values: string[], operator: string): Promise<string[]> => {
  const step = (cost?: number) => spend(sh.world, cost)
  if (operator.startsWith('@')) return values.map(value => transformed(sh, part, value, operator[1]!))
  const text = await expandPattern(sh, part.argument ?? EMPTY)
  const extglob = sh.shopt.has('extglob')
  if (operator[0] === '#' || operator[0] === '%') {
    const pattern = compilePattern(text, extglob)
    return values.map(value => {
      const prefix = operator[0] === '#'
      const point = trimPoint(pattern, value, prefix ? 'prefix' : 'suffix', operator.length === 2, step)
      return point === -1 ? value : prefix ? value.slice(point) : value.slice(0, point)
    })
  }
  if (operator[0] === '/') {
    const pattern = compilePattern(text, extglob)
    const replacement = part.second ? await expandReplacement(sh, part.second) : ''
    return values.map(value => replaced(sh, value, text === '' ? undefined : pattern, replacement, operator))
  }
  const pattern = text === '' ? undefined : compilePattern(text, extglob)
  return values.map(value => {
    const change = (c: string) => {
      if (pattern && longestFrom(pattern, c, 0, step) !== 1) return c
      return otherCase(c, operator[0]!)
    }
    return operator.length === 2 ? [...value].map(change).join('') : change(value.slice(0, 1)) + value.slice(1)
  })
}

/** ASCII letters only, as in the C locale. */
const otherCase = (c: string, how: string): string => {
  if (!/[a-zA-Z]/.test(c)) return c
  const upper = how === '^' || (how === '~' && c === c.toLowerCase())
  return upper ? c.toUpperCase() : c.toLowerCase()
}

const replaced = (
  sh: Shell,
  value: string,
  pattern: ReturnType<typeof compilePattern> | undefined,
  by: string,
  how: string,
): string => {
  const step = (cost?: number) => spend(sh.world, cost)
  // An unquoted & stands for what matched (bash 5.2).
  const put = (matched: string) => by.replace(/\\&|&/g, found => (found === '&' ? matched : '&'))
  if (!pattern) return how === '/#' ? put('') + value : how === '/%' ? value + put('') : value
  if (how === '/%') {
    const point = trimPoint(pattern, value, 'suffix', true, step)
    return point === -1 ? value : value.slice(0, point) + put(value.slice(point))
  }
  let result = ''
  let at = 0
  for (let from = 0; from <= value.length; ) {
    const end = longestFrom(pattern, value, from, step)
    if (end <= from && !(end === from && how === '/#')) {
      if (how === '/#') break
      from++
      continue
    }
    result += value.slice(at, from) + put(value.slice(from, end))
    at = end
    from = end
    if (result.length > sh.world.limits.valueBytes) step(sh.world.limits.steps)
    if (how !== '//') break
  }
  return result + value.slice(at)
}

/** `${x@Q}` and the like. */
const transformed = (sh: Shell, part: Parameter, value: string, how: string): string => {
  const found = find(sh.variables, resolve(sh.variables, part.name))
  switch (how) {
    case 'Q':
      return quoted(value)
    case 'U':
      return value.toUpperCase()
    case 'L':
      return value.toLowerCase()
    case 'u':
      return value.slice(0, 1).toUpperCase() + value.slice(1)
    case 'a':
      return attributeLetters(found)
    case 'A':
      return found && scalarOf(found) !== undefined && attributeLetters(found) === ''
        ? `${part.name}=${quoted(value)}`
        : `declare -${attributeLetters(found)} ${part.name}=${quoted(value)}`
    default:
      return value
  }
}

/** The letters of `declare -p`. */
export const attributeLetters = (found: ReturnType<typeof find>): string =>
  found === undefined
    ? ''
    : [
        found.kind === 'array' ? 'a' : found.kind === 'map' ? 'A' : '',
        found.integer ? 'i' : '',
        found.letters === 'lower' ? 'l' : '',
        found.reference ? 'n' : '',
        found.readonly ? 'r' : '',
        found.letters === 'upper' ? 'u' : '',
        found.exported ? 'x' : '',
      ].join('')
