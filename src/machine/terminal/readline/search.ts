import { characters } from '../width.ts'
import type { Command, Edit } from './edit.ts'
import { keymap, prefixes } from './keys.ts'
import { textOf } from './line.ts'
import { goTo } from './recall.ts'

/** Characters that can be looked for. */
const wantedMax = 200

type Found = { at: number; point: number; failed: boolean; wanted: string }

/** Where the text stands in the entry, in characters, looking from `from` in this direction. */
const placeIn = (edit: Edit, text: string, wanted: string, from: number, backwards: boolean): number => {
  const { multibyte } = edit.options
  const before = characters(text, multibyte).slice(0, Math.max(0, from)).join('').length
  const byte = backwards ? (from < 0 ? -1 : text.lastIndexOf(wanted, before)) : text.indexOf(wanted, before)
  return byte === -1 ? -1 : characters(text.slice(0, byte), multibyte).length
}

/** C-r and C-s: looks through the history while the text is typed (isearch.c). */
const incremental =
  (direction: 'backwards' | 'forwards'): Command =>
  async edit => {
    const { history } = edit.options
    const { prompt } = edit
    const origin = { at: edit.at, line: edit.line }
    const draft = textOf(edit.line)
    const entry = (at: number): string => (at === origin.at ? draft : (history[at] ?? ''))
    let backwards = direction === 'backwards'
    let state: Found = { at: edit.at, point: edit.line.point, failed: false, wanted: '' }
    const before: Found[] = []
    const display = (matched: boolean): void => {
      const { wanted, failed, point } = state
      edit.prompt = `(${failed ? 'failed ' : ''}${backwards ? 'reverse-' : ''}i-search)\`${wanted}': `
      edit.line = { ...edit.line, text: characters(entry(state.at), edit.options.multibyte), point }
      const length = characters(wanted, edit.options.multibyte).length
      edit.show(matched && !failed && length > 0 ? [point, point + length] : undefined)
    }
    /** From here on in the direction; `next` leaves the present match. */
    const look = (next: boolean): void => {
      let { at } = state
      let from = next ? state.point + (backwards ? -1 : 1) : state.point
      const step = backwards ? -1 : 1
      for (; at >= 0 && at <= history.length; at += step) {
        edit.options.step()
        // The same line again is no other match.
        const repeated = next && at !== state.at && entry(at) === entry(state.at)
        const point = repeated ? -1 : placeIn(edit, entry(at), state.wanted, from, backwards)
        if (point !== -1) {
          state = { ...state, at, point, failed: false }
          return
        }
        from = backwards ? Number.MAX_SAFE_INTEGER : 0
      }
      state = { ...state, failed: true }
      edit.bell()
    }

    display(false)
    for (;;) {
      edit.options.step()
      let keys = await edit.character()
      // A lone escape ends the search and is gone.
      if (keys === '\x1b' && edit.waiting()) {
        keys += await edit.byte()
        while (prefixes.has(keys) && !keymap.has(keys)) keys += await edit.byte()
      }
      const name = keymap.get(keys)
      if (name === 'abort') {
        edit.prompt = prompt
        edit.at = origin.at
        edit.line = origin.line
        return undefined
      }
      if (name === 'reverse-search-history' || name === 'forward-search-history') {
        const turned = backwards !== (name === 'reverse-search-history')
        backwards = name === 'reverse-search-history'
        before.push(state)
        if (state.wanted === '' && edit.lastSearch !== '') {
          state = { ...state, wanted: edit.lastSearch }
          display(false)
          look(true)
        } else if (state.wanted !== '' && !turned) look(true)
        else if (state.wanted !== '') look(true)
        display(true)
      } else if (name === 'backward-delete-char') {
        const last = before.pop()
        if (last) state = last
        else edit.bell()
        display(true)
      } else if (keys < ' ' || keys === '\x7f') {
        settle(edit, origin, prompt, state, entry)
        if (keys !== '\x1b') edit.push(keys)
        return undefined
      } else if (state.wanted.length < wantedMax) {
        before.push(state)
        state = { ...state, wanted: state.wanted + keys }
        look(false)
        display(true)
      } else edit.bell()
    }
  }

/** The line that was found is the one being edited. */
const settle = (
  edit: Edit,
  origin: { at: number; line: Edit['line'] },
  prompt: string,
  state: Found,
  entry: (at: number) => string,
): void => {
  edit.prompt = prompt
  edit.lastSearch = state.wanted === '' ? edit.lastSearch : state.wanted
  edit.line = origin.line
  if (state.at === origin.at) {
    edit.line.point = Math.min(state.point, edit.line.text.length)
    return
  }
  goTo(edit, state.at, Math.min(state.point, characters(entry(state.at), edit.options.multibyte).length))
}

export const search = [
  ['reverse-search-history', incremental('backwards')],
  ['forward-search-history', incremental('forwards')],
] as const
