import { gunzipSync } from 'node:zlib'
import { errorText } from '../../errors.ts'
import { compileRegex, type Regex } from '../../regex/regex.ts'
import { compilePattern, matches } from '../../shell/pattern.ts'
import type { Input, Process, Program } from '../../system.ts'
import { versioned } from '../package-version.ts'
import { absolute, statOf } from '../paths.ts'
import { openInput, wholeText, writerOf } from '../text/io.ts'
import { type Kind, readOptions, type Settings } from './options.ts'
import { type Search, searchInput } from './search.ts'

const USAGE = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.\n"
const mostPatterns = 20_000
/** Folders within each other that are searched. */
const deepest = 100

/** grep(1) of GNU grep 3.8. */
export const grep: Program = process => run(process, [], (own, file) => openInput(own, file))
export const egrep: Program = process => run(process, ['-E'], (own, file) => openInput(own, file))
export const fgrep: Program = process => run(process, ['-F'], (own, file) => openInput(own, file))
export const rgrep: Program = process => run(process, ['-r'], (own, file) => openInput(own, file))
/** zgrep(1): files as they are when unpacked. */
export const zgrep: Program = process => run(process, [], openUnpacked)
export const zegrep: Program = process => run(process, ['-E'], openUnpacked)
export const zfgrep: Program = process => run(process, ['-F'], openUnpacked)

const mostUnpacked = 16 << 20

/** A file packed by gzip(1) is read unpacked; what cannot be unpacked is read as it is. */
const openUnpacked = (process: Process, file: string): Input => {
  if (file === '-' || statOf(process, file)?.type !== 'file') return openInput(process, file)
  const data = process.fs.readFile(absolute(process, file), process.who)
  process.step(1 + (data.length >> 8))
  if (data[0] !== 0x1f || data[1] !== 0x8b) return openInput(process, file)
  let rest: Buffer | undefined
  try {
    rest = gunzipSync(data, { maxOutputLength: mostUnpacked })
  } catch {
    return openInput(process, file)
  }
  return {
    async read() {
      const all = rest
      rest = undefined
      return all
    },
  }
}

/** grep with options before those that were given; `open` reads a file. */
export const run = async (
  given: Process,
  first: readonly string[],
  open: (process: Process, file: string) => Input,
): Promise<number> => {
  const process = { ...given, argv: ['grep', ...first, ...given.argv.slice(1)] }
  const settings = readOptions(process)
  if ('message' in settings) {
    await process.stderr.write(`${settings.message}\n${settings.usage ? USAGE : ''}`)
    return settings.status ?? 2
  }
  const { parsed } = settings
  if (parsed.has('version')) {
    await process.stdout.write(versioned(process, 'grep (GNU grep) @grep@\n'))
    return 0
  }
  if (parsed.has('help')) {
    await process.stdout.write('Usage: grep [OPTION]... PATTERNS [FILE]...\nSearch for PATTERNS in each FILE.\n')
    return 0
  }
  const files = [...parsed.operands]
  const source = await patternOf(process, settings, files)
  if (source === undefined) {
    await process.stderr.write(USAGE)
    return 2
  }
  if ('message' in source) {
    await process.stderr.write(`grep: ${source.message}\n`)
    return 2
  }
  const regex = compile(source.patterns, settings)
  if ('problem' in regex) {
    await process.stderr.write(`grep: ${regex.problem}\n`)
    return 2
  }
  for (const warning of regex.warnings) await process.stderr.write(`grep: warning: ${warning}\n`)
  const named = parsed.given.findLast(({ name }) => name === 'with-filename' || name === 'no-filename')?.name
  const titles = named
    ? named === 'with-filename'
    : settings.recursive !== undefined
      ? !singleFile(process, files)
      : files.length > 1
  const search: Search = { process, settings, regex, writer: writerOf(process), titles }
  const walk = walkOf(search, open)
  if (files.length === 0 && settings.recursive) await walk.enter('.', '')
  else for (const file of files.length === 0 ? ['-'] : files) await walk.operand(file)
  await search.writer.flush()
  if (walk.result.error && !(settings.quiet && walk.result.selected)) return 2
  return walk.result.selected ? 0 : 1
}

const singleFile = (process: Process, files: readonly string[]): boolean =>
  files.length === 1 && statOf(process, files[0]!)?.type !== 'directory'

