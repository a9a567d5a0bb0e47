import { compileRegex, type Regex } from '../../regex/regex.ts'
import type { Process, Program } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import { complain } from '../paths.ts'
import { quote } from '../quoting.ts'
import { eachInput, linesOf, type Writer, writerOf } from './io.ts'

const widest = 65_536

/** A number above zero, or a complaint. */
const positive = async (
  process: Process,
  text: string | undefined,
  usual: number,
  what: string,
): Promise<number | undefined> => {
  if (text === undefined) return usual
  if (/^[0-9]+$/.test(text) && Number(text) > 0) return Math.min(Number(text), widest)
  await complain(process, `${what}: ${quote(process, text)}`)
  return undefined
}

/** Each line of the files through `change`. */
const filter = async (
  process: Process,
  files: readonly string[],
  change: (line: string, ended: boolean, writer: Writer) => Promise<void>,
): Promise<number> => {
  const writer = writerOf(process)
  const status = await eachInput(process, files, async input => {
    const reader = linesOf(process, input)
    for (let line = await reader.line(); line; line = await reader.line()) {
      process.step(line.text.length >> 8)
      await change(line.text, line.ended, writer)
    }
  })
  await writer.flush()
  return status
}

/** nl(1). */
export const nl: Program = gnuProgram(
  [
    { short: 'b', long: 'body-numbering', argument: 'required' },
    { short: 'd', long: 'section-delimiter', argument: 'required' },
    { short: 'f', long: 'footer-numbering', argument: 'required' },
    { short: 'h', long: 'header-numbering', argument: 'required' },
    { short: 'i', long: 'line-increment', argument: 'required' },
    { short: 'l', long: 'join-blank-lines', argument: 'required' },
    { short: 'n', long: 'number-format', argument: 'required' },
    { short: 'p', long: 'no-renumber' },
    { short: 's', long: 'number-separator', argument: 'required' },
    { short: 'v', long: 'starting-line-number', argument: 'required' },
    { short: 'w', long: 'number-width', argument: 'required' },
  ],
  async (process, parsed) => {
    const width = await positive(process, parsed.value('number-width'), 6, 'invalid line number field width')
    if (width === undefined) return 1
    const separator = parsed.value('number-separator') ?? '\t'
    const format = parsed.value('number-format') ?? 'rn'
    const step = Number(parsed.value('line-increment') ?? 1)
    const join = Number(parsed.value('join-blank-lines') ?? 1)
    const delimiter = parsed.value('section-delimiter') ?? '\\:'
    const styles = {
      header: parsed.value('header-numbering') ?? 'n',
      body: parsed.value('body-numbering') ?? 't',
      footer: parsed.value('footer-numbering') ?? 'n',
    }
    const regexes = new Map<string, Regex>()
    for (const [section, style] of Object.entries(styles)) {
      if (!/^[atn]$|^p/s.test(style))
        return usageError(process, `invalid ${section} numbering style: ${quote(process, style)}`)
      if (!style.startsWith('p')) continue
      const regex = compileRegex(style.slice(1), 'basic')
      if ('problem' in regex) {
        await complain(process, regex.problem)
        return 1
      }
      regexes.set(style, regex)
    }
    if (!['ln', 'rn', 'rz'].includes(format))
      return usageError(process, `invalid line numbering format: ${quote(process, format)}`)
    const first = Number(parsed.value('starting-line-number') ?? 1)
    let number = first
    let section: keyof typeof styles = 'body'
    let blanks = 0
    return filter(process, parsed.operands, async (line, _, writer) => {
      const marks = { [delimiter.repeat(3)]: 'header', [delimiter.repeat(2)]: 'body', [delimiter]: 'footer' } as const
      if (delimiter !== '' && Object.hasOwn(marks, line)) {
        section = marks[line] as keyof typeof styles
        if (section === 'header' && !parsed.has('no-renumber')) number = first
        await writer.put('\n')
        return
      }
      const style = styles[section]
      blanks = line === '' ? blanks + 1 : 0
      const counts =
        style === 'a'
          ? line !== '' || blanks % join === 0
          : style === 't'
            ? line !== ''
            : style === 'n'
              ? false
              : regexes.get(style)!.test(line, process.step)
      if (!counts) {
        await writer.put(`${' '.repeat(width + separator.length)}${line}\n`)
        return
      }
      const text = String(number)
      number += step
      await writer.put(
        `${format === 'ln' ? text.padEnd(width) : text.padStart(width, format === 'rz' ? '0' : ' ')}${separator}${line}\n`,
      )
    })
  },
)

