import type { Expression } from './ast.ts'
import { bare, specialCall } from './calls.ts'
import { orderings, plainType } from './expressions.ts'
import type { Parser } from './parser.ts'
import { isReserved, speaks } from './reserved.ts'

const intervalUnit =
  /^(?:microsecond|second|minute|hour|day|week|month|quarter|year|(?:day|hour|minute|second|year)_\w+)$/

/** What operators stand between: literals, names, calls, brackets. */
export function primary(p: Parser): Expression {
  const { kind, text, start } = p.token
  switch (kind) {
    case 'number':
      p.next()
      return {
        is: 'literal',
        of: /[eE]/.test(text) ? 'float' : text.includes('.') ? 'decimal' : 'integer',
        text,
        at: start,
        end: p.end,
      }
    case 'string':
    case 'hex':
    case 'bits':
      p.next()
      return { is: 'literal', of: kind, text, at: start, end: p.end }
    case 'parameter': {
      p.next()
      const number = text === '?' ? ++p.parameters : Number(text)
      p.parameters = Math.max(p.parameters, number)
      return { is: 'parameter', number, at: start, end: p.end }
    }
    case 'variable':
      return variable(p)
    case 'system':
      return system(p)
    case 'operator':
      return marked(p)
    case 'quoted':
      return named(p)
    case 'word':
      return worded(p)
    default:
      return p.fail()
  }
}

function variable(p: Parser): Expression {
  const { text: name, start: at } = p.next()
  if (p.dialect === 'tsql' || !p.takeOperator(':=')) return { is: 'variable', name, at, end: p.end }
  const assigned = p.expression()
  return { is: 'variable', name, assigned, at, end: p.end }
}

function system(p: Parser): Expression {
  const { text, start: at } = p.next()
  const first = text.toLowerCase()
  const scope = first === 'global' ? 'global' : first === 'session' || first === 'local' ? 'session' : undefined
  if (scope && p.takeOperator('.')) return { is: 'system', name: p.label(), scope, at, end: p.end }
  // `@@version.x`: a component's variable.
  const name = p.takeOperator('.') ? `${text}.${p.label()}` : text
  if (name === '') p.fail()
  return { is: 'system', name, scope: undefined, at, end: p.end }
}

function marked(p: Parser): Expression {
  const { text, start: at } = p.token
  if (text === '*') {
    p.next()
    return { is: 'star', table: [], at, end: p.end }
  }
  if (text !== '(') return p.fail()
  if (p.atQuery) {
    const from = p.position
    p.next()
    const query = p.query()
    if (p.takeOperator(')')) return { is: 'subquery', query, at, end: p.end }
    p.position = from
  }
  const items = p.inBrackets(() => p.list(() => p.expression()))
  if (items.length === 1) return { ...items[0]!, end: p.end, at }
  return { is: 'row', items, at, end: p.end }
}

/** A column, `table.*`, or a function with its schema. */
function named(p: Parser): Expression {
  const at = p.token.start
  const path = [p.token.kind === 'word' && p.ahead(1).text === '(' ? p.label() : p.name()]
  while (p.isOperator('.')) {
    p.next()
    if (p.takeOperator('*')) return { is: 'star', table: path, at, end: p.end }
    path.push(p.dialect === 'tsql' && p.isOperator('.') ? '' : p.label())
  }
  if (p.isOperator('(')) return call(p, path, at)
  // `date '2024-01-01'`, `int4 '5'`: a type before a string.
  if (p.dialect === 'postgresql' && p.token.kind === 'string') {
    const operand = primary(p)
    return { is: 'cast', operand, type: plainType(path.at(-1)!, at), written: 'typed', at, end: p.end }
  }
  return { is: 'column', path, at, end: p.end }
}

