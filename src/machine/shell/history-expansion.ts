import { historyWords } from '../terminal/readline/recall.ts'

/** The line that a history expansion made; `print` asks for it to be shown and not run. */
export type Expanded = { line: string; changed: boolean; print: boolean }
/** An expansion that cannot be made: what bash says after its own name. */
export class ExpansionFault extends Error {}

type State = {
  history: readonly string[]
  /** Number of the first entry. */
  base: number
  /** Of the last `!?…?`. */
  searched: string | undefined
  /** Of the last `:s`. */
  substitution: { from: string; to: string } | undefined
  print: boolean
}

/** Bytes that a line may grow to. */
const lineMax = 65_536

/** Whether `!` here is text (history_inhibit_expansion of bash, then history_expand). */
const isText = (line: string, at: number, quoted: boolean): boolean => {
  const next = line[at + 1]
  if (next === undefined || ' \t\n\r=('.includes(next) || (quoted && next === '"')) return true
  const before = line[at - 1]
  if (before === '$') return true
  if (before === '{' && line[at - 2] === '$' && line.indexOf('}', at) !== -1) return true
  return before === '[' && line.indexOf(']', at) !== -1
}

/** "HISTORY EXPANSION" of bash(1), for one entered line. `quote` is a quote still open from lines before. */
export const expandHistory = (line: string, history: readonly string[], base: number, quote = ''): Expanded => {
  const state: State = { history, base, searched: undefined, substitution: undefined, print: false }
  if (line.startsWith('^') && quote === '') {
    const [, from, to, , rest] = /^\^((?:[^^\\]|\\.)*)\^((?:[^^\\\n]|\\.)*)(\^(.*))?$/s.exec(line) ?? []
    if (from === undefined) throw new ExpansionFault(`:s${line}: substitution failed`)
    const last = history.at(-1)
    if (last === undefined || !last.includes(from) || from === '')
      throw new ExpansionFault(`:s${line}: substitution failed`)
    return { line: last.replace(from, () => to!) + (rest ?? ''), changed: true, print: false }
  }
  let out = ''
  let open = quote
  let changed = false
  for (let at = 0; at < line.length; ) {
    const c = line[at]!
    if (c === '\\' && open !== "'") {
      out += line.slice(at, at + 2)
      at += 2
      continue
    }
    if (c === "'" && open !== '"') open = open === "'" ? '' : "'"
    else if (c === '"' && open !== "'") open = open === '"' ? '' : '"'
    else if (c === '#' && open === '' && (at === 0 || ' \t'.includes(line[at - 1]!)))
      return { line: out + line.slice(at), changed, print: state.print }
    if (c !== '!' || open === "'" || isText(line, at, open === '"')) {
      out += c
      at++
      continue
    }
    const { text, end } = reference(line, at, out, state)
    out += text
    at = end
    changed = true
    if (out.length > lineMax) throw new ExpansionFault('!: event not found')
  }
  return { line: out, changed, print: state.print }
}

/** One `!…` with its words and modifiers. */
const reference = (line: string, start: number, before: string, state: State): { text: string; end: number } => {
  let at = start + 1
  const event = eventOf(line, at, before, state)
  at = event.end
  const words = wordsOf(line, at, event.text, state)
  at = words.end
  return modified(line, at, words.text, state)
}

