import type { Expression, Ordering, TypeName } from './ast.ts'
import { primary } from './operands.ts'
import type { Parser } from './parser.ts'

/** Operators from the loosest to the tightest. MySQL manual "Operator Precedence"; PostgreSQL manual 4.1.6. */
export function expression(p: Parser): Expression {
  return or(p)
}

type Level = (p: Parser) => Expression

const logical =
  (words: readonly string[], marks: readonly string[], operator: 'and' | 'or' | 'xor', below: Level): Level =>
  p => {
    let left = below(p)
    while (
      words.includes(p.word) ||
      (p.dialect === 'mysql' && p.token.kind === 'operator' && marks.includes(p.token.text))
    ) {
      p.next()
      const right = below(p)
      left = { is: 'logical', operator, left, right, at: left.at, end: p.end }
    }
    return left
  }

const not: Level = p => {
  if (!p.isWord('not')) return comparison(p)
  const at = p.next().start
  const operand = p.deeper(() => not(p))
  return { is: 'unary', operator: 'not', operand, at, end: p.end }
}
const and = logical(['and'], ['&&'], 'and', not)
const xor: Level = p => (p.dialect === 'mysql' ? logical(['xor'], [], 'xor', and)(p) : and(p))
const or = logical(['or'], ['||'], 'or', xor)

const compared = new Set(['=', '<', '>', '<=', '>=', '<>', '!=', '<=>', '!<', '!>'])
const comparison: Level = p => {
  let left = predicate(p)
  for (;;) {
    const { kind, text } = p.token
    if (kind === 'operator' && compared.has(text)) {
      p.next()
      left = quantified(p, left, text) ?? binary(left, text, predicate(p), p)
    } else if (p.isWord('is')) left = isTest(p, left)
    else if (p.dialect === 'postgresql' && (p.isWord('isnull') || p.isWord('notnull')))
      left = {
        is: 'test',
        operand: left,
        what: 'null',
        not: p.next().text.toLowerCase() === 'notnull',
        at: left.at,
        end: p.end,
      }
    else return left
  }
}

const binary = (left: Expression, operator: string, right: Expression, p: Parser): Expression => ({
  is: 'binary',
  operator,
  left,
  right,
  at: left.at,
  end: p.end,
})

/** `= ANY (…)`. */
function quantified(p: Parser, left: Expression, operator: string): Expression | undefined {
  if (!p.isWord('any') && !p.isWord('some') && !p.isWord('all')) return undefined
  const all = p.next().text.toLowerCase() === 'all'
  const over = p.inBrackets(() => (p.atQuery ? p.query() : p.expression()))
  return { is: 'quantified', left, operator, all, over, at: left.at, end: p.end }
}

function isTest(p: Parser, operand: Expression): Expression {
  p.next()
  const not = p.takeWord('not')
  if (p.dialect === 'postgresql' && p.takeWord('distinct', 'from')) {
    const right = predicate(p)
    return { is: 'distinct', left: operand, right, not, at: operand.at, end: p.end }
  }
  const what = p.word
  if (what !== 'null' && what !== 'true' && what !== 'false' && what !== 'unknown') p.fail()
  p.next()
  return { is: 'test', operand, what, not, at: operand.at, end: p.end }
}

const predicate: Level = p => {
  let left = bitOr(p)
  for (;;) {
    const from = p.position
    const not = p.takeWord('not')
    const found = predicateTail(p, left, not)
    if (!found) {
      p.position = from
      return left
    }
    left = found
  }
}

function predicateTail(p: Parser, operand: Expression, not: boolean): Expression | undefined {
  const place = () => ({ at: operand.at, end: p.end })
  if (p.takeWord('in')) {
    const list = p.inBrackets(() => (p.atQuery ? p.query() : p.list(() => p.expression())))
    return { is: 'in', operand, list, not, ...place() }
  }
  if (p.takeWord('between')) {
    p.takeWord('symmetric')
    const low = bitOr(p)
    p.needWord('and')
    const high = predicate(p)
    return { is: 'between', operand, low, high, not, ...place() }
  }
  if (p.isWord('like') || (p.dialect === 'postgresql' && p.isWord('ilike'))) {
    const kind = p.next().text.toLowerCase() as 'like' | 'ilike'
    const array = kind === 'like' || kind === 'ilike' ? quantified(p, operand, '~~') : undefined
    if (array) return array
    const pattern = bitOr(p)
    const mark = p.takeWord('escape') ? primary(p) : undefined
    return { is: 'like', operand, pattern, escape: mark, not, kind, ...place() }
  }
  if (p.dialect === 'mysql' && (p.takeWord('regexp') || p.takeWord('rlike')))
    return { is: 'like', operand, pattern: bitOr(p), escape: undefined, not, kind: 'regexp', ...place() }
  if (p.dialect === 'postgresql' && p.takeWord('similar', 'to'))
    return { is: 'like', operand, pattern: bitOr(p), escape: undefined, not, kind: 'similar', ...place() }
  if (p.dialect === 'mysql' && p.takeWord('sounds', 'like')) return binary(operand, 'sounds like', bitOr(p), p)
  return undefined
}

