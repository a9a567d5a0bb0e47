import type { Parser } from '#sql/parser.ts'
import type { Declared, Node } from './nodes.ts'

/** CREATE and ALTER of procedures, functions and triggers, which go to the end of their batch; else `undefined`. */
export function module(p: Parser): Node | undefined {
  const from = p.position
  const at = p.token.start
  const altered = p.next().text.toLowerCase() === 'alter'
  const replace = p.takeWord('or', 'alter') || altered
  const word = p.word
  const kind = /^proc(?:edure)?$/.test(word) ? 'P' : word === 'function' ? 'FN' : word === 'trigger' ? 'TR' : undefined
  if (!kind) {
    p.position = from
    return undefined
  }
  p.next()
  const path = p.path()
  if (p.takeOperator(';') && p.token.kind === 'number') p.next()
  const bracket = p.takeOperator('(')
  const parameters: Declared[] = p.token.kind === 'variable' ? p.list(() => parameter(p)) : []
  if (bracket) p.needOperator(')')
  // RETURNS …, ON table FOR INSERT, WITH EXECUTE AS …: up to the body.
  let open = 0
  while (
    p.token.kind !== 'end' &&
    !(open === 0 && p.isWord('as') && !/^(?:caller|owner|self)$/i.test(p.ahead(1).text)) &&
    !(open === 0 && kind !== 'P' && p.isWord('begin'))
  ) {
    if (p.takeWord('execute', 'as')) continue
    const { kind: of, text } = p.next()
    if (of === 'operator') open += text === '(' ? 1 : text === ')' ? -1 : 0
  }
  if (p.atEnd) p.fail()
  p.takeWord('as')
  const external = p.takeWord('external', 'name') ? p.path().join('.') : undefined
  const body = external === undefined ? p.sql.slice(p.token.start) : ''
  if (external === undefined)
    while (!p.atEnd) {
      if (p.token.kind === 'broken') p.fail()
      p.next()
    }
  return { is: 'module', path, kind, replace, text: p.sql.slice(at, p.end), parameters, body, external, at, end: p.end }
}

function parameter(p: Parser): Declared {
  const name = p.token.kind === 'variable' ? p.next().text : p.fail()
  p.takeWord('as')
  const type = p.type()
  p.takeWord('varying')
  const value = p.takeOperator('=') ? p.expression() : undefined
  const output = p.takeWord('output') || p.takeWord('out')
  p.takeWord('readonly')
  return { name, type, value, output }
}
