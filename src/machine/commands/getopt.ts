import type { Process } from '../system.ts'

/** An option as getopt_long(3) knows it: `-x`, `--long`, and whether an argument belongs to it. */
export type Option = { short?: string; long?: string; argument?: 'required' | 'optional' }
/** One that was given. `name`: the long name where there is one, else the letter. */
export type Given = { name: string; value: string | undefined }
export type Parsed = {
  given: Given[]
  operands: string[]
  /** Was it given? */
  has(name: string): boolean
  /** The last argument given to it. */
  value(name: string): string | undefined
}
export type Style = {
  /** Operands end the options: a leading `+`, or POSIXLY_CORRECT. */
  posix?: true
  /** Of the program; what messages begin with. */
  name?: string
}

/**
 * The options of a command line as the GNU C library finds them: clustered letters, `--long=value`, unambiguous
 * abbreviations, operands anywhere. A wrong one is the library's message, without its line end.
 */
export const getopt = (argv: readonly string[], options: readonly Option[], style: Style = {}): Parsed | string => {
  const name = style.name ?? argv[0] ?? ''
  const given: Given[] = []
  const operands: string[] = []
  const letters = new Map(options.flatMap(option => (option.short ? [[option.short, option] as const] : [])))
  const called = (option: Option): string => option.long ?? option.short ?? ''
  for (let at = 1; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '--') {
      operands.push(...argv.slice(at + 1))
      break
    }
    if (word === '-' || !word.startsWith('-')) {
      if (style.posix) {
        operands.push(...argv.slice(at))
        break
      }
      operands.push(word)
    } else if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const typed = equals < 0 ? word.slice(2) : word.slice(2, equals)
      const option = longOption(name, typed, options)
      if (typeof option === 'string') return option
      let value = equals < 0 ? undefined : word.slice(equals + 1)
      if (value !== undefined && !option.argument) return `${name}: option '--${option.long}' doesn't allow an argument`
      if (value === undefined && option.argument === 'required') {
        value = argv[++at]
        if (value === undefined) return `${name}: option '--${option.long}' requires an argument`
      }
      given.push({ name: called(option), value })
    } else {
      for (let i = 1; i < word.length; i++) {
        const letter = word[i]!
        const option = letter === ':' ? undefined : letters.get(letter)
        if (!option) return `${name}: invalid option -- '${letter}'`
        if (!option.argument) {
          given.push({ name: called(option), value: undefined })
          continue
        }
        let value: string | undefined = word.slice(i + 1) || undefined
        if (value === undefined && option.argument === 'required') {
          value = argv[++at]
          if (value === undefined) return `${name}: option requires an argument -- '${letter}'`
        }
        given.push({ name: called(option), value })
        break
      }
    }
  }
  return {
    given,
    operands,
    has: wanted => given.some(one => one.name === wanted),
    value: wanted => given.findLast(one => one.name === wanted)?.value,
  }
}

/** The one that has this long name or alone begins so; the library's message where there is none. */
export const longOption = (name: string, typed: string, options: readonly Option[]): Option | string => {
  const exact = options.find(option => option.long === typed)
  if (exact) return exact
  const possible = options.filter(option => option.long?.startsWith(typed))
  if (possible.length === 1) return possible[0]!
  if (possible.length === 0) return `${name}: unrecognized option '--${typed}'`
  return `${name}: option '--${typed}' is ambiguous; possibilities: ${possible.map(({ long }) => `'--${long}'`).join(' ')}`
}

/** `abc:d::` of getopt(3) as options. */
export const shortOptions = (text: string): Option[] =>
  [...text.matchAll(/([^:])(::?)?/g)].map(([, short, colons]) => ({
    short: short!,
    ...(colons ? { argument: colons === '::' ? ('optional' as const) : ('required' as const) } : {}),
  }))

/** Words `n=name`, `n` alone or `name` alone as options, all with or without an argument. */
export const optionsOf = (words: string, argument?: Option['argument']): Option[] =>
  words.split(/\s+/).map(word => {
    const [, short, long = ''] = /^(?:(.)(?:=|$))?(.*)$/.exec(word)!
    return { ...(short ? { short } : {}), ...(long ? { long } : {}), ...(argument ? { argument } : {}) }
  })

/** A usage mistake as coreutils tell it: the message, and where help is. */
export const usageMistake = async (process: Process, message: string, status = 1): Promise<number> => {
  const name = process.argv[0] ?? ''
  await process.stderr.write(`${message}\nTry '${name} --help' for more information.\n`)
  return status
}
