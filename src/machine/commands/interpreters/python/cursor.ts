import { SyntaxFault, type Token } from './tokens.ts'

/** Blocks and brackets within each other. */
const deepest = 60
const keywords = new Set(
  'False None True and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield'.split(
    ' ',
  ),
)

/** Where a parser is in its tokens. */
export type Cursor = {
  peek(ahead?: number): Token
  /** The token, passed over. */
  next(): Token
  is(text: string): boolean
  fault(message?: string, token?: Token): never
  accept(text: string): boolean
  expect(text: string): void
  /** A name that is no keyword. */
  word(): string
  /** What stands within what stands within. */
  deeper<T>(what: () => T): T
}

export const cursorOf = (tokens: readonly Token[]): Cursor => {
  let at = 0
  let depth = 0
  const peek = (ahead = 0): Token => tokens[Math.min(at + ahead, tokens.length - 1)]!
  const next = (): Token => {
    const token = peek()
    at++
    return token
  }
  const is = (text: string): boolean => (peek().kind === 'op' || peek().kind === 'name') && peek().text === text
  const fault = (message = 'invalid syntax', token = peek()): never => {
    throw new SyntaxFault(message, token.line, token.column)
  }
  const accept = (text: string): boolean => {
    if (!is(text)) return false
    at++
    return true
  }
  return {
    peek,
    next,
    is,
    fault,
    accept,
    expect(text) {
      if (!accept(text)) fault(text === ':' ? "expected ':'" : 'invalid syntax')
    },
    word() {
      if (peek().kind !== 'name' || keywords.has(peek().text)) fault()
      return next().text
    },
    deeper(what) {
      if (++depth > deepest) fault('too many nested parentheses')
      try {
        return what()
      } finally {
        depth--
      }
    },
  }
}
