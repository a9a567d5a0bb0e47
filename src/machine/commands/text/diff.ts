import { errorText } from '../../errors.ts'
import { compilePattern, matches } from '../../shell/pattern.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import type { Option, Parsed } from '../getopt.ts'
import { absolute, statOf } from '../paths.ts'
import { formatDate } from './date-format.ts'
import { beside, contextual, normal, type Paint, rcs, script, type Texts, unified } from './diff-format.ts'
import { type Change, changesBetween } from './diff-lines.ts'
import { openInput, wholeText } from './io.ts'
import { zoneOf } from './zones.ts'

const flag = (short: string | undefined, long: string): Option => ({ ...(short ? { short } : {}), long })
const valued = (short: string | undefined, long: string): Option => ({ ...flag(short, long), argument: 'required' })
const options: Option[] = [
  flag(undefined, 'normal'),
  flag('q', 'brief'),
  flag('s', 'report-identical-files'),
  flag('c', 'c'),
  { short: 'C', long: 'context', argument: 'optional' },
  flag('u', 'u'),
  { short: 'U', long: 'unified', argument: 'optional' },
  flag('e', 'ed'),
  flag('n', 'rcs'),
  flag('y', 'side-by-side'),
  valued('W', 'width'),
  flag(undefined, 'left-column'),
  flag(undefined, 'suppress-common-lines'),
  flag('p', 'show-c-function'),
  valued('F', 'show-function-line'),
  { long: 'label', argument: 'required' },
  { short: 'L', argument: 'required' },
  flag('t', 'expand-tabs'),
  flag('T', 'initial-tab'),
  valued(undefined, 'tabsize'),
  flag('l', 'paginate'),
  flag('r', 'recursive'),
  flag(undefined, 'no-dereference'),
  flag('N', 'new-file'),
  flag(undefined, 'unidirectional-new-file'),
  flag(undefined, 'ignore-file-name-case'),
  valued('x', 'exclude'),
  valued('X', 'exclude-from'),
  valued('S', 'starting-file'),
  flag('i', 'ignore-case'),
  flag('E', 'ignore-tab-expansion'),
  flag('Z', 'ignore-trailing-space'),
  flag('b', 'ignore-space-change'),
  flag('w', 'ignore-all-space'),
  flag('B', 'ignore-blank-lines'),
  valued('I', 'ignore-matching-lines'),
  flag('a', 'text'),
  flag(undefined, 'strip-trailing-cr'),
  flag('d', 'minimal'),
  flag(undefined, 'speed-large-files'),
  flag('h', 'h'),
  { long: 'color', argument: 'optional' },
  valued(undefined, 'horizon-lines'),
]

/** diff(1) of diffutils 3.8. */
export const diff: Program = async process => {
  // -C and -U have to have an argument, --context and --unified may.
  const argv = process.argv.flatMap((word, i, all) =>
    i > 0 && /^-[CU]$/.test(word) && all[i + 1] !== undefined
      ? []
      : i > 1 && /^-[CU]$/.test(all[i - 1]!)
        ? [all[i - 1]! + word]
        : [word],
  )
  return run({ ...process, argv })
}

const run = gnuProgram(
  options,
  async (process, parsed) => {
    const [one, two, extra] = parsed.operands
    const mistake = async (what: string): Promise<number> => {
      await process.stderr.write(`diff: ${what}\ndiff: Try 'diff --help' for more information.\n`)
      return 2
    }
    if (one === undefined) return mistake(`missing operand after '${process.argv.at(-1)}'`)
    if (two === undefined) return mistake(`missing operand after '${one}'`)
    if (extra !== undefined) return mistake(`extra operand '${extra}'`)
    const spoken = process.argv.slice(1).filter(word => !parsed.operands.includes(word))
    const work: Work = { process, parsed, prefix: ['diff', ...spoken].join(' ') }
    const folder = (file: string): boolean => file !== '-' && statOf(process, file)?.type === 'directory'
    const [isFolder, other] = [folder(one), folder(two)]
    if (isFolder && other) return compareFolders(work, one, two, 0)
    const base = (file: string): string => file.slice(file.lastIndexOf('/') + 1)
    if (isFolder) return compareFiles(work, `${one.replace(/\/$/, '')}/${base(two)}`, two, false)
    return compareFiles(work, one, other ? `${two.replace(/\/$/, '')}/${base(one)}` : two, false)
  },
  { status: 2, usage: '[OPTION]... FILES', version: '(GNU diffutils) @diffutils@' },
)

