import type { Process, Program } from '../../system.ts'
import { gnuProgram } from '../coreutils.ts'
import type { Option } from '../getopt.ts'
import { complain, statOf } from '../paths.ts'
import { quote } from '../quoting.ts'
import { formatDate } from './date-format.ts'
import { eachInput, linesOf, writerOf } from './io.ts'
import { zoneOf } from './zones.ts'

const options: Option[] = [
  { long: 'columns', argument: 'required' },
  { short: 'a', long: 'across' },
  { short: 'd', long: 'double-space' },
  { short: 'D', long: 'date-format', argument: 'required' },
  { short: 'F', long: 'form-feed' },
  { short: 'f' },
  { short: 'h', long: 'header', argument: 'required' },
  { short: 'l', long: 'length', argument: 'required' },
  { short: 'm', long: 'merge' },
  { short: 'n', long: 'number-lines', argument: 'optional' },
  { short: 'N', long: 'first-line-number', argument: 'required' },
  { short: 'o', long: 'indent', argument: 'required' },
  { short: 'r', long: 'no-file-warnings' },
  { short: 's', long: 'separator', argument: 'optional' },
  { short: 't', long: 'omit-header' },
  { short: 'T', long: 'omit-pagination' },
  { short: 'w', long: 'width', argument: 'required' },
  { short: 'W', long: 'page-width', argument: 'required' },
]
const mostLines = 100_000
const widest = 4096

/** From one column to another, with tabs as far as they go. */
const blank = (from: number, to: number): string => {
  let out = ''
  let at = from
  while (to - at > 1 && (Math.floor(at / 8) + 1) * 8 <= to) {
    out += '\t'
    at = (Math.floor(at / 8) + 1) * 8
  }
  return out + ' '.repeat(Math.max(0, to - at))
}

/** pr(1): text in pages, with a header each, in columns. */
export const pr: Program = process => {
  // `-3` is --columns=3.
  const argv = process.argv.flatMap(word => {
    const found = /^-([0-9]+)(.*)$/.exec(word)
    return found ? [`--columns=${found[1]}`, ...(found[2] === '' ? [] : [`-${found[2]}`])] : [word]
  })
  return run({ ...process, argv })
}

