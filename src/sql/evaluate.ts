import { aggregate, aggregates } from './aggregate.ts'
import type { Expression, Query } from './ast.ts'
import { type Engine, step } from './engine.ts'
import { SqlError } from './error.ts'
import { aliasOf, typeOf } from './infer.ts'
import type { Scope } from './scope.ts'
import { runQuery } from './select.ts'
import type { Value } from './value.ts'

/** The value of an expression for the row that the scope looks at. */
export function evaluate(e: Expression, scope: Scope): Value {
  const { engine } = scope
  step(engine)
  const of = (inner: Expression) => evaluate(inner, scope)
  switch (e.is) {
    case 'literal':
      return engine.literal(e).value
    case 'column': {
      const alias = aliasOf(e, scope)
      if (alias)
        return alias.value.is === 'column' && alias.value.path.at(-1) === e.path[0]
          ? plain(alias.value, scope)
          : of(alias.value)
      return plain(e, scope)
    }
    case 'variable': {
      if (!e.assigned) return engine.variable(e.name)
      const value = of(e.assigned)
      engine.assign(e.name, value)
      return value
    }
    case 'system':
      return engine.system(e.name, e.scope).value
    case 'parameter':
      return engine.parameter(e.number).value
    case 'unary':
      if (e.operator === 'not') return engine.boolean(negated(engine.truth(of(e.operand))))
      return engine.unary(e.operator, of(e.operand), typeOf(e.operand, scope))
    case 'binary':
      return binary(e, scope)
    case 'logical':
      return engine.boolean(logical(e, scope))
    case 'call':
      return call(e, scope)
    case 'case':
      return caseOf(e, scope)
    case 'in':
      return engine.boolean(flip(within(of(e.operand), members(e.list, scope), engine), e.not))
    case 'between': {
      const value = of(e.operand)
      const low = relation(value, of(e.low), engine)
      const high = relation(value, of(e.high), engine)
      const inside =
        low === null || high === null
          ? (low !== null && low < 0) || (high !== null && high > 0)
            ? false
            : null
          : low >= 0 && high <= 0
      return engine.boolean(flip(inside, e.not))
    }
    case 'like': {
      const [value, pattern] = [of(e.operand), of(e.pattern)]
      if (value === null || pattern === null) return null
      const mark = e.escape ? String(of(e.escape) ?? '') : undefined
      return engine.boolean(flip(engine.like(value, pattern, mark, e.kind), e.not))
    }
    case 'test':
      return engine.boolean(flip(tested(of(e.operand), e.what, engine), e.not))
    case 'distinct': {
      const [left, right] = [of(e.left), of(e.right)]
      const same = left === null || right === null ? left === right : engine.compare(left, right) === 0
      return engine.boolean(flip(!same, e.not))
    }
    case 'exists':
      return engine.boolean(runQuery(e.query, engine, scope).rows.length > 0)
    case 'subquery': {
      const { rows } = runQuery(e.query, engine, scope)
      if (rows.length > 1) throw new SqlError('more than one row')
      return rows[0]?.[0] ?? null
    }
    case 'cast':
      return placed(e.operand, () => engine.cast(of(e.operand), e.type, typeOf(e.operand, scope)))
    case 'row':
      return e.items.map(of)
    case 'array':
      return Array.isArray(e.items)
        ? e.items.map(of)
        : runQuery(e.items as Query, engine, scope).rows.map(row => row[0]!)
    case 'subscript':
      return subscript(of(e.operand), Number(of(e.index)), e.upper ? Number(of(e.upper)) : undefined)
    case 'quantified':
      return engine.boolean(quantified(e, scope))
    case 'collate':
      return of(e.operand)
    case 'interval':
      return [of(e.amount), e.unit]
    case 'star':
      throw new SqlError('syntax', [], e.at)
  }
}

function plain(e: Extract<Expression, { is: 'column' }>, scope: Scope): Value {
  const { scope: where, index } = scope.find(e)
  // Outside of an aggregate a group shows its first row.
  if (where.group) return where.group[0]?.[index] ?? null
  return where.valueAt(index)
}

const negated = (truth: boolean | null) => (truth === null ? null : !truth)
const flip = (truth: boolean | null, not: boolean) => (not ? negated(truth) : truth)

function logical(e: Extract<Expression, { is: 'logical' }>, scope: Scope): boolean | null {
  const { engine } = scope
  const left = engine.truth(evaluate(e.left, scope))
  if (e.operator === 'and' && left === false) return false
  if (e.operator === 'or' && left === true) return true
  const right = engine.truth(evaluate(e.right, scope))
  if (e.operator === 'xor') return left === null || right === null ? null : left !== right
  if (e.operator === 'and') return right === false ? false : left === null || right === null ? null : true
  return right === true ? true : left === null || right === null ? null : false
}

/** `null` when either side is; rows are compared from left to right. */
export function relation(left: Value, right: Value, engine: Engine): number | null {
  if (left === null || right === null) return null
  if (engine.dialect === 'mysql' && Array.isArray(left) && Array.isArray(right)) {
    if (left.length !== right.length) throw new SqlError('operand columns', [String(left.length)])
    for (let i = 0; i < left.length; i++) {
      const order = relation(left[i] as Value, right[i] as Value, engine)
      if (order !== 0) return order
    }
    return 0
  }
  if (engine.dialect === 'mysql' && Array.isArray(left) !== Array.isArray(right)) {
    const name = (value: Value) => (Array.isArray(value) ? 'row' : typeof value === 'string' ? 'varchar' : 'int')
    throw new SqlError('operand types', [name(left), name(right), '='])
  }
  return engine.compare(left, right)
}

