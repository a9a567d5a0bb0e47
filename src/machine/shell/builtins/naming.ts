import { pathOf } from '../external.ts'
import { quoted } from '../quote.ts'
import { runNamed } from '../simple.ts'
import { complain, type Shell, write } from '../state.ts'
import { type Builtin, builtinNames, findBuiltin, isBuiltin } from './index.ts'
import { SPECIAL } from './names.ts'
import { optionsOf } from './options.ts'
import { emit } from './print.ts'
import { ulimit } from './ulimit.ts'

const KEYWORDS = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'case',
  'esac',
  'for',
  'select',
  'while',
  'until',
  'do',
  'done',
  'in',
  'function',
  'time',
  '{',
  '}',
  '!',
  '[[',
  ']]',
  'coproc',
])

type Meaning = { kind: 'alias' | 'keyword' | 'function' | 'builtin' | 'file'; text: string }

const meanings = (sh: Shell, name: string): Meaning[] => {
  const found: Meaning[] = []
  const alias = sh.aliases.get(name)
  if (alias !== undefined) found.push({ kind: 'alias', text: alias })
  if (KEYWORDS.has(name)) found.push({ kind: 'keyword', text: name })
  const defined = sh.functions.get(name)
  if (defined) found.push({ kind: 'function', text: defined.source })
  if (isBuiltin(sh, name)) found.push({ kind: 'builtin', text: name })
  for (const path of pathOf(sh, name, true)) found.push({ kind: 'file', text: path })
  return found
}

const described = (sh: Shell, name: string, { kind, text }: Meaning): string => {
  const sentences = {
    alias: sh.flavour === 'sh' ? `is an alias for ${text}` : `is aliased to \`${text}'`,
    keyword: 'is a shell keyword',
    function: sh.flavour === 'sh' ? 'is a shell function' : `is a function\n${text}`,
    builtin: SPECIAL.has(name) && sh.flavour === 'sh' ? 'is a special shell builtin' : 'is a shell builtin',
    file: sh.hashed.get(name)?.path === text ? `is hashed (${text})` : `is ${text}`,
  }
  return `${name} ${sentences[kind]}\n`
}

const type: Builtin = async (sh, args) => {
  const found = await optionsOf(sh, 'type', args, 'afptP', 'type: usage: type [-afptP] name [name ...]')
  if (!found) return 2
  const { flags, rest } = found
  let status = 0
  for (const name of rest) {
    const all = meanings(sh, name).filter(
      one => !(flags.has('f') && one.kind === 'function') && !(flags.has('P') && one.kind !== 'file'),
    )
    if (all.length === 0) {
      if (!flags.has('t') && !flags.has('p') && !flags.has('P')) {
        if (sh.flavour === 'sh') await emit(sh, 'type', `${name}: not found\n`)
        else await complain(sh, `type: ${name}: not found`)
      }
      status = sh.flavour === 'sh' ? 127 : 1
      continue
    }
    for (const one of flags.has('a') ? all : all.slice(0, 1)) {
      if (flags.has('t')) await emit(sh, 'type', `${one.kind}\n`)
      else if (flags.has('p') || flags.has('P')) await emit(sh, 'type', one.kind === 'file' ? `${one.text}\n` : '')
      else await emit(sh, 'type', described(sh, name, one))
    }
  }
  return status
}

const command: Builtin = async (sh, args) => {
  const found = await optionsOf(sh, 'command', args, 'pvV', 'command: usage: command [-pVv] command [arg ...]')
  if (!found) return 2
  const { flags, rest } = found
  if (rest.length === 0) return 0
  if (!flags.has('v') && !flags.has('V')) return runNamed(sh, rest, false)
  let status = 1
  for (const name of rest) {
    const [one] = meanings(sh, name)
    if (one) {
      status = 0
      const short = one.kind === 'alias' ? `alias ${name}=${quoted(one.text)}` : one.kind === 'file' ? one.text : name
      await emit(sh, 'command', flags.has('v') ? `${short}\n` : described(sh, name, one))
    } else if (flags.has('V')) await complain(sh, `command: ${name}: not found`)
  }
  return sh.flavour === 'sh' && status !== 0 ? 127 : status
}

const builtin: Builtin = async (sh, args) => {
  const [name, ...rest] = args[0] === '--' ? args.slice(1) : args
  if (name === undefined) return 0
  const found = findBuiltin(sh, name)
  if (found) return found(sh, rest, name)
  await complain(sh, `builtin: ${name}: not a shell builtin`)
  return 1
}

const alias: Builtin = async (sh, args) => {
  const line = (name: string) => `${sh.flavour === 'sh' ? '' : 'alias '}${name}=${quoted(sh.aliases.get(name)!)}\n`
  const words = args.filter(word => word !== '-p')
  if (words.length === 0) return emit(sh, 'alias', [...sh.aliases.keys()].sort().map(line).join(''))
  let status = 0
  for (const word of words) {
    const equals = word.indexOf('=', 1)
    if (equals > 0) {
      if (sh.aliases.size < 1000) sh.aliases.set(word.slice(0, equals), word.slice(equals + 1))
    } else if (sh.aliases.has(word)) await emit(sh, 'alias', line(word))
    else {
      if (sh.flavour === 'sh') await write(sh, 2, `alias: ${word} not found\n`)
      else await complain(sh, `alias: ${word}: not found`)
      status = 1
    }
  }
  return status
}

