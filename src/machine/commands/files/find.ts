import { errorText } from '../../errors.ts'
import { type Process, type Program, type Stat, SystemError } from '../../system.ts'
import { usageError } from '../coreutils.ts'
import { versioned } from '../package-version.ts'
import { absolute, complain } from '../paths.ts'
import { quote } from '../quoting.ts'
import { actions } from './find-actions.ts'
import { Mistake, type Primary, parseExpression, Quit, type Search, type Test, type Visit } from './find-expression.ts'
import { newerTest, tests } from './find-tests.ts'
import { baseName, below, look } from './names.ts'
import { breathe } from './work.ts'

const deepest = 500

const primary: Primary = (search, name, words) => {
  const found = tests.get(name) ?? actions.get(name) ?? newerTest(name)
  return found?.(search, name, words)
}

/** find(1) of GNU findutils 4.9.0. */
export const find: Program = async process => {
  const search: Search = {
    process,
    links: 'never',
    maxDepth: Number.POSITIVE_INFINITY,
    minDepth: 0,
    depthFirst: false,
    oneFileSystem: false,
    dayStart: false,
    regexType: 'findutils-default',
    acts: false,
    status: 0,
    atEnd: [],
  }
  const { argv } = process
  let at = await leadingOptions(search)
  if (at === undefined) return 1
  const operands: string[] = []
  while (at < argv.length && !isExpression(argv[at]!)) operands.push(argv[at++]!)
  const rest = argv.slice(at)
  if (rest.includes('-version') || rest.includes('--version')) {
    await process.stdout.write(versioned(process, 'find (GNU findutils) @findutils@\n'))
    return 0
  }
  if (rest.includes('-help') || rest.includes('--help')) {
    await process.stdout.write(`Usage: ${argv[0]} [-H] [-L] [-P] [-Olevel] [-D debugopts] [path...] [expression]\n`)
    return 0
  }
  let test: Test
  try {
    const words = { list: rest, at: 0 }
    const given: Test = rest.length === 0 ? () => true : parseExpression(search, words, primary)
    const print = actions.get('-print')!(search, '-print', words)!
    test = given
    if (!actsOf(rest)) test = async visit => (await given(visit)) && print(visit)
  } catch (error) {
    if (!(error instanceof Mistake)) throw error
    await complain(process, error.message)
    return 1
  }
  try {
    for (const root of operands.length > 0 ? operands : ['.']) await visitAll(search, test, root)
  } catch (error) {
    if (!(error instanceof Quit)) throw error
  }
  for (const finish of search.atEnd) await finish()
  return search.status
}

const actsOf = (words: readonly string[]): boolean => words.some(word => word !== '-quit' && actions.has(word))

const isExpression = (word: string): boolean => (word.startsWith('-') && word !== '-') || ['(', ')', '!'].includes(word)

/** `-H`, `-L`, `-P`, `-O3`, `-D …`; where the paths begin. */
const leadingOptions = async (search: Search): Promise<number | undefined> => {
  const { argv } = search.process
  let at = 1
  for (; at < argv.length; at++) {
    const word = argv[at]!
    if (word === '-H') search.links = 'operands'
    else if (word === '-L') search.links = 'always'
    else if (word === '-P') search.links = 'never'
    else if (word === '-D') {
      if (argv[++at] === undefined) {
        await usageError(search.process, 'Missing argument after the -D option.')
        return undefined
      }
    } else if (/^-O/.test(word)) {
      if (!/^-O[0-9]+$/.test(word)) {
        const digit = /^-O[0-9]/.test(word)
        await complain(
          search.process,
          digit
            ? `Invalid optimisation level ${word.slice(2)}`
            : 'The -O option must be immediately followed by a decimal integer',
        )
        return undefined
      }
    } else if (word === '--') return at + 1
    else return at
  }
  return at
}

const visitAll = async (search: Search, test: Test, root: string): Promise<void> => {
  const { process } = search
  let stat: Stat
  try {
    stat = statOf(search, root, 0)
  } catch (error) {
    await complain(process, `${quote(process, root)}: ${errorText(error)}`)
    search.status = 1
    return
  }
  await visitOne(search, test, { path: root, root, name: baseName(root), depth: 0, stat, pruned: false }, stat.dev, [])
}

/** By the rules for links; of a link that leads nowhere, its own. */
const statOf = ({ process, links }: Search, path: string, depth: number): Stat => {
  const follows = links === 'always' || (links === 'operands' && depth === 0)
  if (!follows) return look(process, path)
  try {
    return look(process, path, true)
  } catch (error) {
    if (error instanceof SystemError && error.errno === 'ELOOP') throw error
    return look(process, path)
  }
}

const visitOne = async (
  search: Search,
  test: Test,
  visit: Visit,
  device: number,
  above: readonly string[],
): Promise<void> => {
  const { depth, stat } = visit
  await breathe(search.process)
  const tells = depth >= search.minDepth
  if (tells && !search.depthFirst) await test(visit)
  const descends =
    stat.type === 'directory' &&
    depth < search.maxDepth &&
    depth < deepest &&
    !(visit.pruned && !search.depthFirst) &&
    !(search.oneFileSystem && stat.dev !== device)
  if (descends) await visitBelow(search, test, visit, device, above)
  if (tells && search.depthFirst) await test(visit)
}

const visitBelow = async (
  search: Search,
  test: Test,
  { path, root, depth, stat }: Visit,
  device: number,
  above: readonly string[],
): Promise<void> => {
  const { process } = search
  const identity = `${stat.dev}:${stat.ino}`
  const fail = (name: string, text: string): Promise<void> => {
    search.status = 1
    return complain(process, `${quote(process, name)}: ${text}`)
  }
  if (above.includes(identity)) {
    search.status = 1
    return complain(
      process,
      `File system loop detected; ${quote(process, path)} is part of the same file system loop as ${quote(process, root)}.`,
    )
  }
  let names: string[]
  try {
    names = readNames(process, path)
  } catch (error) {
    return fail(path, errorText(error))
  }
  for (const name of names) {
    const child = below(path, name)
    let found: Stat
    try {
      found = statOf(search, child, depth + 1)
    } catch (error) {
      // Gone meanwhile.
      await fail(child, errorText(error))
      continue
    }
    await visitOne(search, test, { path: child, root, name, depth: depth + 1, stat: found, pruned: false }, device, [
      ...above,
      identity,
    ])
  }
}

const readNames = (process: Process, path: string): string[] => process.fs.readdir(absolute(process, path), process.who)
