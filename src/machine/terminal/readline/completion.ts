import { characters, codePoint, widthOf } from '../width.ts'
import type { Candidate, Command, Edit } from './edit.ts'
import { insert, remove, textOf } from './line.ts'

/** `completion-query-items`: more than so many are listed only when asked for. */
const askFrom = 100
/** Candidates that are listed at all. */
const mostListed = 5000

const commonPrefix = (candidates: readonly Candidate[]): string => {
  let common = candidates[0]?.text ?? ''
  for (const { text } of candidates) {
    let length = 0
    while (length < common.length && common[length] === text[length]) length++
    common = common.slice(0, length)
  }
  return common
}

const columns = (text: string, multibyte: boolean): number =>
  characters(text, multibyte).reduce((sum, one) => sum + (one.length > 1 ? widthOf(codePoint(one)) : 1), 0)

/** A yes or no as get_y_or_n of complete.c takes it; `pager` knows a line as well. */
const answer = async (edit: Edit, pager: boolean): Promise<'yes' | 'no' | 'line'> => {
  for (;;) {
    edit.options.step()
    const key = await edit.byte()
    if (key === 'y' || key === 'Y' || key === ' ') return 'yes'
    if (key === 'n' || key === 'N' || key === '\x7f') return 'no'
    if (key === '\x07') return 'no'
    if (pager && (key === '\n' || key === '\r')) return 'line'
    if (pager && (key === 'q' || key === 'Q')) return 'no'
    edit.bell()
  }
}

/** Shows all candidates in columns, sorted downwards, a screenful at a time. */
const list = async (edit: Edit, candidates: readonly Candidate[]): Promise<void> => {
  const { multibyte } = edit.options
  const { columns: wide, rows, clearEnd } = edit.screen()
  edit.below()
  if (candidates.length >= askFrom) {
    edit.send(`Display all ${candidates.length} possibilities? (y or n)`)
    if ((await answer(edit, false)) === 'no') {
      edit.send('\n')
      return
    }
    edit.send('\n')
  }
  const shown = candidates.slice(0, mostListed).map(one => one.shown)
  const widths = shown.map(one => columns(one, multibyte))
  const widest = widths.reduce((most, one) => Math.max(most, one), 0) + 2
  let across = Math.floor(wide / widest)
  if (across !== 1 && across * widest === wide) across--
  across = Math.max(1, across)
  const down = Math.ceil(shown.length / across)
  let lines = 0
  for (let row = 0; row < down; row++) {
    edit.options.step()
    let line = ''
    for (let at = row, n = 0; at < shown.length; at += down, n++)
      line += n + 1 < across ? shown[at]! + ' '.repeat(Math.max(1, widest - widths[at]!)) : shown[at]
    edit.send(`${line}\n`)
    if (++lines < rows - 1 || row + 1 >= down) continue
    edit.send('--More--')
    const wanted = await answer(edit, true)
    edit.send(`\r${clearEnd ?? ' '.repeat(8)}\r`)
    if (wanted === 'no') return
    lines = wanted === 'line' ? lines - 1 : 0
  }
}

/** TAB: as much of the word as is certain; pressed again, what it could become. */
export const complete: Command = async edit => {
  const found = await edit.options.complete?.(textOf(edit.line), edit.line.point)
  const candidates = found?.candidates ?? []
  if (!found || candidates.length === 0) {
    edit.bell()
    return undefined
  }
  const { line } = edit
  const present = textOf(line, found.start, line.point)
  const [only] = candidates
  const common = candidates.length === 1 ? only!.text + only!.end : commonPrefix(candidates)
  if (candidates.length > 1 && edit.last === 'complete' && common.length <= present.length && !edit.fresh) {
    await list(edit, candidates)
    return undefined
  }
  if (candidates.length > 1) edit.bell()
  edit.fresh = common !== present
  if (common.length < present.length && candidates.length > 1) return undefined
  if (common === present) return undefined
  const next = textOf(line, line.point, line.point + 1)
  // The blank that follows is there already.
  const text = candidates.length === 1 && only!.end !== '' && next === only!.end ? only!.text : common
  const addition = text.startsWith(present) ? text.slice(present.length) : undefined
  if (addition === undefined) {
    remove(line, found.start, line.point)
    insert(line, characters(text, edit.options.multibyte))
  } else insert(line, characters(addition, edit.options.multibyte))
  return undefined
}

export const possibleCompletions: Command = async edit => {
  const found = await edit.options.complete?.(textOf(edit.line), edit.line.point)
  if (!found || found.candidates.length === 0) edit.bell()
  else await list(edit, found.candidates)
  return undefined
}

export const insertCompletions: Command = async edit => {
  const found = await edit.options.complete?.(textOf(edit.line), edit.line.point)
  if (!found || found.candidates.length === 0) {
    edit.bell()
    return undefined
  }
  remove(edit.line, found.start, edit.line.point)
  const text = found.candidates.map(one => `${one.text} `).join('')
  insert(edit.line, characters(text, edit.options.multibyte))
  return undefined
}
