import { errorText } from '../../errors.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram, usageError, wordFor } from '../coreutils.ts'
import { type Option, type Parsed, usageMistake } from '../getopt.ts'
import { absolute, attempt, complain, statOf } from '../paths.ts'
import { quote, quoteFile } from '../quoting.ts'
import { type Copying, copy, copyDefaults } from './copy.ts'
import { baseName, below, folderOf, look, withoutSlashes } from './names.ts'

/** Those of cp, mv, ln and install that choose and name backups. */
export const backupOptions: Option[] = [
  { short: 'b' },
  { long: 'backup', argument: 'optional' },
  { short: 'S', long: 'suffix', argument: 'required' },
]

const options: Option[] = [
  ...backupOptions,
  { short: 'a', long: 'archive' },
  { short: 'd' },
  { short: 'f', long: 'force' },
  { short: 'i', long: 'interactive' },
  { short: 'H' },
  { short: 'l', long: 'link' },
  { short: 'L', long: 'dereference' },
  { short: 'n', long: 'no-clobber' },
  { short: 'p' },
  { short: 'P', long: 'no-dereference' },
  { short: 'r' },
  { short: 'R', long: 'recursive' },
  { short: 's', long: 'symbolic-link' },
  { short: 't', long: 'target-directory', argument: 'required' },
  { short: 'T', long: 'no-target-directory' },
  { short: 'u', long: 'update' },
  { short: 'v', long: 'verbose' },
  { short: 'x', long: 'one-file-system' },
  { short: 'Z' },
  { long: 'context', argument: 'optional' },
  { long: 'attributes-only' },
  { long: 'copy-contents' },
  { long: 'parents' },
  { long: 'preserve', argument: 'optional' },
  { long: 'no-preserve', argument: 'required' },
  { long: 'reflink', argument: 'optional' },
  { long: 'remove-destination' },
  { long: 'sparse', argument: 'required' },
  { long: 'strip-trailing-slashes' },
]
const backups = [
  ['none', 'off'],
  ['simple', 'never'],
  ['existing', 'nil'],
  ['numbered', 't'],
] as const
const preservable = [['mode'], ['timestamps'], ['ownership'], ['links'], ['context'], ['xattr'], ['all']] as const

/** The kind of backup asked for; a message where it is no kind. */
export const backupKind = (process: Process, parsed: Parsed): Copying['backup'] | { message: string } => {
  if (!parsed.has('b') && !parsed.has('backup') && !parsed.has('suffix')) return 'none'
  const value = parsed.value('backup') ?? process.env.get('VERSION_CONTROL')
  if (value === undefined || value === '') return 'existing'
  const found = wordFor(process, 'backup type', value, backups)
  return 'word' in found ? (found.word as Copying['backup']) : found
}

