import type { List, Part, Word } from './ast.ts'
import { escapedText } from './escapes.ts'
import { readParameter } from './parameter-syntax.ts'
import { isMeta, lineAt, nested, type Source, SyntaxFault, unexpected } from './scan.ts'

/** Parses what stands in `$(…)`; given by the grammar, which itself reads words. */
export type ReadList = (source: Source) => List
let readList: ReadList
export const listReader = (read: ReadList): void => {
  readList = read
}

/** Where a word ends: at a meta character, or at one of these characters of an enclosing construct. */
export type Until = {
  stop?: string
  /** Inside `"…"` or a here-document: only `$`, backquote and backslash are special. */
  double?: boolean
  hereDocument?: boolean
  /** Blanks belong to the word (inside `${x:-…}`). */
  blanks?: boolean
  /** Parentheses belong to it (`=~`, extended patterns). */
  pattern?: boolean
}

const unclosed = (source: Source, from: number, quote: string, later = 0): never => {
  throw new SyntaxFault(`unexpected EOF while looking for matching \`${quote}'`, lineAt(source, from) + later, {
    unfinished: true,
  })
}

/** Text collected so far becomes a part. */
const pusher = (parts: Part[]) => (text: string, quoted: boolean) => {
  const last = parts.at(-1)
  if (last?.kind === 'text' && last.quoted === quoted) last.text += text
  else parts.push({ kind: 'text', text, quoted })
}

/** The parts up to the end that `until` names; the ending character is not taken. */
export const readParts = (source: Source, until: Until = {}): Part[] => {
  const parts: Part[] = []
  const push = pusher(parts)
  let open = 0
  while (source.at < source.text.length) {
    const c = source.text[source.at]!
    if (open === 0 && until.stop?.includes(c)) break
    if (until.double) {
      if (c === '\\') readDoubleEscape(source, push, until)
      else if (c === '$' || c === '`') readDollar(source, parts, push, true)
      else if (c === '"' && until.stop?.includes('}') && !until.hereDocument) readDouble(source, parts)
      else {
        push(c, true)
        source.at++
      }
      continue
    }
    if (until.pattern && c === '(') open++
    else if (until.pattern && c === ')' && open > 0) open--
    else if (isMeta(c) && !(until.blanks || open > 0 || (until.pattern && c === '|'))) {
      const extended =
        source.extglob && c === '(' && '?*+@!'.includes(source.text[source.at - 1] ?? ' ') && parts.length > 0
      if (extended) {
        readGroup(source, parts)
        continue
      }
      if ((c === '<' || c === '>') && source.text[source.at + 1] === '(' && !source.posix) {
        if (parts.length > 0 && parts.at(-1)?.kind === 'text') break
        readProcess(source, parts, c === '>')
        continue
      }
      break
    }
    readOne(source, parts, push)
  }
  return parts
}

const readOne = (source: Source, parts: Part[], push: (text: string, quoted: boolean) => void): void => {
  const c = source.text[source.at]!
  if (c === '\\') {
    if (source.text[source.at + 1] !== '\n')
      push(source.text[source.at + 1] ?? '\\', source.at + 1 < source.text.length)
    source.at += 2
  } else if (c === "'") {
    const end = source.text.indexOf("'", source.at + 1)
    if (end === -1) unclosed(source, source.at, "'")
    parts.push({ kind: 'text', text: source.text.slice(source.at + 1, end), quoted: true })
    source.at = end + 1
  } else if (c === '"') readDouble(source, parts)
  else if (c === '$' || c === '`') readDollar(source, parts, push, false)
  else {
    push(c, false)
    source.at++
  }
}

/** `@(a|b)` and its kin: kept as text of the pattern. */
const readGroup = (source: Source, parts: Part[]): void => {
  const push = pusher(parts)
  push('(', false)
  source.at++
  parts.push(...nested(source, () => readParts(source, { stop: ')', pattern: true, blanks: true })))
  if (source.text[source.at] !== ')') unclosed(source, source.at, ')')
  push(')', false)
  source.at++
}

const readDouble = (source: Source, parts: Part[]): void => {
  const from = source.at++
  const inner = nested(source, () => readParts(source, { stop: '"', double: true }))
  if (source.text[source.at] !== '"') unclosed(source, from, '"')
  source.at++
  parts.push({ kind: 'double', parts: inner })
}

/** XCU 2.2.3: inside double quotes a backslash quotes `$`, backquote, `"`, itself and newline only. */
const readDoubleEscape = (source: Source, push: (text: string, quoted: boolean) => void, until: Until): void => {
  const next = source.text[source.at + 1]
  source.at += 2
  if (next === '\n') return
  const special =
    next !== undefined &&
    ('$`\\'.includes(next) || (next === '"' && !until.hereDocument) || (next === '}' && until.stop === '}'))
  push(special ? next : `\\${next ?? ''}`, true)
}

