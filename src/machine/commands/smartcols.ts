/**
 * A table as libsmartcols prints it to no terminal: columns as wide as what is in them, those of numbers (`right`, counted
 * from 0) to the right, and nothing behind the last one.
 */
export const aligned = (table: readonly (readonly string[])[], right: ReadonlySet<number>): string => {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map(row => row[column]!.length)))
  const cell = (text: string, column: number): string => {
    if (right.has(column)) return text.padStart(widths[column]!)
    return column === widths.length - 1 ? text : text.padEnd(widths[column]!)
  }
  return table.map(row => `${row.map(cell).join(' ')}\n`).join('')
}
