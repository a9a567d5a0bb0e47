import type { Expression } from '#sql/ast.ts'
import { evaluate } from '#sql/evaluate.ts'
import { typeOf } from '#sql/infer.ts'
import type { Parser } from '#sql/parser.ts'
import { Scope } from '#sql/scope.ts'
import type { Value } from '#sql/value.ts'
import { engineOf } from './dialect.ts'
import type { Answer } from './execute.ts'
import type { Session } from './state.ts'

/** What statements about the server are made of: read first, carried out later. */
export type Carry = (session: Session) => Answer
export const ok = (affected = 0n): Answer => ({ is: 'ok', affected })
export const fine: Carry = () => ok()

export type Verb = (p: Parser, session: Session) => Carry | undefined

/** Goes to the end of the statement without a look at it. */
export function rest(p: Parser) {
  while (p.token.kind !== 'end' && !p.isOperator(';')) p.next()
}
export const takes: Verb = p => {
  rest(p)
  return fine
}
/** A word that must come, then anything. */
export const needs =
  (...words: string[]): Verb =>
  p => {
    if (!words.some(word => p.isWord(word))) p.fail()
    rest(p)
    return fine
  }

export const value = (session: Session, e: Expression, sql: string): Value => {
  // A bare word is its own name: SET sql_mode = ansi.
  if (e.is === 'column' && e.path.length === 1) return e.path[0]!
  const scope = new Scope(engineOf(session, sql), [])
  typeOf(e, scope)
  return evaluate(e, scope)
}
