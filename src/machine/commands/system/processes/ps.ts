import type { Process, Program } from '../../../system.ts'
import { versioned } from '../../package-version.ts'
import { say, widthOf } from '../facts.ts'
import { type Column, type Sheet, sheetOf } from './columns.ts'
import { readOptions, type Wanted } from './ps-options.ts'
import { printable, type Row, rowsOf } from './rows.ts'

const usage =
  "\nUsage:\n ps [options]\n\n Try 'ps --help <simple|list|output|threads|misc|all>'\n  or 'ps --help <s|l|o|t|m|a>'\n for additional help text.\n\nFor more details see ps(1).\n"

/** ps(1) of procps-ng 4.0.2. */
export const ps: Program = async process => {
  const [, first] = process.argv
  if (first === '--version' || first === '-V' || first === 'V')
    return say(process, versioned(process, 'ps from procps-ng @procps@\n'))
  if (first === '--help') return say(process, usage)
  const wanted = readOptions(process)
  if ('refused' in wanted) {
    await process.stderr.write(`error: ${wanted.refused}\n${usage}`)
    return 1
  }
  const shown = arranged(chosenOf(process, wanted), wanted)
  const sheet = sheetOf(process)
  const width = widthFor(process, wanted)
  const titles = wanted.header && wanted.columns.some(({ header }) => header !== '')
  const lines = titles
    ? [
        line(
          wanted.columns.map(({ header }) => header),
          wanted.columns,
          width,
        ),
      ]
    : []
  for (const [row, indent] of shown) lines.push(line(cells(row, indent, wanted, sheet), wanted.columns, width))
  await process.stdout.write(lines.join(''))
  return shown.length > 0 ? 0 : 1
}

const chosenOf = (process: Process, wanted: Wanted): Row[] => {
  const { chosen, everybody, noTerminals, negated, bsd } = wanted
  const own = process.terminal?.name ?? '?'
  const { uid } = process.who
  const byDefault = (row: Row): boolean => {
    if (everybody || noTerminals || bsd) {
      if (!everybody && row.uid !== uid) return false
      return noTerminals || row.tty !== '?'
    }
    return row.uid === uid && row.tty === own
  }
  const limited = chosen.length > 0 || everybody || noTerminals
  const tests = chosen.length > 0 && !(everybody && noTerminals) ? chosen : [byDefault]
  return rowsOf(process).filter(row => tests.some(test => test(row)) !== (negated && limited))
}

const compare = (a: Row, b: Row, { column, descending }: Wanted['sort'][number]): number => {
  const order = column.order
    ? column.order(a) - column.order(b)
    : column.value(a, plain) < column.value(b, plain)
      ? -1
      : Number(column.value(a, plain) > column.value(b, plain))
  return descending ? -order : order
}
/** Enough to compare names by. */
const plain = { user: (uid: number) => `${uid}`, now: 0, memory: 1, process: { who: { uid: 0 } } } as unknown as Sheet

/** In the order asked for, each with what stands before its command in a forest. */
const arranged = (rows: Row[], { sort, forest }: Wanted): [Row, string][] => {
  const sorted = rows.toSorted((a, b) => {
    for (const key of sort) {
      const order = compare(a, b, key)
      if (order !== 0) return order
    }
    return 0
  })
  if (!forest) return sorted.map(row => [row, ''])
  const here = new Set(rows.map(({ pid }) => pid))
  const children = new Map<number, Row[]>()
  for (const row of sorted) {
    // Daemons stand for themselves, not below init.
    const parent = here.has(row.ppid) && row.ppid !== 1 ? row.ppid : -1
    const siblings = children.get(parent)
    if (siblings) siblings.push(row)
    else children.set(parent, [row])
  }
  const result: [Row, string][] = []
  const walk = (parent: number, before: string, depth: number): void => {
    const siblings = children.get(parent) ?? []
    for (const [index, row] of siblings.entries()) {
      const last = index === siblings.length - 1
      const indent = depth === 0 ? '' : `${before} \\_ `
      result.push([row, indent])
      if (depth < 100) walk(row.pid, depth === 0 ? '' : `${before}${last ? '    ' : ' |  '}`, depth + 1)
    }
  }
  const roots = children.get(-1)
  // The kernel's threads come before init.
  if (roots && sort.length === 0)
    children.set(
      -1,
      roots.toSorted((a, b) => Number(a.pid !== 2) - Number(b.pid !== 2)),
    )
  walk(-1, '', 0)
  return result
}

const commands = new Set(['COMMAND', 'CMD'])

const cells = (row: Row, indent: string, { columns, environment }: Wanted, sheet: Sheet): string[] =>
  columns.map(column => {
    const text = printable(column.value(row, sheet))
    if (column.width < 15 || !(commands.has(column.header) || column.width === 27)) return text
    return indent + text + (environment && row.env.length > 0 ? ` ${row.env.map(printable).join(' ')}` : '')
  })

const line = (texts: readonly string[], columns: readonly Column[], width: number): string => {
  let result = ''
  columns.forEach(({ width: least, left, cut, header }, index) => {
    const room = Math.max(least, header.length)
    let text = texts[index]!
    if (cut && text.length > room) text = `${text.slice(0, room - 1)}+`
    const last = index === columns.length - 1
    // A number too wide pushes; the next columns give way where they have blanks.
    const start = columns.slice(0, index).reduce((sum, one) => sum + Math.max(one.width, one.header.length) + 1, 0)
    const lag = Math.max(0, result.length - start)
    if (left) result += last ? text : text.padEnd(room - lag)
    else result += text.padStart(room - lag)
    if (!last) result += ' '
  })
  return `${result.slice(0, width).replace(/ +$/, match => (columns.at(-1)?.left && columns.at(-1)?.header !== '' ? '' : match))}\n`
}

const widthFor = (process: Process, { wide, width }: Wanted): number => {
  if (wide > 1) return 131_072
  const columns = width && width > 0 ? width : widthOf(process, 131_072)
  return wide === 1 ? Math.max(132, columns) : columns
}
