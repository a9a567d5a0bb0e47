import type { Expression, FieldForm, Into, Item, Query, Select, Source } from './ast.ts'
import { expression, orderings } from './expressions.ts'
import { primary } from './operands.ts'
import { type Grammar, Parser } from './parser.ts'
import { isReserved } from './reserved.ts'
import type { Dialect, Token } from './tokens.ts'
import { hinted, hints, queryTail, top, tsqlItem } from './tsql.ts'
import { type } from './types.ts'

/** A parser that knows expressions, queries and types. */
export const parserOf = (sql: string, dialect: Dialect, tokens?: readonly Token[]): Parser =>
  new Parser(sql, dialect, grammar, tokens)

export function query(p: Parser): Query {
  const withs = p.isWord('with') ? commonTables(p) : []
  const body = union(p)
  const tail: Omit<Query, 'body' | 'with'> = { order: [], limit: undefined, offset: undefined }
  const made = { body, with: withs, ...tail }
  if (body.is === 'select' && body.top) made.limit = body.top
  if (p.takeWord('order', 'by')) made.order = orderings(p)
  limits(p, made)
  made.into = into(p)
  locking(p)
  return made
}

function commonTables(p: Parser): Query['with'] {
  p.next()
  const recursive = p.takeWord('recursive')
  return p.list(() => {
    const name = p.name()
    const columns = p.isOperator('(') ? p.names() : undefined
    p.needWord('as')
    if (!p.takeWord('not', 'materialized')) p.takeWord('materialized')
    return { name, columns, query: p.inBrackets(() => p.query()), recursive }
  })
}

function union(p: Parser): Query['body'] {
  let left = term(p)
  for (;;) {
    const operator = p.word
    if (operator !== 'union' && operator !== 'except' && operator !== 'intersect') return left
    p.next()
    const all = p.takeWord('all')
    if (!all) p.takeWord('distinct')
    const right = term(p)
    left = { is: 'set', operator, all, left: alone(left), right: alone(right), at: left.at, end: p.end }
  }
}
const alone = (body: Query['body']): Query =>
  body.is === 'nested'
    ? body.query
    : { body, with: [], order: [], limit: body.is === 'select' ? body.top : undefined, offset: undefined }

function term(p: Parser): Query['body'] {
  const at = p.token.start
  if (p.isOperator('(')) {
    const nested = p.inBrackets(() => p.query())
    return { is: 'nested', query: nested, at, end: p.end }
  }
  if (p.takeWord('values')) {
    const rows = p.list(() => {
      p.takeWord('row')
      return p.inBrackets(() => p.list(() => p.expression()))
    })
    return { is: 'values', rows, at, end: p.end }
  }
  if (p.dialect === 'postgresql' && p.takeWord('table')) {
    const from: Source = { is: 'table', path: p.path(), alias: undefined, at, end: p.end }
    const star: Expression = { is: 'star', table: [], at, end: p.end }
    return {
      is: 'select',
      distinct: false,
      items: [{ value: star, alias: undefined }],
      from,
      where: undefined,
      group: [],
      having: undefined,
      at,
      end: p.end,
    }
  }
  if (!p.isWord('select')) p.fail()
  return select(p)
}

const selectWords = new Set(
  'all distinctrow straight_join high_priority sql_small_result sql_big_result sql_buffer_result sql_no_cache sql_cache sql_calc_found_rows'.split(
    ' ',
  ),
)

function select(p: Parser): Select {
  const at = p.next().start
  let distinct = false
  for (;;) {
    if (p.takeWord('distinct')) {
      distinct = true
      if (p.dialect === 'postgresql' && p.takeWord('on')) p.inBrackets(() => p.list(() => p.expression()))
    } else if (p.dialect === 'mysql' ? selectWords.has(p.word) : p.isWord('all')) p.next()
    else break
  }
  const most = p.dialect === 'tsql' ? top(p) : undefined
  const empty =
    p.dialect === 'postgresql' && (p.isWord('from') || p.token.kind === 'end' || p.isOperator(')') || p.isOperator(';'))
  const made: Select = {
    is: 'select',
    distinct,
    items: empty ? [] : p.list(() => item(p)),
    from: undefined,
    where: undefined,
    group: [],
    having: undefined,
    at,
    end: p.end,
    ...(most ? { top: most } : {}),
  }
  made.into = into(p)
  // DUAL is no table.
  if (p.dialect === 'mysql' && p.isWord('from', 'dual')) p.position += 2
  else if (p.takeWord('from')) made.from = sources(p)
  if (p.takeWord('where')) made.where = p.expression()
  if (p.takeWord('group', 'by')) {
    made.group = p.list(() => {
      const by = p.expression()
      if (!p.takeWord('desc')) p.takeWord('asc')
      return by
    })
    p.takeWord('with', 'rollup')
  }
  if (p.takeWord('having')) made.having = p.expression()
  if (p.takeWord('window'))
    p.list(() => {
      p.name()
      p.needWord('as')
      p.inBrackets(() => orderings(p))
    })
  if (p.dialect === 'mysql' && p.takeWord('procedure')) p.fail(p.ahead(0))
  made.end = p.end
  return made
}

