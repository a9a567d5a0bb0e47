import { characters, codePoint, widthOf } from '../width.ts'

/**
 * One character cell, as the bytes that draw it; a wide character is one cell of two columns. Bytes that draw nothing
 * (what stands between `\[` and `\]`) stand before byte 1 or after byte 2 of the cell they go with.
 */
export type Cell = string
export type Row = { cells: Cell[] /** Which of them stand out. */; marked: boolean[]; columns: number }
export type Place = { row: number; column: number }
/** What a line looks like on the screen, and where its cursor is. */
export type Layout = { rows: Row[]; cursor: Place }

export const emptyRow = (): Row => ({ cells: [], marked: [], columns: 0 })

/** The bytes of a cell. */
export const bytesOf = (cell: Cell): string => (cell.length === 1 ? cell : cell.replace(/[\x01\x02]/g, ''))
export const columnsOf = (cell: Cell): number => {
  if (cell.length === 1) return 1
  const visible = cell.slice(cell.lastIndexOf('\x01') + 1).split('\x02', 1)[0]!
  return visible.length === 1 ? 1 : widthOf(codePoint(characters(visible, true)[0] ?? ' '))
}

/** A prompt's cells: `\[…\]` arrive as bytes 1 and 2 around what takes no room. */
export const promptCells = (prompt: string, multibyte: boolean): Cell[] => {
  const cells: Cell[] = []
  let hidden = ''
  for (let at = 0; at < prompt.length; ) {
    const end = prompt[at] === '\x01' ? prompt.indexOf('\x02', at) : -1
    if (end !== -1) {
      hidden += prompt.slice(at + 1, end).replace(/[\x01\x02]/g, '')
      at = end + 1
      continue
    }
    const next = prompt.indexOf('\x01', at + 1)
    const visible = prompt.slice(at, next === -1 ? prompt.length : next).replace(/[\x01\x02]/g, '')
    for (const character of characters(visible, multibyte)) {
      cells.push(hidden === '' ? character : `${hidden}\x01${character}`)
      hidden = ''
    }
    at = next === -1 ? prompt.length : next
  }
  if (hidden !== '' && cells.length > 0) cells.push(`${cells.pop()}\x02${hidden}`)
  return cells
}

/** The cells of one character of the line: control characters are shown with a caret. */
const cellsOf = (character: string): Cell[] => {
  const byte = character.charCodeAt(0)
  if (character.length === 1 && (byte < 32 || byte === 127)) return ['^', String.fromCharCode(byte ^ 64)]
  return [character]
}

/** Lays prompt and line out in rows of so many columns. `point` and `mark` count characters. */
export const layOut = (
  prompt: readonly Cell[],
  line: readonly string[],
  point: number,
  how: { columns: number; multiline: boolean; mark: readonly [from: number, to: number] | undefined; most: number },
): Layout => {
  const rows = [emptyRow()]
  let row = rows[0]!
  const next = (): void => {
    row = emptyRow()
    rows.push(row)
  }
  const add = (cell: Cell, marked: boolean): void => {
    const wide = columnsOf(cell)
    if (wide === 0 && row.cells.length > 0) {
      row.cells.push(`${row.cells.pop()}${cell}`)
      return
    }
    if (row.columns + wide > how.columns) {
      while (row.columns < how.columns) put(' ', false, 1)
      if (row.columns >= how.columns) next()
    }
    put(cell, marked, wide)
    if (row.columns >= how.columns) next()
  }
  const put = (cell: Cell, marked: boolean, wide: number): void => {
    row.cells.push(cell)
    row.marked.push(marked)
    row.columns += wide
  }
  for (const cell of prompt) add(cell, false)
  let cursor: Place = { row: 0, column: 0 }
  const here = (): Place => ({ row: rows.length - 1, column: row.columns })
  for (let i = 0; i < line.length && rows.length <= how.most; i++) {
    const character = line[i]!
    if (i === point) cursor = here()
    const marked = how.mark !== undefined && i >= how.mark[0] && i < how.mark[1]
    if (character === '\n' && how.multiline) next()
    else if (character === '\t') for (let n = 8 - (row.columns % 8); n > 0; n--) add(' ', marked)
    else for (const cell of cellsOf(character)) add(cell, marked)
  }
  if (point >= line.length) cursor = here()
  return { rows, cursor }
}
