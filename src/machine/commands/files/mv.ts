import { errorText } from '../../errors.ts'
import { type Program, type Stat, SystemError } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import { type Option, usageMistake } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quoteFile } from '../quoting.ts'
import { type Copying, copy, copyDefaults, mayOverwrite, setAside } from './copy.ts'
import { backupKind, backupOptions, targetsOf } from './cp.ts'
import { baseName, below, isSame, look, withoutSlashes } from './names.ts'
import { remove } from './rm.ts'

const options: Option[] = [
  ...backupOptions,
  { short: 'f', long: 'force' },
  { short: 'i', long: 'interactive' },
  { short: 'n', long: 'no-clobber' },
  { short: 't', long: 'target-directory', argument: 'required' },
  { short: 'T', long: 'no-target-directory' },
  { short: 'u', long: 'update' },
  { short: 'v', long: 'verbose' },
  { short: 'Z', long: 'context' },
  { long: 'strip-trailing-slashes' },
]

/** mv(1) of GNU coreutils 9.1. */
export const mv: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const copying: Copying = {
      ...copyDefaults(process),
      recursive: true,
      follow: 'never',
      update: parsed.has('update'),
      verbose: parsed.has('verbose'),
      suffix: parsed.value('suffix') ?? (process.env.get('SIMPLE_BACKUP_SUFFIX') || '~'),
      preserve: { mode: true, owner: true, times: true, links: true },
    }
    for (const { name } of parsed.given) {
      if (name === 'force') {
        copying.force = true
        copying.overwrite = 'always'
      } else if (name === 'interactive') copying.overwrite = 'ask'
      else if (name === 'no-clobber') copying.overwrite = 'never'
    }
    const backup = backupKind(process, parsed)
    if (typeof backup === 'object') return usageMistake(process, backup.message)
    copying.backup = backup
    const targets = await targetsOf(process, parsed)
    if (typeof targets === 'number') return targets
    let status = 0
    for (const source of targets.sources) {
      const from = parsed.has('strip-trailing-slashes') ? withoutSlashes(source) : source
      const to = targets.folder === undefined ? targets.file! : below(targets.folder, baseName(from))
      if (!(await move(copying, from, to))) status = 1
    }
    return status
  },
  { usage: '[OPTION]... [-T] SOURCE DEST' },
)

const move = async (copying: Copying, from: string, to: string): Promise<boolean> => {
  const { process } = copying
  const { fs, who } = process
  const [source, target] = [quoteFile(process, from), quoteFile(process, to)]
  const say = async (message: string): Promise<false> => {
    await complain(process, message)
    return false
  }
  let stat: Stat
  try {
    stat = look(process, from)
  } catch (error) {
    return say(`cannot stat ${source}: ${errorText(error)}`)
  }
  const found = attempt(() => look(process, to))
  const there = 'value' in found ? found.value : undefined
  if (there) {
    if (
      isSame(there, stat) &&
      (stat.type === 'directory' || stat.nlink === 1 || withoutSlashes(from) === withoutSlashes(to))
    )
      return say(`${source} and ${target} are the same file`)
    if (stat.type === 'directory' && there.type !== 'directory')
      return say(`cannot overwrite non-directory ${target} with directory ${source}`)
    if (stat.type !== 'directory' && there.type === 'directory')
      return say(`cannot overwrite directory ${target} with non-directory`)
    if (copying.made.has(to)) return say(`will not overwrite just-created ${target} with ${source}`)
    if (stat.type !== 'directory') {
      if (copying.update && there.mtime >= stat.mtime) return true
      if (!(await mayOverwrite(copying, to, there, true))) return copying.overwrite === 'never'
    }
  }
  let aside: string | undefined
  try {
    if (there && stat.type !== 'directory') aside = setAside(copying, to)
  } catch (error) {
    return say(`cannot backup ${target}: ${errorText(error)}`)
  }
  try {
    process.step()
    if (to === '') throw new SystemError('ENOENT')
    fs.rename(absolute(process, from), absolute(process, to), who)
  } catch (error) {
    if (error instanceof SystemError && error.errno === 'EXDEV') return moveAcross(copying, from, to, there)
    if (error instanceof SystemError && error.errno === 'EINVAL' && stat.type === 'directory')
      return say(`cannot move ${source} to a subdirectory of itself, ${target}`)
    return say(`cannot move ${source} to ${target}: ${errorText(error)}`)
  }
  if (copying.made.size < 10_000) copying.made.add(to)
  if (copying.verbose) {
    const kept = aside === undefined ? '' : ` (backup: ${quoteFile(process, aside)})`
    await process.stdout.write(`renamed ${source} -> ${target}${kept}\n`)
  }
  return true
}

/** To another file system: copied, then removed. */
const moveAcross = async (copying: Copying, from: string, to: string, there: Stat | undefined): Promise<boolean> => {
  const { process } = copying
  if (there) {
    try {
      const full = absolute(process, to)
      if (there.type === 'directory') process.fs.rmdir(full, process.who)
      else process.fs.unlink(full, process.who)
    } catch (error) {
      await complain(
        process,
        `inter-device move failed: ${quoteFile(process, from)} to ${quoteFile(process, to)}; unable to remove target: ${errorText(error)}`,
      )
      return false
    }
  }
  const copied = await copy({ ...copying, verbose: false, made: new Set(), backup: 'none' }, from, to)
  if (!copied) return false
  if (copying.verbose) await process.stdout.write(`copied ${quoteFile(process, from)} -> ${quoteFile(process, to)}\n`)
  const removal = {
    process,
    force: true,
    asks: false,
    recursive: true,
    directories: true,
    verbose: copying.verbose,
    oneFileSystem: false,
  }
  return remove(removal, from, 0)
}
