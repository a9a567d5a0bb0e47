import { accountOf, groupOf } from '../../accounts.ts'
import { compilePattern, matches } from '../../shell/pattern.ts'
import type { FileType, Stat } from '../../system.ts'
import { parseDate } from '../dates.ts'
import { absolute, attempt } from '../paths.ts'
import { quote } from '../quoting.ts'
import { Mistake, type Primary, type Search, type Test, type Visit, type Words } from './find-expression.ts'
import { regex, regexTypes } from './find-regex.ts'
import { parseMode } from './modes.ts'
import { mountOf } from './mounted.ts'
import { isSame, look } from './names.ts'

/** The argument of a test; a mistake where there is none. */
export const argumentOf = (words: Words, name: string): string => {
  const value = words.list[words.at++]
  if (value === undefined) throw new Mistake(`missing argument to \`${name}'`)
  return value
}

/** `5`, `+5`, `-5`: a comparison with a number; `undefined` for what is none. */
const comparison = (text: string): ((value: number) => boolean) | undefined => {
  const found = /^([-+]?)([0-9]{1,18}(?:\.[0-9]{1,9})?)$/.exec(text)
  if (!found) return undefined
  const wanted = Number(found[2])
  if (found[1] === '+') return value => value > wanted
  if (found[1] === '-') return value => value < wanted
  return value => value === wanted
}

const numbered =
  (of: (stat: Stat) => number): Primary =>
  (_, name, words) => {
    const text = argumentOf(words, name)
    const compare = comparison(text)
    if (!compare) throw new Mistake(`invalid argument \`${text}' to \`${name}'`)
    return ({ stat }) => compare(of(stat))
  }

const pattern =
  (of: (search: Search, visit: Visit) => string | undefined, fold: boolean): Primary =>
  (search, name, words) => {
    const compiled = compilePattern(argumentOf(words, name))
    const step = (cost?: number): void => search.process.step(cost)
    return visit => {
      const text = of(search, visit)
      return text !== undefined && matches(compiled, text, step, fold)
    }
  }

const linkTarget = ({ process }: Search, { stat, path }: Visit): string | undefined => {
  if (stat.type !== 'symlink') return undefined
  const found = attempt(() => process.fs.readlink(absolute(process, path), process.who))
  return 'value' in found ? found.value : undefined
}

const units = new Map([
  ['b', 512],
  ['c', 1],
  ['w', 2],
  ['k', 1024],
  ['M', 1024 ** 2],
  ['G', 1024 ** 3],
  ['', 512],
])

const size: Primary = (_, name, words) => {
  const text = argumentOf(words, name)
  const found = /^([-+]?[0-9]*)(.?)$/s.exec(text)
  const unit = units.get(found?.[2] ?? '?')
  if (unit === undefined && found?.[2]) throw new Mistake(`invalid -size type \`${text.at(-1)}'`)
  const compare = found && comparison(found[1]!)
  if (!compare || unit === undefined) throw new Mistake(`Invalid argument \`${text}' to -size`)
  return ({ stat }) => compare(Math.ceil(stat.size / unit))
}

const perm: Primary = (_, name, words) => {
  const text = argumentOf(words, name)
  const how = text.startsWith('-') ? 'all' : text.startsWith('/') ? 'any' : 'exact'
  const change = parseMode(how === 'exact' ? text : text.slice(1))
  if (!change) throw new Mistake(`invalid mode '${text}'`)
  const wanted = change(0, false, 0)
  return ({ stat }) => {
    if (how === 'exact') return stat.mode === wanted
    return how === 'all' ? (stat.mode & wanted) === wanted : wanted === 0 || (stat.mode & wanted) !== 0
  }
}

const typeLetters = new Map<string, FileType | 'door'>([
  ['b', 'block'],
  ['c', 'char'],
  ['d', 'directory'],
  ['p', 'fifo'],
  ['f', 'file'],
  ['l', 'symlink'],
  ['s', 'socket'],
  ['D', 'door'],
])

