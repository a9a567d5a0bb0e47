/**
 * The line on the screen as BusyBox draws it (libbb/lineedit.c): it knows where the cursor stands on a terminal so many
 * columns wide, and moves it by backspaces, CR and the sequences of a VT100.
 */
export type View = {
  /** The prompt for the first time; lines before its last are shown now and never again. */
  start(prompt: string): void
  /** Goes on over these characters of the line. */
  put(text: string): void
  /** Goes back by so many characters. */
  back(count: number): void
  /** From the prompt on. `row`: rows that the cursor is below it, `undefined` where it stands. */
  redraw(text: string, cursor: number, row?: number): void
  /** Erases what is behind the cursor. */
  clear(): void
  /** The cursor stands at the start of a row. */
  atEdge(): boolean
  /** Bytes drawn so far: what drawing cost. */
  drawn(): number
}

const eraseBelow = '\x1b[J'
/** Up to so many columns are gone back by backspaces. */
const fewColumns = 4

export const createView = (width: number, send: (bytes: string) => void): View => {
  let prompt = ''
  /** Columns of the prompt. */
  let length = 0
  let column = 0
  let row = 0
  let sum = 0
  const draw = (bytes: string): void => {
    sum += bytes.length
    send(bytes)
  }
  const afterPrompt = (): void => {
    column = length % width
    row = Math.floor(length / width)
  }
  const view: View = {
    start(text) {
      const last = text.lastIndexOf('\n') + 1
      prompt = shown(text.slice(last))
      // Bytes 1 and 2 stand around what takes no room.
      length = text.slice(last).replace(/\x01[^\x02]*\x02/g, '').length
      draw(shown(text))
      afterPrompt()
    },
    put(text) {
      for (let at = 0; at < text.length; ) {
        const piece = text.slice(at, at + width - column)
        draw(piece)
        at += piece.length
        column += piece.length
        if (column < width) continue
        // A terminal that is wider than it says, or has no margins, goes on where the cursor is taken to be.
        draw('\r\n')
        column = 0
        row++
      }
    },
    back(count) {
      if (count === 0) return
      if (count <= column) {
        column -= count
        draw(count <= fewColumns ? '\b'.repeat(count) : `\x1b[${count}D`)
        return
      }
      const beyond = count - column
      const up = 1 + Math.floor((beyond - 1) / width)
      column = (((width * row - beyond) % width) + width) % width
      row -= up
      draw(`\r\x1b[${up}A${column === 0 ? '' : `\x1b[${column}C`}`)
    },
    redraw(text, cursor, from = row) {
      draw(`${from > 0 ? `\x1b[${from}A` : ''}\r${prompt}`)
      afterPrompt()
      view.put(text)
      view.clear()
      view.back(text.length - cursor)
    },
    clear: () => draw(eraseBelow),
    atEdge: () => column === 0,
    drawn: () => sum,
  }
  return view
}

const shown = (text: string): string => text.replace(/[\x01\x02]/g, '')