const eventOf = (line: string, from: number, before: string, state: State): { text: string; end: number } => {
  const { history, base } = state
  const rest = line.slice(from, from + 4096)
  const fail = (text: string): never => {
    throw new ExpansionFault(`!${text}: event not found`)
  }
  const need = (text: string | undefined, shown: string, length: number): { text: string; end: number } =>
    text === undefined ? fail(shown) : { text, end: from + length }
  if (rest.startsWith('!')) return need(history.at(-1), '!', 1)
  if (rest.startsWith('#')) return { text: before, end: from + 1 }
  // Word designators alone mean the last line.
  if (/^[:^$*%]/.test(rest)) return need(history.at(-1), rest.slice(0, 2), 0)
  const number = /^-?\d+/.exec(rest)
  if (number) {
    const n = Number(number[0])
    return need(n < 0 ? history.at(n) : history[n - base], number[0], number[0].length)
  }
  if (rest.startsWith('-')) return need(history.at(-1), '-', 0)
  if (rest.startsWith('?')) {
    const end = rest.slice(1).search(/[?\n]/)
    const wanted = end === -1 ? rest.slice(1) : rest.slice(1, end + 1)
    const text = wanted === '' ? state.searched : wanted
    state.searched = text
    const length = wanted.length + 1 + (end !== -1 && rest[end + 1] === '?' ? 1 : 0)
    return need(
      text === undefined ? undefined : history.findLast(one => one.includes(text)),
      rest.slice(0, length),
      length,
    )
  }
  const name = /^[^\s:;&()|<>"^$*%?-]+/.exec(rest)?.[0] ?? ''
  return need(
    name === '' ? undefined : history.findLast(one => one.startsWith(name)),
    name === '' ? rest.slice(0, 1) : name,
    name.length,
  )
}

const wordsOf = (line: string, from: number, text: string, state: State): { text: string; end: number } => {
  const found = /^(?::(\d+|[\^$%])?(?:-(\d+|[\^$%])?|(\*))?|([\^$*%])(?:-(\d+|\$)?)?)/.exec(line.slice(from, from + 40))
  if (!found || found[0] === ':') return { text, end: from }
  const words = historyWords(text)
  const last = words.length - 1
  const place = (name: string | undefined, missing: number): number =>
    name === undefined
      ? missing
      : name === '^'
        ? 1
        : name === '$'
          ? last
          : name === '%'
            ? words.findIndex(word => state.searched !== undefined && word.includes(state.searched))
            : Number(name)
  const [whole, first, to, star, alone, aloneTo] = found
  const range = (a: number, b: number): string => {
    if (a < 0 || a > words.length || b >= words.length || a > b + 1)
      throw new ExpansionFault(`${line.slice(from, from + whole.length)}: bad word specifier`)
    return words.slice(a, b + 1).join(' ')
  }
  const end = from + whole.length
  if (alone === '*' || whole === ':*') return { text: words.slice(1).join(' '), end }
  if (star) return { text: words.slice(place(first, 0)).join(' '), end }
  const start = place(alone ?? first, 0)
  const ranged = /-/.test(whole)
  if (!ranged && first === undefined && alone === undefined) return { text, end: from }
  const stop = ranged ? place(to ?? aloneTo, last - 1) : start
  return { text: range(start, stop), end }
}

const modified = (line: string, from: number, given: string, state: State): { text: string; end: number } => {
  let text = given
  let at = from
  for (let count = 0; line[at] === ':' && count < 20; count++) {
    let next = at + 1
    let global = false
    if ((line[next] === 'g' || line[next] === 'a') && /[s&]/.test(line[next + 1] ?? '')) {
      global = true
      next++
    }
    const c = line[next]
    if (c === 'h') text = text.includes('/') ? text.slice(0, text.lastIndexOf('/')) : text
    else if (c === 't') text = text.slice(text.lastIndexOf('/') + 1)
    else if (c === 'r') text = text.lastIndexOf('.') > 0 ? text.slice(0, text.lastIndexOf('.')) : text
    else if (c === 'e') text = text.lastIndexOf('.') > 0 ? text.slice(text.lastIndexOf('.')) : text
    else if (c === 'p') state.print = true
    else if (c === 'q') text = `'${text.replaceAll("'", "'\\''")}'`
    else if (c === 'x')
      text = historyWords(text)
        .map(word => `'${word.replaceAll("'", "'\\''")}'`)
        .join(' ')
    else if (c === 's' || c === '&') {
      const end = c === 's' ? substitutionAt(line, next, state) : next
      const { substitution } = state
      if (!substitution || !text.includes(substitution.from))
        throw new ExpansionFault(`${line.slice(at, end + 1)}: substitution failed`)
      const { from: old, to } = substitution
      text = global
        ? text.replaceAll(old, () => to.replaceAll('&', () => old))
        : text.replace(old, () => to.replaceAll('&', () => old))
      next = end
    } else if (c === undefined) return { text, end: at }
    else throw new ExpansionFault(`${line.slice(at, next + 1)}: unrecognized history modifier`)
    if (text.length > lineMax) throw new ExpansionFault(':s: substitution failed')
    at = next + 1
  }
  return { text, end: at }
}

/** `s/old/new/`: where its last character stands. */
const substitutionAt = (line: string, at: number, state: State): number => {
  const mark = line[at + 1] ?? ''
  if (mark === '') return at
  const second = line.indexOf(mark, at + 2)
  const from = line.slice(at + 2, second === -1 ? line.length : second)
  const third = second === -1 ? -1 : line.indexOf(mark, second + 1)
  const to = second === -1 ? '' : line.slice(second + 1, third === -1 ? line.length : third)
  state.substitution = { from: from === '' ? (state.substitution?.from ?? '') : from, to }
  return third === -1 ? line.length - 1 : third
}
