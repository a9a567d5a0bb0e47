import { lengthAt, lineOf } from './document.ts'
import type { ExState } from './vi-ex.ts'
import { motionOf, type Place } from './vi-motion.ts'

/** A vi at work: what it edits, and what it remembers. */
export type State = ExState & {
  /** First line on the screen. */
  top: number
  mode: 'normal' | 'insert'
  register: { text: string; lines: boolean }
  undo: { lines: string[]; row: number; at: number }[]
}

/** Changes that `u` takes back. */
const mostUndo = 20

/** Before a change. */
export const keep = (state: State): void => {
  const { lines, row, at } = state.document
  state.undo.push({ lines: [...lines], row, at })
  if (state.undo.length > (lines.length > 5000 ? 3 : mostUndo)) state.undo.shift()
}

/** `p` and `P`. */
export const put = (state: State, before: boolean, count: number): void => {
  const { document, register } = state
  if (register.text === '') return
  keep(state)
  document.modified = true
  if (register.lines) {
    const lines = Array.from({ length: count }, () => register.text.split('\n')).flat()
    document.row += before ? 0 : 1
    document.lines.splice(document.row, 0, ...lines)
    document.at = 0
    return
  }
  const line = lineOf(document)
  const at = before ? document.at : Math.min(line.length, document.at + lengthAt(line, document.at))
  const pieces = (line.slice(0, at) + register.text.repeat(count) + line.slice(at)).split('\n')
  document.lines.splice(document.row, 1, ...pieces)
  document.at = Math.max(0, at + register.text.length * count - 1)
}

/** `d`, `c`, `y`, `<` and `>` with where they reach. */
export const operate = (
  state: State,
  operator: string,
  target: string,
  count: number,
  counted: boolean,
  height: number,
): void => {
  const { document } = state
  const whole = target === operator
  // `cw` leaves the blanks behind the word.
  const name = operator === 'c' && target === 'w' ? 'e' : target
  const motion = whole
    ? { row: Math.min(document.lines.length - 1, document.row + count - 1), at: 0, lines: true as const }
    : motionOf(document, name, count, counted, height)
  if (!motion) return
  const here: Place = { row: document.row, at: document.at }
  const ordered = motion.row < here.row || (motion.row === here.row && motion.at < here.at)
  const [from, to] = ordered ? [motion as Place, here] : [here, motion as Place]
  if (operator !== 'y') keep(state)
  if (motion.lines || operator === '<' || operator === '>') {
    const lines = document.lines.slice(from.row, to.row + 1)
    if (operator === '>' || operator === '<') {
      document.lines.splice(
        from.row,
        lines.length,
        ...lines.map(one => (operator === '>' ? (one === '' ? '' : `\t${one}`) : one.replace(/^(\t| {1,8})/, ''))),
      )
      document.modified = true
      return
    }
    state.register = { text: lines.join('\n'), lines: true }
    if (operator === 'y') {
      document.row = from.row
      return
    }
    document.lines.splice(from.row, lines.length, ...(operator === 'c' ? [''] : []))
    if (document.lines.length === 0) document.lines.push('')
    document.row = Math.min(from.row, document.lines.length - 1)
    document.at = Math.max(0, lineOf(document).search(/[^ \t]|$/))
    document.modified = true
    if (operator === 'c') state.mode = 'insert'
    else if (lines.length > 2) state.message = `${lines.length} fewer lines`
    return
  }
  const end = to.at + (motion.to && !ordered ? lengthAt(document.lines[to.row]!, to.at) : 0)
  const span = document.lines.slice(from.row, to.row + 1)
  const last = span.length - 1
  const kept = span.map((one, i) => one.slice(i === 0 ? from.at : 0, i === last ? end : undefined)).join('\n')
  // A word at the end of its line does not take the line's end.
  const taken =
    name === 'w' && to.row > from.row && to.at === 0 && operator !== 'y' ? kept.replace(/\n[ \t]*$/, '') : kept
  state.register = { text: taken, lines: false }
  if (operator !== 'y') {
    const first = document.lines[from.row]!
    const rest = taken.includes('\n') || from.row === to.row ? document.lines[to.row]!.slice(end) : ''
    if (taken.length < kept.length) document.lines[from.row] = first.slice(0, from.at)
    else document.lines.splice(from.row, span.length, first.slice(0, from.at) + rest)
    document.modified = true
  }
  Object.assign(document, from)
  if (operator === 'c') state.mode = 'insert'
  else document.at = Math.max(0, Math.min(document.at, lineOf(document).length - 1))
}
