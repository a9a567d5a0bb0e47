import { errorText } from '../../errors.ts'
import { cEscapes } from '../../escapes.ts'
import { type Process, type Program, SystemError } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import type { Option, Parsed } from '../getopt.ts'
import { absolute, attempt, complain } from '../paths.ts'
import { quote, quoteName, speaksUtf8 } from '../quoting.ts'
import { ask } from './ask.ts'

const options: Option[] = [
  { short: '0', long: 'null' },
  { short: 'a', long: 'arg-file', argument: 'required' },
  { short: 'd', long: 'delimiter', argument: 'required' },
  { short: 'E', argument: 'required' },
  { short: 'e', long: 'eof', argument: 'optional' },
  { short: 'I', argument: 'required' },
  { short: 'i', long: 'replace', argument: 'optional' },
  { short: 'L', argument: 'required' },
  { short: 'l', long: 'max-lines', argument: 'optional' },
  { short: 'n', long: 'max-args', argument: 'required' },
  { short: 'o', long: 'open-tty' },
  { short: 'P', long: 'max-procs', argument: 'required' },
  { short: 'p', long: 'interactive' },
  { short: 'r', long: 'no-run-if-empty' },
  { short: 's', long: 'max-chars', argument: 'required' },
  { short: 't', long: 'verbose' },
  { short: 'x', long: 'exit' },
  { long: 'process-slot-var', argument: 'required' },
  { long: 'show-limits' },
]

const mostBytes = 128 << 10
const longestItem = 128 << 10

type Settings = {
  delimiter: string | undefined
  end: string | undefined
  replace: string | undefined
  lines: number | undefined
  count: number | undefined
  bytes: number
  verbose: boolean
  asks: boolean
  runsEmpty: boolean
  exits: boolean
  command: string[]
}

/** xargs(1) of GNU findutils 4.9.0. Commands run one after the other, whatever -P allows. */
export const xargs: Program = gnuProgram(
  options,
  async (process, parsed) => {
    const settings = await settingsOf(process, parsed)
    if (typeof settings === 'number') return settings
    const path = parsed.value('arg-file')
    let input = process.stdin
    if (path !== undefined && path !== '-') {
      const found = attempt(() => process.fs.readFile(absolute(process, path), process.who))
      if ('error' in found) {
        await complain(process, `Cannot open input file ${quote(process, path)}: ${found.error}`)
        return 1
      }
      let rest: Buffer | undefined = found.value
      input = {
        async read() {
          const data = rest
          rest = undefined
          return data
        },
      }
    }
    return runAll(process, settings, input)
  },
  { posix: true, usage: '[OPTION]... COMMAND [INITIAL-ARGS]...', version: '(GNU findutils) @findutils@' },
)

