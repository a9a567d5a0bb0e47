import type { Expression } from './ast.ts'
import { primary } from './operands.ts'
import type { Parser } from './parser.ts'

const text = (value: string, p: Parser): Expression => ({
  is: 'literal',
  of: 'string',
  text: value,
  at: p.end,
  end: p.end,
})

/** Calls whose arguments are joined by words. */
export function specialCall(p: Parser, name: string): { name?: string; args: Expression[] } | undefined {
  switch (name) {
    case 'extract': {
      const unit = text(p.next().text.toLowerCase(), p)
      p.needWord('from')
      return { args: [unit, p.expression()] }
    }
    case 'position': {
      const needle = p.dialect === 'mysql' ? belowIn(p) : belowIn(p)
      p.needWord('in')
      return { name: p.dialect === 'mysql' ? 'locate' : 'position', args: [needle, p.expression()] }
    }
    case 'substring':
    case 'substr':
    case 'mid': {
      const args = [p.expression()]
      if (p.takeWord('from')) {
        args.push(p.expression())
        if (p.takeWord('for')) args.push(p.expression())
      } else if (p.takeWord('for'))
        args.push({ is: 'literal', of: 'integer', text: '1', at: 0, end: 0 }, p.expression())
      else while (p.takeOperator(',')) args.push(p.expression())
      return { args }
    }
    case 'trim': {
      const side = /^(?:leading|trailing|both)$/.test(p.word) ? p.next().text.toLowerCase() : 'both'
      const first = p.isWord('from') ? undefined : p.expression()
      if (p.takeWord('from')) return { args: [p.expression(), first ?? text(' ', p), text(side, p)] }
      const set = p.takeOperator(',') ? p.expression() : text(' ', p)
      return { args: [first!, set, text(side, p)] }
    }
    case 'overlay': {
      const args = [p.expression()]
      p.needWord('placing')
      args.push(p.expression())
      p.needWord('from')
      args.push(p.expression())
      if (p.takeWord('for')) args.push(p.expression())
      return { args }
    }
    default:
      return p.dialect === 'mysql' ? mysqlCall(p, name) : p.dialect === 'tsql' ? tsqlCall(p, name) : undefined
  }
}
/** The needle of POSITION must leave its IN alone: brackets and operands only. */
const belowIn = (p: Parser): Expression => primary(p)

function mysqlCall(p: Parser, name: string): { name?: string; args: Expression[] } | undefined {
  if (name === 'date_add' || name === 'date_sub' || name === 'adddate' || name === 'subdate') {
    const args = [p.expression()]
    p.needOperator(',')
    args.push(p.expression())
    return { args }
  }
  if (name === 'timestampdiff' || name === 'timestampadd') {
    const unit = text(p.next().text.toLowerCase(), p)
    p.needOperator(',')
    return { args: [unit, ...p.list(() => p.expression())] }
  }
  if (name === 'char' || name === 'weight_string') {
    const args = p.list(() => p.expression())
    if (p.takeWord('using')) p.label()
    return { args }
  }
  return undefined
}

/** `DATEADD(day, …)`, `OPENROWSET(BULK '…', SINGLE_CLOB)`: bare words among the arguments are texts. */
function tsqlCall(p: Parser, name: string): { name?: string; args: Expression[] } | undefined {
  if (/^date(?:add|diff|diff_big|part|name|trunc)$/.test(name)) {
    const unit = text(p.next().text.toLowerCase(), p)
    p.needOperator(',')
    return { args: [unit, ...p.list(() => p.expression())] }
  }
  if (!/^open(?:rowset|query|datasource)$/.test(name)) return undefined
  const args: Expression[] = []
  for (let open = 0; open > 0 || !p.isOperator(')'); ) {
    const token = p.next()
    if (token.kind === 'end') p.fail(token)
    if (token.kind === 'operator') open += token.text === '(' ? 1 : token.text === ')' ? -1 : 0
    else args.push(text(token.text, p))
  }
  return { args }
}

/** Functions that are called without brackets. */
export const bare = new Set(
  `current_date current_time current_timestamp current_user current_role localtime localtimestamp utc_date utc_time
  utc_timestamp session_user system_user user current_catalog current_schema`.split(/\s+/),
)