/** fold(1). */
export const fold: Program = gnuProgram(
  [
    { short: 'b', long: 'bytes' },
    { short: 's', long: 'spaces' },
    { short: 'w', long: 'width', argument: 'required' },
  ],
  async (process, parsed) => {
    const width = await positive(process, parsed.value('width'), 80, 'invalid number of columns')
    if (width === undefined) return 1
    const bytes = parsed.has('bytes')
    const advance = (column: number, c: string): number => {
      if (bytes) return column + 1
      if (c === '\b') return Math.max(0, column - 1)
      if (c === '\r') return 0
      return c === '\t' ? column + 8 - (column % 8) : column + 1
    }
    const spaces = parsed.has('spaces')
    const writer = writerOf(process)
    // Not by lines: there may be no end to one, as with random bytes.
    const status = await eachInput(process, parsed.operands, async input => {
      let piece = ''
      let column = 0
      for (let data = await input.read(); data; data = await input.read()) {
        process.step(1 + (data.length >> 7))
        for (const c of data.toString('latin1')) {
          if (c === '\n') {
            await writer.put(`${piece}\n`)
            piece = ''
            column = 0
            continue
          }
          while (piece !== '' && advance(column, c) > width) {
            const space = spaces ? Math.max(piece.lastIndexOf(' '), piece.lastIndexOf('\t')) : -1
            const cut = space >= 0 ? space + 1 : piece.length
            await writer.put(`${piece.slice(0, cut)}\n`)
            piece = piece.slice(cut)
            column = [...piece].reduce(advance, 0)
          }
          piece += c
          column = advance(column, c)
        }
        await writer.flush()
      }
      if (piece !== '') await writer.put(piece)
    })
    await writer.flush()
    return status
  },
)

/** Tab stops: every so many columns, or a list. */
const stopsOf = (texts: readonly string[]): ((column: number) => number | undefined) | string => {
  const list = texts.flatMap(text => text.split(/[\s,]+/)).filter(text => text !== '')
  const bad = list.find(text => !/^[/+]?[0-9]+$/.test(text))
  if (bad !== undefined) return bad
  const numbers = list.filter(text => !/^[/+]/.test(text)).map(Number)
  const every = numbers.length === 1 && list.length === 1 ? numbers[0]! : numbers.length === 0 ? 8 : 0
  if (every > 0) return column => column + every - (column % every)
  return column => numbers.find(stop => stop > column)
}

/** expand(1). */
export const expand: Program = gnuProgram(
  [
    { short: 'i', long: 'initial' },
    { short: 't', long: 'tabs', argument: 'required' },
  ],
  async (process, parsed) => {
    const stops = stopsOf(parsed.given.filter(({ name }) => name === 'tabs').map(({ value }) => value!))
    if (typeof stops === 'string') {
      await complain(process, `tab size contains invalid character(s): ${quote(process, stops)}`)
      return 1
    }
    return filter(process, parsed.operands, async (line, ended, writer) => {
      let out = ''
      let column = 0
      let initial = true
      for (const c of line) {
        if (c === '\t' && (initial || !parsed.has('initial'))) {
          const next = Math.min(stops(column) ?? column + 1, column + widest)
          out += ' '.repeat(next - column)
          column = next
        } else {
          out += c
          column = c === '\b' ? Math.max(0, column - 1) : column + 1
          if (c !== ' ') initial = false
        }
      }
      await writer.put(out + (ended ? '\n' : ''))
    })
  },
)