type Work = { process: Process; parsed: Parsed; prefix: string }

const deepest = 60

const compareFolders = async (work: Work, one: string, two: string, depth: number): Promise<number> => {
  const { process, parsed } = work
  const excluded = parsed.given.filter(({ name }) => name === 'exclude').map(({ value }) => compilePattern(value!))
  const list = (folder: string): string[] =>
    process.fs
      .readdir(absolute(process, folder), process.who)
      .filter(name => !excluded.some(pattern => matches(pattern, name, process.step)))
  let names: [Set<string>, Set<string>]
  try {
    names = [new Set(list(one)), new Set(list(two))]
  } catch (error) {
    await process.stderr.write(`diff: ${one}: ${errorText(error)}\n`)
    return 2
  }
  let status = 0
  const join = (folder: string, name: string): string => (folder.endsWith('/') ? folder + name : `${folder}/${name}`)
  for (const name of [...new Set([...names[0], ...names[1]])].toSorted()) {
    process.step()
    const [a, b] = [join(one, name), join(two, name)]
    const [inA, inB] = [names[0].has(name), names[1].has(name)]
    if (inA !== inB && !parsed.has('new-file')) {
      await process.stdout.write(`Only in ${(inA ? one : two).replace(/(.)\/$/, '$1')}: ${name}\n`)
      status = Math.max(status, 1)
      continue
    }
    const [typeA, typeB] = [statOf(process, a)?.type, statOf(process, b)?.type]
    if (typeA === 'directory' && typeB === 'directory') {
      if (!parsed.has('recursive')) await process.stdout.write(`Common subdirectories: ${a} and ${b}\n`)
      else if (depth < deepest) status = Math.max(status, await compareFolders(work, a, b, depth + 1))
    } else if (typeA !== undefined && typeB !== undefined && (typeA === 'directory') !== (typeB === 'directory')) {
      const word = (type: string): string => (type === 'directory' ? 'a directory' : 'a regular file')
      await process.stdout.write(`File ${a} is ${word(typeA)} while file ${b} is ${word(typeB)}\n`)
      status = Math.max(status, 1)
    } else status = Math.max(status, await compareFiles(work, a, b, true))
  }
  return status
}

const compareFiles = async (work: Work, one: string, two: string, announced: boolean): Promise<number> => {
  const { process, parsed } = work
  const texts: string[] = []
  let status = 0
  for (const file of [one, two]) {
    try {
      openInput(process, file)
      texts.push(await wholeText(process, file))
    } catch (error) {
      if (!(error instanceof SystemError)) throw error
      if (parsed.has('new-file') && error.errno === 'ENOENT') texts.push('')
      else {
        await process.stderr.write(`diff: ${file}: ${errorText(error)}\n`)
        status = 2
      }
    }
  }
  if (status > 0) return status
  const [a, b] = texts as [string, string]
  if (a === b) {
    if (parsed.has('report-identical-files')) await process.stdout.write(`Files ${one} and ${two} are identical\n`)
    return 0
  }
  const binary = !parsed.has('text') && (a.slice(0, 4096).includes('\0') || b.slice(0, 4096).includes('\0'))
  if (binary && !parsed.has('brief')) {
    await process.stdout.write(`Binary files ${one} and ${two} differ\n`)
    return 1
  }
  const split = (text: string): string[] => (text === '' ? [] : text.replace(/\n$/, '').split('\n'))
  const shown: Texts = {
    a: split(a),
    b: split(b),
    endsA: a === '' || a.endsWith('\n'),
    endsB: b === '' || b.endsWith('\n'),
  }
  const changes = significant(
    parsed,
    shown,
    changesBetween(keysOf(parsed, shown.a, shown.endsA), keysOf(parsed, shown.b, shown.endsB), process.step),
  )
  if (changes.length === 0) {
    if (parsed.has('report-identical-files')) await process.stdout.write(`Files ${one} and ${two} are identical\n`)
    return 0
  }
  if (parsed.has('brief')) {
    await process.stdout.write(`Files ${one} and ${two} differ\n`)
    return 1
  }
  const head = announced ? `${work.prefix} ${one} ${two}\n` : ''
  await process.stdout.write(head + (await formatted(work, shown, changes, [one, two])))
  return 1
}

