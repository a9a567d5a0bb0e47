import type { Program } from '../../system.ts'
import { type Option, getopt as parse, shortOptions } from '../getopt.ts'
import { versioned } from '../package-version.ts'

/** Whether an option takes an argument: never, always, or only where it is written with it. */
type Takes = 'none' | 'required' | 'optional'
type Known = ReadonlyMap<string, Takes>

const own: Option[] = [
  ...shortOptions('aqQTuhV'),
  { short: 'l', long: 'longoptions', argument: 'required' },
  { short: 'o', long: 'options', argument: 'required' },
  { short: 'n', long: 'name', argument: 'required' },
  { short: 's', long: 'shell', argument: 'required' },
  ...['alternative', 'quiet', 'quiet-output', 'test', 'unquoted', 'help', 'version'].map(long => ({ long })),
]
const MOST = 4096

/** getopt(1) of util-linux 2.38.1: a script's own words, put in order and quoted for its shell. */
export const getopt: Program = async process => {
  const [, ...words] = process.argv
  const bare = async (why: string) => {
    await process.stderr.write(`getopt: ${why}\nTry 'getopt --help' for more information.\n`)
    return 2
  }
  // As it was before it had options of its own.
  const old = words[0] !== undefined && !words[0].startsWith('-')
  const parsed = old ? undefined : parse(process.argv, own, { posix: true, name: 'getopt' })
  if (typeof parsed === 'string') {
    await process.stderr.write(`${parsed}\nTry 'getopt --help' for more information.\n`)
    return 2
  }
  const has = (short: string, long: string) => parsed?.has(short) === true || parsed?.has(long) === true
  if (has('V', 'version')) {
    await process.stdout.write(versioned(process, 'getopt from util-linux @util-linux@\n'))
    return 0
  }
  if (has('T', 'test')) return 4
  const rest = old ? words.slice(1) : [...parsed!.operands]
  const short = old ? words[0] : (parsed!.value('options') ?? rest.shift())
  if (short === undefined) return bare('missing optstring argument')
  const longs = (parsed?.given ?? []).flatMap(({ name, value }) =>
    name === 'longoptions' ? value!.split(/[,\s]+/).filter(Boolean) : [],
  )
  const name = parsed?.value('name') ?? 'getopt'
  const said = ordered(rest[0] === '--' && !old ? rest.slice(1) : rest, {
    short: shortsOf(short),
    long: new Map(longs.map(longOf)),
    inOrder: short.startsWith('+') || process.env.has('POSIXLY_CORRECT'),
    quote: old || has('u', 'unquoted') ? word => word : quoted,
  })
  if (!has('q', 'quiet')) for (const mistake of said.mistakes) await process.stderr.write(`${name}: ${mistake}\n`)
  if (!has('Q', 'quiet-output')) await process.stdout.write(`${said.words.map(word => ` ${word}`).join('')}\n`)
  return said.mistakes.length > 0 ? 1 : 0
}

const shortsOf = (text: string): Known =>
  new Map(
    [...text.replace(/^[+-]/, '').matchAll(/([^:])(:{0,2})/gs)].map(([, letter, colons]) => [letter!, takes(colons!)]),
  )
const longOf = (word: string): [string, Takes] => {
  const [, name = '', colons = ''] = /^(.*?)(:{0,2})$/s.exec(word) ?? []
  return [name, takes(colons)]
}
const takes = (colons: string): Takes => (colons === '' ? 'none' : colons === ':' ? 'required' : 'optional')
const quoted = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

type How = { short: Known; long: Known; inOrder: boolean; quote(word: string): string }

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
      const found = longest(how.long, typed)
      if (typeof found === 'string') mistakes.push(found)
      else if (found.takes === 'none' && value !== undefined)
        mistakes.push(`option '--${found.name}' doesn't allow an argument`)
      else if (found.takes === 'required' && value === undefined && at + 1 >= args.length)
        mistakes.push(`option '--${found.name}' requires an argument`)
      else if (found.takes === 'none') given(`--${found.name}`)
      else given(`--${found.name}`, value ?? (found.takes === 'required' ? args[++at] : ''))
    } else
      for (let i = 1; i < word.length; i++) {
        const letter = word[i]!
        const kind = how.short.get(letter)
        if (kind === undefined) mistakes.push(`invalid option -- '${letter}'`)
        else if (kind === 'none') given(`-${letter}`)
        else {
          const attached = word.slice(i + 1)
          if (attached === '' && kind === 'required' && at + 1 >= args.length)
            mistakes.push(`option requires an argument -- '${letter}'`)
          else given(`-${letter}`, attached !== '' || kind === 'optional' ? attached : args[++at])
          break
        }
      }
  }
  return { words: [...words, '--', ...operands.map(how.quote)], mistakes }
}

/** By its name or an abbreviation that only one has. */
const longest = (long: Known, typed: string): { name: string; takes: Takes } | string => {
  const exact = long.get(typed)
  if (exact) return { name: typed, takes: exact }
  const found = [...long].filter(([name]) => name.startsWith(typed))
  if (found.length === 0) return `unrecognized option '--${typed}'`
  if (found.length > 1)
    return `option '--${typed}' is ambiguous; possibilities:${found.map(([name]) => ` '--${name}'`).join('')}`
  return { name: found[0]![0], takes: found[0]![1] }
}