const readProcess = (source: Source, parts: Part[], writes: boolean): void => {
  const from = source.at
  source.at += 2
  const body = nested(source, () => readList(source))
  if (source.text[source.at] !== ')') unclosed(source, from, ')')
  source.at++
  parts.push({ kind: 'process', writes, body })
}

const readBackquote = (source: Source, parts: Part[], double: boolean): void => {
  const from = source.at++
  let body = ''
  for (;;) {
    const c = source.text[source.at]
    if (c === undefined) unclosed(source, from, '`')
    source.at++
    if (c === '`') break
    const next = source.text[source.at]
    if (
      c === '\\' &&
      next !== undefined &&
      (next === '`' || next === '\\' || next === '$' || (double && next === '"'))
    ) {
      body += next
      source.at++
    } else body += c
  }
  parts.push({ kind: 'command', body: undefined, source: body, line: lineAt(source, from) })
}

/** What a `$` or a backquote begins. */
const readDollar = (
  source: Source,
  parts: Part[],
  push: (text: string, quoted: boolean) => void,
  double: boolean,
): void => {
  const { text, at } = source
  if (text[at] === '`') {
    readBackquote(source, parts, double)
    return
  }
  const next = text[at + 1]
  if (next === '(' && text[at + 2] === '(') {
    const expression = tryArithmetic(source)
    if (expression) {
      parts.push({ kind: 'arithmetic', expression })
      return
    }
  }
  if (next === '(') {
    source.at += 2
    const body = nested(source, () => readList(source))
    if (source.at >= source.text.length) unclosed(source, source.at, ')', 1)
    if (source.text[source.at] !== ')') unexpected(source, readWord)
    source.at++
    parts.push({ kind: 'command', body, source: undefined, line: lineAt(source, at) })
  } else if (next === '[' && !source.posix) {
    source.at += 2
    const expression = readUntil(source, ']')
    if (source.text[source.at++] !== ']') unclosed(source, at, ']')
    parts.push({ kind: 'arithmetic', expression })
  } else if (next === '{') parts.push(nested(source, () => readParameter(source, double)))
  else if (next === "'" && !double && (!source.posix || source.ash)) {
    let end = at + 2
    while (end < text.length && text[end] !== "'") end += text[end] === '\\' ? 2 : 1
    if (end >= text.length) unclosed(source, at + 1, "'")
    parts.push({ kind: 'text', text: escapedText(text.slice(at + 2, end), 'dollar').text, quoted: true })
    source.at = end + 1
  } else if (next === '"' && !double && !source.posix) {
    source.at++
    readDouble(source, parts)
  } else {
    const name = /[A-Za-z_][A-Za-z0-9_]*|[0-9@*#?$!-]/y
    name.lastIndex = at + 1
    const found = name.exec(text)?.[0]
    source.at += 1 + (found?.length ?? 0)
    if (found === undefined) push('$', double)
    else parts.push({ kind: 'parameter', name: found, raw: `$${found}` })
  }
}

/** A word of anything up to the closing character, as in double quotes; parentheses and brackets nest. */
export const readUntil = (source: Source, close: string): Word => {
  const parts: Part[] = []
  const push = pusher(parts)
  const from = source.at
  const open = close === ')' ? '(' : '['
  let depth = 0
  while (source.at < source.text.length) {
    const c = source.text[source.at]!
    if (c === close && depth-- === 0) break
    if (c === open) depth++
    if (c === '"') readDouble(source, parts)
    else if (c === '$' || c === '`') readDollar(source, parts, push, true)
    else if (c === '\\') {
      if (source.text[source.at + 1] !== '\n') push(source.text.slice(source.at, source.at + 2), true)
      source.at += 2
    } else if (c === "'" && source.text.indexOf("'", source.at + 1) !== -1) {
      const end = source.text.indexOf("'", source.at + 1)
      push(source.text.slice(source.at, end + 1), true)
      source.at = end + 1
    } else {
      push(c, true)
      source.at++
    }
  }
  return { parts, raw: source.text.slice(from, source.at) }
}

/** `((…))` when the two closing parentheses stand together; otherwise it was a subshell in a subshell. */
export const tryArithmetic = (source: Source): Word | undefined => {
  const from = source.at
  const pending = source.pending.length
  source.at += source.text[from] === '$' ? 3 : 2
  const expression = nested(source, () => readUntil(source, ')'))
  if (source.text.startsWith('))', source.at)) {
    source.at += 2
    return expression
  }
  if (source.at >= source.text.length) unclosed(source, from, ')')
  source.at = from
  source.pending.length = pending
  return undefined
}

/** The next word, or `undefined` where an operator or the end stands. */
export const readWord = (source: Source, until: Until = {}): Word | undefined => {
  const from = source.at
  const parts = readParts(source, until)
  return source.at === from ? undefined : { parts, raw: source.text.slice(from, source.at) }
}