/** What is compared of each line; a last line without its end is another one, unless blanks do not count. */
const keysOf = (parsed: Parsed, lines: readonly string[], ended: boolean): string[] => {
  const blanks = ['ignore-all-space', 'ignore-space-change', 'ignore-trailing-space'].some(parsed.has)
  return lines.map((line, i) => {
    let key = line
    if (parsed.has('strip-trailing-cr')) key = key.replace(/\r$/, '')
    if (parsed.has('ignore-all-space')) key = key.replace(/\s+/g, '')
    else if (parsed.has('ignore-space-change')) key = key.replace(/\s+$/, '').replace(/\s+/g, ' ')
    else if (parsed.has('ignore-trailing-space')) key = key.replace(/\s+$/, '')
    if (parsed.has('ignore-case')) key = key.toLowerCase()
    return !ended && i === lines.length - 1 && !blanks ? `${key}\n` : key
  })
}

const significant = (parsed: Parsed, { a, b }: Texts, changes: Change[]): Change[] =>
  parsed.has('ignore-blank-lines')
    ? changes.filter(({ from, to, newFrom, newTo }) =>
        [...a.slice(from, to), ...b.slice(newFrom, newTo)].some(line => line !== ''),
      )
    : changes

const formatted = async (
  work: Work,
  texts: Texts,
  changes: readonly Change[],
  files: [string, string],
): Promise<string> => {
  const { process, parsed } = work
  const when = parsed.given.findLast(({ name }) => name === 'color')
  const colours =
    when &&
    (when.value === 'always' || when.value === undefined
      ? when.value === 'always' || process.isatty[1]
      : when.value === 'auto' && process.isatty[1])
  const codes = { header: '1', range: '36', old: '31', new: '32' }
  const paint: Paint = (code, text) => (colours ? `\x1b[${codes[code]}m${text}\x1b[0m` : text)
  const number = (name: string): number => Number(parsed.value(name) ?? 3)
  const labels = parsed.given.filter(({ name }) => name === 'label' || name === 'L').map(({ value }) => value!)
  const named = (i: 0 | 1): string => {
    if (labels[i] !== undefined) return labels[i]
    const mtime =
      (files[i] === '-' ? undefined : statOf(process, files[i]))?.mtime ?? (files[i] === '-' ? process.now() : 0)
    const seconds = Math.floor(mtime / 1000)
    return `${files[i]}\t${formatDate('%Y-%m-%d %H:%M:%S.%N %z', { seconds, nanoseconds: Math.round((mtime - seconds * 1000) * 1e6), zone: zoneOf(process.env.get('TZ')) })}`
  }
  if (parsed.has('u') || parsed.has('unified'))
    return `${paint('header', `--- ${named(0)}`)}\n${paint('header', `+++ ${named(1)}`)}\n${unified(texts, changes, number('unified'), paint)}`
  if (parsed.has('c') || parsed.has('context'))
    return `${paint('header', `*** ${named(0)}`)}\n${paint('header', `--- ${named(1)}`)}\n${contextual(texts, changes, number('context'), paint)}`
  if (parsed.has('ed')) return script(texts, changes)
  if (parsed.has('rcs')) return rcs(texts, changes)
  if (parsed.has('side-by-side'))
    return beside(
      texts,
      changes,
      Math.min(Number(parsed.value('width') ?? 130), 10_000),
      parsed.has('suppress-common-lines'),
    )
  return normal(texts, changes, paint)
}
