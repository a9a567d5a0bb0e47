/** One printed table: Markdown, so that what the terminal shows can be kept as it stands. */
export type Table = {
  title: string
  columns: readonly string[]
  rows: readonly (readonly string[])[]
  /** What a reader has to know to read the figures right. */
  notes?: readonly string[]
}
/** One part of the benchmark; `argument` is what stood behind `=` on the command line. */
export type Part = (argument: string | undefined) => Promise<Table>

/** Three significant digits at least: 12,345, 123, 1.23, 0.0123; whole numbers as they are. */
export function figure(value: number): string {
  if (Math.abs(value) >= 1000 || Number.isInteger(value)) return Math.round(value).toLocaleString('en-GB')
  return value.toFixed(Math.max(0, 2 - Math.floor(Math.log10(Math.abs(value)))))
}
const verdict = (met: boolean) => (met ? '✓' : '✗')
/** The cell beside a figure that must not be exceeded. */
export const atMost = (value: number, ceiling: number) =>
  `≤ ${ceiling.toLocaleString('en-GB')} ${verdict(value <= ceiling)}`
/** The cell beside a figure that must be reached. */
export const atLeast = (value: number, floor: number) => `≥ ${floor.toLocaleString('en-GB')} ${verdict(value >= floor)}`

export function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!
}

export function print({ title, columns, rows, notes = [] }: Table): void {
  const widths = columns.map((column, i) => Math.max(...[column, ...rows.map(row => row[i]!)].map(cell => cell.length)))
  const line = (cells: readonly string[]) => {
    const padded = cells.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]!)))
    return `| ${padded.join(' | ')} |`
  }
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  console.log([`### ${title}`, '', line(columns), line(rule), ...rows.map(line), ''].join('\n'))
  if (notes.length) console.log(`${notes.join('\n')}\n`)
}
