import { errorText } from '../../errors.ts'
import type { Process, Program } from '../../system.ts'
import { gnuProgram, usageError } from '../coreutils.ts'
import { getopt, type Option } from '../getopt.ts'
import { absolute, complain } from '../paths.ts'
import { quote, quoteColon } from '../quoting.ts'
import { eachInput, linesOf, openInput, wholeText, writerOf } from './io.ts'

const mostLines = 100_000

const readLines = async (process: Process, files: readonly string[], word?: (why: string, file: string) => string) => {
  const lines: string[] = []
  const status = await eachInput(
    process,
    files,
    async input => {
      const reader = linesOf(process, input)
      for (let line = await reader.line(); line && lines.length < mostLines; line = await reader.line())
        lines.push(line.text)
    },
    word ? { word } : {},
  )
  return { lines, status }
}

const columnOptions: Option[] = [
  { short: 't', long: 'table' },
  { short: 'c', long: 'output-width', argument: 'required' },
  { short: 's', long: 'separator', argument: 'required' },
  { short: 'o', long: 'output-separator', argument: 'required' },
  { short: 'x', long: 'fillrows' },
  { short: 'n', long: 'table-name', argument: 'required' },
  { short: 'N', long: 'table-columns', argument: 'required' },
  { short: 'R', long: 'table-right', argument: 'required' },
  { short: 'L', long: 'keep-empty-lines' },
  { short: 'e', long: 'table-header-repeat' },
  { short: 'd', long: 'table-noheadings' },
  { short: 'J', long: 'json' },
  { short: 'l', long: 'table-columns-limit', argument: 'required' },
]

/** column(1) of util-linux. */
export const column: Program = gnuProgram(
  columnOptions,
  async (process, parsed) => {
    const { lines, status } = await readLines(process, parsed.operands, (why, file) => `${file}: ${why}`)
    const kept = parsed.has('keep-empty-lines') ? lines : lines.filter(line => line.trim() !== '')
    const writer = writerOf(process)
    if (parsed.has('table')) await table(process, parsed, kept, text => writer.put(text))
    else {
      const total = Number(parsed.value('output-width') ?? process.terminal?.columns ?? 80)
      await fill(kept, total, parsed.has('fillrows'), text => writer.put(text))
    }
    await writer.flush()
    return status
  },
  { version: 'from util-linux @util-linux@' },
)

type Put = (text: string) => Promise<void> | undefined

const table = async (
  process: Process,
  parsed: { value(name: string): string | undefined; has(name: string): boolean },
  lines: string[],
  put: Put,
): Promise<void> => {
  const separators = parsed.value('separator')
  const rows = lines.map(line => {
    process.step()
    if (separators === undefined) return line.split(/[ \t]+/).filter(cell => cell !== '')
    const cells: string[] = []
    let cell = ''
    for (const c of line)
      if (separators.includes(c)) {
        cells.push(cell)
        cell = ''
      } else cell += c
    return [...cells, cell]
  })
  const names = parsed.value('table-columns')?.split(',')
  if (names && !parsed.has('table-noheadings')) rows.unshift(names)
  const right = new Set(
    (parsed.value('table-right') ?? '')
      .split(',')
      .filter(Boolean)
      .map(name => (/^[0-9]+$/.test(name) ? Number(name) - 1 : (names?.indexOf(name) ?? -1))),
  )
  const count = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const widths = Array.from({ length: count }, (_, i) =>
    rows.reduce((most, row) => Math.max(most, row[i]?.length ?? 0), 0),
  )
  const joint = parsed.value('output-separator') ?? '  '
  for (const row of rows) {
    const cells = widths.map((width, i) => {
      const cell = row[i] ?? ''
      if (right.has(i)) return cell.padStart(width)
      return i === count - 1 ? cell : cell.padEnd(width)
    })
    await put(`${cells.join(joint)}\n`)
  }
}

/** Down the columns, or along the rows, with tabs between. */
const fill = async (lines: string[], total: number, rows: boolean, put: Put): Promise<void> => {
  const longest = lines.reduce((most, line) => Math.max(most, line.length), 0)
  const width = (Math.floor(longest / 8) + 1) * 8
  const columns = Math.max(1, Math.floor(total / width))
  if (longest >= total || columns === 1) {
    for (const line of lines) await put(`${line}\n`)
    return
  }
  const count = Math.ceil(lines.length / columns)
  for (let row = 0; row < count; row++) {
    const cells = rows ? lines.slice(row * columns, (row + 1) * columns) : lines.filter((_, i) => i % count === row)
    await put(
      `${cells.map((cell, i) => (i === cells.length - 1 ? cell : cell + '\t'.repeat(Math.ceil((width - cell.length) / 8)))).join('')}\n`,
    )
  }
}