export function item(p: Parser): Item {
  if (p.dialect === 'tsql') {
    const assigned = tsqlItem(p)
    if (assigned) return assigned
  }
  const value = p.expression()
  return { value, alias: alias(p, true) }
}

/** `AS name`, or the name alone where it is no reserved word. */
function alias(p: Parser, strings: boolean): string | undefined {
  const { kind, text } = p.token
  if (p.takeWord('as'))
    return strings && p.dialect !== 'postgresql' && p.token.kind === 'string' ? p.string() : p.label()
  if (kind === 'quoted' || (strings && p.dialect !== 'postgresql' && kind === 'string')) return p.next().text
  if (kind !== 'word' || isReserved(text.toLowerCase(), p.dialect) || stops.has(text.toLowerCase())) return undefined
  return p.name()
}
/** Words that go on with the query though they are not reserved. */
const stops = new Set(
  'set limit offset window fetch union except intersect into lock procedure straight_join partition returning'.split(
    ' ',
  ),
)

export function sources(p: Parser): Source {
  let left = joined(p)
  while (p.takeOperator(',')) {
    const right = joined(p)
    left = {
      is: 'join',
      kind: 'cross',
      natural: false,
      left,
      right,
      on: undefined,
      using: undefined,
      at: left.at,
      end: p.end,
    }
  }
  return left
}

function joined(p: Parser): Source {
  let left = source(p)
  for (;;) {
    const natural = p.takeWord('natural')
    const apply = p.dialect === 'tsql' && /^(?:cross|outer)$/.test(p.word) && /^apply$/i.test(p.ahead(1).text)
    if (apply) {
      const kind = p.next().text.toLowerCase() === 'cross' ? 'cross' : 'left'
      p.next()
      const right = source(p)
      const join = { kind, natural: false, on: undefined, using: undefined } as const
      left = { is: 'join', ...join, left, right, at: left.at, end: p.end }
      continue
    }
    const side = /^(?:left|right|full)$/.test(p.word)
      ? (p.next().text.toLowerCase() as 'left' | 'right' | 'full')
      : undefined
    if (side) p.takeWord('outer')
    const cross = !side && p.takeWord('cross')
    if (!side && !cross) p.takeWord('inner')
    if (p.dialect === 'tsql' && /^(?:hash|loop|merge)$/.test(p.word) && /^join$/i.test(p.ahead(1).text)) p.next()
    if (!p.takeWord('join') && !(p.dialect === 'mysql' && p.takeWord('straight_join'))) {
      if (natural || side || cross) p.fail()
      return left
    }
    const right = source(p)
    let on: Expression | undefined
    let using: string[] | undefined
    if (p.takeWord('on')) on = p.expression()
    else if (p.takeWord('using')) using = p.names()
    left = {
      is: 'join',
      kind: side ?? (cross ? 'cross' : 'inner'),
      natural,
      left,
      right,
      on,
      using,
      at: left.at,
      end: p.end,
    }
  }
}

function source(p: Parser): Source {
  const at = p.token.start
  p.takeWord('lateral')
  if (p.dialect === 'postgresql') p.takeWord('only')
  if (p.isOperator('(')) {
    if (p.atQuery) {
      const found = p.inBrackets(() => p.query())
      return { is: 'query', query: found, ...named(p), at, end: p.end }
    }
    const inner = p.deeper(() => p.inBrackets(() => sources(p)))
    return inner
  }
  const from = p.position
  p.named.push(p.token)
  const path = p.dialect !== 'mysql' && p.ahead(1).text === '(' && p.token.kind === 'word' ? [p.label()] : p.path()
  if (p.isOperator('(') && p.dialect !== 'mysql' && !(p.dialect === 'tsql' && hinted(p))) {
    p.position = from
    const call = p.grammar.expression(p)
    const ordinality = p.takeWord('with', 'ordinality')
    return { is: 'function', call, ordinality, ...named(p), at, end: p.end }
  }
  if (p.dialect === 'mysql' && p.takeWord('partition')) p.names()
  const end = p.end
  if (p.dialect === 'tsql') hints(p)
  const found: Source = { is: 'table', path, ...named(p), at, end }
  if (p.dialect === 'tsql') hints(p)
  if (p.dialect === 'mysql' && /^(?:use|force|ignore)$/.test(p.word) && /^(?:index|key)$/i.test(p.ahead(1).text)) {
    p.next()
    p.next()
    p.inBrackets(() => p.list(() => p.label()))
  }
  return found
}