const comparisons: ReadonlyMap<string, (order: number) => boolean> = new Map([
  ['=', (order: number) => order === 0],
  ['<>', (order: number) => order !== 0],
  ['!=', (order: number) => order !== 0],
  ['!<', (order: number) => order >= 0],
  ['!>', (order: number) => order <= 0],
  ['<', (order: number) => order < 0],
  ['>', (order: number) => order > 0],
  ['<=', (order: number) => order <= 0],
  ['>=', (order: number) => order >= 0],
])

/** What is wrong with a literal is told with its place. */
function placed(e: Expression, compute: () => Value): Value {
  try {
    return compute()
  } catch (error) {
    if (error instanceof SqlError && error.problem === 'bad value' && e.is === 'literal') error.at ??= e.at
    throw error
  }
}

function binary(e: Extract<Expression, { is: 'binary' }>, scope: Scope): Value {
  const { engine } = scope
  const [left, right] = [evaluate(e.left, scope), evaluate(e.right, scope)]
  const comparison = comparisons.get(e.operator)
  if (comparison) {
    const order = relation(left, right, engine)
    return engine.boolean(order === null ? null : comparison(order))
  }
  if (e.operator === '<=>')
    return engine.boolean(left === null || right === null ? left === right : relation(left, right, engine) === 0)
  const text = e.left.is === 'literal' && e.left.of === 'string' ? e.left : e.right
  return placed(text, () => engine.binary(e.operator, left, right, [typeOf(e.left, scope), typeOf(e.right, scope)]))
}

function call(e: Extract<Expression, { is: 'call' }>, scope: Scope): Value {
  const { engine } = scope
  if (e.over && e.name === 'row_number') {
    const next = (scope.numbered.get(e) ?? 0n) + 1n
    scope.numbered.set(e, next)
    return next
  }
  if (e.over) return e.name === 'rank' ? 1n : e.name === 'count' ? BigInt(1) : null
  if (aggregates.has(e.name)) {
    // It belongs to the nearest query that gathers.
    let owner: Scope | undefined = scope
    while (owner && !owner.group) owner = owner.outer
    return aggregate(e, owner ?? scope)
  }
  const found = engine.functions.get(e.name)
  const args = lazy.has(e.name) ? [] : e.args.map(one => evaluate(one, scope))
  if (!found) return engine.unknownFunction(e, args).value
  switch (e.name) {
    case 'if':
      return evaluate(engine.truth(evaluate(e.args[0]!, scope)) ? e.args[1]! : e.args[2]!, scope)
    case 'coalesce':
    case 'ifnull': {
      for (const one of e.args) {
        const value = evaluate(one, scope)
        if (value !== null) return value
      }
      return null
    }
    default:
      return found.value(args, { engine, expression: e })
  }
}
/** Arguments that are not needed are not looked at: `IF(cond, SLEEP(5), 0)`. */
const lazy = new Set(['if', 'ifnull', 'coalesce'])

function caseOf(e: Extract<Expression, { is: 'case' }>, scope: Scope): Value {
  const { engine } = scope
  const subject = e.subject && evaluate(e.subject, scope)
  for (const [condition, result] of e.branches) {
    const value = evaluate(condition, scope)
    const fits = e.subject ? relation(subject!, value, engine) === 0 : engine.truth(value) === true
    if (fits) return evaluate(result, scope)
  }
  return e.otherwise ? evaluate(e.otherwise, scope) : null
}

function members(list: readonly Expression[] | Query, scope: Scope): Value[] {
  if ('body' in list) return runQuery(list, scope.engine, scope).rows.map(row => (row.length === 1 ? row[0]! : row))
  return list.map(one => evaluate(one, scope))
}

function within(value: Value, list: readonly Value[], engine: Engine): boolean | null {
  let unknown = value === null && list.length > 0
  for (const one of list) {
    step(engine)
    const order = relation(value, one, engine)
    if (order === 0) return true
    if (order === null) unknown = true
  }
  return unknown ? null : false
}

function tested(value: Value, what: 'null' | 'true' | 'false' | 'unknown', engine: Engine): boolean {
  if (what === 'null') return value === null
  const truth = engine.truth(value)
  return what === 'unknown' ? truth === null : truth === (what === 'true')
}

function subscript(value: Value, index: number, upper: number | undefined): Value {
  if (!Array.isArray(value)) return null
  const items = value as readonly Value[]
  return upper === undefined ? (items[index - 1] ?? null) : items.slice(index - 1, upper)
}

function quantified(e: Extract<Expression, { is: 'quantified' }>, scope: Scope): boolean | null {
  const { engine } = scope
  const left = evaluate(e.left, scope)
  const over = 'body' in e.over ? runQuery(e.over, engine, scope).rows.map(row => row[0]!) : evaluate(e.over, scope)
  if (over === null) return null
  const comparison = comparisons.get(e.operator)
  let unknown = false
  for (const one of Array.isArray(over) ? (over as readonly Value[]) : [over as Value]) {
    step(engine)
    let truth: boolean | null
    if (comparison) {
      const order = relation(left, one, engine)
      truth = order === null ? null : comparison(order)
    } else truth = engine.truth(engine.binary(e.operator, left, one, [{ name: 'text' }, { name: 'text' }]))
    if (truth === null) unknown = true
    else if (truth !== e.all) return truth
  }
  return unknown ? null : e.all
}