/** tsort(1). */
export const tsort: Program = gnuProgram(
  [],
  async (process, parsed) => {
    const [file = '-', extra] = parsed.operands
    if (extra !== undefined) return usageError(process, `extra operand ${quote(process, extra)}`)
    let words: string[]
    try {
      words = (await wholeText(process, file, 1 << 20)).split(/\s+/).filter(word => word !== '')
    } catch (error) {
      await complain(process, `${quoteColon(process, file)}: ${errorText(error)}`)
      return 1
    }
    if (words.length % 2 === 1) {
      await complain(process, `${quoteColon(process, file)}: input contains an odd number of tokens`)
      return 1
    }
    const after = new Map<string, string[]>()
    const before = new Map<string, number>()
    for (let i = 0; i < words.length; i += 2) {
      const [a, b] = [words[i]!, words[i + 1]!]
      for (const word of [a, b]) if (!before.has(word)) before.set(word, 0)
      if (a === b) continue
      process.step()
      after.set(a, [...(after.get(a) ?? []), b])
      before.set(b, before.get(b)! + 1)
    }
    let status = 0
    const left = new Set([...before.keys()].toSorted())
    const queue = [...left].filter(word => before.get(word) === 0)
    while (left.size > 0) {
      process.step()
      let word = queue.shift()
      if (word === undefined) {
        // A loop: its members are told, and one is let go.
        status = 1
        const loop = loopIn(left, after)
        await complain(process, `${quoteColon(process, file)}: input contains a loop:`)
        for (const member of loop) await process.stderr.write(`tsort: ${member}\n`)
        word = loop[0]!
      }
      if (!left.delete(word)) continue
      await process.stdout.write(`${word}\n`)
      for (const next of after.get(word) ?? []) {
        before.set(next, before.get(next)! - 1)
        if (before.get(next) === 0 && left.has(next)) queue.push(next)
      }
    }
    return status
  },
  { usage: '[OPTION] [FILE]' },
)

const loopIn = (left: ReadonlySet<string>, after: ReadonlyMap<string, string[]>): string[] => {
  const path: string[] = []
  for (let word = [...left][0]; word !== undefined && !path.includes(word); ) {
    path.push(word)
    word = (after.get(word) ?? []).find(next => left.has(next)) ?? path[0]
  }
  return path
}

/** shuf(1). */
export const shuf: Program = gnuProgram(
  [
    { short: 'e', long: 'echo' },
    { short: 'i', long: 'input-range', argument: 'required' },
    { short: 'n', long: 'head-count', argument: 'required' },
    { short: 'o', long: 'output', argument: 'required' },
    { long: 'random-source', argument: 'required' },
    { short: 'r', long: 'repeat' },
    { short: 'z', long: 'zero-terminated' },
  ],
  async (process, parsed) => {
    const range = parsed.value('input-range')
    let lines: string[]
    if (range !== undefined) {
      const found = /^([0-9]{1,15})-([0-9]{1,15})$/.exec(range)
      if (!found || Number(found[1]) > Number(found[2]) + 1) {
        await complain(
          process,
          `invalid input range: ${quote(process, range.split('-').find(part => !/^[0-9]+$/.test(part)) ?? range)}`,
        )
        return 1
      }
      const [low, high] = [Number(found[1]), Number(found[2])]
      process.step(Math.min(high - low, 10_000_000) >> 3)
      lines = Array.from({ length: Math.min(high - low + 1, 1_000_000) }, (_, i) => String(low + i))
    } else if (parsed.has('echo')) lines = [...parsed.operands]
    else {
      if (parsed.operands.length > 1) return usageError(process, `extra operand ${quote(process, parsed.operands[1]!)}`)
      const read = await readLines(process, parsed.operands)
      if (read.status !== 0) return 1
      lines = read.lines
    }
    const wanted = parsed.value('head-count')
    if (wanted !== undefined && !/^[0-9]+$/.test(wanted)) {
      await complain(process, `invalid line count: ${quote(process, wanted)}`)
      return 1
    }
    const most = wanted === undefined ? Infinity : Number(wanted)
    const end = parsed.has('zero-terminated') ? '\0' : '\n'
    const pick = (below: number): number => process.random(6).readUIntLE(0, 6) % below
    const output = parsed.value('output')
    const path = output === undefined ? undefined : absolute(process, output)
    if (path !== undefined) process.fs.writeFile(path, Buffer.alloc(0), process.who, { mode: 0o666 & ~process.umask })
    const writer = writerOf(
      process,
      path === undefined
        ? process.stdout
        : {
            write: async data =>
              process.fs.writeFile(path, Buffer.from(data as string, 'latin1'), process.who, { append: true }),
          },
    )
    if (parsed.has('repeat')) {
      if (lines.length === 0) {
        await complain(process, 'no lines to repeat')
        return 1
      }
      for (let i = 0; i < most; i++) {
        process.step()
        const written = writer.put(lines[pick(lines.length)]! + end)
        if (written) await written
      }
    } else
      for (let i = 0; i < lines.length && i < most; i++) {
        const other = i + pick(lines.length - i)
        ;[lines[i], lines[other]] = [lines[other]!, lines[i]!]
        await writer.put(lines[i]! + end)
      }
    await writer.flush()
    return 0
  },
)