const run = gnuProgram(options, async (process, parsed) => {
  const number = async (name: string, usual: number, what: string): Promise<number | undefined> => {
    const text = parsed.value(name)
    if (text === undefined) return usual
    if (/^[0-9]+$/.test(text) && Number(text) > 0) return Math.min(Number(text), widest)
    await complain(process, `${what}: ${quote(process, text)}`)
    return undefined
  }
  const columns = await number('columns', 1, 'invalid number of columns')
  const length = await number('length', 66, "'-l PAGE_LENGTH' invalid number of lines")
  const width = await number('width', 72, "'-w PAGE_WIDTH' invalid number of characters")
  if (columns === undefined || length === undefined || width === undefined) return 1
  const bare = parsed.has('omit-header') || parsed.has('omit-pagination') || length <= 10
  const layout: Layout = {
    columns,
    across: parsed.has('across'),
    width,
    rows: Math.max(1, Math.floor((bare ? length : length - 10) / (parsed.has('double-space') ? 2 : 1))),
    separator: parsed.has('separator') ? (parsed.value('separator') ?? '\t') : undefined,
  }
  const numbering = parsed.has('number-lines')
    ? (/^([^0-9]?)([0-9]*)$/.exec(parsed.value('number-lines') ?? '') ?? ['', '', ''])
    : undefined
  let count = Number(parsed.value('first-line-number') ?? 1)
  const numbered = (line: string): string => {
    if (!numbering) return line
    const digits = Number(numbering[2] || 5)
    return `${String(count++).padStart(Math.min(digits, 20)).slice(-digits)}${numbering[1] || '\t'}${line}`
  }
  const margin = ' '.repeat(Math.min(Number(parsed.value('indent') ?? 0) || 0, widest))
  const end = parsed.has('double-space') ? '\n\n' : '\n'
  const feed = parsed.has('form-feed') || parsed.has('f')
  const writer = writerOf(process)
  const pages = async (rows: string[], name: string, time: number): Promise<void> => {
    for (let at = 0, page = 1; at < rows.length; at += layout.rows, page++) {
      process.step()
      const shown = rows.slice(at, at + layout.rows)
      const body = shown.map(row => (row === '' ? '' : margin + row) + end).join('')
      if (bare) await writer.put(body)
      else {
        const filled = feed ? '\f' : '\n'.repeat((layout.rows - shown.length) * end.length + 5)
        await writer.put(
          `\n\n${margin}${header(parsed.value('date-format'), parsed.value('header') ?? name, time, page, width, process)}\n\n\n${body}${filled}`,
        )
      }
    }
  }
  const texts: { lines: string[]; name: string; time: number }[] = []
  const status = await eachInput(process, parsed.operands, async (input, file) => {
    const lines: string[] = []
    const reader = linesOf(process, input)
    for (let line = await reader.line(); line && lines.length < mostLines; line = await reader.line())
      lines.push(line.text)
    texts.push({ lines, name: file === '-' ? '' : file, time: statOf(process, file)?.mtime ?? process.now() })
  })
  if (parsed.has('merge')) {
    const most = texts.reduce((sum, { lines }) => Math.max(sum, lines.length), 0)
    const merged = Array.from({ length: most }, (_, i) =>
      numbered(
        row(
          texts.map(({ lines }) => lines[i]),
          { ...layout, columns: texts.length },
        ),
      ),
    )
    await pages(merged, '', process.now())
  } else
    for (const { lines, name, time } of texts) {
      const own = lines.map(numbered)
      await pages(columns === 1 ? own : inColumns(own, layout), name, time)
    }
  await writer.flush()
  return status
})

type Layout = { columns: number; across: boolean; width: number; rows: number; separator: string | undefined }

const header = (
  format: string | undefined,
  name: string,
  time: number,
  page: number,
  width: number,
  process: Process,
): string => {
  const seconds = Math.floor(time / 1000)
  const date = formatDate(format?.replace(/^\+/, '') ?? '%Y-%m-%d %H:%M', {
    seconds,
    nanoseconds: 0,
    zone: zoneOf(process.env.get('TZ')),
  })
  const right = `Page ${page}`
  const free = width - date.length - name.length - right.length
  const left = Math.floor(free / 2)
  return date + ' '.repeat(Math.max(1, left)) + name + ' '.repeat(Math.max(1, free - left)) + right
}

/** One row of cells, cut to their columns unless a separator stands between. */
const row = (cells: readonly (string | undefined)[], { columns, width, separator }: Layout): string => {
  if (separator !== undefined) return cells.map(cell => cell ?? '').join(separator)
  const size = Math.max(2, Math.floor(width / columns))
  let out = ''
  let at = 0
  for (const [i, cell] of cells.entries()) {
    if (cell === undefined || cell === '') continue
    const text = cell.slice(0, size - 1)
    out += blank(at, i * size) + text
    at = i * size + text.length
  }
  return out
}

/** Down the columns of each page, the last page's evenly; or along its rows. */
const inColumns = (lines: readonly string[], layout: Layout): string[] => {
  const { columns, rows, across } = layout
  const out: string[] = []
  for (let at = 0; at < lines.length; at += rows * columns) {
    const page = lines.slice(at, at + rows * columns)
    const high = Math.ceil(page.length / columns)
    for (let i = 0; i < high; i++) {
      const down = Array.from({ length: columns }, (_, column) => page[column * high + i])
      const cells = across ? page.slice(i * columns, (i + 1) * columns) : down.filter(cell => cell !== undefined)
      out.push(row(cells, layout))
    }
  }
  return out
}
