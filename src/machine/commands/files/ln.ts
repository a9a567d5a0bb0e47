import { errorText } from '../../errors.ts'
import { type Process, type Program, type Stat, SystemError } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import { type Option, type Parsed, usageMistake } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quote, quoteColon, quoteFile } from '../quoting.ts'
import { ask } from './ask.ts'
import { copyDefaults, setAside } from './copy.ts'
import { backupKind, backupOptions } from './cp.ts'
import { baseName, below, folderOf, isSame, look, withoutSlashes } from './names.ts'
import { relativePath } from './relative.ts'

const options: Option[] = [
  ...backupOptions,
  { short: 'd', long: 'directory' },
  { short: 'F' },
  { short: 'f', long: 'force' },
  { short: 'i', long: 'interactive' },
  { short: 'L', long: 'logical' },
  { short: 'n', long: 'no-dereference' },
  { short: 'P', long: 'physical' },
  { short: 'r', long: 'relative' },
  { short: 's', long: 'symbolic' },
  { short: 't', long: 'target-directory', argument: 'required' },
  { short: 'T', long: 'no-target-directory' },
  { short: 'v', long: 'verbose' },
]

/** ln(1) of GNU coreutils 9.1. */
export const ln: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const { operands } = parsed
    const backup = backupKind(process, parsed)
    if (typeof backup === 'object') return usageMistake(process, backup.message)
    if (parsed.has('relative') && !parsed.has('symbolic')) {
      await complain(process, 'cannot do --relative without --symbolic')
      return 1
    }
    if (operands.length === 0) return usageError(process, 'missing file operand')
    const settled = await destinations(process, parsed)
    if (typeof settled === 'number') return settled
    let status = 0
    for (const [source, to] of settled) if (!(await linkOne(process, parsed, backup, source, to))) status = 1
    return status
  },
  { usage: '[OPTION]... [-T] TARGET LINK_NAME' },
)

const destinations = async (process: Process, parsed: Parsed): Promise<[string, string][] | number> => {
  const { operands } = parsed
  const into = parsed.value('target-directory')
  const isFolder = (path: string): boolean => {
    const stat = attempt(() => look(process, path, !parsed.has('no-dereference')))
    return 'value' in stat && stat.value.type === 'directory'
  }
  const all = (sources: string[], folder: string): [string, string][] =>
    sources.map(source => [source, below(folder, baseName(source))])
  if (parsed.has('no-target-directory')) {
    if (into !== undefined) {
      await complain(process, 'cannot combine --target-directory and --no-target-directory')
      return 1
    }
    if (operands.length === 1)
      return usageError(process, `missing destination file operand after ${quoteFile(process, operands[0]!)}`)
    if (operands.length > 2) return usageError(process, `extra operand ${quoteFile(process, operands[2]!)}`)
    return [[operands[0]!, operands[1]!]]
  }
  if (into !== undefined) {
    const stat = attempt(() => look(process, into, true))
    if ('value' in stat && stat.value.type === 'directory') return all(operands, into)
    await complain(process, `target ${quoteFile(process, into)}: ${'error' in stat ? stat.error : 'Not a directory'}`)
    return 1
  }
  if (operands.length === 1) return all(operands, '.')
  const last = operands.at(-1)!
  if (operands.length === 2 && !isFolder(last)) return [[operands[0]!, last]]
  if (isFolder(last)) return all(operands.slice(0, -1), last)
  const stat = attempt(() => look(process, last, true))
  await complain(process, `target ${quoteFile(process, last)}: ${'error' in stat ? stat.error : 'Not a directory'}`)
  return 1
}