function named(p: Parser): { alias: string | undefined; columns?: string[] } {
  const name = alias(p, false)
  if (name === undefined || !p.isOperator('(') || p.dialect === 'mysql' || hinted(p)) return { alias: name }
  const columns = p.inBrackets(() =>
    p.list(() => {
      const column = p.name()
      if (!p.isOperator(',') && !p.isOperator(')')) p.type()
      return column
    }),
  )
  return { alias: name, columns }
}

function limits(p: Parser, made: { limit: Expression | undefined; offset: Expression | undefined }) {
  for (;;) {
    if (p.dialect !== 'tsql' && p.takeWord('limit')) {
      if (p.dialect === 'postgresql' && p.takeWord('all')) continue
      const first = p.dialect === 'mysql' ? count(p) : p.expression()
      if (p.dialect === 'mysql' && p.takeOperator(',')) {
        made.offset = first
        made.limit = count(p)
      } else made.limit = first
    } else if (p.takeWord('offset')) {
      made.offset = p.dialect === 'mysql' ? count(p) : p.expression()
      if (!p.takeWord('rows')) p.takeWord('row')
    } else if (p.dialect !== 'mysql' && p.takeWord('fetch')) {
      p.next()
      made.limit = /^rows?$/.test(p.word) ? { is: 'literal', of: 'integer', text: '1', at: 0, end: 0 } : p.expression()
      p.next()
      p.needWord('only')
    } else return
  }
}
/** MySQL takes nothing but a number or a parameter here. */
function count(p: Parser): Expression {
  const { kind, text } = p.token
  if (kind !== 'parameter' && !(kind === 'number' && /^\d+$/.test(text)) && kind !== 'hex') p.fail()
  return p.grammar.expression(p)
}

function into(p: Parser): Into | undefined {
  if (!p.takeWord('into')) return undefined
  if (p.dialect !== 'mysql') {
    while (p.dialect === 'postgresql' && /^(?:temporary|temp|unlogged|table)$/.test(p.word)) p.next()
    return { is: 'table', names: p.path() }
  }
  if (p.takeWord('dumpfile')) return { is: 'dumpfile', names: [p.string()] }
  if (p.takeWord('outfile')) {
    const name = p.string()
    if (p.takeWord('character', 'set')) p.label()
    return { is: 'outfile', names: [name], fields: fieldForm(p) }
  }
  return { is: 'variables', names: p.list(() => (p.token.kind === 'variable' ? p.next().text : p.name())) }
}

/** FIELDS TERMINATED BY … LINES TERMINATED BY …, as OUTFILE and LOAD DATA have it. */
function fieldForm(p: Parser): FieldForm {
  const form: FieldForm = { terminated: '\t', enclosed: '', escaped: '\\', starting: '', lines: '\n' }
  if (p.takeWord('fields') || p.takeWord('columns'))
    for (;;) {
      if (p.takeWord('terminated', 'by')) form.terminated = text(p)
      else if (p.takeWord('enclosed', 'by') || p.takeWord('optionally', 'enclosed', 'by')) form.enclosed = text(p)
      else if (p.takeWord('escaped', 'by')) form.escaped = text(p)
      else break
    }
  if (p.takeWord('lines'))
    for (;;) {
      if (p.takeWord('starting', 'by')) form.starting = text(p)
      else if (p.takeWord('terminated', 'by')) form.lines = text(p)
      else break
    }
  return form
}
const text = (p: Parser): string => (p.token.kind === 'hex' ? p.next().text : p.string())

function locking(p: Parser) {
  if (p.isWord('for', 'update') || p.isWord('for', 'share')) {
    p.next()
    p.next()
    if (p.takeWord('of')) p.list(() => p.path())
    if (!p.takeWord('nowait')) p.takeWord('skip', 'locked')
  } else if (p.dialect === 'mysql') p.takeWord('lock', 'in', 'share', 'mode')
  else if (p.dialect === 'tsql') queryTail(p)
}

const grammar: Grammar = { expression, operand: primary, query, type }
