/** Kills that are kept, and states to which undo goes back. */
const mostKills = 10
const mostUndo = 100
/** Characters of a line; readline has no such end, people have. */
export const lineMax = 65_536
/** Characters typed in a row that one undo takes back. */
const undoRun = 20

/** The line being edited: characters (each its bytes), the cursor before one of them, and what can be taken back. */
export type Line = {
  text: string[]
  point: number
  mark: number
  /** The region between mark and point stands out until the next command. */
  marked: boolean
  undo: { text: string; point: number }[]
  /** Characters inserted since the last state that undo knows. */
  run: number
}

/** Kept between lines of a shell. */
export type KillRing = { kills: string[]; at: number; killing: boolean }

export const newLine = (): Line => ({ text: [], point: 0, mark: 0, marked: false, undo: [], run: 0 })
export const newKillRing = (): KillRing => ({ kills: [], at: 0, killing: false })

export const textOf = (line: Line, from = 0, to = line.text.length): string => line.text.slice(from, to).join('')

/** Before a change. */
export const remember = (line: Line): void => {
  line.run = 0
  line.undo.push({ text: line.text.join('\0'), point: line.point })
  if (line.undo.length > mostUndo) line.undo.shift()
}

/** False where there is nothing to take back. */
export const undo = (line: Line): boolean => {
  const before = line.undo.pop()
  if (!before) return false
  line.text = before.text === '' ? [] : before.text.split('\0')
  line.point = before.point
  line.run = 0
  return true
}

/** False where the line is as long as it may be. */
export const insert = (line: Line, given: readonly string[], typed = false): boolean => {
  const room = lineMax - line.text.length
  if (room <= 0) return false
  if (!typed || line.run === 0 || line.run >= undoRun) remember(line)
  if (typed) line.run++
  const text = given.length > room ? given.slice(0, room) : given
  if (line.point === line.text.length) for (const one of text) line.text.push(one)
  else line.text = [...line.text.slice(0, line.point), ...text, ...line.text.slice(line.point)]
  if (line.mark > line.point) line.mark += text.length
  line.point += text.length
  return true
}

/** Takes the characters out and gives them; the cursor stays between what is left. */
export const remove = (line: Line, from: number, to: number): string => {
  const [start, end] = [Math.max(0, Math.min(from, to)), Math.min(line.text.length, Math.max(from, to))]
  if (start === end) return ''
  remember(line)
  const gone = line.text.splice(start, end - start).join('')
  if (line.point > end) line.point -= end - start
  else if (line.point > start) line.point = start
  if (line.mark > line.text.length) line.mark = line.text.length
  return gone
}

export const replace = (line: Line, text: readonly string[], point = text.length): void => {
  remember(line)
  line.text = text.length > lineMax ? text.slice(0, lineMax) : [...text]
  line.point = Math.min(point, line.text.length)
}

/** Takes characters out and keeps them to be yanked; kills in a row are one. */
export const kill = (line: Line, ring: KillRing, from: number, to: number, wasKilling: boolean): void => {
  ring.killing = true
  const backwards = from > to
  const gone = remove(line, from, to)
  if (gone === '') return
  if (wasKilling && ring.kills.length > 0) {
    const last = ring.kills.pop()!
    ring.kills.push(backwards ? gone + last : last + gone)
  } else ring.kills.push(gone)
  if (ring.kills.length > mostKills) ring.kills.shift()
  ring.at = ring.kills.length - 1
}

const isWord = (character: string | undefined): boolean =>
  character !== undefined && (character.length > 1 || /[A-Za-z0-9]/.test(character))
const isBlank = (character: string | undefined): boolean => character === ' ' || character === '\t'

/** Where M-f goes from here. */
export const wordEnd = ({ text }: Line, from: number): number => {
  let at = from
  while (at < text.length && !isWord(text[at])) at++
  while (at < text.length && isWord(text[at])) at++
  return at
}
/** Where M-b goes. */
export const wordStart = ({ text }: Line, from: number): number => {
  let at = from
  while (at > 0 && !isWord(text[at - 1])) at--
  while (at > 0 && isWord(text[at - 1])) at--
  return at
}
/** Where C-w kills to: words are what blanks separate. */
export const blankWordStart = ({ text }: Line, from: number): number => {
  let at = from
  while (at > 0 && isBlank(text[at - 1])) at--
  while (at > 0 && !isBlank(text[at - 1])) at--
  return at
}
export { isBlank }