/** Operators of one tightness that gather to the left. */
const level =
  (operators: Record<Parser['dialect'], (text: string) => boolean>, below: Level): Level =>
  p => {
    let left = below(p)
    for (;;) {
      const { kind, text } = p.token
      const found =
        kind === 'operator' ? text : kind === 'word' && /^(?:div|mod)$/i.test(text) ? text.toLowerCase() : ''
      if (found === '' || !operators[p.dialect](found)) return left
      const place = p.next().start
      left =
        (p.dialect === 'postgresql' && quantified(p, left, found)) ||
        Object.assign(binary(left, found, below(p), p), { place })
    }
  }
const oneOf =
  (...texts: string[]) =>
  (text: string) =>
    texts.includes(text)

const collated: Level = p => {
  let left = prefixed(p)
  for (;;) {
    if (p.takeWord('collate')) {
      const collation = p.path().at(-1)!
      left = { is: 'collate', operand: left, collation, at: left.at, end: p.end }
    } else if (p.dialect === 'postgresql' && p.takeWord('at', 'time', 'zone'))
      left = binary(left, 'at time zone', prefixed(p), p)
    else return left
  }
}
const none = () => false
const power = level({ mysql: oneOf('^'), postgresql: oneOf('^'), tsql: none }, collated)
const product = level(
  { mysql: oneOf('*', '/', '%', 'div', 'mod'), postgresql: oneOf('*', '/', '%'), tsql: oneOf('*', '/', '%') },
  power,
)
const sum = level(
  { mysql: oneOf('+', '-'), postgresql: oneOf('+', '-'), tsql: oneOf('+', '-', '&', '^', '|') },
  product,
)
const shift = level({ mysql: oneOf('<<', '>>'), postgresql: none, tsql: none }, sum)
const bitAnd = level({ mysql: oneOf('&'), postgresql: none, tsql: none }, shift)
const own = new Set([
  '=',
  '<',
  '>',
  '<=',
  '>=',
  '<>',
  '!=',
  '+',
  '-',
  '*',
  '/',
  '%',
  '^',
  '.',
  ',',
  '(',
  ')',
  '[',
  ']',
  ';',
  ':',
  '::',
  ':=',
  '=>',
])
/** MySQL's `|`; every other operator of PostgreSQL's, which may be written `OPERATOR(schema.~)`. */
const bitOr: Level = p => {
  let left = otherOperators(p)
  while (p.dialect === 'postgresql' && p.isWord('operator') && p.ahead(1).text === '(') {
    p.next()
    const text = p.inBrackets(() => {
      while (p.token.kind !== 'operator') {
        p.name()
        p.needOperator('.')
      }
      return p.next().text
    })
    left = quantified(p, left, text) ?? binary(left, text, otherOperators(p), p)
  }
  return left
}
const otherOperators = level({ mysql: oneOf('|'), postgresql: text => !own.has(text), tsql: none }, bitAnd)

/** Signs, `!`, `~`, BINARY. */
const prefixed: Level = p => {
  const { kind, text, start } = p.token
  if (kind === 'operator' && /^(?:[-+~!@]|\|\/|\|\|\/)$/.test(text)) {
    p.next()
    const operand = p.deeper(() => prefixed(p))
    return { is: 'unary', operator: text, operand, at: start, end: p.end }
  }
  if (p.dialect === 'mysql' && p.isWord('binary') && p.ahead(1).text !== '(') {
    p.next()
    const operand = p.deeper(() => prefixed(p))
    return { is: 'cast', operand, type: plainType('binary', start), written: 'cast', at: start, end: p.end }
  }
  return postfixed(p)
}
export const plainType = (name: string, at: number): TypeName => ({ name, sizes: [], array: false, words: [], at })

/** PostgreSQL's `::type` and `[1]`; MySQL's `->`. */
const postfixed: Level = p => {
  let operand = primary(p)
  for (;;) {
    if (p.dialect === 'postgresql' && p.takeOperator('::')) {
      const type = p.type()
      operand = { is: 'cast', operand, type, written: '::', at: operand.at, end: p.end }
    } else if (p.dialect === 'postgresql' && p.takeOperator('[')) {
      const index = p.expression()
      const upper = p.takeOperator(':') ? p.expression() : undefined
      p.needOperator(']')
      operand = { is: 'subscript', operand, index, upper, at: operand.at, end: p.end }
    } else if (p.dialect === 'mysql' && (p.isOperator('->') || p.isOperator('->>'))) {
      const operator = p.next().text
      operand = binary(operand, operator, primary(p), p)
    } else return operand
  }
}

/** `a DESC NULLS LAST, …` */
export const orderings = (p: Parser): Ordering[] =>
  p.list(() => {
    const by = p.expression()
    const descending = p.takeWord('desc')
    if (!descending) p.takeWord('asc')
    if (p.takeWord('nulls')) {
      const nulls = p.takeWord('first') ? 'first' : 'last'
      if (nulls === 'last') p.needWord('last')
      return { by, descending, nulls }
    }
    return { by, descending }
  })
