import type { Change } from './diff-lines.ts'

export type Texts = { a: readonly string[]; b: readonly string[]; endsA: boolean; endsB: boolean }
export type Paint = (code: 'header' | 'range' | 'old' | 'new', text: string) => string

const missing = '\\ No newline at end of file\n'
const range = (from: number, to: number): string =>
  to - from <= 1 ? `${from + 1 > to ? to : from + 1}` : `${from + 1},${to}`
/** As in unified and context diffs of an empty range: the line before. */
const spanOf = (from: number, to: number): string =>
  to - from === 1 ? `${from + 1}` : `${to === from ? from : from + 1},${to - from}`

const line = (texts: Texts, side: 'a' | 'b', index: number, lead: string, paint: (text: string) => string): string => {
  const lines = texts[side]
  const ended = index < lines.length - 1 || (side === 'a' ? texts.endsA : texts.endsB)
  return `${paint(lead + lines[index]!)}\n${ended ? '' : missing}`
}

export const normal = (texts: Texts, changes: readonly Change[], paint: Paint): string =>
  changes
    .map(({ from, to, newFrom, newTo }) => {
      const letter = from === to ? 'a' : newFrom === newTo ? 'd' : 'c'
      let out = `${paint('range', range(from, to) + letter + range(newFrom, newTo))}\n`
      for (let i = from; i < to; i++) out += line(texts, 'a', i, '< ', text => paint('old', text))
      if (letter === 'c') out += '---\n'
      for (let i = newFrom; i < newTo; i++) out += line(texts, 'b', i, '> ', text => paint('new', text))
      return out
    })
    .join('')

/** Changes that share context belong together. */
const hunksOf = (changes: readonly Change[], context: number): Change[][] => {
  const hunks: Change[][] = []
  for (const change of changes) {
    const before = hunks.at(-1)?.at(-1)
    if (before && change.from - before.to <= 2 * context) hunks.at(-1)!.push(change)
    else hunks.push([change])
  }
  return hunks
}

export const unified = (texts: Texts, changes: readonly Change[], context: number, paint: Paint): string =>
  hunksOf(changes, context)
    .map(hunk => {
      const [first, last] = [hunk[0]!, hunk.at(-1)!]
      const before = Math.min(context, first.from)
      const after = Math.min(context, texts.a.length - last.to)
      const [from, newFrom] = [first.from - before, first.newFrom - before]
      let out = `${paint('range', `@@ -${spanOf(from, last.to + after)} +${spanOf(newFrom, last.newTo + after)} @@`)}\n`
      let at = from
      const plain = (text: string): string => text
      for (const change of hunk) {
        for (; at < change.from; at++) out += line(texts, 'a', at, ' ', plain)
        for (let i = change.from; i < change.to; i++) out += line(texts, 'a', i, '-', text => paint('old', text))
        for (let i = change.newFrom; i < change.newTo; i++) out += line(texts, 'b', i, '+', text => paint('new', text))
        at = change.to
      }
      for (; at < last.to + after; at++) out += line(texts, 'a', at, ' ', plain)
      return out
    })
    .join('')

export const contextual = (texts: Texts, changes: readonly Change[], context: number, paint: Paint): string =>
  hunksOf(changes, context)
    .map(hunk => {
      const [first, last] = [hunk[0]!, hunk.at(-1)!]
      const before = Math.min(context, first.from)
      const after = Math.min(context, texts.a.length - last.to)
      const side = (which: 'a' | 'b'): string => {
        const [start, end] =
          which === 'a' ? [first.from - before, last.to + after] : [first.newFrom - before, last.newTo + after]
        const shown = range(start, end)
        let out = which === 'a' ? `*** ${shown} ****\n` : `--- ${shown} ----\n`
        const bounds = (change: Change): [number, number] =>
          which === 'a' ? [change.from, change.to] : [change.newFrom, change.newTo]
        if (!hunk.some(change => bounds(change)[0] < bounds(change)[1])) return out
        let at = start
        const plain = (text: string): string => text
        for (const change of hunk) {
          const [from, to] = bounds(change)
          const both = change.from < change.to && change.newFrom < change.newTo
          for (; at < from; at++) out += line(texts, which, at, '  ', plain)
          for (; at < to; at++)
            out += line(texts, which, at, both ? '! ' : which === 'a' ? '- ' : '+ ', text =>
              paint(which === 'a' ? 'old' : 'new', text),
            )
        }
        for (; at < end; at++) out += line(texts, which, at, '  ', plain)
        return out
      }
      return `***************\n${side('a')}${side('b')}`
    })
    .join('')

/** A script for ed(1), from the end. */
export const script = (texts: Texts, changes: readonly Change[]): string =>
  changes
    .toReversed()
    .map(({ from, to, newFrom, newTo }) => {
      const letter = from === to ? 'a' : newFrom === newTo ? 'd' : 'c'
      const lines = texts.b.slice(newFrom, newTo)
      return `${range(from, to)}${letter}\n${letter === 'd' ? '' : `${lines.map(text => `${text}\n`).join('')}.\n`}`
    })
    .join('')

/** RCS's format. */
export const rcs = (texts: Texts, changes: readonly Change[]): string =>
  changes
    .map(({ from, to, newFrom, newTo }) => {
      let out = to > from ? `d${from + 1} ${to - from}\n` : ''
      if (newTo > newFrom) {
        out += `a${to} ${newTo - newFrom}\n`
        for (let i = newFrom; i < newTo; i++) out += texts.b[i]! + (i < texts.b.length - 1 || texts.endsB ? '\n' : '')
      }
      return out
    })
    .join('')

/** Side by side in so many columns. */
export const beside = (texts: Texts, changes: readonly Change[], width: number, onlyChanges: boolean): string => {
  // As GNU diff lays its columns out, so that tabs work.
  const offset = Math.floor((Math.floor((width - 3) / 2) + 3 + 7) / 8) * 8
  const right = Math.min(offset, width)
  const half = Math.max(0, Math.min(right - 3, width - right))
  let out = ''
  const put = (left: string | undefined, mark: string, text: string | undefined, last: boolean): void => {
    const shown = (left ?? '').slice(0, half)
    let row = shown
    let column = shown.length
    const to = (target: number): void => {
      while (column < target) {
        const next = (Math.floor(column / 8) + 1) * 8
        if (next <= target) {
          row += '\t'
          column = next
        } else {
          row += ' '
          column++
        }
      }
    }
    if (mark !== ' ') {
      to(Math.floor((half + right - 1) / 2))
      row += mark
      column++
    }
    if (text !== undefined) {
      to(right)
      row += text.slice(0, half)
    }
    out += row + (last ? '' : '\n')
  }
  let [i, j] = [0, 0]
  for (const { from, to, newTo } of [
    ...changes,
    { from: texts.a.length, to: texts.a.length, newFrom: texts.b.length, newTo: texts.b.length },
  ]) {
    for (; i < from; i++, j++) if (!onlyChanges) put(texts.a[i], ' ', texts.b[j], false)
    for (; i < to || j < newTo; i++, j++) {
      const [left, other] = [i < to ? texts.a[i] : undefined, j < newTo ? texts.b[j] : undefined]
      const last = j === texts.b.length - 1 && !texts.endsB && other !== undefined
      put(left, left === undefined ? '>' : other === undefined ? '<' : '|', other, last)
    }
    ;[i, j] = [to, newTo]
  }
  return out
}
