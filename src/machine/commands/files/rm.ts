import { errorText } from '../../errors.ts'
import { type Process, type Program, type Stat, SystemError } from '../../system.ts'
import { gnuProgram, usageError, wordFor } from '../coreutils.ts'
import { type Option, type Parsed, usageMistake } from '../getopt.ts'
import { absolute, complain, statOf } from '../paths.ts'
import { quoteFile, quoteName, speaksUtf8 } from '../quoting.ts'
import { ask } from './ask.ts'
import { below, look, withoutSlashes } from './names.ts'
import { breathe } from './work.ts'

const options: Option[] = [
  ...[...'iIrRdfv'].map(short => ({ short })),
  { long: 'force' },
  { long: 'interactive', argument: 'optional' },
  { long: 'recursive' },
  { long: 'dir' },
  { long: 'verbose' },
  { long: 'one-file-system' },
  { long: 'no-preserve-root' },
  { long: 'preserve-root', argument: 'optional' },
]
const whens = [['never', 'no', 'none'], ['once'], ['always', 'yes']] as const

export type Removal = {
  process: Process
  force: boolean
  asks: boolean
  recursive: boolean
  directories: boolean
  verbose: boolean
  oneFileSystem: boolean
}

const deepest = 1000

/** rm(1) of GNU coreutils 9.1. */
export const rm: Program = gnuProgram(options, (process, parsed) => main(process, parsed), {
  usage: '[OPTION]... [FILE]...',
  hint(process) {
    const dashed = process.argv.slice(1).find(word => word.startsWith('-') && statOf(process, word, false))
    if (dashed === undefined) return undefined
    const name = quoteName(dashed, 'shell-escape', speaksUtf8(process))
    return `Try '${process.argv[0]} ./${name}' to remove the file ${quoteFile(process, dashed)}.`
  },
})