/** look(1): lines that begin with a text. */
export const look: Program = async process => {
  const parsed = getopt(process.argv, [
    { short: 'a', long: 'alternative' },
    { short: 'd', long: 'alphanum' },
    { short: 'f', long: 'ignore-case' },
    { short: 't', long: 'terminate', argument: 'required' },
    { short: 'b' },
  ])
  if (typeof parsed === 'string' || parsed.operands.length === 0) {
    await process.stderr.write(
      `${typeof parsed === 'string' ? `${parsed}\n` : 'look: bad usage\n'}Try 'look --help' for more information.\n`,
    )
    return 1
  }
  const [prefix, file = '/usr/share/dict/words'] = parsed.operands as [string, string?]
  const plainFile = parsed.operands.length === 1
  const stop = parsed.value('terminate')
  const cut = stop !== undefined && prefix.includes(stop[0]!) ? prefix.slice(0, prefix.indexOf(stop[0]!) + 1) : prefix
  const key = (text: string): string => {
    const bare = parsed.has('alphanum') || plainFile ? text.replace(/[^A-Za-z0-9 \t]/g, '') : text
    return parsed.has('ignore-case') || plainFile ? bare.toLowerCase() : bare
  }
  try {
    const reader = linesOf(process, openInput(process, file))
    let found = false
    for (let line = await reader.line(); line; line = await reader.line())
      if (key(line.text).startsWith(key(cut))) {
        found = true
        await process.stdout.write(`${line.text}\n`)
      }
    return found ? 0 : 1
  } catch (error) {
    await complain(process, `${file}: ${errorText(error)}`)
    return 1
  }
}

/** colrm(1): columns taken out of standard input. */
export const colrm: Program = async process => {
  const [first = 0, last = Infinity] = process.argv.slice(1).map(Number)
  if (Number.isNaN(first) || Number.isNaN(last)) {
    await complain(process, `${Number.isNaN(first) ? 'first' : 'second'} argument`)
    return 1
  }
  const reader = linesOf(process, process.stdin)
  const writer = writerOf(process)
  for (let line = await reader.line(); line; line = await reader.line()) {
    const { text } = line
    const kept = first > 0 ? text.slice(0, first - 1) + (last === Infinity ? '' : text.slice(last)) : text
    await writer.put(kept + (line.ended ? '\n' : ''))
  }
  await writer.flush()
  return 0
}

/** envsubst(1) of gettext. */
export const envsubst: Program = async process => {
  const [first, ...more] = process.argv.slice(1)
  if (first === '-V' || first === '--version') {
    await process.stdout.write('envsubst (GNU gettext-runtime) 0.21\n')
    return 0
  }
  const names = (text: string): string[] =>
    [...text.matchAll(/\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g)].map(found => found[1] ?? found[2]!)
  if (first === '-v' || first === '--variables') {
    await process.stdout.write(
      names(more[0] ?? '')
        .map(name => `${name}\n`)
        .join(''),
    )
    return 0
  }
  const only = first === undefined ? undefined : new Set(names(first))
  const reader = linesOf(process, process.stdin)
  const writer = writerOf(process)
  for (let line = await reader.line(); line; line = await reader.line()) {
    const text = line.text.replace(/\$(?:\{([A-Za-z_]\w*)\}|([A-Za-z_]\w*))/g, (whole, a?: string, b?: string) => {
      const name = a ?? b!
      return only && !only.has(name) ? whole : (process.env.get(name) ?? '')
    })
    await writer.put(text + (line.ended ? '\n' : ''))
  }
  await writer.flush()
  return 0
}
