import type { Assignment, Expression, Item, Query, Source, Statement } from './ast.ts'
import { alterTable, createTable } from './definitions.ts'
import { orderings } from './expressions.ts'
import type { Parser } from './parser.ts'
import { item, sources } from './queries.ts'

/**
 * A statement that both products know and this engine carries out; `undefined` when it begins otherwise, with the
 * parser where it was. What follows the statement is left to the caller.
 */
export function statement(p: Parser): Statement | undefined {
  const from = p.position
  switch (p.word) {
    case 'select':
    case 'with':
    case 'values':
    case 'table':
      return { is: 'query', query: p.query() }
    case 'insert':
      return insert(p, false)
    case 'replace':
      return p.dialect === 'mysql' ? insert(p, true) : undefined
    case 'update':
      return update(p)
    case 'delete':
      return remove(p)
    case 'truncate': {
      p.next()
      p.takeWord('table')
      const tables = p.list(() => p.path())
      while (/^(?:restart|continue|identity|cascade|restrict)$/.test(p.word)) p.next()
      return { is: 'truncate', tables }
    }
    case 'create':
      return createTable(p) ?? back(p, from)
    case 'alter':
      return alterTable(p) ?? back(p, from)
    case 'drop':
      return drop(p) ?? back(p, from)
    default:
      return p.isOperator('(') && p.atQuery ? { is: 'query', query: p.query() } : undefined
  }
}

function back(p: Parser, from: number): undefined {
  p.position = from
  return undefined
}

function insert(p: Parser, replace: boolean): Statement {
  p.next()
  let ignore = false
  while (/^(?:low_priority|delayed|high_priority|ignore)$/.test(p.word))
    ignore = p.next().text.toLowerCase() === 'ignore' || ignore
  if (p.dialect === 'postgresql') p.needWord('into')
  else p.takeWord('into')
  p.named.push(p.token)
  const table = p.path()
  const places: number[] = []
  if (p.dialect === 'postgresql' && p.takeWord('as')) p.name()
  if (p.dialect === 'mysql' && p.takeWord('set')) {
    const set = assignments(p)
    const columns = set.map(one => one.column.at(-1)!)
    return {
      is: 'insert',
      table,
      columns,
      places,
      source: [set.map(one => one.value)],
      replace,
      ignore,
      ...conflict(p),
    }
  }
  const columns = p.isOperator('(') && !p.atQuery ? columnList(p, places) : undefined
  if (p.takeWord('overriding')) {
    p.next()
    p.needWord('value')
  }
  let source: Query | readonly (readonly (Expression | undefined)[])[]
  if (p.dialect === 'postgresql' && p.takeWord('default', 'values')) source = [[]]
  else if (p.takeWord('values') || (p.dialect === 'mysql' && p.takeWord('value'))) source = p.list(() => row(p))
  else if (p.atQuery) source = p.query()
  else p.fail()
  return { is: 'insert', table, columns, places, source, replace, ignore, ...conflict(p) }
}

function columnList(p: Parser, places: number[]): string[] {
  return p.inBrackets(() => {
    if (p.isOperator(')')) return []
    return p.list(() => {
      places.push(p.token.start)
      return p.path().at(-1)!
    })
  })
}
function row(p: Parser): (Expression | undefined)[] {
  return p.inBrackets(() => (p.isOperator(')') ? [] : p.list(() => valueOrDefault(p))))
}
/** `undefined`: DEFAULT. */
const valueOrDefault = (p: Parser): Expression | undefined =>
  p.isWord('default') && p.ahead(1).text !== '(' ? void p.next() : p.expression()

/** ON DUPLICATE KEY UPDATE, ON CONFLICT, RETURNING. */
function conflict(p: Parser): { update: Assignment[] | undefined; returning: Item[] | undefined; ignore?: true } {
  if (p.dialect === 'mysql') {
    const duplicate = p.takeWord('on')
    if (duplicate) p.needWord('duplicate', 'key', 'update')
    return { update: duplicate ? assignments(p) : undefined, returning: returning(p) }
  }
  let ignore = false
  let update: Assignment[] | undefined
  if (p.takeWord('on')) {
    p.needWord('conflict')
    if (p.isOperator('(')) p.inBrackets(() => p.list(() => p.expression()))
    else if (p.takeWord('on', 'constraint')) p.name()
    p.needWord('do')
    if (p.takeWord('nothing')) ignore = true
    else {
      p.needWord('update', 'set')
      update = assignments(p)
      if (p.takeWord('where')) p.expression()
    }
  }
  return { update, returning: returning(p), ...(ignore ? { ignore } : {}) }
}

const returning = (p: Parser): Item[] | undefined => (p.takeWord('returning') ? p.list(() => item(p)) : undefined)

function assignments(p: Parser): Assignment[] {
  return p.list(() => {
    const at = p.token.start
    const column = p.path()
    if (!p.takeOperator('=') && !(p.dialect === 'mysql' && p.takeOperator(':='))) p.fail()
    return { column, value: valueOrDefault(p), at }
  })
}

type Tail = {
  where: Expression | undefined
  order: ReturnType<typeof orderings>
  limit: Expression | undefined
  returning: Item[] | undefined
}
function tail(p: Parser): Tail {
  return {
    where: p.takeWord('where') ? p.expression() : undefined,
    order: p.dialect === 'mysql' && p.takeWord('order', 'by') ? orderings(p) : [],
    limit: p.dialect === 'mysql' && p.takeWord('limit') ? p.expression() : undefined,
    returning: returning(p),
  }
}

function update(p: Parser): Statement {
  p.next()
  while (p.dialect === 'mysql' && /^(?:low_priority|ignore)$/.test(p.word)) p.next()
  const table = sources(p)
  p.needWord('set')
  const set = assignments(p)
  const from: Source | undefined = p.dialect === 'postgresql' && p.takeWord('from') ? sources(p) : undefined
  return { is: 'update', table, set, from, ...tail(p) }
}

function remove(p: Parser): Statement {
  p.next()
  while (p.dialect === 'mysql' && /^(?:low_priority|quick|ignore)$/.test(p.word)) p.next()
  p.needWord('from')
  const table = sources(p)
  if (p.takeWord('using')) sources(p)
  return { is: 'delete', table, ...tail(p) }
}

function drop(p: Parser): Statement | undefined {
  p.next()
  p.takeWord('temporary')
  const view = p.isWord('view')
  if (!p.takeWord('table') && !p.takeWord('tables') && !p.takeWord('view')) return undefined
  const quietly = p.takeWord('if', 'exists')
  const tables = p.list(() => p.path())
  if (!p.takeWord('cascade')) p.takeWord('restrict')
  return { is: 'drop table', tables, quietly, view }
}
