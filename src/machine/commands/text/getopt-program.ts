import type { Program } from '../../system.ts'
import { usageError } from '../coreutils.ts'
import { longOption, type Option, optionsOf, getopt as parse, shortOptions, usageMistake } from '../getopt.ts'
import { versioned } from '../package-version.ts'

const own: Option[] = [
  ...optionsOf('a=alternative q=quiet Q=quiet-output T=test u=unquoted h=help V=version'),
  ...optionsOf('l=longoptions o=options n=name s=shell', 'required'),
]
const MOST = 4096

/** getopt(1) of util-linux 2.38.1: a script's own words, put in order and quoted for its shell. */
export const getopt: Program = async process => {
  const [, ...words] = process.argv
  // As it was before it had options of its own.
  const old = words[0] !== undefined && !words[0].startsWith('-')
  const parsed = old ? undefined : parse(process.argv, own, { posix: true, name: 'getopt' })
  if (typeof parsed === 'string') return usageMistake(process, parsed, 2)
  const has = (name: string) => parsed?.has(name) === true
  if (has('version')) {
    await process.stdout.write(versioned(process, 'getopt from util-linux @util-linux@\n'))
    return 0
  }
  if (has('test')) return 4
  const rest = old ? words.slice(1) : [...parsed!.operands]
  const short = old ? words[0] : (parsed!.value('options') ?? rest.shift())
  if (short === undefined) return usageError(process, 'missing optstring argument', 2)
  const longs = (parsed?.given ?? []).flatMap(({ name, value }) =>
    name === 'longoptions' ? value!.split(/[,\s]+/).filter(Boolean) : [],
  )
  const said = ordered(rest[0] === '--' && !old ? rest.slice(1) : rest, {
    name: parsed?.value('name') ?? 'getopt',
    short: shortOptions(short.replace(/^[+-]/, '')),
    long: longs.map(longOf),
    inOrder: short.startsWith('+') || process.env.has('POSIXLY_CORRECT'),
    quote: old || has('unquoted') ? word => word : quoted,
  })
  if (!has('quiet')) for (const mistake of said.mistakes) await process.stderr.write(`${mistake}\n`)
  if (!has('quiet-output')) await process.stdout.write(`${said.words.map(word => ` ${word}`).join('')}\n`)
  return said.mistakes.length > 0 ? 1 : 0
}

/** `name:` and `name::` as getopt(1) is told of long ones. */
const longOf = (word: string): Option => {
  const [, long = '', colons = ''] = /^(.*?)(:{0,2})$/s.exec(word) ?? []
  return { long, ...(colons === '' ? {} : { argument: colons === ':' ? 'required' : 'optional' }) }
}
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

type How = {
  name: string
  short: readonly Option[]
  long: readonly Option[]
  inOrder: boolean
  quote(word: string): string
}

/** Options first, `--`, then what is none; a mistake does not end it. */
const ordered = (args: readonly string[], how: How): { words: string[]; mistakes: string[] } => {
  const words: string[] = []
  const operands: string[] = []
  const mistakes: string[] = []
  const given = (option: string, value?: string) =>
    words.push(option, ...(value === undefined ? [] : [how.quote(value)]))
  for (let at = 0; at < args.length && at < MOST; at++) {
    const word = args[at]!
    if (word === '--') {
      operands.push(...args.slice(at + 1))
      break
    }
    if (word === '-' || !word.startsWith('-')) {
      if (how.inOrder) {
        operands.push(...args.slice(at))
        break
      }
      operands.push(word)
    } else if (word.startsWith('--')) {
      const [, typed = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(word) ?? []
      const found = longOption(how.name, typed, how.long)
      if (typeof found === 'string') mistakes.push(found)
      else if (!found.argument && value !== undefined)
        mistakes.push(`${how.name}: option '--${found.long}' doesn't allow an argument`)
      else if (found.argument === 'required' && value === undefined && at + 1 >= args.length)
        mistakes.push(`${how.name}: option '--${found.long}' requires an argument`)
      else if (!found.argument) given(`--${found.long}`)
      else given(`--${found.long}`, value ?? (found.argument === 'required' ? args[++at] : ''))
    } else
      for (let i = 1; i < word.length; i++) {
        const letter = word[i]!
        const found = how.short.find(option => option.short === letter)
        if (!found) mistakes.push(`${how.name}: invalid option -- '${letter}'`)
        else if (!found.argument) given(`-${letter}`)
        else {
          const attached = word.slice(i + 1)
          if (attached === '' && found.argument === 'required' && at + 1 >= args.length)
            mistakes.push(`${how.name}: option requires an argument -- '${letter}'`)
          else given(`-${letter}`, attached !== '' || found.argument === 'optional' ? attached : args[++at])
          break
        }
      }
  }
  return { words: [...words, '--', ...operands.map(how.quote)], mistakes }
}
