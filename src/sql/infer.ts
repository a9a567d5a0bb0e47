import { aggregates } from './aggregate.ts'
import type { Expression, Query } from './ast.ts'
import type { Field } from './engine.ts'
import { SqlError } from './error.ts'
import type { Scope } from './scope.ts'
import { describeQuery } from './select.ts'
import type { Type } from './value.ts'

/** What type an expression is of. Every name in it is looked up on the way, so what does not exist is told before a row is read. */
export function typeOf(e: Expression, scope: Scope): Type {
  const known = scope.types.get(e)
  if (known) return known
  const type = inferred(e, scope)
  // A variable may be of another type in the next row.
  if (e.is !== 'variable') scope.types.set(e, type)
  return type
}

function inferred(e: Expression, scope: Scope): Type {
  const { engine } = scope
  const of = (inner: Expression) => typeOf(inner, scope)
  const boolean = (...inner: (Expression | undefined)[]): Type => {
    for (const one of inner) if (one) single(one, of(one))
    return engine.booleanType
  }
  switch (e.is) {
    case 'literal':
      return engine.literal(e).type
    case 'column':
      return columnType(e, scope)
    case 'star':
      throw new SqlError('syntax', [], e.at)
    case 'variable':
      if (e.assigned) return of(e.assigned)
      return engine.variableType(e.name)
    case 'system':
      return engine.system(e.name, e.scope).type
    case 'parameter':
      return engine.parameter(e.number).type
    case 'unary':
      return engine.unaryType(e.operator, of(e.operand))
    case 'binary': {
      const [left, right] = [of(e.left), of(e.right)]
      return engine.binaryType(e.operator, left, right, e.place ?? e.at)
    }
    case 'logical':
      return boolean(e.left, e.right)
    case 'call':
      return callType(e, scope)
    case 'case': {
      if (e.subject) of(e.subject)
      for (const [condition] of e.branches) of(condition)
      const results = [...e.branches.map(([, result]) => result), ...(e.otherwise ? [e.otherwise] : [])].map(of)
      const type = engine.common(results)
      return e.otherwise ? type : { ...type, notNull: false }
    }
    case 'in':
      of(e.operand)
      if (Array.isArray(e.list)) for (const one of e.list) of(one)
      else describe(e.list as Query, scope)
      return engine.booleanType
    case 'between':
      return boolean(e.operand, e.low, e.high)
    case 'like':
      return boolean(e.operand, e.pattern)
    case 'test':
      of(e.operand)
      return { ...engine.booleanType, notNull: true }
    case 'distinct':
      return boolean(e.left, e.right)
    case 'exists':
      describe(e.query, scope)
      return { ...engine.booleanType, notNull: true }
    case 'subquery':
      if (describe(e.query, scope).length !== 1) throw new SqlError('operand columns', ['1'], e.at)
      // Without a table there is always a row.
      return e.query.body.is === 'select' && !e.query.body.from
        ? oneColumn(e.query, scope)
        : { ...oneColumn(e.query, scope), notNull: false }
    case 'cast':
      return engine.castType(e.type, of(e.operand))
    case 'row':
      for (const one of e.items) of(one)
      return { name: 'record' }
    case 'array': {
      const types = Array.isArray(e.items) ? e.items.map(of) : [oneColumn(e.items as Query, scope)]
      return { name: `${types.length ? engine.common(types).name.replace(/\[\]$/, '') : 'text'}[]` }
    }
    case 'subscript': {
      of(e.index)
      const { name } = of(e.operand)
      return { name: e.upper ? name : name.replace(/\[\]$/, '') }
    }
    case 'quantified':
      of(e.left)
      if ('body' in e.over) describe(e.over, scope)
      else of(e.over)
      return engine.booleanType
    case 'collate':
      return of(e.operand)
    case 'interval':
      of(e.amount)
      return { name: 'interval' }
  }
}

function single(e: Expression, type: Type): Type {
  if (e.is === 'row' || type.name === 'record') throw new SqlError('operand columns', ['1'], e.at)
  return type
}

function columnType(e: Extract<Expression, { is: 'column' }>, scope: Scope): Type {
  const alias = aliasOf(e, scope)
  if (alias) return alias.type
  const { scope: where, index } = scope.find(e)
  return where.fields[index]!.type
}
/** In HAVING, GROUP BY and ORDER BY an alias of the select list stands for what it names. */
export function aliasOf(e: Extract<Expression, { is: 'column' }>, scope: Scope) {
  if (!scope.aliases || e.path.length > 1) return undefined
  if (scope.clause === 'group statement' && scope.has(e)) return undefined
  return scope.aliases.get(e.path[0]!.toLowerCase())
}

const describe = (query: Query, scope: Scope): Field[] => describeQuery(query, scope.engine, scope)
function oneColumn(query: Query, scope: Scope): Type {
  const fields = describe(query, scope)
  if (fields.length !== 1) throw new SqlError('operand columns', ['1'])
  return fields[0]!.type
}

function callType(e: Extract<Expression, { is: 'call' }>, scope: Scope): Type {
  const { engine } = scope
  if (e.over || aggregates.has(e.name)) {
    if (!e.over && scope.clause === 'where clause') throw new SqlError('group function', [], e.at)
    const args = e.args.map(one => typeOf(one, scope))
    if (e.filter) typeOf(e.filter, scope)
    return engine.aggregateType(e.name, args)
  }
  const found = engine.functions.get(e.name)
  if (!found) return engine.unknownFunction(e, undefined).type
  const args = e.args.map(one => typeOf(one, scope))
  if (args.length < found.count[0] || args.length > found.count[1])
    throw new SqlError(
      'argument count',
      [engine.sql.slice(e.at, e.at + e.name.length), ...args.map(({ name }) => name)],
      e.at,
    )
  return typeof found.type === 'function' ? found.type(args, { engine, expression: e }) : found.type
}