function call(p: Parser, path: readonly string[], at: number): Expression {
  const written = path.at(-1)!.toLowerCase()
  const name = (p.dialect === 'tsql' && tsqlAggregates.get(written)) || written
  const schema = path.at(-2)
  p.needOperator('(')
  const finish = (rest: object): Expression =>
    withWindow(p, {
      is: 'call',
      name,
      ...(schema === undefined ? {} : { schema }),
      args: [],
      at,
      end: p.end,
      ...rest,
    } as Expression)
  if (p.takeOperator(')')) return finish({})
  if (p.isOperator('*') && p.ahead(1).text === ')') {
    p.next()
    p.next()
    return finish({ star: true })
  }
  const special = specialCall(p, name)
  if (special) {
    p.needOperator(')')
    return finish({ name: special.name ?? name, args: special.args })
  }
  const distinct = p.takeWord('distinct')
  if (!distinct) p.takeWord('all')
  p.takeWord('variadic')
  const args = p.list(() => (p.atQuery ? bareQuery(p) : argument(p)))
  const order = p.takeWord('order', 'by') ? orderings(p) : undefined
  const separator = p.takeWord('separator') ? p.string() : undefined
  p.needOperator(')')
  return finish({
    args,
    ...(distinct ? { distinct } : {}),
    ...(order ? { order } : {}),
    ...(separator === undefined ? {} : { separator }),
  })
}

/** T-SQL's names of aggregates that others have too. */
const tsqlAggregates = new Map([
  ['count_big', 'count'],
  ['stdev', 'stddev'],
  ['stdevp', 'stddev_pop'],
  ['var', 'variance'],
  ['varp', 'var_pop'],
])

/** PostgreSQL's `name => value`. */
function argument(p: Parser): Expression {
  if (p.dialect === 'postgresql' && p.token.kind === 'word' && /^(?:=>|:=)$/.test(p.ahead(1).text)) {
    p.next()
    p.next()
  }
  return p.expression()
}

function bareQuery(p: Parser): Expression {
  const at = p.token.start
  if (p.isOperator('(')) return p.expression()
  const query = p.query()
  return { is: 'subquery', query, at, end: p.end }
}

function withWindow(p: Parser, made: Expression): Expression {
  if (made.is !== 'call') return made
  let found = made
  if (p.dialect === 'postgresql' && p.isWord('filter') && p.ahead(1).text === '(') {
    p.next()
    const filter = p.inBrackets(() => {
      p.needWord('where')
      return p.expression()
    })
    found = { ...found, filter, end: p.end }
  }
  if (!p.isWord('over') || !(p.ahead(1).text === '(' || p.ahead(1).kind === 'word')) return found
  p.next()
  if (!p.isOperator('(')) p.name()
  else {
    p.next()
    for (let open = 1; open > 0; ) {
      const { kind, text } = p.next()
      if (kind === 'end') p.fail()
      if (kind === 'operator') open += text === '(' ? 1 : text === ')' ? -1 : 0
    }
  }
  return { ...found, over: true, end: p.end }
}

function worded(p: Parser): Expression {
  const { text: written, start: at } = p.token
  const word = written.toLowerCase()
  const opens = p.ahead(1).kind === 'operator' && p.ahead(1).text === '('
  if (
    p.dialect === 'mysql' &&
    /^_\w+$/.test(word) &&
    /^(?:string|hex|bits)$/.test(p.ahead(1).kind) &&
    charsets.has(word)
  ) {
    p.next()
    return { ...primary(p), at }
  }
  switch (word) {
    case 'null':
    case 'true':
    case 'false':
      if (p.dialect === 'tsql' && word !== 'null') break
      p.next()
      return { is: 'literal', of: word === 'null' ? 'null' : 'boolean', text: word, at, end: p.end }
    case 'case':
      return caseOf(p)
    case 'exists':
      if (!opens) break
      p.next()
      return { is: 'exists', query: p.inBrackets(() => p.query()), at, end: p.end }
    case 'cast':
    case 'try_cast':
      if (opens) return cast(p)
      break
    case 'convert':
      if (opens && p.dialect === 'mysql') return convert(p)
      if (opens && p.dialect === 'tsql') return convertTo(p)
      break
    case 'try_convert':
      if (opens && p.dialect === 'tsql') return convertTo(p)
      break
    case 'interval':
      if (p.dialect === 'mysql' && !opens) return interval(p)
      if (p.dialect === 'mysql') {
        const from = p.position
        try {
          return interval(p)
        } catch {
          p.position = from
        }
      }
      break
    case 'array':
      if (p.dialect === 'postgresql') return array(p)
      break
    case 'row':
      if (!opens || p.dialect === 'tsql') break
      p.next()
      return {
        is: 'row',
        items: p.inBrackets(() => (p.isOperator(')') ? [] : p.list(() => p.expression()))),
        at,
        end: p.end,
      }
    case 'default':
      if (p.dialect === 'tsql') break
      p.next()
      if (p.dialect === 'mysql' && opens) return call(p, ['default'], at)
      return { is: 'call', name: 'default', args: [], at, end: p.end }
  }
  if (bare.has(word) && !opens && isReserved(word, p.dialect)) {
    p.next()
    return { is: 'call', name: word, args: [], at, end: p.end }
  }
  if (!speaks(word, p.dialect) && !(opens && p.dialect === 'mysql' && callable.has(word))) p.fail()
  if (isReserved(word, p.dialect) && !opens) p.fail()
  return named(p)
}
/** Reserved words of MySQL's that are functions before a bracket. */
const callable = new Set('if left right mod char database schema insert replace repeat user values'.split(' '))
const charsets = new Set(
  '_utf8 _utf8mb3 _utf8mb4 _latin1 _binary _ascii _ucs2 _utf16 _utf32 _cp1251 _cp1250 _gbk _big5 _koi8r _sjis'.split(
    ' ',
  ),
)