/** unexpand(1). */
export const unexpand: Program = gnuProgram(
  [{ short: 'a', long: 'all' }, { long: 'first-only' }, { short: 't', long: 'tabs', argument: 'required' }],
  async (process, parsed) => {
    const stops = stopsOf(parsed.given.filter(({ name }) => name === 'tabs').map(({ value }) => value!))
    if (typeof stops === 'string') {
      await complain(process, `tab size contains invalid character(s): ${quote(process, stops)}`)
      return 1
    }
    const all = (parsed.has('all') || parsed.has('tabs')) && !parsed.has('first-only')
    return filter(process, parsed.operands, async (line, ended, writer) => {
      let out = ''
      let column = 0
      let pending = ''
      let start = 0
      let converting = true
      for (const c of line) {
        if (converting && (c === ' ' || c === '\t')) {
          if (pending === '') start = column
          const stop = stops(column)
          column = c === '\t' ? (stop ?? column + 1) : column + 1
          pending += c
          if (column === (c === '\t' ? column : stop)) {
            // A single space that reaches a stop stays one.
            out += pending === ' ' && column - start === 1 && !lookAhead(line, out, pending) ? ' ' : '\t'
            pending = ''
          }
          continue
        }
        out += pending + c
        pending = ''
        column++
        converting = all
      }
      await writer.put(out + pending + (ended ? '\n' : ''))
    })
  },
)

/** Whether another blank follows what was read so far. */
const lookAhead = (line: string, out: string, pending: string): boolean =>
  /[ \t]/.test(line[out.length + pending.length] ?? '')

/** fmt(1): paragraphs filled anew; lines as even as a greedy filling below the goal makes them. */
export const fmt: Program = gnuProgram(
  [
    { short: 'c', long: 'crown-margin' },
    { short: 'p', long: 'prefix', argument: 'required' },
    { short: 's', long: 'split-only' },
    { short: 't', long: 'tagged-paragraph' },
    { short: 'u', long: 'uniform-spacing' },
    { short: 'w', long: 'width', argument: 'required' },
    { short: 'g', long: 'goal', argument: 'required' },
  ],
  async (process, parsed) => {
    const width = await positive(process, parsed.value('width'), 75, 'invalid width')
    if (width === undefined) return 1
    const goal = Number(parsed.value('goal') ?? Math.floor((width * 187) / 200))
    let words: string[] = []
    let indent = ''
    const writer = writerOf(process)
    const flush = async (): Promise<void> => {
      if (words.length > 0)
        for (const line of filled(words, width - indent.length, goal - indent.length))
          await writer.put(`${indent}${line}\n`)
      words = []
    }
    const status = await eachInput(process, parsed.operands, async input => {
      const reader = linesOf(process, input)
      for (let line = await reader.line(); line; line = await reader.line()) {
        const own = /^[ \t]*/.exec(line.text)![0]
        const found = line.text.split(/[ \t]+/).filter(word => word !== '')
        process.step(found.length)
        if (found.length === 0 || own !== indent || parsed.has('split-only') || words.length > 5000) await flush()
        if (found.length === 0) await writer.put('\n')
        else {
          indent = own
          words.push(...found)
        }
      }
    })
    await flush()
    await writer.flush()
    return status
  },
)

/** Breaks at the least cost: of lines far from the goal, and of neighbours unlike each other (after Knuth and Plass). */
const filled = (words: readonly string[], width: number, goal: number): string[] => {
  const count = words.length
  const costs = new Float64Array(count + 1)
  const breaks = new Int32Array(count + 1)
  const lengths = new Float64Array(count + 1)
  for (let start = count - 1; start >= 0; start--) {
    let length = -1
    costs[start] = Infinity
    for (let end = start; end < count; end++) {
      length += words[end]!.length + 1
      if (length > width && end > start) break
      const after = end + 1
      let cost = costs[after]!
      if (after < count) {
        const short = (goal - length) * 10
        cost += short * short
        if (breaks[after]! < count) {
          const ragged = (length - lengths[after]!) * 10
          cost += (ragged * ragged) / 2
        }
        const word = words[end]!
        cost += 70 * 70
        if (/[.?!]['")\]]*$/.test(word)) cost -= 50 * 50
        else if (/[,;:]$/.test(word)) cost -= 15 * 15
      }
      if (cost < costs[start]!) {
        costs[start] = cost
        breaks[start] = after
        lengths[start] = length
      }
    }
  }
  const lines: string[] = []
  for (let at = 0; at < count; at = breaks[at]!) lines.push(words.slice(at, breaks[at]).join(' '))
  return lines
}
