import type { Process } from '../../../system.ts'
import { type Column, columns, layouts } from './columns.ts'
import { columnsIn, idsIn, type SortKey, sortKeysIn, terminalsIn, usersIn, wordsIn } from './ps-lists.ts'
import type { Row } from './rows.ts'

/** What a command line of ps asks for. */
export type Wanted = {
  columns: readonly Column[]
  /** Any of these; none given means the caller's own on this terminal. */
  chosen: ((row: Row) => boolean)[]
  negated: boolean
  /** BSD's `a` and `x` lift the limits of that default: to oneself, and to processes with terminals. */
  everybody: boolean
  noTerminals: boolean
  bsd: boolean
  sort: SortKey[]
  forest: boolean
  environment: boolean
  header: boolean
  wide: number
  /** Columns asked for by `--cols`. */
  width: number | undefined
}

type Refusal = { refused: string }

const everything = (): boolean => true

/** The three tongues of ps(1): UNIX options after a dash, BSD's without, GNU's after two. */
export const readOptions = (process: Process): Wanted | Refusal => {
  const [, ...words] = process.argv
  const custom: Column[] = []
  let layout: readonly Column[] | undefined
  const wanted: Wanted = {
    columns: [],
    chosen: [],
    negated: false,
    everybody: false,
    noTerminals: false,
    bsd: false,
    sort: [],
    forest: false,
    environment: false,
    header: true,
    wide: 0,
    width: undefined,
  }
  let refused: string | undefined
  const refuse = (message: string): void => {
    refused ??= message
  }
  const { chosen } = wanted

  /** Does something with what a list says, or refuses with what is wrong with it. */
  const given = <T>(found: T | string, use: (found: T) => void): void => {
    if (typeof found === 'string') refuse(found)
    else use(found)
  }
  const formats = (text: string): void => given(columnsIn(text), found => custom.push(...found))
  const numbers = (text: string, name: 'pid' | 'ppid' | 'sid' | 'pgid'): void =>
    given(idsIn(text), ids => chosen.push(row => ids.has(row[name])))
  const users = (text: string): void => given(usersIn(process, text), ids => chosen.push(row => ids.has(row.uid)))
  const terminals = (text: string): void => {
    const names = terminalsIn(text)
    chosen.push(row => names.has(row.tty))
  }
  const commands = (text: string): void => {
    const names = new Set(wordsIn(text).map(name => name.slice(0, 15)))
    chosen.push(row => names.has(row.name))
  }
  const sorting = (text: string): void => given(sortKeysIn(text), keys => wanted.sort.push(...keys))

  type Act = (value: string) => void
  const withValue = new Set('opqutTCGgsUNOk')
  const plain: ReadonlyMap<string, Act> = new Map<string, Act>([
    ['A', () => chosen.push(everything)],
    ['e', () => chosen.push(everything)],
    ['a', () => chosen.push(row => row.tty !== '?' && row.sid !== row.pid)],
    ['d', () => chosen.push(row => row.sid !== row.pid)],
    [
      'N',
      () => {
        wanted.negated = true
      },
    ],
    [
      'f',
      () => {
        layout = layouts.full
      },
    ],
    [
      'F',
      () => {
        layout = layouts.extraFull
      },
    ],
    [
      'l',
      () => {
        layout = layouts.long
      },
    ],
    [
      'j',
      () => {
        layout = layouts.jobs
      },
    ],
    ['y', () => undefined],
    ['c', () => undefined],
    ['L', () => undefined],
    ['T', () => undefined],
    ['m', () => undefined],
    ['M', () => undefined],
    ['Z', () => undefined],
    ['P', () => undefined],
    [
      'H',
      () => {
        wanted.forest = true
      },
    ],
    ['w', () => void wanted.wide++],
    [
      'x',
      () => {
        wanted.noTerminals = true
      },
    ],
    ['o', formats],
    [
      'O',
      value => {
        custom.push(columns.get('pid')!)
        formats(value)
        custom.push(columns.get('state')!, columns.get('tname')!, columns.get('time')!, columns.get('args')!)
      },
    ],
    ['p', value => numbers(value, 'pid')],
    ['q', value => numbers(value, 'pid')],
    ['g', value => numbers(value, 'sid')],
    ['s', value => numbers(value, 'sid')],
    ['u', users],
    ['U', users],
    ['G', () => chosen.push(() => false)],
    ['t', terminals],
    ['C', commands],
    ['V', () => undefined],
  ])
  const bsd: ReadonlyMap<string, Act> = new Map<string, Act>([
    [
      'a',
      () => {
        wanted.everybody = true
      },
    ],
    [
      'x',
      () => {
        wanted.noTerminals = true
      },
    ],
    [
      'u',
      () => {
        layout = layouts.bsdUser
      },
    ],
    [
      'l',
      () => {
        layout = layouts.bsdLong
      },
    ],
    [
      'j',
      () => {
        layout = layouts.bsdJobs
      },
    ],
    [
      'v',
      () => {
        layout = layouts.bsdVirtual
      },
    ],
    [
      'f',
      () => {
        wanted.forest = true
      },
    ],
    [
      'e',
      () => {
        wanted.environment = true
      },
    ],
    [
      'h',
      () => {
        wanted.header = false
      },
    ],
    ['w', () => void wanted.wide++],
    ['g', () => undefined],
    ['c', () => undefined],
    ['n', () => undefined],
    ['S', () => undefined],
    ['H', () => undefined],
    ['m', () => undefined],
    ['r', () => chosen.push(row => row.state === 'R')],
    ['T', () => chosen.push(row => row.tty === (process.terminal?.name ?? '?'))],
    ['t', value => (value === '' ? chosen.push(row => row.tty === process.terminal?.name) : terminals(value))],
    ['p', value => numbers(value, 'pid')],
    ['U', users],
    ['k', sorting],
    ['o', formats],
    ['O', formats],
  ])
  const bsdWithValue = new Set('pUkoO')
  const long: ReadonlyMap<string, Act> = new Map<string, Act>([
    ['sort', sorting],
    [
      'forest',
      () => {
        wanted.forest = true
      },
    ],
    ['format', formats],
    ['pid', value => numbers(value, 'pid')],
    ['quick-pid', value => numbers(value, 'pid')],
    ['ppid', value => numbers(value, 'ppid')],
    ['sid', value => numbers(value, 'sid')],
    ['user', users],
    ['User', users],
    ['tty', terminals],
    [
      'deselect',
      () => {
        wanted.negated = true
      },
    ],
    [
      'no-headers',
      () => {
        wanted.header = false
      },
    ],
    [
      'no-heading',
      () => {
        wanted.header = false
      },
    ],
    [
      'noheader',
      () => {
        wanted.header = false
      },
    ],
    [
      'noheaders',
      () => {
        wanted.header = false
      },
    ],
    [
      'noheading',
      () => {
        wanted.header = false
      },
    ],
    ['headers', () => undefined],
    ['heading', () => undefined],
    ['cumulative', () => undefined],
    [
      'cols',
      value => {
        wanted.width = Number(value)
      },
    ],
    [
      'columns',
      value => {
        wanted.width = Number(value)
      },
    ],
    [
      'width',
      value => {
        wanted.width = Number(value)
      },
    ],
    ['rows', () => undefined],
    ['lines', () => undefined],
  ])
  const longWithValue = new Set(
    'sort format pid quick-pid ppid sid user User tty cols columns width rows lines'.split(' '),
  )

  for (let at = 0; at < words.length && refused === undefined; at++) {
    const word = words[at]!
    if (word.startsWith('--')) {
      const equals = word.indexOf('=')
      const name = equals < 0 ? word.slice(2) : word.slice(2, equals)
      const act = long.get(name)
      if (!act) {
        refuse(name === '' ? 'unsupported option' : 'unknown gnu long option')
        break
      }
      let value = equals < 0 ? '' : word.slice(equals + 1)
      if (longWithValue.has(name) && equals < 0) value = words[++at] ?? ''
      act(value)
      continue
    }
    const dashed = word.startsWith('-')
    const letters = dashed ? word.slice(1) : word
    if (!dashed && /^\d/.test(word)) {
      numbers(word, 'pid')
      continue
    }
    if (dashed && /^\d/.test(letters)) {
      numbers(letters, 'sid')
      continue
    }
    if (!dashed) wanted.bsd = true
    const table = dashed ? plain : bsd
    for (let i = 0; i < letters.length && refused === undefined; i++) {
      const letter = letters[i]!
      const act = table.get(letter)
      if (!act) {
        refuse(
          dashed
            ? letters.length > 1 && i === 0
              ? 'unsupported SysV option'
              : 'unsupported SysV option'
            : 'unsupported option (BSD syntax)',
        )
        break
      }
      if ((dashed ? withValue : bsdWithValue).has(letter)) {
        let value = letters.slice(i + 1)
        if (value === '') value = words[++at] ?? ''
        if (value === '' && letter === 'u') {
          // `ps -u` alone: BSD's meaning.
          layout = layouts.bsdUser
          wanted.bsd = true
          break
        }
        if (value === '')
          refuse(
            letter === 'o'
              ? 'format specification must follow -o'
              : letter === 'C'
                ? 'list of command names must follow -C'
                : letter === 'p'
                  ? 'list of process IDs must follow -p'
                  : `list of ${letter} must follow -${letter}`,
          )
        else act(value)
        break
      }
      act(letter === 't' && !dashed ? letters.slice(i + 1) : '')
      if (letter === 't' && !dashed) break
    }
  }
  if (refused !== undefined) return { refused }
  wanted.columns = custom.length > 0 ? custom : (layout ?? (wanted.bsd ? layouts.bsd : layouts.short))
  return wanted
}
