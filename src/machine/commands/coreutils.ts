import type { Process, Program } from '../system.ts'
import { getopt, type Option, type Parsed, type Style, usageMistake } from './getopt.ts'
import { versioned } from './package-version.ts'
import { quote } from './quoting.ts'

type Manners = Style & {
  /** Exit status after a usage mistake. */
  status?: number
  /** What --help begins with, behind the program's name. */
  usage?: string
  /** What --version says behind the program's name, as `versioned` takes it; by default the release of GNU coreutils. */
  version?: string | ((process: Process) => string)
  /** What is said between a usage mistake and where help is. */
  hint?(process: Process): string | undefined
}

/** A GNU program: its options found, usage mistakes, --help and --version answered as all of them do. */
export const gnuProgram =
  (
    options: readonly Option[],
    main: (process: Process, parsed: Parsed) => Promise<number>,
    {
      status = 1,
      usage = '[OPTION]... [FILE]...',
      version = '(GNU coreutils) @coreutils@',
      hint,
      ...style
    }: Manners = {},
  ): Program =>
  async process => {
    const parsed = getopt(process.argv, [...options, { long: 'help' }, { long: 'version' }], style)
    if (typeof parsed === 'string') {
      const more = hint?.(process)
      return usageMistake(process, more === undefined ? parsed : `${parsed}\n${more}`, status)
    }
    const name = process.argv[0] ?? ''
    const asked = parsed.given.find(({ name }) => name === 'help' || name === 'version')
    if (asked?.name === 'help') {
      await process.stdout.write(`Usage: ${name} ${usage}\n`)
      return 0
    }
    if (asked) {
      await process.stdout.write(
        `${name.slice(name.lastIndexOf('/') + 1)} ${typeof version === 'string' ? versioned(process, version) : version(process)}\n`,
      )
      return 0
    }
    return main(process, parsed)
  }

/** `name: message`, and where help is; gives the status. */
export const usageError = (process: Process, message: string, status = 1): Promise<number> =>
  usageMistake(process, `${process.argv[0] ?? ''}: ${message}`, status)

/** An argument that is one of several words or begins only one of them (XARGMATCH); a message where it is none. */
export const wordFor = <T extends string>(
  process: Process,
  option: string,
  given: string,
  words: readonly (readonly T[])[],
): { word: T } | { message: string } => {
  const exact = words.find(group => group.some(word => word === given))
  const groups = exact ? [exact] : words.filter(group => given !== '' && group.some(word => word.startsWith(given)))
  if (groups.length === 1) return { word: groups[0]![0]! }
  const kind = groups.length > 1 || given === '' ? 'ambiguous' : 'invalid'
  const list = words.map(group => `  - ${group.map(word => quote(process, word)).join(', ')}\n`).join('')
  return {
    message: `${process.argv[0] ?? ''}: ${kind} argument ${quote(process, given)} for ${quote(process, option)}\nValid arguments are:\n${list.slice(0, -1)}`,
  }
}
