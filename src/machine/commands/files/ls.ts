import { errorText } from '../../errors.ts'
import { compilePattern, matches, type Pattern } from '../../shell/pattern.ts'
import { type Process, type Program, type Stat, SystemError } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import { usageMistake } from '../getopt.ts'
import { absolute, attempt, complain, statOf } from '../paths.ts'
import { quoteFile, speaksUtf8 } from '../quoting.ts'
import { coloursOf } from './ls-colours.ts'
import { lsOptions, lsSettings } from './ls-options.ts'
import { type Entry, type Listing, quoteHeading, totalOf, writeEntries } from './ls-write.ts'
import { compareVersions } from './versions.ts'
import { breathe } from './work.ts'

/** ls(1), dir(1) and vdir(1) of GNU coreutils 9.1: 1 where an entry, 2 where an operand could not be looked at. */
export const ls: Program = gnuProgram(
  lsOptions,
  async (process, parsed) => {
    const settings = lsSettings(process, parsed)
    if ('message' in settings) {
      if (settings.status === 1) return usageMistake(process, settings.message)
      await process.stderr.write(`${settings.message}\n`)
      return 2
    }
    const listing: Listing = {
      process,
      settings,
      colours: settings.colour ? coloursOf(process) : undefined,
      isUtf8: speaksUtf8(process),
      coloured: false,
      names: new Map(),
    }
    const run: Run = {
      listing,
      status: 0,
      ignored: settings.ignore.map(pattern => compilePattern(pattern)),
      hidden: settings.hide.map(pattern => compilePattern(pattern)),
      printed: false,
    }
    const operands = parsed.operands.length > 0 ? parsed.operands : ['.']
    // A directory that was removed under whoever is in it: open, and empty.
    if (operands.every(operand => operand === '.') && statOf(process, process.cwd) === undefined) {
      await process.stdout.write(settings.format === 'long' && !settings.directory ? 'total 0\n' : '')
      return 0
    }
    const files: Entry[] = []
    const directories: Entry[] = []
    for (const operand of operands) {
      const entry = await operandEntry(run, operand)
      if (!entry) continue
      const isDirectory = entry.stat?.type === 'directory' && !settings.directory
      ;(isDirectory ? directories : files).push(entry)
    }
    if (files.length > 0) {
      await writeEntries(listing, sorted(run, files), '', undefined, directories)
      run.printed = true
    }
    const headings = operands.length > 1 || settings.recursive
    for (const directory of sorted(run, directories)) await listDirectory(run, directory.name, headings, true, [])
    return run.status
  },
  { status: 2 },
)

type Run = { listing: Listing; status: number; ignored: Pattern[]; hidden: Pattern[]; printed: boolean }

const operandEntry = async (run: Run, name: string): Promise<Entry | undefined> => {
  const { listing } = run
  const { process, settings } = listing
  const { dereference, format, directory, indicator } = settings
  const byDefault = dereference === 'never' && format !== 'long' && !directory && indicator !== 'classify'
  process.step()
  const path = absolute(process, name)
  const follow = attempt(() => process.fs.stat(path, process.who))
  const found = attempt(() => process.fs.lstat(path, process.who))
  const always = dereference === 'always' || dereference === 'command-line'
  const toDirectory = byDefault || dereference === 'directories'
  const chosen =
    always && ('value' in follow || dereference === 'always' || format !== 'long')
      ? follow
      : toDirectory && 'value' in follow && follow.value.type === 'directory'
        ? follow
        : found
  if (name === '' || 'error' in chosen) {
    const text = name === '' ? 'No such file or directory' : 'error' in chosen ? chosen.error : ''
    await complain(process, `cannot access ${quoteFile(process, name)}: ${text}`)
    run.status = 2
    return undefined
  }
  return finished(listing, name, path, chosen.value)
}

const finished = ({ process, settings, colours }: Listing, name: string, path: string, stat: Stat): Entry => {
  const entry: Entry = { name, stat }
  if (stat.type !== 'symlink') return entry
  if (settings.format === 'long') {
    const target = attempt(() => process.fs.readlink(path, process.who))
    if ('value' in target) entry.target = target.value
  }
  if (settings.format === 'long' || colours || settings.directoriesFirst || settings.indicator !== 'none') {
    const linked = attempt(() => process.fs.stat(path, process.who))
    if ('value' in linked) entry.linked = linked.value
  }
  return entry
}

const deepest = 200