const unalias: Builtin = async (sh, args) => {
  if (args[0] === '-a') sh.aliases.clear()
  let status = 0
  for (const word of args[0] === '-a' ? [] : args) {
    if (sh.aliases.delete(word)) continue
    if (sh.ash) await write(sh, 2, `unalias: ${word} not found\n`)
    else await complain(sh, `unalias: ${word}: not found`)
    status = 1
  }
  return status
}

const umask: Builtin = async (sh, args) => {
  const symbolic = args[0] === '-S'
  const rest = args.filter(word => word !== '-S' && word !== '-p')
  const [text] = rest
  if (text === undefined) {
    const who = (shift: number) => ['r', 'w', 'x'].filter((_, i) => !((sh.umask >> (shift + 2 - i)) & 1)).join('')
    return emit(
      sh,
      'umask',
      symbolic
        ? `u=${who(6)},g=${who(3)},o=${who(0)}\n`
        : `${args.includes('-p') ? 'umask ' : ''}${sh.umask.toString(8).padStart(4, '0')}\n`,
    )
  }
  if (/^[0-7]{1,4}$/.test(text)) {
    sh.umask = Number.parseInt(text, 8) & 0o777
    return 0
  }
  if (/^[0-9]/.test(text)) {
    await complain(sh, `umask: ${text}: octal number out of range`)
    return 1
  }
  let mask = sh.umask
  for (const clause of text.split(',')) {
    const match = /^([ugoa]*)([-+=])([rwx]*)$/.exec(clause)
    if (!match) {
      await complain(sh, `umask: \`${clause[0] ?? ''}': invalid symbolic mode operator`)
      return 1
    }
    const whose = match[1] === '' || match[1]!.includes('a') ? 'ugo' : match[1]!
    const bits = [...match[3]!].reduce((sum, letter) => sum | { r: 4, w: 2, x: 1 }[letter as 'r']!, 0)
    for (const [letter, shift] of [
      ['u', 6],
      ['g', 3],
      ['o', 0],
    ] as const) {
      if (!whose.includes(letter)) continue
      if (match[2] === '+') mask &= ~(bits << shift)
      else if (match[2] === '-') mask |= bits << shift
      else mask = (mask & ~(7 << shift)) | ((~bits & 7) << shift)
    }
  }
  sh.umask = mask & 0o777
  return 0
}

const enable: Builtin = async (sh, args) => {
  const words = args.filter(word => !word.startsWith('-'))
  if (words.length === 0)
    return emit(
      sh,
      'enable',
      builtinNames()
        .map(name => `enable ${name}\n`)
        .join(''),
    )
  let status = 0
  for (const word of words) {
    if (!builtinNames().includes(word)) {
      await complain(sh, `enable: ${word}: not a shell builtin`)
      status = 1
    } else if (args.includes('-n')) sh.shopt.add(`disabled:${word}`)
    else sh.shopt.delete(`disabled:${word}`)
  }
  return status
}

const hash: Builtin = async (sh, args) => {
  if (args.includes('-r')) sh.hashed.clear()
  const words = args.filter(word => !word.startsWith('-'))
  let status = 0
  for (const word of words) {
    if (args.includes('-d')) {
      if (sh.hashed.delete(word)) continue
    } else {
      const path = pathOf(sh, word)[0]
      if (path !== undefined && sh.flavour === 'bash' && !word.includes('/') && sh.hashed.size < 500)
        sh.hashed.set(word, { path, hits: 0 })
      if (findBuiltin(sh, word) || sh.functions.has(word) || path !== undefined) continue
    }
    await complain(sh, `hash: ${word}: not found`)
    status = 1
  }
  if (args.length > 0 && !args.every(word => word === '-l' || word === '-t')) return status
  if (sh.flavour === 'sh') return 0
  if (sh.hashed.size === 0) return emit(sh, 'hash', args.length > 0 ? '' : 'hash: hash table empty\n')
  const lines = [...sh.hashed].map(([name, { path, hits }]) =>
    args.includes('-l') ? `builtin hash -p ${path} ${name}\n` : `${String(hits).padStart(4)}\t${path}\n`,
  )
  return emit(sh, 'hash', `${args.includes('-l') ? '' : 'hits\tcommand\n'}${lines.join('')}`)
}

/** `caller`: where the running function was called. */
const caller: Builtin = sh =>
  sh.functionNames.length === 0
    ? 1
    : emit(sh, 'caller', `${sh.line} ${sh.functionNames.length > 1 ? sh.script : 'NULL'}\n`)

export const naming: [string, Builtin][] = [
  ['type', type],
  ['command', command],
  ['builtin', builtin],
  ['alias', alias],
  ['unalias', unalias],
  ['umask', umask],
  ['ulimit', ulimit],
  ['enable', enable],
  ['hash', hash],
  ['caller', caller],
  ['times', sh => emit(sh, 'times', '0m0.000s 0m0.000s\n0m0.000s 0m0.000s\n')],
]
