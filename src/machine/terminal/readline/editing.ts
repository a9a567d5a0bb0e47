import { characters } from '../width.ts'
import type { Command, Edit } from './edit.ts'
import type { CommandName } from './keys.ts'
import {
  blankWordStart,
  insert,
  isBlank,
  kill,
  lineMax,
  remember,
  remove,
  replace,
  textOf,
  undo,
  wordEnd,
  wordStart,
} from './line.ts'

/** Repeats that a numeric argument asks for, no more than the line can take. */
const times = (edit: Edit): number => Math.min(Math.abs(edit.count), lineMax)

const move =
  (step: (edit: Edit, from: number) => number, back: (edit: Edit, from: number) => number): Command =>
  edit => {
    const go = edit.count < 0 ? back : step
    let more = times(edit)
    for (; more > 0; more--) {
      const next = go(edit, edit.line.point)
      if (next === edit.line.point) break
      edit.line.point = next
    }
    if (more > 0 && (go === right || go === left)) edit.bell()
    return undefined
  }
const goTo =
  (place: (edit: Edit) => number): Command =>
  edit => {
    edit.line.point = place(edit)
    return undefined
  }
const right = (edit: Edit, from: number): number => Math.min(edit.line.text.length, from + 1)
const left = (_edit: Edit, from: number): number => Math.max(0, from - 1)
const wordRight = (edit: Edit, from: number): number => wordEnd(edit.line, from)
const wordLeft = (edit: Edit, from: number): number => wordStart(edit.line, from)

const killTo =
  (target: (edit: Edit) => number): Command =>
  edit => {
    const { line } = edit
    const to = target(edit)
    if (to === line.point) return undefined
    kill(line, edit.ring, line.point, to, edit.wasKilling)
    return undefined
  }
const words =
  (step: (edit: Edit, from: number) => number) =>
  (edit: Edit): number => {
    let at = edit.line.point
    for (let i = times(edit); i > 0; i--) at = step(edit, at)
    return at
  }

/** Changes the letters of the next word. */
const cased =
  (change: (word: string) => string): Command =>
  edit => {
    const { line } = edit
    const end = wordEnd(line, line.point)
    if (end === line.point) return undefined
    remember(line)
    const changed = change(textOf(line, line.point, end))
    line.text.splice(line.point, end - line.point, ...characters(changed, edit.options.multibyte))
    line.point = end
    return undefined
  }

const deleteChar: Command = edit => {
  const { line } = edit
  if (line.text.length === 0 && edit.last !== 'delete-char') return 'eof'
  if (line.point === line.text.length) {
    edit.bell()
    return undefined
  }
  const to = line.point + times(edit)
  if (edit.counted) kill(line, edit.ring, line.point, to, edit.wasKilling)
  else remove(line, line.point, to)
  return undefined
}

const backwardDelete: Command = edit => {
  const { line } = edit
  if (line.point === 0) {
    edit.bell()
    return undefined
  }
  const from = line.point - times(edit)
  if (edit.counted) kill(line, edit.ring, line.point, from, edit.wasKilling)
  else remove(line, from, line.point)
  return undefined
}

const quotedInsert: Command = async edit => {
  const character = await edit.character()
  if (!insert(edit.line, [character])) edit.bell()
  return undefined
}

const transposeChars: Command = edit => {
  const { line } = edit
  if (line.point === 0 || line.text.length < 2) {
    edit.bell()
    return undefined
  }
  remember(line)
  const at = line.point === line.text.length ? line.point - 1 : line.point
  const [before] = line.text.splice(at - 1, 1)
  line.text.splice(at, 0, before!)
  line.point = Math.min(line.text.length, at + 1)
  return undefined
}

const transposeWords: Command = edit => {
  const { line } = edit
  const secondEnd = wordEnd(line, line.point)
  const secondStart = wordStart(line, secondEnd)
  const firstStart = wordStart(line, secondStart)
  const firstEnd = wordEnd(line, firstStart)
  if (firstStart === secondStart || secondStart < firstEnd) {
    edit.bell()
    return undefined
  }
  const text = [
    ...line.text.slice(0, firstStart),
    ...line.text.slice(secondStart, secondEnd),
    ...line.text.slice(firstEnd, secondStart),
    ...line.text.slice(firstStart, firstEnd),
    ...line.text.slice(secondEnd),
  ]
  replace(line, text, secondEnd)
  return undefined
}

