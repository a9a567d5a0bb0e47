import type { AndOr, Assignment, Command, List, Pipeline, Redirection, Word } from './ast.ts'
import { readCompound } from './compound-syntax.ts'
import { readHereDocuments } from './here-document.ts'
import {
  atEnd,
  isMeta,
  lineAt,
  nested,
  peekOperator,
  peekReserved,
  type Source,
  SyntaxFault,
  skipBlanks,
  takeOperator,
  takeReserved,
  unexpected,
} from './scan.ts'
import { listReader, readUntil, readWord } from './word.ts'

/** Builtins whose arguments are assignments: neither split nor globbed. */
const DECLARING = new Set(['export', 'readonly', 'declare', 'typeset', 'local', 'alias'])

/** Newlines between commands; the bodies of here-documents follow the first. */
export const skipNewlines = (source: Source): void => {
  while (peekOperator(source) === '\n') takeNewline(source)
}

const takeNewline = (source: Source): void => {
  source.at++
  if (source.pending.length > 0) readHereDocuments(source)
}

const CLOSERS = new Set(['then', 'elif', 'else', 'fi', 'do', 'done', 'esac', '}'])

/** Commands up to a word or operator that cannot begin one; possibly none. */
export const readList = (source: Source): List => {
  const list: List = []
  for (;;) {
    skipNewlines(source)
    if (atEnd(source)) return list
    const operator = peekOperator(source)
    const closes = CLOSERS.has(peekReserved(source) ?? '')
    if (closes || (operator !== undefined && operator !== '(')) return list
    list.push(readAndOr(source))
    const after = peekOperator(source)
    if (after === '\n') takeNewline(source)
    else if (after === ';' || after === '&') source.at++
    else return list
  }
}
listReader(readList)

/** A list that must not be empty, as after `then`. */
export const readBody = (source: Source, expecting?: string): List => {
  const list = nested(source, () => readList(source))
  // dash says what it waited for where nothing came, and not where something else did.
  if (list.length === 0) unexpected(source, readWord, atEnd(source) ? expecting : undefined)
  return list
}

/**
 * The next complete line of commands; `undefined` at the end. bash runs each before it looks at the next, so that an
 * error further down comes after the output of what stands above it.
 */
export const readLine = (source: Source): List | undefined => {
  skipNewlines(source)
  if (atEnd(source)) return undefined
  const list: List = []
  for (;;) {
    list.push(readAndOr(source))
    const after = peekOperator(source)
    if (after === ';' || after === '&') {
      source.at++
      const next = peekOperator(source)
      if (next !== '\n' && !atEnd(source)) continue
    }
    if (atEnd(source)) {
      if (source.pending.length > 0) readHereDocuments(source)
      return list
    }
    if (peekOperator(source) !== '\n') unexpected(source, readWord)
    takeNewline(source)
    return list
  }
}

const readAndOr = (source: Source): AndOr => {
  skipBlanks(source)
  const from = source.at
  const first = readPipeline(source)
  const found: AndOr = { first, rest: [], background: false, source: '' }
  for (;;) {
    const operator = peekOperator(source)
    if (operator === '&&' || operator === '||') {
      source.at += 2
      skipNewlines(source)
      found.rest.push({ operator, pipeline: readPipeline(source) })
      continue
    }
    found.background = operator === '&'
    found.source = source.text.slice(from, source.at).trimEnd()
    return found
  }
}

const readPipeline = (source: Source): Pipeline => {
  const found: Pipeline = { commands: [], both: [], negated: false, timed: false }
  for (;;) {
    if (takeReserved(source, '!')) found.negated = !found.negated
    else if (!source.posix && takeReserved(source, 'time')) {
      found.timed = true
      skipBlanks(source)
      if (/-p(?=\s)/y.test(source.text.slice(source.at, source.at + 3))) source.at += 2
    } else break
  }
  const empty =
    [undefined, ';', '\n', '&'].includes(peekOperator(source)) && (atEnd(source) || peekOperator(source) !== undefined)
  if ((found.negated || found.timed) && empty && !source.posix) return found
  for (;;) {
    found.commands.push(nested(source, () => readCommand(source)))
    const operator = peekOperator(source)
    if (operator !== '|' && operator !== '|&') return found
    source.at += operator.length
    found.both.push(operator === '|&')
    skipNewlines(source)
  }
}

export const readRedirections = (source: Source): Redirection[] => {
  const found: Redirection[] = []
  for (let next = readRedirection(source); next !== undefined; next = readRedirection(source)) found.push(next)
  return found
}

const REDIRECTION = /([0-9]+)?(<<<|<<-|<<|<>|<&|>>|>\||>&|<|>)|(&>>|&>)/y

const readRedirection = (source: Source): Redirection | undefined => {
  skipBlanks(source)
  REDIRECTION.lastIndex = source.at
  const match = REDIRECTION.exec(source.text)
  if (!match) return undefined
  const operator = match[2] ?? match[3]!
  if ((operator === '<' || operator === '>') && source.text[source.at + match[0].length] === '(' && !source.posix)
    return undefined
  if (source.posix && !source.ash && match[3] !== undefined) return undefined
  if (source.posix && operator === '<<<') {
    throw new SyntaxFault("syntax error near unexpected token `redirection'", lineAt(source), { near: true })
  }
  source.at += match[0].length
  skipBlanks(source)
  const target = readWord(source) ?? unexpected(source, readWord)
  const kind = operator === '<<-' ? '<<' : operator
  const redirection = {
    fd: match[1] === undefined ? undefined : Number(match[1]),
    operator: kind,
    target,
  } as Redirection
  if (kind === '<<') {
    const quoted = target.parts.some(part => part.kind !== 'text' || part.quoted)
    source.pending.push({ redirection, delimiter: plain(target), quoted, stripTabs: operator === '<<-' })
  }
  return redirection
}