/** cp(1) of GNU coreutils 9.1. */
export const cp: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const copying = copyDefaults(process)
    const message = settle(copying, parsed)
    if (message !== undefined) return usageMistake(process, message)
    const targets = await targetsOf(process, parsed)
    if (typeof targets === 'number') return targets
    let status = 0
    for (const source of targets.sources) {
      const from = parsed.has('strip-trailing-slashes') ? withoutSlashes(source) : source
      let to = targets.folder === undefined ? targets.file! : below(targets.folder, baseName(from))
      if (targets.folder !== undefined && /(^|\/)\.\.?\/*$/.test(from))
        to = below(targets.folder, baseName(from) === '..' ? '' : '.')
      if (parsed.has('parents')) {
        if (targets.folder === undefined) {
          return usageError(process, 'with --parents, the destination must be a directory')
        }
        to = below(targets.folder, withoutSlashes(from).replace(/^\/+/, ''))
        if (!(await parentsFor(copying, from, targets.folder))) {
          status = 1
          continue
        }
      }
      if (!(await copy(copying, from, to))) status = 1
    }
    return status
  },
  { usage: '[OPTION]... [-T] SOURCE DEST' },
)

const settle = (copying: Copying, parsed: Parsed): string | undefined => {
  const { process } = copying
  const keep = (list: string, on: boolean): string | undefined => {
    for (const word of list.split(',')) {
      const found = wordFor(process, on ? '--preserve' : '--no-preserve', word, preservable)
      if ('message' in found) return found.message
      const all = found.word === 'all'
      if (all || found.word === 'mode') copying.preserve.mode = on
      if (all || found.word === 'timestamps') copying.preserve.times = on
      if (all || found.word === 'ownership') copying.preserve.owner = on
      if (all || found.word === 'links') copying.preserve.links = on
      if (!on && (all || found.word === 'mode')) copying.plainMode = true
    }
    return undefined
  }
  let follows: Copying['follow'] | undefined
  for (const { name, value } of parsed.given) {
    let message: string | undefined
    switch (name) {
      case 'archive':
        copying.recursive = true
        follows = 'never'
        copying.preserve = { mode: true, owner: true, times: true, links: true }
        break
      case 'd':
        follows = 'never'
        copying.preserve.links = true
        break
      case 'force':
        copying.force = true
        break
      case 'interactive':
        copying.overwrite = 'ask'
        break
      case 'no-clobber':
        copying.overwrite = 'never'
        break
      case 'H':
        follows = 'command-line'
        break
      case 'dereference':
        follows = 'always'
        break
      case 'no-dereference':
        follows = 'never'
        break
      case 'link':
        copying.link = 'hard'
        break
      case 'symbolic-link':
        copying.link = 'symbolic'
        break
      case 'p':
        message = keep('mode,ownership,timestamps', true)
        break
      case 'preserve':
        message = keep(value ?? 'mode,ownership,timestamps', true)
        break
      case 'no-preserve':
        message = keep(value ?? '', false)
        break
      case 'r':
      case 'recursive':
        copying.recursive = true
        break
      case 'update':
        copying.update = true
        break
      case 'verbose':
        copying.verbose = true
        break
      case 'one-file-system':
        copying.oneFileSystem = true
        break
      case 'attributes-only':
        copying.attributesOnly = true
        break
      case 'copy-contents':
        copying.copyContents = true
        break
      case 'remove-destination':
        copying.removeFirst = true
        break
      case 'suffix':
        copying.suffix = value ?? '~'
        break
      case 'sparse':
      case 'reflink': {
        if (value === undefined) break
        const words = name === 'sparse' ? [['never'], ['auto'], ['always']] : [['auto'], ['always'], ['never']]
        const found = wordFor(process, `--${name}`, value, words)
        if ('message' in found) message = found.message
        break
      }
    }
    if (message !== undefined) return message
  }
  copying.follow =
    follows ?? (copying.recursive && copying.link !== 'hard' ? 'never' : copying.link === 'hard' ? 'never' : 'always')
  const kind = backupKind(process, parsed)
  if (typeof kind === 'object') return kind.message
  copying.backup = kind
  if (copying.link === 'hard' && copying.link === undefined) return undefined
  if (parsed.has('link') && parsed.has('symbolic-link'))
    return `${process.argv[0]}: cannot make both hard and symbolic links`
  return undefined
}

type Targets = { sources: string[]; folder?: string; file?: string }

/** Sources and where they go, by the rules that cp, mv, ln and install share; else the exit status. */
export const targetsOf = async (process: Process, parsed: Parsed): Promise<Targets | number> => {
  const { operands } = parsed
  const into = parsed.value('target-directory')
  if (operands.length === 0) return usageError(process, 'missing file operand')
  if (into !== undefined) {
    if (parsed.has('no-target-directory')) {
      await complain(process, 'cannot combine --target-directory (-t) and --no-target-directory (-T)')
      return 1
    }
    const error = notDirectory(process, into)
    if (error === undefined) return { sources: operands, folder: into }
    await complain(process, `target directory ${quoteFile(process, into)}: ${error}`)
    return 1
  }
  const last = operands.at(-1)!
  if (operands.length === 1)
    return usageError(process, `missing destination file operand after ${quoteFile(process, last)}`)
  const sources = operands.slice(0, -1)
  if (parsed.has('no-target-directory')) {
    if (operands.length > 2) return usageError(process, `extra operand ${quoteFile(process, operands[2]!)}`)
    return { sources, file: last }
  }
  const error = last === '' ? 'No such file or directory' : notDirectory(process, last)
  if (error === undefined) return { sources, folder: last }
  if (operands.length === 2) return { sources, file: last }
  await complain(process, `target ${quoteFile(process, last)}: ${error}`)
  return 1
}

const notDirectory = (process: Process, path: string): string | undefined => {
  try {
    return look(process, path, true).type === 'directory' ? undefined : 'Not a directory'
  } catch (error) {
    return errorText(error)
  }
}

/** The folders of the source's path, made below the target with the rights of their originals. */
const parentsFor = async (copying: Copying, source: string, folder: string): Promise<boolean> => {
  const { process } = copying
  const above = folderOf(source)
  if (above === '.' || above === '/') return true
  let at = ''
  for (const part of above.split('/')) {
    at = at === '' && !above.startsWith('/') ? part : `${at}/${part}`
    if (part === '') continue
    const target = below(folder, at.replace(/^\/+/, ''))
    const stat = attempt(() => look(process, at, true))
    if ('error' in stat) {
      await complain(process, `failed to get attributes of ${quoteFile(process, at)}: ${stat.error}`)
      return false
    }
    if (statOf(process, target)?.type === 'directory') continue
    try {
      process.fs.mkdir(absolute(process, target), stat.value.mode & 0o777, process.who)
      if (copying.preserve.mode) process.fs.chmod(absolute(process, target), stat.value.mode, process.who)
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      await complain(process, `cannot make directory ${quote(process, target)}: ${errorText(error)}`)
      return false
    }
    if (copying.verbose) await process.stdout.write(`${at} -> ${target}\n`)
  }
  return true
}
