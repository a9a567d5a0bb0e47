import { quotedIfNeeded } from '../quote.ts'
import { complain, get, Leave, type Shell, set, write } from '../state.ts'
import { elementsOf, find, keysOf, namesOf, scalarOf } from '../variables.ts'
import type { Builtin } from './index.ts'
import { optionsOf } from './options.ts'
import { emit } from './print.ts'

const LETTERS = new Map([
  ['a', 'allexport'],
  ['b', 'notify'],
  ['e', 'errexit'],
  ['f', 'noglob'],
  ['h', 'hashall'],
  ['k', 'keyword'],
  ['m', 'monitor'],
  ['n', 'noexec'],
  ['p', 'privileged'],
  ['t', 'onecmd'],
  ['u', 'nounset'],
  ['v', 'verbose'],
  ['x', 'xtrace'],
  ['B', 'braceexpand'],
  ['C', 'noclobber'],
  ['E', 'errtrace'],
  ['H', 'histexpand'],
  ['P', 'physical'],
  ['T', 'functrace'],
])
const NAMES = [
  ...LETTERS.values(),
  'emacs',
  'history',
  'ignoreeof',
  'interactive-comments',
  'nolog',
  'pipefail',
  'posix',
  'vi',
].sort()
const USAGE = 'set: usage: set [-abefhkmnptuvxBCEHPT] [-o option-name] [--] [-] [arg ...]'

const isOn = (sh: Shell, name: string): boolean =>
  name === 'braceexpand'
    ? !sh.options.has('nobraceexpand')
    : sh.options.has(name) ||
      name === 'hashall' ||
      name === 'interactive-comments' ||
      (sh.mode === 'interactive' && ['emacs', 'monitor', 'history', 'histexpand'].includes(name))

const turnOn = (sh: Shell, name: string, on: boolean): void => {
  if (name === 'braceexpand') turnOn(sh, 'nobraceexpand', !on)
  else if (on) sh.options.add(name)
  else sh.options.delete(name)
}

/** `set` with arguments, as from the command line of the shell. */
export const applySettings = async (sh: Shell, args: string[]): Promise<number> => setBuiltin(sh, args, 'set')

const setBuiltin: Builtin = async (sh, args) => {
  if (args.length === 0) return emit(sh, 'set', variables(sh))
  for (let at = 0; at < args.length; at++) {
    const word = args[at]!
    if (word === '--') {
      sh.positional = args.slice(at + 1)
      return 0
    }
    if (word === '-') {
      turnOn(sh, 'xtrace', false)
      turnOn(sh, 'verbose', false)
      if (at + 1 < args.length) sh.positional = args.slice(at + 1)
      return 0
    }
    if (!/^[-+]./.test(word)) {
      sh.positional = args.slice(at)
      return 0
    }
    const on = word[0] === '-'
    for (const letter of word.slice(1)) {
      const name = letter === 'o' ? args[++at] : LETTERS.get(letter)
      if (letter === 'o' && name === undefined)
        return emit(
          sh,
          'set',
          NAMES.map(name =>
            on
              ? `${name.padEnd(15)}\t${isOn(sh, name) ? 'on' : 'off'}\n`
              : `set ${isOn(sh, name) ? '-' : '+'}o ${name}\n`,
          ).join(''),
        )
      if (name === undefined || (letter === 'o' && !NAMES.includes(name))) {
        if (sh.flavour === 'sh') {
          await complain(sh, `set: Illegal option ${letter === 'o' ? `-o ${name}` : word[0] + letter}`)
          if (sh.ash && letter === 'o') return 1
          throw new Leave('exit', 2)
        }
        await complain(
          sh,
          letter === 'o' ? `set: ${name}: invalid option name` : `set: ${word[0]}${letter}: invalid option`,
        )
        if (letter !== 'o') await write(sh, 2, `${USAGE}\n`)
        return 2
      }
      turnOn(sh, name, on)
    }
  }
  return 0
}

const variables = (sh: Shell): string =>
  namesOf(sh.variables)
    .map(name => {
      const found = find(sh.variables, name)
      const value = scalarOf(found)
      if (found && found.kind !== 'scalar')
        return `${name}=(${keysOf(found)
          .map((key, i) => `[${key}]="${elementsOf(found)[i]}"`)
          .join(' ')})\n`
      return value === undefined
        ? ''
        : `${name}=${value === '' ? (sh.flavour === 'sh' ? "''" : '') : quotedIfNeeded(value)}\n`
    })
    .join('')

const shift: Builtin = async (sh, args) => {
  const [text = '1'] = args
  if (!/^-?[0-9]+$/.test(text)) {
    await complain(sh, `shift: ${text}: numeric argument required`)
    return 1
  }
  const count = Number(text)
  if (count < 0) {
    await complain(sh, `shift: ${text}: shift count out of range`)
    return 1
  }
  if (count > sh.positional.length) {
    if (sh.flavour === 'bash' || sh.ash) return 1
    await complain(sh, "shift: can't shift that many")
    throw new Leave('exit', 2)
  }
  sh.positional = sh.positional.slice(count)
  return 0
}