const patternOf = async (
  process: Process,
  { parsed }: Settings,
  files: string[],
): Promise<{ patterns: string[] } | { message: string } | undefined> => {
  const given = parsed.given.filter(({ name }) => name === 'regexp' || name === 'file')
  if (given.length === 0) {
    const pattern = files.shift()
    return pattern === undefined ? undefined : { patterns: pattern.split('\n') }
  }
  const patterns: string[] = []
  for (const { name, value } of given) {
    if (name === 'regexp') patterns.push(...value!.split('\n'))
    else
      try {
        const text = await wholeText(process, value!)
        if (text !== '') patterns.push(...text.replace(/\n$/, '').split('\n'))
      } catch (error) {
        return { message: `${value}: ${errorText(error)}` }
      }
    if (patterns.length > mostPatterns) return { message: 'memory exhausted' }
  }
  return { patterns }
}

const compile = (patterns: string[], settings: Settings): Regex | { problem: string } => {
  const { kind, fold, within, end } = settings
  if (patterns.length === 0) return { groups: 0, warnings: [], find: () => undefined, test: () => false }
  const dialects = { grep: 'grep', egrep: 'egrep', fixed: 'egrep', perl: 'perl' } as const satisfies Record<
    Kind,
    string
  >
  const mode = {
    fold,
    ...(within ? { within } : {}),
    ...(end === '\0' ? { multiline: true } : {}),
  }
  if (kind === 'perl' && patterns.length > 1) return { problem: 'the -P option only supports a single pattern' }
  const text = kind === 'fixed' ? patterns.map(pattern => pattern.replace(/[\\.[\]*^$+?{}|()]/g, '\\$&')) : patterns
  return compileRegex(text.join('\n'), dialects[kind], mode)
}

const walkOf = ({ process, settings, ...search }: Search, open: (process: Process, file: string) => Input) => {
  const { parsed, recursive, silent } = settings
  const result = { selected: false, error: false }
  const globs = (option: string) => parsed.given.filter(({ name }) => name === option).map(({ value }) => value!)
  const fits = (patterns: string[], name: string): boolean => {
    const base = name.slice(name.lastIndexOf('/') + 1)
    return patterns.some(text => {
      const pattern = compilePattern(text.replace(/\/+$/, ''))
      return matches(pattern, name, process.step) || matches(pattern, base, process.step)
    })
  }
  const [include, exclude, excludeDir] = [globs('include'), globs('exclude'), globs('exclude-dir')]
  const complain = async (file: string, why: string): Promise<void> => {
    result.error = true
    if (!silent) await process.stderr.write(`grep: ${file}: ${why}\n`)
  }
  const look = async (file: string): Promise<void> => {
    if (settings.quiet && result.selected) return
    try {
      const name = file === '-' ? (parsed.value('label') ?? '(standard input)') : file
      if (await searchInput({ process, settings, ...search }, open(process, file), name)) result.selected = true
    } catch (error) {
      await complain(file, errorText(error))
    }
  }
  const skipsFile = (file: string): boolean => fits(exclude, file) || (include.length > 0 && !fits(include, file))
  const enter = async (folder: string, shown: string, depth = 0): Promise<void> => {
    let names: string[]
    try {
      names = process.fs.readdir(absolute(process, folder), process.who)
    } catch (error) {
      await complain(folder, errorText(error))
      return
    }
    for (const name of names) {
      const path = shown === '' ? name : shown.endsWith('/') ? shown + name : `${shown}/${name}`
      const stat = statOf(process, path, recursive === 'R')
      if (!stat) {
        if (recursive === 'R') await complain(path, 'No such file or directory')
        continue
      }
      if (stat.type === 'directory') {
        if (depth < deepest && !fits(excludeDir, path)) await enter(path, path, depth + 1)
      } else if ((stat.type === 'file' || settings.devices === 'read') && !skipsFile(path)) await look(path)
    }
  }
  return {
    result,
    enter,
    async operand(file: string): Promise<void> {
      const stat = file === '-' ? undefined : statOf(process, file)
      if (stat?.type !== 'directory') {
        if (file !== '-' && stat && skipsFile(file)) return
        if (settings.devices === 'skip' && stat && stat.type !== 'file') return
        await look(file)
      } else if (recursive) {
        if (!fits(excludeDir, file)) await enter(file, file)
      } else if (settings.directories === 'read') {
        await complain(file, 'Is a directory')
      }
    },
  }
}