const main = async (process: Process, parsed: Parsed): Promise<number> => {
  const removal: Removal = {
    process,
    force: false,
    asks: false,
    recursive: parsed.has('r') || parsed.has('R') || parsed.has('recursive'),
    directories: parsed.has('d') || parsed.has('dir'),
    verbose: parsed.has('v') || parsed.has('verbose'),
    oneFileSystem: parsed.has('one-file-system'),
  }
  let once = false
  let guarded = true
  for (const { name, value } of parsed.given) {
    let when: 'never' | 'once' | 'always' | undefined
    if (name === 'f' || name === 'force') {
      removal.force = true
      removal.asks = once = false
    } else if (name === 'i') when = 'always'
    else if (name === 'I') when = 'once'
    else if (name === 'interactive') {
      const word = value === undefined ? ({ word: 'always' } as const) : wordFor(process, '--interactive', value, whens)
      if ('message' in word) return usageMistake(process, word.message)
      when = word.word as typeof when
    } else if (name === 'no-preserve-root') guarded = false
    else if (name === 'preserve-root') guarded = true
    if (when) {
      removal.asks = when === 'always'
      once = when === 'once'
      removal.force = false
    }
  }
  const { operands } = parsed
  if (operands.length === 0) return removal.force ? 0 : usageError(process, 'missing operand')
  if (once && (removal.recursive || operands.length > 3)) {
    const count = operands.length
    const what = `${count} ${count === 1 ? 'argument' : 'arguments'}${removal.recursive ? ' recursively' : ''}`
    if (!(await ask(process, `${process.argv[0]}: remove ${what}? `))) return 0
  }
  let status = 0
  for (const operand of operands) {
    if (removal.recursive && /(^|\/)\.\.?\/*$/.test(operand) && (!removal.force || statOf(process, operand, false))) {
      await complain(process, `refusing to remove '.' or '..' directory: skipping ${quoteFile(process, operand)}`)
      status = 1
    } else if (removal.recursive && guarded && isRoot(process, operand)) {
      const shown = /^\/$/.test(operand) ? `'/'` : `${quoteFile(process, operand)} (same as '/')`
      await complain(process, `it is dangerous to operate recursively on ${shown}`)
      await complain(process, 'use --no-preserve-root to override this failsafe')
      status = 1
    } else if (!(await remove(removal, operand, 0))) status = 1
  }
  return status
}

const isRoot = (process: Process, path: string): boolean => {
  const stat = statOf(process, path, path.endsWith('/'))
  const root = statOf(process, '/')
  return stat?.type === 'directory' && stat.ino === root?.ino && stat.dev === root.dev
}

/** Removes what the path names, and what is below it if asked to. False: something is still there. */
export const remove = async (removal: Removal, path: string, depth: number): Promise<boolean> => {
  const { process } = removal
  const name = quoteFile(process, path)
  let stat: Stat
  try {
    stat = look(process, path)
  } catch (error) {
    const errno = error instanceof SystemError ? error.errno : undefined
    if (removal.force && (errno === 'ENOENT' || errno === 'ENOTDIR')) return true
    await complain(process, `cannot remove ${name}: ${errorText(error)}`)
    return false
  }
  if (stat.type === 'directory') return removeDirectory(removal, path, stat, depth)
  if (!(await agreed(removal, path, stat))) return true
  return gone(removal, path, () => process.fs.unlink(absolute(process, path), process.who), 'removed')
}

const gone = async (removal: Removal, path: string, call: () => void, word: string): Promise<boolean> => {
  const { process } = removal
  try {
    call()
  } catch (error) {
    await complain(process, `cannot remove ${quoteFile(process, path)}: ${errorText(error)}`)
    return false
  }
  if (removal.verbose) await process.stdout.write(`${word} ${quoteFile(process, path)}\n`)
  return true
}

const kinds = {
  file: 'regular file',
  directory: 'directory',
  symlink: 'symbolic link',
  fifo: 'fifo',
  socket: 'socket',
  char: 'character special file',
  block: 'block special file',
} as const

/** In words, as rm, mv and stat call it. */
export const kindOf = ({ type, size }: Stat): string =>
  type === 'file' && size === 0 ? 'regular empty file' : kinds[type]

/** Asked where -i was given, or where a person at a terminal is about to remove what they may not write. */
const agreed = async ({ process, asks, force }: Removal, path: string, stat: Stat): Promise<boolean> => {
  const protectedFrom = !writable(process, path, stat)
  if (!asks && (force || !process.isatty[0] || !protectedFrom)) return true
  const guarded = protectedFrom ? 'write-protected ' : ''
  return ask(process, `${process.argv[0]}: remove ${guarded}${kindOf(stat)} ${quoteFile(process, path)}? `)
}

const writable = (process: Process, path: string, stat: Stat): boolean => {
  if (stat.type === 'symlink') return true
  try {
    return process.fs.access(absolute(process, path), 2, process.who)
  } catch (error) {
    if (error instanceof SystemError) return true
    throw error
  }
}

const removeDirectory = async (removal: Removal, path: string, stat: Stat, depth: number): Promise<boolean> => {
  const { process, recursive, directories, asks, force } = removal
  const full = absolute(process, path)
  const name = quoteFile(process, path)
  if (!recursive && !directories) {
    await complain(process, `cannot remove ${name}: Is a directory`)
    return false
  }
  let names: string[] = []
  let unreadable: string | undefined
  try {
    names = process.fs.readdir(full, process.who)
  } catch (error) {
    unreadable = errorText(error)
  }
  const whole = names.length === 0
  if (recursive && (unreadable !== undefined || depth > deepest)) {
    await complain(process, `cannot remove ${name}: ${unreadable ?? 'File name too long'}`)
    return false
  }
  const asksHere = asks || (!force && process.isatty[0] && !writable(process, path, stat))
  const guarded = writable(process, path, stat) ? '' : 'write-protected '
  if (asksHere && recursive && !whole) {
    if (!(await ask(process, `${process.argv[0]}: descend into ${guarded}directory ${name}? `))) return true
  }
  let complete = true
  if (recursive) {
    for (const entry of names) {
      await breathe(process)
      if (!(await remove(removal, below(withoutSlashes(path), entry), depth + 1))) complete = false
    }
  }
  if (!complete) return false
  if (asksHere && !(await ask(process, `${process.argv[0]}: remove ${guarded}directory ${name}? `))) return true
  return gone(removal, path, () => process.fs.rmdir(full, process.who), 'removed directory')
}
