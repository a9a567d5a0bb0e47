import type { Redirection, Word } from './ast.ts'

/** Text being parsed and where the parser stands in it. */
export type Source = {
  text: string
  at: number
  /** Line number of the first line. */
  firstLine: number
  /** Nesting of constructs so far, and how far it may go. */
  depth: number
  maxDepth: number
  /** Here-documents whose bodies begin after the next newline. */
  pending: { redirection: Redirection; delimiter: string; quoted: boolean; stripTabs: boolean }[]
  extglob: boolean
  /** dash's language rather than bash's. */
  posix: boolean
  /** With `function`, `$'…'` and `&>`, as BusyBox's ash has them. */
  ash: boolean
  aliases: ReadonlyMap<string, string> | undefined
  /** Alias replacements done, against `alias a='a a'` in endless turns. */
  aliased: number
  /** Ends of text that came from an alias, with its name: not expanded again inside. */
  aliasEnds: { name: string; end: number }[]
  /** Here-documents the end of the text cut short. */
  warnings: { line: number; from: number; delimiter: string }[]
}

export const sourceOf = (
  text: string,
  how: {
    line?: number
    maxDepth?: number
    extglob?: boolean
    posix?: boolean
    ash?: boolean
    aliases?: ReadonlyMap<string, string> | undefined
  } = {},
): Source => ({
  text,
  at: 0,
  firstLine: how.line ?? 1,
  depth: 0,
  maxDepth: how.maxDepth ?? 100,
  pending: [],
  extglob: how.extglob ?? false,
  posix: how.posix ?? false,
  ash: how.ash ?? false,
  aliases: how.aliases,
  aliased: 0,
  aliasEnds: [],
  warnings: [],
})

/** Text no shell accepts; the message is worded like bash's, `near` says that the line itself is shown too. */
export class SyntaxFault extends Error {
  readonly line: number
  readonly near: boolean
  /** The text ended too early: an interactive shell would ask for more. */
  readonly unfinished: boolean
  /** bash forgets to fail after some errors in `[[`. */
  readonly status: number
  /** The word that was missing here: dash names it. */
  readonly expecting: string | undefined
  /** What stands here instead is an ordinary word, which dash does not repeat. */
  readonly word: boolean
  /** What dash says of it in other words. */
  readonly dash: string | undefined
  constructor(
    message: string,
    line: number,
    how: {
      near?: boolean
      unfinished?: boolean
      status?: number
      expecting?: string | undefined
      word?: boolean
      dash?: string | undefined
    } = {},
  ) {
    super(message)
    this.line = line
    this.near = how.near ?? false
    this.unfinished = how.unfinished ?? false
    this.status = how.status ?? 2
    this.expecting = how.expecting
    this.word = how.word ?? false
    this.dash = how.dash
  }
}

export const lineAt = (source: Source, at = source.at): number => {
  let line = source.firstLine
  for (let i = source.text.indexOf('\n'); i !== -1 && i < at; i = source.text.indexOf('\n', i + 1)) line++
  return line
}

/** The line of the text with this number, as bash shows it after a syntax error. */
export const lineText = (source: Source, line: number): string =>
  source.text.split('\n', line - source.firstLine + 1)[line - source.firstLine] ?? ''

export const atEnd = (source: Source): boolean => source.at >= source.text.length

/** Runs `parse` one level deeper. */
export const nested = <T>(source: Source, parse: () => T): T => {
  if (++source.depth > source.maxDepth) throw new SyntaxFault('parser stack overflow', lineAt(source))
  const result = parse()
  source.depth--
  return result
}

/** Blanks, line continuations and a comment. */
export const skipBlanks = (source: Source): void => {
  const { text } = source
  for (;;) {
    const c = text[source.at]
    if (c === ' ' || c === '\t') source.at++
    else if (c === '\\' && text[source.at + 1] === '\n') source.at += 2
    else if (c === '#') {
      const end = text.indexOf('\n', source.at)
      source.at = end === -1 ? text.length : end
    } else return
  }
}

const OPERATORS = [';;&', '&>>', ';;', ';&', '&&', '||', '|&', '&>', ';', '&', '|', '(', ')', '\n'] as const

/** dash takes the first character of these alone. */
const BASH_ONLY = new Set(['&>', '&>>', '|&', ';&'])

/** The control operator that comes next, if one does. */
export const peekOperator = (source: Source): string | undefined => {
  skipBlanks(source)
  const found = OPERATORS.find(operator => source.text.startsWith(operator, source.at))
  const foreign = source.posix && found !== undefined && BASH_ONLY.has(found)
  return foreign && !(source.ash && found.startsWith('&>')) ? found[0] : found
}

export const takeOperator = (source: Source, operator: string): boolean => {
  if (peekOperator(source) !== operator) return false
  source.at += operator.length
  return true
}

const isMeta = (c: string | undefined): boolean => c === undefined || ' \t\n;&|<>()'.includes(c)

export { isMeta }

const RESERVED =
  /(?:if|then|elif|else|fi|for|select|while|until|do|done|case|esac|in|function|time|coproc|\{|\}|!|\[\[|\]\])(?![^\s;&|<>()])/y

/** The reserved word that comes next, if one does; the caller knows that it stands where a command begins. */
export const peekReserved = (source: Source): string | undefined => {
  skipBlanks(source)
  RESERVED.lastIndex = source.at
  return RESERVED.exec(source.text)?.[0]
}

export const takeReserved = (source: Source, word: string): boolean => {
  if (peekReserved(source) !== word) return false
  source.at += word.length
  return true
}

/** XCU 2.4; bash's others are words to dash. */
const DASH_RESERVED = new Set('! { } case do done elif else esac fi for if in then until while'.split(' '))

/** Fails at the token that stands next, in bash's words. */
export const unexpected = (
  source: Source,
  readWord: (source: Source) => Word | undefined,
  expecting?: string,
): never => {
  skipBlanks(source)
  if (atEnd(source)) {
    const line = lineAt(source, source.text.length) + (source.text.endsWith('\n') ? 0 : 1)
    throw new SyntaxFault('syntax error: unexpected end of file', line, { unfinished: true, expecting })
  }
  const line = lineAt(source)
  const operator = peekOperator(source) ?? /[<>]{1,2}/y.exec(source.text.slice(source.at, source.at + 2))?.[0]
  const word = operator === undefined && !DASH_RESERVED.has(peekReserved(source) ?? '')
  const token = operator === '\n' ? 'newline' : (operator ?? readWord(source)?.raw ?? source.text[source.at])
  throw new SyntaxFault(`syntax error near unexpected token \`${token}'`, line, { near: true, expecting, word })
}