const yank: Command = edit => {
  const text = edit.ring.kills[edit.ring.at]
  if (text === undefined) return undefined
  edit.line.mark = edit.line.point
  if (!insert(edit.line, characters(text, edit.options.multibyte))) edit.bell()
  return undefined
}
const yankPop: Command = edit => {
  const { line, ring } = edit
  if ((edit.last !== 'yank' && edit.last !== 'yank-pop') || ring.kills.length === 0) {
    edit.bell()
    return undefined
  }
  remove(line, line.mark, line.point)
  ring.at = (ring.at + ring.kills.length - 1) % ring.kills.length
  return yank(edit, '')
}

const characterSearch =
  (direction: 1 | -1): Command =>
  async edit => {
    const wanted = await edit.character()
    const { line } = edit
    const way = edit.count < 0 ? -direction : direction
    for (let at = line.point + way; at >= 0 && at < line.text.length; at += way) {
      if (line.text[at] !== wanted) continue
      line.point = at
      return undefined
    }
    edit.bell()
    return undefined
  }

const horizontalSpace: Command = edit => {
  const { line } = edit
  let from = line.point
  let to = line.point
  while (from > 0 && isBlank(line.text[from - 1])) from--
  while (isBlank(line.text[to])) to++
  remove(line, from, to)
  return undefined
}

const paste: Command = async edit => {
  let text = ''
  const end = '\x1b[201~'
  while (!text.endsWith(end) && text.length < lineMax * 2) text += await edit.byte()
  text = (text.endsWith(end) ? text.slice(0, -end.length) : text).replace(/\r/g, '\n').replaceAll('\0', '')
  edit.line.mark = edit.line.point
  if (!insert(edit.line, characters(text, edit.options.multibyte))) edit.bell()
  edit.line.marked = text !== ''
  return undefined
}

const lower = (word: string): string => word.replace(/[A-Z]+/g, found => found.toLowerCase())
const upper = (word: string): string => word.replace(/[a-z]+/g, found => found.toUpperCase())

/** Commands that change the line or move in it. */
export const editing: readonly (readonly [CommandName, Command])[] = [
  [
    'set-mark',
    edit => {
      edit.line.mark = edit.line.point
      return undefined
    },
  ],
  ['beginning-of-line', goTo(() => 0)],
  ['end-of-line', goTo(edit => edit.line.text.length)],
  ['forward-char', move(right, left)],
  ['backward-char', move(left, right)],
  ['forward-word', move(wordRight, wordLeft)],
  ['backward-word', move(wordLeft, wordRight)],
  ['delete-char', deleteChar],
  ['backward-delete-char', backwardDelete],
  [
    'abort',
    edit => {
      edit.bell()
      return undefined
    },
  ],
  ['kill-line', killTo(edit => (edit.count < 0 ? 0 : edit.line.text.length))],
  [
    'unix-line-discard',
    edit => {
      if (edit.line.point === 0) edit.bell()
      return killTo(() => 0)(edit, '')
    },
  ],
  ['backward-kill-line', killTo(() => 0)],
  [
    'unix-word-rubout',
    edit => {
      if (edit.line.point === 0) edit.bell()
      return killTo(words(({ line }, from) => blankWordStart(line, from)))(edit, '')
    },
  ],
  ['kill-word', killTo(words(wordRight))],
  ['backward-kill-word', killTo(words(wordLeft))],
  ['quoted-insert', quotedInsert],
  [
    'tab-insert',
    edit => {
      insert(edit.line, ['\t'])
      return undefined
    },
  ],
  ['transpose-chars', transposeChars],
  ['transpose-words', transposeWords],
  ['yank', yank],
  ['yank-pop', yankPop],
  ['character-search', characterSearch(1)],
  ['character-search-backward', characterSearch(-1)],
  [
    'undo',
    edit => {
      if (!undo(edit.line)) edit.bell()
      return undefined
    },
  ],
  [
    'revert-line',
    edit => {
      while (undo(edit.line)) edit.options.step()
      return undefined
    },
  ],
  [
    'exchange-point-and-mark',
    edit => {
      const { line } = edit
      const mark = Math.min(line.mark, line.text.length)
      line.mark = line.point
      line.point = mark
      return undefined
    },
  ],
  ['delete-horizontal-space', horizontalSpace],
  ['upcase-word', cased(upper)],
  ['downcase-word', cased(lower)],
  ['capitalize-word', cased(word => lower(word).replace(/[a-z]/, found => found.toUpperCase()))],
  [
    'insert-comment',
    edit => {
      replace(edit.line, ['#', ...edit.line.text], 1)
      return { done: { text: textOf(edit.line) } }
    },
  ],
  ['bracketed-paste-begin', paste],
]