/** A word with its quotes taken off and nothing expanded. */
const plain = (word: Word): string =>
  word.parts
    .map(part =>
      part.kind === 'text'
        ? part.text
        : part.kind === 'double'
          ? plain({ parts: part.parts, raw: '' })
          : 'raw' in part
            ? part.raw
            : '',
    )
    .join('')

const ASSIGNMENT = /([A-Za-z_][A-Za-z0-9_]*)(\[|\+?=)/y

/** `name=…`, `name[…]=…`, `name+=…` or `name=(…)`, when that is what stands next. */
export const readAssignment = (source: Source): Assignment | undefined => {
  const from = source.at
  ASSIGNMENT.lastIndex = from
  const match = ASSIGNMENT.exec(source.text)
  if (!match) return undefined
  if (source.posix && match[2] !== '=') return undefined
  source.at += match[0].length
  let index: Word | undefined
  let operator = match[2]!
  if (operator === '[') {
    index = readUntil(source, ']')
    operator = /^\](\+?=)/.exec(source.text.slice(source.at, source.at + 3))?.[1] ?? ''
    source.at += 1 + operator.length
    if (operator === '') {
      source.at = from
      return undefined
    }
  }
  const append = operator === '+='
  if (source.text[source.at] === '(' && !source.posix)
    return { name: match[1]!, index, append, value: { parts: [], raw: '' }, items: readItems(source) }
  return { name: match[1]!, index, append, value: readWord(source) ?? { parts: [], raw: '' }, items: undefined }
}

const readItems = (source: Source): NonNullable<Assignment['items']> => {
  const items: NonNullable<Assignment['items']> = []
  source.at++
  for (;;) {
    skipNewlines(source)
    if (takeOperator(source, ')')) return items
    if (source.text[source.at] === '[') {
      const from = source.at++
      const index = readUntil(source, ']')
      if (source.text.startsWith(']=', source.at)) {
        source.at += 2
        items.push({ index, value: readWord(source) ?? { parts: [], raw: '' } })
        continue
      }
      source.at = from
    }
    items.push(readWord(source) ?? unexpected(source, readWord))
  }
}

const readCommand = (source: Source): Command => {
  skipBlanks(source)
  const compound = readCompound(source)
  if (compound) return compound
  return readSimple(source)
}

const readSimple = (source: Source): Command => {
  const line = lineAt(source)
  const found = {
    kind: 'simple' as const,
    line,
    assignments: [] as Assignment[],
    words: [] as Word[],
    redirections: [] as Redirection[],
  }
  for (;;) {
    const redirection = readRedirection(source)
    if (redirection) {
      found.redirections.push(redirection)
      continue
    }
    const from = source.at
    const first = found.words[0]
    if (first === undefined || DECLARING.has(first.raw)) {
      const assignment = readAssignment(source)
      if (assignment && first === undefined) {
        found.assignments.push(assignment)
        continue
      }
      if (assignment) {
        found.words.push({ parts: assignment.value.parts, raw: source.text.slice(from, source.at), assignment })
        continue
      }
    }
    const word = readWord(source) ?? (inBrackets(source, found.words) ? readConnective(source) : undefined)
    if (!word) break
    if (first === undefined && expandAlias(source, word, from)) {
      const compound = found.assignments.length === 0 ? readCompound(source) : undefined
      if (compound) return compound
      continue
    }
    found.words.push(word)
    if (found.words.length === 1 && found.assignments.length === 0 && peekOperator(source) === '(')
      return readFunction(source, word, from)
  }
  if (found.words.length + found.assignments.length + found.redirections.length === 0) unexpected(source, readWord)
  return found
}

/** Within `[[ … ]]`, an ordinary command to ash, `&&` and `||` are words like others. */
const inBrackets = (source: Source, words: readonly Word[]): boolean =>
  source.ash && words[0]?.raw === '[[' && words.at(-1)!.raw !== ']]'

const readConnective = (source: Source): Word | undefined => {
  const raw = peekOperator(source)
  if (raw !== '&&' && raw !== '||') return undefined
  source.at += 2
  return { parts: [{ kind: 'text', text: raw, quoted: true }], raw }
}

/** XCU 2.3.1: the alias's value takes the word's place in the text. */
const expandAlias = (source: Source, word: Word, from: number): boolean => {
  const value = source.aliases?.get(word.raw)
  if (value === undefined || ++source.aliased > 100) return false
  source.aliasEnds = source.aliasEnds.filter(({ end }) => end > from)
  if (source.aliasEnds.some(({ name }) => name === word.raw)) return false
  const grown = value.length - word.raw.length
  source.aliasEnds = source.aliasEnds.map(({ name, end }) => ({ name, end: end + grown }))
  source.aliasEnds.push({ name: word.raw, end: from + value.length })
  source.text = source.text.slice(0, from) + value + source.text.slice(source.at)
  source.at = from
  return true
}

/** `name () command` */
const readFunction = (source: Source, word: Word, from: number): Command => {
  const line = lineAt(source, from)
  source.at++
  if (!takeOperator(source, ')')) unexpected(source, readWord, ')')
  return functionBody(source, word.raw, from, line)
}

export const functionBody = (source: Source, name: string, from: number, line: number): Command => {
  skipNewlines(source)
  // dash takes any command for a body.
  const body =
    nested(source, () => (source.posix ? readCommand(source) : readCompound(source))) ?? unexpected(source, readWord)
  return { kind: 'function', line, redirections: [], name, body, source: source.text.slice(from, source.at) }
}

/** True where a name ends a word, for `function name`. */
export const endsWord = (source: Source): boolean => isMeta(source.text[source.at])

export { SyntaxFault }
