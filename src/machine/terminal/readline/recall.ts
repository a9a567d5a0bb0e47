import { characters } from '../width.ts'
import type { Command, Edit } from './edit.ts'
import type { CommandName } from './keys.ts'
import { insert, newLine, remove, textOf } from './line.ts'

/** The entry as it is to be shown: as it was edited in passing, or as entered. */
const entry = ({ drafts, options }: Edit, at: number): string => drafts.get(at) ?? options.history[at] ?? ''

/** Entries edited in passing that are remembered. */
const mostDrafts = 50

/** Shows another entry of the history. */
export const goTo = (edit: Edit, at: number, point?: number): void => {
  const now = textOf(edit.line)
  if (now !== entry(edit, edit.at) && edit.drafts.size < mostDrafts) edit.drafts.set(edit.at, now)
  edit.at = at
  const line = newLine()
  line.text = characters(entry(edit, at), edit.options.multibyte)
  line.point = point ?? line.text.length
  edit.line = line
}

const by =
  (direction: 1 | -1): Command =>
  edit => {
    const target = edit.at + direction * edit.count
    const to = Math.max(0, Math.min(edit.options.history.length, target))
    if (to === edit.at) {
      // Going back in no history at all is silent.
      if (edit.options.history.length > 0 || direction > 0) edit.bell()
      return undefined
    }
    goTo(edit, to)
    return undefined
  }

/** Words of a line as the history expansion counts them: quotes hold them together, operators are words. */
export const historyWords = (line: string): string[] => {
  const words: string[] = []
  for (let at = 0; at < line.length && words.length < 2000; ) {
    const c = line[at]!
    if (c === ' ' || c === '\t' || c === '\n') {
      at++
      continue
    }
    const operator = /^(?:<<-|<<<|>>|<<|>&|<&|>\||&>|&&|\|\||;;|\|&|[()<>;&|])/.exec(line.slice(at, at + 3))
    if (operator) {
      words.push(operator[0])
      at += operator[0].length
      continue
    }
    const from = at
    let quote = ''
    for (; at < line.length; at++) {
      const next = line[at]!
      if (next === '\\' && quote !== "'") at++
      else if (quote !== '') quote = next === quote ? '' : quote
      else if (next === '"' || next === "'" || next === '`') quote = next
      else if (' \t\n()<>;&|'.includes(next)) break
    }
    words.push(line.slice(from, at))
  }
  return words
}

/** M-. and M-_: the last word of the line before, and of the lines before that when pressed again. */
const yankLastArgument: Command = edit => {
  const again = edit.last === 'yank-last-arg'
  const at = again ? edit.argumentAt - 1 : edit.options.history.length - 1
  const text = edit.options.history[at]
  if (text === undefined) {
    edit.bell()
    return undefined
  }
  const { line } = edit
  if (again) remove(line, line.mark, line.point)
  edit.argumentAt = at
  line.mark = line.point
  const words = historyWords(text)
  const word = edit.counted && !again ? words[edit.count] : words.at(-1)
  insert(line, characters(word ?? '', edit.options.multibyte))
  return undefined
}
const yankNthArgument: Command = edit => {
  const words = historyWords(edit.options.history.at(-1) ?? '')
  const word = words.at(edit.counted ? edit.count : 1)
  if (word === undefined) edit.bell()
  else insert(edit.line, characters(word, edit.options.multibyte))
  return undefined
}

/** Commands that bring back lines entered before. */
export const recall: readonly (readonly [CommandName, Command])[] = [
  ['previous-history', by(-1)],
  ['next-history', by(1)],
  [
    'beginning-of-history',
    edit => {
      if (edit.at === 0) edit.bell()
      else goTo(edit, 0)
      return undefined
    },
  ],
  [
    'end-of-history',
    edit => {
      if (edit.at !== edit.options.history.length) goTo(edit, edit.options.history.length)
      return undefined
    },
  ],
  ['yank-last-arg', yankLastArgument],
  ['yank-nth-arg', yankNthArgument],
  [
    'operate-and-get-next',
    edit => ({
      done: { text: textOf(edit.line), next: edit.at < edit.options.history.length ? edit.at + 1 : undefined },
    }),
  ],
]