/** getopts (XCU): one option a call; where it stands inside a cluster is kept beside OPTIND. */
const getopts: Builtin = async (sh, args) => {
  const [letters, name, ...given] = args
  if (letters === undefined || name === undefined) {
    await write(sh, 2, 'getopts: usage: getopts optstring name [arg ...]\n')
    return 2
  }
  const words = given.length > 0 ? given : sh.positional
  let index = Number(get(sh, 'OPTIND') ?? 1)
  if (index < 1 || Number.isNaN(index)) index = 1
  if (index === 1 && sh.optionAt > (words[0]?.length ?? 0)) sh.optionAt = 1
  const word = words[index - 1]
  const end = () => {
    set(sh, name, '?')
    set(sh, 'OPTIND', String(index))
    sh.optionAt = 1
    return 1
  }
  if (word === undefined || !word.startsWith('-') || word === '-') return end()
  if (word === '--') {
    index++
    return end()
  }
  const letter = word[sh.optionAt] ?? ''
  const place = letter === ':' ? -1 : letters.replace(/^:/, ' ').indexOf(letter)
  const silent = letters.startsWith(':')
  const next = () => {
    sh.optionAt = 1
    index++
  }
  let result = letter
  let argument: string | undefined
  if (place === -1) {
    result = '?'
    if (silent) argument = letter
    else
      await write(
        sh,
        2,
        sh.flavour === 'sh' ? `Illegal option -${letter}\n` : `${sh.script}: illegal option -- ${letter}\n`,
      )
    if (sh.optionAt + 1 >= word.length) next()
    else sh.optionAt++
  } else if (letters.replace(/^:/, ' ')[place + 1] === ':') {
    argument = sh.optionAt + 1 < word.length ? word.slice(sh.optionAt + 1) : words[index++]
    next()
    if (argument === undefined) {
      result = silent ? ':' : '?'
      if (silent) argument = letter
      else
        await write(
          sh,
          2,
          sh.flavour === 'sh'
            ? `No arg for -${letter} option\n`
            : `${sh.script}: option requires an argument -- ${letter}\n`,
        )
      index = words.length + 1
    }
  } else if (sh.optionAt + 1 >= word.length) next()
  else sh.optionAt++
  set(sh, name, result)
  if (argument === undefined) for (const scope of sh.variables.scopes) scope.delete('OPTARG')
  else set(sh, 'OPTARG', argument)
  set(sh, 'OPTIND', String(index))
  return 0
}

const SHOPTS = [
  'autocd',
  'cdspell',
  'checkhash',
  'checkjobs',
  'checkwinsize',
  'cmdhist',
  'dotglob',
  'execfail',
  'expand_aliases',
  'extdebug',
  'extglob',
  'extquote',
  'failglob',
  'globasciiranges',
  'globstar',
  'gnu_errfmt',
  'histappend',
  'histreedit',
  'histverify',
  'hostcomplete',
  'huponexit',
  'inherit_errexit',
  'interactive_comments',
  'lastpipe',
  'lithist',
  'localvar_inherit',
  'login_shell',
  'mailwarn',
  'nocaseglob',
  'nocasematch',
  'nullglob',
  'progcomp',
  'promptvars',
  'restricted_shell',
  'shift_verbose',
  'sourcepath',
  'xpg_echo',
]

const shopt: Builtin = async (sh, args) => {
  const found = await optionsOf(sh, 'shopt', args, 'pqsuo', 'shopt: usage: shopt [-pqsu] [-o] [optname ...]')
  if (!found) return 2
  const { flags, rest } = found
  let status = 0
  for (const name of rest) {
    const known = flags.has('o') ? NAMES.includes(name) : SHOPTS.includes(name)
    if (!known) {
      await complain(sh, `shopt: ${name}: invalid shell option name`)
      status = 1
    } else if (flags.has('s') || flags.has('u')) {
      if (flags.has('o')) turnOn(sh, name, flags.has('s'))
      else if (flags.has('s')) sh.shopt.add(name)
      else sh.shopt.delete(name)
    } else {
      const on = flags.has('o') ? isOn(sh, name) : sh.shopt.has(name)
      if (!on) status = 1
      if (!flags.has('q'))
        await emit(
          sh,
          'shopt',
          flags.has('p') ? `shopt -${on ? 's' : 'u'} ${name}\n` : `${name.padEnd(15)}\t${on ? 'on' : 'off'}\n`,
        )
    }
  }
  if (rest.length === 0)
    return emit(sh, 'shopt', SHOPTS.map(name => `${name.padEnd(15)}\t${sh.shopt.has(name) ? 'on' : 'off'}\n`).join(''))
  return status
}

export const settings: [string, Builtin][] = [
  ['set', setBuiltin],
  ['shift', shift],
  ['getopts', getopts],
  ['shopt', shopt],
]
