import type { Expression, Item } from './ast.ts'
import type { Parser } from './parser.ts'
import { isReserved } from './reserved.ts'

/** What T-SQL's queries have that no other dialect has. "SELECT (Transact-SQL)", "Table hints". */

/** `TOP (10) PERCENT WITH TIES`; the percentage is taken for a count. */
export function top(p: Parser): Expression | undefined {
  if (!p.takeWord('top')) return undefined
  const most = p.grammar.operand(p)
  p.takeWord('percent')
  p.takeWord('with', 'ties')
  return most
}

/** T-SQL's `name = value` and `@variable = value`. */
export function tsqlItem(p: Parser): Item | undefined {
  const { kind, text, start: at } = p.token
  const { kind: after, text: mark } = p.ahead(1)
  if (after !== 'operator' || !/^[-+*/%]?=$/.test(mark)) return undefined
  if (kind !== 'variable' && (mark !== '=' || !/^(?:word|quoted|string)$/.test(kind))) return undefined
  p.next()
  p.next()
  const value = p.expression()
  if (kind !== 'variable') return { value, alias: text }
  const before: Expression = { is: 'variable', name: text, at, end: p.end }
  const assigned: Expression =
    mark === '=' ? value : { is: 'binary', operator: mark[0]!, left: before, right: value, at, end: p.end }
  return { value: { is: 'variable', name: text, assigned, at, end: p.end }, alias: undefined }
}

/** T-SQL's `WITH (NOLOCK)`, which older texts write without its word. */
export function hints(p: Parser) {
  if (p.isWord('with') && p.ahead(1).text === '(') p.next()
  else if (!hinted(p)) return
  p.inBrackets(() => {
    for (let open = 0; open > 0 || !p.isOperator(')'); ) {
      const { kind, text } = p.next()
      if (kind === 'end') p.fail()
      open += text === '(' ? 1 : text === ')' ? -1 : 0
    }
  })
}
/** Does a bracket with a table hint begin here? */
export const hinted = (p: Parser): boolean =>
  p.isOperator('(') &&
  /^(?:nolock|readuncommitted|readpast|updlock|rowlock|tablock|tablockx|holdlock|xlock|paglock|forceseek|noexpand)$/i.test(
    p.ahead(1).text,
  )

/** `FOR XML PATH('')`, `FOR JSON AUTO`, `OPTION (RECOMPILE)`: read, and given no meaning. */
export function queryTail(p: Parser) {
  if (p.isWord('for') && /^(?:xml|json|browse)$/i.test(p.ahead(1).text)) {
    p.next()
    do {
      p.next()
      while (p.token.kind === 'word' && !isReserved(p.word, p.dialect)) p.next()
      if (p.isOperator('(')) p.inBrackets(() => p.token.kind === 'string' && p.next())
    } while (p.isOperator(','))
  }
  if (p.takeWord('option')) p.inBrackets(() => p.list(() => optionHint(p)))
}
function optionHint(p: Parser) {
  while (p.token.kind !== 'end' && !p.isOperator(',') && !p.isOperator(')'))
    if (p.isOperator('(')) p.inBrackets(() => p.list(() => p.expression()))
    else p.next()
}
