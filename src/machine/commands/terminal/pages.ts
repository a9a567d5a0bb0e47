import type { Input } from '../../system.ts'
import { characters, codePoint, widthOf } from '../../terminal/width.ts'

/** Lines that a pager keeps of one input, and bytes of them. */
const mostLines = 100_000
const mostBytes = 8 << 20

/** Lines of an input, read as they are wanted. */
export type Pages = {
  /** All lines so far, without their ends. */
  lines: string[]
  /** Reads until there are so many lines, or to the end. */
  ensure(count: number): Promise<void>
  ended(): boolean
  /** Bytes read so far. */
  bytes(): number
}

export const pagesOf = (input: Input): Pages => {
  const lines: string[] = []
  let rest = ''
  let bytes = 0
  let ended = false
  return {
    lines,
    ended: () => ended,
    bytes: () => bytes,
    async ensure(count) {
      while (!ended && lines.length < Math.min(count, mostLines)) {
        const data = await input.read(65_536)
        if (data !== undefined) bytes += data.length
        if (data === undefined || bytes > mostBytes) {
          ended = true
          if (rest !== '') lines.push(rest)
          rest = ''
          return
        }
        const pieces = (rest + data.toString('latin1')).split('\n')
        rest = pieces.pop()!
        for (const piece of pieces) lines.push(piece)
      }
      if (lines.length >= mostLines) ended = true
    },
  }
}

/** A line as it is shown: tabs as blanks, control characters with a caret (`^X`), over-struck letters plain. */
export const visible = (line: string, raw = false): string => {
  let out = ''
  let column = 0
  for (const character of characters(line.replace(/.\x08(?=.)/g, '').replace(/\r$/, ''), true)) {
    const code = character.charCodeAt(0)
    let shown = character
    if (character === '\t') shown = ' '.repeat(8 - (column % 8))
    else if (raw && code === 27) shown = character
    else if (code < 32) shown = code === 27 ? 'ESC' : `^${String.fromCharCode(code + 64)}`
    else if (code === 127) shown = '^?'
    else if (character.length === 1 && code > 127) shown = `<${code.toString(16).toUpperCase()}>`
    out += shown
    column += character.length > 1 ? widthOf(codePoint(character)) : shown.length
  }
  return out
}

/** A shown line cut into rows of so many columns. */
export const rowsOf = (line: string, columns: number): string[] => {
  if (line.length <= columns) return [line]
  const rows: string[] = []
  let row = ''
  let width = 0
  for (const character of characters(line, true)) {
    const wide = character.length > 1 ? widthOf(codePoint(character)) : 1
    if (width + wide > columns) {
      rows.push(row)
      row = ''
      width = 0
    }
    row += character
    width += wide
  }
  return [...rows, row]
}