const listDirectory = async (
  run: Run,
  name: string,
  headings: boolean,
  isOperand: boolean,
  above: readonly string[],
): Promise<void> => {
  const { listing } = run
  const { process, settings } = listing
  const path = absolute(process, name)
  let names: string[]
  try {
    names = process.fs.readdir(path, process.who)
  } catch (error) {
    await complain(process, `cannot open directory ${quoteFile(process, name)}: ${errorText(error)}`)
    run.status = Math.max(run.status, isOperand ? 2 : 1)
    return
  }
  const identity = settings.recursive ? identityOf(process, path) : ''
  if (identity !== '' && above.includes(identity)) {
    await complain(process, `${name}: not listing already-listed directory`)
    run.status = 2
    return
  }
  await breathe(process, names.length)
  const all = settings.hidden === 'all' ? ['.', '..', ...names] : names
  const entries: Entry[] = []
  for (const entry of all) {
    if (!isShown(run, entry)) continue
    const found = await entryOf(run, name, path, entry)
    if (found) entries.push(found)
  }
  const out: string[] = []
  if (headings) out.push(`${run.printed ? '\n' : ''}${headingOf(listing, name)}:\n`)
  run.printed = true
  if (settings.format === 'long' || settings.showBlocks)
    out.push(`total ${totalOf(listing, entries)}${settings.zero ? '\0' : '\n'}`)
  const order = sorted(run, entries)
  await writeEntries(listing, order, out.join(''), path)
  if (!settings.recursive || above.length > deepest) return
  for (const { name: below, stat } of order) {
    if (stat?.type !== 'directory' || below === '.' || below === '..') continue
    await listDirectory(run, name.endsWith('/') ? name + below : `${name}/${below}`, true, false, [...above, identity])
  }
}

const headingOf = ({ settings, isUtf8 }: Listing, name: string): string => {
  const { quoting } = settings
  return settings.questionMarks && quoting === 'literal'
    ? name.replace(/[\0-\x1f\x7f]/g, '?')
    : quoteHeading(name, quoting, isUtf8)
}

const entryOf = async (run: Run, folder: string, path: string, name: string): Promise<Entry | undefined> => {
  const { listing } = run
  const { process, settings } = listing
  process.step()
  const full = path === '/' ? `/${name}` : `${path}/${name}`
  try {
    if (settings.dereference !== 'always') return finished(listing, name, full, process.fs.lstat(full, process.who))
    const followed = attempt(() => process.fs.stat(full, process.who))
    if ('value' in followed) return { name, stat: followed.value }
    throw new SystemError('ENOENT')
  } catch (error) {
    const shown = `${folder.endsWith('/') ? folder : `${folder}/`}${name}`
    await complain(process, `cannot access ${quoteFile(process, shown)}: ${errorText(error)}`)
    run.status = Math.max(run.status, 1)
    return { name, stat: undefined }
  }
}

const identityOf = (process: Process, path: string): string => {
  const found = attempt(() => process.fs.stat(path, process.who))
  return 'value' in found ? `${found.value.dev}:${found.value.ino}` : ''
}

const isShown = ({ listing, ignored, hidden }: Run, name: string): boolean => {
  const { settings, process } = listing
  const step = (cost?: number): void => process.step(cost)
  if (settings.hidden === 'none' && name.startsWith('.')) return false
  // FNM_PERIOD: a leading period is matched by nothing but a period.
  const fits = (patterns: Pattern[]): boolean =>
    patterns.some(pattern => {
      const first = pattern.nodes[0]
      if (name.startsWith('.') && !(first?.kind === 'char' && first.char === '.')) return false
      return matches(pattern, name, step)
    })
  if (settings.hidden === 'none' && fits(hidden)) return false
  return !fits(ignored)
}

const sorted = (run: Run, entries: Entry[]): Entry[] => {
  const { settings } = run.listing
  const { sort, time } = settings
  const byName = (a: Entry, b: Entry): number => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0)
  const key = time === 'birth' ? 'ctime' : time
  const extension = (name: string): string => (name.includes('.') ? name.slice(name.lastIndexOf('.')) : '')
  const compare: Record<typeof sort, (a: Entry, b: Entry) => number> = {
    name: byName,
    none: () => 0,
    time: (a, b) => (b.stat?.[key] ?? 0) - (a.stat?.[key] ?? 0) || byName(a, b),
    size: (a, b) => (b.stat?.size ?? 0) - (a.stat?.size ?? 0) || byName(a, b),
    extension: (a, b) => byName({ ...a, name: extension(a.name) }, { ...b, name: extension(b.name) }) || byName(a, b),
    version: (a, b) => compareVersions(a.name, b.name) || byName(a, b),
    width: (a, b) => a.name.length - b.name.length || byName(a, b),
  }
  run.listing.process.step(entries.length >> 3)
  const isFolder = ({ stat, linked }: Entry): boolean => (linked ?? stat)?.type === 'directory'
  const order = (a: Entry, b: Entry): number => (settings.reverse ? compare[sort](b, a) : compare[sort](a, b))
  if (sort === 'none') return entries
  return entries.toSorted((a, b) =>
    settings.directoriesFirst ? Number(isFolder(b)) - Number(isFolder(a)) || order(a, b) : order(a, b),
  )
}