const settingsOf = async (process: Process, parsed: Parsed): Promise<Settings | number> => {
  const settings: Settings = {
    delimiter: undefined,
    end: undefined,
    replace: undefined,
    lines: undefined,
    count: undefined,
    bytes: mostBytes,
    verbose: parsed.has('verbose') || parsed.has('interactive'),
    asks: parsed.has('interactive'),
    runsEmpty: !parsed.has('no-run-if-empty'),
    exits: parsed.has('exit'),
    command: parsed.operands.length > 0 ? parsed.operands : ['echo'],
  }
  const fail = async (message: string): Promise<number> => {
    await complain(process, message)
    return 1
  }
  for (const { name, value = '' } of parsed.given) {
    const number = (letter: string, least: number): number | string => {
      if (!/^-?[0-9]+$/.test(value)) return `invalid number "${value}" for -${letter} option`
      return Number(value) < least ? `value ${value} for -${letter} option should be >= ${least}` : Number(value)
    }
    let wrong: number | string = 0
    if (name === 'null') settings.delimiter = '\0'
    else if (name === 'delimiter') {
      const found = delimiterOf(value)
      if (found === undefined)
        return fail(
          `Invalid input delimiter specification ${value}: the delimiter must be either a single character or an escape sequence starting with \\.`,
        )
      settings.delimiter = found
    } else if (name === 'E' || name === 'eof') settings.end = value || undefined
    else if (name === 'I') settings.replace = value
    else if (name === 'replace') settings.replace = value || '{}'
    else if (name === 'L' || name === 'max-lines') {
      wrong = name === 'max-lines' && value === '' ? 1 : number(name === 'L' ? 'L' : 'l', 1)
      if (typeof wrong === 'number') settings.lines = wrong
      settings.count = settings.replace = undefined
    } else if (name === 'max-args') {
      wrong = number('n', 1)
      if (typeof wrong === 'number') settings.count = wrong
      if (settings.count === 1 && settings.replace !== undefined) settings.count = undefined
      else if (settings.replace !== undefined) {
        await complain(
          process,
          'warning: options --replace and --max-args/-n are mutually exclusive, ignoring previous --replace value',
        )
        settings.replace = undefined
      }
      settings.lines = undefined
    } else if (name === 'max-procs') wrong = number('P', 0)
    else if (name === 'max-chars') {
      wrong = number('s', 1)
      if (typeof wrong === 'number') settings.bytes = Math.min(wrong, mostBytes)
    }
    if (typeof wrong === 'string') {
      await complain(process, wrong)
      await process.stderr.write(`Try '${process.argv[0]} --help' for more information.\n`)
      return 1
    }
    if (settings.replace !== undefined && (name === 'I' || name === 'replace')) {
      if (settings.count !== undefined) {
        await complain(
          process,
          'warning: options --max-args and --replace/-I/-i are mutually exclusive, ignoring previous --max-args value',
        )
      }
      settings.count = settings.lines = undefined
    }
  }
  return settings
}

const delimiterOf = (text: string): string | undefined => {
  if (text.length === 1) return text
  const named = /^\\(?:([abfnrtv\\0])|x([0-9a-fA-F]{1,2})|([0-7]{1,3}))$/.exec(text)
  if (!named) return undefined
  if (named[2]) return String.fromCharCode(Number.parseInt(named[2], 16))
  if (named[3]) return String.fromCharCode(Number.parseInt(named[3], 8) & 255)
  return named[1] === '0' ? '\0' : cEscapes.get(named[1]!)
}

class Fault extends Error {}

/** Items as they come; `ends`: a line ended behind it. */
async function* itemsOf(
  process: Process,
  settings: Settings,
  input: Process['stdin'],
): AsyncGenerator<{ item: string; ends: boolean }> {
  const { delimiter, replace, end } = settings
  let item = ''
  let started = false
  let quoteMark = ''
  let escaped = false
  let blank = false
  const whole = delimiter !== undefined
  const flush = function* (ends: boolean): Generator<{ item: string; ends: boolean }> {
    if (started) yield { item, ends }
    item = ''
    started = false
  }
  for (let data = await input.read(); data !== undefined; data = await input.read()) {
    process.step(data.length >> 8)
    for (const c of data.toString('latin1')) {
      if (item.length > longestItem) throw new Fault('argument line too long')
      if (whole) {
        if (c === delimiter) {
          started = true
          yield* flush(true)
        } else {
          item += c
          started = true
        }
        continue
      }
      if (escaped) {
        item += c
        escaped = false
        started = true
      } else if (quoteMark !== '') {
        if (c === '\n') throw new Fault(unmatched(quoteMark))
        if (c === quoteMark) quoteMark = ''
        else item += c
      } else if (c === '\\') escaped = true
      else if (c === "'" || c === '"') {
        quoteMark = c
        started = true
      } else if (c === '\n') {
        if (replace !== undefined && started) yield* flush(true)
        else if (started) {
          if (item === end && end !== undefined) return
          yield* flush(!blank)
        } else if (!blank) yield { item: '', ends: true }
        blank = false
        continue
      } else if (c === ' ' || c === '\t') {
        if (replace !== undefined) {
          if (started) item += c
          continue
        }
        if (started && item === end && end !== undefined) return
        yield* flush(false)
        blank = true
        continue
      } else {
        item += c
        started = true
      }
      blank = false
    }
  }
  if (quoteMark !== '') throw new Fault(unmatched(quoteMark))
  if (started && !whole && item === end && end !== undefined) return
  yield* flush(true)
}