const linkOne = async (
  process: Process,
  parsed: Parsed,
  backup: ReturnType<typeof copyDefaults>['backup'],
  source: string,
  to: string,
): Promise<boolean> => {
  const { fs, who } = process
  const symbolic = parsed.has('symbolic')
  const say = async (message: string): Promise<false> => {
    await complain(process, message)
    return false
  }
  const target = quoteFile(process, to)
  let stat: Stat | undefined
  if (!symbolic) {
    try {
      stat = look(process, source, parsed.has('logical'))
    } catch (error) {
      return say(`failed to access ${quoteFile(process, source)}: ${errorText(error)}`)
    }
    if (stat.type === 'directory' && !parsed.has('directory') && !parsed.has('F'))
      return say(`${quoteColon(process, source)}: hard link not allowed for directory`)
  }
  const found = attempt(() => look(process, to))
  const there = 'value' in found ? found.value : undefined
  let aside: string | undefined
  if (there && (parsed.has('force') || parsed.has('interactive') || backup !== 'none')) {
    if (there.type === 'directory') return say(`${quoteColon(process, to)}: cannot overwrite directory`)
    if (stat && isSame(stat, there) && withoutSlashes(source) === withoutSlashes(to))
      return say(`${quoteFile(process, source)} and ${target} are the same file`)
    if (parsed.has('interactive') && !(await ask(process, `${process.argv[0]}: replace ${target}? `))) return true
    try {
      if (backup !== 'none') {
        const suffix = parsed.value('suffix') ?? '~'
        aside = setAside({ ...copyDefaults(process), backup, suffix }, to)
      } else fs.unlink(absolute(process, to), who)
    } catch (error) {
      return say(`cannot ${backup === 'none' ? 'remove' : 'backup'} ${target}: ${errorText(error)}`)
    }
  }
  const text = parsed.has('relative') ? relativeTo(process, source, to) : source
  try {
    process.step()
    if (to === '') throw new SystemError('ENOENT')
    if (symbolic) fs.symlink(text, absolute(process, to), who)
    else
      fs.link(
        absolute(process, parsed.has('logical') ? fs.realpath(absolute(process, source), who) : source),
        absolute(process, to),
        who,
      )
  } catch (error) {
    const kind = symbolic ? 'symbolic' : 'hard'
    const shown = errorText(error)
    const whole = shown === 'File exists' || to === '' || (symbolic && text === '')
    const arrow = symbolic ? ` -> ${quoteFile(process, text)}` : ` => ${quoteFile(process, source)}`
    return say(`failed to create ${kind} link ${target}${whole || symbolic ? '' : arrow}: ${shown}`)
  }
  if (parsed.has('verbose')) {
    const kept = aside === undefined ? '' : `${quoteFile(process, aside)} ~ `
    await process.stdout.write(`${kept}${target} ${symbolic ? '->' : '=>'} ${quoteFile(process, text)}\n`)
  }
  return true
}

const relativeTo = (process: Process, source: string, to: string): string => {
  const folder = folderOf(absolute(process, to))
  const real = attempt(() => process.fs.realpath(folder, process.who))
  const base = baseName(absolute(process, source))
  const sourceFolder = attempt(() => process.fs.realpath(absolute(process, source), process.who))
  const above = attempt(() => process.fs.realpath(folderOf(absolute(process, source)), process.who))
  const from =
    'value' in sourceFolder
      ? sourceFolder.value
      : 'value' in above
        ? below(above.value, base)
        : absolute(process, source)
  return 'value' in real ? relativePath(real.value, from) : source
}

/** link(1) of GNU coreutils 9.1. */
export const link: Program = gnuProgram(
  [],
  async (process, { operands }) => {
    const [from, to, more] = operands
    if (from === undefined) return usageError(process, 'missing operand')
    if (to === undefined) return usageError(process, `missing operand after ${quote(process, from)}`)
    if (more !== undefined) return usageError(process, `extra operand ${quote(process, more)}`)
    const made = attempt(() => process.fs.link(absolute(process, from), absolute(process, to), process.who))
    if (!('error' in made)) return 0
    await complain(
      process,
      `cannot create link ${quoteFile(process, to)} to ${quoteFile(process, from)}: ${made.error}`,
    )
    return 1
  },
  { usage: 'FILE1 FILE2' },
)

/** unlink(1) of GNU coreutils 9.1. */
export const unlink: Program = gnuProgram(
  [],
  async (process, { operands }) => {
    const [path, more] = operands
    if (path === undefined) return usageError(process, 'missing operand')
    if (more !== undefined) return usageError(process, `extra operand ${quote(process, more)}`)
    const done = attempt(() => {
      if (path === '') throw new SystemError('ENOENT')
      process.fs.unlink(absolute(process, path), process.who)
    })
    if (!('error' in done)) return 0
    await complain(process, `cannot unlink ${quoteFile(process, path)}: ${done.error}`)
    return 1
  },
  { usage: 'FILE' },
)
