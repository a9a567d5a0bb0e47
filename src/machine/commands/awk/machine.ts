import { errorText } from '../../errors.ts'
import { compileRegex, type Regex } from '../../regex/regex.ts'
import type { Process } from '../../system.ts'
import { openInput } from '../text/io.ts'
import { converter } from './format.ts'
import { unescaped } from './lexer.ts'
import { type Record_, recordOf, splitText } from './record.ts'
import { type RecordReader, recordsOf, type Streams, streamsOf } from './streams.ts'
import type { Syntax } from './syntax.ts'
import { fromOutside, type Table, toNumber, toText, type Value } from './values.ts'

/** What mawk says when a running program cannot go on. */
export class RunFault extends Error {
  /** Whether it names the record it was at. */
  readonly located: boolean
  constructor(message: string, located = true) {
    super(message)
    this.located = located
  }
}

/** A variable: nothing yet, a value or an array. A parameter that was given none may become its caller's array. */
export type Cell = { value: Value; table: Table | undefined; origin: Cell | undefined }

export type Machine = {
  process: Process
  syntax: Syntax
  streams: Streams
  record: Record_
  globals: Map<string, Cell>
  frames: Cell[][]
  random: { seed: Value; next(): number }
  cell(name: string, local: number): Cell
  read(name: string, local: number): Value
  write(name: string, local: number, value: Value): void
  table(name: string, local: number): Table
  text(value: Value): string
  /** By OFMT, as print writes it. */
  shown(value: Value): string
  regex(source: string): Regex
  split(text: string, separator: string): string[]
  /** The next record of the files in ARGV; `undefined` at their end. */
  nextRecord(): Promise<string | undefined>
  skipFile(): void
  countRecord(): void
}

/** Elements of all arrays; bytes of one text. */
export const limits = { elements: 200_000, text: 4 << 20, calls: 800 } as const
const mostRegexes = 500

const special = new Map<string, Value>([
  ['FS', ' '],
  ['OFS', ' '],
  ['ORS', '\n'],
  ['RS', '\n'],
  ['NR', 0],
  ['FNR', 0],
  ['FILENAME', ''],
  ['SUBSEP', '\x1c'],
  ['OFMT', '%.6g'],
  ['CONVFMT', '%.6g'],
  ['RSTART', 0],
  ['RLENGTH', -1],
])

export const newCell = (value?: Value): Cell => ({ value, table: undefined, origin: undefined })

export const tableOf = (cell: Cell): Table => {
  if (cell.table) return cell.table
  if (cell.value !== undefined) throw new RunFault('cannot use a scalar as an array')
  const table: Table = cell.origin ? tableOf(cell.origin) : new Map()
  cell.table = table
  return table
}

export const machineOf = (process: Process, syntax: Syntax, operands: readonly string[]): Machine => {
  const globals = new Map<string, Cell>([...special].map(([name, value]) => [name, newCell(value)]))
  const regexes = new Map<string, Regex>()
  const arrayOf = (entries: Iterable<readonly [string, string]>): Cell => ({
    ...newCell(),
    table: new Map([...entries].map(([key, text]) => [key, fromOutside(text)])),
  })
  globals.set('ENVIRON', arrayOf(process.env))
  globals.set('ARGV', arrayOf(['awk', ...operands].map((word, i) => [String(i), word] as const)))
  globals.set('ARGC', newCell(operands.length + 1))
  const plain = (name: string): string => toText(globals.get(name)!.value, String)
  let convertFormat = ''
  let convert = converter('%.6g')
  let outputFormat = ''
  let output = converter('%.6g')
  const text = (value: Value): string => {
    if (typeof value !== 'number') return toText(value, String)
    const format = plain('CONVFMT')
    if (format !== convertFormat) {
      convertFormat = format
      convert = converter(format)
    }
    return toText(value, convert)
  }
  const shown = (value: Value): string => {
    if (typeof value !== 'number') return toText(value, String)
    const format = plain('OFMT')
    if (format !== outputFormat) {
      outputFormat = format
      output = converter(format)
    }
    return toText(value, output)
  }
  const regex = (source: string): Regex => {
    const known = regexes.get(source)
    if (known) return known
    const made = compileRegex(source, 'awk')
    if ('problem' in made) throw new RunFault(`regular expression compile failed (${made.problem})\n${source}`, false)
    if (regexes.size >= mostRegexes) regexes.clear()
    regexes.set(source, made)
    return made
  }
  const split = (line: string, separator: string): string[] =>
    splitText(line, separator, regex, process.step, plain('RS') === '' && separator !== ' ')
  const record = recordOf({
    split: line => split(line, plain('FS')),
    joint: () => plain('OFS'),
    text,
    refuse(message) {
      throw new RunFault(message)
    },
  })
  const streams = streamsOf(process)

  let reader: RecordReader | undefined
  let argument = 0
  let opened = false
  let over = false
  const openNext = async (): Promise<boolean> => {
    const argv = globals.get('ARGV')!.table!
    for (;;) {
      const most = Math.min(toNumber(globals.get('ARGC')!.value), 100_000)
      if (++argument >= most) {
        if (opened) return false
        opened = true
        reader = recordsOf(process, process.stdin)
        globals.get('FILENAME')!.value = '-'
        return true
      }
      process.step()
      const word = toText(argv.get(String(argument)), String)
      if (word === '') continue
      const assigned = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(word)
      if (assigned) {
        machine.write(assigned[1]!, -1, fromOutside(unescaped(assigned[2]!)))
        continue
      }
      opened = true
      try {
        reader = recordsOf(process, openInput(process, word))
      } catch (error) {
        throw new RunFault(`cannot open ${word} (${errorText(error)})`, false)
      }
      globals.get('FILENAME')!.value = word
      globals.get('FNR')!.value = 0
      return true
    }
  }
  const ending = () => {
    const separator = plain('RS')
    return { text: separator, regex: separator.length > 1 ? regex(separator) : undefined }
  }

  const machine: Machine = {
    process,
    syntax,
    streams,
    record,
    globals,
    frames: [],
    random: { seed: undefined, next: () => 0 },
    cell(name, local) {
      if (local >= 0) return machine.frames.at(-1)![local]!
      const found = globals.get(name)
      if (found) return found
      const made = newCell()
      globals.set(name, made)
      return made
    },
    read(name, local) {
      if (local < 0 && name === 'NF') return record.count()
      const cell = machine.cell(name, local)
      if (cell.table) throw new RunFault(`line 1: illegal reference to array ${name}`, false)
      return cell.value
    },
    write(name, local, value) {
      if (local < 0 && name === 'NF') {
        record.setCount(Math.trunc(toNumber(value)))
        return
      }
      const cell = machine.cell(name, local)
      if (cell.table) throw new RunFault(`line 1: illegal reference to array ${name}`, false)
      cell.value = value
    },
    table: (name, local) => tableOf(machine.cell(name, local)),
    text,
    shown,
    regex,
    split,
    async nextRecord() {
      if (over) return undefined
      for (;;) {
        if (!reader && !(await openNext())) {
          over = true
          return undefined
        }
        const line = await reader!.next(ending())
        if (line !== undefined) return line
        reader = undefined
      }
    },
    skipFile() {
      reader = undefined
    },
    countRecord() {
      for (const name of ['NR', 'FNR']) {
        const cell = globals.get(name)!
        cell.value = toNumber(cell.value) + 1
      }
    },
  }
  return machine
}