const type =
  (other: boolean): Primary =>
  (search, name, words) => {
    const text = argumentOf(words, name)
    if (text === '') throw new Mistake(`Arguments to ${name} should contain at least one letter`)
    const wanted = new Set<string>()
    for (const letter of text.split(',')) {
      if (letter === '')
        throw new Mistake(`Last file type in list argument to ${name} is missing, i.e., list is ending on: ','`)
      if (letter.length > 1) throw new Mistake(`Must separate multiple arguments to ${name} using: ','`)
      const found = typeLetters.get(letter)
      if (!found) throw new Mistake(`Unknown argument to ${name}: ${letter}`)
      wanted.add(found)
    }
    return visit => {
      if (!other) return wanted.has(visit.stat.type)
      const found = attempt(() => look(search.process, visit.path, search.links !== 'always'))
      return wanted.has('value' in found ? found.value.type : 'symlink')
    }
  }

type Clock = 'atime' | 'mtime' | 'ctime'
const day = 86_400

const age =
  (clock: Clock, unit: number): Primary =>
  (search, name, words) => {
    const text = argumentOf(words, name)
    const compare = comparison(text)
    if (!compare) throw new Mistake(`invalid argument \`${text}' to \`${name}'`)
    const now = search.process.now() / 1000
    const from = search.dayStart ? (Math.floor(now / day) + 1) * day : now
    return ({ stat }) => {
      const passed = (from - stat[clock] / 1000) / unit
      // Minutes are compared as they are, days without what is left of them.
      if (unit === 60 && !/^[0-9]/.test(text)) return compare(passed)
      if (unit === 60) return compare(Math.ceil(passed))
      return compare(Math.floor(passed))
    }
  }

const clocks = new Map<string, Clock>([
  ['a', 'atime'],
  ['c', 'ctime'],
  ['m', 'mtime'],
  ['B', 'ctime'],
])

const newer =
  (clock: Clock, reference: Clock | 'text'): Primary =>
  (search, name, words) => {
    const { process } = search
    const text = argumentOf(words, name)
    let time: number | undefined
    if (reference === 'text') {
      time = parseDate(text, process.now())
      if (time === undefined)
        throw new Mistake(`I cannot figure out how to interpret ${quote(process, text)} as a date or time`)
    } else {
      const found = attempt(() => look(process, text, search.links !== 'never'))
      if ('error' in found) throw new Mistake(`${quote(process, text)}: ${found.error}`)
      time = found.value[reference]
    }
    const limit = time
    return ({ stat }) => stat[clock] > limit
  }

const owner =
  (kind: 'user' | 'group'): Primary =>
  ({ process }, name, words) => {
    const text = argumentOf(words, name)
    const { fs } = process
    const known = kind === 'user' ? accountOf(fs, text)?.uid : groupOf(fs, text)?.gid
    const id = known ?? (/^[0-9]{1,10}$/.test(text) ? Number(text) : undefined)
    if (id === undefined) {
      throw new Mistake(
        kind === 'user'
          ? `${quote(process, text)} is not the name of a known user`
          : `${quote(process, text)} is not the name of an existing group`,
      )
    }
    return ({ stat }) => (kind === 'user' ? stat.uid : stat.gid) === id
  }

const allowed =
  (mask: number): Primary =>
  ({ process }) =>
  ({ path }) => {
    const found = attempt(() => process.fs.access(absolute(process, path), mask, process.who))
    return 'value' in found && found.value
  }

const isEmpty = ({ process }: Search): Test => {
  return ({ stat, path }) => {
    if (stat.type === 'file') return stat.size === 0
    if (stat.type !== 'directory') return false
    const names = attempt(() => process.fs.readdir(absolute(process, path), process.who))
    return 'value' in names && names.value.length === 0
  }
}

/** A setting in the expression that is always true. */
const setting =
  (set: (search: Search) => void): Primary =>
  search => {
    set(search)
    return () => true
  }

const depthOption =
  (key: 'maxDepth' | 'minDepth'): Primary =>
  (search, name, words) => {
    const text = argumentOf(words, name)
    if (!/^[0-9]{1,9}$/.test(text)) {
      throw new Mistake(
        `Expected a positive decimal integer argument to ${name}, but got ${quote(search.process, text)}`,
      )
    }
    search[key] = Number(text)
    return () => true
  }