function caseOf(p: Parser): Expression {
  const at = p.next().start
  const subject = p.isWord('when') ? undefined : p.expression()
  const branches: [Expression, Expression][] = []
  do {
    p.needWord('when')
    const condition = p.expression()
    p.needWord('then')
    branches.push([condition, p.expression()])
  } while (p.isWord('when'))
  const otherwise = p.takeWord('else') ? p.expression() : undefined
  p.needWord('end')
  return { is: 'case', subject, branches, otherwise, at, end: p.end }
}

function cast(p: Parser): Expression {
  const { start: at, text } = p.next()
  p.needOperator('(')
  const operand = p.expression()
  p.needWord('as')
  const named = p.type()
  const type = p.dialect === 'tsql' && /^try/i.test(text) ? { ...named, words: ['try'] } : named
  p.needOperator(')')
  return { is: 'cast', operand, type, written: 'cast', at, end: p.end }
}

function convert(p: Parser): Expression {
  const at = p.next().start
  p.needOperator('(')
  const operand = p.expression()
  if (p.takeWord('using')) {
    const collation = p.label()
    p.needOperator(')')
    return { is: 'collate', operand, collation, at, end: p.end }
  }
  p.needOperator(',')
  const type = p.type()
  p.needOperator(')')
  return { is: 'cast', operand, type, written: 'cast', at, end: p.end }
}

/** T-SQL's `CONVERT(type, value, style)`; the style stands among the type's words. */
function convertTo(p: Parser): Expression {
  const { start: at, text } = p.next()
  p.needOperator('(')
  const type = p.type()
  p.needOperator(',')
  const operand = p.expression()
  const words = /^try/i.test(text) ? ['try'] : []
  if (p.takeOperator(',')) words.push(`style ${p.next().text}`)
  p.needOperator(')')
  return { is: 'cast', operand, type: { ...type, words }, written: 'cast', at, end: p.end }
}

function interval(p: Parser): Expression {
  const at = p.next().start
  const amount = p.expression()
  const unit = p.word
  if (!intervalUnit.test(unit)) p.fail()
  p.next()
  return { is: 'interval', amount, unit, at, end: p.end }
}

function array(p: Parser): Expression {
  const at = p.next().start
  if (p.isOperator('(')) return { is: 'array', items: p.inBrackets(() => p.query()), at, end: p.end }
  const elements = (): Expression => {
    const from = p.token.start
    p.needOperator('[')
    const items = p.isOperator(']') ? [] : p.list(() => (p.isOperator('[') ? p.deeper(elements) : p.expression()))
    p.needOperator(']')
    return { is: 'array', items, at: from, end: p.end }
  }
  return { ...elements(), at }
}
