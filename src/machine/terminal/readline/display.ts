import { bytesOf, type Cell, columnsOf, emptyRow, type Layout, layOut, promptCells, type Row } from './layout.ts'
import type { Screen } from './screen.ts'

/** What is to be seen: a prompt, a line of characters, the cursor between them, and what stands out. */
export type View = {
  prompt: string
  line: readonly string[]
  point: number
  mark?: readonly [from: number, to: number] | undefined
}

/** Keeps a line on the terminal as it is edited, with the bytes that readline 8.2 sends for each change. */
export type Display = {
  show(view: View): void
  /** A character typed at the end of the line, where that needs no more than the character. */
  append(character: string): boolean
  /** Goes below the last row: the line is done. */
  leave(): void
  /** The screen below the cursor's row is free: the next `show` draws everything from the start of a row. */
  forget(): void
  /** Clears the screen; the next `show` draws everything. */
  clear(all: boolean): void
}

const clearLine = '\r'

/** `multibyte`: the locale's characters are UTF-8. */
export const createDisplay = (screenOf: () => Screen, multibyte: boolean, out: (bytes: string) => void): Display => {
  let screen = screenOf()
  let shown: Row[] = [emptyRow()]
  /** Where the terminal's cursor is. The column may stand behind the last one, before it wraps. */
  let row = 0
  let column = 0
  let prompt = ''
  let cells: Cell[] = []

  const draw = (line: Row, from: number, to: number): void => {
    let marked = false
    let bytes = ''
    for (let i = from; i < to; i++) {
      if (line.marked[i]! !== marked) {
        marked = !marked
        bytes += screen.standout?.[marked ? 0 : 1] ?? ''
      }
      bytes += bytesOf(line.cells[i]!)
      column += columnsOf(line.cells[i]!)
    }
    if (marked) bytes += screen.standout?.[1] ?? ''
    out(bytes)
  }
  const columnAt = (line: Row, index: number): number => {
    let at = 0
    for (let i = 0; i < index; i++) at += columnsOf(line.cells[i]!)
    return at
  }
  /** _rl_move_vert */
  const toRow = (to: number): void => {
    if (to > row) {
      out('\n'.repeat(to - row) + clearLine)
      column = 0
    } else if (to < row) {
      if (!screen.up) return
      out(screen.up.repeat(row - to))
    }
    row = to
  }
  /** _rl_move_cursor_relative: on this row, whose content is `line`. */
  const toColumn = (to: number, line: Row): void => {
    if (to === column) return
    if (to === 0 || to + 1 < column - to || (screen.wraps && column === screen.columns)) {
      out(clearLine)
      column = 0
    }
    if (to > column) {
      if (multibyte && screen.forward) {
        out(screen.forward.repeat(to - column))
        column = to
      } else {
        if (multibyte) {
          out(clearLine)
          column = 0
        }
        let at = 0
        for (const [i, cell] of line.cells.entries()) {
          if (at >= to) break
          if (at >= column) draw(line, i, i + 1)
          at += columnsOf(cell)
        }
        column = to
      }
    } else if (to < column) {
      out(screen.back.repeat(column - to))
      column = to
    }
  }
  const clearEnd = (count: number): void => {
    if (screen.clearEnd) out(screen.clearEnd)
    else {
      // space_to_eol: over what is there, and back.
      out(' '.repeat(count))
      column += count
    }
  }

  const same = (old: Row, i: number, now: Row, j: number): boolean =>
    old.cells[i] === now.cells[j] && old.marked[i] === now.marked[j]

  /** update_line: makes this row of the screen what it is to be. `last` is the last row from now on, `before` until now. */
  const update = (old: Row, now: Row, at: number, last: number, before: number): void => {
    if (column === screen.columns && screen.wraps && row === at - 1) {
      // The cursor waits behind the last column: one more character takes it to the next row.
      const first = now.cells[0]
      if (first === undefined) out(' ')
      else out(bytesOf(first))
      column = first === undefined ? 1 : columnsOf(first)
      row++
      if (first !== undefined && old.cells.length > 0 && columnsOf(old.cells[0]!) === column) {
        old.cells[0] = first
        old.marked[0] = now.marked[0]!
      } else if (first !== undefined && old.cells.length === 0) {
        old.cells.push(first)
        old.marked.push(now.marked[0]!)
        old.columns = column
      }
    }
    const oldEnd = old.cells.length
    const nowEnd = now.cells.length
    let first = 0
    while (first < oldEnd && first < nowEnd && same(old, first, now, first)) first++
    if (first === oldEnd && first === nowEnd) return
    let oldLast = oldEnd - 1
    let nowLast = nowEnd - 1
    // What both end with is left alone only where a blank is in it, in a multibyte locale; where anything else is, in others.
    let worth = false
    while (oldLast > first && nowLast > first && same(old, oldLast, now, nowLast)) {
      if ((old.cells[oldLast] === ' ') === multibyte) worth = true
      oldLast--
      nowLast--
    }
    if (!worth) {
      oldLast = oldEnd
      nowLast = nowEnd
    } else if (!same(old, oldLast, now, nowLast)) {
      oldLast++
      nowLast++
    }
    if (row !== at) toRow(at)
    toColumn(columnAt(old, first), old)
    const width = (line: Row, from: number, to: number): number => {
      let total = 0
      for (let i = from; i < Math.min(to, line.cells.length); i++) total += columnsOf(line.cells[i]!)
      return total
    }
    const difference = width(now, first, nowLast) - width(old, first, oldLast)
    const rest = width(now, first, nowEnd)
    if (difference > 0) {
      const grows = at >= before && last > before
      // What takes the place of the whole prompt is written rather than inserted.
      const anew = at === 0 && first === 0 && difference > 12
      if (screen.insert && oldLast < oldEnd && !(screen.wraps && grows) && !anew) {
        out(screen.insert(difference))
        draw(now, first, nowLast)
      } else draw(now, first, nowEnd)
      return
    }
    if (screen.remove && 2 * rest >= -difference) {
      if (difference < 0) out(screen.remove(-difference))
      draw(now, first, nowLast)
      return
    }
    draw(now, first, nowEnd)
    const over = old.columns - now.columns
    if (over <= 0) return
    if (screen.wraps && at < last) {
      out(' '.repeat(over))
      column += over
    } else clearEnd(over)
  }

  const show = (view: View): void => {
    screen = screenOf()
    if (view.prompt !== prompt || cells.length === 0) {
      prompt = view.prompt
      cells = promptCells(prompt, multibyte)
    }
    const most = Math.min(screen.rows, 500)
    const next: Layout = layOut(cells, view.line, view.point, {
      columns: screen.columns,
      multiline: screen.up !== undefined,
      mark: view.mark,
      most: 2000,
    })
    const { cursor } = next
    // What does not fit on one screen is not drawn.
    const rows = next.rows.length > most ? next.rows.slice(0, most) : next.rows
    const before = shown.length - 1
    const last = rows.length - 1
    for (let at = 0; at <= last; at++) update(shown[at] ?? emptyRow(), rows[at]!, at, last, before)
    for (let at = last + 1; at <= before; at++) {
      toRow(at)
      toColumn(0, shown[at]!)
      clearEnd(at === before ? shown[at]!.columns : screen.columns)
    }
    shown = rows
    const end = Math.min(cursor.row, last)
    if (row !== end) toRow(end)
    toColumn(cursor.column, shown[end]!)
  }

  return {
    show,
    append(character) {
      const line = shown.at(-1)!
      const byte = character.charCodeAt(0)
      const plain = character.length === 1 && byte >= 32 && byte < 127
      if (!plain || row !== shown.length - 1 || column !== line.columns || column + 1 >= screen.columns) return false
      line.cells.push(character)
      line.marked.push(false)
      line.columns++
      column++
      out(character)
      return true
    },
    leave() {
      // _rl_update_final: an empty last row is the one that follows anyway.
      let last = shown.length - 1
      const full = last > 0 && column === 0 && shown[last]!.cells.length === 0
      if (full) last--
      if (row !== last) toRow(last)
      const line = shown[last]!
      if (full && screen.wraps && line.columns === screen.columns) {
        toColumn(screen.columns - 1, line)
        if (screen.clearEnd) out(screen.clearEnd)
        draw(line, line.cells.length - 1, line.cells.length)
      }
      if (line.columns > 0 || column > 0) out('\n')
      this.forget()
    },
    forget() {
      shown = [emptyRow()]
      row = 0
      column = 0
    },
    clear(all) {
      if (screen.clear) out(screen.clear + (all ? (screen.clearAll ?? '') : ''))
      else out('\n')
      shown = [emptyRow()]
      row = 0
      column = 0
    },
  }
}