/** The tests and options of find(1) of findutils 4.9.0 that only look. */
export const tests = new Map<string, Primary>([
  ['-name', pattern((_, { name }) => name, false)],
  ['-iname', pattern((_, { name }) => name, true)],
  ['-path', pattern((_, { path }) => path, false)],
  ['-wholename', pattern((_, { path }) => path, false)],
  ['-ipath', pattern((_, { path }) => path, true)],
  ['-iwholename', pattern((_, { path }) => path, true)],
  ['-lname', pattern(linkTarget, false)],
  ['-ilname', pattern(linkTarget, true)],
  ['-regex', regex(false)],
  ['-iregex', regex(true)],
  ['-size', size],
  ['-perm', perm],
  ['-type', type(false)],
  ['-xtype', type(true)],
  ['-links', numbered(({ nlink }) => nlink)],
  ['-inum', numbered(({ ino }) => ino)],
  ['-uid', numbered(({ uid }) => uid)],
  ['-gid', numbered(({ gid }) => gid)],
  ['-used', numbered(({ atime, ctime }) => Math.floor((atime - ctime) / 1000 / day))],
  ['-atime', age('atime', day)],
  ['-mtime', age('mtime', day)],
  ['-ctime', age('ctime', day)],
  ['-amin', age('atime', 60)],
  ['-mmin', age('mtime', 60)],
  ['-cmin', age('ctime', 60)],
  ['-newer', newer('mtime', 'mtime')],
  ['-anewer', newer('atime', 'mtime')],
  ['-cnewer', newer('ctime', 'mtime')],
  ['-user', owner('user')],
  ['-group', owner('group')],
  [
    '-nouser',
    ({ process }) =>
      ({ stat }) =>
        accountOf(process.fs, stat.uid) === undefined,
  ],
  [
    '-nogroup',
    ({ process }) =>
      ({ stat }) =>
        groupOf(process.fs, stat.gid) === undefined,
  ],
  ['-readable', allowed(4)],
  ['-writable', allowed(2)],
  ['-executable', allowed(1)],
  ['-empty', isEmpty],
  ['-true', () => () => true],
  ['-false', () => () => false],
  [
    '-samefile',
    (search, name, words) => {
      const text = argumentOf(words, name)
      const found = attempt(() => look(search.process, text, search.links !== 'never'))
      if ('error' in found) throw new Mistake(`${quote(search.process, text)}: ${found.error}`)
      return ({ stat }) => isSame(stat, found.value)
    },
  ],
  [
    '-fstype',
    ({ process }, name, words) => {
      const wanted = argumentOf(words, name)
      return ({ path }) => mountOf(process, path).type === wanted
    },
  ],
  [
    '-prune',
    () => visit => {
      visit.pruned = true
      return true
    },
  ],
  ['-maxdepth', depthOption('maxDepth')],
  ['-mindepth', depthOption('minDepth')],
  [
    '-depth',
    setting(search => {
      search.depthFirst = true
    }),
  ],
  [
    '-d',
    setting(search => {
      search.depthFirst = true
    }),
  ],
  [
    '-mount',
    setting(search => {
      search.oneFileSystem = true
    }),
  ],
  [
    '-xdev',
    setting(search => {
      search.oneFileSystem = true
    }),
  ],
  [
    '-follow',
    setting(search => {
      search.links = 'always'
    }),
  ],
  [
    '-daystart',
    setting(search => {
      search.dayStart = true
    }),
  ],
  ...['-noleaf', '-warn', '-nowarn', '-ignore_readdir_race', '-noignore_readdir_race'].map(
    name => [name, setting(() => {})] as [string, Primary],
  ),
  [
    '-regextype',
    (search, name, words) => {
      const text = argumentOf(words, name)
      if (!regexTypes.includes(text)) {
        const list = regexTypes.map(type => quote(search.process, type)).join(', ')
        throw new Mistake(`Unknown regular expression type ${quote(search.process, text)}; valid types are ${list}.`)
      }
      search.regexType = text
      return () => true
    },
  ],
])

/** `-newerXY`. */
export const newerTest = (name: string): Primary | undefined => {
  const found = /^-newer(..)$/.exec(name)
  if (!found) return undefined
  const clock = clocks.get(found[1]![0]!)
  const reference = found[1]![1] === 't' ? 'text' : clocks.get(found[1]![1]!)
  if (!clock || !reference) throw new Mistake(`invalid predicate \`${name}'`)
  return newer(clock, reference)
}
