import type { Parser } from '#sql/parser.ts'
import type { Argument, Node } from './nodes.ts'
import { starters } from './parse.ts'

/** `EXEC @r = dbo.p @a = 1, 'x', @b OUTPUT WITH RECOMPILE`, `EXEC ('text') AT server`; the word itself left out at a batch's start. */
export function execute(p: Parser, worded: boolean): Node {
  const at = p.token.start
  if (worded) p.next()
  if (p.isOperator('(')) {
    const text = p.expression()
    if (p.takeWord('as'))
      while (/^(?:user|login)$/.test(p.word) || p.isOperator('=') || p.token.kind === 'string') p.next()
    const server = p.takeWord('at') ? p.name() : undefined
    return { is: 'execute text', text, server, at, end: p.end }
  }
  // EXECUTE AS LOGIN = 'sa'.
  if (p.isWord('as') && /^(?:login|user|caller|owner|self)$/i.test(p.ahead(1).text)) {
    const tokens = []
    for (let n = 0; n < 4 && !p.atEnd && !p.isOperator(';'); n++) tokens.push(p.next())
    return {
      is: 'command',
      tokens: [{ kind: 'word', text: 'execute', start: at, end: at + 4 }, ...tokens],
      at,
      end: p.end,
    }
  }
  let result: string | undefined
  if (p.token.kind === 'variable' && p.ahead(1).kind === 'operator' && p.ahead(1).text === '=') {
    result = p.next().text
    p.next()
  }
  const variable = p.token.kind === 'variable' ? p.next().text : undefined
  const path = variable === undefined ? procedurePath(p) : []
  // A number picks one of several procedures of a name.
  if (p.takeOperator(';') && p.token.kind === 'number') p.next()
  const args = begins(p) ? p.list(() => argument(p)) : []
  if (p.isWord('with') && /^(?:recompile|result)$/i.test(p.ahead(1).text)) {
    p.next()
    p.next()
  }
  return { is: 'execute', path, ...(variable === undefined ? {} : { variable }), args, result, at, end: p.end }
}
function procedurePath(p: Parser): string[] {
  const parts = [p.label()]
  while (p.takeOperator('.')) parts.push(p.isOperator('.') ? '' : p.label())
  return parts
}
function begins(p: Parser): boolean {
  const { kind, text } = p.token
  if (kind === 'end' || (kind === 'operator' && text !== '-' && text !== '+' && text !== '(')) return false
  return !(kind === 'word' && starters.has(text.toLowerCase()))
}

function argument(p: Parser): Argument {
  let name: string | undefined
  if (p.token.kind === 'variable' && p.ahead(1).kind === 'operator' && p.ahead(1).text === '=') {
    name = p.next().text
    p.next()
  }
  if (p.takeWord('default')) return { name, value: 'default', output: undefined }
  const own = p.token.kind === 'variable' ? p.token.text : undefined
  // A bare word is a text: EXEC sp_configure xp_cmdshell, 1.
  const { kind, text, start, end } = p.token
  const { kind: after, text: mark } = p.ahead(1)
  const bare =
    (kind === 'word' && text.toLowerCase() !== 'null' && !(after === 'operator' && mark === '(')) || kind === 'quoted'
  if (bare) p.next()
  while (bare && p.takeOperator('.')) p.label()
  const value = bare
    ? ({
        is: 'literal',
        of: 'string',
        text: p.end > end ? p.sql.slice(start, p.end) : text,
        at: start,
        end: p.end,
      } as const)
    : p.expression()
  const output = (p.takeWord('output') || p.takeWord('out')) && own !== undefined ? own : undefined
  return { name, value, output }
}

/** INSERT … EXEC; `undefined`, with the parser where it was, when it is another INSERT. */
export function insertExecute(p: Parser): Node | undefined {
  const from = p.position
  const at = p.token.start
  p.next()
  p.takeWord('into')
  if (p.token.kind === 'word' || p.token.kind === 'quoted' || p.token.kind === 'variable') {
    const table = p.path()
    const columns = p.isOperator('(') && !p.atQuery && p.ahead(1).kind !== 'operator' ? p.names() : undefined
    if (p.isWord('exec') || p.isWord('execute'))
      return { is: 'insert execute', table, columns, call: execute(p, true), at, end: p.end }
  }
  p.position = from
  return undefined
}