const unmatched = (mark: string): string =>
  `unmatched ${mark === "'" ? 'single' : 'double'} quote; by default quotes are special to xargs unless you use the -0 option`

const runAll = async (process: Process, settings: Settings, input: Process['stdin']): Promise<number> => {
  const { command, replace } = settings
  const initial = command.reduce((sum, word) => sum + word.length + 1, 0)
  let status = 0
  let words: string[] = []
  let bytes = initial
  let lines = 0
  let ran = false
  const run = async (argv: string[]): Promise<boolean> => {
    ran = true
    const code = await runOne(process, settings, argv)
    if (code === 255) {
      await complain(process, `${argv[0]}: exited with status 255; aborting`)
      status = 124
    } else if (code === 126 || code === 127) status = code
    else if (code > 128) {
      await complain(process, `${argv[0]}: terminated by signal ${code - 128}`)
      status = 125
    } else if (code !== 0) status = 123
    return ![124, 125, 126, 127].includes(status)
  }
  const flush = async (): Promise<boolean> => {
    const argv = [...command, ...words]
    words = []
    bytes = initial
    lines = 0
    return run(argv)
  }
  try {
    for await (const { item, ends } of itemsOf(process, settings, input)) {
      if (replace !== undefined) {
        if (item === '' && settings.delimiter === undefined) continue
        const argv = command.map((word, index) =>
          index === 0 && word === replace ? item : word.replaceAll(replace || '\0', () => item),
        )
        if (!(await run(argv))) return status
        continue
      }
      // An empty line is a line's end and nothing else.
      if (item === '' && ends && settings.delimiter === undefined && words.length === 0 && settings.lines === undefined)
        continue
      if (!(item === '' && ends && settings.delimiter === undefined)) {
        if (initial + item.length + 1 > settings.bytes) throw new Fault('argument line too long')
        if (words.length > 0 && bytes + item.length + 1 > settings.bytes && !(await flush())) return status
        words.push(item)
        bytes += item.length + 1
      } else continue
      if (ends) lines++
      const full =
        (settings.count !== undefined && words.length >= settings.count) ||
        (settings.lines !== undefined && lines >= settings.lines)
      if (full && !(await flush())) return status
    }
    if (words.length > 0 || (!ran && settings.runsEmpty && replace === undefined)) await flush()
  } catch (error) {
    if (!(error instanceof Fault)) throw error
    if (error.message.startsWith('unmatched') && words.length > 0) await flush()
    await complain(process, error.message)
    return 1
  }
  return status
}

const runOne = async (process: Process, settings: Settings, argv: string[]): Promise<number> => {
  const isUtf8 = speaksUtf8(process)
  if (settings.verbose) {
    const shown = argv.map(word => quoteName(word, 'shell-escape', isUtf8)).join(' ')
    if (settings.asks) {
      if (!process.terminal) {
        await process.stderr.write(shown)
        throw new Fault('failed to open /dev/tty for reading: No such device or address')
      }
      if (!(await ask({ ...process, stdin: process.terminal.input }, `${shown}?...`))) return 0
    } else await process.stderr.write(`${shown}\n`)
  }
  try {
    return await process.run(argv, { stdin: { read: async () => undefined } })
  } catch (error) {
    if (!(error instanceof SystemError)) throw error
    await complain(process, `${argv[0]}: ${errorText(error)}`)
    return error.errno === 'ENOENT' ? 127 : 126
  }
}
