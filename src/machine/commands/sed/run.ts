import { errorText } from '../../errors.ts'
import type { Regex } from '../../regex/regex.ts'
import { type Process, SystemError } from '../../system.ts'
import { absolute } from '../paths.ts'
import { type LineReader, linesOf, openInput } from '../text/io.ts'
import type { Source } from './input.ts'
import type { Outputs, Sink } from './output.ts'
import { substitute, unambiguous } from './replace.ts'
import type { Address, Command, Script } from './script.ts'

/** What sed said before it gave up. */
export class Stopped extends Error {
  readonly status: number
  constructor(message: string, status: number) {
    super(message)
    this.status = status
  }
}

type Options = { quiet: boolean; separate: boolean; end: string; width: number }
type Appended = { kind: 'text'; text: string } | { kind: 'file'; file: string } | { kind: 'line'; text: string }

/** Bytes of pattern and hold space. */
const longest = 4 << 20

/** Runs the script over the input; gives the exit status that `q` named, or 0. */
export const runScript = async (
  process: Process,
  script: Script,
  source: Source,
  outputs: Outputs,
  options: Options,
): Promise<number> => {
  const { commands } = script
  const { end } = options
  const lineFiles = new Map<string, LineReader>()
  let pattern = ''
  let ended = true
  let hold = ''
  let number = 0
  let file = '-'
  let lastRegex: Regex | undefined
  let replaced = false
  let appended: Appended[] = []

  const regexFor = (regex: Regex | undefined): Regex => {
    const found = regex ?? lastRegex
    if (!found) throw new Stopped('-e expression #1, char 0: no previous regular expression', 1)
    lastRegex = found
    return found
  }
  const out = (): Sink => outputs.main()
  const print = (text: string): Promise<void> => out().line(text, ended)
  const read = async (): Promise<boolean> => {
    const line = await source.next()
    if (!line) return false
    if (line.first) {
      await outputs.enter(line.file)
      if (options.separate) {
        number = 0
        for (const command of commands) command.open = undefined
      }
    }
    pattern = line.text
    ended = line.ended
    file = line.file
    number++
    return true
  }
  const flushAppended = async (): Promise<void> => {
    const queue = appended
    appended = []
    for (const one of queue) {
      if (one.kind === 'text') await out().text(one.text)
      else if (one.kind === 'line') await out().line(one.text, true)
      else
        try {
          const input = one.file === '/dev/stdin' ? process.stdin : openInput(process, one.file)
          for (let data = await input.read(); data; data = await input.read()) await out().text(data.toString('latin1'))
        } catch (error) {
          if (!(error instanceof SystemError)) throw error
        }
    }
  }
  const isAt = async (address: Address): Promise<boolean> => {
    switch (address.kind) {
      case 'line':
        return number === address.line
      case 'step':
        return address.step < 1
          ? number === address.first
          : number >= address.first && (number - address.first) % address.step === 0
      case 'last':
        return source.isLast()
      case 'regex':
        return regexFor(address.regex).test(pattern, process.step)
    }
  }
  const selects = async (command: Command): Promise<boolean> => {
    const { from, to } = command
    if (!from) return true
    if (!to) return isAt(from)
    if (command.open) {
      const { last } = command.open
      if (last !== undefined) {
        if (number >= last) command.open = undefined
        // A line number behind us means this range is over already.
        return number <= last || (to.kind === 'line' ? isAt(from) : true)
      }
      if (await isAt(to as Address)) command.open = undefined
      return true
    }
    const zero = from.kind === 'line' && from.line === 0
    if (zero ? number !== 1 : !(await isAt(from))) return false
    if (zero) {
      if (!(await isAt(to as Address))) command.open = { last: undefined }
      return true
    }
    if (to.kind === 'line') {
      if (to.line > number) command.open = { last: to.line }
    } else if (to.kind === 'more') {
      if (to.lines > 0) command.open = { last: number + to.lines }
    } else if (to.kind === 'multiple') {
      const last = to.of === 0 ? number : Math.ceil(number / to.of) * to.of
      if (last > number) command.open = { last }
    } else if (to.kind !== 'last' || !(await source.isLast())) command.open = { last: undefined }
    return true
  }
  const endCycle = async (): Promise<void> => {
    if (!options.quiet) await print(pattern)
    await flushAppended()
  }
  const shell = async (line: string): Promise<string> => {
    await outputs.flush()
    let text = ''
    await process.run(['/bin/sh', '-c', line], {
      name: 'sh',
      stdout: {
        async write(data) {
          text += typeof data === 'string' ? data : data.toString('latin1')
          if (text.length > longest) process.step(1_000_000)
        },
      },
    })
    return text
  }
  const grown = (text: string): string => {
    process.step(1 + (text.length >> 10))
    if (text.length > longest) throw new Stopped("couldn't allocate memory", 4)
    return text
  }

  let again = false
  for (;;) {
    if (!again && !(await read())) break
    again = false
    let at = 0
    cycle: while (at < commands.length) {
      const command = commands[at]!
      process.step()
      const wanted = (await selects(command)) !== command.negated
      if (!wanted) {
        at = command.name === '{' ? command.target : at + 1
        continue
      }
      at++
      switch (command.name) {
        case '{':
          break
        case '=':
          await out().text(`${number}\n`)
          break
        case 'a':
          appended.push({ kind: 'text', text: command.text })
          break
        case 'i':
          await out().text(command.text)
          break
        case 'c':
          if (!command.to || command.negated || !command.open) await out().text(command.text)
          pattern = ''
          await flushAppended()
          at = -1
          break cycle
        case 'b':
          at = command.target
          break
        case 't':
          if (replaced) at = command.target
          replaced = false
          break
        case 'T':
          if (!replaced) at = command.target
          replaced = false
          break
        case 'd':
          await flushAppended()
          at = -1
          break cycle
        case 'D': {
          const newline = pattern.indexOf(end)
          await flushAppended()
          if (newline >= 0) {
            pattern = pattern.slice(newline + 1)
            again = true
          }
          at = -1
          break cycle
        }
        case 'e':
          if (command.text === '') {
            const made = await shell(pattern)
            pattern = grown(made.endsWith(end) ? made.slice(0, -1) : made)
          } else await out().text(await shell(command.text))
          break
        case 'F':
          await out().text(`${file}\n`)
          break
        case 'g':
          pattern = hold
          break
        case 'G':
          pattern = grown(pattern + end + hold)
          break
        case 'h':
          hold = pattern
          break
        case 'H':
          hold = grown(hold + end + pattern)
          break
        case 'l':
        case 'L':
          await out().text(unambiguous(pattern, command.number ?? options.width))
          break
        case 'n':
          if (await source.isLast()) {
            await endCycle()
            if (!options.separate) return 0
            if (!(await read())) return 0
            break
          }
          if (!options.quiet) await print(pattern)
          await flushAppended()
          if (!(await read())) return 0
          break
        case 'N': {
          const before = pattern
          if (await source.isLast()) {
            await endCycle()
            if (!options.separate) return 0
            at = -1
            break cycle
          }
          await flushAppended()
          if (!(await read())) return 0
          pattern = grown(before + end + pattern)
          break
        }
        case 'p':
          await print(pattern)
          break
        case 'P': {
          const newline = pattern.indexOf(end)
          await out().line(newline < 0 ? pattern : pattern.slice(0, newline), newline < 0 ? ended : true)
          break
        }
        case 'q':
          await endCycle()
          return command.number ?? 0
        case 'Q':
          return command.number ?? 0
        case 'r':
          appended.push({ kind: 'file', file: command.text })
          break
        case 'R': {
          const line = await lineOf(process, lineFiles, command.text, end)
          if (line !== undefined) appended.push({ kind: 'line', text: line })
          break
        }
        case 's': {
          const what = command.substitution!
          const made = substitute(pattern, what, regexFor(what.regex), process.step)
          if (made === undefined) break
          replaced = true
          pattern = grown(made)
          if (what.evaluates) {
            const text = await shell(pattern)
            pattern = grown(text.endsWith(end) ? text.slice(0, -1) : text)
          }
          if (what.prints) await print(pattern)
          if (what.file !== undefined) await outputs.to(what.file).line(pattern, ended)
          break
        }
        case 'w':
          await outputs.to(command.text).line(pattern, ended)
          break
        case 'W': {
          const newline = pattern.indexOf(end)
          await outputs.to(command.text).line(newline < 0 ? pattern : pattern.slice(0, newline), true)
          break
        }
        case 'x':
          ;[pattern, hold] = [hold, pattern]
          break
        case 'y':
          pattern = [...pattern].map(c => command.map![c.charCodeAt(0)]!).join('')
          break
        case 'z':
          pattern = ''
          break
      }
    }
    if (at >= 0) await endCycle()
    if (!again) replaced = false
  }
  return 0
}

const lineOf = async (
  process: Process,
  files: Map<string, LineReader>,
  file: string,
  end: string,
): Promise<string | undefined> => {
  try {
    const reader = files.get(file) ?? linesOf(process, openInput(process, file === '/dev/stdin' ? '-' : file), end)
    files.set(file, reader)
    return (await reader.line())?.text
  } catch (error) {
    if (error instanceof SystemError) return undefined
    throw error
  }
}

/** Writes over the file at the path, or says why that cannot be. */
export const overwrite = (process: Process, file: string, data: Buffer): void => {
  try {
    process.fs.writeFile(absolute(process, file), data, process.who, { mode: 0o666 & ~process.umask })
  } catch (error) {
    throw new Stopped(`couldn't open file ${file}: ${errorText(error)}`, 4)
  }
}
