import type { Assignment, Expression, Item, Query, Source, Statement } from './ast.ts'
import { alterTable, createTable } from './definitions.ts'
import { orderings } from './expressions.ts'
import type { Parser } from './parser.ts'
import { item, sources } from './queries.ts'
import { top } from './tsql.ts'

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
  const put = output(p)
  if (p.takeWord('overriding')) {
    p.next()
    p.needWord('value')
  }
  let source: Query | readonly (readonly (Expression | undefined)[])[]
  if (p.dialect !== 'mysql' && p.takeWord('default', 'values')) source = [[]]
  else if (p.takeWord('values') || (p.dialect === 'mysql' && p.takeWord('value'))) source = p.list(() => row(p))
  else if (p.atQuery) source = p.query()
  else p.fail()
  return { is: 'insert', table, columns, places, source, replace, ignore, ...conflict(p), ...put }
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
  if (p.dialect === 'tsql') return { update: undefined, returning: undefined }
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

/** T-SQL's OUTPUT, of whose two tables a row is always in the one that it speaks of. */
function output(p: Parser): { returning?: Item[] } {
  if (p.dialect !== 'tsql' || !p.takeWord('output')) return {}
  const returning = p.list(() => {
    const { value, alias } = item(p)
    if (value.is === 'star') return { value: { ...value, table: [] }, alias }
    return { value: value.is === 'column' ? { ...value, path: value.path.slice(-1) } : value, alias }
  })
  if (!p.takeWord('into')) return { returning }
  if (p.token.kind === 'variable') p.next()
  else p.path()
  if (p.isOperator('(')) p.names()
  return {}
}

const returning = (p: Parser): Item[] | undefined => (p.takeWord('returning') ? p.list(() => item(p)) : undefined)

function assignments(p: Parser): Assignment[] {
  return p.list(() => {
    const at = p.token.start
    const column = p.path()
    const { text, end } = p.token
    if (p.dialect === 'tsql' && /^[-+*/%]=$/.test(text)) {
      p.next()
      const left: Expression = { is: 'column', path: column, at, end }
      return { column, value: { is: 'binary', operator: text[0]!, left, right: p.expression(), at, end: p.end }, at }
    }
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
  const most = p.dialect === 'tsql' ? top(p) : undefined
  const table = sources(p)
  p.needWord('set')
  const set = assignments(p)
  const put = output(p)
  const from: Source | undefined = p.dialect !== 'mysql' && p.takeWord('from') ? sources(p) : undefined
  return { is: 'update', table: meant(table, from), set, from, ...tail(p), ...(most ? { limit: most } : {}), ...put }
}

/** T-SQL names the table to change by its alias in FROM. */
function meant(table: Source, from: Source | undefined): Source {
  if (!from || table.is !== 'table' || table.path.length > 1) return table
  const [name = ''] = table.path
  const find = (source: Source): Source | undefined =>
    source.is === 'join'
      ? (find(source.left) ?? find(source.right))
      : source.is === 'table' && source.alias?.toLowerCase() === name.toLowerCase()
        ? source
        : undefined
  return find(from) ?? table
}

function remove(p: Parser): Statement {
  p.next()
  while (p.dialect === 'mysql' && /^(?:low_priority|quick|ignore)$/.test(p.word)) p.next()
  const most = p.dialect === 'tsql' ? top(p) : undefined
  if (p.dialect === 'tsql') p.takeWord('from')
  else p.needWord('from')
  const table = sources(p)
  const put = output(p)
  if (p.takeWord('using')) sources(p)
  const from = p.dialect === 'tsql' && p.takeWord('from') ? sources(p) : undefined
  return { is: 'delete', table: meant(table, from), ...tail(p), ...(most ? { limit: most } : {}), ...put }
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
