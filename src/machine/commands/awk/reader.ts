import type { Token } from './lexer.ts'
import { SyntaxFault } from './syntax.ts'

/** Where reading a program is. */
export type Reader = {
  tokens: Token[]
  at: number
  /** Parameters of the function that is read. */
  locals: Map<string, number>
  inFunction: boolean
  loops: number
  place: 'begin' | 'rule' | 'function'
  /** In the arguments of print `>` redirects; in the first part of `for` `in` may end it. */
  noGreater: boolean
  noIn: boolean
  depth: number
  called: Map<string, number>
}

/** Constructs within constructs. */
export const deepest = 200

export const peek = (r: Reader, ahead = 0): Token => r.tokens[Math.min(r.at + ahead, r.tokens.length - 1)]!
export const is = (r: Reader, text: string): boolean => {
  const token = peek(r)
  return (token.kind === 'sign' || token.kind === 'word') && token.text === text
}
export const takes = (r: Reader, text: string): boolean => {
  if (!is(r, text)) return false
  r.at++
  return true
}
export const fault = (r: Reader): never => {
  const { kind, text, line } = peek(r)
  const open = r.tokens
    .slice(0, r.at)
    .reduce(
      (sum, token) => (token.kind !== 'sign' ? sum : sum + (token.text === '{' ? 1 : token.text === '}' ? -1 : 0)),
      0,
    )
  const last = kind === 'end' || (kind === 'newline' && text === 'end of file')
  if (last && open > 0) throw new SyntaxFault(`line ${r.tokens.at(-1)!.line}: missing } near end of file`)
  throw new SyntaxFault(`line ${line}: syntax error at or near ${last ? 'end of line' : text}`)
}
export const expect = (r: Reader, text: string): void => {
  if (!takes(r, text)) fault(r)
}
export const newlines = (r: Reader): void => {
  while (peek(r).kind === 'newline') r.at++
}
